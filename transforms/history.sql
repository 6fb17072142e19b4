-- What a file source says of popularity, kept at each load: files replace each other in music_raw, and these figures stay. Each
-- SELECT gives one row for each key; a capture whose keys and figures are all those of an earlier one is not kept again.

-- history: tracks of spotify-tracks in spotify_tracks
SELECT track_id AS track_key, track_id, MIN(artist_id) AS alias_id, MIN(track_name) AS title, MAX(popularity) AS popularity
FROM music_raw.spotify_tracks
WHERE popularity IS NOT NULL
GROUP BY track_id

-- history: tracks of spotify-1921 in spotify_1921
SELECT track_id AS track_key, track_id, MIN(artist_id) AS alias_id, MIN(name) AS title, MAX(popularity) AS popularity
FROM music_raw.spotify_1921
WHERE popularity IS NOT NULL
GROUP BY track_id

-- history: tracks of spotify-ultimate in spotify_ultimate
SELECT
  IFNULL(track_id, CONCAT(artist_id, '/', LOWER(track_name))) AS track_key, MIN(track_id) AS track_id, MIN(artist_id) AS alias_id,
  MIN(track_name) AS title, MAX(popularity) AS popularity
FROM music_raw.spotify_ultimate
WHERE popularity IS NOT NULL
GROUP BY IFNULL(track_id, CONCAT(artist_id, '/', LOWER(track_name)))

-- history: tracks of spotify-relational in spotify_relational_tracks
SELECT
  tracks.track_id AS track_key, tracks.track_id, MIN(artists.artist_id) AS alias_id, MIN(tracks.track_name) AS title,
  MAX(tracks.popularity) AS popularity
FROM music_raw.spotify_relational_tracks AS tracks
LEFT JOIN music_raw.spotify_relational_artists AS artists ON artists.spotify_artist_id = tracks.spotify_artist_id
WHERE tracks.popularity IS NOT NULL
GROUP BY tracks.track_id

-- history: artists of spotify-tracks in spotify_tracks
SELECT credited AS alias_id, MAX(popularity) AS popularity, CAST(NULL AS INT64) AS followers, FALSE AS own
FROM music_raw.spotify_tracks, UNNEST(artist_ids) AS credited
WHERE popularity IS NOT NULL
GROUP BY credited

-- history: artists of spotify-1921 in spotify_1921
SELECT credited AS alias_id, MAX(popularity) AS popularity, CAST(NULL AS INT64) AS followers, FALSE AS own
FROM music_raw.spotify_1921, UNNEST(artist_ids) AS credited
WHERE popularity IS NOT NULL
GROUP BY credited

-- history: artists of spotify-ultimate in spotify_ultimate
SELECT artist_id AS alias_id, MAX(popularity) AS popularity, CAST(NULL AS INT64) AS followers, FALSE AS own
FROM music_raw.spotify_ultimate
WHERE popularity IS NOT NULL
GROUP BY artist_id

-- history: artists of spotify-relational in spotify_relational_artists
SELECT artist_id AS alias_id, artist_popularity AS popularity, artist_followers AS followers, TRUE AS own
FROM music_raw.spotify_relational_artists
WHERE artist_popularity IS NOT NULL OR artist_followers IS NOT NULL
QUALIFY ROW_NUMBER() OVER (PARTITION BY artist_id ORDER BY artist_followers DESC, spotify_artist_id) = 1
