//! One file per command.

pub(super) mod backtest;
pub(super) mod batch;
pub(super) mod bound;
pub(super) mod check;
pub(super) mod commit;
pub(super) mod compare;
pub(super) mod diff;
pub(super) mod export;
pub(super) mod init;
pub(super) mod manual;
pub(super) mod plan;
pub(super) mod reconcile;
pub(super) mod replay;
pub(super) mod report;
mod report_files;
pub(super) mod schema;
pub(super) mod selfcheck;
pub(super) mod sensitivity;
pub(super) mod sweep;
pub(super) mod trace;
