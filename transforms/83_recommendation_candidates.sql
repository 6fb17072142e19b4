-- target: music_raw.recommendation_candidates
-- The 200 artists that most of what a user plays speaks for, and the artist that speaks loudest. Every artist played votes for its
-- neighbours, as loud as it is played and near; it votes against itself, so that no candidate is known to the user.
WITH votes AS (
  SELECT
    played.user_id,
    near.neighbour,
    SUM(IF(near.artist = near.neighbour, -1000000.0, played.weight * near.closeness)) AS vote,
    -- The loudest, in one number that is cheap to keep for millions of groups: loudness before, the artist's number behind.
    MOD(MAX(CAST(played.weight * near.closeness * 1000000 AS INT64) * 1000000000 + played.artist), 1000000000) AS because
  FROM music_raw.artist_audiences AS played
  JOIN music_raw.artist_neighbours AS near ON near.artist = played.artist
  GROUP BY played.user_id, near.neighbour
  HAVING SUM(IF(near.artist = near.neighbour, -1000000.0, played.weight * near.closeness)) > 0
)
SELECT user_id, neighbour AS artist, because, vote
FROM votes
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY vote DESC, neighbour) <= 200
