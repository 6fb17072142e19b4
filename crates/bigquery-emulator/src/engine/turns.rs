//! Whose turn it is. Running queries keep to one memory limit together, so that too many at once would be refused for no fault of
//! their own (every sort sets memory aside before its first row), and two threads are not faster with sixty queries than with
//! sixteen. So a query takes a share of the memory before it runs, by what it reads, and waits for it in the order of arrival.
//! Where memory was short nevertheless, the query has its turn once more when no other runs: only what does not fit alone is refused.

use std::sync::Arc;
use std::time::Duration;

use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::execution::memory_pool::MemoryPool;
use datafusion::logical_expr::LogicalPlan;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Into how many shares the memory is divided: as many small queries run at once.
const SHARES: usize = 16;
/// The most of the memory that is kept for one query that others run beside.
const LARGEST_PART: usize = 4;
/// How long a query that runs alone waits for those before it to leave their memory: what is cancelled stops at its next pause.
const LEAVING: Duration = Duration::from_secs(5);
const LOOK_EVERY: Duration = Duration::from_millis(1);

/// The shares of one engine.
pub(super) struct Turns {
    free: Arc<Semaphore>,
    memory: Arc<dyn MemoryPool>,
    share_bytes: usize,
    /// What a query needs that holds any rows at all.
    least_bytes: usize,
    most_bytes: usize,
}

/// A query's part of the memory, until it is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    alone: bool,
    _shares: Option<OwnedSemaphorePermit>,
}

impl Turn {
    /// Whether no other query runs that could be why memory was short.
    pub(crate) fn is_alone(&self) -> bool {
        self.alone
    }
}

impl Turns {
    /// Turns within a limit, of which every query that holds rows needs `least_bytes`.
    pub(super) fn new(memory: Arc<dyn MemoryPool>, limit_bytes: usize, least_bytes: usize) -> Self {
        let share_bytes = (limit_bytes / SHARES).max(1);
        let most_bytes = (limit_bytes / LARGEST_PART).max(least_bytes);
        Self { free: Arc::new(Semaphore::new(SHARES)), memory, share_bytes, least_bytes, most_bytes }
    }

    /// How many shares a query of a plan takes that reads so many bytes.
    pub(super) fn shares(&self, plan: &LogicalPlan, bytes_read: u64) -> u32 {
        if holds_rows(plan) { self.shares_of(bytes_read) } else { 0 }
    }

    /// The shares of work that holds rows of so many bytes.
    pub(super) fn shares_of(&self, bytes: u64) -> u32 {
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        let needed = self.least_bytes.saturating_add(bytes).min(self.most_bytes);
        // At most SHARES, which fits.
        u32::try_from(needed.div_ceil(self.share_bytes).clamp(1, SHARES)).unwrap_or(1)
    }

    /// Waits for a number of shares.
    pub(super) async fn take(&self, shares: u32) -> Turn {
        // The semaphore is never closed.
        let permit = if shares == 0 { None } else { Arc::clone(&self.free).acquire_many_owned(shares).await.ok() };
        Turn { alone: false, _shares: permit }
    }

    /// Waits until no other query holds rows.
    pub(super) async fn take_all(&self) -> Turn {
        let permit = Arc::clone(&self.free).acquire_many_owned(SHARES as u32).await.ok();
        let left = async {
            while self.memory.reserved() > 0 {
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        // What stays longer than that is not a query's.
        let _ = tokio::time::timeout(LEAVING, left).await;
        Turn { alone: true, _shares: permit }
    }
}

/// Whether any part of a plan keeps rows until others have come. The rest passes its rows on as they come.
fn holds_rows(plan: &LogicalPlan) -> bool {
    let mut holds = false;
    let walked = plan.apply_with_subqueries(|node| {
        holds = matches!(
            node,
            LogicalPlan::Aggregate(_)
                | LogicalPlan::Distinct(_)
                | LogicalPlan::Extension(_)
                | LogicalPlan::Join(_)
                | LogicalPlan::RecursiveQuery(_)
                | LogicalPlan::Sort(_)
                | LogicalPlan::Unnest(_)
                | LogicalPlan::Window(_)
        );
        Ok(if holds { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    });
    holds || walked.is_err()
}

#[cfg(test)]
mod tests {
    use datafusion::execution::memory_pool::GreedyMemoryPool;
    use futures::poll;

    use super::*;

    const MIB: usize = 1 << 20;

    fn turns(limit_mib: usize) -> Turns {
        Turns::new(Arc::new(GreedyMemoryPool::new(limit_mib * MIB)), limit_mib * MIB, 24 * MIB)
    }

    #[test]
    fn a_query_takes_a_share_by_what_it_reads() {
        let check =
            |limit_mib, reads_mib: u64, shares| assert_eq!(turns(limit_mib).shares_of(reads_mib << 20), shares, "{limit_mib} {reads_mib}");
        check(1024, 0, 1);
        check(1024, 40, 1);
        check(1024, 100, 2);
        check(1024, 100_000, 4);
        check(32, 0, 12);
        check(32, 100_000, 12);
        check(8, 1, 16);
    }

    #[tokio::test]
    async fn turns_come_in_order_and_alone_means_alone() {
        let turns = turns(1024);
        let first = turns.take(12).await;
        let second = turns.take(4).await;
        assert!(!first.is_alone());
        let mut alone = Box::pin(turns.take_all());
        let mut after = Box::pin(turns.take(1));
        assert!(poll!(&mut alone).is_pending());
        drop(first);
        assert!(poll!(&mut after).is_pending(), "who comes later waits behind");
        assert!(turns.take(0).await._shares.is_none(), "what holds no rows does not wait");
        drop(second);
        let alone = alone.await;
        assert!(alone.is_alone());
        assert!(poll!(&mut after).is_pending());
        drop(alone);
        assert!(!after.await.is_alone());
    }
}
