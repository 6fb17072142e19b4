-- target: music.chart_entries
-- The Hot 100 as published, under the leading artist of each credit. Some of the published peaks lag behind the week's own rank.
SELECT
  'hot-100' AS chart,
  entries.chart_date,
  entries.this_week AS rank,
  entries.song AS title,
  artists.artist_id,
  artists.name AS artist_name,
  entries.last_week AS last_week_rank,
  LEAST(entries.peak_position, entries.this_week) AS peak_rank,
  entries.weeks_on_chart
FROM music_raw.hot_100 AS entries
JOIN music.artists AS artists ON artists.artist_id = entries.artist_id
