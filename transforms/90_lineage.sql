-- target: music_raw.lineage
-- Where each row of the silver tables came from: a row for each pair of a row of music and a file or answer that it came from, with the
-- first line of it that had a part. The key of the row of music is its key columns, joined by `/`: artist_id; track_id; user_id;
-- user_id/artist_id (listens); user_id/seconds/track_id (listening_events); user_id/artist_id/tag; user_id/friend_id; chart/date/rank;
-- country/date/rank; artist_id/date and track_id/date (snapshots). What bronze row gave which column follows from the transform.
WITH artists AS (
  SELECT credited AS alias_id, source, 'spotify_tracks' AS source_table, source_file, MIN(line) AS line, MAX(loaded_at) AS loaded_at
  FROM music_raw.spotify_tracks, UNNEST(artist_ids) AS credited
  GROUP BY credited, source, source_file
  UNION ALL
  SELECT credited, source, 'spotify_1921', source_file, MIN(line), MAX(loaded_at)
  FROM music_raw.spotify_1921, UNNEST(artist_ids) AS credited
  GROUP BY credited, source, source_file
  UNION ALL
  SELECT artist_id, source, 'spotify_ultimate', source_file, MIN(line), MAX(loaded_at)
  FROM music_raw.spotify_ultimate
  GROUP BY artist_id, source, source_file
  UNION ALL
  SELECT artist_id, source, 'spotify_relational_artists', source_file, MIN(line), MAX(loaded_at)
  FROM music_raw.spotify_relational_artists
  GROUP BY artist_id, source, source_file
  UNION ALL
  SELECT artist_id, source, 'hetrec_artists', source_file, MIN(line), MAX(loaded_at)
  FROM music_raw.hetrec_artists
  GROUP BY artist_id, source, source_file
  UNION ALL
  SELECT artist_id, source, 'hot_100', source_file, MIN(line), MAX(loaded_at)
  FROM music_raw.hot_100
  GROUP BY artist_id, source, source_file
  UNION ALL
  SELECT artist_id, source, 'spotify_web_artists', source_file, MIN(line), MAX(loaded_at)
  FROM music_raw.spotify_web_artists
  GROUP BY artist_id, source, source_file
  UNION ALL
  SELECT artist_id, source, 'spotify_web_tracks', source_file, MIN(line), MAX(loaded_at)
  FROM music_raw.spotify_web_tracks
  GROUP BY artist_id, source, source_file
  UNION ALL
  SELECT artist_id, source, 'spotify_web_albums', source_file, MIN(line), MAX(loaded_at)
  FROM music_raw.spotify_web_albums
  GROUP BY artist_id, source, source_file
  UNION ALL
  SELECT artist_id, source, 'deezer_artists', source_file, MIN(line), MAX(loaded_at)
  FROM music_raw.deezer_artists
  GROUP BY artist_id, source, source_file
  UNION ALL
  SELECT artist_id, source, 'deezer_tracks', source_file, MIN(line), MAX(loaded_at)
  FROM music_raw.deezer_tracks
  GROUP BY artist_id, source, source_file
  UNION ALL
  SELECT artist_id, source, 'deezer_charts', source_file, MIN(line), MAX(loaded_at)
  FROM music_raw.deezer_charts
  WHERE artist_id IS NOT NULL AND chart IN ('artist', 'track')
  GROUP BY artist_id, source, source_file
  UNION ALL
  SELECT artist_id, source, 'deezer_genre_artists', source_file, MIN(line), MAX(loaded_at)
  FROM music_raw.deezer_genre_artists
  GROUP BY artist_id, source, source_file
  UNION ALL
  SELECT similar_artist_id, source, 'deezer_related_artists', source_file, MIN(line), MAX(loaded_at)
  FROM music_raw.deezer_related_artists
  GROUP BY similar_artist_id, source, source_file
  UNION ALL
  SELECT artist_id, source, 'lastfm_artists', source_file, MIN(line), MAX(loaded_at)
  FROM music_raw.lastfm_artists
  GROUP BY artist_id, source, source_file
  UNION ALL
  SELECT artist_id, source, 'lastfm_charts', source_file, MIN(line), MAX(loaded_at)
  FROM music_raw.lastfm_charts
  WHERE artist_id IS NOT NULL
  GROUP BY artist_id, source, source_file
  UNION ALL
  SELECT similar_artist_id, source, 'lastfm_similar_artists', source_file, MIN(line), MAX(loaded_at)
  FROM music_raw.lastfm_similar_artists
  GROUP BY similar_artist_id, source, source_file
  UNION ALL
  SELECT artist_id, source, 'lastfm_recent_tracks', source_file, MIN(line), MAX(loaded_at)
  FROM music_raw.lastfm_recent_tracks
  GROUP BY artist_id, source, source_file
),
titles AS (
  SELECT artist_id AS alias_id, track_name AS title, source, 'spotify_ultimate' AS source_table, source_file, MIN(line) AS line, MAX(loaded_at) AS loaded_at
  FROM music_raw.spotify_ultimate
  WHERE track_id IS NULL
  GROUP BY artist_id, track_name, source, source_file
  UNION ALL
  SELECT artist_id, title, source, 'deezer_tracks', source_file, MIN(line), MAX(loaded_at)
  FROM music_raw.deezer_tracks
  GROUP BY artist_id, title, source, source_file
  UNION ALL
  SELECT artist_id, title, source, 'lastfm_charts', source_file, MIN(line), MAX(loaded_at)
  FROM music_raw.lastfm_charts
  WHERE chart = 'track'
  GROUP BY artist_id, title, source, source_file
  UNION ALL
  SELECT artist_id, title, source, 'lastfm_recent_tracks', source_file, MIN(line), MAX(loaded_at)
  FROM music_raw.lastfm_recent_tracks
  GROUP BY artist_id, title, source, source_file
),
genres AS (
  SELECT deezer_id AS genre_id, name
  FROM music_raw.deezer_genres
  WHERE deezer_id != 0
  QUALIFY ROW_NUMBER() OVER (PARTITION BY deezer_id ORDER BY fetched_at DESC, loaded_at DESC) = 1
),
known AS (
  SELECT 'artists' AS table_name, names.artist_id AS row_key, artists.source, artists.source_table, artists.source_file, artists.line, artists.loaded_at
  FROM artists
  JOIN music_raw.artist_names AS names ON names.alias_id = artists.alias_id
  UNION ALL
  SELECT 'tracks', track_id, source, 'spotify_tracks', source_file, MIN(line), MAX(loaded_at)
  FROM music_raw.spotify_tracks
  GROUP BY track_id, source, source_file
  UNION ALL
  SELECT 'tracks', track_id, source, 'spotify_1921', source_file, line, loaded_at
  FROM music_raw.spotify_1921
  UNION ALL
  SELECT 'tracks', track_id, source, 'spotify_relational_tracks', source_file, line, loaded_at
  FROM music_raw.spotify_relational_tracks
  UNION ALL
  SELECT 'tracks', track_id, source, 'spotify_relational_audio', source_file, line, loaded_at
  FROM music_raw.spotify_relational_audio
  UNION ALL
  SELECT 'tracks', track_id, source, 'spotify_ultimate', source_file, MIN(line), MAX(loaded_at)
  FROM music_raw.spotify_ultimate
  WHERE track_id IS NOT NULL
  GROUP BY track_id, source, source_file
  UNION ALL
  SELECT 'tracks', spotify_id, source, 'spotify_web_tracks', source_file, MIN(line), MAX(loaded_at)
  FROM music_raw.spotify_web_tracks
  GROUP BY spotify_id, source, source_file
  UNION ALL
  SELECT 'tracks', spotify_id, source, 'spotify_web_audio_features', source_file, MIN(line), MAX(loaded_at)
  FROM music_raw.spotify_web_audio_features
  GROUP BY spotify_id, source, source_file
  UNION ALL
  SELECT 'tracks', known_titles.track_id, titles.source, titles.source_table, titles.source_file, titles.line, titles.loaded_at
  FROM titles
  JOIN music_raw.artist_names AS names ON names.alias_id = titles.alias_id
  JOIN music_raw.track_names AS known_titles
    ON known_titles.artist_id = names.artist_id
    AND known_titles.title_key = LOWER(TRIM(REGEXP_REPLACE(REPLACE(titles.title, '’', "'"), r'(?i)\s*[(\[](?:feat|ft|featuring|with)\.?\s[^)\]]*[)\]]', '')))
  UNION ALL
  SELECT 'users', CAST(user_id AS STRING), source, 'hetrec_user_artists', source_file, MIN(line), MAX(loaded_at)
  FROM music_raw.hetrec_user_artists
  GROUP BY user_id, source, source_file
  UNION ALL
  SELECT 'users', CAST(user_id AS STRING), source, 'hetrec_user_taggedartists', source_file, MIN(line), MAX(loaded_at)
  FROM music_raw.hetrec_user_taggedartists
  GROUP BY user_id, source, source_file
  UNION ALL
  SELECT 'users', CAST(user_id AS STRING), source, 'hetrec_user_friends', source_file, MIN(line), MAX(loaded_at)
  FROM music_raw.hetrec_user_friends
  GROUP BY user_id, source, source_file
  UNION ALL
  SELECT 'users', CAST(friend_id AS STRING), source, 'hetrec_user_friends', source_file, MIN(line), MAX(loaded_at)
  FROM music_raw.hetrec_user_friends
  GROUP BY friend_id, source, source_file
  UNION ALL
  SELECT 'users', CAST(users.user_id AS STRING), played.source, 'lastfm_recent_tracks', played.source_file, MIN(played.line), MAX(played.loaded_at)
  FROM music_raw.lastfm_recent_tracks AS played
  JOIN music_raw.user_names AS users ON users.source = played.source AND users.user_name = LOWER(played.user_name)
  GROUP BY users.user_id, played.source, played.source_file
  UNION ALL
  SELECT
    'listens', CONCAT(CAST(listened.user_id AS STRING), '/', names.artist_id), listened.source, 'hetrec_user_artists', listened.source_file,
    MIN(listened.line), MAX(listened.loaded_at)
  FROM music_raw.hetrec_user_artists AS listened
  JOIN music_raw.hetrec_artists AS named ON named.id = listened.hetrec_artist_id
  JOIN music_raw.artist_names AS names ON names.alias_id = named.artist_id
  GROUP BY listened.user_id, names.artist_id, listened.source, listened.source_file
  UNION ALL
  SELECT
    'listens', CONCAT(CAST(users.user_id AS STRING), '/', names.artist_id), played.source, 'lastfm_recent_tracks', played.source_file,
    MIN(played.line), MAX(played.loaded_at)
  FROM music_raw.lastfm_recent_tracks AS played
  JOIN music_raw.user_names AS users ON users.source = played.source AND users.user_name = LOWER(played.user_name)
  JOIN music_raw.artist_names AS names ON names.alias_id = played.artist_id
  GROUP BY users.user_id, names.artist_id, played.source, played.source_file
  UNION ALL
  SELECT
    'listening_events',
    CONCAT(CAST(users.user_id AS STRING), '/', CAST(UNIX_SECONDS(played.played_at) AS STRING), '/', known_titles.track_id),
    played.source, 'lastfm_recent_tracks', played.source_file, played.line, played.loaded_at
  FROM music_raw.lastfm_recent_tracks AS played
  JOIN music_raw.user_names AS users ON users.source = played.source AND users.user_name = LOWER(played.user_name)
  JOIN music_raw.artist_names AS names ON names.alias_id = played.artist_id
  JOIN music_raw.track_names AS known_titles
    ON known_titles.artist_id = names.artist_id
    AND known_titles.title_key = LOWER(TRIM(REGEXP_REPLACE(REPLACE(played.title, '’', "'"), r'(?i)\s*[(\[](?:feat|ft|featuring|with)\.?\s[^)\]]*[)\]]', '')))
  UNION ALL
  SELECT
    'artist_tags', CONCAT(CAST(tagged.user_id AS STRING), '/', names.artist_id, '/', LOWER(TRIM(tags.tag_value))),
    tagged.source, 'hetrec_user_taggedartists', tagged.source_file, tagged.line, tagged.loaded_at
  FROM music_raw.hetrec_user_taggedartists AS tagged
  JOIN music_raw.hetrec_tags AS tags ON tags.tag_id = tagged.tag_id
  JOIN music_raw.hetrec_artists AS named ON named.id = tagged.hetrec_artist_id
  JOIN music_raw.artist_names AS names ON names.alias_id = named.artist_id
  UNION ALL
  SELECT 'friendships', CONCAT(CAST(user_id AS STRING), '/', CAST(friend_id AS STRING)), source, 'hetrec_user_friends', source_file, line, loaded_at
  FROM music_raw.hetrec_user_friends
  WHERE user_id != friend_id
  UNION ALL
  SELECT 'friendships', CONCAT(CAST(friend_id AS STRING), '/', CAST(user_id AS STRING)), source, 'hetrec_user_friends', source_file, line, loaded_at
  FROM music_raw.hetrec_user_friends
  WHERE user_id != friend_id
  UNION ALL
  SELECT 'chart_entries', CONCAT('hot-100/', CAST(chart_date AS STRING), '/', CAST(this_week AS STRING)), source, 'hot_100', source_file, line, loaded_at
  FROM music_raw.hot_100
  UNION ALL
  SELECT
    'chart_entries',
    CONCAT(
      IF(country IS NULL, 'lastfm', CONCAT('lastfm-', LOWER(REGEXP_REPLACE(TRIM(country), r'[^0-9A-Za-z]+', '-')))),
      '/', CAST(DATE(fetched_at) AS STRING), '/', CAST(rank AS STRING)
    ),
    source, 'lastfm_charts', source_file, line, loaded_at
  FROM music_raw.lastfm_charts
  WHERE chart = 'track' AND of_tag IS NULL
  UNION ALL
  SELECT
    'chart_entries',
    CONCAT(
      IF(charts.genre_id = 0, 'deezer', CONCAT('deezer-', IFNULL(LOWER(REGEXP_REPLACE(genres.name, r'[^0-9A-Za-z]+', '-')), CAST(charts.genre_id AS STRING)))),
      '/', CAST(DATE(charts.fetched_at) AS STRING), '/', CAST(charts.rank AS STRING)
    ),
    charts.source, 'deezer_charts', charts.source_file, charts.line, charts.loaded_at
  FROM music_raw.deezer_charts AS charts
  LEFT JOIN genres ON genres.genre_id = charts.genre_id
  WHERE charts.chart = 'track' AND charts.artist_id IS NOT NULL
  UNION ALL
  SELECT
    'country_charts', CONCAT(placed.country, '/', CAST(placed.chart_date AS STRING), '/', CAST(placed.rank AS STRING)),
    answers.source, 'lastfm_charts', answers.source_file, answers.line, answers.loaded_at
  FROM music.country_charts AS placed
  JOIN music_raw.artist_names AS names ON names.artist_id = placed.artist_id
  JOIN music_raw.lastfm_charts AS answers
    ON answers.artist_id = names.alias_id AND DATE(answers.fetched_at) = placed.chart_date AND answers.rank = placed.rank
  WHERE answers.chart = 'artist' AND answers.country IS NOT NULL
  UNION ALL
  SELECT
    'artist_snapshots', CONCAT(names.artist_id, '/', CAST(DATE(taken.captured_at) AS STRING)), taken.source, 'artist_history',
    CAST(NULL AS STRING), CAST(NULL AS INT64), taken.loaded_at
  FROM music_raw.artist_history AS taken
  JOIN music_raw.artist_names AS names ON names.alias_id = taken.alias_id
  UNION ALL
  SELECT
    'artist_snapshots', CONCAT(names.artist_id, '/', CAST(DATE(taken.fetched_at) AS STRING)), taken.source, 'spotify_web_artists', taken.source_file,
    taken.line, taken.loaded_at
  FROM music_raw.spotify_web_artists AS taken
  JOIN music_raw.artist_names AS names ON names.alias_id = taken.artist_id
  UNION ALL
  SELECT
    'artist_snapshots', CONCAT(names.artist_id, '/', CAST(DATE(taken.fetched_at) AS STRING)), taken.source, 'deezer_artists', taken.source_file,
    taken.line, taken.loaded_at
  FROM music_raw.deezer_artists AS taken
  JOIN music_raw.artist_names AS names ON names.alias_id = taken.artist_id
  UNION ALL
  SELECT
    'track_snapshots', CONCAT(track_id, '/', CAST(DATE(captured_at) AS STRING)), source, 'track_history', CAST(NULL AS STRING), CAST(NULL AS INT64),
    loaded_at
  FROM music_raw.track_history
  WHERE track_id IS NOT NULL
  UNION ALL
  SELECT
    'track_snapshots', CONCAT(known_titles.track_id, '/', CAST(DATE(taken.captured_at) AS STRING)), taken.source, 'track_history',
    CAST(NULL AS STRING), CAST(NULL AS INT64), taken.loaded_at
  FROM music_raw.track_history AS taken
  JOIN music_raw.artist_names AS names ON names.alias_id = taken.alias_id
  JOIN music_raw.track_names AS known_titles
    ON known_titles.artist_id = names.artist_id
    AND known_titles.title_key = LOWER(TRIM(REGEXP_REPLACE(REPLACE(taken.title, '’', "'"), r'(?i)\s*[(\[](?:feat|ft|featuring|with)\.?\s[^)\]]*[)\]]', '')))
  WHERE taken.track_id IS NULL
  UNION ALL
  SELECT 'track_snapshots', CONCAT(spotify_id, '/', CAST(DATE(fetched_at) AS STRING)), source, 'spotify_web_tracks', source_file, line, loaded_at
  FROM music_raw.spotify_web_tracks
  WHERE popularity IS NOT NULL
  -- if simulated:
  UNION ALL
  SELECT 'users', CAST(user_id AS STRING), 'simulate', 'simulated_events', run, MIN(number), MAX(played_at)
  FROM music_raw.simulated_events
  GROUP BY user_id, run
  UNION ALL
  SELECT
    'listens', CONCAT(CAST(played.user_id AS STRING), '/', tracks.artist_id), 'simulate', 'simulated_events', played.run, MIN(played.number),
    MAX(played.played_at)
  FROM music_raw.simulated_events AS played
  JOIN music.tracks AS tracks ON tracks.track_id = played.track_id
  GROUP BY played.user_id, tracks.artist_id, played.run
  UNION ALL
  SELECT
    'listening_events', CONCAT(CAST(user_id AS STRING), '/', CAST(UNIX_SECONDS(played_at) AS STRING), '/', track_id),
    'simulate', 'simulated_events', run, number, played_at
  FROM music_raw.simulated_events
  UNION ALL
  SELECT
    'country_charts', CONCAT(placed.country, '/', CAST(placed.chart_date AS STRING), '/', CAST(placed.rank AS STRING)),
    'simulate', 'simulated_events', played.run, MIN(played.number), MAX(played.played_at)
  FROM music.country_charts AS placed
  JOIN music.listening_events AS heard
    ON heard.country = placed.country AND heard.artist_id = placed.artist_id AND DATE_TRUNC(DATE(heard.played_at), MONTH) = placed.chart_date
  JOIN music_raw.simulated_events AS played
    ON played.user_id = heard.user_id AND played.track_id = heard.track_id AND played.played_at = heard.played_at
  WHERE placed.listeners IS NOT NULL
  GROUP BY placed.country, placed.chart_date, placed.rank, played.run
  -- end if
)
SELECT table_name, row_key, source, source_table, source_file, line, loaded_at FROM known
