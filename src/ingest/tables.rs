//! The tables of `music` and `music_raw` by name, as the catalogue has them.

use std::sync::LazyLock;

use crate::catalog::{Catalog, Table};

/// Dataset of the silver and gold tables.
pub const MUSIC: &str = "music";
/// Dataset of the bronze tables.
pub const RAW: &str = "music_raw";

static MUSIC_TABLES: LazyLock<Catalog> = LazyLock::new(Catalog::embedded);
static RAW_TABLES: LazyLock<Catalog> = LazyLock::new(Catalog::raw);

/// Every table of dataset `music`, in the order of the contract.
#[must_use]
pub fn music() -> &'static [Table] {
    &MUSIC_TABLES.tables
}

/// Every table of dataset `music_raw`.
#[must_use]
pub fn raw() -> &'static [Table] {
    &RAW_TABLES.tables
}

/// A table of `music_raw` that a source of ours lands in.
pub(super) fn bronze(name: &str) -> &'static Table {
    find(RAW, name).expect("sources land in tables of music_raw, and a test loads every source")
}

/// A table of `music` or `music_raw` by name.
#[must_use]
pub fn find(dataset: &str, name: &str) -> Option<&'static Table> {
    let tables = if dataset == MUSIC { music() } else { raw() };
    tables.iter().find(|table| table.name == name)
}
