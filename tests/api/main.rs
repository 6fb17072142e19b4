//! The HTTP API over a model and a warehouse that do as they are told; and, in `endpoint`, `faults` and `safety`, over the real embedded endpoint;
//! in `warehouses`, over that or a project of Google Cloud.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod behind;
mod documents;
mod endpoint;
mod errors;
mod faults;
mod harness;
mod questions;
mod safety;
mod stream;
mod tables;
mod warehouse_queries;
mod warehouses;
