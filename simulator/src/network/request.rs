//! How requests and answers are declared: AWS's member names, nothing that the twin does not model.

/// Declares request types. A parameter that AWS has and the type lacks is refused as not modelled;
/// texts are empty when absent, so that the order of checks stays in the operation.
macro_rules! requests {
    ($($(#[$meta:meta])* $name:ident {
        $($(#[$inner:meta])* $field:ident: $type:ty),* $(,)?
    })+) => {
        $(
            $(#[$meta])*
            #[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
            #[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
            pub struct $name {
                $(
                    $(#[$inner])*
                    #[doc = concat!("AWS's parameter of this name, in its own spelling; see `", stringify!($name), "`.")]
                    pub $field: $type,
                )*
            }
        )+
    };
}
pub(crate) use requests;

/// Declares answer types.
macro_rules! answers {
    ($($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty),* $(,)? })+) => {
        $(
            $(#[$meta])*
            #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
            #[serde(rename_all = "PascalCase")]
            pub struct $name {
                $(
                    #[doc = concat!("AWS's member of this name, in its own spelling; see `", stringify!($name), "`.")]
                    $(#[$field_meta])*
                    pub $field: $type,
                )*
            }
        )+
    };
}
pub(crate) use answers;

requests! {
    /// A flag that is changed alone.
    Flag { value: Option<bool> }
    /// A text that is changed alone.
    Text { value: Option<String> }
}

answers! {
    /// An answer that says only that it was done.
    Done { r#return: bool }
}

impl Done {
    /// It was done.
    pub(crate) const YES: Done = Done { r#return: true };
}
