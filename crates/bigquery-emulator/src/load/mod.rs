//! rows in
