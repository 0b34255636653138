//! The built-in cases, and how strictly inputs are read.

use super::*;
use serde_json::json;

fn one(topic: &str, model: &str, inputs: Value, expected: Value) -> Outcome {
    let case = json!([{ "id": "x", "topic": topic, "model": model, "inputs": inputs, "expected": expected }]);
    run(&read_cases(&case.to_string()).unwrap()).remove(0)
}

#[test]
fn built_in_cases_pass() {
    let outcomes = run(&read_cases(BUILT_IN).unwrap());
    let wrong: Vec<_> = outcomes.iter().filter(|outcome| outcome.status != Status::Pass).collect();
    assert!(outcomes.len() >= 10 && wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_wrong_expectation_fails_and_says_where() {
    let outcome = one("ri.term", "term", json!({"years": 3}), json!({"seconds": 94_608_001}));
    assert_eq!(outcome.status, Status::Fail);
    assert_eq!(outcome.remark, "/seconds: expected 94608001, got 94608000");
}

#[test]
fn what_is_not_known_is_named_and_not_guessed() {
    let remark = |topic, model, inputs, expected| {
        let outcome = one(topic, model, inputs, expected);
        assert_eq!(outcome.status, Status::NoModel, "{outcome:?}");
        outcome.remark
    };
    let years = json!({"seconds": 1});
    assert_eq!(
        remark("ri.term", "term", json!({"years": 1, "leap": true}), years.clone()),
        "no model for the input `leap`"
    );
    assert_eq!(remark("ri.term", "term", json!({"years": 2}), years.clone()), "no model for a term of 2 years");
    assert_eq!(remark("ri.term", "term", json!({}), years.clone()), "no model without the input `years`");
    assert_eq!(remark("ri.term", "", json!({"years": 1}), years.clone()), "no model `` for the topic `ri.term`");
    assert_eq!(remark("weather", "", json!({}), years), "no model for the topic `weather`");
    assert_eq!(remark("ri.term", "term", json!({"years": 1}), json!({"days": 365})), "no model for the output `days`");
    for seconds in [json!(-1), json!(1e300), json!("1"), json!(null)] {
        remark("capacity_reservation", "odcr_hours", json!({"active_s": seconds}), json!({"reservation_hours": 1}));
    }
    let none = json!({"reservations": [], "usage": [{"type": "m4.large", "count": 1, "account": "A", "gpu": 1}]});
    assert_eq!(remark("ri.application", "ri_apply", none, json!({"unused_units": 0})), "no model for the input `gpu`");
}

#[test]
fn files_that_are_no_cases_are_refused() {
    for text in
        ["", "{}", "[1]", "[{\"id\": \"a\"}]", "[{\"id\":\"a\",\"topic\":\"t\",\"expected\":1,\"tolerance\":-1}]"]
    {
        assert!(read_cases(text).is_err(), "{text}");
    }
    let error = read_cases("[\n{\"id\": 1}]").unwrap_err().to_string();
    assert!(error.contains("line 2"), "{error}");
}
