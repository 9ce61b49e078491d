//! What a row of the index is.

/// A rule of AWS.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    /// The test that proves it.
    pub(crate) test: &'static str,
    /// What AWS does.
    pub(crate) text: &'static str,
    /// Which row or paragraph of the page says so, with the kinds of its sources.
    pub(crate) source: &'static str,
    /// What moto, LocalStack or others do instead, where it was looked at.
    pub(crate) elsewhere: &'static str,
}

/// The rules of a section.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Section {
    /// The page of facts.
    pub(crate) page: &'static str,
    /// Its section.
    pub(crate) title: &'static str,
    /// The module that the tests are in.
    pub(crate) module: &'static str,
    /// The rules.
    pub(crate) rules: &'static [Rule],
}

/// Declares the rules of a module, and a test for each:
/// `test: "what AWS does", "source" [, "elsewhere"];`.
macro_rules! section {
    ($page:literal, $title:literal; $($test:ident: $text:literal, $source:literal $(, $elsewhere:literal)?;)+) => {
        /// The rows.
        pub(crate) const SECTION: $crate::rule::Section = $crate::rule::Section {
            page: $page,
            title: $title,
            module: module_path!(),
            rules: &[$($crate::rule::Rule {
                test: stringify!($test),
                text: $text,
                source: $source,
                elsewhere: concat!("" $(, $elsewhere)?),
            }),+],
        };

        mod rule {
            $(
                #[test]
                fn $test() {
                    super::$test(&mut $crate::world::World::new());
                }
            )+
        }
    };
}
pub(crate) use section;
