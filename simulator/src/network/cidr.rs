//! IPv4 blocks of VPCs and subnets.

use ipnet::Ipv4Net;

use crate::ApiError;
use crate::rules::{invalid_value, required};

/// Addresses that AWS keeps of each subnet: the first four and the last (EC2 API reference,
/// CreateSubnet).
pub(crate) const RESERVED: u32 = 5;

/// Sizes that VPCs and subnets may have, as prefix lengths (EC2 API reference, CreateVpc and
/// CreateSubnet).
const LENGTHS: std::ops::RangeInclusive<u8> = 16..=28;

/// Reads a required block; AWS changes it to its canonical form (EC2 API reference, CreateVpc).
pub(crate) fn read(parameter: &str, text: &str) -> Result<Ipv4Net, ApiError> {
    required(parameter, text)?;
    let malformed = |_| {
        invalid_value(format!(
            "Value ({text}) for parameter cidrBlock is invalid. This is not a valid CIDR block."
        ))
    };
    text.parse::<Ipv4Net>()
        .map(|it| it.trunc())
        .map_err(malformed)
}

/// A block of a resource; nothing when a recorded answer has none that can be read.
pub(crate) fn of(text: &str) -> Option<Ipv4Net> {
    text.parse().ok()
}

/// Checks the size of a block for a VPC or subnet.
pub(crate) fn check_size(code: &'static str, block: Ipv4Net) -> Result<(), ApiError> {
    if LENGTHS.contains(&block.prefix_len()) {
        Ok(())
    } else {
        Err(out_of_range(code, block))
    }
}

/// The refusal of a block that is too large, too small or not within its VPC.
pub(crate) fn out_of_range(code: &'static str, block: Ipv4Net) -> ApiError {
    ApiError::new(code, format!("The CIDR '{block}' is invalid."))
}

/// Whether two blocks share an address.
pub(crate) fn overlap(one: &Ipv4Net, other: &Ipv4Net) -> bool {
    one.contains(other) || other.contains(one)
}

/// How many addresses of a block can be given out.
pub(crate) fn usable(block: &Ipv4Net) -> u32 {
    let all = 1_u64 << (32 - u32::from(block.prefix_len()));
    u32::try_from(all)
        .unwrap_or(u32::MAX)
        .saturating_sub(RESERVED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_become_canonical() {
        // EC2 API reference, CreateVpc: 100.68.0.18/18 becomes 100.68.0.0/18.
        let block = read("CidrBlock", "100.68.0.18/18").unwrap();
        assert_eq!(block.to_string(), "100.68.0.0/18");
        assert_eq!(usable(&of("10.0.0.0/24").unwrap()), 251);
        assert_eq!(usable(&of("10.0.0.0/28").unwrap()), 11);
    }

    #[test]
    fn sizes_and_texts_are_checked() {
        let code = |text| read("CidrBlock", text).unwrap_err().code;
        assert_eq!(code(""), "MissingParameter");
        assert_eq!(code("10.0.0.0/99"), "InvalidParameterValue");
        for (text, fine) in [
            ("10.0.0.0/15", false),
            ("10.0.0.0/16", true),
            ("10.0.0.0/29", false),
        ] {
            assert_eq!(
                check_size("InvalidVpc.Range", of(text).unwrap()).is_ok(),
                fine,
                "{text}"
            );
        }
    }
}
