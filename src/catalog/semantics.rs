//! What tables and columns mean to people.
