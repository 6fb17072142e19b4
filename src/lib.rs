//! Quaver answers questions about music data, asked in plain English or French, with rows, a summary and the SQL.
//!
//! Modules depend one way: `cli -> app -> api -> ask -> {model, sql, warehouse, catalog}`; `sql -> catalog`;
//! `ingest -> {warehouse, catalog}`. `tests/tidy.rs` holds that. See ARCHITECTURE.md.

pub mod api;
pub mod app;
pub mod ask;
pub mod catalog;
pub mod cli;
pub mod config;
pub mod ingest;
pub mod model;
pub mod sql;
pub mod warehouse;
