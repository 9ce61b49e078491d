//! What an operation takes, as AWS's model says: for those who write requests by it, such as fuzzers.

use super::table::{Shape, ShapeId, Table, Type};

/// A parameter of an operation, or a part of one.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    table: &'static Table,
    /// The model's name; that of an element is the one it has in a list.
    pub name: &'static str,
    /// Whether the model demands it.
    pub is_required: bool,
    of: Type,
}

/// What a parameter is made of.
#[derive(Clone, Debug)]
pub enum Takes {
    /// A text.
    Text,
    /// A moment.
    Moment,
    /// Bytes, in base64.
    Blob,
    /// A number of 32 bits.
    Integer,
    /// A number of 64 bits.
    Long,
    /// A number with a fraction.
    Double,
    /// True or false.
    Flag,
    /// An object with these members.
    Members(Vec<Parameter>),
    /// A list of these.
    List(Parameter),
    /// A map from texts to these.
    Map(Parameter),
}

impl Table {
    /// What an action takes, in the model's order; nothing when it takes nothing, or is not carried.
    pub fn parameters(&'static self, action: &str) -> Vec<Parameter> {
        let input = self.operation(action).and_then(|it| it.input);
        input.map(|it| self.members_of(it)).unwrap_or_default()
    }

    fn members_of(&'static self, id: ShapeId) -> Vec<Parameter> {
        let members = self.structure(id).map(|it| it.members.as_slice());
        let members = members.unwrap_or_default().iter();
        members
            .map(|it| Parameter {
                table: self,
                name: it.name,
                is_required: it.required,
                of: it.of,
            })
            .collect()
    }
}

impl Parameter {
    /// What it is made of.
    pub fn takes(&self) -> Takes {
        let part = |name, of| Parameter {
            name,
            of,
            is_required: false,
            ..*self
        };
        match self.of {
            Type::String => Takes::Text,
            Type::Timestamp => Takes::Moment,
            Type::Blob => Takes::Blob,
            Type::Integer => Takes::Integer,
            Type::Long => Takes::Long,
            Type::Double => Takes::Double,
            Type::Boolean => Takes::Flag,
            Type::Shape(id) => match self.table.shape(id) {
                Shape::Structure(_) => Takes::Members(self.table.members_of(id)),
                Shape::List(list) => Takes::List(part(list.item, list.of)),
                Shape::Map(map) => Takes::Map(part(map.value, map.of)),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wire_parameters_follow_the_model() {
        let parameters = Table::ec2().parameters("AttachVolume");
        let required = parameters.iter().filter(|it| it.is_required);
        let required: Vec<&str> = required.map(|it| it.name).collect();
        assert_eq!(required, ["Device", "InstanceId", "VolumeId"]);
        let filters = Table::ec2().parameters("DescribeVpcs");
        let filters = filters.iter().find(|it| it.name == "Filters").unwrap();
        let Takes::List(filter) = filters.takes() else {
            panic!("{filters:?}");
        };
        let Takes::Members(members) = filter.takes() else {
            panic!("{filter:?}");
        };
        let names: Vec<&str> = members.iter().map(|it| it.name).collect();
        assert_eq!(names, ["Name", "Values"]);
        assert!(matches!(members[0].takes(), Takes::Text));
        assert!(Table::ec2().parameters("MakeCoffee").is_empty());
    }
}
