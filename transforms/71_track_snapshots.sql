-- target: music.track_snapshots
-- by partition
-- What each track's popularity was on each day that it was taken, the last of a day, at the day's begin: of Spotify's Web API, and of
-- the first file source that has the track. A file that is loaded again unchanged was taken once (see track_history).
WITH filed AS (
  SELECT track_id, source, captured_at, loaded_at, popularity FROM music_raw.track_history WHERE track_id IS NOT NULL
  UNION ALL
  -- Sources without identifiers of Spotify's: track_names says which track is meant.
  SELECT titles.track_id, taken.source, taken.captured_at, taken.loaded_at, taken.popularity
  FROM music_raw.track_history AS taken
  JOIN music_raw.artist_names AS names ON names.alias_id = taken.alias_id
  JOIN music_raw.track_names AS titles
    ON titles.artist_id = names.artist_id
    AND titles.title_key = LOWER(TRIM(REGEXP_REPLACE(REPLACE(taken.title, '’', "'"), r'(?i)\s*[(\[](?:feat|ft|featuring|with)\.?\s[^)\]]*[)\]]', '')))
  WHERE taken.track_id IS NULL
),
preferred AS (
  SELECT
    *, CASE source WHEN 'spotify-tracks' THEN 2 WHEN 'spotify-1921' THEN 3 WHEN 'spotify-relational' THEN 4 ELSE 5 END AS preference
  FROM filed
),
first_sources AS (
  SELECT track_id, MIN(preference) AS preference FROM preferred GROUP BY track_id
),
taken AS (
  SELECT preferred.track_id, preferred.captured_at, preferred.loaded_at, preferred.popularity, preferred.preference
  FROM preferred
  JOIN first_sources ON first_sources.track_id = preferred.track_id AND first_sources.preference = preferred.preference
  UNION ALL
  SELECT spotify_id, fetched_at, loaded_at, popularity, 1 FROM music_raw.spotify_web_tracks WHERE popularity IS NOT NULL
)
SELECT
  tracks.track_id, tracks.title, tracks.artist_id, tracks.artist_name, TIMESTAMP_TRUNC(taken.captured_at, DAY) AS captured_at, taken.popularity
FROM taken
JOIN music.tracks AS tracks ON tracks.track_id = taken.track_id
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (
  PARTITION BY tracks.track_id, TIMESTAMP_TRUNC(taken.captured_at, DAY)
  ORDER BY taken.preference, taken.captured_at DESC, taken.loaded_at DESC, taken.popularity DESC
) = 1
