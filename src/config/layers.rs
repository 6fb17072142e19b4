//! The layers of a configuration, merged as TOML values before they are checked.

use std::path::Path;

use toml::{Table, Value};

const DEFAULTS: &str = include_str!("../../config/default.toml");
const PREFIX: &str = "QUAVER__";
/// Variables that Hugging Face's own tools read, and the settings that they stand for.
const HUB_VARIABLES: [(&str, &str); 3] = [("HF_TOKEN", "hub_token"), ("HF_ENDPOINT", "hub_endpoint"), ("HF_HUB_OFFLINE", "offline")];

pub(super) fn defaults() -> Table {
    DEFAULTS.parse().expect("config/default.toml is checked by the tests")
}

pub(super) fn set(table: &mut Table, section: &str, key: &str, value: impl Into<Value>) {
    if let Some(section) = table.get_mut(section).and_then(Value::as_table_mut) {
        section.insert(key.to_owned(), value.into());
    }
}

pub(super) fn merge_file(table: &mut Table, path: &Path, problems: &mut Vec<String>) {
    let shown = path.display();
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            return problems.push(format!("cannot read the configuration file {shown}: {error}; check the path given with --config"));
        }
    };
    let file: Table = match text.parse() {
        Ok(file) => file,
        Err(error) => return problems.push(format!("{shown} is not valid TOML: {}", error.to_string().trim().replace('\n', " "))),
    };
    for (section, keys) in file {
        let Some(known) = table.get_mut(&section).and_then(Value::as_table_mut) else {
            problems.push(format!("{shown} has an unknown section [{section}]; the sections are those of config/default.toml"));
            continue;
        };
        let Value::Table(keys) = keys else {
            problems.push(format!("{shown}: `{section}` is a section, write [{section}] and its keys below"));
            continue;
        };
        for (key, value) in keys {
            if known.contains_key(&key) {
                known.insert(key, value);
            } else {
                problems.push(format!("{shown} has an unknown key {section}.{key}{}", nearest(known, &key)));
            }
        }
    }
}

pub(super) fn merge_environment(table: &mut Table, environment: impl IntoIterator<Item = (String, String)>, problems: &mut Vec<String>) {
    let mut variables: Vec<(String, String)> = environment.into_iter().collect();
    variables.sort();
    for (variable, setting) in HUB_VARIABLES {
        if let Some((_, value)) = variables.iter().find(|(name, value)| name == variable && !value.is_empty()) {
            set_text(table, "model", setting, value);
        }
    }
    for (name, value) in variables {
        let Some(path) = name.strip_prefix(PREFIX) else { continue };
        let lower = path.to_ascii_lowercase();
        let Some((section, key)) = lower.split_once("__") else {
            problems.push(format!("{name} is not of the form QUAVER__SECTION__KEY"));
            continue;
        };
        let Some(known) = table.get(section).and_then(Value::as_table) else {
            problems.push(format!("{name} names an unknown section `{section}`{}", nearest(table, section)));
            continue;
        };
        if known.contains_key(key) {
            set_text(table, section, key, &value);
            continue;
        }
        match key.strip_suffix("_file").filter(|key| known.contains_key(*key)) {
            Some(key) => match std::fs::read_to_string(&value) {
                Ok(secret) => set_text(table, section, key, secret.trim_end()),
                Err(error) => problems.push(format!("{name}: cannot read {value}: {error}")),
            },
            None => problems.push(format!("{name} names an unknown key `{key}`{}", nearest(known, key))),
        }
    }
}

/// Sets a value given as text, as the type that the default has. What does not parse stays text, and the check names it.
fn set_text(table: &mut Table, section: &str, key: &str, text: &str) {
    let current = table.get(section).and_then(|s| s.get(key));
    let value = match current {
        Some(Value::Integer(_)) => text.trim().parse().map(Value::Integer).ok(),
        Some(Value::Float(_)) => text.trim().parse().map(Value::Float).ok(),
        Some(Value::Boolean(_)) => match text.trim().to_ascii_lowercase().as_str() {
            "1" | "true" | "yes" | "on" => Some(Value::Boolean(true)),
            "0" | "false" | "no" | "off" => Some(Value::Boolean(false)),
            _ => None,
        },
        _ => None,
    };
    set(table, section, key, value.unwrap_or_else(|| Value::String(text.to_owned())));
}

fn nearest(known: &Table, key: &str) -> String {
    known
        .keys()
        .map(|candidate| (strsim::damerau_levenshtein(candidate, key), candidate))
        .min()
        .filter(|(distance, _)| *distance <= 3)
        .map_or_else(String::new, |(_, candidate)| format!("; did you mean `{candidate}`?"))
}
