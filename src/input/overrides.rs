//! Settings that replace others, by JSON pointer.

use crate::scenario::suggestion;
use serde_json::Value;

/// What a mix may not override, and why: each is the pointer of a section.
const SHARED_BY_ALL_MIXES: [&str; 10] = [
    "/format",
    "/$schema",
    "/name",
    "/description",
    "/clock",
    "/run",
    "/demand",
    "/objective",
    "/service/work",
    "/service/patience",
];

/// Whether `pointer` is `section` or lies below it.
pub(super) fn is_within(pointer: &str, section: &str) -> bool {
    pointer.strip_prefix(section).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Why a mix may not override the setting at `pointer`; `None` if it may.
pub(super) fn refusal(pointer: &str) -> Option<String> {
    if pointer.is_empty() || ["/mixes", "/baseline"].iter().any(|section| is_within(pointer, section)) {
        return Some("a mix cannot override the list of mixes that it belongs to".to_string());
    }
    let shared =
        SHARED_BY_ALL_MIXES.iter().find(|section| is_within(pointer, section) || is_within(section, pointer))?;
    Some(format!(
        "a mix cannot override `{shared}`: all mixes must meet the same demand and the same work, so that differences \
         are paired; make a second scenario instead"
    ))
}

/// Replaces the value at `pointer`, or adds it to the object that would hold it.
pub(super) fn apply(tree: &mut Value, pointer: &str, value: Value) -> Result<(), String> {
    let Some((parent_pointer, key)) = pointer.rsplit_once('/') else {
        return Err(format!("{pointer:?} is not a JSON pointer; write it like `/pools/spot/max_price`"));
    };
    let key = key.replace("~1", "/").replace("~0", "~");
    if let Some(place) = tree.pointer_mut(pointer) {
        *place = value;
        return Ok(());
    }
    match tree.pointer_mut(parent_pointer) {
        Some(Value::Object(map)) => {
            map.insert(key, value);
            Ok(())
        }
        Some(Value::Array(list)) => Err(format!("`{parent_pointer}` has {} elements, counted from 0", list.len())),
        Some(_) => Err(format!("`{parent_pointer}` is a single value and holds nothing that could be set")),
        None => Err(missing_parent(tree, parent_pointer)),
    }
}

/// Names the first part of the pointer that does not exist and what there is instead.
fn missing_parent(tree: &Value, pointer: &str) -> String {
    let mut known = String::new();
    for segment in pointer.split('/').skip(1) {
        let next = format!("{known}/{segment}");
        if tree.pointer(&next).is_none() {
            let names = match tree.pointer(&known) {
                Some(Value::Object(map)) => suggestion(segment, map.keys().map(String::as_str), "there is"),
                _ => String::new(),
            };
            return format!("there is no `{next}`{names}");
        }
        known = next;
    }
    format!("there is no `{pointer}`; a JSON pointer begins with `/`")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_replaced_and_added_below_what_exists() {
        let mut tree = json!({"pools": {"spot": {"max_price": "1 USD/h"}}, "list": [1, 2]});
        apply(&mut tree, "/pools/spot/max_price", json!("2 USD/h")).unwrap();
        apply(&mut tree, "/pools/spot/new", json!(1)).unwrap();
        apply(&mut tree, "/list/1", json!(3)).unwrap();
        assert_eq!(tree, json!({"pools": {"spot": {"max_price": "2 USD/h", "new": 1}}, "list": [1, 3]}));
        let mut error = |pointer: &str| apply(&mut tree, pointer, json!(0)).unwrap_err();
        assert!(error("/pols/spot").contains("no `/pols`; did you mean `pools`?"));
        assert!(error("/list/9").contains("2 elements"));
        assert!(error("/pools/spot/new/deep").contains("single value"));
        assert!(error("pools").contains("not a JSON pointer"));
        assert!(error("pools/spot").contains("begins with `/`"));
    }

    #[test]
    fn what_all_mixes_share_stays() {
        for pointer in [
            "/demand/steps",
            "/service/work/constant",
            "/service/patience",
            "/service",
            "/run/seed",
            "/clock",
            "/mixes/0",
            "",
        ] {
            assert!(refusal(pointer).is_some(), "{pointer}");
        }
        for pointer in ["/pools/spot/max_price", "/service/timeout", "/scaling", "/service/worker", "/markets/a"] {
            assert!(refusal(pointer).is_none(), "{pointer}");
        }
    }
}
