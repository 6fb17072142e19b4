"""Listening events: tops, counts, series, shares, first and last plays, comparisons, under conditions on time, listener, song and artist."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .parts import EN, FR, one

# --- conditions -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """A condition: its place in WHERE, its SQL, and how it is said after (`en`, `fr`) or before (`en_before`) what it is about. `*` ends a French word that agrees."""

    kind: str
    place: float
    sql: str
    en: str
    fr: str
    en_before: str = ""
    join: str = ""
    loose_en: str = ""  # what is said where nothing was "played by" somebody
    loose_fr: str = ""

    def said(self, rng, language, loose=False) -> str:
        text = (loose and (self.loose_en if language == EN else self.loose_fr)) or (self.en if language == EN else self.fr)
        return one(rng, text)


EVENTS, TRACKS, ARTISTS, SEGMENTS = "listening_events", "music.tracks USING (track_id)", "music.artists USING (artist_id)", "music.user_segments USING (user_id)"
SINCE = "DATE(played_at) > DATE_SUB((SELECT MAX(DATE(played_at)) FROM music.listening_events), INTERVAL {} DAY)"
MONTH, DAY, HOUR, WEEKDAY, YEAR = "DATE_TRUNC(DATE(played_at), MONTH)", "DATE(played_at)", "EXTRACT(HOUR FROM played_at)", "EXTRACT(DAYOFWEEK FROM played_at)", "EXTRACT(YEAR FROM played_at)"

# Each as often as it should be drawn.
DATES = [
    *[Part("date", 10, f"{YEAR} = {{year}}", "in {year}|during {year}|over {year}|throughout {year}", "en {year}|durant {year}|au cours de l'année {year}|sur {year}")] * 4,
    *[Part("date", 10, f"{MONTH} = {{month}}", "in {month}|during {month}|over {month}|in the month of {month}", "en {month}|pendant {month}|au mois de {month}|courant {month}")] * 5,
    *[Part("date", 10, f"{DAY} = {{date}}", "on {date}|on the day of {date}", "le {date}|dans la journée du {date}|à la date du {date}")] * 3,
    *[Part("date", 10, f"{DAY} BETWEEN {{date}} AND {{date2}}", "between {date} and {date2}|from {date} to {date2}", "entre le {date} et le {date2}|du {date} au {date2}")] * 3,
    *[Part("date", 10, f"{MONTH} BETWEEN {{month}} AND {{month2}}", "between {month} and {month2}|from {month} to {month2}", "entre {month} et {month2}|de {month} à {month2}")] * 2,
    Part("date", 10, f"{YEAR} BETWEEN {{year}} AND {{year2}}", "between {year} and {year2}|from {year} to {year2}", "entre {year} et {year2}|de {year} à {year2}"),
    Part("date", 10, f"{DAY} >= {{date}}", "since {date}|from {date} on", "depuis le {date}|à partir du {date}"),
    Part("date", 10, f"{DAY} < {{date}}", "before {date}", "avant le {date}"),
    Part("date", 10, f"{DAY} > {{date}}", "after {date}", "après le {date}"),
    *[Part("date", 13, SINCE.format("{num3}"), "over the last {num3} days|in the past {num3} days|during the last {num3} days|in the last {num3} days",
           "ces {num3} derniers jours|sur les {num3} derniers jours|au cours des {num3} derniers jours|depuis {num3} jours")] * 4,
    *[Part("date", 13, SINCE.format("30"), "last month|over the past month|recently|lately", "le mois dernier|sur le mois écoulé|récemment|dernièrement")] * 2,
    *[Part("date", 13, SINCE.format("7"), "last week|over the past week|this past week", "la semaine dernière|sur la semaine écoulée|la semaine passée")] * 2,
]
CLOCKS = [
    Part("clock", 11, f"{HOUR} BETWEEN 6 AND 11", "in the morning|in the mornings", "le matin|en matinée"),
    Part("clock", 11, f"{HOUR} BETWEEN 12 AND 17", "in the afternoon|in the afternoons", "l'après-midi|dans l'après-midi"),
    Part("clock", 11, f"{HOUR} BETWEEN 18 AND 23", "in the evening|in the evenings", "le soir|en soirée"),
    Part("clock", 11, f"{HOUR} BETWEEN 0 AND 5", "at night|during the night|in the middle of the night", "la nuit|pendant la nuit|en pleine nuit"),
    Part("clock", 11, f"{HOUR} = {{num4}}", "at {num4} o'clock|at {num4}h|at hour {num4}", "à {num4} h|à {num4} heures"),
    Part("clock", 11, f"{HOUR} >= {{num4}}", "after {num4} o'clock|after {num4}h|from {num4} o'clock on", "après {num4} h|à partir de {num4} heures|dès {num4} h"),
    Part("clock", 11, f"{HOUR} < {{num4}}", "before {num4} o'clock|before {num4}h", "avant {num4} h|avant {num4} heures"),
    Part("clock", 11, f"{HOUR} BETWEEN {{num4}} AND {{num5}}", "between {num4} and {num5} o'clock|between {num4}h and {num5}h|from hour {num4} to hour {num5}",
        "entre {num4} h et {num5} h|de {num4} h à {num5} h|entre {num4} et {num5} heures"),
]
DAYS = [("sunday", "dimanche"), ("monday", "lundi"), ("tuesday", "mardi"), ("wednesday", "mercredi"), ("thursday", "jeudi"), ("friday", "vendredi"), ("saturday", "samedi")]
WEEKDAYS = [*[Part("weekday", 12, f"{WEEKDAY} IN (1, 7)", "on weekends|at the weekend|at weekends|on saturdays and sundays", "le week-end|pendant les week-ends|le samedi et le dimanche")] * 6,
            Part("weekday", 12, f"{WEEKDAY} BETWEEN 2 AND 6", "on weekdays|from monday to friday|during the working week", "en semaine|du lundi au vendredi|les jours de semaine"),
            *[Part("weekday", 12, f"{WEEKDAY} = {number}", f"on {en}s", f"le {fr}|les {fr}s") for number, (en, fr) in enumerate(DAYS, 1)]]

COUNTRIES = [
    *[Part("country", 6, "country = {country}", "in {country}|by listeners in {country}|by {country} listeners|in {country}",
        "en {country}|par les auditeurs de {country}|par les auditeurs {country}|en {country}|au {country}",
           loose_en="in {country}|in {country}|among {country} listeners", loose_fr="en {country}|en {country}|au {country}|chez les auditeurs {country}")] * 8,
    Part("country", 6, "country IN ({country}, {country2})", "in {country} or {country2}|in {country} and {country2}", "en {country} ou en {country2}|en {country} et en {country2}"),
    Part("country", 6, "country != {country}", "outside {country}|everywhere but in {country}", "hors de {country}|ailleurs qu'en {country}|en dehors de {country}"),
]
USERS = [Part("user", 3, "user_id = {num2}", "by user {num2}|by user number {num2}|by listener {num2}", "par l'utilisateur {num2}|par l'utilisateur numéro {num2}|par l'auditeur {num2}",
              loose_en="for user {num2}|for user number {num2}", loose_fr="pour l'utilisateur {num2}|chez l'utilisateur {num2}")]
SEGMENT_USERS = [Part("segment", 5.5, "segment = {segment}", "by the {segment} segment|by users of the {segment} segment|in the {segment} segment",
    "par le segment {segment}|par les utilisateurs du segment {segment}|dans le segment {segment}",
                      join=SEGMENTS, loose_en="in the {segment} segment|among users of the {segment} segment", loose_fr="dans le segment {segment}|chez les utilisateurs du segment {segment}")]

# Conditions on the song. English adjectives stand before the noun; a French condition stands after it and agrees (`*`).
MOODS = [
    ("danceability > 0.7", "danceable|dance-friendly", "dansant*"), ("energy > 0.7", "energetic|high-energy", "énergique*"), ("energy < 0.3", "calm|mellow|low-energy", "calme*|tranquille*|doux*"),
    ("valence > 0.7", "happy|cheerful|joyful", "joyeux*|gai*"), ("valence < 0.3", "sad|gloomy|melancholic", "triste*|mélancolique*"), ("acousticness > 0.7", "acoustic|unplugged", "acoustique*"),
    ("instrumentalness > 0.7", "instrumental", "instrumental*"), ("liveness > 0.7", "live", "live|enregistré* en public"), ("speechiness > 0.7", "spoken|wordy", "parlé*"),
    ("tempo > 120", "fast", "rapide*"), ("tempo < 90", "slow", "lent*"), ("loudness > -5", "loud", "bruyant*|fort*"), ("loudness < -12", "quiet", "discret*|silencieux*"),
]
MOOD_PARTS = [Part("mood", 1, sql, "", fr, en, TRACKS) for sql, en, fr in MOODS]
GENRE_PART = Part("genre", 7, "genre = {genre}", "", "{genre}|de {genre}|du genre {genre}|{genre}", "{genre}", TRACKS)
EXPLICIT_PARTS = [*[Part("explicit", 2, "explicit", "", "explicite*|aux paroles explicites", "explicit", TRACKS)] * 2,
    Part("explicit", 2, "NOT explicit", "", "non explicite*|sans paroles explicites", "clean|non-explicit", TRACKS)]
RELEASE_PARTS = [
    *[Part("release", 9.5, "release_year BETWEEN {decade} AND {decade} + 9", "from the {decade}|of the {decade}|released in the {decade}", "des années {decade}|sorti* dans les années {decade}",
        "{decade}", TRACKS)] * 4,
    *[Part("release", 9.5, "release_year = {year3}", "released in {year3}|that came out in {year3}", "sorti* en {year3}|paru* en {year3}", "", TRACKS)] * 2,
    Part("release", 9.5, "release_year > {year3}", "released after {year3}", "sorti* après {year3}|paru* après {year3}", "", TRACKS),
    Part("release", 9.5, "release_year < {year3}", "released before {year3}|older than {year3}", "sorti* avant {year3}|d'avant {year3}", "", TRACKS),
    Part("release", 9.5, "release_year BETWEEN {year3} AND {year4}", "released between {year3} and {year4}", "sorti* entre {year3} et {year4}|paru* entre {year3} et {year4}", "", TRACKS),
]
LENGTH_PARTS = [
    Part("length", 1.5, "duration_ms > {num6} * 60000", "longer than {num6} minutes|of more than {num6} minutes", "de plus de {num6} minutes", "", TRACKS),
    Part("length", 1.5, "duration_ms < {num6} * 60000", "shorter than {num6} minutes|under {num6} minutes", "de moins de {num6} minutes", "", TRACKS),
]
TEMPO_PARTS = [
    Part("mood", 1, "tempo > {num7}", "above {num7} bpm|faster than {num7} bpm", "à plus de {num7} bpm|au-dessus de {num7} bpm", "", TRACKS),
    Part("mood", 1, "tempo < {num7}", "below {num7} bpm|slower than {num7} bpm", "à moins de {num7} bpm|en dessous de {num7} bpm", "", TRACKS),
]
MODE_PARTS = [Part("mode", 2.5, "mode = 1", "in a major key|in major", "en majeur|en mode majeur", "", TRACKS),
    Part("mode", 2.5, "mode = 0", "in a minor key|in minor", "en mineur|en mode mineur", "", TRACKS)]
FEATURED_PART = Part("featured", 8, "ARRAY_LENGTH(featured_artists) > 0", "with a guest|with a featured artist", "avec un invité|en featuring", "", TRACKS)
# Lists of conditions and how often one of them is drawn.
SONG_PARTS = [([GENRE_PART], 6), (RELEASE_PARTS, 5), (EXPLICIT_PARTS, 2.5), (MOOD_PARTS, 4), (LENGTH_PARTS, 1), (TEMPO_PARTS, 0.7), (MODE_PARTS, 0.7), ([FEATURED_PART], 0.5)]

BY_ARTIST = Part("artist", 5, "artist_id = {artist}", "by {artist}|from {artist}|by {artist}", "de {artist}|de {artist}|de {artist}|d'{artist}", "{artist}")
BY_ARTISTS = Part("artist", 5, "artist_id IN ({artist}, {artist2})", "by {artist} or {artist2}|by {artist} and {artist2}", "de {artist} ou de {artist2}|de {artist} et {artist2}")
ARTIST_PARTS = [([Part("origin", 6.5, "artists.country = {country3}", "from {country3}", "de {country3}|venant de {country3}|{country3}|{country3}", "{country3}", ARTISTS)], 3),
                ([Part("style", 7, "{genre} IN UNNEST(genres)", "", "{genre}|de {genre}|qui font du {genre}", "{genre}", ARTISTS)], 3)]

# Masculine singular, feminine singular, masculine plural, feminine plural, where the endings are not "", e, s, es.
FORMS = {"joyeux": ("joyeux", "joyeuse", "joyeux", "joyeuses"), "silencieux": ("silencieux", "silencieuse", "silencieux", "silencieuses"), "doux": ("doux", "douce", "doux", "douces"),
         "instrumental": ("instrumental", "instrumentale", "instrumentaux", "instrumentales"), "discret": ("discret", "discrète", "discrets", "discrètes"),
             "différent": ("différent", "différente", "différents", "différentes"),
         "long": ("long", "longue", "longs", "longues"), "premier": ("premier", "première", "premiers", "premières"), "dernier": ("dernier", "dernière", "derniers", "dernières"),
         "quel": ("quel", "quelle", "quels", "quelles"), "ancien": ("ancien", "ancienne", "anciens", "anciennes"), "bref": ("bref", "brève", "brefs", "brèves"),
             "vieux": ("vieux", "vieille", "vieux", "vieilles"),
         "tout": ("tout", "toute", "tous", "toutes"), "moyen": ("moyen", "moyenne", "moyens", "moyennes"), "lequel": ("lequel", "laquelle", "lesquels", "lesquelles")}


def agree(text, feminine=False, plural=False) -> str:
    """French words that end in `*`, in the gender and number of what they are said of."""
    def form(match):
        word = match.group(1)
        if word in FORMS:
            return FORMS[word][2 * plural + feminine]
        return word + ("e" if feminine and not word.endswith("e") else "") + ("s" if plural else "")
    return re.sub(r"([^\W\d_]+)\*", form, text)


def draw(rng, weighted, *without):
    """A condition from weighted lists, of no kind that is taken."""
    open_lists = [(parts, weight) for parts, weight in weighted if parts[0].kind not in without]
    (parts,) = rng.choices([p for p, _ in open_lists], [w for _, w in open_lists])
    return rng.choice(parts)


def song_parts(rng, weights, *without) -> list[Part]:
    """Conditions on songs: as many as `weights` (of 0, 1, 2 ...) draws, each of its own kind."""
    out: list[Part] = []
    for _ in range(rng.choices(range(len(weights)), weights)[0]):
        out.append(draw(rng, SONG_PARTS, *without, *(p.kind for p in out)))
    return out


def phrase(rng, language, noun, parts, feminine=False, plural=True) -> str:
    """A noun with its conditions before and after it."""
    before, after = [], []
    for part in sorted(rng.sample(parts, len(parts)), key=lambda p: p.kind in ("genre", "style")):
        if language == EN and part.en_before and len(before) < 3 and (not part.en or rng.random() < 0.5):
            before.append(one(rng, part.en_before))
        else:
            after.append(part.said(rng, language))
    # Adjectives and bare genres keep close to the noun, what is longer follows.
    after.sort(key=lambda text: " " in text or text.startswith("d'"))
    return agree(" ".join([*before, noun, *after]), feminine, plural)


SONGS = {EN: [("song", "songs"), ("song", "songs"), ("track", "tracks"), ("tune", "tunes"), ("title", "titles")],
         FR: [("chanson", "chansons", True), ("chanson", "chansons", True), ("morceau", "morceaux", False), ("titre", "titres", False), ("son", "sons", False)]}
ACTS = {EN: [("artist", "artists"), ("artist", "artists"), ("act", "acts"), ("musician", "musicians")], FR: [("artiste", "artistes", False), ("artiste", "artistes", False),
    ("musicien", "musiciens", False)]}


@dataclass(frozen=True)
class Thing:
    """What is listened to: an artist, a song, or all songs or artists of some kind. `words` has no article."""

    parts: tuple
    words: str
    plural: bool = False
    feminine: bool = False

    def of(self, rng) -> str:
        """French "de ..."."""
        if self.words.startswith("{artist"):
            return rng.choice(["de ", "de ", "de ", "d'"]) + self.words
        return ("d'" if self.words[:1] in "aeiouéè" else "de ") + self.words

    @property
    def some(self) -> str:
        """French "des ..." before a plural."""
        return f"des {self.words}" if self.plural else self.words


def thing(rng, language, kinds=("artist", "title", "pair", "songs", "acts"), weights=(4, 3, 1.2, 4, 1.5), without=()) -> Thing:
    chosen = dict(zip(("artist", "title", "pair", "songs", "acts"), weights))
    kind = rng.choices(kinds, [chosen[k] for k in kinds])[0]
    if kind == "artist":
        return Thing((BY_ARTIST,), "{artist}")
    title = Part("title", 4, "track_title = {title}", "", "")
    if kind == "title":
        return Thing((title,), "{title}")
    if kind == "pair":
        return Thing((title, BY_ARTIST), one(rng, "{title} by {artist}|{artist}'s {title}|{title} by {artist}" if language == EN else "{title} de {artist}|{title} de {artist}|{title} d'{artist}"))
    if kind == "acts":
        parts = [draw(rng, ARTIST_PARTS)] if rng.random() < 0.7 else [p for (p,), _ in ARTIST_PARTS]
        noun = rng.choice(ACTS[language])
        return Thing(tuple(parts), phrase(rng, language, noun[1], parts), True)
    parts = song_parts(rng, (0, 0.7, 0.3), *without) + ([BY_ARTIST] if rng.random() < 0.2 else [])
    noun = rng.choice(SONGS[language])
    feminine = language == FR and noun[2]
    return Thing(tuple(parts), phrase(rng, language, noun[1], parts, feminine), True, feminine)


def times(rng, weights=(0.2, 0.6, 0.2), without=()) -> list[Part]:
    """Conditions on the time of the play: none, one, two of different kinds."""
    lists = [(DATES, 6), (CLOCKS, 2), (WEEKDAYS, 1.5)]
    out: list[Part] = []
    for _ in range(rng.choices(range(len(weights)), weights)[0]):
        if set("date clock weekday".split()) <= {*without, *(p.kind for p in out)}:
            break
        out.append(draw(rng, lists, *without, *(p.kind for p in out)))
    return out


def listener(rng, chance=0.4, without=()) -> list[Part]:
    """Perhaps a condition on who listens."""
    lists = [(COUNTRIES, 6), (USERS, 3), (SEGMENT_USERS, 1)]
    open_lists = [l for l in lists if l[0][0].kind not in without]
    return [draw(rng, open_lists)] if open_lists and rng.random() < chance else []


def timed(parts) -> bool:
    """Whether the conditions mean single plays: all-time plays of artists are in another table."""
    return any(p.kind in ("date", "clock", "weekday", "title") or p.join == TRACKS for p in parts)


# --- SQL ------------------------------------------------------------------------------------------------------------


def qualified(sql, joins) -> str:
    """Columns that two joined tables have, with the name of the table of plays."""
    shared = "artist_id|artist_name" if TRACKS in joins else "country" if ARTISTS in joins else ""
    return re.sub(rf"(?<![\w.{{(])({shared})(?![\w}}])|(?<=\()({shared})(?![\w}})])|(?<=DISTINCT )({shared})", lambda m: f"{EVENTS}.{m.group(0)}", sql) if shared else sql


def where(parts) -> str:
    return " AND ".join(p.sql for p in sorted(parts, key=lambda p: p.place))


def query(columns, parts, rest="", joins=()) -> str:
    """SELECT columns FROM the plays, with the joins and the WHERE that the conditions need, then the rest."""
    joins = [j for j in (TRACKS, ARTISTS, SEGMENTS) if j in joins or any(p.join == j for p in parts)]
    condition = f" WHERE {qualified(where(parts), joins)}" if parts else ""
    return f"SELECT {qualified(columns, joins)} FROM music.listening_events{''.join(f' JOIN {j}' for j in joins)}{condition}{' ' + qualified(rest, joins) if rest else ''}"


# --- words ----------------------------------------------------------------------------------------------------------

LEADS = {EN: "||||show me |give me |i want |i'd like to see |could you show me |please list |find |tell me |can i get |display ",
    FR: "||||montre-moi |donne-moi |je veux |j'aimerais voir |peux-tu me donner |affiche |il me faut |je voudrais |sors-moi "}


def tidied(language, text) -> str:
    """Spaces as they are typed, where a part of a template was empty."""
    text = re.sub(r" +", " ", text).strip()
    text = re.sub(r" ([,.])", r"\1", text)
    if language == EN:
        return re.sub(r" \?", "?", text)
    text = re.sub(r"\bque un(?=[e ])", "qu'un", re.sub(r"\bà les\b", "aux", re.sub(r"\bà le (?=\{|segment)", "au ", text)))
    return re.sub(r"(?<! )\?", " ?", text)


def worded(rng, language, template, tail=(), **words) -> str:
    """The template with its words; `<T>` is the tail in any order, of which one phrase may come to the front of the sentence."""
    tail = list(tail)
    rng.shuffle(tail)
    front = ""
    movable = [t for t in tail if not t.startswith(("by ", "of ", "from {artist", "par ", "de ", "d'"))]
    if movable and not template.startswith("<T>") and rng.random() < 0.2:
        front = rng.choice(movable)
        tail.remove(front)
    text = template.replace("<T>", " ".join(tail))
    for name, word in words.items():
        text = text.replace(f"<{name}>", word)
    text = re.sub(r"^[,: ]+", "", text).replace(" ,", ",")
    return tidied(language, f"{front}, {text}" if front else text)


def asked(rng, language, names, questions, tail=(), **words) -> str:
    """A noun phrase, alone or after "show me", or a question. Templates are separated by `|`."""
    templates = names.split("|")
    if questions and rng.random() < 0.5:
        return worded(rng, language, one(rng, questions), tail, **words)
    template, lead = rng.choice(templates).strip(), rng.choice(LEADS[language].split("|"))
    if not re.match(r"the |\{num|all |what |top |les |le |la |l'|tout" if language == EN else r"\{num|les |le |la |l'|tou", template):
        lead = ""
    # Without its article "pays" or "mois" could be one or many.
    if not lead and rng.random() < 0.5 and not words.get("N", "").startswith(("pays", "mois")):
        template = re.sub(r"^(the|les|le|la) |^l'", "", template)
    return worded(rng, language, lead + template, tail, **words)


def number_of_rows(rng):
    how = rng.choice(["one", "ten", "number", "number"])
    return how, {"one": "LIMIT 1", "ten": "LIMIT 10", "number": "LIMIT {num}"}[how]


def tail_of(rng, language, parts, loose=False) -> list[str]:
    return [p.said(rng, language, loose) for p in parts]


# What is counted: SQL, alias; then the superlative of what has most and least of it, and "with the most ...".
MEASURES = {
    "plays": ("COUNT(*) AS plays", "most played|most listened to|most streamed|most listened-to", "least played|least listened to", "écouté*|joué*|streamé*", "plays|listens|streams",
        "d'écoutes|de lectures|de streams"),
    "listeners": ("COUNT(DISTINCT user_id) AS listeners", "", "", "", "listeners|different listeners|unique listeners", "d'auditeurs|d'auditeurs différents|d'auditeurs uniques"),
}


# --- tops -----------------------------------------------------------------------------------------------------------


def heard_top(rng):
    """The most played songs, artists, albums or genres."""
    language = rng.choice([EN, FR])
    head = rng.choices(["song", "artist", "album", "genre"], [5, 4, 0.7, 0.8])[0]
    measure = rng.choices(["plays", "listeners"], [5, 1])[0]
    when, who = times(rng), listener(rng, without=("user",) if measure == "listeners" else ())
    own: list[Part] = []
    # Conditions on the songs that count, where the question is about artists or genres, and how they are said.
    counted: list[Part] = []
    about: list[str] = []
    feminine = False
    if head == "artist":
        noun = rng.choice(ACTS[language])
        if rng.random() < 0.4:
            own = [draw(rng, ARTIST_PARTS)] if rng.random() < 0.75 else [p for (p,), _ in ARTIST_PARTS]
        elif rng.random() < 0.3:
            of = thing(rng, language, ("songs",))
            if BY_ARTIST not in of.parts:
                counted = list(of.parts)
                about = [one(rng, f"for {of.words}|counting only {of.words}|on {of.words} only") if language == EN else one(rng, f"pour les {of.words}|en ne comptant que les {of.words}")]
    elif head == "genre":
        noun = ("genre", "genres") if language == EN else ("genre", "genres", False)
        if rng.random() < 0.3:
            counted = [BY_ARTIST]
            about = ["among {artist}'s songs" if language == EN else "parmi les chansons de {artist}"]
    else:
        noun = rng.choice(SONGS[language]) if head == "song" else ("album", "albums", False)
        own = song_parts(rng, (0.45, 0.4, 0.15), *(() if head == "song" else ("length", "featured", "mode", "mood"))) + ([rng.choice([BY_ARTIST, BY_ARTIST, BY_ARTIST, BY_ARTISTS])]
            if rng.random() < 0.35 else [])
        feminine = language == FR and noun[2]
    if head == "artist" and not timed([*counted, *when]):
        when = [*when, rng.choice(DATES)]
    parts = [*own, *counted, *when, *who]
    joins = [TRACKS] if head in ("genre", "album") else []
    how, limit = number_of_rows(rng)
    plural = how != "one"
    least = measure == "plays" and rng.random() < 0.1
    column = {"song": "track_title, artist_name", "artist": "artist_name", "album": "album, artist_name", "genre": "genre"}[head]
    expression, most, fewest, french, by_en, by_fr = MEASURES[measure]
    sql = query(f"{column}, {expression}", parts, f"GROUP BY {column} ORDER BY {measure}{'' if least else ' DESC'} {limit}", joins)
    shown = "{num} " if how == "number" else ""
    singular_or_plural = noun[1] if plural else noun[0]
    tail = about + tail_of(rng, language, (*when, *who), loose=measure == "listeners")
    if measure == "plays" and not least and who and who[0].kind in ("user", "country") and head != "genre" and rng.random() < 0.35:
        subject, who_tail = who[0], about + tail_of(rng, language, when)
        np = phrase(rng, language, singular_or_plural, own, feminine, plural)
        if language == EN:
            person = one(rng, "user {num2}|listener {num2}" if subject.kind == "user" else {"country = {country}": "people in {country}|{country} listeners|listeners in {country}"}.get(subject.sql,
                "people " + subject.said(rng, EN)))
            return worded(rng, EN, one(rng, f"which {shown}<N> did <S> play the most <T>?|what {shown}<N> did <S> listen to most <T>?|the {shown}<N> that <S> played the most <T>"
                f"|what {'were' if plural else 'was'} the {shown}<N> <S> streamed most <T>?"), who_tail, N=np, S=person), sql
        person = one(rng, "l'utilisateur {num2}|l'auditeur {num2}" if subject.kind == "user"
            else {"country = {country}": "les auditeurs {country}|les gens en {country}|les auditeurs de {country}"}.get(subject.sql, "les gens " + subject.said(rng, FR)))
        have = "a" if subject.kind == "user" else "ont"
        return worded(rng, FR, agree(one(rng, f"quel* {shown}<N> <S> {have} le plus écouté* <T> ?|{the(how, feminine)} {shown}<N> que <S> {have} le plus écouté* <T>"
            f"|quel* {shown}<N> <S> {have} le plus joué* <T> ?"), feminine, plural), who_tail, N=np, S=person), sql
    return superlative_words(rng, language, how, noun, own, feminine, tail, "fewest" if least else "most", MEASURES[measure], head), sql


def the(how, feminine=False) -> str:
    return "les" if how != "one" else "la" if feminine else "le"


def superlative_words(rng, language, how, noun, own, feminine, tail, direction, measure, head):
    """'the {num} most played jazz songs in March 2026', in many orders."""
    _, most, fewest, french, by_en, by_fr = measure
    plural, shown = how != "one", "{num} " if how == "number" else ""
    word = noun[1] if plural else noun[0]
    if language == EN:
        # Conditions of the noun close to it, or in the tail.
        np = phrase(rng, EN, word, own)
        adjective = one(rng, most if direction == "most" else fewest)
        by = one(rng, by_en)
        be, were = ("are", "were") if plural else ("is", "was")
        if adjective:
            names = f"the {shown}{adjective} <N> <T>|{shown}{adjective} <N> <T>|the {shown}<N> {adjective.replace('-', ' ')} <T>"
            if direction == "most":
                names += f"|{shown}<N> with the most {by} <T>|the {shown}<N> with the most {by} <T>|<N> <T> by plays, top {shown}" if how == "number" else f"|<N> with the most {by} <T>"
                names += f"|top {shown}<N> <T>|top {shown}<N> by {by} <T>" if plural else "|number one <N> <T>|top <N> by plays <T>"
            questions = (f"what {be} the {shown}{adjective} <N> <T>?|which {shown}<N> {were} {adjective.replace('-', ' ')} <T>?|which {shown}<N> {were} the {adjective} <T>?"
                f"|what {were} the {shown}{adjective} <N> <T>?")
            if direction == "most":
                questions += (f"|which {shown}<N> got the most {by} <T>?|which {shown}<N> had the most {by} <T>?|what {shown}<N> do people play the most <T>?"
                    f"|i wonder which {shown}<N> {were} played the most <T>")
                questions += "|who is the most played <N> <T>?" if head == "artist" and not plural else "|who are the most played <N> <T>?" if head == "artist" and how == "ten" else ""
            return asked(rng, EN, names, questions, tail, N=np)
        names = (f"the {shown}<N> with the most {by} <T>|{shown}<N> with the most {by} <T>|the {shown}<N> heard by the most people <T>|top {shown}<N> by number of listeners <T>" if plural
            else f"the <N> with the most {by} <T>|the <N> heard by the most people <T>|top <N> by number of listeners <T>")
        return asked(rng, EN, names, f"which {shown}<N> had the most {by} <T>?|which {shown}<N> reached the most {by} <T>?|which {shown}<N> {were} heard by the most people <T>?", tail, N=np)
    np = phrase(rng, FR, word, own, feminine, plural)
    article = the(how, feminine)
    by = one(rng, by_fr)
    elide = "l'" if not plural and word[0] in "aéh" else f"{article} "
    have, be = ("ont", "sont") if plural else ("a", "est")
    if french:
        adjective = agree(one(rng, french), feminine, plural)
        degree = f"{article} {'plus' if direction == 'most' else 'moins'} {adjective}"
        names = f"{elide}{shown}<N> {degree} <T>|{shown}<N> {degree} <T>|{elide}{shown}<N> {degree} <T>"
        if direction == "most":
            names += f"|{elide}{shown}<N> avec le plus {by} <T>|{elide}{shown}<N> qui {have} le plus {by} <T>"
            names += f"|top {shown}des <N> <T>|top {shown}<N> <T>|palmarès des {shown}<N> {degree} <T>" if plural else "|le numéro un des écoutes <T>, côté <N>"
        questions = agree(f"quel* {be} {elide}{shown}<N> {degree} <T> ?|quel* {shown}<N> {be} {degree} <T> ?|quel* {be} {elide}{shown}<N> {degree} <T> ?", feminine, plural)
        if direction == "most":
            questions += "|" + agree(f"quel* {shown}<N> {have} été {degree} <T> ?|quel* {shown}<N> {have} eu le plus {by} <T> ?|quel* {shown}<N> écoute-t-on le plus <T> ?"
                f"|je me demande quel* {shown}<N> {have} le plus {by} <T>", feminine, plural)
        return asked(rng, FR, names, questions.replace("été les plus", "été le plus").replace("été la plus", "été le plus"), tail, N=np)
    names = f"{elide}{shown}<N> avec le plus {by} <T>|{elide}{shown}<N> qui {have} eu le plus {by} <T>|{elide}{shown}<N> " + agree("écouté* par le plus de monde <T>", feminine, plural)
    return asked(rng, FR, names, agree(f"quel* {shown}<N> {have} eu le plus {by} <T> ?|quel* {shown}<N> {have} touché le plus de monde <T> ?|quel* {shown}<N> {have} le plus {by} <T> ?", feminine,
        plural), tail, N=np)


# Groups of plays: column, alias, English singular and plural, French singular, plural, feminine; whether it is time; a kind of condition that it excludes.
PLACES = {
    "country": ("country", "country", "country", "countries", "pays", "pays", False, False, ("country", "user"), ""),
    "user": ("user_id", "user_id", "user|listener", "users|listeners", "utilisateur|auditeur", "utilisateurs|auditeurs", False, False, ("user",), ""),
    "segment": ("segment", "segment", "segment|user segment|listener segment", "segments|user segments|listener segments", "segment|segment d'utilisateurs", "segments|segments d'utilisateurs", False,
        False, ("segment", "user"), SEGMENTS),
    "hour": (f"{HOUR} AS hour", "hour", "hour|hour of the day", "hours|hours of the day", "heure|heure de la journée", "heures|heures de la journée", True, True, ("clock",), ""),
    "weekday": (f"{WEEKDAY} AS weekday", "weekday", "day of the week|weekday", "days of the week|weekdays", "jour de la semaine", "jours de la semaine", False, True, ("weekday",), ""),
    "day": (f"{DAY} AS day", "day", "day|date", "days|dates", "jour|journée", "jours|journées", False, True, (), ""),
    "week": ("DATE_TRUNC(DATE(played_at), WEEK) AS week", "week", "week", "weeks", "semaine", "semaines", True, True, (), ""),
    "month": (f"{MONTH} AS month", "month", "month", "months", "mois", "mois", False, True, (), ""),
    "year": (f"{YEAR} AS year", "year", "year", "years", "année", "années", True, True, (), ""),
}
# The date conditions that make sense when plays are grouped by this.
NARROWER = {"day": ("{year}", "{month}", "{num3}", "{date2}"), "week": ("{year}", "{num3}", "{date2}"), "month": ("{year}",), "year": ()}


def dates_within(rng, group, chance) -> list[Part]:
    if group not in NARROWER:
        return times(rng, (1 - chance, chance), PLACES[group][8] if group in PLACES else ())
    fitting = [p for p in DATES if any(slot in p.sql for slot in NARROWER[group]) and (group != "month" or p.sql.startswith(YEAR)) and (group == "day" or "{date2}" not in p.sql or group == "week")]
    out = [rng.choice(fitting)] if fitting and rng.random() < chance else []
    return out + ([rng.choice(CLOCKS + WEEKDAYS)] if rng.random() < 0.12 and group != "week" else [])


def place_top(rng):
    """The countries, users, hours, days ... with the most plays of something."""
    language = rng.choice([EN, FR])
    group = rng.choices(list(PLACES), [4, 3, 1, 3, 2.5, 3, 1, 3, 1])[0]
    column, key, en_one, en_many, fr_one, fr_many, feminine, is_time, without, join = PLACES[group]
    feminine_word = feminine
    of = thing(rng, language) if rng.random() < 0.65 else None
    when = dates_within(rng, group, 0.55)
    who = listener(rng, 0.3, (*without, *(("segment",) if group == "user" else ())))
    if of and any(p.join == ARTISTS for p in of.parts) and group == "segment":
        of = None
    parts = [*(of.parts if of else ()), *when, *who]
    if not is_time and not timed(parts):
        when = [*when, rng.choice(DATES)]
        parts = [*(of.parts if of else ()), *when, *who]
    how, limit = number_of_rows(rng)
    measure = rng.choices(["plays", "listeners"], [5, 1 if group != "user" else 0])[0]
    least = rng.random() < 0.08
    sql = query(f"{column}, {MEASURES[measure][0]}", parts, f"GROUP BY {key} ORDER BY {measure}{'' if least else ' DESC'} {limit}", [join] if join else [])
    plural, shown = how != "one", "{num} " if how == "number" else ""
    tail = tail_of(rng, language, (*when, *who), loose=True)
    if language == EN:
        noun = one(rng, en_many if plural else en_one)
        most = "fewest" if least else "most"
        count = one(rng, MEASURES[measure][4])
        of_words = f"of {of.words}" if of else ""
        to_words = f"to {of.words}" if of else ("to music" if is_time is False else "")
        names = f"the {shown}<N> with the {most} {count} <O> <T>|{shown}<N> with the {most} {count} <O> <T>" + (f"|<N> by {count} <O> <T>, top {shown}" if how == "number" and not least else "")
        questions = f"which {shown}<N> {'have' if plural else 'has'} the {most} {count} <O> <T>?|what {shown}<N> had the {most} {count} <O> <T>?"
        was, what = ("were" if of and of.plural else "was"), of.words if of else "music"
        if measure == "plays" and not least and is_time:
            preposition = "in" if group in ("month", "year", "week") else "at" if group == "hour" else "on"
            questions += f"|{preposition} which {shown}<N> {was} {what} played the most <T>?|{preposition} which {shown}<N> do people listen {to_words or 'to music'} the most <T>?"
            questions += f"|when {was} {what} played most <T>, which {noun}?" if not plural else ""
            names += f"|the {shown}busiest <N> {'for ' + of.words if of else ''} <T>|the {shown}peak <N> for listening {to_words} <T>" + (f"|top {shown}<N> for {of.words if of else 'listening'} <T>"
                if plural else "")
        elif measure == "plays" and not least:
            questions += f"|which {shown}<N> {'listen' if plural else 'listens'} most {to_words} <T>?|which {shown}<N> played {what} the most <T>?"
            questions += f"|where {was} {what} played the most <T>, which {shown}{noun}?|in which {shown}<N> {was} {what} played the most <T>?" if group == "country" else ""
            names += f"|top {shown}<N> for {of.words if of else 'listening'} <T>" if plural else ""
        return asked(rng, EN, names, questions, tail, N=noun, O=of_words), sql
    noun = one(rng, fr_many if plural else fr_one)
    feminine_word = feminine or noun.startswith("journée")
    article = the(how, feminine_word)
    elide = "l'" if not plural and noun[0] in "aéhu" else f"{article} "
    most = "le moins" if least else "le plus"
    count = one(rng, MEASURES[measure][5])
    of_words = of.of(rng) if of else ""
    names = f"{elide}{shown}<N> avec {most} {count} <O> <T>|{elide}{shown}<N> qui {'comptent' if plural else 'compte'} {most} {count} <O> <T>"
    if plural and not least:
        names += f"|top {shown}des <N> en nombre {count} <O> <T>|top {shown}des <N> par nombre {count} <O> <T>"
    questions = agree(f"quel* {shown}<N> {'ont' if plural else 'a'} {most} {count} <O> <T> ?|quel* {'sont' if plural else 'est'} {elide}{shown}<N> avec {most} {count} <O> <T> ?", feminine_word,
        plural)
    if measure == "plays" and not least:
        if is_time:
            questions += "|" + agree(f"{'à ' if group == 'hour' else 'en ' if group == 'year' else ''}quel* {shown}<N> écoute-t-on le plus {of.some if of else 'de musique'} <T> ?", feminine_word,
                plural)
        elif not is_time:
            subject = of.some if of else "de musique"
            questions += "|" + agree(f"quel* {shown}<N> {'écoutent' if plural else 'écoute'} le plus {subject} <T> ?|quel* {shown}<N> {'ont' if plural else 'a'} le plus écouté {subject} <T> ?",
                feminine_word, plural)
    return asked(rng, FR, names, questions, tail, N=noun, O=of_words), sql


# --- counts ---------------------------------------------------------------------------------------------------------


def event_count(rng):
    """How many plays, listeners, different songs or artists, countries, minutes."""
    language = rng.choice([EN, FR])
    measure = rng.choices(["plays", "listeners", "tracks", "artists", "countries", "minutes"], [5, 3, 2, 1.3, 0.9, 2])[0]
    kinds = {"plays": ("artist", "title", "pair", "songs", "acts"), "listeners": ("artist", "title", "pair", "songs", "acts"), "tracks": ("artist", "songs"), "artists": ("acts", "songs"),
        "countries": ("artist", "title", "pair", "songs"),
             "minutes": ("artist", "title", "songs")}[measure]
    of = thing(rng, language, kinds) if rng.random() < (1 if measure == "countries" else 0.7) else None
    if measure == "artists" and of and not any(p.join == ARTISTS for p in of.parts):
        of = None
    if of and measure in ("tracks", "minutes") and of.words == "{artist}" and measure == "tracks":
        noun = rng.choice(SONGS[language])
        of = Thing(of.parts, phrase(rng, language, noun[1], [BY_ARTIST], language == FR and noun[2]), True, language == FR and noun[2])
    when = times(rng)
    who = listener(rng, 0.45, ("user",) if measure == "listeners" else ("country", "user") if measure == "countries" else ())
    parts = [*(of.parts if of else ()), *when, *who]
    if measure in ("plays", "listeners", "artists", "countries") and not timed(parts):
        when = [*when, rng.choice(DATES)]
        parts = [*(of.parts if of else ()), *when, *who]
    expression = {"plays": "COUNT(*) AS plays", "listeners": "COUNT(DISTINCT user_id) AS listeners", "tracks": "COUNT(DISTINCT track_id) AS tracks", "artists": "COUNT(DISTINCT artist_id) AS artists",
                  "countries": "COUNT(DISTINCT country) AS countries", "minutes": "SUM(duration_ms) / 60000 AS minutes"}[measure]
    sql = query(expression, parts, joins=[TRACKS] if measure == "minutes" else [])
    user = next((p for p in who if p.kind == "user"), None)
    # A user may be the subject of the sentence.
    subject = user and rng.random() < 0.55
    tail = tail_of(rng, language, [*when, *(p for p in who if not (subject and p is user))], loose=measure in ("listeners", "countries") or bool(subject))
    words = COUNT_WORDS[language][measure, "user" if subject else "of" if of else ""]
    plural = bool(of and of.plural)
    fill = {"O": of.words if of else "", "S": one(rng, "user {num2}|listener {num2}") if language == EN else one(rng, "l'utilisateur {num2}|l'utilisateur numéro {num2}|l'auditeur {num2}")}
    if language == EN:
        of_words = of.words if of else {"tracks": "songs", "artists": "artists", "minutes": "music"}.get(measure, "music")
        text = one(rng, words).replace("<was>", "were" if plural else "was").replace("<of>", f"of {of.words}" if of else "").replace("<O>", of_words).replace("<to>",
            f"to {of.words}" if of else "to music")
        text = text.replace("<play>", one(rng, "play|stream|listen to"))
        return worded(rng, EN, text, tail, S=fill["S"]), sql
    fem = of.feminine if of else measure == "tracks"
    noun = of.words if of else {"tracks": rng.choice(["chansons", "chansons"]), "artists": "artistes"}.get(measure, "")
    text = one(rng, words).replace("<été>", "ont été écouté*" if plural else "a été écouté").replace("<de>", of.of(rng) if of else "").replace("<des>", of.some if of else "de la musique")
    text = text.replace("<les>", f"les {of.words}" if plural else of.words if of else "").replace("<N>", noun).replace("<dN>", ("d'" if noun[:1] in "aeé" else "de ") + noun)
    return worded(rng, FR, agree(text, fem, plural or measure in ("tracks", "artists")), tail, S=fill["S"]), sql


COUNT_WORDS = {
    EN: {
        ("plays", "of"): "how many plays did <O> get <T>?|how many times <was> <O> played <T>?|number of plays <of> <T>|how many plays <of> <T>|play count <of> <T>|count the plays <of> <T>"
            "|total streams <of> <T>|how often <was> <O> played <T>?|how many listens for <O> <T>"
                         "|<O>: number of plays <T>|plays <of> <T>, how many?|can you count how many times <O> <was> listened to <T>",
        ("plays", ""): "how many plays <T>|how many plays were there <T>?|number of plays <T>|total plays <T>|play count <T>|how many listens <T>|how many listening events <T>"
            "|how much was played <T>? number of plays|count all the plays <T>|what was the total number of streams <T>?",
        ("plays", "user"): "how many times did <S> <play> <O> <T>?|how many plays <of> by <S> <T>|number of plays <S> gave <O> <T>|<S>: how many plays <of> <T>",
        ("listeners", "of"): "how many people listened to <O> <T>?|number of listeners <of> <T>|how many listeners did <O> have <T>?|how many different users played <O> <T>?"
            "|unique listeners <of> <T>|how many users put on <O> <T>|audience size <of> <T>, in listeners|count the distinct listeners <of> <T>",
        ("listeners", ""): "how many people listened to music <T>?|how many active listeners <T>|number of different users who played something <T>|distinct listeners <T>"
            "|how many users listened <T>?|how many listeners were there <T>?|unique users <T>",
        ("tracks", "of"): "how many different <O> were played <T>?|number of distinct <O> played <T>|how many different <O> did people listen to <T>?|count the distinct <O> heard <T>",
        ("tracks", ""): "how many different songs were played <T>?|number of distinct tracks played <T>|how many unique songs were listened to <T>?|count of different titles played <T>",
        ("tracks", "user"): "how many different <O> did <S> play <T>?|number of distinct <O> <S> listened to <T>|how many different <O> has <S> heard <T>?",
        ("artists", "of"): "how many different <O> were played <T>?|number of distinct <O> listened to <T>|how many different <O> did people hear <T>?",
        ("artists", ""): "how many different artists were played <T>?|number of distinct artists listened to <T>|how many artists got at least 1 play <T>?|count the different artists heard <T>",
        ("artists", "user"): "how many different <O> did <S> play <T>?|number of distinct <O> <S> listened to <T>|how many different <O> has <S> heard <T>?",
        ("countries", "of"): "in how many countries <was> <O> played <T>?|number of countries where <O> <was> played <T>|how many different countries listened to <O> <T>?"
            "|how many countries played <O> <T>",
        ("minutes", "of"): "how many minutes <of> were played <T>?|total minutes <of> listened to <T>|listening time <of> in minutes <T>|how many minutes did people spend on <O> <T>?"
            "|minutes <of> played <T>",
        ("minutes", ""): "how many minutes of music were played <T>?|total minutes listened <T>|listening time in minutes <T>|how many minutes did people listen <T>?|total listening minutes <T>",
        ("minutes", "user"): "how many minutes did <S> listen <to> <T>?|how many minutes of <O> did <S> play <T>?|minutes of <O> listened to by <S> <T>|listening time of <S> in minutes, <O> <T>",
    },
    FR: {
        ("plays", "of"): "combien d'écoutes <de> <T> ?|combien de fois <les> <été> <T> ?|nombre d'écoutes <de> <T>|total des écoutes <de> <T>|compte les écoutes <de> <T>"
            "|quel est le nombre d'écoutes <de> <T> ?|combien d'écoutes pour <les> <T>"
                         "|combien de fois a-t-on écouté <des> <T> ?|le nombre de lectures <de> <T>|il y a eu combien d'écoutes <de> <T> ?",
        ("plays", ""): "combien d'écoutes <T> ?|nombre d'écoutes <T>|total des écoutes <T>|combien y a-t-il eu d'écoutes <T> ?|combien de lectures <T>|il y a eu combien d'écoutes <T> ?"
            "|nombre total d'écoutes <T>|quel est le total des écoutes <T> ?",
        ("plays", "user"): "combien de fois <S> a écouté <des> <T> ?|combien d'écoutes <de> <S> a-t-il faites <T> ?|nombre d'écoutes <de> par <S> <T>|combien d'écoutes <de> pour <S> <T>",
        ("listeners", "of"): "combien de personnes ont écouté <des> <T> ?|nombre d'auditeurs <de> <T>|combien d'auditeurs pour <les> <T> ?|combien d'utilisateurs différents ont écouté <des> <T> ?"
            "|combien de gens écoutent <des> <T> ?|le nombre d'auditeurs uniques <de> <T>|audience <de> <T> en nombre d'auditeurs",
        ("listeners", ""): "combien de personnes ont écouté de la musique <T> ?|nombre d'auditeurs <T>|combien d'auditeurs actifs <T> ?"
            "|combien d'utilisateurs différents ont écouté quelque chose <T> ?|nombre d'auditeurs uniques <T>|combien y avait-il d'auditeurs <T> ?",
        ("tracks", "of"): "combien de <N> différent* ont été écouté* <T> ?|nombre de <N> distinct* écouté* <T>|combien de <N> différent* a-t-on joué* <T> ?|nombre de <N> différent* <T>",
        ("tracks", ""): "combien de chansons différentes ont été écoutées <T> ?|nombre de titres distincts joués <T>|combien de morceaux différents a-t-on écoutés <T> ?"
            "|nombre de chansons différentes écoutées <T>",
        ("tracks", "user"): "combien de <N> différent* <S> a écouté* <T> ?|nombre de <N> distinct* écouté* par <S> <T>|<S> a écouté combien de <N> différent* <T> ?",
        ("artists", "of"): "combien <dN> différents ont été écoutés <T> ?|nombre <dN> distincts écoutés <T>|combien <dN> différents a-t-on écoutés <T> ?",
        ("artists", ""): "combien d'artistes différents ont été écoutés <T> ?|nombre d'artistes distincts écoutés <T>|combien d'artistes a-t-on écoutés <T> ?"
            "|on a écouté combien d'artistes différents <T> ?",
        ("artists", "user"): "combien <dN> différents <S> a écoutés <T> ?|nombre <dN> distincts écoutés par <S> <T>|<S> a écouté combien <dN> différents <T> ?",
        ("countries", "of"): "dans combien de pays <les> <été> <T> ?|nombre de pays où <les> <été> <T>|combien de pays ont écouté <des> <T> ?|dans combien de pays différents écoute-t-on <des> <T> ?",
        ("minutes", "of"): "combien de minutes <de> ont été écoutées <T> ?|temps d'écoute <de> en minutes <T>|nombre de minutes d'écoute <de> <T>"
            "|combien de minutes a-t-on passées à écouter <des> <T> ?|total de minutes d'écoute pour <les> <T>",
        ("minutes", ""): "combien de minutes de musique ont été écoutées <T> ?|temps d'écoute total en minutes <T>|nombre de minutes d'écoute <T>|combien de minutes d'écoute <T> ?",
        ("minutes", "user"): "combien de minutes <S> a passées à écouter <des> <T> ?|temps d'écoute <de> de <S> en minutes <T>|combien de minutes d'écoute <de> pour <S> <T>",
    },
}


# --- series, windows ------------------------------------------------------------------------------------------------

PERIODS = {
    "month": ("per month|by month|month by month|each month|for every month", "par mois|mois par mois|chaque mois|pour chaque mois", "monthly", "mensuel*"),
    "day": ("per day|by day|each day|day by day|for every day", "par jour|jour par jour|chaque jour|pour chaque jour", "daily", "quotidien*"),
    "week": ("per week|by week|week by week|each week", "par semaine|semaine par semaine|chaque semaine", "weekly", "hebdomadaire*"),
    "hour": ("by hour of the day|per hour|hour by hour|for each hour of the day", "par heure de la journée|par heure|heure par heure|selon l'heure", "hourly", "par heure"),
    "weekday": ("by day of the week|per weekday|by weekday|for each day of the week", "par jour de la semaine|selon le jour de la semaine|pour chaque jour de la semaine", "", ""),
    "year": ("per year|by year|year by year|each year", "par an|par année|année par année|chaque année", "yearly", "annuel*"),
}
FORMS |= {"mensuel": ("mensuel", "mensuelle", "mensuels", "mensuelles"), "quotidien": ("quotidien", "quotidienne", "quotidiens", "quotidiennes"),
    "annuel": ("annuel", "annuelle", "annuels", "annuelles")}


def series_parts(rng, language, period, of_chance=0.6, kinds=("artist", "title", "pair", "songs", "acts"), who_chance=0.35, when_chance=0.4):
    of = thing(rng, language, kinds) if rng.random() < of_chance else None
    when, who = dates_within(rng, period, when_chance), listener(rng, who_chance)
    return of, [*(of.parts if of else ()), *when, *who], tail_of(rng, language, (*when, *who), loose=True)


def event_series(rng):
    """Plays or listeners per month, day, hour ..."""
    language = rng.choice([EN, FR])
    period = rng.choices(list(PERIODS), [5, 3, 1.2, 3, 2.5, 1.5])[0]
    of, parts, tail = series_parts(rng, language, period)
    measure = rng.choices(["plays", "listeners", "minutes", "tracks"], [6, 2, 1, 0.7])[0]
    if measure == "tracks" and of and of.words != "{artist}":
        measure = "plays"
    if measure == "listeners" and any(p.kind == "user" for p in parts) or measure == "minutes" and any(p.join == ARTISTS for p in parts):
        measure = "plays"
    expression = {"plays": "COUNT(*) AS plays", "listeners": "COUNT(DISTINCT user_id) AS listeners", "minutes": "SUM(duration_ms) / 60000 AS minutes",
        "tracks": "COUNT(DISTINCT track_id) AS tracks"}[measure]
    column, key = PLACES[period][:2]
    sql = query(f"{column}, {expression}", parts, f"GROUP BY {key} ORDER BY {key}", [TRACKS] if measure == "minutes" else [])
    en, fr, en_adjective, fr_adjective = PERIODS[period]
    if language == EN:
        noun = one(rng, {"plays": "plays|number of plays|streams|play counts|listens", "listeners": "listeners|number of listeners|unique listeners|distinct listeners",
            "minutes": "minutes listened|listening minutes|minutes of listening", "tracks": "different songs played|distinct tracks played"}[measure])
        of_words = (f"of {of.words}" if measure in ("plays", "listeners") else f"for {of.words}") if of else ""
        names = "<N> <O> <P> <T>|<N> <P> <O> <T>|<N> <P> <T> <O>|the <N> <O> <P> <T>|<T> <N> <O> <P>|trend of <N> <O> <P> <T>"
        names += f"|{en_adjective} <N> <O> <T>|{en_adjective} <N> <T> <O>" if en_adjective else ""
        questions = "how many <N> <O> <P> <T>?|how did the <N> <O> evolve <P> <T>?|what were the <N> <O> <P> <T>?|could you chart the <N> <O> <P> <T>?"
        if measure == "plays":
            questions += f"|how often {'were' if of and of.plural else 'was'} {of.words} played <P> <T>?" if of else "|how does listening vary <P> <T>?|how many plays are there <P> <T>?"
        text = asked(rng, EN, names, questions, tail, N=noun, O=of_words, P=one(rng, en))
        return text.replace("how many number of", "how many").replace("how many play counts", "how many plays").replace("what were the number", "what was the number").replace("<T>", ""), sql
    noun, article = rng.choice({"plays": [("écoutes", "les "), ("nombre d'écoutes", "le "), ("lectures", "les "), ("total des écoutes", "le ")],
        "listeners": [("auditeurs", "les "), ("nombre d'auditeurs", "le "), ("nombre d'auditeurs uniques", "le ")],
                                "minutes": [("minutes d'écoute", "les "), ("temps d'écoute en minutes", "le ")],
                                    "tracks": [("chansons différentes écoutées", "les "), ("nombre de titres différents écoutés", "le ")]}[measure])
    if measure == "tracks" and of:
        noun, article = "nombre de titres différents", "le "
    of_words = of.of(rng) if of else ""
    names = f"{article}<N> <O> <P> <T>|{article}<N> <P> <O> <T>|<N> <O> <T> <P>|{article}<N> <O> <P> <T>|<N> <P> <T> <O>"
    if fr_adjective and noun in ("écoutes", "lectures", "auditeurs"):
        names += "|" + agree(f"les <N> {fr_adjective} <O> <T>", noun != "auditeurs", True)
    count = {"plays": "d'écoutes", "listeners": "d'auditeurs", "minutes": "de minutes d'écoute", "tracks": "de titres différents"}[measure]
    plural_noun = article == "les "
    have = "a-t-il" if not plural_noun else "ont-ils" if noun == "auditeurs" else "ont-elles"
    questions = f"combien {count} <O> <P> <T> ?|comment {article}<N> <O> {have} évolué <P> <T> ?|il y a combien {count} <O> <P> <T> ?"
    questions += f"|évolution {'des ' if plural_noun else 'du '}<N> <O> <P> <T>|trace la courbe {'des ' if plural_noun else 'du '}<N> <O> <P> <T>"
    return asked(rng, FR, names, questions, tail, N=noun, O=of_words, P=one(rng, fr)), sql


WINDOW_WORDS = {
    ("total", EN): "running total of plays <O> <P> <T>|cumulative plays <O> <P> <T>|cumulated number of plays <O> <P> <T>|how do the plays <O> add up <P> <T>?|plays <O> accumulated <P> <T>"
        "|cumulative listens <P> <O> <T>|cumulative sum of streams <O> <P> <T>",
    ("total", FR): "total cumulé des écoutes <O> <P> <T>|écoutes cumulées <O> <P> <T>|cumul des écoutes <O> <P> <T>|comment les écoutes <O> s'accumulent-elles <P> <T> ?"
        "|les écoutes <O> en cumulé <P> <T>|somme cumulée des écoutes <O> <P> <T>",
    ("average", EN): "weekly moving average of plays <O> <T>|rolling week average of daily plays <O> <T>|daily plays <O> smoothed over a week <T>|moving average of plays <O> over a week <T>"
        "|plays <O> <T>, moving average, one week window|smooth the daily plays <O> over a week <T>",
    ("average", FR): "moyenne mobile hebdomadaire des écoutes <O> <T>|moyenne glissante des écoutes <O> sur une semaine <T>|écoutes quotidiennes <O> lissées sur une semaine <T>"
        "|lisse les écoutes quotidiennes <O> sur une semaine <T>|moyenne mobile des écoutes <O> sur une semaine <T>",
    ("change", EN): "change in <M> <O> from <p> to <p> <T>|<p> over <p> change in <M> <O> <T>|how did <M> <O> change from one <p> to the next <T>?"
        "|difference in <M> <O> between each <p> and the one before <T>|by how much do <M> <O> go up or down every <p> <T>?|gain or loss of <M> <O> <p> after <p> <T>",
    ("change", FR): "évolution <M> <O> d'<p1> sur l'autre <T>|variation <M> <O> d'<p1> à l'autre <T>|écart <M> <O> par rapport <p2> <T>|différence <M> <O> entre chaque <p> et <p3> <T>"
        "|gain ou perte <m> <O> d'<p1> sur l'autre <T>",
    ("percentage", EN): "<p> over <p> growth of <M> <O> in percent <T>|growth rate of <M> <O> from <p> to <p> <T>|% growth of <M> <O> per <p> <T>"
        "|percentage change in <M> <O> from one <p> to the next <T>|by what percentage do <M> <O> change every <p> <T>?",
    ("percentage", FR): "taux de croissance <M> <O> d'<p1> sur l'autre <T>|croissance <M> <O> en pourcentage, <p> par <p> <T>|évolution en % <M> <O> d'<p1> à l'autre <T>"
        "|% de croissance <M> <O> par <p> <T>|variation en pourcentage <M> <O> d'<p1> sur l'autre <T>",
}
WIDE_WORDS = {
    EN: "moving average of plays <O> <T>, each <p> with the {num} <p>s before it|plays <O> <T> averaged over each <p> and the {num} <p>s before"
        "|rolling average of plays <O> <T>, {num} preceding <p>s and the <p> itself|smooth the plays <O> <T>: each <p> averaged with its {num} previous <p>s",
    FR: "moyenne mobile des écoutes <O> <T>, chaque <p> avec les {num} <ps> précédents|écoutes <O> <T> moyennées avec les {num} <ps> d'avant, par <p>"
        "|moyenne glissante des écoutes <O> <T>, le <p> et les {num} <ps> précédents|lisse les écoutes <O> <T> : chaque <p> avec les {num} <ps> qui précèdent",
}
STEPS_FR = {"month": ("un mois", "au mois précédent", "le précédent", "mois"), "day": ("un jour", "à la veille", "la veille", "jour"),
    "week": ("une semaine", "à la semaine précédente", "la précédente", "semaine"), "year": ("une année", "à l'année précédente", "la précédente", "année")}


def event_window(rng):
    """Running totals, moving averages, differences and growth from period to period."""
    language = rng.choice([EN, FR])
    kind = rng.choices(["total", "average", "change", "percentage"], [3, 2, 4, 1.5])[0]
    period = "day" if kind == "average" else rng.choices(["month", "day", "week", "year"], [5, 3, 1.5, 0.8 if kind != "total" else 0.3])[0]
    of, parts, tail = series_parts(rng, language, period, 0.65, who_chance=0.35, when_chance=0.35)
    measure = "listeners" if kind in ("change", "percentage") and rng.random() < 0.3 and not any(p.kind == "user" for p in parts) else "plays"
    column, key = PLACES[period][:2]
    inner = query(f"{column}, {MEASURES[measure][0]}", parts, f"GROUP BY {key}")
    lag = f"LAG({measure}) OVER (ORDER BY {key})"
    # How many periods before it each one is averaged with.
    wide = kind == "average" and rng.random() < 0.4
    if wide and rng.random() < 0.3:
        period, (of, parts, tail) = "month", series_parts(rng, language, "month", 0.65, when_chance=0)
        column, key = PLACES[period][:2]
        inner = query(f"{column}, {MEASURES[measure][0]}", parts, f"GROUP BY {key}")
    expression = {"total": f"SUM(plays) OVER (ORDER BY {key}) AS total", "average": f"AVG(plays) OVER (ORDER BY {key} ROWS BETWEEN {'{num}' if wide else 6} PRECEDING AND CURRENT ROW) AS average",
        "change": f"{measure} - {lag} AS change",
                  "percentage": f"100 * ({measure} - {lag}) / {lag} AS percentage"}[kind]
    # The biggest rise or fall, or the {num} biggest.
    jump = kind == "change" and rng.random() < 0.25
    fall, several = rng.random() < 0.4, rng.random() < 0.5
    order = f"change{' NULLS LAST' if fall else ' DESC'} LIMIT {'{num}' if several else '1'}" if jump else key
    sql = f"SELECT {key}, {expression} FROM ({inner}) ORDER BY {order}"
    if jump:
        return jump_words(rng, language, of, tail, period, measure, fall, several), sql
    text = one(rng, WIDE_WORDS[language] if wide else WINDOW_WORDS[kind, language])
    lead = rng.choice(["", "", "", "show the ", "i want the ", "give me the "] if language == EN else ["", "", "", "montre ", "je veux voir ", "donne-moi "])
    if "?" in text or text.startswith(("smooth", "lisse", "by ", "%", "<p>", "how", "comment")) or lead not in ("",) and language == FR and not text.startswith(("total", "cumul", "taux")):
        lead = ""
    if lead and language == FR:
        lead += "le "
    of_words = (f"of {of.words}" if language == EN else of.of(rng)) if of else ""
    p1, p2, p3, p = STEPS_FR[period] if language == FR else ("", "", "", period)
    count = {("plays", EN): "plays|listens|streams", ("listeners", EN): "listeners|unique listeners", ("plays", FR): "des écoutes|du nombre d'écoutes",
        ("listeners", FR): "du nombre d'auditeurs|des auditeurs"}[measure, language]
    return worded(rng, language, lead + text, tail, O=of_words, P=one(rng, PERIODS[period][0 if language == EN else 1]), M=one(rng, count), m="d'écoutes" if measure == "plays" else "d'auditeurs",
        p=p, ps=p if p.endswith("s") else p + "s", p1=p1, p2=p2, p3=p3), sql


def jump_words(rng, language, of, tail, period, measure, fall, several):
    """'which month saw the biggest rise in plays of X over the month before?'"""
    n = "{num} " if several else ""
    if language == EN:
        noun, count = period + ("s" if several else ""), one(rng, MEASURES[measure][4])
        size = one(rng, "biggest drop|sharpest fall|worst decline" if fall else "biggest jump|strongest rise|largest gain")
        went = "fell" if fall else "rose"
        names = f"the {n}<N> with the {size} in <M> <O> over the previous {period} <T>|{n}<N> when <M> <O> {went} the most from one {period} to the next <T>"
        questions = f"which {n}<N> saw the {size} in <M> <O> compared with the {period} before <T>?|in which {n}<N> did <M> <O> {'fall' if fall else 'rise'} the most over the previous {period} <T>?"
        return asked(rng, EN, names, questions, tail, N=noun, M=count, O=f"of {of.words}" if of else "")
    p1, p2, _, p = STEPS_FR[period]
    feminine = period in ("week", "year")
    noun = p if p.endswith("s") or not several else p + "s"
    elide = "l'" if p == "année" and not several else ("les " if several else "la " if feminine else "le ")
    size = one(rng, "la plus forte baisse|la plus grosse chute" if fall else "la plus forte hausse|le plus gros bond")
    count = "d'écoutes" if measure == "plays" else "d'auditeurs"
    have = "ont" if several else "a"
    names = f"{elide}{n}<N> avec {size} {count} <O> par rapport {p2} <T>|{elide}{n}<N> qui {have} connu {size} {count} <O> d'{p1} sur l'autre <T>"
    questions = agree(f"quel* {n}<N> {have} connu {size} {count} <O> par rapport {p2} <T> ?|quel* {n}<N> {have} enregistré {size} {count} <O> d'{p1} à l'autre <T> ?", feminine, several)
    return asked(rng, FR, names, questions, tail, N=noun, O=of.of(rng) if of else "")


# --- tops of groups -------------------------------------------------------------------------------------------------

GROUP_WORDS = {"country": ("country", "pays"), "user": ("user|listener", "utilisateur|auditeur"), "segment": ("segment|user segment", "segment|segment d'utilisateurs"), "month": ("month", "mois"),
    "day": ("day", "jour"), "week": ("week", "semaine"),
               "year": ("year", "année"), "hour": ("hour|hour of the day", "heure|heure de la journée"), "weekday": ("day of the week|weekday", "jour de la semaine"),
                   "genre": ("genre|song genre", "genre"), "artist": ("artist", "artiste"),
               "decade": ("decade of release|release decade", "décennie de sortie")}


def event_groups(rng):
    """The first, or the first {num}, songs, artists, genres, countries or hours of each country, user, month ..."""
    language = rng.choice([EN, FR])
    group = rng.choices(["country", "user", "segment", "month", "day", "week", "year", "hour", "weekday", "genre", "artist", "decade"], [4, 2.5, 1, 4, 1, 1, 1.5, 1.5, 2.5, 1, 1, 0.8])[0]
    item = "song" if group in ("genre", "artist", "decade") else rng.choices(["song", "artist", "genre", "country", "hour", "user"],
        [5, 4, 0.8, 0.7 if group != "country" else 0, 0.6 if group in ("country", "user", "weekday") else 0, 0.6 if group != "user" else 0])[0]
    number = rng.random() < 0.4
    extra = {"genre": ("genre", "genre", False, [TRACKS]), "decade": ("DIV(release_year, 10) * 10 AS decade", "decade", True, [TRACKS]), "artist": ("artist_name", "artist_name", False, [])}
    column, key, ordered, joins = extra[group] if group in extra else (PLACES[group][0], PLACES[group][1], PLACES[group][7], [PLACES[group][9]] if PLACES[group][9] else [])
    shown, by = {"song": ("track_title, artist_name", "track_title, artist_name"), "artist": ("artist_name", "artist_name"), "genre": ("genre", "genre"), "country": ("country", "country"),
        "hour": (f"{HOUR} AS hour", "hour"), "user": ("user_id", "user_id")}[item]
    if item == "genre":
        joins = [*joins, TRACKS]
    taken = ((group if group in ("country", "user", "segment") else ""), "country" if item == "country" else "", "user" if item == "user" else "", "clock" if "hour" in (item, group) else "",
        "weekday" if group == "weekday" else "")
    when = dates_within(rng, group, 0.45) if group in NARROWER else times(rng, (0.5, 0.5), taken)
    who = listener(rng, 0.25, (*taken, *(("segment", "user") if group == "segment" else ()), *(("segment", "user") if "user" in (item, group) else ())))
    own: list[Part] = []
    feminine = False
    if item == "song":
        own = song_parts(rng, (0.65, 0.35), "genre" if group == "genre" else "", "release" if group == "decade" else "") + ([BY_ARTIST] if group != "artist" and rng.random() < 0.25 else [])
        noun = rng.choice(SONGS[language])
    elif item == "artist":
        own = [draw(rng, ARTIST_PARTS)] if rng.random() < 0.25 and group not in ("segment",) else []
        noun = rng.choice(ACTS[language])
    else:
        noun = {EN: {"genre": ("genre", "genres"), "country": ("country", "countries"), "hour": ("hour", "hours"), "user": ("listener", "listeners")},
            FR: {"genre": ("genre", "genres", False), "country": ("pays", "pays", False), "hour": ("heure", "heures", True), "user": ("auditeur", "auditeurs", False)}}[language][item]
    feminine = language == FR and noun[2]
    parts = [*own, *when, *who]
    if item in ("artist", "user", "country") and not ordered and not timed(parts):
        when = [*when, rng.choice(DATES)]
        parts = [*own, *when, *who]
    measure = rng.choices(["plays", "listeners"], [6, 1 if "user" not in (item, group) and not any(p.kind == "user" for p in who) else 0])[0]
    columns = f"{column}, {shown}" if group != "artist" else shown
    keys = f"{key}, {by}" if group != "artist" else by
    sql = query(f"{columns}, {MEASURES[measure][0]}", parts, f"GROUP BY {keys} QUALIFY ROW_NUMBER() OVER (PARTITION BY {key} ORDER BY {measure} DESC) {'<= {num}' if number else '= 1'}"
        + (f" ORDER BY {key}" if ordered else ""), joins)
    word = noun[1] if number else noun[0]
    np = phrase(rng, language, word, own, feminine, number)
    every = one(rng, GROUP_WORDS[group][0 if language == EN else 1])
    tail = tail_of(rng, language, (*when, *who), loose=item in ("country", "hour", "user"))
    n = "{num} " if number else ""
    if language == EN:
        heard = item in ("song", "artist", "genre") and measure == "plays"
        adjective = one(rng, "most played|most listened to|most streamed") if heard else ""
        most = "most listeners" if measure == "listeners" else one(rng, "most plays|most listens|most streams")
        names = (f"the {n}{adjective} <N> of each {every} <T>|{n}{adjective} <N> per {every} <T>|for each {every}, the {n}{adjective} <N> <T>|the {n}{adjective} <N> in every {every} <T>"
            f"|top {n}<N> by {every} <T>" if heard else "")
        names += ("|" if names else "") + f"the {n}<N> with the {most} in each {every} <T>|for every {every}, the {n}<N> with the {most} <T>|{n}<N> with the {most}, per {every} <T>"
        questions = (f"what {'are' if number else 'is'} the {n}{adjective} <N> in each {every} <T>?|which {n}<N> {'were' if number else 'was'} {adjective} in every {every} <T>?"
            f"|for each {every}, which {n}<N> {'are' if number else 'is'} played the most <T>?|" if heard else "")
        questions += f"which {n}<N> had the {most} in each {every} <T>?|what {n}<N> got the {most} for every {every} <T>?"
        return asked(rng, EN, names, questions, tail, N=np), sql
    heard = item in ("song", "artist", "genre") and measure == "plays"
    how = "ten" if number else "one"
    article = the(how, feminine)
    elide = "l'" if not number and word[0] in "aéh" else f"{article} "
    most = one(rng, MEASURES[measure][5])
    degree = f"{article} plus {agree(one(rng, 'écouté*|joué*|écouté*'), feminine, number)}"
    each = one(rng, f"de chaque {every}|pour chaque {every}|par {every}" + (f"|dans chaque {every}" if group in ("country", "segment", "genre") else ""))
    names = (f"{elide}{n}<N> {degree} {each} <T>|{n}<N> {degree} {each} <T>|pour chaque {every}, {elide}{n}<N> {degree} <T>|par {every}, {elide}{n}<N> {degree} <T>" if heard else "")
    names += ("|" if names else "") + f"{elide}{n}<N> avec le plus {most} {each} <T>|pour chaque {every}, {elide}{n}<N> qui {'ont' if number else 'a'} le plus {most} <T>"
    names += f"|top {n}des <N> {each} <T>" if number and heard else ""
    questions = agree((f"quel* {'sont' if number else 'est'} {elide}{n}<N> {degree} {each} <T> ?|pour chaque {every}, quel* {'sont' if number else 'est'} {elide}{n}<N> {degree} <T> ?|" if heard
        else "") + f"quel* {n}<N> {'ont' if number else 'a'} eu le plus {most} {each} <T> ?", feminine, number)
    return asked(rng, FR, names, questions, tail, N=np), sql


# --- shares ---------------------------------------------------------------------------------------------------------


def event_share(rng):
    """Which percentage of plays meets a condition."""
    language = rng.choice([EN, FR])
    kind = rng.choices(["clock", "weekday", "country", "thing", "date", "user"], [3, 2, 2.5, 4, 1, 0.7])[0]
    per = rng.choice([g for g in ["", "", "", "", "country", "month", "year", "weekday", "user"] if g != kind]) if kind in ("clock", "weekday", "thing") else ""
    when = times(rng, (0.5, 0.5), (kind, *(("date",) if per in ("month", "year") else ()), *(("weekday",) if per == "weekday" else ())))
    who = listener(rng, 0.3, (kind, per, *(("segment",) if per == "user" else ("user",) if "country" in (kind, per) else ())))
    of = None
    if kind == "thing":
        of = thing(rng, language, ("artist", "songs", "title", "acts"), (4, 3, 1, 5, 1.2))
        inside = list(of.parts)
        if not per and not timed([*inside, *when]) or per in ("country", "user") and not timed([*inside, *when]):
            when = [*when, rng.choice(DATES)]
    else:
        share_of = {"clock": CLOCKS, "weekday": WEEKDAYS, "country": COUNTRIES[:9], "date": [p for p in DATES if p.place == 10], "user": USERS}[kind]
        inside = [rng.choice(share_of)]
        of = thing(rng, language) if rng.random() < 0.6 and not per else thing(rng, language) if rng.random() < 0.35 else None
        if kind in ("country", "user") and not timed([*(of.parts if of else ()), *when]):
            when = [*when, rng.choice(DATES)]
    if of and any(p.join == ARTISTS for p in of.parts) and any(p.join == SEGMENTS for p in who):
        who = []
    filters = [*when, *who, *(of.parts if of and kind != "thing" else ())]
    joins = [j for j in (TRACKS, ARTISTS) if any(p.join == j for p in inside)]
    counted = f"100 * COUNTIF({where(inside)}) / COUNT(*) AS percentage"
    if per:
        column, key = PLACES[per][:2]
        order = key if PLACES[per][7] else "percentage DESC"
        sql = query(f"{column}, {counted}", filters, f"GROUP BY {key} ORDER BY {order}", joins)
    else:
        sql = query(counted, filters, joins=joins)
    # So rare that the tokenizer may not have met it.
    if "(listening_events." in sql:
        return event_share(rng)
    tail = tail_of(rng, language, [*when, *who])
    group = one(rng, GROUP_WORDS[per][0 if language == EN else 1]) if per else ""
    share = one(rng, "what percentage|what share|which share|what proportion" if language == EN else "quel pourcentage|quelle part|quelle proportion")
    noun = one(rng, "percentage|share|proportion" if language == EN else "pourcentage|part|proportion")
    if language == EN:
        per_words = one(rng, f"per {group}|by {group}|for each {group}|in each {group}") if per else ""
        if kind == "thing":
            template = one(rng, f"{share} of plays went to <O> <T> <P>?|{share} of plays were <O> <T> <P>?|{noun} of plays that are <O> <T> <P>|<O>: {noun} of all plays <T> <P>"
                f"|how much of the listening, in percent, goes to <O> <T> <P>?|{noun} of listening going to <O> <P> <T>")
            return worded(rng, EN, template, tail, O=of.words, P=per_words), sql
        plays = f"the plays of {of.words}" if of else "plays"
        bare = f"plays of {of.words}" if of else "plays"
        what = inside[0].said(rng, EN, loose=kind in ("user", "country"))
        come = f"{share} of {plays} <T> comes from {{country}}?|" if inside[0].sql == "country = {country}" else ""
        template = one(rng, come + f"{share} of {plays} <T> happens <W> <P>?|{noun} of {bare} <T> that happens <W> <P>|<T>, {noun} of {plays} made <W> <P>"
            f"|of {'all ' + bare} <T>, {share} happens <W> <P>?|<T>, how much of the listening {('to ' + of.words) if of else ''}, in percent, takes place <W> <P>?"
                       if kind != "user" else f"{share} of {plays} <T> was made by user {{num2}}?|{noun} of {bare} <T> made by user {{num2}}|user {{num2}}'s {noun} of {plays} <T>")
        return worded(rng, EN, template, tail, W=what, P=per_words), sql
    per_words = one(rng, f"par {group}|pour chaque {group}|selon " + (f"l'{group}" if group[0] in "aéhu" else f"le {group}")) if per else ""
    if kind == "thing":
        some = of.some.replace("des ", "les ", 1) if of.plural else of.words
        to = f"aux {of.words}" if of.plural else f"à {of.words}"
        du = f"des {of.words}" if of.plural else of.of(rng)
        template = one(rng, f"{share} des écoutes revient {to} <T> <P> ?|{share} des écoutes concerne {some} <T> <P> ?|{noun} {du} dans les écoutes <T> <P>"
            f"|{noun} des écoutes consacrées {to} <T> <P>|{share} {du} dans l'ensemble des écoutes <T> <P> ?")
        return worded(rng, FR, template, tail, P=per_words), sql
    plays = f"des écoutes {of.of(rng)}" if of else "des écoutes"
    what = inside[0].said(rng, FR, loose=kind in ("user", "country"))
    come = f"{share} {plays} <T> vient de {{country}} ?|" if inside[0].sql == "country = {country}" else ""
    template = one(rng, come + f"{share} {plays} <T> a lieu <W> <P> ?|{noun} {plays} <T> qui ont lieu <W> <P>|<T>, {share} {plays} se fait <W> <P> ?"
        f"|parmi {plays.replace('des', 'les', 1)} <T>, {share} a lieu <W> <P> ?|<T>, {noun} {plays} faites <W> <P>"
                   if kind != "user" else f"{share} {plays} <T> vient de l'utilisateur {{num2}} ?|<T>, {noun} de l'utilisateur {{num2}} dans l'ensemble {plays}")
    return worded(rng, FR, template, tail, W=what, P=per_words), sql


def event_split(rng):
    """Plays of each country, genre, user ..., as counts or as a percentage of all."""
    language = rng.choice([EN, FR])
    group = rng.choices(["country", "genre", "decade", "explicit", "artist", "segment", "user"], [4, 2.5, 2, 1, 1.5, 1.5, 0.8])[0]
    column, key, by_time, join, en, fr = {
        "country": ("country", "country", False, "", "country", "pays"), "genre": ("genre", "genre", False, TRACKS, "genre|song genre", "genre"),
            "decade": ("DIV(release_year, 10) * 10 AS decade", "decade", True, TRACKS, "decade of release|release decade", "décennie de sortie|décennie"),
        "explicit": ("explicit", "explicit", False, TRACKS, "explicit or not", "caractère explicite ou non"), "artist": ("artist_name", "artist_name", False, "", "artist", "artiste"),
            "segment": ("segment", "segment", False, SEGMENTS, "segment|user segment", "segment|segment d'utilisateurs"),
        "user": ("user_id", "user_id", False, "", "user|listener", "utilisateur|auditeur")}[group]
    kinds = {"genre": ("artist", "acts"), "decade": ("artist",), "explicit": ("artist",), "artist": ("songs",), "country": ("artist", "title", "pair", "songs"),
        "segment": ("artist", "title", "songs"), "user": ("artist", "title", "songs")}[group]
    of = thing(rng, language, kinds) if rng.random() < 0.55 else None
    if of and join and any(p.join == ARTISTS for p in of.parts):
        of = None
    if of and group == "artist" and BY_ARTIST in of.parts:
        of = None
    when, who = times(rng, (0.4, 0.6)), listener(rng, 0.3, (group, *(("segment", "user") if group in ("segment", "user") else ("user",) if group == "country" else ())))
    parts = [*(of.parts if of else ()), *when, *who]
    if group in ("country", "artist", "segment", "user") and not timed(parts):
        when = [*when, rng.choice(DATES)]
        parts = [*(of.parts if of else ()), *when, *who]
    style = rng.choices(["plays", "listeners", "share", "minutes"], [5, 1.5 if group != "user" and not any(p.kind == "user" for p in who) else 0, 2.5, 0.7])[0]
    alias = "percentage" if style == "share" else style
    expression = {"plays": "COUNT(*) AS plays", "listeners": "COUNT(DISTINCT user_id) AS listeners", "share": "100 * COUNT(*) / SUM(COUNT(*)) OVER () AS percentage",
        "minutes": "SUM(duration_ms) / 60000 AS minutes"}[style]
    joins = [j for j in (join, TRACKS if style == "minutes" else "") if j]
    if style == "minutes" and any(p.join == ARTISTS for p in parts):
        return event_split(rng)
    sql = query(f"{column}, {expression}", parts, f"GROUP BY {key} ORDER BY {key if by_time else alias + ' DESC'}", joins)
    tail = tail_of(rng, language, (*when, *who), loose=True)
    word = one(rng, en if language == EN else fr)
    if language == EN:
        of_words = f"of {of.words}" if of else ""
        per = one(rng, f"per {word}|by {word}|for each {word}") if group != "explicit" else one(rng, "by explicit or not|split into explicit and clean")
        noun = {"plays": "plays|number of plays|streams|listens", "listeners": "listeners|number of listeners|unique listeners", "share": "share of plays|percentage of plays|plays in percent",
            "minutes": "minutes of listening|minutes listened"}[style]
        names = "the <N> <O> <P> <T>|<N> <O> <P> <T>|<N> <P> <O> <T>|<N> <O> <T> <P>|breakdown of <N> <O> <P> <T>"
        questions = {"plays": "how many plays <O> <P> <T>?|how are the plays <O> split <P> <T>?|how many plays <O> come from each <W> <T>?",
            "listeners": "how many listeners <O> <P> <T>?|how many people listened <P> <T> <O>?",
                "share": "what share of the plays <O> comes from each <W> <T>?|how are plays <O> divided <P> in percent <T>?", "minutes": "how many minutes <O> were played <P> <T>?"}[style]
        questions = questions if group not in ("explicit",) else questions.split("|")[0]
        return asked(rng, EN, names, questions, tail, N=one(rng, noun), O=of_words, P=per, W=word), sql
    of_words = of.of(rng) if of else ""
    per = one(rng, f"par {word}|pour chaque {word}") if group != "explicit" else "selon le caractère explicite ou non"
    noun, article = rng.choice({"plays": [("écoutes", "les "), ("nombre d'écoutes", "le "), ("répartition des écoutes", "la ")], "listeners": [("nombre d'auditeurs", "le "), ("auditeurs", "les ")],
        "share": [("part des écoutes", "la "), ("pourcentage des écoutes", "le "), ("répartition en % des écoutes", "la ")],
                                "minutes": [("minutes d'écoute", "les "), ("temps d'écoute en minutes", "le ")]}[style])
    names = f"{article}<N> <O> <P> <T>|<N> <O> <P> <T>|<N> <P> <O> <T>|{article}<N> <O> <T> <P>"
    questions = {"plays": "combien d'écoutes <O> <P> <T> ?|comment se répartissent les écoutes <O> <P> <T> ?", "listeners": "combien d'auditeurs <O> <P> <T> ?",
        "share": "quelle part des écoutes <O> <P> <T> ?|comment se répartissent les écoutes <O> <P>, en pourcentage, <T> ?", "minutes": "combien de minutes d'écoute <O> <P> <T> ?"}[style]
    return asked(rng, FR, names, questions, tail, N=noun, O=of_words, P=per), sql


# --- dates, averages, history ---------------------------------------------------------------------------------------


def event_dates(rng):
    """When something was first or last played."""
    language = rng.choice([EN, FR])
    of = thing(rng, language, weights=(4, 3, 1.5, 2.5, 1)) if rng.random() < 0.9 else None
    who = listener(rng, 0.55 if of else 1)
    when = [rng.choice(DATES[:4] + CLOCKS[:4] + WEEKDAYS[:1])] if rng.random() < 0.2 else []
    parts = [*(of.parts if of else ()), *when, *who]
    kind = rng.choices(["first", "last", "both"], [4, 4, 1.2])[0]
    expression = {"first": "MIN(DATE(played_at)) AS first_date", "last": "MAX(DATE(played_at)) AS last_date", "both": "MIN(DATE(played_at)) AS first_date, MAX(DATE(played_at)) AS last_date"}[kind]
    sql = query(expression, parts)
    user = next((p for p in who if p.kind == "user"), None)
    subject = bool(user) and rng.random() < 0.6
    tail = tail_of(rng, language, [*when, *(p for p in who if not (subject and p is user))])
    if language == EN:
        words = of.words if of else "anything"
        was = "were" if of and of.plural else "was"
        first = {"first": "first", "last": "last", "both": "first and last"}[kind]
        late = {"first": "for the first time", "last": "for the last time", "both": "for the first and the last time"}[kind]
        text = (f"when did <S> {first} listen to <O> <T>?|when did <S> {first} play <O> <T>?|on which date did <S> play <O> {late} <T>?|date of <S>'s {first} play of <O> <T>"
            f"|{first} time <S> listened to <O> <T>|<S>: {first} play of <O> <T>" if subject else
                f"when {was} <O> {first} played <T>?|date of the {first} play of <O> <T>|{first} play of <O> <T>|on what date {was} <O> played {late} <T>?|{first} listen of <O> <T>, which date?"
                    f"|when {was} <O> listened to {late} <T>?")
        text += ("|most recent date <O> got a play <T>|latest play of <O> <T>|most recent play of <O> <T>" if kind == "last" and not subject else "|earliest play of <O> <T>"
            if kind == "first" and not subject else "")
        return worded(rng, EN, one(rng, text), tail, O=words, S=one(rng, "user {num2}|listener {num2}")), sql
    words = of.some if of else "quelque chose"
    first = {"first": "première", "last": "dernière"}.get(kind)
    late = {"first": "pour la première fois", "last": "pour la dernière fois", "both": "pour la première et la dernière fois"}[kind]
    play = f"la {first} écoute" if first else "la première et de la dernière écoute"
    de = of.of(rng) if of else ""
    les = (f"les {of.words}" if of.plural else of.words) if of else "quelque chose"
    have = "ont-" + ("elles" if of.feminine else "ils") if of and of.plural else "a-t-il"
    if not of:
        text = f"quand <S> a-t-il écouté quelque chose {late} <T> ?|date de {play} de <S> <T>" if subject else f"date de {play} <T>|quand a eu lieu {play} <T> ?"
    elif subject:
        text = f"quand <S> a-t-il écouté {words} {late} <T> ?|date de {play} {de} par <S> <T>|à quelle date <S> a écouté {words} {late} <T> ?|c'est quand que <S> a écouté {words} {late} <T>"
    else:
        text = (f"quand {les} {have} été {agree('écouté*', of.feminine, of.plural)} {late} <T> ?|date de {play} {de} <T>|à quelle date a-t-on écouté {words} {late} <T> ?"
            f"|quand a-t-on écouté {words} {late} <T> ?" + (f"|{first} écoute {de} <T>|la date de {play} {de} <T>" if first else ""))
    if kind == "both":
        text = text.replace("quand a eu lieu la première et de la dernière écoute", "quand ont eu lieu la première et la dernière écoute")
    return worded(rng, FR, one(rng, text), tail, S=one(rng, "l'utilisateur {num2}|l'auditeur {num2}")), sql


def event_average(rng):
    """Plays per day or per listener, and the average sound of what is played."""
    language = rng.choice([EN, FR])
    if rng.random() < 0.5:
        per = rng.choice(["day", "user"])
        of = thing(rng, language) if rng.random() < 0.7 else None
        when, who = times(rng, (0.35, 0.65)), listener(rng, 0.4, ("user",) if per == "user" else ())
        parts = [*(of.parts if of else ()), *when, *who]
        if per == "user" and not timed(parts):
            when = [rng.choice(DATES)]
            parts = [*(of.parts if of else ()), *when, *who]
        divisor = "DATE(played_at)" if per == "day" else "user_id"
        sql = query(f"COUNT(*) / COUNT(DISTINCT {divisor}) AS average", parts)
        tail = tail_of(rng, language, (*when, *who), loose=True)
        if language == EN:
            per_words = one(rng, "per day|a day|each day" if per == "day" else "per listener|per user|per person")
            return worded(rng, EN, one(rng, "average number of plays <O> <P> <T>|how many plays <O> <P> on average <T>?|average plays <P> <O> <T>|mean number of listens <O> <P> <T>"
                "|on average, how many plays <O> <P> <T>?"), tail, O=f"of {of.words}" if of else "", P=per_words), sql
        per_words = one(rng, "par jour" if per == "day" else "par auditeur|par utilisateur|par personne")
        return worded(rng, FR, one(rng, "nombre moyen d'écoutes <O> <P> <T>|combien d'écoutes <O> <P> en moyenne <T> ?|moyenne d'écoutes <O> <P> <T>|en moyenne, combien d'écoutes <O> <P> <T> ?"),
            tail, O=of.of(rng) if of else "", P=per_words), sql
    column, en, fr, feminine = rng.choice(SOUNDS)
    group = rng.choices(["", "country", "hour", "weekday", "month", "segment", "user", "year"], [5, 1.5, 1.5, 1, 1.5, 1, 0.7, 0.7])[0]
    when = times(rng, (0.5, 0.5), ("date",) if group in ("month", "year") else (("clock",) if group == "hour" else ("weekday",) if group == "weekday" else ()))
    who = listener(rng, 0.6 if not group else 0.25, (group, *(("segment", "user") if group in ("segment", "user") else ())))
    own = [rng.choice([GENRE_PART, BY_ARTIST, *RELEASE_PARTS[:2], *EXPLICIT_PARTS[:1]])] if rng.random() < 0.3 else []
    expression, alias = ("AVG(duration_ms) / 60000 AS minutes", "minutes") if column == "duration_ms" else (f"AVG({column}) AS avg_{column}", f"avg_{column}")
    parts = [*own, *when, *who]
    if group:
        key, is_time = PLACES[group][1], PLACES[group][7]
        how = rng.choice(["all", "all", "one", "ten"]) if not is_time else rng.choice(["all", "all", "all", "one"])
        order = f"ORDER BY {alias} DESC" + {"one": " LIMIT 1", "ten": " LIMIT 10"}[how] if how != "all" else f"ORDER BY {key if is_time else alias + ' DESC'}"
        sql = query(f"{PLACES[group][0]}, {expression}", parts, f"GROUP BY {key} {order}", [TRACKS, *([PLACES[group][9]] if PLACES[group][9] else [])])
    else:
        how, sql = "all", query(expression, parts, joins=[TRACKS])
    tail = tail_of(rng, language, (*when, *who), loose=bool(group))
    noun = rng.choice(SONGS[language])
    np = phrase(rng, language, noun[1], own, language == FR and noun[2])
    sound = one(rng, en if language == EN else fr)
    if language == EN:
        if how != "all":
            word = one(rng, PLACES[group][2 if how == "one" else 3])
            names, questions = (f"{word} with the highest average {sound} of played <N> <T>|the {word} whose played <N> have the highest average {sound} <T>",
                f"which {word} {'has' if how == 'one' else 'have'} the highest average {sound} in the <N> played <T>?|in which {word} do people play <N> with the highest average {sound} <T>?")
            return asked(rng, EN, names, questions, tail, N=np), sql
        per = one(rng, f"per {one(rng, PLACES[group][2])}|by {one(rng, PLACES[group][2])}|for each {one(rng, PLACES[group][2])}") if group else ""
        what = "the <N> played" if own else "what is played"
        return asked(rng, EN, f"the average <S> of the <N> played <T> <P>|average <S> of <N> played <T> <P>|mean <S> of {what} <T> <P>|average <S> <P> of the <N> listened to <T>",
            "what is the average <S> of the <N> played <T> <P>?|what was the mean <S> of <N> listened to <T> <P>?", tail, N=np, S=sound, P=per), sql
    fem = language == FR and noun[2]
    heard = agree("écouté*", fem, True)
    elided = "l'" if sound[0] in "aeéi" else "la " if feminine else "le "
    mean = agree("moyen*", feminine)
    mean = f"{elided}{sound.replace(' en minutes', '')} {mean}{' en minutes' if sound.endswith('minutes') else ''}"
    if how != "all":
        word = one(rng, PLACES[group][4 if how == "one" else 5])
        high = "la plus élevée" if feminine else "le plus élevé"
        questions = agree(f"quel* {word} {'ont' if how == 'ten' else 'a'} {mean} {high} pour les <N> {heard} <T> ?", PLACES[group][6] or word.startswith("journée"), how == "ten")
        article = "l'" if how == "one" and word[0] in "aéhu" else the(how, PLACES[group][6] or word.startswith("journée")) + " "
        return asked(rng, FR, f"{article}{word} où {mean} des <N> {heard} est {high} <T>", questions, tail, N=np), sql
    word = one(rng, PLACES[group][4]) if group else ""
    names = f"{mean} des <N> {heard} <T> <P>|{mean} <P> des <N> {heard} <T>"
    return asked(rng, FR, names, agree(f"quel* est {mean} des <N> {heard} <T> <P> ?", feminine), tail, N=np, P=one(rng, f"par {word}|pour chaque {word}") if group else ""), sql


# Numeric columns of tracks: column, English and French nouns, whether the French noun is feminine.
SOUNDS = [
    ("danceability", "danceability", "dansabilité", True), ("energy", "energy", "énergie", True), ("valence", "valence|happiness", "valence", True),
        ("acousticness", "acousticness", "acousticité", True),
    ("instrumentalness", "instrumentalness", "instrumentalité", True), ("liveness", "liveness", "liveness", True), ("speechiness", "speechiness", "speechiness", True),
        ("tempo", "tempo|bpm", "tempo|bpm", False),
    ("loudness", "loudness", "volume|volume sonore", False), ("popularity", "popularity", "popularité", True), ("duration_ms", "length in minutes|duration in minutes", "durée en minutes|durée", True),
]


def event_history(rng):
    """What a user played, and plain lists of what was heard somewhere or some time."""
    language = rng.choice([EN, FR])
    if rng.random() < 0.5:
        of = [rng.choice([BY_ARTIST, BY_ARTIST, GENRE_PART, *EXPLICIT_PARTS[:1], RELEASE_PARTS[0]])] if rng.random() < 0.35 else []
        order = rng.choice(["all", "last", "first", "last {num}", "first {num}"])
        when = times(rng, (0, 1) if order == "all" else (0.5, 0.5))
        parts = [*of, *USERS, *when]
        columns = "track_title, artist_name, played_at"
        rest = {"all": "ORDER BY played_at", "last": "ORDER BY played_at DESC LIMIT 1", "first": "ORDER BY played_at LIMIT 1", "last {num}": "ORDER BY played_at DESC LIMIT {num}",
            "first {num}": "ORDER BY played_at LIMIT {num}"}[order]
        sql = query(columns, parts, rest)
        noun = rng.choice(SONGS[language])
        plural = "num" in order or order == "all"
        np = phrase(rng, language, noun[1] if plural else noun[0], of, language == FR and noun[2], plural)
        tail = tail_of(rng, language, when)
        n = "{num} " if "num" in order else ""
        if language == EN:
            word = order.split()[0]
            names = (f"the {word} {n}<N> user {{num2}} played <T>|user {{num2}}'s {word} {n}<N> <T>|{word} {n}<N> played by user {{num2}} <T>" if order != "all"
                else "the listening history of user {num2} <T>|everything user {num2} played <T>|the <N> played by user {num2} <T>, in order")
            questions = (f"what {'were' if plural else 'was'} the {word} {n}<N> user {{num2}} listened to <T>?|which {n}<N> did user {{num2}} play {word} <T>?" if order != "all"
                else "what did user {num2} listen to <T>?|what has user {num2} played <T>?")
            if order == "all" and of:
                names, questions = ("the <N> played by user {num2} <T>, in order|the history of <N> user {num2} played <T>",
                    "which <N> did user {num2} listen to <T>, in order?|when did user {num2} play <N> <T>? list the plays")
            return asked(rng, EN, names, questions, tail, N=np), sql
        fem = noun[2]
        word = agree("dernier*" if "last" in order else "premier*", fem, plural)
        article = the("ten" if plural else "one", fem)
        heard = agree("écouté*", fem, plural)
        if order == "all":
            names, questions = ("l'historique d'écoute de l'utilisateur {num2} <T>|tout ce que l'utilisateur {num2} a écouté <T>",
                "qu'a écouté l'utilisateur {num2} <T> ?|qu'est-ce que l'utilisateur {num2} a écouté <T> ?") if not of else (f"les <N> {heard} par l'utilisateur {{num2}} <T>, dans l'ordre",
                    agree("quel* <N> l'utilisateur {num2} a écouté* <T>, dans l'ordre ?", fem, True))
        else:
            names = f"{article} {n}{word} <N> {heard} par l'utilisateur {{num2}} <T>|{article} {n}{word} <N> que l'utilisateur {{num2}} a {heard} <T>"
            questions = agree(f"quel* {'sont' if plural else 'est'} {article} {n}{word} <N> {heard} par l'utilisateur {{num2}} <T> ?", fem, plural)
        return asked(rng, FR, names, questions, tail, N=np), sql
    head = rng.choice(["song", "artist", "country"])
    when = times(rng, (0, 0.8, 0.2))
    who = listener(rng, 0.8, ("country", "user") if head == "country" else ())
    own = []
    if head == "song":
        noun, own = rng.choice(SONGS[language]), song_parts(rng, (0.5, 0.5)) + ([BY_ARTIST] if rng.random() < 0.3 else [])
        columns = "track_title, artist_name"
    elif head == "artist":
        noun, own, columns = rng.choice(ACTS[language]), [draw(rng, ARTIST_PARTS)] if rng.random() < 0.4 else [], "artist_name"
    else:
        noun, columns = (("country", "countries") if language == EN else ("pays", "pays", False)), "country"
    fem = language == FR and noun[2]
    if head == "country":
        of = thing(rng, language)
        sql = query("DISTINCT country", [*of.parts, *when, *who])
        tail = tail_of(rng, language, (*when, *who), loose=True)
        was = "were" if of.plural else "was"
        if language == EN:
            return asked(rng, EN, f"the countries where <O> {was} played <T>|countries that listened to <O> <T>", f"in which countries {was} <O> played <T>?|which countries listened to <O> <T>?",
                tail, O=of.words), sql
        return asked(rng, FR, "les pays où l'on a écouté <O> <T>|les pays qui ont écouté <O> <T>", "dans quels pays a-t-on écouté <O> <T> ?|quels pays ont écouté <O> <T> ?", tail, O=of.some), sql
    user = next((p for p in who if p.kind == "user"), None)
    sql = query(f"DISTINCT {columns}", [*own, *when, *who])
    np = phrase(rng, language, noun[1], own, fem, True)
    if language == EN:
        if user:
            return asked(rng, EN, "the <N> user {num2} listened to <T>|all <N> played by user {num2} <T>", "which <N> did user {num2} listen to <T>?|what <N> did user {num2} play <T>?",
                tail_of(rng, EN, when), N=np), sql
        return asked(rng, EN, "the <N> played <T>|all the <N> that were listened to <T>", "which <N> were played <T>?|what <N> did people listen to <T>?", tail_of(rng, EN, (*when, *who)), N=np), sql
    if user:
        return asked(rng, FR, agree("les <N> que l'utilisateur {num2} a écouté* <T>|les <N> écouté* par l'utilisateur {num2} <T>", fem, True),
            agree("quel* <N> l'utilisateur {num2} a-t-il écouté* <T> ?|quel* <N> l'utilisateur {num2} a écouté* <T>", fem, True), tail_of(rng, FR, when), N=np), sql
    return asked(rng, FR, agree("les <N> écouté* <T>|tout* les <N> écouté* <T>", fem, True), agree("quel* <N> ont été écouté* <T> ?|quel* <N> a-t-on écouté* <T> ?", fem, True),
        tail_of(rng, FR, (*when, *who)), N=np), sql


# --- thresholds, comparisons, yes or no -----------------------------------------------------------------------------

BOUNDS = [(">", "more than|over|above", "plus de"), (">=", "at least|no fewer than", "au moins"), ("<", "fewer than|less than|under", "moins de"), ("<=", "at most|no more than", "au plus|au maximum")]


def event_having(rng):
    """Songs, artists, users, countries, days ... with more than {num5} plays or listeners."""
    language = rng.choice([EN, FR])
    head = rng.choices(["song", "artist", "user", "country", "day", "month"], [4, 4, 3, 2, 1.5, 0.7])[0]
    operator, more_en, more_fr = rng.choices(BOUNDS, [5, 3, 2, 0.6])[0]
    measure = rng.choices(["plays", "listeners"], [5, 1.5 if head != "user" else 0])[0]
    own, of, feminine = [], None, False
    without = PLACES[head][8] if head in PLACES else ()
    if head in ("song", "artist"):
        noun = rng.choice((SONGS if head == "song" else ACTS)[language])
        own = (song_parts(rng, (0.6, 0.3, 0.1)) + ([BY_ARTIST] if rng.random() < 0.3 else [])) if head == "song" else ([draw(rng, ARTIST_PARTS)] if rng.random() < 0.3 else [])
        feminine = language == FR and noun[2]
        column = key = "track_title, artist_name" if head == "song" else "artist_name"
    else:
        column, key, _, en_many, _, fr_many = PLACES[head][:6]
        noun = ("", one(rng, en_many if language == EN else fr_many))
        feminine = noun[1] == "journées"
        of = thing(rng, language) if rng.random() < 0.6 else None
    when = dates_within(rng, head, 0.4) if head in NARROWER else times(rng, (0.3, 0.6, 0.1))
    who = listener(rng, 0.35, (*without, *(("segment",) if head == "user" else ())))
    parts = [*own, *(of.parts if of else ()), *when, *who]
    if head in ("artist", "user", "country") and not timed(parts):
        when = [*when, rng.choice(DATES)]
        parts = [*own, *(of.parts if of else ()), *when, *who]
    # The threshold comes after the other numbers of the question.
    sql = query(f"{column}, {MEASURES[measure][0]}", parts, f"GROUP BY {key} HAVING {measure} {operator} {{num8}}" + (f" ORDER BY {key}" if head in ("day", "month") else ""))
    np = phrase(rng, language, noun[1], own, feminine, True)
    tail = tail_of(rng, language, (*when, *who), loose=head in PLACES)
    if language == EN:
        more = one(rng, more_en)
        count = one(rng, MEASURES[measure][4])
        names = f"<N> with {more} {{num8}} {count} <O> <T>|the <N> that had {more} {{num8}} {count} <O> <T>|all <N> with {more} {{num8}} {count} <O> <T>|<N> <T> with {more} {{num8}} {count} <O>"
        questions = f"which <N> had {more} {{num8}} {count} <O> <T>?|what <N> have {more} {{num8}} {count} <O> <T>?"
        if measure == "plays" and head in ("song", "artist"):
            questions += f"|which <N> were played {more} {{num8}} times <T>?"
            names += f"|<N> played {more} {{num8}} times <T>|<N> listened to {more} {{num8}} times <T>"
        if head == "user" and measure == "plays" and of:
            questions += f"|who listened to {of.words} {more} {{num8}} times <T>?|which users played {of.words} {more} {{num8}} times <T>?"
        return asked(rng, EN, names, questions, tail, N=np, O=f"of {of.words}" if of else ""), sql
    more = one(rng, more_fr)
    count = one(rng, "écoutes|écoutes|lectures" if measure == "plays" else "auditeurs|auditeurs différents")
    names = f"les <N> avec {more} {{num8}} {count} <O> <T>|<N> à {more} {{num8}} {count} <O> <T>|tout* les <N> qui ont {more} {{num8}} {count} <O> <T>|les <N> ayant eu {more} {{num8}} {count} <O> <T>"
    questions = f"quel* <N> ont eu {more} {{num8}} {count} <O> <T> ?|quel* <N> ont {more} {{num8}} {count} <O> <T> ?|quel* <N> totalisent {more} {{num8}} {count} <O> <T> ?"
    if measure == "plays" and head in ("song", "artist"):
        questions += f"|quel* <N> ont été écouté* {more} {{num8}} fois <T> ?"
        names += f"|<N> écouté* {more} {{num8}} fois <T>"
    if head == "user" and measure == "plays" and of:
        questions += f"|qui a écouté {of.some} {more} {{num8}} fois <T> ?|quel* utilisateurs ont écouté {of.some} {more} {{num8}} fois <T> ?"
    return asked(rng, FR, agree(names, feminine, True), agree(questions, feminine, True), tail, N=np, O=of.of(rng) if of else ""), sql


def event_compare(rng):
    """X or Y: which has more plays, or both side by side."""
    language = rng.choice([EN, FR])
    kind = rng.choices(["artist", "title", "country", "user", "genre", "month", "year", "segment", "decade"], [5, 3, 3, 1.5, 2, 1.5, 1.5, 0.8, 1])[0]
    part = {
        "artist": ("artist_name", "artist_name", Part("artist", 5, "artist_id IN ({artist}, {artist2})", "", ""), "", "{artist}", "{artist2}"),
            "title": ("track_title", "track_title", Part("title", 4, "track_title IN ({title}, {title2})", "", ""), "", "{title}", "{title2}"),
        "country": ("country", "country", Part("country", 6, "country IN ({country}, {country2})", "", ""), "", "{country}", "{country2}"),
            "user": ("user_id", "user_id", Part("user", 3, "user_id IN ({num2}, {num9})", "", ""), "", "{num2}", "{num9}"),
        "genre": ("genre", "genre", Part("genre", 7, "genre IN ({genre}, {genre2})", "", "", join=TRACKS), "", "{genre}", "{genre2}"),
            "month": (f"{MONTH} AS month", "month", Part("date", 10, f"{MONTH} IN ({{month}}, {{month2}})", "", ""), "month", "{month}", "{month2}"),
        "year": (f"{YEAR} AS year", "year", Part("date", 10, f"{YEAR} IN ({{year}}, {{year2}})", "", ""), "year", "{year}", "{year2}"),
            "segment": ("segment", "segment", Part("segment", 5.5, "segment IN ({segment}, {segment2})", "", "", join=SEGMENTS), "", "{segment}", "{segment2}"),
        "decade": ("DIV(release_year, 10) * 10 AS decade", "decade", Part("release", 9.5, "DIV(release_year, 10) * 10 IN ({decade}, {decade2})", "", "", join=TRACKS), "decade", "{decade}",
            "{decade2}"),
    }[kind]
    column, key, within, time_key, x, y = part
    measure = rng.choices(["plays", "listeners"], [4, 1.3 if kind != "user" else 0])[0]
    of = None
    if kind in ("country", "user", "month", "year", "segment"):
        of = thing(rng, language, ("artist", "title", "songs") if kind != "user" else ("artist", "title", "songs", "acts")) if rng.random() < (0.7 if kind not in ("month", "year") else 0.65) else None
    elif kind in ("genre", "decade") and rng.random() < 0.15:
        of = None
    when = times(rng, (0.15 if kind in ("artist", "country", "user", "segment") else 0.4, 0.6, 0.15), ("date",) if kind in ("month", "year") else ())
    who = listener(rng, 0.35, (within.kind, *(("segment", "country") if kind == "user" else ()), *(("user",) if kind == "segment" else ()), *(("user",) if measure == "listeners" else ())))
    parts = [within, *(of.parts if of else ()), *when, *who]
    if kind in ("artist", "country", "user", "segment") and not timed(parts):
        when = [*when, rng.choice(DATES)]
        parts = [within, *(of.parts if of else ()), *when, *who]
    winner = rng.random() < 0.55
    order = f"{measure} DESC LIMIT 1" if winner else time_key or f"{measure} DESC"
    sql = query(f"{column}, {MEASURES[measure][0]}", parts, f"GROUP BY {key} ORDER BY {order}")
    tail = tail_of(rng, language, (*when, *who), loose=kind not in ("artist", "title", "genre"))
    if language == EN:
        X, Y = {"user": (f"user {x}", f"user {y}"), "decade": (f"the {x}", f"the {y}"), "segment": (f"the {x} segment", f"the {y} segment"), "genre": (x, y)}.get(kind, (x, y))
        count = one(rng, MEASURES[measure][4])
        of_words = f"of {of.words}" if of else ""
        if kind == "genre":
            of_words = ""
        if winner:
            text = "|".join([f"which one has more {count} <O> <T>, <X> or <Y>?", f"<X> or <Y>: which had more {count} <O> <T>?", f"between <X> and <Y>, which had the most {count} <O> <T>?",
                f"more {count} <O> <T>: <X> or <Y>?", f"<T>, which had more {count} <O>, <X> or <Y>?"])
            if measure == "plays" and kind in ("artist", "title", "genre"):
                text += "|who was played more <T>, <X> or <Y>?|which was played more <T>: <X> or <Y>?|is it <X> or <Y> that was listened to more <T>?"
            if measure == "plays" and kind in ("country", "user", "segment"):
                text += f"|who listened more {'to ' + of.words if of else ''} <T>, <X> or <Y>?|did <X> or <Y> play {of.words if of else 'music'} more <T>?"
        else:
            text = "|".join([f"compare the {count} <O> <T>, <X> and <Y>", f"<X> vs <Y>: {count} <O> <T>", f"{count} <O> <T>, <X> against <Y>", f"compare <X> and <Y> by {count} <O> <T>",
                f"how many {count} <O> <T> for <X> and for <Y>?", f"{count} <O> of <X> versus <Y> <T>" if not of else f"{count} <O>: <X> versus <Y> <T>"])
        return worded(rng, EN, one(rng, text), tail, O=of_words, X=X, Y=Y), sql
    X, Y = {"user": (f"l'utilisateur {x}", f"l'utilisateur {y}"), "decade": (f"les années {x}", f"les années {y}"), "segment": (f"le segment {x}", f"le segment {y}"),
        "genre": (f"le {x}", f"le {y}")}.get(kind, (x, y))
    count = one(rng, "écoutes|écoutes|lectures|streams" if measure == "plays" else "auditeurs")
    de_count = f"d'{count}" if count[0] in "aé" else f"de {count}"
    of_words = of.of(rng) if of else ""
    lequel = {"title": "laquelle", "decade": "lesquelles"}.get(kind, "lequel" if kind != "year" else "laquelle")
    verb = "ont" if kind == "decade" else "a"
    if winner:
        text = (f"{lequel} {verb} le plus {de_count} <O> <T>, <X> ou <Y> ?|<X> ou <Y> : {lequel} {verb} le plus {de_count} <O> <T> ?"
            f"|entre <X> et <Y>, {lequel} {verb} eu le plus {de_count} <O> <T> ?|qui {verb} le plus {de_count} <O> <T> : <X> ou <Y> ?|plus {de_count} <O> <T> : <X> ou <Y> ?")
        if measure == "plays" and kind in ("artist", "title", "genre"):
            text += "|qu'est-ce qui a été le plus écouté <T>, <X> ou <Y> ?|on a plus écouté <X> ou <Y> <T> ?"
        if measure == "plays" and kind in ("country", "user", "segment"):
            text += f"|qui a le plus écouté {of.some if of else 'de musique'} <T>, <X> ou <Y> ?"
    else:
        text = (f"compare les {count} <O> <T> : <X> et <Y>|<X> vs <Y> : {count} <O> <T>|nombre {de_count} <O> <T>, <X> contre <Y>|combien {de_count} <O> <T> pour <X> et pour <Y> ?"
            f"|comparaison des {count} <O> <T> entre <X> et <Y>|<X> face à <Y> en nombre {de_count} <O> <T>")
    return worded(rng, FR, one(rng, text), tail, O=of_words, X=X, Y=Y), sql


def event_change(rng):
    """How plays changed between two months, in all or for the artists and songs that gained or lost most; two artists month by month."""
    language = rng.choice([EN, FR])
    period, a, b = rng.choice([(MONTH, "{month}", "{month2}"), (MONTH, "{month}", "{month2}"), (YEAR, "{year}", "{year2}")])
    change = f"COUNTIF({period} = {b}) - COUNTIF({period} = {a}) AS change"
    style = rng.choices(["all", "top", "duel"], [3, 4, 2])[0]
    between_en, between_fr = f"between {a} and {b}|from {a} to {b}", f"entre {a} et {b}|de {a} à {b}"
    if style == "duel":
        key, name = rng.choice([("month", MONTH), ("day", DAY), ("year", YEAR), ("hour", HOUR), ("weekday", WEEKDAY)])
        song = rng.random() < 0.4
        column, within, x, y = ("track_title", Part("title", 4, "track_title IN ({title}, {title2})", "", ""), "{title}", "{title2}") if song else ("artist_name",
            Part("artist", 5, "artist_id IN ({artist}, {artist2})", "", ""), "{artist}", "{artist2}")
        when, who = dates_within(rng, key, 0.3), listener(rng, 0.3)
        sql = query(f"{name} AS {key}, {column}, COUNT(*) AS plays", [within, *when, *who], f"GROUP BY {key}, {column} ORDER BY {key}")
        tail, per = tail_of(rng, language, (*when, *who), loose=True), one(rng, PERIODS[key][0 if language == EN else 1])
        text = ("plays of <X> and <Y> <P> <T>|<X> vs <Y>: plays <P> <T>|compare the plays of <X> and <Y> <P> <T>|how do <X> and <Y> compare in plays <P> <T>?" if language == EN
            else "écoutes de <X> et de <Y> <P> <T>|<X> vs <Y> : écoutes <P> <T>|compare les écoutes de <X> et de <Y> <P> <T>|les écoutes de <X> face à celles de <Y> <P> <T>")
        return worded(rng, language, one(rng, text), tail, X=x, Y=y, P=per), sql
    who = listener(rng, 0.35) + ([rng.choice(CLOCKS[:4] + WEEKDAYS[:1])] if rng.random() < 0.15 else [])
    tail = tail_of(rng, language, who, loose=True)
    between = one(rng, between_en if language == EN else between_fr)
    if style == "all":
        of = thing(rng, language) if rng.random() < 0.85 else None
        sql = query(change, [*(of.parts if of else ()), *who])
        of_words = (f"of {of.words}" if language == EN else of.of(rng)) if of else ""
        text = ("how much did the plays <O> change <B> <T>?|change in plays <O> <B> <T>|<B>, by how much did plays <O> rise or fall <T>?|difference in plays <O> <B> <T>" if language == EN
            else "de combien les écoutes <O> ont-elles changé <B> <T> ?|variation des écoutes <O> <B> <T>|évolution du nombre d'écoutes <O> <B> <T>"
                "|<B>, de combien les écoutes <O> ont-elles évolué <T> ?")
        return worded(rng, language, one(rng, text), tail, O=of_words, B=between), sql
    head = rng.choice(["song", "artist", "artist", "country"])
    column = {"song": "track_title, artist_name", "artist": "artist_name", "country": "country"}[head]
    who = [p for p in who if head != "country" or p.kind != "country"]
    own = [] if head == "country" else ([rng.choice([BY_ARTIST, GENRE_PART])] if head == "song" else [draw(rng, ARTIST_PARTS)]) if rng.random() < 0.3 else []
    tail = tail_of(rng, language, who, loose=True)
    fall = rng.random() < 0.35
    how, limit = number_of_rows(rng)
    sql = query(f"{column}, {change}", [*own, *who], f"GROUP BY {column} ORDER BY change{'' if fall else ' DESC'} {limit}")
    noun = rng.choice(SONGS[language]) if head == "song" else rng.choice(ACTS[language]) if head == "artist" else (("country", "countries") if language == EN else ("pays", "pays", False))
    plural, n = how != "one", "{num} " if how == "number" else ""
    fem = language == FR and noun[2]
    np = phrase(rng, language, noun[1] if plural else noun[0], own, fem, plural)
    if language == EN:
        grew = one(rng, "lost the most plays|dropped the most in plays|fell most in plays" if fall else "gained the most plays|grew the most in plays|rose most in plays")
        return asked(rng, EN, f"the {n}<N> that {grew} <B> <T>|{n}<N> that {grew} <B> <T>", f"which {n}<N> {grew} <B> <T>?|<B>, which {n}<N> {grew} <T>?", tail, N=np, B=between), sql
    have = "ont" if plural else "a"
    grew = one(rng, "perdu le plus d'écoutes|le plus baissé en écoutes|le plus reculé en écoutes" if fall else "gagné le plus d'écoutes|le plus progressé en écoutes|le plus augmenté en écoutes")
    elide = "l'" if not plural and np[0] == "a" else f"{the(how, fem)} "
    return asked(rng, FR, f"{elide}{n}<N> qui {have} {grew} <B> <T>|{n}<N> qui {have} {grew} <B> <T>", agree(f"quel* {n}<N> {have} {grew} <B> <T> ?|<B>, quel* {n}<N> {have} {grew} <T> ?", fem,
        plural), tail, N=np, B=between), sql


def event_yes_no(rng):
    """Whether somebody played something somewhere, some time."""
    language = rng.choice([EN, FR])
    of = thing(rng, language)
    when, who = times(rng, (0.3, 0.6, 0.1)), listener(rng, 0.75)
    parts = [*of.parts, *when, *who]
    if not timed(parts):
        when = [*when, rng.choice(DATES)]
        parts = [*of.parts, *when, *who]
    sql = query("COUNT(*) > 0 AS answer", parts)
    subject = next((p for p in who if p.kind in ("user", "country") and p.sql in ("user_id = {num2}", "country = {country}")), None)
    was = "were" if of.plural else "was"
    if language == EN:
        if subject:
            person = one(rng, "user {num2}|listener {num2}" if subject.kind == "user" else "anyone in {country}|people in {country}|a listener in {country}")
            text = "did <S> listen to <O> <T>?|did <S> ever play <O> <T>?|<S>: any plays of <O> <T>?" + ("|has <S> played <O> <T>?" if subject.kind == "user"
                else "") + "|is it true that <S> listened to <O> <T>?"
            return worded(rng, EN, one(rng, text), tail_of(rng, EN, when), O=of.words, S=person), sql
        text = f"{was} <O> played <T>?|{was} there any plays of <O> <T>?|did anyone listen to <O> <T>?|has anybody played <O> <T>?|are there plays of <O> <T>?".replace(f"{was} there", "were there")
        return worded(rng, EN, one(rng, text), tail_of(rng, EN, (*when, *who)), O=of.words), sql
    if subject:
        person = one(rng, "l'utilisateur {num2}|l'auditeur {num2}" if subject.kind == "user" else "quelqu'un en {country}|un auditeur en {country}")
        text = "est-ce que <S> a écouté <O> <T> ?|<S> a-t-il écouté <O> <T> ?|<S> a déjà écouté <O> <T> ?|est-il vrai que <S> a écouté <O> <T> ?"
        return worded(rng, FR, one(rng, text), tail_of(rng, FR, when), O=of.some, S=person), sql
    text = "est-ce qu'on a écouté <O> <T> ?|a-t-on écouté <O> <T> ?|quelqu'un a-t-il écouté <O> <T> ?|y a-t-il eu des écoutes <D> <T> ?"
    return worded(rng, FR, one(rng, text), tail_of(rng, FR, (*when, *who)), O=of.some, D=of.of(rng)), sql


# Each as often as it should be drawn.
PATTERNS = [
    *[heard_top] * 7, *[place_top] * 4, *[event_count] * 6, *[event_series] * 4, *[event_window] * 3, *[event_groups] * 4, *[event_share] * 4,
    *[event_split] * 3, *[event_dates] * 3, *[event_average] * 2, *[event_history] * 2, *[event_having] * 3, *[event_compare] * 4,
    *[event_change] * 2, *[event_yes_no] * 2,
]
