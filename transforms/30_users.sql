-- target: music.users
-- Everyone who listened, tagged or has a friend. No source says where they live; of simulated listeners it is known.
WITH everyone AS (
  SELECT user_id FROM music_raw.hetrec_user_artists
  UNION DISTINCT
  SELECT user_id FROM music_raw.hetrec_user_taggedartists
  UNION DISTINCT
  SELECT user_id FROM music_raw.hetrec_user_friends
  UNION DISTINCT
  SELECT friend_id AS user_id FROM music_raw.hetrec_user_friends
  UNION DISTINCT
  SELECT user_id FROM music_raw.user_names
)
SELECT user_id, CAST(NULL AS STRING) AS country FROM everyone
-- if simulated:
UNION ALL
SELECT played.user_id, MIN(played.country) AS country
FROM music_raw.simulated_events AS played
JOIN music.tracks AS tracks ON tracks.track_id = played.track_id
GROUP BY played.user_id
-- end if
