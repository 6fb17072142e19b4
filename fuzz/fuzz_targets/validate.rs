//! The validator never panics, and what it passes prints and reads back to the same thing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use quaver::catalog::Catalog;
use quaver::sql::{Policy, inspect};

fuzz_target!(|sql: &str| {
    let catalog = Catalog::embedded();
    let policy = Policy::default();
    if let Ok(first) = inspect(sql, &catalog, &policy) {
        let second = inspect(&first.sql, &catalog, &policy).expect("what the validator prints, it accepts");
        assert_eq!(first, second);
    }
});
