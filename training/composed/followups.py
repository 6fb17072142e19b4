"""Follow-ups: a question and one to three more that change it, with the SQL of the whole request that results.

Some are steps from one request to the next (`conversations.py`). The others are here: any question of the corpus or of the other modules
has one of its values, its number of rows or its order changed, or is dropped for a question that has nothing to do with it.
"""

from __future__ import annotations

import random
import re
from functools import cache

import corpus
from masking import TURN

from . import charts, country_charts, events, lookups, people, rows, snapshots, statistics, taste
from .conversations import SUPERLATIVES, Talk, conversation, joined, lookup, number_words, of_one, slots, turns
from .parts import EN, FR, one

# Whose questions are followed up, and how often.
OTHERS = [(rows, 0.28), (events, 0.17), (taste, 0.13), (people, 0.11), (statistics, 0.1), (charts, 0.09), (country_charts, 0.05), (snapshots, 0.04), (lookups, 0.06)]

FRENCH_WORDS = re.compile(r"\b(les?|la|des?|du|en|et|quels?|quelles?|combien|qui|par|plus|moins|sont|est|chez|pour|aux?|dans|avec|titres|morceaux|chansons|artistes|écoutes|[ldqcn]')(?![\w{])|[éèêàçùœ]", re.I)
ENGLISH_WORDS = re.compile(r"\b(the|of|in|by|what|which|who|how|many|most|with|from|is|are|and|number|show|songs|tracks|artists|for|on|to|did|has|have|users?|plays|listeners)\b", re.I)


@cache
def phrased() -> list[tuple[str, str, str]]:
    """The hand-phrased questions that can be followed up: language, question, SQL."""
    return [(language, question, block.sql) for block in corpus.read_blocks() if block.answerable for language, question in block.questions if TURN not in question and corpus.chance(question) >= corpus.HELD_OUT]


def asked(rng: random.Random) -> tuple[str, str, str]:
    """A question of the corpus or of another module: language, question, SQL."""
    if rng.random() < 0.55:
        return rng.choice(phrased())
    (module,) = rng.choices([m for m, _ in OTHERS], [w for _, w in OTHERS])
    question, sql = rng.choice(module.PATTERNS)(rng)
    question = " ".join(question.split())
    return FR if len(FRENCH_WORDS.findall(question)) > len(ENGLISH_WORDS.findall(question)) else EN, question, sql


LIMITED = re.compile(r" ORDER BY (?:\w+\.)?(\w+)( DESC)? LIMIT (1|10|\{num\d*\})$")
# What may be ranked the other way round: what most of it and least of it is called in English and French, where there is a word for it.
MEASURED = {column: tuple(f"the {text.replace('|', '|the ')}" for text in (SUPERLATIVES["tracks", column, False][0], SUPERLATIVES["tracks", column, True][0])) + tuple("|".join(t for t in SUPERLATIVES["tracks", column, low][1].split("|") if t.startswith("les")) for low in (False, True))
            for table, column, low in SUPERLATIVES if table == "tracks" and low}
MEASURED |= {
    "plays": ("the most played|those with the most plays", "the least played|those with the fewest plays", "les plus écoutés|ceux qui ont le plus d'écoutes", "les moins écoutés|ceux qui ont le moins d'écoutes"),
    "listeners": ("the most listeners", "the fewest listeners", "le plus d'auditeurs", "le moins d'auditeurs"), "followers": ("the most followers", "the fewest followers", "le plus d'abonnés", "le moins d'abonnés"),
    **{alias: ("the most", "the fewest", f"le plus {fr}", f"le moins {fr}") for alias, fr in [("tags", "de tags"), ("users", "d'utilisateurs"), ("tracks", "de titres"), ("weeks", "de semaines"), ("hits", "de titres"), ("artists", "d'artistes"), ("friends", "d'amis"), ("albums", "d'albums"), ("entries", "d'entrées"), ("countries", "de pays")]},
    **{alias: ("the highest", "the lowest", "les plus élevés", "les plus bas") for alias in ("score", "percentage", "average", "total")},
    **{alias: () for alias in ("change", "minutes", "shared_listeners", "avg_score", *(f"avg_{column}" for _, column, _ in SUPERLATIVES))},
}


def reordered(talk: Talk, sql: str) -> tuple[str, str] | None:
    """The order turned round."""
    found = LIMITED.search(sql)
    if not found or found.group(1) not in MEASURED or " IN ({" in sql or "QUALIFY" in sql or (found.group(1) == "change" and "_snapshots" not in sql):
        return None
    down = found.group(2) is not None
    after = re.sub(r"( DESC)?( LIMIT \S+)$", lambda m: ("" if down else " DESC") + m.group(2), sql)
    named = MEASURED[found.group(1)]
    if not named or talk.rng.random() < 0.55:
        return talk.words("flip"), after
    words = one(talk.rng, named[(talk.language == FR) * 2 + down])
    if found.group(3) == "1":
        words = of_one(words)
    frames = "and {S}?|{S} instead|now {S}|what about {S}?|no, {S}|and which has {S}?" if words.startswith(("the most ", "the fewest")) and found.group(3) == "1" else "and {S}?|{S} instead|now {S}|what about {S}?|no, {S}|I meant {S}"
    frames = frames if talk.language == EN else "et {S} ?|plutôt {S}|maintenant {S}|non, {S}|je voulais dire {S}|et avec {S} ?" if words.startswith(("le plus d", "le moins d")) else "et {S} ?|plutôt {S}|maintenant {S}|non, {S}|je voulais dire {S}"
    return one(talk.rng, frames).replace("{S}", words), after


def relimited(talk: Talk, sql: str) -> tuple[str, str] | None:
    """One row, ten, a number or all of them."""
    found = LIMITED.search(sql)
    if not found or " IN ({" in sql:
        return None
    limit = found.group(3)
    how = talk.rng.choice(["number", "number", "several" if limit == "1" else "first", "all"])
    value = talk.new("num") if how == "number" else {"several": "10", "first": "1", "all": ""}[how]
    after = re.sub(r" LIMIT \S+$", f" LIMIT {value}" if value else "", sql)
    return number_words(talk, sql, value) if how == "number" else talk.words(how), after


def revalued(talk: Talk, sql: str, question: str) -> tuple[str, str] | None:
    """Another value for a slot, said so that it is clear for which."""
    if not slots(sql):
        return None
    slot = talk.rng.choice(slots(sql))
    kind = re.sub(r"\d+$", "", slot)
    rivals = [s for s in slots(sql) if s != slot and s.startswith(kind)]
    value, old = talk.new(kind), "{" + slot + "}"
    after = sql.replace(old, value)
    if kind == "num":
        return numbered(talk, sql, old, value, bool(rivals)), after
    if rivals:
        return talk.words("instead", V=value, O=old), after
    led = re.search(PREPOSITIONS[talk.language] + re.escape(old), question)
    if led and led.group(1) and talk.rng.random() < 0.5:
        bare = led.group(1).startswith(("de ", "du ", "des ", "of ", "l'", "le ", "la ", "les ", "the "))
        return talk.words("changed_bare" if bare else "changed", A=led.group(1) + value), after
    les = ("les années " if talk.language == FR else "the ") if kind == "decade" else ""
    return talk.words("whose" if kind == "artist" and talk.rng.random() < 0.15 else "value", V=les + value, O=les + old), after


# What stood before the value may stand before the new one.
PREPOSITIONS = {
    EN: r"\b((?:(?:in|from|of|by|for|on|to|with|since|after|before|during|at|between) )?(?:the )?(?:album |song |tag |segment |track )?)(?=\{)",
    FR: r"\b((?:(?:en|de|par|pour|chez|à|avec|depuis|après|avant|dans|sur|du|des|le|au) )?(?:les |la |le |l')?(?:album |chanson |titre |morceau |tag |segment )?)(?=\{)",
}


def numbered(talk: Talk, sql: str, old: str, value: str, rivals: bool) -> str:
    """The words for another number, by what it is: a number of rows, a user, days, or a threshold."""
    if sql.endswith(f"LIMIT {old}"):
        return number_words(talk, sql, value)
    if re.search(rf"(user|friend)_id = {re.escape(old)}", sql):
        who = one(talk.rng, "user {V}|user number {V}" if talk.language == EN else "l'utilisateur {V}|l'utilisateur numéro {V}").replace("{V}", value)
        return talk.words("value", V=who) if not sql.count("user_id = {num") > 1 else talk.words("instead", V=value, O=old)
    if f"INTERVAL {old} DAY" in sql:
        days = one(talk.rng, "over the last {V} days|in the past {V} days|over {V} days" if talk.language == EN else "sur les {V} derniers jours|ces {V} derniers jours|sur {V} jours").replace("{V}", value)
        return talk.words("changed", A=days)
    if re.search(rf"QUALIFY ROW_NUMBER.* <= {re.escape(old)}", sql) and not rivals:
        return talk.words("number", V=value)
    return talk.words("instead" if rivals else "threshold", V=value, O=old)


def any_question(rng: random.Random) -> tuple[str, str, str]:
    """A question of the corpus or another module and follow-ups that change its values, its number of rows or its order."""
    while True:
        language, question, sql = asked(rng)
        talk = Talk(rng, (FR if language == EN else EN) if rng.random() < 0.03 else language)
        talk.used = {kind: max(int(n or 1) for k, n in corpus.SLOT.findall(question) if k == kind) for kind, _ in corpus.SLOT.findall(question)}
        questions, first, before = [question], sql, ""
        for _ in range(turns(rng)):
            for _ in range(6):
                change = rng.choices([lambda: revalued(talk, sql, TURN.join(questions)), lambda: relimited(talk, sql), lambda: reordered(talk, sql)], [6, 4, 2])[0]
                out = change()
                if out and out[1] != sql:
                    questions.append(talk.chatty(talk.inflected(out[0])))
                    before, sql = sql, out[1]
                    break
        if sql != first and (out := joined(questions, sql, before)):
            return out


def topic_switch(rng: random.Random) -> tuple[str, str, str]:
    """A whole question after another that it has nothing to do with."""
    while True:
        (_, *first), (_, question, sql) = asked(rng), asked(rng)
        other, before = (corpus.SLOT.sub(lambda m: "{" + m.group(1) + str(20 + int(m.group(2) or 1)) + "}", text) for text in first)
        if out := joined([other, question], sql, before):
            return out


PATTERNS = [any_question] * 16 + [conversation("tracks")] * 8 + [conversation("artists")] * 3 + [conversation("plays")] * 5 + [conversation("hits")] * 3 + [conversation("national")] + [lookup] * 3 + [topic_switch] * 2
