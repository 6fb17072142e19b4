//! Which columns tables can bring together.

use super::frame::{Frame, Name, Source};
use crate::catalog::{Catalog, Mode};

/// Tables joined in one query, at most.
const MOST_JOINED: usize = 3;

/// A set of column names, as bits.
type Names = u128;

struct Table {
    name: String,
    columns: Vec<String>,
    names: Names,
    /// UNNEST of one of its columns can be called anything.
    has_array: bool,
}

/// The columns that may be named without a table after a join, and the tables that it has.
#[derive(Clone, Copy)]
struct Join {
    visible: Names,
    hidden: Names,
    tables: u64,
    has_array: bool,
}

/// The tables of a catalogue.
pub(super) struct Tables {
    tables: Vec<Table>,
    names: Vec<String>,
    /// Every join of few tables, those left out that bring less than another.
    joins: Vec<Join>,
    /// A catalogue with too many names for the sets; nothing is then said about joins.
    too_large: bool,
}

impl Tables {
    pub(super) fn new(catalog: &Catalog) -> Self {
        let mut names: Vec<String> = Vec::new();
        let mut tables = Vec::new();
        for table in &catalog.tables {
            let columns: Vec<String> = table.columns.iter().map(|column| column.name.to_ascii_lowercase()).collect();
            for column in &columns {
                if !names.contains(column) {
                    names.push(column.clone());
                }
            }
            let has_array = table.columns.iter().any(|column| column.mode == Mode::Repeated);
            tables.push(Table { name: table.name.to_ascii_lowercase(), columns, names: 0, has_array });
        }
        let too_large = names.len() > Names::BITS as usize || tables.len() > u64::BITS as usize;
        let mut found = Self { tables, names, joins: Vec::new(), too_large };
        if !too_large {
            for index in 0..found.tables.len() {
                let columns = &found.tables[index].columns;
                found.tables[index].names = columns.iter().filter_map(|column| found.bit(column)).fold(0, |all, bit| all | bit);
            }
            found.joins = found.all_joins();
        }
        found
    }

    /// Whether a name is a column of any table.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.names.iter().any(|known| known == name)
    }

    pub(super) fn columns(&self, table: &str) -> Option<&[String]> {
        self.tables.iter().find(|known| known.name.eq_ignore_ascii_case(table)).map(|table| table.columns.as_slice())
    }

    fn bit(&self, name: &str) -> Option<Names> {
        self.names.iter().position(|known| known == name).map(|index| 1 << index)
    }

    fn single(&self, index: usize) -> Join {
        let table = &self.tables[index];
        Join { visible: table.names, hidden: 0, tables: 1 << index, has_array: table.has_array }
    }

    /// The joins with one table more: by one column, by all common columns, by a condition.
    fn extended(&self, join: Join) -> impl Iterator<Item = Join> {
        self.tables.iter().enumerate().filter(move |(index, _)| join.tables & (1 << index) == 0).flat_map(move |(index, table)| {
            let common = join.visible & table.names;
            let singles = (0..Names::BITS).map(|bit| 1 << bit).filter(move |bit| common & bit != 0);
            singles.chain([common, 0]).map(move |using| {
                let hidden = join.hidden | ((join.visible | join.hidden) & table.names & !using);
                Join {
                    visible: (join.visible | table.names) & !hidden,
                    hidden,
                    tables: join.tables | 1 << index,
                    has_array: join.has_array || table.has_array,
                }
            })
        })
    }

    fn all_joins(&self) -> Vec<Join> {
        let mut all: Vec<Join> = Vec::new();
        let mut last: Vec<Join> = (0..self.tables.len()).map(|index| self.single(index)).collect();
        for size in 1..=MOST_JOINED {
            let mut next: Vec<Join> = Vec::new();
            for join in &last {
                all.push(*join);
                if size < MOST_JOINED {
                    for longer in self.extended(*join) {
                        if !next.iter().any(|other| other.tables == longer.tables && other.visible | longer.visible == other.visible) {
                            next.push(longer);
                        }
                    }
                }
            }
            last = next;
        }
        all
    }

    /// Whether there are tables that together bring all names.
    pub(super) fn could_cover(&self, needs: &[Name]) -> bool {
        // A name of no table comes from a subquery, and then so may the others.
        self.too_large
            || needs.iter().any(|need| need.qualifier.is_some() || !self.knows(&need.text))
            || self.joins.iter().any(|join| self.covers(join, needs))
    }

    /// Whether the sources of a query, perhaps with more tables, bring all that it needs.
    pub(super) fn can_cover(&self, frame: &Frame) -> bool {
        if self.too_large || frame.needs.iter().any(|need| need.qualifier.is_some()) || frame.needs.is_empty() {
            return true;
        }
        let Some(join) = self.join_of(&frame.sources, &frame.using) else { return true };
        if self.covers(&join, &frame.needs) {
            return true;
        }
        self.extended(join)
            .any(|longer| self.covers(&longer, &frame.needs) || self.extended(longer).any(|longest| self.covers(&longest, &frame.needs)))
    }

    /// The join that sources make, the last of them by any columns; `None` when one is no table.
    fn join_of(&self, sources: &[Source], using: &[String]) -> Option<Join> {
        let mut found: Option<Join> = None;
        for (at, source) in sources.iter().enumerate() {
            let index = self.tables.iter().position(|table| table.name == source.name)?;
            let table = self.single(index);
            found = Some(match found {
                None => table,
                Some(join) => {
                    let common = join.visible & table.visible;
                    let given = using.iter().filter_map(|name| self.bit(name)).fold(0, |all, bit| all | bit);
                    let by = if at + 1 == sources.len() { common } else { common & given };
                    let hidden = join.hidden | ((join.visible | join.hidden) & table.visible & !by);
                    Join {
                        visible: (join.visible | table.visible) & !hidden,
                        hidden,
                        tables: join.tables | table.tables,
                        has_array: join.has_array || table.has_array,
                    }
                }
            });
        }
        found
    }

    fn covers(&self, join: &Join, needs: &[Name]) -> bool {
        let missing = needs.iter().filter(|need| self.bit(&need.text).is_none_or(|bit| join.visible & bit == 0));
        let mut names: Vec<&str> = missing.map(|need| need.text.as_str()).collect();
        names.dedup();
        names.is_empty() || join.has_array && names.iter().all(|name| *name == names[0])
    }
}
