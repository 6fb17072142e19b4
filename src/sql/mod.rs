//! Parses, resolves and validates SQL. Pure: no IO, no clock, no warehouse.

pub mod parameter;

pub use parameter::{Parameter, ParameterValue};
