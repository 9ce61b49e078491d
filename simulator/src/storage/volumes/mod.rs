//! Volumes: making, attaching, modifying, their health and attributes.

mod attach;
mod attribute;
mod life;
mod modifications;
mod modify;
mod performance;
mod status;

pub use attach::*;
pub use attribute::*;
pub use life::*;
pub use modifications::*;
pub use modify::*;
pub use status::*;

pub(crate) use performance::Performance;
