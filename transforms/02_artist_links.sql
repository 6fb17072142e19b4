-- target: music_raw.artist_links
-- Keys that mean the same artist, each led to a better one. Four rules, the first that applies:
--   id    one identifier at Spotify or Deezer stands beside both (`kanye-west`, `ye`)
--   feat  the key names guests: `rihanna-feat-drake` is `rihanna`, where that is an artist
--   the   they differ in the article: `weeknd`, `the-weeknd`, `weeknd-the`
--   and   they differ in an `and` that the other writes as `&`: `simon-and-garfunkel`, `simon-garfunkel`
-- The last two need that Spotify (or Deezer) does not know both, under identifiers of their own: then they are two artists.
-- The better key, the main artist, is that whose spelling is preferred (artist_spellings), then the one used more, then the first in
-- the alphabet; one with guests is never better. Every link leads to a better key, so that none can lead back.
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
),
placed AS (
  SELECT *, ROW_NUMBER() OVER (ORDER BY IF(lead_id IS NULL, 0, 1), preference, uses DESC, alias_id) AS place FROM keyed
),
identified AS (
  SELECT CONCAT('spotify:', spotify_id) AS id, alias_id FROM music_raw.artist_spellings WHERE spotify_id IS NOT NULL AND alias_id != ''
  UNION DISTINCT
  SELECT CONCAT('deezer:', CAST(deezer_id AS STRING)) AS id, alias_id FROM music_raw.artist_spellings WHERE deezer_id IS NOT NULL AND alias_id != ''
),
ranked AS (
  SELECT
    identified.alias_id, placed.place,
    FIRST_VALUE(identified.alias_id) OVER (PARTITION BY identified.id ORDER BY placed.place) AS main_id,
    MIN(placed.place) OVER (PARTITION BY identified.id) AS main_place
  FROM identified
  JOIN placed ON placed.alias_id = identified.alias_id
),
variants AS (
  SELECT alias_id, SUBSTR(alias_id, 5) AS other_id, 3 AS rule_order FROM placed WHERE STARTS_WITH(alias_id, 'the-')
  UNION ALL
  SELECT alias_id, SUBSTR(alias_id, 1, LENGTH(alias_id) - 4) AS other_id, 3 AS rule_order FROM placed WHERE ENDS_WITH(alias_id, '-the')
  UNION ALL
  SELECT alias_id, CONCAT('the-', SUBSTR(alias_id, 1, LENGTH(alias_id) - 4)) AS other_id, 3 AS rule_order FROM placed WHERE ENDS_WITH(alias_id, '-the')
  UNION ALL
  SELECT alias_id, REPLACE(alias_id, '-and-', '-') AS other_id, 4 AS rule_order FROM placed WHERE STRPOS(alias_id, '-and-') > 0
),
links AS (
  SELECT alias_id, main_id, main_place, 1 AS rule_order
  FROM ranked
  WHERE place > main_place
  UNION ALL
  SELECT guested.alias_id, lead.alias_id AS main_id, lead.place AS main_place, 2 AS rule_order
  FROM placed AS guested
  JOIN placed AS lead ON lead.alias_id = guested.lead_id
  WHERE lead.place < guested.place
  UNION ALL
  SELECT
    IF(one.place < other.place, other.alias_id, one.alias_id) AS alias_id,
    IF(one.place < other.place, one.alias_id, other.alias_id) AS main_id,
    LEAST(one.place, other.place) AS main_place,
    variants.rule_order
  FROM variants
  JOIN placed AS one ON one.alias_id = variants.alias_id
  JOIN placed AS other ON other.alias_id = variants.other_id
  WHERE one.place != other.place AND NOT (one.at_spotify AND other.at_spotify) AND NOT (one.at_deezer AND other.at_deezer)
)
SELECT alias_id, main_id, CASE rule_order WHEN 1 THEN 'id' WHEN 2 THEN 'feat' WHEN 3 THEN 'the' ELSE 'and' END AS rule
FROM links
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY alias_id ORDER BY rule_order, main_place) = 1
