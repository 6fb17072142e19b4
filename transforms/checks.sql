-- What must hold in dataset music, whatever it was built from. Each check counts the rows that break it; none may.

-- check: artists: artist_id is unique
SELECT COUNT(*) FROM (SELECT artist_id FROM music.artists GROUP BY artist_id HAVING COUNT(*) > 1)

-- check: tracks: track_id is unique
SELECT COUNT(*) FROM (SELECT track_id FROM music.tracks GROUP BY track_id HAVING COUNT(*) > 1)

-- check: users: user_id is unique
SELECT COUNT(*) FROM (SELECT user_id FROM music.users GROUP BY user_id HAVING COUNT(*) > 1)

-- check: listens: user_id, artist_id is unique
SELECT COUNT(*) FROM (SELECT user_id, artist_id FROM music.listens GROUP BY user_id, artist_id HAVING COUNT(*) > 1)

-- check: artist_tags: user_id, artist_id, tag is unique
SELECT COUNT(*) FROM (SELECT user_id, artist_id, tag FROM music.artist_tags GROUP BY user_id, artist_id, tag HAVING COUNT(*) > 1)

-- check: friendships: user_id, friend_id is unique
SELECT COUNT(*) FROM (SELECT user_id, friend_id FROM music.friendships GROUP BY user_id, friend_id HAVING COUNT(*) > 1)

-- check: chart_entries: chart, chart_date, rank is unique
SELECT COUNT(*) FROM (SELECT chart, chart_date, rank FROM music.chart_entries GROUP BY chart, chart_date, rank HAVING COUNT(*) > 1)

-- check: country_charts: country, chart_date, rank is unique
SELECT COUNT(*) FROM (SELECT country, chart_date, rank FROM music.country_charts GROUP BY country, chart_date, rank HAVING COUNT(*) > 1)

-- check: artist_snapshots: artist_id, captured_at is unique
SELECT COUNT(*) FROM (SELECT artist_id, captured_at FROM music.artist_snapshots GROUP BY artist_id, captured_at HAVING COUNT(*) > 1)

-- check: track_snapshots: track_id, captured_at is unique
SELECT COUNT(*) FROM (SELECT track_id, captured_at FROM music.track_snapshots GROUP BY track_id, captured_at HAVING COUNT(*) > 1)

-- check: similar_artists: artist_id, similar_artist_id is unique
SELECT COUNT(*) FROM (SELECT artist_id, similar_artist_id FROM music.similar_artists GROUP BY artist_id, similar_artist_id HAVING COUNT(*) > 1)

-- check: recommendations: user_id, rank is unique
SELECT COUNT(*) FROM (SELECT user_id, rank FROM music.recommendations GROUP BY user_id, rank HAVING COUNT(*) > 1)

-- check: user_segments: user_id is unique
SELECT COUNT(*) FROM (SELECT user_id FROM music.user_segments GROUP BY user_id HAVING COUNT(*) > 1)

-- check: artists: artist_id, name are never null
SELECT COUNT(*) FROM music.artists WHERE artist_id IS NULL OR name IS NULL

-- check: tracks: track_id, title, artist_id, artist_name are never null
SELECT COUNT(*) FROM music.tracks WHERE track_id IS NULL OR title IS NULL OR artist_id IS NULL OR artist_name IS NULL

-- check: users: user_id is never null
SELECT COUNT(*) FROM music.users WHERE user_id IS NULL

-- check: listens: user_id, artist_id, artist_name, plays are never null
SELECT COUNT(*) FROM music.listens WHERE user_id IS NULL OR artist_id IS NULL OR artist_name IS NULL OR plays IS NULL

-- check: listening_events: user_id, track_id, artist_id, played_at are never null
SELECT COUNT(*) FROM music.listening_events WHERE user_id IS NULL OR track_id IS NULL OR artist_id IS NULL OR played_at IS NULL

-- check: artist_tags: user_id, artist_id, tag are never null
SELECT COUNT(*) FROM music.artist_tags WHERE user_id IS NULL OR artist_id IS NULL OR tag IS NULL

-- check: friendships: user_id, friend_id are never null
SELECT COUNT(*) FROM music.friendships WHERE user_id IS NULL OR friend_id IS NULL

-- check: chart_entries: chart, chart_date, rank, title, artist_id are never null
SELECT COUNT(*) FROM music.chart_entries WHERE chart IS NULL OR chart_date IS NULL OR rank IS NULL OR title IS NULL OR artist_id IS NULL

-- check: country_charts: country, chart_date, rank, artist_id are never null
SELECT COUNT(*) FROM music.country_charts WHERE country IS NULL OR chart_date IS NULL OR rank IS NULL OR artist_id IS NULL

-- check: recommendations: user_id, rank, artist_id are never null
SELECT COUNT(*) FROM music.recommendations WHERE user_id IS NULL OR rank IS NULL OR artist_id IS NULL

-- check: user_segments: user_id, segment_id, segment are never null
SELECT COUNT(*) FROM music.user_segments WHERE user_id IS NULL OR segment_id IS NULL OR segment IS NULL

-- check: tracks: artists exist under that name
SELECT COUNT(*) FROM music.tracks AS facts LEFT JOIN music.artists AS artists ON artists.artist_id = facts.artist_id WHERE artists.artist_id IS NULL OR artists.name != facts.artist_name

-- check: listens: artists exist under that name
SELECT COUNT(*) FROM music.listens AS facts LEFT JOIN music.artists AS artists ON artists.artist_id = facts.artist_id WHERE artists.artist_id IS NULL OR artists.name != facts.artist_name

-- check: listening_events: artists exist under that name
SELECT COUNT(*) FROM music.listening_events AS facts LEFT JOIN music.artists AS artists ON artists.artist_id = facts.artist_id WHERE artists.artist_id IS NULL OR artists.name != facts.artist_name

-- check: artist_tags: artists exist under that name
SELECT COUNT(*) FROM music.artist_tags AS facts LEFT JOIN music.artists AS artists ON artists.artist_id = facts.artist_id WHERE artists.artist_id IS NULL OR artists.name != facts.artist_name

-- check: chart_entries: artists exist under that name
SELECT COUNT(*) FROM music.chart_entries AS facts LEFT JOIN music.artists AS artists ON artists.artist_id = facts.artist_id WHERE artists.artist_id IS NULL OR artists.name != facts.artist_name

-- check: country_charts: artists exist under that name
SELECT COUNT(*) FROM music.country_charts AS facts LEFT JOIN music.artists AS artists ON artists.artist_id = facts.artist_id WHERE artists.artist_id IS NULL OR artists.name != facts.artist_name

-- check: artist_snapshots: artists exist under that name
SELECT COUNT(*) FROM music.artist_snapshots AS facts LEFT JOIN music.artists AS artists ON artists.artist_id = facts.artist_id WHERE artists.artist_id IS NULL OR artists.name != facts.artist_name

-- check: track_snapshots: artists exist under that name
SELECT COUNT(*) FROM music.track_snapshots AS facts LEFT JOIN music.artists AS artists ON artists.artist_id = facts.artist_id WHERE artists.artist_id IS NULL OR artists.name != facts.artist_name

-- check: recommendations: artists exist under that name
SELECT COUNT(*) FROM music.recommendations AS facts LEFT JOIN music.artists AS artists ON artists.artist_id = facts.artist_id WHERE artists.artist_id IS NULL OR artists.name != facts.artist_name

-- check: similar_artists: both artists exist
SELECT COUNT(*) FROM music.similar_artists WHERE artist_id NOT IN (SELECT artist_id FROM music.artists) OR similar_artist_id NOT IN (SELECT artist_id FROM music.artists)

-- check: listens: users exist
SELECT COUNT(*) FROM music.listens WHERE user_id NOT IN (SELECT user_id FROM music.users)

-- check: listening_events: users exist
SELECT COUNT(*) FROM music.listening_events WHERE user_id NOT IN (SELECT user_id FROM music.users)

-- check: artist_tags: users exist
SELECT COUNT(*) FROM music.artist_tags WHERE user_id NOT IN (SELECT user_id FROM music.users)

-- check: friendships: users exist
SELECT COUNT(*) FROM music.friendships WHERE user_id NOT IN (SELECT user_id FROM music.users)

-- check: recommendations: users exist
SELECT COUNT(*) FROM music.recommendations WHERE user_id NOT IN (SELECT user_id FROM music.users)

-- check: user_segments: users exist
SELECT COUNT(*) FROM music.user_segments WHERE user_id NOT IN (SELECT user_id FROM music.users)

-- check: listening_events: tracks exist
SELECT COUNT(*) FROM music.listening_events WHERE track_id NOT IN (SELECT track_id FROM music.tracks)

-- check: track_snapshots: tracks exist
SELECT COUNT(*) FROM music.track_snapshots WHERE track_id NOT IN (SELECT track_id FROM music.tracks)

-- check: friendships: each stands from both sides
SELECT COUNT(*) FROM music.friendships AS one LEFT JOIN music.friendships AS other ON other.user_id = one.friend_id AND other.friend_id = one.user_id WHERE other.user_id IS NULL

-- check: listens: plays are not negative
SELECT COUNT(*) FROM music.listens WHERE plays < 0

-- check: artists: popularity is 0 to 100
SELECT COUNT(*) FROM music.artists WHERE popularity NOT BETWEEN 0 AND 100 OR followers < 0

-- check: tracks: popularity is 0 to 100
SELECT COUNT(*) FROM music.tracks WHERE popularity NOT BETWEEN 0 AND 100

-- check: tracks: audio features are 0 to 1
SELECT COUNT(*) FROM music.tracks WHERE danceability NOT BETWEEN 0 AND 1 OR energy NOT BETWEEN 0 AND 1 OR valence NOT BETWEEN 0 AND 1 OR acousticness NOT BETWEEN 0 AND 1 OR instrumentalness NOT BETWEEN 0 AND 1 OR liveness NOT BETWEEN 0 AND 1 OR speechiness NOT BETWEEN 0 AND 1

-- check: tracks: key is 0 to 11, mode 0 or 1, tempo above 0
SELECT COUNT(*) FROM music.tracks WHERE key NOT BETWEEN 0 AND 11 OR mode NOT IN (0, 1) OR tempo <= 0

-- check: tracks: release_date is in release_year
SELECT COUNT(*) FROM music.tracks WHERE EXTRACT(YEAR FROM release_date) != release_year

-- check: chart_entries: rank is 1 or more, 100 at most on the Hot 100, and the peak is not below it
SELECT COUNT(*) FROM music.chart_entries WHERE rank < 1 OR (chart = 'hot-100' AND rank > 100) OR peak_rank > rank OR weeks_on_chart < 1

-- check: similar_artists: score is 0 to 1, and none is similar to itself
SELECT COUNT(*) FROM music.similar_artists WHERE score NOT BETWEEN 0 AND 1 OR artist_id = similar_artist_id OR shared_listeners < 1

-- check: recommendations: the user does not know the artist yet
SELECT COUNT(*) FROM music.recommendations AS offered JOIN music.listens AS known ON known.user_id = offered.user_id AND known.artist_id = offered.artist_id

-- check: listening_events: user_id, track_id, played_at is unique
SELECT COUNT(*) FROM (SELECT user_id, track_id, played_at FROM music.listening_events GROUP BY user_id, track_id, played_at HAVING COUNT(*) > 1)

-- check: artist_snapshots: artist_id, captured_at and one of the figures are never null
SELECT COUNT(*) FROM music.artist_snapshots WHERE artist_id IS NULL OR captured_at IS NULL OR (popularity IS NULL AND followers IS NULL)

-- check: track_snapshots: track_id, captured_at, popularity are never null
SELECT COUNT(*) FROM music.track_snapshots WHERE track_id IS NULL OR captured_at IS NULL OR popularity IS NULL

-- check: similar_artists: the name is that of the artist
SELECT COUNT(*) FROM music.similar_artists AS facts JOIN music.artists AS artists ON artists.artist_id = facts.artist_id WHERE artists.name != facts.artist_name

-- check: recommendations: rank is 1 or more, and the reason is said
SELECT COUNT(*) FROM music.recommendations WHERE rank < 1 OR reason IS NULL OR reason = ''

-- check: friendships: nobody is a friend of their own
SELECT COUNT(*) FROM music.friendships WHERE user_id = friend_id

-- check: country_charts: rank is 1 or more, listeners are not negative
SELECT COUNT(*) FROM music.country_charts WHERE rank < 1 OR listeners < 0 OR country = ''

-- check: tracks: release_year is 1000 to next year, duration is not negative
SELECT COUNT(*) FROM music.tracks WHERE release_year NOT BETWEEN 1000 AND EXTRACT(YEAR FROM CURRENT_DATE()) + 1 OR duration_ms < 0

-- check: artist_snapshots: popularity is 0 to 100, followers are not negative
SELECT COUNT(*) FROM music.artist_snapshots WHERE popularity NOT BETWEEN 0 AND 100 OR followers < 0

-- check: track_snapshots: popularity is 0 to 100
SELECT COUNT(*) FROM music.track_snapshots WHERE popularity NOT BETWEEN 0 AND 100

-- check: artists: genres are in lower case and stand once
SELECT COUNT(*) FROM (SELECT artists.artist_id, genre FROM music.artists AS artists, UNNEST(artists.genres) AS genre GROUP BY artists.artist_id, genre HAVING COUNT(*) > 1 OR genre != LOWER(genre))

-- check: listening_events: nothing is of the future
SELECT COUNT(*) FROM music.listening_events WHERE played_at > TIMESTAMP_ADD(CURRENT_TIMESTAMP(), INTERVAL 24 HOUR)

-- check: artist_tags: nothing is of the future
SELECT COUNT(*) FROM music.artist_tags WHERE tagged_at > TIMESTAMP_ADD(CURRENT_TIMESTAMP(), INTERVAL 24 HOUR)

-- check: artist_snapshots: nothing is of the future
SELECT COUNT(*) FROM music.artist_snapshots WHERE captured_at > TIMESTAMP_ADD(CURRENT_TIMESTAMP(), INTERVAL 24 HOUR)

-- check: track_snapshots: nothing is of the future
SELECT COUNT(*) FROM music.track_snapshots WHERE captured_at > TIMESTAMP_ADD(CURRENT_TIMESTAMP(), INTERVAL 24 HOUR)

-- check: chart_entries: no chart is dated more than two weeks ahead, as Billboard dates its own
SELECT COUNT(*) FROM music.chart_entries WHERE chart_date > DATE_ADD(CURRENT_DATE(), INTERVAL 14 DAY)

-- check: country_charts: nothing is of the future
SELECT COUNT(*) FROM music.country_charts WHERE chart_date > DATE_ADD(CURRENT_DATE(), INTERVAL 1 DAY)

-- The following read music_raw as well, and are left out while music holds the sample.

-- check: artist_names: alias_id is unique
SELECT COUNT(*) FROM (SELECT alias_id FROM music_raw.artist_names GROUP BY alias_id HAVING COUNT(*) > 1)

-- check: artist_names: every key leads to an artist, and that artist to itself
SELECT COUNT(*) FROM music_raw.artist_names AS names LEFT JOIN music_raw.artist_names AS main ON main.alias_id = names.artist_id AND main.artist_id = names.artist_id LEFT JOIN music.artists AS artists ON artists.artist_id = names.artist_id WHERE main.alias_id IS NULL OR artists.artist_id IS NULL OR artists.name != names.artist_name

-- check: track_names: artist_id, title_key is unique
SELECT COUNT(*) FROM (SELECT artist_id, title_key FROM music_raw.track_names GROUP BY artist_id, title_key HAVING COUNT(*) > 1)

-- check: user_names: user_id and user_name are unique
SELECT COUNT(*) FROM (SELECT user_id FROM music_raw.user_names GROUP BY user_id HAVING COUNT(*) > 1 UNION ALL SELECT MIN(user_id) FROM music_raw.user_names GROUP BY source, user_name HAVING COUNT(*) > 1)

-- check: loads: nothing is of the future, and every row read was landed or rejected
SELECT COUNT(*) FROM music_raw.loads WHERE loaded_at > TIMESTAMP_ADD(CURRENT_TIMESTAMP(), INTERVAL 24 HOUR) OR rows_read != rows_landed + rows_rejected

-- check: lineage: every row of artists tells where it came from
SELECT COUNT(*) FROM music.artists AS facts LEFT JOIN (SELECT DISTINCT row_key FROM music_raw.lineage WHERE table_name = 'artists') AS known ON known.row_key = facts.artist_id WHERE known.row_key IS NULL

-- check: lineage: every row of tracks tells where it came from
SELECT COUNT(*) FROM music.tracks AS facts LEFT JOIN (SELECT DISTINCT row_key FROM music_raw.lineage WHERE table_name = 'tracks') AS known ON known.row_key = facts.track_id WHERE known.row_key IS NULL

-- check: lineage: every row of users tells where it came from
SELECT COUNT(*) FROM music.users AS facts LEFT JOIN (SELECT DISTINCT row_key FROM music_raw.lineage WHERE table_name = 'users') AS known ON known.row_key = CAST(facts.user_id AS STRING) WHERE known.row_key IS NULL

-- check: lineage: every row of listens tells where it came from
SELECT COUNT(*) FROM music.listens AS facts LEFT JOIN (SELECT DISTINCT row_key FROM music_raw.lineage WHERE table_name = 'listens') AS known ON known.row_key = CONCAT(CAST(facts.user_id AS STRING), '/', facts.artist_id) WHERE known.row_key IS NULL

-- check: lineage: every row of listening_events tells where it came from
SELECT COUNT(*) FROM music.listening_events AS facts LEFT JOIN (SELECT DISTINCT row_key FROM music_raw.lineage WHERE table_name = 'listening_events') AS known ON known.row_key = CONCAT(CAST(facts.user_id AS STRING), '/', CAST(UNIX_SECONDS(facts.played_at) AS STRING), '/', facts.track_id) WHERE known.row_key IS NULL

-- check: lineage: every row of artist_tags tells where it came from
SELECT COUNT(*) FROM music.artist_tags AS facts LEFT JOIN (SELECT DISTINCT row_key FROM music_raw.lineage WHERE table_name = 'artist_tags') AS known ON known.row_key = CONCAT(CAST(facts.user_id AS STRING), '/', facts.artist_id, '/', facts.tag) WHERE known.row_key IS NULL

-- check: lineage: every row of friendships tells where it came from
SELECT COUNT(*) FROM music.friendships AS facts LEFT JOIN (SELECT DISTINCT row_key FROM music_raw.lineage WHERE table_name = 'friendships') AS known ON known.row_key = CONCAT(CAST(facts.user_id AS STRING), '/', CAST(facts.friend_id AS STRING)) WHERE known.row_key IS NULL

-- check: lineage: every row of chart_entries tells where it came from
SELECT COUNT(*) FROM music.chart_entries AS facts LEFT JOIN (SELECT DISTINCT row_key FROM music_raw.lineage WHERE table_name = 'chart_entries') AS known ON known.row_key = CONCAT(facts.chart, '/', CAST(facts.chart_date AS STRING), '/', CAST(facts.rank AS STRING)) WHERE known.row_key IS NULL

-- check: lineage: every row of country_charts tells where it came from
SELECT COUNT(*) FROM music.country_charts AS facts LEFT JOIN (SELECT DISTINCT row_key FROM music_raw.lineage WHERE table_name = 'country_charts') AS known ON known.row_key = CONCAT(facts.country, '/', CAST(facts.chart_date AS STRING), '/', CAST(facts.rank AS STRING)) WHERE known.row_key IS NULL

-- check: lineage: every row of artist_snapshots tells where it came from
SELECT COUNT(*) FROM music.artist_snapshots AS facts LEFT JOIN (SELECT DISTINCT row_key FROM music_raw.lineage WHERE table_name = 'artist_snapshots') AS known ON known.row_key = CONCAT(facts.artist_id, '/', CAST(DATE(facts.captured_at) AS STRING)) WHERE known.row_key IS NULL

-- check: lineage: every row of track_snapshots tells where it came from
SELECT COUNT(*) FROM music.track_snapshots AS facts LEFT JOIN (SELECT DISTINCT row_key FROM music_raw.lineage WHERE table_name = 'track_snapshots') AS known ON known.row_key = CONCAT(facts.track_id, '/', CAST(DATE(facts.captured_at) AS STRING)) WHERE known.row_key IS NULL
