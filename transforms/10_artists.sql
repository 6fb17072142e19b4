-- target: music.artists
-- Artists of every source, one row for each key. The name is Spotify's where it has one, else Last.fm's, else the chart's; among
-- several spellings the most used. Popularity is the artist's own where a source gives it, else that of the most popular track.
-- Genres are those of the artist's tracks, most tracks first, then Spotify's own for the artist; at most 5. No source of files gives
-- the country.
WITH spotify_artists AS (
  SELECT *
  FROM music_raw.spotify_relational_artists
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY artist_id ORDER BY artist_followers DESC, spotify_artist_id) = 1
),
credits AS (
  SELECT artist_ids[OFFSET(position)] AS artist_id, name, popularity, CAST(NULL AS STRING) AS spotify_id
  FROM music_raw.spotify_tracks, UNNEST(artists) AS name WITH OFFSET AS position
  UNION ALL
  SELECT artist_ids[OFFSET(position)] AS artist_id, name, popularity, id_artists[SAFE_OFFSET(position)] AS spotify_id
  FROM music_raw.spotify_1921, UNNEST(artists) AS name WITH OFFSET AS position
  UNION ALL
  SELECT artist_id, artist_name AS name, popularity, CAST(NULL AS STRING) AS spotify_id
  FROM music_raw.spotify_ultimate
  UNION ALL
  SELECT named.artist_id, named.artist_name AS name, tracks.popularity, named.spotify_artist_id AS spotify_id
  FROM music_raw.spotify_relational_artists AS named
  LEFT JOIN music_raw.spotify_relational_tracks AS tracks ON tracks.spotify_artist_id = named.spotify_artist_id
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
  SELECT credited AS artist_id, track_genre AS genre, 1 AS preference, COUNT(DISTINCT track_id) AS tracks
  FROM music_raw.spotify_tracks, UNNEST(artist_ids) AS credited
  GROUP BY credited, track_genre
  UNION ALL
  SELECT
    artist_id,
    -- As the other collection spells them.
    CASE LOWER(genre)
      WHEN 'r&b' THEN 'r-n-b'
      WHEN 'world' THEN 'world-music'
      WHEN "children's music" THEN 'children'
      WHEN 'children’s music' THEN 'children'
      ELSE LOWER(genre)
    END AS genre,
    2 AS preference,
    COUNT(*) AS tracks
  FROM music_raw.spotify_ultimate
  GROUP BY artist_id, 2
  UNION ALL
  SELECT artist_id, own_genre AS genre, 3 AS preference, -position AS tracks
  FROM spotify_artists, UNNEST(artist_genres) AS own_genre WITH OFFSET AS position
),
distinct_genres AS (
  SELECT artist_id, genre, preference, tracks
  FROM genre_tracks
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY artist_id, genre ORDER BY preference, tracks DESC) = 1
),
leading_genres AS (
  SELECT artist_id, genre, preference, tracks
  FROM distinct_genres
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY artist_id ORDER BY preference, tracks DESC, genre) <= 5
),
genres AS (
  SELECT artist_id, ARRAY_AGG(genre ORDER BY preference, tracks DESC, genre) AS genres FROM leading_genres GROUP BY artist_id
)
SELECT
  canonical.artist_id,
  canonical.name,
  genres.genres,
  CAST(NULL AS STRING) AS country,
  IFNULL(spotify_artists.artist_popularity, popular.popularity) AS popularity,
  spotify_artists.artist_followers AS followers,
  IFNULL(spotify_artists.spotify_artist_id, spotify.spotify_id) AS spotify_id,
  page.url AS lastfm_url,
  CAST(NULL AS INT64) AS deezer_id,
  IFNULL(spotify_artists.image_url, page.picture_url) AS picture_url
FROM canonical
LEFT JOIN spotify_artists ON spotify_artists.artist_id = canonical.artist_id
LEFT JOIN genres ON genres.artist_id = canonical.artist_id
LEFT JOIN popular ON popular.artist_id = canonical.artist_id
LEFT JOIN spotify ON spotify.artist_id = canonical.artist_id
LEFT JOIN page ON page.artist_id = canonical.artist_id
