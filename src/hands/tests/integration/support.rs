//! A rehearsed and approved plan, and a twin to carry it out on.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_ec2::Client;
use aws_sdk_ec2::config::{BehaviorVersion, Credentials};
use sandtable_cloud::Clock;
use sandtable_describe::{AllowList, Clients, LOOKS};
use sandtable_eyes::{Progress, Request, scan};
use sandtable_gate::ssh_key::PrivateKey;
use sandtable_gate::ssh_key::private::Ed25519Keypair;
use sandtable_gate::{
    AllowedSigners, Revocations, StepSelection, Warrant, assemble, sign, statement_for,
};
use sandtable_hands::Aws;
use sandtable_model::{
    Approval, Document, Duration, Policy, Real, Region, Snapshot, Timestamp, Verdict,
};
use sandtable_orchestrator::Prices;
use sandtable_scenario::{Loaded, Rehearsal, RehearseOptions, Source, rehearse};
use sandtable_simulator::wire::connector::TwinClient;
use sandtable_simulator::wire::{Record, ServeOptions, serve};
use sandtable_simulator::{Twin, TwinOptions, TwinService};
use tokio::sync::oneshot;

pub(crate) const APPROVER: &str = "alice@example.com";

/// A twin behind a wire, shared with the test.
pub(crate) type Served = Arc<Mutex<TwinService>>;

/// The scenario file `scenarios/NAME.yaml`.
pub(crate) fn scenario(name: &str) -> Snapshot {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let loaded = Source::open(&path.join(name).with_extension("yaml")).unwrap();
    loaded.snapshot
}

/// Plans and rehearses; the plan must have passed.
pub(crate) fn rehearsed(snapshot: &Snapshot) -> Rehearsal {
    let loaded = Loaded {
        snapshot: snapshot.clone(),
        scenario: None,
        notes: Vec::new(),
    };
    let options = RehearseOptions::default();
    let policy = Policy::default();
    let rehearsal = rehearse(&loaded, &policy, &Prices::embedded(), None, &options).unwrap();
    let receipt = &rehearsal.receipt;
    assert_eq!(receipt.verdict, Verdict::Pass, "{:?}", receipt.problems);
    assert!(
        !rehearsal.plan.steps.is_empty(),
        "nothing to carry out: {:?}",
        rehearsal.plan.report
    );
    rehearsal
}

/// A twin of the snapshot; before each call `pace` passes.
pub(crate) fn served(snapshot: &Snapshot, pace: Duration) -> Served {
    let twin = Twin::from_snapshot(snapshot, TwinOptions::default());
    Arc::new(Mutex::new(TwinService::new(twin, pace)))
}

pub(crate) fn state_of(served: &Served) -> Snapshot {
    served.lock().unwrap().twin().snapshot()
}

/// The key of the approver; the same in every run, since nothing rests on its being secret.
pub(crate) fn key() -> PrivateKey {
    PrivateKey::from(Ed25519Keypair::from_seed(&[7; 32]))
}

pub(crate) fn allowed_signers() -> String {
    let public = key().public_key().to_openssh().unwrap();
    format!("{APPROVER} namespaces=\"approval@sandtable\" {public}\n")
}

/// The approver's consent to everything that was rehearsed, for two days.
pub(crate) fn approval(rehearsal: &Rehearsal, signed_at: Timestamp) -> Approval {
    let expires_at = signed_at.plus(Duration::from_days(2));
    let (plan, receipt) = (&rehearsal.plan, &rehearsal.receipt);
    let all = StepSelection::All;
    let statement = statement_for(plan, receipt, &all, APPROVER, signed_at, expires_at).unwrap();
    sign(statement, &key()).unwrap()
}

pub(crate) fn warrant(rehearsal: &Rehearsal, now: Timestamp) -> Warrant<Real> {
    let approvals = vec![approval(rehearsal, now)];
    let allowed = AllowedSigners::parse(&allowed_signers()).unwrap();
    let (plan, receipt) = (rehearsal.plan.clone(), rehearsal.receipt.clone());
    assemble(
        plan,
        receipt,
        approvals,
        &allowed,
        &Revocations::none(),
        now,
    )
    .unwrap()
}

/// The documents of a run in a folder, as `sandtable` writes them.
pub(crate) struct Files {
    pub(crate) folder: tempfile::TempDir,
}

impl Files {
    pub(crate) fn of(rehearsal: &Rehearsal, signed_at: Timestamp) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: String| fs::write(folder.path().join(name), text).unwrap();
        write("plan.json", rehearsal.plan.to_pretty().unwrap());
        write("receipt.json", rehearsal.receipt.to_pretty().unwrap());
        write(
            "approval.json",
            approval(rehearsal, signed_at).to_pretty().unwrap(),
        );
        write("allowed_signers", allowed_signers());
        Files { folder }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// A client whose requests a twin answers without a socket.
pub(crate) fn client(
    served: &Served,
    region: &Region,
    lists: &'static [&'static [&str]],
) -> Client {
    let conf = aws_sdk_ec2::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(aws_sdk_ec2::config::Region::new(region.to_string()))
        .credentials_provider(Credentials::for_tests())
        .retry_config(aws_sdk_ec2::config::retry::RetryConfig::disabled())
        .disable_clock_skew_correction(true)
        .http_client(TwinClient::new(served.clone()))
        .interceptor(AllowList::new(lists));
    Client::from_conf(conf.build())
}

/// The virtual time of a twin behind a wire.
#[derive(Clone)]
pub(crate) struct TwinTime(pub(crate) Served);

impl Clock for TwinTime {
    fn now(&self) -> Timestamp {
        self.0.lock().unwrap().twin().now()
    }

    fn wait(&mut self, duration: Duration) {
        self.0.lock().unwrap().twin_mut().advance(duration);
    }
}

/// The hands on a twin, in its time.
pub(crate) fn hands(served: &Served) -> Aws<TwinTime> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let regions: BTreeSet<Region> = state_of(served).regions().cloned().collect();
    let clients = regions.into_iter().map(|region| {
        let client = client(served, &region, &[LOOKS, sandtable_hands::OPERATIONS]);
        (region, client)
    });
    Aws::new(
        runtime,
        clients.collect::<BTreeMap<_, _>>(),
        TwinTime(served.clone()),
    )
}

/// What the eyes see of a twin.
pub(crate) fn seen(served: &Served) -> Snapshot {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let there = state_of(served);
    let regions = there.regions().cloned();
    let credentials = aws_credential_types::Credentials::new("test", "test", None, None, "a test");
    let config = aws_config::SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .disable_clock_skew_correction(true)
        .http_client(TwinClient::new(served.clone()))
        .build();
    let clients = regions.map(|region| Clients::new(&config, region));
    let request = Request {
        clients: clients.collect(),
        account: None,
        // A teardown may leave nothing behind that names an owner.
        identity: Some(there.account.clone()),
        emulated: true,
        taken_at: there.taken_at,
        origin: "a twin".to_owned(),
        attributes: false,
    };
    runtime
        .block_on(scan(request, &Progress::Silent))
        .unwrap()
        .snapshot
}

/// A twin that a program can call over HTTP, until it is dropped.
pub(crate) struct Server {
    pub(crate) served: Served,
    pub(crate) url: String,
    pub(crate) requests: Arc<Mutex<Vec<Record>>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Virtual time passes with every call, so that polling comes to an end soon.
    pub(crate) fn of(snapshot: &Snapshot) -> Self {
        let served = served(snapshot, Duration::from_secs(20));
        let requests: Arc<Mutex<Vec<Record>>> = Arc::default();
        let (stop, stopped) = oneshot::channel::<()>();
        let (service, log) = (served.clone(), Arc::clone(&requests));
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.unwrap().block_on(async move {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                let options = ServeOptions {
                    grace: std::time::Duration::from_millis(100),
                    log: Some(Arc::new(move |it| log.lock().unwrap().push(it.clone()))),
                    ..ServeOptions::default()
                };
                let until = async move { drop(stopped.await) };
                serve(listener, Box::new(service), options, until)
                    .await
                    .unwrap();
            });
        });
        Server {
            served,
            url,
            requests,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// How often each operation that changes something was answered with success.
    pub(crate) fn changes(&self) -> BTreeMap<String, usize> {
        let mut changes = BTreeMap::new();
        for request in self.requests.lock().unwrap().iter() {
            let reading = request.action.starts_with("Describe") || request.service != "ec2";
            if !reading && request.status == Some(200) {
                *changes.entry(request.action.clone()).or_insert(0) += 1;
            }
        }
        changes
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the server has shown in its answers already.
            drop(thread.join());
        }
    }
}

/// The program, with an environment that holds no credentials and no configuration.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sandtable-hands"));
    let nowhere = "/nonexistent";
    command
        .env_clear()
        .env("HOME", nowhere)
        .env("AWS_CONFIG_FILE", nowhere)
        .env("AWS_SHARED_CREDENTIALS_FILE", nowhere)
        .stdin(Stdio::null());
    command
}

/// `apply` of the files against an endpoint.
pub(crate) fn apply(files: &Files, url: &str) -> Command {
    let mut command = program();
    command.arg("apply");
    for (option, name) in [
        ("--plan", "plan.json"),
        ("--receipt", "receipt.json"),
        ("--approval", "approval.json"),
        ("--allowed-signers", "allowed_signers"),
        ("--journal", "run.journal"),
    ] {
        command.arg(option).arg(files.path(name));
    }
    command.args(["--endpoint", url]);
    command
}

pub(crate) fn now() -> Timestamp {
    sandtable_hands::SystemClock.now()
}
