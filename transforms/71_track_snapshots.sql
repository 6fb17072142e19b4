-- target: music.track_snapshots
-- One snapshot: the figures as they were when the Spotify files were loaded.
WITH latest AS (
  SELECT MAX(loaded_at) AS captured_at
  FROM music_raw.loads
  WHERE source IN ('spotify-tracks', 'spotify-1921', 'spotify-ultimate', 'spotify-relational')
)
SELECT tracks.track_id, tracks.title, tracks.artist_id, tracks.artist_name, latest.captured_at, tracks.popularity
FROM music.tracks AS tracks
CROSS JOIN latest
WHERE tracks.popularity IS NOT NULL AND latest.captured_at IS NOT NULL
