//! Standard output and standard error, where nobody may be listening any more.

use std::io::{self, Write};

use serde::Serialize;

/// Writes lines to standard output.
///
/// # Errors
/// A broken pipe when whoever read it has gone; the program then ends quietly.
pub(super) fn print(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{text}")?;
    stdout.flush()
}

/// Writes a value as JSON to standard output.
///
/// # Errors
/// As [`print`].
pub(super) fn print_json(value: &impl Serialize) -> anyhow::Result<()> {
    Ok(print(&serde_json::to_string_pretty(value)?)?)
}

/// Writes a line to standard error; where that is closed there is nobody left to tell.
pub(super) fn complain(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}
