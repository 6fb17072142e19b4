//! The account of the day: its caps, its days, and what it is after a kill.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use super::*;

const CAPS: Caps = Caps { per_day: Some(100), per_key: Some(60) };

fn ledger(dir: &tempfile::TempDir) -> Arc<Ledger> {
    Arc::new(Ledger::open(dir.path().join("spending.json"), CAPS).unwrap())
}

fn refused(outcome: Result<Reservation, LedgerError>) -> (Limit, u64, u64) {
    match outcome.unwrap_err() {
        LedgerError::Spent { limit, spent, cap, seconds } => {
            assert!((1..=24 * 3600).contains(&seconds), "{seconds}");
            (limit, spent, cap)
        }
        other => panic!("{other}"),
    }
}

#[test]
fn a_day_and_a_key_have_their_caps() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = ledger(&dir);
    ledger.reserve(Some("a"), 50).unwrap().settle(40).unwrap();
    assert_eq!(refused(ledger.reserve(Some("a"), 21)), (Limit::Key, 40, 60));
    let whole = ledger.reserve(Some("a"), 20).unwrap();
    assert_eq!(refused(ledger.reserve(Some("b"), 41)), (Limit::Day, 60, 100));
    ledger.reserve(Some("b"), 40).unwrap().settle(40).unwrap();
    assert_eq!(refused(ledger.reserve(None, 1)), (Limit::Day, 100, 100));
    whole.settle(0).unwrap();
    ledger.reserve(None, 20).unwrap().settle(20).unwrap();
    assert_eq!(ledger.spent().unwrap(), 100);
}

#[test]
fn what_is_taken_survives_the_process_and_what_was_not_settled_stays_taken() {
    let dir = tempfile::tempdir().unwrap();
    drop(ledger(&dir).reserve(Some("a"), 30).unwrap());
    ledger(&dir).reserve(Some("a"), 20).unwrap().settle(5).unwrap();
    assert_eq!(ledger(&dir).spent().unwrap(), 35);
    assert_eq!(refused(ledger(&dir).reserve(Some("a"), 30)), (Limit::Key, 35, 60));
    // What a process that was killed while it wrote leaves aside is no account.
    fs::write(dir.path().join("spending.new"), "{\"day\":").unwrap();
    assert_eq!(ledger(&dir).spent().unwrap(), 35);
}

#[test]
fn a_new_day_begins_at_nothing_and_yesterday_is_not_given_back() {
    let dir = tempfile::tempdir().unwrap();
    let day = |now| Arc::new(Ledger { now, ..Ledger::open(dir.path().join("spending.json"), CAPS).unwrap() });
    let late = || DateTime::from_timestamp(100 * 86_400 - 1, 0).unwrap();
    let early = || DateTime::from_timestamp(100 * 86_400, 0).unwrap();
    fs::remove_file(dir.path().join("spending.json")).ok();
    let (yesterday, today) = (day(late), day(early));
    fs::remove_file(dir.path().join("spending.json")).unwrap();
    let running = yesterday.reserve(None, 90).unwrap();
    assert!(matches!(yesterday.reserve(None, 11), Err(LedgerError::Spent { seconds: 1, .. })));
    today.reserve(None, 50).unwrap().settle(50).unwrap();
    running.settle(0).unwrap();
    assert_eq!(today.spent().unwrap(), 50);
    // A clock that is set back does not begin a day anew.
    assert!(yesterday.reserve(None, 60).is_err());
}

#[test]
fn an_account_that_cannot_be_read_or_written_is_told_and_nothing_is_taken() {
    let dir = tempfile::tempdir().unwrap();
    let kept = ledger(&dir);
    fs::write(dir.path().join("spending.json"), "{}").unwrap();
    let error = kept.reserve(None, 1).unwrap_err().to_string();
    assert!(error.contains("spending.json") && error.contains("remove it"), "{error}");
    let nowhere = Ledger::open(dir.path().join("none/spending.json"), CAPS).unwrap_err();
    assert!(matches!(nowhere, LedgerError::File { .. }), "{nowhere}");
}

#[test]
fn takers_at_one_time_never_take_more_than_there_is() {
    let dir = tempfile::tempdir().unwrap();
    let taken: u64 = std::thread::scope(|scope| {
        let takers: Vec<_> = (0..4)
            .map(|_| {
                let ledger = ledger(&dir);
                scope.spawn(move || (0..10).filter(|_| ledger.reserve(None, 7).is_ok()).count() as u64 * 7)
            })
            .collect();
        takers.into_iter().map(|taker| taker.join().unwrap()).sum()
    });
    assert_eq!((taken, ledger(&dir).spent().unwrap()), (98, 98));
}

#[test]
fn without_caps_nothing_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Arc::new(Ledger::open(dir.path().join("spending.json"), Caps::default()).unwrap());
    ledger.reserve(Some("a"), u64::MAX).unwrap().settle(0).unwrap();
    assert!(ledger.is_unlimited() && fs::read_dir(dir.path()).unwrap().next().is_none());
}

/// Names the account to a process of this program that does nothing but take from it.
const TAKER: &str = "QUAVER_TEST_LEDGER";
const NO_CAP: Caps = Caps { per_day: Some(u64::MAX), per_key: None };

/// What the process does that is killed: each amount is told once it is taken. Without the variable it is no test.
#[test]
fn a_process_that_takes() {
    let Ok(file) = std::env::var(TAKER) else { return };
    let ledger = Arc::new(Ledger::open(file.into(), NO_CAP).unwrap());
    for at in 0.. {
        let taken = ledger.reserve(Some("a"), 10).unwrap();
        println!("taken");
        // Every other one is settled, so that kills come in the middle of both.
        if at % 2 == 1 {
            taken.settle(10).unwrap();
        }
    }
}

#[test]
fn what_was_taken_is_on_the_account_after_a_kill_at_any_moment() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("spending.json");
    let program = std::env::current_exe().unwrap();
    let (mut told, kills) = (0, 20);
    for at in 0..kills {
        let mut taker = Command::new(&program);
        taker.args(["--exact", "ask::ledger::tests::a_process_that_takes", "--nocapture"]).env(TAKER, &file);
        let mut taker = taker.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        // Killed as soon as some amounts are told, and so while the next is written.
        let mut lines = BufReader::new(taker.stdout.take().unwrap()).lines().map_while(Result::ok).filter(|line| line.ends_with("taken"));
        told += lines.by_ref().take(1 + at % 4).count() as u64;
        taker.kill().unwrap();
        taker.wait().unwrap();
        told += lines.count() as u64;
    }
    let spent = Ledger::open(file, NO_CAP).unwrap().spent().unwrap();
    // One more may have been taken before each kill than could be told.
    assert!((told * 10..=(told + kills as u64) * 10).contains(&spent), "{told} were told, {spent} bytes are taken");
}
