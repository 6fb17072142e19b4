//! Words and names.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::{NO_ANSWER, Sort};
use crate::catalog::{Catalog, ColumnType, Mode};

/// Words that cannot name anything.
/// Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical#reserved_keywords>
const RESERVED: &str = "all|and|any|array|as|asc|assert_rows_modified|at|between|by|case|cast|collate|contains|create|cross|cube|current|\
    default|define|desc|distinct|else|end|enum|escape|except|exclude|exists|extract|false|fetch|following|for|from|full|group|grouping|\
    groups|hash|having|if|ignore|in|inner|intersect|interval|into|is|join|lateral|left|like|limit|lookup|merge|natural|new|no|not|null|\
    nulls|of|on|or|order|outer|over|partition|preceding|proto|qualify|range|recursive|respect|right|rollup|rows|select|set|some|struct|\
    tablesample|then|to|treat|true|unbounded|union|unnest|using|when|where|window|with|within|offset|safe|\
    date|timestamp|datetime";

const PARTS: &str =
    "microsecond|millisecond|second|minute|hour|day|week|week\\(monday\\)|week\\(sunday\\)|isoweek|month|quarter|year|isoyear";

/// Words with the spaces that they need. Everything is in any case.
const WORDS: &[(&str, &str)] = &[
    ("BEGIN", " "),
    ("GAP", " +"),
    ("SELECT", "select +"),
    ("DISTINCT", "distinct +"),
    ("FROM", " +from +"),
    ("WHERE", " +where +"),
    ("GROUP", " +group +by +"),
    ("HAVING", " +having +"),
    ("QUALIFY", " +qualify +"),
    ("ORDER", " +order +by +"),
    ("ORDER_FIRST", "order +by +"),
    ("LIMIT", " +limit +"),
    ("OFFSET_ROWS", " +offset +"),
    ("SET_OPERATION", " +(union +(all|distinct)|intersect +distinct|except +distinct) +"),
    ("JOIN", " +((inner|left|left +outer|right|right +outer|full|full +outer) +)?join +"),
    ("CROSS", "( +cross +join +| *, *)"),
    ("USING", " +using *\\( *"),
    ("ON", " +on +"),
    ("AS", " +as +"),
    ("DIRECTION", " +(asc|desc)"),
    ("NULLS", " +nulls +(first|last)"),
    ("STAR", "\\*"),
    ("EXCEPT_COLUMNS", " +except *\\( *"),
    ("UNNEST", "unnest *\\( *"),
    ("COMMA", " *, *"),
    ("LPAR", "\\( *"),
    ("RPAR", " *\\)"),
    ("AND", " +and +"),
    ("AND_OR", " +(and|or) +"),
    ("NOT", "not +"),
    ("ARITHMETIC", " *[-+*/] *"),
    ("PLUS_MINUS", " *[-+] *"),
    ("MINUS", "-"),
    ("CONCATENATE", " *\\|\\| *"),
    ("COMPARE", " *(=|!=|<>|<=|>=|<|>) *| +is +(not +)?distinct +from +"),
    ("EQUALS", " *(=|!=|<>) *"),
    ("BETWEEN", " +(not +)?between +"),
    ("IN", " +(not +)?in *\\( *"),
    ("IN_UNNEST", " +(not +)?in +unnest *\\( *"),
    ("LIKE", " +(not +)?like +"),
    ("IS_NULL", " +is +(not +)?null"),
    ("IS_TRUE", " +is +(not +)?(true|false)"),
    ("EXISTS", "exists *\\( *"),
    ("CASE", "case +"),
    ("WHEN", "when +"),
    ("WHEN_NEXT", " +when +"),
    ("THEN", " +then +"),
    ("ELSE", " +else +"),
    ("END", " +end"),
    ("TRUE_FALSE", "true|false"),
    ("NULL", "null"),
    ("NUMBER", "[0-9]{1,15}(\\.[0-9]{1,15})?"),
    ("COUNT", "[0-9]{1,9}"),
    ("STRING", "r?'([^'\\\\\\n]|\\\\['\\\\nt%dwsbDWSB.()-]){0,80}'|r?\"([^\"\\\\\\n]|\\\\[\"\\\\nt%dwsbDWSB.()-]){0,80}\""),
    ("DATE_LITERAL", "date +'[0-9]{4}-[0-9]{2}-[0-9]{2}'"),
    ("TIME_LITERAL", "(timestamp|datetime) +'[0-9]{4}-[0-9]{2}-[0-9]{2}( [0-9]{2}:[0-9]{2}:[0-9]{2})?( utc)?'"),
    ("INTERVAL", "interval +"),
    ("SPACE_PART", "PARTS"),
    ("PART", "PARTS"),
    (
        "EXTRACT_NUMBER",
        "extract *\\( *(microsecond|millisecond|second|minute|hour|dayofweek|dayofyear|day|week|isoweek|month|quarter|isoyear|year) +from +",
    ),
    ("EXTRACT_DATE", "extract *\\( *date +from +"),
    ("TIME_ZONE", " +at +time +zone +"),
    ("CAST", "(safe_)?cast *\\( *"),
    ("AS_NUMBER", " +as +(int64|float64|numeric) *\\)"),
    ("AS_TEXT", " +as +string *\\)"),
    ("AS_DATE", " +as +date *\\)"),
    ("AS_TIME", " +as +(timestamp|datetime) *\\)"),
    ("AS_BOOL", " +as +bool *\\)"),
    ("ELEMENT", "\\[((safe_)?(offset|ordinal)\\([0-9]{1,3}\\)|[0-9]{1,3})\\]"),
    ("ARRAY_QUERY", "array *\\( *"),
    ("COUNT_ROWS", "count\\( *\\* *\\)"),
    ("COUNT_DISTINCT", "count\\( *distinct +"),
    ("OVER", " +over *\\( *"),
    ("PARTITION", "partition +by +"),
    ("ROWS_BETWEEN", " +rows +between +"),
    ("ROWS", " +rows +"),
    ("UNBOUNDED_PRECEDING", "unbounded +preceding"),
    ("UNBOUNDED_FOLLOWING", "unbounded +following"),
    ("CURRENT_ROW", "current +row"),
    ("PRECEDING", " +preceding"),
    ("FOLLOWING", " +following"),
    ("IGNORE_NULLS", " +ignore +nulls"),
    ("HAVING_EXTREME", " +having +(max|min) +"),
];

pub(super) fn terminals(catalog: &Catalog, parameters: usize) -> String {
    let mut text = String::new();
    let mut word = |name: &str, regex: &str| {
        let _ = writeln!(text, "{name}: /{}/i", regex.replace('/', "\\/"));
    };
    for (name, regex) in WORDS {
        word(name, &regex.replace("PARTS", PARTS));
    }
    if parameters > 0 {
        let names: Vec<String> = (1..=parameters).map(|n| format!("v{n}")).collect();
        word("PARAMETER", &format!("@({})", names.join("|")));
    }
    let tables: Vec<&str> = catalog.tables.iter().map(|table| table.name.as_str()).collect();
    let tables = tables.join("|");
    word("TABLE", &format!("({}\\.)?({tables})", catalog.dataset));
    // A column may be qualified by its table, or by a short alias of one.
    let qualifier = format!("(({tables}|[a-z][a-z0-9]?)\\.)?");
    for sort in Sort::ALL {
        let found = columns(catalog, |of| of == Some(sort));
        // A regex that matches nothing keeps the rules alike when the catalogue has no column of a sort.
        let names = if found.is_empty() { "[^\\s\\S]".to_owned() } else { found.join("|") };
        word(&column(sort), &format!("{qualifier}({names})"));
    }
    let opaque = columns(catalog, |of| of.is_none());
    if !opaque.is_empty() {
        word("OPAQUE_COLUMN", &format!("{qualifier}({})", opaque.join("|")));
    }
    let all = columns(catalog, |_| true).join("|");
    word("ANY_COLUMN", &all);
    let _ = writeln!(text, "NO_ANSWER: \"{NO_ANSWER}\"");
    let _ = writeln!(text, "count: COUNT{}", if parameters > 0 { " | PARAMETER" } else { "" });
    // A name that the query gives: never a word of the language; where it is read, never a column, whose type is known.
    let _ = writeln!(text, "NAME: /[a-z_][a-z0-9_]{{0,29}}/i & ~/({RESERVED})/i");
    let _ = writeln!(text, "GIVEN: /([a-z][a-z0-9]?\\.)?[a-z_][a-z0-9_]{{0,29}}/i & ~/([a-z][a-z0-9]?\\.)?({RESERVED}|{all})/i");
    text
}

/// The terminal of the columns of a sort.
pub(super) fn column(sort: Sort) -> String {
    format!("{}_COLUMN", sort.name().to_uppercase())
}

fn columns(catalog: &Catalog, wanted: impl Fn(Option<Sort>) -> bool) -> Vec<String> {
    let mut names = BTreeSet::new();
    for column in catalog.tables.iter().flat_map(|table| &table.columns) {
        let opaque = column.column_type == ColumnType::Struct && column.mode != Mode::Repeated;
        if wanted(if opaque { None } else { Sort::of(column) }) {
            names.insert(column.name.to_lowercase());
        }
    }
    names.into_iter().collect()
}
