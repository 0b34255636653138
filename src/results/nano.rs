//! Exact amounts of money as whole nano-units, for `#[serde(with)]`.

use crate::units::Money;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub(super) fn serialize<S: Serializer>(amount: &Money, serializer: S) -> Result<S::Ok, S::Error> {
    amount.nano().serialize(serializer)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Money, D::Error> {
    i128::deserialize(deserializer).map(Money::from_nano)
}
