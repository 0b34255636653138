//! One file per command.

pub(super) mod bound;
pub(super) mod check;
pub(super) mod commit;
pub(super) mod compare;
pub(super) mod export;
pub(super) mod init;
pub(super) mod manual;
pub(super) mod plan;
pub(super) mod replay;
pub(super) mod schema;
pub(super) mod selfcheck;
pub(super) mod sweep;
pub(super) mod trace;
