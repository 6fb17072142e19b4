-- target: music_raw.artist_spellings
-- Every spelling of an artist's name that some source uses, by the key that is made of it (artist_key: without accents, case and
-- punctuation), with the identifiers that stand beside it. Preference says whose spelling is the better one: 0 Spotify's page of
-- the artist, 1 other names at Spotify, 2 Deezer, 3 Last.fm's page of the artist (which corrects names), 4 what Last.fm's users
-- write, 5 charts. Answers of web APIs that are fetched again count once, so that repeated loads do not sway the choice.
WITH plays AS (
  SELECT hetrec_artist_id AS id, SUM(weight) AS plays FROM music_raw.hetrec_user_artists GROUP BY hetrec_artist_id
),
credits AS (
  SELECT artist_ids[OFFSET(position)] AS alias_id, name, CAST(NULL AS STRING) AS spotify_id, popularity, source
  FROM music_raw.spotify_tracks, UNNEST(artists) AS name WITH OFFSET AS position
  UNION ALL
  SELECT artist_ids[OFFSET(position)] AS alias_id, name, id_artists[SAFE_OFFSET(position)] AS spotify_id, popularity, source
  FROM music_raw.spotify_1921, UNNEST(artists) AS name WITH OFFSET AS position
  UNION ALL
  SELECT artist_id AS alias_id, artist_name AS name, CAST(NULL AS STRING) AS spotify_id, popularity, source
  FROM music_raw.spotify_ultimate
  UNION ALL
  SELECT named.artist_id AS alias_id, named.artist_name AS name, named.spotify_artist_id AS spotify_id, tracks.popularity, named.source
  FROM music_raw.spotify_relational_artists AS named
  LEFT JOIN music_raw.spotify_relational_tracks AS tracks ON tracks.spotify_artist_id = named.spotify_artist_id
),
web AS (
  SELECT artist_id AS alias_id, artist_name AS name, spotify_id, CAST(NULL AS INT64) AS deezer_id, source, 0 AS preference
  FROM music_raw.spotify_web_artists
  UNION DISTINCT
  SELECT artist_id AS alias_id, artist_name AS name, artist_spotify_ids[SAFE_OFFSET(0)] AS spotify_id, CAST(NULL AS INT64) AS deezer_id, source, 1 AS preference
  FROM music_raw.spotify_web_tracks
  UNION DISTINCT
  SELECT artist_id AS alias_id, artist_name AS name, artist_spotify_ids[SAFE_OFFSET(0)] AS spotify_id, CAST(NULL AS INT64) AS deezer_id, source, 1 AS preference
  FROM music_raw.spotify_web_albums
  UNION DISTINCT
  SELECT artist_id AS alias_id, artist_name AS name, CAST(NULL AS STRING) AS spotify_id, deezer_id, source, 2 AS preference
  FROM music_raw.deezer_artists
  UNION DISTINCT
  SELECT artist_id AS alias_id, artist_name AS name, CAST(NULL AS STRING) AS spotify_id, artist_deezer_id AS deezer_id, source, 2 AS preference
  FROM music_raw.deezer_tracks
  UNION DISTINCT
  SELECT artist_id AS alias_id, artist_name AS name, CAST(NULL AS STRING) AS spotify_id, deezer_id, source, 2 AS preference
  FROM music_raw.deezer_genre_artists
  UNION DISTINCT
  SELECT similar_artist_id AS alias_id, similar_artist_name AS name, CAST(NULL AS STRING) AS spotify_id, similar_deezer_id AS deezer_id, source, 2 AS preference
  FROM music_raw.deezer_related_artists
  UNION DISTINCT
  SELECT artist_id AS alias_id, artist_name AS name, CAST(NULL AS STRING) AS spotify_id, CAST(NULL AS INT64) AS deezer_id, source, 2 AS preference
  FROM music_raw.deezer_charts
  WHERE artist_id IS NOT NULL AND chart IN ('artist', 'track')
  UNION DISTINCT
  SELECT artist_id AS alias_id, artist_name AS name, CAST(NULL AS STRING) AS spotify_id, CAST(NULL AS INT64) AS deezer_id, source, 3 AS preference
  FROM music_raw.lastfm_artists
  UNION DISTINCT
  SELECT artist_id AS alias_id, artist_name AS name, CAST(NULL AS STRING) AS spotify_id, CAST(NULL AS INT64) AS deezer_id, source, 4 AS preference
  FROM music_raw.lastfm_charts
  WHERE artist_id IS NOT NULL
  UNION DISTINCT
  SELECT similar_artist_id AS alias_id, similar_artist_name AS name, CAST(NULL AS STRING) AS spotify_id, CAST(NULL AS INT64) AS deezer_id, source, 4 AS preference
  FROM music_raw.lastfm_similar_artists
  UNION DISTINCT
  SELECT artist_id AS alias_id, artist_name AS name, CAST(NULL AS STRING) AS spotify_id, CAST(NULL AS INT64) AS deezer_id, source, 4 AS preference
  FROM music_raw.lastfm_recent_tracks
)
SELECT alias_id, name, source, 1 AS preference, spotify_id, CAST(NULL AS INT64) AS deezer_id, COUNT(*) AS uses, MAX(popularity) AS popularity
FROM credits
GROUP BY alias_id, name, source, spotify_id
UNION ALL
SELECT alias_id, name, source, preference, spotify_id, deezer_id, 1 AS uses, CAST(NULL AS INT64) AS popularity
FROM web
UNION ALL
SELECT
  named.artist_id AS alias_id, named.name, named.source, 4 AS preference, CAST(NULL AS STRING) AS spotify_id,
  CAST(NULL AS INT64) AS deezer_id, MAX(IFNULL(plays.plays, 0)) AS uses, CAST(NULL AS INT64) AS popularity
FROM music_raw.hetrec_artists AS named
LEFT JOIN plays ON plays.id = named.id
GROUP BY named.artist_id, named.name, named.source
UNION ALL
SELECT
  artist_id AS alias_id, lead_artist AS name, source, 5 AS preference, CAST(NULL AS STRING) AS spotify_id,
  CAST(NULL AS INT64) AS deezer_id, COUNT(*) AS uses, CAST(NULL AS INT64) AS popularity
FROM music_raw.hot_100
GROUP BY artist_id, lead_artist, source
