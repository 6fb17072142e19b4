"""Questions of several conditions, composed from parts: which conditions a question may combine cannot be written out by hand.

The hand-phrased corpus teaches how people ask; this teaches that every condition of a question has its place in the SQL. The parts (a
condition, a ranking, a way to ask) are phrased in both languages and joined at random, anew at each pass over the corpus. Nothing here counts as
a hand-phrased question. SQL follows CONVENTIONS.md; the order of conditions in WHERE is that of the corpus.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

EN, FR = "en", "fr"


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


# (column, high in English, high in French, low in English, low in French, noun in English, noun in French)
FEATURES = [
    ("danceability", "danceable|dance-friendly", "dansants|qui font danser", "hard to dance to", "peu dansants", "danceability", "dansabilité|danceability"),
    ("energy", "energetic|high-energy|intense", "énergiques|pleins d'énergie", "calm|low-energy|mellow", "calmes|doux|tranquilles", "energy", "énergie"),
    ("valence", "happy|cheerful|upbeat|joyful", "joyeux|gais|heureux", "sad|gloomy|melancholic", "tristes|mélancoliques|sombres", "valence", "valence"),
    ("acousticness", "acoustic|unplugged", "acoustiques", "electric|non-acoustic", "peu acoustiques", "acousticness", "acoustique|acousticité"),
    ("instrumentalness", "instrumental|without vocals", "instrumentaux|sans voix", "vocal|sung", "chantés", "instrumentalness", "instrumentalité"),
    ("liveness", "live|recorded live", "live|enregistrés en public", "studio|not live", "de studio", "liveness", "liveness"),
    ("speechiness", "wordy|spoken|talkative", "parlés|bavards", "non-spoken", "peu parlés", "speechiness", "speechiness"),
]
NAMES = {EN: ["C", "C sharp", "D", "D sharp", "E", "F", "F sharp", "G", "G sharp", "A", "A sharp", "B"],
         FR: ["do", "do dièse", "ré", "ré dièse", "mi", "fa", "fa dièse", "sol", "sol dièse", "la", "la dièse", "si"]}


def numeric(group, place, column, en, fr, scale="") -> list[Condition]:
    """Every comparison of a number with a column, said with the column's name. `NUM` stands for the value with its unit."""
    value, value2 = "{num}" + scale, "{num2}" + scale
    out = []
    for operator, english, french in [
        (">", "over|above|more than|greater than|higher than", "plus de|supérieur à|au-dessus de|dépassant"),
        (">=", "at least|of at least|minimum", "au moins|d'au moins|minimum"),
        ("<", "under|below|less than|lower than", "moins de|inférieur à|sous|en dessous de"),
        ("<=", "at most|of at most|no more than", "au plus|au maximum|maximum"),
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


NOUNS = {"tracks": {EN: ["songs", "tracks", "tunes", "titles"], FR: ["morceaux", "titres", "chansons", "sons"]},
         "artists": {EN: ["artists", "acts", "bands", "musicians"], FR: ["artistes", "groupes", "musiciens"]}}
SINGULAR = {"songs": "song", "tracks": "track", "tunes": "tune", "titles": "title", "artists": "artist", "acts": "act", "bands": "band", "musicians": "musician",
            "morceaux": "morceau", "titres": "titre", "chansons": "chanson", "sons": "son", "artistes": "artiste", "groupes": "groupe", "musiciens": "musicien"}

# Column, direction, then how the ranking is said: English superlatives, French superlatives (after the noun), nouns to rank by.
RANKINGS = {
    "tracks": [("popularity", "DESC", "most popular|biggest|best known", "les plus populaires|les plus connus", "popularity", "popularité"),
               ("popularity", "", "least popular", "les moins populaires|les moins connus", "", ""),
               ("duration_ms", "DESC", "longest", "les plus longs", "length|duration", "durée"), ("duration_ms", "", "shortest", "les plus courts|les plus brefs", "", ""),
               ("tempo", "DESC", "fastest", "les plus rapides", "tempo|bpm", "tempo|bpm"), ("tempo", "", "slowest", "les plus lents", "", ""),
               ("loudness", "DESC", "loudest", "les plus forts|les plus bruyants", "loudness", "volume"), ("loudness", "", "quietest|softest", "les moins forts|les plus silencieux", "", ""),
               ("release_date", "DESC", "newest|latest|most recent", "les plus récents|derniers sortis", "release date", "date de sortie"), ("release_date", "", "oldest|earliest|first", "les plus anciens|les plus vieux", "", "")]
              + [(c, "DESC", "|".join(f"most {w}" for w in he.split("|") if " " not in w) if c != "valence" else "happiest|most cheerful|most joyful", "|".join(f"les plus {w}" for w in hf.split("|")[:1]), ne, nf) for c, he, hf, le, lf, ne, nf in FEATURES]
              + [(c, "", "saddest|gloomiest" if c == "valence" else "calmest|least energetic" if c == "energy" else "|".join(f"least {w}" for w in he.split("|")[:1]), "les plus tristes" if c == "valence" else "les plus calmes" if c == "energy" else "|".join(f"les moins {w}" for w in hf.split("|")[:1]), "", "") for c, he, hf, le, lf, ne, nf in FEATURES],
    "artists": [("popularity", "DESC", "most popular|biggest", "les plus populaires", "popularity", "popularité"), ("popularity", "", "least popular", "les moins populaires", "", ""),
                ("followers", "DESC", "most followed", "les plus suivis|qui ont le plus d'abonnés|avec le plus de fans", "followers|fans|number of followers", "nombre d'abonnés|followers"), ("followers", "", "least followed", "les moins suivis|avec le moins d'abonnés", "", "")],
}
ASK_LIST = {EN: ["{NP}", "{NP}", "show me {NP}", "list {NP}", "which {NP} do we have?", "find {NP}", "I'm looking for {NP}", "give me all {NP}", "what {NP} are there?", "i need {NP}", "all the {NP}", "{NP} please", "are there any {NP}? list them"],
            FR: ["{NP}", "{NP}", "montre-moi les {NP}", "liste des {NP}", "quels sont les {NP} ?", "trouve les {NP}", "je cherche des {NP}", "donne-moi tous les {NP}", "quels {NP} a-t-on ?", "il me faut des {NP}", "les {NP}", "{NP} stp", "affiche les {NP}"]}
ASK_COUNT = {EN: ["how many {NP} are there?", "how many {NP}", "number of {NP}", "count the {NP}", "how many {NP} do we have?", "total number of {NP}"],
             FR: ["combien de {NP} ?", "combien y a-t-il de {NP} ?", "nombre de {NP}", "il y a combien de {NP}", "on a combien de {NP} ?", "compte les {NP}"]}


def capitalised(text: str, rng: random.Random) -> str:
    return text[:1].upper() + text[1:] if rng.random() < 0.5 else text


class Composer:
    """Composes one question at a time."""

    def __init__(self):
        self.conditions = {"tracks": track_conditions(), "artists": artist_conditions()}

    def example(self, rng: random.Random) -> tuple[str, str]:
        """A question (with slots) and its SQL."""
        kind = rng.random()
        if kind < 0.5:
            question, sql = self.rows("tracks", rng)
        elif kind < 0.66:
            question, sql = self.rows("artists", rng)
        else:
            question, sql = rng.choice(PATTERNS)(rng)
        return capitalised(" ".join(question.split()), rng), sql

    def pick(self, table: str, rng: random.Random, count: int) -> list[Condition]:
        chosen: list[Condition] = []
        groups: dict[str, list[Condition]] = {}
        for c in self.conditions[table]:
            groups.setdefault(c.group, []).append(c)
        weights = {"artist": 3, "genre": 3, "date": 4, "country": 2, "mode": 1, "explicit": 1, "popularity": 1, "followers": 2, "tempo": 1.5, "duration": 1.5}
        while len(chosen) < count:
            names = [g for g in groups if g not in {c.group for c in chosen} and not (g == "country" and any(c.group == "artist" for c in chosen)) and not (g == "artist" and any(c.group == "country" for c in chosen) and table == "tracks")]
            name = rng.choices(names, [weights.get(g, 0.7) for g in names])[0]
            chosen.append(rng.choice(groups[name]))
        used: dict[str, int] = {}
        return [renumbered(c, used) for c in chosen]

    def rows(self, table: str, rng: random.Random) -> tuple[str, str]:
        language = rng.choice([EN, FR])
        chosen = self.pick(table, rng, rng.choices([1, 2, 3], [0.35, 0.45, 0.2])[0])
        joined = any(c.join for c in chosen)
        where = " AND ".join(qualify(c.sql, joined) for c in sorted(chosen, key=lambda c: c.place))
        source = f"FROM music.{table}" + (" JOIN music.artists USING (artist_id)" if joined else "") + f" WHERE {where}"
        name = "title, artist_name" if table == "tracks" else "name"
        noun = rng.choice(NOUNS[table][language])
        style = rng.random()
        if style < 0.42:
            shows = list(dict.fromkeys(qualify(c.shows, joined) for c in sorted(chosen, key=lambda c: c.place) if c.shows))
            return rng.choice(ASK_LIST[language]).replace("{NP}", phrase(noun, chosen, language, rng)), f"SELECT {', '.join([name, *shows])} {source}"
        if style < 0.55:
            count = "COUNT(*) AS " + table
            return rng.choice(ASK_COUNT[language]).replace("{NP}", phrase(noun, chosen, language, rng)), f"SELECT {count} {source}"
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
                superlative = superlative.replace("les plus", "le plus").replace("les moins", "le moins")
                question = rng.choice([f"quel est le {np} {superlative} ?", f"le {np} {superlative}", f"c'est quoi le {np} {superlative}", f"donne-moi le {np} {superlative}"])
            elif by_fr and how == "number" and rng.random() < 0.3:
                question = rng.choice([f"top {shown} des {np} par {rng.choice(by_fr.split('|'))}", f"les {shown} {np} classés par {rng.choice(by_fr.split('|'))}", f"{np} par {rng.choice(by_fr.split('|'))}, les {shown} premiers"])
            else:
                question = rng.choice([f"les {shown} {np} {superlative}", f"quels sont les {shown} {np} {superlative} ?", f"{shown} {np} {superlative}", f"montre les {shown} {np} {superlative}", f"parmi les {np}, les {shown} {superlative}"])
        return question, f"{select} {limit}"


def nums(sql: str) -> list[str]:
    import re

    return re.findall(r"\{num(\d*)\}", sql)


def renumber(text: str, used: dict[str, int]) -> str:
    import re

    return re.sub(r"\{(\w+?)(\d*)\}", lambda m: "{" + m.group(1) + suffix(used.get(m.group(1), 0) + int(m.group(2) or 1)) + "}", text)


def suffix(number: int) -> str:
    return "" if number == 1 else str(number)


def renumbered(c: Condition, used: dict[str, int]) -> Condition:
    """The condition with its slots counted on from those that earlier conditions use."""
    import re

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
    glue = rng.choice([" ", " ", " ", ", " if len(after) > 1 else " "])
    return " ".join([*before, noun, glue.join(after)]).strip()


# --- other tables: patterns with a few free parts ------------------------------------------------------------------------


def one(rng, text: str) -> str:
    return rng.choice([part.strip() for part in text.split("|")])


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


def limited(rng, en_one, en_many, fr_one, fr_many):
    """A language, the words for one, ten or `{num}` of a thing, and the LIMIT that they mean."""
    language, how = rng.choice([EN, FR]), rng.choice(["one", "ten", "number"])
    words = {(EN, "one"): en_one, (EN, "ten"): en_many, (EN, "number"): "{num} " + en_many, (FR, "one"): fr_one, (FR, "ten"): fr_many, (FR, "number"): "{num} " + fr_many}[language, how]
    return language, how, words, {"one": "LIMIT 1", "ten": "LIMIT 10", "number": "LIMIT {num}"}[how]


def superlative(rng, language, how, words, en, fr, tail):
    """'the 5 most played songs TAIL' in either language."""
    if language == EN:
        number, noun = ("{num} ", words.removeprefix("{num} ")) if how == "number" else ("", words)
        verb = "is" if how == "one" else "are"
        adjective = one(rng, en)
        return rng.choice([f"the {number}{adjective} {noun} {tail}", f"{number}{adjective} {noun} {tail}", f"what {verb} the {number}{adjective} {noun} {tail}?", f"{tail}, which {number}{noun} {verb} the {adjective}?", f"top {number}{noun} {tail}, {adjective} first" if how != "one" else f"which {noun} is {adjective} {tail}?"])
    number, noun = ("{num} ", words.removeprefix("{num} ")) if how == "number" else ("", words)
    adjective = one(rng, fr)
    article, adjective = ("le", f"le {adjective}") if how == "one" else ("les", f"les {adjective}")
    return rng.choice([f"{article} {number}{noun} {adjective} {tail}", f"quel est {article} {noun} {adjective} {tail} ?" if how == "one" else f"quels sont {article} {number}{noun} {adjective} {tail} ?", f"{tail}, {article} {number}{noun} {adjective} ?", f"{number}{noun} {adjective} {tail}"])


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


def limited_in(rng, language, en_one, en_many, fr_one, fr_many):
    how = rng.choice(["one", "ten", "number"])
    words = {(EN, "one"): en_one, (EN, "ten"): en_many, (EN, "number"): "{num} " + en_many, (FR, "one"): fr_one, (FR, "ten"): fr_many, (FR, "number"): "{num} " + fr_many}[language, how]
    return how, words, {"one": "LIMIT 1", "ten": "LIMIT 10", "number": "LIMIT {num}"}[how]


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


PATTERNS = [event_top, event_top, event_count, event_series, listens_top, listens_top, having, having, per_group, feature_statistics, feature_statistics, chart, chart, snapshots, sets]


if __name__ == "__main__":
    composer, generator = Composer(), random.Random(1)
    for _ in range(60):
        text, statement = composer.example(generator)
        print(text, "\n   ", statement)
