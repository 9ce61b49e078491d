//! The shapes of the APIs: which members an operation takes and gives, and their wire names.
//!
//! A table is data, extracted from the AWS service model by `simulator/tools/shapes.py`, which
//! documents the text format. It is embedded and parsed once, on first use. Nothing here knows
//! what an operation does.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use super::api::Api;

/// The text of a service's table.
const fn text_of(api: Api) -> &'static str {
    match api {
        Api::Ec2 => include_str!("ec2-shapes.txt"),
        Api::Sts => include_str!("sts-shapes.txt"),
        Api::Elb => include_str!("elb-shapes.txt"),
        Api::ElbV2 => include_str!("elbv2-shapes.txt"),
        Api::AutoScaling => include_str!("autoscaling-shapes.txt"),
        Api::Rds => include_str!("rds-shapes.txt"),
        Api::CloudWatch => include_str!("cloudwatch-shapes.txt"),
        Api::CloudFormation => include_str!("cloudformation-shapes.txt"),
    }
}

/// The shapes of every operation of a service that the wire layer can decode and encode.
#[derive(Debug)]
pub struct Table {
    api: Api,
    version: &'static str,
    protocols: Vec<&'static str>,
    namespace: &'static str,
    target: Option<&'static str>,
    errors: Vec<Declared>,
    shapes: Vec<Shape>,
    operations: FxHashMap<&'static str, Operation>,
    /// Actions that AWS has and this table does not carry.
    others: Vec<&'static str>,
}

/// An error that the model declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Declared {
    /// The name of its shape, by which the protocols other than XML call it.
    pub(crate) shape: &'static str,
    /// Its code in XML, by which the twin calls it.
    pub(crate) code: &'static str,
    /// Its HTTP status.
    pub(crate) status: u16,
    /// Whether the caller is at fault, and not the service.
    pub(crate) is_sender: bool,
}

/// One operation: the structures that go in and come out, if the model has any.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Operation {
    pub(crate) input: Option<ShapeId>,
    pub(crate) output: Option<ShapeId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ShapeId(u16);

#[cfg(test)]
impl ShapeId {
    pub(crate) const fn test(number: u16) -> Self {
        Self(number)
    }
}

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
    Map(MapOf),
}

#[derive(Debug)]
pub(crate) struct List {
    /// The name of an element in a response. EC2's requests number their elements instead; those
    /// of other services have the name and the number.
    pub(crate) item: &'static str,
    pub(crate) of: Type,
}

/// A map from strings.
#[derive(Debug)]
pub(crate) struct MapOf {
    /// The name of the key of an entry.
    pub(crate) key: &'static str,
    /// The name of the value of an entry.
    pub(crate) value: &'static str,
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
        Self::of(Api::Ec2)
    }

    /// The table of a service.
    pub fn of(api: Api) -> &'static Table {
        static TABLES: [OnceLock<Table>; Api::ALL.len()] =
            [const { OnceLock::new() }; Api::ALL.len()];
        // The number of a service is its place in `ALL`, which a unit test checks.
        TABLES[api as usize].get_or_init(|| match Reader::default().read(api, text_of(api)) {
            Ok(table) => table,
            // The text is a constant of this program: a unit test reads it, no input reaches it.
            Err(error) => panic!("the embedded shape table of {api} is broken: {error}"),
        })
    }

    /// Whose table this is.
    pub fn api(&self) -> Api {
        self.api
    }

    /// The version of the API.
    pub fn version(&self) -> &'static str {
        self.version
    }

    /// Whether this is EC2, whose Query protocol differs from that of the other services.
    pub(crate) fn is_ec2(&self) -> bool {
        self.api == Api::Ec2
    }

    /// Whether the service speaks a protocol, by the model's name of it.
    pub(crate) fn speaks(&self, protocol: &str) -> bool {
        self.protocols.contains(&protocol)
    }

    /// The XML namespace of responses.
    pub(crate) fn namespace(&self) -> &'static str {
        self.namespace
    }

    /// What stands before actions in `x-amz-target` and in the paths of CBOR.
    pub(crate) fn target(&self) -> Option<&'static str> {
        self.target
    }

    /// The error that the model declares under a code.
    pub(crate) fn declared(&self, code: &str) -> Option<&Declared> {
        self.errors.iter().find(|it| it.code == code)
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

    /// Every action of AWS that the table does not carry, sorted.
    #[cfg(test)]
    pub(crate) fn others(&self) -> &[&'static str] {
        &self.others
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
            Shape::List(_) | Shape::Map(_) => None,
        }
    }
}

/// Reads the text in two steps: all names first, because shapes refer to later ones.
#[derive(Default)]
struct Reader {
    ids: FxHashMap<&'static str, ShapeId>,
    /// Request names that differ from the text of the table only in their first letter.
    keys: FxHashMap<&'static str, &'static str>,
    is_ec2: bool,
}

impl Reader {
    fn read(mut self, api: Api, text: &'static str) -> Result<Table, String> {
        self.is_ec2 = api == Api::Ec2;
        let lines = || {
            text.lines()
                .filter(|line| !line.is_empty() && !line.starts_with('#'))
        };
        for line in lines() {
            let mut words = line.split(' ');
            if let (Some("struct" | "list" | "map"), Some(name)) = (words.next(), words.next()) {
                let id = u16::try_from(self.ids.len()).map_err(|_| "too many shapes")?;
                if self.ids.insert(name, ShapeId(id)).is_some() {
                    return Err(format!("`{name}` is there twice"));
                }
            }
        }
        let mut table = Table {
            api,
            version: "",
            // EC2's table says neither: the protocol is its own, and so is the namespace, which the
            // model gives without the slash that the service ends it with (facts, wire).
            protocols: Vec::new(),
            namespace: "http://ec2.amazonaws.com/doc/2016-11-15/",
            target: None,
            errors: Vec::new(),
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
            "protocols" => table.protocols.extend(words),
            "namespace" => table.namespace = words.next()?,
            "target" => table.target = Some(words.next()?),
            "also" => table.others.extend(words),
            "error" => table.errors.push(Declared {
                shape: words.next()?,
                code: words.next()?,
                status: words.next()?.parse().ok()?,
                is_sender: words.next()? == "sender",
            }),
            "struct" => table.shapes.push(Shape::Structure(Structure::default())),
            "list" => {
                let item = words.nth(1)?;
                let of = self.type_of(words.next()?)?;
                table.shapes.push(Shape::List(List { item, of }));
            }
            "map" => {
                let key = words.nth(1)?;
                let value = words.next()?;
                let of = self.type_of(words.next()?)?;
                table.shapes.push(Shape::Map(MapOf { key, value, of }));
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

    /// The EC2 rule: a request name is the location name with its first letter in upper case. The
    /// other services have one name for both directions.
    fn key(&mut self, location: &'static str) -> &'static str {
        if !self.is_ec2 || !location.starts_with(|first: char| first.is_ascii_lowercase()) {
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
    fn wire_the_tables_are_sound() {
        for (number, api) in Api::ALL.into_iter().enumerate() {
            assert_eq!(api as usize, number);
            is_sound(api);
        }
        assert_eq!(Table::ec2().version(), "2016-11-15");
    }

    fn is_sound(api: Api) {
        let table = api.table();
        assert_eq!(table.api(), api);
        assert!(table.namespace().contains(table.version()));
        assert_eq!(table.is_ec2(), table.protocols.is_empty());
        assert!(table.is_ec2() || table.speaks("query"));
        let shapes = text_of(api).lines().filter(|line| {
            let word = line.split(' ').next();
            matches!(word, Some("struct" | "list" | "map"))
        });
        assert_eq!(table.shapes.len(), shapes.count());
        for error in &table.errors {
            assert!(table.declared(error.code).is_some());
            assert_eq!(error.is_sender, error.status < 500);
        }
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
}
