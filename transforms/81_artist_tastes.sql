-- target: music_raw.artist_tastes
-- What artists are tagged: of the 500 tags that most artists have, the more people give one and the fewer artists have it, the more it
-- weighs. The weights of an artist are a vector of length 1.
WITH given AS (
  SELECT artist_id, tag, COUNT(*) AS users FROM music.artist_tags GROUP BY artist_id, tag
),
common AS (
  SELECT tag, artists, tag_number
  FROM (SELECT tag, COUNT(*) AS artists, ROW_NUMBER() OVER (ORDER BY COUNT(*) DESC, tag) AS tag_number FROM given GROUP BY tag) AS ranked
  WHERE tag_number <= 500
),
everything AS (
  SELECT COUNT(*) AS artists FROM (SELECT artist_id FROM music.artist_tags GROUP BY artist_id)
),
numbers AS (
  SELECT DISTINCT artist, artist_id FROM music_raw.artist_audiences
),
weighed AS (
  SELECT
    numbers.artist,
    common.tag_number,
    given.tag,
    SQRT(given.users) * POW(GREATEST(LN(everything.artists / (1 + common.artists)), 0.01), 1.2) AS weight
  FROM given
  JOIN common ON common.tag = given.tag
  JOIN numbers ON numbers.artist_id = given.artist_id
  CROSS JOIN everything
)
SELECT artist, tag_number, tag, weight / SQRT(SUM(weight * weight) OVER (PARTITION BY artist)) AS weight FROM weighed
