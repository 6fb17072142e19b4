-- target: music.tracks
-- Tracks of both Spotify collections, one row for each track id. Where both have a track, the newer collection counts and the older
-- one adds the release. A track that stands under several genres takes the one that its artist stands under most; one without a
-- genre takes the leading genre of its artist. -1 and 0 are how Spotify says that no key, tempo or time signature was found.
WITH counted AS (
  SELECT *, COUNT(*) OVER (PARTITION BY artist_id, track_genre) AS genre_tracks FROM music_raw.spotify_tracks
),
newer AS (
  SELECT *
  FROM counted
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY track_id ORDER BY genre_tracks DESC, popularity DESC, line) = 1
),
older AS (
  SELECT *
  FROM music_raw.spotify_1921
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY track_id ORDER BY popularity DESC, source_file, line) = 1
),
known AS (
  SELECT track_id FROM newer
  UNION DISTINCT
  SELECT track_id FROM older
)
SELECT
  known.track_id,
  IFNULL(newer.track_name, older.name) AS title,
  artists.artist_id,
  artists.name AS artist_name,
  IF(newer.track_id IS NOT NULL, newer.featured_artists, older.featured_artists) AS featured_artists,
  newer.album_name AS album,
  IF(LENGTH(older.release_date) = 10, SAFE_CAST(older.release_date AS DATE), NULL) AS release_date,
  SAFE_CAST(SUBSTR(older.release_date, 1, 4) AS INT64) AS release_year,
  IFNULL(newer.track_genre, artists.genres[SAFE_OFFSET(0)]) AS genre,
  IFNULL(newer.duration_ms, older.duration_ms) AS duration_ms,
  IFNULL(newer.explicit, older.explicit) AS explicit,
  IFNULL(newer.popularity, older.popularity) AS popularity,
  IFNULL(newer.danceability, older.danceability) AS danceability,
  IFNULL(newer.energy, older.energy) AS energy,
  IFNULL(newer.valence, older.valence) AS valence,
  IFNULL(newer.acousticness, older.acousticness) AS acousticness,
  IFNULL(newer.instrumentalness, older.instrumentalness) AS instrumentalness,
  IFNULL(newer.liveness, older.liveness) AS liveness,
  IFNULL(newer.speechiness, older.speechiness) AS speechiness,
  IFNULL(newer.loudness, older.loudness) AS loudness,
  NULLIF(IFNULL(newer.tempo, older.tempo), 0.0) AS tempo,
  NULLIF(IFNULL(newer.key, older.key), -1) AS key,
  IFNULL(newer.mode, older.mode) AS mode,
  NULLIF(IFNULL(newer.time_signature, older.time_signature), 0) AS time_signature
FROM known
LEFT JOIN newer ON newer.track_id = known.track_id
LEFT JOIN older ON older.track_id = known.track_id
JOIN music.artists AS artists ON artists.artist_id = IFNULL(newer.artist_id, older.artist_id)
