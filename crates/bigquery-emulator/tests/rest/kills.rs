//! A process that is killed while it works: what it acknowledged is there, and nothing by halves. `benches/kills.py` does the same to the
//! program itself, with several clients at once.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use bigquery_emulator::Emulator;
use serde_json::{Value, json};

use crate::endpoint::{Endpoint, PROJECT};

const CHILD: &str = "QUAVER_TEST_CHILD_DIR";
/// How many kills there are; a few where it does not say.
const KILLS: &str = "QUAVER_TEST_KILLS";
const SEED: &str = "QUAVER_TEST_SEED";
const ROWS: usize = 500;

/// Not a test of its own: the process that other tests kill or starve.
#[tokio::test(flavor = "multi_thread")]
async fn child_serves_until_killed() {
    let Some(dir) = std::env::var_os(CHILD) else {
        return;
    };
    let e = Endpoint::start(Path::new(&dir)).await;
    e.serve_forever().await;
}

/// The process; it goes with its owner.
pub(crate) struct Process(Child);

impl Process {
    pub(crate) fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
    }
}

/// Starts that process by a command that ends with the program and its arguments.
pub(crate) async fn child(dir: &Path, mut command: Command) -> (Process, Endpoint) {
    // A look at the lock holds it for a moment, in which the process would not get it. What the one before announced goes.
    let lock = dir.join("lock");
    std::fs::write(&lock, "").unwrap();
    command.args(["kills::child_serves_until_killed", "--exact"]).env(CHILD, dir).stdout(Stdio::null());
    let mut process = Process(command.spawn().unwrap());
    while !std::fs::read_to_string(&lock).unwrap().ends_with('\n') {
        assert!(process.0.try_wait().unwrap().is_none(), "the child ended by itself");
        tokio::task::yield_now().await;
    }
    let address = Emulator::owner_of(dir).unwrap();
    (process, Endpoint::at(address))
}

struct Draws(u64);

impl Draws {
    /// SplitMix64.
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % end
    }
}

/// Batches of `ROWS` rows, each row with its batch's number: how often a table has each.
type Batches = BTreeMap<i64, usize>;

/// What a table has, and what it has instead once the statement under way is done.
#[derive(Default)]
struct Expected {
    now: Batches,
    instead: Option<Batches>,
}

fn rows_of(batch: i64) -> String {
    format!("SELECT {batch} AS batch, n FROM UNNEST(GENERATE_ARRAY(1, {ROWS})) AS n")
}

/// A statement or a load for a table, and what it leaves.
fn next(draws: &mut Draws, now: &Batches, batch: i64) -> (Step, Batches) {
    let mut instead = now.clone();
    let some = now.keys().nth(draws.below(now.len().max(1) as u64) as usize).copied();
    let step = match (draws.below(7), some) {
        (0, _) => Step::Load("WRITE_APPEND"),
        (1, _) => Step::Load("WRITE_TRUNCATE"),
        (6, Some(_)) => Step::Rows,
        (2, Some(_)) => Step::Sql(format!("INSERT INTO d.t (batch, n) {}", rows_of(batch))),
        (3, Some(old)) => Step::Sql(format!("UPDATE d.t SET batch = {batch} WHERE batch = {old}")),
        (4, Some(old)) if now.len() > 1 => Step::Sql(format!("DELETE FROM d.t WHERE batch = {old}")),
        _ => Step::Sql(format!("CREATE OR REPLACE TABLE d.t AS {}", rows_of(batch))),
    };
    match (&step, some) {
        (Step::Load("WRITE_APPEND") | Step::Rows, _) => drop(instead.insert(batch, 1)),
        (Step::Sql(sql), _) if sql.starts_with("INSERT") => drop(instead.insert(batch, 1)),
        (Step::Sql(sql), Some(old)) if sql.starts_with("UPDATE") => {
            let times = instead.remove(&old).unwrap_or_default();
            instead.insert(batch, times);
        }
        (Step::Sql(sql), Some(old)) if sql.starts_with("DELETE") => drop(instead.remove(&old)),
        _ => instead = Batches::from([(batch, 1)]),
    }
    (step, instead)
}

enum Step {
    /// `insertAll`.
    Rows,
    Load(&'static str),
    Sql(String),
}

/// Whether the endpoint says that it is done. Anything else than an answer means that it is gone.
async fn acknowledged(e: &Endpoint, step: &Step, batch: i64) -> bool {
    let body = match step {
        Step::Rows => {
            let rows: Vec<Value> = (1..=ROWS).map(|n| json!({ "json": { "batch": batch, "n": n } })).collect();
            let answer = e.try_ask("POST", "{p}/datasets/d/tables/t/insertAll", json!({ "rows": rows })).await;
            return answer.is_some_and(|answer| answer.get("insertErrors").is_none() && answer.get("error").is_none());
        }
        Step::Sql(sql) => json!({ "query": { "query": sql, "useLegacySql": false } }),
        Step::Load(disposition) => json!({ "load": {
            "destinationTable": { "projectId": PROJECT, "datasetId": "d", "tableId": "t" }, "writeDisposition": disposition,
            "sourceFormat": "CSV",
            "schema": { "fields": [{ "name": "batch", "type": "INTEGER" }, { "name": "n", "type": "INTEGER" }] } } }),
    };
    let metadata = json!({ "configuration": body });
    let answer = match step {
        Step::Sql(_) | Step::Rows => e.try_ask("POST", "{p}/jobs", metadata).await,
        Step::Load(_) => {
            let rows: String = (1..=ROWS).map(|n| format!("{batch},{n}\n")).collect();
            let text = format!("--x\r\nContent-Type: application/json\r\n\r\n{metadata}\r\n--x\r\n\r\n{rows}\r\n--x--");
            let upload = e.client.post(format!("{}/upload/bigquery/v2/projects/{PROJECT}/jobs?uploadType=multipart", e.root));
            match upload.header("content-type", "multipart/related; boundary=x").body(text).send().await {
                Ok(response) => response.json().await.ok(),
                Err(_) => None,
            }
        }
    };
    let Some(job) = answer.as_ref().and_then(|job: &Value| job["jobReference"]["jobId"].as_str()) else { return false };
    loop {
        let Some(found) = e.try_ask("GET", &format!("{{p}}/jobs/{job}"), Value::Null).await else { return false };
        if found["status"]["state"] == "DONE" {
            assert_eq!(found["status"].get("errorResult"), None, "{found:#}");
            return true;
        }
        tokio::task::yield_now().await;
    }
}

async fn look(e: &Endpoint, expected: &mut Expected, seed: u64) {
    let (status, answer) =
        e.call("POST", "{p}/queries", json!({ "query": "SELECT batch, COUNT(*) FROM d.t GROUP BY batch", "useLegacySql": false })).await;
    let number = |cell: &Value| cell["v"].as_str().unwrap().parse::<i64>().unwrap();
    let rows = answer["rows"].as_array().cloned().unwrap_or_default();
    assert!(status == 200 || status == 404, "{answer:#}");
    let found: BTreeMap<i64, usize> = rows.iter().map(|row| (number(&row["f"][0]), number(&row["f"][1]) as usize)).collect();
    let as_rows = |batches: &Batches| batches.iter().map(|(batch, times)| (*batch, times * ROWS)).collect::<BTreeMap<_, _>>();
    let before = as_rows(&expected.now);
    match expected.instead.take() {
        Some(instead) if as_rows(&instead) == found => expected.now = instead,
        other => assert_eq!(found, before, "or {other:?}; seed {seed}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_a_kill() {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let kills = number(KILLS).unwrap_or(10);
    let seed = number(SEED).unwrap_or_else(|| u64::from(std::process::id()));
    println!("{kills} kills, seed {seed}");
    let dir = tempfile::tempdir().unwrap();
    let mut draws = Draws(seed);
    let mut expected = Expected::default();
    let (mut batch, mut done, mut caught) = (0, 0, 0);
    for round in 0..=kills {
        let (process, e) = child(dir.path(), Command::new(std::env::current_exe().unwrap())).await;
        if round == 0 {
            e.dataset().await;
        } else {
            look(&e, &mut expected, seed).await;
        }
        // So much is done before the kill; then it comes at some moment of the next.
        let before = draws.below(6);
        for _ in 0..before {
            batch += 1;
            let (step, instead) = next(&mut draws, &expected.now, batch);
            assert!(acknowledged(&e, &step, batch).await);
            expected.now = instead;
            done += 1;
        }
        batch += 1;
        let (step, instead) = next(&mut draws, &expected.now, batch);
        let last = tokio::spawn(async move { acknowledged(&e, &step, batch).await });
        for _ in 0..draws.below(20_000) {
            tokio::task::yield_now().await;
        }
        process.kill();
        if last.await.unwrap() {
            expected.now = instead;
            done += 1;
        } else {
            expected.instead = Some(instead);
            caught += 1;
        }
    }
    println!("{done} acknowledged, {caught} under way at a kill");
    let e = Endpoint::start(dir.path()).await;
    look(&e, &mut expected, seed).await;
    e.stop().await;
}
