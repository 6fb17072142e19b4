-- target: music_raw.similar_evidence
-- Which artists the services call similar, in their newest answers, artist by artist: Last.fm's match as it gives it, 1 for the nearest;
-- Deezer's order as 1, 0.99, 0.98 and so on. Evidence for music.similar_artists where few listeners of ours are shared.
WITH given AS (
  SELECT
    artist_id AS alias_id, similar_artist_id AS similar_alias_id, source, `match` AS score, fetched_at, loaded_at
  FROM music_raw.lastfm_similar_artists
  UNION ALL
  SELECT artist_id, similar_artist_id, source, GREATEST(1 - (rank - 1) / 100, 0.01), fetched_at, loaded_at
  FROM music_raw.deezer_related_artists
),
newest AS (
  SELECT
    names.artist_id, similar_names.artist_id AS similar_artist_id, given.source, given.score, given.fetched_at
  FROM given
  JOIN music_raw.artist_names AS names ON names.alias_id = given.alias_id
  JOIN music_raw.artist_names AS similar_names ON similar_names.alias_id = given.similar_alias_id
  WHERE names.artist_id != similar_names.artist_id
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY names.artist_id, similar_names.artist_id, given.source ORDER BY given.fetched_at DESC, given.loaded_at DESC, given.score DESC
  ) = 1
)
SELECT artist_id, similar_artist_id, source, score, fetched_at FROM newest
