//! The XML of resources as it was written before, so that a page of a thousand volumes of which one
//! has changed writes one.
//!
//! A resource that stands behind an [`Arc`] does not change: a change makes another. So what was
//! written of it stays right for as long as it is the same allocation. A piece keeps a weak hand on
//! its resource, which lets go of what is in it but keeps its address from being given out again.
//!
//! Nobody can tell whether a piece was used: the bytes are the same, which a property test checks.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock, Weak};

use rustc_hash::FxHashMap;
use sandtable_model::Resource;

use super::api::Api;
use super::table::ShapeId;

/// The most bytes that are kept.
const MAX_BYTES: usize = 64 << 20;

/// What was written of resources. Bounded: when it is full, it begins anew.
#[derive(Default)]
pub struct Pieces(RwLock<Kept>);

#[derive(Default)]
struct Kept {
    /// For look-up only.
    by_place: FxHashMap<Key, Piece>,
    bytes: usize,
}

/// The address of a resource, and the list that it was written in.
type Key = (usize, ListOf);

/// A list of an API, whose elements always have the same name and shape.
pub(super) type ListOf = (Api, ShapeId);

struct Piece {
    of: Weak<Resource>,
    xml: Box<[u8]>,
}

impl fmt::Debug for Pieces {
    /// Nothing that depends on what was asked before: a twin's debug text tells its state.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pieces")
    }
}

impl Pieces {
    /// Appends the elements that `resources` are in a list, as `write` writes each of them.
    ///
    /// # Errors
    /// Those of `write`, with the number of the element; what was appended is incomplete then.
    pub(super) fn append<E>(
        &self,
        list: ListOf,
        resources: &[Arc<Resource>],
        into: &mut Vec<u8>,
        mut write: impl FnMut(&Resource, &mut Vec<u8>) -> Result<(), E>,
    ) -> Result<(), (usize, E)> {
        let mut written = Vec::new();
        {
            let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
            let known = resources.iter().map(|it| kept.get(list, it));
            into.reserve(known.flatten().map(<[u8]>::len).sum::<usize>() + 64);
            for (number, resource) in resources.iter().enumerate() {
                match kept.get(list, resource) {
                    Some(xml) => into.extend_from_slice(xml),
                    None => {
                        let start = into.len();
                        write(resource, into).map_err(|error| (number, error))?;
                        written.push((resource, start..into.len()));
                    }
                }
            }
        }
        if !written.is_empty() {
            let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
            for (resource, range) in written {
                let Some(xml) = into.get(range) else { continue };
                kept.put(list, resource, xml, MAX_BYTES);
            }
        }
        Ok(())
    }
}

impl Kept {
    fn get(&self, list: ListOf, resource: &Arc<Resource>) -> Option<&[u8]> {
        let piece = self.by_place.get(&(address(resource), list))?;
        Some(&piece.xml)
    }

    fn put(&mut self, list: ListOf, resource: &Arc<Resource>, xml: &[u8], most: usize) {
        // What an entry costs beside its text: the key, two pointers and a length, the allocation.
        let bytes = xml.len() + 128;
        if bytes > most {
            return;
        }
        if self.bytes + bytes > most {
            *self = Kept::default();
        }
        let piece = Piece {
            of: Arc::downgrade(resource),
            xml: xml.into(),
        };
        debug_assert_eq!(piece.of.as_ptr() as usize, address(resource));
        let old = self.by_place.insert((address(resource), list), piece);
        // Two threads may have written the same resource at once.
        self.bytes += if old.is_none() { bytes } else { 0 };
    }
}

fn address(resource: &Arc<Resource>) -> usize {
    Arc::as_ptr(resource) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use sandtable_model::resource::KeyPair;

    const LIST: ListOf = (Api::Ec2, ShapeId::test(3));

    fn key(name: &str) -> Arc<Resource> {
        let pair: KeyPair = serde_json::from_value(serde_json::json!({
            "KeyPairId": "key-0123456789abcdef0", "KeyName": name,
        }))
        .expect("a key pair");
        Arc::new(pair.into())
    }

    fn name_of(resource: &Resource) -> String {
        let pair = resource.get::<KeyPair>().expect("a key pair");
        pair.key_name.to_string()
    }

    /// What is appended, and how many resources were written for it.
    fn append(pieces: &Pieces, resources: &[Arc<Resource>]) -> (String, usize) {
        let (mut into, mut count) = (Vec::new(), 0);
        let write = |it: &Resource, into: &mut Vec<u8>| {
            count += 1;
            into.extend_from_slice(name_of(it).as_bytes());
            Ok::<(), ()>(())
        };
        pieces
            .append(LIST, resources, &mut into, write)
            .expect("nothing fails");
        (String::from_utf8(into).expect("UTF-8"), count)
    }

    #[test]
    fn only_what_has_changed_is_written_again() {
        let pieces = Pieces::default();
        let mut all = [key("a"), key("b"), key("c")];
        assert_eq!(append(&pieces, &all), ("abc".to_owned(), 3));
        assert_eq!(append(&pieces, &all), ("abc".to_owned(), 0));
        let Resource::KeyPair(pair) = Arc::make_mut(&mut all[1]) else {
            panic!("a key pair");
        };
        pair.key_name = "B".into();
        assert_eq!(append(&pieces, &all), ("aBc".to_owned(), 1));
        // A shared one is copied for the change, and the other keeps its piece.
        let before = all.clone();
        let Resource::KeyPair(pair) = Arc::make_mut(&mut all[2]) else {
            panic!("a key pair");
        };
        pair.key_name = "C".into();
        assert_eq!(append(&pieces, &all), ("aBC".to_owned(), 1));
        assert_eq!(append(&pieces, &before), ("aBc".to_owned(), 0));
    }

    #[test]
    fn addresses_that_come_back_do_not_bring_back_what_was_there() {
        let pieces = Pieces::default();
        for number in 0..1000 {
            let name = number.to_string();
            assert_eq!(append(&pieces, &[key(&name)]), (name, 1));
        }
    }

    #[test]
    fn a_full_one_begins_anew() {
        let mut kept = Kept::default();
        let all: Vec<_> = (0..10).map(|it| key(&it.to_string())).collect();
        for it in &all {
            kept.put(LIST, it, &[0; 200], 1000);
            assert!(kept.bytes <= 1000);
        }
        assert_eq!(kept.by_place.len(), 1);
        assert!(kept.get(LIST, &all[9]).is_some());
        kept.put(LIST, &all[0], &[0; 1000], 1000);
        assert!(kept.get(LIST, &all[0]).is_none());
    }

    #[test]
    fn a_failure_names_the_element() {
        let pieces = Pieces::default();
        let write = |it: &Resource, _: &mut Vec<u8>| match name_of(it).as_str() {
            "b" => Err("no"),
            _ => Ok(()),
        };
        let failed = pieces.append(LIST, &[key("a"), key("b")], &mut Vec::new(), write);
        assert_eq!(failed, Err((1, "no")));
    }
}
