//! Sources that are larger than a part.

use super::*;

#[tokio::test]
async fn a_source_in_parts_gives_the_same_tables() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hot.csv");
    // Every third row is rejected: rejects come in parts too.
    let line = |n: usize| format!("1958-08-04,{},Song {n},B feat. C{n},,1,1\n", if n.is_multiple_of(3) { 0 } else { 1 + n % 100 });
    let lines: String = (0..60_000).map(line).collect();
    std::fs::write(&path, format!("date,this_week,song,artist,last_week,peak_position,weeks_on_chart\n{lines}")).unwrap();
    let load_with = async |part_bytes: usize| {
        let sink = Memory::default();
        let progress: Arc<dyn Progress> = Arc::new(Silent);
        // Rows of another source, which stay.
        let (_folder, hetrec) = archive(HETREC);
        load_into(&sink, Source::Hetrec, &hetrec).await.unwrap();
        for _ in 0..2 {
            let places = Places { part_bytes, ..Places::new([path.clone()]) };
            assert_eq!(load(&sink, Source::Hot100, places, &progress).await.unwrap().totals(), (60_000, 40_000, 20_000));
        }
        let rows = |table: &str| {
            let mut rows = sink.rows(table);
            rows.iter_mut().for_each(|row| row["loaded_at"] = Value::Null);
            rows
        };
        let names = sink.tables();
        assert!(names.iter().all(|name| !name.contains("_loading_")), "{names:?}");
        (rows("music_raw.hot_100"), rows("music_raw.rejects"), rows("music_raw.loads"), names)
    };
    let whole = load_with(usize::MAX).await;
    assert_eq!((whole.0.len(), whole.1.len(), whole.2.len()), (40_000, 20_004, 6));
    assert_eq!(whole.0[39_999]["song"], "Song 59999");
    assert!(load_with(1).await == whole);
}

#[tokio::test]
async fn a_csv_in_parts_has_the_types_of_all_its_rows() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.csv");
    let lines: String = (0..30_000).map(|n| format!("{n},caf\u{e9} {n}\n")).collect();
    std::fs::write(&path, format!("id,name\n{lines}x30000,last\n")).unwrap();
    let sink = Memory::default();
    let progress: Arc<dyn Progress> = Arc::new(Silent);
    let places = Places { part_bytes: 1, ..Places::new([path]) };
    let report = load_csv(&sink, &TableName::parse("mine").unwrap(), places, &progress).await.unwrap();
    assert_eq!(report.columns[0].column_type.name(), "STRING");
    let rows = sink.rows("music_raw.mine");
    assert_eq!((rows.len(), &rows[0]["id"], &rows[30_000]["id"]), (30_001, &"0".into(), &"x30000".into()));
}

/// BigQuery reads a list as an ARRAY when its items are called `element`; the embedded endpoint keeps a file that is as its own.
#[test]
fn a_part_has_the_columns_of_its_table_and_lists_as_the_warehouse_wants_them() {
    use ::parquet::file::reader::{FileReader as _, SerializedFileReader};

    let folder = tempfile::tempdir().unwrap();
    let columns = |standard_lists: bool| {
        let packing = Packing { folder: folder.path().to_owned(), part_bytes: usize::MAX, standard_lists };
        let part = super::super::super::parts::PartWriter::new(tables::bronze("spotify_1921"), packing).finish().unwrap();
        let file = SerializedFileReader::new(std::fs::File::open(&part.file).unwrap()).unwrap();
        let schema = file.metadata().file_metadata().schema_descr();
        schema.columns().iter().map(|column| format!("{} {:?}", column.path().string(), column.converted_type())).collect::<Vec<_>>()
    };
    let (standard, own) = (columns(true), columns(false));
    assert_eq!(standard.len(), tables::bronze("spotify_1921").columns.len());
    let of = |columns: &[String], name: &str| columns.iter().find(|column| column.starts_with(name)).cloned();
    assert_eq!(of(&standard, "artists.").as_deref(), Some("artists.list.element UTF8"));
    assert_eq!(of(&own, "artists.").as_deref(), Some("artists.list.item UTF8"));
    assert_eq!(of(&standard, "loaded_at").as_deref(), Some("loaded_at TIMESTAMP_MICROS"));
}
