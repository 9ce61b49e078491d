//! The one integration binary of the root package; each subject is a module in this folder.

mod architecture;
mod cli;
mod readme;
mod served;
mod support;
