//! Parses, resolves and validates SQL. Pure: no IO, no clock, no warehouse.

pub mod parameter;
pub mod query;

pub use parameter::{Parameter, ParameterValue};
pub use query::ReadOnlyQuery;
