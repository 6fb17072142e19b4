-- target: music.artist_snapshots
-- One snapshot: the figures as they were when the Spotify files were loaded.
WITH latest AS (
  SELECT MAX(loaded_at) AS captured_at
  FROM music_raw.loads
  WHERE source IN ('spotify-tracks', 'spotify-1921', 'spotify-ultimate', 'spotify-relational')
)
SELECT artists.artist_id, artists.name AS artist_name, latest.captured_at, artists.popularity, artists.followers
FROM music.artists AS artists
CROSS JOIN latest
WHERE artists.popularity IS NOT NULL AND latest.captured_at IS NOT NULL
