"""The twenty queries of benches/endpoint.py: typical questions to a warehouse of plays.

Each is GoogleSQL for the endpoint; where DuckDB writes it otherwise, its own text stands beside it. Every one says its order to the last
row, so that the answers can be compared as they come.
"""

QUERIES = [
    ("count", "SELECT COUNT(*) FROM plays", None),
    ("sums", "SELECT SUM(duration_ms), AVG(rating), MIN(played_at), MAX(played_at) FROM plays", None),
    ("by country", "SELECT country, COUNT(*) AS n, AVG(duration_ms) AS mean FROM plays GROUP BY country ORDER BY n DESC, country", None),
    ("top artists", "SELECT artist, COUNT(*) AS n FROM plays GROUP BY artist ORDER BY n DESC, artist LIMIT 20", None),
    (
        "top artists of a country",
        "SELECT artist, COUNT(*) AS n, COUNT(DISTINCT user_id) AS users FROM plays WHERE country = 'France' GROUP BY artist "
        "ORDER BY n DESC, artist LIMIT 20",
        None,
    ),
    ("distinct users", "SELECT COUNT(DISTINCT user_id) FROM plays", None),
    (
        "by day",
        "SELECT DATE(played_at) AS day, COUNT(*) AS n FROM plays GROUP BY day ORDER BY day",
        "SELECT CAST(played_at AS DATE) AS day, COUNT(*) AS n FROM plays GROUP BY day ORDER BY day",
    ),
    (
        "by month and country",
        "SELECT DATE_TRUNC(DATE(played_at), MONTH) AS month, country, SUM(duration_ms) AS ms FROM plays GROUP BY month, country "
        "ORDER BY month, country",
        "SELECT CAST(DATE_TRUNC('month', played_at) AS DATE) AS month, country, CAST(SUM(duration_ms) AS BIGINT) AS ms FROM plays "
        "GROUP BY ALL ORDER BY month, country",
    ),
    (
        "by hour",
        "SELECT EXTRACT(HOUR FROM played_at) AS hour, COUNT(*) AS n FROM plays GROUP BY hour ORDER BY hour",
        None,
    ),
    (
        "skipped",
        "SELECT country, COUNTIF(skipped) / COUNT(*) AS share FROM plays GROUP BY country ORDER BY share DESC, country",
        "SELECT country, COUNT_IF(skipped) / COUNT(*) AS share FROM plays GROUP BY country ORDER BY share DESC, country",
    ),
    (
        "last plays of a user",
        "SELECT played_at, artist, track, duration_ms FROM plays WHERE user_id = 4711 ORDER BY played_at DESC, track, artist LIMIT 50",
        None,
    ),
    ("names alike", "SELECT COUNT(*), COUNT(DISTINCT artist) FROM plays WHERE artist LIKE '%42%'", None),
    (
        "a week",
        "SELECT country, COUNT(*) AS n, SUM(duration_ms) AS ms FROM plays WHERE played_at >= TIMESTAMP '2024-03-04 00:00:00+00' "
        "AND played_at < TIMESTAMP '2024-03-11 00:00:00+00' GROUP BY country ORDER BY country",
        "SELECT country, COUNT(*) AS n, CAST(SUM(duration_ms) AS BIGINT) AS ms FROM plays "
        "WHERE played_at >= TIMESTAMPTZ '2024-03-04 00:00:00+00' AND played_at < TIMESTAMPTZ '2024-03-11 00:00:00+00' "
        "GROUP BY country ORDER BY country",
    ),
    (
        "listening time",
        "SELECT user_id, SUM(duration_ms) AS ms FROM plays WHERE NOT skipped GROUP BY user_id ORDER BY ms DESC, user_id LIMIT 100",
        None,
    ),
    (
        "genres",
        "SELECT a.genre, COUNT(*) AS n, AVG(p.rating) AS rating FROM plays AS p JOIN artists AS a ON a.name = p.artist "
        "GROUP BY a.genre ORDER BY n DESC, a.genre",
        None,
    ),
    (
        "genres of a quarter",
        "SELECT a.genre, p.country, COUNT(DISTINCT p.user_id) AS users FROM plays AS p JOIN artists AS a ON a.name = p.artist "
        "WHERE a.since >= 1990 AND EXTRACT(QUARTER FROM p.played_at) = 2 GROUP BY a.genre, p.country ORDER BY users DESC, a.genre, p.country",
        None,
    ),
    (
        "best of each country",
        "SELECT country, artist, n FROM (SELECT country, artist, COUNT(*) AS n FROM plays GROUP BY country, artist) WHERE TRUE "
        "QUALIFY ROW_NUMBER() OVER (PARTITION BY country ORDER BY n DESC, artist) <= 3 ORDER BY country, n DESC, artist",
        None,
    ),
    (
        "growth",
        "WITH months AS (SELECT EXTRACT(MONTH FROM played_at) AS month, COUNT(*) AS n FROM plays GROUP BY month) "
        "SELECT month, n, n - LAG(n) OVER (ORDER BY month) AS more FROM months ORDER BY month",
        None,
    ),
    (
        "curious users",
        "SELECT COUNT(*) FROM (SELECT user_id, COUNT(DISTINCT artist) AS artists FROM plays GROUP BY user_id HAVING artists >= 20)",
        "SELECT COUNT(*) FROM (SELECT user_id, COUNT(DISTINCT artist) AS artists FROM plays GROUP BY user_id HAVING COUNT(DISTINCT artist) >= 20)",
    ),
    (
        "tracks",
        "SELECT artist, track, COUNT(*) AS n, MAX(played_at) AS last FROM plays WHERE rating > 4.5 GROUP BY artist, track "
        "ORDER BY n DESC, artist, track LIMIT 25",
        None,
    ),
]
