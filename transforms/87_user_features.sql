-- target: music_raw.user_features
-- What users are grouped by: how their taste is spread over the 40 tags that lead in all tastes, and, with less weight, how they
-- listen. Tags that tell of the person, the place or the voice and not of the music are left out.
WITH leading AS (
  SELECT tag
  FROM music_raw.user_tastes
  WHERE tag NOT IN ('seen live', 'favorites', 'favourites', 'favorite', 'favourite', 'favorite artists', 'favourite artists',
    'my favorite', 'love', 'loved', 'awesome', 'amazing', 'albums i own', 'cool', 'beautiful', 'sexy', 'want to see live',
    'female vocalists', 'male vocalists', 'female vocalist', 'male vocalist', 'female', 'male', 'british', 'american', 'all', 'good',
    'legend', 'great', 'catchy', 'epic', 'guilty pleasure', 'guilty pleasures', 'party', 'fun', 'genius', 'diva', 'hot', 'sex', '<3', 'love at first listen', 'cover', 'covers', 'sad', 'ballad',
    '00s', '60s', '70s', '80s', '90s', 'brazilian', 'german', 'french', 'swedish', 'polish', 'finnish', 'canadian', 'uk', 'usa')
  GROUP BY tag
  QUALIFY ROW_NUMBER() OVER (ORDER BY SUM(weight) DESC, tag) <= 40
),
tastes AS (
  SELECT tastes.user_id, tastes.tag, tastes.weight / SQRT(SUM(tastes.weight * tastes.weight) OVER (PARTITION BY tastes.user_id)) AS weight
  FROM music_raw.user_tastes AS tastes
  JOIN leading ON leading.tag = tastes.tag
),
behaviours AS (
  SELECT
    user_id,
    LN(1 + SUM(plays)) AS plays,
    LN(1 + COUNT(*)) AS artists,
    MAX(plays) / SUM(plays) AS devotion,
    AVG(known) AS mainstream
  FROM (
    SELECT listens.user_id, listens.plays, LN(1 + COUNT(*) OVER (PARTITION BY listens.artist_id)) AS known
    FROM music.listens AS listens
    WHERE listens.plays > 0
  ) AS listened
  GROUP BY user_id
),
measured AS (
  SELECT user_id, 'plays' AS name, plays AS value FROM behaviours
  UNION ALL
  SELECT user_id, 'artists', artists FROM behaviours
  UNION ALL
  SELECT user_id, 'devotion', devotion FROM behaviours
  UNION ALL
  SELECT user_id, 'mainstream', mainstream FROM behaviours
)
SELECT users.user_id, CONCAT('taste:', leading.tag) AS feature, IFNULL(tastes.weight, 0.0) AS value
FROM (SELECT DISTINCT user_id FROM tastes) AS users
CROSS JOIN leading
LEFT JOIN tastes ON tastes.user_id = users.user_id AND tastes.tag = leading.tag
UNION ALL
SELECT
  measured.user_id,
  CONCAT('behaviour:', measured.name) AS feature,
  -- In deviations from the mean, at most 3 of them.
  0.05 * GREATEST(
    LEAST(
      IFNULL(
        SAFE_DIVIDE(
          measured.value - AVG(measured.value) OVER (PARTITION BY measured.name),
          STDDEV_POP(measured.value) OVER (PARTITION BY measured.name)
        ),
        0.0
      ),
      3.0
    ),
    -3.0
  ) AS value
FROM measured
JOIN (SELECT DISTINCT user_id FROM tastes) AS users ON users.user_id = measured.user_id
