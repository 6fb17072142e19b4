"""Statistics of songs: firsts of a group, averages, correlations."""

from __future__ import annotations

from .parts import EN, FR, FEATURES, RANKINGS, limited, limited_in, one, superlative


def per_group(rng):
    """The first, or the first {num}, of each group."""
    language = rng.choice([EN, FR])
    column, direction, en, fr, _, _ = rng.choice([r for r in RANKINGS["tracks"] if r[0] != "release_date"])
    group, group_en, group_fr = rng.choice([("genre", "genre", "genre"), ("release_year", "year", "année"), ("album", "album of {artist}|{artist} album", "album de {artist}")])
    where = " WHERE artist_id = {artist}" if group == "album" else ""
    group_en, group_fr = one(rng, group_en), one(rng, group_fr)
    number = rng.random() < 0.5
    sql = f"SELECT {group}, title, artist_name, {column} FROM music.tracks{where} QUALIFY ROW_NUMBER() OVER (PARTITION BY {group} ORDER BY {column}{' DESC' if direction else ''}) {'<= {num}' if number else '= 1'}"
    if language == EN:
        adjective = one(rng, en)
        question = rng.choice([f"the {{num}} {adjective} songs of each {group_en}", f"{{num}} {adjective} tracks per {group_en}", f"for every {group_en}, its {{num}} {adjective} songs"]) if number else rng.choice([f"{adjective} song of each {group_en}", f"the {adjective} track per {group_en}", f"for each {group_en}, the {adjective} song", f"what is the {adjective} song in every {group_en}?"])
    else:
        adjective = one(rng, fr)
        single = adjective.replace("les plus", "le plus").replace("les moins", "le moins")
        question = rng.choice([f"les {{num}} titres {adjective} de chaque {group_fr}", f"{{num}} morceaux {adjective} par {group_fr}", f"pour chaque {group_fr}, les {{num}} titres {adjective}"]) if number else rng.choice([f"le titre {single} de chaque {group_fr}", f"par {group_fr}, le morceau {single}", f"pour chaque {group_fr}, quel est le titre {single} ?"])
    return question, sql


GROUPED = [("genre", "genre", "genre|par genre", ""), ("release_year", "year", "année", "release_year"), ("DIV(release_year, 10) * 10", "decade", "décennie", "decade"), ("artist_name", "artist", "artiste", "")]


def feature_statistics(rng):
    """Averages, correlations and bands of a numeric column of tracks."""
    language = rng.choice([EN, FR])
    nouns = [(c, ne, nf) for c, _, _, _, _, ne, nf in FEATURES] + [("tempo", "tempo|bpm", "tempo|bpm"), ("popularity", "popularity", "popularité"), ("loudness", "loudness", "volume sonore")]
    (a, a_en, a_fr), (b, b_en, b_fr) = rng.sample(nouns, 2)
    a_word, b_word = one(rng, a_en if language == EN else a_fr), one(rng, b_en if language == EN else b_fr)
    tails = [("", "", ""), (" WHERE genre = {genre}", "in {genre}|for {genre} songs", "en {genre}|pour le genre {genre}"), (" WHERE artist_id = {artist}", "for {artist}|of {artist}'s songs", "chez {artist}|pour {artist}"), (" WHERE release_year BETWEEN {decade} AND {decade} + 9", "in the {decade}|for songs of the {decade}", "dans les années {decade}|pour les années {decade}")]
    where, en, fr = rng.choice(tails)
    tail = one(rng, en if language == EN else fr)
    roll = rng.random()
    if roll < 0.35:
        question = rng.choice([f"correlation between {a_word} and {b_word} {tail}", f"how are {a_word} and {b_word} correlated {tail}", f"is there a link between {a_word} and {b_word} {tail}? correlation"]) if language == EN else rng.choice([f"corrélation entre {a_word} et {b_word} {tail}", f"y a-t-il un lien entre {a_word} et {b_word} {tail} ? coefficient de corrélation", f"{a_word} et {b_word} : quelle corrélation {tail}"])
        if rng.random() < 0.25:
            question = rng.choice([f"per genre, correlation of {a_word} and {b_word}", f"correlation between {a_word} and {b_word} for each genre"]) if language == EN else rng.choice([f"par genre, la corrélation entre {a_word} et {b_word}", f"corrélation entre {a_word} et {b_word} pour chaque genre"])
            return question, f"SELECT genre, CORR({a}, {b}) AS correlation FROM music.tracks GROUP BY genre ORDER BY correlation DESC"
        return question, f"SELECT CORR({a}, {b}) AS correlation FROM music.tracks{where}"
    if roll < 0.65:
        question = rng.choice([f"average {a_word} {tail}", f"what is the average {a_word} {tail}", f"mean {a_word} {tail}"]) if language == EN else rng.choice([f"{a_word} moyenne {tail}", f"moyenne de {a_word} {tail}", f"quelle est la {a_word} moyenne {tail} ?"])
        return question, f"SELECT AVG({a}) AS avg_{a} FROM music.tracks{where}"
    if roll < 0.8:
        question = rng.choice([f"{rng.choice(['songs', 'tracks'])} {tail} with {a_word} above average", f"which songs {tail} have more {a_word} than average"]) if language == EN else rng.choice([f"titres {tail} avec {a_word} au-dessus de la moyenne", f"quels morceaux {tail} ont plus de {a_word} que la moyenne"])
        condition_ = f"{a} > (SELECT AVG({a}) FROM music.tracks{where})"
        return question, f"SELECT title, artist_name, {a} FROM music.tracks WHERE {condition_}{where.replace(' WHERE', ' AND')}"
    expression, name_en, name_fr, order = rng.choice(GROUPED[:3])
    alias = "" if expression in ("genre", "release_year") else " AS decade"
    key = "decade" if alias else expression
    question = rng.choice([f"average {a_word} per {name_en}", f"{a_word} by {name_en}, average", f"mean {a_word} for each {name_en}"]) if language == EN else rng.choice([f"{a_word} moyenne par {name_fr.split('|')[0]}", f"moyenne de {a_word} pour chaque {name_fr.split('|')[0]}"])
    return question, f"SELECT {expression}{alias}, AVG({a}) AS avg_{a} FROM music.tracks GROUP BY {key} ORDER BY {key if order else f'avg_{a} DESC'}"


PATTERNS = [per_group, feature_statistics, feature_statistics]
