//! What an evaluation found, as JSON and for a terminal.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{CellAlignment, Table};
use serde::Serialize;

use super::confusion::{Confusion, confusions};
use super::{CaseOutcome, Verdict};

/// How many of a group of answerable questions were answered right.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Tally {
    pub cases: usize,
    /// The gold's columns are all there, with the same rows.
    pub right: usize,
    /// Of those, with columns beyond the gold's.
    pub with_extra_columns: usize,
    pub wrong: usize,
    pub abstained: usize,
    pub failed: usize,
    /// `right / cases`; the headline figure.
    pub execution_accuracy: f64,
    /// Without those that have extra columns.
    pub strict_accuracy: f64,
}

impl Tally {
    fn of<'a>(outcomes: impl Iterator<Item = &'a CaseOutcome>) -> Self {
        let mut tally = Self::default();
        for outcome in outcomes {
            tally.cases += 1;
            match &outcome.verdict {
                Verdict::Right { extra_columns } => {
                    tally.right += 1;
                    tally.with_extra_columns += usize::from(*extra_columns);
                }
                Verdict::Abstained { .. } => tally.abstained += 1,
                Verdict::Failed { .. } => tally.failed += 1,
                Verdict::Wrong { .. } | Verdict::FalseAnswer | Verdict::TurnedAway | Verdict::GoldFailed { .. } => tally.wrong += 1,
            }
        }
        tally.execution_accuracy = ratio(tally.right, tally.cases);
        tally.strict_accuracy = ratio(tally.right - tally.with_extra_columns, tally.cases);
        tally
    }
}

/// How many questions without an answer were turned away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Refusals {
    pub cases: usize,
    pub turned_away: usize,
    pub false_answers: usize,
    pub failed: usize,
}

impl Refusals {
    fn of<'a>(outcomes: impl Iterator<Item = &'a CaseOutcome>) -> Self {
        let mut refusals = Self::default();
        for outcome in outcomes {
            refusals.cases += 1;
            match outcome.verdict {
                Verdict::TurnedAway => refusals.turned_away += 1,
                Verdict::FalseAnswer => refusals.false_answers += 1,
                _ => refusals.failed += 1,
            }
        }
        refusals
    }
}

/// Milliseconds of one stage over the questions that reached it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Latency {
    pub count: usize,
    pub p50_ms: f64,
    pub p95_ms: f64,
}

/// Everything that an evaluation found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EvalReport {
    /// Answerable questions whose gold has rows: the headline.
    pub overall: Tally,
    pub by_language: BTreeMap<String, Tally>,
    pub by_kind: BTreeMap<String, Tally>,
    /// Questions whose SQL has a template that training saw ("question split"), and those that need another ("template split");
    /// empty where it is not known what training saw.
    pub by_template: BTreeMap<String, Tally>,
    /// Answerable questions whose gold has no rows in this data; a wrong answer may look right there.
    pub empty_gold: Tally,
    /// Cases whose gold SQL could not be run; they are in no other figure.
    pub gold_failed: usize,
    /// Questions without an answer, by kind.
    pub refusals: BTreeMap<String, Refusals>,
    /// By stage, in the order of the stages.
    pub latency: Vec<(String, Latency)>,
    /// How often answers of a confidence are right.
    pub reliability: Vec<ReliabilityBin>,
    /// What wrong answers got wrong, the most frequent first.
    pub confusions: Vec<Confusion>,
    /// Every case that did not go as it must.
    pub failures: Vec<CaseOutcome>,
    pub outcomes: Vec<CaseOutcome>,
}

/// Answers whose confidence is from `from` up to, but without, `to`. A confidence is calibrated when their mean is near the share that is right.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ReliabilityBin {
    pub from: f64,
    pub to: f64,
    pub answers: usize,
    pub right: usize,
    pub mean_confidence: f64,
}

/// On a terminal.
const CONFUSIONS_SHOWN: usize = 12;
const RELIABILITY_BINS: usize = 10;

impl ReliabilityBin {
    /// The bins that have answers. A question without an answer that was answered counts as wrong.
    fn of(outcomes: &[CaseOutcome]) -> Vec<Self> {
        let answers: Vec<(f64, bool)> = outcomes
            .iter()
            .filter(|outcome| !matches!(outcome.verdict, Verdict::GoldFailed { .. }) && !outcome.gold_is_empty)
            .filter_map(|outcome| Some((outcome.confidence?, matches!(outcome.verdict, Verdict::Right { .. }))))
            .collect();
        let width = 1.0 / RELIABILITY_BINS as f64;
        let bin = |index: usize| {
            let inside = |(confidence, _): &&(f64, bool)| ((confidence / width) as usize).min(RELIABILITY_BINS - 1) == index;
            let found: Vec<&(f64, bool)> = answers.iter().filter(inside).collect();
            let sum: f64 = found.iter().map(|(confidence, _)| confidence).sum();
            let right = found.iter().filter(|(_, right)| *right).count();
            let from = index as f64 * width;
            (!found.is_empty()).then(|| Self {
                from,
                to: from + width,
                answers: found.len(),
                right,
                mean_confidence: sum / found.len() as f64,
            })
        };
        (0..RELIABILITY_BINS).filter_map(bin).collect()
    }
}

/// The mean distance between confidence and accuracy over the answers (expected calibration error, Naeini et al. 2015).
fn calibration_error(bins: &[ReliabilityBin]) -> f64 {
    let total: usize = bins.iter().map(|bin| bin.answers).sum();
    let distances = bins.iter().map(|bin| bin.answers as f64 * (bin.mean_confidence - ratio(bin.right, bin.answers)).abs());
    if total == 0 { 0.0 } else { distances.sum::<f64>() / total as f64 }
}

impl EvalReport {
    pub(super) fn new(outcomes: Vec<CaseOutcome>) -> Self {
        let answerable = |outcome: &&CaseOutcome| !outcome.gold_sql.is_empty() && !matches!(outcome.verdict, Verdict::GoldFailed { .. });
        let counted = || outcomes.iter().filter(answerable).filter(|outcome| !outcome.gold_is_empty);
        let by = |key: &dyn Fn(&CaseOutcome) -> String| {
            let mut groups: BTreeMap<String, Vec<&CaseOutcome>> = BTreeMap::new();
            for outcome in counted() {
                groups.entry(key(outcome)).or_default().push(outcome);
            }
            groups.into_iter().map(|(name, group)| (name, Tally::of(group.into_iter()))).collect()
        };
        let mut without_answer: BTreeMap<String, Vec<&CaseOutcome>> = BTreeMap::new();
        for outcome in outcomes.iter().filter(|outcome| outcome.gold_sql.is_empty()) {
            without_answer.entry(outcome.kind.clone()).or_default().push(outcome);
        }
        let fine = |outcome: &&CaseOutcome| !matches!(outcome.verdict, Verdict::Right { .. } | Verdict::TurnedAway);
        Self {
            overall: Tally::of(counted()),
            by_language: by(&|outcome| outcome.language.to_string()),
            by_kind: by(&|outcome| outcome.kind.clone()),
            by_template: if outcomes.iter().all(|outcome| outcome.new_template.is_none()) {
                BTreeMap::new()
            } else {
                by(&|outcome| if outcome.new_template == Some(true) { "new template" } else { "known template" }.to_owned())
            },
            empty_gold: Tally::of(outcomes.iter().filter(answerable).filter(|outcome| outcome.gold_is_empty)),
            gold_failed: outcomes.iter().filter(|outcome| matches!(outcome.verdict, Verdict::GoldFailed { .. })).count(),
            refusals: without_answer.into_iter().map(|(kind, group)| (kind, Refusals::of(group.into_iter()))).collect(),
            latency: latency(&outcomes),
            reliability: ReliabilityBin::of(&outcomes),
            confusions: confusions(&outcomes),
            failures: outcomes.iter().filter(fine).cloned().collect(),
            outcomes,
        }
    }

    /// The report for a terminal; with `failures`, every case that went wrong too.
    #[must_use]
    pub fn to_text(&self, failures: bool) -> String {
        let mut text = String::new();
        let mut table = table(&["", "cases", "right", "accuracy", "strict", "wrong", "abstained", "failed"]);
        let mut row = |name: &str, tally: &Tally| {
            table.add_row([
                name.to_owned(),
                tally.cases.to_string(),
                tally.right.to_string(),
                percent(tally.execution_accuracy),
                percent(tally.strict_accuracy),
                tally.wrong.to_string(),
                tally.abstained.to_string(),
                tally.failed.to_string(),
            ]);
        };
        row("all", &self.overall);
        self.by_language.iter().chain(&self.by_template).chain(&self.by_kind).for_each(|(name, tally)| row(name, tally));
        row("(empty gold)", &self.empty_gold);
        right_align(&mut table);
        writeln!(text, "{table}").expect("writing to a String cannot fail");
        if self.gold_failed > 0 {
            writeln!(text, "{} cases are not counted: their gold SQL failed", self.gold_failed).expect("writing to a String cannot fail");
        }
        let mut refusals = self::table(&["no answer", "cases", "turned away", "false answers", "failed"]);
        for (kind, refusal) in &self.refusals {
            let counts = [refusal.cases, refusal.turned_away, refusal.false_answers, refusal.failed];
            refusals.add_row(std::iter::once(kind.clone()).chain(counts.iter().map(ToString::to_string)));
        }
        right_align(&mut refusals);
        let mut latency = self::table(&["stage", "count", "p50 ms", "p95 ms"]);
        for (stage, figures) in &self.latency {
            latency.add_row([stage.clone(), figures.count.to_string(), format!("{:.1}", figures.p50_ms), format!("{:.1}", figures.p95_ms)]);
        }
        right_align(&mut latency);
        let mut reliability = self::table(&["confidence", "answers", "mean", "right"]);
        for bin in &self.reliability {
            let range = format!("{:.1} to {:.1}", bin.from, bin.to);
            reliability.add_row([range, bin.answers.to_string(), percent(bin.mean_confidence), percent(ratio(bin.right, bin.answers))]);
        }
        right_align(&mut reliability);
        let error = percent(calibration_error(&self.reliability));
        write!(text, "{refusals}\n{reliability}\nexpected calibration error {error}\n{latency}\n")
            .expect("writing to a String cannot fail");
        let mut confused = self::table(&["what differs", "gold", "predicted", "answers"]);
        for confusion in self.confusions.iter().take(CONFUSIONS_SHOWN) {
            confused.add_row([confusion.part.to_owned(), confusion.gold.clone(), confusion.predicted.clone(), confusion.cases.to_string()]);
        }
        writeln!(text, "{confused}").expect("writing to a String cannot fail");
        for outcome in self.failures.iter().filter(|_| failures) {
            text.push('\n');
            text.push_str(&told(outcome));
        }
        text
    }
}

fn told(outcome: &CaseOutcome) -> String {
    let what = match &outcome.verdict {
        Verdict::Wrong { reason } => format!("wrong: {reason}"),
        Verdict::Abstained { reason } => format!("abstained: {reason}"),
        Verdict::Failed { reason } => format!("failed: {reason}"),
        Verdict::GoldFailed { reason } => format!("gold failed: {reason}"),
        Verdict::FalseAnswer => "answered what has no answer".to_owned(),
        Verdict::Right { .. } | Verdict::TurnedAway => "right".to_owned(),
    };
    let mut lines = vec![format!("{} ({}, {}) {}", outcome.id, outcome.language, outcome.kind, outcome.question), format!("  {what}")];
    lines.extend(outcome.predicted_sql.iter().map(|sql| format!("  predicted  {sql}")));
    lines.extend(outcome.gold_sql.iter().map(|sql| format!("  gold       {sql}")));
    lines.join("\n") + "\n"
}

fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_preset(UTF8_FULL_CONDENSED).set_header(header.to_vec());
    table
}

fn right_align(table: &mut Table) {
    table.column_iter_mut().skip(1).for_each(|column| column.set_cell_alignment(CellAlignment::Right));
}

fn percent(ratio: f64) -> String {
    format!("{:.1} %", 100.0 * ratio)
}

fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

fn latency(outcomes: &[CaseOutcome]) -> Vec<(String, Latency)> {
    let mut stages: Vec<(&str, Vec<f64>)> = Vec::new();
    for (name, ms) in outcomes.iter().flat_map(|outcome| &outcome.stages_ms) {
        match stages.iter_mut().find(|(stage, _)| stage == name) {
            Some((_, values)) => values.push(*ms),
            None => stages.push((name, vec![*ms])),
        }
    }
    let figures = |(name, mut values): (&str, Vec<f64>)| {
        values.sort_by(f64::total_cmp);
        (name.to_owned(), Latency { count: values.len(), p50_ms: percentile(&values, 50), p95_ms: percentile(&values, 95) })
    };
    stages.into_iter().map(figures).collect()
}

/// The nearest-rank percentile of sorted values.
fn percentile(sorted: &[f64], percent: usize) -> f64 {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::percentile;

    #[test]
    fn percentiles_are_values_that_occurred() {
        let check = |values: &[f64], percent: usize, expected: f64| assert_eq!(percentile(values, percent), expected);
        check(&[1.0], 95, 1.0);
        check(&[1.0, 2.0, 3.0, 4.0], 50, 2.0);
        check(&(1..=100).map(f64::from).collect::<Vec<_>>(), 95, 95.0);
        check(&[], 50, 0.0);
    }
}
