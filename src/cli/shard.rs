//! Which part of a sweep a machine simulates.

use std::env;
use std::str::FromStr;

/// `3/40`, or `auto`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ShardChoice {
    /// The third of forty.
    Of(Shard),
    /// As the scheduler says.
    Auto,
}

/// Every `count`-th point, from `index` on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shard {
    /// From 0.
    pub(super) index: u32,
    pub(super) count: u32,
}

impl FromStr for ShardChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "auto" {
            return Ok(Self::Auto);
        }
        let wanted = "write a number, `/` and how many there are, as in 3/40, or `auto`";
        let (number, count) = text.split_once('/').ok_or(wanted)?;
        let [number, count] = [number, count].map(str::parse::<u32>);
        let (number, count) = (number.map_err(|_| wanted)?, count.map_err(|_| wanted)?);
        if !(1..=count).contains(&number) {
            return Err(format!("of {count} shards the first is 1 and the last {count}, found {number}"));
        }
        Ok(Self::Of(Shard { index: number - 1, count }))
    }
}

impl Shard {
    /// The whole sweep.
    pub(super) const WHOLE: Self = Self { index: 0, count: 1 };

    /// Whether a point belongs to it.
    pub(super) fn has(self, point: usize) -> bool {
        point as u64 % u64::from(self.count) == u64::from(self.index)
    }

    /// What a scheduler's variables say: the index of the task among those of its array.
    ///
    /// AWS Batch counts from 0 and says how many there are. Slurm counts from any number on. A Kubernetes Job does not tell a pod how many
    /// there are, so its manifest sets `FLEETMIX_SHARDS`.
    pub(super) fn of_scheduler(variable: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let number = |name: &str| -> Result<Option<u32>, String> {
            let Some(text) = variable(name) else { return Ok(None) };
            text.parse().map(Some).map_err(|_| format!("the variable {name} is {text:?}, which is no number"))
        };
        let known = [
            ("AWS_BATCH_JOB_ARRAY_INDEX", "AWS_BATCH_JOB_ARRAY_SIZE", None),
            ("SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT", Some("SLURM_ARRAY_TASK_MIN")),
            ("JOB_COMPLETION_INDEX", "FLEETMIX_SHARDS", None),
        ];
        for (index_name, count_name, first_name) in known {
            let Some(index) = number(index_name)? else { continue };
            let count = number(count_name)?.or(number("FLEETMIX_SHARDS")?);
            let count =
                count.ok_or_else(|| format!("{index_name} is set, but {count_name} is not: how many are there?"))?;
            let first = first_name.map_or(Ok(None), number)?.unwrap_or(0);
            let index = index.checked_sub(first).filter(|index| *index < count);
            return index.map(|index| Self { index, count }).ok_or_else(|| {
                format!("{index_name} does not lie among {count} tasks from {first} on: use an array without gaps")
            });
        }
        Err("no scheduler says which shard this is: AWS_BATCH_JOB_ARRAY_INDEX, SLURM_ARRAY_TASK_ID or JOB_COMPLETION_INDEX".to_string())
    }
}

impl ShardChoice {
    /// The shard that is meant.
    pub(super) fn resolve(self) -> Result<Shard, String> {
        match self {
            Self::Of(shard) => Ok(shard),
            Self::Auto => Shard::of_scheduler(|name| env::var(name).ok()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> Result<Shard, String> {
        Shard::of_scheduler(|name| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.to_string())
        })
    }

    #[test]
    fn every_scheduler_is_understood() {
        let third = Ok(Shard { index: 2, count: 8 });
        assert_eq!(of(&[("AWS_BATCH_JOB_ARRAY_INDEX", "2"), ("AWS_BATCH_JOB_ARRAY_SIZE", "8")]), third);
        let slurm = [("SLURM_ARRAY_TASK_ID", "3"), ("SLURM_ARRAY_TASK_COUNT", "8"), ("SLURM_ARRAY_TASK_MIN", "1")];
        assert_eq!(of(&slurm), third);
        assert_eq!(of(&[("JOB_COMPLETION_INDEX", "2"), ("FLEETMIX_SHARDS", "8")]), third);
        assert!(of(&[("JOB_COMPLETION_INDEX", "2")]).unwrap_err().contains("FLEETMIX_SHARDS is not"));
        assert!(
            of(&[("SLURM_ARRAY_TASK_ID", "9"), ("SLURM_ARRAY_TASK_COUNT", "8")]).unwrap_err().contains("without gaps")
        );
        assert!(of(&[]).unwrap_err().contains("no scheduler"));
        assert!(of(&[("JOB_COMPLETION_INDEX", "x")]).unwrap_err().contains("no number"));
    }

    #[test]
    fn shards_share_all_points() {
        assert_eq!("3/40".parse(), Ok(ShardChoice::Of(Shard { index: 2, count: 40 })));
        for wrong in ["0/4", "5/4", "1", "1/", "x/2", "1/0"] {
            assert!(wrong.parse::<ShardChoice>().is_err(), "{wrong}");
        }
        for point in 0..100 {
            assert_eq!((0..7).filter(|index| Shard { index: *index, count: 7 }.has(point)).count(), 1);
        }
    }
}
