-- target: music.artist_tags
-- Tags in lower case. Last.fm began in 2002: an earlier date is a mistake of the source, and the time is left out. The tags that
-- Last.fm's API gives for an artist are nobody's in particular: they are genres of the artist, and no rows here.
SELECT
  tagged.user_id,
  names.artist_id,
  names.artist_name,
  LOWER(TRIM(tags.tag_value)) AS tag,
  MIN(IF(EXTRACT(YEAR FROM tagged.tagged_on) >= 2002, CAST(tagged.tagged_on AS TIMESTAMP), NULL)) AS tagged_at
FROM music_raw.hetrec_user_taggedartists AS tagged
JOIN music_raw.hetrec_tags AS tags ON tags.tag_id = tagged.tag_id
JOIN music_raw.hetrec_artists AS named ON named.id = tagged.hetrec_artist_id
JOIN music_raw.artist_names AS names ON names.alias_id = named.artist_id
GROUP BY tagged.user_id, names.artist_id, names.artist_name, LOWER(TRIM(tags.tag_value))
