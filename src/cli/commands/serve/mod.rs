//! `serve`: twins over HTTP, for any tool that speaks to AWS.

mod credentials;
mod time;
mod world;

use std::io::Write;
use std::sync::Arc;

use miette::{IntoDiagnostic, WrapErr};
use sandtable_simulator::wire::{self, ServeOptions};
use sandtable_simulator::world::WorldService;

use crate::args::ServeArgs;
use crate::exit::Exit;
use crate::output::say;

/// Serves until it is told to stop (Ctrl-C, or SIGTERM).
pub(crate) fn run(args: &ServeArgs) -> miette::Result<Exit> {
    let world = world::read(args)?;
    let accounts: Vec<String> = world.accounts().map(ToString::to_string).collect();
    let (noun, accounts) = match accounts.as_slice() {
        [account] => ("a twin", account.clone()),
        _ => ("twins", accounts.join(", ")),
    };
    let service = WorldService::new(world, time::Paced::new(args.speed));
    let runtime = tokio::runtime::Runtime::new().into_diagnostic()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(args.listen)
            .await
            .into_diagnostic()
            .wrap_err_with(|| format!("cannot listen on {}", args.listen))?;
        let address = listener.local_addr().into_diagnostic()?;
        say(&format!(
            "serving {noun} of {accounts} at http://{address} (Ctrl-C stops it)"
        ));
        let mut options = ServeOptions::default();
        if !args.quiet {
            options.log = Some(Arc::new(|record| {
                // Nobody to tell when standard error is closed.
                let _ = writeln!(std::io::stderr().lock(), "{record}");
            }));
        }
        wire::serve(listener, Box::new(service), options, stopped())
            .await
            .into_diagnostic()
    })?;
    Ok(Exit::Success)
}

async fn stopped() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupted => {}
                _ = terminated.recv() => {}
            }
            return;
        }
    }
    let _ = interrupted.await;
}
