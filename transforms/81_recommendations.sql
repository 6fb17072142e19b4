-- target: music.recommendations
-- For each user the 10 artists that are most similar to those the user plays, without those the user knows. An artist played more
-- speaks louder, but less than in proportion; the one that speaks loudest is the reason.
WITH votes AS (
  SELECT
    listens.user_id,
    similar_ones.similar_artist_id AS artist_id,
    similar_ones.similar_artist_name AS artist_name,
    listens.artist_name AS because,
    similar_ones.score * LN(1 + listens.plays) AS vote
  FROM music.listens AS listens
  JOIN music.similar_artists AS similar_ones ON similar_ones.artist_id = listens.artist_id
),
unknown AS (
  SELECT votes.user_id, votes.artist_id, votes.artist_name, votes.because, votes.vote
  FROM votes
  LEFT JOIN music.listens AS known ON known.user_id = votes.user_id AND known.artist_id = votes.artist_id
  WHERE known.user_id IS NULL
),
summed AS (
  SELECT user_id, artist_id, artist_name, SUM(vote) AS score, MAX_BY(because, vote) AS because
  FROM unknown
  GROUP BY user_id, artist_id, artist_name
),
ranked AS (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY score DESC, artist_id) AS rank FROM summed
)
SELECT user_id, rank, artist_id, artist_name, ROUND(score, 4) AS score, CONCAT('Because you listen to ', because) AS reason
FROM ranked
WHERE rank <= 10
