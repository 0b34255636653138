//! Durations, shares and counts in words.

use super::NONE;
use super::money::grouped;

/// A number with this many decimals, without a useless zero at its end.
fn trimmed(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    if decimals == 0 { text } else { text.trim_end_matches('0').trim_end_matches('.').to_string() }
}

/// A number with about three figures: `0.0423`, `4.31`, `41.2`, `412`.
fn three_figures(value: f64) -> String {
    let decimals = if value == 0.0 { 0.0 } else { (2.0 - value.abs().log10().floor()).clamp(0.0, 9.0) };
    trimmed(value, decimals as usize)
}

/// A plain number with about three figures, a minus sign that is one, and commas between thousands.
pub fn decimal(value: f64) -> String {
    if !value.is_finite() {
        return NONE.into();
    }
    let sign = if value < 0.0 { "−" } else { "" };
    format!("{sign}{}", grouped(&three_figures(value.abs())))
}

/// Seconds in the unit that people would use: `250 ms`, `1.2 s`, `2 min`.
pub fn duration(seconds: f64) -> String {
    if !seconds.is_finite() {
        return NONE.into();
    }
    let sign = if seconds < 0.0 { "−" } else { "" };
    let (number, unit) = match seconds.abs() {
        0.0 => return "0 s".into(),
        size if size < 0.9995e-3 => (three_figures(size * 1e6), "µs"),
        size if size < 0.009_95 => (trimmed(size * 1e3, 1), "ms"),
        size if size < 0.9995 => (trimmed(size * 1e3, 0), "ms"),
        size if size < 9.995 => (trimmed(size, 2), "s"),
        size if size < 59.95 => (trimmed(size, 1), "s"),
        size if size < 3597.0 => (trimmed(size / 60.0, 1), "min"),
        size if size < 2.0 * 86_400.0 => (trimmed(size / 3600.0, 1), "h"),
        size => (grouped(&trimmed(size / 86_400.0, 1)), "days"),
    };
    let unit = if unit == "h" && number == "24" { return format!("{sign}1 day") } else { unit };
    format!("{sign}{number} {unit}")
}

/// A share of one as a percentage: `4.31 %`. Never rounds up to all or down to nothing.
pub fn share(value: f64) -> String {
    if !value.is_finite() {
        return NONE.into();
    }
    let percent = value * 100.0;
    match percent {
        p if p > 0.0 && p < 0.001 => "<0.001 %".into(),
        p if (99.995..100.0).contains(&p) => ">99.99 %".into(),
        p if (99.5..100.0).contains(&p) => format!("{} %", trimmed((p * 100.0).floor() / 100.0, 2)),
        p if p < 0.0 => format!("−{} %", three_figures(-p)),
        p => format!("{} %", three_figures(p)),
    }
}

/// The change from `base` to `value` as a signed percentage: `−41 %`.
pub fn percent_change(value: f64, base: f64) -> String {
    let change = (value / base - 1.0) * 100.0;
    if !change.is_finite() {
        return NONE.into();
    }
    let decimals = usize::from(change.abs() < 9.95);
    let digits = format!("{:.decimals$}", change.abs());
    let nothing = digits.chars().all(|c| c == '0' || c == '.');
    let sign = if nothing {
        "±"
    } else if change < 0.0 {
        "−"
    } else {
        "+"
    };
    format!("{sign}{} %", if nothing { "0" } else { &digits })
}

/// How many: `17.0 M`, `12.4 k`, `1,234`, `2.5`.
pub fn count(value: f64) -> String {
    match value {
        v if !v.is_finite() => NONE.into(),
        v if v.abs() >= 9.995e8 => format!("{:.2} bn", v / 1e9),
        v if v.abs() >= 9.9995e5 => format!("{:.1} M", v / 1e6),
        v if v.abs() >= 9999.5 => format!("{:.1} k", v / 1e3),
        v if v.abs() >= 100.0 || v.fract() == 0.0 => grouped(&format!("{v:.0}")),
        v => trimmed(v, if v.abs() < 1.0 { 2 } else { 1 }),
    }
}

/// A count to the unit: `16,934,400`.
pub fn grouped_whole(value: f64) -> String {
    if !value.is_finite() {
        return NONE.into();
    }
    let sign = if value <= -0.5 { "−" } else { "" };
    format!("{sign}{}", grouped(&format!("{:.0}", value.abs())))
}

/// An amount to the cent: `1,234.50`.
pub fn grouped_cents(value: f64) -> String {
    if !value.is_finite() {
        return NONE.into();
    }
    let sign = if value <= -0.005 { "−" } else { "" };
    format!("{sign}{}", grouped(&format!("{:.2}", value.abs())))
}

/// A number with its noun: `1 day`, `3 days`.
pub fn plural(number: u64, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{} {noun}s", grouped(&number.to_string())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_use_the_unit_of_people() {
        let pairs = [
            (0.25, "250 ms"),
            (1.2, "1.2 s"),
            (1.0, "1 s"),
            (0.0042, "4.2 ms"),
            (0.99999, "1 s"),
            (120.0, "2 min"),
            (59.97, "1 min"),
            (100.0, "1.7 min"),
            (3600.0, "1 h"),
            (7.0 * 86_400.0, "7 days"),
            (86_400.0, "1 day"),
            (0.0, "0 s"),
            (f64::NAN, "–"),
        ];
        for (seconds, words) in pairs {
            assert_eq!(duration(seconds), words);
        }
    }

    #[test]
    fn shares_never_claim_all_or_nothing() {
        let pairs = [
            (0.0431, "4.31 %"),
            (0.412, "41.2 %"),
            (0.05, "5 %"),
            (0.0, "0 %"),
            (1.0, "100 %"),
            (0.999_999, ">99.99 %"),
            (0.99958, "99.95 %"),
            (1e-7, "<0.001 %"),
            (0.00043, "0.043 %"),
        ];
        for (value, words) in pairs {
            assert_eq!(share(value), words);
        }
    }

    #[test]
    fn counts_and_changes() {
        assert_eq!(count(17_000_000.0), "17.0 M");
        assert_eq!(count(1234.0), "1,234");
        assert_eq!(count(2.53), "2.5");
        assert_eq!(count(0.0), "0");
        assert_eq!(percent_change(59.0, 100.0), "−41 %");
        assert_eq!(percent_change(104.2, 100.0), "+4.2 %");
        assert_eq!(percent_change(100.0, 100.0), "±0 %");
        assert_eq!(percent_change(1.0, 0.0), "–");
        assert_eq!(plural(1, "day"), "1 day");
        assert_eq!(plural(7, "day"), "7 days");
        assert_eq!(decimal(-1234.5), "−1,234");
    }
}
