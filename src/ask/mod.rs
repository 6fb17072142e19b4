//! A question becomes an answer.

pub mod link;
