//! The layers around what a query costs: an estimate under the cap, an amount taken from the day before it runs, the same amount as
//! what BigQuery itself may bill, and what was billed told and settled.

use std::sync::Arc;

use super::{Pipeline, Prepared};
use crate::ask::answer::{Cost, Price};
use crate::ask::ledger::{LedgerError, Limit, Reservation};
use crate::ask::{AskError, AskSettings};
use crate::sql::ReadOnlyQuery;
use crate::warehouse::{DryRun, QueryOutcome, RunOptions, SMALLEST_BYTES_CAP, WarehouseError};

/// On whose account a question is, and what it may read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Account {
    /// Name of the key that the request came with.
    pub(super) key: Option<String>,
    /// Bytes.
    pub(super) cap: u64,
}

impl Account {
    /// The cap of the service, or the lower one that the request asked for.
    pub(super) fn of(key: Option<String>, asked: Option<u64>, settings: &AskSettings) -> Result<Self, AskError> {
        match asked {
            Some(bytes) if bytes < SMALLEST_BYTES_CAP => Err(AskError::Malformed {
                message: format!(
                    "`max_bytes` is {bytes}; BigQuery bills {SMALLEST_BYTES_CAP} bytes at least for a query that reads a table"
                ),
            }),
            asked => Ok(Self { key, cap: asked.map_or(settings.max_bytes_billed, |bytes| bytes.min(settings.max_bytes_billed)) }),
        }
    }

    /// That an estimate is under the cap.
    pub(super) fn affords(&self, estimate: &DryRun) -> Result<(), AskError> {
        let (estimate, cap) = (estimate.bytes_processed, self.cap);
        if estimate > cap { Err(AskError::TooExpensive { estimate, cap, limit: Limit::Request, retry_after_s: None }) } else { Ok(()) }
    }

    /// The most that the query may be billed. Bytes are rounded up to MiB, with 10 MiB for each table, and a table may grow between
    /// the dry run and the run. Where the estimate is no bound, it may be all that the cap permits.
    /// Source: <https://cloud.google.com/bigquery/pricing#on_demand_pricing>
    fn most(&self, estimate: &DryRun) -> u64 {
        if !estimate.accuracy.is_bound() {
            return self.cap;
        }
        let tables = u64::try_from(estimate.tables.len().max(1)).unwrap_or(u64::MAX);
        let bytes = estimate.bytes_processed.saturating_add(estimate.bytes_processed / 4);
        bytes.saturating_add(tables.saturating_mul(SMALLEST_BYTES_CAP)).min(self.cap.max(SMALLEST_BYTES_CAP))
    }
}

impl Pipeline {
    /// Runs a query that was estimated, within its caps.
    pub(super) async fn spend(
        &self,
        query: &ReadOnlyQuery,
        estimate: &DryRun,
        account: &Account,
        max_rows: u32,
    ) -> Result<QueryOutcome, AskError> {
        account.affords(estimate)?;
        let ledger = &self.shared.parts.ledger;
        // Where nothing is counted, BigQuery is told the cap itself.
        let most = if ledger.is_unlimited() { account.cap } else { account.most(estimate) };
        let reservation = self.reserve(account, estimate, most).await?;
        let options = RunOptions { max_bytes_billed: most, ..self.run_options(max_rows) };
        match self.shared.parts.warehouse.run(query, &options).await {
            Ok(outcome) => {
                // What is not known to be less may be all of it.
                settle(reservation, outcome.bytes_billed.unwrap_or(most)).await;
                Ok(outcome)
            }
            Err(error) => {
                if is_free(&error) {
                    settle(reservation, 0).await;
                }
                Err(AskError::of_warehouse(error, query.sql(), account.cap))
            }
        }
    }

    async fn reserve(&self, account: &Account, estimate: &DryRun, most: u64) -> Result<Reservation, AskError> {
        let (ledger, key) = (Arc::clone(&self.shared.parts.ledger), account.key.clone());
        let taken = on_a_thread(&Arc::clone(&ledger), move || ledger.reserve(key.as_deref(), most)).await;
        taken.map_err(|error| match error {
            LedgerError::Spent { limit, spent, cap, seconds } => {
                tracing::warn!(limit = ?limit, spent, cap, "a question was refused: the bytes of the day are spent");
                AskError::TooExpensive {
                    estimate: estimate.bytes_processed,
                    cap: cap - spent.min(cap),
                    limit,
                    retry_after_s: Some(seconds),
                }
            }
            LedgerError::File { .. } => AskError::LedgerFailed { message: error.to_string() },
        })
    }

    /// What is known of the cost before the query runs.
    pub(super) fn estimated(&self, prepared: &Prepared) -> Cost {
        let estimate = &prepared.estimate;
        Cost {
            bytes_estimated: estimate.bytes_processed,
            estimate_accuracy: estimate.accuracy,
            bytes_processed: estimate.bytes_processed,
            bytes_billed: None,
            bytes_cap: prepared.account.cap,
            cache_hit: false,
            price: None,
        }
    }

    /// What a query cost.
    pub(super) fn cost(&self, estimated: Cost, outcome: &QueryOutcome) -> Cost {
        Cost {
            bytes_processed: outcome.bytes_processed,
            bytes_billed: outcome.bytes_billed,
            cache_hit: outcome.cache_hit,
            price: outcome.bytes_billed.and_then(|billed| self.settings().price.as_ref().map(|rate| rate.of(billed))),
            ..estimated
        }
    }
}

/// What a TiB costs where queries are paid for by what they read.
#[derive(Debug, Clone, PartialEq)]
pub struct Rate {
    pub per_tib: f64,
    /// Such as `USD`.
    pub currency: String,
}

impl Rate {
    fn of(&self, bytes: u64) -> Price {
        Price { amount: bytes as f64 / (1_u64 << 40) as f64 * self.per_tib, currency: self.currency.clone() }
    }
}

/// Whether a query that has no rows is known to cost nothing: one that was refused or failed, but not one that was stopped.
/// Source: <https://cloud.google.com/bigquery/pricing#on_demand_pricing>
fn is_free(error: &WarehouseError) -> bool {
    match error {
        WarehouseError::Api { code, .. } => (400..500).contains(code) && !error.is_retryable(),
        WarehouseError::Job { reason, .. } => reason != "stopped",
        WarehouseError::Authentication { .. } => true,
        _ => false,
    }
}

async fn settle(reservation: Reservation, billed: u64) {
    let ledger = Arc::clone(reservation.ledger());
    if let Err(error) = on_a_thread(&ledger, move || reservation.settle(billed)).await {
        tracing::error!(%error, "what a query was billed could not be noted; the whole amount stays taken");
    }
}

/// Writing waits for the disk, which nothing else must.
async fn on_a_thread<T: Send + 'static>(ledger: &crate::ask::Ledger, work: impl FnOnce() -> T + Send + 'static) -> T {
    if ledger.is_unlimited() {
        return work();
    }
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::warehouse::Accuracy;

    #[test]
    fn a_query_may_be_billed_little_more_than_its_estimate() {
        const MIB: u64 = 1 << 20;
        let account = Account { key: None, cap: 1000 * MIB };
        let check = |bytes_processed: u64, tables: usize, accuracy: Accuracy, expected: u64| {
            let tables = vec![String::new(); tables];
            let estimate = DryRun { statement_type: "SELECT".to_owned(), tables, bytes_processed, accuracy, fields: Vec::new() };
            assert_eq!(account.most(&estimate), expected, "{estimate:?}");
        };
        check(0, 0, Accuracy::Precise, 10 * MIB);
        check(100 * MIB, 1, Accuracy::Precise, 135 * MIB);
        check(100 * MIB, 3, Accuracy::UpperBound, 155 * MIB);
        check(900 * MIB, 1, Accuracy::Precise, 1000 * MIB);
        check(1, 1, Accuracy::LowerBound, 1000 * MIB);
        check(1, 1, Accuracy::Unknown, 1000 * MIB);
    }

    #[test]
    fn prices_follow_the_rate() {
        let rate = Rate { per_tib: 6.25, currency: "USD".to_owned() };
        assert_eq!(rate.of(1 << 40), Price { amount: 6.25, currency: "USD".to_owned() });
        assert_eq!(rate.of(0).amount, 0.0);
    }
}
