-- target: music.listening_events
-- by partition
-- Single plays of Last.fm's users, each once however often it was fetched, at the track that track_names says the title is. The
-- service does not say where its users live.
WITH played AS (
  SELECT DISTINCT users.user_id, titles.track_id, played.played_at
  FROM music_raw.lastfm_recent_tracks AS played
  JOIN music_raw.user_names AS users ON users.source = played.source AND users.user_name = LOWER(played.user_name)
  JOIN music_raw.artist_names AS names ON names.alias_id = played.artist_id
  JOIN music_raw.track_names AS titles
    ON titles.artist_id = names.artist_id
    AND titles.title_key = LOWER(TRIM(REGEXP_REPLACE(REPLACE(played.title, '’', "'"), r'(?i)\s*[(\[](?:feat|ft|featuring|with)\.?\s[^)\]]*[)\]]', '')))
)
SELECT
  played.user_id,
  tracks.track_id,
  tracks.title AS track_title,
  tracks.artist_id,
  tracks.artist_name,
  CAST(NULL AS STRING) AS country,
  played.played_at
FROM played
JOIN music.tracks AS tracks ON tracks.track_id = played.track_id
-- if simulated:
UNION ALL
SELECT played.user_id, tracks.track_id, tracks.title, tracks.artist_id, tracks.artist_name, played.country, played.played_at
FROM (
  SELECT user_id, track_id, MIN(country) AS country, played_at
  FROM music_raw.simulated_events
  GROUP BY user_id, track_id, played_at
) AS played
JOIN music.tracks AS tracks ON tracks.track_id = played.track_id
-- end if
