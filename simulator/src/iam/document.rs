//! Policy documents, read as strictly as IAM reads them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::marker::PhantomData;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, Error, IntoDeserializer, MapAccess, SeqAccess, Visitor};

use super::condition::Condition;
use super::context::Context;
use super::pattern::{Pattern, Rule};

/// A policy document.
///
/// Reading one refuses what IAM refuses (`MalformedPolicyDocument`), and names what the twin has no
/// model of.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "RawDocument")]
pub struct PolicyDocument {
    statements: Vec<Statement>,
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
enum Set {
    Of(Vec<Pattern>),
    AllBut(Vec<Pattern>),
}

impl Set {
    fn has(&self, text: &str, rule: Rule, context: &Context) -> bool {
        let matches = |it: &Pattern| it.matches(text, rule, context);
        match self {
            Set::Of(patterns) => patterns.iter().any(matches),
            Set::AllBut(patterns) => !patterns.iter().any(matches),
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
        }
    }

    /// Reads a document from JSON.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn from_json(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
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
        self.actions.has(action, Rule::IgnoreCase, context)
            && self.resources.has(resource, Rule::Resource, context)
            && self.conditions.iter().all(|it| it.holds(context))
    }
}

/// A document as it is written.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
#[schemars(rename = "PolicyDocument")]
struct RawDocument {
    /// The version of the policy language; variables are only of `2012-10-17`.
    version: Option<Version>,
    /// A name.
    #[expect(dead_code, reason = "may be there, and means nothing")]
    id: Option<String>,
    /// What is allowed and denied.
    statement: OneOrMany<RawStatement>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[schemars(rename = "PolicyVersion")]
enum Version {
    #[serde(rename = "2012-10-17")]
    V2012,
    #[serde(rename = "2008-10-17")]
    V2008,
}

/// A statement of a policy document.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
#[schemars(rename = "PolicyStatement")]
struct RawStatement {
    /// A name.
    sid: Option<String>,
    /// Whether it allows or denies.
    effect: RawEffect,
    /// What it is about, such as `ec2:Describe*`.
    action: Option<OneOrMany<String>>,
    /// What it is not about.
    not_action: Option<OneOrMany<String>>,
    /// The ARNs that it is about, or `*`.
    resource: Option<OneOrMany<String>>,
    /// The ARNs that it is not about.
    not_resource: Option<OneOrMany<String>>,
    /// When it applies: by operator and key, the values that are wanted.
    #[serde(default)]
    condition: Unique<Unique<OneOrMany<Scalar>>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[schemars(rename = "PolicyEffect")]
enum RawEffect {
    Allow,
    Deny,
}

/// A value alone, or a list.
#[derive(Clone, Debug, PartialEq, JsonSchema)]
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
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
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
#[derive(JsonSchema)]
#[schemars(transparent)]
struct Unique<V>(BTreeMap<String, V>);

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
            let name = match &raw.sid {
                Some(sid) => format!("statement `{sid}`"),
                None => format!("statement {}", index + 1),
            };
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
            false => Ok(PolicyDocument { statements }),
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
        let action = |text: &String| {
            check_action(text)?;
            Pattern::glob(text, false)
        };
        let resource = |text: &String| {
            if text != "*" && !text.starts_with("arn:") {
                return Err(format!("`{text}` is neither an ARN nor `*`"));
            }
            Pattern::glob(text, has_variables)
        };
        let mut conditions = Vec::new();
        for (operator, keys) in &raw.condition.0 {
            for (key, values) in &keys.0 {
                let values: Vec<String> = values.as_slice().iter().map(Scalar::text).collect();
                conditions.push(Condition::read(operator, key, &values, has_variables)?);
            }
        }
        Ok(Statement {
            sid: raw.sid.clone(),
            is_allow: raw.effect == RawEffect::Allow,
            actions: set("Action", &raw.action, &raw.not_action, action)?,
            resources: set("Resource", &raw.resource, &raw.not_resource, resource)?,
            conditions,
        })
    }
}

fn set(
    name: &str,
    of: &Option<OneOrMany<String>>,
    all_but: &Option<OneOrMany<String>>,
    read: impl Fn(&String) -> Result<Pattern, String>,
) -> Result<Set, String> {
    let read = |texts: &OneOrMany<String>| match texts.as_slice() {
        [] => Err(format!("`{name}` is empty")),
        texts => texts
            .iter()
            .map(&read)
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
