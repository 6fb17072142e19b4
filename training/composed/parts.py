"""What every kind of composed question is made of: languages, choices of words, the way to say how many."""

from __future__ import annotations

import random

EN, FR = "en", "fr"


def one(rng, text: str) -> str:
    return rng.choice([part.strip() for part in text.split("|")])


def capitalised(text: str, rng: random.Random) -> str:
    return text[:1].upper() + text[1:] if rng.random() < 0.5 else text


def limited(rng, en_one, en_many, fr_one, fr_many):
    """A language, the words for one, ten or `{num}` of a thing, and the LIMIT that they mean."""
    language, how = rng.choice([EN, FR]), rng.choice(["one", "ten", "number"])
    words = {(EN, "one"): en_one, (EN, "ten"): en_many, (EN, "number"): "{num} " + en_many, (FR, "one"): fr_one, (FR, "ten"): fr_many, (FR, "number"): "{num} " + fr_many}[language, how]
    return language, how, words, {"one": "LIMIT 1", "ten": "LIMIT 10", "number": "LIMIT {num}"}[how]


def superlative(rng, language, how, words, en, fr, tail):
    """'the 5 most played songs TAIL' in either language."""
    if language == EN:
        number, noun = ("{num} ", words.removeprefix("{num} ")) if how == "number" else ("", words)
        verb = "is" if how == "one" else "are"
        adjective = one(rng, en)
        return rng.choice([f"the {number}{adjective} {noun} {tail}", f"{number}{adjective} {noun} {tail}", f"what {verb} the {number}{adjective} {noun} {tail}?", f"{tail}, which {number}{noun} {verb} the {adjective}?", f"top {number}{noun} {tail}, {adjective} first" if how != "one" else f"which {noun} is {adjective} {tail}?"])
    number, noun = ("{num} ", words.removeprefix("{num} ")) if how == "number" else ("", words)
    adjective = one(rng, fr)
    article, adjective = ("le", f"le {adjective}") if how == "one" else ("les", f"les {adjective}")
    return rng.choice([f"{article} {number}{noun} {adjective} {tail}", f"quel est {article} {noun} {adjective} {tail} ?" if how == "one" else f"quels sont {article} {number}{noun} {adjective} {tail} ?", f"{tail}, {article} {number}{noun} {adjective} ?", f"{number}{noun} {adjective} {tail}"])

def limited_in(rng, language, en_one, en_many, fr_one, fr_many):
    how = rng.choice(["one", "ten", "number"])
    words = {(EN, "one"): en_one, (EN, "ten"): en_many, (EN, "number"): "{num} " + en_many, (FR, "one"): fr_one, (FR, "ten"): fr_many, (FR, "number"): "{num} " + fr_many}[language, how]
    return how, words, {"one": "LIMIT 1", "ten": "LIMIT 10", "number": "LIMIT {num}"}[how]


# (column, high in English, high in French, low in English, low in French, noun in English, noun in French)
FEATURES = [
    ("danceability", "danceable|dance-friendly", "dansants|qui font danser", "hard to dance to", "peu dansants", "danceability", "dansabilité|danceability"),
    ("energy", "energetic|high-energy|intense", "énergiques|pleins d'énergie", "calm|low-energy|mellow", "calmes|doux|tranquilles", "energy", "énergie"),
    ("valence", "happy|cheerful|upbeat|joyful", "joyeux|gais|heureux", "sad|gloomy|melancholic", "tristes|mélancoliques|sombres", "valence", "valence"),
    ("acousticness", "acoustic|unplugged", "acoustiques", "electric|non-acoustic", "peu acoustiques", "acousticness", "acoustique|acousticité"),
    ("instrumentalness", "instrumental|without vocals", "instrumentaux|sans voix", "vocal|sung", "chantés", "instrumentalness", "instrumentalité"),
    ("liveness", "live|recorded live", "live|enregistrés en public", "studio|not live", "de studio", "liveness", "liveness"),
    ("speechiness", "wordy|spoken|talkative", "parlés|bavards", "non-spoken", "peu parlés", "speechiness", "speechiness"),
]
NAMES = {EN: ["C", "C sharp", "D", "D sharp", "E", "F", "F sharp", "G", "G sharp", "A", "A sharp", "B"],
         FR: ["do", "do dièse", "ré", "ré dièse", "mi", "fa", "fa dièse", "sol", "sol dièse", "la", "la dièse", "si"]}

NOUNS = {"tracks": {EN: ["songs", "tracks", "tunes", "titles"], FR: ["morceaux", "titres", "chansons", "sons"]},
         "artists": {EN: ["artists", "acts", "bands", "musicians"], FR: ["artistes", "groupes", "musiciens"]}}
SINGULAR = {"songs": "song", "tracks": "track", "tunes": "tune", "titles": "title", "artists": "artist", "acts": "act", "bands": "band", "musicians": "musician",
            "morceaux": "morceau", "titres": "titre", "chansons": "chanson", "sons": "son", "artistes": "artiste", "groupes": "groupe", "musiciens": "musicien"}

# Column, direction, then how the ranking is said: English superlatives, French superlatives (after the noun), nouns to rank by.
RANKINGS = {
    "tracks": [("popularity", "DESC", "most popular|biggest|best known", "les plus populaires|les plus connus", "popularity", "popularité"),
               ("popularity", "", "least popular", "les moins populaires|les moins connus", "", ""),
               ("duration_ms", "DESC", "longest", "les plus longs", "length|duration", "durée"), ("duration_ms", "", "shortest", "les plus courts|les plus brefs", "", ""),
               ("tempo", "DESC", "fastest", "les plus rapides", "tempo|bpm", "tempo|bpm"), ("tempo", "", "slowest", "les plus lents", "", ""),
               ("loudness", "DESC", "loudest", "les plus forts|les plus bruyants", "loudness", "volume"), ("loudness", "", "quietest|softest", "les moins forts|les plus silencieux", "", ""),
               ("release_date", "DESC", "newest|latest|most recent", "les plus récents|derniers sortis", "release date", "date de sortie"), ("release_date", "", "oldest|earliest|first", "les plus anciens|les plus vieux", "", "")]
              + [(c, "DESC", "|".join(f"most {w}" for w in he.split("|") if " " not in w) if c != "valence" else "happiest|most cheerful|most joyful", "|".join(f"les plus {w}" for w in hf.split("|")[:1]), ne, nf) for c, he, hf, le, lf, ne, nf in FEATURES]
              + [(c, "", "saddest|gloomiest" if c == "valence" else "calmest|least energetic" if c == "energy" else "|".join(f"least {w}" for w in he.split("|")[:1]), "les plus tristes" if c == "valence" else "les plus calmes" if c == "energy" else "|".join(f"les moins {w}" for w in hf.split("|")[:1]), "", "") for c, he, hf, le, lf, ne, nf in FEATURES],
    "artists": [("popularity", "DESC", "most popular|biggest", "les plus populaires", "popularity", "popularité"), ("popularity", "", "least popular", "les moins populaires", "", ""),
                ("followers", "DESC", "most followed", "les plus suivis|qui ont le plus d'abonnés|avec le plus de fans", "followers|fans|number of followers", "nombre d'abonnés|followers"), ("followers", "", "least followed", "les moins suivis|avec le moins d'abonnés", "", "")],
}
