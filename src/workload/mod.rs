//! The requests of a replication: when they arrive and how much work each needs.

mod law;
mod rate_path;
mod recorded;
mod source;
mod stream;

pub use law::sampler;
pub use rate_path::{RatePath, RatePiece};
pub use recorded::{RecordedPath, RecordedPiece, RecordedStream};
pub use source::{DemandPath, RequestLaws, RequestSource};
pub use stream::{BLOCK, RequestBlock, RequestStream};
