//! The pipeline on a model and a warehouse that do as they are told.

use std::path::Path;
use std::time::Duration;

use serde_json::json;
use tokio::sync::mpsc;

use super::super::fakes::{FakeGenerator, FakeWarehouse, generator, pipeline, text_rows};
use super::super::link::{Kind, LinkValue};
use super::super::{Answer, AskError, AskRequest, AskSettings, GeneratorSlot, GeneratorState, PromptStyle, SqlRequest, UnanswerableReason};
use super::*;
use crate::model::{About, ModelError, PromptTemplate};
use crate::sql::ParameterValue;
use crate::warehouse::WarehouseError;

const TOP: &str = "SELECT artist_name, SUM(plays) AS plays FROM music.listens GROUP BY artist_name ORDER BY plays DESC LIMIT @v1";
const SONGS: &str = "SELECT title, artist_name FROM music.tracks WHERE artist_id = @v1";
const ALL_SONGS: &str = "SELECT title, artist_name FROM music.tracks";

fn some_rows() -> FakeWarehouse {
    FakeWarehouse::of(text_rows("artist_name:s plays:i | Air 30 | Blur 20 | Zaz 10"))
}

async fn ask(question: &str, candidates: &[(&'static str, f64)], warehouse: FakeWarehouse) -> Result<Answer, AskError> {
    pipeline(generator(candidates), warehouse, AskSettings::default()).0.ask(AskRequest::new(question), None).await
}

#[tokio::test]
async fn a_question_becomes_rows_summary_chart_and_sql() {
    let (pipeline, generator, warehouse) = pipeline(generator(&[(TOP, -0.1)]), some_rows(), AskSettings::default());
    let (sender, mut stages) = mpsc::unbounded_channel();
    let answer = pipeline.ask(AskRequest::new(" Who are the top 3 artists? "), Some(sender)).await.unwrap();
    assert_eq!(generator.prompts.lock().unwrap()[0], "who are the top @v1 <num> artists ?");
    assert_eq!(answer.question.as_deref(), Some("Who are the top 3 artists?"));
    assert_eq!(answer.understood.as_deref(), Some("plays per artist, all users, top 3"));
    assert!(answer.sql.ends_with("ORDER BY plays DESC LIMIT @num"), "{}", answer.sql);
    assert_eq!(serde_json::to_value(&answer.parameters).unwrap(), json!([{"name": "num", "type": "INT64", "value": 3}]));
    assert_eq!(warehouse.ran.lock().unwrap()[0].parameters()[0].value, ParameterValue::Int64(3));
    assert_eq!(serde_json::to_value(&answer.rows[0]).unwrap(), json!({"artist_name": "Air", "plays": 30}));
    assert_eq!((answer.row_count, answer.truncated), (3, false));
    assert!(answer.summary.text.starts_with("Air comes first (30 plays)"), "{}", answer.summary.text);
    assert_eq!(answer.chart.as_ref().unwrap()["mark"], "bar");
    assert!(answer.model.as_ref().unwrap().confidence > 0.9);
    let stages_timed: Vec<&str> = answer.timings_ms.stages().map(|(name, _)| name).collect();
    assert_eq!(stages_timed, ["link", "model", "validate", "dry_run", "query", "summarise", "total"]);
    let mut names = Vec::new();
    while let Ok(stage) = stages.try_recv() {
        names.push(stage.name());
    }
    assert_eq!(names, ["linked", "generated", "validated", "estimated", "rows", "summarised"]);
}

#[tokio::test]
async fn sample_data_and_french_are_said_so() {
    let (pipeline, ..) = pipeline(generator(&[(TOP, -0.1)]), some_rows(), AskSettings::default());
    pipeline.set_sample(true);
    let answer = pipeline.ask(AskRequest::new("les 3 artistes les plus écoutés"), None).await.unwrap();
    assert!(answer.sample && answer.summary.text.ends_with("(Données d'exemple.)"), "{}", answer.summary.text);
    assert!(answer.summary.text.starts_with("Air arrive en tête"), "{}", answer.summary.text);
    let explicit = AskRequest { language: Some(Language::En), ..AskRequest::new("les 3 artistes les plus écoutés") };
    assert_eq!(pipeline.ask(explicit, None).await.unwrap().language, Language::En);
}

#[tokio::test]
async fn simulated_plays_are_told_of_where_they_count() {
    let (pipeline, ..) = pipeline(generator(&[(TOP, -0.1)]), some_rows(), AskSettings::default());
    pipeline.set_simulated(["users".to_owned(), "friendships".to_owned()].into());
    let asked = async |question: &str| pipeline.ask(AskRequest::new(question), None).await.unwrap().warnings;
    assert_eq!(asked("top 3 artists").await, [""; 0]);
    pipeline.set_simulated(["listens".to_owned()].into());
    assert_eq!(asked("top 3 artists").await, ["Simulated plays are counted among the real ones."]);
    assert_eq!(asked("les 3 artistes les plus écoutés").await, ["Des écoutes simulées sont comptées parmi les vraies."]);
}

#[tokio::test]
async fn execute_false_stops_after_the_estimate() {
    let (pipeline, _, warehouse) = pipeline(generator(&[(TOP, -0.1)]), some_rows(), AskSettings::default());
    let answer = pipeline.ask(AskRequest { execute: false, ..AskRequest::new("top 3 artists") }, None).await.unwrap();
    assert!(warehouse.ran.lock().unwrap().is_empty());
    assert_eq!((answer.rows.len(), answer.cost.bytes_processed, answer.columns.len()), (0, 1000, 2));
    assert_eq!(answer.timings_ms.query, None);
}

#[tokio::test]
async fn the_first_candidate_that_holds_is_run() {
    let check = async |question: &str, candidates: &[(&'static str, f64)], expected: &str| {
        let sql = ask(question, candidates, some_rows()).await.map(|answer| answer.sql);
        assert!(sql.as_ref().is_ok_and(|sql| sql.contains(expected)), "{question}: {sql:?}");
    };
    let bad_column = "SELECT nothing FROM music.listens";
    let write = "DELETE FROM music.listens WHERE true";
    let no_such_value = "SELECT title FROM music.tracks WHERE artist_id = @v9";
    let wrong_kind = "SELECT title FROM music.tracks WHERE artist_id = @v1 LIMIT @v1";
    let many = [(bad_column, -0.1), (write, -0.2), (no_such_value, -0.3), (SONGS, -0.35)];
    let lenient = AskSettings { min_confidence: 0.0, ..AskSettings::default() };
    let (lenient, ..) = pipeline(generator(&many), some_rows(), lenient);
    assert!(lenient.ask(AskRequest::new("songs by Daft Punk"), None).await.unwrap().sql.contains("artist_id = @artist"));
    check("songs by Daft Punk", &[(wrong_kind, -2.0), (SONGS, -0.2)], "@artist").await;
    // A candidate that ignores the artist gives way to one that does not, if that is likely enough.
    check("songs by Daft Punk", &[(ALL_SONGS, -0.3), (SONGS, -0.5)], "@artist").await;
    check("songs by Daft Punk", &[(ALL_SONGS, -0.1), (SONGS, -30.0)], "FROM music.tracks").await;
}

#[tokio::test]
async fn the_candidate_that_explains_the_question_is_run() {
    let check = async |candidates: &[(&'static str, f64)], explains: &[f64], question_weight: f64, expected: &str| {
        let generator = FakeGenerator { explains: explains.to_vec(), ..generator(candidates) };
        let settings = AskSettings { question_weight, min_confidence: 0.0, ..AskSettings::default() };
        let answer = pipeline(generator, some_rows(), settings).0.ask(AskRequest::new("the titles"), None).await;
        let sql = answer.map(|answer| answer.sql).map_err(|error| error.to_string());
        assert_eq!(sql.as_deref().unwrap_or_else(|error| error), expected, "{candidates:?} {explains:?} {question_weight}");
    };
    let (titles, sorted) = ("SELECT title FROM music.tracks", "SELECT title FROM music.tracks ORDER BY title");
    let both = [(sorted, -0.2), (titles, -1.0)];
    check(&both, &[-20.0, -10.0], 0.0, sorted).await;
    check(&both, &[-20.0, -10.0], 0.5, titles).await;
    check(&both, &[-11.0, -10.0], 0.5, sorted).await;
    check(&both, &[], 0.5, sorted).await;
    // That there is no answer is not asked for its question: what is less likely stays behind it.
    let refused = ask("the titles", &[("<unanswerable>", -0.1), (titles, -0.2)], some_rows()).await.unwrap_err().to_string();
    check(&[("<unanswerable>", -0.1), (titles, -0.2)], &[-20.0, -1.0], 0.5, &refused).await;
}

#[tokio::test]
async fn a_named_artist_that_is_not_used_is_said() {
    let answer = ask("songs by Daft Punk", &[(ALL_SONGS, -0.1)], some_rows()).await.unwrap();
    assert_eq!(answer.warnings, ["“Daft Punk” was not used in the query."]);
    assert!(answer.model.unwrap().confidence <= 0.5);
}

#[tokio::test]
async fn a_query_that_only_the_warehouse_refuses_gives_way_to_the_next() {
    let refused = || WarehouseError::api(400, "invalidQuery", "no");
    let warehouse =
        FakeWarehouse { dry_run: Box::new(move |sql| if sql.contains("ORDER") { Err(refused()) } else { Ok(5) }), ..some_rows() };
    let settings = AskSettings { min_confidence: 0.1, ..AskSettings::default() };
    let candidates = [("SELECT title FROM music.tracks ORDER BY title", -0.7), ("SELECT title FROM music.tracks", -0.8)];
    let (pipeline, ..) = pipeline(generator(&candidates), warehouse, settings);
    assert_eq!(pipeline.ask(AskRequest::new("all songs"), None).await.unwrap().sql, "SELECT title FROM music.tracks");
}

#[tokio::test]
async fn when_everything_was_refused_the_model_is_asked_once_more() {
    let check = async |repair: bool, candidates: &[(&'static str, f64)], expected: Option<&str>, times: usize| {
        let settings = AskSettings { beams: 1, repair, min_confidence: 0.0, ..AskSettings::default() };
        let (pipeline, generator, _) = pipeline(generator(candidates), some_rows(), settings);
        let sql = pipeline.ask(AskRequest::new("top 3 artists"), None).await.ok().map(|answer| answer.sql);
        assert_eq!(sql.as_deref(), expected, "{candidates:?}");
        assert_eq!(generator.prompts.lock().unwrap().len(), times, "{candidates:?}");
    };
    let (bad, worse) = (("SELECT nothing FROM music.listens", -0.1), ("SELECT x FROM nowhere", -0.2));
    check(true, &[bad, (ALL_SONGS, -0.5)], Some(ALL_SONGS), 2).await;
    check(true, &[bad, worse], None, 2).await;
    check(false, &[bad, (ALL_SONGS, -0.5)], None, 1).await;
    check(true, &[("<unanswerable>", -0.1)], None, 1).await;
}

#[tokio::test]
async fn a_conversation_is_remembered() {
    let settings = AskSettings { follow_ups: true, earlier_query: true, ..AskSettings::default() };
    let (pipeline, generator, _) = pipeline(generator(&[(TOP, -0.1)]), some_rows(), settings);
    let about = || generator.about.lock().unwrap().last().cloned().unwrap();
    let ask = async |question: &str, conversation: Option<&str>| {
        let request = AskRequest { conversation_id: conversation.map(str::to_owned), ..AskRequest::new(question) };
        let asked = pipeline.ask(request, None).await;
        (generator.prompts.lock().unwrap().last().cloned().unwrap_or_default(), asked)
    };
    ask("top 3 artists", Some("a")).await.1.unwrap();
    assert_eq!(about(), About::default());
    assert_eq!(ask("and the top 5?", Some("a")).await.0, "top @v1 <num> artists <then> and the top @v2 <num> ?");
    assert_eq!(about(), About { tokens: vec![0; 10], renamed: [("@v1".to_owned(), "@v1".to_owned())].into() });
    assert_eq!(ask("top 7 songs", Some("b")).await.0, "top @v1 <num> songs");
    assert_eq!(ask("top 7 songs", None).await.0, "top @v1 <num> songs");
    assert_eq!(about(), About::default());
    assert!(matches!(ask("top 7 songs", Some(" ")).await.1, Err(AskError::Malformed { .. })));
}

#[tokio::test]
async fn what_was_asked_first_is_forgotten_before_a_question_is_too_long() {
    let settings = AskSettings { follow_ups: true, ..AskSettings::default() };
    let short = FakeGenerator { longest: 45, ..generator(&[(ALL_SONGS, -0.1)]) };
    let (pipeline, generator, _) = pipeline(short, some_rows(), settings);
    let ask = async |question: &str| {
        let request = AskRequest { conversation_id: Some("a".to_owned()), ..AskRequest::new(question) };
        let asked = pipeline.ask(request, None).await;
        (generator.prompts.lock().unwrap().last().cloned().unwrap_or_default(), asked)
    };
    for (question, prompt) in [
        ("every song there is", "every song there is"),
        ("and old ones?", "every song there is <then> and old ones ?"),
        ("and new ones?", "and old ones ? <then> and new ones ?"),
    ] {
        let (read, asked) = ask(question).await;
        assert_eq!((read.as_str(), asked.is_ok()), (prompt, true));
    }
    let too_long = ask(&"songs ".repeat(10)).await.1;
    assert!(matches!(&too_long, Err(AskError::Malformed { message }) if message.contains("too long")), "{too_long:?}");
}

#[tokio::test]
async fn what_cannot_be_answered_is_not_answered() {
    let settings = AskSettings { min_confidence: 0.35, ..AskSettings::default() };
    let check = async |candidates: &[(&'static str, f64)], expected: UnanswerableReason| {
        let (pipeline, ..) = pipeline(generator(candidates), some_rows(), settings.clone());
        match pipeline.ask(AskRequest::new("songs by Daft Punk"), None).await {
            Err(AskError::Unanswerable { reason, suggestions, .. }) => {
                assert_eq!(reason, expected);
                assert_eq!(suggestions.len(), 3);
                assert!(suggestions[0].contains("Daft Punk"), "{suggestions:?}");
            }
            other => panic!("{other:?}"),
        }
    };
    check(&[("<unanswerable>", -0.1), (SONGS, -0.5)], UnanswerableReason::NotInTheData).await;
    check(&[("SELECT x FROM nowhere", -0.1), ("<unanswerable>", -0.2)], UnanswerableReason::NotInTheData).await;
    check(&[("SELECT x FROM nowhere", -0.1)], UnanswerableReason::NoValidQuery).await;
    check(&[("", -0.1)], UnanswerableReason::NoValidQuery).await;
    check(&[], UnanswerableReason::NoValidQuery).await;
    check(&[(SONGS, -20.0)], UnanswerableReason::NotUnderstood).await;
    check(&[("DROP TABLE music.listens", -0.1), ("SELECT * FROM music_raw.loads", -0.2)], UnanswerableReason::NoValidQuery).await;
}

#[tokio::test]
async fn a_command_is_not_given_to_the_model() {
    let (pipeline, generator, _) = pipeline(generator(&[(TOP, -0.1)]), some_rows(), AskSettings::default());
    for question in [
        "DROP TABLE music.artists",
        "top 3 artists'; DELETE FROM music.listens WHERE true; --",
        "exécute : UPDATE music.artists SET followers = 0",
    ] {
        match pipeline.ask(AskRequest::new(question), None).await {
            Err(AskError::Unanswerable { reason: UnanswerableReason::Unsafe, suggestions, choices }) => {
                assert_eq!((suggestions.len(), choices.len()), (3, 0), "{question}");
            }
            other => panic!("{question}: {other:?}"),
        }
    }
    assert!(generator.prompts.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_question_that_may_mean_two_things_is_asked_back() {
    const TAGGED: &str = "SELECT DISTINCT artist_name FROM music.artist_tags WHERE tag = @v1";
    const GENRE: &str = "SELECT name FROM music.artists WHERE @v1 IN UNNEST(genres)";
    const SAME: &str = "SELECT artist_name FROM music.artist_tags WHERE tag = @v1";
    let check = async |candidates: &[(&'static str, f64)], settings: AskSettings, expected: &[&str]| {
        let (pipeline, ..) = pipeline(generator(candidates), some_rows(), settings);
        let found = match pipeline.ask(AskRequest::new("rock artists"), None).await {
            Err(AskError::Unanswerable { reason: UnanswerableReason::Ambiguous, suggestions, choices }) => {
                assert_eq!(suggestions, choices.iter().map(|choice| choice.understood.clone()).collect::<Vec<_>>());
                assert!(choices.iter().all(|choice| choice.parameters.len() == 1 && choice.sql.starts_with("SELECT")), "{choices:?}");
                suggestions
            }
            Ok(_) => Vec::new(),
            other => panic!("{other:?}"),
        };
        assert_eq!(found, expected, "{candidates:?}");
    };
    let near = [(TAGGED, -0.5), (GENRE, -0.52)];
    let readings = ["artists of the taggings with the tag “rock”, without repeats", "artists of the genre rock"];
    check(&near, AskSettings::default(), &readings).await;
    check(&[(TAGGED, -0.3), (GENRE, -3.0)], AskSettings::default(), &[]).await;
    check(&near, AskSettings { ambiguous_nearness: 1.0, ..AskSettings::default() }, &[]).await;
    check(&near, AskSettings { ambiguous_confidence: 0.9, ..AskSettings::default() }, &[]).await;
    // The same thing, written otherwise.
    check(&[(TAGGED, -0.5), (SAME, -0.52)], AskSettings::default(), &[]).await;
}

#[tokio::test]
async fn a_name_that_several_artists_have_is_asked_back() {
    let artist = |text: &str, key: &str| LinkValue { kind: Kind::Artist, text: text.to_owned(), key: Some(key.to_owned()), weight: 1 };
    let linker = Linker::build([artist("Nirvana", "nirvana"), artist("Nirvana", "nirvana-uk")], [].into());
    let (pipeline, ..) = pipeline(generator(&[(SONGS, -0.1)]), some_rows(), AskSettings::default());
    pipeline.set_linker(Arc::new(linker));
    match pipeline.ask(AskRequest::new("songs by Nirvana"), None).await {
        Err(AskError::Unanswerable { reason: UnanswerableReason::Ambiguous, choices, .. }) => {
            let told: Vec<&str> = choices.iter().map(|choice| choice.understood.as_str()).collect();
            assert_eq!(
                told,
                ["titles and artists of the songs by Nirvana (nirvana)", "titles and artists of the songs by Nirvana (nirvana-uk)"]
            );
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_name_that_a_work_has_as_well_is_the_artists() {
    const BY: &str = "SELECT title, artist_name FROM music.tracks WHERE artist_id = @v1";
    const ON: &str = "SELECT title, artist_name FROM music.tracks WHERE album = @v1";
    let check = async |candidates: &[(&'static str, f64)], asked_back: bool| {
        let named = |kind: Kind, key: Option<&str>| LinkValue { kind, text: "Air".to_owned(), key: key.map(str::to_owned), weight: 1 };
        let linker = Linker::build([named(Kind::Artist, Some("air")), named(Kind::Album, None)], [].into());
        let (pipeline, ..) = pipeline(generator(candidates), some_rows(), AskSettings::default());
        pipeline.set_linker(Arc::new(linker));
        match pipeline.ask(AskRequest::new("songs of Air"), None).await {
            Ok(_) => assert!(!asked_back, "{candidates:?}"),
            Err(AskError::Unanswerable { reason: UnanswerableReason::Ambiguous, .. }) => assert!(asked_back, "{candidates:?}"),
            other => panic!("{other:?}"),
        }
    };
    check(&[(BY, -0.5), (ON, -0.52)], false).await;
    check(&[(ON, -0.5), (BY, -0.52)], true).await;
}

#[tokio::test]
async fn the_properties_of_a_title_are_told_with_its_artist() {
    let check = async |written: &'static str, expected: &str| {
        let (pipeline, ..) = pipeline(generator(&[(written, -0.1)]), some_rows(), AskSettings::default());
        let answer = pipeline.ask(AskRequest::new("how long is Get Lucky?"), None).await.unwrap();
        assert_eq!(answer.sql, expected);
    };
    check(
        "SELECT duration_ms / 60000 AS minutes FROM music.tracks WHERE title = @v1",
        "SELECT artist_name, duration_ms / 60000 AS minutes FROM music.tracks WHERE title = @title ORDER BY popularity DESC",
    )
    .await;
    check(
        "SELECT artist_name, duration_ms FROM music.tracks WHERE title = @v1",
        "SELECT artist_name, duration_ms FROM music.tracks WHERE title = @title",
    )
    .await;
}

#[tokio::test]
async fn malformed_requests_are_told_what_is_wrong() {
    let check = async |request: AskRequest, expected: &str| {
        let (pipeline, ..) = pipeline(generator(&[(TOP, -0.1)]), some_rows(), AskSettings::default());
        match pipeline.ask(request, None).await {
            Err(AskError::Malformed { message }) => assert_eq!(message, expected),
            other => panic!("{other:?}"),
        }
    };
    check(AskRequest::new(" \n "), "`question` is empty").await;
    check(AskRequest::new("é".repeat(10_000)), "`question` has 10000 characters; at most 1000 are read").await;
    check(AskRequest::new("a\0b"), "`question` has control characters").await;
    check(AskRequest { max_rows: Some(0), ..AskRequest::new("x") }, "`max_rows` is 0; it must be from 1 to 10000").await;
    check(AskRequest { max_rows: Some(10_001), ..AskRequest::new("x") }, "`max_rows` is 10001; it must be from 1 to 10000").await;
}

#[tokio::test]
async fn failures_of_the_model_are_told_apart() {
    let check = async |error: fn() -> ModelError, expected: AskError| {
        let failing = FakeGenerator { candidates: Err(error), ..generator(&[]) };
        let (pipeline, ..) = pipeline(failing, some_rows(), AskSettings::default());
        assert_eq!(pipeline.ask(AskRequest::new("top artists"), None).await, Err(expected));
    };
    check(|| ModelError::Overloaded, AskError::Overloaded { retry_after_s: 2 }).await;
    check(|| ModelError::Failed { message: "x".to_owned() }, AskError::ModelFailed { message: "x".to_owned() }).await;
    let too_long = AskError::Malformed { message: "`question` is too long for the model".to_owned() };
    check(|| ModelError::PromptTooLong { tokens: 2, limit: 1 }, too_long).await;

    let hanging = FakeGenerator { hangs: true, ..generator(&[]) };
    let settings = AskSettings { model_timeout: Duration::from_millis(1), ..AskSettings::default() };
    let (hung, ..) = pipeline(hanging, some_rows(), settings);
    assert_eq!(hung.ask(AskRequest::new("top artists"), None).await, Err(AskError::Timeout { stage: "the model" }));
}

#[tokio::test]
async fn a_model_that_is_loading_or_failed_is_said() {
    let (pipeline, ..) = pipeline(generator(&[(TOP, -0.1)]), some_rows(), AskSettings::default());
    let (fill, slot) = GeneratorSlot::loading();
    let parts = PipelineParts { generator: slot, ..pipeline.shared.parts.clone() };
    let waiting = Pipeline::new(parts);
    assert_eq!(waiting.ask(AskRequest::new("top 3 artists"), None).await, Err(AskError::ModelLoading));
    fill.send(GeneratorState::Failed("no weights".to_owned())).unwrap();
    let failed = AskError::ModelFailed { message: "no weights".to_owned() };
    assert_eq!(waiting.ask(AskRequest::new("top 3 artists"), None).await, Err(failed));
    fill.send(pipeline.generator().state()).unwrap();
    assert!(waiting.ask(AskRequest::new("top 3 artists"), None).await.is_ok());
    assert!(waiting.generator().wait().await.is_ok());
}

#[tokio::test]
async fn failures_of_the_warehouse_are_told_apart() {
    let api = |code: u16, reason: &str| WarehouseError::api(code, reason, "secret");
    let check = async |dry: Result<u64, WarehouseError>, run: Option<WarehouseError>, expected: fn(&AskError) -> bool| {
        let mut warehouse = some_rows();
        warehouse.dry_run = Box::new(move |_| dry.clone());
        if let Some(error) = run {
            warehouse.run = Box::new(move |_| Err(error.clone()));
        }
        let error = ask("top 3 artists", &[(TOP, -0.1)], warehouse).await.unwrap_err();
        assert!(expected(&error), "{error:?}");
    };
    check(Ok(1 << 40), None, |e| matches!(e, AskError::TooExpensive { estimate: 0x100_0000_0000, cap: 0x4000_0000, .. })).await;
    check(Err(api(500, "backendError")), None, |e| matches!(e, AskError::WarehouseFailed { .. })).await;
    check(Err(api(400, "invalidQuery")), None, |e| matches!(e, AskError::Unanswerable { .. })).await;
    check(Ok(1), Some(api(400, "invalidQuery")), |e| matches!(e, AskError::WarehouseFailed { .. })).await;
    check(Ok(1), Some(WarehouseError::DeadlineExceeded { after: Duration::from_secs(1) }), |e| matches!(e, AskError::Timeout { .. })).await;
    check(Ok(1), Some(api(403, "quotaExceeded")), |e| matches!(e, AskError::Overloaded { .. })).await;
}

#[tokio::test]
async fn a_query_that_fails_when_it_runs_gives_way_to_the_next_reading_once() {
    let check = async |failing: &'static [&'static str], expected: Result<&str, &str>| {
        let mut warehouse = some_rows();
        let answer = warehouse.run;
        let fails = move |sql: &str| failing.iter().any(|table| sql.contains(table));
        warehouse.run =
            Box::new(move |sql| if fails(sql) { Err(WarehouseError::api(400, "invalidQuery", "more than one row")) } else { answer(sql) });
        let candidates =
            [(TOP, -0.1), ("SELECT name FROM music.artists LIMIT @v1", -0.4), ("SELECT title FROM music.tracks LIMIT @v1", -0.7)];
        let answer = ask("top 3 artists", &candidates, warehouse).await;
        match (answer, expected) {
            (Ok(answer), Ok(table)) => assert!(answer.sql.contains(table), "{}", answer.sql),
            (Err(AskError::WarehouseFailed { message }), Err(expected)) => assert_eq!(message, expected),
            (other, _) => panic!("{failing:?}: {other:?}"),
        }
    };
    check(&["music.listens"], Ok("music.artists")).await;
    check(&["music.listens", "music.artists"], Err("more than one row")).await;
}

#[tokio::test]
async fn a_model_that_reads_the_schema_is_asked_and_understood_too() {
    let template = Path::new(env!("CARGO_MANIFEST_DIR")).join("prompts/spider.jinja");
    let written = "select title from tracks where artist_name = \"Daft Punk\" order by popularity desc limit 1";
    let (masked, generator, warehouse) = pipeline(generator(&[(written, -0.1)]), some_rows(), AskSettings::default());
    let prompt = PromptStyle::Schema(PromptTemplate::read(&template).unwrap());
    let pipeline = Pipeline::new(PipelineParts { prompt, ..masked.shared.parts.clone() });
    let answer = pipeline.ask(AskRequest::new("best song by Daft Punk"), None).await.unwrap();
    assert_eq!(answer.sql, "SELECT title FROM music.tracks WHERE artist_name = @artist ORDER BY popularity DESC LIMIT 1");
    assert_eq!(warehouse.ran.lock().unwrap()[0].parameters()[0].value, ParameterValue::String("Daft Punk".to_owned()));
    let prompt = generator.prompts.lock().unwrap()[0].clone();
    assert!(prompt.starts_with("Question: best song by Daft Punk Schema: \"artists\""), "{prompt}");
    assert!(prompt.contains("\"friend_id\" from \"users\" \"user_id\""), "{prompt}");
}

#[tokio::test]
async fn sql_of_a_person_passes_the_same_checks() {
    let (pipeline, _, warehouse) = pipeline(generator(&[]), some_rows(), AskSettings::default());
    let sql = |text: &str| SqlRequest { sql: text.to_owned(), max_rows: Some(2), max_bytes: None, key: None };
    let answer = pipeline.run_sql(sql("select artist_name, sum(plays) as plays from music.listens group by artist_name")).await.unwrap();
    assert_eq!((answer.question, answer.model, answer.rows.len(), answer.row_count, answer.truncated), (None, None, 2, 3, true));
    match pipeline.run_sql(sql("SELECT nope FROM music.listens")).await {
        Err(AskError::SqlRejected { line: Some(1), column: Some(8), reason, .. }) => assert!(reason.contains("nope"), "{reason}"),
        other => panic!("{other:?}"),
    }
    for refused in [
        "DELETE FROM music.listens WHERE true",
        "SELECT 1; SELECT 2",
        "SELECT * FROM other.listens",
        "SELECT title FROM music.tracks WHERE title = @x",
    ] {
        let error = pipeline.run_sql(sql(refused)).await.unwrap_err();
        assert!(matches!(error, AskError::SqlRejected { .. }), "{refused}: {error:?}");
    }
    assert!(matches!(pipeline.run_sql(sql(" ")).await, Err(AskError::Malformed { .. })));
    assert!(matches!(pipeline.run_sql(sql(&"x".repeat(20_001))).await, Err(AskError::Malformed { .. })));
    assert_eq!(warehouse.ran.lock().unwrap().len(), 1);

    let report = pipeline.validate_sql("SELECT title FROM music.tracks").await.unwrap();
    assert_eq!((report.tables, report.columns_read, report.within_cap), (vec!["tracks".to_owned()], vec!["tracks.title".to_owned()], true));
    assert!(matches!(pipeline.validate_sql("SELECT").await, Err(AskError::SqlRejected { .. })));
}
