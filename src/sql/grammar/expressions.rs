//! Expressions: for each sort of type at each level a rule of its own.

use super::{DEEPEST, Place, Sort, calls, lexemes};

/// All rules of one level of one depth.
pub(super) fn rules(text: &mut String, place: Place, parameters: usize) {
    let mut rule = |name: &str, alternatives: &[String]| {
        text.push_str(&place.rule(name));
        text.push_str(": ");
        text.push_str(&alternatives.join("\n  | "));
        text.push('\n');
    };
    let of = |sort| place.of(sort);
    let (num, str, bool, date, time, arr) =
        (of(Sort::Number), of(Sort::Text), of(Sort::Bool), of(Sort::Date), of(Sort::Time), of(Sort::Array));
    let any = place.rule("any");
    rule("any", &Sort::ALL.map(of));
    // What may be of any type: names that the query itself gives, parameters, subqueries of one value.
    let mut free = vec!["GIVEN".to_owned(), "NULL".to_owned(), format!("{arr} ELEMENT")];
    if parameters > 0 {
        free.push("PARAMETER".to_owned());
    }
    if place.depth < DEEPEST {
        free.push(format!("LPAR query{} RPAR", place.depth + 1));
    }
    rule("free", &free);
    let free = place.rule("free");
    rule("tuple", &[format!("LPAR {any} (COMMA {any}){{1,5}} RPAR")]);
    rule("interval", &[format!("INTERVAL ({num}) GAP SPACE_PART")]);

    let operands = |sort: Sort| {
        let own = place.of(sort);
        let mut found = vec![lexemes::column(sort), free.clone(), format!("LPAR {own} RPAR"), place.rule(&format!("{}_call", sort.name()))];
        found.push(format!("CASE ({own}_when | ({num} WHEN_NEXT {num} | {str} WHEN_NEXT {str}) THEN {own} (WHEN_NEXT ({num} | {str}) THEN {own}){{0,11}}) (ELSE {own})? END"));
        found
    };
    for sort in Sort::ALL {
        let own = place.of(sort);
        rule(&format!("{}_when", sort.name()), &[format!("WHEN {bool} THEN {own} (WHEN_NEXT {bool} THEN {own}){{0,7}}")]);
        rule(&format!("{}_call", sort.name()), &calls::alternatives(place, sort));
    }

    let mut numbers = operands(Sort::Number);
    numbers.extend([
        "NUMBER".to_owned(),
        format!("MINUS (NUMBER | {} | {free} | LPAR {num} RPAR | {})", lexemes::column(Sort::Number), place.rule("num_call")),
        format!("EXTRACT_NUMBER ({date} | {time} (TIME_ZONE STRING)?) RPAR"),
    ]);
    numbers.push(format!("CAST {any} AS_NUMBER"));
    rule("num_operand", &numbers);
    rule("num", &[format!("{op} (ARITHMETIC {op}){{0,7}}", op = place.rule("num_operand"))]);

    let mut texts = operands(Sort::Text);
    texts.extend(["STRING".to_owned(), format!("CAST {any} AS_TEXT")]);
    rule("str_operand", &texts);
    rule("str", &[format!("{op} (CONCATENATE {op}){{0,5}}", op = place.rule("str_operand"))]);

    let mut dates = operands(Sort::Date);
    dates.extend(["DATE_LITERAL".to_owned(), format!("EXTRACT_DATE {time} RPAR"), format!("CAST {any} AS_DATE")]);
    rule("date_operand", &dates);
    rule("date", &[format!("{} (PLUS_MINUS ({num} | {}))?", place.rule("date_operand"), place.rule("interval"))]);

    let mut times = operands(Sort::Time);
    times.extend(["TIME_LITERAL".to_owned(), format!("CAST {any} AS_TIME")]);
    rule("time_operand", &times);
    rule("time", &[format!("{} (PLUS_MINUS {})?", place.rule("time_operand"), place.rule("interval"))]);

    let mut arrays = operands(Sort::Array);
    if place.depth < DEEPEST {
        arrays.push(format!("ARRAY_QUERY query{} RPAR", place.depth + 1));
    }
    rule("arr", &arrays);

    let mut bools = operands(Sort::Bool);
    bools.extend(["TRUE_FALSE".to_owned(), format!("CAST {any} AS_BOOL")]);
    for (own, other) in
        [(&num, num.clone()), (&str, str.clone()), (&date, format!("({date} | STRING)")), (&time, format!("({time} | STRING)"))]
    {
        bools.push(format!("{own} (COMPARE {other} | BETWEEN {other} AND {other} | IN {other} (COMMA {other}){{0,19}} RPAR)"));
    }
    bools.push(format!("{} EQUALS {}", place.rule("bool_operand"), place.rule("bool_operand")));
    bools.push(format!("{str} LIKE {str}"));
    bools.push(format!("{str} IN_UNNEST {arr} RPAR"));
    bools.push(format!("{any} IS_NULL"));
    bools.push(format!("{} IS_TRUE", place.rule("bool_operand")));
    if place.depth < DEEPEST {
        bools.push(format!("{any} IN query{} RPAR", place.depth + 1));
        bools.push(format!("{} IN query{} RPAR", place.rule("tuple"), place.depth + 1));
        bools.push(format!("EXISTS query{} RPAR", place.depth + 1));
    }
    rule("bool_operand", &bools);
    rule("bool", &[format!("NOT? {op} (AND_OR NOT? {op}){{0,11}}", op = place.rule("bool_operand"))]);
}
