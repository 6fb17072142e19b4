//! Downloads from a server of this process, and places that are no downloads.

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, header};
use axum::routing::get;
use tokio::io::AsyncReadExt as _;

use super::super::Silent;
use super::*;

/// An object of Cloud Storage, for whoever has the token.
async fn object(Path((bucket, object)): Path<(String, String)>, headers: HeaderMap) -> Result<Vec<u8>, StatusCode> {
    let token = headers.get(header::AUTHORIZATION).map(HeaderValue::as_bytes);
    match (bucket.as_str(), object.as_str(), token) {
        ("open", "2026/day 1.csv", None) | ("closed", "x.csv", Some(b"Bearer hush")) => Ok(b"a,b\n1,2\n".to_vec()),
        ("closed", _, None) => Err(StatusCode::UNAUTHORIZED),
        ("closed", _, Some(_)) => Err(StatusCode::FORBIDDEN),
        _ => Err(StatusCode::NOT_FOUND),
    }
}

/// Three bytes of six, then the connection breaks; the rest when that is asked for by its tag.
async fn breaking() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let root = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                request.push(stream.read_u8().await.unwrap());
            }
            let request = String::from_utf8(request).unwrap().to_lowercase();
            let rest = request.contains("range: bytes=3-\r\n") && request.contains("if-range: \"v1\"\r\n");
            let answer = if rest {
                "HTTP/1.1 206 Partial Content\r\nContent-Length: 3\r\nConnection: close\r\n\r\n1,2"
            } else {
                "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nETag: \"v1\"\r\n\r\na,b"
            };
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    root
}

async fn serve() -> String {
    let router = Router::new()
        .route("/data/dataset.csv", get(|| async { "a,b\n1,2\n" }))
        .route("/secret.csv", get(|| async { StatusCode::FORBIDDEN }))
        .route("/gone.csv", get(|| async { StatusCode::GONE }))
        .route("/locked.csv", get(|| async { StatusCode::UNAUTHORIZED }))
        .route("/busy.csv", get(|| async { StatusCode::SERVICE_UNAVAILABLE }))
        .route("/storage/v1/b/{bucket}/o/{object}", get(object))
        .route("/page", get(|| async { ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], "<html>log in</html>") }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let root = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    root
}

#[tokio::test]
async fn an_address_is_downloaded_aside_and_the_copy_goes_with_it() {
    let root = serve().await;
    let places = ["/tmp/here.csv".into(), format!("{root}/data/dataset.csv?token=x").into()];
    let fetched = fetch(&Places::from(&places), &Silent).await.unwrap();
    assert_eq!(fetched.paths[0], places[0]);
    let copy = fetched.paths[1].clone();
    assert_eq!(copy.file_name().unwrap(), "dataset.csv");
    assert_eq!(std::fs::read(&copy).unwrap(), b"a,b\n1,2\n");
    drop(fetched);
    assert!(!copy.exists());
}

#[tokio::test]
async fn an_object_is_read_with_or_without_an_account() {
    let url = serve().await;
    let storage = Storage { url, ..Storage::default() };
    let bring = async |place: &str| {
        let fetched = fetch(&Places { storage: storage.clone(), ..Places::new([PathBuf::from(place)]) }, &Silent).await;
        fetched.map(|fetched| std::fs::read_to_string(&fetched.paths[0]).unwrap()).map_err(|error| error.to_string())
    };
    assert_eq!(bring("gs://open/2026/day 1.csv").await.unwrap(), "a,b\n1,2\n");
    let check = async |place: &str, parts: &[&str]| {
        let message = bring(place).await.unwrap_err();
        parts.iter().for_each(|part| assert!(message.contains(part), "{message} lacks {part}"));
    };
    check("gs://open/none.csv", &["gs://open/none.csv", "404", "nothing at this address"]).await;
    check("gs://closed/x.csv", &["gs://closed/x.csv", "401", "not public", "GOOGLE_APPLICATION_CREDENTIALS"]).await;

    let folder = tempfile::tempdir().unwrap();
    let mut download = Download::of_object("gs://closed/x.csv", &storage).await.unwrap();
    download.token = Some("hush".to_owned());
    let path = download.save(folder.path(), &Silent).await.unwrap();
    assert_eq!((path.file_name().unwrap().to_str(), std::fs::read(&path).unwrap().len()), (Some("x.csv"), 8));
    download.token = Some("another".to_owned());
    let refused = download.save(folder.path(), &Silent).await.unwrap_err().to_string();
    assert!(refused.contains("403") && !refused.contains("another"), "{refused}");
    // Credentials that cannot be read are told before anything is sent.
    let credentials = crate::warehouse::Credentials::File(folder.path().join("key.json"));
    let storage = Storage { credentials, ..storage };
    let error = Download::of_object("gs://closed/x.csv", &storage).await.err().unwrap().to_string();
    assert!(error.contains("key.json"), "{error}");
}

#[tokio::test]
async fn a_download_that_breaks_off_is_gone_on_with() {
    let root = breaking().await;
    let fetched = fetch(&Places::new([PathBuf::from(format!("{root}/x.csv"))]), &Silent).await.unwrap();
    assert_eq!(std::fs::read_to_string(&fetched.paths[0]).unwrap(), "a,b1,2");
}

#[tokio::test]
async fn what_cannot_be_had_is_told_with_the_remedy_and_without_secrets() {
    let root = serve().await;
    let check = async |place: String, parts: &[&str]| {
        let message = fetch(&Places::new([PathBuf::from(&place)]), &Silent).await.unwrap_err().to_string();
        for part in parts {
            assert!(message.contains(part), "{message} lacks {part}");
        }
        assert!(!message.contains("hush"), "{message}");
    };
    check("gs://bucket".into(), &["gs://bucket", "gs://BUCKET/OBJECT"]).await;
    check("s3://bucket/data.csv".into(), &["aws s3 cp"]).await;
    check("ftp://host/data.csv".into(), &["download it"]).await;
    check("file:///tmp/data.csv".into(), &["name the path alone: /tmp/data.csv"]).await;
    check("http://".into(), &["no address"]).await;
    check(format!("{root}/none.csv?key=hush"), &["/none.csv", "404", "nothing at this address"]).await;
    check(format!("{root}/secret.csv?key=hush"), &["403", "login"]).await;
    check(format!("{root}/locked.csv?key=hush"), &["401", "login"]).await;
    check(format!("{root}/gone.csv"), &["410", "nothing at this address"]).await;
    check(format!("{root}/busy.csv"), &["503", "try again"]).await;
    check(format!("{root}/page"), &["web page"]).await;
    // Port 1 of the loopback: nobody listens.
    check("http://127.0.0.1:1/x.csv?key=hush".into(), &["http://127.0.0.1:1/x.csv"]).await;
}

#[test]
fn paths_are_told_from_addresses() {
    let check = |place: &str, expected: Option<&str>| {
        assert_eq!(scheme(std::path::Path::new(place)).map(|(scheme, _)| scheme), expected, "{place}")
    };
    check("https://host/x.zip", Some("https"));
    check("gs://bucket/x", Some("gs"));
    check("archive.zip", None);
    check("/data/a://b", None);
    check("./word://x", None);
    check("C://x", None);
}

#[test]
fn a_download_is_named_as_its_address_ends() {
    let check = |url: &str, expected: &str| assert_eq!(Download::of_address(url).unwrap().name, expected, "{url}");
    check("https://host/a/b.csv.gz?x=1", "b.csv.gz");
    check("https://host/a/", "a");
    check("https://host", "download");
    check("https://host/%2e%2e%2fx", "2e2e2fx");
    check("https://host/..", "download");
}
