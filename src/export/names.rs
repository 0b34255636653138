//! Names of alarms and policies as a format accepts them, each for one thing only.

use std::collections::{BTreeMap, BTreeSet};

/// Gives names.
pub(super) struct Names {
    plain: fn(&str) -> String,
    given: BTreeMap<String, String>,
    taken: BTreeSet<String>,
}

impl Names {
    /// Letters, digits, `_` and `-`, beginning with a letter or `_`: files and Terraform.
    pub(super) fn identifiers() -> Self {
        let plain = |name: &str| {
            let plain: String =
                name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '_' }).collect();
            if plain.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') { plain } else { format!("_{plain}") }
        };
        Self::new(plain)
    }

    /// Letters, digits and `_`: variables of a shell.
    pub(super) fn variables() -> Self {
        Self::new(|name| name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect())
    }

    /// Words joined with their first letters large: CloudFormation.
    pub(super) fn logical() -> Self {
        let plain = |name: &str| {
            let mut plain = String::new();
            for part in name.split(|c: char| !c.is_ascii_alphanumeric()) {
                let mut letters = part.chars();
                plain.extend(letters.next().map(|first| first.to_ascii_uppercase()));
                plain.extend(letters);
            }
            plain
        };
        Self::new(plain)
    }

    fn new(plain: fn(&str) -> String) -> Self {
        Self { plain, given: BTreeMap::new(), taken: BTreeSet::new() }
    }

    /// The name that stands for `name`, always the same.
    pub(super) fn of(&mut self, name: &str) -> String {
        if let Some(given) = self.given.get(name) {
            return given.clone();
        }
        let plain = (self.plain)(name);
        let mut free = plain.clone();
        let mut number = 2;
        while !self.taken.insert(free.clone()) {
            free = format!("{plain}{number}");
            number += 1;
        }
        self.given.insert(name.to_string(), free.clone());
        free
    }
}

/// A text as a comment of one line.
pub(super) fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || "\u{2028}\u{2029}\u{85}".contains(c) { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain_and_differ() {
        let mut names = Names::identifiers();
        assert_eq!(
            ["../a", "a b", "a_b", "../a", "7"].map(|name| names.of(name)),
            ["___a", "a_b", "a_b2", "___a", "_7"]
        );
        let mut names = Names::logical();
        assert_eq!(
            ["Policy out-on-cpu", "Policy out on cpu"].map(|name| names.of(name)),
            ["PolicyOutOnCpu", "PolicyOutOnCpu2"]
        );
        assert_eq!(one_line("a\nrm -rf"), "a rm -rf");
    }
}
