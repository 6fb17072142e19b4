"""Whose country it is: that of the artists, that of those who listen, or that of a chart; and two of them in one question."""

from __future__ import annotations

import random

from .parts import EN, FR, one

# The artists of a country C, the people in it who listen, and its chart.
OF = {EN: "C artists|C acts|C bands|artists from C|acts that come from C|musicians of C|artists whose home is C", FR: "artistes C|groupes C|artistes originaires de C|artistes qui viennent de C|musiciens de C|artistes du pays C"}
NOT_OF = {EN: "artists not from C|foreign artists, not C ones|artists from outside C|non C artists", FR: "artistes qui ne sont pas C|artistes étrangers à C|artistes hors C|artistes non C"}
HEARD = {EN: "in C|among listeners in C|by C listeners|by users living in C|with C audiences|by people in C", FR: "en C|au C|par les auditeurs C|chez les utilisateurs de C|par le public C|par les gens qui vivent en C"}
NOT_HEARD = {EN: "outside C|by listeners who are not in C|abroad, that is not in C|everywhere but in C", FR: "hors de C|par des auditeurs qui ne sont pas en C|à l'étranger, donc pas en C|partout sauf en C"}
CHART = {EN: "in the C chart|on the chart of C|charting in C|ranked in C|in the top of C", FR: "au classement C|dans le classement de C|classés en C|dans le top C|au palmarès de C"}
NOT_CHART = {EN: "in charts other than that of C|charting outside C|ranked in another country than C", FR: "classés ailleurs qu'en C|dans un autre classement que celui de C|au classement d'un autre pays que C"}

OUTSIDE = "artists.country = {country} AND users.country != {country}"
BOTH = "music.listens JOIN music.artists USING (artist_id) JOIN music.users USING (user_id)"
LATEST = "chart_date = (SELECT MAX(chart_date) FROM music.country_charts)"


def of(rng: random.Random, table: dict, language: str, slot: str) -> str:
    return one(rng, table[language]).replace("C", slot)


def how_many(rng: random.Random, language: str) -> tuple[str, str, str]:
    """Words before a plural, words at the end, and the LIMIT."""
    how = rng.choice(["number", "number", "ten", "last"])
    if how == "ten":
        return "the " if language == EN else "les ", "", "LIMIT 10"
    if how == "number":
        return one(rng, "the {num}|top {num}|{num}" if language == EN else "les {num}|top {num} des|{num}") + " ", "", "LIMIT {num}"
    return "", one(rng, ", {num} names|, the first {num}|, top {num}|, {num} will do" if language == EN else ", {num} noms|, les {num} premiers|, top {num}|, {num} suffisent"), "LIMIT {num}"


# By what artists are ranked: measure, English before and after the noun, French after it.
PLAYS = ("SUM(plays) AS plays", "plays", "most played|most listened to", "with the most plays|played the most", "les plus écoutés|les plus joués|avec le plus d'écoutes")
LISTENERS = ("COUNT(DISTINCT user_id) AS listeners", "listeners", "", "with the most listeners|heard by the most people|with the widest audience", "avec le plus d'auditeurs|qui touchent le plus de monde|au plus large public")


def ranked(rng, language, noun, place, first, last, measure):
    """'the 5 most played NOUN PLACE' or 'in PLACE, the 5 NOUN with the most plays'."""
    _, _, before, after, french = measure
    if language == EN:
        adjective = one(rng, before) if before and rng.random() < 0.5 else ""
        text = f"{first}{adjective} {noun} {place}" if adjective else f"{first}{noun} {one(rng, after)} {place}"
        asked = rng.choice(["", "", "which are ", "I'd like to see ", "show ", "who are "])
    else:
        text = f"{first}{noun} {one(rng, french)} {place}"
        asked = rng.choice(["", "", "quels sont ", "je voudrais ", "montre ", "c'est qui, "])
    if place and rng.random() < 0.2:
        text = f"{place}, {text.removesuffix(place).strip()}"
    return asked + text.strip() + last + rng.choice(["", "?" if language == EN else " ?"])


def heard(rng):
    """The artists of a country, among the listeners of another, or either alone."""
    language, measure = rng.choice([EN, FR]), rng.choice([PLAYS, PLAYS, LISTENERS])
    first, last, limit = how_many(rng, language)
    how = rng.choice(["of", "of", "in", "in", "both", "both", "abroad", "abroad", "foreign"])
    noun, place = {"of": (OF, None), "in": (None, HEARD), "both": (OF, HEARD), "abroad": (OF, NOT_HEARD), "foreign": (NOT_OF, HEARD)}[how]
    other = "{country2}" if how == "both" else "{country}"
    noun = of(rng, noun, language, "{country}") if noun else one(rng, "artists|acts|bands" if language == EN else "artistes|groupes")
    place = of(rng, place, language, other) if place else ""
    source, where = {
        "of": ("music.listens JOIN music.artists USING (artist_id)", "country = {country}"),
        "in": ("music.listens JOIN music.users USING (user_id)", "country = {country}"),
        "both": (BOTH, "artists.country = {country} AND users.country = {country2}"),
        "abroad": (BOTH, OUTSIDE),
        "foreign": (BOTH, "artists.country != {country} AND users.country = {country}"),
    }[how]
    sql = f"SELECT artist_name, {measure[0]} FROM {source} WHERE {where} GROUP BY artist_name ORDER BY {measure[1]} DESC {limit}"
    return ranked(rng, language, noun, place, first, last, measure), sql


def known(rng):
    """The best known artists of a country: of the catalogue, whoever listens."""
    language = rng.choice([EN, FR])
    first, last, limit = how_many(rng, language)
    noun = of(rng, OF, language, "{country}")
    column, en, fr = rng.choice([("popularity", "most popular|biggest|best known|", "les plus populaires|les plus connus|"), ("followers", "most followed", "les plus suivis|avec le plus d'abonnés")])
    genre = rng.random() < 0.3
    style = (" playing {genre}" if language == EN else " de {genre}") if genre else ""
    adjective = one(rng, en if language == EN else fr)
    # "top" alone means the most popular; without it, artists of a country are a list.
    if not adjective and not first.startswith("top"):
        number = "{num} " if "{num}" in first else ""
        first = f"top {number}" if language == EN else f"le top {number}des "
    text = f"{first}{adjective} {noun}{style}" if language == EN else f"{first}{noun}{style} {adjective}"
    where = "country = {country}" + (" AND {genre} IN UNNEST(genres)" if genre else "")
    return " ".join(text.split()) + last, f"SELECT name, {column} FROM music.artists WHERE {where} ORDER BY {column} DESC {limit}"


def charted(rng):
    """Artists of one country in the chart of another, or of the same."""
    language = rng.choice([EN, FR])
    how = rng.choice(["both", "both", "own", "abroad", "abroad", "foreign", "foreign"])
    artists, chart = {"both": (OF, CHART), "own": (OF, CHART), "abroad": (OF, NOT_CHART), "foreign": (NOT_OF, CHART)}[how]
    other = "{country2}" if how == "both" else "{country}"
    where = {"both": "country_charts.country = {country2} AND artists.country = {country}", "own": "country_charts.country = {country} AND artists.country = {country}",
             "abroad": "country_charts.country != {country} AND artists.country = {country}", "foreign": "country_charts.country = {country} AND artists.country != {country}"}[how]
    when, en, fr, columns, order = rng.choice([("", "", "", "DISTINCT artist_name", ""), (" AND DATE_TRUNC(chart_date, MONTH) = {month}", "in {month}|during {month}", "en {month}|au mois de {month}", "artist_name, rank", " ORDER BY rank"),
                                               (f" AND {LATEST}", "right now|currently|in the latest chart", "en ce moment|actuellement|au dernier classement", "artist_name, rank", " ORDER BY rank")])
    if how == "abroad" and when:
        when, en, fr, columns, order = "", "", "", "DISTINCT artist_name", ""
    parts = [of(rng, artists, language, "{country}"), of(rng, chart, language, other), one(rng, en if language == EN else fr)]
    asked = one(rng, "|which are the|are there|list the|show" if language == EN else "|quels sont les|y a-t-il des|liste les|montre les")
    if rng.random() < 0.2:
        parts[0], parts[1] = parts[1] + ",", parts[0]
    text = f"{asked} {' '.join(parts)}"
    return " ".join(text.split()), f"SELECT {columns} FROM music.country_charts JOIN music.artists USING (artist_id) WHERE {where}{when}{order}"


def at_the_top(rng):
    """Weeks at number one of a country's chart: not of the Hot 100."""
    language = rng.choice([EN, FR])
    each = rng.random() < 0.3
    if each:
        text = one(rng, "for each country, the artist with most weeks at number one of its chart|which artist led the chart longest, country by country?|per country chart: who was first for the most weeks" if language == EN
                   else "pour chaque pays, l'artiste resté le plus de semaines premier de son classement|quel artiste a mené le classement le plus longtemps, pays par pays ?|par classement de pays : qui a été premier le plus de semaines")
        return text, "SELECT country, artist_name, COUNT(*) AS weeks FROM music.country_charts WHERE rank = 1 GROUP BY country, artist_name QUALIFY ROW_NUMBER() OVER (PARTITION BY country ORDER BY weeks DESC) = 1"
    place = one(rng, "in {country}|in the chart of {country}|of the {country} chart" if language == EN else "en {country}|au classement de {country}|du classement {country}")
    first, last, limit = ("", "", "LIMIT 1") if rng.random() < 0.4 else how_many(rng, language)
    if limit == "LIMIT 1":
        text = one(rng, f"which artist has the most weeks at number one {place}?|who spent longest at the top {place}|the artist most often first {place}" if language == EN else f"quel artiste a été numéro un le plus de semaines {place} ?|qui est resté le plus longtemps en tête {place}|l'artiste le plus souvent premier {place}")
    else:
        text = first + one(rng, f"artists with the most weeks at number one {place}|artists most often first {place}" if language == EN else f"artistes avec le plus de semaines à la première place {place}|artistes le plus souvent premiers {place}") + last
    return text, f"SELECT artist_name, COUNT(*) AS weeks FROM music.country_charts WHERE rank = 1 AND country = {{country}} GROUP BY artist_name ORDER BY weeks DESC {limit}"


def latest_chart(rng):
    language = rng.choice([EN, FR])
    text = one(rng, "top {num} of the latest {country} chart|the {num} best placed artists in {country} right now|current top {num} in {country}|the newest country chart for {country}, first {num}" if language == EN
               else "top {num} du dernier classement {country}|les {num} artistes les mieux classés en {country} en ce moment|top {num} actuel de {country}|le dernier classement de {country}, les {num} premiers")
    return text, f"SELECT artist_name, rank FROM music.country_charts WHERE country = {{country}} AND {LATEST} ORDER BY rank LIMIT {{num}}"


def totals(rng):
    """One number, or one a group, for the artists or for the listeners of a country."""
    language = rng.choice([EN, FR])
    artists, people = of(rng, OF, language, "{country}"), of(rng, HEARD, language, "{country}")
    listens = "music.listens JOIN music.{} USING ({})"
    by_artist, by_user = listens.format("artists", "artist_id"), listens.format("users", "user_id")
    questions = [
        (f"total plays of {artists}|how many plays do {artists} have|plays of {artists} altogether",
         f"total des écoutes des {artists}|combien d'écoutes font les {artists}|écoutes des {artists}, toutes ensemble",
         f"SELECT SUM(plays) AS plays FROM {by_artist} WHERE country = {{country}}"),
        (f"plays of {artists}, artist by artist|total plays for each of the {artists}|per artist: plays of {artists}",
         f"écoutes des {artists}, artiste par artiste|total d'écoutes de chacun des {artists}|par artiste : écoutes des {artists}",
         f"SELECT artist_name, SUM(plays) AS plays FROM {by_artist} WHERE country = {{country}} GROUP BY artist_name ORDER BY plays DESC"),
        (f"listeners of each of the {artists}|{artists} with their number of listeners",
         f"auditeurs de chacun des {artists}|{artists} avec leur nombre d'auditeurs",
         f"SELECT artist_name, COUNT(DISTINCT user_id) AS listeners FROM {by_artist} WHERE country = {{country}} GROUP BY artist_name ORDER BY listeners DESC"),
        (f"how many different artists are played {people}|number of artists heard {people}",
         f"combien d'artistes différents sont écoutés {people}|nombre d'artistes joués {people}",
         f"SELECT COUNT(DISTINCT artist_id) AS artists FROM {by_user} WHERE country = {{country}}"),
        (f"in which countries are {artists} played most|where do the listeners of {artists} live, by plays",
         f"dans quels pays écoute-t-on le plus les {artists}|où vit le public des {artists}, en écoutes",
         f"SELECT users.country, SUM(plays) AS plays FROM {BOTH} WHERE artists.country = {{country}} GROUP BY users.country ORDER BY plays DESC"),
        (f"from which countries come the artists played {people}|home countries of what is played {people}, by plays",
         f"de quels pays viennent les artistes écoutés {people}|pays d'origine de ce qui est écouté {people}, en écoutes",
         f"SELECT artists.country, SUM(plays) AS plays FROM {BOTH} WHERE users.country = {{country}} GROUP BY artists.country ORDER BY plays DESC"),
        (f"in how many countries is each of the {artists} heard|number of listener countries for every one of the {artists}",
         f"dans combien de pays chacun des {artists} est-il écouté|nombre de pays d'auditeurs pour chacun des {artists}",
         f"SELECT artist_name, COUNT(DISTINCT users.country) AS countries FROM {BOTH} WHERE artists.country = {{country}} GROUP BY artist_name ORDER BY countries DESC"),
        ("what share of plays in {country} goes to artists from {country2}|percentage of {country2} artists in what {country} listens to",
         "quelle part des écoutes en {country} va aux artistes {country2}|pourcentage d'artistes {country2} dans ce qu'écoute {country}",
         f"SELECT 100 * SUM(IF(artists.country = {{country2}}, plays, 0)) / SUM(plays) AS percentage FROM {BOTH} WHERE users.country = {{country}}"),
        (f"what share of the plays of {artists} comes from outside {{country}}|percentage of plays abroad for {artists}",
         f"quelle part des écoutes des {artists} vient d'ailleurs que de {{country}}|pourcentage d'écoutes à l'étranger pour les {artists}",
         f"SELECT 100 * SUM(IF(users.country != {{country}}, plays, 0)) / SUM(plays) AS percentage FROM {BOTH} WHERE artists.country = {{country}}"),
        ("artists from {country} or {country2} with their number of listeners|listeners of {country} and {country2} artists, each",
         "artistes de {country} ou de {country2} avec leur nombre d'auditeurs|auditeurs des artistes {country} et {country2}, un par un",
         f"SELECT artist_name, COUNT(DISTINCT user_id) AS listeners FROM {by_artist} WHERE country IN ({{country}}, {{country2}}) GROUP BY artist_name ORDER BY listeners DESC"),
        ("plays in {country} against plays in {country2}|compare listening in {country} and {country2}, plays of each",
         "les écoutes en {country} face à celles en {country2}|compare l'écoute en {country} et en {country2}, écoutes de chacun",
         f"SELECT country, SUM(plays) AS plays FROM {by_user} WHERE country IN ({{country}}, {{country2}}) GROUP BY country ORDER BY plays DESC"),
        ("mean popularity of the songs of each artist from {country}|average track popularity per {country} artist",
         "popularité moyenne des titres de chaque artiste {country}|popularité moyenne des morceaux, par artiste de {country}",
         "SELECT artist_name, AVG(tracks.popularity) AS avg_popularity FROM music.tracks JOIN music.artists USING (artist_id) WHERE country = {country} GROUP BY artist_name ORDER BY avg_popularity DESC"),
    ]
    en, fr, sql = rng.choice(questions)
    return one(rng, en if language == EN else fr) + rng.choice(["", "?" if language == EN else " ?"]), sql


PATTERNS = [heard, heard, heard, known, known, charted, charted, at_the_top, latest_chart, totals, totals, totals]
