"""Who listens to what: all-time plays and listeners, favourites, fans, shares, groups with enough of something, sets, comparisons."""

from __future__ import annotations

import re

from .events import Part, asked, number_of_rows, phrase as plain_phrase, worded
from .parts import EN, FR, one

# --- conditions -----------------------------------------------------------------------------------------------------

ARTISTS, USERS, SEGMENTS = "music.artists USING (artist_id)", "music.users USING (user_id)", "music.user_segments USING (user_id)"
FRIENDS = "SELECT friend_id FROM music.friendships WHERE user_id = {num2}"

# Who listens; `loose` is said of favourites and numbers, the other after "played".
IN_COUNTRY = Part("country", 7.5, "users.country = {country}", "in {country}|by listeners in {country}|by {country} listeners|by users from {country}|by people in {country}",
    "en {country}|par les auditeurs {country}|par les auditeurs de {country}|au {country}|par les utilisateurs de {country}", join=USERS,
    loose_en="in {country}|in {country}|among {country} listeners|for listeners from {country}", loose_fr="en {country}|en {country}|chez les auditeurs {country}|chez les utilisateurs de {country}")
IN_SEGMENT = Part("segment", 5.5, "segment = {segment}", "by the {segment} segment|by {segment} users|in the {segment} segment|by users of the segment {segment}",
    "par le segment {segment}|dans le segment {segment}|par les utilisateurs du segment {segment}", join=SEGMENTS,
    loose_en="in the {segment} segment|among users of the {segment} segment|in segment {segment}", loose_fr="dans le segment {segment}|chez les utilisateurs du segment {segment}"
        "|au sein du segment {segment}")
OF_USER = Part("user", 3, "user_id = {num2}", "by user {num2}|by user number {num2}|by listener {num2}", "par l'utilisateur {num2}|par l'utilisateur numéro {num2}|par l'auditeur {num2}",
    loose_en="for user {num2}|for user number {num2}", loose_fr="chez l'utilisateur {num2}|pour l'utilisateur {num2}")
OF_FRIENDS = Part("friends", 20, f"user_id IN ({FRIENDS})", "by the friends of user {num2}|by user {num2}'s friends|among friends of user {num2}",
    "par les amis de l'utilisateur {num2}|chez les amis de l'utilisateur {num2}", loose_en="among the friends of user {num2}|among user {num2}'s friends",
    loose_fr="chez les amis de l'utilisateur {num2}|parmi les amis de l'utilisateur {num2}")
PEOPLE = [(IN_COUNTRY, 5), (IN_SEGMENT, 3), (OF_FRIENDS, 2.5)]

# Which artists.
BY = Part("artist", 5, "artist_id = {artist}", "of {artist}|for {artist}", "de {artist}|de {artist}|d'{artist}")
ORIGIN = Part("origin", 6, "artists.country = {country2}", "from {country2}", "de {country2}|venus de {country2}|{country2}|{country2}", "{country2}", ARTISTS)
STYLE = Part("genre", 7, "{genre} IN UNNEST(genres)", "", "{genre}|de {genre}|qui font du {genre}|{genre}", "{genre}", ARTISTS)
FAME = [Part("popularity", 9, f"popularity {operator} {{num4}}", f"with a popularity {en} {{num4}}|with popularity {en} {{num4}}",
             f"avec une popularité {fr} à {{num4}}|d'une popularité {fr} à {{num4}}", "", ARTISTS) for operator, en, fr in [("<", "below", "inférieure"), (">", "above", "supérieure")]]
FOLLOWED = [Part("followers", 9.5, f"followers {operator} {{num5}}", f"with {en} {{num5}} followers|that have {en} {{num5}} followers", f"avec {fr} de {{num5}} abonnés|ayant {fr} de {{num5}} abonnés",
                 "", ARTISTS) for operator, en, fr in [("<", "fewer than", "moins"), (">", "more than", "plus")]]
KINDS = [([ORIGIN], 5), ([STYLE], 6), (FAME, 0.8), (FOLLOWED, 0.8)]

ACTS = {EN: [("artist", "artists"), ("artist", "artists"), ("artist", "artists"), ("act", "acts"), ("musician", "musicians"), ("band", "bands")],
        FR: [("artiste", "artistes"), ("artiste", "artistes"), ("artiste", "artistes"), ("groupe", "groupes"), ("musicien", "musiciens")]}
USER_WORDS = {EN: [("user", "users"), ("user", "users"), ("listener", "listeners")], FR: [("utilisateur", "utilisateurs"), ("utilisateur", "utilisateurs"), ("auditeur", "auditeurs")]}


def people(rng, chance=0.7, *without) -> list[Part]:
    """Perhaps a condition on who listens, at times two."""
    out: list[Part] = []
    for limit in (chance, 0.07):
        free = [(p, w) for p, w in PEOPLE if p.kind not in without and p not in out]
        if not free or rng.random() > limit:
            break
        out += rng.choices([p for p, _ in free], [w for _, w in free])
    return out


def kinds(rng, weights=(0.5, 0.38, 0.12), *without) -> list[Part]:
    """Conditions on the artists, as many as `weights` draws."""
    out: list[Part] = []
    for _ in range(rng.choices(range(len(weights)), weights)[0]):
        free = [(parts, w) for parts, w in KINDS if parts[0].kind not in (*without, *(p.kind for p in out))]
        (parts,) = rng.choices([p for p, _ in free], [w for _, w in free])
        out.append(rng.choice(parts))
    return out


def phrase(rng, language, noun, parts, feminine=False, plural=True) -> str:
    """A noun with its conditions, those about popularity and followers last."""
    last = [p for p in parts if p.kind in ("popularity", "followers")]
    text = plain_phrase(rng, language, noun, [p for p in parts if p not in last], feminine, plural)
    if language == FR and not plural:
        text = text.replace("qui font du", "qui fait du").replace("venus de", "venu de")
    return " ".join([text, *(p.said(rng, language) for p in last)])


# --- SQL ------------------------------------------------------------------------------------------------------------


def query(columns, parts=(), rest="", joins=(), each_genre=False, table="listens") -> str:
    """SELECT columns FROM music.listens with the joins and the WHERE that the conditions need. A country is qualified only where two tables have one."""
    joins = [j for j in (ARTISTS, USERS, SEGMENTS) if j in joins or any(p.join == j for p in parts)]
    where = " AND ".join(p.sql for p in sorted(parts, key=lambda p: p.place))
    source = "".join([table, *(f" JOIN {j}" for j in joins), ", UNNEST(genres) AS genre" if each_genre else ""])
    sql = f"SELECT {columns} FROM music.{source}{f' WHERE {where}' if where else ''}{f' {rest}' if rest else ''}"
    return sql if ARTISTS in joins and USERS in joins else re.sub(r"\b(users|artists)\.country", "country", sql)


def tails(rng, language, parts, loose=False) -> list[str]:
    return [p.said(rng, language, loose) for p in parts]


def le(words, plural=False) -> str:
    """The French masculine article with its noun."""
    return f"les {words}" if plural else f"l'{words}" if words[0] in "aeéiou" else f"le {words}"


def de(words) -> str:
    return f"d'{words}" if words[0] in "aeéiou" else f"de {words}"


# Alias: SQL, English after "the most", French after "le plus".
MEASURES = {
    "plays": ("SUM(plays) AS plays", "plays|listens|total plays", "d'écoutes|d'écoutes au total|de lectures"),
    "listeners": ("COUNT(DISTINCT user_id) AS listeners", "listeners|different listeners|unique listeners", "d'auditeurs|d'auditeurs différents|d'auditeurs uniques"),
    "average": ("SUM(plays) / COUNT(DISTINCT user_id) AS average", "plays per listener|plays per user", "d'écoutes par auditeur|d'écoutes par utilisateur"),
}


# --- tops -----------------------------------------------------------------------------------------------------------


def listens_top(rng):
    """The artists with the most plays, listeners or plays a listener: in a country, a segment, among friends, of one user."""
    language = rng.choice([EN, FR])
    own = kinds(rng)
    measure = rng.choices(list(MEASURES), [6, 2.5, 0.8])[0]
    who = [OF_USER] if measure == "plays" and rng.random() < 0.2 else people(rng)
    low = rng.random() < 0.12
    how, limit = number_of_rows(rng)
    plural, n = how != "one", "{num} " if how == "number" else ""
    columns, group = ("artist_name, plays", "") if OF_USER in who else (f"artist_name, {MEASURES[measure][0]}", "GROUP BY artist_name ")
    sql = query(columns, who + own, f"{group}ORDER BY {measure}{'' if low else ' DESC'} {limit}")
    noun = phrase(rng, language, rng.choice(ACTS[language])[plural], own, False, plural)
    unit = one(rng, MEASURES[measure][1 if language == EN else 2])
    played = measure == "plays" and rng.random() < 0.7
    tail = tails(rng, language, who, not played)
    if language == EN:
        be, have, most = ("are", "have", "fewest" if low else "most") if plural else ("is", "has", "fewest" if low else "most")
        if played:
            super_ = one(rng, "least played|least listened to" if low else "most played|most listened to|most listened-to|most streamed")
            if plural and not low and rng.random() < 0.15:
                return asked(rng, EN, f"top {n}<N> <T>|the top {n}<N> <T>", "", tails(rng, EN, who, True), N=noun), sql
            return asked(rng, EN, f"the {n}{super_} <N> <T>|the {n}<N> {super_} <T>|the {n}{super_} <N> <T>",
                         f"which {n}<N> {be} {super_} <T>?|what {be} the {n}{super_} <N> <T>?|who {be} the {n}{super_} <N> <T>?|which {be} the {n}{super_} <N> <T>?", tail, N=noun), sql
        return asked(rng, EN, f"the {n}<N> with the {most} {unit} <T>|the {n}<N> <T> with the {most} {unit}|the {n}<N> that {have} the {most} {unit} <T>",
                     f"which {n}<N> {have} the {most} {unit} <T>?|who {be} the {n}<N> with the {most} {unit} <T>?|<T>, which {n}<N> {have} the {most} {unit}?", tail, N=noun), sql
    art, be, have, most = (f"les {n}<N>", "sont", "ont", "les") if plural else (le("<N>" if noun[0] != "a" else "a<N>").replace("a<N>", "<N>"), "est", "a", "le")
    degree = "moins" if low else "plus"
    quel = "quels" if plural else "quel"
    if played:
        heard = one(rng, "écouté|écouté|joué|streamé") + ("s" if plural else "")
        top = f"|top {n}des <N> les plus {heard} <T>" if plural and not low else ""
        return asked(rng, FR, f"{art} {most} {degree} {heard} <T>|{art} {most} {degree} {heard} <T>{top}",
                     f"{quel} {be} {art} {most} {degree} {heard} <T> ?|{quel} {n}<N> {be} {most} {degree} {heard} <T> ?|<T>, {quel} {be} {art} {most} {degree} {heard} ?", tail, N=noun), sql
    return asked(rng, FR, f"{art} avec le {degree} {unit} <T>|{art} qui {have} le {degree} {unit} <T>|{art} ayant le {degree} {unit} <T>",
                 f"{quel} {n}<N> {have} le {degree} {unit} <T> ?|<T>, {quel} {n}<N> {have} le {degree} {unit} ?|{quel} {be} {art} qui {have} le {degree} {unit} <T> ?", tail, N=noun), sql


def favourites(rng):
    """What one user plays most, perhaps of some kind of artists."""
    language = rng.choice([EN, FR])
    own = kinds(rng, (0.6, 0.35, 0.05))
    how, limit = number_of_rows(rng)
    plural, n = how != "one", "{num} " if how == "number" else ""
    sql = query("artist_name, plays", [OF_USER, *own], f"ORDER BY plays DESC {limit}")
    noun = phrase(rng, language, rng.choice(ACTS[language])[plural], own, False, plural)
    user = one(rng, "user {num2}|user {num2}|user number {num2}|listener {num2}" if language == EN else "l'utilisateur {num2}|l'utilisateur {num2}|l'utilisateur numéro {num2}|l'auditeur {num2}")
    if language == EN:
        be = "are" if plural else "is"
        names = (f"the {n}favourite <N> of <U>|<U>'s {n}favourite <N>|<U>'s {n}favorite <N>|the {n}<N> that <U> listens to the most|the {n}<N> <U> plays most" + (f""
            f"|<U>'s top {n}<N>|top {n}<N> of <U>" if plural else ""))
        return (asked(rng, EN, names, f"which {n}<N> does <U> listen to most?|what {be} <U>'s {n}favourite <N>?|who {be} the {n}favourite <N> of <U>?"
            f"|which {n}<N> does <U> play the most?", N=noun, U=user), sql)
    art, be = (f"les {n}<N>", "sont") if plural else (("l'" if noun[0] == "a" else "le ") + "<N>", "est")
    fav = "préférés" if plural else "préféré"
    quel = "quels" if plural else "quel"
    names = (f"{art} {fav} de <U>|{art} que <U> écoute le plus|{art} {'favoris' if plural else 'favori'} de <U>" + (f"|top {n}<N> de <U>"
        f"|{art} les plus écoutés par <U>" if plural else f"|{art} le plus écouté par <U>"))
    return (asked(rng, FR, names, f"{quel} {be} {art} {fav} de <U> ?|{quel} {n}<N> <U> écoute-t-il le plus ?|{quel} {n}<N> est-ce que <U> écoute le plus ?"
        f"|{quel} {be} {art} que <U> écoute le plus ?", N=noun, U=user), sql)


def fans(rng):
    """Who plays an artist most: user_id, plays."""
    language = rng.choice([EN, FR])
    who = people(rng, 0.5)
    how, limit = number_of_rows(rng)
    plural, n = how != "one", "{num} " if how == "number" else ""
    sql = query("user_id, plays", [BY, *who], f"ORDER BY plays DESC {limit}")
    tail = tails(rng, language, who, True)
    noun = rng.choice(USER_WORDS[language])[plural]
    if language == EN:
        fan = "fans" if plural else "fan"
        s, be, have = ("", "are", "have") if plural else ("s", "is", "has")
        big = one(rng, "biggest|top|most loyal|most devoted|number one" if not plural else "biggest|top|most loyal|most devoted")
        return asked(rng, EN, f"the {n}{big} {fan} of {{artist}} <T>|{{artist}}'s {n}{big} {fan} <T>|the {n}<N> who listen{s} to {{artist}} the most <T>|the {n}<N> with the most {{artist}} plays <T>",
                     f"who {be} the {n}{big} {fan} of {{artist}} <T>?|which {n}<N> {'play' + s} {{artist}} the most <T>?|which {n}<N> {have} the most plays of {{artist}} <T>?"
                     f"|<T>, which {n}<N> listen{s} to {{artist}} most?|who {be} {{artist}}'s {n}{big} {fan} <T>?", tail, N=noun), sql
    art, be, have, ent = (f"les {n}", "sont", "ont", "ent") if plural else ("l'" if noun[0] in "ua" else "le ", "est", "a", "e")
    fan_art, fan = (f"les {n}plus grands", "fans") if plural else ("le plus grand", "fan")
    quel = "quels" if plural else "quel"
    big = one(rng, f"{fan_art} {fan}|{fan_art.replace('grand', 'gros')} {fan}|{fan_art.replace('grand', 'gros')} auditeur{'s' if plural else ''}").replace("gross", "gros")
    D = one(rng, "de {artist}|de {artist}|d'{artist}")
    return (asked(rng, FR, f"{big} <D> <T>|{art}<N> qui écout{ent} le plus {{artist}} <T>|{art}<N> avec le plus d'écoutes <D> <T>",
                 f"qui {be} {big} <D> <T> ?|{quel} {n}<N> écout{ent} le plus {{artist}} <T> ?|{quel} {n}<N> {have} le plus d'écoutes <D> <T> ?"
                     f"|<T>, {quel} {n}<N> écout{ent} le plus {{artist}} ?", tail, N=noun, D=D), sql)


# --- groups with enough of something, and those with the most of it ----------------------------------------------------

GENRE = Part("genre", 7, "genre = {genre}", "", "{genre}|de {genre}|{genre}", "{genre}")
EXPLICIT = Part("explicit", 2, "explicit", "", "explicites|explicites", "explicit")
RELEASED = [Part("release", 9.5, "release_year BETWEEN {decade} AND {decade} + 9", "from the {decade}|released in the {decade}", "des années {decade}|sortis dans les années {decade}"),
            Part("release", 9.5, "release_year = {year}", "released in {year}|from {year}", "sortis en {year}|de {year}"),
            Part("release", 9.5, "release_year > {year}", "released after {year}", "sortis après {year}")]
CHART = Part("chart", 0, "chart = 'hot-100'", "", "")
FIRST = Part("rank", 0.5, "rank = 1", "", "")
CHARTED = [Part("date", 10, "EXTRACT(YEAR FROM chart_date) = {year}", "in {year}", "en {year}"),
           Part("date", 10, "EXTRACT(YEAR FROM chart_date) BETWEEN {decade} AND {decade} + 9", "in the {decade}|during the {decade}", "dans les années {decade}")]
TAGGED = Part("tag", 5.2, "tag = {tag}", "", "")

ACT, USER = ("artist", "artists", "artiste", "artistes"), ("user", "users", "utilisateur", "utilisateurs")
COUNTRY, SONG, GENRES, TAGS, ALBUMS = (("country", "countries", "pays", "pays"), ("song", "songs", "titre", "titres"), ("genre", "genres", "genre", "genres"), ("tag", "tags", "tag", "tags"),
    ("album", "albums", "album", "albums"))
# Table; group; its key where it is only counted; words of the group; alias and SQL of the measure; units; conditions always there, on the group, on the unit, at the end.
GROUPS = [
    ("listens", "artist_name", "artist_id", ACT, "plays", "SUM(plays)", "plays|listens|plays in all", "écoutes|écoutes au total", (), "kinds", (), "people"),
    ("listens", "artist_name", "artist_id", ACT, "plays", "SUM(plays)", "plays|total plays", "écoutes|lectures", (), "kinds", (), "people"),
    ("listens", "artist_name", "artist_id", ACT, "listeners", "COUNT(DISTINCT user_id)", "listeners|different listeners", "auditeurs|auditeurs différents", (), "kinds", (), "people"),
    ("listens", "artist_name", "artist_id", ACT, "listeners", "COUNT(DISTINCT user_id)", "listeners|listeners", "auditeurs|auditeurs", (), "kinds", (), "people"),
    ("listens", "user_id", "user_id", USER, "plays", "SUM(plays)", "plays|plays in all", "écoutes|écoutes au total", (), "", (), "home"),
    ("listens", "user_id", "user_id", USER, "artists", "COUNT(DISTINCT artist_id)", "artists listened to|artists in their listens|different artists", "artistes écoutés"
        "|artistes différents", (), "", (), "home"),
    ("artist_tags", "tag", "tag", TAGS, "users", "COUNT(DISTINCT user_id)", "users|different users", "utilisateurs|utilisateurs différents", (), "", (), ""),
    ("artist_tags", "artist_name", "artist_id", ACT, "tags", "COUNT(DISTINCT tag)", "different tags|distinct tags", "tags différents|tags distincts", (), "", (), ""),
    ("chart_entries", "artist_name", "artist_id", ACT, "hits", "COUNT(DISTINCT title)", "number ones|number one songs|number one hits", "numéros un|titres numéro un", (CHART, FIRST), "", (), CHARTED),
    ("chart_entries", "artist_name", "artist_id", ACT, "hits", "COUNT(DISTINCT title)", "hits|songs on the hot 100|charted songs", "tubes|titres au hot 100|titres classés", (CHART,), "", (), CHARTED),
    ("chart_entries", "title, artist_name", "title, artist_id", SONG, "weeks", "COUNT(*)", "weeks on the chart|weeks on the hot 100", "semaines au classement|semaines au hot 100",
        (CHART,), "", (), CHARTED),
    ("chart_entries", "title, artist_name", "title, artist_id", SONG, "weeks", "COUNT(*)", "weeks at number one|weeks at the top", "semaines à la première place|semaines en tête",
        (CHART, FIRST), "", (), CHARTED),
    ("tracks", "artist_name", "artist_id", ACT, "tracks", "COUNT(*)", "songs|tracks", "titres|morceaux", (), "", ([GENRE], RELEASED, [EXPLICIT]), ""),
    ("tracks", "artist_name", "artist_id", ACT, "albums", "COUNT(DISTINCT album)", "albums|different albums", "albums|albums différents", (), "", (RELEASED,), ""),
    ("tracks", "genre", "genre", GENRES, "tracks", "COUNT(*)", "songs|tracks", "titres|morceaux", (), "", (RELEASED, [EXPLICIT]), ""),
    ("tracks", "album, artist_name", "album, artist_id", ALBUMS, "tracks", "COUNT(*)", "songs|tracks", "titres|morceaux", (), "", ([GENRE], RELEASED, [EXPLICIT]), ""),
    ("friendships", "user_id", "user_id", USER, "friends", "COUNT(*)", "friends|friends", "amis|amis", (), "", (), ""),
    ("artists", "country", "country", COUNTRY, "artists", "COUNT(*)", "artists|acts", "artistes|artistes", (), "", ([Part("genre", 7, "{genre} IN UNNEST(genres)", "", "{genre}"
        "|de {genre}", "{genre}")],), ""),
    ("artist_tags", "artist_name", "artist_id", ACT, "users", "COUNT(DISTINCT user_id)", "users|people", "personnes|utilisateurs", (TAGGED,), "", (), ""),
]
# Operator, English (before, after the number), French. `{N}` is the number with its unit.
COMPARISONS = [
    (">", "more than {N}|over {N}|more than {N}|upwards of {N}", "plus de {N}|plus de {N}"), (">=", "at least {N}|{num} or more {U}|no fewer than {N}|a minimum of {N}",
        "au moins {N}|{num} {U} ou plus|au minimum {N}"),
    ("<", "fewer than {N}|less than {N}|under {N}", "moins de {N}|moins de {N}"), ("<=", "at most {N}|no more than {N}|{num} {U} or fewer", "au plus {N}|au maximum {N}|{num} {U} ou moins"),
    ("BETWEEN", "between {num} and {num3} {U}|between {num} and {num3} {U}", "entre {num} et {num3} {U}|de {num} à {num3} {U}"), ("=", "exactly {N}|precisely {N}", "exactement {N}|tout juste {N}"),
]


def groups(rng):
    """'artists with more than {num} hits' (HAVING), 'the artists with the most hits' (ten), 'the artist with the most hits' (one), 'how many artists have more than ...'."""
    language = rng.choice([EN, FR])
    en = language == EN
    table, group, key, words, alias, measure, unit_en, unit_fr, given, of_group, of_unit, end = rng.choice(GROUPS)
    own = kinds(rng, (0.6, 0.35, 0.05)) if of_group else []
    who = people(rng, 0.45) if end == "people" else people(rng, 0.35, "friends") if end == "home" else [rng.choice(end)] if end and rng.random() < 0.4 else []
    units = [rng.choice(parts) for parts in of_unit if rng.random() < 0.3][:2]
    parts = [*given, *own, *who, *units]
    one_, many = words[:2] if en else words[2:]
    unit = phrase(rng, language, one(rng, unit_en if en else unit_fr), units)
    tail = tails(rng, language, who, True)
    by_people = TAGGED in given
    if by_people:
        one_, many = f"{one_} {'tagged' if en else 'tagué'} {{tag}}", f"{many} {'tagged' if en else 'tagués'} {{tag}}"
    one_, many = phrase(rng, language, one_, own, False, False), phrase(rng, language, many, own)
    select = f"SELECT {group}, {measure} AS {alias} FROM"
    body = query("", [p for p in parts], f"GROUP BY {group}", table=table).removeprefix("SELECT  FROM")
    kind = rng.choices(["having", "most", "count"], [5, 4.5, 1])[0]
    if kind == "count" and ("title" in group or "album" in group or by_people):
        kind = "having"
    if kind == "most":
        return most_of(rng, language, (one_, many), unit, tail, by_people, alias, select + body)
    operator, comparison_en, comparison_fr = rng.choices(COMPARISONS, [6, 2.5, 3, 1.5, 3, 1.5])[0]
    amount = one(rng, comparison_en if en else comparison_fr).replace("{N}", "{num} {U}").replace("{U}", unit)
    bound = "BETWEEN {num} AND {num3}" if operator == "BETWEEN" else f"{operator} {{num}}"
    if kind == "count":
        counted = {"artist_id": "artists", "user_id": "users", "tag": "tags", "genre": "genres", "country": "countries"}[key]
        sql = f"SELECT COUNT(*) AS {counted} FROM ({query(key, parts, f'GROUP BY {key} HAVING {measure} {bound}', table=table)})"
        if en:
            text = "how many <N> have <A> <T>?|number of <N> with <A> <T>|count the <N> with <A> <T>|<T>, how many <N> have <A>?|how many <N> are there with <A> <T>?"
        else:
            text = "combien <DN> ont <A> <T> ?|nombre <DN> avec <A> <T>|<T>, combien <DN> ont <A> ?|combien y a-t-il <DN> avec <A> <T> ?|compte les <N> qui ont <A> <T>"
        return worded(rng, language, one(rng, text), tail, N=many, DN=de(many), A=amount), sql
    sql = f"{select}{body} HAVING {alias} {bound}"
    if by_people:
        names = "<N> by <A>|the <N> by <A>|all <N> by <A>" if en else "<N> par <A>|les <N> par <A>|tous les <N> par <A>"
        questions = "which <N> by <A>?|what are the <N> by <A>?" if en else "quels sont les <N> par <A> ?|liste des <N> par <A>"
        questions = questions.replace("which <N> by <A>?", "which artists have been tagged {tag} by <A>?")
    elif en:
        names = "<N> with <A> <T>|the <N> with <A> <T>|all <N> that have <A> <T>|the <N> having <A> <T>|all the <N> with <A> <T>"
        questions = "which <N> have <A> <T>?|what <N> have <A> <T>?|<T>, which <N> have <A>?|who are the <N> with <A> <T>?|list the <N> that have <A> <T>"
        if many[:3] in ("tag", "gen", "cou", "son", "alb"):
            questions = questions.replace("who are", "what are")
    else:
        names = "<N> avec <A> <T>|les <N> avec <A> <T>|tous les <N> qui ont <A> <T>|les <N> ayant <A> <T>|les <N> qui comptent <A> <T>"
        questions = "quels <N> ont <A> <T> ?|quels sont les <N> qui ont <A> <T> ?|<T>, quels <N> ont <A> ?|liste des <N> avec <A> <T>|quels <N> comptent <A> <T> ?"
    return asked(rng, language, names, questions, tail, N=many, A=amount), sql


def most_of(rng, language, nouns, unit, tail, by_people, alias, sql):
    """'the artists with the most UNIT': one, ten or a number of them, never HAVING."""
    how, limit = number_of_rows(rng)
    plural, n, low = how != "one", "{num} " if how == "number" else "", rng.random() < 0.15
    sql = f"{sql} ORDER BY {alias}{'' if low else ' DESC'} {limit}"
    noun, most = nouns[plural], ("fewest" if low else "most") if language == EN else ("moins" if low else "plus")
    if language == EN:
        be, have = ("are", "have") if plural else ("is", "has")
        if by_people:
            return asked(rng, EN, f"the {n}<N> by the {most} <U>", f"which {n}<W> {be} tagged {{tag}} by the {most} <U>?|which {n}<W> {'were' if plural else 'was'} tagged {{tag}} by the {most} <U>?",
                         N=noun, U=unit, W=noun.split(" ")[0]), sql
        return asked(rng, EN, f"the {n}<N> with the {most} <U> <T>|the {n}<N> that {have} the {most} <U> <T>|the {n}<N> having the {most} <U> <T>",
                     f"which {n}<N> {have} the {most} <U> <T>?|what {be} the {n}<N> with the {most} <U> <T>?|<T>, which {n}<N> {have} the {most} <U>?", tail, N=noun, U=unit), sql
    art, have, be, quel = (f"les {n}<N>", "ont", "sont", "quels") if plural else (("l'" if noun[0] in "aeu" else "le ") + "<N>", "a", "est", "quel")
    if by_people:
        return asked(rng, FR, f"{art} par le {most} <DU>", f"{quel} {be} {art} par le {most} <DU> ?", N=noun, DU=de(unit)), sql
    return asked(rng, FR, f"{art} avec le {most} <DU> <T>|{art} qui {have} le {most} <DU> <T>|{art} ayant le {most} <DU> <T>",
                 f"{quel} {n}<N> {have} le {most} <DU> <T> ?|{quel} {be} {art} avec le {most} <DU> <T> ?|<T>, {quel} {n}<N> {have} le {most} <DU> ?", tail, N=noun, DU=de(unit)), sql


# --- sets -----------------------------------------------------------------------------------------------------------

# SQL of one side, slot, words of the rows, then the verb phrase with it and the bare second half: English, French; with a negation for "but not".
SIDES = [
    ("artist_name FROM music.listens WHERE user_id = {X}", "num", "artists|artists|acts", "that user {a} and user {b} both listen to|listened to by both user {a} and user {b}"
        "|that users {a} and {b} have in common",
     "that user {a} listens to but user {b} does not|listened to by user {a} but not by user {b}|in user {a}'s listens and not in user {b}'s",
     "that user {a} or user {b} listens to|listened to by user {a} or by user {b}|listened to by either user {a} or user {b}",
     "artistes|artistes|groupes", "que l'utilisateur {a} et l'utilisateur {b} écoutent tous les deux|écoutés à la fois par l'utilisateur {a} et par l'utilisateur {b}"
         "|communs aux utilisateurs {a} et {b}",
     "que l'utilisateur {a} écoute mais pas l'utilisateur {b}|écoutés par l'utilisateur {a} mais pas par l'utilisateur {b}|que l'utilisateur {a} écoute et que l'utilisateur {b} n'écoute pas",
     "que l'utilisateur {a} ou l'utilisateur {b} écoute|écoutés par l'utilisateur {a} ou par l'utilisateur {b}"),
    ("user_id FROM music.listens WHERE artist_id = {X}", "artist", "users|listeners|people", "who listen to both {a} and {b}|who listen to {a} and also to {b}"
        "|who have played {a} as well as {b}|with {a} and {b} in their listens",
     "who listen to {a} but not to {b}|who play {a} and never {b}|who listen to {a} without listening to {b}|who have played {a} but not {b}", "who listen to {a} or {b}"
         "|who listen to either {a} or {b}|who have played {a} or {b}",
     "utilisateurs|auditeurs|gens", "qui écoutent à la fois {a} et {b}|qui écoutent {a} et aussi {b}|qui ont écouté {a} ainsi que {b}|ayant {a} et {b} dans leurs écoutes",
     "qui écoutent {a} mais pas {b}|qui écoutent {a} et jamais {b}|qui écoutent {a} sans écouter {b}|qui ont écouté {a} mais pas {b}", "qui écoutent {a} ou {b}"
         "|qui écoutent soit {a} soit {b}|qui ont écouté {a} ou {b}"),
    ("artist_name FROM music.listens JOIN music.users USING (user_id) WHERE country = {X}", "country", "artists|acts", "listened to in both {a} and {b}"
        "|that people play in {a} and in {b} alike|with listeners in {a} and in {b}",
     "listened to in {a} but not in {b}|with listeners in {a} and none in {b}|played in {a} yet never in {b}", "listened to in {a} or in {b}|with listeners in {a} or {b}",
     "artistes|groupes", "écoutés à la fois en {a} et en {b}|qu'on écoute en {a} comme en {b}|ayant des auditeurs en {a} et en {b}",
     "écoutés en {a} mais pas en {b}|qui ont des auditeurs en {a} et aucun en {b}|qu'on écoute en {a} et jamais en {b}", "écoutés en {a} ou en {b}|qui ont des auditeurs en {a} ou en {b}"),
    ("artist_name FROM music.listens JOIN music.user_segments USING (user_id) WHERE segment = {X}", "segment", "artists|acts",
        "listened to in both the {a} segment and the {b} segment|played by {a} users and by {b} users alike",
     "listened to in the {a} segment but not in the {b} segment|played by the {a} segment and never by the {b} segment", "listened to in the {a} or the {b} segment"
         "|played by the {a} segment or the {b} segment",
     "artistes|artistes", "écoutés à la fois dans le segment {a} et dans le segment {b}|communs aux segments {a} et {b}",
     "écoutés dans le segment {a} mais pas dans le segment {b}|que le segment {a} écoute et pas le segment {b}", "écoutés dans le segment {a} ou dans le segment {b}"),
    ("artist_name FROM music.artist_tags WHERE tag = {X}", "tag", "artists|acts", "tagged both {a} and {b}|tagged {a} and also {b}", "tagged {a} but not {b}"
        "|with the tag {a} and without the tag {b}", "tagged {a} or {b}|with the tag {a} or {b}",
     "artistes|groupes", "tagués à la fois {a} et {b}|qui ont le tag {a} et aussi le tag {b}", "tagués {a} mais pas {b}|avec le tag {a} et sans le tag {b}", "tagués {a} ou {b}"
         "|ayant le tag {a} ou {b}"),
    ("artist_name FROM music.country_charts WHERE country = {X}", "country", "artists|acts", "that charted in both {a} and {b}|on the charts of {a} and of {b}",
        "that charted in {a} but not in {b}|on the chart in {a} and never in {b}",
     "that charted in {a} or in {b}|on the chart in {a} or {b}", "artistes|groupes", "classés à la fois en {a} et en {b}|entrés au classement en {a} comme en {b}",
         "classés en {a} mais pas en {b}|classés en {a} et jamais en {b}", "classés en {a} ou en {b}"),
    ("friend_id FROM music.friendships WHERE user_id = {X}", "num", "friends|users", "that user {a} and user {b} have in common|that users {a} and {b} share",
        "that user {a} has but user {b} does not", "of user {a} or user {b}",
     "amis|amis", "que l'utilisateur {a} et l'utilisateur {b} ont en commun|communs aux utilisateurs {a} et {b}", "que l'utilisateur {a} a mais pas l'utilisateur {b}",
         "de l'utilisateur {a} ou de l'utilisateur {b}"),
    ("tag FROM music.artist_tags WHERE artist_id = {X}", "artist", "tags|tags", "that {a} and {b} have in common|given to both {a} and {b}|shared by {a} and {b}",
        "given to {a} but not to {b}|that {a} has and {b} does not", "given to {a} or {b}",
     "tags|tags", "communs à {a} et {b}|que {a} et {b} ont en commun", "donnés à {a} mais pas à {b}|que {a} a et que {b} n'a pas", "donnés à {a} ou à {b}"),
    ("user_id FROM music.listens JOIN music.artists USING (artist_id) WHERE {X} IN UNNEST(genres)", "genre", "users|listeners|people", "who listen to both {a} and {b} artists"
        "|who listen to {a} as well as {b}",
     "who listen to {a} but not to {b}|who play {a} artists and never {b} ones", "who listen to {a} or {b} artists|who listen to either {a} or {b}",
     "utilisateurs|auditeurs|gens", "qui écoutent à la fois du {a} et du {b}|qui écoutent du {a} et aussi du {b}", "qui écoutent du {a} mais pas de {b}|qui écoutent du {a} et jamais de {b}",
     "qui écoutent du {a} ou du {b}|qui écoutent soit du {a} soit du {b}"),
]


def sets(rng):
    """Both, one but not the other, either; the rows or how many they are."""
    language = rng.choice([EN, FR])
    side = rng.choices(SIDES, [4, 5, 2.5, 1, 1.2, 1, 1, 1, 1.2])[0]
    sql, kind = side[:2]
    nouns, both, minus, either = side[2:6] if language == EN else side[6:]
    operator, words = rng.choices([("INTERSECT DISTINCT", both), ("EXCEPT DISTINCT", minus), ("UNION DISTINCT", either)], [4, 4, 2])[0]
    a, b = "{" + kind + "}", "{" + kind + "2}"
    text, noun = one(rng, words).replace("{a}", a).replace("{b}", b), one(rng, nouns)
    if rng.random() < 0.3 and sql.startswith("user_id FROM music.listens WHERE"):
        where = rng.choice([IN_COUNTRY, IN_SEGMENT])
        sql = f"{sql.replace(' WHERE', f' JOIN {where.join} WHERE')} AND {where.sql.replace('users.', '')}"
        noun += (" " + one(rng, {"country": ("in {country}|from {country}", "en {country}|de {country}"), "segment": ("of the {segment} segment|in the {segment} segment",
            "du segment {segment}")}[where.kind][language == FR]))
    elif rng.random() < 0.3 and sql.startswith("artist_name FROM music.listens WHERE user_id"):
        own = kinds(rng, (0, 1, 0), "popularity", "followers")
        sql = query("artist_name", [Part("user", 3, "user_id = {X}", "", ""), *own]).removeprefix("SELECT ")
        noun = phrase(rng, language, noun, own)
    both_sides = f"SELECT {sql.replace('{X}', a)} {operator} SELECT {sql.replace('{X}', b)}"
    if rng.random() < 0.2 and sql.startswith(("user_id", "artist_name")):
        alias = "listeners" if sql.startswith("user_id") else "artists"
        return counted(rng, language, noun, text), f"SELECT COUNT(*) AS {alias} FROM ({both_sides})"
    return (asked(rng, language, "the <N> <W>|the <N> <W>|all <N> <W>" if language == EN else "les <N> <W>|les <N> <W>|tous les <N> <W>",
                 "which are the <N> <W>?|what are the <N> <W>?|find <N> <W>|list <N> <W>" if language == EN else "quels sont les <N> <W> ?|quels sont les <N> <W> ?"
                     "|trouve les <N> <W>|liste des <N> <W>", N=noun, W=text), both_sides)


def counted(rng, language, noun, text) -> str:
    """'how many users are there who listen to both ...'."""
    if language == FR:
        return worded(rng, FR, one(rng, "combien y a-t-il <D> <W> ?|nombre <D> <W>|il y a combien <D> <W> ?|compte les <N> <W>"), N=noun, D=de(noun), W=text)
    verb = "|how many <N> <V>?" if text.startswith("who ") else ""
    return worded(rng, EN, one(rng, f"number of <N> <W>|how many <N> are there <W>?|count the <N> <W>{verb}"), N=noun, W=text, V=text.removeprefix("who "))


# --- numbers --------------------------------------------------------------------------------------------------------


def heard(rng, language, chances=(0.55, 0.3, 0.15)):
    """What is listened to: one artist, artists of a kind, anything. Conditions, words, French with "de"."""
    kind = rng.choices(["artist", "kind", "all"], chances)[0]
    if kind == "artist":
        return [BY], "{artist}", one(rng, "de {artist}|de {artist}|de {artist}|d'{artist}")
    own = kinds(rng, (0, 0.8, 0.2)) if kind == "kind" else []
    words = phrase(rng, language, rng.choice(ACTS[language])[1], own)
    return own, words, f"des {words}"


def totals(rng):
    """How many plays, listeners, plays a listener, artists: of an artist, a kind of artists, anything; in a country, a segment, of a user, among friends."""
    language = rng.choice([EN, FR])
    about, words, of_words = heard(rng, language)
    single = BY in about
    measure = rng.choices(["plays", "listeners", "average", "artists"], [5, 4, 2.5, 0 if single else 2.5])[0]
    by_user = measure in ("plays", "artists") and rng.random() < 0.3
    who = [OF_USER] if by_user else people(rng, 0.7)
    if not about and not who and measure == "plays":
        who = [IN_COUNTRY]
    columns = {**{k: v[0] for k, v in MEASURES.items()}, "artists": "COUNT(DISTINCT artist_id) AS artists"}[measure]
    if by_user and single:
        columns = "plays"
    sql = query(columns, [*about, *who])
    tail = tails(rng, language, who, True)
    user = one(rng, "user {num2}|user {num2}|listener {num2}" if language == EN else "l'utilisateur {num2}|l'utilisateur {num2}|l'auditeur {num2}")
    if language == EN:
        have, s = ("has", "'s") if single else ("have", "")
        do = "does" if single else "do"
        if by_user and measure == "plays":
            text = ("how many times has <U> played <O>?|how many plays of <O> does <U> have?|<U>: number of plays of <O>|how often does <U> listen to <O>?|<U>'s total plays of <O>" if about
                    else "how many plays does <U> have in total?|total plays of <U>|how many plays did <U> make in all?")
        elif by_user:
            text = "how many <O> does <U> listen to?|number of <O> listened to by <U>|how many different <O> are in <U>'s listens?|how many <O> has <U> played?"
        elif measure == "plays":
            text = (f"how many plays {do} <O> have <T>?|how many times {'was' if single else 'were'} <O> played <T>?|total plays of <O> <T>|plays of <O> <T>"
                f"|number of plays for <O> <T>|<T>, how many plays {have} <O> got?"
                    f"|how often {'is' if single else 'are'} <O> listened to <T>?|what is the play count of <O> <T>?")
        elif measure == "listeners":
            text = ((f"how many people listen to <O> <T>?|how many listeners {do} <O> have <T>?|number of listeners of <O> <T>|listener count for <O> <T>"
                f"|how many users listen to <O> <T>?|<T>, how many users play <O>?"
                    "|what is the audience size of <O> <T>?|count the listeners of <O> <T>") if about else "how many users have listened to something <T>?"
                        "|how many listeners are there <T>?|number of active listeners <T>")
        elif measure == "average":
            text = (("what is the average number of plays per listener of <O> <T>?|average plays per listener for <O> <T>|on average, how many times does a listener play <O> <T>?"
                "|how many plays per user does <O> get <T>?"
                    "|mean plays per user of <O> <T>|<T>, how many plays per listener does <O> have on average?") if about else (
                "what is the average number of plays per user <T>?|average plays per listener <T>|how many plays does a user make on average <T>?|mean number of plays per user <T>"))
            text = text.replace("does <O> get", "do <O> get").replace("does <O> have", "do <O> have") if not single else text
        else:
            text = "how many <O> are listened to <T>?|number of <O> with at least one listener <T>|how many different <O> do people listen to <T>?|<T>, how many <O> are played?"
        return worded(rng, EN, one(rng, text), tail if "<T>" in text else [], O=words, U=user), sql
    ont = "a" if single else "ont"
    articled = words if single else f"les {words}"
    if by_user and measure == "plays":
        text = ("combien de fois <U> a-t-il écouté <O> ?|combien d'écoutes <D> a <U> ?|nombre d'écoutes <D> par <U>|<U> a écouté <O> combien de fois ?|total des écoutes <D> pour <U>" if about
                else "combien d'écoutes <U> totalise-t-il ?|nombre total d'écoutes de <U>|combien d'écoutes <U> a-t-il au total ?")
    elif by_user:
        text = "combien <P> <U> écoute-t-il ?|nombre <P> écoutés par <U>|<U> écoute combien <P> ?|combien <P> différents y a-t-il dans les écoutes de <U> ?"
    elif measure == "plays":
        text = (f"combien d'écoutes {ont} <O> <T> ?|combien de fois a-t-on écouté <O> <T> ?|nombre d'écoutes <D> <T>|total des écoutes <D> <T>"
            f"|<T>, combien d'écoutes {'totalise' if single else 'totalisent'} <O> ?"
                f"|<O> {ont} combien d'écoutes <T> ?|combien de fois <O> {ont}-{'t-il' if single else 'ils'} été écouté{'' if single else 's'} <T> ?")
    elif measure == "listeners":
        text = ((f"combien de personnes écoutent <O> <T> ?|combien d'auditeurs {ont} <O> <T> ?|nombre d'auditeurs <D> <T>|<T>, combien d'utilisateurs écoutent <O> ?"
            f"|combien de gens écoutent <O> <T> ?|<O>, ça fait combien d'auditeurs <T> ?"
                "|quelle est l'audience <D> <T> ?|compte les auditeurs <D> <T>") if about else "combien d'utilisateurs ont écouté quelque chose <T> ?"
                    "|combien y a-t-il d'auditeurs <T> ?|nombre d'auditeurs <T>")
    elif measure == "average":
        text = (("quel est le nombre moyen d'écoutes par auditeur <D> <T> ?|moyenne d'écoutes par auditeur <D> <T>|en moyenne, combien de fois un auditeur écoute <O> <T> ?"
            "|écoutes par utilisateur en moyenne pour <O> <T>"
                "|<T>, combien d'écoutes par auditeur pour <O> en moyenne ?") if about else (
            "quel est le nombre moyen d'écoutes par utilisateur <T> ?|moyenne d'écoutes par auditeur <T>|combien d'écoutes un utilisateur fait-il en moyenne <T> ?"
                "|<T>, combien d'écoutes par utilisateur en moyenne ?"))
    else:
        text = "combien <P> sont écoutés <T> ?|nombre <P> ayant au moins un auditeur <T>|combien <P> différents écoute-t-on <T> ?|<T>, combien <P> sont écoutés ?"
    return worded(rng, FR, one(rng, text), tail if "<T>" in text else [], O=articled, D=of_words, P=de(words), U=user), sql


# Column of the group, condition on two of them, its place, join; the two in words: English, French.
RIVALS = {
    "artist": ("artist_name", "artist_id IN ({artist}, {artist2})", 5, "", ("{artist}", "{artist2}"), ("{artist}", "{artist2}")),
    "country": ("users.country", "users.country IN ({country}, {country3})", 7.5, USERS, ("{country}", "{country3}"), ("{country}", "{country3}")),
    "segment": ("segment", "segment IN ({segment}, {segment2})", 5.5, SEGMENTS, ("the {segment} segment", "the {segment2} segment"), ("le segment {segment}", "le segment {segment2}")),
    "user": ("user_id", "user_id IN ({num2}, {num3})", 3, "", ("user {num2}", "user {num3}"), ("l'utilisateur {num2}", "l'utilisateur {num3}")),
}


def rivals(rng):
    """Two artists, countries, segments or users side by side; or only the one that has more."""
    language = rng.choice([EN, FR])
    kind = rng.choices(list(RIVALS), [6, 2, 1.3, 1.5])[0]
    group, condition, place, join, words_en, words_fr = RIVALS[kind]
    two = Part(kind, place, condition, "", "", join=join)
    measure = rng.choices(["plays", "listeners", "average", "artists"], [5, 4 if kind != "user" else 0, 1.5 if kind != "user" else 0, 2.5 if kind != "artist" else 0])[0]
    columns = {**{k: v[0] for k, v in MEASURES.items()}, "artists": "COUNT(DISTINCT artist_id) AS artists"}[measure]
    about, about_words, of_about = ([], "", "") if kind == "artist" or rng.random() < 0.4 else heard(rng, language, (0.6, 0.4, 0))
    if measure == "artists" and about:
        about, about_words, of_about = [], "", ""
    who = people(rng, 0.55) if kind == "artist" else []
    winner, low = rng.random() < 0.55, rng.random() < 0.12
    parts = [two, *about, *who]
    low = low and winner
    sql = query(f"{group}, {columns}", parts, f"GROUP BY {group} ORDER BY {measure}{'' if low else ' DESC'}{' LIMIT 1' if winner else ''}")
    if kind == "user" and BY in about:
        sql = query("user_id, plays", parts, f"ORDER BY plays{'' if low else ' DESC'}{' LIMIT 1' if winner else ''}")
    tail = tails(rng, language, who, True)
    X, Y = words_en if language == EN else words_fr
    if language == EN:
        unit = one(rng, {"plays": "plays|listens", "listeners": "listeners|fans listening", "average": "plays per listener", "artists": "different artists"
            "|artists in the listens"}[measure]).replace("fans listening", "listeners")
        unit += f" of {about_words}" if about else ""
        more, most = ("fewer", "fewest") if low else ("more", "most")
        if winner:
            text = (f"who has {more} {unit} <T>, <X> or <Y>?|<X> or <Y>: which one has {more} {unit} <T>?|which has the {most} {unit} <T>, <X> or <Y>?"
                f"|between <X> and <Y>, which has {more} {unit} <T>?|<T>, does <X> or <Y> have {more} {unit}?")
            if measure == "plays" and kind == "artist":
                text += (f"|who is {'less' if low else 'more'} listened to <T>, <X> or <Y>?|is <X> or <Y> {'less' if low else 'more'} played <T>?"
                    f"|which of <X> and <Y> is played {'less' if low else 'more'} <T>?")
            if measure == "plays" and about and kind != "artist" and not low:
                text += f"|which listens to {about_words} more, <X> or <Y>?|who plays {about_words} most, <X> or <Y>?"
        else:
            text = (f"compare <X> and <Y> by {unit} <T>|<X> vs <Y>: {unit} <T>|{unit} for <X> and for <Y> <T>|compare the number of {unit} for <X> and <Y> <T>"
                f"|<X> versus <Y> in {unit} <T>|how many {unit} do <X> and <Y> each have <T>?")
        return worded(rng, EN, one(rng, text), tail, X=X, Y=Y), sql
    unit = (one(rng, {"plays": "écoutes|écoutes", "listeners": "auditeurs|auditeurs", "average": "écoutes par auditeur", "artists": "artistes différents"
        "|artistes écoutés"}[measure]) + (f" {of_about}" if about else ""))
    more = f"{'moins' if low else 'plus'} {de(unit)}"
    if winner:
        text = (f"qui a le {more} <T>, <X> ou <Y> ?|<X> ou <Y> : lequel a le {more} <T> ?|entre <X> et <Y>, lequel a le {more} <T> ?|<T>, qui a {more}, <X> ou <Y> ?"
            f"|lequel a le {more} <T> : <X> ou <Y> ?")
        if measure == "plays" and kind == "artist":
            text += f"|qui est le {'moins' if low else 'plus'} écouté <T>, <X> ou <Y> ?|lequel est le {'moins' if low else 'plus'} écouté <T>, <X> ou <Y> ?"
        if measure == "plays" and about and not low:
            text += f"|qui écoute le plus {about_words if BY in about else 'les ' + about_words}, <X> ou <Y> ?"
    else:
        text = (f"compare <X> et <Y> en nombre {de(unit)} <T>|<X> vs <Y> : {unit} <T>|{unit} pour <X> et pour <Y> <T>|nombre {de(unit)} pour <X> et <Y> <T>"
            f"|combien {de(unit)} pour <X> et combien pour <Y> <T> ?|<X> contre <Y> : nombre {de(unit)} <T>")
    return worded(rng, FR, one(rng, text), tail, X=X, Y=Y), sql


# --- groups ---------------------------------------------------------------------------------------------------------

# Group: column, join, each genre, names in English and French (one, many; feminine never), "per ..." in both.
AUDIENCES = {
    "country": ("users.country", USERS, False, ("country", "countries", "pays", "pays"), "by country|per country|in each country|for every country", "par pays|pays par pays|dans chaque pays"),
    "segment": ("segment", SEGMENTS, False, ("segment", "segments", "segment", "segments"), "by segment|per segment|in each user segment|for each segment", "par segment"
        "|dans chaque segment|pour chaque segment"),
    "genre": ("genre", ARTISTS, True, ("genre", "genres", "genre", "genres"), "by genre|per genre|for each genre", "par genre|pour chaque genre"),
    "origin": ("artists.country", ARTISTS, False, (), "by country of the artist|per artist country|by the artists' country", "par pays des artistes|par pays d'origine des artistes"
        "|selon le pays de l'artiste"),
    "user": ("user_id", "", False, ("user", "users", "utilisateur", "utilisateurs"), "by user|per user|for each user", "par utilisateur|pour chaque utilisateur"),
}
COUNTED = {**{k: v[0] for k, v in MEASURES.items()}, "artists": "COUNT(DISTINCT artist_id) AS artists"}


def audiences(rng):
    """Plays, listeners, plays a listener, artists of every country, segment, genre, or user; or the ones with most of them."""
    language = rng.choice([EN, FR])
    group = rng.choices(list(AUDIENCES), [5, 3, 3, 1, 1.5])[0]
    column, join, each, nouns, per_en, per_fr = AUDIENCES[group]
    about, words, of_about = ([], "", "")
    if rng.random() < (0.6 if group in ("country", "segment") else 0.4 if group == "user" else 0):
        about, words, of_about = heard(rng, language, (0.65, 0.35, 0))
    closed = {"country": ("country",), "segment": ("segment",), "user": ("friends",)}.get(group, ())
    who = [OF_USER] if group in ("genre", "origin") and rng.random() < 0.3 else people(rng, 0.4 if group in ("genre", "origin", "user") else 0.1, *closed)
    if OF_USER in who and BY in about:
        about = []
    measure = rng.choices(["plays", "listeners", "average", "artists"], [5, 3 if group != "user" and OF_USER not in who else 0,
        1.5 if group != "user" and OF_USER not in who else 0, 1.2 if not about and group in ("country", "segment", "user") else 0])[0]
    parts = [*about, *who]
    shape = rng.choices(["all", "top"], [3, 5 if group != "origin" else 0])[0]
    if group == "user":
        shape = "top"
    how, limit = number_of_rows(rng)
    low = shape == "top" and rng.random() < 0.1
    columns, grouped = f"{column}, {COUNTED[measure]}", f"GROUP BY {column} "
    if group == "user" and BY in about:
        columns, grouped = "user_id, plays", ""
    sql = query(columns, parts, f"{grouped}ORDER BY {measure}{'' if low else ' DESC'}{' ' + limit if shape == 'top' else ''}", (join,), each)
    tail = tails(rng, language, who, True)
    unit = one(rng, {"plays": "plays|listens", "listeners": "listeners|unique listeners", "average": "plays per listener", "artists": "different artists"
        "|artists listened to"}[measure] if language == EN
               else {"plays": "écoutes|lectures|écoutes", "listeners": "auditeurs|auditeurs uniques", "average": "écoutes par auditeur", "artists": "artistes différents|artistes écoutés"}[measure])
    if about:
        unit += f" of {words}" if language == EN else f" {of_about}"
    if shape == "all":
        per = one(rng, per_en if language == EN else per_fr)
        if language == EN:
            mean = "average " if measure == "average" else ""
            text = (f"{mean}{unit} <P> <T>|how many {unit} are there <P> <T>?|the number of {unit} <P> <T>|show {mean}{unit} <P> <T>|break down the {mean}{unit} <P> <T>"
                f"|<P>, how many {unit} <T>?|{mean}{unit} <T>, <P>|give the {mean}{unit} <P> <T>")
        else:
            mean = "en moyenne" if measure == "average" else ""
            text = (f"{unit} {mean} <P> <T>|combien {de(unit)} {mean} <P> <T> ?|nombre {de(unit)} {mean} <P> <T>|répartition des {unit} <P> <T>|<P>, combien {de(unit)} {mean} <T> ?"
                f"|donne le nombre {de(unit)} <P> <T>|{unit} <T> <P>")
        return worded(rng, language, one(rng, text), tail, P=per), sql
    plural, n = how != "one", "{num} " if how == "number" else ""
    noun = nouns[plural + (2 if language == FR else 0)]
    if language == EN:
        most, have, s, be = "fewest" if low else "most", "have" if plural else "has", "" if plural else "s", "are" if plural else "is"
        listen = f"|which {n}<N> listen{s} to {words} {'least' if low else 'the most'} <T>?" if about and measure == "plays" else ""
        if measure == "plays" and group == "genre":
            listen = f"|which {n}<N> {be} the {'least' if low else 'most'} listened to <T>?|which {n}<N> {be} {'least' if low else 'most'} played <T>?"
        return asked(rng, EN, f"the {n}<N> with the {most} {unit} <T>|the {n}<N> that {have} the {most} {unit} <T>",
                     f"which {n}<N> {have} the {most} {unit} <T>?|what {be} the {n}<N> with the {most} {unit} <T>?|<T>, which {n}<N> {have} the {most} {unit}?{listen}", tail, N=noun), sql
    most, have, be, quel = "moins" if low else "plus", "ont" if plural else "a", "sont" if plural else "est", "quels" if plural else "quel"
    art = f"les {n}<N>" if plural else ("l'" if noun[0] == "u" else "le ") + "<N>"
    listen = f"|{quel} {n}<N> écoute{'nt' if plural else ''} le {most} {words if BY in about else 'les ' + words} <T> ?" if about and measure == "plays" else ""
    if measure == "plays" and group == "genre":
        listen = f"|{quel} {be} {art} {'les' if plural else 'le'} {most} écouté{'s' if plural else ''} <T> ?"
    return asked(rng, FR, f"{art} avec le {most} {de(unit)} <T>|{art} qui {have} le {most} {de(unit)} <T>",
                 f"{quel} {n}<N> {have} le {most} {de(unit)} <T> ?|{quel} {be} {art} avec le {most} {de(unit)} <T> ?|<T>, {quel} {n}<N> {have} le {most} {de(unit)} ?{listen}", tail, N=noun), sql


def each_top(rng):
    """The artist (genre, fan) that leads in every country, segment, genre, for every user: QUALIFY."""
    language = rng.choice([EN, FR])
    group = rng.choices(["country", "segment", "genre", "origin", "user", "artist"], [5, 4, 2, 1.5, 3, 2])[0]
    what = "fan" if group == "artist" else "genre" if group in ("country", "segment", "user") and rng.random() < 0.25 else "artist"
    measure = "plays" if group in ("user", "artist") else rng.choices(["plays", "listeners"], [3, 1.4])[0]
    own = kinds(rng, (0.6, 0.35, 0.05), *(("origin",) if group == "origin" else ("genre",) if group == "genre" else ())) if what == "artist" else []
    who = people(rng, 0.3, *{"country": ("country",), "segment": ("segment",), "user": ("friends",)}.get(group, ())) if group != "origin" or rng.random() < 0.3 else []
    column, joins, each = {"artist": ("artist_name", (), False)}.get(group) or (AUDIENCES[group][0], (AUDIENCES[group][1],), AUDIENCES[group][2])
    if what == "genre":
        joins, each = (*joins, ARTISTS), True
    number = rng.random() < 0.4
    cut = "<= {num}" if number else "= 1"
    leader = {"artist": "artist_name", "genre": "genre", "fan": "user_id"}[what]
    if group in ("user", "artist") and what != "genre":
        key = "user_id" if group == "user" else "artist_id"
        sql = query(f"{column}, {leader}, plays", [*own, *who], f"QUALIFY ROW_NUMBER() OVER (PARTITION BY {key} ORDER BY plays DESC) {cut}", joins, each)
    else:
        sql = query(f"{column}, {leader}, {COUNTED[measure]}", [*own, *who],
            f"GROUP BY {column}, {leader} QUALIFY ROW_NUMBER() OVER (PARTITION BY {column} ORDER BY {measure} DESC) {cut}", joins, each)
    tail = tails(rng, language, who, True)
    nouns = {"artist": ("artist", "artists", "artiste", "artistes"), "genre": ("genre", "genres", "genre", "genres"), "fan": ("fan", "fans", "fan", "fans")}[what]
    noun = phrase(rng, language, nouns[number + (2 if language == FR else 0)], own, False, number)
    n = "{num} " if number else ""
    if language == EN:
        each_words = one(rng, {"country": "in each country|per country|for every country|by country|country by country", "segment": "in each segment|per segment"
            "|for every user segment|by segment", "genre": "in each genre|per genre|for every genre",
                               "origin": "from each country|of every country|per country of origin", "user": "of each user|for every user|per user", "artist": "of each artist"
                                   "|for every artist|per artist"}[group])
        be = "are" if number else "is"
        ahead = each_words.replace("of each", "for each").replace("of every", "for every")
        if what == "fan":
            super_ = one(rng, "biggest|top|most devoted")
        elif measure == "listeners":
            return (asked(rng, EN, f"the {n}<N> with the most listeners <E> <T>|<A>, the {n}<N> with the most listeners <T>",
                f"which {n}<N> {'have' if number else 'has'} the most listeners <E> <T>?|<A>, which {n}<N> {'have' if number else 'has'} the most listeners <T>?", tail, N=noun,
                E=each_words, A=ahead), sql)
        else:
            super_ = one(rng, "most played|most listened-to|top|most streamed" + ("|favourite" if group == "user" else ""))
        return (asked(rng, EN, f"the {n}{super_} <N> <E> <T>|<A>, the {n}{super_} <N> <T>|the {n}{super_} <N> <E> <T>", f"which {be} the {n}{super_} <N> <E> <T>?"
            f"|what {be} the {n}{super_} <N> <E> <T>?|<A>, which {n}<N> {be} the {super_} <T>?" if super_ != "top" else f"who {be} the {n}top <N> <E> <T>?", tail, N=noun,
            E=each_words, A=ahead), sql)
    each_words = one(rng, {"country": "dans chaque pays|par pays|pour chaque pays|pays par pays", "segment": "dans chaque segment|par segment|pour chaque segment",
        "genre": "dans chaque genre|par genre|pour chaque genre",
                           "origin": "de chaque pays d'origine|pour chaque pays d'origine|par pays d'origine", "user": "de chaque utilisateur|pour chaque utilisateur"
                               "|par utilisateur", "artist": "de chaque artiste|pour chaque artiste|par artiste"}[group])
    art, be, quel = (f"les {n}<N>", "sont", "quels") if number else (("l'" if noun[0] == "a" else "le ") + "<N>", "est", "quel")
    s, le_ = ("s", "les") if number else ("", "le")
    front = "" if each_words.startswith("de ") else f"|<E>, {quel} {be} {art} <S> <T> ?"
    if what == "fan":
        art, super_ = (f"les {n}plus grands fans", "") if number else ("le plus grand fan", "")
    elif measure == "listeners":
        super_ = "avec le plus d'auditeurs"
    else:
        super_ = one(rng, f"{le_} plus écouté{s}|{le_} plus écouté{s}|{le_} plus joué{s}|{le_} plus streamé{s}" + (f"|préféré{s}" if group == "user" else ""))
    front = front if what != "fan" else "" if each_words.startswith("de ") else f"|<E>, qui {be} {art} <T> ?"
    return asked(rng, FR, f"{art} <S> <E> <T>|{art} <S> <T> <E>|{art} <S> <E> <T>", f"{quel if what != 'fan' else 'qui'} {be} {art} <S> <E> <T> ?{front}", tail, N=noun, E=each_words, S=super_), sql


# --- shares ---------------------------------------------------------------------------------------------------------


def shares(rng):
    """The percentage of the plays that an artist, a kind of artists, a country or a segment makes; the percentage of users that listen to something."""
    language = rng.choice([EN, FR])
    kind = rng.choices(["artist", "kind", "country", "segment", "users"], [3, 3, 2.5, 1.5, 3])[0]
    if kind == "users":
        about, words, of_words = heard(rng, language, (0.65, 0.35, 0))
        home = [IN_COUNTRY] if rng.random() < 0.5 else []
        sql = query(f"100 * COUNT(DISTINCT user_id) / (SELECT COUNT(*) FROM music.users{' WHERE country = {country}' if home else ''}) AS percentage", [*about, *home])
        who = "" if not home else one(rng, "in {country}|from {country}" if language == EN else "en {country}|de {country}")
        if language == EN:
            text = ("what percentage of users <W> listen to <O>?|share of users <W> who listen to <O>|what proportion of the users <W> have played <O>?"
                "|percent of users <W> listening to <O>|how many percent of users <W> listen to <O>?")
        else:
            text = ("quel pourcentage des utilisateurs <W> écoute <O> ?|part des utilisateurs <W> qui écoutent <O>|quelle proportion des utilisateurs <W> a écouté <O> ?"
                "|pourcentage d'utilisateurs <W> écoutant <O>"
                    "|combien de pour cent des utilisateurs <W> écoutent <O> ?")
            words = words if BY in about else f"les {words}"
        return worded(rng, language, one(rng, text), W=who, O=words), sql
    about, words, of_about = [], "", ""
    if kind in ("country", "segment"):
        part = IN_COUNTRY if kind == "country" else IN_SEGMENT
        about, words, of_about = heard(rng, language, (0.6, 0.25, 0.15))
        sql = query(f"100 * SUM(IF({part.sql}, plays, 0)) / SUM(plays) AS percentage", about, "", (part.join,))
        place_en, place_fr = {"country": ("{country}|listeners in {country}|{country} listeners", "de {country}|des auditeurs {country}|d'auditeurs de {country}"),
                              "segment": ("the {segment} segment|users of the {segment} segment", "du segment {segment}|des utilisateurs du segment {segment}")}[kind]
        if language == EN:
            plays = "all plays" if not about else one(rng, f"plays of {words}|{words} plays" if BY in about else f"plays of {words}")
            text = ("what share of <P> comes from <W>?|what percentage of <P> comes from <W>?|share of <P> from <W>|percentage of <P> made by <W>|<W>'s share of <P>"
                "|how much of <P> comes from <W>, in percent?")
            return worded(rng, EN, one(rng, text), P=plays, W=one(rng, place_en)), sql
        plays = "écoutes" if not about else f"écoutes {of_about}"
        text = "quelle part des <P> vient <W> ?|quel pourcentage des <P> provient <W> ?|part des <P> venant <W>|pourcentage des <P> provenant <W>|combien de pour cent des <P> viennent <W> ?"
        return worded(rng, FR, one(rng, text), P=plays, W=one(rng, place_fr)), sql
    part = [BY] if kind == "artist" else kinds(rng, (0, 1, 0), "popularity", "followers")
    who = [OF_USER] if rng.random() < 0.3 else people(rng, 0.6)
    sql = query(f"100 * SUM(IF({part[0].sql}, plays, 0)) / SUM(plays) AS percentage", who, "", (part[0].join,))
    tail = tails(rng, language, who, True)
    words = "{artist}" if kind == "artist" else phrase(rng, language, rng.choice(ACTS[language])[1], part)
    if language == EN:
        s = "s" if kind == "artist" else ""
        text = (f"what share of plays go{'es' if s else ''} to <O> <T>?|what percentage of plays {'is' if s else 'are'} for <O> <T>?|share of <O> in the plays <T>"
            f"|<O>: percentage of all plays <T>|<T>, what percentage of plays go{'es' if s else ''} to <O>?"
                f"|how big is the share of <O> in the plays <T>?|what proportion of the listening is <O> <T>?").replace("go to", "goes to")
    else:
        text = ("quelle part des écoutes revient à <O> <T> ?|part <D> dans les écoutes <T>|pourcentage des écoutes consacré à <O> <T>|<T>, quelle part des écoutes va à <O> ?"
                "|que pèsent <O> dans les écoutes <T>, en pourcentage ?|quelle est la part <D> dans les écoutes <T> ?")
        text = text.replace("pèsent", "pèse" if kind == "artist" else "pèsent")
    out = worded(rng, language, one(rng, text), tail, O=words if language == EN or kind == "artist" else f"les {words}", D=one(rng, "de {artist}|de {artist}"
        "|d'{artist}") if kind == "artist" else f"des {words}")
    return out.replace("à les ", "aux "), sql


# --- more than another, more than the average --------------------------------------------------------------------------


def beyond(rng):
    """Artists, users, countries with more plays or listeners than another one, or than the average."""
    language = rng.choice([EN, FR])
    group = rng.choices(["artist", "user", "country"], [5, 3, 2])[0]
    measure = rng.choices(["plays", "listeners"], [5, 4 if group == "artist" else 1.5 if group == "country" else 0])[0] if group != "user" else rng.choice(["plays", "plays", "artists"])
    expression = COUNTED[measure].split(" AS ")[0]
    column, key, join = {"artist": ("artist_name", "artist_id", ()), "user": ("user_id", "user_id", ()), "country": ("users.country", "users.country", (USERS,))}[group]
    low = rng.random() < 0.3
    sign = "<" if low else ">"
    mean = rng.random() < 0.4
    who = people(rng, 0.3, "friends") if group == "artist" else []
    joins = {"artist": (), "user": (), "country": (USERS,)}[group]
    if mean:
        other = f"SELECT AVG(total) FROM ({query(f'{expression} AS total', who, f'GROUP BY {key}', joins)})"
    else:
        rival = {"artist": BY, "user": OF_USER, "country": IN_COUNTRY}[group]
        other = query(expression, [rival, *who], "", joins)
    own = kinds(rng, (0.75, 0.25, 0)) if group == "artist" and not mean else []
    sql = query(f"{column}, {COUNTED[measure]}", [*own, *who], f"GROUP BY {column} HAVING {measure} {sign} ({other})", joins)
    tail = tails(rng, language, who, True)
    name = {"artist": "{artist}", "user": one(rng, "user {num2}|listener {num2}") if language == EN else "l'utilisateur {num2}", "country": "{country}"}[group]
    if language == EN:
        noun = phrase(rng, EN, {"artist": rng.choice(ACTS[EN])[1], "user": "users", "country": "countries"}[group], own)
        unit = one(rng, {"plays": "plays|listens", "listeners": "listeners|listeners", "artists": "different artists|artists in their listens"}[measure])
        more = "fewer" if low else "more"
        if mean:
            target = one(rng, "the average|average|the mean") if group != "user" else "the average"
            text = (f"<N> with {more} {unit} than <X> <T>|<N> whose number of {unit} is {'below' if low else 'above'} <X> <T>"
                f"|<N> that have {'below' if low else 'above'}-average {unit} <T>|<T>, <N> with {more} {unit} than <X>")
            return asked(rng, EN, text, f"which <N> have {more} {unit} than <X> <T>?|which <N> are {'below' if low else 'above'} <X> in {unit} <T>?", tail, N=noun, X=target), sql
        text = f"<N> with {more} {unit} than <X> <T>|the <N> that have {more} {unit} than <X> <T>|all <N> with {more} {unit} than <X> <T>"
        questions = (f"which <N> have {more} {unit} than <X> <T>?|who has {more} {unit} than <X> <T>?|which <N> {'are beaten by' if low else 'beat'} <X> in {unit} <T>?"
            f"|<T>, which <N> have {more} {unit} than <X>?")
        questions = questions.replace(f"|who has {more} {unit} than <X> <T>?", "") if group != "artist" or own else questions
        if measure == "plays" and group == "artist":
            questions += f"|which <N> are {'less' if low else 'more'} listened to than <X> <T>?|which <N> are played {'less' if low else 'more'} than <X> <T>?"
        return asked(rng, EN, text, questions, tail, N=noun, X=name), sql
    noun = phrase(rng, FR, {"artist": rng.choice(ACTS[FR])[1], "user": "utilisateurs", "country": "pays"}[group], own)
    unit = one(rng, {"plays": "écoutes|lectures", "listeners": "auditeurs|auditeurs", "artists": "artistes écoutés|artistes différents"}[measure])
    more = f"{'moins' if low else 'plus'} {de(unit)}"
    if mean:
        target = "la moyenne"
        text = (f"<N> avec {more} que <X> <T>|<N> dont le nombre {de(unit)} est {'inférieur' if low else 'supérieur'} à <X> <T>|<N> qui ont {more} que <X> <T>"
            f"|les <N> au-{'dessous' if low else 'dessus'} de <X> en {unit} <T>")
        return asked(rng, FR, text, f"quels <N> ont {more} que <X> <T> ?|quels sont les <N> ayant {more} que <X> <T> ?", tail, N=noun, X=target), sql
    text = f"<N> avec {more} que <X> <T>|les <N> qui ont {more} que <X> <T>|tous les <N> ayant {more} que <X> <T>"
    questions = f"quels <N> ont {more} que <X> <T> ?|<T>, quels <N> ont {more} que <X> ?|quels <N> font {'moins' if low else 'mieux'} que <X> en {unit} <T> ?"
    if measure == "plays" and group == "artist":
        questions += f"|quels <N> sont {'moins' if low else 'plus'} écoutés que <X> <T> ?"
    return asked(rng, FR, text, questions, tail, N=noun, X=name), sql


# --- lists, never, yes or no -----------------------------------------------------------------------------------------


def listened(rng):
    """All the artists a user (or friends) listens to, all the users that listen to an artist, with more than so many plays or just so."""
    language = rng.choice([EN, FR])
    en = language == EN
    kind = rng.choices(["user", "friends", "artist"], [4, 1.5, 4])[0]
    operator, more_en, more_fr = rng.choices([("", "", ""), (">", "more than|over", "plus de"), (">=", "at least", "au moins"), ("<", "fewer than|less than", "moins de")], [5, 3, 1, 1.2])[0]
    enough = [Part("plays", 8.5, f"plays {operator} {{num}}", "", "")] if operator and kind != "friends" else []
    amount = f"{one(rng, more_en if en else more_fr)} {{num}}"
    if kind == "artist":
        who = people(rng, 0.6)
        sql = query("user_id, plays" if enough else "user_id", [BY, *who, *enough])
        tail, noun = tails(rng, language, who, True), rng.choice(USER_WORDS[language])[1]
        if en:
            text = (f"<N> with {amount} plays of {{artist}} <T>|the <N> who have played {{artist}} {amount} times <T>|all <N> with {amount} {{artist}} plays <T>" if enough
                    else "<N> who listen to {artist} <T>|the <N> who have played {artist} <T>|all <N> that listen to {artist} <T>|the listeners of {artist} <T>")
            questions = (f"which <N> have played {{artist}} {amount} times <T>?|who has {amount} plays of {{artist}} <T>?" if enough else "which <N> listen to {artist} <T>?"
                "|who listens to {artist} <T>?|<T>, which <N> play {artist}?")
        else:
            text = (f"<N> avec {amount} écoutes de {{artist}} <T>|les <N> qui ont écouté {{artist}} {amount} fois <T>|tous les <N> ayant {amount} écoutes de {{artist}} <T>" if enough
                    else "<N> qui écoutent {artist} <T>|les <N> ayant écouté {artist} <T>|tous les <N> qui écoutent {artist} <T>|les auditeurs de {artist} <T>")
            questions = (f"quels <N> ont écouté {{artist}} {amount} fois <T> ?|qui a {amount} écoutes de {{artist}} <T> ?" if enough else "quels <N> écoutent {artist} <T> ?"
                "|qui écoute {artist} <T> ?|<T>, quels <N> écoutent {artist} ?")
        return asked(rng, language, text, questions, tail, N=noun), sql
    own = kinds(rng, (0.4, 0.5, 0.1))
    noun = phrase(rng, language, rng.choice(ACTS[language])[1], own)
    if kind == "friends":
        sql = query("DISTINCT artist_name", [OF_FRIENDS, *own])
        names, questions = (("<N> that user {num2}'s friends listen to|the <N> listened to by the friends of user {num2}|all the <N> the friends of user {num2} play",
                             "which <N> do user {num2}'s friends listen to?|what <N> do the friends of user {num2} play?") if en else
                            ("<N> que les amis de l'utilisateur {num2} écoutent|les <N> écoutés par les amis de l'utilisateur {num2}",
                             "quels <N> les amis de l'utilisateur {num2} écoutent-ils ?|qu'est-ce que les amis de l'utilisateur {num2} écoutent comme <N> ?"))
        return asked(rng, language, names, questions, N=noun), sql
    sql = query("artist_name, plays" if enough else "artist_name", [OF_USER, *own, *enough])
    user = one(rng, "user {num2}|user {num2}|user number {num2}|listener {num2}" if en else "l'utilisateur {num2}|l'utilisateur {num2}|l'auditeur {num2}")
    if en:
        names, questions = ((f"<N> that <U> has played {amount} times|the <N> with {amount} plays by <U>|all the <N> <U> has played {amount} times",
            f"which <N> has <U> played {amount} times?") if enough else
                            ("<N> that <U> listens to|the <N> listened to by <U>|all the <N> in <U>'s listens|every one of the <N> <U> has played", "which <N> does <U> listen to?"
                                "|what <N> has <U> listened to?"))
    else:
        names, questions = ((f"<N> que <U> a écoutés {amount} fois|les <N> ayant {amount} écoutes de <U>", f"quels <N> <U> a-t-il écoutés {amount} fois ?"
            f"|quels <N> <U> a écoutés {amount} fois ?") if enough else
                            ("<N> que <U> écoute|les <N> écoutés par <U>|tous les <N> que <U> a écoutés", "quels <N> <U> écoute-t-il ?|quels sont les <N> que <U> écoute ?"
                                "|qu'est-ce que <U> écoute comme <N> ?"))
    return asked(rng, language, names, questions, N=noun, U=user), sql


def never(rng):
    """Artists that nobody (in a place, in a segment, a user) listens to, users that never listened to somebody: NOT IN; listed, counted or the most popular."""
    language = rng.choice([EN, FR])
    en = language == EN
    if rng.random() < 0.4:
        target = rng.choices([[BY], kinds(rng, (0, 1, 0), "popularity", "followers"), []], [6, 2, 1])[0]
        inner = query("user_id", target)
        home = [IN_COUNTRY] if rng.random() < 0.45 else []
        words = "{artist}" if BY in target else phrase(rng, language, rng.choice(ACTS[language])[1], target) if target else ("anything" if en else "")
        count = rng.random() < 0.3
        sql = f"SELECT {'COUNT(*) AS users' if count else 'user_id'} FROM music.users WHERE {'country = {country} AND ' if home else ''}user_id NOT IN ({inner})"
        place = one(rng, "in {country}|from {country}" if en else "en {country}|de {country}") if home else ""
        if en:
            text = ("how many users <P> have never listened to <O>?|number of users <P> who never played <O>|how many users <P> do not listen to <O>?"
                "|count users <P> with no plays of <O>" if count else (
                "users <P> who have never listened to <O>|which users <P> do not listen to <O>?|the users <P> with no plays of <O>|who <P> has never played <O>?"
                    "|list the users <P> who don't listen to <O>"))
            return worded(rng, EN, one(rng, text), P=place, O=words).replace("no plays of anything", "no plays at all"), sql
        if not target:
            text = ("combien d'utilisateurs <P> n'ont jamais rien écouté ?"
                "|nombre d'utilisateurs <P> sans aucune écoute" if count else "utilisateurs <P> qui n'ont jamais rien écouté|quels utilisateurs <P> n'ont aucune écoute ?"
                "|les utilisateurs <P> sans aucune écoute")
        else:
            text = ("combien d'utilisateurs <P> n'ont jamais écouté <O> ?|nombre d'utilisateurs <P> qui n'écoutent pas <O>" if count else (
                "utilisateurs <P> qui n'ont jamais écouté <O>|quels utilisateurs <P> n'écoutent pas <O> ?|les utilisateurs <P> qui n'écoutent jamais <O>"
                    "|liste des utilisateurs <P> n'ayant jamais écouté <O>"))
        return worded(rng, FR, one(rng, text), P=place, O=words if BY in target else de(words) if target else ""), sql
    who = rng.choices([[OF_USER], [IN_COUNTRY], [IN_SEGMENT], [OF_FRIENDS], []], [4, 3, 2, 1.5, 1.5])[0]
    own = kinds(rng, (0.4, 0.5, 0.1))
    inner = query("artist_id", who)
    rank = rng.random() < 0.35
    how, limit = number_of_rows(rng)
    count = not rank and rng.random() < 0.2
    where = " AND ".join(p.sql.replace("artists.", "") for p in sorted(own, key=lambda p: p.place))
    level = next((p.kind for p in own if p.kind in ("popularity", "followers")), "")
    columns = "COUNT(*) AS artists" if count else "name, popularity" if rank else f"name, {level}" if level else "name"
    if rank and level == "followers":
        return never(rng)
    sql = f"SELECT {columns} FROM music.artists WHERE {where + ' AND ' if where else ''}artist_id NOT IN ({inner}){f' ORDER BY popularity DESC {limit}' if rank else ''}"
    plural, n = not rank or how != "one", "{num} " if rank and how == "number" else ""
    noun = phrase(rng, language, rng.choice(ACTS[language])[plural], own, False, plural)
    if en:
        have, be = ("have", "are") if plural else ("has", "is")
        subject = {"user": "user {num2}", "country": one(rng, "nobody in {country}|no listener in {country}"), "segment": one(rng, "nobody in the {segment} segment|no user of the {segment} segment"),
                   "friends": one(rng, "none of user {num2}'s friends|no friend of user {num2}")}.get(who[0].kind if who else "", "nobody")
        clause = (f"that {subject} has {'never listened to' if subject.startswith('user') else 'ever listened to'}" if rng.random() < 0.6 else f"{subject} {'never plays' if subject.startswith('user') else 'listens to'}")
        top = one(rng, "most popular|most popular|best known") if rank else ""
        if count:
            return worded(rng, EN, one(rng, f"how many <N> are there {clause}?|number of <N> {clause}|count the <N> {clause}"), N=noun), sql
        return asked(rng, EN, f"the {n}{top} <N> {clause}|the {n}{top} <N> {clause}", f"which {be} the {n}{top} <N> {clause}?|what {be} the {n}{top} <N> {clause}?", N=noun), sql
    subject = {"user": "l'utilisateur {num2} n'", "country": one(rng, "personne n'|aucun auditeur n'"), "segment": "personne n'",
        "friends": "aucun ami de l'utilisateur {num2} n'"}.get(who[0].kind if who else "", "personne n'")
    place = {"country": "en {country}", "segment": "dans le segment {segment}"}.get(who[0].kind if who else "", "")
    clause = one(rng, "{s}a jamais écouté{e} {p}|{s}écoute {p}" if not subject.startswith("l'") else "{s}a jamais écouté{e}|{s}écoute pas|{s}écoute jamais").replace("{s}",
        subject).replace("{e}", "s" if plural else "").replace("{p}", place)
    clause = ("qu'" if clause.startswith("aucun") else "que ") + clause
    art = f"les {n}<N>" if plural else ("l'" if noun[0] == "a" else "le ") + "<N>"
    top = " " + one(rng, "les plus populaires|les plus connus" if plural else "le plus populaire") if rank else ""
    if count:
        return worded(rng, FR, one(rng, f"combien y a-t-il <D> {clause} ?|nombre <D> {clause}|compte les <N> {clause}"), N=noun, D=de(noun)), sql
    return asked(rng, FR, f"{art}{top} {clause}|{art}{top} {clause}", f"{'quels sont' if plural else 'quel est'} {art}{top} {clause} ?", N=noun), sql


def whether(rng):
    """Whether a user, somebody in a country, a segment, among friends listens to an artist or to such artists."""
    language = rng.choice([EN, FR])
    about, words, _ = heard(rng, language, (0.7, 0.3, 0))
    who = rng.choices([[OF_USER], [IN_COUNTRY], [IN_SEGMENT], [OF_FRIENDS]], [4, 3, 2, 2])[0]
    sql = query("COUNT(*) > 0 AS answer", [*about, *who])
    if language == EN:
        person = one(rng, {"user": "user {num2}|listener {num2}", "country": "anyone in {country}|anybody from {country}|a user in {country}",
            "segment": "anyone in the {segment} segment|a user of the {segment} segment",
                           "friends": "a friend of user {num2}|one of user {num2}'s friends|any friend of user {num2}"}[who[0].kind])
        return (worded(rng, EN, one(rng, "does <S> listen to <O>?|has <S> ever listened to <O>?|has <S> played <O>?|is it true that <S> listens to <O>?"
            "|<O>: does <S> listen to them?"), S=person, O=words), sql)
    person = one(rng, {"user": "l'utilisateur {num2}|l'auditeur {num2}", "country": "quelqu'un en {country}|un auditeur de {country}",
        "segment": "quelqu'un dans le segment {segment}|un utilisateur du segment {segment}",
                       "friends": "un ami de l'utilisateur {num2}|un des amis de l'utilisateur {num2}"}[who[0].kind])
    words = words if BY in about else f"des {words}"
    return (worded(rng, FR, one(rng, "est-ce que <S> écoute <O> ?|<S> écoute-t-il <O> ?|<S> a-t-il déjà écouté <O> ?|<S> écoute <O> ?|est-il vrai que <S> écoute <O> ?"), S=person,
        O=words).replace("que un", "qu'un"), sql)


def also(rng):
    """What the listeners of an artist listen to besides."""
    language = rng.choice([EN, FR])
    en = language == EN
    measure = rng.choices(["listeners", "plays"], [3, 1])[0]
    own = kinds(rng, (0.65, 0.35, 0))
    how, limit = number_of_rows(rng)
    plural, n = how != "one", "{num} " if how == "number" else ""
    others = [Part("artist", 5, "artist_id != {artist}", "", ""), *own, Part("fans", 21, "user_id IN (SELECT user_id FROM music.listens WHERE artist_id = {artist})", "", "")]
    sql = query(f"artist_name, {COUNTED[measure]}", others, f"GROUP BY artist_name ORDER BY {measure} DESC {limit}")
    noun = phrase(rng, language, rng.choice(ACTS[language])[plural], own, False, plural)
    if en:
        fans_of = one(rng, "fans of {artist}|listeners of {artist}|people who listen to {artist}|users who play {artist}")
        have = "have" if plural else "has"
        if measure == "plays":
            return (asked(rng, EN, f"the {n}other <N> that <F> play the most|the {n}other <N> with the most plays among <F>", f"which other {n}<N> do <F> play the most?"
                f"|besides {{artist}}, which {n}<N> {have} the most plays among <F>?",
                         N=noun, F=fans_of.replace("{artist}", "{artist}")), sql)
        return (asked(rng, EN, f"the {n}other <N> with the most listeners among <F>|the {n}other <N> most widely heard by <F>",
                     f"which other {n}<N> {have} the most listeners among <F>?|besides {{artist}}, which {n}<N> do most <F> also listen to?"
                         f"|which {n}<N> do most <F> also listen to?", N=noun, F=fans_of), sql)
    fans_of = one(rng, "les fans de {artist}|les auditeurs de {artist}|ceux qui écoutent {artist}|les gens qui écoutent {artist}")
    autre, have = (f"les {n}autres <N>", "ont") if plural else ("l'autre <N>", "a")
    quel = f"quels {n}autres" if plural else "quel autre"
    what = "d'écoutes" if measure == "plays" else "d'auditeurs"
    return (asked(rng, FR, f"{autre} avec le plus {what} chez <F>|{autre} qui {have} le plus {what} parmi <F>",
                 f"{quel} <N> {have} le plus {what} chez <F> ?|à part {{artist}}, {'quels' if plural else 'quel'} {n}<N> {have} le plus {what} chez <F> ?"
                     f"|{quel} <N> {have} le plus {what} parmi <F> ?", N=noun, F=fans_of), sql)


def position(rng):
    """The rank of an artist by plays or listeners, of a user by plays or artists."""
    language = rng.choice([EN, FR])
    en, user = language == EN, rng.random() < 0.3
    measure = rng.choice(["plays", "artists"] if user else ["plays", "listeners"])
    who = people(rng, 0.5, "friends") if not user else [IN_COUNTRY] if rng.random() < 0.4 else []
    key, value = ("user_id", "{num2}") if user else ("artist_id", "{artist}")
    inner = query(f"{key}, RANK() OVER (ORDER BY {COUNTED[measure].split(' AS ')[0]} DESC) AS rank", who, f"GROUP BY {key}")
    sql = f"SELECT rank FROM ({inner}) WHERE {key} = {value}"
    tail = tails(rng, language, who, True)
    name = "{artist}" if not user else "user {num2}" if en else "l'utilisateur {num2}"
    if en:
        unit = {"plays": one(rng, "plays|total plays"), "listeners": one(rng, "listeners|number of listeners"), "artists": one(rng, "number of artists listened to|different artists")}[measure]
        text = (f"what rank does <X> have by {unit} <T>?|rank of <X> by {unit} <T>|where does <X> rank by {unit} <T>?|<X>'s position by {unit} <T>"
            f"|<T>, where does <X> stand in {unit}?|what is the rank of <X> in {unit} <T>?")
    else:
        unit = {"plays": "nombre d'écoutes", "listeners": "nombre d'auditeurs", "artists": "nombre d'artistes écoutés"}[measure]
        text = (f"quel est le rang de <X> en {unit} <T> ?|rang de <X> par {unit} <T>|à quel rang se trouve <X> en {unit} <T> ?|<T>, quelle est la position de <X> en {unit} ?"
            f"|<X> est combientième en {unit} <T> ?|place de <X> selon le {unit} <T>")
        text = text.replace("combientième", "à quelle place")
    return worded(rng, language, one(rng, text), tail, X=name), sql


# Each as often as it should be drawn.
PATTERNS = [*[listens_top] * 6, *[favourites] * 3, *[fans] * 3, *[groups] * 10, *[sets] * 5, *[totals] * 6, *[rivals] * 4, *[audiences] * 5, *[each_top] * 4, *[shares] * 4, *[beyond] * 4,
            *[listened] * 4, *[never] * 4, *[whether] * 2, *[also] * 2, *[position] * 1]
