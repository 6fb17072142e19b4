"""Who listens to what: listens, tags, groups with enough of something, sets."""

from __future__ import annotations

from .parts import EN, FR, FEATURES, RANKINGS, limited, limited_in, one, superlative


def listens_top(rng):
    listeners = rng.random() < 0.3
    measure = "COUNT(DISTINCT user_id) AS listeners" if listeners else "SUM(plays) AS plays"
    alias = "listeners" if listeners else "plays"
    joins, where, tails = "", [], {EN: [], FR: []}
    choice = rng.random()
    if choice < 0.35:
        joins, where = " JOIN music.users USING (user_id)", ["country = {country}"]
        tails = {EN: ["in {country}", "among listeners in {country}", "for {country} listeners"], FR: ["en {country}", "chez les auditeurs de {country}", "par les auditeurs {country}"]}
    elif choice < 0.55:
        joins, where = " JOIN music.artists USING (artist_id)", ["{genre} IN UNNEST(genres)"]
        tails = {EN: ["in {genre}", "of the genre {genre}"], FR: ["de {genre}", "du genre {genre}"]}
    elif choice < 0.7:
        joins, where = " JOIN music.user_segments USING (user_id)", ["segment = {segment}"]
        tails = {EN: ["in the {segment} segment", "among the {segment} segment"], FR: ["dans le segment {segment}", "chez les {segment}"]}
    elif choice < 0.85:
        where = ["user_id = {num2}"]
        tails = {EN: ["of user {num2}", "for user {num2}"], FR: ["de l'utilisateur {num2}", "pour l'utilisateur {num2}"]}
        if listeners:
            return listens_top(rng)
    else:
        where = ["user_id IN (SELECT friend_id FROM music.friendships WHERE user_id = {num2})"]
        tails = {EN: ["among the friends of user {num2}", "by user {num2}'s friends"], FR: ["chez les amis de l'utilisateur {num2}", "par les amis de l'utilisateur {num2}"]}
    language, how, words, limit = limited(rng, "artist", "artists", "artiste", "artistes")
    if choice >= 0.7 and choice < 0.85:
        select, group = "artist_name, plays", ""
    else:
        select, group = f"artist_name, {measure}", " GROUP BY artist_name"
    sql = f"SELECT {select} FROM music.listens{joins} WHERE {' AND '.join(where)}{group} ORDER BY {alias} DESC {limit}"
    adjective = ("most widely heard|with the most listeners", "plus répandus") if listeners else ("most listened to|most played", "plus écoutés")
    if listeners:
        tail = rng.choice(tails[language])
        words_ = words if how != "number" else words
        question = rng.choice([f"{words_} with the most listeners {tail}", f"the {words_} {tail} with the most listeners"]) if language == EN else rng.choice([f"{words_} avec le plus d'auditeurs {tail}", f"les {words_} qui ont le plus d'auditeurs {tail}" if how != "one" else f"quel {words_} a le plus d'auditeurs {tail} ?"])
        return question, sql
    return superlative(rng, language, how, words, *adjective, rng.choice(tails[language])), sql


HAVING = [  # subject SQL up to HAVING, alias, English subject and unit, French subject and unit
    ("SELECT artist_name, SUM(plays) AS plays FROM music.listens GROUP BY artist_name", "plays", "artists", "plays in all|plays", "artistes", "écoutes|écoutes au total"),
    ("SELECT artist_name, COUNT(DISTINCT user_id) AS listeners FROM music.listens GROUP BY artist_name", "listeners", "artists", "listeners", "artistes", "auditeurs"),
    ("SELECT tag, COUNT(DISTINCT user_id) AS users FROM music.artist_tags GROUP BY tag", "users", "tags", "different users|users", "tags", "utilisateurs différents|utilisateurs"),
    ("SELECT artist_name, COUNT(DISTINCT title) AS hits FROM music.chart_entries WHERE chart = 'hot-100' AND rank = 1 GROUP BY artist_name", "hits", "artists", "number ones|number one songs", "artistes", "numéros un|titres numéro un"),
    ("SELECT artist_name, COUNT(DISTINCT title) AS hits FROM music.chart_entries WHERE chart = 'hot-100' GROUP BY artist_name", "hits", "artists", "hits|songs on the hot 100", "artistes", "tubes|titres au hot 100"),
    ("SELECT title, artist_name, COUNT(*) AS weeks FROM music.chart_entries WHERE chart = 'hot-100' GROUP BY title, artist_name", "weeks", "songs", "weeks on the chart|weeks on the hot 100", "titres", "semaines au classement|semaines au hot 100"),
    ("SELECT artist_name, COUNT(*) AS tracks FROM music.tracks GROUP BY artist_name", "tracks", "artists", "songs|tracks in the catalogue", "artistes", "titres|morceaux au catalogue"),
    ("SELECT genre, COUNT(*) AS tracks FROM music.tracks GROUP BY genre", "tracks", "genres", "songs|tracks", "genres", "titres|chansons"),
    ("SELECT user_id, COUNT(*) AS friends FROM music.friendships GROUP BY user_id", "friends", "users", "friends", "utilisateurs", "amis"),
    ("SELECT country, COUNT(*) AS artists FROM music.artists GROUP BY country", "artists", "countries", "artists", "pays", "artistes"),
    ("SELECT artist_name, COUNT(DISTINCT user_id) AS users FROM music.artist_tags WHERE tag = {tag} GROUP BY artist_name", "users", "artists tagged {tag} by", "users|people", "artistes tagués {tag} par", "personnes|utilisateurs"),
]
COMPARISONS = [(">", "more than|over|above", "plus de"), (">=", "at least|or more", "au moins|minimum"), ("<", "fewer than|less than|under", "moins de"), ("<=", "at most|no more than", "au plus|au maximum")]


def having(rng):
    language = rng.choice([EN, FR])
    sql, alias, subject_en, unit_en, subject_fr, unit_fr = rng.choice(HAVING)
    operator, en, fr = rng.choice(COMPARISONS)
    tagged = "{tag}" in sql
    if language == EN:
        words, unit = one(rng, en), one(rng, unit_en)
        amount = f"{{num}} or more {unit}" if words == "or more" else f"{words} {{num}} {unit}"
        middle = "" if tagged else rng.choice(["with", "that have", "having"])
        question = f"{rng.choice(['', 'which ', 'list ', 'show '])}{subject_en} {middle} {amount}"
    else:
        middle = "" if tagged else rng.choice(["avec", "qui ont", "ayant"])
        question = f"{rng.choice(['', 'quels ', 'liste des ', 'les '])}{subject_fr} {middle} {one(rng, fr)} {{num}} {one(rng, unit_fr)}"
    return question, f"{sql} HAVING {alias} {operator} {{num}}"


def sets(rng):
    """Both, one but not the other, either: for users' artists, artists' listeners, tags and genres."""
    language = rng.choice([EN, FR])
    sources = [
        ("SELECT artist_name FROM music.listens WHERE user_id = {X}", "num", "artists listened to by user {a}", "user {b}", "artistes écoutés par l'utilisateur {a}", "l'utilisateur {b}"),
        ("SELECT artist_name FROM music.artist_tags WHERE tag = {X}", "tag", "artists tagged {a}", "{b}", "artistes tagués {a}", "{b}"),
        ("SELECT user_id FROM music.listens WHERE artist_id = {X}", "artist", "users who listen to {a}", "{b}", "utilisateurs qui écoutent {a}", "{b}"),
        ("SELECT artist_name FROM music.country_charts WHERE country = {X}", "country", "artists that charted in {a}", "{b}", "artistes classés en {a}", "{b}"),
    ]
    sql, kind, en_a, en_b, fr_a, fr_b = rng.choice(sources)
    a, b = "{" + kind + "}", "{" + kind + "2}"
    first, second = sql.replace("{X}", a), sql.replace("{X}", b)
    left, right = (en_a, en_b) if language == EN else (fr_a, fr_b)
    left, right = left.replace("{a}", a), right.replace("{b}", b)
    operator, en, fr = rng.choice([("INTERSECT DISTINCT", "{L} and also {R}|{L} and {R} both|both {L} and {R}", "{L} et aussi {R}|à la fois {L} et {R}|{L} et {R} tous les deux"), ("EXCEPT DISTINCT", "{L} but not {R}|{L} and not {R}|{L} except {R}", "{L} mais pas {R}|{L} sauf {R}|{L} et pas {R}"), ("UNION DISTINCT", "{L} or {R}|either {L} or {R}", "{L} ou {R}|soit {L} soit {R}")])
    return one(rng, en if language == EN else fr).replace("{L}", left).replace("{R}", right), f"{first} {operator} {second}"


PATTERNS = [listens_top, listens_top, having, having, sets]
