//! Where a program finds what no setting names: credentials that Google's own tools left, models beside the program.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// What the environment says of places.
#[derive(Debug, Default)]
pub(super) struct Places {
    pub(super) application_credentials: Option<PathBuf>,
    /// Where the metadata server of Google Cloud is reached under another name.
    pub(super) metadata_host: Option<String>,
    /// Folder of the running program.
    program: Option<PathBuf>,
}

impl Places {
    /// Reads the variables that Google's libraries read.
    /// Source: <https://cloud.google.com/docs/authentication/application-default-credentials>
    pub(super) fn find(environment: &[(String, String)]) -> Self {
        let set: HashMap<&str, &str> =
            environment.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let gcloud = || {
            let folder = match set.get("CLOUDSDK_CONFIG") {
                Some(folder) => PathBuf::from(folder),
                None => Path::new(set.get("HOME")?).join(".config/gcloud"),
            };
            Some(folder.join("application_default_credentials.json")).filter(|file| file.is_file())
        };
        let application_credentials = set.get("GOOGLE_APPLICATION_CREDENTIALS").map(PathBuf::from).or_else(gcloud);
        let program = std::env::current_exe().ok().and_then(|program| program.parent().map(Path::to_owned));
        let metadata_host = set.get("GCE_METADATA_HOST").map(|host| (*host).to_owned());
        Self { application_credentials, metadata_host, program }
    }

    /// Where manifests may be: next to an installed program, where a user put them, and where `cargo run` has them.
    pub(super) fn model_dirs(&self, data_dir: &Path) -> Vec<PathBuf> {
        let beside = self.program.iter().map(|dir| dir.join("models"));
        let others = [data_dir.join("models"), PathBuf::from("models"), Path::new(env!("CARGO_MANIFEST_DIR")).join("models")];
        beside.chain(others).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn application_credentials_are_found_as_google_finds_them() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join(".config/gcloud");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("application_default_credentials.json"), "{}").unwrap();
        let check = |variables: &[(&str, &str)], expected: Option<PathBuf>| {
            let environment: Vec<(String, String)> = variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
            assert_eq!(Places::find(&environment).application_credentials, expected, "{variables:?}");
        };
        let home_path = home.path().to_str().unwrap();
        let file = folder.join("application_default_credentials.json");
        check(&[], None);
        check(&[("HOME", home_path)], Some(file.clone()));
        check(&[("HOME", home_path), ("CLOUDSDK_CONFIG", "/nowhere")], None);
        check(&[("CLOUDSDK_CONFIG", folder.to_str().unwrap())], Some(file));
        check(&[("HOME", home_path), ("GOOGLE_APPLICATION_CREDENTIALS", "/key.json")], Some("/key.json".into()));
        check(&[("GOOGLE_APPLICATION_CREDENTIALS", "")], None);
        let metadata = [("GCE_METADATA_HOST".to_owned(), "127.0.0.1:8080".to_owned())];
        assert_eq!(Places::find(&metadata).metadata_host.as_deref(), Some("127.0.0.1:8080"));
    }
}
