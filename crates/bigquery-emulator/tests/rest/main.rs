//! The REST API against an in-process server: every endpoint, as Google's clients call it.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod cases;
mod endpoint;
mod errors;
mod expected;
mod files;
mod formats;
mod jobs;
mod loads;
mod process;
mod queries;
mod rows;
mod statements;
mod tables;
