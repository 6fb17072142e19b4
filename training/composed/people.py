"""People: tags they give, friendships, users by country, recommendations, similar artists, segments.

Templates are lists separated by `|`; `[a/b]` is a choice inside one; `<X>` a word given by the pattern. A template that starts with `=` is a noun
phrase of rows (it may follow "show me"), with `#` a noun phrase of one value (it may follow "what is"); any other is a whole question.
"""

from __future__ import annotations

import re

from .parts import EN, FR, one

# --- ways to ask ----------------------------------------------------------------------------------------------------

LEADS = {
    (EN, "="): "|||||show me |give me |list |i need |i'd like |find |can you list |could you show me |please list |i want |get me |display ",
    (FR, "="): "|||||donne-moi |montre-moi |liste |je voudrais |affiche |je cherche |peux-tu me donner |tu peux me sortir |il me faut |sors-moi |j'aimerais voir |donnez-moi ",
    (EN, "#"): "|||what is |what's |give me |tell me |i'd like to know |can you tell me |show me |what is |could you find |i need |do you know ",
    (FR, "#"): "|||donne-moi |dis-moi |je voudrais connaître |c'est quoi |calcule |quel est |quel est |j'aimerais savoir |peux-tu me donner |affiche ",
}
ARTICLE = {EN: r"^the ", FR: r"^(les |le |la |l')"}


def spun(rng, text) -> str:
    """`[a/b]` becomes a or b, innermost first."""
    while "[" in text:
        text = re.sub(r"\[([^\[\]]*)\]", lambda m: rng.choice(m.group(1).split("/")), text)
    return text


def ask(rng, language, en, fr, tail="", **words) -> str:
    """A question in one of the ways given; `<T>` is the tail, which may come first."""
    text = rng.choice([t.strip() for t in (en if language == EN else fr).split("|")])
    kind, text = (text[0], text[1:]) if text[0] in "=#" else ("", text)
    words = {**words, "T": tail}
    if tail and rng.random() < 0.15 and re.match(r"(in|en|dans|during) ", tail) and "<T>" in text:
        text = f"{tail}, {text.replace('<T>', '')}"
        kind = ""
    text = spun(rng, text)
    while "<" in text:
        text = spun(rng, re.sub(r"<(\w+)>", lambda m: words[m.group(1)], text))
    if kind:
        lead = one_raw(rng, LEADS[language, kind])
        text = led(rng, language, lead, text)
    return tidied(text)


def one_raw(rng, text) -> str:
    return rng.choice(text.split("|"))


def led(rng, language, lead, text) -> str:
    if not lead:
        return re.sub(ARTICLE[language], "", text) if rng.random() < 0.6 else text
    asking = lead.startswith(("what", "can ", "could ", "do ", "quel", "peux", "tu ", "c'est"))
    if "list" in lead and "list" in text[:12]:
        lead = ""
    if lead == "quel est ":
        if text.startswith("l'"):
            lead = "donne-moi "
            asking = False
        else:
            lead = {"la ": "quelle est ", "le": "quels sont "}.get(text[:3] if text.startswith("la ") else "le" if text.startswith("les ") else "", lead)
    if lead in ("what is ", "what's ") and re.match(r"the \w+s of|songs|artists", text):
        lead = lead.replace("what is", "what are").replace("what's", "what are")
    if lead.startswith("j'aimerais savoir"):
        lead = "j'aimerais connaître "
    return f"{lead}{text}{('?' if language == EN else ' ?') if asking and rng.random() < 0.7 else ''}"


def tidied(text) -> str:
    text = re.sub(r"\s+", " ", text).strip()
    text = re.sub(r" ([,?])(?=\s|$)", lambda m: m.group(0) if m.group(1) == "?" else ",", text)
    text = re.sub(r"\b(de|à) (les|le) ", lambda m: {"de les": "des ", "de le": "du ", "à les": "aux ", "à le": "au "}[" ".join(m.groups())], text)
    return text.strip(" ,").replace(",,", ",")


# --- users ----------------------------------------------------------------------------------------------------------


def user(rng, language, slot="{num}", key="U", bare=0.15) -> dict:
    """How a user is named, with "de" and "à" joined to it in French: <U>, <dU>, <aU>; "user 3's": <Us>."""
    if language == EN:
        name = slot if rng.random() < bare else f"{rng.choices(['user', 'listener', 'member', 'the user', 'user number'], [14, 1, 1, 0.7, 0.7])[0]} {slot}"
        return {key: name, key + "s": f"{name}'s"}
    if rng.random() < bare:
        return {key: slot, "d" + key: f"de {slot}", "a" + key: f"à {slot}"}
    noun, elided = rng.choices([("utilisateur", True), ("user", False), ("membre", False), ("USER", False)], [12, 3, 1, 3])[0]
    if noun == "USER":
        return {key: f"user {slot}", "d" + key: f"de user {slot}", "a" + key: f"à user {slot}"}
    if elided:
        return {key: f"l'utilisateur {slot}", "d" + key: f"de l'utilisateur {slot}", "a" + key: f"à l'utilisateur {slot}"}
    return {key: f"le {noun} {slot}", "d" + key: f"du {noun} {slot}", "a" + key: f"au {noun} {slot}"}


def pair(rng, language) -> dict:
    """Two users: <UV> is both, <V> the second; in French also <dUV>, <aUV>."""
    first = user(rng, language)
    bare = 1 if first["U"] == "{num}" else 0.05
    second = user(rng, language, "{num2}", "V", bare)
    words = {**first, **second}
    if language == EN:
        words["UV"] = rng.choice([f"{first['U']} and {second['V']}", "users {num} and {num2}", "{num} and {num2}", "user {num} and user {num2}", "user {num} and {num2}"])
        return words
    both = rng.choice([None, "utilisateurs", "utilisateurs", "users", ""])
    if both is None:
        words |= {k + "UV": f"{first[k + 'U']} et {second[k + 'V']}" for k in ("", "d", "a")}
    elif both:
        words |= {"UV": f"les {both} {{num}} et {{num2}}", "dUV": f"des {both} {{num}} et {{num2}}", "aUV": f"aux {both} {{num}} et {{num2}}"}
    else:
        words |= {"UV": "{num} et {num2}", "dUV": "de {num} et {num2}", "aUV": "à {num} et {num2}"}
    return words


def rows_wanted(rng, slot="{num}"):
    how = rng.choice(["one", "ten", "number"])
    return how, {"one": "LIMIT 1", "ten": "LIMIT 10", "number": f"LIMIT {slot}"}[how]


FRIENDS = "SELECT friend_id FROM music.friendships WHERE user_id = {num}"
OF_FRIENDS = f"user_id IN ({FRIENDS})"
PATTERNS = []

# --- friendships ----------------------------------------------------------------------------------------------------

# A condition on the friends of one user: what is read, its WHERE before the friends, English and French after "friends of user 3" / "friends".
FRIEND_CONDITIONS = [
    ("music.users", "country = {country}", "[in/from/living in/who live in/based in/who are in/who are from] {country}",
     "[en/de/qui vivent en/qui habitent en/vivant en/situés en/qui sont de/venant de] {country}"),
    ("music.user_segments", "segment = {segment}", "[in the {segment} segment/who are in the {segment} segment/from the segment {segment}/belonging to the {segment} segment]",
     "[du segment {segment}/qui sont dans le segment {segment}/dans le segment {segment}/appartenant au segment {segment}]"),
    ("music.listens", "artist_id = {artist}", "[who listen to/listening to/that play/who have listened to/who play/that listen to] {artist}",
     "[qui écoutent/écoutant/qui ont écouté/qui ont déjà écouté/qui mettent du] {artist}"),
]


def friend_list(rng):
    """The friends of one user, all or under one condition: listed, counted, yes or no."""
    language = rng.choice([EN, FR])
    who = user(rng, language)
    what = rng.choices(["list", "count", "any"], [4, 4, 1.5])[0]
    condition = rng.choices([None, "without", *FRIEND_CONDITIONS], [3.5, 1, 5, 1.5, 3])[0]
    column = {"list": "friend_id", "count": "COUNT(*) AS friends", "any": "COUNT(*) > 0 AS answer"}[what]
    said = ("", "")
    sql = f"SELECT {column} FROM music.friendships WHERE user_id = {{num}}"
    if condition == "without":
        sql += " AND friend_id NOT IN (SELECT user_id FROM music.listens WHERE artist_id = {artist})"
        said = ("[who don't listen to/who have never listened to/that never play/who have not played] {artist}", "qui [n'écoutent pas/n'ont jamais écouté/n'ont pas écouté/n'écoutent jamais] {artist}")
    elif condition:
        table, where, *said = condition
        column = "user_id" if what == "list" else column
        if table == "music.listens" and what == "count":
            column = "COUNT(DISTINCT user_id) AS listeners"
        sql = f"SELECT {column} FROM {table} WHERE {where} AND {OF_FRIENDS}"
    en, fr = {
        "list": ("=the friends of <U> <T>|=<Us> friends <T>|who are the friends of <U> <T>?|who are <Us> friends <T>?|which friends [does <U> have/of <U> are there] <T>?|=all friends of <U> <T>"
                 "|[which/what] users are friends [of/with] <U>?|who is <U> friends with?|<U>: friends <T>|=the ids of <Us> friends <T>|who is friends with <U>?",
                 "=les amis <dU> <T>|=la liste des amis <dU> <T>|qui sont les amis <dU> <T> ?|quels sont les amis <dU> <T> ?|quels amis a <U> <T> ?|<U> : amis <T>|<U> a quels amis <T> ?"
                 "|avec qui <U> est-il ami ?|qui est ami avec <U> ?|=tous les amis <dU> <T>|quels amis <dU> y a-t-il <T> ?|c'est qui les [amis/potes] <dU> <T> ?|=les [potes/contacts] <dU> <T>"),
        "count": ("how many friends does <U> have <T>?|how many friends <T> does <U> have?|#the number of friends of <U> <T>|#the number of <Us> friends <T>|how many of <Us> friends are <T>?|count the friends of <U> <T>"
                  "|<U>: how many friends <T>?|how many friends has <U> got <T>?|#the count of friends <T> for <U>|how many people is <U> friends with?|#the friend count of <U>",
                  "combien d'amis a <U> <T> ?|combien <U> a-t-il d'amis <T> ?|<U> a combien d'amis <T> ?|#le nombre d'amis <dU> <T>|#le nombre d'amis <T> <dU>|combien d'amis <T> <U> a-t-il ?|<U> : combien d'amis <T> ?"
                  "|combien y a-t-il d'amis <dU> <T> ?|compte les amis <dU> <T>|#le total des amis <dU> <T>"),
        "any": ("does <U> have [any/] friends <T>?|are there friends of <U> <T>?|has <U> got [a friend/any friends] <T>?|are any of <Us> friends <T>?|does <U> have at least one friend <T>?|any friends <T> for <U>, yes or no?|is <U> friends with anyone?",
                "<U> a-t-il des amis <T> ?|est-ce que <U> a des amis <T> ?|y a-t-il des amis <dU> <T> ?|<U> a des amis <T> ?|<U> a-t-il au moins un ami ?|<U> a des amis <T>, oui ou non ?|est-ce qu'il y a des amis <dU> <T> ?"),
    }[what]
    said = said[0] if language == EN else said[1]
    templates = [t for t in (en if language == EN else fr).split("|") if ("<T>" in t) if said]
    templates = templates or [t for t in (en if language == EN else fr).split("|") if t.strip() not in ("how many of <Us> friends are <T>?", "are any of <Us> friends <T>?")]
    if said and not re.match(r"\[?(in|from|en) ?[/ ]", said):
        templates = [t for t in templates if "friends are <T>" not in t and "of <Us> friends <T>?" not in t]
    if said.startswith(("[who", "who", "qui", "[qui")) and condition not in FRIEND_CONDITIONS[:2]:
        templates = [t for t in templates if "friends <T> does" not in t and "d'amis <T> <" not in t]
    if "are" in said and what != "list":
        said = said.replace("/who are in/who are from", "").replace("/who are in the {segment} segment", "")
    text = "|".join(templates)
    return ask(rng, language, text, text, T="", **who | {"W": said}) if not said else ask(rng, language, text.replace("<T>", said), text.replace("<T>", said), **who), sql


def two_users(rng):
    """Two users: friends or not, mutual friends, friends of only one, who has more friends, common country or segment."""
    language = rng.choice([EN, FR])
    who = pair(rng, language)
    other = "SELECT friend_id FROM music.friendships WHERE user_id = {num2}"
    sql, en, fr = rng.choices([
        ("SELECT COUNT(*) > 0 AS answer FROM music.friendships WHERE user_id = {num} AND friend_id = {num2}",
         "are <UV> friends?|are <UV> friends?|is <U> [a friend of/friends with] <V>?|is <V> among the friends of <U>?|do <UV> know each other as friends?|are <UV> [friends or not/connected/linked by a friendship]?|"
         "does <U> have <V> as a friend?|<UV>: friends[, yes or no/ or not/]?|is there a friendship between <UV>?|tell me if <UV> are friends|i wonder [if/whether] <UV> are friends|<UV> friends?",
         "<UV> sont-ils amis ?|<UV> sont amis ?|est-ce que <UV> sont amis ?|<U> est-il ami avec <V> ?|<U> est ami avec <V> ?|<V> fait-il partie des amis <dU> ?|y a-t-il une amitié entre <UV> ?|<UV>, amis ou [pas/non] ?"
         "|dis-moi si <UV> sont amis|est-ce que <U> a <V> dans ses amis ?|<UV> : amis[, oui ou non/] ?|<UV> se connaissent-ils comme amis ?"),
        (f"{FRIENDS} INTERSECT DISTINCT {other}",
         "=the [mutual/common/shared] friends of <UV>|which friends do <UV> [have in common/share]?|who [is/are] friends with both <UV>?|who are the [mutual/common] friends of <UV>?|=the friends <UV> [have in common/share]"
         "|[which/what] users are friends of both <UV>?|who do <UV> both have as a friend?|=the people who are friends with both <UV>|<UV>: mutual friends|=the mutual friends between <UV>",
         "=les amis [communs/en commun] <dUV>|quels amis <UV> ont-ils en commun ?|qui sont les amis communs <dUV> ?|=les amis [que <UV> ont en commun/partagés par <UV>/communs à <UV>]|quels sont les amis communs à <UV> ?"
         "|qui est ami à la fois avec <U> et <V> ?|quels amis ont en commun <UV> ?|<UV> : amis en commun|quels utilisateurs sont amis avec <U> et avec <V> ?"),
        (f"SELECT COUNT(*) AS friends FROM music.friendships WHERE user_id = {{num}} AND friend_id IN ({other})",
         "how many [mutual/common/shared] friends do <UV> have?|how many friends do <UV> [have in common/share]?|#the number of [mutual/common] friends of <UV>|#the number of friends that <UV> share|count the [mutual/common] friends of <UV>"
         "|<UV>: how many [mutual friends/friends in common]?|how many people are friends with both <UV>?|how many friends of <U> are also friends of <V>?",
         "combien d'amis <UV> ont-ils en commun ?|combien d'amis communs ont <UV> ?|#le nombre d'amis [communs/en commun] <dUV>|<UV> ont combien d'amis en commun ?|<UV> : combien d'amis [communs/en commun] ?"
         "|compte les amis communs <dUV>|combien de personnes sont amies à la fois avec <U> et <V> ?|combien d'amis <dU> sont aussi amis avec <V> ?"),
        (f"{FRIENDS} EXCEPT DISTINCT {other}",
         "=the friends of <U> [who are/that are/] not friends of <V>|who is friends with <U> but not with <V>?|which friends of <U> are not friends with <V>?|=<Us> friends except those of <V>|=the friends of <U> but not of <V>|which friends does <U> have that <V> does not have?",
         "=les amis <dU> qui ne sont pas amis avec <V>|qui est ami avec <U> mais pas avec <V> ?|quels amis <dU> ne sont pas amis avec <V> ?|=les amis <dU> sauf ceux <dV>|=les amis <dU> que <V> n'a pas|quels amis a <U> que <V> n'a pas ?"),
        (f"SELECT COUNT(*) > 0 AS answer FROM music.friendships WHERE user_id = {{num}} AND friend_id IN ({other})",
         "do <UV> have [any/] friends in common?|do <UV> share any friends?|[is there/are there any] mutual friend[s/s] between <UV>?|do <UV> have a [mutual/common] friend?|have <UV> got any mutual friends?".replace("[is there/are there any] mutual friend[s/s]", "are there any mutual friends"),
         "<UV> ont-ils des amis [communs/en commun] ?|est-ce que <UV> ont [des amis communs/un ami en commun] ?|y a-t-il [un ami commun/des amis en commun] entre <UV> ?|<UV> ont des amis en commun ?|<UV> partagent-ils au moins un ami ?"),
        ("SELECT user_id, COUNT(*) AS friends FROM music.friendships WHERE user_id IN ({num}, {num2}) GROUP BY user_id ORDER BY friends DESC LIMIT 1",
         "who has more friends, <U> or <V>?|between <UV>, who has [more/the most] friends?|<U> or <V>: who has more friends?|which of <UV> has more friends?|does <U> or <V> have more friends?|who is better connected, <U> or <V>?",
         "qui a le plus d'amis, <U> ou <V> ?|entre <UV>, qui a le plus d'amis ?|<U> ou <V> : qui a le plus d'amis ?|lequel <dUV> a le plus d'amis ?|qui est le mieux connecté, <U> ou <V> ?|qui a plus d'amis, <U> ou <V> ?".replace("lequel <dUV>", "lequel, entre <UV>,")),
        ("SELECT COUNT(DISTINCT country) = 1 AS answer FROM music.users WHERE user_id IN ({num}, {num2})",
         "are <UV> from the same country?|do <UV> [live in/come from] the same country?|<UV>: same country?|is <U> from the same country as <V>?|do <UV> share a country?",
         "<UV> sont-ils du même pays ?|<UV> [vivent-ils dans le/viennent-ils du] même pays ?|est-ce que <UV> sont du même pays ?|<UV> : même pays ?|<U> est-il du même pays que <V> ?"),
        ("SELECT COUNT(DISTINCT segment) = 1 AS answer FROM music.user_segments WHERE user_id IN ({num}, {num2})",
         "are <UV> in the same segment?|do <UV> belong to the same [user segment/segment]?|<UV>: same segment[ or not/]?|is <U> in the same segment as <V>?|do <UV> share a segment?",
         "<UV> sont-ils dans le même segment ?|<UV> appartiennent-ils au même segment ?|est-ce que <UV> sont dans le même segment ?|<UV> : même segment[ ou pas/] ?|<U> est-il dans le même segment que <V> ?"),
    ], [5, 3, 3, 2, 1.5, 1.5, 1, 1.5])[0]
    return ask(rng, language, en, fr, **who), sql


PATTERNS += [friend_list] * 5 + [two_users] * 5


def circle(rng):
    """Friends of friends, people with the most mutual friends, where the friends live, rank by friends."""
    language = rng.choice([EN, FR])
    who = user(rng, language)
    second = f"FROM music.friendships WHERE friend_id != {{num}} AND {OF_FRIENDS}"
    how, limit = rows_wanted(rng, "{num2}")
    n = {"one": 0, "ten": 1, "number": 2}[how]
    most_en = ["=the user with the most friends in common with <U>|who shares the most friends with <U>?|which user has the most mutual friends with <U>?|who has the most friends in common with <U>?",
               "=the users with the most friends in common with <U>|which users [share the most friends/have the most mutual friends] with <U>?|which people have the most friends in common with <U>?",
               "=the {num2} users with the most friends in common with <U>|which {num2} users share the most friends with <U>?|top {num2} users by number of friends shared with <U>"][n]
    most_fr = ["=l'utilisateur qui a le plus d'amis en commun avec <U>|quel utilisateur a le plus d'amis en commun avec <U> ?|quel utilisateur partage le plus d'amis avec <U> ?",
               "=les utilisateurs qui ont le plus d'amis en commun avec <U>|quels utilisateurs partagent le plus d'amis avec <U> ?|quels utilisateurs ont le plus d'amis communs avec <U> ?",
               "=les {num2} utilisateurs qui ont le plus d'amis en commun avec <U>|quels sont les {num2} utilisateurs qui partagent le plus d'amis avec <U> ?|top {num2} des utilisateurs par nombre d'amis communs avec <U>"][n]
    sql, en, fr = rng.choices([
        (f"SELECT DISTINCT friend_id {second}",
         "=the friends of [the/] friends of <U>|=the friends of <Us> friends|who are the friends of [the/] friends of <U>?|who are the friends of <Us> friends?|which users are friends of [the/] friends of <U>?|<U>: friends of friends|=<Us> second-degree friends",
         "=les amis des amis <dU>|=les amis d'amis <dU>|qui sont les amis des amis <dU> ?|quels sont les amis d'amis <dU> ?|<U> : amis d'amis|quels utilisateurs sont amis avec des amis <dU> ?"),
        (f"SELECT DISTINCT friend_id {second} AND friend_id NOT IN ({FRIENDS})",
         "=the friends of friends of <U> who are not [already/yet/] [their/his/her] friends|which friends of friends of <U> are not [yet/already/] [their/his/her] friends?|=the friends of <Us> friends that <U> is not friends with [yet/]|"
         "who could be suggested as a friend to <U> through [their/his/her] friends?|=the friends of friends of <U>, without the direct friends",
         "=les amis d'amis <dU> qui ne sont pas [encore/déjà/] ses amis|quels amis d'amis <dU> ne sont pas [encore/déjà/] ses amis ?|=les amis des amis <dU> avec qui il n'est pas encore ami|=les amis d'amis <dU>, sans ses amis directs"),
        (f"SELECT COUNT(DISTINCT friend_id) AS friends {second}",
         "how many friends of friends does <U> have?|#the number of friends of friends of <U>|count the friends of <Us> friends|how many friends do the friends of <U> have in total, without <U>?|#the number of <Us> friends of friends".replace("|how many friends do the friends of <U> have in total, without <U>?", ""),
         "combien d'amis d'amis a <U> ?|#le nombre d'amis d'amis <dU>|combien y a-t-il d'amis des amis <dU> ?|<U> a combien d'amis d'amis ?|compte les amis des amis <dU>"),
        (f"SELECT friend_id, COUNT(*) AS friends {second} GROUP BY friend_id ORDER BY friends DESC {limit}", most_en, most_fr),
        (f"SELECT country, COUNT(*) AS users FROM music.users WHERE {OF_FRIENDS} GROUP BY country ORDER BY users DESC",
         "which countries [are the friends of <U> from/do <Us> friends live in/do the friends of <U> come from]?|=the countries of <Us> friends|=<Us> friends [per/by] country|how many friends does <U> have [in each country/per country/by country]?"
         "|where do <Us> friends live, by country?|=the number of friends of <U> [per country/in each country/by country]",
         "de quels pays sont les amis <dU> ?|dans quels pays vivent les amis <dU> ?|=les amis <dU> par pays|=le nombre d'amis <dU> par pays|combien d'amis a <U> dans chaque pays ?|=les pays des amis <dU>|de quels pays viennent les amis <dU> ?"),
        (f"SELECT segment, COUNT(*) AS users FROM music.user_segments WHERE {OF_FRIENDS} GROUP BY segment ORDER BY users DESC",
         "which segments [are the friends of <U> in/do <Us> friends belong to]?|=<Us> friends [per/by] segment|=the segments of <Us> friends|how many friends does <U> have in each segment?|=the number of <Us> friends per segment",
         "dans quels segments sont les amis <dU> ?|=les amis <dU> par segment|=les segments des amis <dU>|combien d'amis a <U> dans chaque segment ?|à quels segments appartiennent les amis <dU> ?"),
        (f"SELECT user_id, country FROM music.users WHERE {OF_FRIENDS}",
         "=<Us> friends and their countries|=the friends of <U> with their country|who are <Us> friends and where are they from?|which country is each friend of <U> from?|=the country of each of <Us> friends",
         "=les amis <dU> et leur pays|=les amis <dU> avec leur pays|qui sont les amis <dU> et d'où viennent-ils ?|=le pays de chaque ami <dU>|de quel pays est chaque ami <dU> ?"),
        (f"SELECT user_id FROM music.users WHERE country = (SELECT country FROM music.users WHERE user_id = {{num}}) AND {OF_FRIENDS}",
         "=the friends of <U> who live in the same country|which friends of <U> are from the same country as [them/him/her/<U>]?|=<Us> friends from [their/his/her] own country|which of <Us> friends live in the same country as <U>?",
         "=les amis <dU> qui vivent dans le même pays que lui|quels amis <dU> sont du même pays que lui ?|=les amis <dU> du même pays que lui"),
        ("SELECT rank FROM (SELECT user_id, RANK() OVER (ORDER BY COUNT(*) DESC) AS rank FROM music.friendships GROUP BY user_id) WHERE user_id = {num}",
         "#the rank of <U> by number of friends|where does <U> rank [by/in] number of friends?|at what position is <U> in the ranking by number of friends?|what rank does <U> have by number of friends?",
         "#le rang <dU> en nombre d'amis|à quel rang est <U> en nombre d'amis ?|à quelle place se classe <U> par nombre d'amis ?|#le classement <dU> par nombre d'amis"),
    ], [4, 2.5, 2, 2.5, 3, 1.5, 1, 1, 0.8])[0]
    return ask(rng, language, en, fr, **who), sql


def most_friends(rng):
    """Users by their number of friends: most or least, or more than a number, of one country or not; how many; average; distribution."""
    language = rng.choice([EN, FR])
    country = rng.random() < 0.4
    where = " JOIN music.users USING (user_id) WHERE country = {country}" if country else ""
    people_en = spun(rng, "[users/users/members/people/listeners]") if not country else spun(rng, "[users/members/people/listeners] [in/from/based in/living in/of] {country}")
    people_fr = spun(rng, "[utilisateurs/utilisateurs/membres/users]") if not country else spun(rng, "[utilisateurs/membres/users] [en/de/basés en/vivant en] {country}")
    someone_en, someone_fr = re.sub(r"^(user|member|listener)s", r"\1", people_en).replace("people", "person"), re.sub(r"^(\w+)s\b", r"\1", people_fr).replace("basés", "basé")
    per_user = f"SELECT user_id, COUNT(*) AS friends FROM music.friendships{where} GROUP BY user_id"
    style = rng.choices(["top", "having", "how many", "average", "total", "spread", "none", "median", "max"], [6, 4, 2, 2, 1.5, 2, 1.5, 0.5, 1])[0]
    words = {"P": people_en if language == EN else people_fr, "O": someone_en if language == EN else someone_fr}
    if style == "top":
        how, limit = rows_wanted(rng)
        low = rng.random() < 0.25
        words |= {"M": rng.choice(["fewest", "least"] if low else ["most"]) if language == EN else "moins" if low else "plus",
                  "C": "least" if low else rng.choice(["best", "most"]), "D": "moins bien" if low else "mieux", "L": "smallest" if low else "largest"}
        en, fr = {
            "one": ("=the <O> with the <M> friends|which <O> has the <M> friends?|who is the <C> connected <O>?|=the <C> connected <O>|who has the <M> friends [among/of all] <P>?|of all <P>, who has the <M> friends?|=the <O> who has the <L> number of friends",
                    "=l'<O> qui a le <M> d'amis|quel <O> a le <M> d'amis ?|quel est l'<O> le <D> connecté ?|qui a le <M> d'amis parmi les <P> ?|parmi les <P>, qui a le <M> d'amis ?|=l'<O> avec le <M> d'amis"),
            "ten": ("=the <P> with the <M> friends|which <P> have the <M> friends?|who are the <C> connected <P>?|=the <C> connected <P>|which <P> have the <L> number of friends?|=the ranking of <P> by number of friends".replace("|=the ranking of <P> by number of friends", "" if low else "|=the ranking of <P> by number of friends"),
                    "=les <P> qui ont le <M> d'amis|quels <P> ont le <M> d'amis ?|quels sont les <P> les <D> connectés ?|=les <P> les <D> connectés|=les <P> avec le <M> d'amis"),
            "number": ("=the {num} <P> with the <M> friends|which {num} <P> have the <M> friends?|who are the {num} <C> connected <P>?|=the {num} <C> connected <P>" + ("" if low else "|top {num} <P> by number of friends|top {num} of the <P> with the most friends"),
                       "=les {num} <P> qui ont le <M> d'amis|quels sont les {num} <P> les <D> connectés ?|quels {num} <P> ont le <M> d'amis ?|=les {num} <P> avec le <M> d'amis" + ("" if low else "|top {num} des <P> par nombre d'amis")),
        }[how]
        text = ask(rng, language, en, fr, **words)
        text = re.sub(r"\bl'(membre|user)", r"le \1", text)
        return text, f"{per_user} ORDER BY friends{'' if low else ' DESC'} {limit}"
    if style in ("having", "how many"):
        operator, amount_en, amount_fr = rng.choice([(">", "more than|over|more than", "plus de"), ("<", "fewer than|less than|under", "moins de|moins de"), (">=", "at least|no fewer than", "au moins|au minimum"),
                                                      ("=", "exactly|precisely", "exactement|tout juste"), ("<=", "at most|no more than", "au plus|au maximum")])
        words["A"] = one(rng, amount_en if language == EN else amount_fr)
        if style == "having":
            return ask(rng, language, "=the <P> [with/who have/that have/having] <A> {num} friends|which <P> have <A> {num} friends?|who has <A> {num} friends among <P>?|=all <P> with <A> {num} friends|=the <P> who are friends with <A> {num} people",
                       "=les <P> [avec/qui ont/ayant] <A> {num} amis|quels <P> ont <A> {num} amis ?|=tous les <P> [avec/qui ont] <A> {num} amis|parmi les <P>, qui a <A> {num} amis ?|quels sont les <P> qui ont <A> {num} amis ?", **words), f"{per_user} HAVING friends {operator} {{num}}"
        ids = f"SELECT user_id FROM music.friendships{where} GROUP BY user_id HAVING COUNT(*) {operator} {{num}}"
        return ask(rng, language, "how many <P> have <A> {num} friends?|#the number of <P> [with/who have/having] <A> {num} friends|count the <P> [with/who have] <A> {num} friends|how many <P> are there with <A> {num} friends?",
                   "combien de <P> ont <A> {num} amis ?|#le nombre de <P> [avec/qui ont/ayant] <A> {num} amis|combien y a-t-il de <P> [avec/qui ont] <A> {num} amis ?|compte les <P> [avec/qui ont] <A> {num} amis", **words).replace("de utilisateurs", "d'utilisateurs"), \
            f"SELECT COUNT(*) AS users FROM ({ids})"
    if style in ("average", "median", "max"):
        column, en, fr, high_en, high_fr = {"average": ("AVG(friends) AS average", "average|average|mean", "moyen", "on average|typically on average".split("|")[0], "en moyenne"),
                                            "median": ("APPROX_QUANTILES(friends, 2)[OFFSET(1)] AS median", "median", "médian", "", ""), "max": ("MAX(friends) AS max_friends", "maximum|highest|largest", "maximal", "at most", "au maximum")}[style]
        who_en, who_fr = (f" of {people_en}", f" des {people_fr}") if country else (spun(rng, "[ per user/ a user has/ of a user/ of the users/]"), spun(rng, "[ par utilisateur/ d'un utilisateur/ des utilisateurs/]"))
        en_text, fr_text = f"#the {one(rng, en)} number of friends{who_en}", f"#le nombre {fr} d'amis{who_fr}"
        if high_en:
            en_text += "|how many friends does a <O> have <H>?|<H>, how many friends does a <O> have?|how many friends do <P> have <H>?".replace("|<H>, how many", "|<H>, how many")
            fr_text += "|combien d'amis a un <O> <H> ?|<H>, combien d'amis a un <O> ?|combien d'amis ont les <P> <H> ?"
        words["H"] = high_en if language == EN else high_fr
        return ask(rng, language, en_text, fr_text, **words), f"SELECT {column} FROM (SELECT {'user_id, ' if style == 'median' else ''}COUNT(*) AS friends FROM music.friendships{where} GROUP BY user_id)"
    if style == "total":
        return ask(rng, language, "how many friendships are there [in total/altogether/in all/overall/]?|#the [total/overall/] number of friendships|count [all/the] friendships|how many friendships exist [between users/among users/]?|how many pairs of friends are there?|#the total of friendships"
                   "|how many friendships do the users have in total?|how many friendships in the data?", "combien y a-t-il d'amitiés [au total/en tout/]?|#le nombre [total/] d'amitiés|compte [toutes/] les amitiés|combien d'amitiés [existe-t-il/existent/y a-t-il] entre [les/] utilisateurs ?"
                   "|combien de paires d'amis y a-t-il ?|#le total des amitiés|il y a combien d'amitiés [en tout/au total/] ?".replace("/]?", "/] ?").replace("existe-t-il/existent/y a-t-il", "existe-t-il/y a-t-il")), "SELECT COUNT(*) / 2 AS friends FROM music.friendships"
    if style == "spread":
        return ask(rng, language, "how many <P> have [1 friend, 2 friends, 3 friends/one friend, two friends, three/one friend, two friends] and so on?|=the distribution of the number of friends [per/of] <P>|how many <P> are there for each number of friends?|=the number of <P> [by/for each/per] number of friends|"
                   "=<P> by friend count|how is the number of friends distributed among <P>?|for each number of friends, how many <P> have it?".replace("per/of", "of/among") ,
                   "combien de <P> ont [un ami, deux amis, trois amis/1 ami, 2 amis/un ami, deux amis], etc. ?|=la distribution du nombre d'amis des <P>|combien y a-t-il de <P> pour chaque nombre d'amis ?|=le nombre de <P> [par/selon leur/pour chaque] nombre d'amis|=la répartition des <P> selon leur nombre d'amis"
                   "|comment se répartit le nombre d'amis des <P> ?", **words).replace("de utilisateurs", "d'utilisateurs"), f"SELECT friends, COUNT(*) AS users FROM ({per_user}) GROUP BY friends ORDER BY friends"
    counted = rng.random() < 0.5
    alone = "SELECT " + ("COUNT(*) AS users" if counted else "user_id") + f" FROM music.users WHERE {'country = {country} AND ' if country else ''}user_id NOT IN (SELECT user_id FROM music.friendships)"
    if counted:
        return ask(rng, language, "how many <P> have no friends?|#the number of <P> without [any friends/friends]|how many <P> are without friends?|count the <P> who have no friends",
                   "combien de <P> n'ont [aucun ami/pas d'amis] ?|#le nombre de <P> sans amis|combien y a-t-il de <P> sans amis ?", **words).replace("de utilisateurs", "d'utilisateurs"), alone
    return ask(rng, language, "=the <P> [without/with no] friends|which <P> have no friends?|=the <P> who have no friends [at all/]|which <P> don't have any friends?", "=les <P> sans [amis/aucun ami]|quels <P> n'ont [aucun ami/pas d'amis] ?|=les <P> qui n'ont [aucun ami/pas d'amis]", **words), alone


PATTERNS += [circle] * 4 + [most_friends] * 6


# What the friends of a user listen to: columns, rest of FROM, grouping, alias, English singular and plural, French singular and plural, feminine.
HEARD_BY_FRIENDS = [
    ("artist_name, SUM(plays) AS plays FROM music.listens", "artist_name", "plays", "artist", "artists", "artiste", "artistes", False),
    ("track_title, artist_name, COUNT(*) AS plays FROM music.listening_events", "track_title, artist_name", "plays", "song", "songs", "morceau", "morceaux", False),
    ("track_title, artist_name, COUNT(*) AS plays FROM music.listening_events", "track_title, artist_name", "plays", "track", "tracks", "chanson", "chansons", True),
    ("genre, SUM(plays) AS plays FROM music.listens JOIN music.artists USING (artist_id), UNNEST(genres) AS genre", "genre", "plays", "genre", "genres", "genre", "genres", False),
    ("artist_name, COUNT(DISTINCT user_id) AS listeners FROM music.listens", "artist_name", "listeners", "artist", "artists", "artiste", "artistes", False),
]


def friends_hear(rng):
    """What the friends of a user listen to: the most, everything, or what the user does not know; plays and plays of one artist; who of them plays it most."""
    language = rng.choice([EN, FR])
    who = user(rng, language)
    style = rng.choices(["top", "all", "new", "plays", "artist plays", "fan", "each", "tags"], [7, 2, 2, 1.2, 1.5, 1.5, 1, 1])[0]
    if style == "top":
        columns, group, alias, one_en, many_en, one_fr, many_fr, feminine = rng.choice(HEARD_BY_FRIENDS)
        how, limit = rows_wanted(rng, "{num2}")
        e, s = "e" if feminine else "", "" if how == "one" else "s"
        quel = f"quel{'le' if feminine else ''}{s}"
        number = "{num2} " if how == "number" else ""
        words = {**who, "N": number + (one_en if how == "one" else many_en) if language == EN else number + (one_fr if how == "one" else many_fr), "M": one_en if how == "one" else many_en, "B": "is" if how == "one" else "are", "K": number}
        if alias == "listeners":
            en, fr = ("which <N> do most of <Us> friends listen to?|which <N> have the most listeners among <Us> friends?|=the <N> that the most friends of <U> listen to|=the <N> with the most listeners among the friends of <U>".replace("which <N> have", "which <N> has" if how == "one" else "which <N> have"),
                      f"{quel} <N> {'a' if how == 'one' else 'ont'} le plus d'auditeurs parmi les amis <dU> ?|=les <N> que le plus d'amis <dU> écoutent|=les <N> avec le plus d'auditeurs parmi les amis <dU>|=les <N> écoutés par le plus d'amis <dU>")
        else:
            en = ("which <N> do [the friends of <U>/<Us> friends] listen to [the/] most?|=the <K>most [played/listened to/streamed] <M> [among/by/of] [<Us> friends/the friends of <U>]|what <N> do <Us> friends [play/listen to] [the/] most?"
                  "|=the <K>favourite <M> of <Us> friends|what <B> the <K>most [played/listened to] <M> among <Us> friends?|among the friends of <U>, which <N> <B> [played/listened to] [the/] most?|=the <K>top <M> of <Us> friends")
            fr = (f"{quel} <N> les amis <dU> écoutent-ils le plus ?|=les <N> les plus [écouté/joué]{e}s [par les/des/chez les] amis <dU>|{quel} sont les <N> les plus écouté{e}s par les amis <dU> ?|=les <N> que les amis <dU> écoutent le plus"
                  f"|=les <N> préféré{e}s des amis <dU>|parmi les amis <dU>, {quel} sont les <N> les plus écouté{e}s ?")
        if how == "one" and language == FR:
            le = "la" if feminine else "l'" if one_fr == "artiste" else "le"
            fr = fr.replace("les <N>", f"{le}<N>" if le == "l'" else f"{le} <N>").replace("les plus", f"{'la' if feminine else 'le'} plus").replace(" sont ", " est ").replace(f"]{e}s", f"]{e}").replace(f"écouté{e}s", f"écouté{e}").replace(f"préféré{e}s", f"préféré{e}")
        if how == "number":
            en += "|top {num2} <M> of <Us> friends|top {num2} <M> among the friends of <U>"
            fr += f"|top {{num2}} des {many_fr} des amis <dU>|top {{num2}} des {many_fr} chez les amis <dU>".replace("|top", "|top") if alias == "plays" else ""
            en = en if alias == "plays" else en.split("|top")[0]
        return ask(rng, language, en, fr, **words), f"SELECT {columns} WHERE {OF_FRIENDS} GROUP BY {group} ORDER BY {alias} DESC {limit}"
    sql, en, fr = {
        "all": (f"SELECT DISTINCT artist_name FROM music.listens WHERE {OF_FRIENDS}",
                "which artists do [the friends of <U>/<Us> friends] listen to?|=the artists [that <Us> friends listen to/listened to by the friends of <U>/played by <Us> friends]|what do [the friends of <U>/<Us> friends] listen to?|who do <Us> friends listen to?",
                "quels artistes écoutent les amis <dU> ?|=les artistes [écoutés par les/que les] amis <dU>|qu'écoutent les amis <dU> ?|quels artistes les amis <dU> écoutent-ils ?|qui écoutent les amis <dU> ?".replace("[écoutés par les/que les] amis <dU>", "écoutés par les amis <dU>")),
        "new": (f"SELECT DISTINCT artist_name FROM music.listens WHERE {OF_FRIENDS} AND artist_id NOT IN (SELECT artist_id FROM music.listens WHERE user_id = {{num}})",
                "which artists do <Us> friends listen to that <U> [does not/doesn't/has never heard/has not played]?|=the artists <Us> friends listen to but <U> does not|=the artists played by the friends of <U> that <U> has never listened to|what do <Us> friends listen to that <U> does not know [yet/]?"
                .replace("does not/doesn't/has never heard/has not played", "does not/doesn't/has never played"),
                "quels artistes les amis <dU> écoutent-ils et pas lui ?|=les artistes que les amis <dU> écoutent mais pas lui|=les artistes écoutés par les amis <dU> que <U> n'a jamais écoutés|quels artistes écoutés par ses amis <U> n'a-t-il jamais écoutés ?"),
        "plays": (f"SELECT SUM(plays) AS plays FROM music.listens WHERE {OF_FRIENDS}",
                  "how many plays do <Us> friends have in total?|#the total plays of <Us> friends|#the total number of plays by the friends of <U>|how many times have the friends of <U> played music [in total/altogether]?",
                  "combien d'écoutes ont les amis <dU> au total ?|#le nombre total d'écoutes des amis <dU>|combien d'écoutes totalisent les amis <dU> ?"),
        "artist plays": (f"SELECT SUM(plays) AS plays FROM music.listens WHERE artist_id = {{artist}} AND {OF_FRIENDS}",
                         "how many times have <Us> friends [played/listened to] {artist}?|how many plays does {artist} have among <Us> friends?|#the number of plays of {artist} by the friends of <U>|#the total plays of {artist} among <Us> friends",
                         "combien de fois les amis <dU> ont-ils écouté {artist} ?|combien d'écoutes de {artist} chez les amis <dU> ?|#le nombre d'écoutes de {artist} par les amis <dU>|combien d'écoutes {artist} a-t-il parmi les amis <dU> ?"),
        "fan": (f"SELECT user_id, plays FROM music.listens WHERE artist_id = {{artist}} AND {OF_FRIENDS} ORDER BY plays DESC LIMIT 1",
                "which friend of <U> [listens to/plays] {artist} [the/] most?|which of <Us> friends [listens to/plays] {artist} [the/] most?|=the friend of <U> who [plays/listens to] {artist} the most|who [listens to/plays] {artist} the most among <Us> friends?|among <Us> friends, who is the biggest listener of {artist}?",
                "quel ami <dU> écoute le plus {artist} ?|parmi les amis <dU>, qui écoute le plus {artist} ?|=l'ami <dU> qui écoute le plus {artist}|qui écoute le plus {artist} parmi les amis <dU> ?"),
        "each": (f"SELECT user_id, SUM(plays) AS plays FROM music.listens WHERE {OF_FRIENDS} GROUP BY user_id ORDER BY plays DESC",
                 "how many plays does each friend of <U> have?|=the plays of each of <Us> friends|=the total plays per friend of <U>|how much does each of <Us> friends listen to music, in plays?",
                 "combien d'écoutes a chaque ami <dU> ?|=le nombre d'écoutes de chacun des amis <dU>|=les écoutes de chaque ami <dU>"),
        "tags": (f"SELECT tag, COUNT(*) AS tags FROM music.artist_tags WHERE {OF_FRIENDS} GROUP BY tag ORDER BY tags DESC LIMIT 10",
                 "which tags do <Us> friends use [the/] most?|=the [most used/favourite] tags of <Us> friends|what tags do the friends of <U> give [the most/most often]?|=the tags most used by the friends of <U>",
                 "quels tags les amis <dU> utilisent-ils le plus ?|=les tags les plus utilisés par les amis <dU>|=les tags préférés des amis <dU>|quels sont les tags les plus utilisés par les amis <dU> ?"),
    }[style]
    return ask(rng, language, en, fr, **who), sql


# --- users by country -----------------------------------------------------------------------------------------------

LISTENERS_EN, LISTENERS_FR = "[users/users/users/users/members/accounts]", "[utilisateurs/utilisateurs/membres/users]"


def de(text) -> str:
    """French "de", elided where it must be."""
    return re.sub(r"\b(de|que) (?=[aeiouéêhAEIOU])(?!user)", lambda m: m.group(1)[:-1] + "'", text)


def users(rng):
    """Users of a country, per country: lists, counts, shares, superlatives, yes/no, of one user."""
    language = rng.choice([EN, FR])
    n = spun(rng, LISTENERS_EN if language == EN else LISTENERS_FR)
    words = {"N": n, "I": spun(rng, "[in/from/in/based in/living in/of]" if language == EN else "[en/de/en/basés en/venant de/vivant en]"), "dN": de(f"de {n}")}
    style = rng.choices(["count", "list", "per", "share", "shares", "top", "having", "any", "total", "countries", "of", "same", "versus", "is"], [4, 3, 2.5, 2, 1.2, 5, 2, 1, 1, 1.5, 2, 1, 1.5, 1])[0]
    if style == "top":
        how, limit = rows_wanted(rng)
        low = rng.random() < 0.3
        m = ("fewest" if low else "most") if language == EN else "moins" if low else "plus"
        en, fr = {
            "one": ("which country has the <M> <N>?|=the country with the <M> <N>|in which country are there the <M> <N>?|what country has the <M> <N>?|where do we have the <M> <N>, in which country?",
                    "quel pays a le <M> <dN> ?|le pays avec le <M> <dN>|dans quel pays y a-t-il le <M> <dN> ?|quel est le pays qui a le <M> <dN> ?|quel pays compte le <M> <dN> ?"),
            "ten": ("which countries have the <M> <N>?|=the countries with the <M> <N>|in which countries are there the <M> <N>?|what are the countries with the <M> <N>?" + ("" if low else "|=the top countries by number of <N>"),
                    "quels pays ont le <M> <dN> ?|=les pays avec le <M> <dN>|dans quels pays y a-t-il le <M> <dN> ?|quels sont les pays qui ont le <M> <dN> ?|quels pays comptent le <M> <dN> ?"),
            "number": ("which {num} countries have the <M> <N>?|=the {num} countries with the <M> <N>|what are the {num} countries with the <M> <N>?" + ("" if low else "|=the top {num} countries by number of <N>|top {num} countries for <N>"),
                       "quels sont les {num} pays [avec/qui ont] le <M> <dN> ?|=les {num} pays [avec/qui ont/qui comptent] le <M> <dN>" + ("" if low else "|top {num} des pays par nombre <dN>")),
        }[how]
        return ask(rng, language, en, fr, M=m, **words), f"SELECT country, COUNT(*) AS users FROM music.users GROUP BY country ORDER BY users{'' if low else ' DESC'} {limit}"
    sql, en, fr = {
        "count": ("SELECT COUNT(*) AS users FROM music.users WHERE country = {country}",
                  "how many <N> are there <I> {country}?|how many <N> <I> {country}?|#the number of <N> <I> {country}|how many <N> [are from/come from/live in/are in] {country}?|count the <N> <I> {country}|how many {country} <N> are there?|how many <N> does {country} have?|{country}: how many <N>?",
                  "combien <dN> y a-t-il <I> {country} ?|combien <dN> [vivent en/viennent de/sont en/habitent en/sont de] {country} ?|#le nombre <dN> <I> {country}|il y a combien <dN> <I> {country} ?|compte les <N> <I> {country}|combien <dN> <I> {country} ?|{country} : combien <dN> ?"),
        "list": ("SELECT user_id FROM music.users WHERE country = {country}",
                 "=the <N> <I> {country}|which <N> [are from/live in/come from/are in] {country}?|=all <N> <I> {country}|=the ids of the <N> <I> {country}|who are the <N> <I> {country}?|=the {country} <N>|=all {country} <N>|which of the <N> are from {country}?",
                 "=les <N> <I> {country}|quels <N> [vivent en/viennent de/sont en/habitent en/sont de] {country} ?|=tous les <N> <I> {country}|=la liste des <N> <I> {country}|qui sont les <N> <I> {country} ?|quels sont les <N> <I> {country} ?|=les identifiants des <N> <I> {country}"),
        "per": ("SELECT country, COUNT(*) AS users FROM music.users GROUP BY country ORDER BY users DESC",
                "how many <N> are there [per country/in each country/by country/in every country]?|=the number of <N> [per/in each/by/for each] country|=<N> [per/by] country|how many <N> does each country have?|for each country, how many <N> are there?|=the breakdown of <N> by country|how are <N> spread [across/over] countries?",
                "combien <dN> [par pays/dans chaque pays] ?|=le nombre <dN> [par/dans chaque/de chaque] pays|combien <dN> y a-t-il [par pays/dans chaque pays] ?|=les <N> par pays|pour chaque pays, combien <dN> ?|=la répartition des <N> par pays|combien <dN> compte chaque pays ?"),
        "share": ("SELECT 100 * COUNTIF(country = {country}) / COUNT(*) AS percentage FROM music.users",
                  "what [percentage/share/proportion] of <N> [are from/live in/come from/are in] {country}?|#the [percentage/share/proportion] of <N> <I> {country}|which share of the <N> is from {country}?|how many percent of <N> are from {country}?|{country}'s share of <N>|in percent, how many <N> are from {country}?",
                  "quel pourcentage [des/de] <N> [vient de/vit en/est en/sont de] {country} ?|#[le pourcentage/la part/la proportion] des <N> <I> {country}|quelle [part/proportion] des <N> [vient de/vit en/est de] {country} ?|combien de pour cent des <N> sont en {country} ?".replace("[des/de] <N>", "des <N>")),
        "shares": ("SELECT country, 100 * COUNT(*) / (SELECT COUNT(*) FROM music.users) AS percentage FROM music.users GROUP BY country ORDER BY percentage DESC",
                   "what [percentage/share] of <N> [does each country have/is in each country]?|=the [percentage/share] of <N> [per/by/in each/for each] country|=<N> per country in percent|=each country's share of <N>",
                   "quel pourcentage des <N> pour chaque pays ?|=[la part/le pourcentage] des <N> [par/dans chaque] pays|quelle part des <N> chaque pays représente-t-il ?|=les <N> par pays en pourcentage"),
        "having": ("", "which countries have <A> {num} <N>?|=the countries [with/that have/having] <A> {num} <N>|in which countries are there <A> {num} <N>?|=all countries with <A> {num} <N>",
                   "quels pays ont <A> {num} <N> ?|=les pays [avec/qui ont/ayant/qui comptent] <A> {num} <N>|dans quels pays y a-t-il <A> {num} <N> ?|quels sont les pays qui comptent <A> {num} <N> ?"),
        "any": ("SELECT COUNT(*) > 0 AS answer FROM music.users WHERE country = {country}",
                "are there [any/] <N> <I> {country}?|do we have [any/] <N> <I> {country}?|do any <N> [live in/come from] {country}?|is anyone [from/in] {country}?|any <N> from {country}?", "y a-t-il des <N> <I> {country} ?|est-ce qu'il y a des <N> <I> {country} ?|a-t-on des <N> <I> {country} ?|des <N> viennent-ils de {country} ?"),
        "total": ("SELECT COUNT(*) AS users FROM music.users", "how many <N> are there [in total/altogether/in all/]?|#the total number of <N>|how many <N> do we have?|count all <N>|#the number of <N> overall",
                  "combien <dN> y a-t-il [au total/en tout] ?|#le nombre total <dN>|il y a combien <dN> en tout ?|combien <dN> avons-nous ?|compte tous les <N>"),
        "countries": ("SELECT COUNT(DISTINCT country) AS countries FROM music.users", "how many [different/] countries do [the/our/] <N> come from?|#the number of countries [with/of the] <N>|how many countries have <N>?|in how many countries do we have <N>?|how many different countries are [the/] <N> from?",
                      "de combien de pays [différents/] viennent les <N> ?|#le nombre de pays des <N>|dans combien de pays y a-t-il des <N> ?|combien de pays ont des <N> ?"),
        "of": ("SELECT country FROM music.users WHERE user_id = {num}", "which country is <U> from?|where is <U> from?|what country does <U> live in?|#the country of <U>|where does <U> live?|#<Us> country|in which country is <U>?|which country does <U> come from?",
               "de quel pays vient <U> ?|d'où vient <U> ?|dans quel pays vit <U> ?|#le pays <dU>|où vit <U> ?|<U> est de quel pays ?|quel est le pays <dU> ?|<U> habite où ?"),
        "same": ("SELECT user_id FROM music.users WHERE user_id != {num} AND country = (SELECT country FROM music.users WHERE user_id = {num})",
                 "=the [other/] <N> from the same country as <U>|which [other/] <N> [live in/are from/come from] the same country as <U>?|=all <N> who share a country with <U>|who lives in the same country as <U>?",
                 "=les [autres/] <N> du même pays que <U>|quels [autres/] <N> [viennent du/vivent dans le] même pays que <U> ?|qui est du même pays que <U> ?|=les <N> qui vivent dans le même pays que <U>"),
        "versus": ("SELECT country, COUNT(*) AS users FROM music.users WHERE country IN ({country}, {country2}) GROUP BY country ORDER BY users DESC LIMIT 1",
                   "which has more <N>, {country} or {country2}?|are there more <N> in {country} or [in/] {country2}?|between {country} and {country2}, which has [more/the most] <N>?|{country} or {country2}: which has more <N>?|which country has more <N>, {country} or {country2}?",
                   "qui a le plus <dN>, {country} ou {country2} ?|y a-t-il plus <dN> en {country} ou en {country2} ?|entre {country} et {country2}, quel pays a le plus <dN> ?|{country} ou {country2} : quel pays a le plus <dN> ?|quel pays a le plus <dN>, {country} ou {country2} ?"),
        "is": ("SELECT COUNT(*) > 0 AS answer FROM music.users WHERE user_id = {num} AND country = {country}", "is <U> from {country}?|does <U> live in {country}?|does <U> come from {country}?|is {country} the country of <U>?", "<U> vient-il de {country} ?|est-ce que <U> vit en {country} ?|<U> est de {country} ?|<U> habite-t-il en {country} ?"),
    }[style]
    if style == "having":
        operator, amount_en, amount_fr = rng.choice(AMOUNTS)
        words["A"] = one(rng, amount_en if language == EN else amount_fr)
        sql = f"SELECT country, COUNT(*) AS users FROM music.users GROUP BY country HAVING users {operator} {{num}}"
    return ask(rng, language, en, fr, **words, **user(rng, language)), sql


AMOUNTS = [(">", "more than|over|more than", "plus de"), (">", "more than|over", "plus de"), ("<", "fewer than|less than|under", "moins de"), (">=", "at least|no fewer than", "au moins|au minimum")]
PATTERNS += [friends_hear] * 5 + [users] * 6

# --- recommendations ------------------------------------------------------------------------------------------------


def relative_last_en(text) -> str:
    """The templates with the relative clause `<C>` at their end."""
    bare = [re.sub(r" ?<C>", "", t).strip() if "<C>" in t else t for t in text.split("|")]
    return "|".join(t if "<C>" not in old else f"{t[:-1]} <C>?" if t.endswith("?") else f"{t} <C>" for t, old in zip(bare, text.split("|")))


def relative_last(text) -> str:
    """The templates with a relative clause `<F>` said of the artists at their end: "parmi ceux qu'il n'a pas encore écoutés" in a question."""
    out = []
    for template in text.split("|"):
        if "<F>" in template:
            bare = template.replace("<F> ", "").replace(" <F>", "").strip()
            template = f"{bare} <F>" if bare[0] in "=#" else f"{bare.removesuffix(' ?')} parmi ceux <F> ?" if bare.endswith("?") else ""
        out.append(template)
    return "|".join(t for t in out if t)


def recommended(rng):
    """What is recommended to one user: list, best, of a genre or country, new or known, score and reason of one artist, count."""
    language = rng.choice([EN, FR])
    who = user(rng, language, bare=0.08)
    joined = " JOIN music.artists USING (artist_id)"
    condition, said_en, said_fr, join = rng.choices([
        ("", "", "", ""), ("country = {country}", "[from {country}/from {country}/coming from {country}]", "[de {country}/venant de {country}/originaires de {country}/qui viennent de {country}]", joined),
        ("{genre} IN UNNEST(genres)", "{genre}", "[{genre}/de {genre}/qui font du {genre}]", joined),
        ("score > {num3}", "with a score [above/over/higher than] {num3}", "[avec un score supérieur à/de score supérieur à/dont le score dépasse] {num3}", ""),
        ("artist_id NOT IN (SELECT artist_id FROM music.listens WHERE user_id = {num})", "[that they have never listened to/not yet listened to/that they have not listened to yet/they haven't heard yet/they have not played yet]",
         "[qu'il n'a pas encore écoutés/qu'il n'a jamais écoutés/qu'il n'écoute pas encore]", ""),
        ("artist_id IN (SELECT artist_id FROM music.listens WHERE user_id = {num})", "[that they already listen to/they have already listened to/that they already know and play]", "[qu'il écoute déjà/qu'il a déjà écoutés]", ""),
    ], [7, 3, 3, 1, 2.5, 1])[0]
    style = rng.choices(["list", "best", "count"], [6, 4, 2.5])[0]
    how, limit = rows_wanted(rng, "{num2}")
    if style == "best" and "score" in condition:
        condition = said_en = said_fr = join = ""
    number = "{num2} " if style == "best" and how == "number" else ""
    where = f" FROM music.recommendations{join} WHERE user_id = {{num}}{' AND ' + condition if condition else ''}"
    one_only = style == "best" and how == "one"
    adjective = "{genre}" in said_en
    words = {**who, "A": "{genre} " if adjective else "", "C": "" if adjective else said_en, "F": said_fr, "K": number, "G": rng.choice(["artists", "artists", "artists", "acts"])}
    if one_only:
        words["F"] = words["F"].replace("écoutés", "écouté").replace("originaires", "originaire").replace("viennent", "vient").replace("qui font", "qui fait")
    if style == "list":
        columns = "artist_name, score" if "score" in condition else "artist_name"
        sql = f"SELECT {columns}{where}"
        en = ("=the <A><G> <C> recommended to <U>|=the <A><G> recommended to <U> <C>|which <A><G> <C> are recommended [to/for] <U>?|which <A><G> [do you/does the system/do we] recommend to <U> <C>?|=the <A>recommendations [for/of] <U> <C>|=<Us> <A>recommendations <C>|"
              "what <A><G> are suggested to <U> <C>?|<U>: recommended <A><G> <C>|which <A><G> <C> should <U> listen to, according to the recommendations?|=all <A><G> <C> that are recommended to <U>")
        if not said_en:
            en += "|what is recommended to <U>?|what do you recommend to <U>?|what are the recommendations for <U>?|who is recommended to <U>?"
        fr = ("=les artistes <F> recommandés <aU>|=les artistes recommandés <aU> <F>|quels artistes <F> [sont recommandés/recommande-t-on/sont proposés/sont conseillés] <aU> ?|=les [recommandations/recos] [pour <U>/<dU>] <P>|quels artistes <F> <U> devrait-il écouter d'après ses recommandations ?"
              "|<U> : artistes <F> recommandés|quels artistes <F> conseille-t-on <aU> ?|=tous les artistes <F> recommandés <aU>")
        words["P"] = said_fr if said_fr and ("{country}" in said_fr or "{genre}" in said_fr) else ""
        if condition and not words["P"]:
            fr = "|".join(t for t in fr.split("|") if "<P>" not in t)
        fr = relative_last(fr) if "qu'il" in said_fr else fr
        en = relative_last_en(en) if "they" in said_en else en
        if not said_en:
            fr += "|que recommande-t-on <aU> ?|qu'est-ce qu'on recommande <aU> ?|quelles sont les recommandations pour <U> ?|quelles sont les recommandations <dU> ?|que conseille-t-on <aU> ?"
        return ask(rng, language, en, fr, **words), sql
    if style == "count":
        sql = f"SELECT COUNT(*) AS artists{where}"
        count_fr = "combien d'artistes <F> [sont recommandés/recommande-t-on/sont proposés] <aU> ?|#le nombre d'artistes <F> recommandés <aU>|combien d'artistes <F> conseille-t-on <aU> ?"
        en = ("how many <A><G> <C> are recommended to <U>?|how many <A>recommendations <C> does <U> have?|#the number of <A><G> <C> recommended to <U>|#the number of <A>recommendations <C> for <U>|count the <A><G> <C> recommended to <U>"
              "|how many <A><G> <C> do we recommend to <U>?")
        return ask(rng, language, relative_last_en(en) if "they" in said_en else en,
                   relative_last(count_fr.replace("<F> ?", "?")) if "qu'il" in said_fr else count_fr, **words), sql
    sql = f"SELECT artist_name, score{where} ORDER BY score DESC {limit}"
    c = words["C"]
    if one_only:
        words["C"] = c
        en = ("=the best <A>recommendation <C> for <U>|which <A>artist <C> is [most/best] recommended to <U>?|=the <A>artist <C> recommended most strongly to <U>|=the top <A>recommendation <C> [for/of] <U>|what is the [best/top] <A>recommendation <C> for <U>?|=<Us> [best/top] <A>recommendation <C>"
              "|which <A>artist <C> has the highest recommendation score for <U>?|which single <A>artist <C> would you recommend first to <U>?")
        fr = ("=la meilleure recommandation <P> pour <U>|quel artiste <F> est le plus recommandé <aU> ?|=l'artiste <F> le plus recommandé <aU>|quelle est la meilleure recommandation <P> [pour <U>/<dU>] ?|quel artiste <F> a le meilleur score de recommandation pour <U> ?|"
              "=l'artiste <F> avec le plus haut score de recommandation pour <U>")
    else:
        en = ("=the <K>best <A>recommendations <C> for <U>|which <K><A><G> <C> are [most/best] recommended to <U>?|=the top <K><A>recommendations <C> [for/of] <U>|what are the <K>[best/top] <A>recommendations <C> for <U>?|=<Us> <K>[best/top] <A>recommendations <C>"
              "|which <K><A><G> <C> have the highest recommendation scores for <U>?|=the <K>most recommended <A><G> <C> for <U>")
        en += "|top {num2} <A>recommendations <C> for <U>|recommend {num2} <A><G> <C> to <U>|{num2} <A>recommendations <C> for <U>" if number else ""
        fr = ("=les <K>meilleures recommandations <P> pour <U>|=les <K>artistes <F> les plus recommandés <aU>|quels sont les <K>artistes <F> les plus recommandés <aU> ?|quelles sont les <K>meilleures recommandations <P> [pour <U>/<dU>] ?|=les <K>artistes <F> avec le plus haut score de recommandation pour <U>")
        fr += "|top {num2} des recommandations <P> [pour <U>/<dU>]|recommande {num2} artistes <F> <aU>|{num2} artistes <F> recommandés <aU>" if number else ""
    feminine_p = said_fr if "{country}" in said_fr or "{genre}" in said_fr else ""
    words["P"] = spun(rng, feminine_p).replace("originaires de", "de").replace("qui viennent de", "de").replace("venant de", "de").replace("qui font du", "de").strip() if feminine_p else ""
    if condition and not feminine_p:
        fr = "|".join(t for t in fr.split("|") if "<P>" not in t)
    fr = relative_last(fr) if "qu'il" in said_fr else fr
    en = relative_last_en(en) if "they" in said_en else en
    return ask(rng, language, en, fr, **words), sql


def recommendations(rng):
    """Of one artist, of two users, over all users: score, reason, rank, users, averages, the most recommended."""
    language = rng.choice([EN, FR])
    style = rng.choices(["facts", "top", "both", "all", "average by artist"], [5, 4, 2.5, 3, 1.5])[0]
    if style == "top":
        how, limit = rows_wanted(rng)
        join, where, en, fr = rng.choices([("", "", "", ""), (" JOIN music.artists USING (artist_id)", " WHERE country = {country}", "from {country}", "[de/venant de] {country}"), (" JOIN music.artists USING (artist_id)", " WHERE {genre} IN UNNEST(genres)", "of {genre}", "[de/] {genre}"),
            (" JOIN music.users USING (user_id)", " WHERE country = {country}", "to users in {country}", "aux utilisateurs en {country}"), (" JOIN music.user_segments USING (user_id)", " WHERE segment = {segment}", "to users of the {segment} segment", "aux utilisateurs du segment {segment}")], [5, 2, 2, 2, 1.5])[0]
        after = en.startswith("to ") if language == EN else fr.startswith("aux")
        words = {"K": "{num} " if how == "number" else "", "W": "" if after else en if language == EN else fr, "Z": (en if language == EN else fr) if after else "", "O": "artist" if how == "one" else "artists", "B": "is" if how == "one" else "are"}
        en = ("which <K><O> <W> <B> recommended [the most/most often/to the most users] <Z>?|=the <K>most recommended <O> <W> <Z>|=the <K><O> <W> recommended most often <Z>|which <K><O> <W> <B> the most recommended <Z>?|what <B> the <K>most often recommended <O> <W> <Z>?"
              "|=the <K><O> <W> suggested most [often/] <Z>").replace("/to the most users", "" if after else "/to the most users")
        fr = ("=l'artiste <W> le plus [souvent/] recommandé <Z>|quel artiste <W> est le plus [souvent/] recommandé <Z> ?|quel est l'artiste <W> le plus recommandé <Z> ?|quel artiste <W> recommande-t-on le plus <Z> ?" if how == "one" else
              "=les <K>artistes <W> les plus [souvent/] recommandés <Z>|quels sont les <K>artistes <W> les plus recommandés <Z> ?|quels <K>artistes <W> recommande-t-on le plus <Z> ?|quels <K>artistes <W> sont le plus [souvent/] recommandés <Z> ?")
        if how == "number":
            en, fr = en + "|top {num} recommended artists <W> <Z>", fr + "|top {num} des artistes <W> les plus recommandés <Z>"
        return ask(rng, language, en, fr, **words), f"SELECT artist_name, COUNT(*) AS users FROM music.recommendations{join}{where} GROUP BY artist_name ORDER BY users DESC {limit}"
    if style == "average by artist":
        how, limit = rng.choice([("all", "LIMIT 10"), *[rows_wanted(rng)] * 3])
        words = {"K": "{num} " if how == "number" else "", "O": "artist" if how == "one" else "artists", "B": "has" if how == "one" else "have"}
        fr = ("quel artiste a le score [moyen de recommandation/de recommandation moyen] le plus [élevé/haut] ?|=l'artiste avec le meilleur score moyen de recommandation|quel artiste a le meilleur score moyen dans les recommandations ?" if how == "one" else
              "quels <K>artistes ont le score moyen de recommandation le plus [élevé/haut] ?|=les <K>artistes avec le meilleur score moyen de recommandation|quels sont les <K>artistes au meilleur score moyen de recommandation ?")
        return ask(rng, language, "which <K><O> <B> the [highest/best] average recommendation score?|=the <K><O> with the [highest/best] average [score in the recommendations/recommendation score]|=the <K><O> recommended with the highest average score|which <K><O> <B> the highest mean score in recommendations?", fr, **words), \
            f"SELECT artist_name, AVG(score) AS avg_score FROM music.recommendations GROUP BY artist_name ORDER BY avg_score DESC {limit}"
    who = pair(rng, language) if style == "both" else user(rng, language)
    fact = "FROM music.recommendations WHERE user_id = {num} AND artist_id = {artist}"
    sql, en, fr = rng.choices(*zip(*{"facts": [
        ((f"SELECT score {fact}", "#the [recommendation score/score] of {artist} for <U>|with what score is {artist} recommended to <U>?|what score does {artist} have for <U>?|what score does {artist} get in <Us> recommendations?|#<Us> recommendation score for {artist}|at what score is {artist} recommended to <U>?",
           "#le score [de recommandation de/de] {artist} pour <U>|avec quel score {artist} est-il recommandé <aU> ?|quel score a {artist} pour <U> ?|quel est le score de {artist} dans les recommandations <dU> ?"), 3),
        ((f"SELECT reason {fact}", "why is {artist} recommended to <U>?|#the reason why {artist} is recommended to <U>|for what reason is {artist} [recommended/suggested] to <U>?|why do we recommend {artist} to <U>?|why does <U> get {artist} as a recommendation?|what explains {artist} being recommended to <U>?",
           "pourquoi {artist} est-il recommandé <aU> ?|pourquoi recommande-t-on {artist} <aU> ?|pour quelle raison {artist} est-il recommandé <aU> ?|#la raison pour laquelle {artist} est recommandé <aU>|pourquoi conseille-t-on {artist} <aU> ?"), 3),
        ((f"SELECT rank {fact}", "at what rank is {artist} recommended to <U>?|#the rank of {artist} in <Us> recommendations|#the position of {artist} in the recommendations for <U>|where does {artist} rank in <Us> recommendations?",
           "à quel rang {artist} est-il recommandé <aU> ?|#le rang de {artist} dans les recommandations <dU>|quelle place a {artist} dans les recommandations <dU> ?"), 1.5),
        ((f"SELECT COUNT(*) > 0 AS answer {fact}", "is {artist} recommended to <U>?|is {artist} [among/in/one of] the recommendations for <U>?|do we recommend {artist} to <U>?|does <U> get {artist} as a recommendation?|has {artist} been suggested to <U>?".replace("/one of] the", "] the").replace("[among/in]", "[among/in]"),
           "{artist} est-il recommandé <aU> ?|est-ce qu'on recommande {artist} <aU> ?|{artist} fait-il partie des recommandations <dU> ?|recommande-t-on {artist} <aU> ?|{artist} est-il dans les recommandations <dU> ?"), 2.5),
        (("SELECT artist_name, reason FROM music.recommendations WHERE user_id = {num}", "=the recommendations for <U> with [the/their] reasons|what is recommended to <U> and why?|which artists are recommended to <U> and why?|=<Us> recommendations and the reason for each|why are artists recommended to <U>, artist by artist?",
           "=les recommandations pour <U> avec leurs raisons|que recommande-t-on <aU> et pourquoi ?|quels artistes recommande-t-on <aU>, et pour quelle raison ?|=les artistes recommandés <aU> et la raison"), 1.5),
        (("SELECT AVG(score) AS avg_score FROM music.recommendations WHERE user_id = {num}", "#the average score of [the recommendations for <U>/<Us> recommendations]|what average score do <Us> recommendations have?|#the mean recommendation score of <U>", "#le score moyen des recommandations [<dU>/pour <U>]|quel score moyen ont les recommandations <dU> ?"), 1),
        (("SELECT rank, artist_name FROM music.recommendations WHERE user_id = {num} ORDER BY rank", "=the recommendations for <U> [in order of/ordered by/by] rank|=<Us> recommendations with their ranks|=the ranked list of artists recommended to <U>", "=les recommandations pour <U> [par ordre de/par/dans l'ordre du] rang|=la liste classée des artistes recommandés <aU>|=les recommandations <dU> avec leur rang"), 0.8),
        (("SELECT country, COUNT(*) AS artists FROM music.recommendations JOIN music.artists USING (artist_id) WHERE user_id = {num} GROUP BY country ORDER BY artists DESC", "which countries do the artists recommended to <U> come from?|=the artists recommended to <U> per country|=the number of artists recommended to <U> by country|from which countries are <Us> recommended artists?",
           "de quels pays viennent les artistes recommandés <aU> ?|=le nombre d'artistes recommandés <aU> par pays|=les artistes recommandés <aU> par pays|quels sont les pays des artistes recommandés <aU> ?".replace("|quels sont les pays des artistes recommandés <aU> ?", "")), 1)],
      "both": [
        (("SELECT artist_name FROM music.recommendations WHERE user_id = {num} INTERSECT DISTINCT SELECT artist_name FROM music.recommendations WHERE user_id = {num2}",
          "which artists are recommended to both <UV>?|=the artists recommended to both <UV>|=the artists recommended to <UV> both|=the [common/shared] recommendations of <UV>|which recommendations do <UV> [share/have in common]?|which artists do we recommend both to <U> and to <V>?",
          "quels artistes sont recommandés à la fois <aU> et <aV> ?|=les artistes recommandés à la fois <aU> et <aV>|=les recommandations communes <aUV>|quelles recommandations <UV> ont-ils en commun ?|quels artistes recommande-t-on à la fois <aU> et <aV> ?|=les recommandations [communes/en commun] <dUV>"), 2),
        (("SELECT artist_name FROM music.recommendations WHERE user_id = {num} EXCEPT DISTINCT SELECT artist_name FROM music.recommendations WHERE user_id = {num2}",
          "which artists are recommended to <U> but not to <V>?|=the artists recommended to <U> but not to <V>|=the recommendations of <U> that <V> does not have|what is recommended to <U> and not to <V>?",
          "quels artistes sont recommandés <aU> mais pas <aV> ?|=les artistes recommandés <aU> mais pas <aV>|=les recommandations <dU> que <V> n'a pas|que recommande-t-on <aU> mais pas <aV> ?"), 1.2)],
      "all": [
        (("SELECT user_id FROM music.recommendations WHERE artist_id = {artist}", "which users is {artist} recommended to?|=the users {artist} is recommended to|to whom is {artist} recommended?|=the users for whom {artist} is recommended|who gets {artist} [recommended/as a recommendation]?|which users have {artist} [in/among] their recommendations?|who should listen to {artist} according to the recommendations?|who do we recommend {artist} to?",
           "à quels utilisateurs {artist} est-il recommandé ?|à qui recommande-t-on {artist} ?|=les utilisateurs à qui on recommande {artist}|quels utilisateurs ont {artist} dans leurs recommandations ?|à qui {artist} est-il recommandé ?|=les utilisateurs à qui {artist} est recommandé"), 4),
        (("SELECT COUNT(DISTINCT user_id) AS users FROM music.recommendations WHERE artist_id = {artist}", "[how many users/how many people] is {artist} recommended to?|to how many users is {artist} recommended?|#the number of users {artist} is recommended to|how many users have {artist} among their recommendations?",
           "à combien d'utilisateurs {artist} est-il recommandé ?|à combien de personnes recommande-t-on {artist} ?|#le nombre d'utilisateurs à qui {artist} est recommandé|combien d'utilisateurs ont {artist} dans leurs recommandations ?"), 2.5),
        (("SELECT AVG(score) AS avg_score FROM music.recommendations WHERE artist_id = {artist}", "#the average recommendation score of {artist}|with what average score is {artist} recommended?|#the mean score of {artist} in the recommendations", "#le score moyen de recommandation de {artist}|avec quel score moyen {artist} est-il recommandé ?|quel est le score moyen de {artist} dans les recommandations ?"), 1.5),
        (("SELECT AVG(score) AS avg_score FROM music.recommendations", "#the average [recommendation score/score of the recommendations]|what is the mean recommendation score?", "#le score moyen des recommandations|quel score moyen ont les recommandations ?"), 0.8),
        (("SELECT reason, COUNT(*) AS total FROM music.recommendations GROUP BY reason ORDER BY total DESC", "=the number of recommendations [per/by/for each] reason|how many recommendations are there per reason?|=the reasons for recommendations and how often each occurs|=recommendations by reason", "=le nombre de recommandations par raison|combien de recommandations par raison ?|=les raisons des recommandations et leur fréquence|combien y a-t-il de recommandations pour chaque raison ?"), 0.8),
        (("SELECT COUNT(DISTINCT artist_id) AS artists FROM music.recommendations", "how many different artists are recommended?|#the number of [different/distinct] recommended artists|how many artists are recommended to at least one user?", "combien d'artistes différents sont recommandés ?|#le nombre d'artistes recommandés différents|combien d'artistes sont recommandés à au moins un utilisateur ?"), 0.6)],
    }[style]))[0]
    return ask(rng, language, en, fr, **who), sql


PATTERNS += [recommended] * 6 + [recommendations] * 6

# --- similar artists ------------------------------------------------------------------------------------------------

SIMILAR = "SELECT similar_artist_id FROM music.similar_artists WHERE artist_id = {artist}"


def similar_to(rng):
    """Artists similar to one artist: all, the closest, counted; of a country or genre, tagged, heard by a user or not, above a score."""
    language = rng.choice([EN, FR])
    style = rng.choices(["list", "top", "count", "shared", "country"], [4, 5, 2, 2, 4])[0]
    how, limit = rows_wanted(rng)
    number = "{num} " if how == "number" else ""
    like_en = "[similar to/like/close to/resembling/similar to/that sound like] {artist}"
    like_fr = "[similaires à/proches de/qui ressemblent à/comparables à/semblables à/du même style que] {artist}"
    words = {"K": number, "B": "is" if how == "one" else "are", "G": rng.choice(["artists", "artists", "artists", "acts", "bands"])}
    base = "FROM music.similar_artists WHERE artist_id = {artist}"
    if style == "top":
        genre = rng.random() < 0.25
        extra = " AND similar_artist_id IN (SELECT artist_id FROM music.artists WHERE {genre} IN UNNEST(genres))" if genre else ""
        words |= {"A": "{genre} " if genre else "", "F": spun(rng, "[de {genre}/{genre}]") if genre else ""}
        en = ("which <A>artist is [the most similar/most similar/closest] to {artist}?|=the <A>artist [most similar/closest/nearest] to {artist}|who [resembles/sounds like] {artist} the most, among <A>artists?|=the closest <A>artist to {artist}|who is the most similar <A>artist to {artist}?|=the most similar <A>artist to {artist}"
              if how == "one" else "which <K><A><G> are [the most similar/most similar/closest] to {artist}?|=the <K><A><G> [most similar/closest/nearest] to {artist}|=the <K>[closest/most similar] <A><G> to {artist}|what are the <K>[most similar/closest] <A><G> to {artist}?|=the <K><A><G> that [resemble/sound like] {artist} the most")
        fr = ("quel artiste <F> est le plus [proche de/similaire à/semblable à] {artist} ?|=l'artiste <F> le plus [proche de/similaire à] {artist}|quel artiste <F> ressemble le plus à {artist} ?|=l'artiste <F> qui ressemble le plus à {artist}|quel est l'artiste <F> le plus [similaire à/proche de] {artist} ?"
              if how == "one" else "quels sont les <K>artistes <F> les plus [proches de/similaires à] {artist} ?|=les <K>artistes <F> les plus [proches de/similaires à/semblables à] {artist}|quels <K>artistes <F> ressemblent le plus à {artist} ?|=les <K>artistes <F> qui ressemblent le plus à {artist}|quels <K>artistes <F> sont les plus proches de {artist} ?")
        if not genre and how == "one":
            en, fr = en.replace(", among <A>artists", "") + "|who is closest to {artist}?", fr + "|qui ressemble le plus à {artist} ?|qui est le plus proche de {artist} ?"
        if number:
            en, fr = en + f"|{{num}} <A><G> {like_en}|give me {{num}} <A><G> {like_en}|top {{num}} similar <A><G> to {{artist}}|find {{num}} <A><G> similar to {{artist}}|recommend me {{num}} <A><G> like {{artist}}", \
                fr + f"|{{num}} artistes <F> {like_fr}|donne-moi {{num}} artistes <F> {like_fr}|top {{num}} des artistes <F> similaires à {{artist}}|cite {{num}} artistes <F> {like_fr}"
        return ask(rng, language, en, fr, **words), f"SELECT similar_artist_name, score {base}{extra} ORDER BY score DESC {limit}"
    if style == "shared":
        en = ("which artist shares the most listeners with {artist}?|=the artist with the most shared listeners with {artist}|=the artist that shares the most listeners with {artist}|with which artist does {artist} share the most listeners?" if how == "one" else
              "which <K><G> share the most listeners with {artist}?|=the <K><G> that share the most listeners with {artist}|=the <K><G> with the most [shared listeners/listeners in common] with {artist}|with which <K><G> does {artist} share the most listeners?")
        fr = ("quel artiste partage le plus d'auditeurs avec {artist} ?|=l'artiste qui partage le plus d'auditeurs avec {artist}|avec quel artiste {artist} partage-t-il le plus d'auditeurs ?|quel artiste a le plus d'auditeurs en commun avec {artist} ?" if how == "one" else
              "quels <K>artistes partagent le plus d'auditeurs avec {artist} ?|=les <K>artistes qui partagent le plus d'auditeurs avec {artist}|avec quels <K>artistes {artist} partage-t-il le plus d'auditeurs ?|=les <K>artistes qui ont le plus d'auditeurs [communs/en commun] avec {artist}")
        return ask(rng, language, en, fr, **words), f"SELECT similar_artist_name, shared_listeners {base} ORDER BY shared_listeners DESC {limit}"
    if style == "country":
        kind = rng.choices(["country", "popular", "plays", "per country", "songs", "followers"], [6, 2.5, 1.5, 1, 1.5, 1])[0]
        inside = f"artist_id IN ({SIMILAR})"
        if kind == "country":
            counted = rng.random() < 0.2
            C, F = spun(rng, "[from/from/coming from/who are from] {country}"), spun(rng, "[de/venant de/originaires de/qui viennent de] {country}")
            en = (f"how many artists {C} are similar to {{artist}}?|#the number of artists {C} similar to {{artist}}|how many {{country}} artists are like {{artist}}?" if counted else
                  f"=the artists {C} similar to {{artist}}|which artists {C} are [similar to/like/close to] {{artist}}?|=the {{country}} artists similar to {{artist}}|which {{country}} artists are like {{artist}}?|=the artists {like_en} {C}|which artists similar to {{artist}} are from {{country}}?|is there anyone like {{artist}} from {{country}}, and who?|which of the artists similar to {{artist}} come from {{country}}?")
            fr = (f"combien d'artistes {F} ressemblent à {{artist}} ?|#le nombre d'artistes {F} similaires à {{artist}}|combien d'artistes similaires à {{artist}} viennent de {{country}} ?" if counted else
                  f"=les artistes {F} {like_fr}|quels artistes {F} ressemblent à {{artist}} ?|=les artistes similaires à {{artist}} {F}|parmi les artistes similaires à {{artist}}, lesquels viennent de {{country}} ?|quels artistes proches de {{artist}} viennent de {{country}} ?")
            return ask(rng, language, en, fr), f"SELECT {'COUNT(*) AS artists' if counted else 'name'} FROM music.artists WHERE country = {{country}} AND {inside}"
        if kind in ("popular", "followers"):
            column, en_most, fr_most = ("popularity", "most popular", "plus populaire") if kind == "popular" else ("followers", "most followed", "plus suivi")
            en = f"which artist similar to {{artist}} is the {en_most}?|=the {en_most} artist {like_en}|among the artists similar to {{artist}}, who is the {en_most}?" if how == "one" else f"which <K><G> similar to {{artist}} are the {en_most}?|=the <K>{en_most} <G> {like_en}|among the artists similar to {{artist}}, which <K>are the {en_most}?"
            fr = f"quel artiste similaire à {{artist}} est le {fr_most} ?|=l'artiste le {fr_most} parmi ceux {like_fr}|parmi les artistes proches de {{artist}}, qui est le {fr_most} ?" if how == "one" else f"quels <K>artistes similaires à {{artist}} sont les {fr_most}s ?|=les <K>artistes les {fr_most}s parmi ceux {like_fr}|=les <K>artistes similaires à {{artist}} les {fr_most}s"
            return ask(rng, language, en, fr, **words), f"SELECT name, {column} FROM music.artists WHERE {inside} ORDER BY {column} DESC {limit}"
        if kind == "per country":
            return ask(rng, language, "which countries do the artists similar to {artist} come from?|=the number of artists similar to {artist} per country|=the artists similar to {artist} by country|from which countries are the artists like {artist}?",
                       "de quels pays viennent les artistes similaires à {artist} ?|=le nombre d'artistes similaires à {artist} par pays|=les artistes proches de {artist} par pays"), f"SELECT country, COUNT(*) AS artists FROM music.artists WHERE {inside} GROUP BY country ORDER BY artists DESC"
        noun = ("artist", "artiste") if kind == "plays" else ("song", "chanson")
        e = "e" if kind == "songs" else ""
        verb_en, verb_fr = ("played", f"écouté{e}") if kind == "plays" else ("popular", "populaire")
        of_en, of_fr = ("", "") if kind == "plays" else ("by artists ", "d'artistes ")
        simple_en, simple_fr = f"{of_en}similar to {{artist}}", f"{of_fr}similaire{'' if how == 'one' and kind == 'plays' else 's'} à {{artist}}"
        if how == "one":
            article = "l'artiste" if kind == "plays" else "la chanson"
            en, fr = f"which {noun[0]} {simple_en} is the most {verb_en}?|=the most {verb_en} {noun[0]} {simple_en}", f"quel{'le' if e else ''} {noun[1]} {simple_fr} est {'la' if e else 'le'} plus {verb_fr} ?|={article} {simple_fr} {'la' if e else 'le'} plus {verb_fr}"
        else:
            en, fr = f"which <K>{noun[0]}s {simple_en} are the most {verb_en}?|=the <K>most {verb_en} {noun[0]}s {simple_en}", f"quel{'le' if e else ''}s <K>{noun[1]}s {simple_fr} sont les plus {verb_fr}s ?|=les <K>{noun[1]}s {simple_fr} les plus {verb_fr}s"
        sql = f"SELECT artist_name, SUM(plays) AS plays FROM music.listens WHERE {inside} GROUP BY artist_name ORDER BY plays DESC {limit}" if kind == "plays" else f"SELECT title, artist_name, popularity FROM music.tracks WHERE {inside} ORDER BY popularity DESC {limit}"
        return ask(rng, language, en, fr, **words), sql
    where, c_en, c_fr, column = rng.choices([("", "", "", ""), (" AND score > {num}", "with a [score/similarity/similarity score] [above/over/higher than] {num}", "avec [un score/une similarité/un score de similarité] [de plus de/au-dessus de] {num}", ", score"),
        (" AND shared_listeners > {num}", "with [more than/over] {num} [shared listeners/listeners in common]", "avec plus de {num} auditeurs [communs/en commun/partagés]", ", shared_listeners"),
        (" AND similar_artist_id IN (SELECT artist_id FROM music.listens WHERE user_id = {num})", "that user {num} [listens to/has listened to]", "que l'utilisateur {num} [écoute/a écoutés]", ""),
        (" AND similar_artist_id NOT IN (SELECT artist_id FROM music.listens WHERE user_id = {num})", "that user {num} [has never listened to/has not listened to yet/does not listen to]", "que l'utilisateur {num} n'[a jamais écoutés/a pas encore écoutés/écoute pas]", ""),
        (" AND similar_artist_id IN (SELECT artist_id FROM music.artist_tags WHERE tag = {tag})", "[tagged {tag}/that are tagged {tag}/with the tag {tag}]", "[tagués {tag}/avec le tag {tag}]", ""),
        (" AND similar_artist_id IN (SELECT artist_id FROM music.chart_entries WHERE chart = 'hot-100')", "[that charted/that have charted/that made the hot 100]", "[qui ont été classés au hot 100/qui sont entrés au hot 100]", "")], [6, 1.5, 1, 1.2, 1.2, 1.5, 0.8])[0]
    if style == "count":
        return ask(rng, language, f"how many artists are similar to {{artist}} {c_en}?|how many similar artists {c_en} does {{artist}} have?|#the number of artists {like_en} {c_en}|count the artists {like_en} {c_en}",
                   f"combien d'artistes {like_fr} {c_fr} y a-t-il ?|#le nombre d'artistes {like_fr} {c_fr}|{{artist}} a combien d'artistes similaires {c_fr} ?|compte les artistes {like_fr} {c_fr}"), f"SELECT COUNT(*) AS artists {base}{where}"
    en = f"=the <G> {like_en} {c_en}|which <G> {c_en} are [similar to/like/close to] {{artist}}?|which <G> are [similar to/like] {{artist}} {c_en}?|=the similar artists [of/to/for] {{artist}} {c_en}|=all <G> {like_en} {c_en}"
    fr = f"=les artistes {like_fr} {c_fr}|quels artistes {c_fr} ressemblent à {{artist}} ?|quels sont les artistes {like_fr} {c_fr} ?|=tous les artistes {like_fr} {c_fr}|quels artistes similaires à {{artist}} a-t-on {c_fr} ?"
    if not where:
        en += "|who is similar to {artist}?|who sounds like {artist}?|what else is there like {artist}?|if i like {artist}, which artists are similar?|i like {artist}, who else is similar?|{artist}: similar artists"
        fr += "|qui ressemble à {artist} ?|j'aime {artist}, quels artistes sont similaires ?|quels artistes sont dans le style de {artist} ?|{artist} : artistes similaires|à qui ressemble {artist} ?"
    return ask(rng, language, en, fr, **words), f"SELECT similar_artist_name{column} {base}{where}"


PATTERNS += [similar_to] * 7


def similar_pairs(rng):
    """Two artists: similar or not, score, shared listeners, similar to both or one; over all artists: most similar artists, pairs."""
    language = rng.choice([EN, FR])
    both = "FROM music.similar_artists WHERE artist_id = {artist} AND similar_artist_id = {artist2}"
    name = "SELECT similar_artist_name FROM music.similar_artists WHERE artist_id = {artist}"
    other = name.replace("{artist}", "{artist2}")
    style = rng.choices(["two", "overall"], [7, 3])[0]
    if style == "two":
        sql, en, fr = rng.choices([
            (f"SELECT COUNT(*) > 0 AS answer {both}", "is {artist} similar to {artist2}?|are {artist} and {artist2} similar[ artists/]?|is {artist2} [among the artists similar to/one of the artists similar to/in the similar artists of] {artist}?|do {artist} and {artist2} [resemble each other/sound alike]?|is {artist} like {artist2}?|is {artist} close to {artist2}?",
             "{artist} est-il similaire à {artist2} ?|{artist} et {artist2} sont-ils similaires ?|est-ce que {artist} [ressemble à/est proche de] {artist2} ?|{artist2} fait-il partie des artistes similaires à {artist} ?|{artist} et {artist2} se ressemblent-ils ?|{artist} ressemble à {artist2} ?"),
            (f"SELECT score {both}", "how similar are {artist} and {artist2}?|#the similarity [score/] [between/of] {artist} and {artist2}|how similar is {artist} to {artist2}?|#the score between {artist} and {artist2}|how close are {artist} and {artist2}?|with what score is {artist} similar to {artist2}?|how much does {artist} resemble {artist2}?",
             "à quel point {artist} et {artist2} [sont-ils similaires/se ressemblent-ils] ?|#le score de similarité [entre/de] {artist} et {artist2}|quel est le score de similarité entre {artist} et {artist2} ?|quelle est la similarité entre {artist} et {artist2} ?|à quel point {artist} ressemble-t-il à {artist2} ?|#le score entre {artist} et {artist2}".replace("[entre/de]", "entre")),
            (f"SELECT shared_listeners {both}", "how many [shared listeners/listeners in common] do the similar artists {artist} and {artist2} have?|#the number of shared listeners [between/of] {artist} and {artist2}|how many shared listeners do {artist} and {artist2} have?|{artist} and {artist2}: how many shared listeners?",
             "combien d'auditeurs partagés ont {artist} et {artist2} ?|#le nombre d'auditeurs partagés entre {artist} et {artist2}|{artist} et {artist2} : combien d'auditeurs partagés ?|combien d'auditeurs partagés entre {artist} et {artist2} ?"),
            (f"{name} INTERSECT DISTINCT {other}", "which artists are similar to both {artist} and {artist2}?|=the artists similar to both {artist} and {artist2}|=the artists [similar to/like] {artist} and also {artist2}|who is similar to both {artist} and {artist2}?|which similar artists do {artist} and {artist2} [share/have in common]?|=the artists that sound like both {artist} and {artist2}|i like {artist} and {artist2}, which artists are similar to both?",
             "quels artistes [ressemblent/sont similaires] à la fois à {artist} et à {artist2} ?|=les artistes similaires à la fois à {artist} et à {artist2}|=les artistes proches à la fois de {artist} et de {artist2}|quels artistes similaires {artist} et {artist2} ont-ils en commun ?|qui ressemble à la fois à {artist} et à {artist2} ?|=les artistes qui ressemblent à {artist} et aussi à {artist2}"),
            (f"{name} EXCEPT DISTINCT {other}", "which artists are [similar to/like/close to] {artist} but not [to/] {artist2}?|=the artists similar to {artist} but not to {artist2}|=the artists like {artist} but not like {artist2}|who is similar to {artist} and not to {artist2}?|=the artists similar to {artist} except those similar to {artist2}".replace("[similar to/like/close to] {artist} but not [to/]", "similar to {artist} but not to"),
             "quels artistes ressemblent à {artist} mais pas à {artist2} ?|=les artistes similaires à {artist} mais pas à {artist2}|=les artistes proches de {artist} mais pas de {artist2}|=les artistes similaires à {artist} sauf ceux similaires à {artist2}|quels artistes sont similaires à {artist} et pas à {artist2} ?"),
            ("SELECT similar_artist_name, score FROM music.similar_artists WHERE artist_id = {artist} AND similar_artist_id IN ({artist2}, {artist3}) ORDER BY score DESC LIMIT 1",
             "who is [more similar/closer] to {artist}, {artist2} or {artist3}?|which is closer to {artist}: {artist2} or {artist3}?|is {artist2} or {artist3} more similar to {artist}?|between {artist2} and {artist3}, who is more like {artist}?".replace("is {artist2} or", "is {artist2} or"),
             "qui est le plus proche de {artist}, {artist2} ou {artist3} ?|qui ressemble le plus à {artist}, {artist2} ou {artist3} ?|entre {artist2} et {artist3}, qui est le plus similaire à {artist} ?|lequel est le plus proche de {artist} : {artist2} ou {artist3} ?"),
            ("SELECT artist_name FROM music.similar_artists WHERE similar_artist_id = {artist}", "which artists have {artist} [as a similar artist/among their similar artists]?|=the artists that have {artist} among their similar artists", "quels artistes ont {artist} parmi leurs artistes similaires ?|=les artistes qui ont {artist} parmi leurs artistes similaires"),
            ("SELECT AVG(score) AS avg_score FROM music.similar_artists WHERE artist_id = {artist}", "#the average [similarity score/score] of the artists similar to {artist}|how similar are the similar artists of {artist} on average?|what average score do the artists similar to {artist} have?|#the mean similarity score [for/of] {artist}",
             "#le score moyen des artistes similaires à {artist}|quel est le score moyen de similarité des artistes proches de {artist} ?|#le score moyen de similarité de {artist}|quel score moyen ont les artistes similaires à {artist} ?"),
        ], [3.5, 3.5, 2, 3, 2.5, 1.5, 1, 1.5])[0]
        return ask(rng, language, en, fr), sql
    how, limit = rows_wanted(rng)
    words = {"K": "{num} " if how == "number" else ""}
    kind = rng.choices(["many", "pairs", "shared pairs", "having", "average", "average all", "none"], [3, 2.5, 1.5, 1.5, 1.5, 0.7, 0.6])[0]
    if kind in ("many", "average"):
        sql, most, most_fr = (f"SELECT artist_name, COUNT(*) AS artists FROM music.similar_artists GROUP BY artist_name ORDER BY artists DESC {limit}", "the most similar artists", "le plus d'artistes similaires") if kind == "many" else \
            (f"SELECT artist_name, AVG(score) AS avg_score FROM music.similar_artists GROUP BY artist_name ORDER BY avg_score DESC {limit}", "the highest average similarity score", "le score moyen de similarité le plus élevé")
        en = f"which artist has {most}?|=the artist with {most}|who has {most}?" if how == "one" else f"which <K>artists have {most}?|=the <K>artists with {most}|=the <K>artists who have {most}"
        fr = f"quel artiste a {most_fr} ?|=l'artiste qui a {most_fr}|qui a {most_fr} ?" if how == "one" else f"quels <K>artistes ont {most_fr} ?|=les <K>artistes [qui ont/avec] {most_fr}|quels sont les <K>artistes qui ont {most_fr} ?"
    elif kind in ("pairs", "shared pairs"):
        column = "score" if kind == "pairs" else "shared_listeners"
        sql = f"SELECT artist_name, similar_artist_name, {column} FROM music.similar_artists ORDER BY {column} DESC {limit}"
        if kind == "pairs":
            en = "which two artists are the most similar?|=the most similar pair of artists|=the pair of artists with the highest similarity score" if how == "one" else "which <K>pairs of artists are the most similar?|=the <K>most similar pairs of artists|=the <K>pairs of artists with the highest similarity [score/]|=the <K>closest artist pairs"
            fr = "quelle est la paire d'artistes la plus similaire ?|=les deux artistes les plus proches|=la paire d'artistes avec le plus haut score de similarité".replace("|=les deux artistes les plus proches", "") if how == "one" else "quelles sont les <K>paires d'artistes les plus similaires ?|=les <K>paires d'artistes les plus [similaires/proches]|=les <K>paires d'artistes avec le plus haut score de similarité"
            en = en.replace("which two artists are the most similar?|", "")
        else:
            en = "which pair of artists shares the most listeners?|=the pair of artists with the most shared listeners" if how == "one" else "which <K>pairs of artists share the most listeners?|=the <K>pairs of artists with the most shared listeners|=the <K>artist pairs that share the most listeners"
            fr = "quelle paire d'artistes partage le plus d'auditeurs ?|=la paire d'artistes qui partage le plus d'auditeurs" if how == "one" else "quelles <K>paires d'artistes partagent le plus d'auditeurs ?|=les <K>paires d'artistes qui partagent le plus d'auditeurs"
    elif kind == "having":
        operator, amount_en, amount_fr = rng.choice(AMOUNTS)
        words["A"] = one(rng, amount_en if language == EN else amount_fr)
        sql = f"SELECT artist_name, COUNT(*) AS artists FROM music.similar_artists GROUP BY artist_name HAVING artists {operator} {{num}}"
        en, fr = "which artists have <A> {num} similar artists?|=the artists [with/that have] <A> {num} similar artists|=all artists with <A> {num} similar artists", "quels artistes ont <A> {num} artistes similaires ?|=les artistes [qui ont/avec/ayant] <A> {num} artistes similaires"
    elif kind == "average all":
        sql, en, fr = "SELECT AVG(score) AS avg_score FROM music.similar_artists", "#the average similarity score [of artists/between artists/of all pairs/]|what is the mean score between similar artists?", "#le score moyen de similarité [entre artistes/de toutes les paires/]|quel est le score moyen entre artistes similaires ?"
    else:
        sql, en, fr = "SELECT name FROM music.artists WHERE artist_id NOT IN (SELECT artist_id FROM music.similar_artists)", "which artists have no similar artist[s/]?|=the artists without any similar artist", "quels artistes n'ont aucun artiste similaire ?|=les artistes sans artiste similaire"
    return ask(rng, language, en, fr, **words), sql


PATTERNS += [similar_pairs] * 5
