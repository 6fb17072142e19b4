//! What a file of a source says, as a stream: unpacked (zip, gzip), UTF-16 as UTF-8, without a byte order mark. It is read ahead on
//! a thread of its own, a few pieces and no more, so that a file of any size takes the same memory.

use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use encoding_rs::{Decoder, UTF_16BE, UTF_16LE};
use flate2::bufread::MultiGzDecoder;

use super::files::{Place, open_archive};
use super::{IngestError, Progress};

/// How much of the beginning can be looked at before the stream is read.
pub(super) const HEAD_BYTES: usize = 256 * 1024;
const PIECE_BYTES: usize = 256 * 1024;
/// Pieces that may wait to be read.
const PIECES_AHEAD: usize = 4;

/// The content of one file. What of it nobody reads counts as done when this goes.
pub(super) struct Content {
    path: PathBuf,
    head: Vec<u8>,
    /// The piece after the head that is being read.
    piece: Vec<u8>,
    /// How far into the head, then into the piece.
    at: usize,
    in_head: bool,
    pieces: Receiver<Result<Piece, IngestError>>,
    told: Told,
}

/// Some bytes, and how many of the file were read for them.
struct Piece {
    bytes: Vec<u8>,
    packed: u64,
}

/// The part of a bar that is this file's.
struct Told {
    progress: Arc<dyn Progress>,
    left: u64,
}

impl Told {
    fn read(&mut self, bytes: u64) {
        let bytes = bytes.min(self.left);
        self.left -= bytes;
        self.progress.inc(bytes);
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        self.progress.inc(self.left);
    }
}

impl Content {
    /// Begins to read. `size` is what the file counts for in the progress.
    ///
    /// # Errors
    /// When its beginning cannot be read.
    pub(super) fn open(place: &Place, path: PathBuf, size: u64, progress: &Arc<dyn Progress>) -> Result<Self, IngestError> {
        let (sender, pieces) = sync_channel(PIECES_AHEAD);
        let unreadable = |error| IngestError::Unreadable { path: path.clone(), error };
        let (from, shown) = (place.clone(), path.clone());
        let read = move || {
            if let Err(error) = read(&from, &shown, &sender) {
                // Nobody is there to be told when the reader has gone, and then nobody needs to be.
                let _ = sender.send(Err(error));
            }
        };
        thread::Builder::new().name("read".to_owned()).spawn(read).map_err(unreadable)?;
        let told = Told { progress: Arc::clone(progress), left: size };
        let mut content = Self { path, head: Vec::new(), piece: Vec::new(), at: 0, in_head: true, pieces, told };
        while content.head.len() < HEAD_BYTES {
            match content.next_piece()? {
                Some(bytes) if content.head.is_empty() => content.head = bytes,
                Some(bytes) => content.head.extend(bytes),
                None => break,
            }
        }
        Ok(content)
    }

    /// The beginning: all of it, or the first [`HEAD_BYTES`] and perhaps some more.
    pub(super) fn head(&self) -> &[u8] {
        &self.head
    }

    /// An error of reading, with the file's path.
    pub(super) fn unreadable(&self, error: io::Error) -> IngestError {
        // Errors of the thread that reads travel inside.
        match error.downcast::<IngestError>() {
            Ok(error) => error,
            Err(error) => IngestError::Unreadable { path: self.path.clone(), error },
        }
    }

    fn next_piece(&mut self) -> Result<Option<Vec<u8>>, IngestError> {
        match self.pieces.recv() {
            Ok(piece) => {
                let Piece { bytes, packed } = piece?;
                self.told.read(packed);
                Ok(Some(bytes))
            }
            // The end: the thread has gone.
            Err(_) => Ok(None),
        }
    }
}

impl Read for Content {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

impl BufRead for Content {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.in_head && self.at == self.head.len() {
            (self.in_head, self.at) = (false, 0);
        }
        if self.in_head {
            return Ok(&self.head[self.at..]);
        }
        while self.at == self.piece.len() {
            self.at = 0;
            self.piece.clear();
            match self.next_piece().map_err(io::Error::other)? {
                Some(bytes) => self.piece = bytes,
                None => break,
            }
        }
        Ok(&self.piece[self.at..])
    }

    fn consume(&mut self, bytes: usize) {
        self.at += bytes;
    }
}

fn read(place: &Place, shown: &Path, sender: &SyncSender<Result<Piece, IngestError>>) -> Result<(), IngestError> {
    let unreadable = |error| IngestError::Unreadable { path: shown.to_owned(), error };
    match place {
        Place::Disk(path) => {
            let file = std::fs::File::open(path).map_err(unreadable)?;
            send(file, sender).map_err(unreadable)
        }
        Place::Archive { path, member } => {
            let mut archive = open_archive(path)?;
            let member = archive.by_name(member).map_err(|error| IngestError::BrokenArchive { path: shown.to_owned(), error })?;
            send(member, sender).map_err(unreadable)
        }
    }
}

/// Unpacks and sends. By content, not by name: downloads get renamed.
fn send(file: impl Read, sender: &SyncSender<Result<Piece, IngestError>>) -> io::Result<()> {
    let packed = std::cell::Cell::new(0);
    let (start, file) = begun(Counted { file, count: &packed })?;
    let file = BufReader::with_capacity(PIECE_BYTES, file);
    let text: Box<dyn Read> = if start.starts_with(b"\x1F\x8B") { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    let (start, text) = begun(text)?;
    let mut text = BufReader::with_capacity(PIECE_BYTES, text);
    let mut decoder = match start.as_slice() {
        [0xFF, 0xFE, ..] => Some(UTF_16LE.new_decoder_with_bom_removal()),
        [0xFE, 0xFF, ..] => Some(UTF_16BE.new_decoder_with_bom_removal()),
        _ => None,
    };
    if start == b"\xEF\xBB\xBF" {
        text.read_exact(&mut [0; 3])?;
    }
    loop {
        let piece = text.fill_buf()?;
        let (length, last) = (piece.len(), piece.is_empty());
        let bytes = match &mut decoder {
            Some(decoder) => decoded(decoder, piece, last),
            None => piece.to_vec(),
        };
        text.consume(length);
        let gone = !bytes.is_empty() && sender.send(Ok(Piece { bytes, packed: packed.take() })).is_err();
        // Whoever read has gone: it has what it wanted, or failed.
        if gone || last {
            return Ok(());
        }
    }
}

/// The first three bytes, and all of the file.
fn begun<R: Read>(mut file: R) -> io::Result<(Vec<u8>, impl Read)> {
    let mut start = Vec::with_capacity(3);
    file.by_ref().take(3).read_to_end(&mut start)?;
    Ok((start.clone(), io::Cursor::new(start).chain(file)))
}

fn decoded(decoder: &mut Decoder, piece: &[u8], last: bool) -> Vec<u8> {
    let longest = decoder.max_utf8_buffer_length(piece.len()).expect("a piece is far from the longest that memory has");
    let mut text = vec![0; longest];
    let (_, _, written, _) = decoder.decode_to_utf8(piece, &mut text, last);
    text.truncate(written);
    text
}

/// Counts what was read of a file.
struct Counted<'a, R> {
    file: R,
    count: &'a std::cell::Cell<u64>,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.count.set(self.count.get() + read as u64);
        Ok(read)
    }
}
