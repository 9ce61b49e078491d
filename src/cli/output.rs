//! The one output layer: standard output is data, standard error is talk.

use std::io::{self, Write};

use miette::IntoDiagnostic;
use serde::Serialize;

use crate::args::Format;

/// Prints a result: the human text, or the value as one JSON object.
pub(crate) fn print<T: Serialize>(format: Format, value: &T, human: &str) -> miette::Result<()> {
    match format {
        Format::Human => print_text(human),
        Format::Json => {
            let mut text = serde_json::to_string_pretty(value).into_diagnostic()?;
            text.push('\n');
            print_text(&text)
        }
    }
}

/// Prints text as it is. A reader that went away (`sandtable plan … | head`) is no error.
pub(crate) fn print_text(text: &str) -> miette::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other.into_diagnostic(),
    }
}

/// Makes complaints keep paths, ids and commands whole, so that they can be copied: lines break at
/// spaces only.
pub(crate) fn set_up_complaints() {
    let hook = miette::set_hook(Box::new(|_| {
        Box::new(
            miette::MietteHandlerOpts::new()
                .break_words(false)
                .word_separator(textwrap::WordSeparator::AsciiSpace)
                .word_splitter(textwrap::WordSplitter::NoHyphenation)
                .build(),
        )
    }));
    debug_assert!(hook.is_ok(), "complaints are set up once");
}

/// Says something to the person at the terminal.
pub(crate) fn say(text: &str) {
    // Nobody to tell when standard error is closed.
    let _ = writeln!(io::stderr().lock(), "{text}");
}
