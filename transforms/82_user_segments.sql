-- target: music.user_segments
-- The taste of each user: of the tags that most people give, the one that leads in the user's plays. An artist stands under the
-- tag that most people gave it. Tags that tell of the person and not of the music make no segment.
WITH common AS (
  SELECT tag
  FROM music.artist_tags
  WHERE tag NOT IN ('seen live', 'favorites', 'favourites', 'favorite', 'favourite', 'favorite artists', 'favourite artists',
    'my favorite', 'love', 'loved', 'awesome', 'amazing', 'albums i own', 'cool', 'beautiful', 'sexy', 'want to see live',
    'female vocalists', 'male vocalists', 'female vocalist', 'male vocalist', 'british', 'american', 'all', 'good', 'legend',
    '00s', '60s', '70s', '80s', '90s', 'brazilian', 'german', 'french', 'swedish', 'polish', 'finnish', 'canadian', 'uk', 'usa')
  GROUP BY tag
  QUALIFY ROW_NUMBER() OVER (ORDER BY COUNT(DISTINCT user_id) DESC, tag) <= 30
),
tagged AS (
  SELECT given.artist_id, given.tag, COUNT(DISTINCT given.user_id) AS users
  FROM music.artist_tags AS given
  JOIN common ON common.tag = given.tag
  GROUP BY given.artist_id, given.tag
),
leading AS (
  SELECT artist_id, tag
  FROM tagged
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY artist_id ORDER BY users DESC, tag) = 1
),
tastes AS (
  SELECT listens.user_id, leading.tag, SUM(SQRT(listens.plays)) AS weight
  FROM music.listens AS listens
  JOIN leading ON leading.artist_id = listens.artist_id
  GROUP BY listens.user_id, leading.tag
),
users AS (
  SELECT user_id, tag AS segment
  FROM tastes
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY weight DESC, tag) = 1
),
segments AS (
  SELECT segment, ROW_NUMBER() OVER (ORDER BY COUNT(*) DESC, segment) AS segment_id FROM users GROUP BY segment
)
SELECT users.user_id, segments.segment_id, users.segment
FROM users
JOIN segments ON segments.segment = users.segment
