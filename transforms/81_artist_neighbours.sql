-- target: music_raw.artist_neighbours
-- The 300 artists that share most listeners with each, an artist with its own audience among them. `closeness` sets what two
-- artists share against both audiences, against the neighbour's more; its root keeps few very close pairs from drowning the many that
-- agree. `cosine` is that of the two audiences, by the weight of the plays. An artist with one listener is nobody's neighbour.
WITH lengths AS (
  SELECT artist, SQRT(SUM(weight * weight)) AS length FROM music_raw.artist_audiences GROUP BY artist
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
nearest AS (
  SELECT *
  FROM pairs
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY artist
    ORDER BY IF(artist = neighbour, 0, 1), shared_listeners / POW(neighbour_listeners + 2, 0.3) DESC, neighbour
  ) <= 301
)
SELECT
  nearest.artist,
  nearest.neighbour,
  nearest.shared_listeners,
  POW(nearest.shared_listeners / (POW(nearest.listeners + 2, 0.35) * POW(nearest.neighbour_listeners + 2, 0.65)), 0.45) AS closeness,
  nearest.product / (one.length * other.length) AS cosine
FROM nearest
JOIN lengths AS one ON one.artist = nearest.artist
JOIN lengths AS other ON other.artist = nearest.neighbour
