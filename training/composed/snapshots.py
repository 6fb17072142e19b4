"""Popularity and followers over time: values, changes, movers, series."""

from __future__ import annotations

from dataclasses import dataclass

from .charts import (
    ARTIST,
    Bit,
    COUNTRY,
    DATE,
    FIGURE,
    GENRE,
    NEWEST,
    NONE,
    OWN,
    SONG,
    SONG_ARTIST,
    SONG_BY,
    SUBQUERY,
    TITLE,
    again,
    ask,
    days,
    how_many,
    noun_phrase,
    periods,
    span,
    where,
)
from .parts import EN, FR, one

@dataclass(frozen=True)
class Figure:
    """A column of the snapshots and its words; French with article, after 'de', agreeing adjectives."""

    column: str
    en: str
    le: str
    de: str
    bare: str
    more: str
    more_fr: str
    feminine: bool


POPULARITY = Figure(
    "popularity", "popularity|popularity score", "la popularité", "de la popularité", "popularité", "popularity|popularity points", "popularité|points de popularité", True
)
FOLLOWERS = Figure(
    "followers",
    "follower count|number of followers|fan count",
    "le nombre d'abonnés|le nombre de fans|le nombre de followers",
    "du nombre d'abonnés|du nombre de fans",
    "nombre d'abonnés|nombre de fans",
    "followers|fans|followers",
    "abonnés|fans|followers",
    False,
)
MOMENTS = periods("captured_at")
DAY = Bit("DATE(captured_at) = {date}", DATE, "on {date}|on {date}|as of {date}|in the snapshot of {date}", "le {date}|le {date}|à la date du {date}|au relevé du {date}")
CHANGE = "MAX_BY({c}, captured_at) - MIN_BY({c}, captured_at) AS change"
# Subjects of snapshots: table, condition.
TITLE_SUBJECTS = [SONG, SONG_BY, SONG_BY]
OF_COUNTRY = Bit(
    "artist_id IN (SELECT artist_id FROM music.artists WHERE country = {country})",
    SUBQUERY,
    "from {country}|from {country}|of {country}",
    "de {country}|{country}|venant de {country}",
    "{country}",
)
OF_STYLE = Bit("artist_id IN (SELECT artist_id FROM music.artists WHERE {genre} IN UNNEST(genres))", SUBQUERY, "doing {genre}|in {genre}", "de {genre}|{genre}", "{genre}")
OF_BOTH = Bit(
    "artist_id IN (SELECT artist_id FROM music.artists WHERE country = {country} AND {genre} IN UNNEST(genres))",
    SUBQUERY,
    "from {country} doing {genre}",
    "de {genre} venant de {country}",
    "{country} {genre}",
)
SNAP_ARTISTS = 3 * [NONE] + 2 * [OF_COUNTRY] + 2 * [OF_STYLE] + [OF_BOTH]
SNAP_SONGS = (
    4 * [NONE]
    + 4 * [SONG_ARTIST]
    + [
        Bit("artist_id IN ({artist}, {artist2})", ARTIST, "by {artist} or {artist2}|by {artist} and {artist2}", "de {artist} ou de {artist2}|de {artist} et de {artist2}"),
        Bit(OF_COUNTRY.sql, SUBQUERY, "by artists from {country}|by {country} artists", "d'artistes {country}|d'artistes venus de {country}"),
        Bit(OF_STYLE.sql, SUBQUERY, "by {genre} artists", "d'artistes de {genre}"),
    ]
)


LEVELS = [
    ("> {num}", "more than {num}|over {num}|above {num}", "plus de {num}"),
    (">= {num}", "at least {num}", "au moins {num}"),
    ("< {num}", "less than {num}|under {num}|below {num}", "moins de {num}"),
    ("<= {num}", "at most {num}", "au plus {num}"),
]


def snapshot(select: str, table: str, *bits: Bit, tail: str = "") -> str:
    """A statement on one of the snapshot tables."""
    return f"SELECT {select} FROM music.{table}{where(*bits)} {tail}".strip()


def newest(table: str) -> Bit:
    """The latest capture of a table."""
    return Bit(
        f"captured_at = (SELECT MAX(captured_at) FROM music.{table})",
        NEWEST,
        "in the latest snapshot|at the latest capture|in the newest snapshot",
        "au dernier relevé|dans le dernier snapshot|au relevé le plus récent",
    )


def in_snapshots(rng, language, when: Bit) -> str:
    """The words of a time that also say that the snapshots are meant, not the figures of today or the year of release."""
    where_en, where_fr = (
        ("across all snapshots|over all snapshots|in the snapshots", "sur tous les relevés|tous relevés confondus|dans les relevés")
        if when is NONE
        else ("in the snapshots", "dans les relevés")
    )
    return f"{one(rng, where_en if language == EN else where_fr)} {when.says(language, rng)}"


def moment(rng, table: str, chance=0.65) -> Bit:
    """A stretch of captures, or none."""
    return span(rng, MOMENTS + [days(table, "captured_at")] * 2, chance)


def subject(rng):
    """One artist, one song or one song by an artist, and the figure asked for."""
    if rng.random() < 0.4:
        return "track_snapshots", rng.choice(TITLE_SUBJECTS), POPULARITY
    return "artist_snapshots", OWN, rng.choice([POPULARITY, FOLLOWERS, FOLLOWERS])


def figure_places(rng, language, figure, who, words=None):
    """The places that snapshot templates share: K the figure, of/with article, X the subject, and agreeing French words."""
    e = "e" if figure.feminine else ""
    return {
        "X": who.says(language, rng),
        "K": one(rng, figure.en) if language == EN else one(rng, figure.le),
        "D": one(rng, figure.de),
        "B": one(rng, figure.bare),
        "M": one(rng, figure.more if language == EN else figure.more_fr),
        "E": e,
        "Q": "quelle" if e else "quel",
        "MAX": "maximale" if e else "maximal",
        "MIN": "minimale" if e else "minimal",
        "MOY": "moyenne" if e else "moyen",
        "IL": "elle" if e else "il",
        "HAUT": "la plus haute" if e else "le plus haut",
    }


def snapshot_value(rng):
    """A figure on a date, at the latest capture, its maximum, minimum or mean in a time, and when it was reached."""
    language, (table, who, figure) = rng.choice([EN, FR]), subject(rng)
    c, places = figure.column, figure_places(rng, language, figure, who)
    kind = rng.choice(["day", "day", "day", "latest", "max", "min", "avg", "avg", "history", "history", "peak", "low", "count", "first", "ever", "step", "dates"])
    when = moment(rng, table)
    words = when.says(language, rng)
    if kind == "day":
        extra_en, extra_fr = (
            ("|how popular was <X> <T>?", "|<X> était populaire à quel point <T> ?")
            if figure is POPULARITY
            else ("|how many <M> did <X> have <T>?|how many <M> had <X> <T>", "|combien de <M> avait <X> <T> ?|<X> avait combien de <M> <T> ?")
        )
        return ask(
            rng,
            language,
            "<K> of <X> <T>|what was the <K> of <X> <T>?|<X> <K> <T>" + extra_en,
            "<B> de <X> <T>|<Q> était <K> de <X> <T> ?|<X>, <B> <T>" + extra_fr,
            DAY.says(language, rng),
            **places,
        ), snapshot(c, table, who, DAY)
    if kind == "latest":
        return ask(
            rng,
            language,
            "latest <K> of <X>|most recent snapshot of the <K> of <X>|what is the last captured <K> of <X>?|<K> of <X> in its latest snapshot",
            "dernier relevé <D> de <X>|<B> de <X> au dernier relevé|<Q> est <K> de <X> d'après le dernier relevé ?",
            **places,
        ), snapshot(f"captured_at, {c}", table, who, tail="ORDER BY captured_at DESC LIMIT 1")
    if kind in ("max", "min", "avg"):
        words = in_snapshots(rng, language, when) if when is NONE else words
        en, fr = {
            "max": (
                "highest <K> of <X> <T>|peak <K> of <X> <T>|maximum <K> of <X> <T>|what was the highest <K> of <X> <T>?|<T>, what was the best <K> of <X>?",
                "<B> <MAX> de <X> <T>|<Q> a été <K> <MAX> de <X> <T> ?|maximum <D> de <X> <T>|record <D> de <X> <T>",
            ),
            "min": (
                "lowest <K> of <X> <T>|minimum <K> of <X> <T>|what was the lowest <K> of <X> <T>?",
                "<B> <MIN> de <X> <T>|minimum <D> de <X> <T>|<Q> a été <K> <MIN> de <X> <T> ?",
            ),
            "avg": (
                "average <K> of <X> <T>|mean <K> of <X> <T>|what was the average <K> of <X> <T>?|<T>, the <K> of <X> on average",
                "<B> <MOY> de <X> <T>|moyenne <D> de <X> <T>|<Q> était <K> <MOY> de <X> <T> ?|<K> de <X> <T>, en moyenne",
            ),
        }[kind]
        return ask(rng, language, en, fr, words, **places), snapshot(f"{kind.upper()}({c}) AS {kind}_{c}", table, who, when)
    if kind == "history":
        return ask(
            rng,
            language,
            "<K> of <X> over time <T>|how did the <K> of <X> evolve <T>?|<X> <K> history <T>|evolution of the <K> of <X> <T>|every snapshot of the <K> of <X> <T>|curve of the <K>"
            " of <X> <T>|show the <K> of <X> snapshot by snapshot <T>",
            "évolution <D> de <X> <T>|comment <K> de <X> a évolué <T> ?|comment <K> de <X> a-t-<IL> évolué <T> ?|historique <D> de <X> <T>|<K> de <X> au fil du temps <T>|courbe"
            " <D> de <X> <T>|tous les relevés <D> de <X> <T>",
            words,
            **places,
        ), snapshot(f"captured_at, {c}", table, who, when, tail="ORDER BY captured_at")
    if kind in ("peak", "low"):
        high = kind == "peak"
        return ask(
            rng,
            language,
            "when was the <K> of <X> at its <S> <T>?|when did <X> have the <S> <K> <T>?|date of the <S> <K> of <X> <T>",
            "quand <K> de <X> a été à son <S> <T> ?|date <D> <U> de <X> <T>|à quelle date <K> de <X> a atteint son <S> <T>",
            words,
            S=("highest" if high else "lowest") if language == EN else ("plus haut" if high else "plus bas"),
            U=places["MAX" if high else "MIN"],
            **places,
        ), snapshot(f"captured_at, {c}", table, who, when, tail=f"ORDER BY {c} {'DESC ' if high else ''}LIMIT 1")
    if kind == "count":
        return ask(
            rng,
            language,
            "how many snapshots of <X> are there <T>?|number of snapshots for <X> <T>|how many times was <X> captured <T>?",
            "combien de relevés de <X> <T> ?|nombre de snapshots de <X> <T>|combien de fois <X> a été relevé <T> ?",
            words,
            X=places["X"],
        ), snapshot("COUNT(*) AS snapshots", table, who, when)
    if kind == "dates":
        function, alias, en, fr = rng.choice([("MIN", "first_date", "first|earliest", "premier"), ("MAX", "last_date", "last|most recent", "dernier")])
        return ask(
            rng,
            language,
            "date of the <O> snapshot of <X> <T>|when was the <O> snapshot of <X> taken <T>?",
            "date du <O> relevé de <X> <T>|de quand date le <O> relevé de <X> <T> ?",
            words,
            X=places["X"],
            O=one(rng, en if language == EN else fr),
        ), snapshot(f"{function}(DATE(captured_at)) AS {alias}", table, who, when)
    if kind == "step":
        return ask(
            rng,
            language,
            "change in the <K> of <X> from one snapshot to the next <T>|snapshot to snapshot change of the <K> of <X> <T>",
            "variation <D> de <X> d'un relevé à l'autre <T>|relevé par relevé, la variation <D> de <X> <T>",
            words,
            **places,
        ), snapshot(f"captured_at, {c} - LAG({c}) OVER (ORDER BY captured_at) AS change", table, who, when, tail="ORDER BY captured_at")
    test, more, plus = rng.choice(LEVELS[:3])
    amount = one(rng, more if language == EN else plus)
    bit = Bit(f"{c} {test}", FIGURE)
    if kind == "first":
        return ask(
            rng,
            language,
            "when did <X> first have a <K> of <C> <T>?|first date on which <X> had a <K> of <C> <T>",
            "quand <X> a eu <U> <K2> de <C> pour la première fois <T> ?|première date où <X> avait <U> <K2> de <C> <T>",
            words,
            C=amount,
            U="une" if places["E"] else "un",
            K2=places["B"],
            **places,
        ), snapshot("MIN(DATE(captured_at)) AS first_date", table, who, bit, when)
    return ask(
        rng,
        language,
        "did <X> ever have a <K> of <C> <T>?|was the <K> of <X> ever <C> <T>?|has <X> had a <K> of <C> <T>",
        "est-ce que <X> a eu <U> <K2> de <C> <T> ?|<X> a déjà eu <U> <K2> de <C> <T> ?",
        words,
        C=amount,
        U="une" if places["E"] else "un",
        K2=places["B"],
        **places,
    ), snapshot("COUNT(*) > 0 AS answer", table, who, bit, when)


def snapshot_change(rng):
    """How much a figure changed, in points or percent, and whether it rose."""
    language, (table, who, figure) = rng.choice([EN, FR]), subject(rng)
    when, c, kind = moment(rng, table, 0.75), figure.column, rng.random()
    places, words = figure_places(rng, language, figure, who), when.says(language, rng)
    if kind < 0.65:
        return ask(
            rng,
            language,
            (
                "how many <M> did <X> gain <T>?|how much did the <K> of <X> change <T>?|change in <K> of <X> <T>|<M> gained by <X> <T>|how much did <X> grow in <M> <T>?|growth of"
                " <X> in <M> <T>|by how much did the <K> of <X> go up or down <T>"
                if figure is FOLLOWERS
                else (
                    "how much did the <K> of <X> change <T>?|change in <K> of <X> <T>|how much popularity did <X> gain <T>?|by how many points did the <K> of <X> move <T>?|<K>"
                    " gained or lost by <X> <T>|difference in <K> for <X> <T>"
                )
            ),
            (
                "combien de <M> <X> a gagnés <T> ?|de combien <K> de <X> a changé <T> ?|variation <D> de <X> <T>|gain de <M> de <X> <T>|de combien <X> a progressé en <M> <T>"
                " ?|combien de <M> <X> a-t-il gagnés <T> ?"
                if figure is FOLLOWERS
                else (
                    "de combien <K> de <X> a changé <T> ?|variation <D> de <X> <T>|de combien de points <K> de <X> a bougé <T> ?|combien de points de popularité <X> a gagnés <T>"
                    " ?|gain de popularité de <X> <T>|de combien <K> de <X> a-t-elle varié <T> ?"
                )
            ),
            words,
            **places,
        ), snapshot(CHANGE.format(c=c), table, who, when)
    if kind < 0.82:
        return ask(
            rng,
            language,
            "did the <K> of <X> go up <T>?|did <X> gain <M> <T>?|was the <K> of <X> rising <T>, yes or no?|is it true that the <K> of <X> increased <T>?",
            (
                "est-ce que <K> de <X> a augmenté <T> ?|<X> a-t-il gagné des <M> <T> ?|<K> de <X> a progressé <T>, oui ou non ?|est-ce que <X> a gagné des <M> <T> ?"
                if figure is FOLLOWERS
                else (
                    "est-ce que <K> de <X> a augmenté <T> ?|<X> a-t-il gagné en popularité <T> ?|<K> de <X> a progressé <T>, oui ou non ?|est-ce que <X> a gagné en popularité"
                    " <T> ?"
                )
            ),
            words,
            **places,
        ), snapshot(f"MAX_BY({c}, captured_at) > MIN_BY({c}, captured_at) AS answer", table, who, when)
    return ask(
        rng,
        language,
        "by what percentage did the <K> of <X> change <T>?|percentage growth of the <K> of <X> <T>|growth in percent of the <K> of <X> <T>",
        "de quel pourcentage <K> de <X> a changé <T> ?|croissance en pourcentage <D> de <X> <T>|variation en % <D> de <X> <T>",
        words,
        **places,
    ), snapshot(f"100 * (MAX_BY({c}, captured_at) - MIN_BY({c}, captured_at)) / MIN_BY({c}, captured_at) AS percentage", table, who, when)


def pack(rng, language):
    """Many artists or many songs of the snapshots: table, group, figure, who, nouns."""
    songs = rng.random() < 0.4
    nouns = {(EN, True): ("song", "songs"), (EN, False): ("artist", "artists"), (FR, True): ("titre", "titres"), (FR, False): ("artiste", "artistes")}[language, songs]
    if songs:
        return "track_snapshots", "title, artist_name", POPULARITY, rng.choice(SNAP_SONGS), nouns
    return "artist_snapshots", "artist_name", rng.choice([POPULARITY, FOLLOWERS, FOLLOWERS]), rng.choice(SNAP_ARTISTS), nouns


def snapshot_movers(rng):
    """Who gained or lost most; all who gained more than so much; how many."""
    language = rng.choice([EN, FR])
    table, group, figure, who, nouns = pack(rng, language)
    when, (how, limit), up, c = moment(rng, table, 0.65), how_many(rng), rng.random() < 0.6, figure.column
    words, select = when.says(language, rng), f"{group}, {CHANGE.format(c=c)}"
    amount = one(rng, figure.more if language == EN else figure.more_fr)
    style = rng.random()
    plural = how != "one"
    if style < 0.25:
        noun = noun_phrase(rng, language, nouns[1], who)
        if rng.random() < 0.4:
            having, en, fr = (
                ("change > 0", "that gained <M>|whose <K> went up", "qui ont gagné des <M>|dont <L> a augmenté")
                if up
                else ("change < 0", "that lost <M>|whose <K> went down|losing <M>", "qui ont perdu des <M>|dont <L> a baissé")
            )
        else:
            test, more, plus = rng.choice(LEVELS[:2])
            if not up:
                test, more, plus = LEVELS[0]
            having = f"change {test}" if up else "change < -{num}"
            en, fr = (f"that {'gained' if up else 'lost'} {one(rng, more)} <M>", f"qui ont {'gagné' if up else 'perdu'} {plus} <M>")
        if figure is POPULARITY:
            fr = fr.replace("des <M>", "en popularité").replace("<M>", "points de popularité")
        count = rng.random() < 0.2 and group == "artist_name" and "{num}" not in having
        text = ask(
            rng,
            language,
            "how many <N> <P> <T>|number of <N> <P> <T>" if count else "<N> <P> <T>|which are the <N> <P> <T>?|list all <N> <P> <T>|show the <N> <P> <T>",
            "nombre de <N> <P> <T>|combien de <N> <P> <T>" if count else "<N> <P> <T>|quels sont les <N> <P> <T> ?|liste des <N> <P> <T>|tous les <N> <P> <T>",
            words,
            N=noun,
            P=one(rng, en if language == EN else fr).replace("<M>", amount).replace("<K>", one(rng, figure.en)).replace("<L>", one(rng, figure.le)),
        )
        if count:
            return (
                text,
                "SELECT COUNT(*) AS artists FROM ("
                + snapshot("artist_id", table, who, when, tail=f"GROUP BY artist_id HAVING MAX_BY({c}, captured_at) {having[7]} MIN_BY({c}, captured_at)")
                + ")",
            )
        return text, snapshot(select, table, who, when, tail=f"GROUP BY {group} HAVING {having}")
    sql = snapshot(select, table, who, when, tail=f"GROUP BY {group} ORDER BY change {'DESC ' if up else ''}{limit}")
    if style < 0.32:
        sql = snapshot(
            f"{group}, 100 * (MAX_BY({c}, captured_at) - MIN_BY({c}, captured_at)) / MIN_BY({c}, captured_at) AS percentage",
            table,
            who,
            when,
            tail=f"GROUP BY {group} ORDER BY percentage DESC {limit}",
        )
        noun = noun_phrase(rng, language, nouns[plural], who)
        return (
            ask(
                rng,
                language,
                "which <Z><N> grew the most in percent of <K> <T>?|<Z><N> with the highest percentage growth in <K> <T>",
                "<Q> <Z><N> <A> la plus forte croissance en pourcentage <D> <T> ?|<Z><N> avec la plus forte croissance <D> en pourcentage <T>",
                words,
                Z="{num} " if how == "number" else "",
                N=noun,
                K=one(rng, figure.more),
                D=one(rng, figure.de),
                Q="quels" if plural else "quel",
                A="ont" if plural else "a",
            ),
            sql,
        )
    if style < 0.7:
        noun = noun_phrase(rng, language, nouns[plural], who)
        number = "{num} " if how == "number" else ""
        return (
            ask(
                rng,
                language,
                "which <Z><N> <V> the most <M> <T>?|<Z><N> that <V> the most <M> <T>|the <Z><N> who <V> the most <M> <T>|who <V> the most <M> <T>? <Z><N>|<Z><N> with the biggest"
                " <S> in <K> <T>|<T>, which <Z><N> <V> the most <M>?",
                "<Q> <Z><N> <A> <V> le plus de <M> <T> ?|<Z><N> qui <A> <V> le plus de <M> <T>|<L><Z><N> ayant <V> le plus de <M> <T>|<L><Z><N> avec la plus forte <S> <D> <T>|<T>,"
                " <Q> <Z><N> <A> <V> le plus de <M> ?",
                words,
                Z=number,
                N=noun,
                V=("gained" if up else "lost") if language == EN else ("gagné" if up else "perdu"),
                M=amount,
                S=(
                    (rng.choice(["increase", "gain", "rise"]) if up else rng.choice(["drop", "loss", "decline"]))
                    if language == EN
                    else (rng.choice(["hausse", "progression"]) if up else rng.choice(["baisse", "chute"]))
                ),
                K=one(rng, figure.more),
                D=one(rng, figure.de),
                Q="quels" if plural else "quel",
                A="ont" if plural else "a",
                L="les " if plural else "l'" if nouns[0] == "artiste" else "le ",
            ),
            sql,
        )
    noun = noun_phrase(rng, language, nouns[plural], who)
    number = "{num} " if how == "number" else ""
    return (
        ask(
            rng,
            language,
            (
                "the <Z><N> whose <K> <W> the most <T>|<Z><N> whose <K> <W> most <T>|which <Z><N> saw their <K> <G> the most <T>?|top <Z><N> by <S> in <K> <T>"
                if plural
                else "the <N> whose <K> <W> the most <T>|which <N> saw its <K> <G> the most <T>?|<N> with the biggest <S> in <K> <T>"
            ),
            (
                "<L><Z><N> dont <E> a le plus <W> <T>|<Z><N> dont <E> a le plus <W> <T>|<Q> <Z><N> <A> vu <E2> le plus <G> <T> ?|top <Z><N> en <S> <D> <T>"
                if plural
                else "<L><N> dont <E> a le plus <W> <T>|<Q> <N> a connu la plus forte <S> <D> <T> ?"
            ),
            words,
            Z=number,
            N=noun,
            K=one(rng, figure.en),
            W=(
                (rng.choice(["grew", "rose", "increased"]) if up else rng.choice(["fell", "dropped", "declined"]))
                if language == EN
                else (rng.choice(["augmenté", "progressé"]) if up else rng.choice(["baissé", "reculé", "diminué"]))
            ),
            G=("rise" if up else "fall") if language == EN else ("augmenter" if up else "baisser"),
            S=("increase" if up else "drop") if language == EN else ("hausse" if up else "baisse"),
            E=one(rng, figure.le),
            E2="leur popularité" if figure is POPULARITY else "leur nombre d'abonnés",
            D=one(rng, figure.de),
            Q="quels" if plural else "quel",
            A="ont" if plural else "a",
            L="les " if plural else "l'" if nouns[0] == "artiste" else "le ",
        ),
        sql,
    )


def snapshot_top(rng):
    """Ranked by a figure on a date or at the latest capture; all above a threshold; means over a pack."""
    language = rng.choice([EN, FR])
    table, group, figure, who, nouns = pack(rng, language)
    (how, limit), c = how_many(rng), figure.column
    day = rng.choice([DAY, DAY, newest(table)])
    words, plural, number = day.says(language, rng), how != "one", "{num} " if how == "number" else ""
    kind = rng.random()
    if kind < 0.5:
        adjective = (
            one(rng, "most popular|most popular" if figure is POPULARITY else "most followed|most followed")
            if language == EN
            else ("plus populaire" if figure is POPULARITY else "plus suivi") + "s" * plural
        )
        noun = noun_phrase(rng, language, nouns[plural], who)
        return ask(
            rng,
            language,
            (
                "the <Z><A> <N> <T>|<Z><A> <N> <T>|which <Z><N> had the <H> <T>?|<Z><N> with the <H> <T>|<T>, the <Z><A> <N>|what were the <Z><A> <N> <T>?"
                if plural
                else "the <A> <N> <T>|which <N> had the <H> <T>?|<N> with the <H> <T>|<T>, which <N> was the <A>?"
            ),
            (
                "les <Z><N> les <A> <T>|<Z><N> les <A> <T>|quels étaient les <Z><N> les <A> <T> ?|<T>, les <Z><N> les <A>|quels <Z><N> avaient le plus de <M> <T> ?"
                if plural
                else "<L><N> le <A> <T>|quel était <L><N> le <A> <T> ?|<T>, <L><N> le <A>|quel <N> avait le plus de <M> <T> ?"
            ),
            words,
            Z=number,
            A=adjective,
            N=noun,
            H=rng.choice(["highest popularity", "best popularity score"]) if figure is POPULARITY else rng.choice(["most followers", "most fans"]),
            M=one(rng, figure.more_fr),
            L="l'" if nouns[0] == "artiste" else "le ",
        ), snapshot(f"{group}, {c}", table, who, day, tail=f"ORDER BY {c} DESC {limit}")
    test, more, plus = rng.choice(LEVELS[:4])
    noun, amount, bit = noun_phrase(rng, language, nouns[1], who), one(rng, more if language == EN else plus), Bit(f"{c} {test}", FIGURE)
    if kind < 0.68:
        one_day = rng.random() < 0.5
        when = day if one_day else moment(rng, table)
        sql = snapshot(f"{group}, {c}" if one_day else f"DISTINCT {group}", table, who, bit, when)
        middle = {(EN, "popularity"): "a popularity of <C>", (EN, "followers"): "<C> followers", (FR, "popularity"): "une popularité de <C>", (FR, "followers"): "<C> abonnés"}[
            language, c
        ].replace("<C>", amount)
        return (
            ask(
                rng,
                language,
                (
                    "<N> with <C> <T>|which <N> had <C> <T>?|list the <N> that had <C> <T>|all <N> that had <C> <T>"
                    if one_day
                    else "<N> that ever had <C> <T>|which <N> ever had <C> <T>?|list the <N> that at some point had <C> <T>"
                ),
                (
                    "<N> avec <C> <T>|quels <N> avaient <C> <T> ?|liste des <N> ayant <C> <T>"
                    if one_day
                    else "<N> qui ont eu au moins une fois <C> <T>|quels <N> ont déjà eu <C> <T> ?|liste des <N> ayant eu un jour <C> <T>"
                ),
                when.says(language, rng) if one_day else in_snapshots(rng, language, when),
                N=noun,
                C=middle,
            ),
            sql,
        )
    if kind < 0.84:
        when = rng.choice([DAY, moment(rng, table)])
        function, en, fr, alias = rng.choice([("AVG", "average", "moyenne", "avg"), ("MAX", "highest", "maximum", "max")])
        k = one(rng, figure.en)
        return ask(
            rng,
            language,
            "<F> <K> of <N> <T>|what was the <F> <K> of <N> <T>?|<F> <K> of all <N> <T>",
            "<F> <D> des <N> <T>|quelle était la <F> <D> des <N> <T> ?".replace("la <F>", "<G> <F>").replace("quelle", "quelle" if function == "AVG" else "quel"),
            when.says(language, rng) if when is DAY else in_snapshots(rng, language, when),
            F=en if language == EN else fr,
            K=k,
            N=noun,
            D=one(rng, figure.de),
            G="la" if function == "AVG" else "le",
        ), snapshot(f"{function}({c}) AS {alias}_{c}", table, who, when)
    when = moment(rng, table, 0.8)
    function, en, fr, alias = rng.choice([("AVG", "highest average", "moyen", "avg"), ("MAX", "highest peak", "maximal", "max")])
    noun = noun_phrase(rng, language, nouns[plural], who)
    adjective = fr if figure is not POPULARITY else {"moyen": "moyenne", "maximal": "maximale"}[fr]
    return ask(
        rng,
        language,
        "<Z><N> with the <F> <K> <T>|the <Z><N> with the <F> <K> <T>|which <Z><N> had the <F> <K> <T>?",
        "<Z><N> avec <B> <F> <O> <T>|<L><Z><N> avec <B> <F> <O> <T>|<Q> <Z><N> <A> <B> <F> <O> <T> ?",
        in_snapshots(rng, language, when),
        Z=number,
        N=noun,
        F=en if language == EN else adjective,
        K=one(rng, figure.en),
        B=one(rng, figure.le),
        O="la plus élevée" if figure is POPULARITY else "le plus élevé",
        L="les " if plural else "l'" if nouns[0] == "artiste" else "le ",
        Q="quels" if plural else "quel",
        A="avaient" if plural else "avait",
    ), snapshot(f"{group}, {function}({c}) AS {alias}_{c}", table, who, when, tail=f"GROUP BY {group} ORDER BY {alias}_{c} DESC {limit}")


SNAP_UNITS = [
    ("DATE_TRUNC(DATE(captured_at), MONTH) AS month", "per month|by month|each month|month by month|monthly", "par mois|chaque mois|mois par mois"),
    ("EXTRACT(YEAR FROM captured_at) AS year", "per year|by year|each year|year by year", "par an|par année|chaque année"),
]


def snapshot_series(rng):
    """A figure per month or year."""
    language, (table, who, figure) = rng.choice([EN, FR]), subject(rng)
    unit, per_en, per_fr = rng.choice(SNAP_UNITS[:1] * 2 + SNAP_UNITS)
    alias, c = unit.split(" AS ")[1], figure.column
    when = span(rng, MOMENTS[:5] + MOMENTS[8:10] if alias == "month" else [MOMENTS[8], MOMENTS[15]], 0.5)
    places = figure_places(rng, language, figure, who)
    function, en, fr, name = rng.choice([
        ("AVG", "average <K>", "<B> <MOY>", "avg"),
        ("AVG", "mean <K>", "<B> <MOY>", "avg"),
        ("MAX", "highest <K>", "<B> <MAX>", "max"),
        ("MIN", "lowest <K>", "<B> <MIN>", "min"),
        ("change", "change in <K>", "variation <D>", "change"),
    ])
    select = CHANGE.format(c=c) if function == "change" else f"{function}({c}) AS {name}_{c}"
    if rng.random() < 0.25:
        column = "change" if function == "change" else f"{name}_{c}"
        down = name == "min"
        return ask(
            rng,
            language,
            (
                f"which {alias} had the <S> {en.replace('highest ', '').replace('lowest ', '')} of <X> <T>?"
                if function != "change"
                else f"in which {alias} did the <K> of <X> grow the most <T>?"
            ),
            f"<Q2> {'année' if alias == 'year' else 'mois'} avec {'<K> <S> de <X>' if function != 'change' else 'la plus forte hausse <D> de <X>'} <T>".replace(
                "<Q2> ", rng.choice(["", "quelle est l'" if alias == "year" else "quel est le "])
            ),
            when.says(language, rng),
            S=(
                ("highest" if not down else "lowest")
                if language == EN
                else f"{places['MOY'] if name == 'avg' else ''} {('la' if places['E'] else 'le')} plus {'bas' if down else 'élevé'}{('se' if down else 'e') if places['E'] else ''}"
            ),
            **places,
        ), snapshot(f"{unit}, {select}", table, who, when, tail=f"GROUP BY {alias} ORDER BY {column} {'' if down else 'DESC '}LIMIT 1")
    return ask(
        rng,
        language,
        f"{en} of <X> <U> <T>|<U>, {en} of <X> <T>|what was the {en} of <X> <U> <T>?|show the {en} of <X> <U> <T>",
        f"{fr} de <X> <U> <T>|<U>, {fr} de <X> <T>|je voudrais {'la' if function == 'change' else '<UN>'} {fr} de <X> <U> <T>",
        when.says(language, rng),
        U=one(rng, per_en if language == EN else per_fr),
        UN="la" if places["E"] else "le",
        **places,
    ), snapshot(f"{unit}, {select}", table, who, when, tail=f"GROUP BY {alias} ORDER BY {alias}")


def snapshot_compare(rng):
    """Two artists or two songs side by side."""
    language, songs = rng.choice([EN, FR]), rng.random() < 0.35
    table, group, bit, a, b = (
        ("track_snapshots", "title", Bit("title IN ({title}, {title2})", TITLE), "{title}", "{title2}")
        if songs
        else ("artist_snapshots", "artist_name", Bit("artist_id IN ({artist}, {artist2})", ARTIST), "{artist}", "{artist2}")
    )
    figure = POPULARITY if songs else rng.choice([POPULARITY, FOLLOWERS, FOLLOWERS])
    c, kind, when = figure.column, rng.choice(["change", "change", "day", "history", "max"]), moment(rng, table, 0.6)
    winner = rng.random() < 0.5
    which, lequel = ("which", "lequel") if songs else ("who", "qui")
    places = {
        "WHO": which,
        "QUI": lequel,
        "X": a,
        "Y": b,
        "M": one(rng, figure.more if language == EN else figure.more_fr),
        "K": one(rng, figure.en),
        "D": one(rng, figure.de),
        "L": one(rng, figure.le),
    }
    words = when.says(language, rng)
    if kind == "history":
        return ask(
            rng,
            language,
            "<K> of <X> and <Y> over time <T>|plot the <K> of <X> and <Y> <T>|<X> versus <Y>, <K> history <T>|how did the <K> of <X> and <Y> evolve <T>?",
            "évolution <D> de <X> et de <Y> <T>|<X> face à <Y> : <L> au fil du temps <T>|courbes <D> de <X> et de <Y> <T>",
            words,
            **places,
        ), snapshot(f"captured_at, {group}, {c}", table, bit, when, tail="ORDER BY captured_at")
    if kind == "day":
        sql = snapshot(f"{group}, {c}", table, bit, DAY, tail=f"ORDER BY {c} DESC" + " LIMIT 1" * winner)
        words = DAY.says(language, rng)
        return (
            ask(
                rng,
                language,
                (
                    "which one had more <M> <T>, <X> or <Y>?|<WHO> had the higher <K> <T>, <X> or <Y>?|<X> or <Y>: which had more <M> <T>?"
                    if winner
                    else "<K> of <X> and <Y> <T>|compare the <K> of <X> and <Y> <T>"
                ),
                (
                    "<QUI> avait le plus de <M> <T>, <X> ou <Y> ?|<X> ou <Y> : <QUI> avait plus de <M> <T> ?|lequel avait le plus de <M> <T>, <X> ou <Y> ?"
                    if winner
                    else "<L> de <X> et de <Y> <T>|compare <L> de <X> et de <Y> <T>"
                ),
                words,
                **places,
            ),
            sql,
        )
    if kind == "max":
        sql = snapshot(f"{group}, MAX({c}) AS max_{c}", table, bit, when, tail=f"GROUP BY {group} ORDER BY max_{c} DESC" + " LIMIT 1" * winner)
        return (
            ask(
                rng,
                language,
                (
                    "which one reached the higher <K> <T>, <X> or <Y>?|<X> or <Y>: <WHO> peaked higher in <M> <T>?"
                    if winner
                    else "highest <K> of <X> and of <Y> <T>|peak <K> of <X> compared with <Y> <T>"
                ),
                (
                    "<QUI> a atteint le plus haut niveau de <M> <T>, <X> ou <Y> ?|<X> ou <Y> : <QUI> est monté le plus haut en <M> <T> ?"
                    if winner
                    else "maximum <D> de <X> et de <Y> <T>|compare le maximum <D> de <X> et de <Y> <T>"
                ),
                words,
                **places,
            ),
            sql,
        )
    sql = snapshot(f"{group}, {CHANGE.format(c=c)}", table, bit, when, tail=f"GROUP BY {group} ORDER BY change DESC" + " LIMIT 1" * winner)
    return (
        ask(
            rng,
            language,
            (
                "<WHO> gained more <M> <T>, <X> or <Y>?|<X> or <Y>: which one gained the most <M> <T>?|between <X> and <Y>, which one grew more in <M> <T>?"
                if winner
                else "how many <M> did <X> and <Y> gain <T>?|compare the change in <K> of <X> and <Y> <T>|change in <K> of <X> and <Y> <T>|<M> gained by <X> and by <Y> <T>"
            ),
            (
                "<QUI> a gagné le plus de <M> <T>, <X> ou <Y> ?|<X> ou <Y> : lequel a gagné le plus de <M> <T> ?|entre <X> et <Y>, <QUI> a le plus progressé en <M> <T> ?"
                if winner
                else "combien de <M> ont gagnés <X> et <Y> <T> ?|compare la variation <D> de <X> et de <Y> <T>|gain de <M> de <X> et de <Y> <T>"
            ),
            words,
            **places,
        ),
        sql,
    )


def snapshot_sets(rng):
    """Above a threshold in one time and (not) in another; captured, or never."""
    language = rng.choice([EN, FR])
    table, group, figure, who, nouns = pack(rng, language)
    c, style = figure.column, rng.random()
    test, more, plus = rng.choice(LEVELS[:3])
    noun, bit = noun_phrase(rng, language, nouns[1], who), Bit(f"{c} {test}", FIGURE)
    middle = {(EN, "popularity"): "a popularity of <C>", (EN, "followers"): "<C> followers", (FR, "popularity"): "une popularité de <C>", (FR, "followers"): "<C> abonnés"}[
        language, c
    ].replace("<C>", one(rng, more if language == EN else plus))
    if style < 0.7:
        first = rng.choice([MOMENTS[0], MOMENTS[5], DAY, DAY])
        operator, en, fr = rng.choice([
            (
                "INTERSECT DISTINCT",
                "<N> that had <C> both <A> and <B>|which <N> had <C> <A> and also <B>?",
                "<N> qui avaient <C> à la fois <A> et <B>|quels <N> avaient <C> <A> et aussi <B> ?",
            ),
            (
                "EXCEPT DISTINCT",
                "<N> that had <C> <A> but not <B>|which <N> had <C> <A> but not <B>?",
                "<N> qui avaient <C> <A> mais pas <B>|quels <N> avaient <C> <A> mais pas <B> ?",
            ),
            ("UNION DISTINCT", "<N> that had <C> <A> or <B>|which <N> had <C> either <A> or <B>?", "<N> qui avaient <C> <A> ou <B>|quels <N> avaient <C> soit <A>, soit <B> ?"),
        ])
        return (
            ask(rng, language, en, fr, N=noun, C=middle, A=first.says(language, rng), B=again(first).says(language, rng)),
            f"{snapshot(group, table, who, bit, first)} {operator} {snapshot(group, table, who, bit, again(first))}",
        )
    if table == "track_snapshots":
        artist = rng.random() < 0.5
        return ask(
            rng,
            language,
            (
                "how many songs by {artist} are in the snapshots?|number of {artist} songs captured in snapshots"
                if artist
                else "how many songs are in the snapshots?|number of tracks with snapshots"
            ),
            (
                "combien de titres de {artist} dans les relevés ?|nombre de morceaux de {artist} relevés"
                if artist
                else "combien de titres dans les relevés ?|nombre de morceaux relevés"
            ),
        ), snapshot("COUNT(DISTINCT track_id) AS tracks", table, SONG_ARTIST if artist else NONE)
    home = rng.choice(
        [NONE, Bit("country = {country}", COUNTRY, "from {country}", "de {country}|{country}", "{country}"), Bit("{genre} IN UNNEST(genres)", GENRE, "", "de {genre}", "{genre}")]
    )
    when = moment(rng, table, 0.4)
    noun = noun_phrase(rng, language, "artists" if language == EN else "artistes", home)
    inner = rng.random() < 0.5
    text_en = (
        "<N> that never had <C> <T>|which <N> have never had <C> <T>?"
        if inner
        else "<N> without any snapshot <T>|which <N> have no snapshot <T>?|<N> that were not captured in a snapshot <T>"
    )
    text_fr = "<N> qui n'ont jamais eu <C> <T>|quels <N> n'ont jamais eu <C> <T> ?" if inner else "<N> sans aucun relevé <T>|quels <N> n'ont aucun relevé <T> ?"
    return (
        ask(rng, language, text_en, text_fr, when.says(language, rng), N=noun, C=middle),
        f"SELECT name FROM music.artists{where(home, Bit('artist_id NOT IN (' + snapshot('artist_id', 'artist_snapshots', bit if inner else NONE, when) + ')', SUBQUERY))}",
    )


PATTERNS = (
    [snapshot_value] * 5
    + [snapshot_change] * 4
    + [snapshot_movers] * 5
    + [snapshot_top] * 3
    + [snapshot_series] * 2
    + [snapshot_compare] * 2
    + [snapshot_sets] * 2
)
