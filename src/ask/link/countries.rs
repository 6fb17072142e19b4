//! Countries by their names and adjectives in English and French. A warehouse holds the common English name.

use super::fold::name_key;

/// One line a country: English name, other names (`|` between, or single words), adjectives and people.
const TABLE: &str = include_str!("countries.tsv");

/// A way to name a country.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CountryName {
    /// Folded words with a space between.
    pub(super) key: String,
    pub(super) country: &'static str,
    /// `US` names a country, `us` does not.
    pub(super) capitals_only: bool,
}

/// All names of all countries.
pub(super) fn names() -> impl Iterator<Item = CountryName> {
    TABLE.lines().filter(|line| !line.is_empty()).flat_map(|line| {
        let mut columns = line.split('\t');
        let country = columns.next().unwrap_or_default();
        let names = columns.next().unwrap_or_default();
        let names: Vec<&str> = if names.contains('|') { names.split('|').collect() } else { vec![names] };
        let adjectives = columns.next().unwrap_or_default().split(' ');
        std::iter::once(country).chain(names).chain(adjectives).filter(|name| !name.is_empty()).map(move |name| {
            let key = name_key(name);
            CountryName { capitals_only: key == "us", key, country }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_is_known_by_its_names_and_adjectives() {
        for (key, country) in [
            ("francaises", "France"),
            ("etats unis", "United States"),
            ("british", "United Kingdom"),
            ("coree du sud", "South Korea"),
            ("bresil", "Brazil"),
        ] {
            assert!(names().any(|n| n.key == key && n.country == country), "{key}");
        }
    }
}
