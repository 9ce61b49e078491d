//! With which resources and condition keys each action is authorised: AWS's own reference.

use std::collections::BTreeMap;
use std::sync::OnceLock;

/// Made by `simulator/tools/permissions.py`.
const TEXT: &str = include_str!("ec2-actions.txt");

/// How an action is authorised.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Row {
    /// The resource types, required ones first.
    pub(crate) types: Vec<TypeRow>,
    /// The number of the condition keys of the call itself.
    keys: usize,
}

/// A type of resource with which an action is authorised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TypeRow {
    pub(crate) name: &'static str,
    pub(crate) is_required: bool,
    keys: usize,
}

/// The reference, read.
#[derive(Debug, Default)]
pub(crate) struct Table {
    actions: BTreeMap<&'static str, Row>,
    keys: Vec<Vec<&'static str>>,
}

impl Table {
    /// That of Amazon EC2.
    pub(crate) fn ec2() -> &'static Self {
        static TABLE: OnceLock<Table> = OnceLock::new();
        TABLE.get_or_init(|| Table::read(TEXT))
    }

    fn read(text: &'static str) -> Self {
        let mut table = Table::default();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let mut words = line.split(' ');
            match words.next() {
                Some("keys") => table.keys.push(words.skip(1).collect()),
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
        let numbers = std::iter::once(row.keys).chain(of.map(|it| it.keys));
        let sets = numbers.filter_map(|it| self.keys.get(it));
        sets.flatten().copied().collect()
    }

    #[cfg(test)]
    pub(crate) fn actions(&self) -> impl Iterator<Item = (&'static str, &Row)> {
        self.actions.iter().map(|(name, row)| (*name, row))
    }
}

impl Row {
    fn read(words: impl Iterator<Item = &'static str>) -> Self {
        let mut row = Row::default();
        for word in words {
            if let Some(number) = word.strip_prefix('*') {
                row.keys = number.parse().unwrap_or_default();
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
}
