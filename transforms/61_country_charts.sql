-- target: music.country_charts
-- The 30 artists with the most listeners in each country and month, from single plays; empty while those are.
WITH monthly AS (
  SELECT country, DATE_TRUNC(DATE(played_at), MONTH) AS chart_date, artist_id, artist_name, COUNT(DISTINCT user_id) AS listeners
  FROM music.listening_events
  WHERE country IS NOT NULL
  GROUP BY country, DATE_TRUNC(DATE(played_at), MONTH), artist_id, artist_name
),
ranked AS (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY country, chart_date ORDER BY listeners DESC, artist_id) AS rank FROM monthly
)
SELECT country, chart_date, rank, artist_id, artist_name, listeners FROM ranked WHERE rank <= 30
