//! A JSON document with comments: its text, its tree, and where each value stands.

use super::{Diagnostic, Problem};
use crate::scenario::pointer_child;
use jsonc_parser::ast;
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use serde_json::{Map, Value};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

/// Largest size of a document in bytes.
pub const MAX_DOCUMENT_BYTES: u64 = 16 << 20;
/// Deepest nesting of lists and objects.
pub const MAX_DEPTH: usize = 64;

/// Strict JSON but for comments and trailing commas.
const SYNTAX: ParseOptions = ParseOptions {
    allow_comments: true,
    allow_trailing_commas: true,
    allow_loose_object_property_names: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// A JSON document with comments.
#[derive(Debug, Clone)]
pub struct Document {
    /// Name in messages, usually the path.
    pub name: String,
    /// The text.
    pub text: Arc<str>,
    /// The values.
    pub tree: Value,
}

impl Document {
    /// Reads a file.
    pub fn read(path: &Path) -> Result<Self, Diagnostic> {
        let name = path.display().to_string();
        let fail = |message: String| Err(Diagnostic::without_text(&name, Problem::new(message)));
        let metadata = match std::fs::metadata(path) {
            Ok(metadata) => metadata,
            Err(error) => return fail(format!("cannot read the scenario: {error}")),
        };
        if !metadata.is_file() {
            return fail("this is not a file; name the scenario's JSON file".to_string());
        }
        if metadata.len() > MAX_DOCUMENT_BYTES {
            return fail(format!("the file has {} bytes; a scenario has at most {MAX_DOCUMENT_BYTES}", metadata.len()));
        }
        match std::fs::read(path) {
            Ok(bytes) => Self::from_bytes(&name, bytes),
            Err(error) => fail(format!("cannot read the scenario: {error}")),
        }
    }

    /// Parses bytes that must be UTF-8.
    pub fn from_bytes(name: &str, bytes: Vec<u8>) -> Result<Self, Diagnostic> {
        let text = String::from_utf8(bytes).map_err(|error| {
            let valid = error.utf8_error().valid_up_to();
            let line = error.as_bytes()[..valid].iter().filter(|byte| **byte == b'\n').count() + 1;
            let message = format!("not valid UTF-8 at byte {valid} (line {line}); save the file as UTF-8");
            Diagnostic::without_text(name, Problem::new(message))
        })?;
        Self::parse(name, text.strip_prefix('\u{feff}').unwrap_or(&text))
    }

    /// Parses a text.
    pub fn parse(name: &str, text: &str) -> Result<Self, Diagnostic> {
        let text: Arc<str> = text.into();
        let fail = |problem: Problem| Diagnostic {
            source_name: name.to_string(),
            source_text: Some(text.clone()),
            problems: vec![problem],
        };
        if let Some(at) = deeper_than(&text, MAX_DEPTH) {
            let message = format!("lists and objects are nested more than {MAX_DEPTH} deep; nothing needs that");
            return Err(fail(Problem::new(message).spanning(at..at + 1)));
        }
        let parsed = parse_to_ast(&text, &CollectOptions::default(), &SYNTAX).map_err(|error| {
            let message = format!("not valid JSON: {}", error.kind());
            fail(Problem::new(message).spanning(error.range().start..error.range().end))
        })?;
        let root =
            parsed.value.ok_or_else(|| fail(Problem::new("the document is empty; a JSON object was expected")))?;
        let tree = to_tree(&root, "").map_err(fail)?;
        drop(root);
        Ok(Self { name: name.to_string(), text, tree })
    }

    /// Gives every problem that has a pointer the bytes of its value, and makes a diagnostic of them.
    pub fn diagnose(&self, problems: Vec<Problem>) -> Diagnostic {
        let parsed = parse_to_ast(&self.text, &CollectOptions::default(), &SYNTAX).ok();
        let root = parsed.and_then(|result| result.value);
        let located = problems
            .into_iter()
            .map(|problem| match (&problem.span, &problem.pointer, &root) {
                (None, Some(pointer), Some(root)) => {
                    let span = locate(root, pointer, problem.about_key, &self.text);
                    problem.spanning(span)
                }
                _ => problem,
            })
            .collect();
        Diagnostic { source_name: self.name.clone(), source_text: Some(self.text.clone()), problems: located }
    }
}

/// The offset at which brackets are first nested deeper than `limit`, outside strings and comments.
fn deeper_than(text: &str, limit: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut depth, mut at) = (0usize, 0usize);
    while at < bytes.len() {
        match bytes[at] {
            b'"' => at = end_of_string(bytes, at),
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                at += bytes[at..].iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len() - at);
            }
            b'/' if bytes.get(at + 1) == Some(&b'*') => {
                at = text[at + 2..].find("*/").map_or(bytes.len(), |end| at + 2 + end + 1);
            }
            b'[' | b'{' => {
                depth += 1;
                if depth > limit {
                    return Some(at);
                }
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    None
}

/// Offset of the quote that ends the string which begins at `start`.
fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    at
}

/// The values of the syntax tree. Duplicate keys and numbers that are none are problems.
fn to_tree(value: &ast::Value<'_>, pointer: &str) -> Result<Value, Problem> {
    Ok(match value {
        ast::Value::StringLit(text) => Value::String(text.value.to_string()),
        ast::Value::BooleanLit(literal) => Value::Bool(literal.value),
        ast::Value::NullKeyword(_) => Value::Null,
        ast::Value::NumberLit(number) => match number.value.parse::<serde_json::Number>() {
            Ok(parsed) => Value::Number(parsed),
            Err(_) => {
                let found: String = number.value.chars().take(40).collect();
                let message = format!("the number {found} is too large or not a JSON number");
                return Err(Problem::at(pointer, message).spanning(bytes_of(number.range())));
            }
        },
        ast::Value::Array(array) => {
            let elements = array.elements.iter().enumerate();
            Value::Array(
                elements.map(|(index, v)| to_tree(v, &format!("{pointer}/{index}"))).collect::<Result<_, _>>()?,
            )
        }
        ast::Value::Object(object) => {
            let mut map = Map::new();
            for property in &object.properties {
                let name = property.name.as_str();
                let here = pointer_child(pointer, name);
                if map.insert(name.to_string(), to_tree(&property.value, &here)?).is_some() {
                    let message = format!("the key `{name}` appears twice in the same object");
                    return Err(Problem::at(here, message).spanning(bytes_of(property.name.range())));
                }
            }
            Value::Object(map)
        }
    })
}

fn bytes_of(range: jsonc_parser::common::Range) -> Range<usize> {
    range.start..range.end
}

/// Bytes of the value at `pointer`, or of its nearest ancestor that exists; its key's if asked for or if the value
/// goes over several lines.
fn locate(root: &ast::Value<'_>, pointer: &str, about_key: bool, text: &str) -> Range<usize> {
    let mut value = root;
    let mut key: Option<Range<usize>> = None;
    for segment in pointer.split('/').skip(1) {
        let name = segment.replace("~1", "/").replace("~0", "~");
        match value {
            ast::Value::Object(object) => match object.properties.iter().find(|p| p.name.as_str() == name) {
                Some(property) => {
                    key = Some(bytes_of(property.name.range()));
                    value = &property.value;
                }
                None => break,
            },
            ast::Value::Array(array) => match name.parse::<usize>().ok().and_then(|index| array.elements.get(index)) {
                Some(element) => {
                    key = None;
                    value = element;
                }
                None => break,
            },
            _ => break,
        }
    }
    let whole = bytes_of(value.range());
    if !about_key && !text[whole.clone()].contains('\n') {
        return whole;
    }
    key.unwrap_or(whole.start..whole.start + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span_of(text: &str, pointer: &str) -> String {
        let document = Document::parse("t", text).unwrap();
        let span = document.diagnose(vec![Problem::at(pointer, "m")]).problems[0].span.clone().unwrap();
        text[span].to_string()
    }

    #[test]
    fn values_are_found_by_pointer() {
        let text = "{ // comment\n \"a/b\": [1, {\"c\": \"x\",}],\n \"d\": {\n \"e\": 1\n}\n}";
        assert_eq!(span_of(text, "/a~1b/1/c"), "\"x\"");
        assert_eq!(span_of(text, "/a~1b/7"), "[1, {\"c\": \"x\",}]");
        assert_eq!(span_of(text, "/d/missing"), "\"d\"");
        assert_eq!(span_of(text, ""), "{");
    }

    #[test]
    fn broken_documents_are_refused_with_a_reason() {
        let error = |text: &str| Document::parse("t", text).unwrap_err().to_string();
        assert!(error("").contains("empty"));
        assert!(error("{\"a\": 1, \"a\": 2}").contains("`a` appears twice"));
        assert!(error("{\"a\": 1e999}").contains("too large"), "{}", error("{\"a\": 1e999}"));
        assert!(error("{\"a\": NaN}").contains("not valid JSON"));
        assert!(error("{'a': 1}").contains("not valid JSON"));
        assert!(error(&"[".repeat(100_000)).contains("nested more than 64 deep"));
        assert!(error(&"{\"a\":".repeat(100_000)).contains("nested more than 64 deep"));
        let error = Document::from_bytes("t", vec![b'{', 0xff]).unwrap_err().to_string();
        assert!(error.contains("UTF-8 at byte 1"), "{error}");
    }

    #[test]
    fn brackets_in_strings_and_comments_do_not_count() {
        let text = format!("{{ /* {0} */ \"a\": \"\\\"{0}\" // {0}\n }}", "[".repeat(500));
        assert!(Document::parse("t", &text).is_ok());
    }
}
