"""Charts and snapshots."""

from __future__ import annotations

from .parts import EN, FR, FEATURES, RANKINGS, limited, limited_in, one, superlative

CHART_TIMES = [("EXTRACT(YEAR FROM chart_date) = {year}", "in {year}|during {year}", "en {year}"), ("EXTRACT(YEAR FROM chart_date) BETWEEN {decade} AND {decade} + 9", "in the {decade}|of the {decade}", "dans les années {decade}|des années {decade}"), ("EXTRACT(YEAR FROM chart_date) BETWEEN {year} AND {year2}", "between {year} and {year2}", "entre {year} et {year2}"), ("chart_date = (SELECT MAX(chart_date) FROM music.chart_entries)", "on the current chart|on the latest hot 100|right now", "dans le classement actuel|au dernier hot 100|en ce moment"), ("chart_date = {date}", "on {date}", "le {date}")]


def chart(rng):
    language = rng.choice([EN, FR])
    top, top_en, top_fr = rng.choice([("rank = 1", "number one", "numéro un"), ("rank <= {num2}", "top {num2}", "top {num2}"), ("", "", "")])
    times = [rng.choice(CHART_TIMES)] if rng.random() < 0.75 else []
    artists = rng.choice([None, None, ("artist_id = {artist}", "by {artist}|of {artist}", "de {artist}"), ("artist_id IN ({artist}, {artist2})", "by {artist} or {artist2}|by {artist} and {artist2}", "de {artist} ou de {artist2}|de {artist} et {artist2}")])
    parts = [p for p in [artists, *times] if p]
    where = " AND ".join(["chart = 'hot-100'", *([top] if top else []), *(s for s, _, _ in parts)])
    rng.shuffle(parts)
    tail = " ".join(one(rng, en if language == EN else fr) for _, en, fr in parts)
    style = rng.random()
    if style < 0.3:
        noun = {EN: f"{top_en} songs|{top_en} hits" if top else "hits|chart hits|songs on the hot 100", FR: f"titres {top_fr}|tubes {top_fr}" if top else "tubes|titres classés|titres au hot 100"}[language]
        question = rng.choice(["", "list the " if language == EN else "liste des ", "which " if language == EN else "quels "]) + one(rng, noun) + " " + tail
        return question, f"SELECT DISTINCT title, artist_name FROM music.chart_entries WHERE {where}"
    if style < 0.5:
        noun = {EN: f"{top_en} songs|{top_en} hits" if top else "hits|charted songs", FR: f"titres {top_fr}|tubes {top_fr}" if top else "tubes|titres classés"}[language]
        question = (rng.choice(["how many ", "number of "]) if language == EN else rng.choice(["combien de ", "nombre de "])) + one(rng, noun) + " " + tail
        return question, f"SELECT COUNT(DISTINCT title) AS hits FROM music.chart_entries WHERE {where}"
    if style < 0.62 and artists and "IN" not in artists[0]:
        who = tail.replace("by ", "").replace("of ", "").replace("de {artist}", "{artist}")
        question = rng.choice([f"did {{artist}} ever have a {top_en or 'charted'} song", f"has {{artist}} been {top_en or 'on the hot 100'}"]) if language == EN else rng.choice([f"est-ce que {{artist}} a déjà été {top_fr or 'classé au hot 100'} ?", f"{{artist}} a-t-il déjà été {top_fr or 'dans le hot 100'} ?"])
        return question, f"SELECT COUNT(*) > 0 AS answer FROM music.chart_entries WHERE {' AND '.join(w for w in [chr(99) + 'hart = ' + chr(39) + 'hot-100' + chr(39), top, 'artist_id = {artist}'] if w)}"
    weeks = rng.random() < 0.5
    measure, alias = ("COUNT(*) AS weeks", "weeks") if weeks else ("COUNT(DISTINCT title) AS hits", "hits")
    where = " AND ".join(["chart = 'hot-100'", *([top] if top else []), *(s for s, _, _ in times)])
    tail = " ".join(one(rng, en if language == EN else fr) for _, en, fr in times)
    language, how, words, limit = (language, *limited_in(rng, language, "artist", "artists", "artiste", "artistes"))
    what = ({True: f"weeks at {top_en}" if top else "weeks on the chart", False: f"{top_en} songs" if top else "hits"} if language == EN else {True: f"semaines {top_fr}" if top else "semaines au classement", False: f"titres {top_fr}" if top else "tubes"})[weeks]
    question = rng.choice([f"{words} with the most {what} {tail}", f"the {words} who had the most {what} {tail}", f"which {words} had the most {what} {tail}?"]) if language == EN else rng.choice([f"{words} avec le plus de {what} {tail}", f"les {words} qui ont eu le plus de {what} {tail}" if how != "one" else f"quel {words} a eu le plus de {what} {tail} ?"])
    return question, f"SELECT artist_name, {measure} FROM music.chart_entries WHERE {where} GROUP BY artist_name ORDER BY {alias} DESC {limit}"


def snapshots(rng):
    language = rng.choice([EN, FR])
    track = rng.random() < 0.4
    table, key, slot = ("track_snapshots", "title = {title}", "{title}") if track else ("artist_snapshots", "artist_id = {artist}", "{artist}")
    column, en, fr = rng.choice([("popularity", "popularity", "popularité")] if track else [("popularity", "popularity", "popularité"), ("followers", "followers|follower count|fans", "abonnés|nombre d'abonnés|fans")])
    noun = one(rng, en if language == EN else fr)
    year = rng.random() < 0.3
    where = f"{key}" + (" AND EXTRACT(YEAR FROM captured_at) = {year}" if year else "")
    when = ("in {year}" if language == EN else "en {year}") if year else ""
    style = rng.random()
    if style < 0.5:
        question = rng.choice([f"{noun} of {slot} over time {when}", f"how did the {noun} of {slot} change {when}", f"{slot} {noun} history {when}", f"evolution of {slot}'s {noun} {when}"]) if language == EN else rng.choice([f"évolution de la {noun} de {slot} {when}", f"historique {noun} de {slot} {when}", f"comment la {noun} de {slot} a-t-elle évolué {when} ?", f"{noun} de {slot} au fil du temps {when}"])
        return question, f"SELECT captured_at, {column} FROM music.{table} WHERE {where} ORDER BY captured_at"
    if style < 0.7:
        question = rng.choice([f"highest {noun} ever of {slot} {when}", f"peak {noun} of {slot} {when}", f"maximum {noun} reached by {slot} {when}"]) if language == EN else rng.choice([f"{noun} maximale de {slot} {when}", f"record de {noun} pour {slot} {when}", f"plus haute {noun} atteinte par {slot} {when}"])
        return question, f"SELECT MAX({column}) AS max_{column} FROM music.{table} WHERE {where}"
    question = rng.choice([f"how much did {slot}'s {noun} change {when}", f"change in {noun} of {slot} {when}", f"{noun} gained by {slot} {when}"]) if language == EN else rng.choice([f"de combien la {noun} de {slot} a changé {when}", f"variation de {noun} de {slot} {when}", f"combien de {noun} gagnés par {slot} {when}"])
    return question, f"SELECT MAX_BY({column}, captured_at) - MIN_BY({column}, captured_at) AS change FROM music.{table} WHERE {where}"


PATTERNS = [chart, chart, snapshots]
