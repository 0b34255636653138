//! Files that a scenario names: opened, unpacked and fingerprinted.

use flate2::read::MultiGzDecoder;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::Path;

/// A file that was read for a scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// What it is used as: `demand`, `market use1b`, `prices`.
    pub role: String,
    /// Path as written in the scenario.
    pub file: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// Rows that were used.
    pub rows: u64,
}

/// Why a file could not be used; the line where there is one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}{}: {message}", line_suffix(.line))]
pub(super) struct FileError {
    /// Path as written in the scenario.
    pub(super) file: String,
    /// Line of the unpacked file, from 1.
    pub(super) line: Option<u64>,
    /// What is wrong.
    pub(super) message: String,
}

fn line_suffix(line: &Option<u64>) -> String {
    line.map_or(String::new(), |line| format!(", line {line}"))
}

impl FileError {
    pub(super) fn new(file: &str, message: impl Into<String>) -> Self {
        Self { file: file.to_string(), line: None, message: message.into() }
    }

    pub(super) fn at_line(file: &str, line: u64, message: impl Into<String>) -> Self {
        Self { line: Some(line), ..Self::new(file, message) }
    }
}

/// An open file: its fingerprint and its unpacked bytes.
pub(super) struct OpenSource {
    pub(super) sha256: String,
    pub(super) bytes: Box<dyn Read>,
}

/// Opens `file`, named relative to `folder`, for reading row by row. What begins like gzip is unpacked.
pub(super) fn open(folder: &Path, file: &str) -> Result<OpenSource, FileError> {
    let OpenSource { sha256, bytes } = open_bytes(folder, file)?;
    Ok(OpenSource { sha256, bytes: Box::new(WithLines { inner: bytes, since_line_break: 0 }) })
}

fn open_bytes(folder: &Path, file: &str) -> Result<OpenSource, FileError> {
    let path = folder.join(file);
    let fail = |error: io::Error| FileError::new(file, format!("cannot read {}: {error}", path.display()));
    if !std::fs::metadata(&path).map_err(fail)?.is_file() {
        return Err(FileError::new(file, format!("{} is not a file", path.display())));
    }
    let mut opened = File::open(&path).map_err(fail)?;
    let (sha256, magic) = fingerprint(&mut opened).map_err(fail)?;
    opened.rewind().map_err(fail)?;
    let buffered = BufReader::with_capacity(1 << 16, opened);
    let bytes: Box<dyn Read> =
        if magic == [0x1f, 0x8b] { Box::new(MultiGzDecoder::new(buffered)) } else { Box::new(buffered) };
    Ok(OpenSource { sha256, bytes })
}

/// The largest file that is read as a whole, unpacked.
const MOST_BYTES: u64 = 256 << 20;

/// A whole file as text, unpacked, with its fingerprint.
pub(super) struct WholeText {
    pub(super) sha256: String,
    pub(super) text: String,
}

/// Reads `file`, named relative to `folder`, as a whole.
pub(super) fn read_whole(folder: &Path, file: &str) -> Result<WholeText, FileError> {
    let OpenSource { sha256, bytes } = open_bytes(folder, file)?;
    let mut raw = Vec::new();
    bytes.take(MOST_BYTES + 1).read_to_end(&mut raw).map_err(|error| FileError::new(file, read_failure(&error)))?;
    if raw.len() as u64 > MOST_BYTES {
        return Err(FileError::new(file, "the file is larger than 256 MiB unpacked"));
    }
    let text = String::from_utf8(raw).map_err(|_| FileError::new(file, "the file is not valid UTF-8 text"))?;
    Ok(WholeText { sha256, text })
}

/// The longest line of a file of rows.
const LONGEST_LINE: usize = 1 << 20;

/// Refuses bytes without line breaks: a small packed file can unpack to one endless line.
struct WithLines<R> {
    inner: R,
    since_line_break: usize,
}

impl<R: Read> Read for WithLines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.since_line_break = match buffer[..count].iter().rposition(|byte| *byte == b'\n') {
            Some(last) => count - last - 1,
            None => self.since_line_break + count,
        };
        if self.since_line_break > LONGEST_LINE {
            return Err(io::Error::other("a line is longer than 1 MiB; is this a file of rows?"));
        }
        Ok(count)
    }
}

/// SHA-256 of all bytes, and the first two.
fn fingerprint(file: &mut File) -> io::Result<(String, [u8; 2])> {
    let mut hasher = Sha256::new();
    let mut magic = [0; 2];
    let mut buffer = vec![0; 1 << 16];
    let mut total = 0usize;
    loop {
        let count = file.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        if total == 0 && count >= 2 {
            magic.copy_from_slice(&buffer[..2]);
        }
        total += count;
        hasher.update(&buffer[..count]);
    }
    Ok((hexadecimal(&hasher.finalize()), magic))
}

/// SHA-256 of a text, in hexadecimal.
pub fn fingerprint_of_text(text: &str) -> String {
    hexadecimal(&Sha256::digest(text.as_bytes()))
}

fn hexadecimal(digest: &[u8]) -> String {
    digest.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// What is wrong when reading unpacked bytes fails.
pub(super) fn read_failure(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => "the gzip data end too early: the file is truncated".to_string(),
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => format!("the gzip data are damaged: {error}"),
        _ => format!("cannot be read: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endless_line_is_refused() {
        let mut endless = WithLines { inner: io::repeat(b'0'), since_line_break: 0 };
        let error = io::copy(&mut endless, &mut io::sink()).unwrap_err();
        assert!(error.to_string().contains("longer than 1 MiB"));
    }

    #[test]
    fn fingerprints_are_sha_256() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a"), "abc").unwrap();
        let source = open(folder.path(), "a").unwrap();
        assert_eq!(source.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        let error = open(folder.path(), "b.csv").err().unwrap().to_string();
        assert!(error.starts_with("b.csv: cannot read ") && error.contains("No such file"), "{error}");
        assert!(open(folder.path(), ".").is_err());
    }
}
