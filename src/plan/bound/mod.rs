//! The least that any policy could have paid.

pub mod clairvoyant;
#[cfg(test)]
mod clairvoyant_tests;
pub mod slots;
pub mod work;
#[cfg(test)]
mod work_tests;
