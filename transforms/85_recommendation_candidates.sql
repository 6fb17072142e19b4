-- target: music_raw.recommendation_candidates
-- The 100 artists that most of what a user plays speaks for, and the artist that speaks loudest. Every artist played votes for its
-- neighbours, as loud as it is played and near, and against itself, so that no candidate is known to the user. What one user alone
-- plays speaks for nothing else than what that user plays, and is not asked. A user and an artist are one number while the votes are
-- counted: there are millions of such pairs.
WITH heard AS (
  SELECT played.user_id * 1000000000 + near.neighbour AS pair, played.artist, played.weight * near.closeness AS vote
  FROM music_raw.artist_audiences AS played
  JOIN music_raw.artist_neighbours AS near ON near.artist = played.artist
  WHERE played.listeners >= 2
),
said AS (
  -- The loudest, in one number that is cheap to keep for millions of pairs: loudness before, the artist's number behind.
  SELECT pair, vote, CAST(vote * 1000000 AS INT64) * 1000000000 + artist AS loudness FROM heard
  UNION ALL
  SELECT user_id * 1000000000 + artist, -1000000.0, 0 FROM music_raw.artist_audiences
),
votes AS (
  SELECT pair, SUM(vote) AS vote, MAX(loudness) AS loudest FROM said GROUP BY pair
),
wanted AS (
  SELECT DIV(pair, 1000000000) AS user_id, MOD(pair, 1000000000) AS artist, loudest, vote FROM votes WHERE vote > 0
),
best AS (
  SELECT * FROM wanted WHERE TRUE QUALIFY ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY vote DESC, artist) <= 100
)
SELECT user_id, artist, MOD(loudest, 1000000000) AS because, vote FROM best
