//! Names of datasets and tables: which are allowed, and how they stand on disk.
//!
//! Source: <https://cloud.google.com/bigquery/docs/datasets#dataset-naming>,
//! <https://cloud.google.com/bigquery/docs/tables#table_naming>

use super::error::StoreError;

/// File systems end at 255 bytes a name; BigQuery allows 1,024.
const MAX_DISK_NAME: usize = 240;

pub(crate) fn check_dataset_id(id: &str) -> Result<(), StoreError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if id.is_empty() || !id.chars().all(allowed) {
        return Err(StoreError::Invalid(format!(
            "Invalid dataset ID \"{id}\". Dataset IDs must be alphanumeric (plus underscores) and must be at most 1024 characters long."
        )));
    }
    check_length(id)
}

pub(crate) fn check_table_id(id: &str) -> Result<(), StoreError> {
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | ' ');
    if id.trim().is_empty() || !id.chars().all(allowed) {
        return Err(StoreError::Invalid(format!(
            "Invalid table ID \"{id}\". Table IDs must be alphanumeric (plus underscores) and must be at most 1024 characters long."
        )));
    }
    check_length(id)
}

fn check_length(id: &str) -> Result<(), StoreError> {
    if to_disk(id).len() > MAX_DISK_NAME {
        return Err(StoreError::Invalid(format!(
            "the name \"{id}\" is longer than the {MAX_DISK_NAME} bytes that the embedded endpoint can store"
        )));
    }
    Ok(())
}

/// A name as a directory: ASCII letters, digits, `_` and `-` as they are, all other bytes as `%XX`.
pub(crate) fn to_disk(id: &str) -> String {
    let mut name = String::with_capacity(id.len());
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-' {
            name.push(char::from(byte));
        } else {
            name.push_str(&format!("%{byte:02X}"));
        }
    }
    name
}

/// The name that a directory stands for; `None` when it is not one of ours.
pub(crate) fn from_disk(name: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let [first, tail @ ..] = rest {
        if *first == b'%' {
            let (hex, tail) = tail.split_at_checked(2)?;
            bytes.push(u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()?);
            rest = tail;
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    let id = String::from_utf8(bytes).ok()?;
    (to_disk(&id) == name).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_survive_the_disk() {
        for id in ["artists", "été 2024", "a-b_c", "曲"] {
            check_table_id(id).unwrap();
            assert_eq!(from_disk(&to_disk(id)).as_deref(), Some(id));
        }
        for bad in ["", " ", "..", "a/b", "a.b", "a`b", "x$1"] {
            check_table_id(bad).unwrap_err();
            check_dataset_id(bad).unwrap_err();
        }
        assert_eq!(from_disk("a.b"), None);
    }
}
