-- target: music.listens
-- Plays of an artist by a user: the counts that HetRec gives, and the plays of Last.fm's users that were fetched, each counted once
-- however often it was. Names of the source that are one artist count together.
WITH heard AS (
  SELECT DISTINCT users.user_id, names.artist_id, names.artist_name, played.played_at
  FROM music_raw.lastfm_recent_tracks AS played
  JOIN music_raw.user_names AS users ON users.source = played.source AND users.user_name = LOWER(played.user_name)
  JOIN music_raw.artist_names AS names ON names.alias_id = played.artist_id
),
plays AS (
  SELECT listened.user_id, names.artist_id, names.artist_name, listened.weight AS plays
  FROM music_raw.hetrec_user_artists AS listened
  JOIN music_raw.hetrec_artists AS named ON named.id = listened.hetrec_artist_id
  JOIN music_raw.artist_names AS names ON names.alias_id = named.artist_id
  UNION ALL
  SELECT user_id, artist_id, artist_name, 1 AS plays FROM heard
  -- if simulated:
  UNION ALL
  SELECT played.user_id, tracks.artist_id, tracks.artist_name, 1 AS plays
  FROM (SELECT DISTINCT user_id, track_id, played_at FROM music_raw.simulated_events) AS played
  JOIN music.tracks AS tracks ON tracks.track_id = played.track_id
  -- end if
)
SELECT user_id, artist_id, artist_name, SUM(plays) AS plays
FROM plays
GROUP BY user_id, artist_id, artist_name
