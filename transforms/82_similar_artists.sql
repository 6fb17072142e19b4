-- target: music.similar_artists
-- Artists with the same listeners: the cosine of the two audiences, by how much they play, shrunk towards 0 when few listeners are
-- shared. Pairs with fewer than 3 shared listeners are left out, and each artist keeps its 20 most similar ones.
WITH names AS (
  SELECT DISTINCT audiences.artist, audiences.artist_id, artists.name
  FROM music_raw.artist_audiences AS audiences
  JOIN music.artists AS artists ON artists.artist_id = audiences.artist_id
),
scored AS (
  SELECT
    artist,
    neighbour,
    shared_listeners,
    ROUND(LEAST(cosine, 1) * shared_listeners / (shared_listeners + 10), 6) AS score
  FROM music_raw.artist_neighbours
  WHERE shared_listeners >= 3 AND artist != neighbour
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
