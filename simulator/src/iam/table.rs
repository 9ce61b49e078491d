//! With which resources and condition keys each action is authorised: AWS's own reference.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::context::Context;
use super::pattern::{Pattern, Rule};
use crate::wire::Api;

/// A table, as text. Made by `simulator/tools/permissions.py`.
macro_rules! table {
    ($name:literal) => {{
        static TABLE: OnceLock<Table> = OnceLock::new();
        TABLE.get_or_init(|| Table::read($name, include_str!(concat!("actions/", $name, ".txt"))))
    }};
}

/// How an action is authorised.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Row {
    /// The resource types, required ones first.
    pub(crate) types: Vec<TypeRow>,
    /// Actions that a call can need besides.
    pub(crate) needs: Vec<&'static str>,
    /// The number of the condition keys of the call itself.
    keys: Option<usize>,
}

/// A type of resource with which an action is authorised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TypeRow {
    pub(crate) name: &'static str,
    pub(crate) is_required: bool,
    keys: usize,
}

/// The reference of a service, read.
#[derive(Debug)]
pub(crate) struct Table {
    /// What stands before the colon of its actions.
    pub(crate) service: &'static str,
    actions: BTreeMap<&'static str, Row>,
    keys: Vec<Vec<&'static str>>,
    arns: Vec<(&'static str, &'static str)>,
}

impl Table {
    /// That of a service; both generations of load balancers share one.
    pub(crate) fn of(api: Api) -> &'static Self {
        match api {
            Api::Ec2 => table!("ec2"),
            Api::Sts => table!("sts"),
            Api::Elb | Api::ElbV2 => table!("elasticloadbalancing"),
            Api::AutoScaling => table!("autoscaling"),
            Api::Rds => table!("rds"),
            Api::CloudWatch => table!("cloudwatch"),
            Api::CloudFormation => table!("cloudformation"),
        }
    }

    fn read(service: &'static str, text: &'static str) -> Self {
        let mut table = Table {
            service,
            actions: BTreeMap::new(),
            keys: Vec::new(),
            arns: Vec::new(),
        };
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let mut words = line.split(' ');
            match words.next() {
                Some("keys") => table.keys.push(words.skip(1).collect()),
                Some("arn") => table.arns.extend(words.next().zip(words.next())),
                Some(action) => drop(table.actions.insert(action, Row::read(words))),
                None => {}
            }
        }
        table
    }

    pub(crate) fn action(&self, name: &str) -> Option<&Row> {
        self.actions.get(name)
    }

    /// The condition keys of a call, and of a resource of it. A key that ends in `/` stands for all
    /// that begin so.
    pub(crate) fn keys(&self, row: &Row, of: Option<&TypeRow>) -> Vec<&'static str> {
        let numbers = row.keys.into_iter().chain(of.map(|it| it.keys));
        let sets = numbers.filter_map(|it| self.keys.get(it));
        let mut keys: Vec<&'static str> = sets.flatten().copied().collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// Whether any action of the service has a condition key of this name.
    pub(crate) fn names_key(&self, key: &str) -> bool {
        self.keys.iter().flatten().any(|it| is_of(key, it))
    }

    /// Whether one of these actions has a condition key of this name.
    pub(crate) fn action_has_key(&self, action: &str, key: &str) -> bool {
        self.action(action).is_some_and(|row| {
            let types = row.types.iter().map(Some);
            let all = std::iter::once(None).chain(types);
            all.flat_map(|of| self.keys(row, of))
                .any(|it| is_of(key, it))
        })
    }

    /// The type of the resource that an ARN names: of the forms that fit, the one that says most.
    pub(crate) fn type_of(&self, arn: &str) -> Option<&'static str> {
        let nothing = Context::default();
        let fits = |format: &str| {
            Pattern::glob(format, false).is_ok_and(|it| it.matches(arn, Rule::Text, &nothing))
        };
        let fitting = self.arns.iter().filter(|(_, format)| fits(format));
        let letters = |format: &str| format.chars().filter(|it| *it != '*').count();
        let best = fitting.max_by_key(|(_, format)| letters(format));
        best.map(|(name, _)| *name)
    }

    #[cfg(test)]
    pub(crate) fn arns(&self) -> &[(&'static str, &'static str)] {
        &self.arns
    }
}

/// Whether a condition key is the one of the reference, or one of those that it stands for.
fn is_of(key: &str, of: &str) -> bool {
    let stem = of.split("${").next().unwrap_or(of);
    match stem.ends_with('/') {
        true => key
            .get(..stem.len())
            .is_some_and(|it| it.eq_ignore_ascii_case(stem)),
        false => key.eq_ignore_ascii_case(of),
    }
}

impl Row {
    fn read(words: impl Iterator<Item = &'static str>) -> Self {
        let mut row = Row::default();
        for word in words {
            if let Some(number) = word.strip_prefix('*') {
                row.keys = number.parse().ok();
            } else if let Some(need) = word.strip_prefix('>') {
                row.needs.push(need);
            } else if let Some((name, number)) = word.split_once(['!', '?']) {
                row.types.push(TypeRow {
                    name,
                    is_required: word.contains('!'),
                    keys: number.parse().unwrap_or_default(),
                });
            }
        }
        row.types.sort_by_key(|it| !it.is_required);
        row
    }

    /// The row of a type.
    pub(crate) fn of(&self, name: &str) -> Option<&TypeRow> {
        self.types.iter().find(|it| it.name == name)
    }
}
