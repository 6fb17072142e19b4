-- target: music.tracks
-- Tracks of all Spotify collections, one row for each track id. Where several have a track, each value is the newest collection's
-- that gives it: `newer` is Spotify Tracks, `related` artists, albums and tracks, `older` the collection from 1921 on, `ultimate` the
-- Ultimate Tracks DB. The older collection goes before `related` where it says more: it names all artists of a track, in order, and
-- has the release; the album's may be of a later edition. A track that stands under several genres takes the
-- one that its artist stands under most; one without a genre takes the leading genre of its artist. -1 and 0 are how Spotify says
-- that no key, tempo or time signature was found.
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
-- Who an artist's id at Spotify is: both collections that give ids know some.
identities AS (
  SELECT spotify_artist_id, artist_id, 1 AS preference FROM music_raw.spotify_relational_artists
  UNION ALL
  SELECT spotify_artist_id, artist_ids[SAFE_OFFSET(position)] AS artist_id, 2 AS preference
  FROM music_raw.spotify_1921, UNNEST(id_artists) AS spotify_artist_id WITH OFFSET AS position
),
identified AS (
  SELECT spotify_artist_id, artist_id
  FROM identities
  WHERE artist_id IS NOT NULL
  GROUP BY spotify_artist_id, artist_id
  QUALIFY ROW_NUMBER() OVER (PARTITION BY spotify_artist_id ORDER BY MIN(preference), COUNT(*) DESC, artist_id) = 1
),
related AS (
  SELECT
    tracks.track_id,
    tracks.track_name,
    identified.artist_id,
    tracks.popularity,
    tracks.explicit,
    albums.album_name,
    albums.album_release_date,
    audio.duration_ms,
    audio.danceability,
    audio.energy,
    audio.valence,
    audio.acousticness,
    audio.instrumentalness,
    audio.liveness,
    audio.speechiness,
    audio.loudness,
    audio.tempo,
    audio.key,
    audio.mode,
    audio.time_signature
  FROM music_raw.spotify_relational_tracks AS tracks
  LEFT JOIN identified ON identified.spotify_artist_id = tracks.spotify_artist_id
  LEFT JOIN music_raw.spotify_relational_albums AS albums ON albums.album_id = tracks.album_id
  LEFT JOIN music_raw.spotify_relational_audio AS audio ON audio.track_id = tracks.track_id
),
-- Shortened copies of the Ultimate Tracks DB have no ids: a track is then the one of that title by that artist, in any case of
-- letters, or else one of its own, `artist/title`.
titles AS (
  SELECT track_id, artist_id, LOWER(track_name) AS title, 1 AS preference FROM newer
  UNION ALL
  SELECT track_id, artist_id, LOWER(track_name) AS title, 2 AS preference FROM related
  UNION ALL
  SELECT track_id, artist_id, LOWER(name) AS title, 3 AS preference FROM older
  UNION ALL
  SELECT track_id, artist_id, LOWER(track_name) AS title, 4 AS preference FROM music_raw.spotify_ultimate WHERE track_id IS NOT NULL
),
titled AS (
  SELECT track_id, artist_id, title
  FROM titles
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY artist_id, title ORDER BY preference, track_id) = 1
),
named AS (
  SELECT
    given.*,
    COALESCE(given.track_id, titled.track_id, CONCAT(given.artist_id, '/', LOWER(given.track_name))) AS known_id,
    COUNT(*) OVER (PARTITION BY given.artist_id, given.genre) AS genre_tracks
  FROM music_raw.spotify_ultimate AS given
  LEFT JOIN titled ON titled.artist_id = given.artist_id AND titled.title = LOWER(given.track_name)
),
ultimate AS (
  SELECT
    *,
    -- As the newer collection spells them.
    CASE LOWER(genre)
      WHEN 'r&b' THEN 'r-n-b'
      WHEN 'world' THEN 'world-music'
      WHEN "children's music" THEN 'children'
      WHEN 'children’s music' THEN 'children'
      ELSE LOWER(genre)
    END AS track_genre
  FROM named
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY known_id ORDER BY IF(track_id IS NULL, 1, 0), genre_tracks DESC, popularity DESC, genre, source_file, line
  ) = 1
),
known AS (
  SELECT track_id FROM newer
  UNION DISTINCT
  SELECT track_id FROM related
  UNION DISTINCT
  SELECT track_id FROM older
  UNION DISTINCT
  SELECT known_id AS track_id FROM ultimate
)
SELECT
  known.track_id,
  COALESCE(newer.track_name, related.track_name, older.name, ultimate.track_name) AS title,
  artists.artist_id,
  artists.name AS artist_name,
  IF(newer.track_id IS NOT NULL, newer.featured_artists, older.featured_artists) AS featured_artists,
  IFNULL(newer.album_name, related.album_name) AS album,
  IF(LENGTH(IFNULL(older.release_date, related.album_release_date)) = 10, SAFE_CAST(IFNULL(older.release_date, related.album_release_date) AS DATE), NULL) AS release_date,
  SAFE_CAST(SUBSTR(IFNULL(older.release_date, related.album_release_date), 1, 4) AS INT64) AS release_year,
  COALESCE(newer.track_genre, ultimate.track_genre, artists.genres[SAFE_OFFSET(0)]) AS genre,
  COALESCE(newer.duration_ms, related.duration_ms, older.duration_ms, ultimate.duration_ms) AS duration_ms,
  COALESCE(newer.explicit, related.explicit, older.explicit) AS explicit,
  COALESCE(newer.popularity, related.popularity, older.popularity, ultimate.popularity) AS popularity,
  COALESCE(newer.danceability, related.danceability, older.danceability, ultimate.danceability) AS danceability,
  COALESCE(newer.energy, related.energy, older.energy, ultimate.energy) AS energy,
  COALESCE(newer.valence, related.valence, older.valence, ultimate.valence) AS valence,
  COALESCE(newer.acousticness, related.acousticness, older.acousticness, ultimate.acousticness) AS acousticness,
  COALESCE(newer.instrumentalness, related.instrumentalness, older.instrumentalness, ultimate.instrumentalness) AS instrumentalness,
  COALESCE(newer.liveness, related.liveness, older.liveness, ultimate.liveness) AS liveness,
  COALESCE(newer.speechiness, related.speechiness, older.speechiness, ultimate.speechiness) AS speechiness,
  COALESCE(newer.loudness, related.loudness, older.loudness, ultimate.loudness) AS loudness,
  NULLIF(COALESCE(newer.tempo, related.tempo, older.tempo, ultimate.tempo), 0.0) AS tempo,
  NULLIF(COALESCE(newer.key, related.key, older.key, ultimate.key), -1) AS key,
  COALESCE(newer.mode, related.mode, older.mode, ultimate.mode) AS mode,
  NULLIF(COALESCE(newer.time_signature, related.time_signature, older.time_signature, ultimate.time_signature), 0) AS time_signature
FROM known
LEFT JOIN newer ON newer.track_id = known.track_id
LEFT JOIN related ON related.track_id = known.track_id
LEFT JOIN older ON older.track_id = known.track_id
LEFT JOIN ultimate ON ultimate.known_id = known.track_id
JOIN music.artists AS artists ON artists.artist_id = COALESCE(newer.artist_id, older.artist_id, related.artist_id, ultimate.artist_id)
