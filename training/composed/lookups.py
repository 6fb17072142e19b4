"""One fact about one song, album or artist, and yes/no questions about them."""

from __future__ import annotations

import random

from .parts import EN, FR, one

# Column SQL; the fact as an English noun; as a French noun with its article; whole questions with {X} for the song in English; in French.
SONG_FACTS = [
    ("artist_name", "artist|singer", "l'artiste|l'interprète", "who sings {X}?|who is {X} by?|who recorded {X}|whose song is {X}?|{X} is by which artist?", "qui chante {X} ?|{X} c'est de qui|de qui est {X} ?|qui interprète {X} ?|c'est qui l'artiste de {X}"),
    ("album", "album", "l'album", "which album is {X} on?|what album does {X} come from|on which record can I find {X}?|album that has {X}", "{X} est sur quel album ?|de quel album vient {X} ?|sur quel album se trouve {X} ?|l'album où il y a {X}"),
    ("release_date", "release date|date of release", "la date de sortie|la date de parution", "when did {X} come out?|when was {X} released?|{X} came out when", "quand est sorti {X} ?|{X} est sorti quand ?|à quelle date {X} est-il sorti ?|c'est sorti quand {X}"),
    ("release_year AS year", "year|release year", "l'année|l'année de sortie", "what year is {X} from?|{X} is from what year|in which year did {X} come out?", "{X} date de quelle année ?|en quelle année est sorti {X} ?|c'est de quelle année {X}"),
    ("genre", "genre|style", "le genre|le style", "what genre is {X}?|what kind of music is {X}|how is {X} classified by genre", "c'est quel genre {X} ?|{X} appartient à quel genre ?|quel est le style de {X} ?"),
    ("tempo", "tempo|bpm|speed in bpm", "le tempo|le bpm|la vitesse en bpm", "how fast is {X}?|how many bpm does {X} have|at what tempo is {X} played?", "à quel tempo est {X} ?|combien de bpm pour {X} ?|{X} est à combien de bpm"),
    ("duration_ms / 60000 AS minutes", "length|duration|running time", "la durée|la longueur", "how long is {X}?|how many minutes does {X} last?|{X} runs for how long", "combien de temps dure {X} ?|{X} dure combien de minutes|quelle est la longueur de {X} ?"),
    ("popularity", "popularity|popularity score", "la popularité|le score de popularité", "how popular is {X}?|what popularity does {X} have", "{X} est populaire à quel point ?|{X}, quelle popularité ?"),
    ("energy", "energy|energy score", "l'énergie|le niveau d'énergie", "how energetic is {X}?", "{X} est énergique à quel point ?"),
    ("danceability", "danceability", "la dansabilité", "how danceable is {X}?", "est-ce que {X} fait danser, à quel point ?|{X} est dansant comment"),
    ("valence", "valence|mood score", "la valence", "how happy is {X}?|how cheerful does {X} sound", "{X} est joyeux à quel point ?"),
    ("loudness", "loudness|volume in db", "le volume|le niveau sonore", "how loud is {X}?", "{X} est fort comment en db ?"),
    ("key, mode", "key", "la tonalité", "what key is {X} in?|in which key is {X} written?", "dans quelle tonalité est {X} ?|{X} est en quelle tonalité"),
    ("time_signature", "time signature", "la signature rythmique|la mesure", "what time signature does {X} have?", "{X} a quelle mesure ?"),
    ("acousticness", "acousticness", "l'acoustique", "how acoustic is {X}?", "{X} est acoustique à quel point ?"),
]
SONG_TESTS = [
    ("explicit", "is {X} explicit?|does {X} have explicit lyrics?|is {X} flagged as explicit", "{X} est explicite ?|est-ce que {X} a des paroles explicites ?|{X} contient-il des paroles explicites ?"),
    ("mode = 0", "is {X} in a minor key?|is {X} minor?", "{X} est en mineur ?|est-ce que {X} est dans une tonalité mineure ?"),
    ("mode = 1", "is {X} in a major key?", "{X} est en majeur ?|est-ce que {X} est dans une tonalité majeure ?"),
    ("duration_ms > {num} * 60000", "is {X} longer than {num} minutes?|does {X} last more than {num} minutes", "{X} dure plus de {num} minutes ?|est-ce que {X} dépasse {num} minutes ?"),
    ("tempo > {num}", "is {X} faster than {num} bpm?", "{X} dépasse {num} bpm ?|est-ce que {X} va à plus de {num} bpm ?"),
    ("genre = {genre}", "is {X} a {genre} song?|does {X} count as {genre}", "{X} c'est du {genre} ?|est-ce que {X} est classé en {genre} ?"),
    ("popularity > {num}", "is the popularity of {X} above {num}?", "la popularité de {X} dépasse {num} ?"),
    ("release_year = {year}", "did {X} come out in {year}?|is {X} from {year}", "{X} est sorti en {year} ?|est-ce que {X} date de {year} ?"),
    ("release_year < {year}", "is {X} older than {year}?|was {X} released before {year}", "{X} est sorti avant {year} ?"),
    ("ARRAY_LENGTH(featured_artists) > 0", "does {X} feature anyone?|is there a guest on {X}", "y a-t-il un invité sur {X} ?|{X} a un featuring ?"),
]
# Where a test stands among the conditions of WHERE (CONVENTIONS.md): those before the title, those after it.
BEFORE_TITLE = ("explicit", "mode", "duration_ms", "tempo")

ARTIST_FACTS = [
    ("country", "country|nationality|country of origin", "le pays|la nationalité|le pays d'origine", "where is {X} from?|which country does {X} come from", "d'où vient {X} ?|{X} vient de quel pays ?|c'est quel pays {X}"),
    ("genres", "genres|styles", "les genres|les styles", "what genres does {X} play?|what kind of music does {X} make", "quels genres joue {X} ?|{X} fait quel style de musique ?"),
    ("followers", "number of followers|followers|fan count", "le nombre d'abonnés|le nombre de fans", "how many followers does {X} have?|how many fans follow {X}", "combien d'abonnés a {X} ?|{X} a combien de fans"),
    ("popularity", "popularity|popularity score", "la popularité|le score de popularité", "how popular is {X}?", "{X} est populaire à quel point ?"),
    ("spotify_id", "spotify id", "l'identifiant spotify", "what id does {X} have on spotify?", "quel est l'id spotify de {X} ?"),
    ("picture_url", "picture|photo", "la photo|l'image", "show me a photo of {X}", "montre-moi une photo de {X}"),
    ("lastfm_url", "last.fm page|lastfm link", "la page last.fm|le lien last.fm", "where is the last.fm page of {X}?", "où est la page last.fm de {X} ?"),
]

# SQL with {W} for the condition that names the album or artist, noun phrases and whole questions.
ALBUM_FACTS = [
    ("SELECT COUNT(*) AS tracks FROM music.tracks WHERE {W}", "how many songs are on {X}?|number of tracks of {X}|track count of {X}", "combien de titres sur {X} ?|nombre de morceaux de {X}|il y a combien de chansons sur {X}"),
    ("SELECT title, artist_name FROM music.tracks WHERE {W}", "what songs are on {X}?|tracklist of {X}|tracks on {X}|list the songs of {X}", "quels titres sont sur {X} ?|les morceaux de {X}|chansons de {X}|liste des titres de {X}"),
    ("SELECT SUM(duration_ms) / 60000 AS minutes FROM music.tracks WHERE {W}", "how long is {X} in total?|total length of {X}|total minutes of {X}", "combien de minutes dure {X} au total ?|durée totale de {X}"),
    ("SELECT MIN(release_date) AS first_date FROM music.tracks WHERE {W}", "when did {X} come out?|release date of {X}", "quand est sorti {X} ?|date de sortie de {X}"),
    ("SELECT title, artist_name, duration_ms FROM music.tracks WHERE {W} ORDER BY duration_ms DESC LIMIT 1", "longest song on {X}|what is the longest track of {X}?", "le titre le plus long de {X}|quel est le plus long morceau de {X} ?"),
    ("SELECT title, artist_name, popularity FROM music.tracks WHERE {W} ORDER BY popularity DESC LIMIT 1", "most popular song on {X}|which track of {X} is the most popular?", "le titre le plus populaire de {X}|quel morceau de {X} est le plus populaire ?"),
    ("SELECT title, artist_name, popularity FROM music.tracks WHERE {W} ORDER BY popularity DESC LIMIT {num}", "{num} most popular songs on {X}|top {num} tracks of {X} by popularity", "les {num} titres les plus populaires de {X}|top {num} de {X} en popularité"),
    ("SELECT AVG(tempo) AS avg_tempo FROM music.tracks WHERE {W}", "average tempo of {X}|average bpm on {X}", "tempo moyen de {X}|bpm moyen sur {X}"),
    ("SELECT AVG(energy) AS avg_energy FROM music.tracks WHERE {W}", "average energy of {X}", "énergie moyenne de {X}"),
    ("SELECT AVG(popularity) AS avg_popularity FROM music.tracks WHERE {W}", "average popularity of the songs on {X}", "popularité moyenne des titres de {X}"),
]
ALBUM_NAMES = {EN: ["{album}", "the album {album}", "{album} by {artist}", "the album {album} by {artist}", "{artist}'s album {album}"], FR: ["{album}", "l'album {album}", "{album} de {artist}", "l'album {album} de {artist}", "l'album de {artist} {album}"]}
SONG_NAMES = {EN: ["{title}", "{title}", "the song {title}", "{title} by {artist}", "{artist}'s {title}", "the {artist} song {title}"], FR: ["{title}", "{title}", "la chanson {title}", "{title} de {artist}", "le titre {title} de {artist}", "{title} par {artist}"]}

# Of the songs of one artist: SQL after the artist's condition, English, French.
OF_ARTIST = [
    ("SELECT DISTINCT album FROM music.tracks WHERE {W}", "albums of {artist}|what albums does {artist} have?|which albums did {artist} make", "albums de {artist}|quels albums a sortis {artist} ?|la discographie de {artist}, albums"),
    ("SELECT DISTINCT album FROM music.tracks WHERE {W} AND release_year = {year}", "albums {artist} released in {year}|which {artist} albums came out in {year}?", "albums de {artist} sortis en {year}|quels albums {artist} a-t-il sortis en {year} ?"),
    ("SELECT DISTINCT album FROM music.tracks WHERE {W} AND release_year BETWEEN {decade} AND {decade} + 9", "{artist} albums of the {decade}", "albums de {artist} des années {decade}"),
    ("SELECT DISTINCT album FROM music.tracks WHERE {W} AND release_year > {year}", "albums by {artist} after {year}", "albums de {artist} après {year}"),
    ("SELECT COUNT(DISTINCT album) AS albums FROM music.tracks WHERE {W}", "how many albums does {artist} have?|number of {artist} albums", "combien d'albums a {artist} ?|nombre d'albums de {artist}"),
    ("SELECT COUNT(DISTINCT album) AS albums FROM music.tracks WHERE {W} AND release_year BETWEEN {decade} AND {decade} + 9", "how many albums did {artist} release in the {decade}?", "combien d'albums {artist} a sortis dans les années {decade} ?"),
    ("SELECT title, artist_name FROM music.tracks WHERE {W} AND release_year = {year}", "what did {artist} release in {year}?|songs {artist} put out in {year}|what came out by {artist} in {year}", "qu'a sorti {artist} en {year} ?|les titres que {artist} a sortis en {year}|{artist} a sorti quoi en {year}"),
    ("SELECT title, artist_name FROM music.tracks WHERE {W} AND release_year BETWEEN {year} AND {year2}", "what did {artist} release between {year} and {year2}?|songs that {artist} put out from {year} to {year2}", "qu'a sorti {artist} entre {year} et {year2} ?|ce que {artist} a sorti de {year} à {year2}"),
    ("SELECT title, artist_name FROM music.tracks WHERE {W} AND release_year BETWEEN {decade} AND {decade} + 9", "what did {artist} record in the {decade}?", "qu'a fait {artist} dans les années {decade} ?|ce que {artist} a sorti dans les années {decade}"),
    ("SELECT title, artist_name, release_date FROM music.tracks WHERE {W} ORDER BY release_date DESC LIMIT 1", "latest song of {artist}|what is the newest {artist} track?|the last thing {artist} released", "dernier titre de {artist}|quel est le morceau le plus récent de {artist} ?|la dernière sortie de {artist}"),
    ("SELECT title, artist_name, release_date FROM music.tracks WHERE {W} ORDER BY release_date LIMIT 1", "first song by {artist}|what was {artist}'s first release?|oldest {artist} track", "premier titre de {artist}|quelle est la plus ancienne chanson de {artist} ?"),
    ("SELECT MIN(release_year) AS year FROM music.tracks WHERE {W}", "what year did {artist} start releasing music?", "en quelle année {artist} a commencé à sortir des titres ?"),
    ("SELECT album, COUNT(*) AS tracks FROM music.tracks WHERE {W} GROUP BY album ORDER BY tracks DESC", "songs per album of {artist}|how many tracks on each {artist} album?", "nombre de titres par album de {artist}|combien de morceaux sur chaque album de {artist} ?"),
    ("SELECT album, COUNT(*) AS tracks FROM music.tracks WHERE {W} GROUP BY album ORDER BY tracks DESC LIMIT 1", "which {artist} album has the most songs?", "quel album de {artist} a le plus de titres ?"),
    ("SELECT release_year, COUNT(*) AS tracks FROM music.tracks WHERE {W} GROUP BY release_year ORDER BY release_year", "songs per year by {artist}|how many tracks did {artist} release each year?", "titres par an de {artist}|combien de morceaux {artist} a sortis chaque année ?"),
    ("SELECT SUM(duration_ms) / 60000 AS minutes FROM music.tracks WHERE {W}", "total length of all {artist} songs in minutes|how many minutes of music by {artist}?", "durée totale des titres de {artist} en minutes|combien de minutes de musique de {artist} ?"),
]


def says(rng: random.Random, language: str, thing: str, en: str, fr: str, en_noun: str = "", fr_noun: str = "") -> str:
    """A question from whole sentences, or from a noun ("the tempo of X")."""
    if en_noun and rng.random() < 0.5:
        if language == EN:
            noun = one(rng, en_noun)
            return rng.choice([f"{noun} of {thing}", f"what is the {noun} of {thing}?", f"{thing} {noun}", f"give me the {noun} of {thing}", f"the {noun} of {thing} please", f"{thing}: {noun}?", f"i'd like to know the {noun} of {thing}"])
        noun = one(rng, fr_noun)
        bare = noun.removeprefix("les ").removeprefix("le ").removeprefix("la ").removeprefix("l'")
        verb = "quels sont" if noun.startswith("les ") else "quelle est" if noun.startswith("la ") else "quel est"
        return rng.choice([f"{noun} de {thing}", f"{verb} {noun} de {thing} ?", f"{bare} de {thing}", f"donne-moi {noun} de {thing}", f"{thing} : {bare} ?", f"j'aimerais connaître {noun} de {thing}", f"c'est quoi {noun} de {thing}"])
    return one(rng, en if language == EN else fr).replace("{X}", thing)


def song_fact(rng: random.Random) -> tuple[str, str]:
    language = rng.choice([EN, FR])
    column, en_noun, fr_noun, en, fr = rng.choice(SONG_FACTS)
    thing = rng.choice(SONG_NAMES[language])
    if column == "artist_name":
        thing = rng.choice(SONG_NAMES[language][:3])
    where = "title = {title}" + (" AND artist_id = {artist}" if "{artist}" in thing else "")
    return says(rng, language, thing, en, fr, en_noun, fr_noun), f"SELECT {column} FROM music.tracks WHERE {where}"


def song_test(rng: random.Random) -> tuple[str, str]:
    language = rng.choice([EN, FR])
    test, en, fr = rng.choice(SONG_TESTS)
    thing = rng.choice(SONG_NAMES[language])
    named = "title = {title}" + (" AND artist_id = {artist}" if "{artist}" in thing else "")
    where = f"{test} AND {named}" if test.startswith(BEFORE_TITLE) else f"{named} AND {test}"
    return says(rng, language, thing, en, fr), f"SELECT COUNT(*) > 0 AS answer FROM music.tracks WHERE {where}"


def album_fact(rng: random.Random) -> tuple[str, str]:
    language = rng.choice([EN, FR])
    sql, en, fr = rng.choice(ALBUM_FACTS)
    thing = rng.choice(ALBUM_NAMES[language])
    where = "album = {album}" + (" AND artist_id = {artist}" if "{artist}" in thing else "")
    return says(rng, language, thing, en, fr), sql.replace("{W}", where)


def artist_fact(rng: random.Random) -> tuple[str, str]:
    language = rng.choice([EN, FR])
    column, en_noun, fr_noun, en, fr = rng.choice(ARTIST_FACTS)
    return says(rng, language, "{artist}", en, fr, en_noun, fr_noun), f"SELECT {column} FROM music.artists WHERE artist_id = {{artist}}"


def of_artist(rng: random.Random) -> tuple[str, str]:
    language = rng.choice([EN, FR])
    sql, en, fr = rng.choice(OF_ARTIST)
    return one(rng, en if language == EN else fr), sql.replace("{W}", "artist_id = {artist}")


PATTERNS = [song_fact, song_fact, song_test, album_fact, artist_fact, of_artist, of_artist]
