-- target: music_raw.user_tastes
-- What users like, in tags: those of the artists they play, the more they play them and the fewer others do. A vector of length 1.
WITH audience AS (
  SELECT COUNT(DISTINCT user_id) AS users FROM music_raw.artist_audiences
),
tastes AS (
  SELECT
    played.user_id,
    tagged.tag_number,
    ANY_VALUE(tagged.tag) AS tag,
    SUM(played.weight * LN(1 + audience.users / played.listeners) * tagged.weight) AS weight
  FROM music_raw.artist_audiences AS played
  JOIN music_raw.artist_tastes AS tagged ON tagged.artist = played.artist
  CROSS JOIN audience
  GROUP BY played.user_id, tagged.tag_number
)
SELECT user_id, tag_number, tag, weight / SQRT(SUM(weight * weight) OVER (PARTITION BY user_id)) AS weight FROM tastes
