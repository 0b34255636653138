//! From a tree of values to typed settings, with friendly words for what does not fit.

use super::Problem;
use crate::scenario::{pointer_child, suggestion};
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::Segment;

/// Reads `tree` as a `T`. One problem at a time: serde stops at the first.
pub(super) fn typed<T: DeserializeOwned>(tree: &Value) -> Result<T, Problem> {
    serde_path_to_error::deserialize(tree).map_err(|error| {
        let pointer = error.path().iter().fold(String::new(), |pointer, segment| match segment {
            Segment::Seq { index } => format!("{pointer}/{index}"),
            Segment::Map { key } => pointer_child(&pointer, key),
            Segment::Enum { variant } => pointer_child(&pointer, variant),
            Segment::Unknown => pointer,
        });
        // The path of a word without settings ends in the word, which is no member of anything.
        let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
        let pointer = match tree.pointer(parent) {
            Some(Value::String(_)) => parent.to_string(),
            _ => pointer,
        };
        let found = tree.pointer(&pointer);
        let message = error.inner().to_string();
        let about_key = message.starts_with("unknown field");
        let help = about_key.then(|| advice(&pointer)).flatten();
        Problem { about_key, help, ..Problem::at(pointer, friendly(&message, found)) }
    })
}

/// What to do where a key is missed for a reason.
fn advice(pointer: &str) -> Option<String> {
    let about_requests = pointer.ends_with("/arrival_trace/transform");
    about_requests.then(|| {
        "single requests cannot be scaled, clipped or grown without becoming another process: move them with `place`, \
         repeat them with `at_end`, or count them into a `rate_trace`"
            .to_string()
    })
}

/// Serde's words in ours. What is not recognised stays as it is.
fn friendly(message: &str, found: Option<&Value>) -> String {
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    if message.starts_with("unknown field `") {
        return unknown("key", &quoted);
    }
    if message.starts_with("unknown variant `") {
        return unknown("word", &quoted);
    }
    if message.starts_with("missing field `") {
        return format!("the key `{}` is missing", quoted.first().unwrap_or(&""));
    }
    let Some((_, expected)) = message.rsplit_once(", expected ") else { return message.to_string() };
    if !(message.starts_with("invalid type: ") || message.starts_with("invalid value: ")) {
        return message.to_string();
    }
    match (found, expected) {
        (Some(Value::String(word)), "newtype variant" | "struct variant") => {
            format!("`{word}` has settings: write {{ \"{word}\": … }}")
        }
        (Some(Value::Object(map)), "map with a single key") => {
            let keys: Vec<String> = map.keys().take(5).map(|key| format!("`{key}`")).collect();
            format!("exactly one key is expected here, found {}: {}", map.len(), keys.join(", "))
        }
        (_, "unit" | "unit variant") => "this word has no settings: write it as a plain string".to_string(),
        (found, expected) => format!("expected {}, found {}", kind(expected), describe(found)),
    }
}

fn unknown(what: &str, quoted: &[&str]) -> String {
    let Some((name, allowed)) = quoted.split_first() else { return format!("unknown {what}") };
    let name: String = name.chars().take(80).collect();
    format!("unknown {what} `{name}`{}", suggestion(&name, allowed.iter().copied(), "allowed"))
}

/// A Rust type in a reader's words.
fn kind(expected: &str) -> String {
    match expected {
        "u32" => format!("a whole number from 0 to {}", u32::MAX),
        "u64" | "usize" => "a whole number that is not negative".to_string(),
        "f64" | "f32" => "a number".to_string(),
        "a boolean" => "true or false".to_string(),
        "a sequence" => "a list".to_string(),
        "a map" | "map" => "an object".to_string(),
        "string or map" => "a word or an object with one key".to_string(),
        "a string" => "a text in quotes".to_string(),
        _ if expected.starts_with("struct ") => "an object".to_string(),
        _ => expected.to_string(),
    }
}

fn describe(found: Option<&Value>) -> String {
    match found {
        None => "nothing".to_string(),
        Some(Value::Null) => "null".to_string(),
        Some(Value::Array(_)) => "a list".to_string(),
        Some(Value::Object(_)) => "an object".to_string(),
        Some(Value::String(text)) => format!("the text {:?}", text.chars().take(60).collect::<String>()),
        Some(value) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Market, Run, Service};
    use serde_json::json;

    fn problem<T: DeserializeOwned + std::fmt::Debug>(tree: Value) -> (String, String) {
        let problem = typed::<T>(&tree).unwrap_err();
        (problem.pointer.unwrap(), problem.message)
    }

    #[test]
    fn unknown_keys_get_the_nearest_name() {
        let (pointer, message) = problem::<Service>(json!({"work": {"constant": "1s"}, "tiemout": "1s"}));
        assert_eq!(pointer, "/tiemout");
        assert!(message.starts_with("unknown key `tiemout`; did you mean `timeout`? allowed: `work`,"), "{message}");
        let (pointer, message) = problem::<Service>(json!({"work": {"lognorml": "1s"}}));
        assert!(pointer.starts_with("/work"), "{pointer}");
        assert!(message.contains("did you mean `lognormal`?"), "{message}");
    }

    #[test]
    fn wrong_types_and_units_are_named() {
        let run = |replications: Value| problem::<Run>(json!({"seed": 1, "replications": replications}));
        let (pointer, message) = run(json!(1e30));
        assert_eq!(pointer, "/replications");
        assert_eq!(message, "expected a whole number from 0 to 4294967295, found 1e+30");
        assert_eq!(run(json!(-1)).1, "expected a whole number from 0 to 4294967295, found -1");
        let (pointer, message) = problem::<Service>(json!({"work": {"lognormal": {"mean": "3 weeks", "cv": 1}}}));
        assert_eq!(pointer, "/work/lognormal/mean");
        assert!(message.contains("unknown unit \"weeks\""), "{message}");
        let (_, message) = problem::<Service>(json!({"work": {"constant": 3}}));
        assert!(message.contains("expected a duration such as"), "{message}");
        assert!(problem::<Service>(json!({})).1.contains("`work` is missing"));
    }

    #[test]
    fn words_with_and_without_settings_are_told_apart() {
        let market = |interruptions: Value| json!({"instance_type": "a", "price": {"constant": "1 USD/h"}, "interruptions": interruptions});
        assert!(problem::<Market>(market(json!("hazard"))).1.contains("has settings"));
        let (_, message) = problem::<Market>(market(json!({"price_only": 3})));
        assert!(message.contains("no settings"), "{message}");
        let (_, message) = problem::<Market>(market(json!({"price_only": 3, "hazard": 4})));
        assert!(message.contains("exactly one key"), "{message}");
    }
}
