//! The two programs that may talk to AWS: where they are, and their command lines.
//!
//! `sandtable-eyes` and `sandtable-hands` are looked for beside this program, then on PATH, as git and
//! cargo find their subcommands.

use std::ffi::OsString;
use std::path::PathBuf;

use miette::miette;

use crate::args::Format;

/// The arguments of the program to run.
#[derive(Debug, Default)]
pub(crate) struct Line(Vec<OsString>);

impl Line {
    pub(crate) fn word(&mut self, word: impl Into<OsString>) {
        self.0.push(word.into());
    }

    pub(crate) fn option<T: Clone + Into<OsString>>(&mut self, name: &str, value: Option<&T>) {
        if let Some(value) = value {
            // `--name=value`, so that a value that begins with a hyphen stays a value.
            let mut word = OsString::from(format!("{name}="));
            word.push(value.clone().into());
            self.0.push(word);
        }
    }

    pub(crate) fn flag(&mut self, name: &str, set: bool) {
        if set {
            self.word(name);
        }
    }

    pub(crate) fn format(&mut self, format: Format) {
        if format == Format::Json {
            self.word("--format=json");
        }
    }

    pub(crate) fn words(self) -> impl Iterator<Item = OsString> {
        self.0.into_iter()
    }
}

/// Where a program is.
pub(crate) fn find(program: &str) -> miette::Result<PathBuf> {
    let name = format!("{program}{}", std::env::consts::EXE_SUFFIX);
    let beside = std::env::current_exe()
        .ok()
        .and_then(|it| Some(it.parent()?.join(&name)));
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    beside
        .into_iter()
        .chain(std::env::split_paths(&on_path).map(|folder| folder.join(&name)))
        .find(|path| path.is_file())
        .ok_or_else(|| {
            miette!(
                help = format!(
                    "build it with `cargo build --release -p {program}` and put it beside \
                     `sandtable` or on PATH"
                ),
                "`{program}` is neither beside this program nor on PATH"
            )
        })
}
