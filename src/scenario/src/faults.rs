//! Which trouble is rehearsed besides the run itself, as people ask for it.

use std::fmt;
use std::str::FromStr;

use sandtable_model::Rate;
use thiserror::Error;

/// Which trouble is rehearsed besides the run itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Faults {
    /// None but what the scenario asks for.
    #[default]
    None,
    /// One fault of each kind at every step, and a crash at every record of the journal.
    Each,
    /// A run for each seed from the first to the last, with the faults that it draws.
    Seeds {
        /// The first seed.
        first: u64,
        /// The last seed; the same as the first when there is one.
        last: u64,
        /// At how many of the calls something goes wrong.
        rate: Rate,
    },
}

/// At how many calls something goes wrong when nobody says it.
const RATE: Rate = Rate::percent(10);

/// How many seeds may be asked for at once.
const SEEDS_MAX: u64 = 100_000;

/// Why a text is no choice of faults.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{text}` is no choice of faults{why}")]
pub struct ParseFaultsError {
    text: String,
    why: String,
}

impl Faults {
    /// What can be asked for.
    pub const HELP: &'static str = "give `none`, `each`, or a seed: `seed:7`, `seed:1..100` for each of \
         these, `seed:7@25%` for faults at a quarter of the calls";

    /// The faults that one seed draws at the usual rate.
    pub const fn seed(seed: u64) -> Self {
        Faults::Seeds {
            first: seed,
            last: seed,
            rate: RATE,
        }
    }

    /// How many seeds are asked for.
    pub const fn seeds(self) -> u64 {
        match self {
            Faults::Seeds { first, last, .. } => last - first + 1,
            Faults::None | Faults::Each => 0,
        }
    }

    /// The choice of one of the seeds alone.
    #[must_use]
    pub const fn only(self, seed: u64) -> Self {
        match self {
            Faults::Seeds { rate, .. } => Faults::Seeds {
                first: seed,
                last: seed,
                rate,
            },
            other => other,
        }
    }
}

impl FromStr for Faults {
    type Err = ParseFaultsError;

    fn from_str(text: &str) -> Result<Self, ParseFaultsError> {
        let wrong = |why: String| ParseFaultsError {
            text: text.to_owned(),
            why,
        };
        let seeds = match text {
            "none" => return Ok(Faults::None),
            "each" => return Ok(Faults::Each),
            other => other.strip_prefix("seed:"),
        };
        let seeds = seeds.ok_or_else(|| wrong(String::new()))?;
        let (seeds, rate) = match seeds.split_once('@') {
            None => (seeds, RATE),
            Some((seeds, rate)) => {
                let rate = rate.parse();
                (seeds, rate.map_err(|error| wrong(format!(": {error}")))?)
            }
        };
        let (first, last) = seeds.split_once("..").unwrap_or((seeds, seeds));
        let number = |text: &str| {
            let number = text.parse::<u64>();
            number.map_err(|_| wrong(format!(": `{text}` is no whole number")))
        };
        let (first, last) = (number(first)?, number(last)?);
        if last < first {
            return Err(wrong(format!(": {last} comes before {first}")));
        }
        if last - first >= SEEDS_MAX {
            return Err(wrong(format!(": more than {SEEDS_MAX} seeds at once")));
        }
        Ok(Faults::Seeds { first, last, rate })
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Faults::None => f.write_str("none"),
            Faults::Each => f.write_str("each"),
            Faults::Seeds { first, last, rate } => {
                write!(f, "seed:{first}")?;
                if last != first {
                    write!(f, "..{last}")?;
                }
                if *rate != RATE {
                    write!(f, "@{rate}")?;
                }
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_are_read_and_told() {
        for text in [
            "none",
            "each",
            "seed:7",
            "seed:1..100",
            "seed:7@25%",
            "seed:0..3@5/1000",
        ] {
            assert_eq!(text.parse::<Faults>().unwrap().to_string(), text);
        }
        assert_eq!("seed:7@10%".parse(), Ok(Faults::seed(7)));
        let some: Faults = "seed:2..5@50%".parse().unwrap();
        assert_eq!(some.seeds(), 4);
        assert_eq!(some.only(3).to_string(), "seed:3@50%");
    }

    #[test]
    fn wrong_choices_say_why() {
        for (text, why) in [
            ("all", "`all` is no choice"),
            ("seed:", "`` is no whole number"),
            ("seed:-1", "`-1` is no whole number"),
            ("seed:5..2", "2 comes before 5"),
            ("seed:0..18446744073709551615", "more than 100000"),
            ("seed:7@0%", "is no rate"),
            ("seed:18446744073709551616", "is no whole number"),
        ] {
            let error = text.parse::<Faults>().unwrap_err().to_string();
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}
