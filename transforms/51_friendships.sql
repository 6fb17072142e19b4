-- target: music.friendships
-- Each friendship from both sides, whichever sides the source gives.
SELECT user_id, friend_id FROM music_raw.hetrec_user_friends WHERE user_id != friend_id
UNION DISTINCT
SELECT friend_id AS user_id, user_id AS friend_id FROM music_raw.hetrec_user_friends WHERE user_id != friend_id
