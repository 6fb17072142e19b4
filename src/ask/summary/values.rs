//! The values of a question as a person writes them, by their names in the prompt.

use std::collections::{BTreeMap, BTreeSet};

use super::super::Language;
use super::super::link::Kind;
use super::super::understood::{Spoken, country};
use crate::sql::{Parameter, ParameterValue};

/// What is known of the parameters of a query.
pub(in crate::ask) struct Told<'a> {
    pub(in crate::ask) parameters: &'a [Parameter],
    /// What people call the values that have another name in SQL.
    pub(in crate::ask) spoken: &'a Spoken,
    /// The mention and the kind that each was read as.
    pub(in crate::ask) readings: &'a BTreeMap<String, (String, Kind)>,
    /// Those that are compared with the numbers of users.
    pub(in crate::ask) ids: &'a BTreeSet<String>,
}

impl Told<'_> {
    /// `@v1` and its like with what they stand for. A value that the query does not use is none: it would say of the rows what is not so.
    pub(in crate::ask) fn values(&self, language: Language) -> BTreeMap<String, String> {
        let value = |parameter: &Parameter| {
            let (mention, kind) = self.readings.get(&parameter.name)?;
            Some((format!("@{mention}"), self.text(parameter, *kind, language)?))
        };
        self.parameters.iter().filter_map(value).collect()
    }

    fn text(&self, parameter: &Parameter, kind: Kind, language: Language) -> Option<String> {
        Some(match (kind, &parameter.value) {
            (_, ParameterValue::Int64(id)) if self.ids.contains(&parameter.name) => id.to_string(),
            (Kind::Decade, ParameterValue::Int64(year)) => language.years(*year),
            // What may be a year is written without separators.
            (_, ParameterValue::Int64(number)) if kind == Kind::Year || (1000..2100).contains(number) => number.to_string(),
            (_, ParameterValue::Int64(number)) => language.whole((*number).into()),
            (_, ParameterValue::Float64(number)) => language.number(*number),
            (Kind::Month, ParameterValue::Date(date)) => language.month(*date),
            (_, ParameterValue::Date(date)) => language.day(*date),
            (_, ParameterValue::String(text)) => {
                let text = self.spoken.get(&parameter.name).unwrap_or(text);
                match kind {
                    Kind::Title => language.quoted(text),
                    Kind::Country => in_sentence(country(text, language), language),
                    _ => text.clone(),
                }
            }
            _ => return None,
        })
        .filter(|text| !text.trim().is_empty())
    }
}

/// "the United States", as in "artists from the United States". French templates put a country where it needs no article.
fn in_sentence(country: String, language: Language) -> String {
    let articled = country.starts_with("United ") || matches!(country.as_str(), "Netherlands" | "Philippines");
    if language == Language::En && articled { format!("the {country}") } else { country }
}
