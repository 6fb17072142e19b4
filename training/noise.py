"""What hurried fingers and chatty people do to a question: typos, lost words, things said around it.

Works on masked prompts, leaves masks alone, and draws anew at each pass, so that no question is read twice in the same form.
"""

from __future__ import annotations

import random

from corpus import SLOT, UNANSWERABLE
from masking import THEN

FILLERS = {"the", "of", "a", "an", "please", "me", "is", "are", "le", "la", "les", "de", "des", "du", "un", "une", "est", "moi"}
FRENCH = {"le", "la", "les", "des", "du", "un", "une", "est", "quel", "quels", "quelle", "quelles", "qui", "combien", "dans", "pour", "avec", "sur", "en", "et", "chansons", "artistes", "morceaux", "titres", "par", "plus", "ont", "moi"}
# A word whose loss or change changes what is asked.
DECISIVE = {"not", "no", "non", "pas", "sans", "without", "ni", "nor", "neither", "more", "less", "plus", "moins", "most", "least", "only", "both", "or", "ou", "and", "et", "each", "per", "par", "chaque", "major", "minor", "majeur", "mineur"}

SHORT = {"you": "u", "please": "pls", "songs": "sngs", "what": "wat", "which": "wich", "with": "w/", "without": "w/o", "people": "ppl", "and": "n", "about": "abt",
         "que": "q", "quel": "kel", "quels": "kels", "quelle": "kel", "quelles": "kelles", "qui": "ki", "beaucoup": "bcp", "toujours": "tjs", "c'est": "c", "combien": "cb", "dans": "ds", "morceaux": "morcos", "pour": "pr"}

BEFORE = {
    "en": [
        "please ,", "hi ,", "hello ,", "hey ,", "hi there !", "good morning ,", "can you tell me", "could you tell me", "i want to know", "i'd like to know", "i would like to see", "i am looking for", "i'm searching", "i am searching for",
        "we need", "so", "tell me", "show me", "i need", "just curious :", "quick question :", "one question :", "for a talk i am preparing :", "for my thesis :", "for my boss ,", "for a friend :", "for a playlist ,",
        "i'm making a playlist for a run ,", "i'm preparing a radio show ,", "for my homework ,", "for our newsletter ,", "my daughter asks :", "i was wondering ,", "i wonder", "ok so", "hmm ,", "list", "give me", "find me",
        "help me find", "do you know", "any idea", "let's see :", "we're planning a campaign .", "i have a meeting tomorrow .", "could you pull up", "if possible ,", "out of curiosity ,", "for tonight ,", "next :", "now",
    ],
    "fr": [
        "bonjour ,", "salut ,", "coucou ,", "bonsoir ,", "dis-moi", "dites-moi", "stp", "s'il te plait ,", "s'il vous plait ,", "je veux savoir", "je voudrais savoir", "j'aimerais savoir", "j'aimerais connaitre", "je cherche",
        "on cherche", "il me faut", "il nous faut", "donne moi", "donne-moi", "donnez-moi", "montre-moi", "affiche", "sors-moi", "euh", "alors ,", "bon ,", "petite question :", "une question :", "par curiosite ,",
        "pour mon memoire ,", "pour mon expose ,", "pour une emission de radio ,", "pour une playlist ,", "pour ma soiree ,", "pour un ami :", "pour mon chef ,", "pour la reunion de demain ,", "je prepare une chronique :",
        "je me demandais", "je me demande", "tu peux me dire", "tu sais", "est-ce que tu peux me sortir", "pourriez-vous m'indiquer", "si possible ,", "en fait", "au fait ,", "maintenant", "trouve-moi", "on m'a demande",
    ],
}
AFTER = {
    "en": ["please", "thanks", "thank you !", "thx", "?!", "if you can", "in our data", "in the database", "for me", "right now", ", thanks in advance", "- it's for a quiz", ", for my report", "by the way", "pls", ", any idea ?", ", i forgot", ", just asking"],
    "fr": ["stp", "svp", "merci", "merci d'avance", "merci !", "?!", "dans la base", "dans nos donnees", "si possible", ", c'est pour un quiz", ", c'est pour le boulot", ", pour mon rapport", "s'il te plait", "au juste ?", ", tu sais ?", "deja ?", ", par curiosite"],
}


def language(words: list[str]) -> str:
    """A guess that is right often enough to choose what to say around a question."""
    return "fr" if sum(w in FRENCH for w in words) >= 2 or any(w.endswith(("-t-il", "-t-elle", "-t-on")) for w in words) else "en"


def typo(word: str, rng: random.Random) -> str:
    """One letter lost, doubled, exchanged with the next, or hit beside."""
    if word in SHORT and rng.random() < 0.5:
        return SHORT[word]
    j = rng.randrange(0 if rng.random() < 0.1 else 1, len(word) - 1)
    roll = rng.random()
    if roll < 0.35:
        return word[:j] + word[j + 1 :]
    if roll < 0.6:
        return word[:j] + word[j + 1] + word[j] + word[j + 2 :]
    if roll < 0.8:
        return word[:j] + word[j] + word[j:]
    return word[:j] + rng.choice("aeiounrstl") + word[j + 1 :]


SYLLABLES = "ba bel bor cal cra dan del dra el far fen gal gor hul ib jar kel kin lor mav mel mir nar nov ol pal pri quen ras rin sal sol tar tel ul var vel win xan yor zan zor".split()
ARTICLES = ["", "", "", "", "the ", "les ", "dj ", "mc ", "la "]


def unknown_name(rng: random.Random) -> str:
    """A name that nobody has."""
    words = ["".join(rng.choices(SYLLABLES, k=rng.choice((2, 2, 3)))) for _ in range(rng.choice((1, 1, 2)))]
    return rng.choice(ARTICLES) + " ".join(words)


def with_unknown_name(question: str, sql: str, rng: random.Random) -> tuple[str, str]:
    """A question about someone or something that no value of the warehouse is called has no answer; where no name is asked for, the question as it is."""
    names = [m.group(0) for m in SLOT.finditer(question) if m.group(1) in ("artist", "title", "album") and m.group(0) in sql]
    if not names:
        return question, sql
    return question.replace(rng.choice(names), unknown_name(rng)), UNANSWERABLE


def with_stray_value(question: str, rng: random.Random) -> str:
    """A question in which an ordinary word is taken for a name, as linkers do ("I Am" is an album): it changes nothing of what is asked."""
    words = question.split(" ")
    ordinary = [i for i, w in enumerate(words) if w.isalpha() and len(w) > 1 and w.lower() not in DECISIVE]
    if not ordinary or len(set(SLOT.findall(question))) >= 5:
        return question
    words[rng.choice(ordinary)] = "{" + rng.choice(("title", "title", "album", "tag", "artist")) + "77}"
    return " ".join(words)


def noisy(text: str, rng: random.Random) -> str:
    """A masked prompt as people write it."""
    turns = text.split(f" {THEN} ")
    turns[-1] = _noisy_turn(turns[-1], rng)
    return f" {THEN} ".join(turns)


def _noisy_turn(text: str, rng: random.Random) -> str:
    words = text.split(" ")
    spoken = language(words)
    roll = rng.random()
    if roll < 0.25:
        candidates = [i for i, w in enumerate(words) if len(w) > 2 and w.isalpha() and w not in DECISIVE]
        for i in rng.sample(candidates, min(len(candidates), rng.choice((1, 1, 2)))):
            words[i] = typo(words[i], rng)
    elif roll < 0.33:
        candidates = [i for i, w in enumerate(words) if w in FILLERS]
        if candidates:
            del words[rng.choice(candidates)]
    if rng.random() < 0.3 and words and words[-1] in ("?", ".", "!"):
        words.pop()
    elif rng.random() < 0.08 and words and words[-1] not in ("?", ".", "!"):
        words.append("?")
    if rng.random() < 0.1:
        words = rng.choice(BEFORE[spoken]).split(" ") + words
    if rng.random() < 0.05:
        words = words + rng.choice(AFTER[spoken]).split(" ")
    return " ".join(w for w in words if w)
