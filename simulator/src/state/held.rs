//! The private addresses that are held in subnets, kept as things come and go for the subnets that are
//! written to: gathering them anew would make each launch into a subnet slower than the one before.

use std::net::Ipv4Addr;

use rpds::RedBlackTreeMapSync;
use sandtable_model::resource::NetworkInterface;
use sandtable_model::{Resource, SubnetId};

use super::State;

/// The addresses of one subnet, each with how many resources show it: an instance shows its
/// interface's, and so does a NAT gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    shown: RedBlackTreeMapSync<u32, u32>,
    /// Where addresses begin that may be given.
    first: u32,
    /// The lowest one from `first` on that nothing shows.
    lowest_free: u32,
}

impl Held {
    fn new(first: Ipv4Addr) -> Self {
        let first = u32::from(first);
        Held {
            shown: RedBlackTreeMapSync::new_sync(),
            first,
            lowest_free: first,
        }
    }

    /// Whether anything shows the address.
    pub(crate) fn contains(&self, address: Ipv4Addr) -> bool {
        self.shown.contains_key(&address.into())
    }

    /// How many addresses are held.
    pub(crate) fn len(&self) -> usize {
        self.shown.size()
    }

    /// Where addresses begin that may be given.
    pub(super) fn first(&self) -> Ipv4Addr {
        self.first.into()
    }

    /// The lowest address that may be given and is free.
    pub(crate) fn lowest_free(&self) -> Ipv4Addr {
        self.lowest_free.into()
    }

    fn add(&mut self, address: u32) {
        match self.shown.get_mut(&address) {
            Some(count) => *count += 1,
            None => self.shown.insert_mut(address, 1),
        }
        while self.shown.contains_key(&self.lowest_free)
            && let Some(next) = self.lowest_free.checked_add(1)
        {
            self.lowest_free = next;
        }
    }

    fn drop(&mut self, address: u32) {
        match self.shown.get_mut(&address) {
            Some(count) if *count > 1 => *count -= 1,
            Some(_) => {
                self.shown.remove_mut(&address);
                if (self.first..self.lowest_free).contains(&address) {
                    self.lowest_free = address;
                }
            }
            None => {}
        }
    }
}

/// The subnets whose addresses are kept. Persistent, as forks carry it.
#[derive(Clone, Debug)]
pub(super) struct Kept(RedBlackTreeMapSync<SubnetId, Held>);

impl Default for Kept {
    fn default() -> Self {
        Kept(RedBlackTreeMapSync::new_sync())
    }
}

impl Kept {
    pub(super) fn get(&self, subnet: &SubnetId) -> Option<&Held> {
        self.0.get(subnet)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&SubnetId, &Held)> {
        self.0.iter()
    }

    /// What a resource shows counts, or no longer does.
    pub(super) fn add(&mut self, resource: &Resource) {
        self.each(resource, Held::add);
    }

    pub(super) fn drop(&mut self, resource: &Resource) {
        self.each(resource, Held::drop);
    }

    fn each(&mut self, resource: &Resource, count: impl Fn(&mut Held, u32)) {
        if let Some(subnet) = subnet_of(resource)
            && let Some(held) = self.0.get_mut(subnet)
        {
            each_address(resource, &mut |it| count(held, it.into()));
        }
    }
}

impl State {
    /// The private addresses that are held in a subnet whose first address to give is `first`: those
    /// kept, if any were given since the base, or gathered.
    pub(crate) fn held_addresses(&self, subnet: &SubnetId, first: Ipv4Addr) -> Held {
        match self.kept.get(subnet) {
            Some(held) if held.first == u32::from(first) => held.clone(),
            _ => self.gather_addresses(subnet, first),
        }
    }

    /// Keeps the addresses of a subnet from now on.
    pub(crate) fn keep_addresses(&mut self, subnet: &SubnetId, first: Ipv4Addr) {
        if self.kept.get(subnet).is_none() {
            let held = self.gather_addresses(subnet, first);
            self.kept.0.insert_mut(subnet.clone(), held);
        }
    }

    pub(super) fn gather_addresses(&self, subnet: &SubnetId, first: Ipv4Addr) -> Held {
        let mut held = Held::new(first);
        let id = subnet.into();
        for referrer in self.referrers(&id) {
            let found = self.get(referrer);
            let found = found.filter(|it| subnet_of(it) == Some(subnet));
            if let Some(resource) = found {
                each_address(resource, &mut |it| held.add(it.into()));
            }
        }
        held
    }
}

/// The subnet that a resource shows addresses of.
fn subnet_of(resource: &Resource) -> Option<&SubnetId> {
    match resource {
        Resource::NetworkInterface(it) => Some(&it.subnet_id),
        Resource::Instance(it) => it.subnet_id.as_ref(),
        Resource::NatGateway(it) => Some(&it.subnet_id),
        _ => None,
    }
}

fn each_address(resource: &Resource, each: &mut impl FnMut(Ipv4Addr)) {
    let mut take = |text: &str| text.parse().into_iter().for_each(&mut *each);
    match resource {
        Resource::NetworkInterface(it) => private_ips(it).for_each(take),
        Resource::Instance(it) => it.private_ip_address.iter().for_each(|it| take(it)),
        Resource::NatGateway(it) if !it.is_over() => {
            let addresses = it.nat_gateway_addresses.iter();
            addresses
                .filter_map(|it| it.private_ip.as_deref())
                .for_each(take);
        }
        _ => {}
    }
}

/// The private addresses of an interface.
pub(crate) fn private_ips(interface: &NetworkInterface) -> impl Iterator<Item = &str> {
    let all = interface.private_ip_addresses.iter();
    let only = interface
        .private_ip_address
        .as_deref()
        .filter(|_| interface.private_ip_addresses.is_empty());
    all.map(|it| it.private_ip_address.as_str()).chain(only)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn held_addresses_end_with_the_last_one() {
        let mut held = Held::new(Ipv4Addr::new(255, 255, 255, 254));
        held.add(u32::MAX - 1);
        held.add(u32::MAX);
        assert_eq!(held.lowest_free(), Ipv4Addr::BROADCAST);
        held.drop(u32::MAX - 1);
        assert_eq!(held.lowest_free(), Ipv4Addr::new(255, 255, 255, 254));
    }
}
