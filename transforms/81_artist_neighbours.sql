-- target: music_raw.artist_neighbours
-- The 300 artists that share most listeners with each. What two artists share is how much their common listeners play both, less
-- nearly half of what they would share by chance: what everybody plays is near to nothing. `closeness` sets that against both
-- audiences; its root keeps few very close pairs from drowning the many that agree. `cosine` is that of the two audiences. An artist
-- with one listener is nobody's neighbour.
-- What two artists share is the same from both sides: it is summed up once for each two of them, under one number that stands for both.
WITH artists AS (
  SELECT artist, MAX(listeners) AS listeners, SQRT(SUM(weight * weight)) AS length FROM music_raw.artist_audiences GROUP BY artist
),
audience AS (
  SELECT COUNT(DISTINCT user_id) AS users FROM music_raw.artist_audiences
),
shared AS (
  SELECT one.artist * 1000000000 + other.artist AS pair, COUNT(*) AS shared_listeners, SUM(one.weight * other.weight) AS product
  FROM music_raw.artist_audiences AS one
  JOIN music_raw.artist_audiences AS other ON other.user_id = one.user_id AND other.artist > one.artist
  WHERE one.listeners >= 2 OR other.listeners >= 2
  GROUP BY pair
),
pairs AS (
  SELECT DIV(pair, 1000000000) AS artist_one, MOD(pair, 1000000000) AS artist_two, shared_listeners, product FROM shared
),
beyond_chance AS (
  SELECT
    pairs.artist_one, pairs.artist_two, pairs.shared_listeners, one.listeners AS listeners_one, two.listeners AS listeners_two,
    pairs.product - 0.45 * one.listeners * two.listeners / audience.users AS excess,
    pairs.product / (one.length * two.length) AS cosine
  FROM pairs
  JOIN artists AS one ON one.artist = pairs.artist_one
  JOIN artists AS two ON two.artist = pairs.artist_two
  CROSS JOIN audience
),
close AS (
  SELECT
    artist_one, artist_two, shared_listeners, listeners_one, listeners_two, excess, cosine,
    POW(excess / SQRT((listeners_one + 1) * (listeners_two + 1)), 0.45) AS closeness
  FROM beyond_chance
  WHERE excess > 0
),
both_sides AS (
  SELECT
    IF(turned, artist_two, artist_one) AS artist, IF(turned, artist_one, artist_two) AS neighbour,
    IF(turned, listeners_one, listeners_two) AS neighbour_listeners, shared_listeners, excess, closeness, cosine
  FROM close
  CROSS JOIN UNNEST([FALSE, TRUE]) AS turned
)
SELECT artist, neighbour, shared_listeners, closeness, cosine
FROM both_sides
WHERE neighbour_listeners >= 2
QUALIFY ROW_NUMBER() OVER (PARTITION BY artist ORDER BY ROUND(excess / POW(neighbour_listeners + 2, 0.4), 9) DESC, neighbour) <= 300
