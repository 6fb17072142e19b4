//! Downloads from a server of this process, and places that are no downloads.

use axum::Router;
use axum::http::header;
use axum::routing::get;

use super::super::Silent;
use super::*;

async fn serve() -> String {
    let router = Router::new()
        .route("/data/dataset.csv", get(|| async { "a,b\n1,2\n" }))
        .route("/secret.csv", get(|| async { StatusCode::FORBIDDEN }))
        .route("/busy.csv", get(|| async { StatusCode::SERVICE_UNAVAILABLE }))
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
    let fetched = fetch(&places, &Silent).await.unwrap();
    assert_eq!(fetched.paths[0], places[0]);
    let copy = fetched.paths[1].clone();
    assert_eq!(copy.file_name().unwrap(), "dataset.csv");
    assert_eq!(std::fs::read(&copy).unwrap(), b"a,b\n1,2\n");
    drop(fetched);
    assert!(!copy.exists());
}

#[tokio::test]
async fn what_cannot_be_had_is_told_with_the_remedy_and_without_secrets() {
    let root = serve().await;
    let check = async |place: String, parts: &[&str]| {
        let message = fetch(&[place.clone().into()], &Silent).await.unwrap_err().to_string();
        for part in parts {
            assert!(message.contains(part), "{message} lacks {part}");
        }
        assert!(!message.contains("hush"), "{message}");
    };
    check("gs://bucket/data.csv".into(), &["gs://bucket/data.csv", "gcloud storage cp gs://bucket/data.csv .", "bq load"]).await;
    check("s3://bucket/data.csv".into(), &["aws s3 cp"]).await;
    check("ftp://host/data.csv".into(), &["download it"]).await;
    check("file:///tmp/data.csv".into(), &["name the path alone: /tmp/data.csv"]).await;
    check("http://".into(), &["no address"]).await;
    check(format!("{root}/none.csv?key=hush"), &["/none.csv", "404", "nothing at this address"]).await;
    check(format!("{root}/secret.csv?key=hush"), &["403", "login"]).await;
    check(format!("{root}/busy.csv"), &["503", "try again"]).await;
    check(format!("{root}/page"), &["web page"]).await;
    // Port 1 of the loopback: nobody listens.
    check("http://127.0.0.1:1/x.csv?key=hush".into(), &["http://127.0.0.1:1/x.csv"]).await;
}

#[test]
fn paths_are_told_from_addresses() {
    let check = |place: &str, expected: Option<&str>| assert_eq!(scheme(Path::new(place)).map(|(scheme, _)| scheme), expected, "{place}");
    check("https://host/x.zip", Some("https"));
    check("gs://bucket/x", Some("gs"));
    check("archive.zip", None);
    check("/data/a://b", None);
    check("./word://x", None);
    check("C://x", None);
}

#[test]
fn a_download_is_named_as_its_address_ends() {
    let check = |url: &str, expected: &str| assert_eq!(file_name(&Url::parse(url).unwrap()), expected, "{url}");
    check("https://host/a/b.csv.gz?x=1", "b.csv.gz");
    check("https://host/a/", "a");
    check("https://host", "download");
    check("https://host/%2e%2e%2fx", "2e2e2fx");
    check("https://host/..", "download");
}
