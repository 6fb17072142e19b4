//! The program `quaver`: see `quaver::cli`.

use std::process::ExitCode;

fn main() -> ExitCode {
    quaver::config::threads::settle();
    quaver::cli::main()
}
