//! Tables aside that hold the parts of a load which is larger than one, until all of it is there and takes its place at once.

use std::sync::Arc;
use std::time::Duration;

use super::parts::Part;
use super::{IngestError, PartSink, Write, tables};
use crate::catalog::Table;

/// What is left of a load that was killed goes by itself after this.
pub(super) const KEPT: Duration = Duration::from_secs(24 * 3600);
/// How long to try to remove what a failed load leaves: the warehouse may be what failed.
const CLEANING: Duration = Duration::from_secs(10);

/// The tables aside of one load.
pub(super) struct Staging<'a> {
    sink: &'a dyn PartSink,
    tables: Vec<Staged>,
}

struct Staged {
    of: Arc<Table>,
    aside: Table,
    rows: u64,
}

impl<'a> Staging<'a> {
    pub(super) fn new(sink: &'a dyn PartSink) -> Self {
        Self { sink, tables: Vec::new() }
    }

    /// Adds a part to the rows of a table that wait.
    ///
    /// # Errors
    /// What the warehouse says; [`IngestError::RowsLost`].
    pub(super) async fn add(&mut self, table: &Arc<Table>, part: &Part) -> Result<(), IngestError> {
        let at = match self.tables.iter().position(|staged| staged.of.name == table.name) {
            Some(at) => at,
            None => {
                // A name that no other load has.
                let name = format!("{}_loading_{}", table.name, &uuid::Uuid::new_v4().simple().to_string()[..12]);
                let aside = Table { name, description: format!("Rows on their way to {}.", table.name), ..Table::clone(table) };
                // Noted first: a table whose answer was lost is there all the same.
                self.tables.push(Staged { of: Arc::clone(table), aside, rows: 0 });
                let at = self.tables.len() - 1;
                self.sink.create_passing_table(tables::RAW, &self.tables[at].aside, KEPT).await?;
                at
            }
        };
        let staged = &mut self.tables[at];
        load_part(self.sink, &staged.aside, part, Write::Append).await?;
        staged.rows += part.rows;
        Ok(())
    }

    /// The table aside that has rows of a table, if any, and how many.
    pub(super) fn of(&self, table: &Table) -> Option<(&Table, u64)> {
        let staged = self.tables.iter().find(|staged| staged.of.name == table.name)?;
        Some((&staged.aside, staged.rows))
    }

    /// Removes the tables aside.
    pub(super) async fn remove(self) {
        let removed = async {
            for staged in &self.tables {
                if let Err(error) = self.sink.delete_table(tables::RAW, &staged.aside.name).await {
                    tracing::warn!(table = staged.aside.name, %error, "a table aside was not removed; it expires in a day");
                }
            }
        };
        if tokio::time::timeout(CLEANING, removed).await.is_err() {
            tracing::warn!("tables aside were not removed in time; they expire in a day");
        }
    }
}

/// Loads a part into a table.
///
/// # Errors
/// What the warehouse says; [`IngestError::RowsLost`].
pub(super) async fn load_part(sink: &dyn PartSink, table: &Table, part: &Part, write: Write) -> Result<(), IngestError> {
    let taken = sink.load_parquet(tables::RAW, table, &part.file, write).await?;
    if taken == part.rows {
        return Ok(());
    }
    Err(IngestError::RowsLost { table: table.name.clone(), sent: part.rows, taken })
}
