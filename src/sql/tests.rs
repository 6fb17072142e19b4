//! The validator against lists of statements: tests/golden/sql, the training corpus and the questions of eval/.

use std::path::{Path, PathBuf};

use super::*;
use crate::catalog::Catalog;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn policy() -> Policy {
    Policy { project: Some("quaver-test".to_owned()), ..Policy::default() }
}

/// The kind of error, or what was proved.
fn check(sql: &str) -> Result<Inspection, SqlError> {
    let inspection = inspect(sql, &Catalog::embedded(), &policy())?;
    let again = inspect(&inspection.sql, &Catalog::embedded(), &policy()).unwrap_or_else(|error| panic!("{error} in what was printed: {}", inspection.sql));
    assert_eq!(inspection.sql, again.sql, "printing twice differs");
    Ok(inspection)
}

fn lines(path: &Path) -> Vec<(usize, String)> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let kept = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty() && !line.starts_with("##"));
    kept.map(|(index, line)| (index + 1, line.replace("\\n", "\n"))).collect()
}

#[test]
fn accepted_statements_pass() {
    let cases = lines(&root().join("tests/golden/sql/accepted.txt"));
    assert!(cases.len() >= 150, "{} statements", cases.len());
    let failures: Vec<String> =
        cases.iter().filter_map(|(line, sql)| check(sql).err().map(|error| format!("{line}: {error}\n    {sql}"))).collect();
    assert!(failures.is_empty(), "{} refused:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn rejected_statements_are_refused_for_their_reason() {
    let cases = lines(&root().join("tests/golden/sql/rejected.txt"));
    assert!(cases.len() >= 150, "{} statements", cases.len());
    let mut failures = Vec::new();
    for (line, case) in &cases {
        let (kind, sql) = case.split_once('|').unwrap_or_else(|| panic!("{line}: no kind"));
        let found = match inspect(sql, &Catalog::embedded(), &policy()) {
            Ok(inspection) => format!("accepted as {}", inspection.sql),
            Err(error) if error.kind() == kind.trim() => continue,
            Err(error) => format!("{}: {error}", error.kind()),
        };
        failures.push(format!("{line}: wanted {}, {found}\n    {sql}", kind.trim()));
    }
    assert!(failures.is_empty(), "{} wrong:\n{}", failures.len(), failures.join("\n"));
}
