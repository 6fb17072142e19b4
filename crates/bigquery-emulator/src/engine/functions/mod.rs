//! GoogleSQL's functions: one table of [`udf::Def`]s, from which DataFusion's functions are made.

mod aead;
mod arrays;
mod buckets;
mod cast;
mod collections;
mod date_parts;
mod dates;
mod decimals;
mod deep;
mod farm;
mod format;
mod geography;
mod groups;
mod instants;
mod intervals;
mod json;
mod math;
mod membership;
mod net;
mod quick;
pub(super) mod ranges;
mod regex;
mod results;
mod search;
mod sketches;
mod strftime;
mod strings;
mod trigonometry;
pub(super) mod udf;
mod utility;
pub(super) mod value;
mod zips;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use datafusion::logical_expr::ScalarUDF;

pub(super) use aead::new_keyset;
pub(super) use cast::simple_type;
pub(super) use groups::group_names;
pub(super) use intervals::{interval_text, parse_interval};
pub(super) use udf::registered_name;

use super::signatures::Signature;
use udf::Def;

static ALL: LazyLock<HashMap<&'static str, Def>> = LazyLock::new(|| {
    let single: [&[Def]; 21] = [
        strings::DEFS,
        &[strings::CONCAT_OPERATOR, strings::MD5_BYTES],
        regex::DEFS,
        math::DEFS,
        trigonometry::DEFS,
        dates::DEFS,
        buckets::DEFS,
        intervals::DEFS,
        ranges::DEFS,
        cast::DEFS,
        format::DEFS,
        arrays::DEFS,
        collections::DEFS,
        net::DEFS,
        search::DEFS,
        sketches::DEFS,
        utility::DEFS,
        groups::DEFS,
        deep::DEFS,
        zips::DEFS,
        aead::DEFS,
    ];
    let grouped = json::DEFS.iter().chain(geography::DEFS).copied();
    single.into_iter().chain(grouped).flatten().map(|def| (def.name, *def)).collect()
});

/// Whether a name (in upper case) is one of these functions.
pub(super) fn is_known(name: &str) -> bool {
    ALL.contains_key(name)
}

pub(super) fn names() -> impl Iterator<Item = &'static str> {
    ALL.keys().copied().filter(|n| !n.starts_with('$'))
}

/// The signatures of a function by its name in SQL; none where its parameters are not a plain list of types.
pub(super) fn parameters_of(name: &str) -> Vec<Signature> {
    ALL.get(name).map_or_else(Vec::new, udf::signatures)
}

/// All functions under their registered names, the SAFE form of each included.
pub(super) fn all() -> Vec<Arc<ScalarUDF>> {
    ALL.values().flat_map(|def| [udf::udf(*def, false), udf::udf(*def, true)]).collect()
}

/// The microseconds of a TIMESTAMP's text.
pub(super) fn instant_micros(text: &str) -> Option<i64> {
    strftime::parse_timestamp(text, instants::UTC).ok()
}

/// Whether the text of a literal such as `DATE '2024-02-30'` is one.
pub(super) fn check_literal(type_name: &str, text: &str) -> bool {
    match type_name {
        "DATE" => strftime::parse_date(text).is_ok(),
        "DATETIME" => strftime::parse_datetime(text).is_ok(),
        "TIME" => strftime::parse_time(text).is_ok(),
        "TIMESTAMP" => strftime::parse_timestamp(text, instants::UTC).is_ok(),
        _ => true,
    }
}
