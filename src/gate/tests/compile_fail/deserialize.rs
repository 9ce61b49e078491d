//! A warrant cannot be read from a file or made by default.

use sandtable_gate::Warrant;
use sandtable_model::Real;

fn read(text: &str) -> Warrant<Real> {
    serde_json::from_str(text).unwrap()
}

fn default() -> Warrant<Real> {
    Default::default()
}

fn main() {}
