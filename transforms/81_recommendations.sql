-- target: music.recommendations
-- For each user 20 artists that the user does not know. Three kinds of evidence are multiplied:
-- * listening: every artist that the user plays votes for the artists with the same listeners, the louder the more it is played. A pair
--   weighs what it shares against both audiences; the root keeps few very close pairs from drowning the many that agree.
-- * tags: how close the artist's tags are to those of what the user plays, beyond what they are to everybody's taste;
-- * friends: how many of the user's friends play the artist.
-- The constants were found on HetRec by benches/recommendations.py --tune, on folds that its figures do not come from.
-- What must not explode: a user speaks with the 200 artists played most, an artist with its 300 nearest neighbours, and only the 200
-- candidates with most votes are looked at further. An artist that one listener has is no candidate.
WITH played AS (
  SELECT user_id, artist_id, LN(1 + plays) AS weight
  FROM music.listens
  WHERE plays > 0
  QUALIFY ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY plays DESC, artist_id) <= 200
),
audiences AS (
  -- Numbers in place of keys, for the joins below have many rows.
  SELECT artist_id, COUNT(*) AS listeners, ROW_NUMBER() OVER (ORDER BY artist_id) AS artist FROM played GROUP BY artist_id
),
listeners AS (
  SELECT COUNT(DISTINCT user_id) AS users FROM played
),
profiles AS (
  SELECT played.user_id, audiences.artist, audiences.listeners, played.weight
  FROM played
  JOIN audiences ON audiences.artist_id = played.artist_id
),
pairs AS (
  SELECT
    one.artist,
    other.artist AS candidate,
    COUNT(*) AS shared,
    ANY_VALUE(one.listeners) AS listeners,
    ANY_VALUE(other.listeners) AS candidate_listeners
  FROM profiles AS one
  JOIN profiles AS other ON other.user_id = one.user_id
  WHERE other.listeners >= 2
  GROUP BY one.artist, other.artist
),
neighbours AS (
  SELECT
    artist,
    candidate,
    -- An artist speaks against itself, so that no candidate is left that the user knows.
    IF(
      artist = candidate,
      -1000000.0,
      POW(shared / (POW(listeners + 2, 0.35) * POW(candidate_listeners + 2, 0.65)), 0.45)
    ) AS similarity
  FROM pairs
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY artist ORDER BY IF(artist = candidate, 0, 1), shared / POW(candidate_listeners + 2, 0.3) DESC, candidate
  ) <= 300
),
votes AS (
  SELECT
    profiles.user_id,
    neighbours.candidate,
    SUM(profiles.weight * neighbours.similarity) AS vote,
    -- The loudest of them, in one number that is cheap to keep for millions of groups: loudness before, artist behind.
    MOD(MAX(CAST(profiles.weight * neighbours.similarity * 1000000 AS INT64) * 1000000000 + profiles.artist), 1000000000) AS because
  FROM profiles
  JOIN neighbours ON neighbours.artist = profiles.artist
  GROUP BY profiles.user_id, neighbours.candidate
  HAVING SUM(profiles.weight * neighbours.similarity) > 0
),
most_voted AS (
  SELECT *
  FROM votes
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY vote DESC, candidate) <= 200
),
candidates AS (
  SELECT most_voted.user_id, audiences.artist_id, most_voted.vote, reasons.artist_id AS because
  FROM most_voted
  JOIN audiences ON audiences.artist = most_voted.candidate
  JOIN audiences AS reasons ON reasons.artist = most_voted.because
),
-- The 500 tags that most artists have.
common AS (
  SELECT tag, LN((SELECT COUNT(DISTINCT artist_id) FROM music.listens) / (1 + COUNT(DISTINCT artist_id))) AS rarity
  FROM music.artist_tags
  GROUP BY tag
  QUALIFY ROW_NUMBER() OVER (ORDER BY COUNT(DISTINCT artist_id) DESC, tag) <= 500
),
given AS (
  SELECT tagged.artist_id, tagged.tag, SQRT(COUNT(*)) * POW(GREATEST(ANY_VALUE(common.rarity), 0.01), 1.2) AS weight
  FROM music.artist_tags AS tagged
  JOIN common ON common.tag = tagged.tag
  GROUP BY tagged.artist_id, tagged.tag
),
artist_tags AS (
  SELECT artist_id, tag, weight / SQRT(SUM(weight * weight) OVER (PARTITION BY artist_id)) AS weight FROM given
),
tastes AS (
  SELECT
    played.user_id,
    artist_tags.tag,
    SUM(played.weight * LN(1 + listeners.users / audiences.listeners) * artist_tags.weight) AS weight
  FROM played
  JOIN audiences ON audiences.artist_id = played.artist_id
  JOIN artist_tags ON artist_tags.artist_id = played.artist_id
  CROSS JOIN listeners
  GROUP BY played.user_id, artist_tags.tag
),
user_tags AS (
  SELECT user_id, tag, weight / SQRT(SUM(weight * weight) OVER (PARTITION BY user_id)) AS weight FROM tastes
),
-- How close an artist is to the average taste.
everybody AS (
  SELECT tag, SUM(weight) / ANY_VALUE(listeners.users) AS weight FROM user_tags CROSS JOIN listeners GROUP BY tag
),
usual AS (
  SELECT artist_tags.artist_id, SUM(artist_tags.weight * everybody.weight) AS closeness
  FROM artist_tags
  JOIN everybody ON everybody.tag = artist_tags.tag
  GROUP BY artist_tags.artist_id
),
tagged AS (
  SELECT
    candidates.user_id,
    candidates.artist_id,
    ANY_VALUE(candidates.vote) AS vote,
    ANY_VALUE(candidates.because) AS because,
    SUM(user_tags.weight * artist_tags.weight) AS closeness,
    MAX_BY(user_tags.tag, user_tags.weight * artist_tags.weight) AS tag
  FROM candidates
  LEFT JOIN artist_tags ON artist_tags.artist_id = candidates.artist_id
  LEFT JOIN user_tags ON user_tags.user_id = candidates.user_id AND user_tags.tag = artist_tags.tag
  GROUP BY candidates.user_id, candidates.artist_id
),
friends AS (
  SELECT friendships.user_id, played.artist_id, COUNT(*) AS friends
  FROM music.friendships AS friendships
  JOIN played ON played.user_id = friendships.friend_id
  GROUP BY friendships.user_id, played.artist_id
),
weighed AS (
  SELECT
    tagged.user_id,
    tagged.artist_id,
    tagged.because,
    tagged.tag,
    IFNULL(friends.friends, 0) AS friends,
    IFNULL(tagged.closeness, 0) - 0.6 * IFNULL(usual.closeness, 0) AS closer,
    tagged.vote
  FROM tagged
  LEFT JOIN usual ON usual.artist_id = tagged.artist_id
  LEFT JOIN friends ON friends.user_id = tagged.user_id AND friends.artist_id = tagged.artist_id
),
scored AS (
  SELECT *, vote * POW(GREATEST(closer, 0) + 0.05, 0.45) * POW(1 + friends, 0.14) AS score FROM weighed
),
ranked AS (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY score DESC, artist_id) AS rank FROM scored
)
SELECT
  ranked.user_id,
  ranked.rank,
  ranked.artist_id,
  artists.name AS artist_name,
  ROUND(ranked.score, 4) AS score,
  CONCAT(
    'Because you listen to ', reasons.name,
    IF(ranked.closer > 0, CONCAT(' and to ', ranked.tag), ''),
    CASE ranked.friends WHEN 0 THEN '' WHEN 1 THEN '; a friend listens too' ELSE CONCAT('; ', CAST(ranked.friends AS STRING), ' friends listen too') END
  ) AS reason
FROM ranked
JOIN music.artists AS artists ON artists.artist_id = ranked.artist_id
JOIN music.artists AS reasons ON reasons.artist_id = ranked.because
WHERE ranked.rank <= 20
