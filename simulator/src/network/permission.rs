//! Rules of security groups one by one: AWS lists several sources under one protocol and port
//! range, and counts, compares and numbers each source as a rule of its own.

use ipnet::{Ipv4Net, Ipv6Net};
use sandtable_model::SecurityGroupId;
use sandtable_model::resource::{IpPermission, IpRange, Ipv6Range, PrefixListRef, UserIdGroupPair};
use smol_str::{SmolStr, format_smolstr};

use crate::ApiError;
use crate::rules::invalid_value;

/// One rule: protocol, ports, one source or destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) protocol: SmolStr,
    pub(super) from_port: Option<i32>,
    pub(super) to_port: Option<i32>,
    pub(super) peer: Peer,
}

/// Who may talk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Peer {
    Ipv4(IpRange),
    Ipv6(Ipv6Range),
    List(PrefixListRef),
    Group(Box<UserIdGroupPair>),
}

impl Peer {
    /// What makes the peer: its description does not.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Ipv4(it) => &it.cidr_ip,
            Self::Ipv6(it) => &it.cidr_ipv6,
            Self::List(it) => &it.prefix_list_id,
            Self::Group(it) => it.group_id.as_ref().map_or("", SecurityGroupId::as_str),
        }
    }

    pub(super) fn describe(&mut self, description: Option<SmolStr>) {
        match self {
            Self::Ipv4(it) => it.description = description,
            Self::Ipv6(it) => it.description = description,
            Self::List(it) => it.description = description,
            Self::Group(it) => it.description = description,
        }
    }

    pub(super) fn description(&self) -> Option<&SmolStr> {
        match self {
            Self::Ipv4(it) => it.description.as_ref(),
            Self::Ipv6(it) => it.description.as_ref(),
            Self::List(it) => it.description.as_ref(),
            Self::Group(it) => it.description.as_ref(),
        }
    }
}

impl Rule {
    /// Whether two rules allow the same; descriptions do not count.
    pub(super) fn is_same(&self, other: &Rule) -> bool {
        self.protocol == other.protocol
            && self.from_port == other.from_port
            && self.to_port == other.to_port
            && self.peer.text() == other.peer.text()
    }

    /// The id: AWS draws one, the twin derives it, so that rules which were there before the twin
    /// have one too and the same rule always has the same.
    pub(super) fn id(&self, group: &SecurityGroupId, is_egress: bool) -> SmolStr {
        let ports = (self.from_port, self.to_port);
        let text = format!(
            "{group}/{is_egress}/{}/{ports:?}/{}",
            self.protocol,
            self.peer.text()
        );
        // FNV-1a, 64 bits.
        let number = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
            (sum ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        format_smolstr!("sgr-{number:017x}")
    }

    /// The rule in the words of AWS's refusals.
    pub(super) fn words(&self) -> String {
        let ports = match (self.protocol.as_str(), self.from_port, self.to_port) {
            ("-1", _, _) => "ALL".to_owned(),
            (protocol, Some(from), Some(to)) => {
                format!(
                    "{}, from port: {from}, to port: {to}",
                    protocol.to_uppercase()
                )
            }
            (protocol, _, _) => protocol.to_uppercase(),
        };
        format!("peer: {}, {ports}, ALLOW", self.peer.text())
    }

    /// Whether the rule stands, or would stand, under an entry of a group's permissions.
    fn is_of(&self, permission: &IpPermission) -> bool {
        permission.ip_protocol == self.protocol
            && permission.from_port == self.from_port
            && permission.to_port == self.to_port
    }

    fn permission(&self) -> IpPermission {
        IpPermission {
            ip_protocol: self.protocol.clone(),
            from_port: self.from_port,
            to_port: self.to_port,
            ..IpPermission::default()
        }
    }
}

/// The rules of a group's permissions, in order.
pub(super) fn rules_of(permissions: &[IpPermission]) -> Vec<Rule> {
    permissions.iter().flat_map(split).collect()
}

fn split(permission: &IpPermission) -> impl Iterator<Item = Rule> + '_ {
    let ipv4 = permission.ip_ranges.iter().cloned().map(Peer::Ipv4);
    let ipv6 = permission.ipv6_ranges.iter().cloned().map(Peer::Ipv6);
    let lists = permission.prefix_list_ids.iter().cloned().map(Peer::List);
    let groups = permission.user_id_group_pairs.iter().cloned();
    let groups = groups.map(|it| Peer::Group(Box::new(it)));
    ipv4.chain(ipv6)
        .chain(lists)
        .chain(groups)
        .map(|peer| Rule {
            protocol: permission.ip_protocol.clone(),
            from_port: permission.from_port,
            to_port: permission.to_port,
            peer,
        })
}

/// Permissions with `rule` added, under an entry of its protocol and ports if there is one.
pub(super) fn add(permissions: &mut Vec<IpPermission>, rule: &Rule) {
    let mut entries = permissions.iter_mut();
    let beside = entries.find(|it| rule.is_of(it));
    let entry = match beside {
        Some(entry) => entry,
        None => permissions.push_mut(rule.permission()),
    };
    match rule.peer.clone() {
        Peer::Ipv4(it) => entry.ip_ranges.push(it),
        Peer::Ipv6(it) => entry.ipv6_ranges.push(it),
        Peer::List(it) => entry.prefix_list_ids.push(it),
        Peer::Group(it) => entry.user_id_group_pairs.push(*it),
    }
}

/// Gives the rule that says the same as `rule` its description.
pub(super) fn describe(permissions: &mut [IpPermission], rule: &Rule) {
    let text = rule.peer.text();
    let description = rule.peer.description();
    for entry in permissions.iter_mut().filter(|it| rule.is_of(it)) {
        match rule.peer {
            Peer::Ipv4(_) => {
                let mut all = entry.ip_ranges.iter_mut();
                if let Some(it) = all.find(|it| it.cidr_ip == text) {
                    it.description = description.cloned();
                }
            }
            Peer::Ipv6(_) => {
                let mut all = entry.ipv6_ranges.iter_mut();
                if let Some(it) = all.find(|it| it.cidr_ipv6 == text) {
                    it.description = description.cloned();
                }
            }
            Peer::List(_) => {
                let mut all = entry.prefix_list_ids.iter_mut();
                if let Some(it) = all.find(|it| it.prefix_list_id == text) {
                    it.description = description.cloned();
                }
            }
            Peer::Group(_) => {
                let mut all = entry.user_id_group_pairs.iter_mut();
                let is_it = |it: &&mut UserIdGroupPair| {
                    it.group_id.as_ref().is_some_and(|it| it.as_str() == text)
                };
                if let Some(it) = all.find(is_it) {
                    it.description = description.cloned();
                }
            }
        }
    }
}

/// Permissions without `rule`; an entry without any peer goes.
pub(super) fn remove(permissions: &mut Vec<IpPermission>, rule: &Rule) {
    for entry in permissions.iter_mut().filter(|it| rule.is_of(it)) {
        let text = rule.peer.text();
        match rule.peer {
            Peer::Ipv4(_) => entry.ip_ranges.retain(|it| it.cidr_ip != text),
            Peer::Ipv6(_) => entry.ipv6_ranges.retain(|it| it.cidr_ipv6 != text),
            Peer::List(_) => entry.prefix_list_ids.retain(|it| it.prefix_list_id != text),
            Peer::Group(_) => entry
                .user_id_group_pairs
                .retain(|it| it.group_id.as_ref().is_none_or(|it| it.as_str() != text)),
        }
    }
    permissions.retain(|it| split(it).next().is_some());
}

/// Brings a permission of a request into AWS's form: protocol names instead of numbers, no ports
/// where there are none, canonical blocks.
///
/// # Errors
/// `InvalidParameterValue` for a protocol, port or block that is none.
pub(super) fn normalize(mut permission: IpPermission) -> Result<IpPermission, ApiError> {
    permission.ip_protocol = protocol(&permission.ip_protocol)?;
    let (from, to) = (permission.from_port, permission.to_port);
    match permission.ip_protocol.as_str() {
        "tcp" | "udp" => check_ports(&permission)?,
        "icmp" | "icmpv6" => {
            permission.from_port = Some(from.unwrap_or(-1));
            permission.to_port = Some(to.unwrap_or(-1));
        }
        _ => {
            permission.from_port = None;
            permission.to_port = None;
        }
    }
    for range in &mut permission.ip_ranges {
        let block = range.cidr_ip.parse::<Ipv4Net>();
        let block = block.map_err(|_| malformed(&range.cidr_ip))?;
        range.cidr_ip = format_smolstr!("{}", block.trunc());
    }
    for range in &mut permission.ipv6_ranges {
        let block = range.cidr_ipv6.parse::<Ipv6Net>();
        let block = block.map_err(|_| malformed(&range.cidr_ipv6))?;
        range.cidr_ipv6 = format_smolstr!("{}", block.trunc());
    }
    Ok(permission)
}

fn malformed(text: &str) -> ApiError {
    invalid_value(format!("CIDR block {text} is malformed"))
}

/// The protocol's name, where AWS shows a name for a number.
fn protocol(text: &str) -> Result<SmolStr, ApiError> {
    let name = match text.to_ascii_lowercase().as_str() {
        "-1" | "all" => "-1",
        "6" | "tcp" => "tcp",
        "17" | "udp" => "udp",
        "1" | "icmp" => "icmp",
        "58" | "icmpv6" => "icmpv6",
        other if other.parse::<u8>().is_ok() => return Ok(other.into()),
        _ => {
            return Err(invalid_value(format!(
                "Invalid value '{text}' for IP protocol. Unknown protocol."
            )));
        }
    };
    Ok(SmolStr::new_static(name))
}

fn check_ports(permission: &IpPermission) -> Result<(), ApiError> {
    let protocol = permission.ip_protocol.to_uppercase();
    let (Some(from), Some(to)) = (permission.from_port, permission.to_port) else {
        return Err(invalid_value(format!(
            "Invalid value 'Must specify both from and to ports with {protocol}.' for portRange."
        )));
    };
    let fine = 0..=65_535;
    if !fine.contains(&from) || !fine.contains(&to) || from > to {
        return Err(invalid_value(format!(
            "Invalid {protocol} port range {from}-{to}"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permission(value: serde_json::Value) -> IpPermission {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn rules_join_and_part() {
        let both = permission(
            serde_json::json!({"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22,
            "IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": "home"}, {"CidrIp": "0.0.0.0/0"}]}),
        );
        let rules = rules_of(std::slice::from_ref(&both));
        assert_eq!(rules.len(), 2);
        let mut permissions = Vec::new();
        rules.iter().for_each(|rule| add(&mut permissions, rule));
        assert_eq!(permissions, [both]);
        rules.iter().for_each(|rule| remove(&mut permissions, rule));
        assert_eq!(permissions, []);
    }

    #[test]
    fn permissions_get_awss_form() {
        let six = permission(
            serde_json::json!({"IpProtocol": "6", "FromPort": 1, "ToPort": 2,
            "IpRanges": [{"CidrIp": "10.1.2.3/8"}]}),
        );
        let six = normalize(six).unwrap();
        assert_eq!(
            (six.ip_protocol.as_str(), six.ip_ranges[0].cidr_ip.as_str()),
            ("tcp", "10.0.0.0/8")
        );
        let all = permission(serde_json::json!({"IpProtocol": "-1", "FromPort": 1, "ToPort": 2}));
        assert_eq!(normalize(all).unwrap().from_port, None);
        for bad in [
            serde_json::json!({"IpProtocol": "tcp", "FromPort": 22}),
            serde_json::json!({"IpProtocol": "tcp", "FromPort": 23, "ToPort": 22}),
            serde_json::json!({"IpProtocol": "carrier-pigeon"}),
            serde_json::json!({"IpProtocol": "-1", "IpRanges": [{"CidrIp": "10.0.0.0/40"}]}),
        ] {
            let error = normalize(permission(bad.clone())).unwrap_err();
            assert_eq!(error.code, "InvalidParameterValue", "{bad}");
        }
    }
}
