use super::*;

fn linker() -> Linker {
    let value =
        |kind, text: &str, key: Option<&str>, weight| LinkValue { kind, text: text.to_owned(), key: key.map(str::to_owned), weight };
    let values = [
        value(Kind::Artist, "Daft Punk", Some("daft-punk"), 90),
        value(Kind::Artist, "The Beatles", Some("the-beatles"), 99),
        value(Kind::Artist, "Beyoncé", Some("beyonce"), 95),
        value(Kind::Artist, "Air", Some("air"), 50),
        value(Kind::Artist, "Édith Piaf", Some("edith-piaf"), 60),
        value(Kind::Artist, "50 Cent", Some("50-cent"), 60),
        value(Kind::Title, "One More Time", None, 80),
        value(Kind::Title, "Thriller", None, 90),
        value(Kind::Album, "Thriller", None, 90),
        value(Kind::Title, "Get Lucky (feat. Pharrell Williams)", None, 70),
        value(Kind::Title, "1999", None, 70),
        value(Kind::Tag, "rock", None, 100),
        value(Kind::Genre, "rock", None, 100),
        value(Kind::Tag, "live", None, 10),
        value(Kind::Title, "September", None, 70),
        value(Kind::Artist, "Bruno Mars", Some("bruno-mars"), 90),
        value(Kind::Genre, "electronic", None, 60),
        value(Kind::Tag, "electro", None, 60),
        value(Kind::Segment, "electronic", None, 60),
        value(Kind::Genre, "chanson", None, 60),
        value(Kind::Tag, "chanson", None, 60),
        value(Kind::Country, "France", None, 10),
        value(Kind::Tag, "80s", None, 40),
        value(Kind::Tag, "french", None, 40),
        value(Kind::Tag, "british artists", None, 4),
        value(Kind::Tag, "french rock", None, 4),
        value(Kind::Artist, "Five", Some("five"), 4),
        value(Kind::Artist, "I-D", Some("i-d"), 4),
        value(Kind::Artist, "F", Some("f"), 4),
        value(Kind::Artist, "Carte de séjour", Some("carte-de-sejour"), 4),
        value(Kind::Title, "Million", None, 4),
        value(Kind::Title, "Seventies", None, 4),
        value(Kind::Title, "Top Ten", None, 4),
        value(Kind::Title, "4 Minutes", None, 4),
        value(Kind::Title, "The Drummer", None, 4),
        value(Kind::Title, "I'd Love", None, 4),
        value(Kind::Artist, "Direct", Some("direct"), 4),
        value(Kind::Album, "Direct", None, 4),
        value(Kind::Album, "Atonement", None, 4),
    ];
    let words = [
        ("who", 90),
        ("are", 90),
        ("the", 900),
        ("most", 300),
        ("live", 40),
        ("songs", 400),
        ("one", 60),
        ("more", 90),
        ("time", 70),
        ("air", 3),
        ("chanson", 400),
        ("chansons", 400),
        ("play", 50),
        ("artists", 300),
        ("minutes", 200),
        ("top", 600),
        ("i", 90),
        ("d", 900),
        ("love", 16),
        ("drummer", 1),
        ("direct", 1),
    ];
    Linker::build(values, words.iter().map(|(w, n)| ((*w).to_owned(), *n)).collect())
}

#[track_caller]
fn check(question: &str, prompt: &str, texts: &[&str]) {
    let linked = linker().link(question);
    assert_eq!(linked.prompt, prompt, "{question}");
    let found: Vec<&str> = linked.mentions.iter().map(|m| m.text.as_str()).collect();
    assert_eq!(found, texts, "{question}");
    for mention in &linked.mentions {
        assert_eq!(question[mention.start..mention.end].trim(), mention.text, "{question}");
    }
}

#[test]
fn values_are_masked_with_their_kinds() {
    check("Top 10 songs by Daft Punk?", "top @v1 <num> songs by @v2 <artist> ?", &["10", "Daft Punk"]);
    check("les titres de BEYONCE", "les titres de @v1 <artist>", &["BEYONCE"]);
    check("plays of thriller", "plays of @v1 <title> <album>", &["thriller"]);
    check(
        "rock artists from France in the 80s",
        "@v1 <tag> <genre> artists from @v2 <country> in the @v3 <decade>",
        &["rock", "France", "80s"],
    );
    check("artistes français", "artistes @v1 <country>", &["français"]);
    check("hot 100 number 1 in 1999", "hot 100 number 1 in @v1 <year>", &["1999"]);
    check("50 Cent songs", "@v1 <artist> songs", &["50 Cent"]);
}

#[test]
fn other_spellings_lead_to_the_same_value() {
    check("beatles songs", "@v1 <artist> songs", &["beatles"]);
    check("chansons de Piaf", "chansons de @v1 <artist>", &["Piaf"]);
    check("songs by daft pnuk", "songs by @v1 <artist>", &["daft pnuk"]);
    check("play count of get lucky", "play count of @v1 <title>", &["get lucky"]);
}

#[test]
fn dates_are_dates_and_styles_have_many_names() {
    check("number ones of 24 September 1991", "number ones of @v1 <date>", &["24 September 1991"]);
    check("en mars 2024", "en @v1 <month>", &["mars 2024"]);
    check("plays of September", "plays of @v1 <title>", &["September"]);
    check("the Mars hits", "the @v1 <artist> hits", &["Mars"]);
    check("le segment électronique", "le segment @v1 <tag> <genre> <segment>", &["électronique"]);
    check("morceaux electro", "morceaux @v1 <tag> <genre> <segment>", &["electro"]);
    check("artistes tagués chanson", "artistes tagues @v1 <tag>", &["chanson"]);
    check("artistes taggés à la fois rock et live", "artistes tagges a la fois @v1 <tag> et @v2 <tag>", &["rock", "live"]);
    check("tagged rock and live in 1999", "tagged @v1 <tag> and @v2 <tag> in @v3 <year>", &["rock", "live", "1999"]);
    check("le segment chanson, une chanson", "le segment @v1 <tag> <genre> , une chanson", &["chanson"]);
    check("pas étiquetés chanson comme genre", "pas etiquetes @v1 <genre> comme genre", &["chanson"]);
    check("qui ont chanson comme genre", "qui ont @v1 <genre> comme genre", &["chanson"]);
    check("les titres de l'album direct", "les titres de l'album @v1 <album>", &["direct"]);
    check("the album Thriller, the song Thriller", "the album @v1 <album> , the song @v2 <title>", &["Thriller", "Thriller"]);
    check("passe en direct", "passe en direct", &[]);
    check("le genre chanson, une chanson", "le genre @v1 <genre> , une chanson", &["chanson"]);
}

#[test]
fn ordinary_words_are_names_only_where_they_are_meant_so() {
    check("most live songs", "most live songs", &[]);
    check("songs by Air", "songs by @v1 <artist>", &["Air"]);
    check("who sings \"live\" songs", "who sings \" @v1 <tag> \" songs", &["live"]);
    check("the one more time", "the one more time", &[]);
    check("who sings One More Time", "who sings @v1 <title>", &["One More Time"]);
    check("artists in the US", "artists in @v1 <country>", &["the US"]);
    check("tell us the songs", "tell us the songs", &[]);
}

#[test]
fn countries_and_decades_are_no_tags_unless_quoted() {
    check("french songs of the 80s", "@v1 <country> songs of the @v2 <decade>", &["french", "80s"]);
    check("songs tagged \"80s\"", "songs tagged \" @v1 <tag> \"", &["80s"]);
}

#[test]
fn a_value_named_twice_is_one_value() {
    check("Daft Punk or daft punk", "@v1 <artist> or @v1 <artist>", &["Daft Punk"]);
}

#[test]
fn masking_equals_the_one_of_training() {
    #[derive(serde::Deserialize)]
    struct Case {
        question: String,
        prompt: String,
    }
    let linker = Linker::build([], HashMap::new());
    for line in include_str!("../../../tests/fixtures/masking.jsonl").lines() {
        let case: Case = serde_json::from_str(line).unwrap();
        let mut turns: Vec<String> = case.question.split(" >> ").map(str::to_owned).collect();
        let question = turns.pop().unwrap();
        assert_eq!(linker.link_after(&turns, &question).prompt, case.prompt, "{}", case.question);
    }
}

#[test]
fn numbers_and_words_of_questions_are_no_names_in_a_large_warehouse() {
    check("artists over 5 million", "artists over @v1 <num>", &["5 million"]);
    check("five is enough", "@v1 <num> is enough", &["five"]);
    check("songs of the seventies", "songs of the @v1 <decade>", &["seventies"]);
    check("top ten, may 2026", "top @v1 <num> , @v2 <month>", &["ten", "may 2026"]);
    check("under 4 minutes", "under @v1 <num> minutes", &["4"]);
    check("I'd like the top songs. I'd love", "i'd like the top songs . i'd love", &[]);
    check("songs in F sharp", "songs in f sharp", &[]);
    check("who was the drummer", "who was the drummer", &[]);
    check("le plus long sejour dans le Billboard", "le plus long sejour dans le billboard", &[]);
    check("ses amis directs, un abonnement", "ses amis directs , un abonnement", &[]);
    check("three british artists", "@v1 <num> @v2 <country> artists", &["three", "british"]);
    check("french rock", "@v1 <country> @v2 <tag> <genre>", &["french", "rock"]);
    check("songs tagged french rock", "songs tagged @v1 <tag>", &["french rock"]);
    check("plays of 4 Minutes by Five", "plays of @v1 <title> by @v2 <num>", &["4 Minutes", "Five"]);
    check("plays of \"Five\" and of \"F\"", "plays of \" @v1 <artist> \" and of \" @v2 <artist> \"", &["Five", "F"]);
    check("The Drummer", "@v1 <title>", &["The Drummer"]);
}
