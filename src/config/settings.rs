//! The checked settings.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use toml::{Table, Value};

use super::places::Places;

/// All settings of a process. Made by [`super::load`] alone.
#[derive(Debug, Clone)]
pub struct Config {
    pub server: ServerSettings,
    pub data: DataSettings,
    pub warehouse: WarehouseSettings,
    pub limits: LimitSettings,
    pub model: ModelSettings,
    pub log: LogSettings,
    pub web: WebSettings,
    pub load: LoadSettings,
    pub transform: TransformSettings,
}

#[derive(Debug, Clone)]
pub struct ServerSettings {
    pub listen: SocketAddr,
    pub max_body_bytes: usize,
    /// Names of keys and the SHA-256 of each.
    pub keys: Vec<(String, [u8; 32])>,
    pub request_timeout: Duration,
    pub shutdown_grace: Duration,
}

#[derive(Debug, Clone)]
pub struct DataSettings {
    pub dir: PathBuf,
}

#[derive(Debug, Clone)]
pub struct WarehouseSettings {
    /// `None`: the embedded endpoint.
    pub project: Option<String>,
    pub data_project: Option<String>,
    pub endpoint: Option<String>,
    pub location: String,
    pub dataset: String,
    pub raw_dataset: String,
    pub service_account_key: Option<PathBuf>,
    /// The file of application default credentials, where there is one.
    pub application_credentials: Option<PathBuf>,
    /// `host:port` of the metadata server, where it is not the usual one.
    pub metadata_host: Option<String>,
    /// The service account that the credentials are to act as.
    pub impersonate: Option<String>,
    /// How often changed tables are looked for.
    pub refresh: Duration,
    pub request_timeout: Duration,
    pub query_timeout: Duration,
    pub max_retries: u32,
    pub memory_limit_bytes: u64,
}

#[derive(Debug, Clone)]
pub struct LimitSettings {
    pub max_bytes_billed: u64,
    /// `None`: no cap.
    pub max_bytes_per_day: Option<u64>,
    pub max_bytes_per_key_per_day: Option<u64>,
    pub price_per_tib: f64,
    pub currency: String,
    pub default_rows: u32,
    pub max_rows: u32,
    pub max_question_chars: usize,
    pub max_sql_bytes: usize,
    pub answers_kept: usize,
}

#[derive(Debug, Clone)]
pub struct ModelSettings {
    pub name: String,
    /// Folders that may hold the manifests, in the order in which they are looked into.
    pub dirs: Vec<PathBuf>,
    pub revision: Option<String>,
    /// 0: by the number of cores.
    pub threads: usize,
    pub queue: usize,
    /// `None`: the manifest's.
    pub beams: Option<usize>,
    pub min_confidence: f64,
    pub ambiguous_nearness: f64,
    pub ambiguous_confidence: f64,
    /// Whether the model is held to queries that are valid.
    pub constrained: bool,
    pub repair: bool,
    /// Whether a model that was trained to sum up rows does so.
    pub summaries: bool,
    pub summary_timeout: Duration,
    pub offline: bool,
    pub hub_endpoint: Option<String>,
    pub hub_token: Option<SecretString>,
}

/// The web APIs that data is loaded from.
#[derive(Debug, Clone)]
pub struct WebSettings {
    pub spotify_client_id: Option<String>,
    pub spotify_client_secret: Option<SecretString>,
    pub lastfm_api_key: Option<SecretString>,
    pub spotify_url: String,
    pub spotify_token_url: String,
    pub lastfm_url: String,
    pub deezer_url: String,
    pub max_requests: u32,
    pub concurrency: usize,
    pub max_retries: u32,
    pub request_timeout: Duration,
    pub longest_pause: Duration,
}

/// What the daily load brings.
#[derive(Debug, Clone)]
pub struct LoadSettings {
    /// What the web APIs are asked for; `None`: none is asked.
    pub web_list: Option<PathBuf>,
    /// The web APIs that are asked, by name.
    pub web: Vec<String>,
    /// Places of each source of files, by name.
    pub files: Vec<(&'static str, Vec<PathBuf>)>,
    /// Days without a load after which a web API that is to be asked every day is stale.
    pub stale_after_days: i64,
}

/// How the tables that questions read are built.
#[derive(Debug, Clone, Copy)]
pub struct TransformSettings {
    /// Whether simulated plays count among the real ones.
    pub simulated: bool,
    /// How many tables are built, or data tests run, at the same time.
    pub at_a_time: usize,
}

#[derive(Debug, Clone)]
pub struct LogSettings {
    pub filter: String,
    pub format: LogFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

/// Checks the merged table. `None` when something was wrong; each problem is added to `problems`.
pub(super) fn check(table: &Table, places: &Places, problems: &mut Vec<String>) -> Option<Config> {
    let mut read = Reader { table, problems };
    let server = ServerSettings {
        listen: read.parsed("server", "listen", "an address such as 127.0.0.1:8080").unwrap_or(SocketAddr::from(([127, 0, 0, 1], 0))),
        max_body_bytes: read.size("server", "max_body_bytes", 1024),
        keys: read.keys("server", "keys"),
        request_timeout: read.millis("server", "request_timeout_ms"),
        shutdown_grace: read.millis("server", "shutdown_grace_ms"),
    };
    let data = DataSettings { dir: PathBuf::from(read.text("data", "dir")) };
    let warehouse = WarehouseSettings {
        project: read.optional("warehouse", "project"),
        data_project: read.optional("warehouse", "data_project"),
        endpoint: read.optional("warehouse", "endpoint"),
        location: read.text("warehouse", "location"),
        dataset: read.identifier("warehouse", "dataset"),
        raw_dataset: read.identifier("warehouse", "raw_dataset"),
        service_account_key: read.optional("warehouse", "service_account_key").map(PathBuf::from),
        application_credentials: places.application_credentials.clone(),
        metadata_host: places.metadata_host.clone(),
        impersonate: read.optional("warehouse", "impersonate"),
        refresh: read.millis("warehouse", "refresh_ms"),
        request_timeout: read.millis("warehouse", "request_timeout_ms"),
        query_timeout: read.millis("warehouse", "query_timeout_ms"),
        max_retries: read.number("warehouse", "max_retries", 0, 20) as u32,
        memory_limit_bytes: read.number("warehouse", "memory_limit_bytes", 16 << 20, i64::MAX) as u64,
    };
    let limits = LimitSettings {
        max_bytes_billed: read.number("limits", "max_bytes_billed", 10 << 20, i64::MAX) as u64,
        max_bytes_per_day: Some(read.number("limits", "max_bytes_per_day", 0, i64::MAX) as u64).filter(|cap| *cap > 0),
        max_bytes_per_key_per_day: Some(read.number("limits", "max_bytes_per_key_per_day", 0, i64::MAX) as u64).filter(|cap| *cap > 0),
        price_per_tib: read.amount("limits", "price_per_tib"),
        currency: read.text("limits", "currency"),
        default_rows: read.number("limits", "default_rows", 1, 100_000) as u32,
        max_rows: read.number("limits", "max_rows", 1, 100_000) as u32,
        max_question_chars: read.size("limits", "max_question_chars", 1),
        max_sql_bytes: read.size("limits", "max_sql_bytes", 1),
        answers_kept: read.size("limits", "answers_kept", 1),
    };
    let both_read = !read.problems.iter().any(|problem| problem.starts_with("limits."));
    if both_read && limits.default_rows > limits.max_rows {
        read.problems.push(format!("limits.default_rows ({}) is more than limits.max_rows ({})", limits.default_rows, limits.max_rows));
    }
    let model = ModelSettings {
        name: read.text("model", "name"),
        dirs: match read.optional("model", "dir") {
            Some(dir) => vec![PathBuf::from(dir)],
            None => places.model_dirs(&data.dir),
        },
        revision: read.optional("model", "revision"),
        threads: read.size("model", "threads", 0),
        queue: read.size("model", "queue", 1),
        beams: Some(read.number("model", "beams", 0, 16) as usize).filter(|beams| *beams > 0),
        min_confidence: read.fraction("model", "min_confidence"),
        ambiguous_nearness: read.fraction("model", "ambiguous_nearness"),
        ambiguous_confidence: read.fraction("model", "ambiguous_confidence"),
        constrained: read.flag("model", "constrained"),
        repair: read.flag("model", "repair"),
        summaries: read.flag("model", "summaries"),
        summary_timeout: read.millis("model", "summary_timeout_ms"),
        offline: read.flag("model", "offline"),
        hub_endpoint: read.optional("model", "hub_endpoint"),
        hub_token: read.optional("model", "hub_token").map(SecretString::from),
    };
    let log = LogSettings {
        filter: read.text("log", "filter"),
        format: match read.text("log", "format").as_str() {
            "json" => LogFormat::Json,
            "text" => LogFormat::Text,
            other => {
                read.problems.push(format!("log.format is {other:?}; it is `text` or `json`"));
                LogFormat::Text
            }
        },
    };
    let web = web(&mut read);
    let load = LoadSettings {
        web_list: read.optional("load", "web_list").map(PathBuf::from),
        web: read.texts("load", "web"),
        files: FILE_SOURCES.map(|(key, source)| (source, read.texts("load", key).into_iter().map(PathBuf::from).collect())).to_vec(),
        stale_after_days: read.number("load", "stale_after_days", 0, 3650),
    };
    let transform = TransformSettings { simulated: read.flag("transform", "simulated"), at_a_time: read.size("transform", "at_a_time", 1) };
    problems.is_empty().then_some(Config { server, data, warehouse, limits, model, log, web, load, transform })
}

/// The keys of the sources of files, and their names on the command line.
const FILE_SOURCES: [(&str, &str); 6] = [
    ("hetrec", "hetrec"),
    ("spotify_tracks", "spotify-tracks"),
    ("spotify_1921", "spotify-1921"),
    ("spotify_ultimate", "spotify-ultimate"),
    ("spotify_relational", "spotify-relational"),
    ("hot_100", "hot-100"),
];

fn web(read: &mut Reader<'_>) -> WebSettings {
    WebSettings {
        spotify_client_id: read.optional("web", "spotify_client_id"),
        spotify_client_secret: read.optional("web", "spotify_client_secret").map(SecretString::from),
        lastfm_api_key: read.optional("web", "lastfm_api_key").map(SecretString::from),
        spotify_url: read.text("web", "spotify_url"),
        spotify_token_url: read.text("web", "spotify_token_url"),
        lastfm_url: read.text("web", "lastfm_url"),
        deezer_url: read.text("web", "deezer_url"),
        max_requests: read.number("web", "max_requests", 1, i64::from(u32::MAX)) as u32,
        concurrency: read.number("web", "concurrency", 1, 32) as usize,
        max_retries: read.number("web", "max_retries", 0, 20) as u32,
        request_timeout: read.millis("web", "request_timeout_ms"),
        longest_pause: read.millis("web", "longest_pause_ms"),
    }
}

/// Reads typed values out of the merged table, noting what is wrong instead of stopping.
struct Reader<'a> {
    table: &'a Table,
    problems: &'a mut Vec<String>,
}

impl Reader<'_> {
    fn value(&self, section: &str, key: &str) -> Option<&Value> {
        self.table.get(section)?.get(key)
    }

    fn wrong(&mut self, section: &str, key: &str, expected: &str) {
        let found = match self.value(section, key) {
            Some(Value::String(text)) => format!("{text:?}"),
            Some(other) => other.to_string(),
            None => "missing".to_owned(),
        };
        self.problems.push(format!("{section}.{key} is {found}; it must be {expected}"));
    }

    fn text(&mut self, section: &str, key: &str) -> String {
        match self.value(section, key).and_then(Value::as_str).filter(|text| !text.is_empty()) {
            Some(text) => text.to_owned(),
            None => {
                self.wrong(section, key, "a text that is not empty");
                String::new()
            }
        }
    }

    fn optional(&mut self, section: &str, key: &str) -> Option<String> {
        match self.value(section, key) {
            Some(Value::String(text)) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
            _ => {
                self.wrong(section, key, "a text");
                None
            }
        }
    }

    /// A list of texts; one text is split at commas, since the environment has no lists.
    fn texts(&mut self, section: &str, key: &str) -> Vec<String> {
        let texts: Option<Vec<String>> = match self.value(section, key) {
            Some(Value::Array(items)) => items.iter().map(|item| item.as_str().map(|text| text.trim().to_owned())).collect(),
            Some(Value::String(text)) => Some(text.split(',').map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()).collect()),
            _ => None,
        };
        match texts.filter(|texts| texts.iter().all(|text| !text.is_empty())) {
            Some(texts) => texts,
            None => {
                self.wrong(section, key, "a list of texts, such as [\"a.zip\", \"b.zip\"]");
                Vec::new()
            }
        }
    }

    fn identifier(&mut self, section: &str, key: &str) -> String {
        let text = self.text(section, key);
        if !text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            self.wrong(section, key, "a dataset name: letters, digits and underscores");
        }
        text
    }

    fn parsed<T: std::str::FromStr>(&mut self, section: &str, key: &str, expected: &str) -> Option<T> {
        let parsed = self.value(section, key).and_then(Value::as_str).and_then(|text| text.parse().ok());
        if parsed.is_none() {
            self.wrong(section, key, expected);
        }
        parsed
    }

    fn number(&mut self, section: &str, key: &str, least: i64, most: i64) -> i64 {
        match self.value(section, key).and_then(Value::as_integer).filter(|n| (least..=most).contains(n)) {
            Some(number) => number,
            None => {
                let expected = if most == i64::MAX {
                    format!("a whole number of at least {least}")
                } else {
                    format!("a whole number from {least} to {most}")
                };
                self.wrong(section, key, &expected);
                least
            }
        }
    }

    fn size(&mut self, section: &str, key: &str, least: i64) -> usize {
        self.number(section, key, least, i64::from(u32::MAX)) as usize
    }

    fn millis(&mut self, section: &str, key: &str) -> Duration {
        Duration::from_millis(self.number(section, key, 1, 3_600_000) as u64)
    }

    fn fraction(&mut self, section: &str, key: &str) -> f64 {
        let value = self.value(section, key).and_then(|v| v.as_float().or_else(|| v.as_integer().map(|n| n as f64)));
        match value.filter(|v| (0.0..=1.0).contains(v)) {
            Some(value) => value,
            None => {
                self.wrong(section, key, "a number from 0 to 1");
                0.0
            }
        }
    }

    fn amount(&mut self, section: &str, key: &str) -> f64 {
        let value = self.value(section, key).and_then(|v| v.as_float().or_else(|| v.as_integer().map(|n| n as f64)));
        match value.filter(|amount| amount.is_finite() && *amount >= 0.0) {
            Some(amount) => amount,
            None => {
                self.wrong(section, key, "a number of at least 0");
                0.0
            }
        }
    }

    /// Lines of `name=digest`. A line that is wrong is not shown: it may be a key.
    fn keys(&mut self, section: &str, key: &str) -> Vec<(String, [u8; 32])> {
        let parsed = |line: &String| {
            let (name, digest) = line.split_once('=')?;
            let name = Some(name.trim()).filter(|name| !name.is_empty())?;
            let digest = digest.trim();
            let bytes = |at: usize| u8::from_str_radix(digest.get(2 * at..2 * at + 2)?, 16).ok();
            let whole: Option<Vec<u8>> = (digest.len() == 64).then(|| (0..32).map(bytes).collect())?;
            Some((name.to_owned(), whole?.try_into().ok()?))
        };
        let keys: Option<Vec<(String, [u8; 32])>> = self.texts(section, key).iter().map(parsed).collect();
        keys.unwrap_or_else(|| {
            self.problems
                .push(format!("{section}.{key} must be a list of texts `name=digest`, each with the 64 hexadecimal digits of a SHA-256"));
            Vec::new()
        })
    }

    fn flag(&mut self, section: &str, key: &str) -> bool {
        match self.value(section, key).and_then(Value::as_bool) {
            Some(flag) => flag,
            None => {
                self.wrong(section, key, "true or false");
                false
            }
        }
    }
}
