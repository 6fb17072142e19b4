-- target: music.listening_events
-- No source of files tells single plays with their time, so the table is there and empty.
SELECT
  CAST(NULL AS INT64) AS user_id,
  CAST(NULL AS STRING) AS track_id,
  CAST(NULL AS STRING) AS track_title,
  CAST(NULL AS STRING) AS artist_id,
  CAST(NULL AS STRING) AS artist_name,
  CAST(NULL AS STRING) AS country,
  loaded_at AS played_at
FROM music_raw.loads
WHERE FALSE
