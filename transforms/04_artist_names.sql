-- target: music_raw.artist_names
-- version: CONCAT(alias_id, '|', artist_id, '|', artist_name)
-- Who each key is: the artist's own key and name. Links are followed to their end, eight at most, which is more than any name has
-- spellings. The name is the main key's: among its spellings the preferred, then the most used, then the first in the alphabet.
WITH spelled AS (
  SELECT alias_id, name, preference, SUM(uses) AS uses
  FROM music_raw.artist_spellings
  WHERE alias_id != ''
  GROUP BY alias_id, name, preference
),
named AS (
  SELECT alias_id, name
  FROM spelled
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY alias_id ORDER BY preference, uses DESC, name) = 1
),
two AS (
  SELECT links.alias_id, links.rule, IFNULL(further.main_id, links.main_id) AS main_id
  FROM music_raw.artist_links AS links
  LEFT JOIN music_raw.artist_links AS further ON further.alias_id = links.main_id
),
four AS (
  SELECT one.alias_id, one.rule, IFNULL(further.main_id, one.main_id) AS main_id
  FROM two AS one
  LEFT JOIN two AS further ON further.alias_id = one.main_id
),
eight AS (
  SELECT one.alias_id, one.rule, IFNULL(further.main_id, one.main_id) AS main_id
  FROM four AS one
  LEFT JOIN four AS further ON further.alias_id = one.main_id
)
SELECT named.alias_id, IFNULL(main.alias_id, named.alias_id) AS artist_id, IFNULL(main.name, named.name) AS artist_name, eight.rule
FROM named
LEFT JOIN eight ON eight.alias_id = named.alias_id
LEFT JOIN named AS main ON main.alias_id = eight.main_id
