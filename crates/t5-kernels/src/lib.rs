//! The arithmetic of a T5's layers, on slices: projections with what stands before and behind them, attention, position biases, and
//! what a search asks of logits.
//!
//! It is a crate of its own so that it is optimised in every profile (`profile.dev.package` of the workspace): at opt-level 0 its
//! loops make a test with the shipped model slow. For the same reason no function here is generic: one
//! that is would be compiled as the crate that calls it. It knows no files, no tensors and no text.
//!
//! Activations are [`Rows`]. Each element is summed up in one order, whatever rows stand beside it: what a question's logits are does
//! not depend on the questions that are computed with it.

mod attention;
mod position;
mod product;
mod projection;
mod ranking;
mod vector;

pub use attention::{Heads, KeysAndValues, Path, Written, attend_to_all, attend_to_prompts, attend_to_written};
pub use position::{Buckets, PositionBias};
pub use product::{Packed, Rows};
pub use projection::{Activation, Between, Norm, Projection};
pub use ranking::highest;
pub use vector::log_sum_exp;
