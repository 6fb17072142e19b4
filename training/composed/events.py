"""Listening events: tops, counts and series in time."""

from __future__ import annotations

from .parts import EN, FR, FEATURES, RANKINGS, limited, limited_in, one, superlative

# When: SQL on played_at, English, French.
WHEN = [
    ("EXTRACT(YEAR FROM played_at) = {year}", "in {year}|during {year}|over {year}", "en {year}|durant {year}"),
    ("DATE_TRUNC(DATE(played_at), MONTH) = {month}", "in {month}|during {month}", "en {month}|pendant {month}|au mois de {month}"),
    ("DATE(played_at) = {date}", "on {date}", "le {date}"),
    ("DATE(played_at) BETWEEN {date} AND {date2}", "between {date} and {date2}|from {date} to {date2}", "entre le {date} et le {date2}|du {date} au {date2}"),
    ("DATE(played_at) > DATE_SUB((SELECT MAX(DATE(played_at)) FROM music.listening_events), INTERVAL {num3} DAY)", "over the last {num3} days|in the past {num3} days|these last {num3} days", "ces {num3} derniers jours|sur les {num3} derniers jours"),
    ("EXTRACT(HOUR FROM played_at) >= {num3}", "after {num3} o'clock|after {num3}h", "après {num3} h|à partir de {num3} heures"),
    ("EXTRACT(HOUR FROM played_at) < {num3}", "before {num3} o'clock|before {num3}h", "avant {num3} h|avant {num3} heures"),
    ("EXTRACT(DAYOFWEEK FROM played_at) IN (1, 7)", "on weekends|at the weekend", "le week-end|pendant les week-ends"),
]
WHERE_PLACE = [("country = {country}", "in {country}|by listeners in {country}", "en {country}|par les auditeurs de {country}|dans le pays {country}"), ("user_id = {num2}", "by user {num2}|for user {num2}", "par l'utilisateur {num2}|pour l'utilisateur {num2}")]


def event_top(rng):
    song = rng.random() < 0.5
    language, how, words, limit = limited(rng, "song" if song else "artist", "songs" if song else "artists", "titre" if song else "artiste", "titres" if song else "artistes")
    parts = [rng.choice(WHEN)] + ([rng.choice(WHERE_PLACE)] if rng.random() < 0.5 else [])
    if song and rng.random() < 0.3:
        parts.append(("artist_id = {artist}", "by {artist}", "de {artist}"))
    order = {"user": 0, "arti": 1, "coun": 2}
    where = " AND ".join(s for s, _, _ in sorted(parts, key=lambda p: order.get(p[0][:4], 3)))
    rng.shuffle(parts)
    tail = " ".join(one(rng, en if language == EN else fr) for _, en, fr in parts)
    columns = "track_title, artist_name" if song else "artist_name"
    sql = f"SELECT {columns}, COUNT(*) AS plays FROM music.listening_events WHERE {where} GROUP BY {columns} ORDER BY plays DESC {limit}"
    return superlative(rng, language, how, words, "most played|most listened to|most streamed", "plus écoutés|plus joués|plus passés", tail), sql


def event_count(rng):
    language = rng.choice([EN, FR])
    parts = [rng.choice(WHEN)] + ([rng.choice(WHERE_PLACE)] if rng.random() < 0.4 else []) + ([("artist_id = {artist}", "of {artist}|for {artist}", "de {artist}|pour {artist}")] if rng.random() < 0.5 else [])
    order = {"user": 0, "arti": 1, "coun": 2}
    where = " AND ".join(s for s, _, _ in sorted(parts, key=lambda p: order.get(p[0][:4], 3)))
    rng.shuffle(parts)
    tail = " ".join(one(rng, en if language == EN else fr) for _, en, fr in parts)
    question = one(rng, "how many plays|number of plays|total plays|play count|how many listens") if language == EN else one(rng, "combien d'écoutes|nombre d'écoutes|total des écoutes|combien de lectures")
    return f"{question} {tail}", f"SELECT COUNT(*) AS plays FROM music.listening_events WHERE {where}"


PERIODS = [("DATE_TRUNC(DATE(played_at), MONTH) AS month", "month", "per month|by month|month by month|each month|monthly", "par mois|mois par mois|chaque mois|mensuelles"), ("DATE(played_at) AS day", "day", "per day|daily|by day|each day", "par jour|chaque jour|quotidiennes"), ("EXTRACT(HOUR FROM played_at) AS hour", "hour", "by hour of the day|per hour|hour by hour", "par heure de la journée|par heure|heure par heure"), ("EXTRACT(DAYOFWEEK FROM played_at) AS weekday", "weekday", "by day of the week|per weekday|by weekday", "par jour de la semaine|selon le jour de la semaine"), ("EXTRACT(YEAR FROM played_at) AS year", "year", "per year|by year|yearly", "par an|par année|chaque année")]


def event_series(rng):
    language = rng.choice([EN, FR])
    expression, alias, en, fr = rng.choice(PERIODS)
    parts = []
    if rng.random() < 0.5:
        parts.append(("artist_id = {artist}", "of {artist}|for {artist}", "de {artist}|pour {artist}"))
    if rng.random() < 0.35:
        parts.append(("country = {country}", "in {country}", "en {country}"))
    if rng.random() < 0.35 and alias != "year":
        parts.append(WHEN[0])
    where = " WHERE " + " AND ".join(s for s, _, _ in parts) if parts else ""
    rng.shuffle(parts)
    tail = [one(rng, en if language == EN else fr)] + [one(rng, e if language == EN else f) for _, e, f in parts]
    if rng.random() < 0.5:
        rng.shuffle(tail)
    noun = one(rng, "plays|number of plays|listening|streams|play counts") if language == EN else one(rng, "écoutes|nombre d'écoutes|lectures|les écoutes")
    lead = rng.choice(["", "show ", "chart of ", "i want "]) if language == EN else rng.choice(["", "montre ", "je veux ", "courbe des "])
    base = f"SELECT {expression}, COUNT(*) AS plays FROM music.listening_events{where} GROUP BY {alias} ORDER BY {alias}"
    if alias == "month" and rng.random() < 0.35:
        change = one(rng, "change of plays from month to month|month over month change in plays|how plays change from one month to the next") if language == EN else one(rng, "évolution des écoutes d'un mois sur l'autre|variation des écoutes d'un mois à l'autre|écart d'écoutes entre un mois et le suivant")
        tail = [one(rng, e if language == EN else f) for _, e, f in parts]
        inner = f"SELECT {expression}, COUNT(*) AS plays FROM music.listening_events{where} GROUP BY {alias}"
        return f"{change} {' '.join(tail)}", f"SELECT month, plays - LAG(plays) OVER (ORDER BY month) AS change FROM ({inner}) ORDER BY month"
    return f"{lead}{noun} {' '.join(tail)}", base


PATTERNS = [event_top, event_top, event_count, event_series]
