-- target: music_raw.artist_keys
-- Every key that is made of a name of an artist, in its place: the better a key, the lower. One with guests is worse than any without
-- (`lead_id` is what stands before them); else the key is better whose spelling is preferred (artist_spellings), then the one used
-- more, then the first in the alphabet.
WITH used AS (
  SELECT
    alias_id, preference, SUM(uses) AS uses,
    COUNT(spotify_id) AS spotify_ids, COUNT(deezer_id) AS deezer_ids
  FROM music_raw.artist_spellings
  WHERE alias_id != ''
  GROUP BY alias_id, preference
),
keyed AS (
  SELECT
    alias_id, preference, uses,
    SUM(spotify_ids) OVER (PARTITION BY alias_id) > 0 AS at_spotify,
    SUM(deezer_ids) OVER (PARTITION BY alias_id) > 0 AS at_deezer,
    REGEXP_EXTRACT(alias_id, r'^(.+?)-(?:feat|ft|featuring)-.+$') AS lead_id
  FROM used
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY alias_id ORDER BY preference) = 1
)
SELECT
  alias_id, lead_id, preference, at_spotify, at_deezer,
  ROW_NUMBER() OVER (ORDER BY IF(lead_id IS NULL, 0, 1), preference, uses DESC, alias_id) AS place
FROM keyed
