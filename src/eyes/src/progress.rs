//! Telling a person how far the scan is: a bar on a terminal, plain lines elsewhere.

use std::io::{IsTerminal, Write};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Where progress goes.
#[derive(Debug)]
pub enum Progress {
    /// Nowhere.
    Silent,
    /// Lines on standard error.
    Lines,
    /// A bar on the terminal behind standard error.
    Bar(ProgressBar),
}

impl Progress {
    /// A bar if standard error is a terminal, lines otherwise.
    pub fn on_stderr() -> Self {
        if !std::io::stderr().is_terminal() {
            return Self::Lines;
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{bar:24} {pos}/{len} {wide_msg}") {
            bar.set_style(style);
        }
        Self::Bar(bar)
    }

    pub(crate) fn begin(&self, reads: usize) {
        if let Self::Bar(bar) = self {
            bar.set_length(reads.try_into().unwrap_or(u64::MAX));
        }
    }

    pub(crate) fn read(&self, line: &str) {
        match self {
            Self::Silent => {}
            Self::Lines => say(line),
            Self::Bar(bar) => {
                bar.set_message(line.to_owned());
                bar.inc(1);
            }
        }
    }

    /// Says something that stays on the screen.
    pub fn note(&self, line: &str) {
        match self {
            Self::Silent => {}
            Self::Lines => say(line),
            Self::Bar(bar) => bar.suspend(|| say(line)),
        }
    }

    pub(crate) fn end(&self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}

fn say(line: &str) {
    // Nobody to tell when standard error is closed.
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}
