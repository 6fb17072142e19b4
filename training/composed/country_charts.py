"""The charts of countries: rows, tops, one artist, countries, sets."""

from __future__ import annotations

from .charts import (
    ANYWHERE,
    ARTISTS,
    Bit,
    COMPARED,
    COUNTRY,
    DATE,
    DECADE,
    FIGURE,
    GENRE,
    NEWEST,
    NONE,
    NUMBER_ONE,
    OWN,
    RANK,
    SPANS,
    SUBQUERY,
    again,
    ask,
    hot,
    how_many,
    most,
    national,
    noun_phrase,
    span,
    where,
)
from .parts import EN, FR, one

IN_COUNTRY = Bit(
    "country = {country}",
    COUNTRY,
    "in {country}|in {country}|on the {country} chart|on {country}'s chart|in the charts of {country}|on the chart in {country}",
    "en {country}|en {country}|dans le classement {country}|au classement de {country}|dans les charts {country}|au classement en {country}",
)
CC_LATEST = Bit(
    "chart_date = (SELECT MAX(chart_date) FROM music.country_charts)",
    NEWEST,
    "right now|at the moment|currently|these days|this week",
    "en ce moment|actuellement|cette semaine|aujourd'hui",
)
CC_DATE = Bit("chart_date = {date}", DATE, "on {date}", "le {date}|le {date}|à la date du {date}")
ON_ITS_CHART = Bit(
    "country = {country}",
    COUNTRY,
    "on the {country} chart|on {country}'s chart|in the charts of {country}|on the chart in {country}",
    "dans le classement {country}|au classement de {country}|dans les charts {country}|au classement en {country}",
)
CC_SPANS = [b for b in SPANS if b is not DECADE]
CC_ANY = 2 * [CC_DATE] + 2 * [CC_LATEST] + CC_SPANS[:8]
# Artists of a national chart by where they come from and what they play; the chart's own country is {country}.
CC_WHO = 6 * [NONE] + [
    Bit("artists.country = {country}", COUNTRY, "from the country itself", "du pays même|du pays", "local|domestic|homegrown", ARTISTS),
    Bit("artists.country = {country}", COUNTRY, "", "locaux|du pays", "local|domestic|national", ARTISTS),
    Bit("artists.country != {country}", COUNTRY, "from abroad|from other countries", "étrangers|venus de l'étranger|d'autres pays", "foreign", ARTISTS),
    Bit("artists.country != {country}", COUNTRY, "from elsewhere", "étrangers", "foreign|non-local|international", ARTISTS),
    Bit("artists.country = {country2}", COUNTRY, "from {country2}|of {country2} origin", "venant de {country2}|originaires de {country2}|{country2}", "{country2}", ARTISTS),
    Bit("artists.country = {country2}", COUNTRY, "from {country2}", "venus de {country2}|{country2}", "{country2}", ARTISTS),
    Bit("{genre} IN UNNEST(genres)", GENRE, "doing {genre}|in {genre}", "de {genre}|{genre}", "{genre}", ARTISTS),
    Bit("{genre} IN UNNEST(genres)", GENRE, "doing {genre}", "de {genre}|qui font du {genre}", "{genre}", ARTISTS),
    Bit("artists.country = {country2} AND {genre} IN UNNEST(genres)", COUNTRY, "from {country2} doing {genre}", "de {genre} venant de {country2}", "{country2} {genre}", ARTISTS),
    Bit("artists.country != {country} AND {genre} IN UNNEST(genres)", COUNTRY, "", "de {genre} étrangers", "foreign {genre}", ARTISTS),
]
CC_RUNGS = [
    (NONE, "charted|made the chart|appeared", "été classés|figuré au classement", "charting", "classés"),
    (
        Bit("rank = 1", RANK),
        "were number one|topped the chart|reached number one",
        "été numéro un|atteint la première place|pris la tête",
        "at number one|in first place",
        "à la première place|en tête",
    ),
    (
        Bit("rank <= {num2}", RANK),
        "made the top {num2}|reached the top {num2}|were in the top {num2}",
        "atteint le top {num2}|figuré dans le top {num2}",
        "in the top {num2}",
        "dans le top {num2}",
    ),
    (
        Bit("rank <= {num2}", RANK),
        "made the top {num2}|reached the top {num2}|were in the top {num2}",
        "atteint le top {num2}|figuré dans le top {num2}",
        "in the top {num2}",
        "dans le top {num2}",
    ),
]


def placed(rng, language, when: Bit, place: Bit = IN_COUNTRY) -> tuple[str, str]:
    """The words of a country and of a time, at times as one: 'on the latest {country} chart'."""
    fused = {
        CC_LATEST.sql: (
            "on the latest {country} chart|on the current chart in {country}|on {country}'s latest chart",
            "au dernier classement en {country}|au classement actuel en {country}|dans le dernier classement {country}",
        ),
        CC_DATE.sql: (
            "on {country}'s chart of {date}|on the {country} chart of {date}|on the chart of {date} in {country}",
            "au classement en {country} du {date}|dans le classement {country} du {date}|au classement du {date} en {country}",
        ),
    }
    if when.sql in fused and rng.random() < 0.25:
        return one(rng, fused[when.sql][language == FR]), ""
    return place.says(language, rng), when.says(language, rng)


def cc_chart(rng):
    """One day's chart of a country: whole, top, one place, with only some of its artists, by listeners."""
    language, when, who = rng.choice([EN, FR]), rng.choice([CC_DATE, CC_LATEST]), rng.choice(CC_WHO)
    past = when is CC_DATE
    kind = rng.choice(["number", "number", "ten", "all", "first", "one", "listeners", "reached"])
    place, words = placed(rng, language, when, ON_ITS_CHART if kind in ("listeners", "reached") or rng.random() < 0.4 else IN_COUNTRY)
    noun = noun_phrase(rng, language, "artists" if language == EN else "artistes", who)
    if kind == "first":
        return ask(
            rng,
            language,
            "who <B> number one <P> <T>?|number one <P> <T>|which artist <B> number one <P> <T>?|the artist at number one <P> <T>|who <B> at the top <P> <T>?".replace(
                "<B>", "was" if past else "is"
            ),
            "qui <B> numéro un <P> <T> ?|numéro un <P> <T>|quel artiste <B> numéro un <P> <T> ?|l'artiste en tête <P> <T>".replace("<B>", "était" if past else "est"),
            words,
            P=place,
        ), national("artist_name", Bit("rank = 1", RANK), IN_COUNTRY, when)
    if kind == "one":
        return ask(
            rng,
            language,
            "who <B> number {num} <P> <T>?|artist at number {num} <P> <T>|which artist <B> at position {num} <P> <T>?".replace("<B>", "was" if past else "is"),
            "qui <B> numéro {num} <P> <T> ?|artiste à la place {num} <P> <T>|quel artiste <B> au rang {num} <P> <T> ?".replace("<B>", "était" if past else "est"),
            words,
            P=place,
        ), national("artist_name", Bit("rank = {num}", RANK), IN_COUNTRY, when)
    if kind == "listeners":
        how, limit = how_many(rng)
        nouns = ("artist", "artists") if language == EN else ("artiste", "artistes")
        return most(rng, language, how, nouns, who, "had" if language == EN else "eu", "listeners " + place if language == EN else "auditeurs " + place, words), national(
            "artist_name, listeners", IN_COUNTRY, who, when, tail=f"ORDER BY listeners DESC {limit}"
        )
    if kind == "reached":
        test, more, plus = rng.choice(COMPARED[:3])
        bit = Bit(f"listeners {test}", FIGURE)
        return ask(
            rng,
            language,
            "<N> with <C> listeners <P> <T>|which <N> had <C> listeners <P> <T>?|list the <N> with <C> listeners <P> <T>",
            "<N> avec <C> auditeurs <P> <T>|quels <N> avaient <C> auditeurs <P> <T> ?|liste des <N> ayant <C> auditeurs <P> <T>",
            words,
            N=noun,
            P=place,
            C=one(rng, more if language == EN else plus),
        ), national("artist_name, listeners", IN_COUNTRY, who, bit, when)
    tail = {"number": "ORDER BY rank LIMIT {num}", "ten": "ORDER BY rank LIMIT 10", "all": "ORDER BY rank"}[kind]
    sql = national("artist_name, rank", IN_COUNTRY, who, when, tail=tail)
    if kind == "all":
        if who is NONE:
            words = when.says(language, rng)
            return (
                ask(
                    rng,
                    language,
                    "the artist chart in {country} <T>|full {country} chart <T>|show the whole chart of {country} <T>|what did the chart in {country} look like <T>?|ranking of"
                    " artists in {country} <T>",
                    "le classement des artistes en {country} <T>|classement {country} complet <T>|affiche tout le classement en {country} <T>|à quoi ressemblait le classement en"
                    " {country} <T> ?",
                    words,
                ),
                sql,
            )
        return (
            ask(
                rng,
                language,
                "<N> <P> <T> with their ranks|which <N> were <P> <T>, with ranks?|list the <N> <P> <T> and their positions|at which positions were the <N> <P> <T>?",
                "<N> <P> <T> avec leur rang|quels <N> étaient <P> <T>, et à quel rang ?|liste des <N> <P> <T> et leur position",
                words,
                N=noun,
                P=place,
            ),
            sql,
        )
    number = "{num} " if kind == "number" else ""
    return (
        ask(
            rng,
            language,
            "top <M><N> <P> <T>|the <M>highest ranked <N> <P> <T>|what <B> the top <M><N> <P> <T>?|<T>, top <M><N> <P>|which <M><N> rank highest <P> <T>?|show the top <M><N>"
            " <P> <T>".replace("<B>", "were" if past else "are"),
            "top <M><N> <P> <T>|les <M><N> les mieux classés <P> <T>|quels sont les <M><N> les mieux classés <P> <T> ?|<T>, les <M><N> les mieux classés <P>|les <M>premiers <N>"
            " <P> <T>",
            words,
            M=number,
            N=noun,
            P=place,
        ),
        sql,
    )


def cc_list(rng):
    """Artists that charted in a country, listed or counted."""
    language, who, when, (rung, did, fait, at, sur), count = (
        rng.choice([EN, FR]),
        rng.choice(CC_WHO),
        rng.choice([NONE, *CC_ANY, *CC_SPANS[8:]]),
        rng.choice(CC_RUNGS),
        rng.random() < 0.4,
    )
    noun = noun_phrase(rng, language, rng.choice(["artists", "artists", "acts"]) if language == EN else "artistes", who)
    places = {
        "N": noun,
        "P": one(
            rng,
            (
                "in {country}|in {country}|on {country}'s chart|in the charts of {country}"
                if language == EN
                else "en {country}|en {country}|au classement de {country}|dans les charts {country}"
            ),
        ),
        "V": one(rng, did),
        "F": one(rng, fait),
        "A": one(rng, at),
        "S": one(rng, sur),
    }
    if language == FR and "figuré au" in places["F"]:
        places["P"] = "en {country}"
    one_day = when in (CC_DATE, CC_LATEST)
    first = rung.sql == "rank = 1"
    select = "COUNT(DISTINCT artist_id) AS artists" if count else "artist_name" if one_day and first else "artist_name, rank" if one_day else "DISTINCT artist_name"
    sql = national(select, rung, IN_COUNTRY, who, when, tail="ORDER BY rank" if "rank" in select else "")
    if count:
        return (
            ask(
                rng,
                language,
                "how many <N> <V> <P> <T>?|how many different <N> <V> <P> <T>|number of <N> that <V> <P> <T>|count the <N> <A> <P> <T>",
                "combien d'artistes différents ont <F> <P> <T> ?|combien de <N> ont <F> <P> <T>|nombre de <N> ayant <F> <P> <T>|nombre de <N> <S> <P> <T>".replace(
                    "artistes différents", "<N>"
                ),
                when.says(language, rng),
                **places,
            ),
            sql,
        )
    return (
        ask(
            rng,
            language,
            "which <N> <V> <P> <T>?|<N> that <V> <P> <T>|list the <N> who <V> <P> <T>|<N> <A> <P> <T>|all <N> <A> <P> <T>|what <N> <V> <P> <T>",
            "quels <N> ont <F> <P> <T> ?|<N> qui ont <F> <P> <T>|liste des <N> ayant <F> <P> <T>|<N> <S> <P> <T>|tous les <N> <S> <P> <T>|les <N> qui ont <F> <P> <T>",
            when.says(language, rng),
            **places,
        ),
        sql,
    )


def cc_top(rng):
    """Artists by appearances or listeners in a country, or by the number of countries; with a LIMIT or all above a threshold."""
    language, who, when, (rung, _, _, at, sur) = rng.choice([EN, FR]), rng.choice(CC_WHO), rng.choice([NONE, *CC_SPANS]), rng.choice(CC_RUNGS)
    how, limit = how_many(rng)
    nouns = ("artist", "artists") if language == EN else ("artiste", "artistes")
    spot = one(rng, at if language == EN else sur)
    kind = rng.choice(["entries", "entries", "listeners", "listeners", "max", "average", "countries", "countries", "countries"])
    place = (IN_COUNTRY if kind == "entries" else ON_ITS_CHART).says(language, rng)
    if kind == "countries":
        when, who = rng.choice([NONE, *CC_ANY]), NONE
        select = "COUNT(DISTINCT country) AS countries"
        words = when.says(language, rng)
        if rng.random() < 0.35:
            test, more, plus = rng.choice(COMPARED)
            return ask(
                rng,
                language,
                (
                    "artists that were <S> in <C> countries <T>|which artists were <S> in <C> countries <T>?|list the artists <S> in <C> countries <T>"
                    if rung is not NONE
                    else "artists that charted in <C> countries <T>|which artists charted in <C> countries <T>?|artists found on the charts of <C> countries <T>"
                ),
                "artistes <S> dans <C> pays <T>|quels artistes ont été <S> dans <C> pays <T> ?|les artistes qui ont été <S> dans <C> pays <T>",
                words,
                S=spot,
                C=one(rng, more if language == EN else plus),
            ), national(f"artist_name, {select}", rung, when, tail=f"GROUP BY artist_name HAVING countries {test}")
        number, plural = ("{num} " if how == "number" else ""), how != "one"
        return ask(
            rng,
            language,
            "which <M><N> <V> the most countries <T>?|<M><N> that <V> the most countries <T>|the <M><N> who <V> the largest number of countries <T>".replace(
                "<V>", "charted in" if rung is NONE else f"were {spot} in" if plural else f"was {spot} in"
            ),
            "<Q> <M><N> <A> été <S> dans le plus de pays <T> ?|<L><M><N> <S> dans le plus de pays <T>|<M><N> <S> dans le plus grand nombre de pays <T>",
            words,
            M=number,
            N=nouns[plural],
            Q="quels" if plural else "quel",
            A="ont" if plural else "a",
            S=spot if plural else spot.replace("classés", "classé"),
            L="les " if plural else "l'",
        ), national(f"artist_name, {select}", rung, when, tail=f"GROUP BY artist_name ORDER BY countries DESC {limit}")
    if kind == "entries":
        what = (
            ("times " + spot if rung is not NONE else one(rng, "chart entries|appearances|chart appearances")) + " " + place
            if language == EN
            else ("fois " + spot if rung is not NONE else one(rng, "présences|apparitions|entrées")) + " " + place
        )
        if rng.random() < 0.3:
            test, more, plus = rng.choice(COMPARED)
            noun = noun_phrase(rng, language, nouns[1], who)
            return ask(
                rng,
                language,
                "<N> with <C> <X> <T>|which <N> had <C> <X> <T>?|list the <N> with <C> <X> <T>",
                "<N> avec <C> <X> <T>|quels <N> ont eu <C> <X> <T> ?|liste des <N> ayant <C> <X> <T>",
                when.says(language, rng),
                N=noun,
                X=what,
                C=one(rng, more if language == EN else plus),
            ), national("artist_name, COUNT(*) AS entries", rung, IN_COUNTRY, who, when, tail=f"GROUP BY artist_name HAVING entries {test}")
        return most(rng, language, how, nouns, who, "had" if language == EN else "eu", what, when.says(language, rng)), national(
            "artist_name, COUNT(*) AS entries", rung, IN_COUNTRY, who, when, tail=f"GROUP BY artist_name ORDER BY entries DESC {limit}"
        )
    if kind == "listeners":
        when = when if when.sql else CC_SPANS[0]
        sql = national("artist_name, SUM(listeners) AS listeners", IN_COUNTRY, who, when, tail=f"GROUP BY artist_name ORDER BY listeners DESC {limit}")
        if rng.random() < 0.5:
            noun = noun_phrase(rng, language, nouns[how != "one"], who)
            number, plural = ("{num} " if how == "number" else ""), how != "one"
            return (
                ask(
                    rng,
                    language,
                    "top <M><N> <P> <T>|the <M>biggest <N> <P> <T>|who <B> the top <M><N> <P> <T>?|<P>, top <M><N> <T>".replace("<B>", "were" if plural else "was"),
                    "top <M><N> <P> <T>|les <M>plus gros <N> <P> <T>|<P>, top <M><N> <T>" if plural else "le plus gros <N> <P> <T>|le premier <N> <P> <T>",
                    when.says(language, rng),
                    M=number,
                    N=noun,
                    P=place,
                ),
                sql,
            )
        return (
            most(
                rng,
                language,
                how,
                nouns,
                who,
                "had" if language == EN else "eu",
                one(rng, "listeners " + place + "|listeners in total " + place) if language == EN else one(rng, "auditeurs " + place + "|auditeurs au total " + place),
                when.says(language, rng),
            ),
            sql,
        )
    function, en, fr, alias = (
        ("MAX", "highest listener figure|listener peak", "plus haut chiffre d'auditeurs|pic d'auditeurs", "max_listeners")
        if kind == "max"
        else ("AVG", "highest average number of listeners|best average listener figure", "nombre moyen d'auditeurs le plus élevé", "avg_listeners")
    )
    if kind == "max":
        en, fr = "highest listener figure|highest number of listeners ever", "plus grand nombre d'auditeurs atteint|plus haut chiffre d'auditeurs"
    number, plural = ("{num} " if how == "number" else ""), how != "one"
    noun = noun_phrase(rng, language, nouns[plural], who)
    return ask(
        rng,
        language,
        "<M><N> with the <X> <P> <T>|the <M><N> with the <X> <P> <T>|which <M><N> reached the <X> <P> <T>?",
        "<M><N> avec le <X> <P> <T>|<L><M><N> avec le <X> <P> <T>|<Q> <M><N> <A> le <X> <P> <T> ?",
        when.says(language, rng),
        M=number,
        N=noun,
        P=place,
        X=one(rng, en if language == EN else fr),
        L="les " if plural else "l'",
        Q="quels" if plural else "quel",
        A="ont" if plural else "a",
    ), national(f"artist_name, {function}(listeners) AS {alias}", IN_COUNTRY, who, when, tail=f"GROUP BY artist_name ORDER BY {alias} DESC {limit}")


# Select, rank, ending, is it of one day, English, French.
CC_FACTS = [
    (
        "rank",
        "",
        "",
        True,
        "rank of {artist} <P> <T>|what <B> the rank of {artist} <P> <T>?|where <B> {artist} <P> <T>?|position of {artist} <P> <T>|at which place <B> {artist} <P> <T>",
        "rang de {artist} <P> <T>|quel <B> le rang de {artist} <P> <T> ?|à quelle place <B> {artist} <P> <T> ?|position de {artist} <P> <T>",
    ),
    (
        "listeners",
        "",
        "",
        True,
        "listeners of {artist} <P> <T>|how many listeners <D> {artist} have <P> <T>?|number of listeners for {artist} <P> <T>",
        "auditeurs de {artist} <P> <T>|combien d'auditeurs <H> {artist} <P> <T> ?|nombre d'auditeurs de {artist} <P> <T>",
    ),
    (
        "COUNT(*) > 0 AS answer",
        "",
        "",
        True,
        "<B> {artist} on the chart in {country} <T>?|did {artist} chart in {country} <T>?",
        "est-ce que {artist} <B> au classement en {country} <T> ?|{artist} <B> dans les charts {country} <T> ?",
    ),
    (
        "COUNT(*) > 0 AS answer",
        "rank = 1",
        "",
        True,
        "<B> {artist} number one <P> <T>?|<B> {artist} at the top <P> <T>, yes or no?",
        "est-ce que {artist} <B> numéro un <P> <T> ?|{artist} <B> en tête <P> <T>, oui ou non ?",
    ),
    ("COUNT(*) > 0 AS answer", "rank <= {num2}", "", True, "<B> {artist} in the top {num2} <P> <T>?", "est-ce que {artist} <B> dans le top {num2} <P> <T> ?"),
    (
        "MIN(rank) AS peak_rank",
        "",
        "",
        False,
        "best rank of {artist} <P> <T>|how high did {artist} get <P> <T>?|peak position of {artist} <P> <T>|highest position {artist} reached <P> <T>",
        "meilleur rang de {artist} <P> <T>|jusqu'à quelle place {artist} est monté <P> <T> ?|meilleure position de {artist} <P> <T>",
    ),
    (
        "AVG(rank) AS avg_rank",
        "",
        "",
        False,
        "average rank of {artist} <P> <T>|mean position of {artist} <P> <T>",
        "rang moyen de {artist} <P> <T>|position moyenne de {artist} <P> <T>",
    ),
    (
        "MAX(listeners) AS max_listeners",
        "",
        "",
        False,
        "highest number of listeners of {artist} <P> <T>|listener peak of {artist} <P> <T>|most listeners {artist} had <P> <T>",
        "plus grand nombre d'auditeurs de {artist} <P> <T>|pic d'auditeurs de {artist} <P> <T>|record d'auditeurs de {artist} <P> <T>",
    ),
    (
        "AVG(listeners) AS avg_listeners",
        "",
        "",
        False,
        "average listeners of {artist} <P> <T>|how many listeners did {artist} have on average <P> <T>?",
        "nombre moyen d'auditeurs de {artist} <P> <T>|combien d'auditeurs {artist} avait en moyenne <P> <T> ?",
    ),
    (
        "SUM(listeners) AS listeners",
        "",
        "",
        False,
        "total listeners of {artist} <P> <T>|how many listeners did {artist} have in total <P> <T>?|sum of the listeners of {artist} <P> <T>",
        "total des auditeurs de {artist} <P> <T>|combien d'auditeurs au total pour {artist} <P> <T> ?|somme des auditeurs de {artist} <P> <T>",
    ),
    (
        "COUNT(*) AS entries",
        "",
        "",
        False,
        "how many times did {artist} chart in {country} <T>?|number of chart entries of {artist} in {country} <T>|how often was {artist} <P> <T>",
        "combien de fois {artist} a été classé <P> <T> ?|nombre de présences de {artist} <P> <T>",
    ),
    (
        "COUNT(*) AS entries",
        "rank = 1",
        "",
        False,
        "how many times was {artist} number one <P> <T>?|number of times {artist} was at the top <P> <T>",
        "combien de fois {artist} a été numéro un <P> <T> ?|nombre de fois où {artist} était en tête <P> <T>",
    ),
    (
        "COUNT(*) AS entries",
        "rank <= {num2}",
        "",
        False,
        "how many times was {artist} in the top {num2} <P> <T>?|number of times {artist} made the top {num2} <P> <T>",
        "combien de fois {artist} a été dans le top {num2} <P> <T> ?|nombre de fois où {artist} figure dans le top {num2} <P> <T>",
    ),
    (
        "MIN(chart_date) AS first_date",
        "",
        "",
        False,
        "when did {artist} first chart in {country} <T>?|first chart date of {artist} <P> <T>",
        "quand {artist} est entré <P> pour la première fois <T> ?|première date de {artist} <P> <T>",
    ),
    (
        "MIN(chart_date) AS first_date",
        "rank = 1",
        "",
        False,
        "when did {artist} first reach number one <P> <T>?|first date at number one of {artist} <P> <T>",
        "quand {artist} a été numéro un <P> pour la première fois <T> ?|première date en tête de {artist} <P> <T>",
    ),
    (
        "MAX(chart_date) AS last_date",
        "",
        "",
        False,
        "when was {artist} last <P> <T>?|last chart date of {artist} <P> <T>",
        "quand {artist} a été classé <P> pour la dernière fois <T> ?|dernière date de {artist} <P> <T>",
    ),
    (
        "chart_date, rank",
        "",
        "ORDER BY chart_date",
        False,
        "ranks of {artist} over time <P> <T>|chart history of {artist} <P> <T>|how did the rank of {artist} evolve <P> <T>?",
        "historique du rang de {artist} <P> <T>|parcours de {artist} <P> <T>|comment le rang de {artist} a évolué <P> <T> ?",
    ),
    (
        "chart_date, listeners",
        "",
        "ORDER BY chart_date",
        False,
        "listeners of {artist} over time <P> <T>|how did the listeners of {artist} evolve <P> <T>?|listener history of {artist} <P> <T>",
        "auditeurs de {artist} au fil du temps <P> <T>|comment le nombre d'auditeurs de {artist} a évolué <P> <T> ?|historique des auditeurs de {artist} <P> <T>",
    ),
    (
        "COUNT(*) > 0 AS answer",
        "",
        "",
        False,
        "did {artist} ever chart in {country} <T>?|has {artist} been <P> <T>?",
        "est-ce que {artist} a été classé <P> <T> ?|{artist} a déjà figuré <P> <T> ?",
    ),
    (
        "COUNT(*) > 0 AS answer",
        "rank = 1",
        "",
        False,
        "was {artist} number one <P> <T>?|has {artist} ever been number one <P> <T>?",
        "est-ce que {artist} a été numéro un <P> <T> ?|{artist} a-t-il été numéro un <P> <T> ?",
    ),
]


def cc_artist(rng):
    """Rank, listeners, peak ... of one artist in one country."""
    language = rng.choice([EN, FR])
    select, rung, tail, day, en, fr = rng.choice(CC_FACTS[:2] * 3 + CC_FACTS)
    when = rng.choice([CC_DATE, CC_LATEST]) if day else span(rng, CC_SPANS, 0.5)
    past = when is CC_DATE
    words = {"B": "was" if past else "is", "D": "did" if past else "does"} if language == EN else {"B": "était" if past else "est", "H": "avait" if past else "a"}
    place, time = placed(rng, language, when, ON_ITS_CHART if "listeners" in select else IN_COUNTRY)
    if "{country}" in en:
        place, time = IN_COUNTRY.says(language, rng), when.says(language, rng)
    return ask(rng, language, en, fr, time, P=place, **words), national(select, Bit(rung, RANK), OWN, IN_COUNTRY, when, tail=tail)


def cc_countries(rng):
    """Countries where an artist charts: which, how many, the rank or the listeners in each."""
    language, (rung, _, _, at, sur) = rng.choice([EN, FR]), rng.choice(CC_RUNGS)
    when = rng.choice([NONE, *CC_ANY])
    one_day = when in (CC_DATE, CC_LATEST)
    words = when.says(language, rng)
    en_spot = "on the chart" if rung is NONE else one(rng, at)
    fr_spot = "classé" if rung is NONE else one(rng, sur)
    kind = rng.choice(["list", "list", "count", "count", "ranks", "listeners", "total", "peaks", "entries", "best"])
    if kind == "list":
        return ask(
            rng,
            language,
            (
                "in which countries is {artist} <S> <T>?|countries where {artist} is <S> <T>|list the countries where {artist} is <S> <T>|where is {artist} <S> <T>?"
                if when is CC_LATEST
                else (
                    "in which countries was {artist} <S> <T>?|countries where {artist} was <S> <T>|list the countries where {artist} has been <S> <T>|where has {artist} been <S>"
                    " <T>?"
                )
            ),
            (
                "dans quels pays {artist} est <S> <T> ?|pays où {artist} est <S> <T>|liste des pays où {artist} est <S> <T>"
                if when is CC_LATEST
                else "dans quels pays {artist} a été <S> <T> ?|pays où {artist} a été <S> <T>|liste des pays où {artist} a été <S> <T>"
            ),
            words,
            S=en_spot if language == EN else fr_spot,
        ), national("country" if one_day else "DISTINCT country", rung, OWN, when)
    if kind == "count":
        return ask(
            rng,
            language,
            "in how many countries <B> {artist} <S> <T>?|number of countries where {artist} <B> <S> <T>|how many countries had {artist} <S> <T>?",
            "dans combien de pays {artist} <B> <S> <T> ?|nombre de pays où {artist} <B> <S> <T>",
            words,
            S=en_spot if language == EN else fr_spot,
            B=("is" if when is CC_LATEST else "was") if language == EN else ("est" if when is CC_LATEST else "a été"),
        ), national("COUNT(DISTINCT country) AS countries", rung, OWN, when)
    day = rng.choice([CC_DATE, CC_LATEST])
    day_words = day.says(language, rng)
    if kind == "ranks":
        return ask(
            rng,
            language,
            "rank of {artist} in each country <T>|in every country, what is the rank of {artist} <T>?|{artist} positions by country <T>",
            "rang de {artist} dans chaque pays <T>|pays par pays, le rang de {artist} <T>|positions de {artist} par pays <T>",
            day_words,
        ), national("country, rank", OWN, day, tail="ORDER BY rank")
    if kind == "listeners":
        how, limit = rng.choice([("all", ""), ("all", ""), ("one", "LIMIT 1"), ("number", "LIMIT {num}"), ("ten", "LIMIT 10")])
        sql = national("country, listeners", OWN, day, tail=f"ORDER BY listeners DESC {limit}")
        if how == "all":
            return (
                ask(
                    rng,
                    language,
                    "listeners of {artist} on each country's chart <T>|how many chart listeners does {artist} have per country <T>?|{artist} listeners on the chart of every"
                    " country <T>",
                    "auditeurs de {artist} au classement de chaque pays <T>|combien d'auditeurs a {artist} au classement de chaque pays <T> ?|auditeurs de {artist} dans les"
                    " classements, pays par pays <T>",
                    day_words,
                ),
                sql,
            )
        return (
            most(
                rng,
                language,
                how,
                ("country", "countries") if language == EN else ("pays", "pays"),
                NONE,
                "had" if language == EN else "eu",
                one(rng, "chart listeners of {artist}|listeners of {artist} on the chart") if language == EN else "auditeurs de {artist} au classement",
                day_words,
            ),
            sql,
        )
    if kind == "total":
        return ask(
            rng,
            language,
            "total listeners of {artist} across the charts of all countries <T>|how many listeners does {artist} have on all country charts together <T>?|sum of {artist}'s"
            " listeners over all charts <T>",
            "total des auditeurs de {artist} aux classements de tous les pays <T>|combien d'auditeurs a {artist} dans tous les classements nationaux réunis <T> ?|somme des"
            " auditeurs de {artist} dans tous les classements <T>",
            day_words,
        ), national("SUM(listeners) AS listeners", OWN, day)
    when = span(rng, CC_SPANS, 0.5)
    words = when.says(language, rng)
    if kind == "peaks":
        return ask(
            rng,
            language,
            "best rank of {artist} in each country <T>|peak position of {artist} by country <T>|how high did {artist} get in every country <T>?",
            "meilleur rang de {artist} dans chaque pays <T>|meilleure position de {artist} par pays <T>|pays par pays, jusqu'où {artist} est monté <T>",
            words,
        ), national("country, MIN(rank) AS peak_rank", OWN, when, tail="GROUP BY country ORDER BY peak_rank")
    spot = one(rng, "on the chart" if rung is NONE else at) if language == EN else "classé" if rung is NONE else one(rng, sur)
    if kind == "best":
        how, limit = how_many(rng)
        number, plural = ("{num} " if how == "number" else ""), how != "one"
        return ask(
            rng,
            language,
            "in which <M><N> was {artist} <S> most often <T>?|<M><N> where {artist} was <S> most often <T>|the <M><N> where {artist} was <S> the most times <T>|which <M><N> had"
            " {artist} <S> most often <T>?",
            "dans <Q> <M>pays {artist} a été <S> le plus souvent <T> ?|<L> <M>pays où {artist} a été <S> le plus souvent <T>|<M>pays où {artist} a été le plus de fois <S> <T>",
            words,
            M=number,
            N="countries" if plural else "country",
            S=spot,
            Q="quels" if plural else "quel",
            L="les" if plural else "le",
        ), national("country, COUNT(*) AS entries", rung, OWN, when, tail=f"GROUP BY country ORDER BY entries DESC {limit}")
    return ask(
        rng,
        language,
        "how many times was {artist} <S> in each country <T>?|number of times {artist} was <S> per country <T>|by country, how often was {artist} <S> <T>?",
        "combien de fois {artist} a été <S> dans chaque pays <T> ?|nombre de fois où {artist} a été <S>, par pays <T>|pays par pays, combien de fois {artist} a été <S> <T> ?",
        words,
        S=spot,
    ), national("country, COUNT(*) AS entries", rung, OWN, when, tail="GROUP BY country ORDER BY entries DESC")


def cc_each(rng):
    """For every country: its number one, its top, its most frequent leader, its biggest artist."""
    language, day = rng.choice([EN, FR]), rng.choice([CC_DATE, CC_LATEST])
    words = day.says(language, rng)
    kind = rng.choice(["first", "top", "frequent", "listeners", "day", "artists", "sum", "average"])
    number = rng.random() < 0.4
    keep = "<= {num}" if number else "= 1"
    each = one(rng, "in each country|in every country|by country|for each country" if language == EN else "dans chaque pays|par pays|pour chaque pays|pays par pays")
    if kind == "first":
        return ask(
            rng,
            language,
            (
                "number one artist <E> <T>|who is number one <E> <T>?|<E>, the number one artist <T>|which artist is at the top <E> <T>?"
                if day is CC_LATEST
                else "number one artist <E> <T>|who was number one <E> <T>?|<E>, the number one artist <T>"
            ),
            (
                "artiste numéro un <E> <T>|qui est numéro un <E> <T> ?|<E>, l'artiste en tête <T>"
                if day is CC_LATEST
                else "artiste numéro un <E> <T>|qui était numéro un <E> <T> ?|<E>, l'artiste en tête <T>"
            ),
            words,
            E=each,
        ), national("country, artist_name", Bit("rank = 1", RANK), day)
    if kind == "top":
        return ask(
            rng,
            language,
            "top {num} <E> <T>|the {num} first artists <E> <T>|<E>, the top {num} artists <T>",
            "top {num} <E> <T>|les {num} premiers artistes <E> <T>|<E>, le top {num} des artistes <T>",
            words,
            E=each,
        ), national("country, artist_name, rank", Bit("rank <= {num}", RANK), day, tail="ORDER BY country, rank")
    when = rng.choice([NONE, *CC_SPANS])
    who = rng.choice([w for w in CC_WHO if "country" not in w.sql])
    noun = noun_phrase(rng, language, {(EN, True): "artists", (EN, False): "artist", (FR, True): "artistes", (FR, False): "artiste"}[language, number], who)
    head = ("the {num} " if language == EN else "les {num} ") if number else ("the " if language == EN else "l'")
    if kind == "frequent":
        rung, _, _, at, sur = rng.choice(CC_RUNGS[1:])
        return ask(
            rng,
            language,
            "<E>, <H><N> most often <S> <T>|<H><N> with the most times <S> <E> <T>|<H><N> that stood <S> most often <E> <T>",
            "<E>, <H><N> le plus souvent <S> <T>|<H><N> le plus souvent <S> <E> <T>|<H><N> avec le plus de fois <S> <E> <T>",
            when.says(language, rng),
            E=each,
            H=head,
            N=noun,
            S=one(rng, at if language == EN else sur),
        ), national(
            "country, artist_name, COUNT(*) AS entries",
            rung,
            who,
            when,
            tail=f"GROUP BY country, artist_name QUALIFY ROW_NUMBER() OVER (PARTITION BY country ORDER BY entries DESC) {keep}",
        )
    if kind == "listeners":
        return ask(
            rng,
            language,
            "<E>, <H><N> with the most listeners in total on the chart <T>|<H>charting <N> with the most total listeners <E> <T>",
            "<E>, <H><N> avec le plus d'auditeurs au total dans les classements <T>|<H><N> totalisant le plus d'auditeurs au classement <E> <T>",
            when.says(language, rng),
            E=each,
            H=head,
            N=noun,
        ), national(
            "country, artist_name, SUM(listeners) AS listeners",
            who,
            when,
            tail=f"GROUP BY country, artist_name QUALIFY ROW_NUMBER() OVER (PARTITION BY country ORDER BY listeners DESC) {keep}",
        )
    if kind == "day":
        return ask(
            rng,
            language,
            "<E>, <H>best placed <N> <T>|<H>highest ranked <N> <E> <T>",
            "<E>, <H><N> <K> <T>|<H><N> <K> <E> <T>",
            words,
            E=each,
            H=head,
            N=noun,
            K="les mieux classés" if number else "le mieux classé",
        ), national("country, artist_name, rank", who, day, tail=f"QUALIFY ROW_NUMBER() OVER (PARTITION BY country ORDER BY rank) {keep}")
    if kind == "artists":
        rung, did, fait, _, _ = rng.choice(CC_RUNGS)
        noun = noun_phrase(rng, language, "artists" if language == EN else "artistes", who)
        if rng.random() < 0.4:
            how, limit = how_many(rng)
            spot = (
                {"": "on the chart", "rank = 1": "at number one", "rank <= {num2}": "in the top {num2}"}[rung.sql]
                if language == EN
                else {"": "au classement", "rank = 1": "en tête", "rank <= {num2}": "dans le top {num2}"}[rung.sql]
            )
            return most(
                rng,
                language,
                how,
                ("country", "countries") if language == EN else ("pays", "pays"),
                NONE,
                "had" if language == EN else "eu",
                ("different " if language == EN else "") + noun + (" différents " if language == FR and who is NONE else " ") + spot,
                when.says(language, rng),
            ), national("country, COUNT(DISTINCT artist_id) AS artists", rung, who, when, tail=f"GROUP BY country ORDER BY artists DESC {limit}")
        return ask(
            rng,
            language,
            "how many <N> <V> <E> <T>?|number of <N> that <V> <E> <T>",
            "combien de <N> ont <F> <E> <T> ?|nombre de <N> ayant <F> <E> <T>",
            when.says(language, rng),
            N=noun,
            V=one(rng, did),
            F=one(rng, fait),
            E=each,
        ), national("country, COUNT(DISTINCT artist_id) AS artists", rung, who, when, tail="GROUP BY country ORDER BY artists DESC")
    function, en, fr, alias = (
        ("SUM", "total listeners|summed listeners", "total des auditeurs|somme des auditeurs", "listeners")
        if kind == "sum"
        else ("AVG", "average number of listeners|mean listeners", "nombre moyen d'auditeurs|moyenne d'auditeurs", "avg_listeners")
    )
    when = rng.choice([NONE, *CC_ANY])
    return ask(
        rng,
        language,
        (
            "<X> of the chart <E> <T>|<E>, <X> <T>|how large are the <X> of charting artists <E> <T>?"
            if kind == "sum"
            else "<X> of charting artists <E> <T>|<E>, <X> of charting artists <T>"
        ),
        "<X> des artistes classés <E> <T>|<E>, <X> des artistes classés <T>",
        when.says(language, rng),
        X=one(rng, en if language == EN else fr),
        E=each,
    ), national(f"country, {function}(listeners) AS {alias}", when, tail=f"GROUP BY country ORDER BY {alias} DESC")


def cc_sets(rng):
    """In one country and (not) in another, on one date and (not) on another, on the Hot 100 and (not) in a country, never charted."""
    language, (rung, did, fait, _, _), style = rng.choice([EN, FR]), rng.choice(CC_RUNGS), rng.random()
    when = rng.choice([NONE, NONE, *CC_ANY])
    words = when.says(language, rng)
    verb, done = one(rng, did), one(rng, fait)
    operator, en, fr = rng.choice([
        (
            "INTERSECT DISTINCT",
            "artists that <V> both <A> and <B> <T>|which artists <V> <A> and also <B> <T>?|who <V> <A> as well as <B> <T>?",
            "artistes qui ont <F> à la fois <A> et <B> <T>|quels artistes ont <F> <A> et aussi <B> <T> ?|qui a <G> <A> comme <B> <T> ?",
        ),
        (
            "EXCEPT DISTINCT",
            "artists that <V> <A> but not <B> <T>|which artists <V> <A> but not <B> <T>?|who <V> <A> and not <B> <T>?|artists that <V> <A> without doing so <B> <T>",
            "artistes qui ont <F> <A> mais pas <B> <T>|quels artistes ont <F> <A> mais pas <B> <T> ?|qui a <G> <A> et pas <B> <T> ?",
        ),
        (
            "UNION DISTINCT",
            "artists that <V> <A> or <B> <T>|which artists <V> either <A> or <B> <T>?",
            "artistes qui ont <F> <A> ou <B> <T>|quels artistes ont <F> <A> ou bien <B> <T> ?",
        ),
    ])
    if style < 0.45:
        other = again(IN_COUNTRY)
        return (
            ask(
                rng,
                language,
                en,
                fr,
                words,
                V=verb,
                F=done,
                G=done.replace("classés", "classé"),
                A="in {country}" if language == EN else "en {country}",
                B="in {country2}" if language == EN else "en {country2}",
            ),
            f"{national('artist_name', rung, IN_COUNTRY, when)} {operator} {national('artist_name', rung, other, when)}",
        )
    if style < 0.65:
        first = rng.choice([CC_DATE, CC_DATE, CC_SPANS[0], CC_SPANS[5]])
        second = again(first)
        return (
            ask(
                rng,
                language,
                en.replace("<A>", "in {country} <A>"),
                fr.replace("<A>", "en {country} <A>"),
                "",
                V=verb,
                F=done,
                G=done.replace("classés", "classé"),
                A=first.says(language, rng),
                B=second.says(language, rng),
            ),
            f"{national('artist_name', rung, IN_COUNTRY, first)} {operator} {national('artist_name', rung, IN_COUNTRY, second)}",
        )
    if style < 0.82:
        hot_rung = rng.choice([NUMBER_ONE, ANYWHERE, ANYWHERE])
        there = {"rank = 1": ("number one", "numéro un"), "": ("on the chart", "au classement"), "rank <= {num2}": ("in the top {num2}", "dans le top {num2}")}[rung.sql]
        here = {"rank = 1": ("number one on the hot 100", "numéro un au hot 100"), "": ("on the hot 100", "au hot 100")}[hot_rung.sql]
        if rng.random() < 0.5:
            return ask(
                rng,
                language,
                "artists that have been <A> but never <B>|which artists have been <A> but never <B>?|who has been <A>, yet never <B>?",
                "artistes qui ont été <A> mais jamais <B>|quels artistes ont été <A> mais jamais <B> ?|qui a été <A> sans jamais être <B> ?",
                A=f"{there[0]} in {{country}}" if language == EN else f"{there[1]} en {{country}}",
                B=here[language == FR],
            ), national("DISTINCT artist_name", rung, IN_COUNTRY, Bit(f"artist_id NOT IN ({hot('artist_id', hot_rung.bit)})", SUBQUERY))
        return (
            ask(
                rng,
                language,
                "artists that have been <B> and also <A>|which artists have been both <B> and <A>?|who has been <B> as well as <A>?",
                "artistes qui ont été <B> et aussi <A>|quels artistes ont été à la fois <B> et <A> ?|qui a été <B> ainsi que <A> ?",
                A=f"{there[0]} in {{country}}" if language == EN else f"{there[1]} en {{country}}",
                B=here[language == FR],
            ),
            f"{hot('artist_name', hot_rung.bit)} INTERSECT DISTINCT {national('artist_name', rung, IN_COUNTRY)}",
        )
    home = rng.choice([
        NONE,
        Bit("country = {country2}", COUNTRY, "from {country2}", "de {country2}|{country2}|venant de {country2}", "{country2}"),
        Bit("{genre} IN UNNEST(genres)", GENRE, "", "de {genre}", "{genre}"),
    ])
    anywhere = rng.random() < 0.4
    place = NONE if anywhere else IN_COUNTRY
    noun = noun_phrase(rng, language, "artists" if language == EN else "artistes", home)
    spot_en = "in any country" if anywhere else "in {country}"
    spot_fr = "dans aucun pays" if anywhere else "en {country}"
    verbs = {"": ("charted", "été classés"), "rank = 1": ("been number one", "été numéro un"), "rank <= {num2}": ("been in the top {num2}", "figuré dans le top {num2}")}[rung.sql]
    count = rng.random() < 0.3
    inner = national("artist_id", rung, place, when)
    return (
        ask(
            rng,
            language,
            (
                "how many <N> have never <V> <P> <T>?|number of <N> that have never <V> <P> <T>"
                if count
                else "<N> that have never <V> <P> <T>|which <N> have never <V> <P> <T>?|list the <N> that have not <V> <P> <T>"
            ),
            "combien de <N> n'ont <J> <F> <P> <T> ?" if count else "<N> qui n'ont <J> <F> <P> <T>|quels <N> n'ont <J> <F> <P> <T> ?|liste des <N> n'ayant <J> <F> <P> <T>",
            words,
            N=noun,
            V=verbs[0],
            F=verbs[1],
            P=spot_en if language == EN else spot_fr,
            J="" if anywhere else "jamais",
        ),
        f"SELECT {'COUNT(*) AS artists' if count else 'name'} FROM music.artists{where(home, Bit(f'artist_id NOT IN ({inner})', SUBQUERY))}",
    )


PATTERNS = (
    [cc_chart] * 3
    + [cc_list] * 3
    + [cc_top] * 4
    + [cc_artist] * 4
    + [cc_countries] * 3
    + [cc_each] * 2
    + [cc_sets] * 3
)
