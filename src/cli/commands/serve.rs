//! `serve`: a twin over HTTP, for any tool that speaks to EC2.

use std::io::Write;
use std::sync::Arc;
use std::time::Instant;

use miette::{IntoDiagnostic, WrapErr};
use sandtable_model::{AccountId, Duration};
use sandtable_simulator::wire::{self, Call, Caller, ServeOptions, Service};
use sandtable_simulator::{ApiError, Output, Twin, TwinOptions};

use crate::args::ServeArgs;
use crate::clock;
use crate::exit::Exit;
use crate::output::say;
use crate::source;

/// The account that is served when no source says another one.
const ACCOUNT: &str = "123456789012";

/// Serves until it is told to stop (Ctrl-C, or SIGTERM).
pub(crate) fn run(args: &ServeArgs) -> miette::Result<Exit> {
    let twin = twin(args)?;
    let service = Paced::new(twin, args.speed);
    let runtime = tokio::runtime::Runtime::new().into_diagnostic()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(args.listen)
            .await
            .into_diagnostic()
            .wrap_err_with(|| format!("cannot listen on {}", args.listen))?;
        let address = listener.local_addr().into_diagnostic()?;
        say(&format!(
            "serving a twin at http://{address} (Ctrl-C stops it)"
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

fn twin(args: &ServeArgs) -> miette::Result<Twin> {
    let options = TwinOptions {
        quotas: args.quotas,
        ..TwinOptions::default()
    };
    match &args.source {
        Some(path) => {
            let opened = source::open_path(path, &args.reading)?;
            let mut twin = Twin::from_snapshot(&opened.snapshot, options);
            let scenario = opened.scenario.iter();
            let metrics = scenario.flat_map(|it| &it.cloud.metrics);
            let metrics: Vec<_> = metrics.map(|it| it.value.clone()).collect();
            twin.observe_metrics(&metrics).into_diagnostic()?;
            Ok(twin)
        }
        None => {
            let account = AccountId::new(args.reading.account.as_deref().unwrap_or(ACCOUNT))
                .into_diagnostic()?;
            let now = match &args.reading.now {
                Some(text) => text.parse().into_diagnostic()?,
                None => clock::now(),
            };
            Ok(Twin::empty(account, now, options))
        }
    }
}

/// A twin whose virtual clock follows the real one, `speed` times as fast.
struct Paced {
    twin: Twin,
    start: Twin,
    speed: u32,
    /// Up to when real time has been passed on.
    passed: Instant,
}

impl Paced {
    fn new(twin: Twin, speed: u32) -> Self {
        Paced {
            start: twin.fork(),
            twin,
            speed,
            passed: instant(),
        }
    }

    fn catch_up(&mut self) {
        let now = instant();
        let millis = now.duration_since(self.passed).as_millis() * u128::from(self.speed);
        self.passed = now;
        self.twin.advance(Duration::from_millis(
            i64::try_from(millis).unwrap_or(i64::MAX),
        ));
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a served twin lives in the time of its callers"
)]
fn instant() -> Instant {
    Instant::now()
}

impl Service for Paced {
    fn call(&mut self, caller: &Caller, call: &Call) -> Result<Output, ApiError> {
        self.catch_up();
        self.twin.answer(caller, call)
    }

    fn reset(&mut self) {
        self.twin = self.start.fork();
        self.passed = instant();
    }

    fn now_millis(&self) -> i64 {
        sandtable_cloud::Clock::now(&self.twin).millis()
    }
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
