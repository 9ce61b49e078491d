//! Reading one entry of a describe answer: which members must be there, and what they must look like.

use std::str::FromStr;

use aws_smithy_types::DateTime;
use sandtable_model::{Kind, Tags, Timestamp};
use thiserror::Error;

/// An entry of a describe answer that could not become a resource.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}{} {} {problem}", of(member), kind.noun(), label.as_deref().unwrap_or("without an id"))]
pub struct Unreadable {
    /// The kind that was listed.
    pub kind: Kind,
    /// The entry's id, if it has one.
    pub label: Option<String>,
    /// The member that stands in the way, under AWS's name; empty where it is the entry as a whole.
    pub member: &'static str,
    /// What is wrong with it.
    pub problem: Problem,
}

fn of(member: &str) -> String {
    match member {
        "" => String::new(),
        member => format!("`{member}` of "),
    }
}

/// What is wrong with a member.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Problem {
    /// It is not there.
    #[error("is missing")]
    Missing,
    /// It is there, but cannot be what it should be.
    #[error("cannot be used: {0}")]
    Malformed(String),
}

/// The entry that is being read: names itself in every complaint.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    kind: Kind,
    label: Option<String>,
}

impl Entry {
    pub(crate) fn new(kind: Kind, id: Option<&str>) -> Self {
        Entry {
            kind,
            label: id.filter(|id| !id.is_empty()).map(str::to_owned),
        }
    }

    fn unreadable(&self, member: &'static str, problem: Problem) -> Unreadable {
        Unreadable {
            kind: self.kind,
            label: self.label.clone(),
            member,
            problem,
        }
    }

    /// The entry cannot be used.
    pub(crate) fn whole(&self, why: String) -> Unreadable {
        self.unreadable("", Problem::Malformed(why))
    }

    /// A member that must be there.
    pub(crate) fn required<T>(
        &self,
        member: &'static str,
        value: Option<T>,
    ) -> Result<T, Unreadable> {
        value.ok_or_else(|| self.unreadable(member, Problem::Missing))
    }

    /// Text that must be there and of a form.
    pub(crate) fn parsed<T>(
        &self,
        member: &'static str,
        value: Option<String>,
    ) -> Result<T, Unreadable>
    where
        T: FromStr<Err: ToString>,
    {
        let value = self.optional(member, value)?;
        self.required(member, value)
    }

    /// Text that may be absent; an empty one counts as absent, as older operations answer.
    pub(crate) fn optional<T>(
        &self,
        member: &'static str,
        value: Option<String>,
    ) -> Result<Option<T>, Unreadable>
    where
        T: FromStr<Err: ToString>,
    {
        let Some(text) = value.filter(|text| !text.is_empty()) else {
            return Ok(None);
        };
        let read = text.parse().map(Some);
        read.map_err(|error: T::Err| self.unreadable(member, Problem::Malformed(error.to_string())))
    }

    /// A list of texts of a form.
    pub(crate) fn all<T>(
        &self,
        member: &'static str,
        values: Option<Vec<String>>,
    ) -> Result<Vec<T>, Unreadable>
    where
        T: FromStr<Err: ToString>,
    {
        let values = values.unwrap_or_default().into_iter();
        values
            .map(|value| self.parsed(member, Some(value)))
            .collect()
    }

    /// A number that cannot be negative.
    pub(crate) fn natural(
        &self,
        member: &'static str,
        value: Option<i32>,
    ) -> Result<Option<u32>, Unreadable> {
        value.map(u32::try_from).transpose().map_err(|_| {
            let text = format!("{} is negative", value.unwrap_or_default());
            self.unreadable(member, Problem::Malformed(text))
        })
    }

    /// A moment.
    pub(crate) fn moment(
        &self,
        member: &'static str,
        value: Option<DateTime>,
    ) -> Result<Option<Timestamp>, Unreadable> {
        let Some(at) = value else {
            return Ok(None);
        };
        let millis = at
            .to_millis()
            .map_err(|error| self.unreadable(member, Problem::Malformed(error.to_string())))?;
        Ok(Some(Timestamp::from_millis(millis)))
    }
}

/// Text that may be absent; an empty one counts as absent.
pub(crate) fn text<T: From<String>>(value: Option<String>) -> Option<T> {
    value.filter(|text| !text.is_empty()).map(T::from)
}

/// Reads every entry of a list that may be absent.
pub(crate) fn each<A, B>(
    values: Option<Vec<A>>,
    read: impl FnMut(A) -> Result<B, Unreadable>,
) -> Result<Vec<B>, Unreadable> {
    values.unwrap_or_default().into_iter().map(read).collect()
}

/// Tags; a tag without a key cannot exist and is passed over.
pub(crate) fn tags(values: Option<Vec<aws_sdk_ec2::types::Tag>>) -> Tags {
    let values = values.unwrap_or_default().into_iter();
    values
        .filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default())))
        .collect()
}
