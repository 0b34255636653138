//! Rows of plain numbers: a time in seconds, and perhaps a second number.
//!
//! Files of requests have millions of rows, so the usual notation (`1457308800.25` or `1457308800.25,0.3`) is read without
//! a general parser. Every other line goes the slow way. Both give the same numbers.

use crate::input::source::{FileError, open, read_failure};
use std::io::{ErrorKind, Read};
use std::path::Path;

/// Bytes that are read at once.
const CHUNK: usize = 1 << 18;

/// One row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct SecondsRow {
    /// Line of the unpacked file, from 1.
    pub(super) line: u64,
    /// Nanoseconds since 1970; what is finer is cut off.
    pub(super) time: i64,
    /// The second number, the nearest double to it.
    pub(super) value: Option<f64>,
}

/// Reads rows one by one, in the order of the file.
pub(super) struct SecondsTrace {
    file: String,
    pub(super) sha256: String,
    bytes: Box<dyn Read>,
    buffer: Vec<u8>,
    /// What is not read yet of the complete lines in the buffer.
    at: usize,
    complete: usize,
    ended: bool,
    line: u64,
}

impl SecondsTrace {
    pub(super) fn open(folder: &Path, file: &str) -> Result<Self, FileError> {
        let source = open(folder, file)?;
        Ok(Self {
            file: file.to_string(),
            sha256: source.sha256,
            bytes: source.bytes,
            buffer: Vec::new(),
            at: 0,
            complete: 0,
            ended: false,
            line: 0,
        })
    }

    /// The next row; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<SecondsRow>, FileError> {
        loop {
            if self.at == self.complete && !self.refill()? {
                return Ok(None);
            }
            self.line += 1;
            let rest = &self.buffer[self.at..self.complete];
            if let Some((time, value, length)) = plain_row(rest) {
                self.at += length;
                return Ok(Some(SecondsRow { line: self.line, time, value }));
            }
            let length = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |end| end + 1);
            let row = any_row(&rest[..length]);
            self.at += length;
            match row {
                Ok(Some((time, value))) => return Ok(Some(SecondsRow { line: self.line, time, value })),
                Ok(None) => {}
                Err(Unreadable::Time(_)) if self.line == 1 => {}
                Err(error) => return Err(FileError::at_line(&self.file, self.line, error.message())),
            }
        }
    }

    /// Gets the next complete lines into the buffer; false when there are none.
    fn refill(&mut self) -> Result<bool, FileError> {
        self.buffer.drain(..self.at);
        self.at = 0;
        while !self.ended {
            let filled = self.buffer.len();
            self.buffer.resize(filled + CHUNK, 0);
            let count = match self.bytes.read(&mut self.buffer[filled..]) {
                Err(error) if error.kind() == ErrorKind::Interrupted => 0,
                Err(error) => return Err(FileError::at_line(&self.file, self.line + 1, read_failure(&error))),
                Ok(count) => {
                    self.ended = count == 0;
                    count
                }
            };
            self.buffer.truncate(filled + count);
            if let Some(end) = self.buffer[filled..].iter().rposition(|byte| *byte == b'\n') {
                self.complete = filled + end + 1;
                return Ok(true);
            }
        }
        self.complete = self.buffer.len();
        Ok(self.complete > 0)
    }
}

/// Powers of ten that are doubles exactly.
const TENS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
];

/// Digits with at most one point: `digits / 10^decimals`.
struct Decimal {
    digits: u64,
    decimals: usize,
}

impl Decimal {
    /// A number of at most 18 digits that begins at `at`, and where it ends.
    #[inline]
    fn read(bytes: &[u8], at: usize) -> Option<(Self, usize)> {
        let (mut digits, mut decimals, mut end) = (0_u64, 0, at);
        let mut point = None;
        loop {
            match bytes.get(end) {
                Some(byte @ b'0'..=b'9') => digits = digits.wrapping_mul(10).wrapping_add(u64::from(byte - b'0')),
                Some(b'.') if point.is_none() => point = Some(end),
                _ => break,
            }
            end += 1;
        }
        let mut count = end - at;
        if let Some(point) = point {
            count -= 1;
            decimals = end - point - 1;
            if point == at {
                return None;
            }
        }
        (1..=18).contains(&count).then_some((Self { digits, decimals }, end))
    }

    fn nanos(&self) -> Option<i64> {
        let nanos = match 9_usize.checked_sub(self.decimals) {
            Some(missing) => self.digits.checked_mul(10_u64.pow(missing as u32))?,
            None => self.digits / 10_u64.pow((self.decimals - 9) as u32),
        };
        i64::try_from(nanos).ok()
    }

    /// The nearest double: a quotient of two exact doubles is rounded once (W. D. Clinger, 1990).
    fn value(&self) -> Option<f64> {
        (self.digits < 1 << 53).then(|| self.digits as f64 / TENS[self.decimals])
    }
}

/// A row in the usual notation: time, value, and its length with the line's end.
#[inline]
fn plain_row(bytes: &[u8]) -> Option<(i64, Option<f64>, usize)> {
    let (time, mut end) = Decimal::read(bytes, 0)?;
    let mut value = None;
    if bytes.get(end) == Some(&b',') {
        let (number, behind) = Decimal::read(bytes, end + 1)?;
        (value, end) = (Some(number.value()?), behind);
    }
    end += usize::from(bytes.get(end) == Some(&b'\r'));
    (bytes.get(end) == Some(&b'\n')).then_some((time.nanos()?, value, end + 1))
}

/// Why a line is not a row.
enum Unreadable {
    NoText,
    Time(String),
    OutOfRange(String),
    Value(String),
    TooManyFields(usize),
}

impl Unreadable {
    fn message(&self) -> String {
        match self {
            Self::NoText => "the line is not valid UTF-8".to_string(),
            Self::Time(found) | Self::Value(found) => format!("{found:?} is not a plain number such as 1457308800.25"),
            Self::OutOfRange(found) => format!("the time {found:?} lies outside the years 1678 to 2261"),
            Self::TooManyFields(count) => format!("{count} fields where one or two numbers are expected"),
        }
    }
}

/// A row in any notation; `None` for an empty line.
fn any_row(line: &[u8]) -> Result<Option<(i64, Option<f64>)>, Unreadable> {
    let text = std::str::from_utf8(line).map_err(|_| Unreadable::NoText)?.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        return Ok(None);
    }
    let bare = |field: &str| field.trim().trim_matches('"').trim().to_string();
    let fields: Vec<String> = text.split(',').map(bare).collect();
    if fields.len() > 2 {
        return Err(Unreadable::TooManyFields(fields.len()));
    }
    let shown = |field: &str| field.chars().take(60).collect::<String>();
    let time = nanoseconds(&fields[0]).ok_or_else(|| Unreadable::Time(shown(&fields[0])))?;
    let value = fields.get(1).map(|field| field.parse::<f64>().map_err(|_| Unreadable::Value(shown(field))));
    Ok(Some((time.ok_or_else(|| Unreadable::OutOfRange(shown(&fields[0])))?, value.transpose()?)))
}

/// A decimal number of seconds, perhaps with an exponent, as nanoseconds; what is finer is cut off.
///
/// `None`: not such a number; `Some(None)`: out of range.
fn nanoseconds(text: &str) -> Option<Option<i64>> {
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !plain(whole) || !plain(fraction) {
        return None;
    }
    let exponent: i64 = exponent.parse().ok()?;
    let digits = format!("{whole}{fraction}");
    let digits = digits.trim_start_matches('0');
    // How many digits stand before the nanoseconds' point.
    let length = (digits.len() as i64 - fraction.len() as i64).saturating_add(exponent).saturating_add(9);
    if digits.is_empty() || length <= 0 {
        return Some(Some(0));
    }
    if length > 19 {
        return Some(None);
    }
    let length = length as usize;
    let kept = format!("{:0<length$}", &digits[..digits.len().min(length)]);
    Some(kept.parse::<i64>().ok().map(|nanos| if negative { -nanos } else { nanos }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::repeatable::repeatable;
    use proptest::prelude::*;

    /// The rows of a file, or its first error.
    fn rows(bytes: &[u8]) -> Result<Vec<SecondsRow>, String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.csv"), bytes).unwrap();
        let mut trace = SecondsTrace::open(folder.path(), "a.csv").unwrap();
        let mut rows = Vec::new();
        while let Some(row) = trace.next().map_err(|error| error.to_string())? {
            rows.push(row);
        }
        Ok(rows)
    }

    fn row(line: u64, time: i64, value: Option<f64>) -> SecondsRow {
        SecondsRow { line, time, value }
    }

    #[test]
    fn headers_blank_lines_and_every_notation_are_read() {
        const SECOND: i64 = 1_000_000_000;
        let text = "\u{feff}time,work\r\n1,0.5\r\n\n 2.25 , 1e-1 \n\"3\",\"4\"\n-1.5\n2e1,7\n1.5E-1\n0007.1234567899";
        let expected = [
            row(2, SECOND, Some(0.5)),
            row(4, 2 * SECOND + SECOND / 4, Some(0.1)),
            row(5, 3 * SECOND, Some(4.0)),
            row(6, -SECOND - SECOND / 2, None),
            row(7, 20 * SECOND, Some(7.0)),
            row(8, 150_000_000, None),
            row(9, 7_123_456_789, None),
        ];
        assert_eq!(rows(text.as_bytes()).unwrap(), expected);
        assert_eq!(rows(b"5").unwrap(), [row(1, 5 * SECOND, None)]);
        assert_eq!(rows(b"").unwrap(), []);
    }

    #[test]
    fn what_is_no_row_is_named_by_line() {
        for (text, message) in [
            ("1\n2\nthree\n", "a.csv, line 3: \"three\" is not a plain number"),
            ("t\nu\n", "a.csv, line 2: \"u\" is not"),
            ("1,2,3\n", "a.csv, line 1: 3 fields"),
            ("1,\n", "a.csv, line 1: \"\" is not"),
            ("1\n.5\n", "a.csv, line 2: \".5\" is not"),
            ("1\n99999999999\n", "a.csv, line 2: the time \"99999999999\" lies outside"),
            ("1\ninf\n", "a.csv, line 2: \"inf\" is not"),
        ] {
            let error = rows(text.as_bytes()).unwrap_err();
            assert!(error.starts_with(message), "{error}");
        }
        assert!(rows(b"1\n\xff\n").unwrap_err().contains("line 2: the line is not valid UTF-8"));
    }

    #[test]
    fn lines_may_cross_the_ends_of_chunks() {
        let count = 3 * CHUNK as i64 / 8;
        let text: String = (0..count).map(|i| format!("{i}.5,{i}\n")).collect();
        let read = rows(text.as_bytes()).unwrap();
        assert_eq!(read.len() as i64, count);
        for (i, found) in (0..).zip(read) {
            assert_eq!(found, row(i as u64 + 1, i * 1_000_000_000 + 500_000_000, Some(i as f64)));
        }
    }

    proptest! {
        #![proptest_config(repeatable(2000))]

        #[test]
        fn the_fast_way_reads_what_the_slow_way_reads(text in "[0-9]{1,12}(\\.[0-9]{0,12})?(,[0-9]{1,17}(\\.[0-9]{0,12})?)?\r?\n") {
            let slow = any_row(text.as_bytes());
            if let Some((time, value, length)) = plain_row(text.as_bytes()) {
                prop_assert_eq!(length, text.len());
                let Ok(Some((slow_time, slow_value))) = slow else { return Err(TestCaseError::fail(text)) };
                prop_assert_eq!((time, value.map(f64::to_bits)), (slow_time, slow_value.map(f64::to_bits)));
            }
        }
    }

    proptest! {
        #![proptest_config(repeatable(256))]

        #[test]
        fn any_bytes_give_rows_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = rows(&bytes);
        }
    }
}
