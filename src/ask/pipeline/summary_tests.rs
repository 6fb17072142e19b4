//! Who sums up: the model where it is trained to, asked, in time, sure, and says what the rows say.

use std::time::Duration;

use super::super::fakes::{FakeGenerator, FakeWarehouse, Written, generator, pipeline, text_rows};
use super::super::{Answer, AskRequest, AskSettings, Language, SqlRequest, SummaryWriter};
use super::*;
use crate::model::ModelError;

const TOP: &str = "SELECT artist_name, SUM(plays) AS plays FROM music.listens GROUP BY artist_name ORDER BY plays DESC LIMIT @v1";
const SONGS: &str = "SELECT title FROM music.tracks WHERE artist_id = @v1 AND release_year >= @v2";
const RANKING: &str = "artist_name:s plays:i | Air 3000 | Blur 2000 | Zaz 10";
/// All log-probabilities are of ten tokens.
const SURE: f64 = -0.5;

fn settings() -> AskSettings {
    let summaries = Some(SummarySettings { min_confidence: 0.5, timeout: Duration::from_secs(20) });
    AskSettings { summaries, ..AskSettings::default() }
}

fn words() -> SummaryWords {
    SummaryWords::read("leads\nwith\nplays\nahead\nof\nen\ntête\navec\nécoutes\nsongs\nby\nsince\nthe")
}

/// A question whose SQL is known, rows, and what the model sums them up with.
struct Case {
    question: &'static str,
    language: Option<Language>,
    sql: &'static str,
    rows: &'static str,
    summary: Option<Result<Written, fn() -> ModelError>>,
    diverted: f64,
    settings: AskSettings,
    words: SummaryWords,
}

const TEMPLATE: &str = "{r0.c0} leads with {r0.c1} plays";

fn case() -> Case {
    Case {
        question: "who are the top 3 artists?",
        language: None,
        sql: TOP,
        rows: RANKING,
        summary: Some(Ok((TEMPLATE, SURE))),
        diverted: 0.5,
        settings: settings(),
        words: words(),
    }
}

async fn run(case: Case) -> (Answer, Vec<String>) {
    let generator = FakeGenerator { summary: case.summary, diverted: case.diverted, ..generator(&[(case.sql, -0.1)]) };
    let (pipeline, generator, _) = pipeline(generator, FakeWarehouse::of(text_rows(case.rows)), case.settings);
    pipeline.set_summary_words(case.words);
    pipeline.set_sample(true);
    let request = AskRequest { language: case.language, ..AskRequest::new(case.question) };
    let answer = pipeline.ask(request, None).await.unwrap();
    let prompts = generator.prompts.lock().unwrap().clone();
    (answer, prompts)
}

#[tokio::test]
async fn the_model_sums_up_where_it_can() {
    let check = async |case: Case, prompt: &str, expected: &str| {
        let (answer, prompts) = run(case).await;
        assert_eq!(prompts[1], prompt);
        assert_eq!(answer.summary.text.replace(['\u{a0}', '\u{202f}'], "~"), expected);
        assert_eq!((answer.summary.written_by, answer.summary.sample), (SummaryWriter::Model, true));
        assert!(answer.timings_ms.summarise.is_some());
    };
    let prompt = "<en> who are the top @v1 <num> artists ? <rows> many <c0> artist name <c1> plays";
    check(case(), prompt, "Air leads with 3,000 plays. (Sample data.)").await;
    let french = Case {
        question: "les 3 artistes les plus écoutés en France",
        summary: Some(Ok(("{r0.c0} en tête : {r0.c1} écoutes.", SURE))),
        ..case()
    };
    let prompt = "<fr> les @v1 <num> artistes les plus ecoutes en @v2 <country> <rows> many <c0> artist name <c1> plays";
    check(french, prompt, "Air en tête~: 3~000 écoutes. (Données d'exemple.)").await;
    let valued = Case {
        question: "songs by Daft Punk since 1999",
        sql: SONGS,
        rows: "title:s | Get_Lucky",
        summary: Some(Ok(("songs by @v1 since @v2: {r0.c0}", SURE))),
        ..case()
    };
    let prompt = "<en> songs by @v1 <artist> since @v2 <year> <rows> 1 <c0> title";
    check(valued, prompt, "songs by Daft Punk since 1999: “Get Lucky”. (Sample data.)").await;
    let cut = Case { rows: "artist_name:s plays:i | Air 30 | Blur 20 | Zaz 10 | +50", ..case() };
    let prompt = "<en> who are the top @v1 <num> artists ? <rows> many <c0> artist name <c1> plays";
    check(cut, prompt, "Air leads with 30 plays. Only the first 3 of 50 rows are shown. (Sample data.)").await;
}

#[tokio::test]
async fn rules_sum_up_where_the_model_cannot() {
    let check = async |case: Case, expected: &str| {
        let answer = run(case).await.0;
        assert_eq!(answer.summary.written_by, SummaryWriter::Rules, "{expected}: {}", answer.summary.text);
        assert!(answer.summary.text.starts_with(expected), "{expected}: {}", answer.summary.text);
    };
    let with = |template: &'static str| Case { summary: Some(Ok((template, SURE))), ..case() };
    let by_rules = "Air comes first (3,000 plays)";
    check(Case { settings: AskSettings::default(), ..case() }, by_rules).await;
    check(Case { words: SummaryWords::default(), ..case() }, by_rules).await;
    check(Case { summary: Some(Ok((TEMPLATE, -8.0))), ..case() }, by_rules).await;
    check(Case { diverted: 1.5, ..case() }, by_rules).await;
    check(Case { summary: Some(Err(|| ModelError::Overloaded)), ..case() }, by_rules).await;
    check(Case { summary: Some(Err(|| ModelError::PromptTooLong { tokens: 2, limit: 1 })), ..case() }, by_rules).await;
    let hasty = AskSettings { summaries: Some(SummarySettings { min_confidence: 0.5, timeout: Duration::from_millis(1) }), ..settings() };
    check(Case { summary: None, settings: hasty, ..case() }, by_rules).await;
    for template in ["", "Air leads with 9 plays", "{r3.c0} leads", "{r0.c0} triumphs", "the songs", "({r0.c0} leads", "{r0.c0} leads @v2"]
    {
        check(with(template), by_rules).await;
    }
    check(Case { rows: "artist_name:s plays:i", ..case() }, "Nothing in the data matches.").await;
    check(Case { rows: "artist_name:s plays:i | Air NULL", ..case() }, "Air").await;
    check(Case { rows: "artist_name:s plays:i | Air 5 | Blur 5 | Zaz 2", ..case() }, "Air and Blur share first place").await;
    check(Case { rows: "a:i b:i c:i d:i e:i f:i name:s | 1 2 3 4 5 6 Air", ..case() }, "Air").await;
    check(Case { language: Some(Language::Fr), ..case() }, "Air arrive en tête").await;
    // The query does not use the country, so that the summary must not name it.
    let unused = Case { question: "top 3 artists in France", summary: Some(Ok(("{r0.c0} leads the @v2 plays", SURE))), ..case() };
    check(unused, by_rules).await;
}

#[tokio::test]
async fn sql_of_a_person_is_summed_up_by_rules() {
    let (pipeline, generator, _) = pipeline(generator(&[]), FakeWarehouse::of(text_rows(RANKING)), settings());
    pipeline.set_summary_words(words());
    let request = SqlRequest { sql: "SELECT artist_name, plays FROM music.listens".to_owned(), max_rows: None, max_bytes: None, key: None };
    let answer = pipeline.run_sql(request).await.unwrap();
    assert_eq!(answer.summary.written_by, SummaryWriter::Rules);
    assert!(generator.prompts.lock().unwrap().is_empty());
}

#[tokio::test]
async fn numbers_of_users_and_other_values_are_shown_as_people_write_them() {
    let check = async |question: &'static str, sql: &'static str, template: &'static str, expected: &str| {
        let case = Case { question, sql, rows: "plays:i | 7", summary: Some(Ok((template, SURE))), ..case() };
        let answer = run(case).await.0;
        let text = answer.summary.text.replace(['\u{a0}', '\u{202f}'], "~");
        assert_eq!(text.split(" (").next(), Some(expected), "{question} {:?}", answer.summary.written_by);
    };
    let of_user = "SELECT SUM(plays) AS plays FROM music.listens WHERE user_id = @v1";
    check("plays by user 12345", of_user, "plays by @v1: {r0.c0}", "plays by 12345: 7.").await;
    let above = "SELECT COUNT(*) AS plays FROM music.artists WHERE followers > @v1";
    check("artists with over 12345 followers", above, "plays of @v1: {r0.c0}", "plays of 12,345: 7.").await;
    let of_decade = "SELECT COUNT(*) AS plays FROM music.tracks WHERE release_year BETWEEN @v1 AND @v1 + 9";
    check("songs of the 1980s", of_decade, "songs of the @v1: {r0.c0}", "songs of the 1980s: 7.").await;
    check("titres des années 80", of_decade, "@v1 : {r0.c0}", "années 80~: 7.").await;
    let of_country = "SELECT COUNT(*) AS plays FROM music.artists WHERE country = @v1";
    check("artists from the USA", of_country, "songs by @v1: {r0.c0}", "songs by the United States: 7.").await;
    check("les artistes des Etats-Unis", of_country, "@v1 : {r0.c0}", "États-Unis~: 7.").await;
    let titled = "SELECT COUNT(*) AS plays FROM music.chart_entries WHERE title = @v1";
    check("weeks of Get Lucky in the charts", titled, "@v1 leads with {r0.c0}", "“Get Lucky” leads with 7.").await;
}
