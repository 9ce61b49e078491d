//! The one integration binary of the root package; each subject is a module in this folder.

mod architecture;
mod cli;
mod endpoint;
mod localstack;
mod readme;
mod served;
mod support;
