//! Failures in words: with the lines of the document and marks on a terminal, as plain text elsewhere.

use super::exit::Failure;
use crate::input::Diagnostic;
use miette::{GraphicalReportHandler, LabeledSpan, NamedSource, SourceCode};
use std::fmt;
use std::io::{IsTerminal, Write, stderr};

/// Prints a failure on the standard error.
pub(super) fn report(failure: &Failure) {
    let text = match failure {
        Failure::Input(diagnostic) if stderr().is_terminal() => graphical(diagnostic),
        Failure::Input(diagnostic) => format!("error: {diagnostic}"),
        Failure::Other { message, help } if help.is_empty() => format!("error: {message}"),
        Failure::Other { message, help } => format!("error: {message}\n  help: {help}"),
        Failure::Interrupted(message) => message.clone(),
        Failure::ReaderGone => return,
    };
    // Without a standard error there is nobody to tell.
    let _ = writeln!(stderr().lock(), "{}", text.trim_end());
}

/// The document's lines with a label at each problem.
fn graphical(diagnostic: &Diagnostic) -> String {
    let mut text = String::new();
    let report = Report::new(diagnostic);
    match GraphicalReportHandler::new().render_report(&mut text, &report) {
        Ok(()) => text,
        Err(fmt::Error) => format!("error: {diagnostic}"),
    }
}

/// A diagnostic as miette wants it.
#[derive(Debug)]
struct Report {
    message: String,
    source: Option<NamedSource<String>>,
    labels: Vec<LabeledSpan>,
    help: Option<String>,
}

impl Report {
    fn new(diagnostic: &Diagnostic) -> Self {
        let name = &diagnostic.source_name;
        let mut unplaced = Vec::new();
        let mut labels = Vec::new();
        for problem in &diagnostic.problems {
            match (&problem.span, &diagnostic.source_text) {
                (Some(span), Some(_)) => {
                    labels.push(LabeledSpan::new_with_span(Some(problem.message.clone()), span.clone()));
                }
                _ => unplaced.push(problem.placed_message()),
            }
        }
        let message = match diagnostic.problems.as_slice() {
            [only] => format!("{name}: {}", only.placed_message()),
            many if unplaced.is_empty() => format!("{} problems in {name}", many.len()),
            many => format!("{} problems in {name}\n{}", many.len(), unplaced.join("\n")),
        };
        let help: Vec<&str> = diagnostic.problems.iter().filter_map(|problem| problem.help.as_deref()).collect();
        let source = diagnostic.source_text.as_ref().map(|text| NamedSource::new(name, text.to_string()));
        Self { message, source, labels, help: (!help.is_empty()).then(|| help.join("\n")) }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Report {}

impl miette::Diagnostic for Report {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().filter(|_| !self.labels.is_empty()).map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        (!self.labels.is_empty()).then(|| Box::new(self.labels.iter().cloned()) as Box<dyn Iterator<Item = _>>)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::Problem;

    #[test]
    fn several_problems_are_labelled_in_one_report() {
        let diagnostic = Diagnostic {
            source_name: "s.json".into(),
            source_text: Some("{\n  \"a\": 1,\n  \"b\": 2\n}".into()),
            problems: vec![
                Problem::at("/a", "first wrong").spanning(9..10),
                Problem::at("/b", "second wrong").spanning(19..20).help("write 3"),
                Problem::new("third wrong"),
            ],
        };
        let text = graphical(&diagnostic);
        for part in ["3 problems in s.json", "first wrong", "second wrong", "third wrong", "write 3", "s.json:2:8"] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }
}
