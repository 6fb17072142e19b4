//! Crash safety: stop between the steps of a commit, open again, and find the old table or the new one.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Int64Array, RecordBatch};

use super::durable::{Step, fault};
use super::*;
use crate::schema::{Field, FieldType, Limits, Mode};

fn schema(columns: &[&str]) -> TableSchema {
    TableSchema {
        fields: columns
            .iter()
            .map(|name| Field {
                name: (*name).into(),
                field_type: FieldType::Int64,
                mode: Mode::Nullable,
                description: None,
                limits: Limits::default(),
                fields: Vec::new(),
            })
            .collect(),
    }
}

fn open(dir: &Path) -> Arc<Store> {
    Arc::new(Store::open(StoreOptions { data_dir: dir.to_path_buf(), project_id: "p".into(), location: "US".into() }).unwrap())
}

fn table(id: &str) -> TableRef {
    TableRef { project_id: "p".into(), dataset_id: "d".into(), table_id: id.into() }
}

fn stage(store: &Store, values: &[i64]) -> StagedRows {
    let mut writer = store.row_writer(schema(&["n"]));
    let column = Arc::new(Int64Array::from(values.to_vec()));
    let batch = RecordBatch::try_new(writer.arrow_schema().clone(), vec![column]).unwrap();
    writer.write(&batch).unwrap();
    writer.finish().unwrap()
}

fn put(store: &Store, values: &[i64], disposition: WriteDisposition) -> Result<Arc<TableVersion>, StoreError> {
    let options = WriteOptions { disposition, create: true, properties: Properties::new() };
    store.write(&table("t"), stage(store, values), options)
}

fn values(version: &TableVersion) -> Vec<i64> {
    let mut found = Vec::new();
    version
        .read(None, 0, u64::MAX, |batch| {
            let column = batch.column(0).as_any().downcast_ref::<Int64Array>();
            found.extend(column.unwrap().values().iter().copied());
            Ok(true)
        })
        .unwrap();
    found
}

fn stored_files(dir: &Path) -> usize {
    fs::read_dir(dir.join("datasets/d/t"))
        .map_or(0, |entries| entries.filter(|e| e.as_ref().unwrap().path().extension() == Some("parquet".as_ref())).count())
}

#[test]
fn crash_at_any_step_leaves_the_old_table_or_the_new_one() {
    let cases = [
        (WriteDisposition::Truncate, Step::FilesInPlace, vec![1, 2], 1),
        (WriteDisposition::Truncate, Step::MetadataAside, vec![1, 2], 1),
        (WriteDisposition::Truncate, Step::MetadataRenamed, vec![3], 1),
        (WriteDisposition::Append, Step::FilesInPlace, vec![1, 2], 1),
        (WriteDisposition::Append, Step::MetadataAside, vec![1, 2], 1),
        (WriteDisposition::Append, Step::MetadataRenamed, vec![1, 2, 3], 2),
    ];
    for (disposition, step, expected, files) in cases {
        let dir = tempfile::tempdir().unwrap();
        let store = open(dir.path());
        store.create_dataset("d", Properties::new()).unwrap();
        put(&store, &[1, 2], WriteDisposition::Append).unwrap();
        fault::crash_at(step);
        put(&store, &[3], disposition).unwrap_err();
        // The process is gone: nothing of the store runs any more, only the disk is left.
        std::mem::forget(store);
        let store = open(dir.path());
        let version = store.table(&table("t")).unwrap();
        assert_eq!(values(&version), expected, "{disposition:?} at {step:?}");
        assert_eq!(version.metadata.row_count, expected.len() as u64);
        assert_eq!(version.metadata.logical_bytes(), 8 * expected.len() as u64);
        assert_eq!(stored_files(dir.path()), files, "{disposition:?} at {step:?}");
    }
}

#[test]
fn crash_while_a_table_is_made_leaves_none_or_all_of_it() {
    for (step, exists) in [(Step::FilesInPlace, false), (Step::MetadataAside, false), (Step::MetadataRenamed, true)] {
        let dir = tempfile::tempdir().unwrap();
        let store = open(dir.path());
        store.create_dataset("d", Properties::new()).unwrap();
        fault::crash_at(step);
        let _ = put(&store, &[1], WriteDisposition::Append);
        std::mem::forget(store);
        let store = open(dir.path());
        assert_eq!(store.table(&table("t")).is_ok(), exists, "{step:?}");
        put(&store, &[2], WriteDisposition::Append).unwrap();
    }
}

#[test]
fn leftovers_in_the_temporary_directory_go_at_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    store.create_dataset("d", Properties::new()).unwrap();
    std::mem::forget(stage(&store, &[1]));
    assert_eq!(fs::read_dir(store.temp_dir()).unwrap().count(), 1);
    drop(store);
    let store = open(dir.path());
    assert_eq!(fs::read_dir(store.temp_dir()).unwrap().count(), 0);
}

#[test]
fn readers_keep_their_version_until_they_let_go() {
    use crate::engine::TableResolver;
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    store.create_dataset("d", Properties::new()).unwrap();
    put(&store, &[1], WriteDisposition::Append).unwrap();
    let lease = store.lease();
    let snapshot = lease.table(&table("t")).unwrap();
    put(&store, &[2], WriteDisposition::Truncate).unwrap();
    assert!(snapshot.files[0].is_file());
    assert_eq!(lease.table(&table("t")).unwrap().files, snapshot.files);
    let old = snapshot.files[0].clone();
    drop(snapshot);
    drop(lease);
    assert!(!old.exists());

    let version = store.table(&table("t")).unwrap();
    store.delete_table(&table("t")).unwrap();
    assert_eq!(values(&version), [2]);
    put(&store, &[5], WriteDisposition::Empty).unwrap();
    assert_eq!(values(&version), [2]);
    drop(version);
    store.sweep();
    assert_eq!(stored_files(dir.path()), 1);
    assert_eq!(values(&store.table(&table("t")).unwrap()), [5]);
}

#[test]
fn many_small_appends_are_merged_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    store.create_dataset("d", Properties::new()).unwrap();
    for n in 0..60 {
        put(&store, &[n], WriteDisposition::Append).unwrap();
    }
    let version = store.table(&table("t")).unwrap();
    assert!(version.metadata.files.len() < 30);
    assert_eq!(values(&version), (0..60).collect::<Vec<_>>());
    assert_eq!(stored_files(dir.path()), version.metadata.files.len());
    drop(version);
    drop(store);
    let version = open(dir.path()).table(&table("t")).unwrap();
    assert_eq!(version.metadata.row_count, 60);
}

#[test]
fn new_columns_are_null_in_old_rows() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    store.create_dataset("d", Properties::new()).unwrap();
    let before = put(&store, &[1, 2], WriteDisposition::Append).unwrap();
    let etag = before.metadata.etag.clone();
    let refused = store.change_table(&table("t"), Some("other"), |_| Ok(()));
    assert!(matches!(refused, Err(StoreError::PreconditionFailed)));
    let version = store
        .change_table(&table("t"), Some(&etag), |m| {
            m.schema = schema(&["n", "m"]);
            Ok(())
        })
        .unwrap();
    version
        .read(None, 0, u64::MAX, |batch| {
            assert_eq!(batch.num_columns(), 2);
            assert_eq!(batch.column(1).null_count(), 2);
            Ok(true)
        })
        .unwrap();
    assert_eq!(version.metadata.logical_bytes(), 16);
}

#[test]
fn unwritable_directory_is_an_error_and_no_loss() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    store.create_dataset("d", Properties::new()).unwrap();
    put(&store, &[1], WriteDisposition::Append).unwrap();
    let staged = stage(&store, &[2]);
    // The staged file vanishes, as it would when the disk fails under it.
    fs::remove_file(&staged.files[0].path).unwrap();
    let options = WriteOptions { disposition: WriteDisposition::Truncate, create: false, properties: Properties::new() };
    let error = store.write(&table("t"), staged, options).unwrap_err();
    assert!(matches!(error, StoreError::Io { .. }), "{error}");
    assert_eq!(values(&store.table(&table("t")).unwrap()), [1]);
}
