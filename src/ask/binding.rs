//! From `@v1` in a model's SQL to a typed query parameter with a speaking name.
//!
//! The linker says what a mention may be; the column that the model compares it with says what it must be. Where the two do not
//! meet, the candidate is wrong and is dropped.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::{ControlFlow, RangeInclusive};

use sqlparser::ast::{
    BinaryOperator, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentList, FunctionArguments, Ident, ObjectName, Value,
    ValueWithSpan, VisitMut, VisitorMut,
};
use sqlparser::dialect::BigQueryDialect;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::Tokenizer;

use super::link::{CandidateValue, Kind, Linked, Mention, MentionValue};
use crate::catalog::ColumnType;
use crate::sql::{Inspection, Parameter, ParameterContext, ParameterUse, ParameterValue};

/// A model's SQL with its parameters bound, not yet validated.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Bound {
    pub(super) sql: String,
    pub(super) parameters: Vec<Parameter>,
    /// Names of the mentions that it uses.
    pub(super) used: HashSet<String>,
    /// What people call the values of parameters that hold keys: "Daft Punk" for `daft-punk`.
    pub(super) spoken: BTreeMap<String, String>,
    /// Parameters by name with the kind that their values were read as, and the mention.
    pub(super) readings: BTreeMap<String, (String, Kind)>,
    /// Parameters that stand for the number of a user, which counts nothing.
    pub(super) ids: BTreeSet<String>,
}

/// Why a candidate was dropped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum BindError {
    #[error("the question has no value @{name}")]
    UnknownMention { name: String },
    #[error("@{name} ({text}) cannot stand where it is used")]
    WrongKind { name: String, text: String },
    #[error("the printed SQL cannot be read back: {message}")]
    Unreadable { message: String },
}

/// What a place in the SQL takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Want {
    /// A column of entities: the kinds, and whether it holds keys instead of texts.
    Entity {
        kinds: &'static [Kind],
        key: bool,
    },
    /// A number; `whole` where nothing else is a value of the place.
    Number {
        whole: bool,
    },
    /// A number that is no year: a rank, a tempo, how many rows.
    Amount {
        whole: bool,
    },
    /// The number of a year.
    Year,
    Date,
    /// What can be less or more than another: a number or a date.
    Quantity,
    /// Nothing is known of the place.
    Anything,
}

/// The column that holds years.
const YEARS: &str = "release_year";
/// Numbers that can be those of years: "more than 50 million followers, after 2020" is not to be read the other way round.
const CALENDAR: RangeInclusive<f64> = 1000.0..=2999.0;
const NUMERIC: [Kind; 3] = [Kind::Num, Kind::Year, Kind::Decade];
const DATES: [Kind; 2] = [Kind::Month, Kind::Date];

impl Want {
    fn of(place: &ParameterUse) -> Self {
        match place.context {
            ParameterContext::Limit | ParameterContext::Interval => return Self::Amount { whole: true },
            _ => {}
        }
        // A function such as EXTRACT or DATE_TRUNC changes what the column's values are: then the type of the place decides.
        if let Some(want) = place.column.as_deref().and_then(entity_column).filter(|_| place.expected != Some(ColumnType::Int64)) {
            return want;
        }
        if place.context == ParameterContext::Compared
            && place.expected != Some(ColumnType::Date)
            && let Some(column) = place.column.as_deref()
        {
            match place.through.as_deref() {
                Some("EXTRACT(YEAR)") => return Self::Year,
                None if column == YEARS => return Self::Year,
                None if place.expected.is_some_and(is_numeric) => return Self::Amount { whole: false },
                _ => {}
            }
        }
        match (place.expected, place.context) {
            (Some(numeric), _) if is_numeric(numeric) => Self::Number { whole: false },
            (Some(ColumnType::Date | ColumnType::Timestamp | ColumnType::Datetime), _) => Self::Date,
            (_, ParameterContext::Arithmetic) => Self::Number { whole: false },
            _ => Self::Anything,
        }
    }

    /// What compares with a column of entities.
    pub(super) fn of_column(name: &str) -> Option<Self> {
        entity_column(name)
    }

    /// Whether a value of this kind may stand here.
    pub(super) fn takes(self, kind: Kind) -> bool {
        match self {
            Self::Entity { kinds, .. } => kinds.contains(&kind),
            Self::Number { .. } | Self::Year => NUMERIC.contains(&kind),
            // "2000" may be that many; "the eighties" are none of anything.
            Self::Amount { .. } => matches!(kind, Kind::Num | Kind::Year),
            Self::Date => DATES.contains(&kind),
            Self::Quantity => NUMERIC.contains(&kind) || DATES.contains(&kind),
            Self::Anything => true,
        }
    }

    /// The value of a candidate in this place.
    fn value(self, candidate: &CandidateValue) -> Option<ParameterValue> {
        if !self.takes(candidate.kind) {
            return None;
        }
        match (self, &candidate.value) {
            (Self::Entity { key: true, .. }, MentionValue::Entity { key, .. }) => Some(ParameterValue::String(key.clone()?)),
            (_, MentionValue::Entity { text, .. }) => Some(ParameterValue::String(text.clone())),
            (Self::Number { whole } | Self::Amount { whole }, MentionValue::Number(number)) => number_value(*number, whole),
            (Self::Year, MentionValue::Number(number)) if !CALENDAR.contains(number) => None,
            (_, MentionValue::Number(number)) => number_value(*number, false),
            (_, MentionValue::Date(date)) => Some(ParameterValue::Date(*date)),
        }
    }
}

/// INT64 where the number is whole, which every numeric place takes; FLOAT64 else.
fn number_value(number: f64, whole: bool) -> Option<ParameterValue> {
    const LARGEST_WHOLE: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() <= LARGEST_WHOLE {
        return Some(ParameterValue::Int64(number as i64)).filter(|_| !whole || number >= 0.0);
    }
    (!whole && number.is_finite()).then_some(ParameterValue::Float64(number))
}

fn is_numeric(column: ColumnType) -> bool {
    matches!(column, ColumnType::Int64 | ColumnType::Float64 | ColumnType::Numeric | ColumnType::Bignumeric)
}

fn entity_column(column: &str) -> Option<Want> {
    let (kinds, key): (&'static [Kind], bool) = match column {
        "artist_id" | "similar_artist_id" => (&[Kind::Artist], true),
        "artist_name" | "similar_artist_name" | "name" | "featured_artists" => (&[Kind::Artist], false),
        "title" | "track_title" => (&[Kind::Title], false),
        "album" => (&[Kind::Album], false),
        "tag" => (&[Kind::Tag], false),
        "genre" | "genres" => (&[Kind::Genre], false),
        "country" => (&[Kind::Country], false),
        "segment" => (&[Kind::Segment], false),
        _ => return None,
    };
    Some(Want::Entity { kinds, key })
}

/// Binds every parameter of a candidate.
///
/// # Errors
/// [`BindError`] when the candidate cannot be meant.
pub(super) fn bind(inspection: &Inspection, linked: &Linked) -> Result<Bound, BindError> {
    let mut places: BTreeMap<&str, Vec<Want>> = BTreeMap::new();
    let mut order: Vec<&str> = Vec::new();
    for place in &inspection.parameter_uses {
        if !places.contains_key(place.name.as_str()) {
            order.push(&place.name);
        }
        places.entry(&place.name).or_default().push(Want::of(place));
    }
    let mut names = SpeakingNames::default();
    let mut renamed = HashMap::new();
    let mut parameters = Vec::new();
    let (mut spoken, mut readings, mut ids) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
    let is_id = |place: &ParameterUse| place.column.as_deref().is_some_and(|column| column.ends_with("_id"));
    for name in order {
        let mention = linked.mentions.iter().find(|mention| mention.name == name);
        let mention = mention.ok_or_else(|| BindError::UnknownMention { name: name.to_owned() })?;
        let (candidate, value) =
            value_for(mention, &places[name]).ok_or_else(|| BindError::WrongKind { name: name.to_owned(), text: mention.text.clone() })?;
        let speaking = names.next(candidate.kind);
        if let MentionValue::Entity { text, .. } = &candidate.value {
            spoken.insert(speaking.clone(), text.clone());
        }
        readings.insert(speaking.clone(), (name.to_owned(), candidate.kind));
        if inspection.parameter_uses.iter().any(|place| place.name == name && is_id(place)) {
            ids.insert(speaking.clone());
        }
        renamed.insert(name.to_owned(), speaking.clone());
        parameters.push(Parameter { name: speaking, value });
    }
    let sql = rename(&inspection.sql, &renamed)?;
    Ok(Bound { sql, parameters, used: renamed.into_keys().collect(), spoken, readings, ids })
}

/// The first candidate of a mention that every place takes with one and the same value.
fn value_for<'a>(mention: &'a Mention, places: &[Want]) -> Option<(&'a CandidateValue, ParameterValue)> {
    mention.candidates.iter().find_map(|candidate| {
        let mut values = places.iter().map(|want| want.value(candidate));
        let first = values.next()??;
        values.all(|value| value.as_ref() == Some(&first)).then_some((candidate, first))
    })
}

/// `artist`, `artist_2`, `num` ...
#[derive(Default)]
struct SpeakingNames {
    counts: HashMap<Kind, usize>,
}

impl SpeakingNames {
    fn next(&mut self, kind: Kind) -> String {
        let count = self.counts.entry(kind).or_default();
        *count += 1;
        if *count == 1 { kind.to_string() } else { format!("{kind}_{count}") }
    }
}

struct Rename<'a>(&'a HashMap<String, String>);

impl VisitorMut for Rename<'_> {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        // sqlparser's BigQuery dialect reads `@v1` as an identifier; others read a placeholder.
        let name = match expr {
            Expr::Identifier(ident) if ident.quote_style.is_none() => &mut ident.value,
            Expr::Value(ValueWithSpan { value: Value::Placeholder(name), .. }) => name,
            _ => return ControlFlow::Continue(()),
        };
        if let Some(renamed) = name.strip_prefix('@').and_then(|name| self.0.get(name)) {
            *name = format!("@{renamed}");
        }
        ControlFlow::Continue(())
    }

    /// A share of nothing is NULL, not a division by zero: `a / COUNT(*)` is run as `SAFE_DIVIDE(a, COUNT(*))`.
    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if let Expr::BinaryOp { left, op: BinaryOperator::Divide, right } = expr
            && matches!(**right, Expr::Function(_))
        {
            let arguments = [left, right].map(|side| FunctionArg::Unnamed(FunctionArgExpr::Expr((**side).clone())));
            *expr = Expr::Function(safe_divide(arguments.into()));
        }
        ControlFlow::Continue(())
    }
}

/// <https://cloud.google.com/bigquery/docs/reference/standard-sql/mathematical_functions#safe_divide>
fn safe_divide(args: Vec<FunctionArg>) -> Function {
    Function {
        name: ObjectName::from(vec![Ident::new("SAFE_DIVIDE")]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(FunctionArgumentList { duplicate_treatment: None, args, clauses: Vec::new() }),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: Vec::new(),
    }
}

/// Renames parameters in the syntax tree: a text in quotes that looks like one is left alone. Escapes stay as they are written.
fn rename(sql: &str, renamed: &HashMap<String, String>) -> Result<String, BindError> {
    let unreadable = |message: String| BindError::Unreadable { message };
    let dialect = BigQueryDialect;
    let tokens = Tokenizer::new(&dialect, sql).with_unescape(false).tokenize().map_err(|error| unreadable(error.to_string()))?;
    let mut statements = Parser::new(&dialect).with_tokens(tokens).parse_statements().map_err(|error| unreadable(error.to_string()))?;
    let _: ControlFlow<()> = statements.visit(&mut Rename(renamed));
    Ok(statements.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    fn place(name: &str, context: ParameterContext, column: Option<&str>, expected: Option<ColumnType>) -> ParameterUse {
        ParameterUse { name: name.to_owned(), context, table: None, column: column.map(str::to_owned), through: None, expected }
    }

    fn mention(name: &str, candidates: Vec<(Kind, MentionValue)>) -> Mention {
        let candidates = candidates.into_iter().map(|(kind, value)| CandidateValue { kind, value }).collect();
        Mention { name: name.to_owned(), text: name.to_owned(), start: 0, end: 0, earlier: false, exact: true, candidates }
    }

    fn entity(text: &str, key: Option<&str>) -> MentionValue {
        MentionValue::Entity { text: text.to_owned(), key: key.map(str::to_owned) }
    }

    /// Binds one mention, `@v1`, to one place or more and says what comes.
    fn check(
        candidates: Vec<(Kind, MentionValue)>,
        places: &[(ParameterContext, Option<&str>, Option<ColumnType>)],
        expected: Option<&str>,
    ) {
        let inspection = Inspection {
            sql: "SELECT '@v1' FROM t WHERE x = @v1".to_owned(),
            tables: Vec::new(),
            columns_read: Vec::new(),
            output_columns: Vec::new(),
            parameter_uses: places.iter().map(|(context, column, expected)| place("v1", *context, *column, *expected)).collect(),
        };
        let linked = Linked { prompt: String::new(), mentions: vec![mention("v1", candidates)] };
        let found = bind(&inspection, &linked).map(|bound| {
            let parameter = &bound.parameters[0];
            assert_eq!(bound.sql, format!("SELECT '@v1' FROM t WHERE x = @{}", parameter.name));
            format!("{} {:?}", parameter.name, parameter.value)
        });
        assert_eq!(found.ok().as_deref(), expected);
    }

    #[test]
    fn a_share_of_nothing_is_no_error() {
        let sql = "SELECT 100 * COUNTIF(explicit) / COUNT(*) AS percentage, AVG(duration_ms) / 60000 AS minutes FROM music.tracks";
        let safe =
            "SELECT SAFE_DIVIDE(100 * COUNTIF(explicit), COUNT(*)) AS percentage, AVG(duration_ms) / 60000 AS minutes FROM music.tracks";
        assert_eq!(rename(sql, &HashMap::new()).unwrap(), safe);
    }

    #[test]
    fn the_column_decides_what_a_value_is() {
        use ParameterContext::{Arithmetic, Compared, InUnnest, Interval, Limit, Other};
        let queen = || {
            vec![
                (Kind::Title, entity("Queen", None)),
                (Kind::Artist, entity("Queen", Some("queen"))),
                (Kind::Tag, entity("queen (tag)", None)),
            ]
        };
        let string = Some(ColumnType::String);
        check(queen(), &[(Compared, Some("artist_id"), string)], Some(r#"artist String("queen")"#));
        check(queen(), &[(Compared, Some("similar_artist_id"), string)], Some(r#"artist String("queen")"#));
        check(queen(), &[(Compared, Some("artist_name"), string)], Some(r#"artist String("Queen")"#));
        check(queen(), &[(InUnnest, Some("featured_artists"), string)], Some(r#"artist String("Queen")"#));
        check(queen(), &[(Compared, Some("track_title"), string)], Some(r#"title String("Queen")"#));
        check(queen(), &[(Compared, Some("tag"), string)], Some(r#"tag String("queen (tag)")"#));
        check(queen(), &[(Compared, Some("country"), string)], None);
        check(queen(), &[(Limit, None, Some(ColumnType::Int64))], None);
        check(queen(), &[(Other, None, None)], Some(r#"title String("Queen")"#));
        check(queen(), &[(Compared, Some("artist_id"), string), (Compared, Some("title"), string)], None);
        check(queen(), &[(Compared, Some("artist_id"), string), (Compared, Some("artist_id"), string)], Some(r#"artist String("queen")"#));

        let num = |number: f64| vec![(Kind::Num, MentionValue::Number(number))];
        let int = Some(ColumnType::Int64);
        check(num(10.0), &[(Limit, None, int)], Some("num Int64(10)"));
        check(num(2.5), &[(Limit, None, int)], None);
        check(num(30.0), &[(Interval, None, int)], Some("num Int64(30)"));
        check(num(2.5), &[(Compared, Some("duration_ms"), int)], Some("num Float64(2.5)"));
        check(num(0.7), &[(Compared, Some("energy"), Some(ColumnType::Float64))], Some("num Float64(0.7)"));
        check(num(4.0), &[(Arithmetic, Some("duration_ms"), None)], Some("num Int64(4)"));
        check(num(4.0), &[(Compared, Some("artist_id"), string)], None);

        let decade = vec![(Kind::Decade, MentionValue::Number(1980.0))];
        check(decade, &[(Compared, Some("release_year"), int), (Arithmetic, Some("release_year"), int)], Some("decade Int64(1980)"));
        let year = vec![(Kind::Year, MentionValue::Number(1999.0))];
        check(year, &[(Compared, Some("chart_date"), int)], Some("year Int64(1999)"));
        let month = vec![(Kind::Month, MentionValue::Date(NaiveDate::from_ymd_opt(2026, 3, 1).unwrap()))];
        check(month.clone(), &[(Compared, Some("chart_date"), Some(ColumnType::Date))], Some("month Date(2026-03-01)"));
        check(month, &[(Compared, Some("release_year"), int)], None);
        let (decade, year) = (|| vec![(Kind::Decade, MentionValue::Number(1980.0))], || vec![(Kind::Year, MentionValue::Number(2000.0))]);
        for (candidates, place, expected) in [
            (num(50_000_000.0), (Compared, Some("release_year"), int), None),
            (num(1850.0), (Compared, Some("release_year"), int), Some("num Int64(1850)")),
            (decade(), (Compared, Some("rank"), int), None),
            (decade(), (Limit, None, int), None),
            (decade(), (Compared, None, int), Some("decade Int64(1980)")),
            (year(), (Compared, Some("followers"), int), Some("year Int64(2000)")),
            (year(), (Limit, None, int), Some("year Int64(2000)")),
        ] {
            check(candidates, &[place], expected);
        }
    }

    #[test]
    fn a_second_value_of_a_kind_is_numbered() {
        let inspection = Inspection {
            sql: "SELECT 1 FROM t WHERE artist_id IN (@v2, @v1)".to_owned(),
            tables: Vec::new(),
            columns_read: Vec::new(),
            output_columns: Vec::new(),
            parameter_uses: ["v2", "v1"]
                .map(|name| place(name, ParameterContext::Compared, Some("artist_id"), Some(ColumnType::String)))
                .to_vec(),
        };
        let artist = |name: &str, key: &str| mention(name, vec![(Kind::Artist, entity(key, Some(key)))]);
        let linked = Linked { prompt: String::new(), mentions: vec![artist("v1", "blur"), artist("v2", "oasis")] };
        let bound = bind(&inspection, &linked).unwrap();
        assert_eq!(bound.sql, "SELECT 1 FROM t WHERE artist_id IN (@artist, @artist_2)");
        assert_eq!(bound.parameters[0], Parameter { name: "artist".to_owned(), value: ParameterValue::String("oasis".to_owned()) });

        let none = Linked { prompt: String::new(), mentions: Vec::new() };
        assert_eq!(bind(&inspection, &none), Err(BindError::UnknownMention { name: "v2".to_owned() }));
    }
}
