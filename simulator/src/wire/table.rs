//! The shapes of the EC2 API: which members an operation takes and gives, and their wire names.
//!
//! The table is data, extracted from the AWS service model by `simulator/tools/shapes.py`, which
//! documents the text format. It is embedded and parsed once, on first use. Nothing here knows
//! what an operation does.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

const TEXT: &str = include_str!("ec2-shapes.txt");

/// The shapes of every operation that the wire layer can decode and encode.
#[derive(Debug)]
pub struct Table {
    version: &'static str,
    shapes: Vec<Shape>,
    operations: FxHashMap<&'static str, Operation>,
    /// Actions that AWS has and this table does not carry.
    others: Vec<&'static str>,
}

/// One operation: the structures that go in and come out, if the model has any.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Operation {
    pub(crate) input: Option<ShapeId>,
    pub(crate) output: Option<ShapeId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ShapeId(u16);

/// What a member or a list element is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    String,
    Integer,
    Long,
    Double,
    Boolean,
    Timestamp,
    Blob,
    Shape(ShapeId),
}

#[derive(Debug)]
pub(crate) enum Shape {
    Structure(Structure),
    List(List),
}

#[derive(Debug)]
pub(crate) struct List {
    /// The name of an element in a response; requests number their elements instead.
    pub(crate) item: &'static str,
    pub(crate) of: Type,
}

#[derive(Debug, Default)]
pub(crate) struct Structure {
    pub(crate) members: Vec<Member>,
    by_name: FxHashMap<&'static str, u16>,
    by_key: FxHashMap<&'static str, u16>,
}

#[derive(Debug)]
pub(crate) struct Member {
    /// The model's name, as in the JSON of the AWS command line.
    pub(crate) name: &'static str,
    /// The name in a request.
    pub(crate) key: &'static str,
    /// The name in a response.
    pub(crate) element: &'static str,
    pub(crate) of: Type,
    pub(crate) required: bool,
}

impl Structure {
    /// The member with this model name, with its position.
    pub(crate) fn named(&self, name: &str) -> Option<u16> {
        self.by_name.get(name).copied()
    }

    /// The member with this request name, with its position.
    pub(crate) fn keyed(&self, key: &str) -> Option<(u16, &Member)> {
        let index = *self.by_key.get(key)?;
        Some((index, self.members.get(usize::from(index))?))
    }
}

impl Table {
    /// The table of the EC2 API.
    pub fn ec2() -> &'static Table {
        static EC2: OnceLock<Table> = OnceLock::new();
        EC2.get_or_init(|| match Reader::default().read(TEXT) {
            Ok(table) => table,
            // The text is a constant of this program: a unit test reads it, no input reaches it.
            Err(error) => panic!("the embedded shape table is broken: {error}"),
        })
    }

    /// The version of the API, which is also the end of the XML namespace.
    pub fn version(&self) -> &'static str {
        self.version
    }

    /// Whether the table carries the shapes of this action.
    pub fn carries(&self, action: &str) -> bool {
        self.operations.contains_key(action)
    }

    /// Whether AWS has this action, carried or not.
    pub fn knows(&self, action: &str) -> bool {
        self.carries(action) || self.others.binary_search(&action).is_ok()
    }

    /// Every action the table carries, sorted.
    pub fn actions(&self) -> Vec<&'static str> {
        let mut actions: Vec<_> = self.operations.keys().copied().collect();
        actions.sort_unstable();
        actions
    }

    /// The request name of a top-level input member: `Filters` of `DescribeVolumes` is `Filter`.
    ///
    /// For handlers that word an error about a parameter themselves.
    pub fn request_name(&self, action: &str, member: &str) -> Option<&'static str> {
        let input = self.operation(action)?.input?;
        let structure = self.structure(input)?;
        let index = structure.named(member)?;
        Some(structure.members.get(usize::from(index))?.key)
    }

    pub(crate) fn operation(&self, action: &str) -> Option<Operation> {
        self.operations.get(action).copied()
    }

    pub(crate) fn shape(&self, id: ShapeId) -> &Shape {
        // Ids are made by the reader, one for each shape, and never leave the crate.
        &self.shapes[usize::from(id.0)]
    }

    pub(crate) fn structure(&self, id: ShapeId) -> Option<&Structure> {
        match self.shape(id) {
            Shape::Structure(structure) => Some(structure),
            Shape::List(_) => None,
        }
    }
}

/// Reads the text in two steps: all names first, because shapes refer to later ones.
#[derive(Default)]
struct Reader {
    ids: FxHashMap<&'static str, ShapeId>,
    /// Request names that differ from the text of the table only in their first letter.
    keys: FxHashMap<&'static str, &'static str>,
}

impl Reader {
    fn read(mut self, text: &'static str) -> Result<Table, String> {
        let lines = || {
            text.lines()
                .filter(|line| !line.is_empty() && !line.starts_with('#'))
        };
        for line in lines() {
            let mut words = line.split(' ');
            if let (Some("struct" | "list"), Some(name)) = (words.next(), words.next()) {
                let id = u16::try_from(self.ids.len()).map_err(|_| "too many shapes")?;
                if self.ids.insert(name, ShapeId(id)).is_some() {
                    return Err(format!("`{name}` is there twice"));
                }
            }
        }
        let mut table = Table {
            version: "",
            shapes: Vec::with_capacity(self.ids.len()),
            operations: FxHashMap::default(),
            others: Vec::new(),
        };
        for line in lines() {
            self.line(&mut table, line)
                .ok_or_else(|| format!("cannot read `{line}`"))?;
        }
        table.others.sort_unstable();
        Ok(table)
    }

    fn line(&mut self, table: &mut Table, line: &'static str) -> Option<()> {
        let mut words = line.split(' ');
        match words.next()? {
            "version" => table.version = words.next()?,
            "also" => table.others.extend(words),
            "struct" => table.shapes.push(Shape::Structure(Structure::default())),
            "list" => {
                let item = words.nth(1)?;
                let of = self.type_of(words.next()?)?;
                table.shapes.push(Shape::List(List { item, of }));
            }
            "op" => {
                let name = words.next()?;
                let input = self.side(words.next()?)?;
                let output = self.side(words.next()?)?;
                table.operations.insert(name, Operation { input, output });
            }
            "" => {
                let member = self.member(words)?;
                let Some(Shape::Structure(structure)) = table.shapes.last_mut() else {
                    return None;
                };
                let index = u16::try_from(structure.members.len()).ok()?;
                structure.by_name.insert(member.name, index);
                structure.by_key.insert(member.key, index);
                structure.members.push(member);
            }
            _ => return None,
        }
        Some(())
    }

    fn member(&mut self, mut words: impl Iterator<Item = &'static str>) -> Option<Member> {
        let name = words.next()?;
        let location = words.next()?;
        let of = self.type_of(words.next()?)?;
        let element = if location == "-" { name } else { location };
        let mut key = self.key(element);
        let mut required = false;
        for flag in words {
            match flag.strip_prefix('?') {
                Some(query) => key = query,
                None if flag == "!" => required = true,
                None => return None,
            }
        }
        Some(Member {
            name,
            key,
            element,
            of,
            required,
        })
    }

    /// The EC2 rule: a request name is the location name with its first letter in upper case.
    fn key(&mut self, location: &'static str) -> &'static str {
        if !location.starts_with(|first: char| first.is_ascii_lowercase()) {
            return location;
        }
        self.keys.entry(location).or_insert_with(|| {
            let mut key = location.to_owned();
            if let Some(first) = key.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            // The table lives as long as the program, and so do the few names it has to make.
            key.leak()
        })
    }

    fn side(&self, name: &'static str) -> Option<Option<ShapeId>> {
        if name == "-" {
            Some(None)
        } else {
            self.ids.get(name).map(|id| Some(*id))
        }
    }

    fn type_of(&self, name: &'static str) -> Option<Type> {
        Some(match name {
            "string" => Type::String,
            "integer" => Type::Integer,
            "long" => Type::Long,
            "double" => Type::Double,
            "boolean" => Type::Boolean,
            "timestamp" => Type::Timestamp,
            "blob" => Type::Blob,
            _ => Type::Shape(*self.ids.get(name)?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wire_the_table_is_sound() {
        let table = Table::ec2();
        assert_eq!(table.version(), "2016-11-15");
        assert_eq!(table.shapes.len(), Reader::default().count());
        for action in table.actions() {
            let operation = table.operation(action).expect("listed");
            for id in [operation.input, operation.output].into_iter().flatten() {
                assert!(
                    table.structure(id).is_some(),
                    "{action} has a list at its top"
                );
            }
        }
        for shape in &table.shapes {
            if let Shape::Structure(structure) = shape {
                assert_eq!(structure.by_key.len(), structure.members.len());
                assert_eq!(structure.by_name.len(), structure.members.len());
            }
        }
    }

    #[test]
    fn wire_names_follow_the_rule_of_ec2() {
        let table = Table::ec2();
        let name = |action, member| table.request_name(action, member);
        assert_eq!(name("DescribeVolumes", "Filters"), Some("Filter"));
        assert_eq!(name("DescribeVolumes", "VolumeIds"), Some("VolumeId"));
        assert_eq!(name("DescribeVolumes", "DryRun"), Some("DryRun"));
        assert_eq!(name("DescribeNatGateways", "Filter"), Some("Filter"));
        assert_eq!(name("CreateTags", "Resources"), Some("ResourceId"));
        assert_eq!(name("DescribeVolumes", "Nothing"), None);
        assert_eq!(name("Nothing", "Filters"), None);
    }

    #[test]
    fn wire_other_actions_are_known_but_not_carried() {
        let table = Table::ec2();
        assert!(table.carries("DeleteNatGateway") && table.knows("DeleteNatGateway"));
        assert!(!table.carries("CreateIpam") && table.knows("CreateIpam"));
        assert!(!table.knows("MakeCoffee"));
    }

    impl Reader {
        fn count(self) -> usize {
            TEXT.lines()
                .filter(|l| l.starts_with("struct ") || l.starts_with("list "))
                .count()
        }
    }
}
