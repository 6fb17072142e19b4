-- target: music_raw.artist_keys
-- Every key that is made of a name of an artist, in its place: the better a key, the lower. One with guests is worse than any without
-- (`lead_id` is what stands before them); else the key is better whose spelling is preferred (artist_spellings), then the one used
-- more, then the first in the alphabet.
WITH known AS (
  SELECT alias_id, MIN(preference) AS preference, COUNT(spotify_id) > 0 AS at_spotify, COUNT(deezer_id) > 0 AS at_deezer
  FROM music_raw.artist_spellings
  WHERE alias_id != ''
  GROUP BY alias_id
),
used AS (
  SELECT alias_id, preference, SUM(uses) AS uses FROM music_raw.artist_spellings GROUP BY alias_id, preference
),
keyed AS (
  SELECT
    known.alias_id, known.preference, used.uses, known.at_spotify, known.at_deezer,
    REGEXP_EXTRACT(known.alias_id, r'^(.+?)-(?:feat|ft|featuring)-.+$') AS lead_id
  FROM known
  JOIN used ON used.alias_id = known.alias_id AND used.preference = known.preference
)
SELECT
  alias_id, lead_id, preference, at_spotify, at_deezer,
  ROW_NUMBER() OVER (ORDER BY IF(lead_id IS NULL, 0, 1), preference, uses DESC, alias_id) AS place
FROM keyed
