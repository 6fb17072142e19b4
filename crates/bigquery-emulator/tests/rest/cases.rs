//! The cases of GoogleSQL's reference (`../shared/bigquery_sql/googlesqlite-cases.zip`, dialects bigquery and googlesql): what
//! is answered as expected, what is refused, and that nothing is answered wrongly. What is refused is listed in the crate's
//! README; `QUAVER_UPDATE=1` writes the list anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::endpoint::{Endpoint, PROJECT, endpoint};
use crate::expected::agrees;

/// The least share of cases that give the expected rows, in percent.
const LEAST_AS_EXPECTED: usize = 90;

const FIRST_LINE: &str = "<!-- Written by tests/rest/cases.rs -->";
const LAST_LINE: &str = "<!-- End of the list -->";

/// Cases whose expected rows are not BigQuery's, with what BigQuery gives or why it gives an error.
const OTHER_IN_BIGQUERY: &[(&str, &str)] = &[
    ("functions/datetime/datetime:1", "a DATETIME is cast to a text with a space"),
    ("functions/datetime/datetime_add:1", "a DATETIME is cast to a text with a space"),
    ("functions/datetime/datetime_sub:1", "a DATETIME is cast to a text with a space"),
    ("functions/datetime/datetime_trunc:1", "a DATETIME is cast to a text with a space"),
    ("functions/geography/st_centroid_agg:1", "the centroid lies on the sphere, not on a plane"),
    ("functions/geography/st_centroid_agg:2", "the centroid lies on the sphere, not on a plane"),
    ("functions/geography/st_centroid_agg:3", "the centroid lies on the sphere, not on a plane"),
    ("functions/aead/keys_keyset_to_json:1", "the JSON is Tink's, which has no word algorithm"),
    ("functions/debug/error:5", "two columns of one name are an error"),
    ("functions/string/regexp_extract_all:1", "more than one group is an error"),
    ("syntax/dml/merge:5", "a row that several rows match is an error"),
    ("syntax/query/parameters:3", "named and positional parameters are not mixed"),
    ("syntax/query/parameters:4", "named and positional parameters are not mixed"),
    ("syntax/script/raise:1", "an error that is raised ends the request"),
    ("syntax/dml/truncate_table:3", "the tables of another project are not accessible"),
    ("functions/hll/hll_count_merge_partial:1", "the bytes of a sketch are no interface"),
    ("functions/utility/typeof:3", "the type is called FLOAT64"),
    ("functions/datetime/parse_datetime:1", "a DATETIME is cast to a text with a space"),
    ("information_schema/table_options:1", "the text of an option stands in double quotes"),
];

struct Case {
    place: String,
    setup: Vec<String>,
    sql: String,
    parameters: Vec<(Option<String>, Value)>,
    rows: Option<Vec<Vec<Value>>>,
    error: bool,
    unordered: bool,
    nondeterministic: bool,
}

enum Outcome {
    AsExpected,
    NotSupported(String),
    OtherError(String),
    Wrong(String),
}

fn shared() -> PathBuf {
    std::env::var_os("QUAVER_SHARED").map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from)
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(|v| v.as_str().map(str::to_owned)).collect()
}

fn cases(zip: &Path) -> Vec<Case> {
    let mut archive = zip::ZipArchive::new(std::fs::File::open(zip).unwrap()).unwrap();
    let mut cases = Vec::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let name = file.name().unwrap().into_owned();
        if !name.ends_with(".yaml") {
            continue;
        }
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        let document: Value = yaml_serde::from_str(&text).unwrap();
        if !matches!(document["dialect"].as_str(), Some("bigquery" | "googlesql")) {
            continue;
        }
        let place = name.trim_start_matches("googlesqlite/specs/").trim_end_matches(".yaml");
        let place = place.split_once('/').map_or(place, |(_, rest)| rest);
        for (number, case) in (1..).zip(document["cases"].as_array().unwrap()) {
            let expected = &case["expected"];
            let positional = case["args"].as_array().into_iter().flatten().map(|v| (None, v.clone()));
            let named = case["named_args"].as_object().into_iter().flatten().map(|(k, v)| (Some(k.clone()), v.clone()));
            cases.push(Case {
                place: format!("{place}:{number}"),
                setup: texts(&case["setup"]),
                sql: case["sql"].as_str().unwrap().to_owned(),
                parameters: positional.chain(named).collect(),
                rows: expected["rows"].as_array().map(|rows| rows.iter().map(|r| r.as_array().cloned().unwrap_or_default()).collect()),
                error: !expected["error"].is_null(),
                // BigQuery promises no order without ORDER BY.
                unordered: expected["unordered"] == true || !case["sql"].as_str().unwrap().to_uppercase().contains("ORDER BY"),
                nondeterministic: case["nondeterministic"] == true,
            });
        }
    }
    cases.sort_by(|a, b| a.place.cmp(&b.place));
    cases
}

/// Runs a statement; datasets that it misses are made.
async fn answer(e: &Endpoint, sql: &str, parameters: &[(Option<String>, Value)], made: &mut BTreeSet<String>) -> (u16, Value) {
    let mut body = json!({
        "query": sql, "useLegacySql": false, "timeoutMs": 60_000,
        "defaultDataset": { "projectId": PROJECT, "datasetId": "cases" },
        "formatOptions": { "timestampOutputFormat": "ISO8601_STRING" },
    });
    if !parameters.is_empty() {
        let list: Vec<Value> = parameters
            .iter()
            .map(|(name, value)| {
                let mut p = json!({ "parameterType": { "type": "INT64" }, "parameterValue": { "value": value.to_string() } });
                if let Some(name) = name {
                    p["name"] = name.as_str().into();
                }
                p
            })
            .collect();
        body["queryParameters"] = list.into();
    }
    loop {
        let (status, answer) = e.call("POST", "{p}/queries", body.clone()).await;
        let message = answer["error"]["message"].as_str().unwrap_or_default();
        let missing = message.strip_prefix(&format!("Not found: Dataset {PROJECT}:")).and_then(|m| m.split(' ').next());
        match missing {
            Some(id) if made.insert(id.to_owned()) => {
                let body = json!({ "datasetReference": { "datasetId": id } });
                let (made, _) = e.call("POST", "{p}/datasets", body).await;
                if made >= 300 {
                    return (status, answer);
                }
            }
            _ => return (status, answer),
        }
    }
}

fn refusal(status: u16, answer: &Value) -> Outcome {
    let message = answer["error"]["message"].as_str().unwrap_or_default().to_owned();
    if status == 501 { Outcome::NotSupported(message) } else { Outcome::OtherError(message) }
}

async fn run(e: &Endpoint, case: &Case) -> Outcome {
    let mut made = BTreeSet::new();
    let outcome = run_in(e, case, &mut made).await;
    for dataset in made {
        e.call("DELETE", &format!("{{p}}/datasets/{dataset}?deleteContents=true"), Value::Null).await;
    }
    outcome
}

async fn run_in(e: &Endpoint, case: &Case, made: &mut BTreeSet<String>) -> Outcome {
    for statement in &case.setup {
        let (status, answer) = answer(e, statement, &[], made).await;
        if status >= 300 {
            return refusal(status, &answer);
        }
    }
    let (status, answer) = answer(e, &case.sql, &case.parameters, made).await;
    if status >= 300 {
        return match refusal(status, &answer) {
            Outcome::OtherError(_) if case.error => Outcome::AsExpected,
            other => other,
        };
    }
    let empty = Vec::new();
    let fields = answer["schema"]["fields"].as_array().unwrap_or(&empty);
    let got: Vec<Vec<Value>> = answer["rows"]
        .as_array()
        .unwrap_or(&empty)
        .iter()
        .map(|row| row["f"].as_array().unwrap_or(&empty).iter().map(|cell| cell["v"].clone()).collect())
        .collect();
    let expected = case.rows.clone().unwrap_or_default();
    if case.nondeterministic || (!case.error && agrees(fields, &got, &expected, case.unordered)) {
        Outcome::AsExpected
    } else {
        Outcome::Wrong(format!("got {} for {}", json!(got), json!(expected)))
    }
}

/// A message without the place and what stands in quotes.
fn kind_of(message: &str) -> String {
    let message = message.split(" at [").next().unwrap_or(message);
    message.split("; Did you mean").next().unwrap_or(message).lines().next().unwrap_or_default().to_owned()
}

#[derive(Default)]
struct Report {
    total: usize,
    as_expected: usize,
    refused: BTreeMap<String, BTreeSet<String>>,
    not_supported: usize,
    other_errors: Vec<String>,
    wrong: Vec<String>,
    differing: usize,
}

impl Report {
    fn add(&mut self, case: &Case, outcome: Outcome) {
        self.total += 1;
        let feature = case.place.split(':').next().unwrap_or_default().to_owned();
        match outcome {
            Outcome::AsExpected => self.as_expected += 1,
            Outcome::NotSupported(message) => {
                self.not_supported += 1;
                self.refused.entry(kind_of(&message)).or_default().insert(feature);
            }
            Outcome::Wrong(_) | Outcome::OtherError(_) if OTHER_IN_BIGQUERY.iter().any(|(place, _)| *place == case.place) => {
                self.differing += 1
            }
            Outcome::OtherError(message) => {
                self.other_errors.push(format!("{}: {message}\n    {}", case.place, case.sql.replace('\n', "\n    ")));
                self.refused.entry(kind_of(&message)).or_default().insert(feature);
            }
            Outcome::Wrong(what) => self.wrong.push(format!("{}: {what}\n    {}", case.place, case.sql.replace('\n', "\n    "))),
        }
    }

    fn figures(&self) -> String {
        format!(
            "{} cases: {} as expected ({:.1} %), {} not supported, {} other errors, {} where BigQuery itself differs, {} wrong answers",
            self.total,
            self.as_expected,
            100.0 * self.as_expected as f64 / self.total as f64,
            self.not_supported,
            self.other_errors.len(),
            self.differing,
            self.wrong.len(),
        )
    }

    fn list(&self) -> String {
        let mut text = format!("{FIRST_LINE}\n\n{}.\n\n", self.figures());
        for (message, features) in &self.refused {
            let features: Vec<&str> = features.iter().map(String::as_str).collect();
            writeln!(text, "- {message} ({})", features.join(", ")).unwrap();
        }
        text.push('\n');
        text.push_str(LAST_LINE);
        text
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cases_of_the_reference_are_answered_as_expected_or_refused() {
    let zip = shared().join("bigquery_sql/googlesqlite-cases.zip");
    if !zip.is_file() {
        println!("skipped: {} is missing", zip.display());
        return;
    }
    let (_dir, e) = endpoint().await;
    let only = std::env::var("QUAVER_CASES").unwrap_or_default();
    let mut report = Report::default();
    for case in cases(&zip) {
        if case.place.contains(&only) {
            let outcome = run(&e, &case).await;
            report.add(&case, outcome);
        }
    }
    println!("{}\n\nother errors:\n{}\n\nwrong:\n{}", report.figures(), report.other_errors.join("\n"), report.wrong.join("\n"));
    for (message, features) in &report.refused {
        println!("- {message} ({features:?})");
    }
    assert!(report.wrong.is_empty(), "{} wrong answers", report.wrong.len());
    if !only.is_empty() {
        return;
    }
    assert!(report.as_expected * 100 >= LEAST_AS_EXPECTED * report.total, "{}", report.figures());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(&path).unwrap();
    let (head, rest) = readme.split_once(FIRST_LINE).unwrap();
    let (_, tail) = rest.split_once(LAST_LINE).unwrap();
    let wanted = format!("{head}{}{tail}", report.list());
    if std::env::var_os("QUAVER_UPDATE").is_some() {
        std::fs::write(&path, wanted).unwrap();
    } else {
        assert!(readme == wanted, "the list in README.md is not that of this run; write it anew with QUAVER_UPDATE=1");
    }
}
