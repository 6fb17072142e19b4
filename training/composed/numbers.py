"""Questions with two numbers or more that mean different things: how many rows, a threshold, a rank, days, minutes, a year."""

from __future__ import annotations

import random

from .parts import EN, FR, one

# How many rows are wanted, said before the noun or at the end; `N` is the slot.
MANY_BEFORE = {EN: "the N|top N|N|the top N|give me N|show me the N|which N", FR: "les N|top N|N|le top N des|donne-moi les N|quels sont les N|affiche N"}
MANY_AFTER = {EN: "N is enough|just N|keep N|limit N|N rows|the first N|no more than N|I only need N|list N", FR: "N suffisent|juste N|garde-en N|limite N|N lignes|les N premiers|pas plus de N|il m'en faut N|top N"}


def asked(rng: random.Random, language: str, noun: str, parts: list[str], limit: str = "") -> str:
    """The noun with its parts in any order; the number of rows, where there is one, before it or behind."""
    parts = [one(rng, part) for part in parts if part]
    rng.shuffle(parts)
    noun = one(rng, noun)
    if limit and rng.random() < 0.6:
        noun = f"{one(rng, MANY_BEFORE[language]).replace('N', limit)} {noun}"
        limit = ""
    ahead = [parts.pop()] if parts and rng.random() < 0.2 else []
    text = ", ".join(ahead + [" ".join([noun, *parts])])
    if limit:
        last = one(rng, MANY_AFTER[language]).replace("N", limit)
        text = f"{last}: {text}" if rng.random() < 0.15 else f"{text}, {last}" if rng.random() < 0.7 else f"{text} ({last})"
    return text + rng.choice(["", "", " ?" if language == FR else "?", ", please" if language == EN else ", merci"])


def said(rng: random.Random, en: tuple, fr: tuple, limit: str = "") -> str:
    language = rng.choice([EN, FR])
    noun, *parts = en if language == EN else fr
    return asked(rng, language, noun, parts, limit)


DAYS = ("over the last {num} days|in the past {num} days|these last {num} days|during the {num} most recent days|for {num} days now", "ces {num} derniers jours|sur les {num} derniers jours|depuis {num} jours|au cours des {num} derniers jours|pendant les {num} jours les plus récents")
SINCE = "DATE(played_at) > DATE_SUB((SELECT MAX(DATE(played_at)) FROM music.listening_events), INTERVAL {num} DAY)"
HEARD = ("in {country}|among listeners in {country}|by people in {country}", "en {country}|au {country}|chez les auditeurs de {country}|par les gens en {country}")
ACTS = ("most played artists|artists people played most|artists with the most plays|favourite acts|most streamed bands", "artistes les plus écoutés|artistes qui tournent le plus|artistes avec le plus d'écoutes|groupes les plus joués")
SONGS = ("most played songs|songs with the most plays|tracks on heaviest rotation|most streamed titles", "titres les plus écoutés|morceaux les plus joués|chansons avec le plus d'écoutes|sons qui tournent le plus")


def recent(rng):
    songs, here = rng.random() < 0.5, rng.random() < 0.4
    columns = "track_title, artist_name" if songs else "artist_name"
    noun = SONGS if songs else ACTS
    where = ("country = {country} AND " if here else "") + SINCE
    question = said(rng, (noun[0], DAYS[0], HEARD[0] if here else ""), (noun[1], DAYS[1], HEARD[1] if here else ""), "{num2}")
    return question, f"SELECT {columns}, COUNT(*) AS plays FROM music.listening_events WHERE {where} GROUP BY {columns} ORDER BY plays DESC LIMIT {{num2}}"


def at_hours(rng):
    songs = rng.random() < 0.5
    columns, noun = ("track_title, artist_name", SONGS) if songs else ("artist_name", ACTS)
    hours = ("between {num}h and {num2}h|from {num} to {num2} o'clock|between {num} and {num2} o'clock|from {num}:00 to {num2}:00", "entre {num}h et {num2}h|de {num} heures à {num2} heures|entre {num} et {num2} heures|de {num}h à {num2}h")
    question = said(rng, (noun[0], hours[0]), (noun[1], hours[1]), "{num3}")
    return question, f"SELECT {columns}, COUNT(*) AS plays FROM music.listening_events WHERE EXTRACT(HOUR FROM played_at) BETWEEN {{num}} AND {{num2}} GROUP BY {columns} ORDER BY plays DESC LIMIT {{num3}}"


WHEN = [("", "", ""), (" AND EXTRACT(YEAR FROM chart_date) = {year}", "in {year}|during {year}|of {year}", "en {year}|au cours de {year}|de l'année {year}"),
        (" AND EXTRACT(YEAR FROM chart_date) > {year}", "after {year}|later than {year}", "après {year}"), (" AND EXTRACT(YEAR FROM chart_date) BETWEEN {decade} AND {decade} + 9", "in the {decade}|of the {decade}", "dans les années {decade}|des années {decade}")]


def chart_hits(rng):
    when, en, fr = rng.choice(WHEN)
    top = ("in the top {num}|inside the top {num} of the Hot 100|that reached the top {num}|ranked {num} or better", "dans le top {num}|classés dans les {num} premiers|entrés dans le top {num} du Hot 100|au rang {num} ou mieux")
    if rng.random() < 0.5:
        question = said(rng, ("artists with the most different songs|acts with most hits|artists with the largest number of titles", top[0], en), ("artistes avec le plus de titres différents|artistes qui ont le plus de tubes|artistes ayant placé le plus de chansons", top[1], fr), "{num2}")
        return question, f"SELECT artist_name, COUNT(DISTINCT title) AS hits FROM music.chart_entries WHERE chart = 'hot-100' AND rank <= {{num}}{when} GROUP BY artist_name ORDER BY hits DESC LIMIT {{num2}}"
    if rng.random() < 0.5:
        question = said(rng, ("songs with most weeks|titles that spent the most weeks|longest running songs", top[0].split("|that")[0], en), ("titres avec le plus de semaines|chansons restées le plus longtemps|morceaux qui ont passé le plus de semaines", "dans le top {num}|dans les {num} premiers|au rang {num} ou mieux", fr), "{num2}")
        return question, f"SELECT title, artist_name, COUNT(*) AS weeks FROM music.chart_entries WHERE chart = 'hot-100' AND rank <= {{num}}{when} GROUP BY title, artist_name ORDER BY weeks DESC LIMIT {{num2}}"
    question = said(rng, ("songs", "at least {num2} weeks in the top {num}|that stayed in the top {num} for {num2} weeks or more|with {num2} weeks or more ranked {num} or better", en), ("chansons|titres", "au moins {num2} semaines dans le top {num}|restés {num2} semaines ou plus dans les {num} premiers|classés {num} ou mieux pendant {num2} semaines au moins", fr))
    return question, f"SELECT title, artist_name, COUNT(*) AS weeks FROM music.chart_entries WHERE chart = 'hot-100' AND rank <= {{num}}{when} GROUP BY title, artist_name HAVING weeks >= {{num2}}"


def many_countries(rng):
    month = rng.random() < 0.6
    when = " AND DATE_TRUNC(chart_date, MONTH) = {month}" if month else ""
    question = said(rng, ("artists|acts|which artists were", "in the top {num} of at least {num2} countries|top {num} in {num2} countries or more|ranked {num} or better in {num2} or more country charts|with {num2} countries where they made the top {num}", "in {month}|during {month}" if month else ""),
                    ("artistes|quels artistes sont", "dans le top {num} d'au moins {num2} pays|classés dans les {num} premiers de {num2} pays ou plus|au rang {num} ou mieux dans {num2} classements de pays au minimum|avec au moins {num2} pays où ils sont top {num}", "en {month}|au mois de {month}" if month else ""))
    return question, f"SELECT artist_name, COUNT(DISTINCT country) AS countries FROM music.country_charts WHERE rank <= {{num}}{when} GROUP BY artist_name HAVING countries >= {{num2}}"


def of_user(rng):
    user = ("of user {num}|for user {num}|user {num}", "de l'utilisateur {num}|pour l'utilisateur {num}|utilisateur {num}|du user {num}")
    sql, en, fr = rng.choice([
        ("SELECT artist_name, plays FROM music.listens WHERE user_id = {num} ORDER BY plays DESC LIMIT {num2}", "favourite artists|most played artists|artists with the most plays", "artistes préférés|artistes les plus écoutés"),
        ("SELECT track_title, artist_name, played_at FROM music.listening_events WHERE user_id = {num} ORDER BY played_at DESC LIMIT {num2}", "last songs played|latest plays|most recently played tracks", "derniers titres écoutés|dernières écoutes|morceaux écoutés en dernier"),
        ("SELECT artist_name, score FROM music.recommendations WHERE user_id = {num} ORDER BY score DESC LIMIT {num2}", "best recommendations|recommended artists|top suggestions", "meilleures recommandations|artistes recommandés|suggestions les mieux notées"),
        ("SELECT track_title, artist_name, COUNT(*) AS plays FROM music.listening_events WHERE user_id = {num} GROUP BY track_title, artist_name ORDER BY plays DESC LIMIT {num2}", "most played songs|favourite tracks", "titres les plus écoutés|chansons préférées"),
    ])
    return said(rng, (en, user[0]), (fr, user[1]), "{num2}"), sql


COMPARED = [(">", "more than N|over N|above N", "plus de N|au-dessus de N"), (">=", "at least N|N or more|a minimum of N", "au moins N|N ou plus|un minimum de N"), ("<", "less than N|under N|below N", "moins de N|en dessous de N"), ("<=", "at most N|N or less|no more than N", "au plus N|N au maximum|pas plus de N")]


def compared(rng, slot: str) -> tuple[str, str, str]:
    """An operator with how it is said of a number in both languages."""
    operator, en, fr = rng.choice(COMPARED)
    return operator, one(rng, en).replace("N", slot), one(rng, fr).replace("N", slot)


def followed_since(rng):
    operator, en, fr = compared(rng, "{num}")
    sign, since_en, since_fr = rng.choice([(">", "released after {year}|newer than {year}", "sortis après {year}"), ("<", "released before {year}|older than {year}", "sortis avant {year}"), (">=", "since {year}|from {year} on", "depuis {year}|à partir de {year}"), ("=", "from {year}|released in {year}", "de {year}|sortis en {year}")])
    ranked = rng.random() < 0.5
    noun = ("most popular songs|best known tracks", "titres les plus populaires|morceaux les plus connus") if ranked else ("songs|tracks|titles", "titres|morceaux|chansons")
    by = (f"by artists with {en} followers|of artists that have {en} fans|whose artist has {en} followers", f"d'artistes qui ont {fr} abonnés|d'artistes avec {fr} followers|dont l'artiste a {fr} abonnés")
    question = said(rng, (noun[0], by[0], since_en), (noun[1], by[1], since_fr), "{num2}" if ranked else "")
    shown, tail = ("tracks.popularity", " ORDER BY tracks.popularity DESC LIMIT {num2}") if ranked else ("followers", "")
    return question, f"SELECT title, artist_name, {shown} FROM music.tracks JOIN music.artists USING (artist_id) WHERE followers {operator} {{num}} AND release_year {sign} {{year}}{tail}"


def artists_between(rng):
    a, a_en, a_fr = compared(rng, "{num}")
    b, b_en, b_fr = compared(rng, "{num2}")
    ranked = rng.random() < 0.4
    noun = ("most followed artists", "artistes les plus suivis") if ranked else ("artists|acts|bands", "artistes|groupes")
    question = said(rng, (noun[0], f"with a popularity of {a_en}|popularity {a_en}", f"with {b_en} followers|having {b_en} fans"), (noun[1], f"avec une popularité de {a_fr}|popularité {a_fr}", f"avec {b_fr} abonnés|ayant {b_fr} followers"), "{num3}" if ranked else "")
    tail = " ORDER BY followers DESC LIMIT {num3}" if ranked else ""
    return question, f"SELECT name, popularity, followers FROM music.artists WHERE popularity {a} {{num}} AND followers {b} {{num2}}{tail}"


def groups_of_tracks(rng):
    column, name_en, name_fr = rng.choice([("artist_name", "artists", "artistes"), ("genre", "genres", "genres"), ("album", "albums", "albums")])
    measure, en, fr = rng.choice([("popularity", "popularity", "popularité"), ("tempo", "tempo", "tempo"), ("energy", "energy", "énergie"), ("danceability", "danceability", "dansabilité")])
    at_least = ("with at least {num} songs|having {num} tracks or more|of {num} titles and more", "avec au moins {num} titres|ayant {num} morceaux ou plus|de {num} chansons et plus")
    if rng.random() < 0.5:
        question = said(rng, (f"{name_en} with the highest average {measure if measure == en else en}|{name_en} highest in {en} on average", at_least[0]), (f"{name_fr} à la {fr} moyenne la plus élevée|{name_fr} les plus hauts en {fr} moyenne", at_least[1]), "{num2}")
        return question, f"SELECT {column}, AVG({measure}) AS avg_{measure} FROM music.tracks GROUP BY {column} HAVING COUNT(*) >= {{num}} ORDER BY avg_{measure} DESC LIMIT {{num2}}"
    question = said(rng, (f"{name_en}|which {name_en} are there", at_least[0], f"whose average {en} is over {{num2}}|averaging more than {{num2}} in {en}|mean {en} above {{num2}}"), (f"{name_fr}|quels {name_fr}", at_least[1], f"dont la {fr} moyenne dépasse {{num2}}|avec plus de {{num2}} de {fr} en moyenne|{fr} moyenne au-dessus de {{num2}}"))
    return question, f"SELECT {column}, COUNT(*) AS tracks, AVG({measure}) AS avg_{measure} FROM music.tracks GROUP BY {column} HAVING tracks >= {{num}} AND avg_{measure} > {{num2}}"


def songs_of_speed(rng):
    fast, f_en, f_fr = rng.choice([(">", "over {num} bpm|above {num} bpm|faster than {num} bpm|tempo beyond {num}", "à plus de {num} bpm|au-dessus de {num} bpm|tempo supérieur à {num}"), ("<", "under {num} bpm|slower than {num} bpm|tempo below {num}", "à moins de {num} bpm|sous les {num} bpm|tempo inférieur à {num}")])
    long, l_en, l_fr = rng.choice([(">", "longer than {num2} minutes|over {num2} minutes|of more than {num2} min", "de plus de {num2} minutes|dépassant {num2} minutes"), ("<", "shorter than {num2} minutes|under {num2} minutes|less than {num2} min", "de moins de {num2} minutes|sous les {num2} minutes")])
    year = rng.random() < 0.4
    ranked = rng.random() < 0.6
    noun = ("most popular songs|best known tracks", "titres les plus populaires|morceaux les plus connus") if ranked else ("songs|tracks", "titres|morceaux|chansons")
    question = said(rng, (noun[0], f_en, l_en, "since {year}|from {year} on" if year else ""), (noun[1], f_fr, l_fr, "depuis {year}|à partir de {year}" if year else ""), "{num3}" if ranked else "")
    shown, tail = ("popularity", " ORDER BY popularity DESC LIMIT {num3}") if ranked else ("tempo, duration_ms", "")
    return question, f"SELECT title, artist_name, {shown} FROM music.tracks WHERE tempo {fast} {{num}} AND duration_ms {long} {{num2}} * 60000{' AND release_year >= {year}' if year else ''}{tail}"


def busy_users(rng):
    question = said(rng, ("users|listeners|which users", "with more than {num} plays|over {num} plays", "of at least {num2} artists|and {num2} different artists or more|spread over {num2} artists at least"), ("utilisateurs|quels utilisateurs|auditeurs", "avec plus de {num} écoutes|au-delà de {num} écoutes", "d'au moins {num2} artistes|et {num2} artistes différents ou plus|pour {num2} artistes minimum"))
    return question, "SELECT user_id, SUM(plays) AS plays, COUNT(DISTINCT artist_id) AS artists FROM music.listens GROUP BY user_id HAVING plays > {num} AND artists >= {num2}"


def similar(rng):
    question = said(rng, ("artists closest to {artist}|most similar artists to {artist}|artists like {artist}, best score first", "with at least {num} listeners in common|sharing {num} listeners or more"), ("artistes les plus proches de {artist}|artistes les plus semblables à {artist}", "avec au moins {num} auditeurs en commun|partageant {num} auditeurs ou plus"), "{num2}")
    return question, "SELECT similar_artist_name, score, shared_listeners FROM music.similar_artists WHERE artist_id = {artist} AND shared_listeners >= {num} ORDER BY score DESC LIMIT {num2}"


def of_each_group(rng):
    column, en, fr = rng.choice([("genre", "of each genre|per genre|in every genre", "de chaque genre|par genre"), ("artist_name", "of each artist|per artist", "de chaque artiste|par artiste")])
    sign, since_en, since_fr = rng.choice([(">=", "since {year}|from {year} on", "depuis {year}|à partir de {year}"), ("<", "before {year}|older than {year}", "avant {year}|antérieurs à {year}"), ("=", "of the year {year}|released in {year}", "de l'année {year}|sortis en {year}")])
    many = ("the {num} most popular songs|top {num} songs by popularity|{num} best known tracks", "les {num} titres les plus populaires|top {num} des morceaux par popularité|{num} chansons les plus connues")
    columns = "genre, title, artist_name" if column == "genre" else "artist_name, title"
    question = said(rng, (many[0], en, since_en), (many[1], fr, since_fr))
    return question, f"SELECT {columns}, popularity FROM music.tracks WHERE release_year {sign} {{year}} QUALIFY ROW_NUMBER() OVER (PARTITION BY {column} ORDER BY popularity DESC) <= {{num}}"


def grown(rng):
    question = said(rng, ("artists whose plays grew the most|artists with the biggest rise in plays|acts that gained most plays", "from {year} to {year2}|between {year} and {year2}|{year2} compared with {year}"), ("artistes dont les écoutes ont le plus augmenté|artistes qui ont gagné le plus d'écoutes|plus fortes hausses d'écoutes par artiste", "de {year} à {year2}|entre {year} et {year2}|en {year2} par rapport à {year}"), "{num}")
    return question, "SELECT artist_name, COUNTIF(EXTRACT(YEAR FROM played_at) = {year2}) - COUNTIF(EXTRACT(YEAR FROM played_at) = {year}) AS change FROM music.listening_events GROUP BY artist_name ORDER BY change DESC LIMIT {num}"


def lost(rng):
    what, en, fr = rng.choice([("popularity", "points of popularity|popularity points", "points de popularité"), ("followers", "followers|fans", "abonnés|followers")])
    tracks = what == "popularity" and rng.random() < 0.5
    columns, table = ("title, artist_name", "track_snapshots") if tracks else ("artist_name", "artist_snapshots")
    noun = ("songs that|which tracks", "titres qui ont|morceaux ayant") if tracks else ("artists that|which artists", "artistes qui ont|artistes ayant")
    gained = rng.random() < 0.5
    verb = ("gained at least {num} MANY|won {num} MANY or more", "gagné au moins {num} MANY|pris {num} MANY ou plus") if gained else ("lost at least {num} MANY|dropped by {num} MANY or more", "perdu au moins {num} MANY|reculé de {num} MANY ou plus")
    dated = rng.random() < 0.5
    between = ("between {date} and {date2}|from {date} to {date2}", "entre le {date} et le {date2}|du {date} au {date2}") if dated else ("", "")
    many = [one(rng, en), one(rng, fr)]
    language = rng.choice([0, 1])
    question = f"{one(rng, noun[language])} {one(rng, verb[language]).replace('MANY', many[language])} {one(rng, between[language]) if dated else ''}"
    where = " WHERE DATE(captured_at) BETWEEN {date} AND {date2}" if dated else ""
    return question, f"SELECT {columns}, MAX_BY({what}, captured_at) - MIN_BY({what}, captured_at) AS change FROM music.{table}{where} GROUP BY {columns} HAVING change {'>= {num}' if gained else '<= -{num}'}"


PATTERNS = [recent, recent, at_hours, chart_hits, chart_hits, many_countries, of_user, followed_since, followed_since, artists_between, groups_of_tracks, groups_of_tracks, songs_of_speed, songs_of_speed, busy_users, similar, of_each_group, grown, lost]
