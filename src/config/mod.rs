//! Settings: defaults, a file, the environment. The only place that reads the environment, so that every other part gets
//! its settings as values and can be tested without one. All problems are reported at once, each with its remedy.

mod layers;
mod places;
mod settings;

use std::path::{Path, PathBuf};

pub use settings::{
    Config, DataSettings, LimitSettings, LoadSettings, LogFormat, LogSettings, ModelSettings, ServerSettings, WarehouseSettings,
    WebSettings,
};

/// Every problem of a configuration, one a line.
#[derive(Debug, thiserror::Error)]
#[error("the configuration has {} problem{}:\n{}", .problems.len(), if .problems.len() == 1 { "" } else { "s" }, .problems.iter().map(|p| format!("  - {p}")).collect::<Vec<_>>().join("\n"))]
pub struct ConfigError {
    pub problems: Vec<String>,
}

/// What the command line says about settings; it wins over everything else.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    pub config_file: Option<PathBuf>,
    pub data_dir: Option<PathBuf>,
    pub listen: Option<String>,
}

/// Reads defaults, the file and this process's environment.
///
/// # Errors
/// Every unknown key, wrong type, bad value and unreadable file, together.
pub fn load(overrides: &Overrides) -> Result<Config, ConfigError> {
    load_from(overrides, unicode(std::env::vars_os()))
}

/// As [`load`], with the environment given, for tests.
///
/// # Errors
/// As [`load`].
pub fn load_from(overrides: &Overrides, environment: impl IntoIterator<Item = (String, String)>) -> Result<Config, ConfigError> {
    let mut problems = Vec::new();
    let mut table = layers::defaults();
    if let Some(path) = &overrides.config_file {
        layers::merge_file(&mut table, path, &mut problems);
    }
    let environment: Vec<(String, String)> = environment.into_iter().collect();
    let places = places::Places::find(&environment);
    layers::merge_environment(&mut table, environment, &mut problems);
    if let Some(dir) = &overrides.data_dir {
        layers::set(&mut table, "data", "dir", path_text(dir));
    }
    if let Some(listen) = &overrides.listen {
        layers::set(&mut table, "server", "listen", listen.clone());
    }
    settings::check(&table, &places, &mut problems).filter(|_| problems.is_empty()).ok_or(ConfigError { problems })
}

/// No setting of ours has a name or value that is not Unicode; such variables of others are passed over.
fn unicode(variables: std::env::VarsOs) -> impl Iterator<Item = (String, String)> {
    variables.filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

fn path_text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn defaults_are_a_valid_configuration() {
        let config = load_from(&Overrides::default(), []).unwrap();
        assert_eq!(config.server.listen.port(), 8080);
        assert!(config.warehouse.project.is_none());
    }

    #[test]
    fn environment_wins_over_file_and_command_line_over_both() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("quaver.toml");
        std::fs::write(&file, "[limits]\ndefault_rows = 7\nmax_rows = 70\n[data]\ndir = \"from-file\"\n").unwrap();
        let overrides = Overrides { config_file: Some(file), data_dir: Some("from-flag".into()), listen: None };
        let config =
            load_from(&overrides, environment(&[("QUAVER__LIMITS__DEFAULT_ROWS", "9"), ("QUAVER__DATA__DIR", "from-env")])).unwrap();
        assert_eq!((config.limits.default_rows, config.limits.max_rows), (9, 70));
        assert_eq!(config.data.dir, PathBuf::from("from-flag"));
    }

    #[test]
    fn secrets_come_from_files_too_and_are_not_printed() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("token");
        std::fs::write(&file, "hf_secret\n").unwrap();
        let config = load_from(&Overrides::default(), environment(&[("QUAVER__MODEL__HUB_TOKEN_FILE", file.to_str().unwrap())])).unwrap();
        assert!(config.model.hub_token.is_some());
        assert!(!format!("{config:?}").contains("hf_secret"));
    }

    #[test]
    fn lists_come_from_files_and_from_the_environment() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("quaver.toml");
        std::fs::write(&file, "[load]\nhot_100 = [\"a,b.zip\", \"https://example.org/c.zip\"]\nweb_list = \"list.yaml\"\n").unwrap();
        let overrides = Overrides { config_file: Some(file), ..Overrides::default() };
        let config = load_from(&overrides, environment(&[("QUAVER__LOAD__WEB", "lastfm, deezer"), ("QUAVER__LOAD__HETREC", "")])).unwrap();
        let files = |source: &str| config.load.files.iter().find(|(name, _)| *name == source).unwrap().1.clone();
        assert_eq!(files("hot-100"), [PathBuf::from("a,b.zip"), PathBuf::from("https://example.org/c.zip")]);
        assert!(files("hetrec").is_empty());
        assert_eq!((config.load.web, config.load.web_list), (vec!["lastfm".to_owned(), "deezer".to_owned()], Some("list.yaml".into())));
        let error = load_from(&Overrides::default(), environment(&[("QUAVER__LOAD__STALE_AFTER_DAYS", "soon")])).unwrap_err();
        assert!(error.to_string().contains("load.stale_after_days"), "{error}");
    }

    #[test]
    fn keys_of_clients_are_names_and_digests_and_are_not_shown() {
        let digest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
        let load = |keys: &str| load_from(&Overrides::default(), environment(&[("QUAVER__SERVER__KEYS", keys)]));
        let keys = load(&format!("team-a={digest}, b = {digest}")).unwrap().server.keys;
        assert_eq!(keys.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["team-a", "b"]);
        assert_eq!((keys[0].1[0], keys[0].1[31]), (0x9f, 0x08));
        for wrong in ["hush", "a=hush", &format!("={digest}"), &format!("a={digest}00"), &format!("a={}é", &digest[..62])] {
            let error = load(wrong).unwrap_err().to_string();
            assert!(error.contains("server.keys") && !error.contains("hush"), "{error}");
        }
    }

    #[test]
    fn all_problems_are_named_at_once() {
        let error = load_from(
            &Overrides { config_file: Some("/nonexistent/quaver.toml".into()), ..Overrides::default() },
            environment(&[
                ("QUAVER__SERVER__LISTEN", "nowhere"),
                ("QUAVER__LIMITS__MAX_ROWS", "many"),
                ("QUAVER__MODEL__MIN_CONFIDENCE", "7"),
                ("QUAVER__LIMTS__MAX_ROWS", "5"),
            ]),
        )
        .unwrap_err();
        let text = error.to_string();
        for part in ["/nonexistent/quaver.toml", "server.listen", "limits.max_rows", "model.min_confidence", "QUAVER__LIMTS__MAX_ROWS"] {
            assert!(text.contains(part), "{part} is missing from:\n{text}");
        }
    }
}
