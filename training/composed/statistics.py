"""Statistics of songs and artists: averages, medians, distributions, shares, correlations, firsts of a group, ranks, gaps, comparisons."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .events import (
    ACTS, ARTISTS, BOUNDS, EXPLICIT_PARTS, FEATURED_PART, GENRE_PART, LENGTH_PARTS, MODE_PARTS, MOOD_PARTS, RELEASE_PARTS, SONGS, SOUNDS, TEMPO_PARTS,
    Part, agree, asked, number_of_rows, phrase, the, worded,
)
from .parts import EN, FR, one

# --- conditions -----------------------------------------------------------------------------------------------------

ARTIST_PART = Part("artist", 5, "artist_id = {artist}", "by {artist}|from {artist}|by {artist}", "de {artist}|de {artist}|de {artist}|d'{artist}", "{artist}")
ALBUM_PART = Part("album", 4, "album = {album}", "on the album {album}|from the album {album}|on {album}", "de l'album {album}|sur l'album {album}|de {album}")
COUNTRY_PART = Part("country", 6, "country = {country}", "by {country} artists|by artists from {country}", "d'artistes {country}|d'artistes de {country}|par des artistes {country}", join=ARTISTS)
YEAR_PART = Part("release", 10, "release_year = {year}", "from {year}|released in {year}|of {year}", "de {year}|sorti* en {year}|paru* en {year}", "{year}")
RELEASES = [*[YEAR_PART] * 3, *RELEASE_PARTS]
POPULARITY_PARTS = [Part("popularity", 9, "popularity > {num6}", "with a popularity above {num6}|with popularity over {num6}",
    "avec une popularité supérieure à {num6}|de plus de {num6} de popularité"),
                    Part("popularity", 9, "popularity < {num6}", "with a popularity below {num6}|with popularity under {num6}",
                        "avec une popularité inférieure à {num6}|de moins de {num6} de popularité")]
# Lists of conditions and how often one of them is drawn.
SONG_CONDITIONS = [([GENRE_PART], 6), ([ARTIST_PART], 6), (RELEASES, 6), ([ALBUM_PART], 1.2), ([COUNTRY_PART], 2.5), (EXPLICIT_PARTS, 1.8), (MOOD_PARTS, 2), (MODE_PARTS, 0.7), (LENGTH_PARTS, 0.5),
    (TEMPO_PARTS, 0.4), ([FEATURED_PART], 0.5),
                   (POPULARITY_PARTS, 0.4)]
# Kinds that say the same, or nothing, beside one another.
APART = {"artist": ("album", "country"), "album": ("artist", "country", "release", "genre"), "country": ("artist", "album")}

ACT_COUNTRY = Part("country", 6, "country = {country}", "from {country}", "de {country}|venant de {country}|{country}|{country}", "{country}")
ACT_GENRE = Part("genre", 7, "{genre} IN UNNEST(genres)", "", "{genre}|de {genre}|qui font du {genre}|{genre}", "{genre}")
ACT_POPULARITY = POPULARITY_PARTS
ACT_FOLLOWERS = [Part("followers", 9.5, "followers > {num7}", "with more than {num7} followers|with over {num7} fans", "avec plus de {num7} abonnés|ayant plus de {num7} fans"),
                 Part("followers", 9.5, "followers < {num7}", "with fewer than {num7} followers|with under {num7} fans", "avec moins de {num7} abonnés|ayant moins de {num7} fans")]
ACT_CONDITIONS = [([ACT_COUNTRY], 5), ([ACT_GENRE], 5), (ACT_POPULARITY, 1), (ACT_FOLLOWERS, 1)]


@dataclass(frozen=True)
class Rows:
    """Songs or artists under conditions, with the words for them: `words` is a plural noun phrase, `short` says the same of "the average energy ..."."""

    parts: tuple
    words: str
    feminine: bool = False
    short: str = ""


def conditions(rng, weighted, weights, *without) -> list[Part]:
    """As many conditions as `weights` (of 0, 1, 2 ...) draws, each of its own kind."""
    out: list[Part] = []
    for _ in range(rng.choices(range(len(weights)), weights)[0]):
        closed = {*without, *(p.kind for p in out), *(k for p in out for k in APART.get(p.kind, ()))}
        lists = [(parts, weight) for parts, weight in weighted if parts[0].kind not in closed]
        if not lists:
            break
        (parts,) = rng.choices([p for p, _ in lists], [w for _, w in lists])
        out.append(rng.choice(parts))
    return out


# How one condition is said without a noun: "the average energy in the 80s".
SHORT = {
    "artist_id = {artist}": ("for {artist}|of {artist}", "chez {artist}|de {artist}|pour {artist}"), "genre = {genre}": ("in {genre}|for {genre}", "dans le {genre}|en {genre}|pour le {genre}"),
    "release_year = {year}": ("in {year}|for {year}", "en {year}|pour {year}"), "release_year BETWEEN {decade} AND {decade} + 9": ("in the {decade}|for the {decade}",
        "dans les années {decade}|des années {decade}"),
    "album = {album}": ("on {album}|of the album {album}", "sur {album}|de l'album {album}"),
}


def songs(rng, language, weights=(0.25, 0.5, 0.25), without=(), given=()) -> Rows:
    parts = [*given, *conditions(rng, SONG_CONDITIONS, weights, *without, *(p.kind for p in given), *(k for p in given for k in APART.get(p.kind, ())))]
    noun = rng.choice(SONGS[language])
    feminine = language == FR and noun[2]
    words = phrase(rng, language, noun[1], parts, feminine)
    if language == EN and ARTIST_PART in parts and "by {artist}" in words and rng.random() < 0.4:
        words = "{artist}'s " + re.sub(r" +", " ", words.replace("by {artist}", "")).strip()
    short = ""
    if not parts:
        short = words if rng.random() < 0.6 else ""
    elif len(parts) == 1 and parts[0].sql in SHORT:
        short = one(rng, SHORT[parts[0].sql][0 if language == EN else 1])
    return Rows(tuple(parts), words, feminine, short)


def artists(rng, language, weights=(0.3, 0.5, 0.2), without=(), given=()) -> Rows:
    parts = [*given, *conditions(rng, ACT_CONDITIONS, weights, *without, *(p.kind for p in given))]
    return Rows(tuple(parts), phrase(rng, language, rng.choice(ACTS[language])[1], parts))


def of(rows, language) -> str:
    """'of jazz songs', 'des chansons de jazz'."""
    return f"of {rows.words}" if language == EN else f"des {rows.words}"


# --- SQL ------------------------------------------------------------------------------------------------------------


def where(parts, joined=False) -> str:
    text = " AND ".join(p.sql for p in sorted(parts, key=lambda p: p.place))
    return qualified(f" WHERE {text}", joined) if parts else ""


def qualified(sql, joined) -> str:
    """The column that tracks and artists share, where both are read."""
    return re.sub(r"(?<![\w.])popularity", "tracks.popularity", sql) if joined else sql


def query(columns, parts, rest="", table="tracks", joined=False) -> str:
    joined = joined or any(p.join == ARTISTS for p in parts)
    joins = f" JOIN {ARTISTS}" if joined and table == "tracks" else ""
    joined = bool(joins)
    return f"SELECT {qualified(columns, joined)} FROM music.{table}{joins}{where(parts, joined)}{' ' + qualified(rest, joined) if rest else ''}"


@dataclass(frozen=True)
class Measure:
    """A number of a group of rows: SQL with its alias, and what it is called, in English and French with its article ("l'énergie moyenne")."""

    sql: str
    alias: str
    en: str
    fr: str
    feminine: bool = False


FR_ARTICLE = {"energy": "l'", "acousticness": "l'", "instrumentalness": "l'"}
ACT_NUMBERS = [("popularity", "popularity", "popularité", True), ("followers", "followers|number of followers|number of fans", "nombre d'abonnés|nombre de fans", False)]


def article(column, feminine) -> str:
    return FR_ARTICLE.get(column, "la " if feminine else "le ")


def average(rng, language, sound) -> Measure:
    column, en, fr, feminine = sound
    noun_en, noun_fr = one(rng, en), one(rng, fr)
    if column == "duration_ms":
        return Measure("AVG(duration_ms) / 60000 AS minutes", "minutes", one(rng, "average length in minutes|average duration in minutes|mean length|average song length"),
            one(rng, "la durée moyenne|la durée moyenne en minutes|la longueur moyenne en minutes"), True)
    mean = agree("moyen*", feminine)
    return Measure(f"AVG({column}) AS avg_{column}", f"avg_{column}", one(rng, f"average {noun_en}|average {noun_en}|mean {noun_en}"), f"{article(column, feminine)}{noun_fr} {mean}", feminine)


def median(rng, language, sound) -> Measure:
    column, en, fr, feminine = sound
    if column == "duration_ms":
        return Measure("APPROX_QUANTILES(duration_ms, 2)[OFFSET(1)] / 60000 AS median", "median", one(rng, "median length in minutes|median duration"),
            one(rng, "la durée médiane|la durée médiane en minutes"), True)
    return Measure(f"APPROX_QUANTILES({column}, 2)[OFFSET(1)] AS median", "median", f"median {one(rng, en)}", f"{article(column, feminine)}{one(rng, fr)} médian{'e' if feminine else ''}", feminine)


def deviation(rng, language, sound) -> Measure:
    column, en, fr, feminine = sound
    de = article(column, feminine)
    de = "de l'" if de == "l'" else "du " if de == "le " else "de la "
    return Measure(f"STDDEV({column}) AS deviation", "deviation", one(rng, f"standard deviation of the {one(rng, en)}|standard deviation in {one(rng, en)}"), f"l'écart-type {de}{one(rng, fr)}")


def extreme(rng, language, sound) -> Measure:
    column, en, fr, feminine = sound
    name = rng.choice(["MAX", "MIN"])
    word_en, word_fr = ("highest|maximum|top", "maximal*|maximum") if name == "MAX" else ("lowest|minimum", "minimal*|minimum")
    return Measure(f"{name}({column}) AS {name.lower()}_{column}", f"{name.lower()}_{column}", f"{one(rng, word_en)} {one(rng, en)}",
        f"{article(column, feminine)}{one(rng, fr)} {agree(one(rng, word_fr), feminine)}", feminine)


NUMBERS = [s for s in SOUNDS if s[0] != "duration_ms"]


def ask_value(rng, language, measure, rows, tail=""):
    """'the average energy of jazz songs', in many orders."""
    if language == EN:
        about = rows.short if rows.short and " " in rows.short and not rows.short.startswith("songs") and rng.random() < 0.5 and rows.parts else of(rows, EN)
        names = "the <M> <O> <T>|<M> <O> <T>|<M> <O> <T>"
        questions = "what is the <M> <O> <T>?|what's the <M> <O>?|what was the <M> <O> <T>?|i wonder what the <M> <O> is|do you know the <M> <O>?|can you compute the <M> <O>?"
        if about == of(rows, EN):
            questions += "|what <M> do <R> have?"
            names += "|<R>: <M>"
        if any(p.sql == "artist_id = {artist}" for p in rows.parts) and len(rows.parts) == 1:
            names += "|{artist} <M>|{artist}'s <M>"
        return asked(rng, EN, names, questions, M=measure.en, O=about, R=rows.words)
    about = rows.short if rows.short and rows.parts and rng.random() < 0.5 else of(rows, FR)
    names = "<M> <O>|<M> <O>|<M> <O>"
    questions = agree("quel* est <M> <O> ?|quel* est <M> <O> ?|tu peux me calculer <M> <O> ?|je me demande quel* est <M> <O>|combien vaut <M> <O> ?", measure.feminine)
    if about == of(rows, FR):
        names += "|<M> pour les <R>|pour les <R>, <M>"
        questions += "|" + agree("quel* est <M> pour les <R> ?|pour les <R>, quel* est <M> ?", measure.feminine)
    text = asked(rng, FR, names, questions, M=measure.fr, O=about, R=rows.words)
    return re.sub(r"^(l'|la |le )", "", text) if rng.random() < 0.2 and text.startswith(("l'", "la ", "le ")) else text


def single_value(rng):
    """An average, median, extreme or deviation under none to three conditions."""
    language = rng.choice([EN, FR])
    kind = rng.choices([average, median, extreme, deviation], [9, 2.5, 3, 1.3])[0]
    if rng.random() < 0.2:
        number = rng.choice(ACT_NUMBERS)
        measure, rows = kind(rng, language, number), artists(rng, language)
        return ask_value(rng, language, measure, rows), query(measure.sql, rows.parts, table="artists")
    sound = rng.choice(SOUNDS if kind in (average, median) else NUMBERS)
    mood = {"danceability", "energy", "valence", "acousticness", "instrumentalness", "liveness", "speechiness", "tempo", "loudness"}
    rows = songs(rng, language, (0.1, 0.4, 0.38, 0.12), without=("mood",) if sound[0] in mood else ("popularity",) if sound[0] == "popularity" else ("length",))
    measure = kind(rng, language, sound)
    return ask_value(rng, language, measure, rows), query(measure.sql, rows.parts)


def several_values(rng):
    """Several averages at once, or minimum, average and maximum; quartiles."""
    language = rng.choice([EN, FR])
    style = rng.choices(["averages", "range", "extremes", "quartiles", "spread"], [4, 3, 2.5, 1.5, 1])[0]
    on_artists = rng.random() < 0.15 and style != "averages"
    rows = artists(rng, language, (0.1, 0.6, 0.3)) if on_artists else songs(rng, language, (0.1, 0.55, 0.35), without=("mood", "popularity"))
    chosen = rng.sample(ACT_NUMBERS if on_artists else NUMBERS, rng.choice([2, 2, 3]) if style == "averages" else 1)
    names = [(c, one(rng, en), one(rng, fr), f) for c, en, fr, f in chosen]
    column, en, fr, feminine = names[0]
    a_en = " and ".join([", ".join(n[1] for n in names[:-1]), names[-1][1]]) if len(names) > 1 else en
    a_fr = " et ".join([", ".join(article(n[0], n[3]) + n[2] for n in names[:-1]), article(names[-1][0], names[-1][3]) + names[-1][2]]) if len(names) > 1 else article(column, feminine) + fr
    columns, words = {
        "averages": (", ".join(f"AVG({n[0]}) AS avg_{n[0]}" for n in names), {EN: "average <A> <O>|the average <A> <O>|mean <A> <O>|<O2>: average <A>|what are the average <A> <O>?",
            FR: "<A> en moyenne <O>|moyennes <O> : <A>|quelles sont en moyenne <A> <O> ?|en moyenne, <A> <O>"}),
        "range": (f"MIN({column}) AS min_{column}, AVG({column}) AS avg_{column}, MAX({column}) AS max_{column}",
                  {EN: "minimum, average and maximum <A> <O>|lowest, average and highest <A> <O>|<A> <O>: min, mean and max|what are the minimum, average and maximum <A> <O>?",
                      FR: "<A> minimum, moyenne et maximum <O>|minimum, moyenne et maximum pour <A> <O>|<A> <O> : min, moyenne et max"}),
        "extremes": (f"MIN({column}) AS min_{column}, MAX({column}) AS max_{column}",
            {EN: "lowest and highest <A> <O>|minimum and maximum <A> <O>|<A> range <O>, from lowest to highest|what are the lowest and the highest <A> <O>?",
                FR: "minimum et maximum pour <A> <O>|<A> <O> : valeur la plus basse et la plus haute|entre quel minimum et quel maximum varie <A> <O> ?"}),
        "quartiles": (f"APPROX_QUANTILES({column}, 4) AS quartiles", {EN: "quartiles of the <A> <O>|<A> quartiles <O>|what are the quartiles of <A> <O>?|split the <A> <O> into quartiles",
            FR: "quartiles pour <A> <O>|quels sont les quartiles pour <A> <O> ?|donne les quartiles : <A> <O>"}),
        "spread": (f"AVG({column}) AS avg_{column}, STDDEV({column}) AS deviation",
            {EN: "average and standard deviation of the <A> <O>|mean <A> <O> with the standard deviation|<A> <O>: mean and standard deviation",
                FR: "moyenne et écart-type pour <A> <O>|<A> <O> : moyenne et écart-type"}),
    }[style]
    text = worded(rng, language, one(rng, words[language]), A=a_en if language == EN else a_fr, O=of(rows, language), O2=rows.words)
    return text, query(columns, rows.parts, table="artists" if on_artists else "tracks")


# --- groups ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Group:
    """What rows are grouped by: column, key, whether it is time, English and French singular and plural, which kinds of condition it leaves no room for."""

    column: str
    key: str
    en: tuple
    fr: tuple
    without: tuple
    time: bool = False
    feminine: bool = False
    joined: bool = False
    given: tuple = ()


GROUPS = {
    "genre": Group("genre", "genre", ("genre", "genres"), ("genre", "genres"), ("genre", "album")),
    "year": Group("release_year AS year", "year", ("year", "years"), ("année", "années"), ("release", "album"), True, True),
    "decade": Group("DIV(release_year, 10) * 10 AS decade", "decade", ("decade", "decades"), ("décennie", "décennies"), ("release", "album"), True, True),
    "artist": Group("artist_name", "artist_name", ("artist", "artists"), ("artiste", "artistes"), ("artist", "album")),
    "album": Group("album", "album", ("{artist} album", "{artist} albums"), ("album de {artist}", "albums de {artist}"), ("artist", "album", "country", "release"), given=(ARTIST_PART,)),
    "albums": Group("album, artist_name", "album, artist_name", ("album", "albums"), ("album", "albums"), ("album", "artist")),
    "country": Group("country", "country", ("country", "countries"), ("pays", "pays"), ("country", "artist", "album"), joined=True),
    "mode": Group("mode", "mode", ("mode", "modes"), ("mode", "modes"), ("mode",)),
    "key": Group("key", "key", ("key", "keys"), ("tonalité", "tonalités"), ("mode",), feminine=True),
    "explicit": Group("explicit", "explicit", ("", ""), ("", ""), ("explicit",)),
    "time_signature": Group("time_signature", "time_signature", ("time signature", "time signatures"), ("signature rythmique", "signatures rythmiques"), (), feminine=True),
}
# "Which genre is the happiest?": column, direction, English superlative, French adjective.
SUPERLATIVES = [
    ("danceability", "DESC", "most danceable", "plus dansant*"), ("danceability", "", "least danceable", "moins dansant*"), ("energy", "DESC", "most energetic", "plus énergique*"),
        ("energy", "", "calmest|least energetic", "plus calme*|moins énergique*"),
    ("valence", "DESC", "happiest|most cheerful", "plus joyeux*|plus gai*"), ("valence", "", "saddest|gloomiest", "plus triste*|plus mélancolique*"),
        ("acousticness", "DESC", "most acoustic", "plus acoustique*"), ("acousticness", "", "least acoustic", "moins acoustique*"),
    ("instrumentalness", "DESC", "most instrumental", "plus instrumental*"), ("liveness", "DESC", "most live-sounding", "plus live"),
        ("speechiness", "DESC", "wordiest|most spoken", "plus bavard*|plus parlé*"), ("tempo", "DESC", "fastest", "plus rapide*"),
    ("tempo", "", "slowest", "plus lent*"), ("loudness", "DESC", "loudest", "plus bruyant*|plus fort*"), ("loudness", "", "quietest", "moins bruyant*|plus silencieux*"),
        ("popularity", "DESC", "most popular", "plus populaire*"), ("popularity", "", "least popular", "moins populaire*"),
]


def per(rng, language, group) -> str:
    if group.key == "explicit":
        return one(rng, "by explicit or not|for explicit and clean songs|split by explicitness" if language == EN else "selon le caractère explicite ou non|pour les explicites et les non explicites")
    word = (group.en if language == EN else group.fr)[0]
    if language == EN:
        return one(rng, f"per {word}|by {word}|for each {word}|for every {word}")
    le = "l'" if word[0] in "aéh" else "la " if group.feminine else "le "
    return one(rng, f"par {word}|pour chaque {word}|par {word}|selon {le}{word}" if "{" not in word else f"par {word}|pour chaque {word}|de chaque {word}")


def pick_group(rng, names=("genre", "year", "decade", "artist", "album", "albums", "country", "mode", "key", "explicit", "time_signature"), weights=(5, 4, 4, 4, 2, 1.2, 2.5, 0.7, 0.7, 0.6, 0.4)):
    return GROUPS[rng.choices(names, weights)[0]]


def grouped_rows(rng, language, group, weights=(0.45, 0.4, 0.15), without=()):
    """The songs that are grouped. The album's artist is said with the group, so it stands in the conditions but not in the words."""
    rows = songs(rng, language, weights, (*group.without, *without))
    return Rows((*group.given, *rows.parts), rows.words, rows.feminine, rows.short)


MOODY = ("mood",)


def value_per_group(rng):
    """Averages and medians of each genre, year, artist ... in full, or the highest or lowest of them."""
    language = rng.choice([EN, FR])
    group = pick_group(rng)
    in_full = group.key in ("mode", "explicit", "time_signature") or rng.random() < 0.45
    kind = rng.choices([average, median, deviation, extreme], [9, 1.3, 0.6, 0.6 if in_full else 0])[0]
    sound = rng.choice(SOUNDS if kind in (average, median) else NUMBERS)
    rows = grouped_rows(rng, language, group, without=(*MOODY, "popularity" if sound[0] == "popularity" else "", "length" if sound[0] == "duration_ms" else ""))
    measure = kind(rng, language, sound)
    if in_full:
        sql = query(f"{group.column}, {measure.sql}", rows.parts, f"GROUP BY {group.key} ORDER BY {group.key if group.time else measure.alias + ' DESC'}", joined=group.joined)
        some = bool([p for p in rows.parts if p not in group.given])
        if language == EN:
            about = of(rows, EN) if some or rng.random() < 0.3 else ""
            names = "<M> <O> <P>|the <M> <O> <P>|<M> <P> <O>|<P>, the <M> <O>|the <M> <P> <O>" + ("|<R>: <M> <P>" if about else "")
            questions = "what is the <M> <O> <P>?|how does the <M> <O> vary <P>?|could you give the <M> <O> <P>?" + ("|how did the <M> <O> change over the " + group.en[1] + "?" if group.time else "")
            return asked(rng, EN, names, questions, M=measure.en, O=about, P=per(rng, EN, group), R=rows.words), sql
        about = of(rows, FR) if some or rng.random() < 0.3 else ""
        names = "<M> <O> <P>|<M> <P> <O>|<P>, <M> <O>|<M> <O> <P>"
        questions = agree("quel* est <M> <O> <P> ?|comment varie <M> <O> <P> ?",
            measure.feminine) + (f"|évolution : <M> <O> au fil des {group.fr[1]}|comment évolue <M> <O> au fil des {group.fr[1]} ?" if group.time else "")
        return asked(rng, FR, names, questions, M=measure.fr, O=about, P=per(rng, FR, group), R=rows.words), sql
    how, limit = number_of_rows(rng)
    plural, shown = how != "one", "{num} " if how == "number" else ""
    down = rng.random() < 0.72
    some = [p for p in rows.parts if p not in group.given]
    noun = (group.en if language == EN else group.fr)[plural]
    adjective = None
    if kind is average and rng.random() < 0.45:
        # "The most popular artist" is a matter of the artist, not of the songs.
        candidates = [s for s in SUPERLATIVES if s[0] == sound[0] and (s[0] != "popularity" or group.key not in ("artist_name", "country", "genre"))]
        if candidates:
            _, direction, adjective_en, adjective_fr = rng.choice(candidates)
            adjective, down = (one(rng, adjective_en), one(rng, adjective_fr)), direction == "DESC"
    sql = query(f"{group.column}, {measure.sql}", rows.parts, f"GROUP BY {group.key} ORDER BY {measure.alias}{' DESC' if down else ''} {limit}", joined=group.joined)
    if language == EN:
        about = one(rng, f"for {rows.words}|among {rows.words}|counting only {rows.words}|looking only at {rows.words}") if some else ""
        if some and group.key == "artist_name" and rng.random() < 0.5 or some and "{" in noun:
            about = f"for {rows.words}"
        be, have = ("are", "have") if plural else ("is", "has")
        if adjective:
            average_words = one(rng, "on average||on average")
            names = f"the {shown}{adjective[0]} <N> <O> {average_words}|{shown}{adjective[0]} <N> {average_words} <O>|<O>, the {shown}{adjective[0]} <N>"
            questions = f"which {shown}<N> {be} the {adjective[0]} <O> {average_words}?|what {be} the {shown}{adjective[0]} <N> <O>?|which {shown}<N> {be} {adjective[0]} {average_words} <O>?"
        else:
            degree = one(rng, ("longest|longest|highest" if down else "shortest|shortest|lowest") if sound[0] == "duration_ms" else "highest|highest|greatest" if down else "lowest|lowest|smallest")
            names = f"the {shown}<N> with the {degree} <M> <O>|{shown}<N> with the {degree} <M> <O>" + (f"|top {shown}<N> by <M> <O>|<N> by <M> <O>, top {shown}" if down and how == "number" else "")
            questions = f"which {shown}<N> {have} the {degree} <M> <O>?|what {shown}<N> {have} the {degree} <M> <O>?|<O>, which {shown}<N> {have} the {degree} <M>?"
        return asked(rng, EN, names, questions, M=measure.en, O=about, N=noun), sql
    about = one(rng, f"pour les {rows.words}|parmi les {rows.words}|en ne comptant que les {rows.words}") if some else ""
    elide = "l'" if not plural and noun[0] in "aéh" else the(how, group.feminine) + " "
    be, have = ("sont", "ont") if plural else ("est", "a")
    if adjective:
        le = the(how, group.feminine)
        degree = f"{le} {agree(adjective[1], group.feminine, plural)}"
        names = f"{elide}{shown}<N> {degree} <O>|{elide}{shown}<N> {degree} en moyenne <O>|{shown}<N> {degree} <O>" if plural else f"{elide}<N> {degree} <O>|{elide}<N> {degree} en moyenne <O>"
        questions = agree(f"quel* {shown}<N> {be} {degree} <O> ?|quel* {be} {elide}{shown}<N> {degree} <O> ?|en moyenne, quel* {be} {elide}{shown}<N> {degree} <O> ?", group.feminine, plural)
        return asked(rng, FR, names, questions, O=about, N=noun), sql
    high = agree(("long*" if down else "court*") if sound[0] == "duration_ms" else "élevé*" if down else "faible*", measure.feminine)
    degree = f"{'la' if measure.feminine else 'le'} plus {high}"
    to = {"l'": "à l'", "la ": "à la ", "le ": "au "}
    bare = re.sub(r"^(l'|la |le )", "", measure.fr)
    at = next(v for k, v in to.items() if measure.fr.startswith(k)) + bare
    names = f"{elide}{shown}<N> avec <M> {degree} <O>|{elide}{shown}<N> {at} {degree} <O>|{elide}{shown}<N> dont <M> est {degree} <O>" + (f"|top {shown}des <N> par {bare} <O>" if down and plural
        else "")
    questions = agree(f"quel* {shown}<N> {have} <M> {degree} <O> ?|quel* {be} {elide}{shown}<N> avec <M> {degree} <O> ?", group.feminine, plural)
    return asked(rng, FR, names, questions, M=measure.fr, O=about, N=noun), sql


def artists_per_group(rng):
    """Popularity and followers of artists per country or genre; how many artists they have."""
    language = rng.choice([EN, FR])
    by_genre = rng.random() < 0.45
    group = Group("genre", "genre", ("genre", "genres"), ("genre", "genres"), ("genre",)) if by_genre else Group("country", "country", ("country", "countries"), ("pays", "pays"), ("country",))
    rows = artists(rng, language, (0.55, 0.45), group.without)
    count = rng.random() < 0.3
    number = rng.choice(ACT_NUMBERS)
    measure = Measure("COUNT(*) AS artists", "artists", "number of artists", "le nombre d'artistes") if count else rng.choices([average, median], [5, 1])[0](rng, language, number)
    how, limit = rng.choice([("all", ""), *[number_of_rows(rng)] * 2])
    down = how == "all" or rng.random() < 0.75
    # Unnesting keeps the genres apart from the conditions on the whole list of them.
    table = "artists, UNNEST(genres) AS genre" if by_genre else "artists"
    sql = query(f"{group.column}, {measure.sql}", rows.parts, f"GROUP BY {group.key} ORDER BY {measure.alias}{' DESC' if down else ''}{' ' + limit if limit else ''}", table=table)
    if how == "all":
        if language == EN:
            names = "<M> of <R> <P>|the <M> of <R> <P>|<M> <P> for <R>" if not count else "number of <R> <P>|<R> <P>, how many|count of <R> <P>"
            return asked(rng, EN, names, "what is the <M> of <R> <P>?" if not count else "how many <R> <P>?", M=measure.en, R=rows.words, P=per(rng, EN, group)), sql
        de = "d'" if rows.words[0] == "a" else "de "
        names = "<M> des <R> <P>|<M> <P> pour les <R>" if not count else f"le nombre {de}<R> <P>|nombre {de}<R> <P>"
        return asked(rng, FR, names, agree("quel* est <M> des <R> <P> ?", measure.feminine) if not count else f"combien {de}<R> <P> ?", M=measure.fr, R=rows.words, P=per(rng, FR, group)), sql
    plural, shown = how != "one", "{num} " if how == "number" else ""
    noun = (group.en if language == EN else group.fr)[plural]
    if language == EN:
        have, degree = ("have" if plural else "has"), one(rng, "highest|greatest" if down else "lowest|smallest")
        most = "most" if down else "fewest"
        names = f"the {shown}<N> with the {degree} <M> of <R>|{shown}<N> where <R> have the {degree} <M>" if not count else f"the {shown}<N> with the {most} <R>|{shown}<N> with the {most} <R>"
        return asked(rng, EN, names, f"which {shown}<N> {have} the {degree} <M> for <R>?" if not count else f"which {shown}<N> {have} the {most} <R>?", M=measure.en, R=rows.words, N=noun), sql
    le, have = the(how) + " ", "ont" if plural else "a"
    high = f"{'la' if measure.feminine else 'le'} plus {agree('élevé*' if down else 'faible*', measure.feminine)}"
    de = "d'" if rows.words[0] == "a" else "de "
    most = "le plus " if down else "le moins "
    names = f"{le}{shown}<N> où <M> des <R> est {high}|{le}{shown}<N> avec <M> {high} pour les <R>" if not count else f"{le}{shown}<N> avec {most}{de}<R>|{le}{shown}<N> qui {have} {most}{de}<R>"
    questions = agree(f"quel* {shown}<N> {have} <M> {high} pour les <R> ?" if not count else f"quel* {shown}<N> {have} {most}{de}<R> ?", False, plural)
    return asked(rng, FR, names, questions, M=measure.fr, R=rows.words, N=noun), sql


def distribution(rng):
    """How many songs there are of each genre, key, mode, year ...; or the ones with most."""
    language = rng.choice([EN, FR])
    group = pick_group(rng, weights=(4, 3, 3, 3, 1.2, 0.8, 2, 1.5, 2.2, 1.2, 1.2))
    rows = grouped_rows(rng, language, group, (0.35, 0.45, 0.2))
    share = rng.random() < 0.15
    style = "all" if group.key in ("mode", "explicit") or share else rng.choice(["all", "all", "top", "top"])
    if rng.random() < 0.12 and group.key in ("genre", "year", "decade", "country"):
        # Artists or albums in place of songs.
        counted, en, fr = rng.choice([("COUNT(DISTINCT artist_id) AS artists", "different artists", "artistes différents"), ("COUNT(DISTINCT album) AS albums", "albums", "albums")])
    else:
        counted, en, fr = "COUNT(*) AS tracks", "", ""
    alias = counted.split()[-1]
    some = [p for p in rows.parts if p not in group.given]
    nouns = rows.words if not en else (f"{en} with {rows.words}" if some else en) if language == EN else (f"{fr} ayant des {rows.words}" if some else fr)
    de = ("d'" if nouns[0] in "aé" else "de ") + nouns
    if style == "all":
        if share:
            counted, alias = "100 * COUNT(*) / SUM(COUNT(*)) OVER () AS percentage", "percentage"
            nouns = rows.words
            de = "de " + nouns
        sql = query(f"{group.column}, {counted}", rows.parts, f"GROUP BY {group.key} ORDER BY {group.key if group.time else alias + ' DESC'}", joined=group.joined)
        p = per(rng, language, group)
        if language == EN:
            if share:
                return asked(rng, EN, "share of <R> <P>|the percentage of <R> <P>|<R> <P>, in percent", "what percentage of <R> <P>?|how are <R> divided <P>, in percent?", R=nouns, P=p), sql
            return asked(rng, EN, "number of <R> <P>|the number of <R> <P>|<R> <P>, how many|count of <R> <P>|breakdown of <R> <P>|distribution of <R> <P>|<P>, the number of <R>",
                "how many <R> are there <P>?|how many <R> <P>?|how are <R> distributed <P>?", R=nouns, P=p), sql
        if share:
            return asked(rng, FR, "la part de <R> <P>|le pourcentage de <R> <P>|la répartition en % des <R> <P>", "comment se répartissent les <R> <P>, en pourcentage ?|quelle part de <R> <P> ?",
                R=nouns, P=p), sql
        return asked(rng, FR, "le nombre <D> <P>|nombre <D> <P>|la répartition des <R> <P>|répartition des <R> <P>|<P>, le nombre <D>",
            "combien <D> <P> ?|combien y a-t-il <D> <P> ?|comment se répartissent les <R> <P> ?|il y a combien <D> <P> ?", R=nouns, D=de, P=p), sql
    how, limit = number_of_rows(rng)
    plural, shown = how != "one", "{num} " if how == "number" else ""
    down = rng.random() < 0.85
    sql = query(f"{group.column}, {counted}", rows.parts, f"GROUP BY {group.key} ORDER BY {alias}{' DESC' if down else ''} {limit}", joined=group.joined)
    noun = (group.en if language == EN else group.fr)[plural]
    if language == EN:
        be, have, most = ("are", "have", "most" if down else "fewest") if plural else ("is", "has", "most" if down else "fewest")
        names = f"the {shown}<N> with the {most} <R>|{shown}<N> with the {most} <R>" + (f"|top {shown}<N> by number of <R>" if down and plural else "")
        questions = f"which {shown}<N> {have} the {most} <R>?|what {shown}<N> {be} there the {most} <R> for?"
        if group.key in ("key", "time_signature", "genre") and not en:
            common = one(rng, "most common|most frequent" if down else "rarest|least common")
            names += f"|the {shown}{common} <N> among <R>|{shown}{common} <N> of <R>"
            questions += f"|what {be} the {shown}{common} <N> among <R>?|which {shown}<N> {be} the {common} in <R>?"
        return asked(rng, EN, names, questions, R=nouns, N=noun), sql
    elide = "l'" if not plural and noun[0] in "aéh" else the(how, group.feminine) + " "
    have, most = ("ont" if plural else "a"), "le plus" if down else "le moins"
    names = f"{elide}{shown}<N> avec {most} <D>|{elide}{shown}<N> qui {'comptent' if plural else 'compte'} {most} <D>" + (f"|top {shown}des <N> en nombre <D>" if down and plural else "")
    questions = agree(f"quel* {shown}<N> {have} {most} <D> ?|quel* {shown}<N> {'comptent' if plural else 'compte'} {most} <D> ?", group.feminine, plural)
    if group.key in ("key", "time_signature", "genre") and not en:
        common = f"{the(how, group.feminine)} {'plus' if down else 'moins'} {agree('fréquent*|courant*'.split('|')[rng.random() < 0.4], group.feminine, plural)}"
        names += f"|{elide}{shown}<N> {common} parmi les <R>"
        questions += "|" + agree(f"quel* {'sont' if plural else 'est'} {elide}{shown}<N> {common} pour les <R> ?", group.feminine, plural)
    return asked(rng, FR, names, questions, R=nouns, D=de, N=noun), sql


def buckets(rng):
    """Songs or artists counted in bands of a number."""
    language = rng.choice([EN, FR])
    kind = rng.choices(["feature", "tempo", "popularity", "followers", "artists popularity", "seconds", "minutes", "averages"], [4, 3, 3, 1.5, 1.2, 1, 1.5, 0.6])[0]
    on_artists = kind in ("followers", "artists popularity")
    rows = artists(rng, language, (0.35, 0.5, 0.15), ("popularity", "followers")) if on_artists else songs(rng, language, (0.25, 0.5, 0.25), ("mood", "length", "popularity"))
    sound = rng.choice(SOUNDS[:7])
    step = rng.random() < 0.65
    column, alias, en, fr, unit_en, unit_fr = {
        "feature": (f"FLOOR({sound[0]} * 10) / 10 AS bucket", "bucket", one(rng, sound[1]), (sound[0], sound[2], sound[3]), "", ""),
        "averages": (f"FLOOR({sound[0]} * 10) / 10 AS bucket", "bucket", one(rng, sound[1]), (sound[0], sound[2], sound[3]), "", ""),
        "tempo": ("CAST(FLOOR(tempo / {num}) * {num} AS INT64) AS bucket" if step else "CAST(FLOOR(tempo / 10) * 10 AS INT64) AS bucket", "bucket", "tempo", ("tempo", "tempo", False), "bpm", "bpm"),
        "popularity": ("DIV(popularity, {num}) * {num} AS bucket" if step else "DIV(popularity, 10) * 10 AS bucket", "bucket", "popularity", ("popularity", "popularité", True), "points", "points"),
        "artists popularity": ("DIV(popularity, {num}) * {num} AS bucket" if step else "DIV(popularity, 10) * 10 AS bucket", "bucket", "popularity", ("popularity", "popularité", True), "points",
            "points"),
        "followers": ("DIV(followers, {num}) * {num} AS bucket", "bucket", "followers", ("followers", "nombre d'abonnés", False), "followers", "abonnés"),
        "seconds": ("DIV(duration_ms, {num} * 1000) * {num} AS bucket", "bucket", "length", ("duration_ms", "durée", True), "seconds", "secondes"),
        "minutes": ("DIV(duration_ms, 60000) AS minutes", "minutes", "length in whole minutes", ("duration_ms", "durée en minutes entières", True), "", ""),
    }[kind]
    popularity = kind == "averages"
    counted = "AVG(popularity) AS avg_popularity" if popularity else f"COUNT(*) AS {'artists' if on_artists else 'tracks'}"
    sql = query(f"{column}, {counted}", rows.parts, f"GROUP BY {alias} ORDER BY {alias}", table="artists" if on_artists else "tracks")
    banded = "{num}" in column
    if language == EN:
        steps = one(rng, f"in steps of {{num}} {unit_en}|in bands of {{num}} {unit_en}|by slices of {{num}} {unit_en}|in buckets of {{num}}") if banded else ""
        if popularity:
            return worded(rng, EN, one(rng, "average popularity <O> by band of <M>|mean popularity <O> per <M> bucket|how does the average popularity <O> vary with <M>, in bands?"), O=of(rows, EN),
                M=en), sql
        text = ("number of <R> by <M> <S>|distribution of <R> by <M> <S>|<M> distribution <O> <S>|how many <R> in each band of <M> <S>?|histogram of the <M> <O> <S>|<R> by <M> <S>, how many"
            "|how are <R> spread over <M> <S>?|count <R> by <M> band <S>")
        return worded(rng, EN, one(rng, text), R=rows.words, O=of(rows, EN), M=en, S=steps), sql
    steps = one(rng, f"par tranches de {{num}} {unit_fr}|par paliers de {{num}} {unit_fr}|en tranches de {{num}}|par pas de {{num}} {unit_fr}") if banded else ""
    key, noun, feminine = fr
    noun = one(rng, noun)
    le = article(key, feminine)
    du = "de l'" if le == "l'" else "du " if le == "le " else "de la "
    if popularity:
        return worded(rng, FR, one(rng, f"popularité moyenne des <R> par tranche {'d' + chr(39) if noun[0] in 'aéi' else 'de '}{noun}|la popularité moyenne des <R> selon {le}{noun}, par tranches"),
            R=rows.words), sql
    de = ("d'" if rows.words[0] == "a" else "de ") + rows.words
    text = (f"nombre <D> selon {le}{noun} <S>|répartition des <R> selon {le}{noun} <S>|distribution {du}{noun} des <R> <S>"
        f"|combien <D> par tranche {'d' + chr(39) if noun[0] in 'aéi' else 'de '}{noun} <S> ?|histogramme {du}{noun} des <R> <S>|comment se répartissent les <R> selon {le}{noun} <S> ?")
    return worded(rng, FR, one(rng, text), R=rows.words, D=de, S=steps), sql


# --- shares ---------------------------------------------------------------------------------------------------------

SHARED = [([GENRE_PART], 3), (RELEASES[:6], 3), (EXPLICIT_PARTS, 4), (MOOD_PARTS, 4), (MODE_PARTS, 2), ([FEATURED_PART], 1.5), (LENGTH_PARTS, 1.5), (TEMPO_PARTS, 1), (POPULARITY_PARTS, 1.5),
    ([COUNTRY_PART], 1), ([ARTIST_PART], 0.6)]


def share(rng):
    """Which percentage of songs or artists meets a condition, in all or per group."""
    language = rng.choice([EN, FR])
    on_artists = rng.random() < 0.18
    noun = rng.choice((ACTS if on_artists else SONGS)[language])
    feminine = language == FR and noun[2]
    inside = conditions(rng, [([ACT_COUNTRY], 4), ([ACT_GENRE], 4), (ACT_POPULARITY, 3), (ACT_FOLLOWERS, 3)] if on_artists else SHARED, (0, 0.85, 0.15))
    kinds = {p.kind for p in inside}
    group = None
    if rng.random() < 0.4:
        group = Group("country", "country", ("country", "countries"), ("pays", "pays"), ("country",)) if on_artists else pick_group(rng, ("genre", "year", "decade", "artist", "album", "country"),
            (5, 3, 3, 2.5, 1, 1.5))
        if kinds & set(group.without) or {"artist", "country"} & kinds and group.key == "artist_name":
            group = None
    without = (*kinds, *(k for p in inside for k in APART.get(p.kind, ())), *(group.without if group else ()))
    weights = (0.55, 0.35, 0.1) if group else (0.2, 0.55, 0.25)
    filters = conditions(rng, ACT_CONDITIONS if on_artists else SONG_CONDITIONS, weights, *without)
    if group and "country" == group.key and not on_artists:
        filters = [p for p in filters if p.kind != "artist"]
    parts = [*(group.given if group else ()), *filters]
    joined = bool(group and group.joined) or any(p.join == ARTISTS for p in [*inside, *filters])
    condition = " AND ".join(p.sql for p in sorted(inside, key=lambda p: p.place))
    counted = f"100 * COUNTIF({condition}) / COUNT(*) AS percentage"
    base = phrase(rng, language, noun[1], filters, feminine)
    table = "artists" if on_artists else "tracks"
    how, limit = rng.choice([("all", ""), ("all", ""), number_of_rows(rng)]) if group else ("all", "")
    if not group:
        sql = query(counted, parts, table=table, joined=joined)
    else:
        order = f"ORDER BY percentage DESC {limit}" if limit else f"ORDER BY {group.key if group.time else 'percentage DESC'}"
        sql = query(f"{group.column}, {counted}", parts, f"GROUP BY {group.key} {order}", table=table, joined=joined)
    if language == EN:
        # What is said of the songs: as "are explicit jazz", else "are in a major key".
        adjectives = [one(rng, p.en_before) for p in inside if p.en_before and (not p.en or p.kind == "country")]
        tails = [p.said(rng, EN) for p in inside if not p.en_before or p.en and p.kind != "country"]
        are = " and ".join(["are " + a for a in adjectives] + ["have " + t.removeprefix("with ") if t.startswith("with ") else "are " + t for t in tails]).replace(" and are ", " and ")
        inner = phrase(rng, EN, noun[1], inside)
        share_word, noun_word = one(rng, "what percentage|what share|what proportion|which percentage"), one(rng, "percentage|share|proportion")
        if how != "all":
            plural, shown = how != "one", "{num} " if how == "number" else ""
            word = group.en[plural]
            among = f"among {base}" if filters else ""
            return asked(rng, EN, f"the {shown}<N> with the highest {noun_word} of {inner} {among}|{shown}<N> with the largest {noun_word} of {inner} {among}",
                f"which {shown}<N> {'have' if plural else 'has'} the highest {noun_word} of {inner} {among}?", N=word), sql
        p = per(rng, EN, group) if group else ""
        names = f"{noun_word} of {base} that {are} <P>|the {noun_word} of {base} that {are} <P>|<P>, the {noun_word} of {base} that {are}"
        names += f"|{noun_word} of {inner} among {base} <P>" if filters else f"|{noun_word} of {inner} <P>|the {noun_word} of {inner} <P>"
        questions = f"{share_word} of {base} {are} <P>?|how many percent of {base} {are} <P>?|of all {base}, {share_word} {are} <P>?"
        return asked(rng, EN, names, questions, P=p), sql
    words = []
    for p in inside:
        text = p.said(rng, FR) if p.kind not in ("genre",) else one(rng, "{genre}|du {genre}|de {genre}")
        words.append(agree(text, feminine, True).replace("par des artistes", "d'artistes"))
    clause = " et ".join(words)
    verb = ("sont " + clause).replace("sont venant de", "viennent de")
    if words[0].startswith(("avec ", "ayant ", "qui ", "de plus", "de moins")):
        verb = {"avec": "ont", "ayan": "ont"}.get(words[0][:4], "font" if words[0].startswith("qui ") else "sont") + " " + re.sub(r"^(avec|ayant|qui font) ", "", clause)
    inner = phrase(rng, FR, noun[1], inside, feminine)
    de_inner = ("d'" if inner[0] in "aé" else "de ") + inner
    share_word, noun_word = rng.choice([("quel pourcentage", "le pourcentage"), ("quelle part", "la part"), ("quelle proportion", "la proportion")])
    if how != "all":
        plural, shown = how != "one", "{num} " if how == "number" else ""
        word = group.fr[plural]
        elide = "l'" if not plural and word[0] in "aéh" else the(how, group.feminine) + " "
        among = f"parmi les {base}" if filters else ""
        most = one(rng, "la plus grande part|la plus forte proportion|le plus fort pourcentage")
        return asked(rng, FR, f"{elide}{shown}<N> avec {most} {de_inner} {among}|{elide}{shown}<N> qui {'ont' if plural else 'a'} {most} {de_inner} {among}",
            agree(f"quel* {shown}<N> {'ont' if plural else 'a'} {most} {de_inner} {among} ?", group.feminine, plural), N=word), sql
    p = per(rng, FR, group) if group else ""
    names = (f"{noun_word} {de_inner} parmi les {base} <P>|<P>, {noun_word} {de_inner} parmi les {base}|{noun_word} des {base} qui {verb} <P>" if filters
        else f"{noun_word} {de_inner} <P>|<P>, {noun_word} {de_inner}|{noun_word} {de_inner} dans le catalogue <P>")
    questions = f"{share_word} des {base} {verb} <P> ?|parmi les {base}, {share_word} {verb} <P> ?" if filters else f"{share_word} des {base} {verb} <P> ?|{share_word} {de_inner} <P> ?"
    return asked(rng, FR, names, questions, P=p), sql


# --- correlations ---------------------------------------------------------------------------------------------------

OTHER_NUMBERS = [("release_year", "release year", "année de sortie", True), ("duration_ms", "length|duration", "durée", True)]


def correlation(rng):
    """The correlation of two numbers of songs or artists, in all or per group."""
    language = rng.choice([EN, FR])
    on_artists = rng.random() < 0.1
    (a, a_en, a_fr, fa), (b, b_en, b_fr, fb) = rng.sample(ACT_NUMBERS if on_artists else NUMBERS + OTHER_NUMBERS, 2)
    group = pick_group(rng, ("genre", "year", "decade", "artist", "country"), (5, 2, 3, 1.5, 1)) if rng.random() < 0.3 and not on_artists and "release_year" not in (a, b) else None
    without = ("mood", "popularity", "length", *(("release",) if "release_year" in (a, b) else ()), *(group.without if group else ()))
    rows = artists(rng, language, (0.3, 0.7), ("popularity", "followers")) if on_artists else songs(rng, language, (0.55, 0.4, 0.05) if group else (0.2, 0.5, 0.3), without)
    table = "artists" if on_artists else "tracks"
    expression = f"CORR({a}, {b}) AS correlation"
    x, y = one(rng, a_en if language == EN else a_fr), one(rng, b_en if language == EN else b_fr)
    how, limit = rng.choice([("all", ""), ("all", ""), number_of_rows(rng)]) if group and not group.time else ("all", "")
    if group:
        sql = query(f"{group.column}, {expression}", rows.parts, f"GROUP BY {group.key} ORDER BY {group.key if group.time else 'correlation DESC'}{' ' + limit if limit else ''}", joined=group.joined)
    else:
        sql = query(expression, rows.parts, table=table)
    some = bool(rows.parts)
    if language == EN:
        about = one(rng, f"for {rows.words}|of {rows.words}|in {rows.words}|among {rows.words}") if some else rng.choice(["", f"of {rows.words}"])
        if rows.short and some and rng.random() < 0.3:
            about = rows.short
        if how != "all":
            plural, shown = how != "one", "{num} " if how == "number" else ""
            return asked(rng, EN, f"the {shown}<N> with the strongest correlation between <X> and <Y> <O>|{shown}<N> with the highest correlation of <X> and <Y> <O>",
                f"in which {shown}<N> are <X> and <Y> most correlated <O>?|which {shown}<N> {'have' if plural else 'has'} the highest correlation between <X> and <Y> <O>?", N=group.en[plural], X=x,
                    Y=y, O=about), sql
        p = per(rng, EN, group) if group else ""
        names = ("correlation between <X> and <Y> <O> <P>|the correlation of <X> with <Y> <O> <P>|<X> <Y> correlation <O> <P>|<P>, the correlation between <X> and <Y> <O>"
            "|correlation of <X> and <Y> <P> <O>")
        questions = ("how are <X> and <Y> correlated <O> <P>?|what is the correlation between <X> and <Y> <O> <P>?|is there a link between <X> and <Y> <O> <P>? give the correlation"
            "|how strongly do <X> and <Y> go together <O> <P>, as a correlation?|does <X> go with <Y> <O> <P>? correlation please")
        return asked(rng, EN, names, questions, X=x, Y=y, O=about, P=p), sql
    about = one(rng, f"pour les {rows.words}|parmi les {rows.words}" if not on_artists else f"pour les {rows.words}|chez les {rows.words}") if some else rng.choice(["", f"pour les {rows.words}"])
    if rows.short and some and rng.random() < 0.3:
        about = rows.short
    le = lambda column, noun, feminine: ("l'" if noun[0] in "aéi" else "la " if feminine else "le ") + noun
    lx, ly = le(a, x, fa), le(b, y, fb)
    if how != "all":
        plural, shown = how != "one", "{num} " if how == "number" else ""
        word = group.fr[plural]
        elide = "l'" if not plural and word[0] in "aéh" else the(how, group.feminine) + " "
        return asked(rng, FR, f"{elide}{shown}<N> avec la plus forte corrélation entre <X> et <Y> <O>|{elide}{shown}<N> où <X> et <Y> sont le plus corrélés <O>",
            agree(f"dans quel* {shown}<N> <X> et <Y> sont-ils le plus corrélés <O> ?|quel* {shown}<N> {'ont' if plural else 'a'} la plus forte corrélation entre <X> et <Y> <O> ?", group.feminine,
                plural).replace("dans quels artistes", "chez quels artistes").replace("dans quel artiste", "chez quel artiste").replace("dans quels {num} artistes", "chez quels {num} artistes"),
                    N=word, X=lx, Y=ly, O=about), sql
    p = per(rng, FR, group) if group else ""
    names = f"la corrélation entre <X> et <Y> <O> <P>|corrélation entre <X> et <Y> <O> <P>|corrélation {x} {y} <O> <P>|<P>, la corrélation entre <X> et <Y> <O>"
    questions = ("quelle est la corrélation entre <X> et <Y> <O> <P> ?|y a-t-il un lien entre <X> et <Y> <O> <P> ? donne la corrélation|<X> et <Y> : quelle corrélation <O> <P> ?"
        "|quel est le coefficient de corrélation entre <X> et <Y> <O> <P> ?|à quel point <X> et <Y> vont-ils ensemble <O> <P>, en corrélation ?")
    return asked(rng, FR, names, questions, X=lx, Y=ly, O=about, P=p), sql


# --- above the average, thresholds ----------------------------------------------------------------------------------


def above_average(rng):
    """Songs above or below the average of all, or of their own kind; counts of them; groups above the average; groups above a number."""
    language = rng.choice([EN, FR])
    style = rng.choices(["list", "count", "groups", "number", "artists", "number of songs"], [5, 2, 1.5, 2.5, 1.2, 1.5])[0]
    more = rng.random() < 0.65
    operator = ">" if more else "<"
    side_en = one(rng, "above average|above the average|higher than average|over the average" if more else "below average|below the average|lower than average|under the average")
    if style == "artists":
        column, en, fr, feminine = rng.choice(ACT_NUMBERS)
        rows = artists(rng, language, (0.2, 0.6, 0.2), ("popularity", "followers"))
        inner = f"{column} {operator} (SELECT AVG({column}) FROM music.artists)"
        parts = [*rows.parts, Part("sub", 20, inner, "", "")]
        counting = rng.random() < 0.25
        sql = query("COUNT(*) AS artists" if counting else f"name, {column}", parts, table="artists")
        noun_en, noun_fr = one(rng, en), one(rng, fr)
        if language == EN:
            return (worded(rng, EN, one(rng, "how many <R> have <M> <S>?|number of <R> with <M> <S>"), R=rows.words, M=noun_en, S=side_en) if counting
                else asked(rng, EN, "<R> with <M> <S>|the <R> whose <M> is <S>", "which <R> have <M> <S>?", R=rows.words, M=noun_en, S=side_en)), sql
        side_fr = agree(one(rng, "supérieur* à la moyenne|au-dessus de la moyenne" if more else "inférieur* à la moyenne|en dessous de la moyenne"), feminine)
        de = ("d'" if rows.words[0] == "a" else "de ") + rows.words
        return (worded(rng, FR, one(rng, f"combien <D> ont {'une' if feminine else 'un'} <M> <S> ?|nombre <D> avec {'une' if feminine else 'un'} <M> <S>"), D=de, M=noun_fr, S=side_fr) if counting
                else asked(rng, FR, f"les <R> avec {'une' if feminine else 'un'} <M> <S>", f"quels <R> ont {'une' if feminine else 'un'} <M> <S> ?", R=rows.words, M=noun_fr, S=side_fr)), sql
    if style in ("groups", "number", "number of songs"):
        group = pick_group(rng, ("genre", "artist", "albums", "year", "decade", "country"), (4, 5, 1, 1.5, 1, 1.5))
        sound = rng.choice(NUMBERS)
        rows = grouped_rows(rng, language, group, (0.6, 0.4), ("mood", "popularity", "length"))
        if style == "number of songs":
            measure = Measure("COUNT(*) AS tracks", "tracks", "songs", "chansons")
            operator, more_en, more_fr = rng.choice(BOUNDS)
            more_fr = one(rng, more_fr)
            sql = query(f"{group.column}, {measure.sql}", rows.parts, f"GROUP BY {group.key} HAVING tracks {operator} {{num8}}" + (f" ORDER BY {group.key}" if group.time else ""), joined=group.joined)
            if language == EN:
                return asked(rng, EN, f"<N> with {one(rng, more_en)} {{num8}} <R>|all <N> that have {one(rng, more_en)} {{num8}} <R>",
                    f"which <N> have {one(rng, more_en)} {{num8}} <R>?|what <N> count {one(rng, more_en)} {{num8}} <R>?", N=group.en[1], R=rows.words), sql
            return asked(rng, FR, f"les <N> avec {more_fr} {{num8}} <R>|les <N> qui ont {more_fr} {{num8}} <R>",
                agree(f"quel* <N> ont {more_fr} {{num8}} <R> ?|quel* <N> comptent {more_fr} {{num8}} <R> ?", group.feminine, True), N=group.fr[1], R=rows.words), sql
        measure = average(rng, language, sound)
        some = bool(rows.parts)
        if style == "number":
            bound, limit_en, limit_fr = rng.choice([(f"{operator} {{num8}}", f"{'above' if more else 'below'} {{num8}}", f"{'supérieur*' if more else 'inférieur*'} à {{num8}}"),
                (f"{'>=' if more else '<='} {{num8}}", f"of at {'least' if more else 'most'} {{num8}}", f"d'au {'moins' if more else 'plus'} {{num8}}")])
        else:
            bound, limit_en, limit_fr = f"{operator} (SELECT AVG({sound[0]}) FROM music.tracks)", side_en.replace("average", "the overall average").replace("the the",
                "the"), ("supérieur*" if more else "inférieur*") + " " + one(rng, "à la moyenne|à la moyenne générale")
        sql = query(f"{group.column}, {measure.sql}", rows.parts, f"GROUP BY {group.key} HAVING {measure.alias} {bound}" + (f" ORDER BY {group.key}" if group.time else ""), joined=group.joined)
        sql = sql.replace("(SELECT AVG(tracks.popularity)", "(SELECT AVG(popularity)")
        if language == EN:
            about = f"for {rows.words}" if some else ""
            an = "an" if measure.en[0] in "aeiou" else "a"
            return asked(rng, EN, f"<N> with {an} <M> {limit_en} <O>|the <N> whose <M> {about} is {limit_en.removeprefix('of ')}",
                f"which <N> have {an} <M> {limit_en} <O>?|what <N> show {an} <M> {limit_en} <O>?", N=group.en[1], M=measure.en, O=about), sql
        about = f"pour les {rows.words}" if some else ""
        bare = re.sub(r"^(l'|la |le )", "", measure.fr)
        limit_fr = agree(limit_fr, measure.feminine)
        one_fr = "une" if measure.feminine else "un"
        return asked(rng, FR, f"les <N> avec {one_fr} <M> {limit_fr} <O>|les <N> ayant {one_fr} <M> {limit_fr} <O>", agree(f"quel* <N> ont {one_fr} <M> {limit_fr} <O> ?", group.feminine, True),
            N=group.fr[1], M=bare, O=about), sql
    column, en, fr, feminine = rng.choice(SOUNDS)
    rows = songs(rng, language, (0.15, 0.55, 0.3), ("mood", "popularity", "length"))
    # "their average" or "the average of jazz songs": the same conditions inside; else the average of all songs.
    own = bool(rows.parts) and rng.random() < 0.4
    joined = any(p.join == ARTISTS for p in rows.parts)
    source = f"music.tracks JOIN {ARTISTS}" if own and joined else "music.tracks"
    inner = f"{column} {operator} (SELECT AVG({column}) FROM {source}{where(rows.parts, joined) if own else ''})"
    shown = column
    if joined and column == "popularity":
        inner = inner.replace("popularity >", "tracks.popularity >").replace("popularity <", "tracks.popularity <").replace("AVG(popularity)", "AVG(tracks.popularity)" if own else "AVG(popularity)")
        shown = "tracks.popularity"
    head = f"SELECT {'COUNT(*) AS tracks' if style == 'count' else 'title, artist_name, ' + shown} FROM music.tracks{f' JOIN {ARTISTS}' if joined else ''}"
    rest = where(rows.parts, joined)
    sql = f"{head}{rest} AND {inner}" if rest else f"{head} WHERE {inner}"
    noun_en, noun_fr = one(rng, en).replace(" in minutes", ""), one(rng, fr).replace(" en minutes", "")
    if language == EN:
        side = side_en
        if own:
            their = one(rng, "their own average|the average of such songs|the average among them")
            side = f"{'above' if more else 'below'} {their}"
        elif rows.parts:
            side = one(rng, f"{side_en}|{'above' if more else 'below'} the average of all songs|{'above' if more else 'below'} the overall average|{side_en}")
        if style == "count":
            return worded(rng, EN, one(rng, "how many <R> have <M> <S>?|number of <R> with <M> <S>|count the <R> with <M> <S>"), R=rows.words, M=noun_en, S=side), sql
        comparative = one(rng, "more" if more else "less")
        names = "<R> with <M> <S>|the <R> with <M> <S>|all <R> whose <M> is <S>"
        questions = "which <R> have <M> <S>?|what <R> have <M> <S>?" + (f"|which <R> have {comparative} <M> than average?" if not own and column not in ("duration_ms", "tempo", "popularity") else "")
        return asked(rng, EN, names, questions, R=rows.words, M=noun_en, S=side), sql
    side = agree(one(rng, "supérieur* à la moyenne|au-dessus de la moyenne" if more else "inférieur* à la moyenne|en dessous de la moyenne"), feminine)
    if own:
        side = agree(("supérieur*" if more else "inférieur*"), feminine) + " " + one(rng, "à leur propre moyenne|à la moyenne de ces titres")
    elif rows.parts:
        side = one(rng, f"{side}|{side} générale|{side} de tous les titres|{side}")
    one_fr = "une" if feminine else "un"
    if style == "count":
        return worded(rng, FR, one(rng, f"combien de <R> ont {one_fr} <M> <S> ?|nombre de <R> avec {one_fr} <M> <S>"), R=rows.words, M=noun_fr, S=side), sql
    return asked(rng, FR, f"les <R> avec {one_fr} <M> <S>|tous les <R> qui ont {one_fr} <M> <S>".replace("tous", "toutes" if rows.feminine else "tous"),
        agree(f"quel* <R> ont {one_fr} <M> <S> ?", rows.feminine, True), R=rows.words, M=noun_fr, S=side), sql


# --- firsts, ranks --------------------------------------------------------------------------------------------------

# Column, direction, English superlatives, French adjectives: "les plus ..." of a plural, "le plus ..." of one.
FIRSTS = [("popularity", "DESC", "most popular|biggest", "plus populaire*|plus connu*"), ("popularity", "", "least popular", "moins populaire*"), ("duration_ms", "DESC", "longest", "plus long*"),
    ("duration_ms", "", "shortest", "plus court*"),
          ("release_date", "DESC", "newest|latest|most recent", "plus récent*"), ("release_date", "", "oldest|earliest", "plus ancien*"), *[s for s in SUPERLATIVES if s[0] != "popularity"]]


def per_group(rng):
    """The first, or the first {num}, of each group."""
    language = rng.choice([EN, FR])
    column, direction, en, fr = rng.choices(FIRSTS, [4 if f[0] == "popularity" else 2 if f[0] in ("duration_ms", "tempo", "release_date") else 1 for f in FIRSTS])[0]
    number = rng.random() < 0.5
    order = f"{column}{' DESC' if direction else ''}"
    bound = "<= {num}" if number else "= 1"
    shown = "{num} " if number else ""
    if rng.random() < 0.15:
        # Artists of each country or genre.
        column, direction, en, fr = rng.choice([("popularity", "DESC", "most popular|biggest", "plus populaire*"), ("followers", "DESC", "most followed", "plus suivi*"),
            ("popularity", "", "least popular", "moins populaire*"), ("followers", "", "least followed", "moins suivi*")])
        order = f"{column}{' DESC' if direction else ''}"
        by_genre = rng.random() < 0.4
        key = "genre" if by_genre else "country"
        rows = artists(rng, language, (0.6, 0.4), (key,))
        sql = query(f"{key}, name, {column}", rows.parts, f"QUALIFY ROW_NUMBER() OVER (PARTITION BY {key} ORDER BY {order}) {bound}",
            table="artists, UNNEST(genres) AS genre" if by_genre else "artists")
        noun, feminine, parts = rng.choice(ACTS[language]), False, list(rows.parts)
        group_words = (key, "genre" if by_genre else "pays")
    else:
        name = rng.choices(["genre", "year", "album", "artist", "decade", "country", "albums", "key"], [5, 3, 3, 3, 3, 2, 0.7, 0.4])[0]
        group = GROUPS[name]
        mood = ("mood",) if column in ("popularity", "duration_ms", "release_date") and rng.random() < 0.5 else () if column in ("popularity", "duration_ms", "release_date") else ("mood",)
        parts = conditions(rng, SONG_CONDITIONS, (0.45, 0.4, 0.15), *group.without, *mood, *(("release",) if column == "release_date" else ()), *(("length",) if column == "duration_ms" else ()),
            *(("popularity",) if column == "popularity" else ()))
        noun = rng.choice(SONGS[language])
        feminine = language == FR and noun[2]
        key = "artist_id" if name == "artist" else group.key if name != "albums" else "album"
        columns = "title, artist_name" if name == "artist" else f"{'album' if name == 'albums' else group.column}, title, artist_name"
        sql = query(f"{columns}, {column}", [*group.given, *parts], f"QUALIFY ROW_NUMBER() OVER (PARTITION BY {key} ORDER BY {order}) {bound}" + (f" ORDER BY {group.key}" if group.time else ""),
            joined=group.joined)
        group_words = {"artist": ("artist", "artiste"), "country": ("artist country|country of origin", "pays d'origine|pays d'artiste"),
            "album": ("{artist} album|album by {artist}", "album de {artist}")}.get(name, (group.en[0], group.fr[0]))
    every = one(rng, group_words[0 if language == EN else 1])
    np = phrase(rng, language, noun[1] if number else noun[0], parts, feminine, number)
    if language == EN:
        adjective = one(rng, en)
        names = (f"the {shown}{adjective} <N> of each {every}|{shown}{adjective} <N> per {every}|for every {every}, its {shown}{adjective} <N>|for each {every}, the {shown}{adjective} <N>"
            f"|the {shown}{adjective} <N> by {every}")
        questions = (f"what {'are' if number else 'is'} the {shown}{adjective} <N> for every {every}?|which {shown}<N> {'are' if number else 'is'} the {adjective} of each {every}?"
            f"|for each {every}, what {'are' if number else 'is'} the {shown}{adjective} <N>?")
        return asked(rng, EN, names, questions, N=np), sql
    le = the("ten" if number else "one", feminine)
    elide = "l'" if not number and np[0] in "aé" else f"{le} "
    degree = f"{le} {agree(one(rng, fr), feminine, number)}"
    names = f"{elide}{shown}<N> {degree} de chaque {every}|{elide}{shown}<N> {degree} par {every}|pour chaque {every}, {elide}{shown}<N> {degree}|par {every}, {elide}{shown}<N> {degree}"
    questions = agree(f"pour chaque {every}, quel* {'sont' if number else 'est'} {elide}{shown}<N> {degree} ?|quel* {'sont' if number else 'est'} {elide}{shown}<N> {degree} de chaque {every} ?",
        feminine, number)
    return asked(rng, FR, names, questions, N=np), sql


def count_first_per_group(rng):
    """The artist or genre with most songs of each genre, year, decade, country; or with the highest average."""
    language = rng.choice([EN, FR])
    group = GROUPS[rng.choice(["genre", "year", "decade", "country"])]
    item, item_en, item_fr = rng.choice([i for i in [("artist_name", ("artist", "artists"), ("artiste", "artistes")), ("genre", ("genre", "genres"), ("genre", "genres"))] if i[0] != group.key])
    number = rng.random() < 0.4
    averaged = rng.random() < 0.3
    rows = songs(rng, language, (0.6, 0.4), (*group.without, "artist", "album", *(("genre",) if item == "genre" else ()), *(("mood", "popularity") if averaged else ())))
    measure = average(rng, language, rng.choice(NUMBERS)) if averaged else Measure("COUNT(*) AS tracks", "tracks", "songs", "chansons")
    sql = query(f"{group.column}, {item}, {measure.sql}", rows.parts,
        f"GROUP BY {group.key}, {item} QUALIFY ROW_NUMBER() OVER (PARTITION BY {group.key} ORDER BY {measure.alias} DESC) {'<= {num}' if number else '= 1'}"
            + (f" ORDER BY {group.key}" if group.time else ""), joined=group.joined)
    shown = "{num} " if number else ""
    some = bool(rows.parts)
    if language == EN:
        every, noun = group.en[0], item_en[number]
        most = f"the highest {measure.en}" + (f" for {rows.words}" if some else "") if averaged else f"the most {rows.words}"
        return asked(rng, EN, f"the {shown}<N> with {most} in each {every}|for each {every}, the {shown}<N> with {most}|{shown}<N> with {most}, per {every}",
            f"which {shown}<N> {'have' if number else 'has'} {most} in every {every}?|for every {every}, which {shown}<N> {'have' if number else 'has'} {most}?", N=noun), sql
    every, noun = group.fr[0], item_fr[number]
    elide = "l'" if not number and noun[0] == "a" else "les " if number else "le "
    most = f"{measure.fr} {'la' if measure.feminine else 'le'} plus {agree('élevé*', measure.feminine)}" + (f" pour les {rows.words}" if some else "") if averaged else f"le plus de {rows.words}"
    return asked(rng, FR, f"{elide}{shown}<N> avec {most} pour chaque {every}|pour chaque {every}, {elide}{shown}<N> qui {'ont' if number else 'a'} {most}",
        agree(f"pour chaque {every}, quel* {shown}<N> {'ont' if number else 'a'} {most} ?|quel* {shown}<N> {'ont' if number else 'a'} {most} par {every} ?", False, number), N=noun), sql


def ranks(rng):
    """The rank shown as a column, or the rank of one artist or song."""
    language = rng.choice([EN, FR])
    style = rng.choices(["songs", "artists", "groups", "within", "one artist", "one song"], [4, 2.5, 2, 2, 1, 1.3])[0]
    column, en, fr, feminine = rng.choice(ACT_NUMBERS if style in ("artists", "one artist") else SOUNDS)
    x_en, x_fr = one(rng, en).replace(" in minutes", ""), one(rng, fr).replace(" en minutes", "")
    over = f"RANK() OVER (ORDER BY {column} DESC) AS rank"
    limit = rng.random() < 0.5
    tail = " LIMIT {num}" if limit else ""
    first_en, first_fr = ("the first {num} ", "les {num} premiers ") if limit else ("", "")
    if style in ("one artist", "one song"):
        if style == "one artist":
            rows = artists(rng, language, (0.4, 0.5, 0.1), ("popularity", "followers"))
            sql = f"SELECT rank FROM (SELECT artist_id, {over} FROM music.artists{where(rows.parts)}) WHERE artist_id = {{artist}}"
            who = "{artist}"
        else:
            rows = songs(rng, language, (0, 0.8, 0.2), ("mood", "popularity", "country", "length"))
            sql = f"SELECT rank FROM (SELECT title, {over} FROM music.tracks{where(rows.parts)}) WHERE title = {{title}}"
            who = "{title}"
        if language == EN:
            return worded(rng, EN, one(rng, "what is the rank of <W> by <X> among <R>?|rank of <W> among <R> by <X>|where does <W> rank in <X> among <R>?|position of <W> among <R> in <X>"
                "|among <R>, which place does <W> hold by <X>?"), W=who, X=x_en, R=rows.words), sql
        return worded(rng, FR, one(rng, "quel est le rang de <W> parmi les <R> en <X> ?|rang de <W> parmi les <R> par <X>|où se classe <W> en <X> parmi les <R> ?"
            "|position de <W> parmi les <R> selon <L>|parmi les <R>, quelle place occupe <W> en <X> ?"), W=who, X=x_fr, L=article(column, feminine) + x_fr, R=rows.words), sql
    if style == "groups":
        group = pick_group(rng, ("genre", "artist", "decade", "country", "album"), (4, 3, 1.5, 2, 1.5))
        rows = grouped_rows(rng, language, group, (0.6, 0.4), ("mood", "popularity", "length"))
        measure = average(rng, language, rng.choice(SOUNDS)) if rng.random() < 0.75 else Measure("COUNT(*) AS tracks", "tracks", "number of songs", "le nombre de chansons")
        value = measure.sql.rsplit(" AS ", 1)[0]
        some = [p for p in rows.parts if p not in group.given]
        sql = query(f"{group.column}, {measure.sql}, RANK() OVER (ORDER BY {value} DESC) AS rank", rows.parts, f"GROUP BY {group.key} ORDER BY rank{tail}", joined=group.joined)
        nouns, measured = (group.en[1], measure.en) if language == EN else (group.fr[1], measure.fr)
        about = "" if not some else f"for {rows.words}" if language == EN else f"pour les {rows.words}"
    elif style == "within":
        group = pick_group(rng, ("genre", "album", "artist", "country"), (4, 4, 2, 1.5))
        rows = grouped_rows(rng, language, group, (0.45, 0.55), ("mood", "popularity", "length", "album"))
        key = group.key
        shown = {"artist_name": "artist_name, title", "album": "album, title"}.get(key, f"{group.column}, title, artist_name")
        partition = "artist_id" if key == "artist_name" else key
        sql = query(f"{shown}, {column}, RANK() OVER (PARTITION BY {partition} ORDER BY {column} DESC) AS rank", rows.parts, f"ORDER BY {key}, rank", joined=group.joined)
        every = (group.en if language == EN else group.fr)[0]
        if language == EN:
            return asked(rng, EN, "the <R> with their rank by <X> within each <G>|rank of <R> by <X> inside every <G>|<R> ranked by <X> within their <G>" if "{" not in every
                else "the <R> with their rank by <X> within each <G>|rank of <R> by <X> inside every <G>", "how do <R> rank by <X> within each <G>? show the rank", R=rows.words, X=x_en, G=every), sql
        return asked(rng, FR, "les <R> avec leur rang en <X> au sein de chaque <G>|le rang des <R> en <X> dans chaque <G>", "comment se classent les <R> en <X> dans chaque <G> ? montre le rang",
            R=rows.words, X=x_fr, G=every), sql
    elif style == "artists":
        rows = artists(rng, language, (0.25, 0.55, 0.2), ("popularity", "followers"))
        sql = query(f"name, {column}, {over}", rows.parts, f"ORDER BY rank{tail}", table="artists")
        nouns, about, measured = rows.words, "", x_en if language == EN else x_fr
    else:
        rows = songs(rng, language, (0.15, 0.55, 0.3), ("mood", "popularity", "length"))
        titles = "title" if any(p.kind in ("artist", "album") for p in rows.parts) else "title, artist_name"
        sql = query(f"{titles}, {column}, {over}", rows.parts, f"ORDER BY rank{tail}")
        nouns, about, measured = rows.words, "", x_en if language == EN else x_fr
    if language == EN:
        if limit:
            text = ("rank <N> by <X> <O> and show the rank of the first {num}|the {num} first <N> by <X> <O>, with their rank|top {num} <N> by <X> <O> with the rank shown"
                "|the ranking of <N> by <X> <O>, rank number included, first {num}|positions of the top {num} <N> by <X> <O>, with the rank")
        else:
            text = ("rank <N> by <X> <O> and show the rank|<N> ranked by <X> <O> with their rank|<N> with their rank by <X> <O>|give each of the <N> its rank by <X> <O>"
                "|the ranking of <N> by <X> <O>, rank number included")
        return worded(rng, EN, one(rng, text), N=nouns, X=measured, O=about), sql
    bare = re.sub(r"^(l'|la |le )", "", measured)
    first = agree("premier*", bool(getattr(rows, "feminine", False)) and style == "songs", True)
    first = agree("premier*", GROUPS["decade"].feminine and nouns.startswith("décennies"), True) if style == "groups" else first
    if limit:
        text = (f"les {{num}} {first} <N> par <X> <O>, avec leur rang|classe les <N> par <X> <O> et affiche le rang, {{num}} lignes|classement des {{num}} {first} <N> par <X> <O> avec le rang"
            f"|top {{num}} des <N> par <X> <O>, rang affiché")
    else:
        each = "chacune" if rows.feminine and style == "songs" or nouns.startswith("décennies") else "chacun"
        text = f"classe les <N> par <X> <O> et affiche le rang|<N> avec leur rang par <X> <O>|le classement des <N> par <X> <O>, avec le rang|donne le rang de {each} des <N> par <X> <O>"
    return worded(rng, FR, one(rng, text), N=nouns, X=bare, O=about), sql


# --- time between releases, change from year to year ----------------------------------------------------------------


CHANGING = [s for s in NUMBERS if s[0] in ("energy", "tempo", "valence", "danceability", "popularity")]


def gaps(rng):
    """Days between the releases or the albums of an artist; changes and running totals from year to year."""
    language = rng.choice([EN, FR])
    style = rng.choices(["dates", "albums", "average", "change", "total"], [3, 2, 1.5, 6, 2])[0]
    if style in ("dates", "albums", "average"):
        extra = conditions(rng, [([GENRE_PART], 2), (EXPLICIT_PARTS, 1), (RELEASES, 2), ([FEATURED_PART], 1)], (0.6, 0.4))
        parts = [ARTIST_PART, *extra]
        noun = rng.choice(SONGS[language])
        feminine = language == FR and noun[2]
        np = phrase(rng, language, noun[1], extra, feminine)
        distinct = query("DISTINCT release_date", parts)
        lag = "DATE_DIFF(release_date, LAG(release_date) OVER (ORDER BY release_date), DAY) AS days"
        longest = style != "average" and rng.random() < 0.35
        number = longest and rng.random() < 0.4
        end = f"days DESC LIMIT {'{num}' if number else '1'}" if longest else ""
        if style == "average":
            sql = f"SELECT AVG(days) AS average FROM (SELECT {lag} FROM ({distinct}))"
            text = {EN: "average number of days between releases of <R>|on average, how many days pass between <A>'s releases<E>?|average gap in days between <A>'s releases<E>"
                "|how long does <A> wait between releases on average<E>, in days?",
                    FR: "combien de jours en moyenne entre les sorties de <A><E> ?|intervalle moyen en jours entre les sorties de <A><E>"
                        "|en moyenne, combien de jours séparent les sorties de <A><E> ?|écart moyen entre les sorties de <A><E>, en jours"}
        elif style == "dates":
            sql = f"SELECT release_date, {lag} FROM ({distinct}) ORDER BY {end or 'release_date'}"
            text = {EN: "days between the releases of <A><E>|how many days passed between <A>'s releases<E>?|gaps between <A>'s release dates<E>, in days"
                "|time in days from each release of <A> to the next<E>",
                    FR: "nombre de jours entre les sorties de <A><E>|combien de jours entre chaque sortie de <A><E> ?|écarts en jours entre les dates de sortie de <A><E>"
                        "|intervalle d'une sortie à l'autre de <A><E>, en jours"}
            if longest:
                text = {EN: "<L> between releases of <A><E>|what <B> the <L> between <A>'s releases<E>?|the <L> between releases of <A><E>",
                    FR: "<L> d'une sortie à l'autre de <A><E>|<Q> <L> d'une sortie à l'autre de <A><E> ?"}
        else:
            dates = query("album, MIN(release_date) AS first_date", parts, "GROUP BY album")
            sql = f"SELECT album, first_date, DATE_DIFF(first_date, LAG(first_date) OVER (ORDER BY first_date), DAY) AS days FROM ({dates}) ORDER BY {end or 'first_date'}"
            text = {EN: "days between the albums of <A><E>|how many days passed between <A>'s albums<E>?|time between albums of <A> in days<E>|gap from each album of <A> to the next<E>, in days",
                FR: "nombre de jours entre les albums de <A><E>|combien de jours s'écoulent d'un album à l'autre de <A><E> ?|écart en jours entre les albums de <A><E>"}
            if longest:
                text = {EN: "<L> between albums of <A><E>|what <B> the <L> between <A>'s albums<E>?", FR: "<L> d'un album à l'autre de <A><E>|<Q> <L> d'un album à l'autre de <A><E> ?"}
        only = "" if not extra else f", counting only {np}" if language == EN else f", en ne comptant que les {np}"
        long_en = one(rng, "{num} longest gaps|{num} longest breaks|{num} biggest gaps" if number else "longest gap|longest break|biggest gap")
        long_fr = one(rng, "les {num} plus longues pauses|les {num} plus grands écarts" if number else "la plus longue pause|le plus grand écart")
        ask_fr = agree("quel*", "pause" in long_fr, number) + (" sont" if number else " est")
        templates = [t for t in text[language].split("|") if not ("<R>" in t)]
        return worded(rng, language, rng.choice(templates), A="{artist}", E=only, L=long_en if language == EN else long_fr, B="are" if number else "is", Q=ask_fr), sql
    group = GROUPS[rng.choice(["year", "year", "decade"])]
    rows = songs(rng, language, (0.2, 0.6, 0.2), ("release", "album", "mood", "popularity"))
    key = group.key
    if style == "total":
        sql = f"SELECT {key}, SUM(tracks) OVER (ORDER BY {key}) AS total FROM ({query(f'{group.column}, COUNT(*) AS tracks', rows.parts, f'GROUP BY {key}')}) ORDER BY {key}"
        if language == EN:
            return worded(rng, EN, one(rng, f"running total of <R> by {key} of release|cumulative number of <R> per release {key}|how do <R> add up {key} after {key}?|<R>, cumulative count by {key}"
                f"|cumulated <R> released up to each {key}"), R=rows.words), sql
        word = group.fr[0]
        return worded(rng, FR, one(rng, f"total cumulé des <R> par {word} de sortie|nombre cumulé de <R> par {word}|cumul des <R>, {word} après {word}|combien de <R> en cumulé à chaque {word} ?"),
            R=rows.words), sql
    # A few columns, often: each "LAG(avg_x" is a token of its own, which must not be rare.
    measure = average(rng, language, rng.choice(CHANGING)) if rng.random() < 0.7 else Measure("COUNT(*) AS tracks", "tracks", "number of songs", "le nombre de chansons")
    alias = measure.alias
    percent = alias == "tracks" and rng.random() < 0.25
    lag = f"LAG({alias}) OVER (ORDER BY {key})"
    expression = f"100 * ({alias} - {lag}) / {lag} AS percentage" if percent else f"{alias} - {lag} AS change"
    sql = f"SELECT {key}, {expression} FROM ({query(f'{group.column}, {measure.sql}', rows.parts, f'GROUP BY {key}')}) ORDER BY {key}"
    counting = alias == "tracks"
    if language == EN:
        words = f"number of {rows.words}" if counting else f"{measure.en} of {rows.words}"
        pct = " in percent" if percent else ""
        return worded(rng, EN, one(rng, f"change in the <M>{pct} from {key} to {key}|{key} over {key} change in the <M>{pct}|difference in the <M>{pct} between each {key} and the one before"
            f"|how did the <M> change{pct} from one {key} to the next?|<M>: gain or loss{pct} compared with the previous {key}"), M=words), sql
    words = f"le nombre de {rows.words}" if counting else f"{measure.fr} des {rows.words}"
    du = {"l'": "de l'", "la ": "de la ", "le ": "du "}
    start = next(k for k in du if words.startswith(k))
    pct = " en pourcentage" if percent else ""
    word = group.fr[0]
    return worded(rng, FR, one(rng, f"variation{pct} {du[start]}{words[len(start):]} d'une {word} sur l'autre|évolution{pct} {du[start]}{words[len(start):]} d'une {word} à l'autre"
        f"|écart{pct} {du[start]}{words[len(start):]} par rapport à {'l' + chr(39) + 'année' if key == 'year' else 'la décennie'} précédente"
            f"|comment {words} change{' (' + pct.strip() + ')' if percent else ''} d'une {word} à l'autre ?"), pct="") , sql


# --- comparisons ----------------------------------------------------------------------------------------------------


def compare(rng):
    """Two artists, genres, decades, years, albums or countries by any average or count: both, or the winner."""
    language = rng.choice([EN, FR])
    kind = rng.choices(["artist", "genre", "decade", "year", "country", "album"], [6, 4, 3, 2, 2, 1])[0]
    x, y = {"artist": ("{artist}", "{artist2}"), "genre": ("{genre}", "{genre2}"), "decade": ("{decade}", "{decade2}"), "year": ("{year}", "{year2}"), "country": ("{country}", "{country2}"),
        "album": ("{album}", "{album2}")}[kind]
    inside = {"artist": "artist_id IN ({artist}, {artist2})", "genre": "genre IN ({genre}, {genre2})", "decade": "DIV(release_year, 10) * 10 IN ({decade}, {decade2})",
        "year": "release_year IN ({year}, {year2})", "country": "country IN ({country}, {country2})",
              "album": "album IN ({album}, {album2})"}[kind]
    group = GROUPS[kind]
    place = {"artist": 5, "genre": 7, "decade": 10, "year": 10, "country": 6, "album": 4}[kind]
    part = Part("given", place, inside, "", "")
    on_artists = kind == "artist" and rng.random() < 0.15
    winner = rng.random() < 0.5
    low = winner and rng.random() < 0.25
    if on_artists:
        column, en, fr, feminine = rng.choice(ACT_NUMBERS)
        x_en, x_fr = one(rng, en), one(rng, fr)
        sql = f"SELECT name, {column} FROM music.artists WHERE {inside} ORDER BY {column}{'' if low else ' DESC'}{' LIMIT 1' if winner else ''}"
        measured_en, measured_fr = x_en, article(column, feminine) + x_fr
        about_en = about_fr = ""
        measure = Measure("", column, x_en, measured_fr, feminine)
        counting = column == "followers"
    else:
        roll = rng.random()
        sound = rng.choice(SOUNDS)
        if roll < 0.65:
            measure = average(rng, language, sound)
        elif roll < 0.8:
            measure = Measure("COUNT(*) AS tracks", "tracks", "number of songs", "le nombre de chansons")
        elif roll < 0.86 and kind != "album":
            measure = Measure("COUNT(DISTINCT album) AS albums", "albums", "number of albums", "le nombre d'albums")
        elif roll < 0.93:
            measure = rng.choice([median, deviation])(rng, language, rng.choice(NUMBERS))
        else:
            which, words_en, words_fr = rng.choice([("explicit", "explicit songs", "chansons explicites"), ("mode = 0", "songs in a minor key", "chansons en mineur"),
                ("danceability > 0.7", "danceable songs", "chansons dansantes"), ("valence < 0.3", "sad songs", "chansons tristes")])
            measure = Measure(f"100 * COUNTIF({which}) / COUNT(*) AS percentage", "percentage", f"percentage of {words_en}", f"le pourcentage de {words_fr}")
        counting = measure.alias in ("tracks", "albums")
        without = {"artist": ("artist", "album", "country"), "genre": ("genre", "album"), "decade": ("release", "album"), "year": ("release", "album"), "country": ("country", "artist", "album"),
            "album": ("artist", "album", "country", "release", "genre")}[kind]
        rows = songs(rng, language, (0.6, 0.32, 0.08), (*without, "mood", "popularity", *(("explicit", "mode") if measure.alias == "percentage" else ()),
            *(("length",) if measure.alias == "minutes" else ())))
        about_en = one(rng, f"for {rows.words}|for {rows.words}|counting only {rows.words}") if rows.parts else ""
        about_fr = one(rng, f"pour les {rows.words}|en ne comptant que les {rows.words}") if rows.parts else ""
        order = f"{measure.alias}{'' if low else ' DESC'} LIMIT 1" if winner else group.key if group.time else f"{measure.alias} DESC"
        sql = query(f"{group.column}, {measure.sql}", [part, *rows.parts], f"GROUP BY {group.key} ORDER BY {order}", joined=group.joined)
        measured_en, measured_fr = measure.en, measure.fr
    if language == EN:
        X, Y = (f"the {x}", f"the {y}") if kind == "decade" else (f"the album {x}", f"the album {y}") if kind == "album" else (f"artists from {x}",
            f"artists from {y}") if kind == "country" and rng.random() < 0.4 else (x, y)
        if winner:
            have = "have" if kind == "decade" or X.startswith("artists") else "has"
            if counting:
                noun = {"tracks": "songs", "albums": "albums", "followers": "followers"}[measure.alias]
                degree = "fewer" if low else "more"
                text = (f"who has {degree} {noun} <O>, <X> or <Y>?|which has {degree} {noun} <O>: <X> or <Y>?|<X> or <Y>: which one has {degree} {noun} <O>?"
                    f"|between <X> and <Y>, which {have} the {'fewest' if low else 'most'} {noun} <O>?")
            else:
                degree = one(rng, "lower|smaller" if low else "higher|greater")
                text = (f"which has the {degree} <M> <O>, <X> or <Y>?|<X> or <Y>: which one has the {degree} <M> <O>?|between <X> and <Y>, which {have} the {'lowest' if low else 'highest'} <M> <O>?"
                    f"|{degree} <M> <O>: <X> or <Y>?|<O>, do <X> or <Y> have the {degree} <M>?")
                candidates = [s for s in SUPERLATIVES if measure.alias == f"avg_{s[0]}" and (s[1] == "") == low and (s[0] != "popularity" or kind in ("album", "decade", "year"))]
                if candidates and rng.random() < 0.5:
                    superlative = one(rng, rng.choice(candidates)[2])
                    comparative = COMPARATIVE.get(superlative) or superlative.replace("most ", "more ").replace("least ", "less ")
                    text = f"who is {comparative} <O>, <X> or <Y>?|which is {comparative} on average <O>: <X> or <Y>?|<X> or <Y>, which one is {comparative} <O>?|is <X> or <Y> {comparative} <O>?"
        else:
            text = ("compare the <M> of <X> and <Y> <O>|<X> vs <Y>: <M> <O>|<M> <O>, <X> versus <Y>|compare <X> and <Y> by <M> <O>|put <X> and <Y> side by side on <M> <O>"
                "|what is the <M> of <X> and of <Y> <O>?|<M> for <X> and for <Y> <O>")
        return worded(rng, EN, one(rng, text), M=measured_en, X=X, Y=Y, O=about_en), sql
    X, Y, dX, dY = {"decade": ("les années {decade}", "les années {decade2}", "des années {decade}", "des années {decade2}"), "genre": ("le {genre}", "le {genre2}", "du {genre}", "du {genre2}"),
        "album": ("l'album {album}", "l'album {album2}", "de l'album {album}", "de l'album {album2}"),
                    "country": ("les artistes de {country}", "les artistes de {country2}", "des artistes de {country}", "des artistes de {country2}"),
                        "artist": ("{artist}", "{artist2}", "de {artist}", "de {artist2}"), "year": ("{year}", "{year2}", "de {year}", "de {year2}")}[kind]
    plural = kind in ("decade", "country")
    lequel = agree("lequel*", kind in ("decade", "year"), plural)
    have = "ont" if plural else "a"
    if winner:
        if counting:
            noun = {"tracks": "de chansons", "albums": "d'albums", "followers": "d'abonnés"}[measure.alias]
            most = "le moins" if low else "le plus"
            text = (f"{lequel} {have} {most} {noun} <O>, <X> ou <Y> ?|<X> ou <Y> : {lequel} {have} {most} {noun} <O> ?|entre <X> et <Y>, {lequel} {have} {most} {noun} <O> ?"
                f"|qui a {most} {noun} <O>, <X> ou <Y> ?")
        else:
            degree = f"{'la' if measure.feminine else 'le'} plus {agree('faible*' if low else 'élevé*', measure.feminine)}"
            text = (f"{lequel} {have} <M> {degree} <O>, <X> ou <Y> ?|<X> ou <Y> : {lequel} {have} <M> {degree} <O> ?|entre <X> et <Y>, {lequel} {have} <M> {degree} <O> ?"
                f"|<M> {degree} <O> : <X> ou <Y> ?")
            candidates = [s for s in SUPERLATIVES if measure.alias == f"avg_{s[0]}" and (s[1] == "") == low and (s[0] != "popularity" or kind in ("album", "decade", "year"))]
            if candidates and rng.random() < 0.5:
                adjective = agree(one(rng, rng.choice(candidates)[3]), kind in ("decade", "year"), plural)
                le, be = ("les", "sont") if plural else ("la" if kind == "year" else "le", "est")
                text = (f"qui {be if not plural else 'est'} le {agree(one(rng, rng.choice(candidates)[3]))} <O>, <X> ou <Y> ?|{lequel} {be} {le} {adjective} <O>, <X> ou <Y> ?"
                    f"|entre <X> et <Y>, {lequel} {be} {le} {adjective} en moyenne <O> ?")
                if plural:
                    text = text.split("|", 1)[1]
    else:
        bare = re.sub(r"^(l'|la |le )", "", measured_fr)
        text = f"compare <M> <DX> et <DY> <O>|<X> vs <Y> : {bare} <O>|{bare} <O>, <X> contre <Y>|compare <X> et <Y> selon <M> <O>|mets côte à côte <X> et <Y> : {bare} <O>|{bare} <DX> et <DY> <O>"
    return worded(rng, FR, one(rng, text), M=measured_fr, X=X, Y=Y, DX=dX, DY=dY, O=about_fr), sql


COMPARATIVE = {"calmest": "calmer", "happiest": "happier", "saddest": "sadder", "gloomiest": "gloomier", "wordiest": "wordier", "fastest": "faster", "slowest": "slower", "loudest": "louder",
    "quietest": "quieter"}


# Each as often as it should be drawn.
PATTERNS = [
    *[single_value] * 6, *[several_values] * 3, *[value_per_group] * 6, *[artists_per_group] * 2, *[distribution] * 4, *[buckets] * 3, *[share] * 4,
    *[correlation] * 3, *[above_average] * 4, *[per_group] * 4, *[count_first_per_group] * 2, *[ranks] * 3, *[gaps] * 3, *[compare] * 5,
]
