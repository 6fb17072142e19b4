-- target: music.similar_artists
-- Artists with the same listeners: the cosine of the two audiences, shrunk towards 0 when few listeners are shared. Pairs with
-- fewer than 3 shared listeners are left out, and each artist keeps its 20 most similar ones.
WITH audiences AS (
  SELECT artist_id, COUNT(*) AS listeners FROM music.listens GROUP BY artist_id HAVING COUNT(*) >= 3
),
heard AS (
  SELECT listens.user_id, listens.artist_id
  FROM music.listens AS listens
  JOIN audiences ON audiences.artist_id = listens.artist_id
),
pairs AS (
  SELECT one.artist_id AS artist_id, other.artist_id AS similar_artist_id, COUNT(*) AS shared_listeners
  FROM heard AS one
  JOIN heard AS other ON other.user_id = one.user_id
  WHERE other.artist_id != one.artist_id
  GROUP BY one.artist_id, other.artist_id
  HAVING COUNT(*) >= 3
),
scored AS (
  SELECT
    pairs.artist_id,
    pairs.similar_artist_id,
    pairs.shared_listeners,
    ROUND(
      pairs.shared_listeners / SQRT(one.listeners * other.listeners) * pairs.shared_listeners / (pairs.shared_listeners + 10),
      6
    ) AS score
  FROM pairs
  JOIN audiences AS one ON one.artist_id = pairs.artist_id
  JOIN audiences AS other ON other.artist_id = pairs.similar_artist_id
),
best AS (
  SELECT *
  FROM scored
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY artist_id ORDER BY score DESC, similar_artist_id) <= 20
)
SELECT
  best.artist_id,
  artists.name AS artist_name,
  best.similar_artist_id,
  similar_ones.name AS similar_artist_name,
  best.shared_listeners,
  best.score
FROM best
JOIN music.artists AS artists ON artists.artist_id = best.artist_id
JOIN music.artists AS similar_ones ON similar_ones.artist_id = best.similar_artist_id
