//! Questions that may mean two things: then they are asked back, with both readings in words.

use std::collections::{BTreeMap, BTreeSet};

use super::super::error::Reading;
use super::super::link::{Kind, Linked, MentionValue};
use super::super::understood::understood;
use super::super::{Language, cells};
use super::AskSettings;
use super::select::{Choice, Judge};
use crate::catalog::Catalog;
use crate::model::Candidate;
use crate::sql::ParameterValue;

/// At most so many readings are offered.
const MOST_READINGS: usize = 4;

/// The readings between which the question leaves the choice; none where the first choice is meant.
pub(super) fn readings(judge: &Judge<'_>, choices: &[Choice], candidates: &[Candidate], settings: &AskSettings) -> Vec<Reading> {
    let Some((first, others)) = choices.split_first() else { return Vec::new() };
    let said = |choice: &Choice| reading(choice, judge.catalog, judge.language);
    let namesakes = namesakes(judge, first, candidates);
    let meant: Vec<&Choice> = match namesakes.is_empty() {
        true => std::iter::once(first).chain(others.iter().find(|other| is_rival(judge, (first, other), candidates, settings))).collect(),
        false => namesakes.iter().collect(),
    };
    let mut readings: Vec<Reading> = Vec::new();
    for reading in meant.into_iter().filter_map(said) {
        // What is told in the same words is no other reading.
        if readings.iter().all(|known| known.understood != reading.understood) {
            readings.push(reading);
        }
    }
    readings.truncate(MOST_READINGS);
    if readings.len() > 1 { readings } else { Vec::new() }
}

/// Whether the second reading is as much meant as the first: both likely, and near to each other, and about different things.
fn is_rival(judge: &Judge<'_>, (first, other): (&Choice, &Choice), candidates: &[Candidate], settings: &AskSettings) -> bool {
    let nearness = (judge.score(&candidates[other.candidate]) - judge.score(&candidates[first.candidate])).exp();
    nearness >= settings.ambiguous_nearness
        && nearness <= 1.0 / settings.ambiguous_nearness.max(f64::MIN_POSITIVE)
        && first.confidence >= settings.ambiguous_confidence
        && other.confidence >= settings.ambiguous_confidence
        && is_other(first, other)
}

/// Whether they read a name as different things, or other tables, or bring other columns.
fn is_other(a: &Choice, b: &Choice) -> bool {
    let kinds = |choice: &Choice| -> BTreeMap<String, Kind> { choice.readings.values().cloned().collect() };
    let columns =
        |choice: &Choice| -> BTreeSet<String> { choice.query.output_columns().iter().flatten().map(|name| name.to_lowercase()).collect() };
    let (kinds_a, kinds_b, columns_a, columns_b) = (kinds(a), kinds(b), columns(a), columns(b));
    let read_otherwise =
        kinds_a.iter().any(|(mention, kind)| kinds_b.get(mention).is_some_and(|other| other != kind && !is_self_titled(*kind, *other)));
    // One column more is the same answer with a number beside it.
    let other_columns = !columns_a.is_subset(&columns_b) && !columns_b.is_subset(&columns_a);
    read_otherwise || a.query.tables() != b.query.tables() || other_columns
}

/// Whether the first reading is the artist and the other a work that is called like the artist ("David Bowie"): who says no more than the name means the artist.
fn is_self_titled(first: Kind, other: Kind) -> bool {
    first == Kind::Artist && matches!(other, Kind::Album | Kind::Title)
}

/// The same query for each of the artists that have the name, the first choice among them; none where one alone has it.
fn namesakes(judge: &Judge<'_>, first: &Choice, candidates: &[Candidate]) -> Vec<Choice> {
    let Some(candidate) = candidates.get(first.candidate) else { return Vec::new() };
    let mut found = Vec::new();
    for (mention, kind) in first.readings.values() {
        let Some(at) = judge.linked.mentions.iter().position(|known| known.name == *mention) else { continue };
        if *kind != Kind::Artist || !judge.linked.mentions[at].exact {
            continue;
        }
        let artists: Vec<usize> = (0..judge.linked.mentions[at].candidates.len())
            .filter(|other| judge.linked.mentions[at].candidates[*other].kind == Kind::Artist)
            .collect();
        let key = |other: &usize| match &judge.linked.mentions[at].candidates[*other].value {
            MentionValue::Entity { key, .. } => key.clone(),
            _ => None,
        };
        for other in artists.iter().skip(1).filter(|other| key(other) != key(&artists[0])) {
            let mut linked: Linked = judge.linked.clone();
            linked.mentions[at].candidates.swap(artists[0], *other);
            found.extend(Judge { linked: &linked, ..*judge }.again(candidate, candidates, first.candidate));
        }
    }
    if !found.is_empty() {
        found.insert(0, first.clone());
        found.iter_mut().for_each(say_keys);
    }
    found
}

/// The names of artists with their keys, which tell apart those that have one name.
fn say_keys(choice: &mut Choice) {
    for parameter in choice.query.parameters() {
        if let (ParameterValue::String(key), Some(name)) = (&parameter.value, choice.spoken.get_mut(&parameter.name))
            && name != key
            && choice.readings.get(&parameter.name).is_some_and(|(_, kind)| *kind == Kind::Artist)
        {
            *name = format!("{name} ({key})");
        }
    }
}

/// A choice in words, with what a client needs to run it.
fn reading(choice: &Choice, catalog: &Catalog, language: Language) -> Option<Reading> {
    Some(Reading {
        understood: understood(&choice.query, &choice.spoken, catalog, language)?,
        sql: choice.query.sql().to_owned(),
        parameters: choice.query.parameters().iter().map(cells::parameter).collect(),
    })
}
