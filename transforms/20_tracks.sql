-- target: music.tracks
-- Tracks of all sources, one row for each track id, as the first of these has it: Spotify Tracks, the collection from 1921 on, artists
-- with albums and tracks, the Ultimate Tracks DB, Spotify's Web API, Deezer, what Last.fm's users play. The others add what it lacks:
-- the release, the album, the genre. A track that stands under several genres takes the one that its artist stands under most; one
-- without a genre takes the leading genre of its artist. Popularity is the newest figure of Spotify's Web API, else the newest capture
-- of the collection. -1 and 0 are how Spotify says that no key, tempo or time signature was found.
WITH standing AS (
  SELECT artist_id, track_genre, COUNT(*) AS genre_tracks FROM music_raw.spotify_tracks GROUP BY artist_id, track_genre
),
-- Who an artist's id at Spotify is, whichever source knows it.
identified AS (
  SELECT spotify_id, alias_id
  FROM music_raw.artist_spellings
  WHERE spotify_id IS NOT NULL AND alias_id != ''
  GROUP BY spotify_id, alias_id
  QUALIFY ROW_NUMBER() OVER (PARTITION BY spotify_id ORDER BY MIN(preference), SUM(uses) DESC, alias_id) = 1
),
-- Sources without identifiers of Spotify's: track_names says which track is meant.
named_ultimate AS (
  SELECT
    given.*,
    IFNULL(given.track_id, titles.track_id) AS known_id
  FROM music_raw.spotify_ultimate AS given
  JOIN music_raw.artist_names AS names ON names.alias_id = given.artist_id
  LEFT JOIN music_raw.track_names AS titles
    ON titles.artist_id = names.artist_id
    AND titles.title_key = LOWER(TRIM(REGEXP_REPLACE(REPLACE(given.track_name, '’', "'"), r'(?i)\s*[(\[](?:feat|ft|featuring|with)\.?\s[^)\]]*[)\]]', '')))
),
weighed AS (
  SELECT *, COUNT(*) OVER (PARTITION BY artist_id, genre) AS genre_tracks FROM named_ultimate
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
web AS (
  SELECT *
  FROM music_raw.spotify_web_tracks
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY spotify_id ORDER BY fetched_at DESC, IF(popularity IS NULL, 1, 0), loaded_at DESC, source_file, line) = 1
),
web_guests AS (
  SELECT web.spotify_id, ARRAY_AGG(guest ORDER BY position) AS names
  FROM web, UNNEST(web.artists) AS guest WITH OFFSET AS position
  WHERE position > 0
  GROUP BY web.spotify_id
),
features AS (
  SELECT *
  FROM music_raw.spotify_web_audio_features
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY spotify_id ORDER BY fetched_at DESC, loaded_at DESC, line) = 1
),
-- Titles by artist and track, of sources that know no more of a track than that, or Deezer's id.
spoken AS (
  SELECT
    artist_id, title, album, contributors, duration_s, explicit, bpm, release_date, deezer_rank AS weight, source_file, line,
    6 AS preference, fetched_at
  FROM music_raw.deezer_tracks
  UNION ALL
  SELECT
    artist_id, title, album, CAST(NULL AS ARRAY<STRING>), CAST(NULL AS INT64), CAST(NULL AS BOOL), CAST(NULL AS FLOAT64), CAST(NULL AS STRING), 0,
    source_file, line, 7, fetched_at
  FROM music_raw.lastfm_recent_tracks
  UNION ALL
  SELECT
    artist_id, title, CAST(NULL AS STRING), CAST(NULL AS ARRAY<STRING>), NULLIF(duration_s, 0), CAST(NULL AS BOOL), CAST(NULL AS FLOAT64),
    CAST(NULL AS STRING), listeners, source_file, line, 8, fetched_at
  FROM music_raw.lastfm_charts
  WHERE chart = 'track'
),
identified_titles AS (
  SELECT titles.track_id, spoken.*
  FROM spoken
  JOIN music_raw.artist_names AS names ON names.alias_id = spoken.artist_id
  JOIN music_raw.track_names AS titles
    ON titles.artist_id = names.artist_id
    AND titles.title_key = LOWER(TRIM(REGEXP_REPLACE(REPLACE(spoken.title, '’', "'"), r'(?i)\s*[(\[](?:feat|ft|featuring|with)\.?\s[^)\]]*[)\]]', '')))
),
named AS (
  SELECT *
  FROM identified_titles
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY track_id ORDER BY preference, weight DESC, title, fetched_at DESC, source_file, line) = 1
),
named_guests AS (
  SELECT named.track_id, ARRAY_AGG(guest ORDER BY position) AS names
  FROM named, UNNEST(named.contributors) AS guest WITH OFFSET AS position
  WHERE position > 0
  GROUP BY named.track_id
),
named_albums AS (
  SELECT track_id, album, explicit, release_date
  FROM identified_titles
  WHERE preference = 6 AND album IS NOT NULL
  QUALIFY ROW_NUMBER() OVER (PARTITION BY track_id ORDER BY weight DESC, title, fetched_at DESC, source_file, line) = 1
),
named_durations AS (
  SELECT track_id, duration_s
  FROM identified_titles
  WHERE duration_s IS NOT NULL
  QUALIFY ROW_NUMBER() OVER (PARTITION BY track_id ORDER BY preference, weight DESC, title, fetched_at DESC, source_file, line) = 1
),
listed AS (
  SELECT
    1 AS preference, tracks.track_id, tracks.track_name AS title, tracks.artist_id AS alias_id, tracks.featured_artists,
    tracks.album_name AS album, tracks.track_genre AS genre, tracks.duration_ms, tracks.explicit, tracks.popularity,
    tracks.danceability, tracks.energy, tracks.valence, tracks.acousticness, tracks.instrumentalness, tracks.liveness,
    tracks.speechiness, tracks.loudness, tracks.tempo, tracks.key, tracks.mode, tracks.time_signature,
    standing.genre_tracks, tracks.source, tracks.source_file, tracks.line
  FROM music_raw.spotify_tracks AS tracks
  JOIN standing ON standing.artist_id = tracks.artist_id AND standing.track_genre = tracks.track_genre
  UNION ALL
  SELECT
    2, track_id, name, artist_id, featured_artists,
    CAST(NULL AS STRING), CAST(NULL AS STRING), duration_ms, explicit, popularity,
    danceability, energy, valence, acousticness, instrumentalness, liveness,
    speechiness, loudness, tempo, key, mode, time_signature,
    0, source, source_file, line
  FROM music_raw.spotify_1921
  UNION ALL
  SELECT
    3, tracks.track_id, tracks.track_name, identified.alias_id, CAST(NULL AS ARRAY<STRING>),
    CAST(NULL AS STRING), CAST(NULL AS STRING), audio.duration_ms, tracks.explicit, tracks.popularity,
    audio.danceability, audio.energy, audio.valence, audio.acousticness, audio.instrumentalness, audio.liveness,
    audio.speechiness, audio.loudness, audio.tempo, audio.key, audio.mode, audio.time_signature,
    0, tracks.source, tracks.source_file, tracks.line
  FROM music_raw.spotify_relational_tracks AS tracks
  JOIN identified ON identified.spotify_id = tracks.spotify_artist_id
  LEFT JOIN music_raw.spotify_relational_audio AS audio ON audio.track_id = tracks.track_id
  UNION ALL
  SELECT
    4, known_id, track_name, artist_id, CAST(NULL AS ARRAY<STRING>),
    CAST(NULL AS STRING), track_genre, duration_ms, CAST(NULL AS BOOL), popularity,
    danceability, energy, valence, acousticness, instrumentalness, liveness,
    speechiness, loudness, tempo, key, mode, time_signature,
    0, source, source_file, line
  FROM ultimate
  UNION ALL
  SELECT
    5, web.spotify_id, web.title, web.artist_id, web_guests.names,
    web.album, CAST(NULL AS STRING), IFNULL(web.duration_ms, features.duration_ms), web.explicit, web.popularity,
    features.danceability, features.energy, features.valence, features.acousticness, features.instrumentalness, features.liveness,
    features.speechiness, features.loudness, features.tempo, features.key, features.mode, features.time_signature,
    0, web.source, web.source_file, web.line
  FROM web
  LEFT JOIN features ON features.spotify_id = web.spotify_id
  LEFT JOIN web_guests ON web_guests.spotify_id = web.spotify_id
  UNION ALL
  SELECT
    named.preference, named.track_id, named.title, named.artist_id, named_guests.names,
    named.album, CAST(NULL AS STRING), named.duration_s * 1000, named.explicit, CAST(NULL AS INT64),
    CAST(NULL AS FLOAT64), CAST(NULL AS FLOAT64), CAST(NULL AS FLOAT64), CAST(NULL AS FLOAT64), CAST(NULL AS FLOAT64), CAST(NULL AS FLOAT64),
    CAST(NULL AS FLOAT64), CAST(NULL AS FLOAT64), named.bpm, CAST(NULL AS INT64), CAST(NULL AS INT64), CAST(NULL AS INT64),
    0, CAST(NULL AS STRING), named.source_file, named.line
  FROM named
  LEFT JOIN named_guests ON named_guests.track_id = named.track_id
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
),
captured AS (
  SELECT source, track_key AS track_id, popularity
  FROM music_raw.track_history
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY source, track_key ORDER BY captured_at DESC, loaded_at DESC) = 1
),
web_popularity AS (
  SELECT spotify_id, popularity
  FROM music_raw.spotify_web_tracks
  WHERE popularity IS NOT NULL
  QUALIFY ROW_NUMBER() OVER (PARTITION BY spotify_id ORDER BY fetched_at DESC, loaded_at DESC, popularity DESC) = 1
),
complete AS (
  SELECT
    chosen.*,
    COALESCE(chosen.album, related.album_name, web.album, named_albums.album) AS known_album,
    COALESCE(
      released.release_text, related.album_release_date, web.release_date,
      IF(STARTS_WITH(named_albums.release_date, '0000'), NULL, named_albums.release_date)
    ) AS release_text,
    COALESCE(chosen.genre, ultimate.track_genre) AS known_genre,
    COALESCE(chosen.explicit, web.explicit, named_albums.explicit) AS known_explicit,
    COALESCE(chosen.duration_ms, web.duration_ms, named_durations.duration_s * 1000) AS known_duration_ms,
    COALESCE(web_popularity.popularity, captured.popularity, chosen.popularity) AS known_popularity
  FROM chosen
  LEFT JOIN released ON released.track_id = chosen.track_id
  LEFT JOIN related ON related.track_id = chosen.track_id
  LEFT JOIN ultimate ON ultimate.known_id = chosen.track_id
  LEFT JOIN web ON web.spotify_id = chosen.track_id
  LEFT JOIN web_popularity ON web_popularity.spotify_id = chosen.track_id
  LEFT JOIN named_albums ON named_albums.track_id = chosen.track_id
  LEFT JOIN named_durations ON named_durations.track_id = chosen.track_id
  LEFT JOIN captured ON captured.source = chosen.source AND captured.track_id = chosen.track_id
)
SELECT
  complete.track_id,
  complete.title,
  names.artist_id,
  names.artist_name,
  complete.featured_artists,
  complete.known_album AS album,
  IF(LENGTH(complete.release_text) = 10, SAFE_CAST(complete.release_text AS DATE), NULL) AS release_date,
  SAFE_CAST(SUBSTR(complete.release_text, 1, 4) AS INT64) AS release_year,
  COALESCE(complete.known_genre, artists.genres[SAFE_OFFSET(0)]) AS genre,
  complete.known_duration_ms AS duration_ms,
  complete.known_explicit AS explicit,
  complete.known_popularity AS popularity,
  complete.danceability,
  complete.energy,
  complete.valence,
  complete.acousticness,
  complete.instrumentalness,
  complete.liveness,
  complete.speechiness,
  complete.loudness,
  NULLIF(complete.tempo, 0.0) AS tempo,
  NULLIF(complete.key, -1) AS key,
  complete.mode,
  NULLIF(complete.time_signature, 0) AS time_signature
FROM complete
JOIN music_raw.artist_names AS names ON names.alias_id = complete.alias_id
LEFT JOIN music.artists AS artists ON artists.artist_id = names.artist_id
