//! Telling a full disk from what else goes wrong with files.

use std::error::Error;
use std::io::{self, ErrorKind};

/// Whether an error says that the disk has no room. Libraries pack it into errors of their own.
pub(crate) fn no_room(error: &(dyn Error + 'static)) -> bool {
    match error.downcast_ref::<io::Error>() {
        Some(error) => {
            matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge)
                || error.get_ref().is_some_and(|inner| no_room(inner))
        }
        None => false,
    }
}
