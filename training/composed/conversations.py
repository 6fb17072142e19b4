"""Requests, and follow-ups as steps from one request to the next: the SQL of the whole is right by construction.

A `Request` is what is asked of a kind of table: conditions, ranking, number of rows, groups. A `Family` knows the SQL of its requests,
how one is asked for first, and which steps fit. A slot that a follow-up brings in has a number of its own; one that it replaces is in the
SQL no more. The turns stand apart by `masking.TURN`.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, replace
from typing import Callable

import corpus
from masking import TURN

from . import charts, country_charts, events, lookups, rows, taste
from .followup_words import AFTER, BEFORE, REMOVED, WORDS
from .parts import EN, FR, NOUNS, RANKINGS, SINGULAR, one
from .rows import Condition

MOST_SLOTS = 8

# --- a conversation ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Said(Condition):
    """A condition that came from the parts of another module, which call its group `kind`."""

    @property
    def kind(self) -> str:
        return self.group


@dataclass(frozen=True)
class Request:
    """What is asked for. `head` is what a row is, `limit` "" for all rows; with a `group` the count, the average or the total is of each group."""

    table: str
    shape: str
    conditions: tuple[Condition, ...] = ()
    head: str = ""
    measure: str = ""
    low: bool = False
    limit: str = ""
    group: str = ""
    extra: tuple[str, ...] = ()

    @property
    def groups(self) -> set[str]:
        return {c.group for c in self.conditions}

    @property
    def plural(self) -> bool:
        return self.limit != "LIMIT 1"

    @property
    def family(self) -> "Family":
        return FAMILIES[self.table]

    def sql(self) -> str:
        return self.family.sql(self)

    def with_condition(self, new: Condition, old: Condition | None = None) -> "Request":
        return replace(self, conditions=(*(c for c in self.conditions if c is not old), new))


@dataclass(frozen=True)
class Family:
    """The requests of a kind of table: their SQL, which make sense, how one is asked for first, which conditions there are, which follow-ups fit."""

    sql: Callable[[Request], str]
    fits: Callable[[Request], bool]
    start: Callable[["Talk"], tuple[str, Request]]
    draw: Callable[[random.Random, Request], Condition]
    steps: dict[Callable, float]


def slots(text: str) -> list[str]:
    """The different slots of a text, in order: `artist2` ..."""
    return list(dict.fromkeys(kind + number for kind, number in corpus.SLOT.findall(text)))


class Talk:
    """Who asks, in which language, what the things are called, and which slots have been used."""

    def __init__(self, rng: random.Random, language: str):
        self.rng, self.language, self.noun, self.used = rng, language, "", {}

    def new(self, kind: str) -> str:
        self.used[kind] = self.used.get(kind, 0) + 1
        return f"{{{kind}{rows.suffix(self.used[kind])}}}"

    def fresh(self, c: Condition) -> Condition:
        """The condition with values that nobody named yet."""
        names = {slot: self.new(re.sub(r"\d+$", "", slot)) for slot in slots(c.sql)}
        change = lambda text: corpus.SLOT.sub(lambda m: names.get(m.group(1) + m.group(2), m.group(0)), text)
        told = lambda texts: {language: [change(t) for t in ts] for language, ts in texts.items()}
        return replace(c, sql=change(c.sql), before=told(c.before), after=told(c.after))

    @property
    def feminine(self) -> bool:
        return self.noun in ("chanson", "chansons")

    def words(self, kind: str, like: str = "", **filled: str) -> str:
        """One of the ways to say a follow-up, of those that match `like`. The names are those of the places in `WORDS`."""
        choices = [c for c in WORDS[kind][self.language].split("|") if re.search(like, c)]
        if re.match(r"(that|who|qui) ", filled.get("A", "")):
            choices = [c for c in choices if re.search(r"(ones|those|ceux) \{A\}", c)] or [c.replace("{A}", "the ones {A}" if self.language == EN else "ceux {A}") for c in choices]
        text = self.inflected(self.rng.choice([c for c in choices if set(re.findall(r"\{([A-Z])\}", c)) <= set(filled)]))
        for place, value in filled.items():
            text = text.replace("{" + place + "}", value)
        return self.contracted(text)

    def inflected(self, text: str, plural: bool = True) -> str:
        """French as it agrees with the noun."""
        if self.language == EN:
            return text
        text = events.agree(rows.french(text, self.noun), self.feminine, plural)
        for said_of_men, said_of_women in FEMININE_PRONOUNS if self.feminine else []:
            text = re.sub(said_of_men, said_of_women, text)
        return self.contracted(text)

    def contracted(self, text: str) -> str:
        """French elisions."""
        if self.language == EN:
            return re.sub(r" (?=[?,])", "", text)
        for apart, together in CONTRACTIONS:
            text = re.sub(apart, together, text)
        return text

    def spoken(self, c: Condition) -> tuple[bool, str]:
        """A condition in words, and whether they are an adjective."""
        before, after = c.before[self.language], c.after[self.language]
        if self.language == EN:
            return (True, self.rng.choice(before)) if before and (not after or self.rng.random() < 0.5) else (False, self.rng.choice(after))
        words = self.rng.choice(after or before)
        return not FRENCH_PHRASE.match(words), self.inflected(words)

    def mention(self, c: Condition) -> str:
        adjective, words = self.spoken(c)
        return words if not adjective else f"the {words} ones" if self.language == EN else f"les {words}"

    def plain(self, c: Condition) -> str:
        return self.inflected(self.rng.choice(c.after[self.language] or c.before[self.language]))

    def chatty(self, text: str) -> str:
        """Politeness and hesitation, sometimes."""
        if self.rng.random() < 0.12:
            text = f"{one(self.rng, BEFORE[self.language])} {text}"
        if self.rng.random() < 0.08 and not text.endswith(("?", "please", "stp", "svp")):
            text = f"{text} {one(self.rng, AFTER[self.language])}"
        return text.rstrip(" ?") if self.rng.random() < 0.12 else text


FRENCH_PHRASE = re.compile(r"(de|du|des|d'|par|avec|sortis?\*?|parus?\*?|en|entre|à|sous|aux?|qui|depuis|avant|après|jusqu|sur|hors|dont|venant|venus|ayant|sans|les?|la|l'|ces|pendant|durant|chez|dans|ne|ailleurs|courant|dès|récemment|dernièrement|pour|tous|aujourd'hui|actuellement|cette|classés)(?![\w-])")
CONTRACTIONS = [(r"\bde le\b", "du"), (r"\bde les\b", "des"), (r"\b([àÀ]) les\b", "aux"), (r"\bde (?=[aeéèo](?!t\b))", "d'"), (r"\bla plus (?=d['eu])", "le plus "), (r"\bles ceux\b", "ceux")]
FEMININE_PRONOUNS = [(r"\bceux\b", "celles"), (r"\bcelui\b", "celle"), (r"\blesquels\b", "lesquelles"), (r"\blequel\b", "laquelle"), (r"\beux\b", "elles"), (r"-ils\b", "-elles"), (r"\ble (tout )?premier\b", r"la \1première"), (r"\btout première", "toute première"),
                     (r"\bdu premier\b", "de la première"), (r"\bau premier\b", "à la première"), (r"\bun seul\b", "une seule"), (r"\bchacun\b", "chacune"), (r"\btriés\b", "triées"), (r"\bclassés\b", "classées"), (r"\bquelques-uns\b", "quelques-unes"), (r"\bplacés\b", "placées"),
                     (r"\bpas juste un\b", "pas juste une"), (r"\bplus d'un\b", "plus d'une")]

# What a step gives: how it is asked for, and the request that it leads to. None where it does not fit.
Outcome = tuple[str, Request] | None


# --- steps from one request to the next ----------------------------------------------------------------------------------


def change_value(talk: Talk, r: Request) -> Outcome:
    """Another value for a condition."""
    valued = [c for c in r.conditions if "{" in c.sql]
    if not valued:
        return None
    old = talk.rng.choice(valued)
    new = talk.fresh(old)
    after = r.with_condition(new, old)
    (kind, *others), value = [re.sub(r"\d+$", "", s) for s in slots(old.sql)], slots(new.sql)
    alone = not others and sum(s.startswith(kind) for s in slots(r.sql())) == 1 and not re.search(r"!=|NOT IN|user_id", old.sql)
    if alone and talk.rng.random() < 0.55:
        which = "threshold" if kind == "num" else ("artist" if r.head else "whose") if kind == "artist" and talk.rng.random() < 0.4 else "value"
        les = "les années " if kind == "decade" and talk.language == FR else "the " if kind == "decade" else ""
        return talk.words(which, V=f"{les}{{{value[0]}}}", O=f"{les}{{{slots(old.sql)[0]}}}"), after
    words = talk.plain(new)
    bare = not FRENCH_PHRASE.match(words) or words.startswith("de ") if talk.language == FR else words.startswith(("of ", "{"))
    return talk.words("changed_bare" if bare else "changed", A=words), after


def add_condition(talk: Talk, r: Request) -> Outcome:
    """One condition more."""
    c = r.family.draw(talk.rng, r)
    if c.group in r.groups:
        return None
    c = talk.fresh(c)
    adjective, words = talk.spoken(c)
    if c.group in TAILS[r.table]:
        return talk.words("add_tail", A=words), r.with_condition(c)
    kind = "add_count" if r.shape == "count" and not r.group and talk.rng.random() < 0.45 else "add"
    if adjective:
        return talk.words("add_count_adjective" if kind == "add_count" else "add_adjective", B=words, N=talk.noun), r.with_condition(c)
    return talk.words("add_count" if kind == "add_count" else "add_phrase", A=words, N=talk.noun), r.with_condition(c)


def swap_condition(talk: Talk, r: Request) -> Outcome:
    """A condition of the same kind in place of one: since a year instead of in it, clean instead of explicit."""
    c = r.family.draw(talk.rng, r)
    old = next((o for o in r.conditions if o.group == c.group), None)
    bare = lambda sql: re.sub(r"\d+\}", "}", sql)
    if old is None or bare(old.sql) == bare(c.sql):
        return None
    c = talk.fresh(c)
    return talk.words("swapped", A=talk.mention(c)), r.with_condition(c, old)


def remove_condition(talk: Talk, r: Request) -> Outcome:
    """A condition taken away."""
    known = [c for c in r.conditions if c.group in REMOVED]
    if not known:
        return None
    c = talk.rng.choice(known)
    dated = next((kind for kind in ("year", "decade", "month") if "{" + kind in c.sql), c.group) if c.group == "date" else c.group
    noun_en, all_en, noun_fr, all_fr = REMOVED[dated]
    noun, every = (noun_en, all_en) if talk.language == EN else (noun_fr, all_fr)
    _, words = talk.spoken(c)
    return talk.words("remove", G=noun, H=one(talk.rng, every), A=words), replace(r, conditions=tuple(o for o in r.conditions if o is not c))


def superlatives(talk: Talk, r: Request) -> tuple[str, str]:
    """The superlative of a ranking as it is said of one or many, and what is ranked by ("" where it is lowest first)."""
    en, fr, by_en, by_fr = SUPERLATIVES[r.table, r.measure, r.low]
    if talk.language == EN:
        # "the first" could as well be those at the top.
        return one(talk.rng, en.removesuffix("|first")) if en else "", one(talk.rng, by_en) if by_en else ""
    words = one(talk.rng, fr) if fr else ""
    if words and not words.startswith("les "):
        words = f"les {words}" if words.startswith("derniers") else f"ceux {words}"
    if not r.plural:
        words = of_one(words)
    return talk.inflected(words, r.plural), one(talk.rng, by_fr) if by_fr else ""


def ranked(talk: Talk, r: Request, was_ranked: bool) -> str | None:
    """The words for a request that is another's with a ranking, of as many rows as it had if it was ranked."""
    words, by = superlatives(talk, r)
    if not r.limit or was_ranked and by and (not words or talk.rng.random() < 0.35):
        return talk.words("measure" if was_ranked else "sort", Q=by) if by else None
    # After a list it has to be heard whether one is meant; French says so in each of its words.
    like = "" if was_ranked or talk.language == FR else "ones|are the" if r.plural else "one|is the"
    return talk.words("rank_many" if r.plural else "rank_one", like, S=words) if words else None


def rank_otherwise(talk: Talk, r: Request) -> Outcome:
    """Another ranking of as many rows: the longest instead of the most popular."""
    options = [(m, low) for table, m, low in SUPERLATIVES if table == r.table and m != r.measure]
    if r.shape != "top" or not options:
        return None
    measure, low = talk.rng.choice(options)
    after = replace(r, measure=measure, low=low, extra=tuple(e for e in r.extra if e != measure))
    words = ranked(talk, after, True)
    return (words, after) if words else None


def rank_list(talk: Talk, r: Request) -> Outcome:
    """A list ranked: all of it, the first one, ten, or a number."""
    if r.shape != "list" or r.head not in ("tracks", "artists") or r.table != r.head:
        return None
    measure, low = talk.rng.choice([(m, low) for table, m, low in SUPERLATIVES if table == r.table])
    how = talk.rng.choice(["LIMIT 1", "LIMIT 10", "number", "number", ""])
    after = replace(r, shape="top", measure=measure, low=low, limit="LIMIT 10" if how == "number" else how, extra=tuple(e for e in r.extra if e != measure))
    if how != "number":
        words = ranked(talk, after, False)
        return (words, after) if words else None
    words, _ = superlatives(talk, after)
    if not words or words.startswith("ce"):
        return None
    value = talk.new("num")
    return talk.words("rank_number", V=value, S=words.removeprefix("les ")), replace(after, limit=f"LIMIT {value}")


def flip(talk: Talk, r: Request) -> Outcome:
    """The order turned round."""
    after = replace(r, low=not r.low)
    if r.shape != "top":
        return None
    if (r.table, after.measure, after.low) in SUPERLATIVES and r.limit and talk.rng.random() < 0.55:
        words, _ = superlatives(talk, after)
        if words:
            return talk.words("rank_many" if r.plural else "rank_one", S=words), after
    return talk.words("flip"), after


def number_words(talk: Talk, sql: str, value: str) -> str:
    """The words for a number of rows, such that it is not taken for another number that the SQL has."""
    others = any(s.startswith("num") for s in slots(re.sub(r"LIMIT \S+$", "", sql)))
    return talk.words("number", "first|of them|premiers|'en |-en |en avoir" + ("" if "rank <=" in sql else "|top") if others else "", V=value)


def how_many_rows(talk: Talk, r: Request) -> Outcome:
    """One row, ten, a number or all."""
    if r.shape != "top":
        return None
    how = talk.rng.choice(["first", "number", "number", "number", "several", "all"])
    if how == "number":
        value = talk.new("num")
        return number_words(talk, r.sql(), value), replace(r, limit=f"LIMIT {value}")
    limit = {"first": "LIMIT 1", "several": "LIMIT 10", "all": ""}[how]
    if limit == r.limit or (how == "several") != (r.limit == "LIMIT 1" and how != "all") or (how == "first" and not r.plural):
        return None
    return talk.words(how), replace(r, limit=limit)


def count_instead(talk: Talk, r: Request) -> Outcome:
    """How many there are, in place of the list."""
    return (talk.words("count", N=talk.noun), replace(r, shape="count", extra=())) if r.shape == "list" else None


def list_instead(talk: Talk, r: Request) -> Outcome:
    """The list in place of how many there are."""
    return (talk.words("list", N=talk.noun), replace(r, shape="list")) if r.shape == "count" and not r.group else None


def average_instead(talk: Talk, r: Request) -> Outcome:
    """An average of what was listed, counted or averaged."""
    if r.shape not in ("list", "count", "average") or r.table != r.head:
        return None
    column, en, fr, feminine = talk.rng.choice(AVERAGES[r.table])
    if column == r.measure and r.shape == "average":
        return None
    text = talk.words("average", Q=en if talk.language == EN else fr, N=talk.noun)
    return articled(text, fr, feminine), replace(r, shape="average", measure=column, extra=())


def articled(text: str, noun: str, feminine: bool) -> str:
    """French words that agree with a noun: its article, "son", "quel" and "moyen"."""
    vowel = noun[0] in "aeéèo"
    for place, word in [("<le> ", "l'" if vowel else "la " if feminine else "le "), ("<son>", "sa" if feminine and not vowel else "son"), ("<which>", "quelle" if feminine else "quel"), ("<mean>", "moyenne" if feminine else "moyen")]:
        text = text.replace(place, word)
    return text


def grouped(talk: Talk, r: Request) -> Outcome:
    """Each group in place of all, or other groups."""
    if r.shape not in ("list", "count", "average", "total"):
        return None
    group = talk.rng.choice(list(GROUPS[r.table]))
    _, _, _, en, fr = GROUPS[r.table][group]
    word = one(talk.rng, en if talk.language == EN else fr)
    text = talk.words("group_count" if r.shape == "list" else "group", G=word, N=talk.noun)
    return None if group == r.group else (text, replace(r, shape="count" if r.shape == "list" else r.shape, group=group, extra=()))


def other_head(talk: Talk, r: Request) -> Outcome:
    """Artists, albums or songs in place of what was asked for, under the same conditions."""
    options = [h for h in HEADS[r.table] if h and h != r.head]
    if r.shape not in ("list", "count", "top") or r.group or not options:
        return None
    head = talk.rng.choice(options)
    one_en, many_en, one_fr, many_fr = HEADS[r.table][head]
    now = (many_en if r.plural else one_en) if talk.language == EN else (many_fr if r.plural else one_fr)
    text = talk.words("head_count" if r.shape == "count" else "head" if r.plural else "head_one", H=one(talk.rng, now), N=talk.noun)
    talk.noun = one(talk.rng, now)
    return text, replace(r, head=head, extra=())


def compare(talk: Talk, r: Request) -> Outcome:
    """One against another: a row for each of two artists, genres or countries."""
    options = [c for c in r.conditions if re.fullmatch(r"(artist_id|genre|country) = \{\w+\}", c.sql)]
    if not options or r.group or r.shape not in ("count", "average", "total"):
        return None
    old = talk.rng.choice(options)
    column, slot = re.fullmatch(r"(\w+) = (\{\w+\})", old.sql).groups()
    group = {"artist_id": "artist"}.get(column, column)
    value = talk.new({"artist_id": "artist"}.get(column, column))
    if group not in GROUPS[r.table] or (r.table == "tracks" and column == "country"):
        return None
    both = replace(old, sql=f"{column} IN ({slot}, {value})")
    return talk.words("compare", V=value, O=slot), replace(r.with_condition(both, old), group=group)


def more_columns(talk: Talk, r: Request) -> Outcome:
    """The same rows with another column."""
    if r.shape not in ("list", "top") or r.table != r.head or len(r.extra) > 1:
        return None
    column, en, fr, feminine, whole_en, whole_fr = talk.rng.choice(COLUMNS[r.table])
    if column in (r.measure, *r.extra) or column in [c.shows for c in r.conditions] or (column, "artist") == ("artist_name", "") or column in r.groups:
        return None
    after = r if column == "artist_name" else replace(r, extra=(*r.extra, column))
    lone = r.shape == "top" and not r.plural
    whole = whole_en if talk.language == EN else whole_fr
    if whole and (column == "artist_name" or talk.rng.random() < 0.4):
        text = one(talk.rng, whole.split("||")[0 if lone else 1])
        return talk.inflected(text), after
    noun = one(talk.rng, en if talk.language == EN else fr)
    return articled(talk.words("column_one" if lone else "column_many", C=noun), noun, feminine), after


# --- the catalogue: tracks and artists -----------------------------------------------------------------------------------

SUPERLATIVES = {(table, column, not direction): (en, fr, by_en, by_fr) for table, rankings in RANKINGS.items() for column, direction, en, fr, by_en, by_fr in rankings}
SUPERLATIVES |= {
    ("plays", "plays", False): ("most played|most listened-to|most streamed", "les plus écouté*|les plus joué*", "plays|number of plays", "nombre d'écoutes"), ("plays", "plays", True): ("least played|least listened-to", "les moins écouté*|les moins joué*", "", ""),
    ("plays", "listeners", False): ("", "", "listeners|number of listeners|audience", "nombre d'auditeurs"),
    ("national", "listeners", False): ("", "", "listeners|number of listeners|audience", "nombre d'auditeurs"), ("national", "rank", False): ("", "", "rank|chart position|position", "rang|place au classement"),
    ("hits", "hits", False): ("", "", "number of songs|number of different songs", "nombre de titres"), ("hits", "weeks", False): ("", "", "weeks on the chart|number of weeks", "nombre de semaines"),
}
# Column, English, French, whether that is feminine.
AVERAGES = {"tracks": [("tempo", "tempo", "tempo", False), ("duration_ms", "length in minutes", "durée", True), ("popularity", "popularity", "popularité", True), ("energy", "energy", "énergie", True), ("valence", "valence", "valence", True),
                       ("danceability", "danceability", "dansabilité", True), ("loudness", "loudness", "volume", False), ("acousticness", "acousticness", "acousticité", True)],
            "artists": [("popularity", "popularity", "popularité", True), ("followers", "number of followers", "nombre d'abonnés", False)]}
# SQL, alias, whether it is time, English, French.
GROUPS = {
    "tracks": {"genre": ("genre", "genre", False, "genre|style", "genre|style"), "year": ("release_year AS year", "year", True, "year|release year", "année|année de sortie"), "decade": ("DIV(release_year, 10) * 10 AS decade", "decade", True, "decade", "décennie"),
               "album": ("album", "album", False, "album|record", "album|disque"), "artist": ("artist_name", "artist_name", False, "artist", "artiste"), "country": ("country", "country", False, "country of the artist|country", "pays d'artiste|pays")},
    "artists": {"country": ("country", "country", False, "country", "pays"), "genre": ("genre", "genre", False, "genre|style", "genre|style")},
    "plays": {**{k: (*events.PLACES[k][:2], events.PLACES[k][7], one_en, one_fr) for k, one_en, one_fr in [("country", "country", "pays"), ("hour", "hour|hour of the day", "heure|heure de la journée"), ("weekday", "weekday|day of the week", "jour de la semaine"), ("month", "month", "mois"),
              ("day", "day", "jour"), ("year", "year", "année"), ("segment", "segment", "segment")]}, "artist": ("artist_name", "artist_name", False, "artist", "artiste")},
    "hits": {"year": ("EXTRACT(YEAR FROM chart_date) AS year", "year", True, "year", "année"), "decade": ("DIV(EXTRACT(YEAR FROM chart_date), 10) * 10 AS decade", "decade", True, "decade", "décennie"), "country": ("country", "country", False, "country of the artist", "pays d'artiste"),
             "artist": ("artist_name", "artist_name", False, "artist", "artiste")},
}
HEADS = {
    "tracks": {"tracks": ("song", "songs|tracks", "morceau", "morceaux|titres"), "albums": ("album", "albums|records", "album", "albums|disques"), "artists": ("artist", "artists|acts", "artiste", "artistes")}, "artists": {"artists": ("", "", "", "")},
    "plays": {"song": ("song|track", "songs|tracks", "morceau|titre", "morceaux|titres"), "artist": ("artist", "artists|acts", "artiste", "artistes"), "album": ("album", "albums", "album", "albums"), "genre": ("genre", "genres", "genre", "genres"), "": ("", "", "", "")},
    "hits": {"song": ("song|track", "songs|titles", "titre", "titres|morceaux"), "artist": ("artist", "artists|acts", "artiste", "artistes")},
}
# Column, English, French, whether that is feminine, whole questions about one || about many.
COLUMNS = {
    "tracks": [
        ("artist_name", "artist|singer", "artiste|interprète", False, "and who sings it?|who is it by?|who's the artist?|by whom?|and who performs that?||and who sings them?|who are they by?|who are the artists?|by whom?|with the artists", "et qui chante ça ?|c'est de qui ?|c'est qui l'artiste ?|de qui ?||et qui chante ça ?|c'est de qui ?|de quels artistes ?|avec les artistes"),
        ("release_date", "release date", "date de sortie", True, "when did it come out?|and when was it released?|when is it from?||when did they come out?|and when were they released?|when did each come out", "c'est sorti quand ?|quand est-ce sorti ?|et ça date de quand ?||ils sont sortis quand ?|quand sont-ils sortis ?|et ça date de quand, chacun ?"),
        ("album", "album", "album", False, "which album is it from?|on which album is it?|and what album does it come from?||which albums are they from?|on which album is each?|and what albums do they come from", "c'est sur quel album ?|de quel album ça vient ?|et quel album ?||ils sont sur quels albums ?|de quels albums viennent-ils ?|sur quel album, chacun ?"),
        ("genre", "genre|style", "genre|style", False, "what genre is it?|what kind of music is that?||what genres are they?|and which genre is each?", "c'est quel genre ?|quel style de musique ?||c'est quels genres ?|et quel genre, chacun ?"),
        ("tempo", "tempo|bpm", "tempo|bpm", False, "", ""), ("duration_ms", "length|duration", "durée", True, "how long is it?|and how long does it last?||how long are they?|how long does each last", "ça dure combien ?|et ça dure combien de temps ?||ils durent combien ?|et combien de temps dure chacun ?"),
        ("popularity", "popularity", "popularité", True, "how popular is it?||how popular are they?", "c'est populaire à quel point ?||ils sont populaires à quel point ?"),
    ],
    "artists": [
        ("country", "country|home country|nationality", "pays|pays d'origine|nationalité", False, "where is that artist from?|from which country?||where are they from?|from which countries?|and where do they come from", "ça vient de quel pays ?|et d'où vient l'artiste ?||ils viennent d'où ?|de quels pays ?|et d'où viennent-ils ?"),
        ("genres", "genre|style", "genre|style", False, "what kind of music is that?|which genres?||what do they play?|what kind of music do they make?|which genres are they?", "c'est quel genre de musique ?||ils jouent quoi ?|quel genre de musique font-ils ?|c'est quels genres ?"),
        ("popularity", "popularity", "popularité", True, "how popular?||how popular are they?", "populaire à quel point ?||ils sont populaires à quel point ?"), ("followers", "number of followers|follower count|fan count", "nombre d'abonnés|nombre de fans", False, "with how many followers?||how many followers do they have?|and how many fans does each have", "combien d'abonnés ?||ils ont combien d'abonnés ?|et combien de fans chacun ?"),
    ],
}
# Columns that say what a thing is stand before what it was ranked or filtered by; numbers stand after.
DESCRIPTIVE = ("album", "genre", "release_date", "country", "genres")
TAILS = {"tracks": (), "artists": (), "plays": ("date", "clock", "weekday", "country", "user", "segment"), "hits": ("date", "rank"), "national": ("country", "date")}


def counted(r: Request) -> tuple[str, str]:
    """The SQL of a count or an average, and its alias."""
    if r.shape == "average":
        return ("AVG(duration_ms) / 60000 AS minutes", "minutes") if r.measure == "duration_ms" else (f"AVG({r.measure}) AS avg_{r.measure}", f"avg_{r.measure}")
    key = {("tracks", "albums"): "DISTINCT album", ("tracks", "artists"): "DISTINCT artist_id"}.get((r.table, r.head), "*")
    return f"COUNT({key}) AS {r.head}", r.head


def catalogue_sql(r: Request) -> str:
    chosen = sorted(r.conditions, key=lambda c: c.place)
    joined = r.table == "tracks" and (any(c.join for c in chosen) or r.group == "country")
    qualified = lambda text: rows.qualify(text, joined) if "avg_" not in text else text.replace("AVG(popularity)", rows.qualify("AVG(popularity)", joined))
    where = " AND ".join(qualified(c.sql) for c in chosen)
    source = f"FROM music.{r.table}" + (" JOIN music.artists USING (artist_id)" if joined else "") + (", UNNEST(genres) AS genre" if (r.table, r.group) == ("artists", "genre") else "") + (f" WHERE {where}" if where else "")
    if r.shape in ("count", "average"):
        value, alias = counted(r)
        if not r.group:
            return f"SELECT {qualified(value)} {source}"
        column, key, is_time, *_ = GROUPS[r.table][r.group]
        return f"SELECT {column}, {qualified(value)} {source} GROUP BY {key} ORDER BY {key if is_time else alias + ' DESC'}"
    if r.head != r.table:
        name = "artist_name" if r.head == "artists" else "album" if "artist" in r.groups else "album, artist_name"
        return f"SELECT DISTINCT {name} {source}"
    shown = [c.shows for c in chosen if c.shows] if r.shape == "list" else [r.measure]
    columns = ["title, artist_name" if r.table == "tracks" else "name", *(e for e in r.extra if e in DESCRIPTIVE), *shown, *(e for e in r.extra if e not in DESCRIPTIVE)]
    order = f" ORDER BY {qualified(r.measure)}{'' if r.low else ' DESC'} {r.limit}".rstrip() if r.shape == "top" else ""
    return f"SELECT {', '.join(dict.fromkeys(qualified(c) for c in columns))} {source}{order}"


# What albums and artists can be listed by.
OF_ALBUMS = {"artist", "genre", "date", "country", "explicit", "mode", "album"}


def catalogue_fits(r: Request) -> bool:
    """Whether the request makes sense and the conventions have one SQL for it."""
    several = any("IN (" in c.sql for c in r.conditions)
    if len(r.conditions) > 4 or r.shape == "list" and not r.conditions:
        return False
    if r.table == "tracks" and {"artist", "country"} <= r.groups:
        return False
    if r.head != r.table and (r.shape not in ("list", "count") or r.groups - OF_ALBUMS or {"albums": "album", "artists": "artist"}[r.head] in r.groups):
        return False
    if r.group == "album" and ("artist" not in r.groups or several or r.head != "tracks") or r.group == "country" and "artist" in r.groups:
        return False
    if {"year": "date", "decade": "date"}.get(r.group, r.group) in r.groups:
        # Years of a decade or of a range; two of a kind compared.
        years = r.group == "year" and any("decade" in c.sql or "BETWEEN {year" in c.sql for c in r.conditions)
        if not years and not (several and r.group in ("artist", "genre", "country")):
            return False
    return not (r.shape in ("top", "average") and r.measure.replace("_ms", "") in r.groups)


def catalogue_draw(table: str) -> Callable[[random.Random, Request], Condition]:
    return lambda rng, r: rows.pick(table, rng, 1)[0]


def catalogue_start(table: str) -> Callable[[Talk], tuple[str, Request]]:
    def start(talk: Talk) -> tuple[str, Request]:
        rng, language = talk.rng, talk.language
        chosen = tuple(talk.fresh(c) for c in rows.pick(table, rng, rng.choices([1, 2], [0.7, 0.3])[0]))
        shape = rng.choices(["list", "top", "count", "average"], [4, 4, 2, 1.3])[0]
        talk.noun = rng.choice(NOUNS[table][language])
        r = Request(table, shape, chosen, table)
        if shape == "top":
            measure, low = rng.choice([(m, low) for t, m, low in SUPERLATIVES if t == table])
            return ask_top(talk, replace(r, measure=measure, low=low, limit=new_limit(talk)))
        np = rows.phrase(talk.noun, list(chosen), language, rng)
        if shape == "average":
            column, en, fr, feminine = rng.choice(AVERAGES[table])
            text = one(rng, "average {Q} of {X}|what is the average {Q} of {X}?|mean {Q} of {X}|the average {Q} of {X} please" if language == EN else "{Q} <mean> des {X}|<which> est <le> {Q} <mean> des {X} ?|<le> {Q} <mean> des {X}|donne-moi <le> {Q} <mean> des {X}")
            return articled(text.replace("{X}", talk.inflected(np)).replace("{Q}", en if language == EN else fr), fr, feminine), replace(r, measure=column)
        ask = rng.choice((rows.ASK_LIST if shape == "list" else rows.ASK_COUNT)[language])
        return talk.inflected(ask.replace("{NP}", np)), r

    return start


def new_limit(talk: Talk) -> str:
    how = talk.rng.choice(["LIMIT 1", "LIMIT 10", "LIMIT 10", "number", "number"])
    return f"LIMIT {talk.new('num')}" if how == "number" else how


TOP_FRAMES = {
    EN: "the {n}{X}|{n}{X}|what {be} the {n}{X}?|show me the {n}{X}|give me the {n}{X}|which {be} the {n}{X}?|I'd like to see the {n}{X}|list the {n}{X}|the {n}{X} please",
    FR: "{le}{X}|{quel} {est} {le}{X} ?|montre-moi {le}{X}|donne-moi {le}{X}|c'est quoi {le}{X} ?|je cherche {le}{X}|j'aimerais voir {le}{X}|{le}{X} stp",
}


# Plural words around a noun, as they are said of one.
OF_ONE = [(r"that are", "that is"), (r"that have", "that has"), (r"who are", "who is"), (r"who (play|do)\b", r"who \1s"), (r"dos\b", "does"), (r"sortis", "sorti"), (r"parus", "paru"), (r"venus", "venu"), (r"enregistrés", "enregistré"), (r"qui ne sont", "qui n'est"), (r"qui sont", "qui est"),
          (r"qui ont", "qui a"), (r"qui font", "qui fait"), (r"qui ne font", "qui ne fait"), (r"qui ne viennent", "qui ne vient"), (r"qui durent", "qui dure"), (r"explicites", "explicite"), (r"chantés", "chanté"), (r"bavards", "bavard"), (r"gais", "gai"), (r"élevés", "élevé"),
          (r"écoutés", "écouté"), (r"ceux", "celui"), (r"les dernier", "le dernier"), (r"those with", "the one with")]


def of_one(text: str) -> str:
    text = rows.singular(text)
    for many, alone in OF_ONE:
        text = re.sub(rf"\b{many}", alone, text)
    return text


def ask_top(talk: Talk, r: Request, of: str = "", tail: str = "") -> tuple[str, Request]:
    """The first question, for a ranking. `of` is said where there is no superlative ("with the most listeners")."""
    rng, language = talk.rng, talk.language
    number = re.search(r"\{\w+\}", r.limit)
    count = f"{number.group(0)} " if number else ""
    own = [c for c in r.conditions if c.group not in TAILS[r.table]]
    noun = SINGULAR.get(talk.noun, talk.noun.removesuffix("s")) if not r.plural else talk.noun
    np = rows.phrase(noun, own, language, rng)
    np = np if r.plural else of_one(np)
    words, _ = superlatives(talk, r)
    if language == EN:
        thing = f"{words} {np} {tail}" if words else f"{np} {of} {tail}"
        text = one(rng, TOP_FRAMES[EN]).replace("{X}", thing).replace("{n}", count).replace("{be}", "are" if r.plural else "is")
        return talk.contracted(" ".join(text.split())), r
    words = re.sub(r"^(ceux|celui|celles|celle) ", "", words)
    thing = f"{np} {words} {tail}" if words else f"{np} {of} {tail}"
    le = f"les {count}" if r.plural else "l'" if noun[0] in "aé" else "la " if talk.feminine or noun == "chanson" else "le "
    text = one(rng, TOP_FRAMES[FR]).replace("{X}", thing).replace("{le}", le).replace("{quel}", "quel*").replace("{est}", "sont" if r.plural else "est")
    return talk.inflected(" ".join(text.split()), r.plural), r


# --- plays: all-time plays and single plays ------------------------------------------------------------------------------


def said(part, group: str = "") -> Said:
    """A part of another module as a condition, its slots numbered from the first on."""
    names: dict[str, str] = {}
    count: dict[str, int] = {}
    for slot in slots(part.sql):
        kind = re.sub(r"\d+$", "", slot)
        count[kind] = count.get(kind, 0) + 1
        names[slot] = "{" + kind + rows.suffix(count[kind]) + "}"
    change = lambda text: [corpus.SLOT.sub(lambda m: names.get(m.group(1) + m.group(2), m.group(0)), t.strip()) for t in text.split("|") if t.strip()]
    loose = lambda text, other: change(getattr(part, other, "") or text)
    before = getattr(part, "en_before", "") or getattr(part, "before", "")
    return Said(group or part.kind, part.place, change(part.sql)[0], {EN: change(before), FR: []}, {EN: loose(part.en, "loose_en"), FR: loose(part.fr, "loose_fr")}, "", part.join)


BY = said(events.BY_ARTIST)
TITLE = Said("title", 4, "track_title = {title}", {EN: [], FR: []}, {EN: ["of {title}", "for {title}"], FR: ["de {title}", "pour {title}"]})
WHEN = [said(p) for p in (*events.DATES, *events.DATES, *events.CLOCKS, *events.WEEKDAYS)]
WHO = [said(p) for p in (*events.COUNTRIES, *events.COUNTRIES[:8], *2 * events.USERS, *2 * events.SEGMENT_USERS)]
SONG_CONDITIONS = [*[BY] * 6, *[said(events.GENRE_PART)] * 5, *map(said, events.RELEASE_PARTS), *map(said, events.EXPLICIT_PARTS)]
ARTIST_CONDITIONS = [said(p) for (p,), _ in events.ARTIST_PARTS]
PLAYS_OF = replace(BY, before={EN: [], FR: []}, after={EN: ["of {artist}", "for {artist}"], FR: ["de {artist}", "pour {artist}"]})
OWN = {"song": SONG_CONDITIONS, "album": SONG_CONDITIONS, "artist": ARTIST_CONDITIONS, "genre": [BY], "": [PLAYS_OF]}
EVENT_COLUMNS = {"song": "track_title, artist_name", "artist": "artist_name", "album": "album, artist_name", "genre": "genre"}


def listened(c: Condition) -> Condition:
    """A condition on single plays as it is said of all-time plays, where the listener's country is in another table."""
    return replace(c, sql="users." + c.sql, place=taste.IN_COUNTRY.place, join=taste.USERS) if c.group == "country" else c


def plays_sql(r: Request) -> str:
    column, key, is_time = GROUPS["plays"][r.group][:3] if r.group else (EVENT_COLUMNS.get(r.head, ""), EVENT_COLUMNS.get(r.head, ""), False)
    order = f"GROUP BY {key} ORDER BY {key if is_time else r.measure + ('' if r.low else ' DESC')} {r.limit}".rstrip() if key else ""
    if r.shape == "each":
        first = "= 1" if not r.plural else "<= " + r.limit.removeprefix("LIMIT ")
        column, order = f"country, {column}", f"GROUP BY country, {key} QUALIFY ROW_NUMBER() OVER (PARTITION BY country ORDER BY {r.measure} DESC) {first}"
    if single(r):
        expression = events.MEASURES[r.measure][0]
        joins = [events.TRACKS] if r.head in ("album", "genre") else [events.SEGMENTS] if r.group == "segment" else []
        return events.query(f"{column}, {expression}" if key else expression, r.conditions, order, joins)
    expression = taste.MEASURES[r.measure][0]
    if r.head == "artist" and "user" in r.groups:
        return taste.query("artist_name, plays", r.conditions, order.partition(key + " ")[2])
    if r.group == "country" or r.shape == "each":
        column, order = (re.sub(r"(?<=BY )country|^country", "users.country", text) for text in (column, order))
    joins = [taste.USERS] if r.shape == "each" else {"country": [taste.USERS], "segment": [taste.SEGMENTS]}.get(r.group, [taste.ARTISTS] if r.head == "genre" else [])
    return taste.query(f"{column}, {expression}" if key else expression, [listened(c) for c in r.conditions], order, joins, r.head == "genre")


def single(r: Request) -> bool:
    """Whether the request is about single plays (with a time or a song) rather than all-time plays of artists."""
    return r.head in ("song", "album") or events.timed(r.conditions) or r.group in ("hour", "weekday", "month", "day", "year")


def plays_fits(r: Request) -> bool:
    """Whether the request makes sense and the conventions have one SQL for it."""
    people, several = {"country", "user", "segment"}, any(" IN (" in c.sql for c in r.conditions)
    allowed = {*TAILS["plays"], *(c.group for c in OWN[r.head]), *(("title",) if not r.head else ())}
    if r.groups - allowed or len(r.groups & people) > 1 or len(r.conditions) > 4 or {"title", "artist"} <= r.groups:
        return False
    if "user" in r.groups and (r.measure == "listeners" or "artist" in r.groups and not single(r)):
        return False
    if not r.head and not r.groups & {"artist", "title", "date", *people}:
        return False
    if r.shape == "each" and r.groups & {*people, "origin"}:
        return False
    return not r.group or plays_group_fits(r, several)


def plays_group_fits(r: Request, several: bool) -> bool:
    """Whether the groups are more than one under the conditions."""
    if r.group == "artist":
        return several
    if r.group in ("country", "segment") and r.groups & {"user", "segment"} or r.group in r.groups and not (r.group == "country" and several):
        return False
    date = next((c.sql for c in r.conditions if c.group == "date"), "")
    longer = {"year": "", "month": f"{events.YEAR} = ", "day": f"{events.MONTH} = "}.get(r.group)
    return {"hour": "clock"}.get(r.group) not in r.groups and not (date and longer is not None and not (longer and date.startswith(longer)))


def plays_draw(rng: random.Random, r: Request) -> Condition:
    return rng.choice(rng.choices([WHEN, WHO, OWN[r.head]], [5, 4, 3 if r.head else 1])[0])


TOTAL_FRAMES = {
    ("plays", EN): "how many plays {X}|number of plays {X}|total plays {X}|how many plays {X}?|play count {X}|what is the number of plays {X}?|how many streams {X}?",
    ("plays", FR): "combien d'écoutes {X} ?|nombre d'écoutes {X}|total des écoutes {X}|combien d'écoutes {X}|quel est le nombre d'écoutes {X} ?|combien de lectures {X} ?|le nombre d'écoutes {X}",
    ("listeners", EN): "how many listeners {X}?|number of listeners {X}|how many different listeners {X}|unique listeners {X}|audience {X}, in listeners|what is the number of listeners {X}?",
    ("listeners", FR): "combien d'auditeurs {X} ?|nombre d'auditeurs {X}|combien d'auditeurs différents {X}|auditeurs uniques {X}|quel est le nombre d'auditeurs {X} ?|le nombre d'auditeurs {X}",
}


def plays_start(talk: Talk) -> tuple[str, Request]:
    rng, language = talk.rng, talk.language
    head = rng.choices(["song", "artist", "album", "genre", ""], [5, 5, 0.6, 0.6, 4])[0]
    measure = rng.choices(["plays", "listeners"], [4, 1])[0]
    chosen = {c.group: c for c in rng.choices([[], [rng.choice(WHEN)], [rng.choice(WHO)], [rng.choice(WHO), rng.choice(WHEN)]], [3, 3, 3, 1])[0]}
    if not head:
        chosen |= {c.group: c for c in [rng.choice([PLAYS_OF, PLAYS_OF, TITLE])]}
    elif rng.random() < 0.4:
        chosen |= {c.group: c for c in [rng.choice(OWN[head])]}
    r = Request("plays", "top" if head else "total", tuple(talk.fresh(c) for c in chosen.values()), head, measure)
    tail = " ".join(talk.plain(c) for c in r.conditions if c.group in TAILS["plays"])
    if not head:
        named = {EN: ["of", "for"], FR: ["de", "pour"]}[language]
        thing = f"{rng.choice(named)} {{{next(s for s in slots(r.sql()) if s.startswith(('artist', 'title')))}}}"
        return talk.inflected(" ".join(one(rng, TOTAL_FRAMES[measure, language]).replace("{X}", f"{thing} {tail}").split()).replace(" ,", ",")), r
    talk.noun = one(rng, HEADS["plays"][head][1 if language == EN else 3])
    of = one(rng, "with the most listeners|with the most different listeners" if language == EN else "avec le plus d'auditeurs|qui ont le plus d'auditeurs") if measure == "listeners" else ""
    return ask_top(talk, replace(r, limit=new_limit(talk)), of if not (of.startswith("qui") and not r.plural) else "avec le plus d'auditeurs", tail)


def each_country(talk: Talk, r: Request) -> Outcome:
    """The first, or the first few, of each country."""
    if r.shape != "top" or r.low or r.limit in ("", "LIMIT 10") or r.groups & {"country", "user", "segment", "origin"} or r.head not in ("song", "artist"):
        return None
    return talk.words("each"), replace(r, shape="each")


def other_measure(talk: Talk, r: Request) -> Outcome:
    """Listeners instead of plays, weeks instead of songs."""
    first, second = {"plays": ("plays", "listeners"), "hits": ("hits", "weeks"), "national": ("rank", "listeners")}[r.table]
    after = replace(r, measure=second if r.measure == first else first, low=False)
    if r.shape not in ("top", "total") or (r.table, r.head) == ("hits", "song"):
        return None
    _, by = superlatives(talk, after)
    if r.shape == "top":
        return talk.words("measure", Q=by), after
    return (one(talk.rng, TOTALS[after.measure][0 if talk.language == EN else 1]), after) if not r.group or talk.rng.random() < 0.7 else None


TOTALS = {
    "plays": ("and how many plays?|plays instead|in plays|how many plays is that?|and the plays?|number of plays rather|I meant plays|what about plays?|not listeners, plays|and in terms of plays?", "et combien d'écoutes ?|plutôt les écoutes|en écoutes|ça fait combien d'écoutes ?|et les écoutes ?|nombre d'écoutes plutôt|pas les auditeurs, les écoutes|et côté écoutes ?"),
    "listeners": ("and how many listeners?|listeners instead|how many people is that?|from how many listeners?|and the number of listeners?|by how many different people|how many people in all?|I meant listeners|not plays, listeners|and in terms of listeners?|unique listeners rather",
                  "et combien d'auditeurs ?|plutôt les auditeurs|ça fait combien de personnes ?|par combien d'auditeurs ?|et le nombre d'auditeurs ?|combien de gens différents ?|et côté auditeurs ?|pas les écoutes, les auditeurs|chez combien de personnes ?|auditeurs uniques plutôt"),
}


# --- hits: the Hot 100 ---------------------------------------------------------------------------------------------------

RUNGS = {rung.sql: rung for rung in (charts.NUMBER_ONE, charts.TOP_N, charts.ANYWHERE)}
AT = [Said("rank", charts.RANK, sql.replace("num2", "num"), {EN: [], FR: []}, {EN: rung.at.replace("num2", "num").split("|"), FR: rung.sur.replace("num2", "num").split("|")}) for sql, rung in RUNGS.items() if sql]
SPANS = [said(b, "date") for b in charts.SPANS]
CHARTING = {"song": [said(charts.SONG_ARTIST, "artist")], "artist": [said(charts.FROM_COUNTRY, "country"), said(charts.OF_GENRE, "genre")]}
CHARTED = {"hits": "COUNT(DISTINCT title) AS hits", "weeks": "COUNT(*) AS weeks"}


def hits_sql(r: Request) -> str:
    column = "title, artist_name" if r.head == "song" else "artist_name"
    if r.shape == "list":
        return charts.hot(f"DISTINCT {column}", *r.conditions)
    value = "COUNT(DISTINCT artist_id) AS artists" if (r.shape, r.head) == ("count", "artist") else CHARTED["hits" if r.shape == "count" else r.measure]
    alias = value.rpartition(" ")[2]
    if r.group:
        column, key, is_time, *_ = GROUPS["hits"][r.group]
        join = [charts.Bit(join=charts.ARTISTS)] if r.group == "country" else []
        return charts.hot(f"{column}, {value}", *r.conditions, *join, tail=f"GROUP BY {key} ORDER BY {key if is_time else alias + ' DESC'}")
    if r.shape == "count":
        return charts.hot(value, *r.conditions)
    return charts.hot(f"{column}, {value}", *r.conditions, tail=f"GROUP BY {column} ORDER BY {alias}{'' if r.low else ' DESC'} {r.limit}".rstrip())


def hits_fits(r: Request) -> bool:
    """Whether the request makes sense and the conventions have one SQL for it."""
    span, several = next((c.sql for c in r.conditions if c.group == "date"), ""), any(" IN (" in c.sql for c in r.conditions)
    if r.low or r.groups - {"rank", "date", *(c.group for c in CHARTING[r.head])} or not r.conditions and r.shape != "top":
        return False
    if r.head == "song" and r.shape == "top" and r.measure != "weeks":
        return False
    if r.group == "artist" and not several or r.group == "country" and ("artist" in r.groups or "country" in r.groups and not several):
        return False
    return not (r.group in ("year", "decade") and span and not (r.group == "year" and "decade" in span))


def hits_draw(rng: random.Random, r: Request) -> Condition:
    return rng.choice(rng.choices([AT, SPANS, CHARTING[r.head]], [4, 5, 3])[0])


def hits_start(talk: Talk) -> tuple[str, Request]:
    """Songs or artists on the Hot 100: which, how many, those with most songs or weeks."""
    rng, language = talk.rng, talk.language
    head, shape = rng.choice(["song", "artist"]), rng.choice(["list", "count", "top", "top"])
    place = rng.choice([*AT, AT[0], None])
    drawn = [place, rng.choice(SPANS) if rng.random() < 0.55 else None, rng.choice(CHARTING[head]) if rng.random() < 0.4 else None]
    chosen = tuple(talk.fresh(c) for c in drawn if c)
    r = Request("hits", shape, chosen, head, "weeks" if head == "song" or rng.random() < 0.3 else "hits")
    rank = next((c for c in chosen if c.group == "rank"), None)
    rung = RUNGS[place.sql.replace("{num}", "{num2}") if place else ""]
    named = lambda text: one(rng, text).replace("{num2}", "{" + slots(rank.sql)[0] + "}" if rank and slots(rank.sql) else "")
    when = " ".join(talk.plain(c) for c in r.conditions if c.group == "date")
    own = [c for c in chosen if c.group not in ("rank", "date")]
    talk.noun = one(rng, HEADS["hits"][head][1 if language == EN else 3])
    at = named(rung.at if language == EN else rung.sur)
    if shape == "top":
        weeks = f"the most weeks {at}" if language == EN else f"le plus de semaines {at}"
        songs = f"the most {named(rung.owned)}" if language == EN else f"le plus de {named(rung.owned_fr)}"
        return ask_top(talk, replace(r, limit=new_limit(talk)), ("with " if language == EN else "avec ") + (weeks if r.measure == "weeks" else songs), when)
    things = f"{rows.phrase(talk.noun, own, language, rng)} {at if language == EN else 'classés ' + at if rung is charts.ANYWHERE else at} {when}"
    text = one(rng, {("list", EN): "{X}|which {X}?|list the {X}|show me {X}|all the {X}", ("count", EN): "how many {X}?|number of {X}|how many different {X}|count the {X}", ("list", FR): "{X}|quels {X} ?|liste des {X}|montre-moi les {X}|tous les {X}", ("count", FR): "combien de {X} ?|nombre de {X}|combien de {X}|compte les {X}"}[shape, language])
    return talk.inflected(" ".join(text.replace("{X}", things).split())), r


# --- the charts of countries ----------------------------------------------------------------------------------------------

ITS_CHART, LATEST, ON_DATE = said(country_charts.ON_ITS_CHART, "country"), said(country_charts.CC_LATEST, "date"), said(country_charts.CC_DATE, "date")
CHART_FRAMES = {
    ("", EN): "full ranking of artists {X}|the whole ranking {X}|the chart, artists with their rank {X}|show every artist {X} with its rank", ("", FR): "classement complet des artistes {X}|tout le classement {X}|les artistes avec leur rang {X}|montre tous les artistes et leur rang {X}",
    ("one", EN): "who is number one {X}?|number one {X}|which artist is at the top {X}?|the artist in first place {X}", ("one", FR): "qui est numéro un {X} ?|le numéro un {X}|quel artiste est en tête {X} ?|l'artiste à la première place {X}",
    ("number", EN): "top {n} artists {X}|the top {n} {X}|the first {n} artists {X}|who are the top {n} {X}?", ("number", FR): "top {n} des artistes {X}|le top {n} {X}|les {n} premiers artistes {X}|qui est dans le top {n} {X} ?",
}


def national_sql(r: Request) -> str:
    if r.measure == "listeners":
        return charts.national("artist_name, listeners", *r.conditions, tail=f"ORDER BY listeners DESC {r.limit}".rstrip())
    if not r.plural:
        return charts.national("artist_name", charts.Bit("rank = 1", charts.RANK), *r.conditions)
    return charts.national("artist_name, rank", *r.conditions, tail=f"ORDER BY rank {r.limit}".rstrip())


def national_fits(r: Request) -> bool:
    return r.groups == {"country", "date"} and not r.low and (r.measure, r.limit) != ("rank", "LIMIT 10")


def national_draw(rng: random.Random, r: Request) -> Condition:
    return rng.choice([ITS_CHART, LATEST, ON_DATE])


def national_start(talk: Talk) -> tuple[str, Request]:
    """The newest chart of a country or that of a day: all of it, its top, or who leads it."""
    how = talk.rng.choice(["", "one", "number"])
    r = Request("national", "top", tuple(talk.fresh(c) for c in (ITS_CHART, talk.rng.choice([LATEST, ON_DATE]))), "artist", "rank")
    talk.noun = "artists" if talk.language == EN else "artistes"
    value = talk.new("num") if how == "number" else ""
    text = one(talk.rng, CHART_FRAMES[how, talk.language]).replace("{X}", " ".join(talk.plain(c) for c in r.conditions)).replace("{n}", value)
    return talk.contracted(text), replace(r, limit={"": "", "one": "LIMIT 1", "number": f"LIMIT {value}"}[how])


NATIONAL_STEPS = {change_value: 5, swap_condition: 3, how_many_rows: 4, other_measure: 3}
CATALOGUE_STEPS = {change_value: 5, add_condition: 5, swap_condition: 2, remove_condition: 2.5, rank_otherwise: 3, rank_list: 3, flip: 2, how_many_rows: 3.5, count_instead: 2, list_instead: 1.5, average_instead: 1.5, grouped: 3, other_head: 2, compare: 2.5, more_columns: 2.5}
PLAYS_STEPS = {change_value: 5, add_condition: 5, swap_condition: 2, remove_condition: 2.5, other_measure: 3, flip: 2, how_many_rows: 3.5, grouped: 4, other_head: 3, compare: 3, each_country: 2}
HITS_STEPS = {change_value: 5, add_condition: 5, swap_condition: 2, remove_condition: 2.5, other_measure: 2.5, how_many_rows: 3, count_instead: 2.5, list_instead: 2, grouped: 3, other_head: 3, compare: 3}
FAMILIES = {
    **{t: Family(catalogue_sql, catalogue_fits, catalogue_start(t), catalogue_draw(t), CATALOGUE_STEPS) for t in ("tracks", "artists")},
    "plays": Family(plays_sql, plays_fits, plays_start, plays_draw, PLAYS_STEPS), "hits": Family(hits_sql, hits_fits, hits_start, hits_draw, HITS_STEPS),
    "national": Family(national_sql, national_fits, national_start, national_draw, NATIONAL_STEPS),
}


# --- conversations -------------------------------------------------------------------------------------------------------


def turns(rng: random.Random) -> int:
    return rng.choices([1, 2, 3], [0.65, 0.25, 0.1])[0]


def joined(questions: list[str], sql: str, before: str) -> tuple[str, str, str] | None:
    """The turns, the SQL, and that of all turns but the last, if they have few enough slots and the turns name all that the SQL needs."""
    whole = TURN.join(questions)
    return (whole, sql, before) if len(slots(whole)) <= MOST_SLOTS and set(slots(sql)) <= set(slots(whole)) else None


def conversation(table: str) -> Callable[[random.Random], tuple[str, str, str]]:
    """Requests on a table, one from the other."""

    def attempt(rng: random.Random) -> tuple[str, str, str] | None:
        talk = Talk(rng, rng.choice([EN, FR]))
        family = FAMILIES[table]
        question, request = family.start(talk)
        if not family.fits(request):
            return None
        questions = [question]
        if rng.random() < 0.03:
            talk.language = FR if talk.language == EN else EN
            talk.noun = one(rng, {EN: "songs" if table in ("tracks", "plays") else "artists", FR: "titres" if table in ("tracks", "plays") else "artistes"}[talk.language])
        for _ in range(turns(rng)):
            step = stepped(talk, request)
            if step is None:
                return None
            questions.append(talk.chatty(step[0]))
            before, request = request.sql(), step[1]
        return joined(questions, request.sql(), before)

    def pattern(rng: random.Random) -> tuple[str, str, str]:
        while (out := attempt(rng)) is None:
            pass
        return out

    return pattern


def stepped(talk: Talk, request: Request) -> Outcome:
    """A follow-up that fits the request and changes it."""
    steps = request.family.steps
    for _ in range(20):
        (step,) = talk.rng.choices(list(steps), list(steps.values()))
        noun, used = talk.noun, dict(talk.used)
        out = step(talk, request)
        if out and request.family.fits(out[1]) and (out[1].sql() != request.sql() or step is more_columns):
            return out
        talk.noun, talk.used = noun, used
    return None


SONG_SCORES = ("tempo", "popularity", "energy", "danceability", "valence", "loudness", "acousticness")
# What is asked about: slot, its facts (SQL, English noun, French noun, English questions, French questions), "it" in both languages, columns that two are compared by, and how.
LOOKUPS = [
    ("title", [(f"SELECT {f[0]} FROM music.tracks WHERE title = {{}}", *f[1:]) for f in lookups.SONG_FACTS], ("it", "ce titre"), SONG_SCORES, "SELECT title, artist_name, {0} FROM music.tracks WHERE title IN ({1}, {2}) ORDER BY {0} DESC"),
    ("artist", [(f"SELECT {f[0]} FROM music.artists WHERE artist_id = {{}}", *f[1:]) for f in lookups.ARTIST_FACTS], ("this artist", "cet artiste"), ("followers", "popularity"), "SELECT name, {0} FROM music.artists WHERE artist_id IN ({1}, {2}) ORDER BY {0} DESC"),
    ("album", [(f[0].replace("{W}", "album = {}"), "", "", *f[1:]) for f in lookups.ALBUM_FACTS if "{num}" not in f[0]], ("this album", "cet album"), (), ""),
]


def lookup(rng: random.Random) -> tuple[str, str, str]:
    """A fact about a song, an artist or an album; then another fact, another song or artist, or both side by side."""
    talk = Talk(rng, rng.choice([EN, FR]))
    slot, facts, it, scores, versus = rng.choices(LOOKUPS, [4, 3, 2])[0]
    value, fact = talk.new(slot), rng.choice(facts)
    questions = [lookups.says(rng, talk.language, value, fact[3], fact[4], fact[1], fact[2])]
    for _ in range(turns(rng)):
        before = fact[0].format(value)
        column = fact[0].split()[1]
        if rng.random() < 0.5:
            value, old = talk.new(slot), value
            if column in scores and rng.random() < 0.4:
                questions.append(talk.words("compare", V=value, O=old))
                return TURN.join(questions), versus.format(column, old, value), before
            questions.append(talk.chatty(talk.words("value", V=value, O=old)))
            continue
        fact = rng.choice([f for f in facts if f is not fact])
        en_noun, fr_noun, en, fr = fact[1:]
        noun, whole, this = (en_noun, en, it[0]) if talk.language == EN else (fr_noun, fr, it[1])
        questions.append(talk.chatty(talk.words("fact", C=one(rng, noun))) if noun and rng.random() < 0.55 else one(rng, whole).replace("{X}", this))
    return TURN.join(questions), fact[0].format(value), before
