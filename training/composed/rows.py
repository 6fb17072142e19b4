"""Lists, counts and rankings of tracks and artists under one to three conditions."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from .parts import EN, FEATURES, FR, NAMES, NOUNS, RANKINGS, SINGULAR


@dataclass(frozen=True)
class Condition:
    """A condition on the rows of a table: its SQL, its place in WHERE, and how it is said before or after the noun."""

    group: str
    place: int
    sql: str
    before: dict[str, list[str]]
    after: dict[str, list[str]]
    # A numeric column that an unranked list shows because the condition is on it.
    shows: str = ""
    join: str = ""


def condition(group, place, sql, en="", fr="", en_before="", fr_before="", shows="", join="") -> Condition:
    split = lambda text: [part.strip() for part in text.split("|") if part.strip()]
    return Condition(group, place, sql, {EN: split(en_before), FR: split(fr_before)}, {EN: split(en), FR: split(fr)}, shows, join)


def numeric(group, place, column, en, fr, scale="") -> list[Condition]:
    """Every comparison of a number with a column, said with the column's name. `NUM` stands for the value with its unit."""
    value, value2 = "{num}" + scale, "{num2}" + scale
    out = []
    for operator, english, french in [
        (">", "over|above|more than|greater than|higher than", "de plus de|supérieure à|au-dessus de|qui dépasse"),
        (">=", "at least|of at least|minimum", "d'au moins|de minimum|supérieure ou égale à"),
        ("<", "under|below|less than|lower than", "de moins de|inférieure à|sous les|en dessous de"),
        ("<=", "at most|of at most|no more than", "d'au plus|de maximum|qui ne dépasse pas"),
    ]:
        out.append(condition(group, place, f"{column} {operator} {value}",
                             "|".join(f"with {noun} {word} {{num}}" for noun in en.split("|") for word in english.split("|")),
                             "|".join(f"avec {noun} {word} {{num}}" for noun in fr.split("|") for word in french.split("|")), shows=column))
    out.append(condition(group, place, f"{column} BETWEEN {value} AND {value2}",
                         "|".join(f"with {noun} between {{num}} and {{num2}}|with {noun} from {{num}} to {{num2}}" for noun in en.split("|")),
                         "|".join(f"avec {noun} entre {{num}} et {{num2}}|avec {noun} de {{num}} à {{num2}}|dont {noun} va de {{num}} à {{num2}}" for noun in fr.split("|")), shows=column))
    return out


def track_conditions() -> list[Condition]:
    out = []
    for column, high_en, high_fr, low_en, low_fr, noun_en, noun_fr in FEATURES:
        out.append(condition(column, 1, f"{column} > 0.7", fr=high_fr, en_before=high_en, shows=column))
        out.append(condition(column, 1, f"{column} < 0.3", fr=low_fr, en_before=low_en, shows=column))
        out += numeric(column, 1, column, noun_en, noun_fr)
    out += numeric("tempo", 1, "tempo", "a tempo|tempo|bpm", "un tempo|tempo|bpm")
    for operator, english, french in [(">", "above {num} bpm|faster than {num} bpm|over {num} bpm", "à plus de {num} bpm|au dessus de {num} bpm"), ("<", "below {num} bpm|slower than {num} bpm|under {num} bpm", "à moins de {num} bpm|sous les {num} bpm")]:
        out.append(condition("tempo", 1, f"tempo {operator} {{num}}", english, french, shows="tempo"))
    out.append(condition("tempo", 1, "tempo BETWEEN {num} AND {num2}", "between {num} and {num2} bpm|with {num} to {num2} bpm", "entre {num} et {num2} bpm|de {num} à {num2} bpm", shows="tempo"))
    out.append(condition("tempo", 1, "tempo > 120", fr="rapides", en_before="fast", shows="tempo"))
    out.append(condition("tempo", 1, "tempo < 90", fr="lents", en_before="slow", shows="tempo"))
    for operator, english, french in [(">", "longer than|over|of more than", "de plus de|qui durent plus de|dépassant"), ("<", "shorter than|under|of less than", "de moins de|qui durent moins de|sous les"), (">=", "of at least", "d'au moins")]:
        out.append(condition("duration", 1, f"duration_ms {operator} {{num}} * 60000", "|".join(f"{w} {{num}} minutes" for w in english.split("|")), "|".join(f"{w} {{num}} minutes" for w in french.split("|")), shows="duration_ms"))
    out.append(condition("explicit", 2, "explicit", "with explicit lyrics", "explicites|aux paroles explicites", "explicit"))
    out.append(condition("explicit", 2, "NOT explicit", "with no explicit lyrics|that are not explicit", "non explicites|sans paroles explicites|pas explicites", "clean|non-explicit"))
    out.append(condition("mode", 2, "mode = 1", "in a major key|in major", "en majeur|en mode majeur"))
    out.append(condition("mode", 2, "mode = 0", "in a minor key|in minor", "en mineur|en mode mineur"))
    for key in range(12):
        for mode, english, french in [(1, "major", "majeur"), (0, "minor", "mineur")]:
            out.append(condition("mode", 2, f"key = {key} AND mode = {mode}", f"in {NAMES[EN][key]} {english}", f"en {NAMES[FR][key]} {french}"))
        out.append(condition("mode", 2, f"key = {key}", f"in the key of {NAMES[EN][key]}|in {NAMES[EN][key]}", f"en {NAMES[FR][key]}"))
    out.append(condition("album", 4, "album = {album}", "on the album {album}|from the album {album}|off {album}", "de l'album {album}|sur l'album {album}"))
    out.append(condition("album", 4, "album != {album}", "not on {album}|that are not on the album {album}", "qui ne sont pas sur l'album {album}|hors de l'album {album}"))
    out += [condition("artist", 5, "artist_id = {artist}", "by {artist}|from {artist}|of {artist}", "de {artist}|par {artist}", "{artist}") for _ in range(6)]
    out.append(condition("artist", 5, "artist_id IN ({artist}, {artist2})", "by {artist} or {artist2}|by {artist} and {artist2}", "de {artist} ou {artist2}|de {artist} et de {artist2}"))
    out += [condition("country", 6, "country = {country}", "by artists from {country}|by {country} artists", "d'artistes de {country}|par des artistes {country}", "{country}", join="music.artists USING (artist_id)") for _ in range(3)]
    out += [condition("genre", 7, "genre = {genre}", "in {genre}|of the {genre} genre", "{genre}|de {genre}|du genre {genre}", "{genre}") for _ in range(6)]
    out.append(condition("genre", 7, "genre != {genre}", "that are not {genre}|outside {genre}", "qui ne sont pas du {genre}|hors {genre}", "non-{genre}"))
    out.append(condition("featured", 8, "ARRAY_LENGTH(featured_artists) > 0", "with a featured artist|that have a guest", "avec un invité|en featuring"))
    out += [c for c in numeric("popularity", 9, "popularity", "popularity|a popularity", "une popularité|popularité")]
    out += release_conditions(10)
    return out


def release_conditions(place) -> list[Condition]:
    return [condition("date", place, "release_year = {year}", "from {year}|released in {year}|of {year}|that came out in {year}", "de {year}|sortis en {year}|parus en {year}", "{year}")] * 4 + [
        condition("date", place, "release_year BETWEEN {decade} AND {decade} + 9", "from the {decade}|of the {decade}|released in the {decade}", "des années {decade}|sortis dans les années {decade}", "{decade}")] * 4 + [
        condition("date", place, "release_year BETWEEN {year} AND {year2}", "released between {year} and {year2}|from {year} to {year2}|between {year} and {year2}", "sortis entre {year} et {year2}|de {year} à {year2}|parus entre {year} et {year2}"),
        condition("date", place, "release_year BETWEEN {year} AND {year2}", "released between {year} and {year2}|from {year} to {year2}", "sortis entre {year} et {year2}|de {year} à {year2}"),
        condition("date", place, "release_year > {year}", "released after {year}|after {year}", "sortis après {year}|après {year}"),
        condition("date", place, "release_year < {year}", "released before {year}|before {year}|older than {year}", "sortis avant {year}|d'avant {year}"),
        condition("date", place, "release_year <= {year}", "up to {year}|released no later than {year}", "jusqu'en {year}|sortis au plus tard en {year}"),
        condition("date", place, "release_date = {date}", "released on {date}|that came out on {date}", "sortis le {date}|parus le {date}"),
        condition("date", place, "release_date > {date}", "released after {date}|that came out after {date}", "sortis après le {date}"),
        condition("date", place, "release_date BETWEEN {date} AND {date2}", "released between {date} and {date2}|out from {date} to {date2}", "sortis entre le {date} et le {date2}|parus du {date} au {date2}"),
        condition("date", place, "DATE_TRUNC(release_date, MONTH) = {month}", "released in {month}|from {month}|that came out in {month}", "sortis en {month}|parus en {month}|de {month}"),
        condition("date", place, "release_year >= {year}", "since {year}|released since {year}", "depuis {year}|sortis depuis {year}"),
    ]


def artist_conditions() -> list[Condition]:
    out = [condition("country", 6, "country = {country}", "from {country}|of {country}", "de {country}|venant de {country}|{country}", "{country}")] * 8
    out.append(condition("country", 6, "country != {country}", "not from {country}|who are not {country}|outside {country}", "qui ne sont pas {country}|hors de {country}|qui ne viennent pas de {country}", "non-{country}"))
    out.append(condition("country", 6, "country NOT IN ({country}, {country2})", "from neither {country} nor {country2}|not from {country} or {country2}", "qui ne viennent ni de {country} ni de {country2}|hors {country} et {country2}"))
    out.append(condition("country", 6, "country IN ({country}, {country2})", "from {country} or {country2}|from {country} and {country2}", "de {country} ou de {country2}|de {country} et {country2}"))
    out += [condition("genre", 7, "{genre} IN UNNEST(genres)", "in {genre}|who play {genre}|doing {genre}", "de {genre}|{genre}|qui font du {genre}", "{genre}")] * 6
    out.append(condition("genre", 7, "{genre} IN UNNEST(genres) AND {genre2} IN UNNEST(genres)", "who do both {genre} and {genre2}|of {genre} and {genre2}", "à la fois {genre} et {genre2}|de {genre} et de {genre2}"))
    out.append(condition("genre", 7, "{genre} NOT IN UNNEST(genres)", "who are not {genre}|not in {genre}", "qui ne font pas de {genre}|pas {genre}"))
    out += numeric("popularity", 9, "popularity", "popularity|a popularity", "une popularité|la popularité")
    out += numeric("followers", 9, "followers", "followers|fans|a following", "abonnés|fans|followers")
    for operator, english, french in [(">", "more than|over|above", "plus de"), (">=", "at least", "au moins"), ("<", "fewer than|less than|under", "moins de")]:
        out.append(condition("followers", 9, f"followers {operator} {{num}}", "|".join(f"with {w} {{num}} followers|with {w} {{num}} fans" for w in english.split("|")), f"avec {french} {{num}} abonnés|qui ont {french} {{num}} fans|à {french} {{num}} abonnés", shows="followers"))
    out.append(condition("followers", 9, "followers BETWEEN {num} AND {num2}", "with {num} to {num2} followers|with between {num} and {num2} fans", "ayant entre {num} et {num2} abonnés|de {num} à {num2} fans", shows="followers"))
    return out

ASK_LIST = {EN: ["{NP}", "{NP}", "show me {NP}", "list {NP}", "which {NP} do we have?", "find {NP}", "I'm looking for {NP}", "give me all {NP}", "what {NP} are there?", "i need {NP}", "all the {NP}", "{NP} please", "are there any {NP}? list them", "I would love to see {NP}", "could you pull up {NP}?", "what are the {NP}?", "looking for {NP}, which ones?", "{NP}?"],
            FR: ["{NP}", "{NP}", "montre-moi les {NP}", "liste des {NP}", "quels sont les {NP} ?", "trouve les {NP}", "je cherche des {NP}", "donne-moi tous les {NP}", "quels {NP} a-t-on ?", "il me faut des {NP}", "les {NP}", "{NP} stp", "affiche les {NP}", "j'aimerais voir les {NP}", "pourrais-tu me sortir les {NP} ?", "y a quoi comme {NP} ?", "c'est quoi les {NP}", "{NP} ?"]}
ASK_COUNT = {EN: ["how many {NP} are there?", "how many {NP}", "number of {NP}", "count the {NP}", "how many {NP} do we have?", "total number of {NP}"],
             FR: ["combien de {NP} ?", "combien y a-t-il de {NP} ?", "nombre de {NP}", "il y a combien de {NP}", "on a combien de {NP} ?", "compte les {NP}"]}


CONDITIONS = {"tracks": track_conditions(), "artists": artist_conditions()}


def pick(table: str, rng: random.Random, count: int) -> list[Condition]:
    chosen: list[Condition] = []
    groups: dict[str, list[Condition]] = {}
    for c in CONDITIONS[table]:
        groups.setdefault(c.group, []).append(c)
    weights = {"artist": 3, "genre": 3, "date": 4, "country": 2, "mode": 1, "explicit": 1, "popularity": 1, "followers": 2, "tempo": 1.5, "duration": 1.5}
    while len(chosen) < count:
        names = [g for g in groups if g not in {c.group for c in chosen} and not (g == "country" and any(c.group == "artist" for c in chosen)) and not (g == "artist" and any(c.group == "country" for c in chosen) and table == "tracks")]
        name = rng.choices(names, [weights.get(g, 0.7) for g in names])[0]
        chosen.append(rng.choice(groups[name]))
    used: dict[str, int] = {}
    return [renumbered(c, used) for c in chosen]


def rows(table: str, rng: random.Random) -> tuple[str, str]:
    language = rng.choice([EN, FR])
    chosen = pick(table, rng, rng.choices([1, 2, 3], [0.35, 0.45, 0.2])[0])
    joined = any(c.join for c in chosen)
    where = " AND ".join(qualify(c.sql, joined) for c in sorted(chosen, key=lambda c: c.place))
    source = f"FROM music.{table}" + (" JOIN music.artists USING (artist_id)" if joined else "") + f" WHERE {where}"
    name = "title, artist_name" if table == "tracks" else "name"
    noun = rng.choice(NOUNS[table][language])
    style = rng.random()
    if style < 0.42:
        shows = list(dict.fromkeys(qualify(c.shows, joined) for c in sorted(chosen, key=lambda c: c.place) if c.shows))
        return french(rng.choice(ASK_LIST[language]).replace("{NP}", phrase(noun, chosen, language, rng)), noun), f"SELECT {', '.join([name, *shows])} {source}"
    if style < 0.55:
        count = "COUNT(*) AS " + table
        return french(rng.choice(ASK_COUNT[language]).replace("{NP}", phrase(noun, chosen, language, rng)), noun), f"SELECT {count} {source}"
    if style < 0.62:
        return yes_no(table, chosen, noun, language, rng), f"SELECT COUNT(*) > 0 AS answer {source}"
    column, direction, en, fr, by_en, by_fr = rng.choice(RANKINGS[table])
    if any(c.group in (column, "duration" if column == "duration_ms" else column) for c in chosen) and rng.random() < 0.7:
        column, direction, en, fr, by_en, by_fr = RANKINGS[table][0]
    order = f"ORDER BY {qualify(column, joined)}" + (" DESC" if direction else "")
    select = f"SELECT {name}, {qualify(column, joined)} {source} {order}"
    number = renumber("{num}", {"num": max((int(s or 1) for c in chosen for s in nums(c.sql)), default=0)})
    how = rng.choice(["one", "ten", "number", "number"])
    limit = {"one": "LIMIT 1", "ten": "LIMIT 10", "number": f"LIMIT {number}"}[how]
    noun = SINGULAR[noun] if how == "one" else noun
    np = phrase(noun, chosen, language, rng)
    shown = number if how == "number" else ""
    if language == EN:
        superlative = rng.choice(en.split("|"))
        if by_en and how == "number" and rng.random() < 0.3:
            question = rng.choice([f"top {shown} {np} by {rng.choice(by_en.split('|'))}", f"{np} by {rng.choice(by_en.split('|'))}, top {shown}"])
        else:
            verb = "is" if how == "one" else "are"
            question = rng.choice([f"{superlative} {np}" if not shown else f"{shown} {superlative} {np}", f"the {shown} {superlative} {np}", f"what {verb} the {shown} {superlative} {np}?", f"show me the {shown} {superlative} {np}", f"which {np} {verb} the {superlative}?" if not shown else f"which {shown} {np} {verb} the {superlative}?"])
    else:
        superlative = rng.choice(fr.split("|"))
        if how == "one":
            superlative = singular(superlative)
            question = rng.choice([f"quel est le {np} {superlative} ?", f"le {np} {superlative}", f"c'est quoi le {np} {superlative}", f"donne-moi le {np} {superlative}"])
        elif by_fr and how == "number" and rng.random() < 0.3:
            question = rng.choice([f"top {shown} des {np} par {rng.choice(by_fr.split('|'))}", f"les {shown} {np} classés par {rng.choice(by_fr.split('|'))}", f"{np} par {rng.choice(by_fr.split('|'))}, les {shown} premiers"])
        else:
            question = rng.choice([f"les {shown} {np} {superlative}", f"les {shown} {superlative.removeprefix('les ')} {np}", f"quels {shown} {np} sont {superlative} ?", f"quels sont les {shown} {np} {superlative} ?", f"{shown} {np} {superlative}", f"montre les {shown} {np} {superlative}", f"parmi les {np}, les {shown} {superlative}" if shown else f"parmi les {np}, {superlative} ?"])
        question = french(question, noun)
    return question, f"{select} {limit}"


def yes_no(table: str, chosen: list[Condition], noun: str, language: str, rng: random.Random) -> str:
    """Whether there is anything of the kind."""
    np = phrase(noun, chosen, language, rng)
    if language == EN:
        return rng.choice([f"are there any {np}?", f"do we have {np}?", f"is there any {phrase(SINGULAR[noun], chosen, language, rng)}?", f"do {np} exist", f"any {np} at all? yes or no", f"is there at least one {phrase(SINGULAR[noun], chosen, language, rng)}"])
    return french(rng.choice([f"y a-t-il des {np} ?", f"est-ce qu'il y a des {np} ?", f"a-t-on des {np}", f"existe-t-il des {np} ?", f"des {np}, il y en a ? oui ou non", f"on a au moins un {phrase(SINGULAR[noun], chosen, language, rng)} ?"]), noun)


def nums(sql: str) -> list[str]:
    return re.findall(r"\{num(\d*)\}", sql)


def renumber(text: str, used: dict[str, int]) -> str:
    return re.sub(r"\{(\w+?)(\d*)\}", lambda m: "{" + m.group(1) + suffix(used.get(m.group(1), 0) + int(m.group(2) or 1)) + "}", text)


def suffix(number: int) -> str:
    return "" if number == 1 else str(number)


def renumbered(c: Condition, used: dict[str, int]) -> Condition:
    """The condition with its slots counted on from those that earlier conditions use."""
    change = lambda texts: {language: [renumber(t, used) for t in ts] for language, ts in texts.items()}
    out = Condition(c.group, c.place, renumber(c.sql, used), change(c.before), change(c.after), c.shows, c.join)
    for kind, number in re.findall(r"\{(\w+?)(\d*)\}", c.sql):
        used[kind] = max(used.get(kind, 0), 0)
    counts: dict[str, int] = {}
    for kind, number in set(re.findall(r"\{(\w+?)(\d*)\}", c.sql)):
        counts[kind] = max(counts.get(kind, 0), int(number or 1))
    for kind, number in counts.items():
        used[kind] += number
    return out


def qualify(sql: str, joined: bool) -> str:
    """Columns that tracks and artists share."""
    return sql.replace("popularity", "tracks.popularity") if joined else sql


def phrase(noun: str, chosen: list[Condition], language: str, rng: random.Random) -> str:
    """The noun with its conditions around it; at most two stand before it."""
    before, after = [], []
    for c in rng.sample(chosen, len(chosen)):
        if c.before[language] and (not c.after[language] or rng.random() < 0.55) and len(before) < 2:
            before.append(rng.choice(c.before[language]))
        elif c.after[language]:
            after.append(rng.choice(c.after[language]))
        else:
            before.append(rng.choice(c.before[language]))
    glue = rng.choice([" ", " ", " ", ", ", " and " if language == EN else " et "]) if len(after) > 1 else " "
    return " ".join([*before, noun, glue.join(after)]).strip()


# What agrees with a feminine noun.
FEMININE = {
    "dansants": "dansantes", "joyeux": "joyeuses", "gais": "gaies", "heureux": "heureuses", "mélancoliques": "mélancoliques", "doux": "douces", "pleins": "pleines", "instrumentaux": "instrumentales",
    "enregistrés": "enregistrées", "chantés": "chantées", "parlés": "parlées", "bavards": "bavardes", "lents": "lentes", "sortis": "sorties", "parus": "parues", "longs": "longues", "courts": "courtes",
    "récents": "récentes", "anciens": "anciennes", "vieux": "vieilles", "forts": "fortes", "bruyants": "bruyantes", "silencieux": "silencieuses", "connus": "connues", "brefs": "brèves",
    "quels": "quelles", "quel": "quelle", "tous": "toutes", "derniers": "dernières", "premiers": "premières", "classés": "classées", "le plus": "la plus", "le moins": "la moins",
    "court": "courte", "long": "longue", "ancien": "ancienne", "fort": "forte", "récent": "récente", "connu": "connue", "dansant": "dansante", "bref": "brève", "bruyant": "bruyante", "lent": "lente",
    "vieil": "vieille", "instrumental": "instrumentale",
}
PLURAL_ADJECTIVES = re.compile(r"(?<![\w{])(" + "|".join(sorted(FEMININE, key=len, reverse=True)) + r")(?![\w}])")
# Words of the plural superlatives, as one song takes them.
SINGULAR_ADJECTIVES = {
    "longs": "long", "courts": "court", "brefs": "bref", "rapides": "rapide", "lents": "lent", "forts": "fort", "bruyants": "bruyant", "silencieux": "silencieux", "récents": "récent", "anciens": "ancien",
    "vieux": "vieux", "populaires": "populaire", "connus": "connu", "dansants": "dansant", "énergiques": "énergique", "joyeux": "joyeux", "tristes": "triste", "calmes": "calme", "acoustiques": "acoustique",
    "instrumentaux": "instrumental", "parlés": "parlé", "suivis": "suivi", "sortis": "sorti", "derniers": "dernier",
}


def feminine(text: str) -> str:
    """French said of songs ("chansons") instead of tracks ("morceaux")."""
    return PLURAL_ADJECTIVES.sub(lambda m: FEMININE[m.group(1)], text)


def french(text: str, noun: str) -> str:
    """A French sentence with its elisions, and in the feminine if `noun` is."""
    text = re.sub(r"\b(l|d)[ea] (artiste)", r"\1'\2", text)
    return feminine(text).replace("au moins un ", "au moins une ") if noun in ("chansons", "chanson") else text


def singular(text: str) -> str:
    """A French plural superlative ("les plus longs") said of one ("le plus long")."""
    words = [SINGULAR_ADJECTIVES.get(w, w) for w in text.split(" ")]
    return " ".join(words).replace("les plus", "le plus").replace("les moins", "le moins").replace("qui ont", "qui a")


def track_rows(rng: random.Random) -> tuple[str, str]:
    return rows("tracks", rng)


def artist_rows(rng: random.Random) -> tuple[str, str]:
    return rows("artists", rng)


PATTERNS = [track_rows, track_rows, track_rows, artist_rows]
