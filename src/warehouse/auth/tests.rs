//! Every way to a token, against a server on this machine that is metadata server, token server, security token service, IAM and the
//! provider of subject tokens at once.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use reqwest::Url;
use serde_json::{Value, json};

use super::{ACT_AS, Credentials, FULL, READ, TokenSource};
use crate::warehouse::WarehouseError;

/// In every secret that is sent or given.
const SECRET: &str = "no-log-may-hold-it";
const KEY: &str = include_str!("../../../tests/fixtures/identity/service-account.json");

/// A request as it arrived.
#[derive(Clone)]
struct Seen {
    path: String,
    /// The query string and the form.
    values: HashMap<String, String>,
    headers: HeaderMap,
    json: Value,
}

impl Seen {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

#[derive(Default)]
struct Script {
    seen: Vec<Seen>,
    /// Answers in place of the next ones at a path.
    faults: Vec<(&'static str, u16, String)>,
    seconds: u64,
    without_flavor: bool,
}

#[derive(Clone)]
struct TokenServer {
    root: String,
    script: Arc<Mutex<Script>>,
}

impl TokenServer {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let root = format!("http://{}", listener.local_addr().unwrap());
        let server = Self { root, script: Arc::new(Mutex::new(Script { seconds: 3600, ..Script::default() })) };
        let router = Router::new().fallback(answer).with_state(server.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        server
    }

    fn seen(&self, path: &str) -> Vec<Seen> {
        self.script.lock().unwrap().seen.iter().filter(|seen| seen.path == path).cloned().collect()
    }

    fn fault(&self, path: &'static str, status: u16, body: impl Into<String>) {
        self.script.lock().unwrap().faults.push((path, status, body.into()));
    }

    fn good_for(&self, seconds: u64) {
        self.script.lock().unwrap().seconds = seconds;
    }

    fn metadata(&self) -> Credentials {
        Credentials::metadata_server(self.root.strip_prefix("http://"))
    }

    /// The credentials of a file, in which `ROOT` stands for this server.
    fn file(&self, dir: &tempfile::TempDir, content: &Value) -> Credentials {
        let path = dir.path().join("credentials.json");
        std::fs::write(&path, content.to_string().replace("ROOT", &self.root)).unwrap();
        Credentials::File(path)
    }
}

const METADATA: &str = "/computeMetadata/v1/instance/service-accounts/default/token";
const IAM: &str = "/iam/act:generateAccessToken";

async fn answer(State(server): State<TokenServer>, method: Method, uri: Uri, headers: HeaderMap, body: String) -> Response {
    let mut script = server.script.lock().unwrap();
    let path = uri.path().to_owned();
    let pairs = format!("http://form/?{}&{}", uri.query().unwrap_or_default(), if body.starts_with('{') { "" } else { &body });
    let values = Url::parse(&pairs).unwrap().query_pairs().into_owned().collect();
    let json = serde_json::from_str(&body).unwrap_or_default();
    script.seen.push(Seen { path: path.clone(), values, headers, json });
    if let Some(at) = script.faults.iter().position(|(at, ..)| *at == path) {
        let (_, status, body) = script.faults.remove(at);
        return (StatusCode::from_u16(status).unwrap(), [("metadata-flavor", "Google")], body).into_response();
    }
    let number = script.seen.iter().filter(|seen| seen.path == path).count();
    let token = |kind: &str| format!("{kind}-{number}-{SECRET}");
    let oauth = |kind: &str| json!({ "access_token": token(kind), "expires_in": script.seconds, "token_type": "Bearer" }).to_string();
    let flavor = if script.without_flavor { "Somebody" } else { "Google" };
    match (method, path.as_str()) {
        (Method::GET, METADATA) => ([("metadata-flavor", flavor)], oauth("metadata")).into_response(),
        (Method::POST, "/token") => oauth("token").into_response(),
        (Method::POST, "/sts") => oauth("federated").into_response(),
        (Method::GET, "/subject") => token("subject").into_response(),
        (Method::GET, "/subject.json") => json!({ "value": token("subject") }).to_string().into_response(),
        (Method::POST, IAM) => {
            let ends = chrono::Utc::now() + chrono::Duration::seconds(script.seconds.try_into().unwrap());
            json!({ "accessToken": token("acting"), "expireTime": ends.to_rfc3339() }).to_string().into_response()
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

fn key() -> Value {
    serde_json::from_str(&KEY.replace("TOKEN_URI", "ROOT/token")).unwrap()
}

fn user() -> Value {
    let secret = |name: &str| format!("{name}-{SECRET}");
    json!({
        "type": "authorized_user", "client_id": "quaver", "client_secret": secret("client"), "refresh_token": secret("refresh"),
        "token_uri": "ROOT/token",
    })
}

fn federated(source: Value) -> Value {
    json!({
        "type": "external_account", "audience": "//iam.googleapis.com/pool", "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": "ROOT/sts", "credential_source": source,
    })
}

fn with(mut file: Value, name: &str, value: Value) -> Value {
    file[name] = value;
    file
}

fn acting(by: Value) -> Value {
    json!({
        "type": "impersonated_service_account", "service_account_impersonation_url": format!("ROOT{IAM}"), "delegates": ["between"],
        "source_credentials": by,
    })
}

#[tokio::test]
async fn the_account_of_the_machine_is_asked_once_for_each_scope() {
    let server = TokenServer::start().await;
    let tokens = TokenSource::of(&server.metadata()).await.unwrap();
    let first = tokens.token(READ).await.unwrap();
    assert_eq!(first, format!("metadata-1-{SECRET}"));
    let others = futures::future::join_all((0..20).map(|_| tokens.token(READ))).await;
    assert!(others.into_iter().all(|token| token.unwrap() == first));
    assert_ne!(tokens.token(FULL).await.unwrap(), first);
    let seen = server.seen(METADATA);
    assert_eq!(seen.iter().map(|seen| seen.values["scopes"].as_str()).collect::<Vec<_>>(), [READ, FULL]);
    assert!(seen.iter().all(|seen| seen.header("metadata-flavor") == "Google"));
}

#[tokio::test]
async fn a_machine_that_has_the_larger_scope_alone_reads_with_that() {
    let server = TokenServer::start().await;
    server.fault(METADATA, 400, "invalid scope");
    let tokens = TokenSource::of(&server.metadata()).await.unwrap();
    assert_eq!(tokens.token(READ).await.unwrap(), format!("metadata-2-{SECRET}"));
    assert_eq!(server.seen(METADATA).iter().map(|seen| seen.values["scopes"].as_str()).collect::<Vec<_>>(), [READ, FULL]);
}

#[tokio::test]
async fn requests_at_one_time_wait_for_one_token() {
    let server = TokenServer::start().await;
    let tokens = TokenSource::of(&server.metadata()).await.unwrap();
    let all = futures::future::join_all((0..50).map(|_| tokens.token(FULL))).await;
    assert!(all.into_iter().all(|token| token.is_ok()));
    assert_eq!(server.seen(METADATA).len(), 1);
}

#[tokio::test]
async fn a_token_near_its_end_is_replaced_and_used_while_no_other_can_be_had() {
    let server = TokenServer::start().await;
    server.good_for(60);
    let tokens = TokenSource::of(&server.metadata()).await.unwrap();
    let first = tokens.token(FULL).await.unwrap();
    server.fault(METADATA, 503, "busy");
    assert_eq!(tokens.token(FULL).await.unwrap(), first, "it is good for a minute yet");
    assert_eq!(tokens.token(FULL).await.unwrap(), first, "a server that failed is left alone");
    assert_eq!(server.seen(METADATA).len(), 2);
    // One that has ended is not used.
    server.good_for(1);
    let tokens = TokenSource::of(&server.metadata()).await.unwrap();
    tokens.token(FULL).await.unwrap();
    server.fault(METADATA, 503, "busy");
    let error = tokens.token(FULL).await.unwrap_err();
    assert!(matches!(error, WarehouseError::Unreachable { .. }), "{error}");
    server.fault(METADATA, 503, "busy");
    assert!(tokens.token_in_time(FULL).await.is_ok(), "and the next try may succeed");
}

#[tokio::test]
async fn a_token_that_the_warehouse_refused_is_forgotten_and_a_newer_one_is_not() {
    let server = TokenServer::start().await;
    let tokens = TokenSource::of(&server.metadata()).await.unwrap();
    let before = tokio::time::Instant::now();
    let first = tokens.token(FULL).await.unwrap();
    tokens.refused(before).await;
    assert_eq!(tokens.token(FULL).await.unwrap(), first, "it was fetched since");
    tokens.refused(tokio::time::Instant::now()).await;
    assert_ne!(tokens.token(FULL).await.unwrap(), first);
}

#[tokio::test]
async fn a_key_signs_for_its_account() {
    let (server, dir) = (TokenServer::start().await, tempfile::tempdir().unwrap());
    let tokens = TokenSource::of(&server.file(&dir, &key())).await.unwrap();
    assert_eq!(tokens.token(READ).await.unwrap(), format!("token-1-{SECRET}"));
    assert_eq!(tokens.token(READ).await.unwrap(), format!("token-1-{SECRET}"), "it is cached");
    let seen = server.seen("/token").remove(0);
    assert_eq!(seen.values["grant_type"], "urn:ietf:params:oauth:grant-type:jwt-bearer");
    let parts: Vec<&str> = seen.values["assertion"].split('.').collect();
    let claims: Value = serde_json::from_slice(&URL_SAFE.decode(parts[1]).unwrap()).unwrap();
    assert_eq!((&claims["iss"], &claims["scope"]), (&json!("quaver@demo.iam.gserviceaccount.com"), &json!(READ)));
    assert_eq!(claims["aud"], json!(format!("{}/token", server.root)));
    assert_eq!(URL_SAFE.decode(parts[2]).unwrap().len(), 256, "a signature of a key of 2048 bits");
}

#[tokio::test]
async fn a_login_is_refreshed() {
    let (server, dir) = (TokenServer::start().await, tempfile::tempdir().unwrap());
    let tokens = TokenSource::of(&server.file(&dir, &user())).await.unwrap();
    assert_eq!(tokens.token(FULL).await.unwrap(), format!("token-1-{SECRET}"));
    let sent = server.seen("/token").remove(0).values;
    assert_eq!((sent["grant_type"].as_str(), sent["client_id"].as_str()), ("refresh_token", "quaver"));
    assert!(sent["refresh_token"].starts_with("refresh-") && sent["client_secret"].starts_with("client-"));
}

#[tokio::test]
async fn tokens_of_another_provider_are_exchanged() {
    let (server, dir) = (TokenServer::start().await, tempfile::tempdir().unwrap());
    let (plain, structured) = (dir.path().join("token"), dir.path().join("token.json"));
    std::fs::write(&plain, format!("subject-of-file-{SECRET}\n")).unwrap();
    std::fs::write(&structured, json!({ "id": format!("subject-of-json-{SECRET}") }).to_string()).unwrap();
    let json_of = |field: &str| json!({ "type": "json", "subject_token_field_name": field });
    let cases = [
        (json!({ "file": plain }), "subject-of-file-"),
        (json!({ "file": plain, "format": { "type": "text" } }), "subject-of-file-"),
        (json!({ "file": structured, "format": json_of("id") }), "subject-of-json-"),
        (json!({ "url": "ROOT/subject", "headers": { "x-key": format!("header-{SECRET}") } }), "subject-1-"),
        (json!({ "url": "ROOT/subject.json", "format": json_of("value") }), "subject-1-"),
    ];
    for (at, (source, subject)) in cases.into_iter().enumerate() {
        let tokens = TokenSource::of(&server.file(&dir, &federated(source.clone()))).await.unwrap();
        assert_eq!(tokens.token(READ).await.unwrap(), format!("federated-{}-{SECRET}", at + 1), "{source}");
        let sent = server.seen("/sts").remove(at).values;
        assert_eq!(sent["subject_token"], format!("{subject}{SECRET}"), "{source}");
        assert_eq!((sent["scope"].as_str(), sent["audience"].as_str()), (READ, "//iam.googleapis.com/pool"), "{source}");
        assert_eq!(sent["grant_type"], "urn:ietf:params:oauth:grant-type:token-exchange");
        assert_eq!(sent["subject_token_type"], "urn:ietf:params:oauth:token-type:jwt");
    }
    assert_eq!(server.seen("/subject")[0].header("x-key"), format!("header-{SECRET}"));
    // A token of a pod is replaced every hour: it is read each time.
    server.good_for(0);
    let tokens = TokenSource::of(&server.file(&dir, &federated(json!({ "file": plain })))).await.unwrap();
    tokens.token(READ).await.unwrap();
    std::fs::write(&plain, "another").unwrap();
    tokens.token(READ).await.unwrap();
    assert_eq!(server.seen("/sts").last().unwrap().values["subject_token"], "another");
}

#[tokio::test]
async fn an_account_acts_as_another_with_the_least_that_it_takes() {
    let (server, dir) = (TokenServer::start().await, tempfile::tempdir().unwrap());
    std::fs::write(dir.path().join("token"), "subject").unwrap();
    let source = json!({ "file": dir.path().join("token") });
    let by_setting = |by| Credentials::Impersonated { by: Box::new(by), address: format!("{}{IAM}", server.root) };
    let file = |name: &str, content: Value| {
        let path: PathBuf = dir.path().join(name);
        std::fs::write(&path, content.to_string().replace("ROOT", &server.root)).unwrap();
        Credentials::File(path)
    };
    let cases = [
        (by_setting(server.metadata()), "metadata", METADATA, "scopes"),
        (by_setting(file("user.json", user())), "token", "/token", ""),
        (file("key.json", acting(key())), "token", "/token", "assertion"),
        (file("acting-user.json", acting(user())), "token", "/token", ""),
        (
            file("federated.json", with(federated(source), "service_account_impersonation_url", json!(format!("ROOT{IAM}")))),
            "federated",
            "/sts",
            "scope",
        ),
    ];
    for (at, (credentials, own, path, scope_in)) in cases.into_iter().enumerate() {
        let tokens = TokenSource::of(&credentials).await.unwrap();
        assert_eq!(tokens.token(READ).await.unwrap(), format!("acting-{}-{SECRET}", at + 1), "{credentials:?}");
        let asked = server.seen(IAM).remove(at);
        assert_eq!(asked.json["scope"], json!([READ]), "{credentials:?}");
        assert!(asked.header("authorization").starts_with(&format!("Bearer {own}-")), "{credentials:?}");
        let own = server.seen(path).pop().unwrap();
        let scope = match scope_in {
            "" => continue,
            "assertion" => {
                let claims = own.values["assertion"].split('.').nth(1).unwrap();
                serde_json::from_slice::<Value>(&URL_SAFE.decode(claims).unwrap()).unwrap()["scope"].as_str().unwrap().to_owned()
            }
            name => own.values[name].clone(),
        };
        assert_eq!(scope, ACT_AS, "{credentials:?}");
    }
    assert_eq!(server.seen(IAM)[2].json["delegates"], json!(["between"]));
}

#[tokio::test]
async fn what_a_token_server_says_is_told_without_secrets() {
    let (server, dir) = (TokenServer::start().await, tempfile::tempdir().unwrap());
    std::fs::write(dir.path().join("token"), format!("subject-{SECRET}")).unwrap();
    let source = json!({ "file": dir.path().join("token") });
    let refused = |description: &str| json!({ "error": "invalid_grant", "error_description": description }).to_string();
    let google = json!({ "error": { "code": 403, "message": "Permission iam.getAccessToken denied", "status": "PERMISSION_DENIED" } });
    let (user, key, federated) = (server.file(&dir, &user()), key(), federated(source));
    // Credentials, the path that fails with status and body, whether it may pass, and what is told.
    let check = async |credentials: &Credentials, path, status, body: String, may_pass: bool, told: &str| {
        let tokens = TokenSource::of(credentials).await.unwrap();
        server.fault(path, status, body);
        let error = tokens.token(FULL).await.unwrap_err();
        assert_eq!(error.is_retryable(), may_pass, "{error}");
        assert!(error.to_string().contains(told), "{error} lacks {told}");
        assert!(!format!("{error} {error:?} {credentials:?}").contains(SECRET), "{error}");
        assert!(tokens.token(FULL).await.is_ok(), "{told}: an error is not kept");
    };
    check(&user, "/token", 400, refused("Token has been expired or revoked."), false, "invalid_grant: Token has been expired").await;
    check(&user, "/token", 400, refused(&format!("bad refresh-{SECRET}")), false, "invalid_grant: bad ...").await;
    check(&user, "/token", 503, "<html>busy</html>".to_owned(), true, "503 with HTML").await;
    check(&user, "/token", 429, String::new(), true, "429").await;
    check(&user, "/token", 200, "<html>a portal</html>".to_owned(), true, "no JSON").await;
    check(&user, "/token", 200, "{}".to_owned(), true, "no access_token").await;
    check(&user, "/token", 200, json!({ "access_token": "x", "token_type": "mac" }).to_string(), true, "no bearer token").await;
    let key = server.file(&dir, &key);
    check(&key, "/token", 400, refused("Invalid JWT Signature."), false, "Invalid JWT Signature").await;
    check(&key, "/token", 502, "<html>busy</html>".to_owned(), true, "token server").await;
    check(&server.metadata(), METADATA, 404, "no service account".to_owned(), false, "the metadata server answered 404 no service account")
        .await;
    check(&server.metadata(), METADATA, 500, "not yet".to_owned(), true, "500 not yet").await;
    let federated = server.file(&dir, &federated);
    check(&federated, "/sts", 400, refused(&format!("the subject-{SECRET} is old")), false, "the ... is old").await;
    let acting = Credentials::Impersonated { by: Box::new(server.metadata()), address: format!("{}{IAM}", server.root) };
    check(&acting, IAM, 403, google.to_string(), false, "403 PERMISSION_DENIED: Permission iam.getAccessToken denied").await;
    check(&acting, IAM, 503, google.to_string(), true, "503").await;
    // After a refusal the account's own token is fetched anew, and not after what passes.
    assert_eq!(server.seen(METADATA).len(), 2 + 2 + 2 + 1);
}

#[tokio::test]
async fn a_server_that_is_not_the_metadata_server_gives_no_token() {
    let server = TokenServer::start().await;
    server.script.lock().unwrap().without_flavor = true;
    let error = TokenSource::of(&server.metadata()).await.unwrap().token(FULL).await.unwrap_err();
    assert!(matches!(&error, WarehouseError::Authentication { message } if message.contains("not Google's metadata server")), "{error}");
    let nobody = Credentials::metadata_server(Some("127.0.0.1:1"));
    let error = TokenSource::of(&nobody).await.unwrap().token(FULL).await.unwrap_err();
    assert!(matches!(&error, WarehouseError::Unreachable { message } if message.contains("the metadata server")), "{error}");
}

#[tokio::test]
async fn a_bad_credentials_file_is_named_with_what_is_wrong() {
    let dir = tempfile::tempdir().unwrap();
    let unsafe_sts = with(federated(json!({ "file": "/t" })), "token_url", json!("http://sts.example.org/token"));
    let cases = [
        ("missing.json", None, "No such file"),
        ("text.json", Some(json!("hello")), "not a JSON credentials file"),
        ("key.json", Some(json!({ "type": "service_account", "private_key": SECRET })), "not a complete service-account key"),
        (
            "pem.json",
            Some(with(with(key(), "private_key", json!(SECRET)), "token_uri", json!("https://oauth2.googleapis.com/token"))),
            "key",
        ),
        ("plain.json", Some(with(key(), "token_uri", json!("http://example.org/token"))), "is not encrypted"),
        ("sts.json", Some(unsafe_sts), "is not encrypted"),
        ("source.json", Some(federated(json!({ "url": "http://example.org/" }))), "is not encrypted"),
        ("aws.json", Some(federated(json!({ "environment_id": "aws1", "url": "http://169.254.169.254/" }))), "\"aws1\" is not supported"),
        ("program.json", Some(federated(json!({ "executable": { "command": "/bin/x" } }))), "runs a program is not supported"),
        ("none.json", Some(federated(json!({}))), "one file or one url"),
        ("format.json", Some(federated(json!({ "file": "/t", "format": { "type": "json" } }))), "subject_token_field_name"),
        ("nested.json", Some(acting(json!({ "type": "what" }))), "source_credentials: credentials of type \"what\" are not supported"),
        ("other.json", Some(json!({ "type": "gdch_service_account" })), "gdch_service_account"),
    ];
    for (name, content, expected) in cases {
        let path = dir.path().join(name);
        if let Some(content) = content {
            std::fs::write(&path, content.to_string().replace("ROOT", "http://127.0.0.1:1")).unwrap();
        }
        let message = TokenSource::of(&Credentials::File(path)).await.err().unwrap_or_else(|| panic!("{name}: no error")).to_string();
        assert!(message.contains(name) && message.contains(expected), "{message}");
        assert!(!message.contains(SECRET), "{message}");
    }
}
