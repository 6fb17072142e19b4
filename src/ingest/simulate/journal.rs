//! How far a simulation is: one small file, replaced whole after each batch that was acknowledged.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Plan, SimulateError};

const FILE: &str = "simulation.json";

/// What is known to have arrived, of the plan that the folder is about.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    state: State,
}

#[derive(Debug, Serialize, Deserialize)]
struct State {
    plan: Plan,
    /// Events, counted from the first.
    acknowledged: u64,
}

impl Journal {
    /// Takes up the plan where the folder says, or begins it.
    ///
    /// # Errors
    /// [`SimulateError::Other`] when the folder is about another plan; [`SimulateError::Disk`].
    pub(super) fn open(folder: &Path, plan: &Plan) -> Result<Self, SimulateError> {
        let path = folder.join(FILE);
        fs::create_dir_all(folder).map_err(|error| disk(folder, error))?;
        let state = match fs::read(&path) {
            // A file that cannot be read as one is of a crash before anything was acknowledged: it is replaced at once otherwise.
            Ok(text) => serde_json::from_slice(&text).ok(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(disk(&path, error)),
        };
        let state = state.unwrap_or_else(|| State { plan: plan.clone(), acknowledged: 0 });
        if state.plan != *plan {
            return Err(SimulateError::Other { path, held: state.plan.run() });
        }
        let journal = Self { path, state };
        journal.save()?;
        Ok(journal)
    }

    /// Removes what a folder says.
    ///
    /// # Errors
    /// [`SimulateError::Disk`].
    pub(super) fn forget(folder: &Path) -> Result<(), SimulateError> {
        match fs::remove_file(folder.join(FILE)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(disk(folder, error)),
            _ => Ok(()),
        }
    }

    /// Events that are known to have arrived.
    pub(super) fn acknowledged(&self) -> u64 {
        self.state.acknowledged
    }

    /// Notes that all events before this one arrived.
    pub(super) fn acknowledge(&mut self, events: u64) -> Result<(), SimulateError> {
        self.state.acknowledged = events;
        self.save()
    }

    /// Makes place for another simulation.
    pub(super) fn finish(self) -> Result<(), SimulateError> {
        fs::remove_file(&self.path).map_err(|error| disk(&self.path, error))
    }

    fn save(&self) -> Result<(), SimulateError> {
        let aside = self.path.with_extension("new");
        let text = serde_json::to_vec(&self.state).expect("a plain struct");
        let write = || {
            let mut file = fs::File::create(&aside)?;
            file.write_all(&text)?;
            file.sync_data()?;
            fs::rename(&aside, &self.path)
        };
        write().map_err(|error| disk(&self.path, error))
    }
}

pub(super) fn disk(path: &Path, error: io::Error) -> SimulateError {
    SimulateError::Disk { path: path.to_owned(), error }
}
