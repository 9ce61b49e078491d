//! Where new ids, addresses and reservation numbers come from: a seed, and nothing else.

use std::net::Ipv4Addr;

/// A small deterministic generator (SplitMix64, <https://prng.di.unimi.it/splitmix64.c>).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdSource {
    state: u64,
}

impl IdSource {
    /// A source that gives the same numbers for the same seed.
    pub const fn new(seed: u64) -> Self {
        IdSource { state: seed }
    }

    /// The next number.
    pub const fn next_number(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`; zero when there is none.
    pub const fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 {
            return 0;
        }
        // The bias of the remainder is immaterial here; that it is reproducible is what counts.
        self.next_number() % bound
    }

    /// Text such as `r-0f1e2d3c4b5a69788`: `prefix`, a hyphen and 17 hexadecimal digits.
    pub fn text(&mut self, prefix: &str) -> String {
        format!("{prefix}-{:017x}", self.next_number())
    }

    /// An address of 198.18.0.0/15, which is reserved for tests (RFC 2544) and routed nowhere.
    pub const fn public_ip(&mut self) -> Ipv4Addr {
        let offset = self.below(1 << 17) as u32;
        Ipv4Addr::from_bits(0xc612_0000 + offset)
    }

    /// A hardware address of AWS's look (`02:…`).
    pub fn mac_address(&mut self) -> String {
        let bytes = self.next_number().to_be_bytes();
        let rest: Vec<String> = bytes[..5].iter().map(|b| format!("{b:02x}")).collect();
        format!("02:{}", rest.join(":"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_splitmix64() {
        // The first outputs for seed 0 of the reference implementation.
        let mut source = IdSource::new(0);
        assert_eq!(source.next_number(), 0xe220_a839_7b1d_cdaf);
        assert_eq!(source.next_number(), 0x6e78_9e6a_a1b9_65f4);
        assert_eq!(source.text("vol").len(), "vol-".len() + 17);
    }
}
