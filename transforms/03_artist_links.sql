-- target: music_raw.artist_links
-- Keys that mean the same artist, each led to a better one. Four rules, the first that applies:
--   id    one identifier at Spotify or Deezer stands beside both (`kanye-west`, `ye`)
--   feat  the key names guests: `rihanna-feat-drake` is `rihanna`, where that is an artist
--   the   they differ in the article: `fray`, `the-fray`, `beach-boys-the`; a single word only where Last.fm's users write it
--   and   they differ in an `and` that the other writes as `&`: `simon-and-garfunkel`, `simon-garfunkel`
-- The last two need that Spotify (or Deezer) does not know both, under identifiers of their own: then they are two artists.
-- The better key, the main artist, is the one with the lower place (artist_keys). Every link leads to a better key, so that none can
-- lead back.
WITH identified AS (
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
  JOIN music_raw.artist_keys AS placed ON placed.alias_id = identified.alias_id
),
variants AS (
  SELECT alias_id, SUBSTR(alias_id, 5) AS other_id, 3 AS rule_order FROM music_raw.artist_keys WHERE STARTS_WITH(alias_id, 'the-')
  UNION ALL
  SELECT alias_id, SUBSTR(alias_id, 1, LENGTH(alias_id) - 4) AS other_id, 3 AS rule_order FROM music_raw.artist_keys WHERE ENDS_WITH(alias_id, '-the')
  UNION ALL
  SELECT alias_id, CONCAT('the-', SUBSTR(alias_id, 1, LENGTH(alias_id) - 4)) AS other_id, 3 AS rule_order FROM music_raw.artist_keys WHERE ENDS_WITH(alias_id, '-the')
  UNION ALL
  SELECT alias_id, REPLACE(alias_id, '-and-', '-') AS other_id, 4 AS rule_order FROM music_raw.artist_keys WHERE STRPOS(alias_id, '-and-') > 0
),
links AS (
  SELECT alias_id, main_id, main_place, 1 AS rule_order
  FROM ranked
  WHERE place > main_place
  UNION ALL
  SELECT guested.alias_id, lead.alias_id AS main_id, lead.place AS main_place, 2 AS rule_order
  FROM music_raw.artist_keys AS guested
  JOIN music_raw.artist_keys AS lead ON lead.alias_id = guested.lead_id
  WHERE lead.place < guested.place
  UNION ALL
  SELECT
    IF(one.place < other.place, other.alias_id, one.alias_id) AS alias_id,
    IF(one.place < other.place, one.alias_id, other.alias_id) AS main_id,
    LEAST(one.place, other.place) AS main_place,
    variants.rule_order
  FROM variants
  JOIN music_raw.artist_keys AS one ON one.alias_id = variants.alias_id
  JOIN music_raw.artist_keys AS other ON other.alias_id = variants.other_id
  WHERE one.place != other.place
    -- A single word is a name of its own more often than not (`opus`, `the-opus`), except where users drop the article.
    AND (
      variants.rule_order = 4
      OR STRPOS(REGEXP_REPLACE(variants.alias_id, r'^the-|-the$', ''), '-') > 0
      OR IF(one.place < other.place, other.preference, one.preference) = 4
    )
    AND NOT (one.at_spotify AND other.at_spotify) AND NOT (one.at_deezer AND other.at_deezer)
)
SELECT alias_id, main_id, CASE rule_order WHEN 1 THEN 'id' WHEN 2 THEN 'feat' WHEN 3 THEN 'the' ELSE 'and' END AS rule
FROM links
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY alias_id ORDER BY rule_order, main_place) = 1
