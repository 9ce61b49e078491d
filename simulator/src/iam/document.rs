//! Policy documents, read as strictly as IAM reads them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::marker::PhantomData;

use schemars::JsonSchema;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, Error, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::condition::Condition;
use super::context::Context;
use super::pattern::{Pattern, Rule};
use super::place;

/// A policy document.
///
/// Reading one refuses what IAM refuses (`MalformedPolicyDocument`), and names what the twin has no
/// model of.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "RawDocument")]
pub struct PolicyDocument {
    statements: Vec<Statement>,
    size: usize,
}

#[derive(Clone, Debug, PartialEq)]
struct Statement {
    sid: Option<String>,
    is_allow: bool,
    actions: Set,
    resources: Set,
    /// All must hold.
    conditions: Vec<Condition>,
}

/// What a statement is about: any of the patterns, or none of them.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Set {
    Of(Vec<Pattern>),
    AllBut(Vec<Pattern>),
}

impl Set {
    pub(super) fn has(&self, text: &str, rule: Rule, context: &Context) -> bool {
        let matches = |it: &Pattern| it.matches(text, rule, context);
        match self {
            Set::Of(patterns) => patterns.iter().any(matches),
            // "This might cause the entire statement to be invalid" (IAM User Guide, "Variables and
            // tags"): what cannot be filled in excludes nothing, and so includes nothing either.
            Set::AllBut(patterns) => {
                patterns.iter().all(|it| it.is_filled_in(context)) && !patterns.iter().any(matches)
            }
        }
    }

    fn patterns(&self) -> &[Pattern] {
        match self {
            Set::Of(patterns) | Set::AllBut(patterns) => patterns,
        }
    }
}

/// What a document says to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    /// A statement denies it; with its name.
    Denied(Option<String>),
    /// A statement allows it and none denies it.
    Allowed,
    /// None speaks of it.
    Silent,
}

impl PolicyDocument {
    /// A document that allows everything, as `AdministratorAccess` does.
    pub fn allow_all() -> Self {
        PolicyDocument {
            statements: vec![Statement {
                sid: None,
                is_allow: true,
                actions: Set::AllBut(Vec::new()),
                resources: Set::AllBut(Vec::new()),
                conditions: Vec::new(),
            }],
            size: 0,
        }
    }

    /// Reads a document from JSON.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn from_json(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|error: serde_json::Error| {
            let said = error.to_string();
            let number = said.strip_prefix("statement ").and_then(|it| {
                let digits = it.split([':', ' ']).next()?;
                digits.parse::<usize>().ok()
            });
            match number.and_then(|it| place::of_statement(text, it.checked_sub(1)?)) {
                Some((line, column)) => format!("{said} at line {line} column {column}"),
                None => said,
            }
        })
    }

    /// The number of characters that count against IAM's limits: white space does not (IAM User Guide,
    /// "IAM and AWS STS quotas"). None of a document that was not read.
    pub const fn size(&self) -> usize {
        self.size
    }

    /// The document, of no size.
    pub(super) fn without_size(self) -> Self {
        PolicyDocument { size: 0, ..self }
    }

    pub(crate) fn says(&self, action: &str, resource: &str, context: &Context) -> Word {
        let mut word = Word::Silent;
        for statement in &self.statements {
            if !statement.applies(action, resource, context) {
                continue;
            }
            if !statement.is_allow {
                return Word::Denied(statement.sid.clone());
            }
            word = Word::Allowed;
        }
        word
    }

    /// What keeps the statements from allowing a request that are about its action and resource: their
    /// conditions that do not hold, statement by statement.
    pub(crate) fn near_misses(
        &self,
        action: &str,
        resource: &str,
        context: &Context,
    ) -> Vec<String> {
        let mut misses = Vec::new();
        for (index, statement) in self.statements.iter().enumerate() {
            if !statement.is_allow || !statement.is_about(action, resource, context) {
                continue;
            }
            let unmet = statement.conditions.iter().filter(|it| !it.holds(context));
            let unmet: Vec<String> = unmet.map(|it| it.unmet(context)).collect();
            if !unmet.is_empty() {
                let name = name_of(statement.sid.as_deref(), index);
                misses.push(format!("{name} asks for {}", unmet.join("; and for ")));
            }
        }
        misses
    }

    /// The condition keys that the document asks for, in its conditions and variables.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.statements.iter().flat_map(|it| {
            let variables = it.resources.patterns().iter().flat_map(Pattern::keys);
            let conditions = it.conditions.iter().flat_map(Condition::keys);
            variables.chain(conditions)
        })
    }
}

impl Statement {
    fn applies(&self, action: &str, resource: &str, context: &Context) -> bool {
        self.is_about(action, resource, context)
            && self.conditions.iter().all(|it| it.holds(context))
    }

    fn is_about(&self, action: &str, resource: &str, context: &Context) -> bool {
        self.actions.has(action, Rule::IgnoreCase, context)
            && self.resources.has(resource, Rule::Resource, context)
    }
}

fn name_of(sid: Option<&str>, index: usize) -> String {
    match sid {
        Some(sid) => format!("statement {} (`{sid}`)", index + 1),
        None => format!("statement {}", index + 1),
    }
}

/// A document as it is written.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
#[schemars(rename = "PolicyDocument")]
struct RawDocument {
    /// The version of the policy language; variables are only of `2012-10-17`.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<Version>,
    /// A name.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// What is allowed and denied.
    statement: OneOrMany<RawStatement>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PolicyVersion")]
pub(super) enum Version {
    #[serde(rename = "2012-10-17")]
    V2012,
    #[serde(rename = "2008-10-17")]
    V2008,
}

/// A statement of a policy document.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
#[schemars(rename = "PolicyStatement")]
struct RawStatement {
    /// A name.
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
    /// Whether it allows or denies.
    effect: RawEffect,
    /// What it is about, such as `ec2:Describe*`.
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<OneOrMany<String>>,
    /// What it is not about.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_action: Option<OneOrMany<String>>,
    /// The ARNs that it is about, or `*`.
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<OneOrMany<String>>,
    /// The ARNs that it is not about.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_resource: Option<OneOrMany<String>>,
    /// When it applies: by operator and key, the values that are wanted.
    #[serde(default, skip_serializing_if = "Unique::is_empty")]
    condition: RawConditions,
}

/// Conditions, as they are written: by operator and key, the values.
pub(super) type RawConditions = Unique<Unique<OneOrMany<Scalar>>>;

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "PolicyEffect")]
pub(super) enum RawEffect {
    Allow,
    Deny,
}

/// A value alone, or a list.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(untagged)]
pub(crate) enum OneOrMany<T> {
    /// A value alone.
    One(T),
    /// A list.
    Many(Vec<T>),
}

impl<T> OneOrMany<T> {
    pub(crate) fn as_slice(&self) -> &[T] {
        match self {
            Self::One(it) => std::slice::from_ref(it),
            Self::Many(all) => all,
        }
    }
}

/// By hand, so that an error within says what and where it is, which an untagged enum does not.
impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either<T>(PhantomData<T>);
        macro_rules! one {
            ($($visit:ident: $type:ty,)+) => {
                $(fn $visit<E: Error>(self, value: $type) -> Result<OneOrMany<T>, E> {
                    T::deserialize(value.into_deserializer()).map(OneOrMany::One)
                })+
            };
        }
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Either<T> {
            type Value = OneOrMany<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value, or a list of them")
            }

            one! {
                visit_bool: bool,
                visit_i64: i64,
                visit_u64: u64,
                visit_f64: f64,
                visit_str: &str,
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<OneOrMany<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(OneOrMany::One)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<OneOrMany<T>, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(seq)).map(OneOrMany::Many)
            }
        }
        deserializer.deserialize_any(Either(PhantomData))
    }
}

/// A text, number or boolean.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Scalar {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// Another number.
    Number(f64),
    /// A text.
    Text(String),
}

impl Scalar {
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Bool(it) => it.to_string(),
            Self::Integer(it) => it.to_string(),
            Self::Number(it) => it.to_string(),
            Self::Text(it) => it.clone(),
        }
    }
}

/// A map that refuses a key that is given twice.
#[derive(Serialize, JsonSchema)]
#[serde(transparent)]
#[schemars(transparent)]
pub(super) struct Unique<V>(pub(super) BTreeMap<String, V>);

impl<V> Unique<V> {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<V> Default for Unique<V> {
    fn default() -> Self {
        Unique(BTreeMap::new())
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Unique<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<V>(PhantomData<V>);
        impl<'de, V: Deserialize<'de>> Visitor<'de> for Entries<V> {
            type Value = Unique<V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Unique<V>, A::Error> {
                let mut entries = BTreeMap::new();
                while let Some((key, value)) = map.next_entry::<String, V>()? {
                    if entries.contains_key(&key) {
                        return Err(A::Error::custom(format!("`{key}` is given twice")));
                    }
                    entries.insert(key, value);
                }
                Ok(Unique(entries))
            }
        }
        deserializer.deserialize_map(Entries(PhantomData))
    }
}

impl JsonSchema for PolicyDocument {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        RawDocument::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        RawDocument::json_schema(generator)
    }
}

impl TryFrom<RawDocument> for PolicyDocument {
    type Error = String;

    fn try_from(raw: RawDocument) -> Result<Self, String> {
        let has_variables = raw.version == Some(Version::V2012);
        let mut statements = Vec::new();
        let mut sids = BTreeSet::new();
        for (index, raw) in raw.statement.as_slice().iter().enumerate() {
            let name = name_of(raw.sid.as_deref(), index);
            let statement =
                Statement::read(raw, has_variables).map_err(|error| format!("{name}: {error}"))?;
            if let Some(sid) = &raw.sid
                && !sids.insert(sid.clone())
            {
                return Err(format!("{name}: another statement has the same `Sid`"));
            }
            statements.push(statement);
        }
        match statements.is_empty() {
            true => Err("a policy needs a statement".to_owned()),
            false => Ok(PolicyDocument {
                statements,
                size: size_of(&raw)?,
            }),
        }
    }
}

impl Statement {
    fn read(raw: &RawStatement, has_variables: bool) -> Result<Self, String> {
        if let Some(sid) = &raw.sid
            && !sid.bytes().all(|it| it.is_ascii_alphanumeric())
        {
            return Err("a `Sid` is made of letters and digits".to_owned());
        }
        let resource = |text: &str| {
            if text != "*" && !text.starts_with("arn:") {
                return Err(format!("`{text}` is neither an ARN nor `*`"));
            }
            Pattern::glob(text, has_variables)
        };
        Ok(Statement {
            sid: raw.sid.clone(),
            is_allow: raw.effect == RawEffect::Allow,
            actions: set("Action", &raw.action, &raw.not_action, read_action)?,
            resources: set("Resource", &raw.resource, &raw.not_resource, resource)?,
            conditions: read_conditions(&raw.condition, has_variables)?,
        })
    }
}

/// Reads an action of a policy.
pub(super) fn read_action(text: &str) -> Result<Pattern, String> {
    check_action(text)?;
    Pattern::glob(text, false)
}

/// Reads the conditions of a statement.
pub(super) fn read_conditions(
    raw: &RawConditions,
    has_variables: bool,
) -> Result<Vec<Condition>, String> {
    let mut conditions = Vec::new();
    for (operator, keys) in &raw.0 {
        for (key, values) in &keys.0 {
            let values: Vec<String> = values.as_slice().iter().map(Scalar::text).collect();
            conditions.push(Condition::read(operator, key, &values, has_variables)?);
        }
    }
    Ok(conditions)
}

/// What counts of a document against IAM's limits.
pub(super) fn size_of(raw: &impl Serialize) -> Result<usize, String> {
    let text = serde_json::to_string(raw).map_err(|error| error.to_string())?;
    Ok(text.chars().filter(|it| !it.is_whitespace()).count())
}

pub(super) fn set(
    name: &str,
    of: &Option<OneOrMany<String>>,
    all_but: &Option<OneOrMany<String>>,
    read: impl Fn(&str) -> Result<Pattern, String>,
) -> Result<Set, String> {
    let read = |texts: &OneOrMany<String>| match texts.as_slice() {
        [] => Err(format!("`{name}` is empty")),
        texts => texts
            .iter()
            .map(|it| read(it))
            .collect::<Result<Vec<Pattern>, String>>(),
    };
    match (of, all_but) {
        (Some(texts), None) => Ok(Set::Of(read(texts)?)),
        (None, Some(texts)) => Ok(Set::AllBut(read(texts)?)),
        (Some(_), Some(_)) => Err(format!("`{name}` and `Not{name}` exclude each other")),
        (None, None) => Err(format!("neither `{name}` nor `Not{name}`")),
    }
}

/// `*`, or a service without wildcards, a colon and an action.
fn check_action(text: &str) -> Result<(), String> {
    let is_service = |it: &str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        !it.is_empty() && it.bytes().all(plain)
    };
    let is_name = |it: &str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'*' | b'?');
        !it.is_empty() && it.bytes().all(plain)
    };
    match text.split_once(':') {
        _ if text == "*" => Ok(()),
        Some((service, name)) if is_service(service) && is_name(name) => Ok(()),
        _ => Err(format!(
            "`{text}` is no action: give `service:Name`, or `*`"
        )),
    }
}
