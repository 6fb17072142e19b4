-- target: music.recommendations
-- For each user 20 artists that the user does not play yet. Three kinds of evidence are multiplied:
-- * listening: the votes of what the user plays (85_recommendation_candidates.sql);
-- * tags: how near the artist's tags are to those of what the user plays, beyond how near they are to everybody's;
-- * friends: how many of the user's friends play the artist, against how many would by chance.
-- The constants were tuned on HetRec, on parts of what benches/recommendations.py trains on.
WITH audience AS (
  SELECT COUNT(DISTINCT user_id) AS users FROM music_raw.artist_audiences
),
everybody AS (
  SELECT liked.tag_number, SUM(liked.weight) / MAX(audience.users) AS weight
  FROM music_raw.user_tastes AS liked
  CROSS JOIN audience
  GROUP BY liked.tag_number
),
usual AS (
  SELECT tagged.artist, SUM(tagged.weight * everybody.weight) AS nearness
  FROM music_raw.artist_tastes AS tagged
  JOIN everybody ON everybody.tag_number = tagged.tag_number
  GROUP BY tagged.artist
),
-- A user and a tag, and a user and an artist, are one number each (`taste`, `pair`): what is joined and counted here is large.
candidates AS (
  SELECT user_id * 1000000000 + artist AS pair, user_id, artist, because, vote FROM music_raw.recommendation_candidates
),
tagged AS (
  SELECT candidates.pair, candidates.user_id * 1000 + tagged.tag_number AS taste, tagged.tag_number, tagged.weight
  FROM candidates
  JOIN music_raw.artist_tastes AS tagged ON tagged.artist = candidates.artist
),
liked AS (
  SELECT user_id * 1000 + tag_number AS taste, weight FROM music_raw.user_tastes
),
agreed AS (
  SELECT tagged.pair, tagged.tag_number, liked.weight * tagged.weight AS nearness
  FROM tagged
  JOIN liked ON liked.taste = tagged.taste
),
near AS (
  SELECT
    pair,
    SUM(nearness) AS nearness,
    -- The tag that says most, in one number: how much before, the tag's number behind.
    MAX(CAST(nearness * 1000000 AS INT64) * 1000 + tag_number) AS leading
  FROM agreed
  GROUP BY pair
),
friends AS (
  SELECT
    friendships.user_id * 1000000000 + played.artist AS pair,
    COUNT(*) AS friends,
    COUNT(*) / (0.7 + MAX(circles.friends) * MAX(played.listeners) / MAX(audience.users)) AS beyond_chance
  FROM music.friendships AS friendships
  JOIN (SELECT user_id, COUNT(*) AS friends FROM music.friendships GROUP BY user_id) AS circles ON circles.user_id = friendships.user_id
  JOIN music_raw.artist_audiences AS played ON played.user_id = friendships.friend_id
  CROSS JOIN audience
  GROUP BY pair
),
weighed AS (
  SELECT
    candidates.user_id,
    candidates.artist,
    candidates.because,
    candidates.vote,
    MOD(near.leading, 1000) AS tag_number,
    IFNULL(friends.friends, 0) AS friends,
    IFNULL(friends.beyond_chance, 0) AS beyond_chance,
    GREATEST(IFNULL(near.nearness, 0) - IFNULL(usual.nearness, 0), 0) AS nearer
  FROM candidates
  LEFT JOIN near ON near.pair = candidates.pair
  LEFT JOIN usual ON usual.artist = candidates.artist
  LEFT JOIN friends ON friends.pair = candidates.pair
),
scored AS (
  SELECT *, ROUND(vote * POW(nearer + 0.1, 0.75) * POW(1 + beyond_chance, 0.2), 6) AS score FROM weighed
),
ranked AS (
  SELECT *
  FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY score DESC, artist) AS rank FROM scored) AS every_rank
  WHERE rank <= 20
),
names AS (
  SELECT DISTINCT audiences.artist, audiences.artist_id, artists.name
  FROM music_raw.artist_audiences AS audiences
  JOIN music.artists AS artists ON artists.artist_id = audiences.artist_id
),
tags AS (
  SELECT DISTINCT tag_number, tag FROM music_raw.artist_tastes
)
SELECT
  ranked.user_id,
  ranked.rank,
  names.artist_id,
  names.name AS artist_name,
  ranked.score,
  CONCAT(
    'Because you listen to ', reasons.name,
    IF(ranked.nearer > 0 AND tags.tag IS NOT NULL, CONCAT(' and to ', tags.tag), ''),
    CASE ranked.friends
      WHEN 0 THEN ''
      WHEN 1 THEN '; a friend of yours plays them'
      ELSE CONCAT('; ', CAST(ranked.friends AS STRING), ' friends of yours play them')
    END
  ) AS reason
FROM ranked
JOIN names ON names.artist = ranked.artist
JOIN names AS reasons ON reasons.artist = ranked.because
LEFT JOIN tags ON tags.tag_number = ranked.tag_number
