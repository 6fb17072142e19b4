-- target: music.artist_snapshots
-- by partition
-- What each artist's figures were on each day that some were taken, the last of a day, at the day's begin so that the artists of a day
-- stand together. A series keeps to one measure: Spotify's own popularity of the artist, else, of the first file source that has it,
-- that of the most popular track; followers at Spotify, else fans at Deezer. Of several artists of one name it is the one that
-- music.artists names.
WITH taken AS (
  SELECT
    alias_id, captured_at, loaded_at, popularity, followers,
    CASE WHEN own THEN 2 WHEN source = 'spotify-tracks' THEN 4 WHEN source = 'spotify-1921' THEN 5 ELSE 6 END AS preference,
    CAST(NULL AS STRING) AS spotify_id, CAST(NULL AS INT64) AS deezer_id
  FROM music_raw.artist_history
  UNION ALL
  SELECT artist_id, fetched_at, loaded_at, popularity, followers, 1, spotify_id, CAST(NULL AS INT64)
  FROM music_raw.spotify_web_artists
  UNION ALL
  SELECT artist_id, fetched_at, loaded_at, CAST(NULL AS INT64), fans, 3, CAST(NULL AS STRING), deezer_id
  FROM music_raw.deezer_artists
),
named AS (
  SELECT
    artists.artist_id, artists.name AS artist_name, TIMESTAMP_TRUNC(taken.captured_at, DAY) AS day, taken.captured_at, taken.loaded_at,
    taken.preference, IF(taken.preference <= 2, 0, taken.preference) AS measure, taken.popularity, taken.followers
  FROM taken
  JOIN music_raw.artist_names AS names ON names.alias_id = taken.alias_id
  JOIN music.artists AS artists ON artists.artist_id = names.artist_id
  WHERE (taken.spotify_id IS NULL OR taken.spotify_id = artists.spotify_id) AND (taken.deezer_id IS NULL OR taken.deezer_id = artists.deezer_id)
),
popular AS (
  SELECT *, MIN(measure) OVER (PARTITION BY artist_id) AS series FROM named WHERE popularity IS NOT NULL
),
followed AS (
  SELECT *, MIN(measure) OVER (PARTITION BY artist_id) AS series FROM named WHERE followers IS NOT NULL
),
figures AS (
  SELECT artist_id, artist_name, day, popularity, CAST(NULL AS INT64) AS followers
  FROM popular
  WHERE measure = series
  QUALIFY ROW_NUMBER() OVER (PARTITION BY artist_id, day ORDER BY preference, captured_at DESC, loaded_at DESC, popularity DESC) = 1
  UNION ALL
  SELECT artist_id, artist_name, day, CAST(NULL AS INT64) AS popularity, followers
  FROM followed
  WHERE measure = series
  QUALIFY ROW_NUMBER() OVER (PARTITION BY artist_id, day ORDER BY preference, captured_at DESC, loaded_at DESC, followers DESC) = 1
)
SELECT artist_id, artist_name, day AS captured_at, MAX(popularity) AS popularity, MAX(followers) AS followers
FROM figures
GROUP BY artist_id, artist_name, day
