//! The description of the API that generic clients (bq, google-api-python-client) begin with.
//!
//! It names the methods that are served, their paths and parameters; of bodies it says only that they are objects.
//!
//! Source: <https://developers.google.com/discovery/v1/reference/apis>

use axum::Json;
use axum::http::HeaderMap;
use axum::http::header::HOST;
use serde_json::{Map, Value, json};

/// A method: resource, name, HTTP method, path, query parameters, request body, response body.
type Method = (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str, &'static str);

const DATASET: &str = "projects/{+projectId}/datasets/{+datasetId}";
const TABLE: &str = "projects/{+projectId}/datasets/{+datasetId}/tables/{+tableId}";
const PAGE: &str = "maxResults:u pageToken";
const ROWS: &str =
    "maxResults:u pageToken startIndex:u selectedFields formatOptions.useInt64Timestamp:b formatOptions.timestampOutputFormat";

const METHODS: &[Method] = &[
    ("projects", "list", "GET", "projects", PAGE, "", "ProjectList"),
    ("projects", "getServiceAccount", "GET", "projects/{+projectId}/serviceAccount", "", "", "GetServiceAccountResponse"),
    ("datasets", "list", "GET", "projects/{+projectId}/datasets", "maxResults:u pageToken all:b filter", "", "DatasetList"),
    ("datasets", "insert", "POST", "projects/{+projectId}/datasets", "accessPolicyVersion:i", "Dataset", "Dataset"),
    ("datasets", "get", "GET", DATASET, "datasetView accessPolicyVersion:i", "", "Dataset"),
    ("datasets", "patch", "PATCH", DATASET, "updateMode accessPolicyVersion:i", "Dataset", "Dataset"),
    ("datasets", "update", "PUT", DATASET, "updateMode accessPolicyVersion:i", "Dataset", "Dataset"),
    ("datasets", "delete", "DELETE", DATASET, "deleteContents:b", "", ""),
    (
        "routines",
        "list",
        "GET",
        "projects/{+projectId}/datasets/{+datasetId}/routines",
        "maxResults:u pageToken filter readMask",
        "",
        "ListRoutinesResponse",
    ),
    ("models", "list", "GET", "projects/{+projectId}/datasets/{+datasetId}/models", PAGE, "", "ListModelsResponse"),
    ("tables", "list", "GET", "projects/{+projectId}/datasets/{+datasetId}/tables", PAGE, "", "TableList"),
    ("tables", "insert", "POST", "projects/{+projectId}/datasets/{+datasetId}/tables", "", "Table", "Table"),
    ("tables", "get", "GET", TABLE, "selectedFields view", "", "Table"),
    ("tables", "patch", "PATCH", TABLE, "autodetect_schema:b", "Table", "Table"),
    ("tables", "update", "PUT", TABLE, "autodetect_schema:b", "Table", "Table"),
    ("tables", "delete", "DELETE", TABLE, "", "", ""),
    ("tabledata", "list", "GET", "projects/{+projectId}/datasets/{+datasetId}/tables/{+tableId}/data", ROWS, "", "TableDataList"),
    (
        "tabledata",
        "insertAll",
        "POST",
        "projects/{+projectId}/datasets/{+datasetId}/tables/{+tableId}/insertAll",
        "",
        "TableDataInsertAllRequest",
        "TableDataInsertAllResponse",
    ),
    (
        "jobs",
        "list",
        "GET",
        "projects/{+projectId}/jobs",
        "maxResults:u pageToken allUsers:b minCreationTime maxCreationTime parentJobId projection stateFilter*",
        "",
        "JobList",
    ),
    ("jobs", "insert", "POST", "projects/{+projectId}/jobs", "", "Job", "Job"),
    ("jobs", "get", "GET", "projects/{+projectId}/jobs/{+jobId}", "location", "", "Job"),
    ("jobs", "cancel", "POST", "projects/{+projectId}/jobs/{+jobId}/cancel", "location", "", "JobCancelResponse"),
    ("jobs", "delete", "DELETE", "projects/{+projectId}/jobs/{+jobId}/delete", "location", "", ""),
    ("jobs", "query", "POST", "projects/{+projectId}/queries", "", "QueryRequest", "QueryResponse"),
    (
        "jobs",
        "getQueryResults",
        "GET",
        "projects/{+projectId}/queries/{+jobId}",
        "maxResults:u pageToken startIndex:u timeoutMs:u location formatOptions.useInt64Timestamp:b formatOptions.timestampOutputFormat",
        "",
        "GetQueryResultsResponse",
    ),
];

/// The document, whose addresses are those by which it was asked for.
pub(crate) async fn document(headers: HeaderMap) -> Json<Value> {
    let host = headers.get(HOST).and_then(|h| h.to_str().ok()).unwrap_or("localhost");
    Json(describe(&format!("http://{host}/")))
}

fn describe(root: &str) -> Value {
    let mut resources: Map<String, Value> = Map::new();
    let mut schemas = Map::new();
    for described in METHODS {
        let (resource, name, _, _, _, request, response) = *described;
        for schema in [request, response].into_iter().filter(|s| !s.is_empty()) {
            schemas.entry(schema).or_insert_with(|| body(schema));
        }
        let resource = resources.entry(resource).or_insert_with(|| json!({ "methods": {} }));
        resource["methods"][name] = method(described);
    }
    json!({
        "kind": "discovery#restDescription",
        "discoveryVersion": "v1",
        "id": "bigquery:v2",
        "name": "bigquery",
        "version": "v2",
        "revision": "0",
        "title": "BigQuery API",
        "description": "The part of the BigQuery API that this endpoint serves.",
        "documentationLink": "https://cloud.google.com/bigquery/",
        "protocol": "rest",
        "rootUrl": root,
        "servicePath": "bigquery/v2/",
        "baseUrl": format!("{root}bigquery/v2/"),
        "basePath": "/bigquery/v2/",
        "batchPath": "batch/bigquery/v2",
        "ownerDomain": "google.com",
        "ownerName": "Google",
        "parameters": {
            "alt": parameter("alt", "query"),
            "fields": parameter("fields", "query"),
            "key": parameter("key", "query"),
            "prettyPrint": parameter("prettyPrint:b", "query"),
            "quotaUser": parameter("quotaUser", "query"),
        },
        "schemas": schemas,
        "resources": resources,
    })
}

/// A body, of which clients need to know only where the next page is named.
fn body(schema: &str) -> Value {
    let page = match schema {
        "TableDataList" | "QueryResponse" | "GetQueryResultsResponse" => "pageToken",
        _ => "nextPageToken",
    };
    let mut properties = json!({ "kind": { "type": "string" } });
    if schema.contains("List") || page == "pageToken" {
        properties[page] = json!({ "type": "string" });
    }
    json!({ "id": schema, "type": "object", "properties": properties, "additionalProperties": { "type": "any" } })
}

fn method((resource, name, http, path, query, request, response): &Method) -> Value {
    let order: Vec<&str> = path.split('{').skip(1).filter_map(|part| part.split('}').next()).map(|p| p.trim_start_matches('+')).collect();
    let mut parameters = Map::new();
    for name in &order {
        let mut described = parameter(name, "path");
        described["required"] = true.into();
        parameters.insert((*name).to_owned(), described);
    }
    for query in query.split_whitespace() {
        let name = query.split(':').next().unwrap_or(query).trim_end_matches('*');
        parameters.insert(name.to_owned(), parameter(query, "query"));
    }
    let mut out = json!({
        "id": format!("bigquery.{resource}.{name}"),
        "path": path,
        "flatPath": path.replace('+', ""),
        "httpMethod": http,
        "description": format!("{resource}.{name}"),
        "parameters": parameters,
        "parameterOrder": order,
    });
    for (key, schema) in [("request", request), ("response", response)] {
        if !schema.is_empty() {
            out[key] = json!({ "$ref": schema });
        }
    }
    if (*resource, *name) == ("jobs", "insert") {
        out["supportsMediaUpload"] = true.into();
        out["mediaUpload"] = json!({
            "accept": ["*/*"],
            "protocols": {
                "simple": { "multipart": true, "path": format!("/upload/bigquery/v2/{path}") },
                "resumable": { "multipart": true, "path": format!("/resumable/upload/bigquery/v2/{path}") },
            },
        });
    }
    out
}

/// `name:u` is a number, `name:b` a boolean, `name*` may be given several times.
fn parameter(text: &str, location: &str) -> Value {
    let (name, kind) = text.split_once(':').unwrap_or((text, ""));
    let (type_, format) = match kind {
        "u" => ("integer", Some("uint32")),
        "i" => ("integer", Some("int32")),
        "b" => ("boolean", None),
        _ => ("string", None),
    };
    let mut out = json!({ "type": type_, "location": location, "description": name.trim_end_matches('*') });
    if let Some(format) = format {
        out["format"] = format.into();
    }
    if name.ends_with('*') {
        out["repeated"] = true.into();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_have_their_paths_and_parameters() {
        let document = describe("http://h:1/");
        assert_eq!(document["baseUrl"], "http://h:1/bigquery/v2/");
        let get = &document["resources"]["tables"]["methods"]["get"];
        assert_eq!(get["parameterOrder"], json!(["projectId", "datasetId", "tableId"]));
        assert_eq!(get["parameters"]["tableId"]["required"], true);
        assert_eq!(document["resources"]["jobs"]["methods"]["list"]["parameters"]["stateFilter"]["repeated"], true);
        for described in METHODS {
            for schema in [described.5, described.6].into_iter().filter(|s| !s.is_empty()) {
                assert!(document["schemas"][schema].is_object(), "{schema}");
            }
        }
    }
}
