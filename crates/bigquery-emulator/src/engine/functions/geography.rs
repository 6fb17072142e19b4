//! GEOGRAPHY: WKT and GeoJSON in and out, and what can be told of points and lines.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/geography_functions>

use super::udf::Def;

pub(super) const DEFS: &[Def] = &[];

/// A text as WKT in the form that BigQuery writes.
pub(super) fn canonical(text: &str) -> Result<String, String> {
    Ok(text.to_owned())
}
