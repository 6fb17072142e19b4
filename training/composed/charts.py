"""The Hot 100: hits, tops, positions, runs, sets.

A question is a template with places in angle brackets: `<T>` for when, other letters for what each pattern puts there. A `Bit` is a
condition with its words; the patterns join bits to a measure. `{num}` is a LIMIT or threshold, `{num2}` a chart position, `{num3}` a
further number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .parts import EN, FR, one

HOT = "chart = 'hot-100'"
NEW = "last_week_rank IS NULL AND weeks_on_chart = 1"
TRACKS, ARTISTS = "JOIN music.tracks USING (artist_id, title)", "JOIN music.artists USING (artist_id)"
# Places of conditions in WHERE (CONVENTIONS.md).
RANK, FEATURE, EXPLICIT, TITLE, ARTIST, COUNTRY, GENRE, FIGURE, DATE, SUBQUERY, NEWEST = range(11)


@dataclass(frozen=True)
class Bit:
    """A condition: its SQL, its words after the noun in both languages, and before the noun in English."""

    sql: str = ""
    place: int = DATE
    en: str = ""
    fr: str = ""
    before: str = ""
    join: str = ""
    shows: str = ""

    def says(self, language: str, rng) -> str:
        return one(rng, self.en if language == EN else self.fr)


NONE = Bit()


def where(*bits: Bit, first: str = "") -> str:
    """The WHERE clause of some bits, in the order of the conventions."""
    conditions = [first] * bool(first) + [b.sql for b in sorted(bits, key=lambda b: b.place) if b.sql]
    return " WHERE " + " AND ".join(conditions) if conditions else ""


def hot(select: str, *bits: Bit, tail: str = "") -> str:
    """A statement on the Hot 100 with the join that its bits need."""
    join = next((" " + b.join for b in bits if b.join), "")
    if TRACKS in join:
        select, tail = (re.sub(r"\bartist_name", "chart_entries.artist_name", text) for text in (select, tail))
    return f"SELECT {select} FROM music.chart_entries{join}{where(*bits, first=HOT)} {tail}".strip()


def national(select: str, *bits: Bit, tail: str = "") -> str:
    """A statement on the charts of countries; with artists joined, each `country` says whose it is."""
    join = next((" " + b.join for b in bits if b.join), "")
    clause = where(*bits)
    if join:
        select, clause, tail = (re.sub(r"(?<![\w.{])country(?!_charts|\w|\}|2)", "country_charts.country", text) for text in (select, clause, tail))
    return f"SELECT {select} FROM music.country_charts{join}{clause} {tail}".strip()


def french(text: str, rng) -> str:
    """Elisions, and now and then the other forms that an artist or a country takes."""
    text = re.sub(r"\b([dD]|[qQ]u)e (?=[aàâeéèêiîoôuœAÀÉEIO])", r"\1'", text)
    text = re.sub(r"\bde le (?=titre)", "du ", text)
    if rng.random() < 0.1:
        text = re.sub(r"\bde (?=\{artist)", "d'", text)
    if rng.random() < 0.12:
        text = re.sub(r"\ben (?=\{country)", rng.choice(["au ", "au ", "aux "]), text)
    return text


def ask(rng, language, en, fr, when="", **places) -> str:
    """One of the templates with its places filled; the time sometimes goes to the front of the sentence."""
    text = one(rng, en if language == EN else fr)
    if when and "<T>" in text and not text.startswith("<T>") and rng.random() < 0.22:
        text = f"{when}{rng.choice([', ', ', ', ' '])}" + text.replace("<T>", "")
    text = text.replace("<T>", when)
    for name, words in places.items():
        text = text.replace(f"<{name}>", words)
    text = re.sub(r"\s+(?=,)", "", " ".join(text.split())).lstrip(", ")
    if rng.random() < 0.12:
        text = text.rstrip(" ?").lower() if "{" not in text else text.rstrip(" ?")
    return french(text, rng) if language == FR else text


# --- When ---------------------------------------------------------------------------------------------------------------------------


def periods(stamp: str) -> list[Bit]:
    """Stretches of time of a date or timestamp column."""
    day = stamp if stamp == "chart_date" else f"DATE({stamp})"
    year, month = f"EXTRACT(YEAR FROM {stamp})", f"DATE_TRUNC({day}, MONTH)"
    return (
        5
        * [
            Bit(
                f"{year} = {{year}}",
                DATE,
                "in {year}|in {year}|during {year}|over {year}|in the year {year}",
                "en {year}|en {year}|pendant l'année {year}|au cours de {year}|sur {year}",
            )
        ]
        + 3 * [Bit(f"{month} = {{month}}", DATE, "in {month}|in {month}|during {month}", "en {month}|au mois de {month}|courant {month}|pendant {month}")]
        + [
            Bit(f"{year} BETWEEN {{year}} AND {{year2}}", DATE, "between {year} and {year2}|from {year} to {year2}", "entre {year} et {year2}|de {year} à {year2}"),
            Bit(f"{year} BETWEEN {{year}} AND {{year2}}", DATE, "between {year} and {year2}|from {year} to {year2}", "entre {year} et {year2}|de {year} à {year2}"),
            Bit(f"{day} BETWEEN {{date}} AND {{date2}}", DATE, "between {date} and {date2}|from {date} to {date2}", "entre le {date} et le {date2}|du {date} au {date2}"),
            Bit(f"{day} BETWEEN {{date}} AND {{date2}}", DATE, "between {date} and {date2}|from {date} to {date2}", "entre le {date} et le {date2}|du {date} au {date2}"),
            Bit(f"{month} BETWEEN {{month}} AND {{month2}}", DATE, "between {month} and {month2}|from {month} to {month2}", "entre {month} et {month2}|de {month} à {month2}"),
            Bit(f"{year} > {{year}}", DATE, "after {year}", "après {year}"),
            Bit(f"{year} < {{year}}", DATE, "before {year}", "avant {year}"),
            Bit(f"{year} >= {{year}}", DATE, "since {year}", "depuis {year}|à partir de {year}"),
            Bit(f"{year} <= {{year}}", DATE, "up to {year}|until {year}", "jusqu'en {year}"),
            Bit(f"{day} >= {{date}}", DATE, "since {date}", "depuis le {date}|à partir du {date}"),
            Bit(f"{day} < {{date}}", DATE, "before {date}", "avant le {date}"),
            Bit(f"{day} > {{date}}", DATE, "after {date}", "après le {date}"),
        ]
    )


def days(table: str, stamp: str) -> Bit:
    """The last days before the newest row of a table."""
    day = stamp if stamp == "chart_date" else f"DATE({stamp})"
    return Bit(
        f"{day} > DATE_SUB((SELECT MAX({day}) FROM music.{table}), INTERVAL {{num3}} DAY)",
        NEWEST,
        "in the last {num3} days|over the past {num3} days|during the last {num3} days",
        "ces {num3} derniers jours|au cours des {num3} derniers jours|sur les {num3} derniers jours",
    )


DECADE = Bit(
    "EXTRACT(YEAR FROM chart_date) BETWEEN {decade} AND {decade} + 9",
    DATE,
    "in the {decade}|during the {decade}|over the {decade}",
    "dans les années {decade}|pendant les années {decade}|durant les années {decade}",
)
SPANS = periods("chart_date") + 5 * [DECADE]
CALENDAR = [b for b in SPANS if "{year} AND" not in b.sql and "{date} AND" not in b.sql and "{month} AND" not in b.sql]
ON_DATE = Bit("chart_date = {date}", DATE, "on {date}|on {date}|in the week of {date}", "le {date}|le {date}|à la date du {date}|dans la semaine du {date}")
LATEST = Bit("chart_date = (SELECT MAX(chart_date) FROM music.chart_entries)", NEWEST, "right now|this week|at the moment|currently", "en ce moment|cette semaine|actuellement")
ON_CHART = Bit(ON_DATE.sql, DATE, "on {date}|in the chart of {date}|on the chart dated {date}", "le {date}|au classement du {date}|à la date du {date}")
LATEST_CHART = Bit(LATEST.sql, NEWEST, "on the current chart|on the latest chart|right now|this week", "dans le classement actuel|au dernier classement|en ce moment|cette semaine")
WEEK = [ON_DATE, ON_DATE, LATEST]
CHART_WEEK = [ON_CHART, ON_CHART, LATEST_CHART]


def span(rng, some=SPANS, chance=0.7) -> Bit:
    """A stretch of time, or none."""
    return rng.choice(some) if rng.random() < chance else NONE


def again(bit: Bit) -> Bit:
    """The same kind of condition with other values: `{year}` becomes `{year2}`."""
    other = lambda text: re.sub(r"\{(year|decade|month|date|country|num2)\}", lambda m: "{num4}" if m[1] == "num2" else "{" + m[1] + "2}", text)
    return Bit(other(bit.sql), bit.place, other(bit.en), other(bit.fr), other(bit.before), bit.join, bit.shows)


# --- Whose, and where on the chart ----------------------------------------------------------------------------------------------------

SONG_ARTIST = Bit("artist_id = {artist}", ARTIST, "by {artist}|by {artist}|of {artist}|from {artist}", "de {artist}", "{artist}")
SONG_TRAITS = [
    *(2 * [Bit("genre = {genre}", GENRE, before="{genre}", fr="de {genre}|{genre}|du genre {genre}", join=TRACKS)]),
    Bit("explicit", EXPLICIT, before="explicit", fr="explicites", join=TRACKS),
    Bit("NOT explicit", EXPLICIT, before="clean|non-explicit", fr="non explicites", join=TRACKS),
    Bit("mode = 0", EXPLICIT, "in a minor key|in minor", "en mineur|en mode mineur", join=TRACKS),
    Bit("mode = 1", EXPLICIT, "in a major key|in major", "en majeur|en mode majeur", join=TRACKS),
    Bit("valence < 0.3", FEATURE, before="sad|gloomy", fr="tristes|sombres", join=TRACKS, shows="valence"),
    Bit("valence > 0.7", FEATURE, before="happy|cheerful", fr="joyeux", join=TRACKS, shows="valence"),
    Bit("energy > 0.7", FEATURE, before="energetic|high-energy", fr="énergiques", join=TRACKS, shows="energy"),
    Bit("danceability > 0.7", FEATURE, before="danceable", fr="dansants", join=TRACKS, shows="danceability"),
    Bit("acousticness > 0.7", FEATURE, before="acoustic", fr="acoustiques", join=TRACKS, shows="acousticness"),
    Bit("instrumentalness > 0.7", FEATURE, before="instrumental", fr="instrumentaux", join=TRACKS, shows="instrumentalness"),
    Bit("tempo < 90", FEATURE, before="slow", fr="lents", join=TRACKS, shows="tempo"),
    Bit("tempo > 120", FEATURE, before="fast", fr="rapides", join=TRACKS, shows="tempo"),
    Bit("tempo > {num3}", FEATURE, "above {num3} bpm|over {num3} bpm", "à plus de {num3} bpm", join=TRACKS, shows="tempo"),
    Bit("duration_ms > {num3} * 60000", FEATURE, "longer than {num3} minutes|over {num3} minutes long", "de plus de {num3} minutes", join=TRACKS, shows="duration_ms"),
    Bit("duration_ms < {num3} * 60000", FEATURE, "shorter than {num3} minutes|under {num3} minutes", "de moins de {num3} minutes", join=TRACKS, shows="duration_ms"),
]
SONG_WHO = (
    7 * [NONE]
    + 5 * [SONG_ARTIST]
    + [
        Bit("artist_id IN ({artist}, {artist2})", ARTIST, "by {artist} or {artist2}|by {artist} and {artist2}", "de {artist} ou de {artist2}|de {artist} et de {artist2}"),
        Bit("artist_id != {artist}", ARTIST, "not by {artist}|by anyone but {artist}", "qui ne sont pas de {artist}|hors {artist}"),
        *(
            2
            * [
                Bit(
                    "country = {country}",
                    COUNTRY,
                    "by artists from {country}|by {country} artists|by acts from {country}",
                    "d'artistes {country}|par des artistes de {country}|d'artistes venus de {country}",
                    join=ARTISTS,
                )
            ]
        ),
        *(2 * [Bit("{genre} IN UNNEST(genres)", GENRE, "by {genre} artists|by {genre} acts", "d'artistes de {genre}|d'artistes {genre}", join=ARTISTS)]),
        Bit(
            "country = {country} AND {genre} IN UNNEST(genres)",
            COUNTRY,
            "by {genre} artists from {country}|by {country} {genre} acts",
            "d'artistes {country} de {genre}|d'artistes de {genre} venus de {country}",
            join=ARTISTS,
        ),
        Bit("country != {country}", COUNTRY, "by non-{country} artists|by artists who are not from {country}", "d'artistes qui ne viennent pas de {country}", join=ARTISTS),
    ]
)
SONG_FILTERS = SONG_WHO + 4 * SONG_TRAITS[:2] + SONG_TRAITS
FROM_COUNTRY = Bit("country = {country}", COUNTRY, "from {country}|from {country}|of {country}", "de {country}|{country}|venant de {country}", "{country}", ARTISTS)
OF_GENRE = Bit("{genre} IN UNNEST(genres)", GENRE, "in {genre}|doing {genre}", "de {genre}|{genre}", "{genre}", ARTISTS)
ARTIST_WHO = (
    7 * [NONE]
    + 3 * [FROM_COUNTRY]
    + 3 * [OF_GENRE]
    + [
        Bit(
            "country = {country} AND {genre} IN UNNEST(genres)",
            COUNTRY,
            "from {country} doing {genre}",
            "{country} de {genre}|de {genre} venant de {country}",
            "{country} {genre}",
            ARTISTS,
        ),
        Bit("country IN ({country}, {country2})", COUNTRY, "from {country} or {country2}|from {country} and {country2}", "de {country} ou de {country2}", join=ARTISTS),
        Bit("country != {country}", COUNTRY, "not from {country}|from outside {country}", "hors {country}|non {country}", "non-{country}", ARTISTS),
        Bit("{genre} NOT IN UNNEST(genres)", GENRE, "outside {genre}", "hors {genre}", "non-{genre}", ARTISTS),
    ]
)


@dataclass(frozen=True)
class Rung:
    """A part of the chart: how its songs are called (`~` is where their artist goes), what they and their artists did, and where it is."""

    sql: str
    hits_en: str
    hits_fr: str
    did: list[tuple[str, str, str]]
    fait: str
    at: str
    sur: str
    owned: str
    owned_fr: str

    @property
    def bit(self) -> Bit:
        return Bit(self.sql, RANK)


NUMBER_ONE = Rung(
    "rank = 1",
    "number one songs|number ones|number one hits|#1 songs|no. 1 hits|chart-toppers|chart-topping songs|songs ~ that reached number one|songs ~ that topped the chart|titles ~ that"
    " went to number one",
    "numéros un|titres numéro un|morceaux numéro un|n°1|tubes classés n°1|titres ~ qui ont été numéro un|morceaux ~ qui ont atteint la première place|titres ~ arrivés en tête du"
    " classement",
    [
        ("reached number one", "reach number one", "reached number one"),
        ("topped the chart", "top the chart", "topped the chart"),
        ("hit #1", "hit #1", "hit #1"),
        ("went to number one", "go to number one", "gone to number one"),
        ("led the hot 100", "lead the hot 100", "led the hot 100"),
    ],
    "été numéro un|atteint la première place|pris la tête du classement|mené le hot 100",
    "at number one|at the top|at #1|in first place",
    "à la première place|numéro un|en tête du classement|en tête",
    "number ones|number one songs|#1 hits|chart-toppers",
    "numéros un|titres numéro un|n°1",
)
TOP_N = Rung(
    "rank <= {num2}",
    "top {num2} hits|top {num2} songs|songs ~ that made the top {num2}|songs ~ in the top {num2}|titles ~ that reached the top {num2}",
    "titres ~ classés dans le top {num2}|morceaux ~ du top {num2}|titres ~ qui ont atteint le top {num2}|tubes ~ entrés dans le top {num2}",
    [
        ("made the top {num2}", "make the top {num2}", "made the top {num2}"),
        ("reached the top {num2}", "reach the top {num2}", "reached the top {num2}"),
        ("got into the top {num2}", "get into the top {num2}", "got into the top {num2}"),
        ("entered the top {num2}", "enter the top {num2}", "entered the top {num2}"),
    ],
    "atteint le top {num2}|intégré le top {num2}|figuré dans le top {num2}",
    "in the top {num2}|within the top {num2}|inside the top {num2}",
    "dans le top {num2}|parmi les {num2} premiers",
    "top {num2} hits|top {num2} songs|songs in the top {num2}",
    "titres dans le top {num2}|tubes dans le top {num2}",
)
ANYWHERE = Rung(
    "",
    "hits|chart hits|charted songs|hot 100 songs|songs ~ that charted|songs ~ on the hot 100|titles ~ that entered the chart|billboard hits",
    "tubes|hits|titres ~ classés|titres ~ entrés au hot 100|morceaux ~ passés au hot 100|tubes ~ du billboard|titres ~ qui ont figuré au classement",
    [
        ("charted", "chart", "charted"),
        ("made the hot 100", "make the hot 100", "made the hot 100"),
        ("entered the chart", "enter the chart", "entered the chart"),
        ("had a hit", "have a hit", "had a hit"),
    ],
    "figuré au hot 100|intégré le classement|eu un tube|atteint le billboard",
    "on the chart|on the hot 100|on the charts|on the billboard",
    "au classement|au hot 100|dans les charts|au billboard",
    "hits|songs on the hot 100|charted songs",
    "tubes|hits|titres classés|titres au hot 100",
)
AT_N = Rung(
    "rank = {num2}",
    "songs ~ that were at number {num2}|songs ~ that held position {num2}|songs ~ ranked number {num2}",
    "titres ~ classés à la place {num2}|morceaux ~ qui ont occupé la place {num2}|titres ~ au rang {num2}",
    [("stood at number {num2}", "stand at number {num2}", "stood at number {num2}"), ("held position {num2}", "hold position {num2}", "held position {num2}")],
    "occupé la place {num2}|occupé le rang {num2}",
    "at number {num2}|at position {num2}",
    "à la place {num2}|au rang {num2}",
    "songs at number {num2}|songs at position {num2}",
    "titres à la place {num2}|titres au rang {num2}",
)
BETWEEN = Rung(
    "rank BETWEEN {num2} AND {num4}",
    "songs ~ ranked between {num2} and {num4}|songs ~ at positions {num2} to {num4}",
    "titres ~ classés entre la place {num2} et la place {num4}|titres ~ des rangs {num2} à {num4}",
    [("were ranked between {num2} and {num4}", "rank between {num2} and {num4}", "ranked between {num2} and {num4}")],
    "occupé une place entre {num2} et {num4}",
    "between positions {num2} and {num4}|at positions {num2} to {num4}",
    "entre les places {num2} et {num4}",
    "songs between positions {num2} and {num4}",
    "titres entre les places {num2} et {num4}",
)
OUTSIDE = Rung(
    "rank > {num2}",
    "songs ~ outside the top {num2}|songs ~ below number {num2}",
    "titres ~ hors du top {num2}|titres ~ au-delà de la place {num2}",
    [("were outside the top {num2}", "stay outside the top {num2}", "been outside the top {num2}")],
    "figuré hors du top {num2}",
    "outside the top {num2}|below number {num2}",
    "hors du top {num2}|au-delà de la place {num2}",
    "songs outside the top {num2}",
    "titres hors du top {num2}",
)
RUNGS = 6 * [NUMBER_ONE] + 5 * [TOP_N] + 6 * [ANYWHERE] + [AT_N, BETWEEN, OUTSIDE]
MAIN = [NUMBER_ONE, NUMBER_ONE, TOP_N, ANYWHERE, ANYWHERE]


def noun_phrase(rng, language, noun: str, who: Bit) -> str:
    """The noun with whose it is: 'songs ~ that charted' becomes 'songs by {artist} that charted'."""
    if language == EN and who.before and (not who.en or rng.random() < 0.5) and not noun.startswith("{num}"):
        return one(rng, who.before) + " " + noun.replace("~", "")
    words = who.says(language, rng)
    if language == EN and who.before and not words:
        return noun.replace("{num} ", "{num} " + one(rng, who.before) + " ", 1).replace("~", "")
    return noun.replace("~", words) if "~" in noun else f"{noun} {words}"


def hits(rng, language, rung: Rung, who: Bit, when: Bit) -> tuple[str, str]:
    """What the songs of a rung are called, and the words of time that are left to say."""
    base = one(rng, rung.hits_en if language == EN else rung.hits_fr)
    noun = noun_phrase(rng, language, base, who)
    if when.sql in (DECADE.sql, SPANS[0].sql) and "~" not in base and rng.random() < 0.4:
        decade = when.sql == DECADE.sql
        if language == EN:
            return (("{decade} " if decade else "{year} ") + noun if rng.random() < 0.5 else noun + (" of the {decade}" if decade else " from {year}")), ""
        return noun + (" des années {decade}" if decade else " de {year}"), ""
    return noun, when.says(language, rng)


def how_many(rng) -> tuple[str, str]:
    """One, ten or a number, and the LIMIT that it means."""
    return rng.choice([("one", "LIMIT 1"), ("ten", "LIMIT 10"), ("number", "LIMIT {num}")])


def most(rng, language, how, nouns, who, verb, what, when) -> str:
    """'Which {num} artists from {country} had the most hits in {year}?': `nouns` singular|plural, `verb` (had, eu), `what` is counted."""
    singular, plural = nouns
    number = "{num} " if how == "number" else ""
    noun = noun_phrase(rng, language, singular if how == "one" else plural, who)
    if language == EN:
        frames = (
            "which <M><N> <V> the most <X> <T>?|the <M><N> with the most <X> <T>|<M><N> with the most <X> <T>|<M><N> that <V> the most <X> <T>|i want the <M><N> that <V> the most"
            " <X> <T>"
        )
        if how == "one":
            frames += "|which <N> holds the record for <X> <T>?|the <N> with the largest number of <X> <T>|<N> with more <X> <T> than any other"
        else:
            frames += "|<M><N> ranked by <X> <T>|top <M><N> by number of <X> <T>|what are the <M><N> with the most <X> <T>?|show the <M><N> with the highest number of <X> <T>"
        return ask(rng, language, frames, "", when, M=number, N=noun, V=verb, X=what)
    feminine = singular in ("chanson",)
    quel = {"one": "quelle" if feminine else "quel"}.get(how, "quelles" if feminine else "quels")
    le, a = ("le", "a") if how == "one" else ("les", "ont")
    le = "la" if feminine and how == "one" else "l'" if how == "one" and singular[0] in "aeiouyé" else le
    the = le + ("" if le == "l'" else " ")
    frames = (
        "<Q> <M><N> <A> <V> le plus de <X> <T> ?|<L><M><N> avec le plus de <X> <T>|<M><N> avec le plus de <X> <T>|<L><M><N> qui <A> <V> le plus de <X> <T>|trouve <L><M><N> ayant"
        " <V> le plus de <X> <T>"
    )
    frames += (
        "|<Q> <N> détient le record de <X> <T> ?|<N> record en nombre de <X> <T>"
        if how == "one"
        else "|top <M><N> par nombre de <X> <T>|classement des <M><N> selon le nombre de <X> <T>|donne-moi les <M><N> qui totalisent le plus de <X> <T>"
    )
    return ask(rng, language, "", frames, when, Q=quel, M=number, N=noun, A=a, V=verb, X=what, L=the)


ASK_HITS_EN = (
    "<N> <T>|<N> <T>|list <N> <T>|list all <N> <T>|which <N> were there <T>?|show me <N> <T>|give me the <N> <T>|i need every one of the <N> <T>|what were the <N> <T>?|could you"
    " list the <N> <T>?|all <N> <T>|the <N> <T> please"
)
ASK_HITS_FR = (
    "<N> <T>|<N> <T>|liste des <N> <T>|quels sont les <N> <T> ?|montre-moi les <N> <T>|donne tous les <N> <T>|je cherche les <N> <T>|pouvez-vous lister les <N> <T> ?|les <N>"
    " <T>|affiche les <N> <T>"
)


def hit_list(rng):
    """Songs of a part of the chart: by whom, of which kind, when."""
    language, rung, who, when = rng.choice([EN, FR]), rng.choice(RUNGS), rng.choice(SONG_FILTERS), span(rng)
    when = rng.choice(SPANS) if rung is ANYWHERE and who is NONE else when
    columns = "title, artist_name" + (f", {who.shows}" if who.shows else "")
    sql = hot(f"DISTINCT {columns}", rung.bit, who, when)
    verbal = rng.random() < 0.35
    if verbal and rung is not ANYWHERE:
        noun = noun_phrase(rng, language, rng.choice(["songs", "titles", "tracks"]) if language == EN else rng.choice(["titres", "morceaux"]), who)
        return (
            ask(
                rng,
                language,
                "which <N> <V> <T>?|what <N> <V> <T>|list the <N> that <V> <T>",
                "quels <N> ont <F> <T> ?|les <N> qui ont <F> <T>|liste des <N> ayant <F> <T>",
                when.says(language, rng),
                N=noun,
                V=rng.choice(rung.did)[0],
                F=one(rng, rung.fait),
            ),
            sql,
        )
    noun, words = hits(rng, language, rung, who, when)
    return ask(rng, language, ASK_HITS_EN, ASK_HITS_FR, words, N=noun), sql


def hit_count(rng):
    """How many songs of a part of the chart."""
    language, rung, who, when = rng.choice([EN, FR]), rng.choice(RUNGS), rng.choice(SONG_FILTERS), span(rng)
    sql = hot("COUNT(DISTINCT title) AS hits", rung.bit, who, when)
    if who is SONG_ARTIST and rung in (NUMBER_ONE, TOP_N, ANYWHERE) and rng.random() < 0.6:
        return (
            ask(
                rng,
                language,
                "how many <O> did {artist} have <T>?|how many <O> has {artist} scored <T>|{artist} had how many <O> <T>?|number of {artist} <O> <T>|count {artist}'s <O> <T>",
                "combien de <U> {artist} a-t-il eus <T> ?|combien de <U> pour {artist} <T> ?|{artist} a eu combien de <U> <T>|nombre de <U> de {artist} <T>",
                when.says(language, rng),
                O=one(rng, rung.owned),
                U=one(rng, rung.owned_fr),
            ),
            sql,
        )
    noun, words = hits(rng, language, rung, who, when)
    relative = " that " in noun or " qui " in noun
    return (
        ask(
            rng,
            language,
            (
                "how many <N> are there <T>?|number of <N> <T>|count the <N> <T>|total number of <N> <T>"
                if relative
                else "how many <N> <T>|how many <N> were there <T>?|number of <N> <T>|count the <N> <T>|how many different <N> <T>?|total number of <N> <T>"
            ),
            "combien de <N> <T> ?|nombre de <N> <T>|combien y a-t-il eu de <N> <T> ?|compte les <N> <T>|il y a eu combien de <N> <T>|le nombre de <N> <T>",
            words,
            N=noun,
        ),
        sql,
    )


def charting_artists(rng):
    """Artists who reached a part of the chart, listed or counted."""
    language, rung, who, when, count = rng.choice([EN, FR]), rng.choice(RUNGS), rng.choice(ARTIST_WHO), span(rng), rng.random() < 0.4
    sql = hot("COUNT(DISTINCT artist_id) AS artists" if count else "DISTINCT artist_name", rung.bit, who, when)
    noun = noun_phrase(rng, language, rng.choice(["artists", "artists", "acts"]) if language == EN else "artistes", who)
    if count:
        en, fr = (
            "how many <N> <V> <T>?|how many different <N> <V> <T>|number of <N> that <V> <T>|count the <N> who <V> <T>",
            "combien de <N> ont <F> <T> ?|nombre de <N> ayant <F> <T>|combien de <N> différents ont <F> <T>|compte les <N> qui ont <F> <T>",
        )
    else:
        en = "which <N> <V> <T>?|<N> who <V> <T>|list the <N> that <V> <T>|what <N> <V> <T>|show me all <N> that <V> <T>|names of the <N> who <V> <T>|<N> <P> <T>"
        fr = (
            "quels <N> ont <F> <T> ?|<N> qui ont <F> <T>|liste des <N> ayant <F> <T>|les <N> qui ont <F> <T>|montre les <N> ayant <F> <T>|donne-moi tous les <N> qui ont <F>"
            " <T>|<N> <S> <T>"
        )
        if who is NONE:
            en, fr = en + "|who <V> <T>?|who all <V> <T>", fr + "|qui a <F> <T> ?|qui donc a <F> <T>"
    return ask(rng, language, en, fr, when.says(language, rng), N=noun, V=rng.choice(rung.did)[0], F=one(rng, rung.fait), P=one(rng, rung.at), S=one(rng, rung.sur)), sql


MEASURES = {"hits": "COUNT(DISTINCT title) AS hits", "weeks": "COUNT(*) AS weeks"}


def measured(rng, language, rung, alias):
    """What is counted at a rung, and the verb that goes with it."""
    if alias == "weeks":
        words = f"weeks {one(rng, rung.at)}" if language == EN else f"semaines {one(rng, rung.sur)}"
        return words, rng.choice(["had", "spent", "spent"]) if language == EN else "passé"
    return one(rng, rung.owned if language == EN else rung.owned_fr), rng.choice(["had", "had", "scored"]) if language == EN else rng.choice(["eu", "eu", "placé"])


def artist_top(rng):
    """Artists with the most hits or weeks."""
    language, rung, who, when, alias = rng.choice([EN, FR]), rng.choice(RUNGS), rng.choice(ARTIST_WHO), span(rng), rng.choice(list(MEASURES))
    how, limit = how_many(rng)
    what, verb = measured(rng, language, rung, alias)
    nouns = rng.choice([("artist", "artists"), ("artist", "artists"), ("act", "acts")]) if language == EN else ("artiste", "artistes")
    return most(rng, language, how, nouns, who, verb, what, when.says(language, rng)), hot(
        f"artist_name, {MEASURES[alias]}", rung.bit, who, when, tail=f"GROUP BY artist_name ORDER BY {alias} DESC {limit}"
    )


def song_top(rng):
    """Songs with the most weeks."""
    language, rung, when = rng.choice([EN, FR]), rng.choice(RUNGS), span(rng)
    who = rng.choice([w for w in SONG_WHO if "!=" not in w.sql] + [SONG_TRAITS[0]] * 3)
    how, limit = how_many(rng)
    what, verb = measured(rng, language, rung, "weeks")
    nouns = (
        rng.choice([("song", "songs"), ("track", "tracks"), ("title", "titles")])
        if language == EN
        else rng.choice([("chanson", "chansons"), ("titre", "titres"), ("morceau", "morceaux")])
    )
    sql = hot("title, artist_name, COUNT(*) AS weeks", rung.bit, who, when, tail=f"GROUP BY title, artist_name ORDER BY weeks DESC {limit}")
    if rng.random() < 0.25:
        noun = noun_phrase(rng, language, nouns[how != "one"], who)
        number, plural = ("{num} " if how == "number" else ""), how != "one"
        feminine = nouns[0] == "chanson"
        return (
            ask(
                rng,
                language,
                "which <M><N> stayed <P> the longest <T>?|<M><N> that stayed <P> longest <T>|what <M><N> spent the longest time <P> <T>?",
                "<Q> <M><N> <R> le plus longtemps <S> <T> ?|<M><N> <Y> le plus longtemps <S> <T>",
                when.says(language, rng),
                M=number,
                N=noun,
                P=one(rng, rung.at),
                S=one(rng, rung.sur),
                Q="quel" + ("le" if feminine else "") + ("s" if plural else ""),
                Y="resté" + ("e" if feminine else "") + ("s" if plural else ""),
                R=("sont" if plural else "est") + " resté" + ("e" if feminine else "") + ("s" if plural else ""),
            ),
            sql,
        )
    return most(rng, language, how, nouns, who, verb, what, when.says(language, rng)), sql


COMPARED = [
    ("> {num}", "more than {num}|over {num}", "plus de {num}"),
    (">= {num}", "at least {num}|no fewer than {num}", "au moins {num}"),
    ("< {num}", "fewer than {num}|less than {num}", "moins de {num}"),
    ("<= {num}", "at most {num}|no more than {num}", "au plus {num}|au maximum {num}"),
    ("= {num}", "exactly {num}|precisely {num}", "exactement {num}"),
    ("BETWEEN {num} AND {num3}", "between {num} and {num3}|from {num} to {num3}", "entre {num} et {num3}|de {num} à {num3}"),
]


def having(rng):
    """All artists or songs with more than so many hits or weeks; listed or counted."""
    language, rung, when, songs, (test, more, plus) = rng.choice([EN, FR]), rng.choice(MAIN), span(rng, chance=0.5), rng.random() < 0.4, rng.choice(COMPARED[:1] * 3 + COMPARED)
    who = rng.choice([w for w in SONG_WHO if "!=" not in w.sql] if songs else ARTIST_WHO)
    alias = "weeks" if songs else rng.choice(list(MEASURES))
    what, verb = measured(rng, language, rung, alias)
    group = "title, artist_name" if songs else "artist_name"
    noun = noun_phrase(rng, language, {(EN, True): "songs", (EN, False): "artists", (FR, True): "titres", (FR, False): "artistes"}[language, songs], who)
    places = {"N": noun, "V": verb, "X": what, "C": one(rng, more if language == EN else plus)}
    if not songs and rng.random() < 0.25:
        expression = MEASURES[alias].split(" AS ")[0]
        return (
            ask(
                rng,
                language,
                "how many <N> had <C> <X> <T>?|number of <N> with <C> <X> <T>|count the <N> with <C> <X> <T>",
                "combien de <N> ont <V> <C> <X> <T> ?|nombre de <N> avec <C> <X> <T>|compte les <N> ayant <V> <C> <X> <T>",
                when.says(language, rng),
                **places,
            ),
            "SELECT COUNT(*) AS artists FROM (" + hot("artist_id", rung.bit, who, when, tail=f"GROUP BY artist_id HAVING {expression} {test}") + ")",
        )
    return ask(
        rng,
        language,
        "<N> with <C> <X> <T>|which <N> <V> <C> <X> <T>?|<N> that <V> <C> <X> <T>|list the <N> with <C> <X> <T>|all <N> having <C> <X> <T>|what <N> have <C> <X> <T>",
        "<N> avec <C> <X> <T>|quels <N> ont <V> <C> <X> <T> ?|<N> qui ont <V> <C> <X> <T>|liste des <N> ayant <V> <C> <X> <T>|les <N> avec <C> <X> <T>|tous les <N> qui ont <V> <C>"
        " <X> <T>",
        when.says(language, rng),
        **places,
    ), hot(f"{group}, {MEASURES[alias]}", rung.bit, who, when, tail=f"GROUP BY {group} HAVING {alias} {test}")


SONG = Bit("title = {title}", TITLE, "{title}|{title}|the song {title}", "{title}|{title}|le titre {title}")
SONG_BY = Bit(
    "title = {title} AND artist_id = {artist}",
    TITLE,
    "{title} by {artist}|{title} by {artist}|{artist}'s {title}|the song {title} by {artist}",
    "{title} de {artist}|{title} de {artist}|le titre {title} de {artist}|{title} par {artist}",
)
OWN = Bit("artist_id = {artist}", ARTIST, "{artist}", "{artist}")
# Columns, rung, ending, English, French: facts about a song or an artist on the chart; `<X>` is who.
FACTS = [
    (
        "MIN(rank) AS peak_rank",
        "",
        "",
        (
            "what was the best position of <X> <T>?|how high did <X> get on the hot 100 <T>|highest chart position of <X> <T>|peak of <X> on the hot 100 <T>|best rank reached by"
            " <X> <T>|what did <X> peak at <T>?"
        ),
        (
            "quel a été le meilleur rang de <X> <T> ?|jusqu'à quelle place <X> est monté au hot 100 <T>|meilleur classement de <X> <T>|pic de <X> au hot 100 <T>|meilleure position"
            " atteinte par <X> <T>"
        ),
    ),
    (
        "MAX(rank) AS max_rank",
        "",
        "",
        "what was the worst position of <X> <T>?|lowest chart rank of <X> <T>",
        "quel a été le moins bon rang de <X> <T> ?|plus mauvaise position de <X> au hot 100 <T>",
    ),
    (
        "AVG(rank) AS avg_rank",
        "",
        "",
        "average chart position of <X> <T>|what was the mean rank of <X> <T>?|at which rank was <X> on average <T>",
        "rang moyen de <X> <T>|quelle a été la position moyenne de <X> au hot 100 <T> ?|place moyenne de <X> <T>",
    ),
    (
        "COUNT(*) AS weeks",
        "",
        "",
        "how many weeks was <X> on the chart <T>?|weeks <X> spent on the hot 100 <T>|number of weeks on the chart for <X> <T>|for how many weeks did <X> chart <T>",
        (
            "combien de semaines <X> a passé au classement <T> ?|nombre de semaines de <X> au hot 100 <T>|<X> est resté combien de semaines au hot 100 <T>|pendant combien de"
            " semaines <X> a été classé <T> ?"
        ),
    ),
    (
        "COUNT(*) AS weeks",
        "rank = 1",
        "",
        "how many weeks was <X> number one <T>?|weeks at #1 for <X> <T>|how long did <X> lead the hot 100 <T>, in weeks|number of weeks <X> stayed at the top <T>",
        (
            "combien de semaines <X> est resté numéro un <T> ?|nombre de semaines en tête pour <X> <T>|<X> a passé combien de semaines à la première place <T>|semaines numéro un"
            " de <X> <T>"
        ),
    ),
    (
        "COUNT(*) AS weeks",
        "rank <= {num2}",
        "",
        (
            "how many weeks was <X> in the top {num2} <T>?|weeks in the top {num2} for <X> <T>|how long did <X> stay in the top {num2} <T>|number of weeks <X> spent in the top"
            " {num2} <T>"
        ),
        (
            "combien de semaines <X> est resté dans le top {num2} <T> ?|semaines dans le top {num2} pour <X> <T>|<X> a passé combien de semaines dans le top {num2} <T>|nombre de"
            " semaines de <X> parmi les {num2} premiers <T>"
        ),
    ),
    (
        "MIN(chart_date) AS first_date",
        "",
        "",
        "when did <X> first chart <T>?|first chart date of <X> <T>|date of <X>'s first appearance on the hot 100 <T>|when did <X> enter the hot 100 <T>",
        "quand <X> est entré au classement <T> ?|date de la première apparition de <X> au hot 100 <T>|première date au hot 100 pour <X> <T>",
    ),
    (
        "MAX(chart_date) AS last_date",
        "",
        "",
        "when was <X> last on the chart <T>?|last chart date of <X> <T>|latest appearance of <X> on the hot 100 <T>|when did <X> leave the hot 100 <T>",
        "quand <X> a été classé pour la dernière fois <T> ?|dernière date au hot 100 pour <X> <T>|dernière apparition de <X> au classement <T>",
    ),
    (
        "MIN(chart_date) AS first_date",
        "rank = 1",
        "",
        "when did <X> reach number one <T>?|date <X> first topped the chart <T>|first week at #1 for <X> <T>",
        "quand <X> est arrivé numéro un <T> ?|date de la première place de <X> <T>|première semaine en tête de <X> <T>",
    ),
    (
        "MAX(chart_date) AS last_date",
        "rank = 1",
        "",
        "when was <X> number one for the last time <T>?|last date at number one for <X> <T>",
        "quand <X> a été numéro un pour la dernière fois <T> ?|dernière date en tête pour <X> <T>",
    ),
    (
        "MIN(chart_date) AS first_date",
        "rank <= {num2}",
        "",
        "when did <X> first reach the top {num2} <T>?|first date in the top {num2} for <X> <T>",
        "quand <X> est entré dans le top {num2} <T> ?|première date dans le top {num2} pour <X> <T>",
    ),
    (
        "MAX(chart_date) AS last_date",
        "rank <= {num2}",
        "",
        "when was <X> last in the top {num2} <T>?|last date of <X> in the top {num2} <T>",
        "quand <X> a figuré dans le top {num2} pour la dernière fois <T> ?|dernière date de <X> dans le top {num2} <T>",
    ),
    (
        "MIN(chart_date) AS first_date, MAX(chart_date) AS last_date",
        "",
        "",
        "first and last chart date of <X> <T>|when was <X> first and last on the chart <T>?",
        "première et dernière date au hot 100 de <X> <T>|quand <X> a été classé pour la première et la dernière fois <T> ?",
    ),
]
SONG_HISTORY = (
    "chart_date, rank",
    "",
    "ORDER BY chart_date",
    "chart history of <X> <T>|week by week positions of <X> <T>|how did <X> move on the hot 100 <T>?|all chart positions of <X> <T>|run of <X> on the chart <T>",
    (
        "parcours de <X> au hot 100 <T>|position de <X> semaine après semaine <T>|comment <X> a évolué au classement <T> ?|toutes les places de <X> au hot 100 <T>|historique de"
        " classement de <X> <T>"
    ),
)


def chart_fact(rng):
    """Peak, weeks, first and last date of a song, a song by an artist, or an artist."""
    language, who = rng.choice([EN, FR]), rng.choice([SONG, SONG, SONG_BY, SONG_BY, SONG_BY, OWN, OWN])
    select, rung, tail, en, fr = rng.choice(FACTS + ([] if who is OWN else 2 * [SONG_HISTORY]))
    when = span(rng, chance=0.4)
    return ask(rng, language, en, fr, when.says(language, rng), X=who.says(language, rng)), hot(select, Bit(rung, RANK), who, when, tail=tail)


def rank_on_date(rng):
    """The rank of a song in one week, last week's rank, its debut."""
    language, who, when = rng.choice([EN, FR]), rng.choice([SONG, SONG_BY]), rng.choice(CHART_WEEK)
    kind, past = rng.random(), when is ON_CHART
    words, subject = when.says(language, rng), who.says(language, rng)
    if kind < 0.5:
        return ask(
            rng,
            language,
            (
                "what was the rank of <X> <T>?|rank of <X> <T>|position of <X> <T>|at which position was <X> <T>?|<X> rank <T>|where did <X> stand <T>|chart position of <X> <T>"
                if past
                else "what is the rank of <X> <T>?|rank of <X> <T>|where does <X> stand <T>?|chart position of <X> <T>|<X> position <T>"
            ),
            (
                "quel était le rang de <X> <T> ?|rang de <X> <T>|position de <X> <T>|à quelle place était <X> <T> ?|<X> était à quel rang <T>|classement de <X> <T>"
                if past
                else "quel est le rang de <X> <T> ?|rang de <X> <T>|à quelle place est <X> <T> ?|position de <X> <T>|<X> est à quel rang <T>"
            ),
            words,
            X=subject,
        ), hot("rank", who, when)
    if kind < 0.65:
        return ask(
            rng,
            language,
            "which rank did <X> have the week before, <T>?|last week's rank of <X> <T>|previous week rank of <X> <T>",
            "rang de la semaine précédente de <X> <T>|à quelle place était <X> la semaine d'avant, <T> ?",
            words,
            X=subject,
        ), hot("last_week_rank", who, when)
    if kind < 0.8:
        return ask(
            rng,
            language,
            "how many weeks <H> <X> been charting <T>?|weeks on chart of <X> <T>",
            "depuis combien de semaines <X> <E> classé <T> ?|nombre de semaines de classement de <X> <T>",
            (ON_DATE if past else LATEST).says(language, rng),
            X=subject,
            H="had" if past else "has",
            E="était" if past else "est",
        ), hot("weeks_on_chart", who, when)
    return ask(
        rng,
        language,
        "at which rank did <X> debut?|debut position of <X>|where did <X> enter the hot 100?|entry rank of <X>|in which position did <X> come in",
        "à quel rang <X> est entré au hot 100 ?|rang d'entrée de <X>|position de départ de <X> au classement|à quelle place <X> a débuté",
        X=subject,
    ), hot("rank", Bit("weeks_on_chart = 1", RANK), who)


def chart_yes_no(rng):
    """Whether a song or an artist reached a part of the chart, at some time."""
    language, rung, who, when = rng.choice([EN, FR]), rng.choice(MAIN), rng.choice([SONG, SONG_BY, OWN, OWN]), rng.choice([NONE, *SPANS, *WEEK, *WEEK])
    past, infinitive, participle = rng.choice([d for d in rung.did if who is OWN or "have" not in d[1]])
    done = one(rng, "|".join(f for f in rung.fait.split("|") if who is OWN or "tube" not in f))
    if when is LATEST:
        return ask(
            rng,
            language,
            "is <X> <P> <T>?|<X> <P> <T>, yes or no?|is it true that <X> is <P> <T>?",
            "est-ce que <X> est <S> <T> ?|<X> est <S> <T> ?|<X> est-il <S> <T> ?|<X> <S> <T>, oui ou non ?",
            when.says(language, rng),
            X=who.says(language, rng),
            P=one(rng, rung.at),
            S=one(rng, rung.sur),
        ), hot("COUNT(*) > 0 AS answer", rung.bit, who, when)
    ever = "|did <X> ever <I>?|has <X> ever <R>|has <X> <R>?" if when is NONE else ""
    return ask(
        rng,
        language,
        "did <X> <I> <T>?|did <X> <I> <T>" + ever + "|was <X> <P> <T>?|is it true that <X> <V> <T>?|<X> <P> <T>, yes or no?",
        "est-ce que <X> a <F> <T> ?|<X> a-t-il <F> <T> ?"
        + ("|est-ce que <X> a déjà <F> ?|<X> a déjà <F> ?" if when is NONE else "")
        + "|est-il vrai que <X> a <F> <T> ?|<X> <S> <T>, oui ou non ?",
        when.says(language, rng),
        X=who.says(language, rng),
        I=infinitive,
        R=participle,
        V=past,
        P=one(rng, rung.at),
        F=done,
        S=one(rng, rung.sur),
    ), hot("COUNT(*) > 0 AS answer", rung.bit, who, when)


CHART_EN, CHART_FR = "the hot 100|the chart|the billboard chart", "le hot 100|le classement|le billboard"
CHART_OF = {
    ON_DATE.sql: ("of {date}|of {date}|dated {date}|on {date}|for {date}", "du {date}|du {date}|à la date du {date}|le {date}"),
    LATEST.sql: ("of this week|right now|at the moment|, latest edition|of the current week", "de la semaine|du moment|en ce moment|actuel|, dernière édition"),
}


def chart_of_week(rng):
    """One week's chart: whole, its top, a stretch of it, one place, or one artist's songs on it."""
    language, when = rng.choice([EN, FR]), rng.choice(WEEK)
    of = one(rng, CHART_OF[when.sql][language == FR])
    song, at = "title, artist_name", when.says(language, rng)
    kind = rng.choice(["top", "top", "top", "whole", "one", "first", "artist", "artist", "stretch", "trait", "artists", "longest"])
    if kind == "top":
        return ask(
            rng,
            language,
            "the top {num} of the hot 100 <O>|top {num} <O>|chart <O>, top {num}|the first {num} songs of the chart <O>|show the top {num} songs <O>|what was in the top {num}"
            " <A>?|hot 100 <O>, {num} first places|chart of {num} songs <O>",
            "le top {num} <O>|top {num} du hot 100 <O>|classement <O>, top {num}|les {num} premières places du hot 100 <O>|montre le top {num} <O>|les {num} premiers titres du"
            " classement <O>|qu'y avait-il dans le top {num} <A> ?",
            O=of,
            A=at,
        ), hot(f"{song}, rank", when, tail="ORDER BY rank LIMIT {num}")
    if kind == "whole":
        return ask(
            rng,
            language,
            "the hot 100 <O>|full chart <O>|show me the whole hot 100 <O>|what did the chart look like <A>?|all songs of the chart <O> with their ranks|complete billboard"
            " chart <O>",
            "le hot 100 <O>|classement complet <O>|montre-moi tout le hot 100 <O>|à quoi ressemblait le classement <A> ?|le billboard <O> en entier",
            O=of,
            A=at,
        ), hot(f"{song}, rank", when, tail="ORDER BY rank")
    if kind == "one":
        return ask(
            rng,
            language,
            "which song was number {num} <A>?|song at number {num} <A>|what was at position {num} <A>|rank {num} of the hot 100 <O>",
            "quel titre était à la place {num} <A> ?|titre au rang {num} <A>|la chanson numéro {num} du hot 100 <O>|qu'y avait-il à la place {num} <A>",
            O=of,
            A=at,
        ), hot(song, Bit("rank = {num}", RANK), when)
    if kind == "first":
        return ask(
            rng,
            language,
            "what was number one <A>?|number one song <A>|which song topped the hot 100 <A>?|leader of the hot 100 <O>|who was at number one <A>, with which song?",
            "quel titre était numéro un <A> ?|numéro un <A>|quelle chanson était en tête du hot 100 <A> ?|le titre en tête du hot 100 <O>",
            O=of,
            A=at,
        ), hot(song, Bit("rank = 1", RANK), when)
    if kind == "artist":
        who, rung = rng.choice([SONG_ARTIST, SONG_ARTIST, *[w for w in SONG_WHO if w.sql and "!=" not in w.sql]]), rng.choice([ANYWHERE, ANYWHERE, TOP_N])
        noun = noun_phrase(rng, language, rng.choice(["songs", "titles", "hits"]) if language == EN else rng.choice(["titres", "morceaux", "tubes"]), who)
        if rng.random() < 0.3:
            return ask(
                rng,
                language,
                "how many <N> were <P> <A>?|number of <N> <P> <A>",
                "combien de <N> <S> <A> ?|nombre de <N> <S> <A>",
                N=noun,
                P=one(rng, rung.at),
                S=one(rng, rung.sur),
                A=at,
            ), hot("COUNT(DISTINCT title) AS hits", rung.bit, who, when)
        return ask(
            rng,
            language,
            "which <N> were <P> <A>?|<N> <P> <A>|list the <N> <P> <A>|show <N> <P> <A>",
            "quels <N> étaient <S> <A> ?|<N> <S> <A>|liste des <N> <S> <A>|les <N> <S> <A>",
            N=noun,
            P=one(rng, rung.at),
            S=one(rng, rung.sur),
            A=at,
        ), hot(f"{song}, rank", rung.bit, who, when, tail="ORDER BY rank")
    if kind == "stretch":
        rung = rng.choice([BETWEEN, OUTSIDE])
        return ask(
            rng,
            language,
            "songs <P> <A>|which songs were <P> <A>?|list the songs <P> <A>",
            "titres <S> <A>|quels titres étaient <S> <A> ?|liste des titres <S> <A>",
            P=one(rng, rung.at),
            S=one(rng, rung.sur),
            A=at,
        ), hot(f"{song}, rank", rung.bit, when, tail="ORDER BY rank")
    if kind == "trait":
        who = rng.choice(SONG_TRAITS)
        noun = noun_phrase(rng, language, "songs" if language == EN else "titres", who)
        return ask(
            rng,
            language,
            "how many <N> were on the hot 100 <A>?|number of <N> on the hot 100 <O>",
            "combien de <N> au hot 100 <A> ?|nombre de <N> dans le hot 100 <O>",
            N=noun,
            O=of,
            A=at,
        ), hot("COUNT(DISTINCT title) AS hits", who, when)
    if kind == "artists":
        who, (how, limit) = rng.choice(ARTIST_WHO), how_many(rng)
        what, verb = measured(rng, language, ANYWHERE, "hits")
        return most(rng, language, how, ("artist", "artists") if language == EN else ("artiste", "artistes"), who, verb, what, at), hot(
            "artist_name, COUNT(DISTINCT title) AS hits", who, when, tail=f"GROUP BY artist_name ORDER BY hits DESC {limit}"
        )
    how, limit = how_many(rng)
    number, plural = ("{num} " if how == "number" else ""), how != "one"
    return ask(
        rng,
        language,
        (
            "which <M><N> had been on the chart for the most weeks <A>?|<M><N> on the chart <O> with the most weeks|longest running <M><N> <A>"
            if plural
            else "which <N> had been on the chart the longest <A>?|longest running <N> on the chart <O>"
        ),
        (
            "<Q> <M><N> étaient au classement depuis le plus longtemps <A> ?|les <M><N> avec le plus de semaines dans le hot 100 <O>"
            if plural
            else "quel <N> était au classement depuis le plus longtemps <A> ?|le <N> avec le plus de semaines dans le hot 100 <O>"
        ),
        M=number,
        N={(EN, True): "songs", (EN, False): "song", (FR, True): "titres", (FR, False): "titre"}[language, plural],
        Q="quels",
        O=of,
        A=at,
    ), hot(f"{song}, weeks_on_chart", when, tail=f"ORDER BY weeks_on_chart DESC {limit}")


def debuts(rng):
    """New entries and re-entries: lists, counts, the highest ones, per year."""
    language, when, who = rng.choice([EN, FR]), rng.choice([*WEEK, *WEEK, *WEEK, *SPANS]), rng.choice(SONG_WHO)
    rung = rng.choice([ANYWHERE, ANYWHERE, TOP_N, TOP_N, NUMBER_ONE])
    back = rung is ANYWHERE and rng.random() < 0.2
    bit = Bit(" AND ".join(([rung.sql] if rung.sql else []) + ["last_week_rank IS NULL AND weeks_on_chart > 1" if back else NEW]), RANK)
    noun = (
        one(
            rng,
            (
                "re-entries|songs ~ that came back on the chart|returning songs"
                if back
                else "new entries|debuts|new songs|songs ~ that debuted|songs ~ that entered the chart" if rung is ANYWHERE else "new entries|debuts|songs ~ that debuted"
            ),
        )
        if language == EN
        else one(
            rng,
            (
                "retours|titres ~ revenus au classement"
                if back
                else "nouvelles entrées|nouveaux titres|entrées|titres ~ qui ont fait leur entrée" if rung is ANYWHERE else "nouvelles entrées|titres ~ entrés directement"
            ),
        )
    )
    noun, words = noun_phrase(rng, language, noun, who), when.says(language, rng)
    spot = "" if rung is ANYWHERE else one(rng, rung.at) if language == EN else one(rng, rung.sur)
    style = rng.random()
    if style < 0.45:
        return ask(
            rng,
            language,
            "<N> <P> <T>|which <N> <P> were there <T>?|list the <N> <P> <T>|show me the <N> <P> <T>|what are the <N> <P> <T>?",
            "<N> <P> <T>|liste des <N> <P> <T>|montre les <N> <P> <T>|donne-moi les <N> <P> <T>|les <N> <P> <T>",
            words,
            N=noun,
            P=spot,
        ), hot("title, artist_name", bit, who, when)
    if style < 0.7:
        return ask(
            rng,
            language,
            (
                "number of <N> <P> <T>|count the <N> <P> <T>|how many <N> <P> were there <T>?"
                if " that " in noun
                else "how many <N> <P> <T>?|number of <N> <P> <T>|count the <N> <P> <T>|how many <N> <P> were there <T>"
            ),
            "combien de <N> <P> <T> ?|nombre de <N> <P> <T>|combien y a-t-il eu de <N> <P> <T> ?|compte les <N> <P> <T>",
            words,
            N=noun,
            P=spot,
        ), hot("COUNT(*) AS entries", bit, who, when)
    if back or rung is not ANYWHERE or style < 0.8:
        unit, per_en, per_fr = rng.choice([
            ("EXTRACT(YEAR FROM chart_date) AS year", "per year|by year|each year|year by year", "par an|par année|chaque année"),
            ("DIV(EXTRACT(YEAR FROM chart_date), 10) * 10 AS decade", "per decade|by decade", "par décennie"),
        ])
        alias = unit.split(" AS ")[1]
        return ask(
            rng,
            language,
            "number of <N> <P> <E>|<N> <P> <E>|count of <N> <P> <E>",
            "nombre de <N> <P> <E>|combien de <N> <P> <E> ?|<N> <P> <E>",
            N=noun,
            P=spot,
            E=one(rng, per_en if language == EN else per_fr),
        ), hot(f"{unit}, COUNT(*) AS entries", bit, who, tail=f"GROUP BY {alias} ORDER BY {alias}")
    how, limit = how_many(rng)
    singular = {EN: ["new entry", "debut"], FR: ["nouvelle entrée"]}[language]
    noun = noun_phrase(
        rng,
        language,
        rng.choice(singular if how == "one" else {EN: ["new entries", "debuts"], FR: ["nouvelles entrées"]}[language]),
        Bit(**{**who.__dict__, "before": ""}) if who.en else NONE,
    )
    number = "{num} " if how == "number" else ""
    return ask(
        rng,
        language,
        "the <M>highest <N> <T>|<M>highest <N> <T>|<M>best placed <N> <T>|what <B> the <M>highest <N> <T>?",
        "<L> <M><N> <H> <T>|<M><N> <H> <T>|<W> <L> <M><N> <H> <T> ?",
        words,
        M=number,
        N=noun,
        B="was" if how == "one" else "were",
        L="la" if how == "one" else "les",
        H="la mieux classée" if how == "one" else "les mieux classées",
        W="quelle est" if how == "one" else "quelles sont",
    ), hot("title, artist_name, rank", bit, who if who.en else NONE, when, tail=f"ORDER BY rank {limit}")


def movers(rng):
    """Climbs and falls from one week to the next."""
    language, when, who, up = (
        rng.choice([EN, FR]),
        rng.choice([*CHART_WEEK, *CHART_WEEK, *WEEK, *SPANS[:5], DECADE, DECADE, NONE, NONE]),
        rng.choice(4 * [NONE] + SONG_WHO),
        rng.random() < 0.6,
    )
    change = "last_week_rank - rank" if up else "rank - last_week_rank"
    words, select = when.says(language, rng), f"title, artist_name, {change} AS change"
    noun = rng.choice(["songs", "titles", "tracks"]) if language == EN else rng.choice(["titres", "morceaux"])
    limits = rng.choice([NONE, NONE, Bit("rank <= {num2}", RANK, "in the top {num2}|inside the top {num2}", "dans le top {num2}")])
    spot = limits.says(language, rng) if limits.sql else ""
    style = rng.random()
    if style < 0.2:
        sql = hot(select, Bit(" AND ".join(c.sql for c in [limits] if c.sql), RANK), Bit("rank < last_week_rank" if up else "rank > last_week_rank", RANK), who, when)
        return (
            ask(
                rng,
                language,
                "which <N> <V> <P> <T>?|<N> that <V> <P> <T>|list all <N> that <V> <P> <T>",
                "quels <N> ont <F> <P> <T> ?|<N> qui ont <F> <P> <T>|tous les <N> ayant <F> <P> <T>",
                words,
                N=noun_phrase(rng, language, noun, who),
                P=spot,
                V=one(rng, "climbed|moved up|gained places|went up" if up else "fell|dropped|lost places|went down"),
                F=one(rng, "gagné des places|progressé|grimpé" if up else "perdu des places|reculé|chuté"),
            ),
            sql,
        )
    if style < 0.4:
        test, more, plus = rng.choice(COMPARED[:2])
        sql = hot(select, limits, Bit(f"{change} {test}", RANK), who, when)
        return (
            ask(
                rng,
                language,
                "<N> that <V> <C> places <P> <T>|which <N> <V> <C> places <P> <T>?|list <N> that <V> <C> positions <P> <T>",
                "<N> qui ont <F> <C> places <P> <T>|quels <N> ont <F> <C> places <P> <T> ?|liste des <N> ayant <F> <C> places <P> <T>",
                words,
                N=noun_phrase(rng, language, noun, who),
                P=spot,
                V=one(rng, "climbed|gained|rose" if up else "fell|dropped|lost"),
                C=one(rng, more if language == EN else plus),
                F="gagné" if up else "perdu",
            ),
            sql,
        )
    if style < 0.5:
        sql = hot("COUNT(*) AS entries", limits, Bit("rank < last_week_rank" if up else "rank > last_week_rank", RANK), who, when)
        return (
            ask(
                rng,
                language,
                "how many <N> <V> <P> <T>?|number of <N> that <V> <P> <T>",
                "combien de <N> ont <F> <P> <T> ?|nombre de <N> ayant <F> <P> <T>",
                words,
                N=noun_phrase(rng, language, noun, who),
                P=spot,
                V=one(rng, "climbed|moved up" if up else "fell|dropped"),
                F=one(rng, "progressé|gagné des places" if up else "reculé|perdu des places"),
            ),
            sql,
        )
    how, limit = how_many(rng)
    number, plural = ("{num} " if how == "number" else ""), how != "one"
    who = NONE if who.sql and not who.en else who
    english = {True: ("climber|jump", "climbers|jumps"), False: ("faller|drop", "fallers|drops")}[up][plural]
    frequent = {True: ("progression|remontée", "progressions|remontées"), False: ("chute|baisse", "chutes|baisses")}[up][plural]
    head = noun_phrase(rng, language, rng.choice(["songs", "titles"] if plural else ["song", "title"]) if language == EN else ("titres" if plural else "titre"), who)
    return ask(
        rng,
        language,
        "the <M>biggest <E> <P> <W> <T>|<M>biggest <E> <P> <W> <T>|which <M><S> <V> the most <P> <T>?|<M><S> that <V> the most places <P> <T>|which <M><S> <G> the most places <P>"
        " <T>?",
        "<L> <M>plus <J> <K> <P> <W> <T>|<Q> <M><S> <A> <F> le plus de places <P> <T> ?|<M><S> qui <A> <F> le plus de places <P> <T>|<M>plus <J> <K> <P> <W> <T>",
        words,
        M=number,
        E=one(rng, english),
        P=spot,
        W=who.says(language, rng) if who.sql else "",
        S=head,
        V="climbed" if up else "fell",
        G="gained" if up else "lost",
        L="les" if plural else "la",
        J="grosses" if plural else "grosse",
        K=one(rng, frequent) + (" au hot 100" if rng.random() < 0.6 else " du classement"),
        Q="quels" if plural else "quel",
        A="ont" if plural else "a",
        F="gagné" if up else "perdu",
    ), hot(select, limits, who, when, tail=f"ORDER BY change DESC {limit}")


UNITS = [
    ("EXTRACT(YEAR FROM chart_date) AS year", "per year|by year|each year|year by year|for every year", "par an|par année|chaque année|année par année"),
    ("EXTRACT(YEAR FROM chart_date) AS year", "per year|by year|each year|yearly", "par an|par année|chaque année"),
    ("DIV(EXTRACT(YEAR FROM chart_date), 10) * 10 AS decade", "per decade|by decade|each decade|decade by decade", "par décennie|décennie par décennie|à chaque décennie"),
    ("DATE_TRUNC(chart_date, MONTH) AS month", "per month|by month|each month|month by month", "par mois|chaque mois|mois par mois"),
]


def per_unit(rng):
    """Hits, weeks or artists per year, decade or month; the best year; the best artist or song of each."""
    language, (unit, per_en, per_fr), rung = rng.choice([EN, FR]), rng.choice(UNITS), rng.choice(MAIN)
    alias, per = unit.split(" AS ")[1], one(rng, per_en if language == EN else per_fr)
    when = rng.choice([DECADE, SPANS[8], SPANS[11], SPANS[13], NONE, NONE, NONE, NONE]) if alias == "year" else rng.choice([SPANS[0], NONE]) if alias == "month" else NONE
    words = when.says(language, rng)
    style = rng.random()
    if style < 0.25:
        song, number = rng.random() < 0.4, rng.random() < 0.35
        measure = "weeks" if song else rng.choice(["weeks", "hits"])
        group = "title, artist_name" if song else "artist_name"
        what, verb = measured(rng, language, rung, measure)
        who = NONE if song else rng.choice(ARTIST_WHO)
        sql = hot(
            f"{unit}, {group}, {MEASURES[measure]}",
            rung.bit,
            who,
            when,
            tail=f"GROUP BY {alias}, {group} QUALIFY ROW_NUMBER() OVER (PARTITION BY {alias} ORDER BY {measure} DESC) {'<= {num}' if number else '= 1'} ORDER BY {alias}",
        )
        noun = noun_phrase(rng, language, {(EN, True): "song", (EN, False): "artist", (FR, True): "titre", (FR, False): "artiste"}[language, song] + ("s" if number else ""), who)
        le = "le " if song else "l'"
        return (
            ask(
                rng,
                language,
                (
                    "the <N> with the most <X> <E> <T>|<E>, the <N> with the most <X> <T>|for each <G>, which <N> had the most <X> <T>?|which <N> <V> the most <X> in each <G> <T>?"
                    if not number
                    else "the {num} <N> with the most <X> <E> <T>|top {num} <N> by <X> <E> <T>|for each <G>, the {num} <N> with the most <X> <T>"
                ),
                (
                    "<L><N> avec le plus de <X> <E> <T>|<E>, <L><N> avec le plus de <X> <T>|pour chaque <H>, <L><N> qui a <V> le plus de <X> <T>"
                    if not number
                    else "les {num} <N> avec le plus de <X> <E> <T>|top {num} des <N> en <X> <E> <T>|pour chaque <H>, les {num} <N> avec le plus de <X> <T>"
                ),
                words,
                N=noun,
                X=what,
                E=per,
                V=verb,
                G=alias,
                H={"year": "année", "decade": "décennie", "month": "mois"}[alias],
                L=le,
            ),
            sql,
        )
    who = rng.choice([NONE, SONG_ARTIST, SONG_ARTIST, *[w for w in SONG_WHO if "!=" not in w.sql]])
    measure, select = rng.choice([("hits", MEASURES["hits"]), ("hits", MEASURES["hits"]), ("weeks", MEASURES["weeks"]), ("artists", "COUNT(DISTINCT artist_id) AS artists")])
    if measure == "weeks" and who.sql not in (SONG_ARTIST.sql,):
        who = SONG_ARTIST
    if measure == "artists":
        artists = rng.choice(ARTIST_WHO)
        who, what = artists, noun_phrase(rng, language, "different artists" if language == EN else "artistes", artists) + " " + (
            one(rng, rung.at) if language == EN else one(rng, rung.sur)
        )
    elif measure == "weeks":
        what = measured(rng, language, rung, "weeks")[0] + (" for {artist}" if language == EN else " de {artist}")
    else:
        what = noun_phrase(rng, language, one(rng, rung.owned if language == EN else rung.owned_fr), who)
    if style < 0.5:
        how, limit = how_many(rng)
        number, plural = ("{num} " if how == "number" else ""), how != "one"
        unit_en, unit_fr = alias + "s" * plural, {"year": "année", "decade": "décennie", "month": "mois"}[alias] + "s" * (plural and alias != "month")
        masculine = alias == "month"
        return ask(
            rng,
            language,
            "which <M><U> had the most <X> <T>?|<M><U> with the most <X> <T>|the <M><U> with the most <X> <T>|in which <M><U> were there the most <X> <T>?",
            "<Q> <M><W> <A> eu le plus de <X> <T> ?|<L><M><W> avec le plus de <X> <T>|<M><W> avec le plus de <X> <T>|<L><M><W> qui <A> compté le plus de <X> <T>",
            words,
            M=number,
            U=unit_en,
            X=what,
            W=unit_fr,
            A="ont" if plural else "a",
            Q="quel" + "le" * (not masculine) + "s" * plural,
            L="les " if plural else "l'" if alias == "year" else "le " if masculine else "la ",
        ), hot(f"{unit}, {select}", rung.bit, who, when, tail=f"GROUP BY {alias} ORDER BY {measure} DESC {limit}")
    return ask(
        rng,
        language,
        "<X> <E> <T>|how many <X> <E> <T>?|number of <X> <E> <T>|<E>, how many <X> <T>?|count of <X> <E> <T>|chart the number of <X> <E> <T>",
        "<X> <E> <T>|combien de <X> <E> <T> ?|nombre de <X> <E> <T>|évolution du nombre de <X> <E> <T>|<E>, combien de <X> <T> ?",
        words,
        X=what,
        E=per,
    ), hot(f"{unit}, {select}", rung.bit, who, when, tail=f"GROUP BY {alias} ORDER BY {alias}")


def compare_artists(rng):
    """Two artists side by side."""
    language, rung, when, alias, winner = rng.choice([EN, FR]), rng.choice(MAIN), span(rng, chance=0.5), rng.choice(list(MEASURES)), rng.random() < 0.5
    what, verb = measured(rng, language, rung, alias)
    sql = hot(
        f"artist_name, {MEASURES[alias]}",
        rung.bit,
        Bit("artist_id IN ({artist}, {artist2})", ARTIST),
        when,
        tail=f"GROUP BY artist_name ORDER BY {alias} DESC" + " LIMIT 1" * winner,
    )
    if winner:
        return (
            ask(
                rng,
                language,
                "which one had more <X> <T>, {artist} or {artist2}?|who <V> more <X> <T>, {artist} or {artist2}?|{artist} or {artist2}: which one <V> more <X> <T>?|between"
                " {artist} and {artist2}, who had the most <X> <T>?",
                "qui a <V> le plus de <X> <T>, {artist} ou {artist2} ?|lequel a <V> le plus de <X> <T>, {artist} ou {artist2} ?|entre {artist} et {artist2}, qui a <V> le plus de"
                " <X> <T> ?|{artist} ou {artist2} : qui a <V> plus de <X> <T> ?",
                when.says(language, rng),
                X=what,
                V=verb,
            ),
            sql,
        )
    return (
        ask(
            rng,
            language,
            "compare the number of <X> of {artist} and {artist2} <T>|<X> of {artist} versus {artist2} <T>|{artist} vs {artist2}: <X> <T>|how many <X> did {artist} and {artist2}"
            " each have <T>?",
            "compare le nombre de <X> de {artist} et de {artist2} <T>|{artist} contre {artist2} : <X> <T>|combien de <X> pour {artist} et pour {artist2} <T> ?|nombre de <X> de"
            " {artist} et {artist2} <T>",
            when.says(language, rng),
            X=what,
        ),
        sql,
    )


AVERAGES = [
    ("danceability", "danceability", "dansabilité moyenne"),
    ("energy", "energy", "énergie moyenne"),
    ("valence", "valence", "valence moyenne"),
    ("tempo", "tempo", "tempo moyen"),
    ("loudness", "loudness", "volume moyen"),
    ("acousticness", "acousticness", "acousticité moyenne"),
]


def averages(rng):
    """Means over the chart: features of hits, weeks a song stays, share of number ones."""
    language, rung, when = rng.choice([EN, FR]), rng.choice(MAIN), span(rng)
    style = rng.random()
    if style < 0.6:
        column, en, fr = rng.choice(AVERAGES)
        who = rng.choice([NONE, NONE, SONG_ARTIST, SONG_TRAITS[0]])
        noun, words = hits(rng, language, rung, who, when)
        sql = lambda head, tail="": hot(f"{head}AVG({column}) AS avg_{column}", rung.bit, Bit(**{**who.__dict__, "join": TRACKS}), when, tail=tail)
        if rng.random() < 0.3 and when in (NONE, SPANS[0]):
            unit, per_en, per_fr = rng.choice(UNITS[:3])
            if when is NONE:
                alias = unit.split(" AS ")[1]
                return ask(
                    rng,
                    language,
                    "average <C> of the <N> <E>|<E>, mean <C> of <N>|how did the average <C> of <N> change <E>?",
                    "<K> des <N> <E>|<E>, <K> des <N>",
                    N=noun,
                    C=en,
                    K=fr,
                    E=one(rng, per_en if language == EN else per_fr),
                ), sql(f"{unit}, ", f"GROUP BY {alias} ORDER BY {alias}")
        return ask(
            rng,
            language,
            "average <C> of the <N> <T>|mean <C> of <N> <T>|what was the average <C> of <N> <T>?",
            (
                "<K> des <N> <T>|quelle est la valeur de la <K> des <N> <T> ?|<K> pour les <N> <T>"
                if fr.endswith("enne")
                else "<K> des <N> <T>|quel est le <K> des <N> <T> ?|<K> pour les <N> <T>"
            ),
            words,
            N=noun,
            C=en,
            K=fr,
        ), sql("")
    if style < 0.8:
        who = rng.choice([NONE, SONG_ARTIST, SONG_ARTIST, *[w for w in SONG_WHO if "!=" not in w.sql]])
        spot = one(rng, rung.at if language == EN else rung.sur)
        noun = noun_phrase(rng, language, "song" if language == EN else "titre", who)
        return (
            ask(
                rng,
                language,
                "how many weeks does a <N> stay <P> on average <T>?|average number of weeks <P> of a <N> <T>|average weeks <P> per <N> <T>",
                "combien de semaines un <N> reste <P> en moyenne <T> ?|nombre moyen de semaines <P> par <N> <T>|durée moyenne <P> d'un <N> <T>, en semaines",
                when.says(language, rng),
                N=noun,
                P=spot,
            ),
            "SELECT AVG(weeks) AS average FROM (" + hot("COUNT(*) AS weeks", rung.bit, who, when, tail="GROUP BY title, artist_name") + ")",
        )
    share, en, fr = rng.choice([
        ("rank = 1", "reached number one|went to #1", "ont été numéro un|ont atteint la première place"),
        ("rank <= {num2}", "made the top {num2}|reached the top {num2}", "ont atteint le top {num2}|sont entrés dans le top {num2}"),
    ])
    return ask(
        rng,
        language,
        "what share of {artist}'s hits <V> <T>?|percentage of the hits of {artist} that <V> <T>|what percentage of {artist} songs on the hot 100 <V> <T>",
        "quelle part des tubes de {artist} <F> <T> ?|pourcentage des titres classés de {artist} qui <F> <T>|quel pourcentage des tubes de {artist} <F> <T>",
        when.says(language, rng),
        V=one(rng, en),
        F=one(rng, fr),
    ), hot(f"100 * COUNT(DISTINCT IF({share}, title, NULL)) / COUNT(DISTINCT title) AS percentage", SONG_ARTIST, when)


def sets(rng):
    """Artists of one part or time of the chart who are (not) in another."""
    language, style = rng.choice([EN, FR]), rng.random()
    name, rung = "artist_name", rng.choice([NUMBER_ONE, NUMBER_ONE, TOP_N, ANYWHERE, ANYWHERE])
    song = rng.random() < 0.3
    if song:
        name = "title, artist_name"
    did, fait = rng.choice([d for d in rung.did if not song or "hit" not in d[0]])[0], one(rng, "|".join(f for f in rung.fait.split("|") if not song or "tube" not in f))
    noun = {(EN, True): "songs", (EN, False): "artists", (FR, True): "titres", (FR, False): "artistes"}[language, song]
    if style < 0.5:
        times = [b for b in (SPANS[0], SPANS[0], DECADE, DECADE, SPANS[5], ON_DATE)]
        first = rng.choice(times)
        second = again(first)
        operator, en, fr = rng.choice([
            (
                "INTERSECT DISTINCT",
                "<N> that <V> both <A> and <B>|which <N> <V> <A> and also <B>?|<N> that <V> <A> and again <B>",
                "<N> qui ont <F> à la fois <A> et <B>|quels <N> ont <F> <A> et aussi <B> ?|<N> ayant <F> <A> puis encore <B>",
            ),
            (
                "EXCEPT DISTINCT",
                "<N> that <V> <A> but not <B>|which <N> <V> <A> but not <B>?|<N> that <V> <A> and not <B>",
                "<N> qui ont <F> <A> mais pas <B>|quels <N> ont <F> <A> mais pas <B> ?|<N> ayant <F> <A> et pas <B>",
            ),
            ("UNION DISTINCT", "<N> that <V> <A> or <B>|which <N> <V> either <A> or <B>?", "<N> qui ont <F> <A> ou <B>|quels <N> ont <F> soit <A>, soit <B> ?"),
        ])
        return (
            ask(rng, language, en, fr, N=noun, V=did, F=fait, A=first.says(language, rng), B=second.says(language, rng)),
            f"{hot(name, rung.bit, first)} {operator} {hot(name, rung.bit, second)}",
        )
    if style < 0.8:
        when, who = span(rng, CALENDAR, 0.6), rng.choice(ARTIST_WHO)
        high = rng.choice([NUMBER_ONE, NUMBER_ONE, TOP_N] if rung is ANYWHERE else [NUMBER_ONE] if rung is TOP_N else [TOP_N]) if rung is not NUMBER_ONE else None
        if high is None:
            rung, high = ANYWHERE, NUMBER_ONE
        if rung is TOP_N and high is TOP_N:
            high = NUMBER_ONE
        past, never = rng.choice(rung.did)[0], rng.choice(high.did)[2]
        noun = noun_phrase(rng, language, "artists" if language == EN else "artistes", who)
        inner = hot("artist_id", high.bit)
        return ask(
            rng,
            language,
            "<N> that <V> <T> but have never <R>|which <N> <V> <T> and have never <R>?|<N> who <V> <T> without ever having <R>",
            "<N> qui ont <F> <T> sans avoir jamais <G>|quels <N> ont <F> <T> mais n'ont jamais <G> ?|<N> ayant <F> <T> qui n'ont jamais <G>",
            when.says(language, rng),
            N=noun,
            V=past,
            R=never,
            F=one(rng, rung.fait),
            G=one(rng, high.fait),
        ), hot("DISTINCT artist_name", rung.bit, who, when, Bit(f"artist_id NOT IN ({inner})", SUBQUERY))
    who = rng.choice(ARTIST_WHO)
    when = span(rng, CALENDAR, 0.5)
    noun = noun_phrase(rng, language, "artists" if language == EN else "artistes", who)
    count = rng.random() < 0.3
    outer = where(who, Bit(f"artist_id NOT IN ({hot('artist_id', rung.bit, when)})", SUBQUERY))
    return (
        ask(
            rng,
            language,
            (
                "how many <N> have never <R> <T>?|number of <N> that have not <R> <T>"
                if count
                else "<N> that have never <R> <T>|which <N> have not <R> <T>?|list the <N> that have never <R> <T>"
            ),
            (
                "combien de <N> n'ont jamais <F> <T> ?|nombre de <N> n'ayant jamais <F> <T>"
                if count
                else "<N> qui n'ont jamais <F> <T>|quels <N> n'ont pas <F> <T> ?|liste des <N> n'ayant jamais <F> <T>"
            ),
            when.says(language, rng),
            N=noun,
            R=rng.choice(rung.did)[2],
            F=one(rng, rung.fait),
        ),
        f"SELECT {'COUNT(*) AS artists' if count else 'name'} FROM music.artists{outer}",
    )


def peaks(rng):
    """The best ranks of an artist's songs; songs that peaked at a place."""
    language, who, when = rng.choice([EN, FR]), rng.choice([SONG_ARTIST, SONG_ARTIST, *[w for w in SONG_WHO if "!=" not in w.sql]]), span(rng, chance=0.4)
    select, group, words = "title, artist_name, MIN(rank) AS peak_rank", "GROUP BY title, artist_name", when.says(language, rng)
    if rng.random() < 0.45:
        test, en, fr = rng.choice(
            [
                (
                    "= {num}",
                    "that peaked at number {num}|whose best rank was {num}|that stopped at number {num}",
                    "dont le meilleur rang est {num}|qui ont plafonné à la place {num}",
                ),
                ("> {num}", "that never got above number {num}|whose best rank was worse than {num}", "dont le meilleur rang est au-delà de {num}"),
                ("<= {num}", "whose peak was {num} or better|whose best rank was at least {num}", "dont le meilleur rang est {num} ou mieux"),
                ("BETWEEN {num} AND {num3}", "that peaked between {num} and {num3}", "dont le meilleur rang se situe entre {num} et {num3}"),
            ][:4]
        )
        noun = noun_phrase(rng, language, rng.choice(["songs ~ ", "hits ~ "]) if language == EN else "titres ~ ", who)
        return ask(
            rng,
            language,
            "<N> <P> <T>|what are the <N> <P> <T>?|list the <N> <P> <T>",
            "<N> <P> <T>|les <N> <P> <T>|liste des <N> <P> <T>",
            words,
            N=noun,
            P=one(rng, en if language == EN else fr),
        ), hot(select, who, when, tail=f"{group} HAVING peak_rank {test}")
    how, limit = rng.choice([("one", "LIMIT 1"), ("ten", "LIMIT 10"), ("number", "LIMIT {num}"), ("all", "")])
    number, plural = ("{num} " if how == "number" else ""), how != "one"
    noun = noun_phrase(rng, language, ("songs" if plural else "song") if language == EN else ("titres" if plural else "titre"), who)
    if how == "all":
        return ask(
            rng,
            language,
            "best position of each of the <N> <T>|peak rank of every one of the <N> <T>|peaks of all <N> <T>",
            "meilleur rang de chacun des <N> <T>|le meilleur classement de tous les <N> <T>",
            words,
            N=noun,
        ), hot(select, who, when, tail=f"{group} ORDER BY peak_rank")
    return ask(
        rng,
        language,
        "the <M>highest charting <N> <T>|<M>highest charting <N> <T>|<M>best charting <N> <T>|which <M><N> charted highest <T>?|the <M><N> with the best chart position <T>",
        "<L><M><N> <H> <T>|<M><N> <H> <T>|<Q> <M><N> <A> obtenu le meilleur rang <T> ?|<L><M><N> avec le meilleur classement au hot 100 <T>",
        words,
        M=number,
        N=noun,
        L="les " if plural else "le ",
        H="les mieux classés" if plural else "le mieux classé",
        Q="quels" if plural else "quel",
        A="ont" if plural else "a",
    ), hot(select, who, when, tail=f"{group} ORDER BY peak_rank {limit}")


def groups(rng):
    """Countries and genres behind the hits."""
    language, rung, when = rng.choice([EN, FR]), rng.choice(MAIN), span(rng)
    column, en, fr, join = rng.choice([("country", ("country", "countries"), ("pays", "pays"), ARTISTS), ("genre", ("genre", "genres"), ("genre", "genres"), TRACKS)])
    how, limit = how_many(rng)
    what = one(rng, rung.owned if language == EN else rung.owned_fr)
    measure, select = ("hits", MEASURES["hits"])
    if column == "country" and rng.random() < 0.4:
        measure, select = "artists", "COUNT(DISTINCT artist_id) AS artists"
        what = f"artists {one(rng, rung.at)}" if language == EN else f"artistes {one(rng, rung.sur)}"
    return most(rng, language, how, en if language == EN else fr, NONE, "had" if language == EN else "eu", what, when.says(language, rng)), hot(
        f"{column}, {select}", rung.bit, Bit(join=join), when, tail=f"GROUP BY {column} ORDER BY {measure} DESC {limit}"
    )


PATTERNS = (
    [hit_list] * 4
    + [hit_count] * 3
    + [charting_artists] * 3
    + [artist_top] * 4
    + [song_top] * 3
    + [having] * 3
    + [chart_fact] * 5
    + [rank_on_date] * 3
    + [chart_yes_no] * 2
    + [chart_of_week] * 4
    + [debuts] * 3
    + [movers] * 3
    + [per_unit] * 4
    + [compare_artists]
    + [averages] * 2
    + [sets] * 3
    + [peaks]
    + [groups]
)
