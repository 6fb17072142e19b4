-- target: music.artists
-- Artists of every source, one row for each artist that artist_names tells apart, under the name that it chose. What several
-- sources know is taken from the first that says it: Spotify's Web API, Spotify's artists in files, Deezer, Last.fm; of several
-- answers the newest, whenever it was loaded; of several artists of one name the one with the most followers.
-- Popularity is the artist's own where a source gives it, else that of the most popular track. Genres are those of the artist's
-- tracks, most tracks first, then Spotify's own for the artist, Deezer's, and the tags that Last.fm's users give; at most 5. No
-- source gives the country.
WITH spotify_answers AS (
  SELECT *
  FROM music_raw.spotify_web_artists
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY spotify_id ORDER BY fetched_at DESC, loaded_at DESC, line) = 1
),
spotify_known AS (
  SELECT 1 AS preference, artist_id AS alias_id, spotify_id, genres, popularity, followers, picture_url FROM spotify_answers
  UNION ALL
  SELECT 2 AS preference, artist_id, spotify_artist_id, artist_genres, artist_popularity, artist_followers, image_url
  FROM music_raw.spotify_relational_artists
),
spotify_artists AS (
  SELECT
    names.artist_id, known.preference, known.spotify_id, known.genres, known.popularity, known.followers, known.picture_url
  FROM spotify_known AS known
  JOIN music_raw.artist_names AS names ON names.alias_id = known.alias_id
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY names.artist_id, known.preference ORDER BY known.followers DESC, known.spotify_id) = 1
),
from_web AS (SELECT * FROM spotify_artists WHERE preference = 1),
from_files AS (SELECT * FROM spotify_artists WHERE preference = 2),
deezer_answers AS (
  SELECT *
  FROM music_raw.deezer_artists
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY deezer_id ORDER BY fetched_at DESC, loaded_at DESC, line) = 1
),
from_deezer AS (
  SELECT names.artist_id, answers.deezer_id, answers.fans, answers.picture_url
  FROM deezer_answers AS answers
  JOIN music_raw.artist_names AS names ON names.alias_id = answers.artist_id
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY names.artist_id ORDER BY answers.fans DESC, answers.deezer_id) = 1
),
plays AS (
  SELECT hetrec_artist_id AS id, SUM(weight) AS plays FROM music_raw.hetrec_user_artists GROUP BY hetrec_artist_id
),
pages AS (
  SELECT artist_id AS alias_id, url, CAST(NULL AS STRING) AS picture_url, 1 AS preference, UNIX_SECONDS(fetched_at) AS weight, artist_name AS name
  FROM music_raw.lastfm_artists
  WHERE url IS NOT NULL
  UNION ALL
  SELECT artist_id, url, CAST(NULL AS STRING), 2, UNIX_SECONDS(fetched_at), artist_name
  FROM music_raw.lastfm_charts
  WHERE chart = 'artist' AND url IS NOT NULL
  UNION ALL
  SELECT named.artist_id, named.url, named.picture_url, 3, IFNULL(plays.plays, 0), named.name
  FROM music_raw.hetrec_artists AS named
  LEFT JOIN plays ON plays.id = named.id
  UNION ALL
  SELECT similar_artist_id, url, CAST(NULL AS STRING), 4, UNIX_SECONDS(fetched_at), similar_artist_name
  FROM music_raw.lastfm_similar_artists
  WHERE url IS NOT NULL
),
page AS (
  SELECT names.artist_id, pages.url
  FROM pages
  JOIN music_raw.artist_names AS names ON names.alias_id = pages.alias_id
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY names.artist_id ORDER BY pages.preference, pages.weight DESC, pages.name) = 1
),
picture AS (
  SELECT names.artist_id, pages.picture_url
  FROM pages
  JOIN music_raw.artist_names AS names ON names.alias_id = pages.alias_id
  WHERE pages.picture_url IS NOT NULL
  QUALIFY ROW_NUMBER() OVER (PARTITION BY names.artist_id ORDER BY pages.weight DESC, pages.name) = 1
),
popular AS (
  SELECT names.artist_id, MAX(spellings.popularity) AS popularity
  FROM music_raw.artist_spellings AS spellings
  JOIN music_raw.artist_names AS names ON names.alias_id = spellings.alias_id
  GROUP BY names.artist_id
),
spotify AS (
  SELECT names.artist_id, spellings.spotify_id
  FROM music_raw.artist_spellings AS spellings
  JOIN music_raw.artist_names AS names ON names.alias_id = spellings.alias_id
  WHERE spellings.spotify_id IS NOT NULL
  GROUP BY names.artist_id, spellings.spotify_id
  QUALIFY ROW_NUMBER() OVER (PARTITION BY names.artist_id ORDER BY SUM(spellings.uses) DESC, spellings.spotify_id) = 1
),
deezer AS (
  SELECT names.artist_id, MIN(spellings.deezer_id) AS deezer_id
  FROM music_raw.artist_spellings AS spellings
  JOIN music_raw.artist_names AS names ON names.alias_id = spellings.alias_id
  WHERE spellings.deezer_id IS NOT NULL
  GROUP BY names.artist_id
),
deezer_albums AS (
  SELECT artist_id, genres
  FROM music_raw.deezer_albums
  WHERE ARRAY_LENGTH(genres) > 0
  QUALIFY ROW_NUMBER() OVER (PARTITION BY deezer_id ORDER BY fetched_at DESC, loaded_at DESC) = 1
),
deezer_genres AS (
  SELECT deezer_id AS genre_id, name
  FROM music_raw.deezer_genres
  WHERE deezer_id != 0
  QUALIFY ROW_NUMBER() OVER (PARTITION BY deezer_id ORDER BY fetched_at DESC, loaded_at DESC) = 1
),
tagged AS (
  SELECT artist_id, LOWER(TRIM(tag)) AS tag, IFNULL(count, 1) AS weight
  FROM music_raw.lastfm_artist_tags
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY artist_id, LOWER(TRIM(tag)) ORDER BY fetched_at DESC, loaded_at DESC) = 1
),
given_genres AS (
  SELECT credited AS alias_id, track_genre AS genre, 1 AS preference, COUNT(DISTINCT track_id) AS weight
  FROM music_raw.spotify_tracks, UNNEST(artist_ids) AS credited
  GROUP BY credited, track_genre
  UNION ALL
  SELECT artist_id, genre, 2 AS preference, COUNT(*) AS weight FROM music_raw.spotify_ultimate GROUP BY artist_id, genre
  UNION ALL
  SELECT artist_id, own_genre, 3 AS preference, -position AS weight FROM from_web, UNNEST(genres) AS own_genre WITH OFFSET AS position
  UNION ALL
  SELECT artist_id, own_genre, 4 AS preference, -position AS weight FROM from_files, UNNEST(genres) AS own_genre WITH OFFSET AS position
  UNION ALL
  SELECT artist_id, album_genre, 5 AS preference, COUNT(*) AS weight
  FROM deezer_albums, UNNEST(genres) AS album_genre
  GROUP BY artist_id, album_genre
  UNION ALL
  SELECT listed.artist_id, deezer_genres.name, 6 AS preference, -MIN(listed.rank) AS weight
  FROM music_raw.deezer_genre_artists AS listed
  JOIN deezer_genres ON deezer_genres.genre_id = listed.genre_id
  GROUP BY listed.artist_id, deezer_genres.name
  UNION ALL
  SELECT artist_id, tag, 7 AS preference, weight
  FROM tagged
  -- Tags that tell of the listener, of the singer or of a country are no genre.
  WHERE tag NOT IN ('seen live', 'favorites', 'favourites', 'favorite', 'favourite', 'favorite artists', 'favourite artists', 'my favorite',
    'love', 'loved', 'awesome', 'amazing', 'albums i own', 'cool', 'beautiful', 'sexy', 'want to see live', 'female vocalists',
    'male vocalists', 'female vocalist', 'male vocalist', 'british', 'american', 'all', 'good', 'legend', '00s', '60s', '70s', '80s',
    '90s', 'brazilian', 'german', 'french', 'swedish', 'polish', 'finnish', 'canadian', 'uk', 'usa', 'france', 'belgian', 'belgium')
),
genres_of AS (
  SELECT
    names.artist_id,
    -- As the largest collection spells them.
    CASE LOWER(given.genre)
      WHEN 'r&b' THEN 'r-n-b'
      WHEN 'world' THEN 'world-music'
      WHEN "children's music" THEN 'children'
      WHEN 'children’s music' THEN 'children'
      WHEN 'rap/hip hop' THEN 'hip-hop'
      WHEN 'electro' THEN 'electronic'
      ELSE LOWER(given.genre)
    END AS genre,
    given.preference,
    SUM(given.weight) AS weight
  FROM given_genres AS given
  JOIN music_raw.artist_names AS names ON names.alias_id = given.alias_id
  GROUP BY names.artist_id, 2, given.preference
),
distinct_genres AS (
  SELECT artist_id, genre, preference, weight
  FROM genres_of
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY artist_id, genre ORDER BY preference, weight DESC) = 1
),
leading_genres AS (
  SELECT artist_id, genre, preference, weight
  FROM distinct_genres
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY artist_id ORDER BY preference, weight DESC, genre) <= 5
),
genres AS (
  SELECT artist_id, ARRAY_AGG(genre ORDER BY preference, weight DESC, genre) AS genres FROM leading_genres GROUP BY artist_id
)
SELECT
  names.artist_id,
  names.artist_name AS name,
  genres.genres,
  CAST(NULL AS STRING) AS country,
  COALESCE(from_web.popularity, from_files.popularity, popular.popularity) AS popularity,
  COALESCE(from_web.followers, from_files.followers, from_deezer.fans) AS followers,
  COALESCE(from_web.spotify_id, from_files.spotify_id, spotify.spotify_id) AS spotify_id,
  page.url AS lastfm_url,
  IFNULL(from_deezer.deezer_id, deezer.deezer_id) AS deezer_id,
  COALESCE(from_web.picture_url, from_files.picture_url, from_deezer.picture_url, picture.picture_url) AS picture_url
FROM music_raw.artist_names AS names
LEFT JOIN from_web ON from_web.artist_id = names.artist_id
LEFT JOIN from_files ON from_files.artist_id = names.artist_id
LEFT JOIN from_deezer ON from_deezer.artist_id = names.artist_id
LEFT JOIN genres ON genres.artist_id = names.artist_id
LEFT JOIN popular ON popular.artist_id = names.artist_id
LEFT JOIN spotify ON spotify.artist_id = names.artist_id
LEFT JOIN deezer ON deezer.artist_id = names.artist_id
LEFT JOIN page ON page.artist_id = names.artist_id
LEFT JOIN picture ON picture.artist_id = names.artist_id
WHERE names.alias_id = names.artist_id
