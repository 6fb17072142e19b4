//! Functions that BigQuery has and the endpoint has not: they are refused by name rather than called unknown.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/functions-all>

/// Families by the beginning of their names.
const FAMILIES: &[&str] = &[
    "AEAD.",
    "KEYS.",
    "NET.",
    "ST_",
    "S2_",
    "HLL_COUNT.",
    "KLL_QUANTILES.",
    "ML.",
    "AI.",
    "OBJ.",
    "DLP_",
    "DETERMINISTIC_",
    "ANON_",
    "PROTO_",
];

const SINGLE: &[&str] = &[
    "APPENDS",
    "CHANGES",
    "COLLATE",
    "EXTERNAL_QUERY",
    "FROM_PROTO",
    "GAP_FILL",
    "RANGE_SESSIONIZE",
    "TF_IDF",
    "TO_PROTO",
    "VECTOR_SEARCH",
    "HIGHWAY_FINGERPRINT128",
    "FILTER_FIELDS",
    "REPLACE_FIELDS",
    "ENUM_VALUE_DESCRIPTOR_PROTO",
];

/// Whether a name (in upper case) is one of them.
pub(super) fn is_function(name: &str) -> bool {
    SINGLE.contains(&name) || FAMILIES.iter().any(|family| name.starts_with(family))
}
