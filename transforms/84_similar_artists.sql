-- target: music.similar_artists
-- Artists with the same listeners: the cosine of the two audiences, by how much they play. Where few listeners are shared it is shrunk
-- towards what Last.fm and Deezer say of the two (three tenths of their match, for theirs is a rank and not a cosine), and towards 0
-- where they say nothing. Pairs that no service names need 3 shared listeners. Each artist keeps its 20 most similar ones.
WITH names AS (
  SELECT DISTINCT audiences.artist, audiences.artist_id, artists.name
  FROM music_raw.artist_audiences AS audiences
  JOIN music.artists AS artists ON artists.artist_id = audiences.artist_id
),
said AS (
  SELECT one.artist, other.artist AS neighbour, MAX(evidence.score) AS said
  FROM music_raw.similar_evidence AS evidence
  JOIN names AS one ON one.artist_id = evidence.artist_id
  JOIN names AS other ON other.artist_id = evidence.similar_artist_id
  GROUP BY one.artist, other.artist
),
scored AS (
  SELECT
    near.artist,
    near.neighbour,
    near.shared_listeners,
    ROUND(
      (LEAST(near.cosine, 1.0) * near.shared_listeners + 0.3 * IFNULL(LEAST(said.said, 1.0), 0.0) * 10) / (near.shared_listeners + 10), 6
    ) AS score
  FROM music_raw.artist_neighbours AS near
  LEFT JOIN said ON said.artist = near.artist AND said.neighbour = near.neighbour
  WHERE near.shared_listeners >= 3 OR said.said IS NOT NULL
),
best AS (
  SELECT *
  FROM scored
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY artist ORDER BY score DESC, neighbour) <= 20
)
SELECT
  one.artist_id,
  one.name AS artist_name,
  other.artist_id AS similar_artist_id,
  other.name AS similar_artist_name,
  best.shared_listeners,
  best.score
FROM best
JOIN names AS one ON one.artist = best.artist
JOIN names AS other ON other.artist = best.neighbour
