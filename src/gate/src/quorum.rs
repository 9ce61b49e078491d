//! How many people have really consented.

use std::collections::{BTreeMap, BTreeSet};

/// How many different people can be told apart among pairs of approver and key, when each approver
/// and each key counts once: the size of a largest matching.
///
/// Counting names and keys each for themselves is not enough: of Alice with three keys, and of Bob
/// and Carol who both signed with the first of them, there are three names and three keys, yet only
/// two people could have signed.
pub(crate) fn distinct_people(consents: &BTreeSet<(String, String)>) -> usize {
    let mut keys_of: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (approver, key) in consents {
        keys_of.entry(approver).or_default().push(key);
    }
    let mut holder: BTreeMap<&str, &str> = BTreeMap::new();
    keys_of
        .keys()
        .filter(|approver| assign(approver, &keys_of, &mut holder, &mut BTreeSet::new()))
        .count()
}

/// Finds a key for the approver, moving earlier approvers to other keys of theirs where needed.
fn assign<'a>(
    approver: &'a str,
    keys_of: &BTreeMap<&'a str, Vec<&'a str>>,
    holder: &mut BTreeMap<&'a str, &'a str>,
    tried: &mut BTreeSet<&'a str>,
) -> bool {
    for key in keys_of.get(approver).into_iter().flatten() {
        if !tried.insert(key) {
            continue;
        }
        let free = match holder.get(key).copied() {
            None => true,
            Some(other) => assign(other, keys_of, holder, tried),
        };
        if free {
            holder.insert(key, approver);
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::distinct_people;

    fn people(pairs: &[(&str, &str)]) -> usize {
        let owned = |&(a, k): &(&str, &str)| (a.to_owned(), k.to_owned());
        distinct_people(&pairs.iter().map(owned).collect())
    }

    #[test]
    fn a_person_is_a_name_with_a_key_of_its_own() {
        assert_eq!(people(&[]), 0);
        assert_eq!(people(&[("alice", "k1"), ("bob", "k2")]), 2);
        assert_eq!(people(&[("alice", "k1"), ("bob", "k1")]), 1);
        assert_eq!(people(&[("alice", "k1"), ("alice", "k2")]), 1);
        assert_eq!(
            people(&[("alice", "k1"), ("alice", "k2"), ("bob", "k1")]),
            2
        );
        let three = [
            ("alice", "k1"),
            ("alice", "k2"),
            ("alice", "k3"),
            ("bob", "k1"),
            ("carol", "k1"),
        ];
        assert_eq!(people(&three), 2);
    }
}
