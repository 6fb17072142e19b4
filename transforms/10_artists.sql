-- target: music.artists
-- Artists of every source, one row for each key. The name is Spotify's where it has one, else Last.fm's, else the chart's; among
-- several spellings the most used. No source of files gives country or followers.
WITH credits AS (
  SELECT artist_ids[OFFSET(position)] AS artist_id, name, popularity, CAST(NULL AS STRING) AS spotify_id
  FROM music_raw.spotify_tracks, UNNEST(artists) AS name WITH OFFSET AS position
  UNION ALL
  SELECT artist_ids[OFFSET(position)] AS artist_id, name, popularity, id_artists[SAFE_OFFSET(position)] AS spotify_id
  FROM music_raw.spotify_1921, UNNEST(artists) AS name WITH OFFSET AS position
),
plays AS (
  SELECT hetrec_artist_id AS id, SUM(weight) AS plays FROM music_raw.hetrec_user_artists GROUP BY hetrec_artist_id
),
lastfm AS (
  SELECT artist_id, name, url, picture_url, IFNULL(plays, 0) AS plays
  FROM music_raw.hetrec_artists LEFT JOIN plays USING (id)
),
named AS (
  SELECT artist_id, name, 1 AS preference, COUNT(*) AS uses FROM credits GROUP BY artist_id, name
  UNION ALL
  SELECT artist_id, name, 2 AS preference, MAX(plays) AS uses FROM lastfm GROUP BY artist_id, name
  UNION ALL
  SELECT artist_id, lead_artist AS name, 3 AS preference, COUNT(*) AS uses FROM music_raw.hot_100 GROUP BY artist_id, lead_artist
),
canonical AS (
  SELECT artist_id, name
  FROM named
  WHERE artist_id != ''
  QUALIFY ROW_NUMBER() OVER (PARTITION BY artist_id ORDER BY preference, uses DESC, name) = 1
),
popular AS (
  SELECT artist_id, MAX(popularity) AS popularity FROM credits GROUP BY artist_id
),
spotify AS (
  SELECT artist_id, spotify_id
  FROM credits
  WHERE spotify_id IS NOT NULL
  GROUP BY artist_id, spotify_id
  QUALIFY ROW_NUMBER() OVER (PARTITION BY artist_id ORDER BY COUNT(*) DESC, spotify_id) = 1
),
page AS (
  SELECT artist_id, url, picture_url
  FROM lastfm
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY artist_id ORDER BY plays DESC, name) = 1
),
genre_tracks AS (
  SELECT artist_id, track_genre, COUNT(DISTINCT track_id) AS tracks
  FROM music_raw.spotify_tracks, UNNEST(artist_ids) AS artist_id
  GROUP BY artist_id, track_genre
),
leading_genres AS (
  SELECT artist_id, track_genre, tracks
  FROM genre_tracks
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY artist_id ORDER BY tracks DESC, track_genre) <= 5
),
genres AS (
  SELECT artist_id, ARRAY_AGG(track_genre ORDER BY tracks DESC, track_genre) AS genres FROM leading_genres GROUP BY artist_id
)
SELECT
  canonical.artist_id,
  canonical.name,
  genres.genres,
  CAST(NULL AS STRING) AS country,
  popular.popularity,
  CAST(NULL AS INT64) AS followers,
  spotify.spotify_id,
  page.url AS lastfm_url,
  CAST(NULL AS INT64) AS deezer_id,
  page.picture_url
FROM canonical
LEFT JOIN genres ON genres.artist_id = canonical.artist_id
LEFT JOIN popular ON popular.artist_id = canonical.artist_id
LEFT JOIN spotify ON spotify.artist_id = canonical.artist_id
LEFT JOIN page ON page.artist_id = canonical.artist_id
