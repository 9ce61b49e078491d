//! The one integration binary of the root package; each subject is a module in this folder.

mod architecture;
mod cli;
mod endpoint;
#[path = "../../simulator/tests/differential/localstack.rs"]
mod localstack;
mod readme;
mod served;
mod support;
