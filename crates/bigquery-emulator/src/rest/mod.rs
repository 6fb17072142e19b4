//! Google's HTTP.
