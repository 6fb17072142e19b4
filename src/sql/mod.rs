//! Parses, resolves and validates SQL. Pure: no IO, no clock, no warehouse.
//!
//! `validate` is the only way to a `ReadOnlyQuery`, and a `ReadOnlyQuery` is all that the warehouse runs for a question. The proof
//! is by allow-list at every level: statement kinds, clauses, syntax nodes, tables, columns, functions, types, literals.

mod beginning;
mod error;
mod functions;
pub mod grammar;
mod guard;
mod literal;
pub mod parameter;
pub mod query;
mod resolve;
mod scope;
mod types;
mod validate;

#[cfg(test)]
mod tests;

pub use beginning::Beginnings;
pub use error::{Position, SqlError};
pub use parameter::{Parameter, ParameterValue};
pub use query::{ColumnRef, Inspection, ParameterContext, ParameterUse, ReadOnlyQuery};
pub use validate::{Policy, inspect, validate};
