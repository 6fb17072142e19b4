//! What may be asked about.

use crate::harness::{Options, service};

#[tokio::test]
async fn every_table_is_listed_and_described() {
    let service = service(Options::default()).await;
    let list = service.get_json("/v1/tables").await;
    assert_eq!(list["dataset"], "music");
    let names: Vec<&str> = list["tables"].as_array().unwrap().iter().map(|table| table["name"].as_str().unwrap()).collect();
    assert_eq!(names.len(), 14);
    for name in names {
        let table = service.get_json(&format!("/v1/tables/{name}")).await;
        assert!(table["description"].as_str().is_some_and(|text| text.len() > 10), "{name}");
        assert!(table["columns"].as_array().is_some_and(|columns| !columns.is_empty()), "{name}");
    }
    let artists = service.get_json("/v1/tables/artists").await;
    let genres = artists["columns"].as_array().unwrap().iter().find(|column| column["name"] == "genres").unwrap();
    assert_eq!((&genres["type"], &genres["mode"]), (&"STRING".into(), &"REPEATED".into()));
}
