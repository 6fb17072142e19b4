//! One process owns a data directory. The lock is the operating system's, so that it dies with its owner; the file's first
//! line is the address of the owner's endpoint, so that other processes can work through it.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::thread;
use std::time::Duration;

const FILE_NAME: &str = "lock";

/// A look by [`DirectoryLock::owner_of`] holds the lock for a moment; these many attempts outlast it.
const ATTEMPTS: u32 = 5;
const PAUSE: Duration = Duration::from_millis(10);

/// Why the lock was not taken.
#[derive(Debug)]
pub enum LockError {
    Held { address: Option<SocketAddr> },
    Io(io::Error),
}

/// The lock on a data directory; released when dropped or when the process dies.
#[derive(Debug)]
pub struct DirectoryLock {
    file: File,
}

impl DirectoryLock {
    /// Creates the directory if need be and takes its lock.
    ///
    /// # Errors
    /// [`LockError::Held`] with the owner's address, or what the disk said.
    pub fn acquire(data_dir: &Path) -> Result<Self, LockError> {
        fs::create_dir_all(data_dir).map_err(LockError::Io)?;
        let path = data_dir.join(FILE_NAME);
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(LockError::Io)?;
        let mut attempt = 1;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::Error(e)) => return Err(LockError::Io(e)),
                Err(TryLockError::WouldBlock) if attempt < ATTEMPTS => {
                    attempt += 1;
                    thread::sleep(PAUSE);
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(LockError::Held { address: read_address(&path) });
                }
            }
        }
        // The address of an owner that died must not be taken for ours.
        file.set_len(0).map_err(LockError::Io)?;
        Ok(Self { file })
    }

    /// Writes the endpoint's address as the first line.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn announce(&self, address: SocketAddr) -> io::Result<()> {
        let mut file = &self.file;
        file.set_len(0)?;
        file.seek(SeekFrom::Start(0))?;
        writeln!(file, "{address}")?;
        file.sync_data()
    }

    /// The address recorded by a live owner.
    #[must_use]
    pub fn owner_of(data_dir: &Path) -> Option<SocketAddr> {
        let path = data_dir.join(FILE_NAME);
        let file = File::open(&path).ok()?;
        match file.try_lock_shared() {
            Err(TryLockError::WouldBlock) => read_address(&path),
            Ok(()) | Err(TryLockError::Error(_)) => None,
        }
    }
}

impl Drop for DirectoryLock {
    fn drop(&mut self) {
        // Only tidiness: a stale address is never believed without a held lock.
        let _ = self.file.set_len(0);
    }
}

fn read_address(path: &Path) -> Option<SocketAddr> {
    let mut text = String::new();
    File::open(path).ok()?.read_to_string(&mut text).ok()?;
    text.lines().next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn second_owner_is_told_the_address_of_the_first() {
        let dir = tempfile::tempdir().unwrap();
        let address: SocketAddr = "127.0.0.1:4321".parse().unwrap();
        let lock = DirectoryLock::acquire(dir.path()).unwrap();
        assert_eq!(DirectoryLock::owner_of(dir.path()), None);
        lock.announce(address).unwrap();
        assert_eq!(DirectoryLock::owner_of(dir.path()), Some(address));
        match DirectoryLock::acquire(dir.path()) {
            Err(LockError::Held { address: found }) => assert_eq!(found, Some(address)),
            other => panic!("expected the lock to be held, got {other:?}"),
        }
        drop(lock);
        assert_eq!(DirectoryLock::owner_of(dir.path()), None);
        DirectoryLock::acquire(dir.path()).unwrap();
    }
}
