//! What concerns the process: the lock, and a kill.

use std::net::SocketAddr;

use bigquery_emulator::{Emulator, EmulatorOptions, OpenError};
use serde_json::Value;

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
