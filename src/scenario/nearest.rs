//! Suggestions for names that do not exist.

/// The candidate that `name` was probably meant to be, if one is near.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if name.len() > 200 {
        return None;
    }
    let lower = name.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= (candidate.chars().count() / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// What to say after an unknown name: the nearest one and all that there are.
pub fn suggestion<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>, verb: &str) -> String {
    const SHOWN: usize = 30;
    let all: Vec<&str> = candidates.into_iter().collect();
    let meant = nearest(name, all.iter().copied()).map_or(String::new(), |near| format!("; did you mean `{near}`?"));
    if all.is_empty() {
        return format!("; {verb}: nothing");
    }
    let shown: Vec<String> = all.iter().take(SHOWN).map(|candidate| format!("`{candidate}`")).collect();
    let rest = if all.len() > SHOWN { format!(" and {} more", all.len() - SHOWN) } else { String::new() };
    let separator = if meant.is_empty() { ";" } else { "" };
    format!("{meant}{separator} {verb}: {}{rest}", shown.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_near_names_are_suggested() {
        let names = ["slots", "speed", "boot"];
        assert_eq!(nearest("slotz", names), Some("slots"));
        assert_eq!(nearest("Speed", names), Some("speed"));
        assert_eq!(nearest("colour", names), None);
        assert_eq!(suggestion("slotz", names, "allowed"), "; did you mean `slots`? allowed: `slots`, `speed`, `boot`");
        assert_eq!(suggestion("x", ["slots"], "allowed"), "; allowed: `slots`");
        assert_eq!(suggestion("x", [], "defined"), "; defined: nothing");
    }
}
