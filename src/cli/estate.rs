//! A generated estate as a source: `estate:SIZE` or `estate:SIZE@SEED`.
//!
//! The same seed and size give the same estate, so that what is seen on one can be told to others.

use std::path::Path;

use miette::miette;
use sandtable_model::Snapshot;
use sandtable_simulator::estate;

/// The most resources that an estate may be asked to have.
const SIZE_MAX: usize = 1_000_000;

/// The estate that a source asks for, if it is none of the file system.
///
/// # Errors
/// What follows `estate:` is no size, or no seed.
pub(crate) fn of(source: &Path) -> miette::Result<Option<Snapshot>> {
    let Some(wish) = source.to_str().and_then(|it| it.strip_prefix("estate:")) else {
        return Ok(None);
    };
    let (size, seed) = wish.split_once('@').unwrap_or((wish, "0"));
    let size = size.parse().ok().filter(|it| (1..=SIZE_MAX).contains(it));
    match (size, seed.parse()) {
        (Some(size), Ok(seed)) => Ok(Some(estate::generate(seed, size))),
        _ => Err(miette!(
            help = "estate:10000 has ten thousand resources; estate:10000@7 as many others",
            "`estate:{wish}` is no generated estate: it takes the number of resources, from 1 to \
             {SIZE_MAX}, and the seed after an `@`"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(text: &str) -> miette::Result<Option<usize>> {
        Ok(of(Path::new(text))?.map(|it| it.len()))
    }

    #[test]
    fn a_size_and_a_seed_make_an_estate() {
        assert!(ask("estate:300").unwrap() >= Some(300));
        let told = |text| of(Path::new(text)).unwrap().unwrap().digest().unwrap();
        use sandtable_model::Document as _;
        assert_eq!(told("estate:300"), told("estate:300@0"));
        assert_ne!(told("estate:300"), told("estate:300@7"));
        assert_eq!(ask("estate.json").unwrap(), None);
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "estate:",
            "estate:0",
            "estate:many",
            "estate:5@x",
            "estate:2000000",
        ] {
            let error = ask(text).unwrap_err().to_string();
            assert!(error.contains(&format!("`{text}`")), "{error}");
        }
    }
}
