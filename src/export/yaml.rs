//! YAML out of JSON values: mappings and lists in blocks, every text in quotes.

use serde_json::Value;

/// A value as YAML, indented by `depth` steps.
pub(super) fn block(value: &Value, depth: usize) -> String {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(map) if !map.is_empty() => {
            map.iter().map(|(key, value)| format!("{indent}{key}:{}", below(value, depth + 1))).collect()
        }
        Value::Array(list) if !list.is_empty() => list
            .iter()
            .map(|item| match item {
                // The first key of a mapping stands beside the dash.
                Value::Object(_) | Value::Array(_) => {
                    format!("{indent}- {}", block(item, depth + 1).trim_start())
                }
                scalar => format!("{indent}- {scalar}\n"),
            })
            .collect(),
        scalar => format!("{indent}{scalar}\n"),
    }
}

/// What follows a key.
fn below(value: &Value, depth: usize) -> String {
    match value {
        Value::Object(map) if !map.is_empty() => format!("\n{}", block(value, depth)),
        Value::Array(list) if !list.is_empty() => format!("\n{}", block(value, depth)),
        // JSON's scalars, empty lists and empty mappings are YAML's.
        scalar => format!(" {scalar}\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn blocks_are_indented() {
        let value = json!({ "a": { "b": [1, { "c": "x: y", "d": [] }], "e": true }, "f": null });
        assert_eq!(block(&value, 0), "a:\n  b:\n    - 1\n    - c: \"x: y\"\n      d: []\n  e: true\nf: null\n");
    }
}
