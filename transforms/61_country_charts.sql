-- target: music.country_charts
-- by partition
-- Last.fm's charts of countries on the day when they were fetched, the last answer of a day; the listeners that it gives are those of
-- the whole world, so they are left out. And, for countries and days without one, the 30 artists with the most listeners of a month,
-- from single plays whose country is known. Countries go by their common English names.
WITH answers AS (
  SELECT
    CASE LOWER(TRIM(country))
      WHEN 'usa' THEN 'United States'
      WHEN 'us' THEN 'United States'
      WHEN 'united states of america' THEN 'United States'
      WHEN 'uk' THEN 'United Kingdom'
      WHEN 'great britain' THEN 'United Kingdom'
      WHEN 'russian federation' THEN 'Russia'
      WHEN 'korea, republic of' THEN 'South Korea'
      WHEN 'viet nam' THEN 'Vietnam'
      WHEN 'iran, islamic republic of' THEN 'Iran'
      WHEN 'taiwan, province of china' THEN 'Taiwan'
      WHEN 'venezuela, bolivarian republic of' THEN 'Venezuela'
      WHEN 'the netherlands' THEN 'Netherlands'
      WHEN 'czechia' THEN 'Czech Republic'
      ELSE IF(country = LOWER(country), INITCAP(TRIM(country)), TRIM(country))
    END AS country,
    DATE(fetched_at) AS chart_date, rank, artist_id AS alias_id, fetched_at, loaded_at
  FROM music_raw.lastfm_charts
  WHERE chart = 'artist' AND country IS NOT NULL AND artist_id IS NOT NULL AND rank >= 1
),
latest AS (
  SELECT answers.country, answers.chart_date, answers.rank, names.artist_id, names.artist_name
  FROM answers
  JOIN music_raw.artist_names AS names ON names.alias_id = answers.alias_id
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY answers.country, answers.chart_date, answers.rank ORDER BY answers.fetched_at DESC, answers.loaded_at DESC, names.artist_id
  ) = 1
),
-- Two names of one artist, or an artist that moved between two answers of a day.
fetched AS (
  SELECT country, chart_date, rank, artist_id, artist_name
  FROM latest
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY country, chart_date, artist_id ORDER BY rank) = 1
),
known AS (
  SELECT DISTINCT country, chart_date FROM fetched
),
monthly AS (
  SELECT country, DATE_TRUNC(DATE(played_at), MONTH) AS chart_date, artist_id, artist_name, COUNT(DISTINCT user_id) AS listeners
  FROM music.listening_events
  WHERE country IS NOT NULL
  GROUP BY country, DATE_TRUNC(DATE(played_at), MONTH), artist_id, artist_name
),
ranked AS (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY country, chart_date ORDER BY listeners DESC, artist_id) AS rank FROM monthly
)
SELECT country, chart_date, rank, artist_id, artist_name, CAST(NULL AS INT64) AS listeners FROM fetched
UNION ALL
SELECT ranked.country, ranked.chart_date, ranked.rank, ranked.artist_id, ranked.artist_name, ranked.listeners
FROM ranked
LEFT JOIN known ON known.country = ranked.country AND known.chart_date = ranked.chart_date
WHERE ranked.rank <= 30 AND known.country IS NULL
