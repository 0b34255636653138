//! What is wrong with an input, and where.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// Everything that is wrong with an input.
///
/// Its `Display` is plain text: `file:line:column: message`, the line itself with carets, and help.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Diagnostic {
    /// Name of the document (a path, `--mix`).
    pub source_name: String,
    /// Text of the document, if it could be read.
    pub source_text: Option<Arc<str>>,
    /// The problems, at least one.
    pub problems: Vec<Problem>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong, what was found and what would be right.
    pub message: String,
    /// Bytes of the document's text.
    pub span: Option<Range<usize>>,
    /// JSON pointer into the document.
    pub pointer: Option<String>,
    /// Whether the key at the pointer is meant rather than its value.
    pub about_key: bool,
    /// What to do about it.
    pub help: Option<String>,
}

impl Problem {
    /// A problem without a place.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), span: None, pointer: None, about_key: false, help: None }
    }

    /// A problem at a JSON pointer.
    pub fn at(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { pointer: Some(pointer.into()), ..Self::new(message) }
    }

    /// The same problem at these bytes of the document.
    pub fn spanning(self, span: Range<usize>) -> Self {
        Self { span: Some(span), ..self }
    }

    /// The same problem with advice.
    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// The message, after its JSON pointer where there is one.
    pub fn placed_message(&self) -> String {
        match &self.pointer {
            Some(pointer) if !pointer.is_empty() => format!("{pointer}: {}", self.message),
            _ => self.message.clone(),
        }
    }
}

impl Diagnostic {
    /// One problem with a document that has no text to show.
    pub fn without_text(source_name: impl Into<String>, problem: Problem) -> Self {
        Self { source_name: source_name.into(), source_text: None, problems: vec![problem] }
    }

    /// Line and column (from 1) of a byte of the text.
    fn position(text: &str, byte: usize) -> (usize, usize) {
        let before = &text[..floor_boundary(text, byte)];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }

    /// The line of the first problem, if it has a place.
    pub(super) fn first_line(&self) -> Option<u64> {
        let span = self.problems.first()?.span.as_ref()?;
        Some(Self::position(self.source_text.as_deref()?, span.start).0 as u64)
    }

    fn write_problem(&self, f: &mut fmt::Formatter<'_>, problem: &Problem) -> fmt::Result {
        let place = self.source_text.as_deref().zip(problem.span.clone());
        match &place {
            Some((text, span)) => {
                let (line, column) = Self::position(text, span.start);
                write!(f, "{}:{line}:{column}: {}", self.source_name, problem.placed_message())?;
                write_excerpt(f, text, span, line)?;
            }
            None => write!(f, "{}: {}", self.source_name, problem.placed_message())?,
        }
        match &problem.help {
            Some(help) => write!(f, "\n  help: {help}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            self.write_problem(f, problem)?;
        }
        Ok(())
    }
}

/// The largest character boundary that is not beyond `byte`.
fn floor_boundary(text: &str, byte: usize) -> usize {
    let mut byte = byte.min(text.len());
    while !text.is_char_boundary(byte) {
        byte -= 1;
    }
    byte
}

/// The line of the span with carets under it; long lines are cut around the span.
fn write_excerpt(f: &mut fmt::Formatter<'_>, text: &str, span: &Range<usize>, line_number: usize) -> fmt::Result {
    const BEFORE: usize = 60;
    const WIDTH: usize = 100;
    let start = floor_boundary(text, span.start);
    let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
    let line_end = text[start..].find('\n').map_or(text.len(), |newline| start + newline);
    let column = text[line_start..start].chars().count();
    let skipped = column.saturating_sub(BEFORE);
    let shown: String = text[line_start..line_end].chars().skip(skipped).take(WIDTH).map(printable).collect();
    let shown = shown.trim_end();
    if shown.is_empty() {
        return Ok(());
    }
    let marked = text[start..floor_boundary(text, span.end).max(start).min(line_end)].chars().count();
    let carets = marked.clamp(1, (WIDTH + skipped).saturating_sub(column).max(1));
    let label = line_number.to_string();
    write!(
        f,
        "\n  {label} | {shown}\n  {:blank$} | {:indent$}{}",
        "",
        "",
        "^".repeat(carets),
        blank = label.len(),
        indent = column - skipped
    )
}

/// Control characters take one blank so that carets stay below what they mark.
fn printable(c: char) -> char {
    if c.is_control() { ' ' } else { c }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_and_the_line_are_shown() {
        let diagnostic = Diagnostic {
            source_name: "scenario.json".into(),
            source_text: Some("{\n  \"slotz\": 4\n}".into()),
            problems: vec![
                Problem::at("/slotz", "unknown key `slotz`").spanning(4..11).help("write `slots`"),
                Problem::new("something else"),
            ],
        };
        let expected = "scenario.json:2:3: /slotz: unknown key `slotz`\n  2 |   \"slotz\": 4\n    |   ^^^^^^^\n  \
                        help: write `slots`\nscenario.json: something else";
        assert_eq!(diagnostic.to_string(), expected);
    }

    #[test]
    fn any_span_can_be_shown() {
        let text: Arc<str> = format!("é{}ü", "x".repeat(500)).into();
        for (start, end) in [(0, 1), (1, 9999), (400, 300), (503, 504), (9999, 9999)] {
            let problem = Problem::new("m").spanning(Range { start, end });
            let diagnostic =
                Diagnostic { source_name: "s".into(), source_text: Some(text.clone()), problems: vec![problem] };
            assert!(diagnostic.to_string().contains("^"));
        }
    }
}
