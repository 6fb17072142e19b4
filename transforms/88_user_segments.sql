-- target: music.user_segments
-- Each user in the segment with the nearest centre. The centres are found by src/ingest/segments.rs on the same features.
WITH distances AS (
  SELECT features.user_id, centres.segment, SUM(POW(features.value - centres.value, 2)) AS distance
  FROM music_raw.user_features AS features
  JOIN music_raw.segment_centres AS centres ON centres.feature = features.feature
  GROUP BY features.user_id, centres.segment
),
nearest AS (
  SELECT user_id, segment
  FROM distances
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY distance, segment) = 1
),
segments AS (
  SELECT segment, ROW_NUMBER() OVER (ORDER BY COUNT(*) DESC, segment) AS segment_id FROM nearest GROUP BY segment
)
SELECT nearest.user_id, segments.segment_id, nearest.segment
FROM nearest
JOIN segments ON segments.segment = nearest.segment
