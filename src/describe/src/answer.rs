//! The SDK's types as the JSON of AWS's command line, so that one reader, the model's own of describe
//! answers, serves recorded answers, the eyes and the hands.
//!
//! The SDK's types cannot be serialized. [`answers!`] lists their members, which the compiler holds
//! to those that there are. What the model does not keep need not be listed.

use std::borrow::Cow;

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use sandtable_model::{Kind, Region, Resource, entry_label, read_described};
use serde_json::{Map, Value};

use crate::entry::{Entry, Unreadable};

/// Something of an answer, as the JSON of AWS's command line.
pub(crate) trait Answer {
    /// The JSON; null where nothing was said.
    fn answer(self) -> Value;
}

/// Makes types of the SDK answers, by their members. A member whose name is not simply that of the
/// field in capitals is followed by its name.
macro_rules! answers {
    (@name $member:ident) => { $crate::answer::capitals(stringify!($member)).into() };
    (@name $member:ident $name:literal) => { $name.into() };
    ($($type:path { $($member:ident $(= $name:literal)?),* $(,)? })+) => {
        $(impl $crate::answer::Answer for $type {
            fn answer(self) -> serde_json::Value {
                let mut object = $crate::answer::Object::default();
                $(object.put($crate::answer::answers!(@name $member $($name)?), self.$member);)*
                object.into()
            }
        })+
    };
}

/// Makes enumerations of the SDK answers.
macro_rules! texts {
    ($($type:path),+ $(,)?) => {
        $(impl $crate::answer::Answer for $type {
            fn answer(self) -> serde_json::Value { self.as_str().into() }
        })+
    };
}

pub(crate) use {answers, texts};

/// A JSON object that leaves out what was not said.
#[derive(Debug, Default)]
pub(crate) struct Object(Map<String, Value>);

impl Object {
    /// What an answer says, to add to it.
    pub(crate) fn of(answer: impl Answer) -> Self {
        match answer.answer() {
            Value::Object(members) => Object(members),
            _ => Object::default(),
        }
    }

    pub(crate) fn put(&mut self, name: Cow<'static, str>, value: impl Answer) {
        match value.answer() {
            Value::Null => {}
            value => drop(self.0.insert(name.into_owned(), value)),
        }
    }

    /// Adds a member.
    #[must_use]
    pub(crate) fn with(mut self, name: &'static str, value: impl Answer) -> Self {
        self.put(name.into(), value);
        self
    }

    /// Adds the members that are not there yet.
    #[must_use]
    pub(crate) fn and(mut self, other: Self) -> Self {
        for (name, value) in other.0 {
            self.0.entry(name).or_insert(value);
        }
        self
    }
}

impl From<Object> for Value {
    fn from(object: Object) -> Value {
        Value::Object(object.0)
    }
}

/// `network_acl_id` as `NetworkAclId`.
pub(crate) fn capitals(field: &str) -> String {
    let words = field.trim_start_matches("r#").split('_');
    words.fold(String::new(), |mut name, word| {
        let mut letters = word.chars();
        name.extend(letters.next().map(|it| it.to_ascii_uppercase()));
        name.push_str(letters.as_str());
        name
    })
}

/// An entry as a resource of `kind`, by the model's reader of describe answers. `region` is needed for
/// what AWS knows by name.
pub(crate) fn resource(
    kind: Kind,
    region: Option<&Region>,
    entry: impl Into<Value>,
) -> Result<Resource, Unreadable> {
    let entry = entry.into();
    let label = entry_label(kind, &entry);
    read_described(kind, region, entry)
        .map_err(|error| Entry::new(kind, label.as_deref()).whole(error.to_string()))
}

/// A reader of entries of a kind that AWS knows by its id.
pub(crate) fn entry<T: Answer>(kind: Kind) -> impl Fn(T) -> Result<Resource, Unreadable> {
    move |it| resource(kind, None, it.answer())
}

impl Answer for Value {
    fn answer(self) -> Value {
        self
    }
}

impl Answer for Object {
    fn answer(self) -> Value {
        self.into()
    }
}

impl<T: Answer> Answer for Option<T> {
    fn answer(self) -> Value {
        self.map_or(Value::Null, T::answer)
    }
}

impl<T: Answer> Answer for Vec<T> {
    fn answer(self) -> Value {
        self.into_iter().map(T::answer).collect()
    }
}

impl Answer for DateTime {
    /// A moment that has no date is told as its number, which no reader takes for a moment.
    fn answer(self) -> Value {
        let text = self.fmt(Format::DateTime);
        text.unwrap_or_else(|_| self.secs().to_string()).into()
    }
}

macro_rules! plain {
    ($($type:ty),+) => {
        $(impl Answer for $type {
            fn answer(self) -> Value { self.into() }
        })+
    };
}

plain!(String, bool, i32, i64, f64);
