-- target: music_raw.user_names
-- version: CONCAT(CAST(user_id AS STRING), '|', user_name)
-- Numbers for users that have names: Last.fm's, in the order in which they first came, after the numbers of HetRec. A user keeps
-- the number as long as the raw rows are kept, since later loads come later.
WITH named AS (
  SELECT source, LOWER(user_name) AS user_name, MIN(loaded_at) AS first_loaded_at
  FROM music_raw.lastfm_recent_tracks
  GROUP BY source, LOWER(user_name)
)
SELECT 1000000 + ROW_NUMBER() OVER (ORDER BY first_loaded_at, user_name) AS user_id, source, user_name
FROM named
