//! The plan and timeline of a query, as far as this engine has them: it runs a query as one stage.
//!
//! Source: <https://cloud.google.com/bigquery/docs/query-plan-explanation>

use serde_json::{Map, Value, json};

use super::job::QueryResults;

/// `queryPlan` and `timeline`; a result from the cache has none.
pub(super) fn plan_of(created_ms: i64, spent_ms: i64, results: &QueryResults) -> Map<String, Value> {
    let mut out = Map::new();
    if results.cache_hit || !results.has_rows {
        return out;
    }
    let fields: Vec<&str> = results.schema.fields.iter().map(|f| f.name.as_str()).collect();
    let stage = json!({
        "name": "S00: Output",
        "id": "0",
        "status": "COMPLETE",
        "startMs": created_ms.to_string(),
        "endMs": (created_ms + spent_ms).to_string(),
        "slotMs": spent_ms.to_string(),
        "computeMsAvg": spent_ms.to_string(),
        "computeMsMax": spent_ms.to_string(),
        "recordsWritten": results.total_rows.to_string(),
        "parallelInputs": "1",
        "completedParallelInputs": "1",
        "steps": [{ "kind": "WRITE", "substeps": [fields.join(", "), "TO __stage00_output"] }],
    });
    let sample = json!({
        "elapsedMs": spent_ms.to_string(),
        "totalSlotMs": spent_ms.to_string(),
        "pendingUnits": "0",
        "completedUnits": "1",
        "activeUnits": "0",
    });
    out.insert("queryPlan".into(), json!([stage]));
    out.insert("timeline".into(), json!([sample]));
    out
}
