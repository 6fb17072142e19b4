-- target: music_raw.user_tastes
-- What users like, in tags: those of the artists they play, the more they play them and the fewer others do. A vector of length 1.
WITH audience AS (
  SELECT COUNT(DISTINCT user_id) AS users FROM music_raw.artist_audiences
),
played AS (
  SELECT heard.user_id, heard.artist, heard.weight * LN(1 + audience.users / heard.listeners) AS weight
  FROM music_raw.artist_audiences AS heard
  CROSS JOIN audience
),
summed AS (
  SELECT played.user_id * 1000 + tagged.tag_number AS liked, SUM(played.weight * tagged.weight) AS weight
  FROM played
  JOIN music_raw.artist_tastes AS tagged ON tagged.artist = played.artist
  GROUP BY liked
),
tastes AS (
  SELECT DIV(liked, 1000) AS user_id, MOD(liked, 1000) AS tag_number, weight FROM summed
),
tags AS (
  SELECT DISTINCT tag_number, tag FROM music_raw.artist_tastes
)
SELECT
  tastes.user_id, tastes.tag_number, tags.tag,
  tastes.weight / SQRT(SUM(tastes.weight * tastes.weight) OVER (PARTITION BY tastes.user_id)) AS weight
FROM tastes
JOIN tags ON tags.tag_number = tastes.tag_number
