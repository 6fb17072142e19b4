-- target: music.listens
-- Plays of an artist by a user. Artists of the source whose names make the same key count together.
SELECT listened.user_id, artists.artist_id, artists.name AS artist_name, SUM(listened.weight) AS plays
FROM music_raw.hetrec_user_artists AS listened
JOIN music_raw.hetrec_artists AS named ON named.id = listened.hetrec_artist_id
JOIN music.artists AS artists ON artists.artist_id = named.artist_id
GROUP BY listened.user_id, artists.artist_id, artists.name
