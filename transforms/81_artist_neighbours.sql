-- target: music_raw.artist_neighbours
-- The 300 artists that share most listeners with each, the artist itself among them. What two artists share is how much their
-- common listeners play both, less nearly half of what they would share by chance: what everybody plays is near to nothing.
-- `closeness` sets that against both audiences; its root keeps few very close pairs from drowning the many that agree. `cosine` is that
-- of the two audiences. An artist with one listener is nobody's neighbour.
WITH lengths AS (
  SELECT artist, SQRT(SUM(weight * weight)) AS length FROM music_raw.artist_audiences GROUP BY artist
),
audience AS (
  SELECT COUNT(DISTINCT user_id) AS users FROM music_raw.artist_audiences
),
pairs AS (
  SELECT
    one.artist,
    other.artist AS neighbour,
    COUNT(*) AS shared_listeners,
    SUM(one.weight * other.weight) AS product,
    MAX(one.listeners) AS listeners,
    MAX(other.listeners) AS neighbour_listeners
  FROM music_raw.artist_audiences AS one
  JOIN music_raw.artist_audiences AS other ON other.user_id = one.user_id
  WHERE other.listeners >= 2
  GROUP BY one.artist, other.artist
),
beyond_chance AS (
  SELECT pairs.*, pairs.product - 0.45 * pairs.listeners * pairs.neighbour_listeners / audience.users AS excess
  FROM pairs
  CROSS JOIN audience
),
nearest AS (
  SELECT *
  FROM beyond_chance
  WHERE excess > 0 OR artist = neighbour
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY artist
    ORDER BY IF(artist = neighbour, 0, 1), ROUND(excess / POW(neighbour_listeners + 2, 0.4), 9) DESC, neighbour
  ) <= 301
)
SELECT
  nearest.artist,
  nearest.neighbour,
  nearest.shared_listeners,
  POW(GREATEST(nearest.excess, 0) / SQRT((nearest.listeners + 1) * (nearest.neighbour_listeners + 1)), 0.45) AS closeness,
  nearest.product / (one.length * other.length) AS cosine
FROM nearest
JOIN lengths AS one ON one.artist = nearest.artist
JOIN lengths AS other ON other.artist = nearest.neighbour
