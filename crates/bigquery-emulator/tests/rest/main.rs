//! The REST API against an in-process server: every endpoint, as Google's clients call it.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod broken;
mod cases;
mod endpoint;
mod errors;
mod expected;
mod files;
mod formats;
mod jobs;
mod kills;
mod limits;
mod loads;
mod memory;
mod process;
mod pruning;
mod queries;
mod rows;
mod statements;
mod tables;
mod texts;
