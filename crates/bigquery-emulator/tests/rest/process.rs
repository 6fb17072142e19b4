//! What concerns the process: the lock, and a kill.

use std::net::SocketAddr;
use std::path::Path;

use bigquery_emulator::{Emulator, EmulatorOptions, OpenError};
use serde_json::{Value, json};

use crate::endpoint::{Endpoint, endpoint};

#[tokio::test(flavor = "multi_thread")]
async fn one_process_owns_a_data_directory() {
    let (dir, e) = endpoint().await;
    let address: SocketAddr = e.root.strip_prefix("http://").unwrap().parse().unwrap();
    // The server task announces; a request is answered only after that.
    e.ok("GET", "projects", Value::Null).await;
    assert_eq!(Emulator::owner_of(dir.path()), Some(address));
    match Emulator::open(EmulatorOptions::new(dir.path())) {
        Err(OpenError::InUse { address: found, .. }) => assert_eq!(found, Some(address)),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("the directory was opened twice"),
    }
    e.stop().await;
    assert_eq!(Emulator::owner_of(dir.path()), None);
    let again = Endpoint::start(dir.path()).await;
    let projects = again.ok("GET", "projects", Value::Null).await;
    assert_eq!(projects["projects"][0]["numericId"], "1");
    let account = again.ok("GET", "{p}/serviceAccount", Value::Null).await;
    assert!(account["email"].as_str().unwrap().contains('@'));
}

const CHILD: &str = "QUAVER_TEST_CHILD_DIR";

/// Not a test of its own: the process that the next test kills.
#[tokio::test(flavor = "multi_thread")]
async fn child_serves_until_killed() {
    let Some(dir) = std::env::var_os(CHILD) else {
        return;
    };
    let e = Endpoint::start(Path::new(&dir)).await;
    e.serve_forever().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_a_kill() {
    let dir = tempfile::tempdir().unwrap();
    let mut expected = 0;
    for round in 0..3 {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["process::child_serves_until_killed", "--exact"])
            .env(CHILD, dir.path())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let address = loop {
            if let Some(address) = Emulator::owner_of(dir.path()) {
                break address;
            }
            assert!(child.try_wait().unwrap().is_none(), "the child ended by itself");
            tokio::task::yield_now().await;
        };
        let e = Endpoint::at(address);
        if round == 0 {
            e.dataset().await;
            e.table("t", json!([{ "name": "n", "type": "INTEGER" }])).await;
        }
        let path = "{p}/datasets/d/tables/t/insertAll";
        let rows = json!({ "rows": (0..10).map(|n| json!({ "json": { "n": n } })).collect::<Vec<_>>() });
        for _ in 0..40 {
            assert_eq!(e.try_call("POST", path, rows.clone()).await, Some(200));
            expected += 10;
        }
        // One more is under way when the process dies: it is there as a whole or not at all.
        let last = tokio::spawn(async move { e.try_call("POST", path, rows).await });
        tokio::task::yield_now().await;
        child.kill().unwrap();
        child.wait().unwrap();
        let answered = last.await.unwrap();
        let e = Endpoint::start(dir.path()).await;
        let found: usize = e.count("t").await.parse().unwrap();
        if answered == Some(200) {
            assert_eq!(found, expected + 10);
        } else {
            assert!(found == expected || found == expected + 10, "{found} rows, {expected} acknowledged");
        }
        expected = found;
        e.stop().await;
    }
}
