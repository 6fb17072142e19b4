//! The program `quaver`: see `quaver::cli`.

use std::process::ExitCode;

fn main() -> ExitCode {
    quaver::cli::main()
}
