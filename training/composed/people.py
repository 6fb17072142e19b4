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
        lead = rng.choice(LEADS[language, kind].split("|"))
        text = led(rng, language, lead, text)
    text = tidied(text)
    return text.replace(" ?", "?") if language == EN else text


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
        said = ("[who don't listen to/who have never listened to/that never play/who have not played] {artist}",
            "qui [n'écoutent pas/n'ont jamais écouté/n'ont pas écouté/n'écoutent jamais] {artist}")
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
        "count": ("how many friends does <U> have <T>?|how many friends <T> does <U> have?|#the number of friends of <U> <T>|#the number of <Us> friends <T>"
            "|how many of <Us> friends are <T>?|count the friends of <U> <T>"
                  "|<U>: how many friends <T>?|how many friends has <U> got <T>?|#the count of friends <T> for <U>|how many people is <U> friends with?|#the friend count of <U>",
                  "combien d'amis a <U> <T> ?|combien <U> a-t-il d'amis <T> ?|<U> a combien d'amis <T> ?|#le nombre d'amis <dU> <T>|#le nombre d'amis <T> <dU>"
                      "|combien d'amis <T> <U> a-t-il ?|<U> : combien d'amis <T> ?"
                  "|combien y a-t-il d'amis <dU> <T> ?|compte les amis <dU> <T>|#le total des amis <dU> <T>"),
        "any": ("does <U> have [any/] friends <T>?|are there friends of <U> <T>?|has <U> got [a friend/any friends] <T>?|are any of <Us> friends <T>?"
            "|does <U> have at least one friend <T>?|any friends <T> for <U>, yes or no?|is <U> friends with anyone?",
                "<U> a-t-il des amis <T> ?|est-ce que <U> a des amis <T> ?|y a-t-il des amis <dU> <T> ?|<U> a des amis <T> ?|<U> a-t-il au moins un ami ?"
                    "|<U> a des amis <T>, oui ou non ?|est-ce qu'il y a des amis <dU> <T> ?"),
    }[what]
    said = said[0] if language == EN else said[1]
    templates = [t for t in (en if language == EN else fr).split("|") if "<T>" in t or not said and t.strip()]
    if not said:
        templates = [t for t in templates if "are <T>" not in t and "of <Us> friends <T>?" not in t]
    if said and not re.match(r"\[?(in|from|en) ?[/ ]", said):
        templates = [t for t in templates if "friends are <T>" not in t and "of <Us> friends <T>?" not in t]
    if said.startswith(("[who", "who", "qui", "[qui")) and condition not in FRIEND_CONDITIONS[:2]:
        templates = [t for t in templates if "friends <T> does" not in t and "d'amis <T> <" not in t]
    if "are" in said and what != "list":
        said = said.replace("/who are in/who are from", "").replace("/who are in the {segment} segment", "")
    text = "|".join(templates)
    text = text.replace("<T>", said)
    return ask(rng, language, text, text, **who), sql


def two_users(rng):
    """Two users: friends or not, mutual friends, friends of only one, who has more friends, common country or segment."""
    language = rng.choice([EN, FR])
    who = pair(rng, language)
    other = "SELECT friend_id FROM music.friendships WHERE user_id = {num2}"
    sql, en, fr = rng.choices([
        ("SELECT COUNT(*) > 0 AS answer FROM music.friendships WHERE user_id = {num} AND friend_id = {num2}",
         "are <UV> friends?|are <UV> friends?|is <U> [a friend of/friends with] <V>?|is <V> among the friends of <U>?|do <UV> know each other as friends?"
             "|are <UV> [friends or not/connected/linked by a friendship]?|"
         "does <U> have <V> as a friend?|<UV>: friends[, yes or no/ or not/]?|is there a friendship between <UV>?|tell me if <UV> are friends|i wonder [if/whether] <UV> are friends|<UV> friends?",
         "<UV> sont-ils amis ?|<UV> sont amis ?|est-ce que <UV> sont amis ?|<U> est-il ami avec <V> ?|<U> est ami avec <V> ?|<V> fait-il partie des amis <dU> ?"
             "|y a-t-il une amitié entre <UV> ?|<UV>, amis ou [pas/non] ?"
         "|dis-moi si <UV> sont amis|est-ce que <U> a <V> dans ses amis ?|<UV> : amis[, oui ou non/] ?|<UV> se connaissent-ils comme amis ?"),
        (f"{FRIENDS} INTERSECT DISTINCT {other}",
         "=the [mutual/common/shared] friends of <UV>|which friends do <UV> [have in common/share]?|who [is/are] friends with both <UV>?"
             "|who are the [mutual/common] friends of <UV>?|=the friends <UV> [have in common/share]"
         "|[which/what] users are friends of both <UV>?|who do <UV> both have as a friend?|=the people who are friends with both <UV>|<UV>: mutual friends|=the mutual friends between <UV>",
         "=les amis [communs/en commun] <dUV>|quels amis <UV> ont-ils en commun ?|qui sont les amis communs <dUV> ?"
             "|=les amis [que <UV> ont en commun/partagés par <UV>/communs à <UV>]|quels sont les amis communs à <UV> ?"
         "|qui est ami à la fois avec <U> et <V> ?|quels amis ont en commun <UV> ?|<UV> : amis en commun|quels utilisateurs sont amis avec <U> et avec <V> ?"),
        (f"SELECT COUNT(*) AS friends FROM music.friendships WHERE user_id = {{num}} AND friend_id IN ({other})",
         "how many [mutual/common/shared] friends do <UV> have?|how many friends do <UV> [have in common/share]?|#the number of [mutual/common] friends of <UV>"
             "|#the number of friends that <UV> share|count the [mutual/common] friends of <UV>"
         "|<UV>: how many [mutual friends/friends in common]?|how many people are friends with both <UV>?|how many friends of <U> are also friends of <V>?",
         "combien d'amis <UV> ont-ils en commun ?|combien d'amis communs ont <UV> ?|#le nombre d'amis [communs/en commun] <dUV>|<UV> ont combien d'amis en commun ?"
             "|<UV> : combien d'amis [communs/en commun] ?"
         "|compte les amis communs <dUV>|combien de personnes sont amies à la fois avec <U> et <V> ?|combien d'amis <dU> sont aussi amis avec <V> ?"),
        (f"{FRIENDS} EXCEPT DISTINCT {other}",
         "=the friends of <U> [who are/that are/] not friends of <V>|who is friends with <U> but not with <V>?|which friends of <U> are not friends with <V>?"
             "|=<Us> friends except those of <V>|=the friends of <U> but not of <V>|which friends does <U> have that <V> does not have?",
         "=les amis <dU> qui ne sont pas amis avec <V>|qui est ami avec <U> mais pas avec <V> ?|quels amis <dU> ne sont pas amis avec <V> ?|=les amis <dU> sauf ceux <dV>"
             "|=les amis <dU> que <V> n'a pas|quels amis a <U> que <V> n'a pas ?"),
        (f"SELECT COUNT(*) > 0 AS answer FROM music.friendships WHERE user_id = {{num}} AND friend_id IN ({other})",
         "do <UV> have [any/] friends in common?|do <UV> share any friends?|are there any mutual friends between <UV>?|do <UV> have a [mutual/common] friend?|have <UV> got any mutual friends?",
         "<UV> ont-ils des amis [communs/en commun] ?|est-ce que <UV> ont [des amis communs/un ami en commun] ?|y a-t-il [un ami commun/des amis en commun] entre <UV> ?"
             "|<UV> ont des amis en commun ?|<UV> partagent-ils au moins un ami ?"),
        ("SELECT user_id, COUNT(*) AS friends FROM music.friendships WHERE user_id IN ({num}, {num2}) GROUP BY user_id ORDER BY friends DESC LIMIT 1",
         "who has more friends, <U> or <V>?|between <UV>, who has [more/the most] friends?|<U> or <V>: who has more friends?|which of <UV> has more friends?"
             "|does <U> or <V> have more friends?|who is better connected, <U> or <V>?",
         "qui a le plus d'amis, <U> ou <V> ?|entre <UV>, qui a le plus d'amis ?|<U> ou <V> : qui a le plus d'amis ?|lequel, entre <UV>, a le plus d'amis ?"
             "|qui est le mieux connecté, <U> ou <V> ?|qui a plus d'amis, <U> ou <V> ?"),
        ("SELECT COUNT(DISTINCT country) = 1 AS answer FROM music.users WHERE user_id IN ({num}, {num2})",
         "are <UV> from the same country?|do <UV> [live in/come from] the same country?|<UV>: same country?|is <U> from the same country as <V>?|do <UV> share a country?",
         "<UV> sont-ils du même pays ?|<UV> [vivent-ils dans le/viennent-ils du] même pays ?|est-ce que <UV> sont du même pays ?|<UV> : même pays ?|<U> est-il du même pays que <V> ?"),
        ("SELECT COUNT(DISTINCT segment) = 1 AS answer FROM music.user_segments WHERE user_id IN ({num}, {num2})",
         "are <UV> in the same segment?|do <UV> belong to the same [user segment/segment]?|<UV>: same segment[ or not/]?|is <U> in the same segment as <V>?|do <UV> share a segment?",
         "<UV> sont-ils dans le même segment ?|<UV> appartiennent-ils au même segment ?|est-ce que <UV> sont dans le même segment ?|<UV> : même segment[ ou pas/] ?"
             "|<U> est-il dans le même segment que <V> ?"),
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
               "=les {num2} utilisateurs qui ont le plus d'amis en commun avec <U>|quels sont les {num2} utilisateurs qui partagent le plus d'amis avec <U> ?"
                   "|top {num2} des utilisateurs par nombre d'amis communs avec <U>"][n]
    sql, en, fr = rng.choices([
        (f"SELECT DISTINCT friend_id {second}",
         "=the friends of [the/] friends of <U>|=the friends of <Us> friends|who are the friends of [the/] friends of <U>?|who are the friends of <Us> friends?"
             "|which users are friends of [the/] friends of <U>?|<U>: friends of friends|=<Us> second-degree friends",
         "=les amis des amis <dU>|=les amis d'amis <dU>|qui sont les amis des amis <dU> ?|quels sont les amis d'amis <dU> ?|<U> : amis d'amis|quels utilisateurs sont amis avec des amis <dU> ?"),
        (f"SELECT DISTINCT friend_id {second} AND friend_id NOT IN ({FRIENDS})",
         "=the friends of friends of <U> who are not [already/yet/] [their/his/her] friends|which friends of friends of <U> are not [yet/already/] [their/his/her] friends?"
             "|=the friends of <Us> friends that <U> is not friends with [yet/]|"
         "who could be suggested as a friend to <U> through [their/his/her] friends?|=the friends of friends of <U>, without the direct friends",
         "=les amis d'amis <dU> qui ne sont pas [encore/déjà/] ses amis|quels amis d'amis <dU> ne sont pas [encore/déjà/] ses amis ?"
             "|=les amis des amis <dU> avec qui il n'est pas encore ami|=les amis d'amis <dU>, sans ses amis directs"),
        (f"SELECT COUNT(DISTINCT friend_id) AS friends {second}",
         "how many friends of friends does <U> have?|#the number of friends of friends of <U>|count the friends of <Us> friends|#the number of <Us> friends of friends",
         "combien d'amis d'amis a <U> ?|#le nombre d'amis d'amis <dU>|combien y a-t-il d'amis des amis <dU> ?|<U> a combien d'amis d'amis ?|compte les amis des amis <dU>"),
        (f"SELECT friend_id, COUNT(*) AS friends {second} GROUP BY friend_id ORDER BY friends DESC {limit}", most_en, most_fr),
        (f"SELECT country, COUNT(*) AS users FROM music.users WHERE {OF_FRIENDS} GROUP BY country ORDER BY users DESC",
         "which countries [are the friends of <U> from/do <Us> friends live in/do the friends of <U> come from]?|=the countries of <Us> friends|=<Us> friends [per/by] country"
             "|how many friends does <U> have [in each country/per country/by country]?"
         "|where do <Us> friends live, by country?|=the number of friends of <U> [per country/in each country/by country]",
         "de quels pays sont les amis <dU> ?|dans quels pays vivent les amis <dU> ?|=les amis <dU> par pays|=le nombre d'amis <dU> par pays|combien d'amis a <U> dans chaque pays ?"
             "|=les pays des amis <dU>|de quels pays viennent les amis <dU> ?"),
        (f"SELECT segment, COUNT(*) AS users FROM music.user_segments WHERE {OF_FRIENDS} GROUP BY segment ORDER BY users DESC",
         "which segments [are the friends of <U> in/do <Us> friends belong to]?|=<Us> friends [per/by] segment|=the segments of <Us> friends"
             "|how many friends does <U> have in each segment?|=the number of <Us> friends per segment",
         "dans quels segments sont les amis <dU> ?|=les amis <dU> par segment|=les segments des amis <dU>|combien d'amis a <U> dans chaque segment ?|à quels segments appartiennent les amis <dU> ?"),
        (f"SELECT user_id, country FROM music.users WHERE {OF_FRIENDS}",
         "=<Us> friends and their countries|=the friends of <U> with their country|who are <Us> friends and where are they from?|which country is each friend of <U> from?"
             "|=the country of each of <Us> friends",
         "=les amis <dU> et leur pays|=les amis <dU> avec leur pays|qui sont les amis <dU> et d'où viennent-ils ?|=le pays de chaque ami <dU>|de quel pays est chaque ami <dU> ?"),
        (f"SELECT user_id FROM music.users WHERE country = (SELECT country FROM music.users WHERE user_id = {{num}}) AND {OF_FRIENDS}",
         "=the friends of <U> who live in the same country|which friends of <U> are from the same country as [them/him/her/<U>]?|=<Us> friends from [their/his/her] own country"
             "|which of <Us> friends live in the same country as <U>?",
         "=les amis <dU> qui vivent dans le même pays que lui|quels amis <dU> sont du même pays que lui ?|=les amis <dU> du même pays que lui"),
        ("SELECT rank FROM (SELECT user_id, RANK() OVER (ORDER BY COUNT(*) DESC) AS rank FROM music.friendships GROUP BY user_id) WHERE user_id = {num}",
         "#the rank of <U> by number of friends|where does <U> rank [by/in] number of friends?|at what position is <U> in the ranking by number of friends?"
             "|what rank does <U> have by number of friends?",
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
            "one": ("=the <O> with the <M> friends|which <O> has the <M> friends?|who is the <C> connected <O>?|=the <C> connected <O>|who has the <M> friends [among/of all] <P>?"
                "|of all <P>, who has the <M> friends?|=the <O> who has the <L> number of friends",
                    "=l'<O> qui a le <M> d'amis|quel <O> a le <M> d'amis ?|quel est l'<O> le <D> connecté ?|qui a le <M> d'amis parmi les <P> ?|parmi les <P>, qui a le <M> d'amis ?"
                        "|=l'<O> avec le <M> d'amis"),
            "ten": ("=the <P> with the <M> friends|which <P> have the <M> friends?|who are the <C> connected <P>?|=the <C> connected <P>|which <P> have the <L> number of friends?"
                + ("" if low else "|=the ranking of <P> by number of friends"),
                    "=les <P> qui ont le <M> d'amis|quels <P> ont le <M> d'amis ?|quels sont les <P> les <D> connectés ?|=les <P> les <D> connectés|=les <P> avec le <M> d'amis"),
            "number": ("=the {num} <P> with the <M> friends|which {num} <P> have the <M> friends?|who are the {num} <C> connected <P>?"
                "|=the {num} <C> connected <P>" + ("" if low else "|top {num} <P> by number of friends|top {num} of the <P> with the most friends"),
                       "=les {num} <P> qui ont le <M> d'amis|quels sont les {num} <P> les <D> connectés ?|quels {num} <P> ont le <M> d'amis ?"
                           "|=les {num} <P> avec le <M> d'amis" + ("" if low else "|top {num} des <P> par nombre d'amis")),
        }[how]
        text = ask(rng, language, en, fr, **words)
        text = re.sub(r"\bl'(membre|user)", r"le \1", text)
        return text, f"{per_user} ORDER BY friends{'' if low else ' DESC'} {limit}"
    if style in ("having", "how many"):
        operator, amount_en, amount_fr = rng.choice([(">", "more than|over|more than", "plus de"), ("<", "fewer than|less than|under", "moins de|moins de"), (">=", "at least"
            "|no fewer than", "au moins|au minimum"),
                                                      ("=", "exactly|precisely", "exactement|précisément"), ("<=", "at most|no more than", "au plus|au maximum")])
        words["A"] = one(rng, amount_en if language == EN else amount_fr)
        if style == "having":
            return (ask(rng, language, "=the <P> [with/who have/that have/having] <A> {num} friends|which <P> have <A> {num} friends?|who has <A> {num} friends among <P>?"
                "|=all <P> with <A> {num} friends|=the <P> who are friends with <A> {num} people",
                       "=les <P> [avec/qui ont/ayant] <A> {num} amis|quels <P> ont <A> {num} amis ?|=tous les <P> [avec/qui ont] <A> {num} amis"
                           "|parmi les <P>, qui a <A> {num} amis ?|quels sont les <P> qui ont <A> {num} amis ?", **words), f"{per_user} HAVING friends {operator} {{num}}")
        ids = f"SELECT user_id FROM music.friendships{where} GROUP BY user_id HAVING COUNT(*) {operator} {{num}}"
        return (ask(rng, language, "how many <P> have <A> {num} friends?|#the number of <P> [with/who have/having] <A> {num} friends|count the <P> [with/who have] <A> {num} friends"
            "|how many <P> are there with <A> {num} friends?",
                   "combien de <P> ont <A> {num} amis ?|#le nombre de <P> [avec/qui ont/ayant] <A> {num} amis|combien y a-t-il de <P> [avec/qui ont] <A> {num} amis ?"
                       "|compte les <P> [avec/qui ont] <A> {num} amis", **words).replace("de utilisateurs", "d'utilisateurs"), \
            f"SELECT COUNT(*) AS users FROM ({ids})")
    if style in ("average", "median", "max"):
        column, en, fr, high_en, high_fr = {"average": ("AVG(friends) AS average", "average|average|mean", "moyen", "on average|typically on average".split("|")[0], "en moyenne"),
                                            "median": ("APPROX_QUANTILES(friends, 2)[OFFSET(1)] AS median", "median", "médian", "", ""), "max": ("MAX(friends) AS max_friends",
                                                "maximum|highest|largest", "maximal", "at most", "au maximum")}[style]
        who_en, who_fr = ((f" of {people_en}", f" des {people_fr}") if country else (spun(rng, "[ per user/ a user has/ of a user/ of the users/]"), spun(rng,
            "[ par utilisateur/ d'un utilisateur/ des utilisateurs/]")))
        en_text, fr_text = f"#the {one(rng, en)} number of friends{who_en}", f"#le nombre {fr} d'amis{who_fr}"
        if high_en:
            en_text += "|how many friends does a <O> have <H>?|<H>, how many friends does a <O> have?|how many friends do <P> have <H>?"
            fr_text += "|combien d'amis a un <O> <H> ?|<H>, combien d'amis a un <O> ?|combien d'amis ont les <P> <H> ?"
        words["H"] = high_en if language == EN else high_fr
        return (ask(rng, language, en_text, fr_text, **words),
            f"SELECT {column} FROM (SELECT {'user_id, ' if style == 'median' else ''}COUNT(*) AS friends FROM music.friendships{where} GROUP BY user_id)")
    if style == "total":
        return ((ask(rng, language, "how many friendships are there [in total/altogether/in all/overall/]?|#the [total/overall/] number of friendships|count [all/the] friendships"
            "|how many friendships exist [between users/among users/]?|how many pairs of friends are there?|#the total of friendships"
                   "|how many friendships do the users have in total?|how many friendships in the data?", "combien y a-t-il d'amitiés [au total/en tout/] ?"
                       "|#le nombre [total/] d'amitiés|compte [toutes/] les amitiés|combien d'amitiés [existe-t-il/y a-t-il] entre [les/] utilisateurs ?"
                       "|combien de paires d'amis y a-t-il ?|#le total des amitiés|il y a combien d'amitiés [en tout/au total/] ?"),
                       "SELECT COUNT(*) / 2 AS friends FROM music.friendships"))
    if style == "spread":
        return ((ask(rng, language, "how many <P> have [1 friend, 2 friends, 3 friends/one friend, two friends, three/one friend, two friends] and so on?"
            "|=the distribution of the number of friends [of/among] <P>|how many <P> are there for each number of friends?|=the number of <P> [by/for each/per] number of friends"
            "|=<P> by friend count|how is the number of friends distributed among <P>?|for each number of friends, how many <P> have it?" ,
                   "combien de <P> ont [un ami, deux amis, trois amis/1 ami, 2 amis/un ami, deux amis], etc. ?|=la distribution du nombre d'amis des <P>"
                       "|combien y a-t-il de <P> pour chaque nombre d'amis ?|=le nombre de <P> [par/selon leur/pour chaque] nombre d'amis"
                       "|=la répartition des <P> selon leur nombre d'amis"
                   "|comment se répartit le nombre d'amis des <P> ?", **words).replace("de utilisateurs", "d'utilisateurs"),
                       f"SELECT friends, COUNT(*) AS users FROM ({per_user}) GROUP BY friends ORDER BY friends"))
    counted = rng.random() < 0.5
    alone = (f"SELECT {'COUNT(*) AS users' if counted else 'user_id'} FROM music.users"
        f" WHERE {'country = {country} AND ' if country else ''}user_id NOT IN (SELECT user_id FROM music.friendships)")
    if counted:
        return ask(rng, language, "how many <P> have no friends?|#the number of <P> without [any friends/friends]|how many <P> are without friends?|count the <P> who have no friends",
                   "combien de <P> n'ont [aucun ami/pas d'amis] ?|#le nombre de <P> sans amis|combien y a-t-il de <P> sans amis ?", **words).replace("de utilisateurs", "d'utilisateurs"), alone
    return (ask(rng, language, "=the <P> [without/with no] friends|which <P> have no friends?|=the <P> who have no friends [at all/]|which <P> don't have any friends?",
        "=les <P> sans [amis/aucun ami]|quels <P> n'ont [aucun ami/pas d'amis] ?|=les <P> qui n'ont [aucun ami/pas d'amis]", **words), alone)


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
        words = {**who, "N": number + (one_en if how == "one" else many_en) if language == EN else number + (one_fr if how == "one" else many_fr),
            "M": one_en if how == "one" else many_en, "B": "is" if how == "one" else "are", "K": number}
        if alias == "listeners":
            en, fr = (("which <N> do most of <Us> friends listen to?|which <N> have the most listeners among <Us> friends?|=the <N> that the most friends of <U> listen to"
                "|=the <N> with the most listeners among the friends of <U>".replace("which <N> have", "which <N> has" if how == "one" else "which <N> have"),
                      f"{quel} <N> {'a' if how == 'one' else 'ont'} le plus d'auditeurs parmi les amis <dU> ?|=les <N> que le plus d'amis <dU> écoutent"
                          f"|=les <N> avec le plus d'auditeurs parmi les amis <dU>|=les <N> écoutés par le plus d'amis <dU>"))
        else:
            en = ("which <N> do [the friends of <U>/<Us> friends] listen to [the/] most?"
                "|=the <K>most [played/listened to/streamed] <M> [among/by/of] [<Us> friends/the friends of <U>]|what <N> do <Us> friends [play/listen to] [the/] most?"
                  "|=the <K>favourite <M> of <Us> friends|what <B> the <K>most [played/listened to] <M> among <Us> friends?"
                      "|among the friends of <U>, which <N> <B> [played/listened to] [the/] most?|=the <K>top <M> of <Us> friends")
            fr = (f"{quel} <N> les amis <dU> écoutent-ils le plus ?|=les <N> les plus [écouté/joué]{e}s [par les/des/chez les] amis <dU>"
                f"|{quel} sont les <N> les plus écouté{e}s par les amis <dU> ?|=les <N> que les amis <dU> écoutent le plus"
                  f"|=les <N> préféré{e}s des amis <dU>|parmi les amis <dU>, {quel} sont les <N> les plus écouté{e}s ?")
        if how == "one" and language == FR:
            le = "la" if feminine else "l'" if one_fr == "artiste" else "le"
            fr = fr.replace("les <N>", f"{le}<N>" if le == "l'" else f"{le} <N>").replace("les plus", f"{'la' if feminine else 'le'} plus").replace(" sont ",
                " est ").replace(f"]{e}s", f"]{e}").replace(f"écouté{e}s", f"écouté{e}").replace(f"préféré{e}s", f"préféré{e}")
        if how == "number":
            en += "|top {num2} <M> of <Us> friends|top {num2} <M> among the friends of <U>"
            fr += f"|top {{num2}} des {many_fr} des amis <dU>|top {{num2}} des {many_fr} chez les amis <dU>" if alias == "plays" else ""
            en = en if alias == "plays" else en.split("|top")[0]
        return ask(rng, language, en, fr, **words), f"SELECT {columns} WHERE {OF_FRIENDS} GROUP BY {group} ORDER BY {alias} DESC {limit}"
    sql, en, fr = {
        "all": (f"SELECT DISTINCT artist_name FROM music.listens WHERE {OF_FRIENDS}",
                "which artists do [the friends of <U>/<Us> friends] listen to?|=the artists [that <Us> friends listen to/listened to by the friends of <U>/played by <Us> friends]"
                    "|what do [the friends of <U>/<Us> friends] listen to?|who do <Us> friends listen to?",
                "quels artistes écoutent les amis <dU> ?|=les artistes écoutés par les amis <dU>|qu'écoutent les amis <dU> ?|quels artistes les amis <dU> écoutent-ils ?"
                    "|qui écoutent les amis <dU> ?"),
        "new": (f"SELECT DISTINCT artist_name FROM music.listens WHERE {OF_FRIENDS} AND artist_id NOT IN (SELECT artist_id FROM music.listens WHERE user_id = {{num}})",
                "which artists do <Us> friends listen to that <U> [does not/doesn't/has never played]?|=the artists <Us> friends listen to but <U> does not"
                    "|=the artists played by the friends of <U> that <U> has never listened to|what do <Us> friends listen to that <U> does not know [yet/]?",
                "quels artistes les amis <dU> écoutent-ils et pas lui ?|=les artistes que les amis <dU> écoutent mais pas lui"
                    "|=les artistes écoutés par les amis <dU> que <U> n'a jamais écoutés|quels artistes écoutés par ses amis <U> n'a-t-il jamais écoutés ?"),
        "plays": (f"SELECT SUM(plays) AS plays FROM music.listens WHERE {OF_FRIENDS}",
                  "how many plays do <Us> friends have in total?|#the total plays of <Us> friends|#the total number of plays by the friends of <U>"
                      "|how many times have the friends of <U> played music [in total/altogether]?",
                  "combien d'écoutes ont les amis <dU> au total ?|#le nombre total d'écoutes des amis <dU>|combien d'écoutes totalisent les amis <dU> ?"),
        "artist plays": (f"SELECT SUM(plays) AS plays FROM music.listens WHERE artist_id = {{artist}} AND {OF_FRIENDS}",
                         "how many times have <Us> friends [played/listened to] {artist}?|how many plays does {artist} have among <Us> friends?"
                             "|#the number of plays of {artist} by the friends of <U>|#the total plays of {artist} among <Us> friends",
                         "combien de fois les amis <dU> ont-ils écouté {artist} ?|combien d'écoutes de {artist} chez les amis <dU> ?"
                             "|#le nombre d'écoutes de {artist} par les amis <dU>|combien d'écoutes {artist} a-t-il parmi les amis <dU> ?"),
        "fan": (f"SELECT user_id, plays FROM music.listens WHERE artist_id = {{artist}} AND {OF_FRIENDS} ORDER BY plays DESC LIMIT 1",
                "which friend of <U> [listens to/plays] {artist} [the/] most?|which of <Us> friends [listens to/plays] {artist} [the/] most?"
                    "|=the friend of <U> who [plays/listens to] {artist} the most|who [listens to/plays] {artist} the most among <Us> friends?"
                    "|among <Us> friends, who is the biggest listener of {artist}?",
                "quel ami <dU> écoute le plus {artist} ?|parmi les amis <dU>, qui écoute le plus {artist} ?|=l'ami <dU> qui écoute le plus {artist}"
                    "|qui écoute le plus {artist} parmi les amis <dU> ?"),
        "each": (f"SELECT user_id, SUM(plays) AS plays FROM music.listens WHERE {OF_FRIENDS} GROUP BY user_id ORDER BY plays DESC",
                 "how many plays does each friend of <U> have?|=the plays of each of <Us> friends|=the total plays per friend of <U>|how much does each of <Us> friends listen to music, in plays?",
                 "combien d'écoutes a chaque ami <dU> ?|=le nombre d'écoutes de chacun des amis <dU>|=les écoutes de chaque ami <dU>"),
        "tags": (f"SELECT tag, COUNT(*) AS tags FROM music.artist_tags WHERE {OF_FRIENDS} GROUP BY tag ORDER BY tags DESC LIMIT 10",
                 "which tags do <Us> friends use [the/] most?|=the [most used/favourite] tags of <Us> friends|what tags do the friends of <U> give [the most/most often]?"
                     "|=the tags most used by the friends of <U>",
                 "quels tags les amis <dU> utilisent-ils le plus ?|=les tags les plus utilisés par les amis <dU>|=les tags préférés des amis <dU>"
                     "|quels sont les tags les plus utilisés par les amis <dU> ?"),
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
            "one": ("which country has the <M> <N>?|=the country with the <M> <N>|in which country are there the <M> <N>?|what country has the <M> <N>?"
                "|where do we have the <M> <N>, in which country?",
                    "quel pays a le <M> <dN> ?|le pays avec le <M> <dN>|dans quel pays y a-t-il le <M> <dN> ?|quel est le pays qui a le <M> <dN> ?|quel pays compte le <M> <dN> ?"),
            "ten": ("which countries have the <M> <N>?|=the countries with the <M> <N>|in which countries are there the <M> <N>?"
                "|what are the countries with the <M> <N>?" + ("" if low else "|=the top countries by number of <N>"),
                    "quels pays ont le <M> <dN> ?|=les pays avec le <M> <dN>|dans quels pays y a-t-il le <M> <dN> ?|quels sont les pays qui ont le <M> <dN> ?|quels pays comptent le <M> <dN> ?"),
            "number": ("which {num} countries have the <M> <N>?|=the {num} countries with the <M> <N>|what are the {num} countries with the <M> <N>?" + ("" if low else ""
                "|=the top {num} countries by number of <N>|top {num} countries for <N>"),
                       "quels sont les {num} pays [avec/qui ont] le <M> <dN> ?|=les {num} pays [avec/qui ont/qui comptent] le <M> <dN>" + ("" if low else "|top {num} des pays par nombre <dN>")),
        }[how]
        return ask(rng, language, en, fr, M=m, **words), f"SELECT country, COUNT(*) AS users FROM music.users GROUP BY country ORDER BY users{'' if low else ' DESC'} {limit}"
    sql, en, fr = {
        "count": ("SELECT COUNT(*) AS users FROM music.users WHERE country = {country}",
                  "how many <N> are there <I> {country}?|how many <N> <I> {country}?|#the number of <N> <I> {country}|how many <N> [are from/come from/live in/are in] {country}?"
                      "|count the <N> <I> {country}|how many {country} <N> are there?|how many <N> does {country} have?|{country}: how many <N>?",
                  "combien <dN> y a-t-il <I> {country} ?|combien <dN> [vivent en/viennent de/sont en/habitent en/sont de] {country} ?|#le nombre <dN> <I> {country}"
                      "|il y a combien <dN> <I> {country} ?|compte les <N> <I> {country}|combien <dN> <I> {country} ?|{country} : combien <dN> ?"),
        "list": ("SELECT user_id FROM music.users WHERE country = {country}",
                 "=the <N> <I> {country}|which <N> [are from/live in/come from/are in] {country}?|=all <N> <I> {country}|=the ids of the <N> <I> {country}"
                     "|who are the <N> <I> {country}?|=the {country} <N>|=all {country} <N>|which of the <N> are from {country}?",
                 "=les <N> <I> {country}|quels <N> [vivent en/viennent de/sont en/habitent en/sont de] {country} ?|=tous les <N> <I> {country}|=la liste des <N> <I> {country}"
                     "|qui sont les <N> <I> {country} ?|quels sont les <N> <I> {country} ?|=les identifiants des <N> <I> {country}"),
        "per": ("SELECT country, COUNT(*) AS users FROM music.users GROUP BY country ORDER BY users DESC",
                "how many <N> are there [per country/in each country/by country/in every country]?|=the number of <N> [per/in each/by/for each] country|=<N> [per/by] country"
                    "|how many <N> does each country have?|for each country, how many <N> are there?|=the breakdown of <N> by country|how are <N> spread [across/over] countries?",
                "combien <dN> [par pays/dans chaque pays] ?|=le nombre <dN> [par/dans chaque/de chaque] pays|combien <dN> y a-t-il [par pays/dans chaque pays] ?|=les <N> par pays"
                    "|pour chaque pays, combien <dN> ?|=la répartition des <N> par pays|combien <dN> compte chaque pays ?"),
        "share": ("SELECT 100 * COUNTIF(country = {country}) / COUNT(*) AS percentage FROM music.users",
                  "what [percentage/share/proportion] of <N> [are from/live in/come from/are in] {country}?|#the [percentage/share/proportion] of <N> <I> {country}"
                      "|which share of the <N> is from {country}?|how many percent of <N> are from {country}?|{country}'s share of <N>"
                      "|in percent, how many <N> are from {country}?",
                  "quel pourcentage des <N> [vient de/vit en/est en/sont de] {country} ?|#[le pourcentage/la part/la proportion] des <N> <I> {country}"
                      "|quelle [part/proportion] des <N> [vient de/vit en/est de] {country} ?|combien de pour cent des <N> sont en {country} ?"),
        "shares": ("SELECT country, 100 * COUNT(*) / (SELECT COUNT(*) FROM music.users) AS percentage FROM music.users GROUP BY country ORDER BY percentage DESC",
                   "what [percentage/share] of <N> [does each country have/is in each country]?|=the [percentage/share] of <N> [per/by/in each/for each] country"
                       "|=<N> per country in percent|=each country's share of <N>",
                   "quel pourcentage des <N> pour chaque pays ?|=[la part/le pourcentage] des <N> [par/dans chaque] pays|quelle part des <N> chaque pays représente-t-il ?"
                       "|=les <N> par pays en pourcentage"),
        "having": ("", "which countries have <A> {num} <N>?|=the countries [with/that have/having] <A> {num} <N>|in which countries are there <A> {num} <N>?|=all countries with <A> {num} <N>",
                   "quels pays ont <A> {num} <N> ?|=les pays [avec/qui ont/ayant/qui comptent] <A> {num} <N>|dans quels pays y a-t-il <A> {num} <N> ?"
                       "|quels sont les pays qui comptent <A> {num} <N> ?"),
        "any": ("SELECT COUNT(*) > 0 AS answer FROM music.users WHERE country = {country}",
                "are there [any/] <N> <I> {country}?|do we have [any/] <N> <I> {country}?|do any <N> [live in/come from] {country}?|is anyone [from/in] {country}?"
                    "|any <N> from {country}?", "y a-t-il des <N> <I> {country} ?|est-ce qu'il y a des <N> <I> {country} ?|a-t-on des <N> <I> {country} ?"
                    "|des <N> viennent-ils de {country} ?"),
        "total": ("SELECT COUNT(*) AS users FROM music.users", "how many <N> are there [in total/altogether/in all/]?|#the total number of <N>|how many <N> do we have?"
            "|count all <N>|#the number of <N> overall",
                  "combien <dN> y a-t-il [au total/en tout] ?|#le nombre total <dN>|il y a combien <dN> en tout ?|combien <dN> avons-nous ?|compte tous les <N>"),
        "countries": ("SELECT COUNT(DISTINCT country) AS countries FROM music.users", "how many [different/] countries do [the/our/] <N> come from?"
            "|#the number of countries [with/of the] <N>|how many countries have <N>?|in how many countries do we have <N>?|how many different countries are [the/] <N> from?",
                      "de combien de pays [différents/] viennent les <N> ?|#le nombre de pays des <N>|dans combien de pays y a-t-il des <N> ?|combien de pays ont des <N> ?"),
        "of": ("SELECT country FROM music.users WHERE user_id = {num}", "which country is <U> from?|where is <U> from?|what country does <U> live in?|#the country of <U>"
            "|where does <U> live?|#<Us> country|in which country is <U>?|which country does <U> come from?",
               "de quel pays vient <U> ?|d'où vient <U> ?|dans quel pays vit <U> ?|#le pays <dU>|où vit <U> ?|<U> est de quel pays ?|quel est le pays <dU> ?|<U> habite où ?"),
        "same": ("SELECT user_id FROM music.users WHERE user_id != {num} AND country = (SELECT country FROM music.users WHERE user_id = {num})",
                 "=the [other/] <N> from the same country as <U>|which [other/] <N> [live in/are from/come from] the same country as <U>?|=all <N> who share a country with <U>"
                     "|who lives in the same country as <U>?",
                 "=les [autres/] <N> du même pays que <U>|quels [autres/] <N> [viennent du/vivent dans le] même pays que <U> ?|qui est du même pays que <U> ?"
                     "|=les <N> qui vivent dans le même pays que <U>"),
        "versus": ("SELECT country, COUNT(*) AS users FROM music.users WHERE country IN ({country}, {country2}) GROUP BY country ORDER BY users DESC LIMIT 1",
                   "which has more <N>, {country} or {country2}?|are there more <N> in {country} or [in/] {country2}?"
                       "|between {country} and {country2}, which has [more/the most] <N>?|{country} or {country2}: which has more <N>?"
                       "|which country has more <N>, {country} or {country2}?",
                   "qui a le plus <dN>, {country} ou {country2} ?|y a-t-il plus <dN> en {country} ou en {country2} ?|entre {country} et {country2}, quel pays a le plus <dN> ?"
                       "|{country} ou {country2} : quel pays a le plus <dN> ?|quel pays a le plus <dN>, {country} ou {country2} ?"),
        "is": ("SELECT COUNT(*) > 0 AS answer FROM music.users WHERE user_id = {num} AND country = {country}", "is <U> from {country}?|does <U> live in {country}?"
            "|does <U> come from {country}?|is {country} the country of <U>?", "<U> vient-il de {country} ?|est-ce que <U> vit en {country} ?|<U> est de {country} ?"
            "|<U> habite-t-il en {country} ?"),
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
        ("", "", "", ""), ("country = {country}", "[from {country}/from {country}/coming from {country}]",
            "[de {country}/venant de {country}/originaires de {country}/qui viennent de {country}]", joined),
        ("{genre} IN UNNEST(genres)", "{genre}", "[{genre}/de {genre}/qui font du {genre}]", joined),
        ("score > {num3}", "with a score [above/over/higher than] {num3}", "[avec un score supérieur à/de score supérieur à/dont le score dépasse] {num3}", ""),
        ("artist_id NOT IN (SELECT artist_id FROM music.listens WHERE user_id = {num})",
            "[that they have never listened to/not yet listened to/that they have not listened to yet/they haven't heard yet/they have not played yet]",
         "[qu'il n'a pas encore écoutés/qu'il n'a jamais écoutés/qu'il n'écoute pas encore]", ""),
        ("artist_id IN (SELECT artist_id FROM music.listens WHERE user_id = {num})", "[that they already listen to/they have already listened to/that they already know and play]",
            "[qu'il écoute déjà/qu'il a déjà écoutés]", ""),
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
        en = ("=the <A><G> <C> recommended to <U>|=the <A><G> recommended to <U> <C>|which <A><G> <C> are recommended [to/for] <U>?"
            "|which <A><G> [do you/does the system/do we] recommend to <U> <C>?|=the <A>recommendations [for/of] <U> <C>|=<Us> <A>recommendations <C>|"
              "what <A><G> are suggested to <U> <C>?|<U>: recommended <A><G> <C>|which <A><G> <C> should <U> listen to, according to the recommendations?|=all <A><G> <C> that are recommended to <U>")
        if not said_en:
            en += "|what is recommended to <U>?|what do you recommend to <U>?|what are the recommendations for <U>?|who is recommended to <U>?"
        fr = ("=les artistes <F> recommandés <aU>|=les artistes recommandés <aU> <F>|quels artistes <F> [sont recommandés/recommande-t-on/sont proposés/sont conseillés] <aU> ?"
            "|=les [recommandations/recos] [pour <U>/<dU>] <P>|quels artistes <F> <U> devrait-il écouter d'après ses recommandations ?"
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
        en = ("how many <A><G> <C> are recommended to <U>?|how many <A>recommendations <C> does <U> have?|#the number of <A><G> <C> recommended to <U>"
            "|#the number of <A>recommendations <C> for <U>|count the <A><G> <C> recommended to <U>"
              "|how many <A><G> <C> do we recommend to <U>?")
        return ask(rng, language, relative_last_en(en) if "they" in said_en else en,
                   relative_last(count_fr.replace("<F> ?", "?")) if "qu'il" in said_fr else count_fr, **words), sql
    sql = f"SELECT artist_name, score{where} ORDER BY score DESC {limit}"
    c = words["C"]
    if one_only:
        words["C"] = c
        en = ("=the best <A>recommendation <C> for <U>|which <A>artist <C> is [most/best] recommended to <U>?|=the <A>artist <C> recommended most strongly to <U>"
            "|=the top <A>recommendation <C> [for/of] <U>|what is the [best/top] <A>recommendation <C> for <U>?|=<Us> [best/top] <A>recommendation <C>"
              "|which <A>artist <C> has the highest recommendation score for <U>?|which single <A>artist <C> would you recommend first to <U>?")
        fr = ("=la meilleure recommandation <P> pour <U>|quel artiste <F> est le plus recommandé <aU> ?|=l'artiste <F> le plus recommandé <aU>"
            "|quelle est la meilleure recommandation <P> [pour <U>/<dU>] ?|quel artiste <F> a le meilleur score de recommandation pour <U> ?|"
              "=l'artiste <F> avec le plus haut score de recommandation pour <U>")
    else:
        en = ("=the <K>best <A>recommendations <C> for <U>|which <K><A><G> <C> are [most/best] recommended to <U>?|=the top <K><A>recommendations <C> [for/of] <U>"
            "|what are the <K>[best/top] <A>recommendations <C> for <U>?|=<Us> <K>[best/top] <A>recommendations <C>"
              "|which <K><A><G> <C> have the highest recommendation scores for <U>?|=the <K>most recommended <A><G> <C> for <U>")
        en += "|top {num2} <A>recommendations <C> for <U>|recommend {num2} <A><G> <C> to <U>|{num2} <A>recommendations <C> for <U>" if number else ""
        fr = ("=les <K>meilleures recommandations <P> pour <U>|=les <K>artistes <F> les plus recommandés <aU>|quels sont les <K>artistes <F> les plus recommandés <aU> ?"
            "|quelles sont les <K>meilleures recommandations <P> [pour <U>/<dU>] ?|=les <K>artistes <F> avec le plus haut score de recommandation pour <U>")
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
        join, where, en, fr = rng.choices([("", "", "", ""), (" JOIN music.artists USING (artist_id)", " WHERE country = {country}", "from {country}", "[de/venant de] {country}"),
            (" JOIN music.artists USING (artist_id)", " WHERE {genre} IN UNNEST(genres)", "of {genre}", "[de/] {genre}"),
            (" JOIN music.users USING (user_id)", " WHERE country = {country}", "to users in {country}", "aux utilisateurs en {country}"),
                (" JOIN music.user_segments USING (user_id)", " WHERE segment = {segment}", "to users of the {segment} segment", "aux utilisateurs du segment {segment}")], [5, 2,
                2, 2, 1.5])[0]
        after = en.startswith("to ") if language == EN else fr.startswith("aux")
        words = {"K": "{num} " if how == "number" else "", "W": "" if after else en if language == EN else fr, "Z": (en if language == EN else fr) if after else "",
            "O": "artist" if how == "one" else "artists", "B": "is" if how == "one" else "are"}
        en = ("which <K><O> <W> <B> recommended [the most/most often/to the most users] <Z>?|=the <K>most recommended <O> <W> <Z>|=the <K><O> <W> recommended most often <Z>"
            "|which <K><O> <W> <B> the most recommended <Z>?|what <B> the <K>most often recommended <O> <W> <Z>?"
              "|=the <K><O> <W> suggested most [often/] <Z>").replace("/to the most users", "" if after else "/to the most users")
        fr = ("=l'artiste <W> le plus [souvent/] recommandé <Z>|quel artiste <W> est le plus [souvent/] recommandé <Z> ?|quel est l'artiste <W> le plus recommandé <Z> ?"
            "|quel artiste <W> recommande-t-on le plus <Z> ?" if how == "one" else
              "=les <K>artistes <W> les plus [souvent/] recommandés <Z>|quels sont les <K>artistes <W> les plus recommandés <Z> ?"
                  "|quels <K>artistes <W> recommande-t-on le plus <Z> ?|quels <K>artistes <W> sont le plus [souvent/] recommandés <Z> ?")
        if how == "number":
            en, fr = en + "|top {num} recommended artists <W> <Z>", fr + "|top {num} des artistes <W> les plus recommandés <Z>"
        return ask(rng, language, en, fr, **words), f"SELECT artist_name, COUNT(*) AS users FROM music.recommendations{join}{where} GROUP BY artist_name ORDER BY users DESC {limit}"
    if style == "average by artist":
        how, limit = rng.choice([("all", "LIMIT 10"), *[rows_wanted(rng)] * 3])
        words = {"K": "{num} " if how == "number" else "", "O": "artist" if how == "one" else "artists", "B": "has" if how == "one" else "have"}
        fr = ("quel artiste a le score [moyen de recommandation/de recommandation moyen] le plus [élevé/haut] ?|=l'artiste avec le meilleur score moyen de recommandation"
            "|quel artiste a le meilleur score moyen dans les recommandations ?" if how == "one" else
              "quels <K>artistes ont le score moyen de recommandation le plus [élevé/haut] ?|=les <K>artistes avec le meilleur score moyen de recommandation"
                  "|quels sont les <K>artistes au meilleur score moyen de recommandation ?")
        return (ask(rng, language, "which <K><O> <B> the [highest/best] average recommendation score?"
            "|=the <K><O> with the [highest/best] average [score in the recommendations/recommendation score]|=the <K><O> recommended with the highest average score"
            "|which <K><O> <B> the highest mean score in recommendations?", fr, **words), \
            f"SELECT artist_name, AVG(score) AS avg_score FROM music.recommendations GROUP BY artist_name ORDER BY avg_score DESC {limit}")
    who = pair(rng, language) if style == "both" else user(rng, language)
    fact = "FROM music.recommendations WHERE user_id = {num} AND artist_id = {artist}"
    sql, en, fr = rng.choices(*zip(*{"facts": [
        ((f"SELECT score {fact}", "#the [recommendation score/score] of {artist} for <U>|with what score is {artist} recommended to <U>?|what score does {artist} have for <U>?"
            "|what score does {artist} get in <Us> recommendations?|#<Us> recommendation score for {artist}|at what score is {artist} recommended to <U>?",
           "#le score [de recommandation de/de] {artist} pour <U>|avec quel score {artist} est-il recommandé <aU> ?|quel score a {artist} pour <U> ?"
               "|quel est le score de {artist} dans les recommandations <dU> ?"), 3),
        ((f"SELECT reason {fact}", "why is {artist} recommended to <U>?|#the reason why {artist} is recommended to <U>|for what reason is {artist} [recommended/suggested] to <U>?"
            "|why do we recommend {artist} to <U>?|why does <U> get {artist} as a recommendation?|what explains {artist} being recommended to <U>?",
           "pourquoi {artist} est-il recommandé <aU> ?|pourquoi recommande-t-on {artist} <aU> ?|pour quelle raison {artist} est-il recommandé <aU> ?"
               "|#la raison pour laquelle {artist} est recommandé <aU>|pourquoi conseille-t-on {artist} <aU> ?"), 3),
        ((f"SELECT rank {fact}", "at what rank is {artist} recommended to <U>?|#the rank of {artist} in <Us> recommendations"
            "|#the position of {artist} in the recommendations for <U>|where does {artist} rank in <Us> recommendations?",
           "à quel rang {artist} est-il recommandé <aU> ?|#le rang de {artist} dans les recommandations <dU>|quelle place a {artist} dans les recommandations <dU> ?"), 1.5),
        ((f"SELECT COUNT(*) > 0 AS answer {fact}", "is {artist} recommended to <U>?|is {artist} [among/in] the recommendations for <U>?|do we recommend {artist} to <U>?"
            "|does <U> get {artist} as a recommendation?|has {artist} been suggested to <U>?",
           "{artist} est-il recommandé <aU> ?|est-ce qu'on recommande {artist} <aU> ?|{artist} fait-il partie des recommandations <dU> ?|recommande-t-on {artist} <aU> ?"
               "|{artist} est-il dans les recommandations <dU> ?"), 2.5),
        (("SELECT artist_name, reason FROM music.recommendations WHERE user_id = {num}", "=the recommendations for <U> with [the/their] reasons|what is recommended to <U> and why?"
            "|which artists are recommended to <U> and why?|=<Us> recommendations and the reason for each|why are artists recommended to <U>, artist by artist?",
           "=les recommandations pour <U> avec leurs raisons|que recommande-t-on <aU> et pourquoi ?|quels artistes recommande-t-on <aU>, et pour quelle raison ?"
               "|=les artistes recommandés <aU> et la raison"), 1.5),
        (("SELECT AVG(score) AS avg_score FROM music.recommendations WHERE user_id = {num}", "#the average score of [the recommendations for <U>/<Us> recommendations]"
            "|what average score do <Us> recommendations have?|#the mean recommendation score of <U>", "#le score moyen des recommandations [<dU>/pour <U>]"
            "|quel score moyen ont les recommandations <dU> ?"), 1),
        (("SELECT rank, artist_name FROM music.recommendations WHERE user_id = {num} ORDER BY rank", "=the recommendations for <U> [in order of/ordered by/by] rank"
            "|=<Us> recommendations with their ranks|=the ranked list of artists recommended to <U>", "=les recommandations pour <U> [par ordre de/par/dans l'ordre du] rang"
            "|=la liste classée des artistes recommandés <aU>|=les recommandations <dU> avec leur rang"), 0.8),
        (("SELECT country, COUNT(*) AS artists FROM music.recommendations JOIN music.artists USING (artist_id) WHERE user_id = {num} GROUP BY country ORDER BY artists DESC",
            "which countries do the artists recommended to <U> come from?|=the artists recommended to <U> per country|=the number of artists recommended to <U> by country"
            "|from which countries are <Us> recommended artists?",
           "de quels pays viennent les artistes recommandés <aU> ?|=le nombre d'artistes recommandés <aU> par pays|=les artistes recommandés <aU> par pays"), 1)],
      "both": [
        (("SELECT artist_name FROM music.recommendations WHERE user_id = {num} INTERSECT DISTINCT SELECT artist_name FROM music.recommendations WHERE user_id = {num2}",
          "which artists are recommended to both <UV>?|=the artists recommended to both <UV>|=the artists recommended to <UV> both|=the [common/shared] recommendations of <UV>"
              "|which recommendations do <UV> [share/have in common]?|which artists do we recommend both to <U> and to <V>?",
          "quels artistes sont recommandés à la fois <aU> et <aV> ?|=les artistes recommandés à la fois <aU> et <aV>|=les recommandations communes <aUV>"
              "|quelles recommandations <UV> ont-ils en commun ?|quels artistes recommande-t-on à la fois <aU> et <aV> ?|=les recommandations [communes/en commun] <dUV>"), 2),
        (("SELECT artist_name FROM music.recommendations WHERE user_id = {num} EXCEPT DISTINCT SELECT artist_name FROM music.recommendations WHERE user_id = {num2}",
          "which artists are recommended to <U> but not to <V>?|=the artists recommended to <U> but not to <V>|=the recommendations of <U> that <V> does not have"
              "|what is recommended to <U> and not to <V>?",
          "quels artistes sont recommandés <aU> mais pas <aV> ?|=les artistes recommandés <aU> mais pas <aV>|=les recommandations <dU> que <V> n'a pas"
              "|que recommande-t-on <aU> mais pas <aV> ?"), 1.2)],
      "all": [
        (("SELECT user_id FROM music.recommendations WHERE artist_id = {artist}", "which users is {artist} recommended to?|=the users {artist} is recommended to"
            "|to whom is {artist} recommended?|=the users for whom {artist} is recommended|who gets {artist} [recommended/as a recommendation]?"
            "|which users have {artist} [in/among] their recommendations?|who should listen to {artist} according to the recommendations?|who do we recommend {artist} to?",
           "à quels utilisateurs {artist} est-il recommandé ?|à qui recommande-t-on {artist} ?|=les utilisateurs à qui on recommande {artist}"
               "|quels utilisateurs ont {artist} dans leurs recommandations ?|à qui {artist} est-il recommandé ?|=les utilisateurs à qui {artist} est recommandé"), 4),
        (("SELECT COUNT(DISTINCT user_id) AS users FROM music.recommendations WHERE artist_id = {artist}", "[how many users/how many people] is {artist} recommended to?"
            "|to how many users is {artist} recommended?|#the number of users {artist} is recommended to|how many users have {artist} among their recommendations?",
           "à combien d'utilisateurs {artist} est-il recommandé ?|à combien de personnes recommande-t-on {artist} ?|#le nombre d'utilisateurs à qui {artist} est recommandé"
               "|combien d'utilisateurs ont {artist} dans leurs recommandations ?"), 2.5),
        (("SELECT AVG(score) AS avg_score FROM music.recommendations WHERE artist_id = {artist}", "#the average recommendation score of {artist}"
            "|with what average score is {artist} recommended?|#the mean score of {artist} in the recommendations", "#le score moyen de recommandation de {artist}"
            "|avec quel score moyen {artist} est-il recommandé ?|quel est le score moyen de {artist} dans les recommandations ?"), 1.5),
        (("SELECT AVG(score) AS avg_score FROM music.recommendations", "#the average [recommendation score/score of the recommendations]|what is the mean recommendation score?",
            "#le score moyen des recommandations|quel score moyen ont les recommandations ?"), 0.8),
        (("SELECT reason, COUNT(*) AS total FROM music.recommendations GROUP BY reason ORDER BY total DESC", "=the number of recommendations [per/by/for each] reason"
            "|how many recommendations are there per reason?|=the reasons for recommendations and how often each occurs|=recommendations by reason",
            "=le nombre de recommandations par raison|combien de recommandations par raison ?|=les raisons des recommandations et leur fréquence"
            "|combien y a-t-il de recommandations pour chaque raison ?"), 0.8),
        (("SELECT COUNT(DISTINCT artist_id) AS artists FROM music.recommendations", "how many different artists are recommended?"
            "|#the number of [different/distinct] recommended artists|how many artists are recommended to at least one user?", "combien d'artistes différents sont recommandés ?"
            "|#le nombre d'artistes recommandés différents|combien d'artistes sont recommandés à au moins un utilisateur ?"), 0.6)],
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
        en = ("which <A>artist is [the most similar/most similar/closest] to {artist}?|=the <A>artist [most similar/closest/nearest] to {artist}"
            "|who [resembles/sounds like] {artist} the most, among <A>artists?|=the closest <A>artist to {artist}|who is the most similar <A>artist to {artist}?"
            "|=the most similar <A>artist to {artist}"
              if how == "one" else "which <K><A><G> are [the most similar/most similar/closest] to {artist}?|=the <K><A><G> [most similar/closest/nearest] to {artist}"
                  "|=the <K>[closest/most similar] <A><G> to {artist}|what are the <K>[most similar/closest] <A><G> to {artist}?"
                  "|=the <K><A><G> that [resemble/sound like] {artist} the most")
        fr = ("quel artiste <F> est le plus [proche de/similaire à/semblable à] {artist} ?|=l'artiste <F> le plus [proche de/similaire à] {artist}"
            "|quel artiste <F> ressemble le plus à {artist} ?|=l'artiste <F> qui ressemble le plus à {artist}|quel est l'artiste <F> le plus [similaire à/proche de] {artist} ?"
              if how == "one" else "quels sont les <K>artistes <F> les plus [proches de/similaires à] {artist} ?"
                  "|=les <K>artistes <F> les plus [proches de/similaires à/semblables à] {artist}|quels <K>artistes <F> ressemblent le plus à {artist} ?"
                  "|=les <K>artistes <F> qui ressemblent le plus à {artist}|quels <K>artistes <F> sont les plus proches de {artist} ?")
        if not genre and how == "one":
            en, fr = en.replace(", among <A>artists", "") + "|who is closest to {artist}?", fr + "|qui ressemble le plus à {artist} ?|qui est le plus proche de {artist} ?"
        if number:
            en, fr = (en + f"|{{num}} <A><G> {like_en}|give me {{num}} <A><G> {like_en}|top {{num}} similar <A><G> to {{artist}}|find {{num}} <A><G> similar to {{artist}}"
                f"|recommend me {{num}} <A><G> like {{artist}}", \
                fr + f"|{{num}} artistes <F> {like_fr}|donne-moi {{num}} artistes <F> {like_fr}|top {{num}} des artistes <F> similaires à {{artist}}|cite {{num}} artistes <F> {like_fr}")
        return ask(rng, language, en, fr, **words), f"SELECT similar_artist_name, score {base}{extra} ORDER BY score DESC {limit}"
    if style == "shared":
        en = ("which artist shares the most listeners with {artist}?|=the artist with the most shared listeners with {artist}"
            "|=the artist that shares the most listeners with {artist}|with which artist does {artist} share the most listeners?" if how == "one" else
              "which <K><G> share the most listeners with {artist}?|=the <K><G> that share the most listeners with {artist}"
                  "|=the <K><G> with the most [shared listeners/listeners in common] with {artist}|with which <K><G> does {artist} share the most listeners?")
        fr = ("quel artiste partage le plus d'auditeurs avec {artist} ?|=l'artiste qui partage le plus d'auditeurs avec {artist}"
            "|avec quel artiste {artist} partage-t-il le plus d'auditeurs ?|quel artiste a le plus d'auditeurs en commun avec {artist} ?" if how == "one" else
              "quels <K>artistes partagent le plus d'auditeurs avec {artist} ?|=les <K>artistes qui partagent le plus d'auditeurs avec {artist}"
                  "|avec quels <K>artistes {artist} partage-t-il le plus d'auditeurs ?|=les <K>artistes qui ont le plus d'auditeurs [communs/en commun] avec {artist}")
        return ask(rng, language, en, fr, **words), f"SELECT similar_artist_name, shared_listeners {base} ORDER BY shared_listeners DESC {limit}"
    if style == "country":
        kind = rng.choices(["country", "popular", "plays", "per country", "songs", "followers"], [6, 2.5, 1.5, 1, 1.5, 1])[0]
        inside = f"artist_id IN ({SIMILAR})"
        if kind == "country":
            counted = rng.random() < 0.2
            C, F = spun(rng, "[from/from/coming from/who are from] {country}"), spun(rng, "[de/venant de/originaires de/qui viennent de] {country}")
            en = (f"how many artists {C} are similar to {{artist}}?|#the number of artists {C} similar to {{artist}}|how many {{country}} artists are like {{artist}}?" if counted else
                  f"=the artists {C} similar to {{artist}}|which artists {C} are [similar to/like/close to] {{artist}}?|=the {{country}} artists similar to {{artist}}"
                      f"|which {{country}} artists are like {{artist}}?|=the artists {like_en} {C}|which artists similar to {{artist}} are from {{country}}?"
                      f"|is there anyone like {{artist}} from {{country}}, and who?|which of the artists similar to {{artist}} come from {{country}}?")
            fr = (f"combien d'artistes {F} ressemblent à {{artist}} ?|#le nombre d'artistes {F} similaires à {{artist}}"
                f"|combien d'artistes similaires à {{artist}} viennent de {{country}} ?" if counted else
                  f"=les artistes {F} {like_fr}|quels artistes {F} ressemblent à {{artist}} ?|=les artistes similaires à {{artist}} {F}"
                      f"|parmi les artistes similaires à {{artist}}, lesquels viennent de {{country}} ?|quels artistes proches de {{artist}} viennent de {{country}} ?")
            return ask(rng, language, en, fr), f"SELECT {'COUNT(*) AS artists' if counted else 'name'} FROM music.artists WHERE country = {{country}} AND {inside}"
        if kind in ("popular", "followers"):
            column, en_most, fr_most = ("popularity", "most popular", "plus populaire") if kind == "popular" else ("followers", "most followed", "plus suivi")
            en = (f"which artist similar to {{artist}} is the {en_most}?|=the {en_most} artist {like_en}"
                f"|among the artists similar to {{artist}}, who is the {en_most}?" if how == "one" else f"which <K><G> similar to {{artist}} are the {en_most}?"
                f"|=the <K>{en_most} <G> {like_en}|among the artists similar to {{artist}}, which <K>are the {en_most}?")
            fr = (f"quel artiste similaire à {{artist}} est le {fr_most} ?|=l'artiste le {fr_most} parmi ceux {like_fr}"
                f"|parmi les artistes proches de {{artist}}, qui est le {fr_most} ?" if how == "one" else f"quels <K>artistes similaires à {{artist}} sont les {fr_most}s ?"
                f"|=les <K>artistes les {fr_most}s parmi ceux {like_fr}|=les <K>artistes similaires à {{artist}} les {fr_most}s")
            return ask(rng, language, en, fr, **words), f"SELECT name, {column} FROM music.artists WHERE {inside} ORDER BY {column} DESC {limit}"
        if kind == "per country":
            return (ask(rng, language, "which countries do the artists similar to {artist} come from?|=the number of artists similar to {artist} per country"
                "|=the artists similar to {artist} by country|from which countries are the artists like {artist}?",
                       "de quels pays viennent les artistes similaires à {artist} ?|=le nombre d'artistes similaires à {artist} par pays"
                           "|=les artistes proches de {artist} par pays"),
                           f"SELECT country, COUNT(*) AS artists FROM music.artists WHERE {inside} GROUP BY country ORDER BY artists DESC")
        noun = ("artist", "artiste") if kind == "plays" else ("song", "chanson")
        e = "e" if kind == "songs" else ""
        verb_en, verb_fr = ("played", f"écouté{e}") if kind == "plays" else ("popular", "populaire")
        of_en, of_fr = ("", "") if kind == "plays" else ("by artists ", "d'artistes ")
        simple_en, simple_fr = f"{of_en}similar to {{artist}}", f"{of_fr}similaire{'' if how == 'one' and kind == 'plays' else 's'} à {{artist}}"
        if how == "one":
            article = "l'artiste" if kind == "plays" else "la chanson"
            en, fr = (f"which {noun[0]} {simple_en} is the most {verb_en}?|=the most {verb_en} {noun[0]} {simple_en}",
                f"quel{'le' if e else ''} {noun[1]} {simple_fr} est {'la' if e else 'le'} plus {verb_fr} ?|={article} {simple_fr} {'la' if e else 'le'} plus {verb_fr}")
        else:
            en, fr = (f"which <K>{noun[0]}s {simple_en} are the most {verb_en}?|=the <K>most {verb_en} {noun[0]}s {simple_en}",
                f"quel{'le' if e else ''}s <K>{noun[1]}s {simple_fr} sont les plus {verb_fr}s ?|=les <K>{noun[1]}s {simple_fr} les plus {verb_fr}s")
        sql = (f"SELECT artist_name, SUM(plays) AS plays FROM music.listens WHERE {inside} GROUP BY artist_name ORDER BY plays DESC {limit}" if kind == "plays"
            else f"SELECT title, artist_name, popularity FROM music.tracks WHERE {inside} ORDER BY popularity DESC {limit}")
        return ask(rng, language, en, fr, **words), sql
    where, c_en, c_fr, column = rng.choices([("", "", "", ""), (" AND score > {num}", "with a [score/similarity/similarity score] [above/over/higher than] {num}",
        "avec [un score/une similarité/un score de similarité] [de plus de/au-dessus de] {num}", ", score"),
        (" AND shared_listeners > {num}", "with [more than/over] {num} [shared listeners/listeners in common]", "avec plus de {num} auditeurs [communs/en commun/partagés]", ", shared_listeners"),
        (" AND similar_artist_id IN (SELECT artist_id FROM music.listens WHERE user_id = {num})", "that user {num} [listens to/has listened to]", "que l'utilisateur {num} [écoute/a écoutés]", ""),
        (" AND similar_artist_id NOT IN (SELECT artist_id FROM music.listens WHERE user_id = {num})",
            "that user {num} [has never listened to/has not listened to yet/does not listen to]", "que l'utilisateur {num} n'[a jamais écoutés/a pas encore écoutés/écoute pas]",
            ""),
        (" AND similar_artist_id IN (SELECT artist_id FROM music.artist_tags WHERE tag = {tag})", "[tagged {tag}/that are tagged {tag}/with the tag {tag}]", "[tagués {tag}/avec le tag {tag}]", ""),
        (" AND similar_artist_id IN (SELECT artist_id FROM music.chart_entries WHERE chart = 'hot-100')", "[that charted/that have charted/that made the hot 100]",
            "[qui ont été classés au hot 100/qui sont entrés au hot 100]", "")], [6, 1.5, 1, 1.2, 1.2, 1.5, 0.8])[0]
    if style == "count":
        return (ask(rng, language, f"how many artists are similar to {{artist}} {c_en}?|how many similar artists {c_en} does {{artist}} have?"
            f"|#the number of artists {like_en} {c_en}|count the artists {like_en} {c_en}",
                   f"combien d'artistes {like_fr} {c_fr} y a-t-il ?|#le nombre d'artistes {like_fr} {c_fr}|{{artist}} a combien d'artistes similaires {c_fr} ?"
                       f"|compte les artistes {like_fr} {c_fr}"), f"SELECT COUNT(*) AS artists {base}{where}")
    en = (f"=the <G> {like_en} {c_en}|which <G> {c_en} are [similar to/like/close to] {{artist}}?|which <G> are [similar to/like] {{artist}} {c_en}?"
        f"|=the similar artists [of/to/for] {{artist}} {c_en}|=all <G> {like_en} {c_en}")
    fr = (f"=les artistes {like_fr} {c_fr}|quels artistes {c_fr} ressemblent à {{artist}} ?|quels sont les artistes {like_fr} {c_fr} ?|=tous les artistes {like_fr} {c_fr}"
        f"|quels artistes similaires à {{artist}} a-t-on {c_fr} ?")
    if not where:
        en += ("|who is similar to {artist}?|who sounds like {artist}?|what else is there like {artist}?|if i like {artist}, which artists are similar?"
            "|i like {artist}, who else is similar?|{artist}: similar artists")
        fr += "|qui ressemble à {artist} ?|j'aime {artist}, quels artistes sont similaires ?"
        fr += "|quels artistes sont dans le style de {artist} ?|{artist} : artistes similaires|à qui ressemble {artist} ?"
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
            (f"SELECT COUNT(*) > 0 AS answer {both}", "is {artist} similar to {artist2}?|are {artist} and {artist2} similar[ artists/]?"
                "|is {artist2} [among the artists similar to/one of the artists similar to/in the similar artists of] {artist}?"
                "|do {artist} and {artist2} [resemble each other/sound alike]?|is {artist} like {artist2}?|is {artist} close to {artist2}?",
             "{artist} est-il similaire à {artist2} ?|{artist} et {artist2} sont-ils similaires ?|est-ce que {artist} [ressemble à/est proche de] {artist2} ?"
                 "|{artist2} fait-il partie des artistes similaires à {artist} ?|{artist} et {artist2} se ressemblent-ils ?|{artist} ressemble à {artist2} ?"),
            (f"SELECT score {both}", "how similar are {artist} and {artist2}?|#the similarity [score/] [between/of] {artist} and {artist2}|how similar is {artist} to {artist2}?"
                "|#the score between {artist} and {artist2}|how close are {artist} and {artist2}?|with what score is {artist} similar to {artist2}?"
                "|how much does {artist} resemble {artist2}?",
             "à quel point {artist} et {artist2} [sont-ils similaires/se ressemblent-ils] ?|#le score de similarité entre {artist} et {artist2}"
                 "|quel est le score de similarité entre {artist} et {artist2} ?|quelle est la similarité entre {artist} et {artist2} ?"
                 "|à quel point {artist} ressemble-t-il à {artist2} ?|#le score entre {artist} et {artist2}"),
            (f"SELECT shared_listeners {both}", "how many [shared listeners/listeners in common] do the similar artists {artist} and {artist2} have?"
                "|#the number of shared listeners [between/of] {artist} and {artist2}|how many shared listeners do {artist} and {artist2} have?"
                "|{artist} and {artist2}: how many shared listeners?",
             "combien d'auditeurs partagés ont {artist} et {artist2} ?|#le nombre d'auditeurs partagés entre {artist} et {artist2}"
                 "|{artist} et {artist2} : combien d'auditeurs partagés ?|combien d'auditeurs partagés entre {artist} et {artist2} ?"),
            (f"{name} INTERSECT DISTINCT {other}", "which artists are similar to both {artist} and {artist2}?|=the artists similar to both {artist} and {artist2}"
                "|=the artists [similar to/like] {artist} and also {artist2}|who is similar to both {artist} and {artist2}?"
                "|which similar artists do {artist} and {artist2} [share/have in common]?|=the artists that sound like both {artist} and {artist2}"
                "|i like {artist} and {artist2}, which artists are similar to both?",
             "quels artistes [ressemblent/sont similaires] à la fois à {artist} et à {artist2} ?|=les artistes similaires à la fois à {artist} et à {artist2}"
                 "|=les artistes proches à la fois de {artist} et de {artist2}|quels artistes similaires {artist} et {artist2} ont-ils en commun ?"
                 "|qui ressemble à la fois à {artist} et à {artist2} ?|=les artistes qui ressemblent à {artist} et aussi à {artist2}"),
            (f"{name} EXCEPT DISTINCT {other}", "which artists are similar to {artist} but not to {artist2}?|=the artists similar to {artist} but not to {artist2}"
                "|=the artists like {artist} but not like {artist2}|who is similar to {artist} and not to {artist2}?"
                "|=the artists similar to {artist} except those similar to {artist2}",
             "quels artistes ressemblent à {artist} mais pas à {artist2} ?|=les artistes similaires à {artist} mais pas à {artist2}"
                 "|=les artistes proches de {artist} mais pas de {artist2}|=les artistes similaires à {artist} sauf ceux similaires à {artist2}"
                 "|quels artistes sont similaires à {artist} et pas à {artist2} ?"),
            ("SELECT similar_artist_name, score FROM music.similar_artists WHERE artist_id = {artist} AND similar_artist_id IN ({artist2}, {artist3}) ORDER BY score DESC LIMIT 1",
             "who is [more similar/closer] to {artist}, {artist2} or {artist3}?|which is closer to {artist}: {artist2} or {artist3}?"
                 "|is {artist2} or {artist3} more similar to {artist}?|between {artist2} and {artist3}, who is more like {artist}?",
             "qui est le plus proche de {artist}, {artist2} ou {artist3} ?|qui ressemble le plus à {artist}, {artist2} ou {artist3} ?"
                 "|entre {artist2} et {artist3}, qui est le plus similaire à {artist} ?|lequel est le plus proche de {artist} : {artist2} ou {artist3} ?"),
            ("SELECT artist_name FROM music.similar_artists WHERE similar_artist_id = {artist}", "which artists have {artist} [as a similar artist/among their similar artists]?"
                "|=the artists that have {artist} among their similar artists", "quels artistes ont {artist} parmi leurs artistes similaires ?"
                "|=les artistes qui ont {artist} parmi leurs artistes similaires"),
            ("SELECT AVG(score) AS avg_score FROM music.similar_artists WHERE artist_id = {artist}", "#the average [similarity score/score] of the artists similar to {artist}"
                "|how similar are the similar artists of {artist} on average?|what average score do the artists similar to {artist} have?"
                "|#the mean similarity score [for/of] {artist}",
             "#le score moyen des artistes similaires à {artist}|quel est le score moyen de similarité des artistes proches de {artist} ?|#le score moyen de similarité de {artist}"
                 "|quel score moyen ont les artistes similaires à {artist} ?"),
        ], [3.5, 3.5, 2, 3, 2.5, 1.5, 1, 1.5])[0]
        return ask(rng, language, en, fr), sql
    how, limit = rows_wanted(rng)
    words = {"K": "{num} " if how == "number" else ""}
    kind = rng.choices(["many", "pairs", "shared pairs", "having", "average", "average all", "none"], [3, 2.5, 1.5, 1.5, 1.5, 0.7, 0.6])[0]
    if kind in ("many", "average"):
        sql, most, most_fr = ((f"SELECT artist_name, COUNT(*) AS artists FROM music.similar_artists GROUP BY artist_name ORDER BY artists DESC {limit}",
            "the most similar artists", "le plus d'artistes similaires") if kind == "many" else \
            (f"SELECT artist_name, AVG(score) AS avg_score FROM music.similar_artists GROUP BY artist_name ORDER BY avg_score DESC {limit}",
                "the highest average similarity score", "le score moyen de similarité le plus élevé"))
        en = f"which artist has {most}?|=the artist with {most}|who has {most}?" if how == "one" else f"which <K>artists have {most}?|=the <K>artists with {most}|=the <K>artists who have {most}"
        fr = (f"quel artiste a {most_fr} ?|=l'artiste qui a {most_fr}|qui a {most_fr} ?" if how == "one" else f"quels <K>artistes ont {most_fr} ?"
            f"|=les <K>artistes [qui ont/avec] {most_fr}|quels sont les <K>artistes qui ont {most_fr} ?")
    elif kind in ("pairs", "shared pairs"):
        column = "score" if kind == "pairs" else "shared_listeners"
        sql = f"SELECT artist_name, similar_artist_name, {column} FROM music.similar_artists ORDER BY {column} DESC {limit}"
        if kind == "pairs":
            en = ("which two artists are the most similar?|=the most similar pair of artists"
                "|=the pair of artists with the highest similarity score" if how == "one" else "which <K>pairs of artists are the most similar?"
                "|=the <K>most similar pairs of artists|=the <K>pairs of artists with the highest similarity [score/]|=the <K>closest artist pairs")
            fr = ("quelle est la paire d'artistes la plus similaire ?"
                "|=la paire d'artistes avec le plus haut score de similarité" if how == "one" else "quelles sont les <K>paires d'artistes les plus similaires ?"
                "|=les <K>paires d'artistes les plus [similaires/proches]|=les <K>paires d'artistes avec le plus haut score de similarité")
            en = en.replace("which two artists are the most similar?|", "")
        else:
            en = ("which pair of artists shares the most listeners?"
                "|=the pair of artists with the most shared listeners" if how == "one" else "which <K>pairs of artists share the most listeners?"
                "|=the <K>pairs of artists with the most shared listeners|=the <K>artist pairs that share the most listeners")
            fr = ("quelle paire d'artistes partage le plus d'auditeurs ?"
                "|=la paire d'artistes qui partage le plus d'auditeurs" if how == "one" else "quelles <K>paires d'artistes partagent le plus d'auditeurs ?"
                "|=les <K>paires d'artistes qui partagent le plus d'auditeurs")
    elif kind == "having":
        operator, amount_en, amount_fr = rng.choice(AMOUNTS)
        words["A"] = one(rng, amount_en if language == EN else amount_fr)
        sql = f"SELECT artist_name, COUNT(*) AS artists FROM music.similar_artists GROUP BY artist_name HAVING artists {operator} {{num}}"
        en, fr = ("which artists have <A> {num} similar artists?|=the artists [with/that have] <A> {num} similar artists|=all artists with <A> {num} similar artists",
            "quels artistes ont <A> {num} artistes similaires ?|=les artistes [qui ont/avec/ayant] <A> {num} artistes similaires")
    elif kind == "average all":
        sql, en, fr = ("SELECT AVG(score) AS avg_score FROM music.similar_artists", "#the average similarity score [of artists/between artists/of all pairs/]"
            "|what is the mean score between similar artists?", "#le score moyen de similarité [entre artistes/de toutes les paires/]"
            "|quel est le score moyen entre artistes similaires ?")
    else:
        sql, en, fr = ("SELECT name FROM music.artists WHERE artist_id NOT IN (SELECT artist_id FROM music.similar_artists)", "which artists have no similar artist[s/]?"
            "|=the artists without any similar artist", "quels artistes n'ont aucun artiste similaire ?|=les artistes sans artiste similaire")
    return ask(rng, language, en, fr, **words), sql


PATTERNS += [similar_pairs] * 5

# --- segments -------------------------------------------------------------------------------------------------------

IN_SEGMENT = "JOIN music.user_segments USING (user_id)"


def segment_facts(rng):
    """Sizes of segments, members, the segment of a user, shares, comparisons of two, segments in a country and countries of a segment."""
    language = rng.choice([EN, FR])
    how, limit = rows_wanted(rng)
    low = rng.random() < 0.35
    words = {"K": "{num} " if how == "number" else "", "S": spun(rng,
        "[the {segment} segment/the {segment} segment/the segment {segment}/segment {segment}]" if language == EN else "le segment {segment}"),
             "dS": spun(rng, "[du segment {segment}/du segment {segment}/de {segment}]"), **user(rng, language)}
    n = words["N"] = spun(rng, "[users/users/users/members]" if language == EN else "[utilisateurs/utilisateurs/users/membres]")
    words["dN"] = de(f"de {n}")
    style = rng.choices(["size", "members", "of", "sizes", "top", "share", "shares", "list", "number", "having", "versus", "same", "is", "both", "country", "countries", "segment top", "average"],
                        [5, 3, 3, 2.5, 5, 2.5, 1.2, 1, 1, 1.5, 3, 2, 1.5, 1.5, 2, 2, 1.5, 0.7])[0]
    if style == "top":
        m = ("fewest" if low else "most") if language == EN else "moins" if low else "plus"
        big_en, big_fr = ("[smallest/least populated/least populous]", "[petit/petit]") if low else ("[biggest/largest/most populated/most populous]", "[gros/grand/important]")
        en, fr = ((f"which segment has the <M> <N>?|what is the {big_en} segment?|=the {big_en} segment|=the {big_en} user segment|=the segment with the <M> <N>|which segment is the {big_en}?",
                   f"quel segment a le <M> <dN> ?|quel est le plus {big_fr} segment ?|=le plus {big_fr} segment|=le segment [avec/qui a/qui compte] le <M> <dN>"
                       f"|quel segment est le plus {big_fr} ?") if how == "one" else
                  (f"which <K>segments have the <M> <N>?|what are the <K>{big_en} segments?|=the <K>{big_en} [user/] segments|=the <K>segments with the <M> <N>" + (""
                      "|top {num} segments by number of <N>|top {num} segments by size" if how == "number" and not low else ""),
                   f"quels <K>segments ont le <M> <dN> ?|quels sont les <K>plus {big_fr}s segments ?|=les <K>plus {big_fr}s segments"
                       f"|=les <K>segments [avec/qui ont/qui comptent] le <M> <dN>".replace("quels <K>segments ont", "quels sont les <K>segments qui ont") + (""
                       "|top {num} des segments par nombre <dN>" if how == "number" and not low else "")))
        fr = re.sub(r"\[([\w/]+)\]s", lambda m: "[" + "/".join(w + "s" * (w != "gros") for w in m.group(1).split("/")) + "]", fr)
        return ask(rng, language, en, fr, M=m, **words), f"SELECT segment, COUNT(*) AS users FROM music.user_segments GROUP BY segment ORDER BY users{'' if low else ' DESC'} {limit}"
    least = "" if low else " DESC"
    sql, en, fr = {
        "size": ("SELECT COUNT(*) AS users FROM music.user_segments WHERE segment = {segment}",
                 "how many <N> are in <S>?|how many <N> does <S> have?|#the number of <N> in <S>|#the size of <S>|how [big/large] is <S>?|count the <N> [in/of] <S>"
                     "|how many <N> belong to <S>?|how many {segment} segment <N> are there?|in <S>, how many <N> are there?|how many people are in <S>?",
                 "combien <dN> [y a-t-il dans/dans/sont dans/appartiennent à] <S> ?|combien <dN> compte <S> ?|#le nombre <dN> [dans <S>/<dS>]|#la taille <dS>"
                     "|<S> compte combien <dN> ?|compte les <N> <dS>|dans <S>, combien y a-t-il <dN> ?|combien de personnes dans <S> ?|quelle est la taille <dS> ?"),
        "members": ("SELECT user_id FROM music.user_segments WHERE segment = {segment}",
                    "=the <N> [in/of/from] <S>|which <N> [are in/belong to] <S>?|who is in <S>?|=all <N> [in/of] <S>|=the ids of the <N> in <S>|who belongs to <S>?|=the {segment} segment <N>",
                    "=les <N> <dS>|quels <N> [sont dans/appartiennent à/composent] <S> ?|qui est dans <S> ?|=tous les <N> <dS>|qui fait partie <dS> ?|=la liste des <N> <dS>"
                        "|=les <N> qui sont dans <S>"),
        "of": ("SELECT segment FROM music.user_segments WHERE user_id = {num}",
               "which segment is <U> in?|what segment does <U> belong to?|#the segment of <U>|#<Us> segment|which segment does <U> belong to?|in which segment is <U>?"
                   "|what is <Us> segment?|to which segment does <U> belong?|what kind of segment is <U> in?",
               "dans quel segment est <U> ?|à quel segment appartient <U> ?|#le segment <dU>|quel est le segment <dU> ?|<U> est dans quel segment ?"
                   "|<U> fait partie de quel segment ?|de quel segment <U> fait-il partie ?"),
        "sizes": ("SELECT segment, COUNT(*) AS users FROM music.user_segments GROUP BY segment ORDER BY users DESC",
                  "how many <N> are there [in each segment/per segment/in every segment]?|=the size of each segment|=the number of <N> [per/in each/by/for each] segment"
                      "|=the sizes of the segments|=<N> per segment|=all segments with their sizes|how big is each segment?|for each segment, how many <N>?",
                  "combien <dN> [par segment/dans chaque segment] ?|=le nombre <dN> [par/dans chaque/de chaque] segment|=la taille [des segments/de chaque segment]"
                      "|combien <dN> y a-t-il dans chaque segment ?|=les <N> par segment|pour chaque segment, combien <dN> ?|quelle est la taille de chaque segment ?"),
        "share": ("SELECT 100 * COUNTIF(segment = {segment}) / COUNT(*) AS percentage FROM music.user_segments",
                  "what [percentage/share/proportion] of <N> [are in/belong to] <S>?|#the [percentage/share/proportion] of <N> in <S>|what share of the <N> is in <S>?"
                      "|how many percent of <N> are in <S>?|#the share of <S> among all <N>|what percentage of <N> is in <S>?",
                  "quel pourcentage des <N> est dans <S> ?|#[la part/le pourcentage/la proportion] des <N> dans <S>"
                      "|quelle [part/proportion] des <N> [appartient au segment {segment}/est dans <S>] ?|#la part <dS> parmi les <N>|quelle part des <N> représente <S> ?"),
        "shares": ("SELECT segment, 100 * COUNT(*) / (SELECT COUNT(*) FROM music.user_segments) AS percentage FROM music.user_segments GROUP BY segment ORDER BY percentage DESC",
                   "what [percentage/share] of <N> is in each segment?|=the [percentage/share] of <N> [in each/per/by/for each] segment|=each segment's share of <N>"
                       "|=<N> per segment in percent", "quel pourcentage des <N> dans chaque segment ?|=[la part/le pourcentage] des <N> [dans chaque/par] segment"
                       "|quelle part des <N> représente chaque segment ?|=les <N> par segment en pourcentage"),
        "list": ("SELECT DISTINCT segment FROM music.user_segments", "which [user/] segments [exist/are there]?|=the [user/] segments|=the list of [user/] segments"
            "|=all [user/] segments|what segments do we have?", "quels segments [existent/y a-t-il] ?|=les segments [d'utilisateurs/]|=la liste des segments|=tous les segments"
                "|quels sont les segments [d'utilisateurs/existants] ?"),
        "number": ("SELECT COUNT(DISTINCT segment) AS segments FROM music.user_segments", "how many [user/different/] segments [are there/exist/do we have]?"
            "|#the number of [user/different/] segments|count the [user/] segments", "combien de segments [y a-t-il/existe-t-il/a-t-on] ?"
            "|#le nombre de segments [différents/d'utilisateurs]|compte les segments|il y a combien de segments ?"),
        "having": ("", "which segments have <A> {num} <N>?|=the segments [with/that have] <A> {num} <N>|=all segments with <A> {num} <N>"
            "|in which segments are there <A> {num} <N>?", "quels segments ont <A> {num} <N> ?|=les segments [avec/qui ont/qui comptent/ayant] <A> {num} <N>"
            "|dans quels segments y a-t-il <A> {num} <N> ?"),
        "versus": (f"SELECT segment, COUNT(*) AS users FROM music.user_segments WHERE segment IN ({{segment}}, {{segment2}}) GROUP BY segment ORDER BY users{least} LIMIT 1",
                   "which segment is [smaller/the smaller one], {segment} or {segment2}?|which has fewer <N>, the {segment} segment or the {segment2} segment?"
                       "|between {segment} and {segment2}, which segment has fewer <N>?|{segment} or {segment2}: which segment is smaller?" if low else
                   "which segment is [bigger/larger], {segment} or {segment2}?|which has more <N>, the {segment} segment or the {segment2} segment?"
                       "|between {segment} and {segment2}, which segment has more <N>?|are there more <N> in the {segment} segment or the {segment2} segment?"
                       "|{segment} or {segment2}: which segment is [bigger/larger]?|is the {segment} segment bigger or the {segment2} segment?"
                       "|does the {segment} segment or the {segment2} segment have more <N>?",
                   "quel segment est le plus petit, {segment} ou {segment2} ?|quel segment a le moins <dN>, {segment} ou {segment2} ?"
                       "|entre {segment} et {segment2}, quel segment est le plus petit ?" if low else
                   "quel segment est le plus [gros/grand], {segment} ou {segment2} ?|quel segment a le plus <dN>, {segment} ou {segment2} ?"
                       "|entre {segment} et {segment2}, quel segment [est le plus gros/a le plus <dN>] ?|{segment} ou {segment2} : quel segment compte le plus <dN> ?"
                       "|y a-t-il plus <dN> dans le segment {segment} ou dans le segment {segment2} ?|du segment {segment} et du segment {segment2}, lequel est le plus grand ?"),
        "both": ("SELECT segment, COUNT(*) AS users FROM music.user_segments WHERE segment IN ({segment}, {segment2}) GROUP BY segment ORDER BY users DESC",
                 "compare the size of the {segment} and {segment2} segments|=the number of <N> in the {segment} and {segment2} segments"
                     "|how many <N> are in the {segment} segment and how many in the {segment2} segment?|compare the segments {segment} and {segment2} by number of <N>"
                     "|{segment} vs {segment2}: size of the segments|=the sizes of the segments {segment} and {segment2}",
                 "compare la taille des segments {segment} et {segment2}|=le nombre <dN> des segments {segment} et {segment2}"
                     "|combien <dN> dans le segment {segment} et combien dans le segment {segment2} ?|{segment} vs {segment2} : taille des segments"
                     "|compare les segments {segment} et {segment2} en nombre <dN>|=la taille des segments {segment} et {segment2}"),
        "same": ("SELECT user_id FROM music.user_segments WHERE user_id != {num} AND segment = (SELECT segment FROM music.user_segments WHERE user_id = {num})",
                 "=the [other/] <N> in the same segment as <U>|which [other/] <N> are in the same segment as <U>?|who is in the same segment as <U>?"
                     "|=all <N> that share a segment with <U>|who else belongs to the segment of <U>?",
                 "=les [autres/] <N> du même segment que <U>|quels [autres/] <N> sont dans le même segment que <U> ?|qui est dans le même segment que <U> ?"
                     "|qui d'autre fait partie du segment <dU> ?|=les <N> qui partagent le segment <dU>"),
        "is": ("SELECT COUNT(*) > 0 AS answer FROM music.user_segments WHERE user_id = {num} AND segment = {segment}", "is <U> in <S>?|does <U> belong to <S>?|is <U> part of <S>?"
            "|is <S> the segment of <U>?", "<U> est-il dans <S> ?|est-ce que <U> fait partie <dS> ?|<U> appartient-il à <S> ?|<U> est dans <S> ?"),
        "country": ("SELECT COUNT(*) AS users FROM music.user_segments JOIN music.users USING (user_id) WHERE segment = {segment} AND country = {country}",
                    "how many <N> [of/in] <S> [are from/are in/live in/come from] {country}?|#the number of <N> of <S> [in/from] {country}"
                        "|how many <N> [in/from] {country} are in <S>?|how many {country} <N> belong to <S>?|in {country}, how many <N> are in <S>?",
                    "combien <dN> <dS> [sont en/vivent en/viennent de] {country} ?|#le nombre <dN> <dS> en {country}|combien <dN> [de/en] {country} sont dans <S> ?"
                        "|en {country}, combien <dN> sont dans <S> ?"),
        "countries": ("SELECT country, COUNT(*) AS users FROM music.user_segments JOIN music.users USING (user_id) WHERE segment = {segment} GROUP BY country ORDER BY users DESC",
                      "which countries do the <N> of <S> come from?|=the <N> of <S> [per/by] country|how many <N> does <S> have [per country/in each country]?"
                          "|=the countries of the <N> in <S>|=the number of <N> of <S> in each country",
                      "de quels pays viennent les <N> <dS> ?|=les <N> <dS> par pays|=le nombre <dN> <dS> [par pays/dans chaque pays]|combien <dN> <dS> par pays ?|=les pays des <N> <dS>"),
        "segment top": (f"SELECT segment, COUNT(*) AS users FROM music.user_segments JOIN music.users USING (user_id) WHERE country = {{country}}"
                        f" GROUP BY segment ORDER BY users DESC{' LIMIT 1' if low else ''}",
                        "which segment has the most <N> in {country}?|what is the [biggest/largest/most common] segment in {country}?|=the biggest segment in {country}"
                            "|in {country}, which segment has the most <N>?|which segment do most <N> [in/from] {country} belong to?" if low else
                        "how many <N> in {country} are there in each segment?|=the <N> in {country} [by/per] segment|=the size of each segment in {country}"
                            "|which segments do the <N> in {country} belong to?|=the number of {country} <N> per segment",
                        "quel segment a le plus <dN> en {country} ?|quel est le plus gros segment en {country} ?|en {country}, quel segment compte le plus <dN> ?"
                            "|=le segment le plus répandu en {country}" if low else
                        "combien <dN> en {country} dans chaque segment ?|=les <N> en {country} par segment|=la taille de chaque segment en {country}"
                            "|à quels segments appartiennent les <N> en {country} ?|=le nombre <dN> en {country} par segment"),
        "average": ("SELECT AVG(users) AS average FROM (SELECT COUNT(*) AS users FROM music.user_segments GROUP BY segment)",
            "#the average [size of a segment/segment size/number of <N> per segment]|how many <N> does a segment have on average?", "#la taille moyenne d'un segment"
            "|#le nombre moyen <dN> par segment|combien <dN> a un segment en moyenne ?"),
    }[style]
    if style == "having":
        operator, amount_en, amount_fr = rng.choice(AMOUNTS)
        words["A"] = one(rng, amount_en if language == EN else amount_fr)
        sql = f"SELECT segment, COUNT(*) AS users FROM music.user_segments GROUP BY segment HAVING users {operator} {{num}}"
    return ask(rng, language, en, fr, **words), sql


PATTERNS += [segment_facts] * 7


# What a segment listens to: SQL before WHERE, grouping, measure, singular and plural in English and in French, feminine, how it is heard (English, French).
HEARD_BY_SEGMENT = [
    ("artist_name, SUM(plays) AS plays FROM music.listens", "artist_name", "plays", "artist", "artists", "artiste", "artistes", False, 6),
    ("track_title, artist_name, COUNT(*) AS plays FROM music.listening_events", "track_title, artist_name", "plays", "song", "songs", "morceau", "morceaux", False, 3),
    ("track_title, artist_name, COUNT(*) AS plays FROM music.listening_events", "track_title, artist_name", "plays", "track", "tracks", "chanson", "chansons", True, 2),
    ("tag, COUNT(*) AS tags FROM music.artist_tags", "tag", "tags", "tag", "tags", "tag", "tags", False, 2),
    ("genre, SUM(plays) AS plays FROM music.listens JOIN music.artists USING (artist_id)", "genre", "plays", "genre", "genres", "genre", "genres", False, 1.5),
]


def segment_top(rng):
    """The artists, songs, tags or genres of one segment, with more conditions, or of each segment."""
    language = rng.choice([EN, FR])
    source = rng.choices(HEARD_BY_SEGMENT, [h[-1] for h in HEARD_BY_SEGMENT])[0]
    head, group, alias, one_en, many_en, one_fr, many_fr, feminine, _ = source
    how, limit = rows_wanted(rng)
    each = rng.random() < 0.25
    unnest = ", UNNEST(genres) AS genre" if group == "genre" else ""
    e, le = ("e", "la") if feminine else ("", "le")
    heard_en, heard_fr = ("used", "utilisé") if alias == "tags" else (spun(rng, "[played/listened to/streamed/played]"), spun(rng, "[écouté/joué/écouté]"))
    number = "{num} " if how == "number" else ""
    if each:
        qualify = "= 1" if how != "number" else "<= {num}"
        sql = f"SELECT segment, {head} {IN_SEGMENT}{unnest} GROUP BY segment, {group} QUALIFY ROW_NUMBER() OVER (PARTITION BY segment ORDER BY {alias} DESC) {qualify}"
        N, F = (number + many_en, number + many_fr) if number else (one_en, one_fr)
        article = "les" if number else "l'" if one_fr == "artiste" else le
        fem = f"{heard_fr}{e}{'s' if number else ''}"
        the_f = f"{article}{F}" if article == "l'" else f"{article} {F}"
        plus = "les plus" if number else f"{le} plus"
        en = (f"=the {number}most {heard_en} {many_en if number else one_en} [of/in] each segment|which {N} {'are' if number else 'is'} most {heard_en} in each segment?"
            f"|=the {number}top {many_en if number else one_en} [per/by/of each/for each] segment|for each segment, the {number}most {heard_en} {many_en if number else one_en}"
            f"|=each segment's {number}[favourite/most {heard_en}] {many_en if number else one_en}".replace(f"{number}top", f"top {number}"))
        fr = (f"={the_f} {plus} {fem} [de/dans] chaque segment"
            f"|quel{'le' if e else ''}{'s' if number else ''} {F} {'sont' if number else 'est'} {plus} {fem} dans chaque segment ?|pour chaque segment, {the_f} {plus} {fem}"
            f"|={the_f} préféré{e}{'s' if number else ''} de chaque segment")
        return ask(rng, language, en, fr), sql
    if group == "genre":
        # Of one segment the genres are those of its songs.
        head, unnest = "genre, COUNT(*) AS plays FROM music.listening_events JOIN music.tracks USING (track_id)", ""
    joins, where, tail_en, tail_fr, before = IN_SEGMENT, ["segment = {segment}"], "", "", ""
    more = rng.choices(["", "country", "genre", "time", "who"], [5, 2, 1.5, 2, 1.5])[0]
    if more in ("country", "genre") and group == "artist_name":
        joins = "JOIN music.artists USING (artist_id) " + IN_SEGMENT
        where.append("country = {country}" if more == "country" else "{genre} IN UNNEST(genres)")
        before = more
    elif more == "who" and alias in ("plays", "tags") and group != "genre":
        if "listening_events" in head:
            tail_en, tail_fr = "in {country}", "en {country}"
            where.append("country = {country}")
    elif more == "time" and "listening_events" in head:
        clause, tail_en, tail_fr = rng.choice([("DATE_TRUNC(DATE(played_at), MONTH) = {month}", "in {month}", "en {month}"), ("EXTRACT(YEAR FROM played_at) = {year}", "in {year}",
            "en {year}"), ("DATE(played_at) = {date}", "on {date}", "le {date}")])
        where.append(clause)
    sql = f"SELECT {head} {joins}{unnest} WHERE {' AND '.join(where)} GROUP BY {group} ORDER BY {alias} DESC {limit}"
    words = {"S": spun(rng, "[the {segment} segment/the {segment} segment/the segment {segment}/segment {segment}]" if language == EN else "le segment {segment}"),
        "dS": "du segment {segment}", "T": tail_en if language == EN else tail_fr}
    c_en = {"country": "{country} ", "genre": "{genre} ", "": ""}[before]
    after_en = ""
    if before == "country" and rng.random() < 0.6:
        c_en, after_en = "", "from {country}"
    after_fr = {"country": "de {country}", "genre": "{genre}", "": ""}[before]
    words |= {"A": c_en, "C": after_en, "F": after_fr, "K": number}
    tail = words.pop("T")
    who_en = "[users of <S>/<S>/the members of <S>/users in <S>]"
    if how == "one":
        the_f = f"l'{one_fr} <F>" if one_fr == "artiste" else f"{le} {one_fr} <F>"
        en = (f"which <A>{one_en} <C> is the most {heard_en} in <S> <T>?|=the most {heard_en} <A>{one_en} <C> [in/of/among {who_en[1:-1].split('/')[2]}] <S> <T>"
            f"|=<S>'s [top/favourite] <A>{one_en} <C> <T>|what is the [favourite/top/most {heard_en}] <A>{one_en} <C> of <S> <T>?"
            f"|which <A>{one_en} <C> {'do users of <S> use' if alias == 'tags' else 'does <S> listen to'} the most <T>?")
        fr = (f"quel{'le' if e else ''} {one_fr} <F> est {le} plus {heard_fr}{e} [dans <S>/par les utilisateurs <dS>] <T> ?"
            f"|={the_f} {le} plus {heard_fr}{e} [dans <S>/par <S>/par les utilisateurs <dS>] <T>|={the_f} préféré{e} <dS> <T>"
            f"|dans <S>, quel{'le' if e else ''} {one_fr} <F> est {le} plus {heard_fr}{e} <T> ?")
    else:
        en = (f"which <K><A>{many_en} <C> are [the/] most {heard_en} in <S> <T>?|=the <K>most {heard_en} <A>{many_en} <C> [in/of] <S> <T>"
            f"|=the <K>[favourite/top] <A>{many_en} <C> of <S> <T>|what are the <K>[favourite/most {heard_en}] <A>{many_en} <C> [of/in] <S> <T>?"
            f"|which <K><A>{many_en} <C> {'do users of <S> use' if alias == 'tags' else 'does <S> listen to'} the most <T>?"
            f"|in <S>, which <K><A>{many_en} <C> are most {heard_en} <T>?")
        fr = (f"quel{'le' if e else ''}s sont les <K>{many_fr} <F> les plus {heard_fr}{e}s [dans <S>/par les utilisateurs <dS>] <T> ?"
            f"|=les <K>{many_fr} <F> les plus {heard_fr}{e}s [dans <S>/par <S>/par les utilisateurs <dS>] <T>|=les <K>{many_fr} <F> préféré{e}s <dS> <T>"
            f"|dans <S>, quel{'le' if e else ''}s sont les <K>{many_fr} <F> les plus {heard_fr}{e}s <T> ?")
        if number:
            en, fr = en + f"|top {{num}} <A>{many_en} <C> [in/of] <S> <T>", fr + f"|top {{num}} des {many_fr} <F> <dS> <T>"
    en = en.replace("[in/of/among the members of <S>] <S>", "[in/of] <S>").replace("the <K>[favourite/top] ", "the [favourite <K>/top <K>]")
    return ask(rng, language, en.replace("<T>", tail), fr.replace("<T>", tail), **words), sql


def segment_plays(rng):
    """Plays and listeners by segment or of one segment, of one artist or all; averages; the top segment; users of a segment by plays."""
    language = rng.choice([EN, FR])
    how, limit = rows_wanted(rng)
    words = {"S": spun(rng, "[the {segment} segment/the {segment} segment/the segment {segment}]" if language == EN else "le segment {segment}"), "dS": "du segment {segment}",
        "K": "{num} " if how == "number" else ""}
    artist = rng.random() < 0.45
    a_where = " WHERE artist_id = {artist}" if artist else ""
    to_en, to_fr = (" to {artist}", " {artist}") if artist else (" to music", "")
    by_en, of_fr = (" of {artist}", " de {artist}") if artist else ("", "")
    base = f"SELECT segment, SUM(plays) AS plays FROM music.listens {IN_SEGMENT}{a_where} GROUP BY segment ORDER BY plays DESC"
    style = rng.choices(["per", "top", "one", "listeners", "average", "average one", "users", "versus", "percentage", "who tags", "energy"], [3, 3, 2, 2, 1.2, 1, 2, 2, 1, 0.8, 1.5])[0]
    if style == "top":
        en = (f"which segment listens{to_en} the most?|=the segment with the most plays{by_en}|which segment has the most plays{by_en}?"
            f"|=the segment that listens{to_en} the most" if how == "one" else f"which <K>segments listen{to_en} the most?|=the <K>segments with the most plays{by_en}"
            f"|=the <K>segments that listen{to_en} the most")
        fr = (f"quel segment écoute le plus{to_fr} ?|=le segment [avec/qui a] le plus d'écoutes{of_fr}|=le segment qui écoute le plus{to_fr}"
            f"|quel segment a le plus d'écoutes{of_fr} ?" if how == "one" else f"quels <K>segments écoutent le plus{to_fr} ?"
            f"|=les <K>segments [avec/qui ont] le plus d'écoutes{of_fr}|=les <K>segments qui écoutent le plus{to_fr}")
        return ask(rng, language, en, fr, **words), f"{base} {limit}"
    if style == "users":
        en = (f"which user of <S> listens{to_en} the most?|=the user in <S> with the most plays{by_en}"
            f"|=the most active user of <S>" if how == "one" else f"which <K>users of <S> listen{to_en} the most?|=the <K>users in <S> with the most plays{by_en}"
            f"|=the <K>most active users of <S>")
        fr = (f"quel utilisateur <dS> écoute le plus{to_fr} ?|=l'utilisateur <dS> avec le plus d'écoutes{of_fr}"
            f"|=l'utilisateur le plus actif <dS>" if how == "one" else f"quels <K>utilisateurs <dS> écoutent le plus{to_fr} ?"
            f"|=les <K>utilisateurs <dS> avec le plus d'écoutes{of_fr}|=les <K>utilisateurs les plus actifs <dS>")
        if artist:
            en, fr = en.rsplit("|", 1)[0], fr.rsplit("|", 1)[0]
            return ask(rng, language, en, fr, **words), f"SELECT user_id, plays FROM music.listens {IN_SEGMENT} WHERE artist_id = {{artist}} AND segment = {{segment}} ORDER BY plays DESC {limit}"
        return ask(rng, language, en, fr, **words), f"SELECT user_id, SUM(plays) AS plays FROM music.listens {IN_SEGMENT} WHERE segment = {{segment}} GROUP BY user_id ORDER BY plays DESC {limit}"
    one_where = " WHERE " + ("artist_id = {artist} AND " if artist else "") + "segment = {segment}"
    feature, f_en, f_fr = rng.choice([("energy", "energy", "l'énergie moyenne"), ("tempo", "tempo", "le tempo moyen"), ("valence", "valence", "la valence moyenne"),
        ("danceability", "danceability", "la dansabilité moyenne")])
    sql, en, fr = {
        "per": (base, f"how many plays{by_en} [per/in each/for each] segment?|=the plays{by_en} [per/by] segment|=the number of plays{by_en} in each segment"
            f"|how much does each segment listen{to_en}, in plays?|for each segment, how many plays{by_en}?", f"combien d'écoutes{of_fr} [par/dans chaque] segment ?"
            f"|=les écoutes{of_fr} par segment|=le nombre d'écoutes{of_fr} par segment" + f""
            f"|pour chaque segment, combien d'écoutes{of_fr} ?"),
        "one": (f"SELECT SUM(plays) AS plays FROM music.listens {IN_SEGMENT}{one_where}", f"how many plays{by_en} does <S> have?|#the number of plays{by_en} [in/by/of] <S>"
            f"|how many times did <S> listen{to_en}?|#the total plays{by_en} in <S>|in <S>, how many plays{by_en} are there?", f"combien d'écoutes{of_fr} a <S> ?"
            f"|#le nombre d'écoutes{of_fr} [dans <S>/par <S>]|combien d'écoutes{of_fr} y a-t-il dans <S> ?|combien de fois <S> a-t-il écouté{to_fr or ' de la musique'} ?"),
        "listeners": (f"SELECT COUNT(DISTINCT user_id) AS listeners FROM music.listens {IN_SEGMENT} WHERE artist_id = {{artist}} AND segment = {{segment}}",
            "how many users of <S> listen to {artist}?|how many listeners does {artist} have in <S>?|#the number of listeners of {artist} in <S>"
            "|how many people in <S> [play/listen to] {artist}?|in <S>, how many people listen to {artist}?",
                      "combien d'utilisateurs <dS> écoutent {artist} ?|combien d'auditeurs {artist} a-t-il dans <S> ?|#le nombre d'auditeurs de {artist} dans <S>"
                          "|combien de personnes <dS> écoutent {artist} ?"),
        "average": (f"SELECT segment, SUM(plays) / COUNT(DISTINCT user_id) AS average FROM music.listens {IN_SEGMENT} GROUP BY segment ORDER BY average DESC",
            "how many plays per user does each segment have [on average/]?|=the average plays per user [in each/by/per] segment"
            "|on average, how many plays does a user have in each segment?", "combien d'écoutes par utilisateur [en moyenne/] dans chaque segment ?"
            "|=le nombre moyen d'écoutes par utilisateur dans chaque segment|=les écoutes moyennes par utilisateur, par segment"),
        "average one": (f"SELECT SUM(plays) / COUNT(DISTINCT user_id) AS average FROM music.listens {IN_SEGMENT} WHERE segment = {{segment}}",
            "how many plays does a user of <S> have on average?|#the average number of plays per user in <S>|on average, how many plays does a member of <S> have?",
            "combien d'écoutes a un utilisateur <dS> en moyenne ?|#le nombre moyen d'écoutes par utilisateur [dans <S>/<dS>]|en moyenne, combien d'écoutes a un membre <dS> ?"),
        "versus": (f"SELECT segment, SUM(plays) AS plays FROM music.listens {IN_SEGMENT} WHERE {'artist_id = {artist} AND ' if artist else ''}segment IN ({{segment}}, {{segment2}})"
            " GROUP BY segment ORDER BY plays DESC LIMIT 1",
                   f"which segment listens{to_en} more, {{segment}} or {{segment2}}?|which has more plays{by_en}, the {{segment}} segment or the {{segment2}} segment?"
                       f"|between the segments {{segment}} and {{segment2}}, which listens{to_en} more?"
                       f"|who listens more{to_en}, the {{segment}} segment or the {{segment2}} segment?",
                   f"quel segment écoute le plus{to_fr}, {{segment}} ou {{segment2}} ?|quel segment a le plus d'écoutes{of_fr}, {{segment}} ou {{segment2}} ?"
                       f"|entre les segments {{segment}} et {{segment2}}, lequel écoute le plus{to_fr} ?"
                       f"|qui écoute le plus{to_fr}, le segment {{segment}} ou le segment {{segment2}} ?"),
        "percentage": (f"SELECT segment, 100 * SUM(plays) / SUM(SUM(plays)) OVER () AS percentage FROM music.listens {IN_SEGMENT}{a_where} GROUP BY segment ORDER BY percentage DESC",
            f"what [share/percentage] of the plays{by_en} comes from each segment?|=each segment's share of the plays{by_en}|=the percentage of plays{by_en} [per/by] segment",
            f"quelle part des écoutes{of_fr} vient de chaque segment ?|=[le pourcentage/la part] des écoutes{of_fr} par segment"
            f"|quel pourcentage des écoutes{of_fr} pour chaque segment ?"),
        "who tags": (f"SELECT segment, COUNT(*) AS tags FROM music.artist_tags {IN_SEGMENT} GROUP BY segment ORDER BY tags DESC LIMIT 1", "which segment tags [artists/] the most?"
            "|=the segment that gives the most tags|which segment uses tags the most?", "quel segment tague le plus ?|=le segment qui donne le plus de tags"
            "|quel segment met le plus de tags ?"),
        "energy": (f"SELECT segment, AVG({feature}) AS avg_{feature} FROM music.listening_events JOIN music.tracks USING (track_id) {IN_SEGMENT} GROUP BY segment ORDER BY avg_{feature} DESC",
            f"=the average {f_en} of the songs [each segment plays/played by each segment/listened to in each segment]|=the average {f_en} of what each segment listens to"
            f"|=the mean {f_en} of listened songs [per/by] segment",
                   f"={f_fr} des [titres/morceaux] écoutés par chaque segment|={f_fr} des morceaux écoutés, par segment|={f_fr} de ce qu'écoute chaque segment"),
    }[style]
    return ask(rng, language, en, fr, **words), sql


PATTERNS += [segment_top] * 5 + [segment_plays] * 5

# --- tags -----------------------------------------------------------------------------------------------------------

TAG_TIMES = [("EXTRACT(YEAR FROM tagged_at) = {year}", "in {year}", "en {year}"), ("DATE_TRUNC(DATE(tagged_at), MONTH) = {month}", "in {month}", "en {month}"),
             ("EXTRACT(YEAR FROM tagged_at) BETWEEN {year} AND {year2}", "between {year} and {year2}", "entre {year} et {year2}")]
# Whose or which tags count: joins, WHERE, English and French said after "tags", how often.
TAG_SCOPES = [
    ("", "artist_id = {artist}", "[of/for/given to/put on/on] {artist}", "[de/pour/donnés à/mis à] {artist}", 6),
    ("", "user_id = {num2}", "[given by/by/of] user {num2}", "[donnés par/mis par/de] l'utilisateur {num2}", 3),
    ("JOIN music.users USING (user_id)", "country = {country}", "[given by/by] users in {country}", "[mis par/donnés par] les utilisateurs en {country}", 2),
    ("JOIN music.artists USING (artist_id)", "country = {country}", "[of/for/given to/on] artists from {country}", "[des/donnés aux] artistes de {country}", 2),
    ("JOIN music.artists USING (artist_id)", "{genre} IN UNNEST(genres)", "[of/for/given to/on] {genre} artists", "[des/donnés aux] artistes [de/] {genre}", 2),
]


def tag_top(rng):
    """The most or least used tags: of an artist, a user, a country, a genre, a time or all."""
    language = rng.choice([EN, FR])
    how, limit = rows_wanted(rng)
    join, where, en, fr, _ = rng.choices([("", "", "", "", 5), *TAG_SCOPES], [5, *(s[-1] for s in TAG_SCOPES)])[0]
    said = spun(rng, en if language == EN else fr)
    if how == "one":
        said = said.replace("donnés", "donné").replace("utilisés", "utilisé")
    when, when_en, when_fr = rng.choice(TAG_TIMES) if rng.random() < 0.3 else ("", "", "")
    low = not where and not when and rng.random() < 0.2
    conditions = " AND ".join(c for c in (where, when) if c)
    sql = f"SELECT tag, COUNT(*) AS tags FROM music.artist_tags{' ' + join if join else ''}{' WHERE ' + conditions if conditions else ''} GROUP BY tag ORDER BY tags{'' if low else ' DESC'} {limit}"
    words = {"K": "{num} " if how == "number" else "", "W": said, "Y": when_en if language == EN else when_fr, "M": "least" if low else "most", "P": "moins" if low else "plus"}
    adjective = "[used/common/frequent/often used/used]" if not low else "[used/common/frequent]"
    if how == "one":
        en = (f"which tag <W> is the <M> {adjective} <Y>?|=the <M> {adjective} tag <W> <Y>|what is the <M> {adjective} tag <W> <Y>?|=the number one tag <W> <Y>"
            f"|=the [top/main] tag <W> <Y>|<Y>, what is the <M> {adjective} tag <W>?")
        fr = ("quel tag <W> est le <P> [utilisé/fréquent/courant] <Y> ?|=le tag <W> le <P> [utilisé/fréquent/courant] <Y>|quel est le tag <W> le <P> [utilisé/fréquent] <Y> ?"
            "|quel tag <W> revient le <P> souvent <Y> ?|<Y>, quel est le tag <W> le <P> utilisé ?")
    else:
        en = (f"which <K>tags <W> are the <M> {adjective} <Y>?|=the <K><M> {adjective} tags <W> <Y>|what are the <K><M> {adjective} tags <W> <Y>?"
            f"|=the <K>tags <W> that are used <M> <Y>|<Y>, what are the <K><M> {adjective} tags <W>?|=the <K>tags <M> often used <W> <Y>".replace(""
            "|=the <K>tags <M> often used <W> <Y>", ""))
        fr = ("quels sont les <K>tags <W> les <P> [utilisés/fréquents/courants] <Y> ?|=les <K>tags <W> les <P> [utilisés/fréquents/courants] <Y>"
            "|quels <K>tags <W> reviennent le <P> souvent <Y> ?|<Y>, quels sont les <K>tags <W> les <P> utilisés ?")
        if not low:
            en += ("|=the top <K>tags <W> <Y>|what are the top <K>tags <W> <Y>?" + ("|top {num} tags <W> <Y>" if how == "number" else "|=the <M> used tags <W> <Y>, with counts"
                "|how is {artist} mostly tagged <Y>?" if "{artist}" in where else ""))
            fr += "|top {num} des tags <W> <Y>" if how == "number" else ""
    if low:
        en, fr = "|".join(t for t in en.split("|") if "number one" not in t and "top" not in t), fr
    return ask(rng, language, re.sub(r"(^|\|)<Y>, ", r"\1<Y>, " if when else r"\1", en), re.sub(r"(^|\|)<Y>, ", r"\1<Y>, " if when else r"\1", fr), **words), sql


def tags_of(rng):
    """Tags of an artist or given by a user: all, counted, different; by two; yes/no; dates; per user counts; how often an artist got one tag."""
    language = rng.choice([EN, FR])
    when, when_en, when_fr = rng.choice(TAG_TIMES) if rng.random() < 0.3 else ("", "", "")
    y = when_en if language == EN else when_fr
    w = f" AND {when}" if when else ""
    A = "WHERE artist_id = {artist}"
    U = "WHERE user_id = {num}"
    bare = {
        "common": ("SELECT tag FROM music.artist_tags WHERE artist_id = {artist} INTERSECT DISTINCT SELECT tag FROM music.artist_tags WHERE artist_id = {artist2}",
                   "which tags do {artist} and {artist2} [have in common/share]?|=the tags [shared by/common to] {artist} and {artist2}|=the tags of both {artist} and {artist2}"
                       "|=the common tags of {artist} and {artist2}|what tags have both {artist} and {artist2} been given?",
                   "quels tags {artist} et {artist2} ont-ils en commun ?|=les tags communs à {artist} et {artist2}|=les tags [partagés par/en commun entre] {artist} et {artist2}"
                       "|quels sont les tags communs de {artist} et {artist2} ?"),
        "except": ("SELECT tag FROM music.artist_tags WHERE artist_id = {artist} EXCEPT DISTINCT SELECT tag FROM music.artist_tags WHERE artist_id = {artist2}",
                   "which tags does {artist} have that {artist2} does not [have/]?|=the tags of {artist} that {artist2} does not have|=the tags of {artist} but not of {artist2}"
                       "|which tags of {artist} are not tags of {artist2}?", "quels tags a {artist} que {artist2} n'a pas ?|=les tags de {artist} que {artist2} n'a pas"
                       "|=les tags de {artist} mais pas de {artist2}"),
        "user common": ("SELECT tag FROM music.artist_tags WHERE user_id = {num} INTERSECT DISTINCT SELECT tag FROM music.artist_tags WHERE user_id = {num2}",
            "which tags have <UV> both used?|=the tags used by both <UV>|which tags do <UV> [have in common/share]?|=the common tags of <UV>",
                        "quels tags <UV> ont-ils utilisés tous les deux ?|=les tags utilisés à la fois par <U> et <V>|quels tags <UV> ont-ils en commun ?|=les tags communs <aUV>"),
        "versus": ("SELECT artist_name, COUNT(*) AS tags FROM music.artist_tags WHERE artist_id IN ({artist}, {artist2}) GROUP BY artist_name ORDER BY tags DESC LIMIT 1",
            "who has more tags, {artist} or {artist2}?|who has been tagged more [often/], {artist} or {artist2}?|between {artist} and {artist2}, who has [more/the most] tags?"
            "|{artist} or {artist2}: who is tagged more?",
                   "qui a le plus de tags, {artist} ou {artist2} ?|qui a été le plus [souvent/] tagué, {artist} ou {artist2} ?|entre {artist} et {artist2}, qui a le plus de tags ?"
                       "|{artist} ou {artist2} : qui est le plus tagué ?"),
        "first": (f"SELECT MIN(DATE(tagged_at)) AS first_date FROM music.artist_tags {A} AND tag = {{tag}}", "when was {artist} first tagged [as/] {tag}?"
            "|#the first date {artist} was tagged {tag}|since when has {artist} been tagged {tag}?", "quand {artist} a-t-il été tagué {tag} pour la première fois ?"
            "|#la première date où {artist} a été tagué {tag}|depuis quand {artist} est-il tagué {tag} ?"),
        "first any": (f"SELECT MIN(DATE(tagged_at)) AS first_date FROM music.artist_tags {A}", "when was {artist} first tagged?|#the date of the first tag of {artist}"
            "|when did {artist} get [a first tag/its first tag]?", "quand {artist} a-t-il été tagué pour la première fois ?|#la date du premier tag de {artist}"
            "|de quand date le premier tag de {artist} ?"),
        "share": (f"SELECT tag, 100 * COUNT(*) / SUM(COUNT(*)) OVER () AS percentage FROM music.artist_tags {A} GROUP BY tag ORDER BY percentage DESC",
            "=the share of each tag [of/for] {artist}|=the tags of {artist} in percent|what percentage of the tags of {artist} does each tag make up?",
            "=la part de chaque tag de {artist}|=les tags de {artist} en pourcentage|quel pourcentage représente chaque tag de {artist} ?"),
        "users each": (f"SELECT tag, COUNT(DISTINCT user_id) AS users FROM music.artist_tags {A} GROUP BY tag ORDER BY users DESC", "how many users gave each tag [of/to] {artist}?"
            "|=the tags of {artist} with the number of users [who gave them/]|for each tag of {artist}, how many users?", "combien d'utilisateurs ont donné chaque tag de {artist} ?"
            "|=les tags de {artist} avec le nombre d'utilisateurs|pour chaque tag de {artist}, combien d'utilisateurs ?"),
    }
    timed = {
        "all": (f"SELECT DISTINCT tag FROM music.artist_tags {A}{w}", "=the tags of {artist} <Y>|which tags does {artist} have <Y>?"
            "|=all [the/] tags [given to/put on/of/for] {artist} <Y>|what tags [were/have been] given to {artist} <Y>?|how is {artist} tagged <Y>?|={artist}'s tags <Y>"
            "|which tags did [users/people] give {artist} <Y>?",
                "=les tags de {artist} <Y>|quels tags a {artist} <Y> ?|=tous les tags [donnés à/mis à/de] {artist} <Y>|quels sont les tags de {artist} <Y> ?"
                    "|comment {artist} est-il tagué <Y> ?|avec quels tags {artist} [est-il/a-t-il été] tagué <Y> ?|=les tags qu'on a donnés à {artist} <Y>"),
        "counts": (f"SELECT tag, COUNT(*) AS tags FROM music.artist_tags {A}{w} GROUP BY tag ORDER BY tags DESC",
            "=the tags of {artist} <Y> [with counts/with the number of times each was given/with their counts]|which tags does {artist} have <Y>, and how many times each?"
            "|how many times was each tag given to {artist} <Y>?|=the number of uses of each tag of {artist} <Y>|for each tag of {artist}, how many times was it given <Y>?",
                   "=les tags de {artist} <Y> avec leur nombre|combien de fois chaque tag a-t-il été donné à {artist} <Y> ?|quels tags a {artist} <Y>, et combien de fois chacun ?"
                       "|=le nombre d'utilisations de chaque tag de {artist} <Y>"),
        "how many": (f"SELECT COUNT(DISTINCT tag) AS tags FROM music.artist_tags {A}{w}", "how many [different/distinct] tags does {artist} have <Y>?"
            "|#the number of [different/distinct] tags of {artist} <Y>|how many different tags were given to {artist} <Y>?",
            "combien de tags [différents/distincts] a {artist} <Y> ?|#le nombre de tags [différents/distincts] de {artist} <Y>|{artist} a combien de tags différents <Y> ?"),
        "times": (f"SELECT COUNT(*) AS tags FROM music.artist_tags {A}{w}", "how many times was {artist} tagged <Y>?|#the number of times {artist} was tagged <Y>"
            "|how often was {artist} tagged <Y>?", "combien de fois {artist} a-t-il été tagué <Y> ?"
            "|#le nombre de fois où {artist} a été tagué <Y>|{artist} a été tagué combien de fois <Y> ?"),
        "times tag": (f"SELECT COUNT(*) AS tags FROM music.artist_tags {A} AND tag = {{tag}}{w}", "how many times was {artist} tagged [as/with/] {tag} <Y>?"
            "|#the number of times {artist} was tagged {tag} <Y>|how often was {artist} tagged {tag} <Y>?" + "|how many {tag} tags does {artist} have <Y>?",
                      "combien de fois {artist} a-t-il été tagué {tag} <Y> ?|#le nombre de fois où {artist} a été tagué {tag} <Y>|{artist} a combien de tags {tag} <Y> ?"),
        "is": (f"SELECT COUNT(*) > 0 AS answer FROM music.artist_tags {A} AND tag = {{tag}}{w}", "[is/was] {artist} tagged [as/] {tag} <Y>?"
            "|has anyone tagged {artist} [as/] {tag} <Y>?|does {artist} have the tag {tag} <Y>?|did anyone tag {artist} as {tag} <Y>?"
            "|is {tag} [one of the tags/a tag] of {artist} <Y>?",
               "{artist} [est-il/a-t-il été] tagué {tag} <Y> ?|est-ce que {artist} [est/a été] tagué {tag} <Y> ?|quelqu'un a-t-il tagué {artist} [comme/en/] {tag} <Y> ?"
                   "|{artist} a-t-il le tag {tag} <Y> ?|{artist} est tagué {tag} <Y> ?"),
        "users": (f"SELECT COUNT(DISTINCT user_id) AS users FROM music.artist_tags {A}{w}", "how many users [have tagged/tagged] {artist} <Y>?"
            "|#the number of users who tagged {artist} <Y>|how many people [have/] tagged {artist} <Y>?", "combien d'utilisateurs ont tagué {artist} <Y> ?"
            "|#le nombre d'utilisateurs qui ont tagué {artist} <Y>|combien de personnes ont tagué {artist} <Y> ?"),
        "user tags": (f"SELECT DISTINCT tag FROM music.artist_tags {U}{w}", "which tags has <U> used <Y>?|=the tags [used by/given by/of] <U> <Y>|what tags did <U> [use/give] <Y>?"
            "|=<Us> tags <Y>|which tags does <U> use <Y>?", "quels tags <U> a-t-il [utilisés/donnés/mis] <Y> ?|=les tags [utilisés par/donnés par] <U> <Y>|=les tags <dU> <Y>"
            "|quels tags utilise <U> <Y> ?"),
        "user pairs": (f"SELECT artist_name, tag FROM music.artist_tags {U}{w}", "which artists has <U> tagged <Y>, and [with what/how/with which tags]?"
            "|=the artists tagged by <U> <Y> [with/and] the tags|what did <U> tag <Y>, and how?|=the artists and tags of <U> <Y>",
            "quels artistes <U> a-t-il tagués <Y>, et avec quels tags ?|=les artistes tagués par <U> <Y> et les tags|qu'a tagué <U> <Y>, et comment ?"),
        "user count": (f"SELECT COUNT(*) AS tags FROM music.artist_tags {U}{w}", "how many tags has <U> given <Y>?|#the number of tags [given/applied] by <U> <Y>"
            "|how many tags did <U> give <Y>?", "combien de tags <U> a-t-il [donnés/mis] <Y> ?|#le nombre de tags [donnés/mis] par <U> <Y>|<U> a donné combien de tags <Y> ?"),
        "user artist": (f"SELECT DISTINCT tag FROM music.artist_tags {U} AND artist_id = {{artist}}{w}", "which tags did <U> give {artist} <Y>?"
            "|=the tags <U> gave [to/] {artist} <Y>|how did <U> tag {artist} <Y>?|=the tags of <U> for {artist} <Y>", "quels tags <U> a-t-il donnés à {artist} <Y> ?"
            "|=les tags que <U> a [donnés/mis] à {artist} <Y>|comment <U> a-t-il tagué {artist} <Y> ?|=les tags <dU> pour {artist} <Y>"),
        "user artists": (f"SELECT DISTINCT artist_name FROM music.artist_tags {U} AND tag = {{tag}}{w}", "which artists has <U> tagged [as/] {tag} <Y>?"
            "|=the artists [that/] <U> tagged {tag} <Y>|=the artists tagged {tag} by <U> <Y>|who did <U> tag {tag} <Y>?", "quels artistes <U> a-t-il tagués {tag} <Y> ?"
            "|=les artistes tagués {tag} par <U> <Y>|=les artistes que <U> a tagués {tag} <Y>"),
        "user any artists": (f"SELECT DISTINCT artist_name FROM music.artist_tags {U}{w}", "which artists has <U> tagged <Y>?|=the artists tagged by <U> <Y>"
            "|=the artists <U> has tagged <Y>|who did <U> tag <Y>?", "quels artistes <U> a-t-il tagués <Y> ?|=les artistes tagués par <U> <Y>|=les artistes que <U> a tagués <Y>"
            "|qui <U> a-t-il tagué <Y> ?"),
    }
    if rng.random() < 0.3:
        kind = rng.choices(list(bare), [3, 2, 1.5, 2, 1.5, 1, 1, 1.2])[0]
        sql, en, fr = bare[kind]
        return ask(rng, language, en, fr, **(pair(rng, language) if kind == "user common" else {})), sql
    sql, en, fr = timed[rng.choices(list(timed), [5, 3, 3, 2, 3, 3, 2, 3, 2, 1.5, 1.5, 2, 1.5])[0]]
    return ask(rng, language, en, fr, Y=y, **user(rng, language)), sql


PATTERNS += [tag_top] * 5 + [tags_of] * 7


# A further condition on the artists tagged {tag}: joins, SQL, English before or after the noun, French after it.
TAGGED_CONDITIONS = [
    ("JOIN music.artists USING (artist_id)", "country = {country}", "", "[from/from/coming from] {country}", "[de/venant de/originaires de] {country}", 4),
    ("JOIN music.artists USING (artist_id)", "country = {country}", "{country} ", "", "[de/venant de] {country}", 2),
    ("JOIN music.artists USING (artist_id)", "{genre} IN UNNEST(genres)", "{genre} ", "", "[{genre}/de {genre}/qui font du {genre}]", 3),
    ("JOIN music.artists USING (artist_id)", "{genre} NOT IN UNNEST(genres)", "", "[that are not/who are not/that don't play] {genre}", "[qui ne font pas de/qui ne sont pas du] {genre}", 1),
    ("", "artist_id IN (SELECT artist_id FROM music.listens WHERE user_id = {num2})", "", "[that user {num2} listens to/listened to by user {num2}]",
        "[que l'utilisateur {num2} écoute/écoutés par l'utilisateur {num2}]", 1.5),
]


def tagged_artists(rng):
    """The artists with a tag, with or without another tag or condition: listed, counted, the most tagged."""
    language = rng.choice([EN, FR])
    when, when_en, when_fr = rng.choice(TAG_TIMES) if rng.random() < 0.15 else ("", "", "")
    y = when_en if language == EN else when_fr
    style = rng.choices(["list", "count", "top", "two", "popular"], [5, 3, 3, 5, 2.5])[0]
    tag_en, tag_fr = ("[tagged {tag}/tagged {tag}/tagged as {tag}/with the tag {tag}/with the {tag} tag/that users tagged {tag}]",
        "[tagués {tag}/tagués {tag}/avec le tag {tag}/qui ont le tag {tag}/portant le tag {tag}/étiquetés {tag}]")
    if style == "two":
        name = "SELECT artist_name FROM music.artist_tags WHERE tag = {tag}"
        other = name.replace("{tag}", "{tag2}")
        sql, en, fr = rng.choices([
            (f"{name} INTERSECT DISTINCT {other}", "=the artists tagged [both {tag} and {tag2}/{tag} and {tag2}/{tag} and also {tag2}/{tag} as well as {tag2}]"
                "|which artists are tagged [both {tag} and {tag2}/{tag} and {tag2}/{tag} and also {tag2}]?|who is tagged both {tag} and {tag2}?"
                "|which artists have [both the tags {tag} and {tag2}/the tags {tag} and {tag2}/the tag {tag} and the tag {tag2}]?|=the artists with both tags, {tag} and {tag2}",
             "=les artistes tagués [à la fois {tag} et {tag2}/{tag} et {tag2}/{tag} et aussi {tag2}]|quels artistes sont tagués [à la fois {tag} et {tag2}/{tag} et {tag2}] ?"
                 "|quels artistes ont [les tags {tag} et {tag2}/à la fois le tag {tag} et le tag {tag2}] ?|qui est tagué à la fois {tag} et {tag2} ?"
                 "|=les artistes avec les deux tags {tag} et {tag2}"),
            (f"{name} EXCEPT DISTINCT {other}", "=the artists tagged {tag} [but not {tag2}/and not {tag2}/without the tag {tag2}]"
                "|which artists are tagged {tag} [but not {tag2}/and not {tag2}/without being tagged {tag2}]?|=the artists with the tag {tag} but not {tag2}"
                "|who is tagged {tag} but not {tag2}?|which artists have the tag {tag} and not the tag {tag2}?",
             "=les artistes tagués {tag} [mais pas {tag2}/et pas {tag2}/sans le tag {tag2}]|quels artistes sont tagués {tag} [mais pas {tag2}/sans être tagués {tag2}] ?"
                 "|=les artistes qui ont le tag {tag} mais pas {tag2}|qui est tagué {tag} mais pas {tag2} ?|quels artistes ont le tag {tag} et pas le tag {tag2} ?"),
            ("SELECT DISTINCT artist_name FROM music.artist_tags WHERE tag IN ({tag}, {tag2})", "=the artists tagged [{tag} or {tag2}/either {tag} or {tag2}]"
                "|which artists are tagged [{tag} or {tag2}/either {tag} or {tag2}]?|=the artists with the tag {tag} or the tag {tag2}|who is tagged {tag} or {tag2}?",
                "=les artistes tagués [{tag} ou {tag2}/soit {tag} soit {tag2}]|quels artistes sont tagués {tag} ou {tag2} ?|=les artistes qui ont le tag {tag} ou {tag2}"),
            ("SELECT tag, COUNT(DISTINCT artist_id) AS artists FROM music.artist_tags WHERE tag IN ({tag}, {tag2}) GROUP BY tag ORDER BY artists DESC",
                "compare the tags {tag} and {tag2} by number of artists|how many artists are tagged {tag} and how many {tag2}?",
                "compare les tags {tag} et {tag2} en nombre d'artistes|combien d'artistes sont tagués {tag} et combien {tag2} ?"),
            ("SELECT tag, COUNT(*) AS tags FROM music.artist_tags WHERE tag IN ({tag}, {tag2}) GROUP BY tag ORDER BY tags DESC LIMIT 1", "which tag is used more, {tag} or {tag2}?"
                "|which tag is more [common/frequent/used], {tag} or {tag2}?|between {tag} and {tag2}, which tag is used more?|{tag} or {tag2}: which tag is more used?",
                "quel tag est le plus [utilisé/fréquent/courant], {tag} ou {tag2} ?|entre {tag} et {tag2}, quel tag est le plus utilisé ?"
                "|{tag} ou {tag2} : quel tag est le plus utilisé ?"),
        ], [5, 4, 2, 1, 2])[0]
        return ask(rng, language, en, fr), sql
    condition = rng.choices([None, *TAGGED_CONDITIONS], [5, *(c[-1] for c in TAGGED_CONDITIONS)])[0]
    join, c_sql, before_en, after_en, after_fr, _ = condition or ("", "", "", "", "", 0)
    how, limit = rows_wanted(rng)
    words = {"A": before_en, "C": after_en, "F": after_fr, "G": rng.choice(["artists", "artists", "artists", "acts"]), "X": tag_en if language == EN else tag_fr, "Y": y,
        "K": "{num} " if how == "number" else ""}
    where = " AND ".join(c for c in ("tag = {tag}", "" if "SELECT" in c_sql else c_sql, when, c_sql if "SELECT" in c_sql else "") if c)
    source = f"FROM music.artist_tags{' ' + join if join else ''} WHERE {where}"
    if style == "popular":
        column, en_most, fr_most = rng.choice([("popularity", "most popular", "plus populaire"), ("followers", "most followed", "plus suivi")])
        country = rng.random() < 0.4
        words |= {"C": spun(rng, "[from {country}/coming from {country}]") if country else "", "F": spun(rng, "[de/venant de] {country}") if country else "", "A": ""}
        sql = (f"SELECT name, {column} FROM music.artists WHERE {'country = {country} AND ' if country else ''}artist_id IN ("
            f"SELECT artist_id FROM music.artist_tags WHERE tag = {{tag}}) ORDER BY {column} DESC {limit}")
        en = (f"which artist <C> <X> is the {en_most}?|=the {en_most} artist <C> <X>|who is the {en_most} artist <C> <X>?"
            f"|among the artists <C> <X>, who is the {en_most}?" if how == "one" else f"which <K><G> <C> <X> are the {en_most}?|=the <K>{en_most} <G> <C> <X>"
            f"|among the artists <C> <X>, which <K>are the {en_most}?|what are the <K>{en_most} <G> <C> <X>?")
        fr = (f"quel artiste <F> tagué {{tag}} est le {fr_most} ?|=l'artiste <F> tagué {{tag}} le {fr_most}"
            f"|parmi les artistes <F> <X>, qui est le {fr_most} ?" if how == "one" else f"quels <K>artistes <F> <X> sont les {fr_most}s ?|=les <K>artistes <F> <X> les {fr_most}s"
            f"|parmi les artistes <F> <X>, quels sont les <K>{fr_most}s ?")
        return ask(rng, language, en, fr, **words), sql
    if style == "top":
        sql = f"SELECT artist_name, COUNT(*) AS tags {source} GROUP BY artist_name ORDER BY tags DESC {limit}"
        if how == "one":
            words["F"] = spun(rng, after_fr).replace("originaires", "originaire").replace("qui font", "qui fait").replace("ne font", "ne fait").replace("ne sont",
                "n'est").replace("écoutés", "écouté")
        en = ("which <A>artist <C> is [most often tagged/tagged most often] {tag} <Y>?|which <A>artist <C> has been tagged {tag} [the most/most often] <Y>?"
            "|=the <A>artist <C> [most often tagged/tagged most often as] {tag} <Y>|=the <A>artist <C> who got the {tag} tag the most <Y>" if how == "one" else \
            "which <K><A><G> <C> are [most often tagged/tagged most often as] {tag} <Y>?|=the <K><A><G> <C> [most often tagged/tagged most often as] {tag} <Y>"
                "|which <K><A><G> <C> have been tagged {tag} [the most/most often] <Y>?|=the <K><A><G> <C> with the most {tag} tags <Y>")
        fr = ("quel artiste <F> est le plus souvent tagué {tag} <Y> ?|=l'artiste <F> le plus [souvent/] tagué {tag} <Y>"
            "|quel artiste <F> a été tagué {tag} le plus souvent <Y> ?" if how == "one" else "quels sont les <K>artistes <F> les plus [souvent/] tagués {tag} <Y> ?"
            "|=les <K>artistes <F> les plus souvent tagués {tag} <Y>|quels <K>artistes <F> sont le plus souvent tagués {tag} <Y> ?"
            "|=les <K>artistes <F> qui ont le plus reçu le tag {tag} <Y>")
        return ask(rng, language, en, fr, **words), sql
    if style == "count":
        sql = f"SELECT COUNT(DISTINCT artist_id) AS artists {source}"
        return (ask(rng, language, "how many <A><G> <C> are tagged {tag} <Y>?|how many <A><G> <C> have the [tag {tag}/{tag} tag] <Y>?|#the number of <A><G> <C> tagged {tag} <Y>"
            "|count the <A><G> <X> <C> <Y>|how many <A><G> <C> [have been/were] tagged {tag} <Y>?",
                   "combien d'artistes <F> [sont tagués/ont été tagués] {tag} <Y> ?|#le nombre d'artistes <F> <X> <Y>|combien y a-t-il d'artistes <F> <X> <Y> ?"
                       "|combien d'artistes <F> ont le tag {tag} <Y> ?", **words), sql)
    return (ask(rng, language, "=the <A><G> <C> <X> <Y>|=the <A><G> <X> <C> <Y>|which <A><G> <C> are tagged [as/] {tag} <Y>?|which <A><G> <C> have the [tag {tag}/{tag} tag] <Y>?"
        "|=all <A><G> <X> <C> <Y>|which <A><G> <X> are there <C> <Y>?|which <A><G> <C> [have been/were] tagged {tag} <Y>?|{tag}: tagged <A><G> <C> <Y>",
               "=les artistes <F> <X> <Y>|=les artistes <X> <F> <Y>|quels artistes <F> [sont tagués/ont été tagués] {tag} <Y> ?|quels artistes <F> ont le tag {tag} <Y> ?"
                   "|=tous les artistes <F> <X> <Y>|quels sont les artistes <F> <X> <Y> ?", **words), f"SELECT DISTINCT artist_name {source}")


def tag_users(rng):
    """Artists and users by how much they tag or are tagged; tags by number of users or artists; over time; totals."""
    language = rng.choice([EN, FR])
    how, limit = rows_wanted(rng)
    when, when_en, when_fr = rng.choice(TAG_TIMES) if rng.random() < 0.3 else ("", "", "")
    w = f" WHERE {when}" if when else ""
    operator, amount_en, amount_fr = rng.choice(AMOUNTS)
    one_row = how == "one"
    words = {"K": "{num} " if how == "number" else "", "Y": when_en if language == EN else when_fr, "A": one(rng, amount_en if language == EN else amount_fr)}
    # SQL before the limit, subject and what is done most: English singular and plural, French singular and plural.
    tops = [
        (f"SELECT artist_name, COUNT(DISTINCT tag) AS tags FROM music.artist_tags{w} GROUP BY artist_name ORDER BY tags DESC", "artist", "artiste",
            ["[has/received] the most different tags", "[have/received] the most different tags"], ["a le plus de tags différents", "ont le plus de tags différents"], 4, ""),
        (f"SELECT artist_name, COUNT(*) AS tags FROM music.artist_tags{w} GROUP BY artist_name ORDER BY tags DESC", "artist", "artiste",
            ["[has the most tags/was tagged the most/received the most tags/got tagged most often]", "[have the most tags/were tagged the most/received the most tags]"],
            ["[a le plus de tags/a été le plus tagué/a reçu le plus de tags]", "[ont le plus de tags/ont été le plus tagués/ont reçu le plus de tags]"], 4, ""),
        (f"SELECT user_id, COUNT(*) AS tags FROM music.artist_tags{w} GROUP BY user_id ORDER BY tags DESC", "user", "utilisateur",
            ["[gave the most tags/tagged the most/used the most tags]", "[gave the most tags/tagged the most]"],
            ["[a donné le plus de tags/a le plus tagué/a mis le plus de tags]", "[ont donné le plus de tags/ont le plus tagué]"], 3, ""),
        (f"SELECT user_id, COUNT(DISTINCT tag) AS tags FROM music.artist_tags{w} GROUP BY user_id ORDER BY tags DESC", "user", "utilisateur", ["used the most different tags",
            "used the most different tags"], ["a utilisé le plus de tags différents", "ont utilisé le plus de tags différents"], 2, ""),
        (f"SELECT user_id, COUNT(*) AS tags FROM music.artist_tags WHERE tag = {{tag}}{' AND ' + when if when else ''} GROUP BY user_id ORDER BY tags DESC", "user", "utilisateur",
            ["[used the tag {tag} [the/] most/gave the tag {tag} most often/used the {tag} tag most]", "[used the tag {tag} [the/] most/gave the tag {tag} most often]"],
         ["[a le plus utilisé le tag {tag}/a utilisé le plus souvent le tag {tag}/a le plus donné le tag {tag}]",
             "[ont le plus utilisé le tag {tag}/ont utilisé le plus souvent le tag {tag}]"], 5, ""),
        (f"SELECT tag, COUNT(DISTINCT artist_id) AS artists FROM music.artist_tags{w} GROUP BY tag ORDER BY artists DESC", "tag", "tag",
            ["[was given to/has/covers] the most artists", "[were given to/have/cover] the most artists"], ["[a été donné au/couvre le] plus grand nombre d'artistes",
            "[ont été donnés au/couvrent le] plus grand nombre d'artistes"], 2, ""),
        (f"SELECT tag, COUNT(DISTINCT user_id) AS users FROM music.artist_tags{w} GROUP BY tag ORDER BY users DESC", "tag", "tag", ["was used by the most [users/different users]",
            "were used by the most [users/different users]"], ["a été utilisé par le plus d'utilisateurs", "ont été utilisés par le plus d'utilisateurs"], 2, ""),
    ]
    if rng.random() < 0.7:
        sql, noun_en, noun_fr, verb_en, verb_fr, _, _ = rng.choices(tops, [t[-2] for t in tops])[0]
        n_en, n_fr, v_en, v_fr = (noun_en, noun_fr, verb_en[0], verb_fr[0]) if one_row else (noun_en + "s", noun_fr + "s", verb_en[1], verb_fr[1])
        en = f"which <K>{n_en} {v_en} <Y>?|=the <K>{n_en} that {v_en} <Y>|<Y> which <K>{n_en} {v_en}?|what <K>{n_en} {v_en} <Y>?"
        article = ("le" if noun_fr == "tag" else "l'") if one_row else "les"
        the = f"l'{n_fr}" if article == "l'" else f"{article} <K>{n_fr}"
        fr = f"quel{'' if one_row else 's'} <K>{n_fr} {v_fr} <Y> ?|={the} qui {v_fr} <Y>|{'quel est' if one_row else 'quels sont'} {the} qui {v_fr} <Y> ?"
        if noun_en in ("user", "artist") and one_row:
            en, fr = en + f"|who {v_en} <Y>?", fr + f"|qui {v_fr} <Y> ?"
        if noun_en == "user" and not one_row and how == "ten":
            fr += f"|quels utilisateurs {v_fr} <Y> ?"
        en = en.replace("|<Y> which", "|<Y>, which" if when else "|which")
        return ask(rng, language, en, fr, **words), f"{sql} {limit}"
    sql, en, fr = rng.choice([
        (f"SELECT artist_name, COUNT(DISTINCT tag) AS tags FROM music.artist_tags{w} GROUP BY artist_name HAVING tags {operator} {{num}}",
            "which artists have <A> {num} different tags <Y>?|=the artists with <A> {num} [different/distinct] tags <Y>|=all artists that have <A> {num} different tags <Y>",
            "quels artistes ont <A> {num} tags différents <Y> ?|=les artistes [avec/qui ont/ayant] <A> {num} tags [différents/distincts] <Y>"),
        (f"SELECT user_id, COUNT(*) AS tags FROM music.artist_tags{w} GROUP BY user_id HAVING tags {operator} {{num}}", "which users gave <A> {num} tags <Y>?"
            "|=the users who gave <A> {num} tags <Y>|=all users with <A> {num} tags given <Y>", "quels utilisateurs ont donné <A> {num} tags <Y> ?"
            "|=les utilisateurs qui ont [donné/mis] <A> {num} tags <Y>"),
        ("SELECT COUNT(DISTINCT tag) AS tags FROM music.artist_tags" + w, "how many different tags [are there/exist/were used] <Y>?|#the number of [different/distinct] tags <Y>"
            "|how many distinct tags are there <Y>?", "combien de tags différents [y a-t-il/ont été utilisés] <Y> ?|#le nombre de tags [différents/distincts] <Y>"),
        (f"SELECT COUNT(DISTINCT user_id) AS users FROM music.artist_tags WHERE tag = {{tag}}{' AND ' + when if when else ''}",
            "how many [users/people] [used/gave] the tag {tag} <Y>?|#the number of users who used the tag {tag} <Y>|how many different users used {tag} as a tag <Y>?",
            "combien [d'utilisateurs/de personnes] ont utilisé le tag {tag} <Y> ?|#le nombre d'utilisateurs qui ont utilisé le tag {tag} <Y>"
            "|combien d'utilisateurs différents ont mis le tag {tag} <Y> ?"),
        (f"SELECT DISTINCT user_id FROM music.artist_tags WHERE tag = {{tag}}{' AND ' + when if when else ''}", "which users used the tag {tag} <Y>?"
            "|=the users who used the tag {tag} <Y>|who has used the tag {tag} <Y>?|=the users who gave the tag {tag} <Y>", "quels utilisateurs ont utilisé le tag {tag} <Y> ?"
            "|=les utilisateurs qui ont [utilisé/mis] le tag {tag} <Y>|qui a utilisé le tag {tag} <Y> ?"),
        ("SELECT EXTRACT(YEAR FROM tagged_at) AS year, COUNT(*) AS tags FROM music.artist_tags WHERE tag = {tag} GROUP BY year ORDER BY year",
            "how many times was the tag {tag} used [each/per/every] year?|=the uses of the tag {tag} [per/by] year|=the number of {tag} tags per year",
            "combien de fois le tag {tag} a-t-il été utilisé [chaque année/par an] ?|=les utilisations du tag {tag} par année|=le nombre de tags {tag} par an"),
        ("SELECT EXTRACT(YEAR FROM tagged_at) AS year, COUNT(*) AS tags FROM music.artist_tags WHERE artist_id = {artist} GROUP BY year ORDER BY year",
            "how many times was {artist} tagged [each/per/every] year?|=the tags of {artist} [per/by] year|=the number of tags given to {artist} per year",
            "combien de fois {artist} a-t-il été tagué [chaque année/par an] ?|=le nombre de tags de {artist} par [an/année]|=les tags donnés à {artist}, année par année"),
        ("SELECT country, COUNT(DISTINCT artist_id) AS artists FROM music.artist_tags JOIN music.artists USING (artist_id) WHERE tag = {tag} GROUP BY country ORDER BY artists DESC LIMIT 10",
            "which countries have the most artists tagged {tag}?|=the countries with the most artists tagged {tag}|which countries do most artists tagged {tag} come from?",
            "quels pays ont le plus d'artistes tagués {tag} ?|=les pays avec le plus d'artistes tagués {tag}|de quels pays viennent la plupart des artistes tagués {tag} ?"),
        ("SELECT name FROM music.artists WHERE artist_id NOT IN (SELECT artist_id FROM music.artist_tags)", "which artists have no tags?|=the artists without [any/] tags"
            "|which artists were never tagged?", "quels artistes n'ont aucun tag ?|=les artistes sans [tag/tags]|quels artistes n'ont jamais été tagués ?"),
    ])
    return ask(rng, language, en, fr, **words), sql


PATTERNS += [tagged_artists] * 7 + [tag_users] * 5
