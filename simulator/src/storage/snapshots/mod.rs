//! Snapshots of volumes: making, copying, sharing, archiving, locking, fast restores.

mod attribute;
mod copy;
mod fast_restore;
mod fast_restore_answer;
mod life;
mod lock;
mod lock_describe;
mod many;
mod tier;
mod tier_status;

pub use attribute::*;
pub use copy::*;
pub use fast_restore::*;
pub use fast_restore_answer::*;
pub use life::*;
pub use lock::*;
pub use lock_describe::*;
pub use many::*;
pub use tier::*;
pub use tier_status::*;
