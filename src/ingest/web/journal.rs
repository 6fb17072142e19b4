//! What a run has fetched so far, on disk: a line for each answer, written before anything is made of it. A run that is broken off
//! goes on from there, and what a part of it landed is known to have landed. When a run is over its journal becomes the cache that
//! conditional requests of the next run are made from.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::WebError;
use super::call::Call;

/// An answer that no further request is sent for, as it came.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Finished {
    pub(super) call: Call,
    /// Without a key.
    pub(super) url: String,
    pub(super) status: u16,
    pub(super) etag: Option<String>,
    pub(super) fetched_at: DateTime<Utc>,
    pub(super) body: String,
    pub(super) outcome: Outcome,
}

/// What the answer came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    Page,
    Absent(String),
    Withdrawn(String),
    /// Tried often enough. Only this one is asked again when the run is taken up.
    Failed(String),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Entry {
    Begun(DateTime<Utc>),
    Finished(Box<Finished>),
    /// All answers above, from the last part on, are landing with this time.
    Landing(DateTime<Utc>),
    Landed(DateTime<Utc>),
}

/// The answers between two places of the journal, and the time that their rows carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) from: u64,
    pub(super) to: u64,
    pub(super) loaded_at: DateTime<Utc>,
    /// Whether some of it may have landed before the run was broken off.
    pub(super) resumed: bool,
}

/// The journal of one service's runs. Whoever has it holds the folder's lock.
#[derive(Debug)]
pub(super) struct Journal {
    folder: PathBuf,
    file: File,
    end: u64,
    begun_at: DateTime<Utc>,
    finished: HashMap<String, Span>,
    /// Where the answers begin that no part holds yet, and how many there are.
    open_from: u64,
    open: usize,
    unlanded: Option<Part>,
    last_landing: DateTime<Utc>,
    previous: Option<Previous>,
    _lock: File,
}

#[derive(Debug, Clone, Copy)]
struct Span {
    from: u64,
    length: usize,
}

/// The journal of the run before.
#[derive(Debug)]
struct Previous {
    file: File,
    tagged: HashMap<String, Span>,
}

const CURRENT: &str = "run.jsonl";
const PREVIOUS: &str = "previous.jsonl";

impl Journal {
    /// Opens the journal of a service, or begins one.
    ///
    /// # Errors
    /// [`WebError::Busy`] when another process has it; [`WebError::State`] when the disk fails.
    pub(super) fn open(folder: &Path, service: &'static str, now: DateTime<Utc>) -> Result<Self, WebError> {
        let state = |error| WebError::State { path: folder.to_owned(), error };
        fs::create_dir_all(folder).map_err(state)?;
        let lock = OpenOptions::new().create(true).append(true).open(folder.join("lock")).map_err(state)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(WebError::Busy { service, path: folder.to_owned() }),
            Err(TryLockError::Error(error)) => return Err(state(error)),
        }
        Self::read(folder, lock, now).map_err(state)
    }

    fn read(folder: &Path, lock: File, now: DateTime<Utc>) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).read(true).append(true).open(folder.join(CURRENT))?;
        let mut journal = Self {
            folder: folder.to_owned(),
            file: file.try_clone()?,
            end: 0,
            begun_at: now,
            finished: HashMap::new(),
            open_from: 0,
            open: 0,
            unlanded: None,
            last_landing: DateTime::UNIX_EPOCH,
            previous: Previous::open(folder)?,
            _lock: lock,
        };
        let mut begun = false;
        let whole = each_entry(&file, 0, |span, entry| {
            match entry {
                Entry::Begun(at) => {
                    journal.begun_at = at;
                    journal.open_from = span.from + span.length as u64;
                    begun = true;
                }
                Entry::Finished(finished) => journal.note(&finished, span),
                Entry::Landing(loaded_at) => {
                    journal.unlanded = Some(Part { from: journal.open_from, to: span.from, loaded_at, resumed: true });
                    (journal.open_from, journal.open) = (span.from + span.length as u64, 0);
                    journal.last_landing = loaded_at;
                }
                Entry::Landed(_) => {
                    journal.unlanded = None;
                    (journal.open_from, journal.open) = (span.from + span.length as u64, 0);
                }
            }
            Ok(())
        })?;
        // The process may have ended in the middle of a line.
        file.set_len(whole)?;
        journal.end = whole;
        if !begun {
            journal.open_from = journal.append(&Entry::Begun(now))?.1;
        }
        Ok(journal)
    }

    fn note(&mut self, finished: &Finished, span: Span) {
        self.open += 1;
        if !matches!(finished.outcome, Outcome::Failed(_)) {
            self.finished.insert(finished.url.clone(), span);
        }
    }

    /// Where the line begins, and the byte after it.
    fn append(&mut self, entry: &Entry) -> io::Result<(Span, u64)> {
        let mut line = serde_json::to_vec(entry)?;
        line.push(b'\n');
        // A line that could not be written whole (a full disk) is taken back, so that the next one does not stand behind it.
        if let Err(error) = self.file.write_all(&line).and_then(|()| self.file.sync_data()) {
            let _ = self.file.set_len(self.end);
            return Err(error);
        }
        let span = Span { from: self.end, length: line.len() };
        self.end += line.len() as u64;
        Ok((span, self.end))
    }

    /// When the run began, however often it was taken up since.
    pub(super) fn begun_at(&self) -> DateTime<Utc> {
        self.begun_at
    }

    /// Keeps an answer.
    pub(super) fn keep(&mut self, finished: Finished) -> Result<Finished, WebError> {
        let entry = Entry::Finished(Box::new(finished));
        let (span, _) = self.append(&entry).map_err(|error| self.state(error))?;
        let Entry::Finished(finished) = entry else { unreachable!("it was made as one two lines above") };
        self.note(&finished, span);
        Ok(*finished)
    }

    /// The answer of this run to an address, if there is one.
    pub(super) fn find(&self, url: &str) -> Result<Option<Finished>, WebError> {
        self.finished.get(url).map(|span| at(&self.file, *span)).transpose().map_err(|error| self.state(error))
    }

    /// The answer of the run before to an address, if the service gave it a tag.
    pub(super) fn tagged(&self, url: &str) -> Result<Option<Finished>, WebError> {
        let Some(previous) = &self.previous else { return Ok(None) };
        previous.tagged.get(url).map(|span| at(&previous.file, *span)).transpose().map_err(|error| self.state(error))
    }

    /// Bytes that were fetched since the last part.
    pub(super) fn open_bytes(&self) -> u64 {
        self.end - self.open_from
    }

    /// A part that was landing when the run was broken off.
    pub(super) fn unlanded(&self) -> Option<Part> {
        self.unlanded
    }

    /// Closes the part that is open, if it holds anything.
    pub(super) fn begin_landing(&mut self, now: DateTime<Utc>) -> Result<Option<Part>, WebError> {
        if self.open == 0 {
            return Ok(None);
        }
        // The time is what tells parts apart, so no two may have the same one.
        let loaded_at = DateTime::from_timestamp_micros(now.timestamp_micros().max(self.last_landing.timestamp_micros() + 1));
        let loaded_at = loaded_at.expect("a microsecond after a time is one for three hundred thousand years");
        let (from, to) = (self.open_from, self.end);
        let (_, end) = self.append(&Entry::Landing(loaded_at)).map_err(|error| self.state(error))?;
        (self.open_from, self.open, self.last_landing) = (end, 0, loaded_at);
        let part = Part { from, to, loaded_at, resumed: false };
        self.unlanded = Some(part);
        Ok(Some(part))
    }

    /// The part has landed.
    pub(super) fn landed(&mut self, part: Part) -> Result<(), WebError> {
        let (_, end) = self.append(&Entry::Landed(part.loaded_at)).map_err(|error| self.state(error))?;
        self.open_from = end;
        self.unlanded = None;
        Ok(())
    }

    /// The answers of a part. One that failed and succeeded later in the run is there only as what it came to.
    pub(super) fn answers(&self, part: Part) -> Result<Vec<Finished>, WebError> {
        let mut answers = Vec::new();
        let read = self.reader(part.from, part.to).and_then(|file| {
            each_entry(file, part.from, |_, entry| {
                if let Entry::Finished(finished) = entry {
                    let came_later = matches!(finished.outcome, Outcome::Failed(_)) && self.finished.contains_key(&finished.url);
                    if !came_later {
                        answers.push(*finished);
                    }
                }
                Ok(())
            })
        });
        read.map_err(|error| self.state(error))?;
        Ok(answers)
    }

    fn reader(&self, from: u64, to: u64) -> io::Result<io::Take<File>> {
        let mut file = File::open(self.folder.join(CURRENT))?;
        file.seek(SeekFrom::Start(from))?;
        Ok(file.take(to - from))
    }

    /// The run is over: its journal becomes the cache of the next.
    pub(super) fn finish(self) -> Result<(), WebError> {
        let Self { folder, file, .. } = &self;
        let renamed = file.sync_all().and_then(|()| fs::rename(folder.join(CURRENT), folder.join(PREVIOUS)));
        renamed.map_err(|error| self.state(error))
    }

    fn state(&self, error: io::Error) -> WebError {
        WebError::State { path: self.folder.clone(), error }
    }
}

impl Previous {
    fn open(folder: &Path) -> io::Result<Option<Self>> {
        let file = match File::open(folder.join(PREVIOUS)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut tagged = HashMap::new();
        each_entry(&file, 0, |span, entry| {
            if let Entry::Finished(finished) = entry
                && finished.etag.is_some()
                && finished.outcome == Outcome::Page
            {
                tagged.insert(finished.url, span);
            }
            Ok(())
        })?;
        Ok(Some(Self { file, tagged }))
    }
}

/// Goes through the whole lines and returns where they end. What stands behind the last whole line is left alone.
fn each_entry(file: impl io::Read, from: u64, mut each: impl FnMut(Span, Entry) -> io::Result<()>) -> io::Result<u64> {
    let mut reader = BufReader::new(file);
    let mut line = Vec::new();
    let mut at = from;
    loop {
        line.clear();
        let length = reader.read_until(b'\n', &mut line)?;
        let Some(text) = line.strip_suffix(b"\n") else { return Ok(at) };
        // Only the end of a journal can be damaged by a crash; what follows a line that is no entry cannot be trusted either.
        let Ok(entry) = serde_json::from_slice(text) else { return Ok(at) };
        each(Span { from: at, length }, entry)?;
        at += length as u64;
    }
}

fn at(mut file: &File, span: Span) -> io::Result<Finished> {
    let mut line = vec![0; span.length];
    file.seek(SeekFrom::Start(span.from))?;
    file.read_exact(&mut line)?;
    match serde_json::from_slice(&line)? {
        Entry::Finished(finished) => Ok(*finished),
        _ => Err(io::Error::new(io::ErrorKind::InvalidData, "the journal was changed while it was read")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(url: &str, etag: Option<&str>, outcome: Outcome) -> Finished {
        Finished {
            call: Call::new("e", "/x"),
            url: url.to_owned(),
            status: 200,
            etag: etag.map(str::to_owned),
            fetched_at: DateTime::UNIX_EPOCH,
            body: "{\"a\": \"é\\n\"}".to_owned(),
            outcome,
        }
    }

    fn time(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn a_journal_goes_on_where_it_was_broken_off() {
        let folder = tempfile::tempdir().unwrap();
        let open = |at| Journal::open(folder.path(), "lastfm", time(at)).unwrap();
        let mut journal = open(1);
        journal.keep(answer("a", None, Outcome::Page)).unwrap();
        journal.keep(answer("b", None, Outcome::Failed("503".to_owned()))).unwrap();
        assert!(matches!(Journal::open(folder.path(), "lastfm", time(2)), Err(WebError::Busy { .. })));
        drop(journal);
        let mut torn = OpenOptions::new().append(true).open(folder.path().join(CURRENT)).unwrap();
        torn.write_all(b"{\"finished\":{\"call\":").unwrap();

        let mut journal = open(3);
        assert_eq!(journal.begun_at(), time(1));
        assert_eq!(journal.find("a").unwrap().unwrap().body, "{\"a\": \"é\\n\"}");
        assert_eq!(journal.find("b").unwrap(), None);
        let part = journal.begin_landing(time(4)).unwrap().unwrap();
        drop(journal);

        let mut journal = open(5);
        let again = journal.unlanded().unwrap();
        assert_eq!(again, Part { resumed: true, ..part });
        assert_eq!(journal.answers(again).unwrap().len(), 2);
        journal.landed(again).unwrap();
        assert_eq!(journal.begin_landing(time(5)).unwrap(), None);
        journal.keep(answer("b", Some("\"t\""), Outcome::Page)).unwrap();
        let next = journal.begin_landing(time(4)).unwrap().unwrap();
        assert!(next.loaded_at > part.loaded_at, "parts are told apart by their time");
        assert_eq!(journal.answers(next).unwrap().len(), 1);
        // What failed at first is not told twice.
        assert_eq!(journal.answers(again).unwrap().len(), 1);
        journal.landed(next).unwrap();
        journal.finish().unwrap();

        let journal = open(9);
        assert_eq!((journal.begun_at(), journal.find("a").unwrap(), journal.unlanded()), (time(9), None, None));
        assert_eq!(journal.tagged("b").unwrap().unwrap().etag.as_deref(), Some("\"t\""));
        assert_eq!(journal.tagged("a").unwrap(), None);
    }
}
