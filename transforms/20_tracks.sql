-- target: music.tracks
-- Tracks of all Spotify collections, one row for each track id, as the first of these has it: Spotify Tracks, the collection from 1921
-- on, artists with albums and tracks, the Ultimate Tracks DB. The others add what it lacks: the release (that of the collection from
-- 1921 on, else the album's), the album, the genre. A track that stands under several genres takes the one that its artist stands
-- under most; one without a genre takes the leading genre of its artist. -1 and 0 are how Spotify says that no key, tempo or time
-- signature was found.
WITH standing AS (
  SELECT artist_id, track_genre, COUNT(*) AS genre_tracks FROM music_raw.spotify_tracks GROUP BY artist_id, track_genre
),
-- Who an artist's id at Spotify is: both collections that give ids know some.
identities AS (
  SELECT spotify_artist_id, artist_id, 1 AS preference FROM music_raw.spotify_relational_artists
  UNION ALL
  SELECT id_artist AS spotify_artist_id, artist_ids[SAFE_OFFSET(position)] AS artist_id, 2 AS preference
  FROM music_raw.spotify_1921, UNNEST(id_artists) AS id_artist WITH OFFSET AS position
),
identified AS (
  SELECT spotify_artist_id, artist_id
  FROM identities
  WHERE artist_id IS NOT NULL
  GROUP BY spotify_artist_id, artist_id
  QUALIFY ROW_NUMBER() OVER (PARTITION BY spotify_artist_id ORDER BY MIN(preference), COUNT(*) DESC, artist_id) = 1
),
-- Shortened copies of the Ultimate Tracks DB have no ids: a track is then the one of that title by that artist, in any case of
-- letters, or else one of its own, `artist/title`.
unnamed AS (
  SELECT artist_id, LOWER(track_name) AS title
  FROM music_raw.spotify_ultimate
  WHERE track_id IS NULL
  GROUP BY artist_id, LOWER(track_name)
),
titles AS (
  SELECT track_id, artist_id, LOWER(track_name) AS title, 1 AS preference FROM music_raw.spotify_tracks
  UNION ALL
  SELECT tracks.track_id, artists.artist_id, LOWER(tracks.track_name) AS title, 2 AS preference
  FROM music_raw.spotify_relational_tracks AS tracks
  JOIN music_raw.spotify_relational_artists AS artists ON artists.spotify_artist_id = tracks.spotify_artist_id
  UNION ALL
  SELECT track_id, artist_id, LOWER(name) AS title, 3 AS preference FROM music_raw.spotify_1921
  UNION ALL
  SELECT track_id, artist_id, LOWER(track_name) AS title, 4 AS preference FROM music_raw.spotify_ultimate WHERE track_id IS NOT NULL
),
titled AS (
  SELECT titles.track_id, titles.artist_id, titles.title
  FROM titles
  JOIN unnamed ON unnamed.artist_id = titles.artist_id AND unnamed.title = titles.title
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY titles.artist_id, titles.title ORDER BY titles.preference, titles.track_id) = 1
),
named AS (
  SELECT
    given.*,
    COALESCE(given.track_id, titled.track_id, CONCAT(given.artist_id, '/', LOWER(given.track_name))) AS known_id
  FROM music_raw.spotify_ultimate AS given
  LEFT JOIN titled ON titled.artist_id = given.artist_id AND titled.title = LOWER(given.track_name)
),
weighed AS (
  SELECT *, COUNT(*) OVER (PARTITION BY artist_id, genre) AS genre_tracks FROM named
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
  FROM weighed
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY known_id ORDER BY IF(track_id IS NULL, 1, 0), genre_tracks DESC, popularity DESC, genre, source_file, line
  ) = 1
),
listed AS (
  SELECT
    1 AS preference, tracks.track_id, tracks.track_name AS title, tracks.artist_id, tracks.featured_artists,
    tracks.album_name AS album, tracks.track_genre AS genre, tracks.duration_ms, tracks.explicit, tracks.popularity,
    tracks.danceability, tracks.energy, tracks.valence, tracks.acousticness, tracks.instrumentalness, tracks.liveness,
    tracks.speechiness, tracks.loudness, tracks.tempo, tracks.key, tracks.mode, tracks.time_signature,
    standing.genre_tracks, tracks.source_file, tracks.line
  FROM music_raw.spotify_tracks AS tracks
  JOIN standing ON standing.artist_id = tracks.artist_id AND standing.track_genre = tracks.track_genre
  UNION ALL
  SELECT
    2, track_id, name, artist_id, featured_artists,
    CAST(NULL AS STRING), CAST(NULL AS STRING), duration_ms, explicit, popularity,
    danceability, energy, valence, acousticness, instrumentalness, liveness,
    speechiness, loudness, tempo, key, mode, time_signature,
    0, source_file, line
  FROM music_raw.spotify_1921
  UNION ALL
  SELECT
    3, tracks.track_id, tracks.track_name, identified.artist_id, CAST(NULL AS ARRAY<STRING>),
    CAST(NULL AS STRING), CAST(NULL AS STRING), audio.duration_ms, tracks.explicit, tracks.popularity,
    audio.danceability, audio.energy, audio.valence, audio.acousticness, audio.instrumentalness, audio.liveness,
    audio.speechiness, audio.loudness, audio.tempo, audio.key, audio.mode, audio.time_signature,
    0, tracks.source_file, tracks.line
  FROM music_raw.spotify_relational_tracks AS tracks
  JOIN identified ON identified.spotify_artist_id = tracks.spotify_artist_id
  LEFT JOIN music_raw.spotify_relational_audio AS audio ON audio.track_id = tracks.track_id
  UNION ALL
  SELECT
    4, known_id, track_name, artist_id, CAST(NULL AS ARRAY<STRING>),
    CAST(NULL AS STRING), track_genre, duration_ms, CAST(NULL AS BOOL), popularity,
    danceability, energy, valence, acousticness, instrumentalness, liveness,
    speechiness, loudness, tempo, key, mode, time_signature,
    0, source_file, line
  FROM ultimate
),
chosen AS (
  SELECT *
  FROM listed
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY track_id ORDER BY preference, genre_tracks DESC, popularity DESC, source_file, line) = 1
),
released AS (
  SELECT track_id, MIN(release_date) AS release_text FROM music_raw.spotify_1921 GROUP BY track_id
),
related AS (
  SELECT tracks.track_id, albums.album_name, albums.album_release_date
  FROM music_raw.spotify_relational_tracks AS tracks
  JOIN music_raw.spotify_relational_albums AS albums ON albums.album_id = tracks.album_id
)
SELECT
  chosen.track_id,
  chosen.title,
  artists.artist_id,
  artists.name AS artist_name,
  chosen.featured_artists,
  IFNULL(chosen.album, related.album_name) AS album,
  IF(
    LENGTH(IFNULL(released.release_text, related.album_release_date)) = 10,
    SAFE_CAST(IFNULL(released.release_text, related.album_release_date) AS DATE),
    NULL
  ) AS release_date,
  SAFE_CAST(SUBSTR(IFNULL(released.release_text, related.album_release_date), 1, 4) AS INT64) AS release_year,
  COALESCE(chosen.genre, ultimate.track_genre, artists.genres[SAFE_OFFSET(0)]) AS genre,
  chosen.duration_ms,
  chosen.explicit,
  chosen.popularity,
  chosen.danceability,
  chosen.energy,
  chosen.valence,
  chosen.acousticness,
  chosen.instrumentalness,
  chosen.liveness,
  chosen.speechiness,
  chosen.loudness,
  NULLIF(chosen.tempo, 0.0) AS tempo,
  NULLIF(chosen.key, -1) AS key,
  chosen.mode,
  NULLIF(chosen.time_signature, 0) AS time_signature
FROM chosen
JOIN music.artists AS artists ON artists.artist_id = chosen.artist_id
LEFT JOIN released ON released.track_id = chosen.track_id
LEFT JOIN related ON related.track_id = chosen.track_id
LEFT JOIN ultimate ON ultimate.known_id = chosen.track_id
