-- target: music_raw.track_names
-- version: CONCAT(artist_id, '|', title_key, '|', track_id)
-- Which track a title by an artist is, for sources that do not know Spotify's identifiers (Last.fm, Deezer, shortened copies of the
-- Ultimate Tracks DB): the one with the same ISRC, else that of the same title by the same artist, in any case of letters and
-- without its guests (`title_key`); else a track of its own, `artist/title`.
WITH wanted AS (
  SELECT artist_id AS alias_id, track_name AS title, CAST(NULL AS STRING) AS isrc FROM music_raw.spotify_ultimate WHERE track_id IS NULL
  UNION DISTINCT
  SELECT artist_id AS alias_id, title, isrc FROM music_raw.deezer_tracks
  UNION DISTINCT
  SELECT artist_id AS alias_id, title, CAST(NULL AS STRING) AS isrc FROM music_raw.lastfm_charts WHERE chart = 'track'
  UNION DISTINCT
  SELECT artist_id AS alias_id, title, CAST(NULL AS STRING) AS isrc FROM music_raw.lastfm_recent_tracks
),
titled AS (
  SELECT
    names.artist_id,
    LOWER(TRIM(REGEXP_REPLACE(REPLACE(wanted.title, '’', "'"), r'(?i)\s*[(\[](?:feat|ft|featuring|with)\.?\s[^)\]]*[)\]]', ''))) AS title_key,
    wanted.isrc
  FROM wanted
  JOIN music_raw.artist_names AS names ON names.alias_id = wanted.alias_id
),
given AS (
  SELECT track_id, artist_id AS alias_id, track_name AS title, 1 AS preference FROM music_raw.spotify_tracks
  UNION ALL
  SELECT tracks.track_id, artists.artist_id AS alias_id, tracks.track_name AS title, 2 AS preference
  FROM music_raw.spotify_relational_tracks AS tracks
  JOIN music_raw.spotify_relational_artists AS artists ON artists.spotify_artist_id = tracks.spotify_artist_id
  UNION ALL
  SELECT track_id, artist_id AS alias_id, name AS title, 3 AS preference FROM music_raw.spotify_1921
  UNION ALL
  SELECT track_id, artist_id AS alias_id, track_name AS title, 4 AS preference FROM music_raw.spotify_ultimate WHERE track_id IS NOT NULL
  UNION ALL
  SELECT spotify_id AS track_id, artist_id AS alias_id, title, 5 AS preference FROM music_raw.spotify_web_tracks
),
candidates AS (
  SELECT
    given.track_id,
    names.artist_id,
    LOWER(TRIM(REGEXP_REPLACE(REPLACE(given.title, '’', "'"), r'(?i)\s*[(\[](?:feat|ft|featuring|with)\.?\s[^)\]]*[)\]]', ''))) AS title_key,
    given.preference
  FROM given
  JOIN music_raw.artist_names AS names ON names.alias_id = given.alias_id
  UNION ALL
  SELECT web.spotify_id AS track_id, titled.artist_id, titled.title_key, 0 AS preference
  FROM titled
  JOIN music_raw.spotify_web_tracks AS web ON web.isrc = titled.isrc
),
found AS (
  SELECT artist_id, title_key, track_id
  FROM candidates
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY artist_id, title_key ORDER BY preference, track_id) = 1
),
keys AS (
  SELECT DISTINCT artist_id, title_key FROM titled
)
SELECT keys.artist_id, keys.title_key, IFNULL(found.track_id, CONCAT(keys.artist_id, '/', keys.title_key)) AS track_id
FROM keys
LEFT JOIN found ON found.artist_id = keys.artist_id AND found.title_key = keys.title_key
