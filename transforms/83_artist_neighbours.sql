-- target: music_raw.artist_neighbours
-- The 150 artists that share most listeners with each. What two artists share is how much their common listeners play both, less
-- more than half of what they would share by chance: what everybody plays is near to nothing. A listener tells most by what is unlike
-- the rest of what the listener plays: of two artists whose tags one likes anyway the tags know already. `closeness` sets what is
-- shared against both audiences, more against that of the artist that speaks; its root keeps few very close pairs from drowning the
-- many that agree. `cosine` is that of the two audiences, by plays alone. An artist with one listener is nobody's neighbour.
-- What two artists share is the same from both sides: it is summed up once for each two of them, under one number that stands for both.
WITH audience AS (
  SELECT COUNT(DISTINCT user_id) AS users FROM music_raw.artist_audiences
),
everybody AS (
  SELECT liked.tag_number, SUM(liked.weight) / MAX(audience.users) AS weight
  FROM music_raw.user_tastes AS liked
  CROSS JOIN audience
  GROUP BY liked.tag_number
),
-- How near what a user plays is to all that the user plays, in tags, beyond how near it is to what everybody plays.
typical AS (
  SELECT played.user_id, played.artist, SUM((liked.weight - everybody.weight) * tagged.weight) AS nearness
  FROM music_raw.artist_audiences AS played
  JOIN music_raw.artist_tastes AS tagged ON tagged.artist = played.artist
  JOIN music_raw.user_tastes AS liked ON liked.user_id = played.user_id AND liked.tag_number = tagged.tag_number
  JOIN everybody ON everybody.tag_number = tagged.tag_number
  GROUP BY played.user_id, played.artist
),
heard AS (
  SELECT
    played.user_id, played.artist, played.listeners, played.weight AS plays,
    played.weight * POW(GREATEST(IFNULL(typical.nearness, 0), 0) + 0.2, -0.7) AS weight
  FROM music_raw.artist_audiences AS played
  LEFT JOIN typical ON typical.user_id = played.user_id AND typical.artist = played.artist
),
artists AS (
  SELECT artist, MAX(listeners) AS listeners, SQRT(SUM(weight * weight)) AS length FROM music_raw.artist_audiences GROUP BY artist
),
chance AS (
  SELECT 0.6 * POW(AVG(weight), 2) / COUNT(DISTINCT user_id) AS share FROM heard
),
shared AS (
  SELECT
    one.artist * 1000000000 + other.artist AS pair,
    COUNT(*) AS shared_listeners,
    SUM(one.weight * other.weight) AS product,
    SUM(one.plays * other.plays) AS plays
  FROM heard AS one
  JOIN heard AS other ON other.user_id = one.user_id AND other.artist > one.artist
  WHERE one.listeners >= 2 OR other.listeners >= 2
  GROUP BY pair
),
pairs AS (
  SELECT DIV(pair, 1000000000) AS artist_one, MOD(pair, 1000000000) AS artist_two, shared_listeners, product, plays FROM shared
),
close AS (
  SELECT
    pairs.artist_one, pairs.artist_two, pairs.shared_listeners, one.listeners AS listeners_one, two.listeners AS listeners_two,
    pairs.product - chance.share * one.listeners * two.listeners AS excess,
    pairs.plays / (one.length * two.length) AS cosine
  FROM pairs
  JOIN artists AS one ON one.artist = pairs.artist_one
  JOIN artists AS two ON two.artist = pairs.artist_two
  CROSS JOIN chance
),
both_sides AS (
  SELECT
    IF(turned, artist_two, artist_one) AS artist, IF(turned, artist_one, artist_two) AS neighbour,
    IF(turned, listeners_two, listeners_one) AS listeners, IF(turned, listeners_one, listeners_two) AS neighbour_listeners,
    shared_listeners, excess, cosine
  FROM close
  CROSS JOIN UNNEST([FALSE, TRUE]) AS turned
  WHERE excess > 0
)
SELECT
  artist, neighbour, shared_listeners, POW(excess / ((listeners + 1) * SQRT(neighbour_listeners + 1)), 0.45) AS closeness, cosine
FROM both_sides
WHERE neighbour_listeners >= 2
QUALIFY ROW_NUMBER() OVER (PARTITION BY artist ORDER BY ROUND(excess / POW(neighbour_listeners + 2, 0.1), 9) DESC, neighbour) <= 150
