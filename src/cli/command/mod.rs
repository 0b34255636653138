//! One file per command.

pub(super) mod bound;
pub(super) mod commit;
pub(super) mod compare;
pub(super) mod plan;
pub(super) mod reconcile;
pub(super) mod schema;
pub(super) mod selfcheck;
pub(super) mod trace;
