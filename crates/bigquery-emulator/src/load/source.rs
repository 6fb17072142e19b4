//! The bytes of a load: a range of a spooled upload, gunzipped on the way if need be.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use parquet::errors::Result as ParquetResult;
use parquet::file::reader::{ChunkReader, Length};

use super::encoding::Encoding;

const BUFFER_BYTES: usize = 256 * 1024;
/// Rows that compress better than this are none; gzip itself ends at about 1,000.
const MAX_TIMES_UNPACKED: u64 = 200;
/// What a gzipped file may hold however small it is.
const MAX_ANYHOW_UNPACKED: u64 = 256 * 1024 * 1024;
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
/// The byte order mark in UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// What is read from the beginning.
pub(super) type Text = BufReader<Box<dyn Read + Send>>;

/// Bytes `start..end` of a file.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) path: PathBuf,
    pub(crate) start: u64,
    pub(crate) end: u64,
}

impl Source {
    /// The size as uploaded.
    pub(crate) fn bytes(&self) -> u64 {
        self.end - self.start
    }

    /// Text from the beginning, decompressed, as UTF-8 without a byte order mark.
    pub(crate) fn open_text(&self, encoding: Encoding) -> io::Result<Text> {
        let mut text = BufReader::with_capacity(BUFFER_BYTES, encoding.decode(Box::new(self.open()?)));
        if text.fill_buf()?.starts_with(MARK) {
            text.consume(MARK.len());
        }
        Ok(text)
    }

    /// Bytes from the beginning, decompressed.
    pub(crate) fn open(&self) -> io::Result<Text> {
        let mut magic = [0; 2];
        let gzipped = self.bytes() >= 2 && {
            self.range(0)?.read_exact(&mut magic)?;
            magic == GZIP_MAGIC
        };
        let reader: Box<dyn Read + Send> =
            if gzipped { Box::new(Unpacked::new(BufReader::new(self.range(0)?), self.bytes())) } else { Box::new(self.range(0)?) };
        Ok(BufReader::with_capacity(BUFFER_BYTES, reader))
    }

    /// These bytes as a file of their own: this one, when it holds nothing else.
    pub(crate) fn alone(&self, temp_dir: &Path) -> io::Result<PathBuf> {
        if self.start == 0 && std::fs::metadata(&self.path)?.len() == self.end {
            return Ok(self.path.clone());
        }
        let (mut file, path) = tempfile::NamedTempFile::new_in(temp_dir)?.keep()?;
        io::copy(&mut self.range(0)?, &mut file)?;
        Ok(path)
    }

    fn range(&self, offset: u64) -> io::Result<io::Take<File>> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(self.start + offset))?;
        Ok(file.take(self.bytes().saturating_sub(offset)))
    }
}

/// What a gzipped file holds. One that unfolds beyond all measure was made to do harm.
struct Unpacked<R: BufRead> {
    inner: MultiGzDecoder<R>,
    left: u64,
}

impl<R: BufRead> Unpacked<R> {
    fn new(packed: R, packed_bytes: u64) -> Self {
        Self { inner: MultiGzDecoder::new(packed), left: unpacked_limit(packed_bytes) }
    }
}

/// The most that so many packed bytes may hold.
pub(crate) fn unpacked_limit(packed_bytes: u64) -> u64 {
    packed_bytes.saturating_mul(MAX_TIMES_UNPACKED).max(MAX_ANYHOW_UNPACKED)
}

impl<R: BufRead> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.left = self.left.checked_sub(read as u64).ok_or_else(bomb)?;
        Ok(read)
    }
}

/// The error of a file that holds too much.
pub(crate) fn bomb() -> io::Error {
    let message = format!("the gzipped file unpacks to more than {MAX_TIMES_UNPACKED} times its size");
    io::Error::new(io::ErrorKind::InvalidData, message)
}

impl Length for Source {
    fn len(&self) -> u64 {
        self.bytes()
    }
}

impl ChunkReader for Source {
    type T = BufReader<io::Take<File>>;

    fn get_read(&self, start: u64) -> ParquetResult<Self::T> {
        Ok(BufReader::new(self.range(start)?))
    }

    fn get_bytes(&self, start: u64, length: usize) -> ParquetResult<Bytes> {
        let mut bytes = vec![0; length];
        self.range(start)?.read_exact(&mut bytes)?;
        Ok(bytes.into())
    }
}
