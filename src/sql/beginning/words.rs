//! Words of the language.

use super::scan::{Kind, Token};

/// Words that are never names.
const KEYWORDS: &str = "\
    SELECT DISTINCT FROM WHERE GROUP BY HAVING QUALIFY ORDER LIMIT OFFSET UNION ALL INTERSECT EXCEPT JOIN INNER LEFT RIGHT FULL \
    OUTER CROSS USING ON AS ASC DESC NULLS FIRST LAST UNNEST AND OR NOT BETWEEN IN LIKE IS NULL TRUE FALSE EXISTS CASE WHEN THEN \
    ELSE END INTERVAL AT TIME ZONE ARRAY OVER PARTITION ROWS UNBOUNDED PRECEDING FOLLOWING CURRENT ROW IGNORE EXTRACT CAST \
    SAFE_CAST SAFE DATE TIMESTAMP DATETIME FLOOR CEIL CEILING SUBSTR SUBSTRING TRIM";

pub(super) fn keywords() -> impl Iterator<Item = &'static str> {
    KEYWORDS.split(' ')
}

pub(super) fn is_keyword(word: &str) -> bool {
    keywords().any(|keyword| keyword.eq_ignore_ascii_case(word))
}

/// Whether a value ends here, so that only an operator or a clause can follow.
pub(super) fn ends_value(token: Token<'_>) -> bool {
    match token.kind {
        Kind::Value => true,
        Kind::Sign(sign) => matches!(sign, b')' | b']'),
        Kind::Word => {
            let closing = ["NULL", "TRUE", "FALSE", "END", "ASC", "DESC", "FIRST", "LAST", "ROW"];
            closing.iter().any(|word| token.is(word)) || !is_keyword(token.text)
        }
    }
}
