-- target: music.chart_entries
-- by partition
-- `hot-100` as published, under the leading artist of each credit; some of the published peaks lag behind the week's own rank. And
-- the charts of songs that web APIs give, on the day when they were fetched, the last answer of a day: `lastfm` and `deezer` are those
-- of the whole service, `lastfm-france` that of a country, `deezer-pop` that of a genre. Their rank of a week before and their peak
-- are as far as these days are known; they do not say for how many weeks a song has stood.
WITH genres AS (
  SELECT deezer_id AS genre_id, name
  FROM music_raw.deezer_genres
  WHERE deezer_id != 0
  QUALIFY ROW_NUMBER() OVER (PARTITION BY deezer_id ORDER BY fetched_at DESC, loaded_at DESC) = 1
),
answers AS (
  SELECT
    IF(country IS NULL, 'lastfm', CONCAT('lastfm-', LOWER(REGEXP_REPLACE(TRIM(country), r'[^0-9A-Za-z]+', '-')))) AS chart,
    rank, title, artist_id AS alias_id, fetched_at, loaded_at
  FROM music_raw.lastfm_charts
  WHERE chart = 'track' AND of_tag IS NULL
  UNION ALL
  SELECT
    CASE
      WHEN charts.genre_id = 0 THEN 'deezer'
      ELSE CONCAT('deezer-', IFNULL(LOWER(REGEXP_REPLACE(genres.name, r'[^0-9A-Za-z]+', '-')), CAST(charts.genre_id AS STRING)))
    END AS chart,
    charts.rank, charts.title, charts.artist_id AS alias_id, charts.fetched_at, charts.loaded_at
  FROM music_raw.deezer_charts AS charts
  LEFT JOIN genres ON genres.genre_id = charts.genre_id
  WHERE charts.chart = 'track' AND charts.artist_id IS NOT NULL
),
daily AS (
  SELECT answers.chart, DATE(answers.fetched_at) AS chart_date, answers.rank, answers.title, names.artist_id, names.artist_name
  FROM answers
  JOIN music_raw.artist_names AS names ON names.alias_id = answers.alias_id
  WHERE answers.rank >= 1
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY answers.chart, DATE(answers.fetched_at), answers.rank ORDER BY answers.fetched_at DESC, answers.loaded_at DESC, answers.title
  ) = 1
),
best AS (
  SELECT chart, chart_date, artist_id, LOWER(title) AS title_key, MIN(rank) AS rank
  FROM daily
  GROUP BY chart, chart_date, artist_id, LOWER(title)
)
SELECT
  'hot-100' AS chart,
  entries.chart_date,
  entries.this_week AS rank,
  entries.song AS title,
  names.artist_id,
  names.artist_name,
  entries.last_week AS last_week_rank,
  LEAST(entries.peak_position, entries.this_week) AS peak_rank,
  entries.weeks_on_chart
FROM music_raw.hot_100 AS entries
JOIN music_raw.artist_names AS names ON names.alias_id = entries.artist_id
UNION ALL
SELECT
  daily.chart,
  daily.chart_date,
  daily.rank,
  daily.title,
  daily.artist_id,
  daily.artist_name,
  before.rank AS last_week_rank,
  MIN(daily.rank) OVER (PARTITION BY daily.chart, daily.artist_id, LOWER(daily.title) ORDER BY daily.chart_date) AS peak_rank,
  CAST(NULL AS INT64) AS weeks_on_chart
FROM daily
LEFT JOIN best AS before
  ON before.chart = daily.chart
  AND before.chart_date = DATE_SUB(daily.chart_date, INTERVAL 7 DAY)
  AND before.artist_id = daily.artist_id
  AND before.title_key = LOWER(daily.title)
