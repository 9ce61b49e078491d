//! `diff`: what differs between two states of an account.

use sandtable_model::Diff;

use crate::args::DiffArgs;
use crate::exit::Exit;
use crate::output::print;
use crate::render;
use crate::source;

/// Prints what differs; the exit code tells whether anything does.
pub(crate) fn run(args: &DiffArgs) -> miette::Result<Exit> {
    let before = source::open_path(&args.before, &args.reading)?.snapshot;
    let after = source::open_path(&args.after, &args.reading)?.snapshot;
    if before.account != after.account {
        crate::output::say(&format!(
            "note: these are two accounts, {} and {}",
            before.account, after.account
        ));
    }
    let diff = Diff::between(&before, &after);
    print(args.format.format, &diff, &render::diff(&diff))?;
    Ok(if diff.is_empty() {
        Exit::Success
    } else {
        Exit::Negative
    })
}
