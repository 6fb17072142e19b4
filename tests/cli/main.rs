//! The program as a person runs it: its first line, its exit codes, what it says of mistakes, how it stops.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod commands;
mod interrupted;
mod loading;
mod mistakes;
mod process;
mod secrets;
mod serving;
