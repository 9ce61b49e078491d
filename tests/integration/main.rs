//! The one integration binary of the root package; each subject is a module in `tests/integration/`.

mod architecture;
mod support;
