//! What questions may cost in a day, all together and by the key that they came with, and what they have cost.
//!
//! It stands in a file of the data directory, so that neither a restart nor a kill begins a new day; every process over the directory
//! counts in the same one. An amount is taken before a query runs and what was not billed is given back after: a process that dies in
//! between leaves it taken. Days are those of UTC.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// Bytes that may be billed in a day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Caps {
    pub per_day: Option<u64>,
    /// For each key, where questions come with one.
    pub per_key: Option<u64>,
}

/// Which cap a query would go beyond.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// What one question may read.
    Request,
    /// What the questions of one key may be billed in a day.
    Key,
    /// What all questions may be billed in a day.
    Day,
}

#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// `spent` of `cap` bytes are gone; a new day begins in `seconds`.
    #[error("{spent} of the {cap} bytes of the day are spent")]
    Spent { limit: Limit, spent: u64, cap: u64, seconds: u32 },
    /// What is not written is not kept, so nothing runs.
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
}

/// The day's account.
#[derive(Debug)]
pub struct Ledger {
    caps: Caps,
    /// `None`: nothing is limited, so nothing is counted.
    file: Option<PathBuf>,
    now: fn() -> DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Day {
    day: NaiveDate,
    bytes: u64,
    keys: BTreeMap<String, u64>,
}

/// Bytes that are taken for a query. What is not settled stays taken.
#[must_use]
#[derive(Debug)]
pub struct Reservation {
    ledger: Arc<Ledger>,
    key: Option<String>,
    day: NaiveDate,
    bytes: u64,
}

impl Ledger {
    /// An account in this file, which is made when it is first written.
    ///
    /// # Errors
    /// [`LedgerError::File`] when it cannot be read or written, or is no account.
    pub fn open(file: PathBuf, caps: Caps) -> Result<Self, LedgerError> {
        let file = (caps != Caps::default()).then_some(file);
        let ledger = Self { caps, file, now: Utc::now };
        // A directory that takes no file is found at the start, not by the first question.
        ledger.change(|_| Ok(()))?;
        Ok(ledger)
    }

    /// Without caps.
    #[must_use]
    pub fn unlimited() -> Self {
        Self { caps: Caps::default(), file: None, now: Utc::now }
    }

    /// Whether nothing is counted.
    #[must_use]
    pub fn is_unlimited(&self) -> bool {
        self.file.is_none()
    }

    /// Takes bytes from the day, and from the key's part of it.
    ///
    /// # Errors
    /// [`LedgerError::Spent`] when a cap has less left.
    pub fn reserve(self: &Arc<Self>, key: Option<&str>, bytes: u64) -> Result<Reservation, LedgerError> {
        let mut day = self.today();
        self.change(|account| {
            day = account.day;
            let of_key = key.map_or(0, |key| account.keys.get(key).copied().unwrap_or(0));
            let key_cap = self.caps.per_key.filter(|_| key.is_some());
            for (limit, spent, cap) in [(Limit::Key, of_key, key_cap), (Limit::Day, account.bytes, self.caps.per_day)] {
                if let Some(cap) = cap.filter(|cap| spent.saturating_add(bytes) > *cap) {
                    return Err(LedgerError::Spent { limit, spent, cap, seconds: self.seconds_to_midnight() });
                }
            }
            account.bytes = account.bytes.saturating_add(bytes);
            if let Some(key) = key {
                *account.keys.entry(key.to_owned()).or_default() = of_key.saturating_add(bytes);
            }
            Ok(())
        })?;
        Ok(Reservation { ledger: Arc::clone(self), key: key.map(str::to_owned), day, bytes })
    }

    /// Bytes of the day so far.
    ///
    /// # Errors
    /// [`LedgerError::File`] when the file cannot be read.
    pub fn spent(&self) -> Result<u64, LedgerError> {
        let Some(file) = &self.file else { return Ok(0) };
        Ok(self.read(file)?.bytes)
    }

    fn today(&self) -> NaiveDate {
        (self.now)().date_naive()
    }

    fn seconds_to_midnight(&self) -> u32 {
        let now = (self.now)();
        let gone = now.time().signed_duration_since(chrono::NaiveTime::MIN).num_seconds();
        u32::try_from(24 * 3600 - gone).unwrap_or(1).max(1)
    }

    fn read(&self, file: &Path) -> Result<Day, LedgerError> {
        let failed = |source| LedgerError::File { path: file.to_owned(), source };
        let today = self.today();
        let fresh = Day { day: today, bytes: 0, keys: BTreeMap::new() };
        match fs::read(file) {
            // A file that was damaged must not begin the day anew.
            Ok(text) => match serde_json::from_slice::<Day>(&text) {
                Ok(day) if day.day >= today => Ok(day),
                Ok(_) => Ok(fresh),
                Err(_) => Err(failed(io::Error::new(io::ErrorKind::InvalidData, "not the account of a day; remove it to begin anew"))),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(fresh),
            Err(error) => Err(failed(error)),
        }
    }

    /// Reads the account, changes it and puts the new one in its place at once, while no other process does.
    fn change(&self, change: impl FnOnce(&mut Day) -> Result<(), LedgerError>) -> Result<(), LedgerError> {
        let Some(file) = &self.file else { return Ok(()) };
        let failed = |source| LedgerError::File { path: file.clone(), source };
        // The lock goes with its file handle, whatever becomes of the process.
        let lock = File::options().create(true).append(true).open(file.with_extension("lock")).map_err(failed)?;
        lock.lock().map_err(failed)?;
        let before = self.read(file)?;
        let mut after = before.clone();
        change(&mut after)?;
        if after != before || !file.exists() {
            replace(file, &after).map_err(failed)?;
        }
        Ok(())
    }
}

fn replace(file: &Path, day: &Day) -> io::Result<()> {
    let aside = file.with_extension("new");
    let mut new = File::create(&aside)?;
    new.write_all(&serde_json::to_vec(day)?)?;
    new.sync_all()?;
    fs::rename(&aside, file)?;
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

impl Reservation {
    /// What they were taken from.
    #[must_use]
    pub fn ledger(&self) -> &Arc<Ledger> {
        &self.ledger
    }

    /// Gives back what was not billed. Of a day that is over, nothing is.
    ///
    /// # Errors
    /// [`LedgerError::File`]; the whole amount stays taken then.
    pub fn settle(self, billed: u64) -> Result<(), LedgerError> {
        let back = self.bytes.saturating_sub(billed);
        self.ledger.change(|account| {
            if account.day == self.day {
                account.bytes = account.bytes.saturating_sub(back);
                if let Some(of_key) = self.key.as_ref().and_then(|key| account.keys.get_mut(key)) {
                    *of_key = of_key.saturating_sub(back);
                }
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests;
