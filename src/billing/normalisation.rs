//! Sizes of instance types and their normalisation factors (RULES R23, R24).

/// What a reservation of one size covers of another: the family and the size in quarters of a normalised unit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Footprint {
    /// Sizes of one family can stand for each other; an own family for each type that cannot.
    pub family: String,
    /// Size of one instance, in quarters of a normalised unit; at least 1.
    pub quarters: u32,
}

/// Families without size flexibility (RULES R23).
const FIXED_SIZE_FAMILIES: [&str; 5] = ["g4ad", "g4dn", "g5", "g5g", "inf1"];

impl Footprint {
    /// The footprint of an instance type as its name tells it, as in `m4.xlarge`.
    ///
    /// `flexible` is false where sizes never stand for each other: platforms other than Linux and dedicated tenancy
    /// (RULES R23). A name without a known size is a family of its own with one unit.
    pub fn of(instance_type: &str, flexible: bool) -> Self {
        let known = factor_quarters(instance_type);
        let family = instance_type.split_once('.').map_or(instance_type, |(family, _)| family);
        let flexible = flexible && known.is_some() && !FIXED_SIZE_FAMILIES.contains(&family);
        Self {
            family: if flexible { family } else { instance_type }.to_string(),
            quarters: known.unwrap_or(QUARTERS_PER_UNIT),
        }
    }
}

/// Quarters of a normalised unit: the smallest factor is 0.25.
pub const QUARTERS_PER_UNIT: u32 = 4;

/// The normalisation factor of an instance type in quarters of a unit, `None` if its size is not known (RULES R24).
pub fn factor_quarters(instance_type: &str) -> Option<u32> {
    let (family, size) = instance_type.split_once('.')?;
    let units = match size {
        "nano" => return Some(1),
        "micro" => return Some(2),
        "small" => 1,
        "medium" => 2,
        "large" => 4,
        "xlarge" => 8,
        "metal" => metal_units(family)?,
        _ => {
            let count: u32 = size.strip_suffix("xlarge")?.parse().ok()?;
            // Counts above 112 do not exist.
            if !(2..=112).contains(&count) || !size.starts_with(|c: char| c.is_ascii_digit()) {
                return None;
            }
            8 * count
        }
    };
    Some(units * QUARTERS_PER_UNIT)
}

/// The units of a family's bare-metal size.
fn metal_units(family: &str) -> Option<u32> {
    Some(match family {
        "a1" => 32,
        "m5zn" | "z1d" => 96,
        "c6g" | "c6gd" | "i3" | "m6g" | "m6gd" | "r6g" | "r6gd" | "x2gd" => 128,
        "c5n" => 144,
        "c5" | "c5d" | "i3en" | "m5" | "m5d" | "m5dn" | "m5n" | "r5" | "r5b" | "r5d" | "r5dn" | "r5n" => 192,
        _ if family.starts_with("u-") => 896,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_follow_the_published_table() {
        let units = |name| factor_quarters(name).map(|quarters| f64::from(quarters) / 4.0);
        for (name, factor) in [
            ("t2.nano", 0.25),
            ("t2.micro", 0.5),
            ("t2.medium", 2.0),
            ("m4.xlarge", 8.0),
            ("m4.10xlarge", 80.0),
            ("c5.9xlarge", 72.0),
            ("m5.24xlarge", 192.0),
            ("i3.metal", 128.0),
            ("u-6tb1.112xlarge", 896.0),
        ] {
            assert_eq!(units(name), Some(factor), "{name}");
        }
        for unknown in ["m4", "m4.huge", "q9.metal", "m4.0xlarge", "m4.+2xlarge", "m4.1000000xlarge", "n1-standard-4"] {
            assert_eq!(units(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn fixed_sizes_stand_alone() {
        assert_eq!(Footprint::of("m4.large", true).family, "m4");
        assert_eq!(Footprint::of("m4.large", false).family, "m4.large");
        assert_eq!(Footprint::of("g4dn.xlarge", true), Footprint { family: "g4dn.xlarge".into(), quarters: 32 });
        assert_eq!(Footprint::of("n1-standard-4", true), Footprint { family: "n1-standard-4".into(), quarters: 4 });
    }
}
