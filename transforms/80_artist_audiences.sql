-- target: music_raw.artist_audiences
-- Who listens to which artist, as the tables of gold take it. A user stands with the 200 artists played most, so that what is joined
-- by users grows with them and not with the square of what one of them collects. A play counts less the more there are before it,
-- and every user weighs the same in all: BM25's idea of a long document. Artists have numbers for the large joins.
WITH played AS (
  SELECT user_id, artist_id, LN(1 + plays) AS weight
  FROM music.listens
  WHERE plays > 0
  QUALIFY ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY plays DESC, artist_id) <= 200
),
numbers AS (
  SELECT artist_id, COUNT(*) AS listeners, ROW_NUMBER() OVER (ORDER BY artist_id) AS artist FROM played GROUP BY artist_id
)
SELECT
  numbers.artist,
  numbers.artist_id,
  played.user_id,
  numbers.listeners,
  played.weight / AVG(played.weight) OVER (PARTITION BY played.user_id) AS weight
FROM played
JOIN numbers ON numbers.artist_id = played.artist_id
