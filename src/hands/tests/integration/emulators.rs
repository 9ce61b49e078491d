//! The whole line against other people's emulators: waste is made, seen, planned away, rehearsed,
//! approved, carried out, and seen to be gone.
//!
//! LocalStack needs a Docker Engine with the image `localstack/localstack:4.14.0`, moto its server
//! (`moto_server`) on PATH; where one is missing its test says so and passes, unless
//! `SANDTABLE_REQUIRE_LOCALSTACK=1` or `SANDTABLE_REQUIRE_MOTO=1`.
//!
//! Both are laxer than AWS (facts: twin-conformance); every way in which that shows here is asserted,
//! so that a new one is noticed.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use aws_sdk_ec2::Client;
use aws_sdk_ec2::config::{BehaviorVersion, Credentials};
use aws_sdk_ec2::types::{ResourceType, Tag, TagSpecification, VolumeType};
use sandtable_eyes::{Access, Progress, Request, connect, scan};
use sandtable_model::{Diff, Kind, Policy, Region, ResourceChange, ResourceId, Snapshot, Verdict};
use sandtable_orchestrator::Prices;
use sandtable_scenario::{Loaded, Rehearsal, RehearseOptions, rehearse};
use testcontainers::core::{IntoContainerPort, WaitFor};
use testcontainers::runners::AsyncRunner;
use testcontainers::{ContainerAsync, GenericImage, ImageExt};

use crate::support::{Files, apply, now};

const REGION: &str = "us-east-1";

#[tokio::test(flavor = "multi_thread")]
async fn waste_on_localstack_is_seen_planned_away_and_carried_out() {
    if let Some((_container, url)) = localstack().await {
        whole_line(&url).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn waste_on_moto_is_seen_planned_away_and_carried_out() {
    if let Some(moto) = Moto::start() {
        whole_line(&moto.url).await;
    }
}

async fn whole_line(url: &str) {
    let waste = make_waste(&client(url)).await;
    let before = seen(url).await;
    let rehearsal = plan_and_rehearse(&before);
    let steps = rehearsal.plan.steps.iter();
    let steps: Vec<(&str, ResourceId)> = steps.map(|it| (it.action.name(), it.target())).collect();
    let expected = [
        ("DeleteRoute", id(&waste.private_table)),
        ("DeleteNatGateway", id(&waste.nat_gateway)),
        ("ReleaseAddress", id(&waste.nat_address)),
        ("ReleaseAddress", id(&waste.idle_address)),
        ("CreateSnapshot", id(&waste.volume)),
        ("DeleteVolume", id(&waste.volume)),
    ];
    assert_eq!(steps, expected);

    let files = Files::of(&rehearsal, now());
    let mut command = apply(&files, url);
    for laxness in ["address-keeps-association", "nat-interface-stays"] {
        command.args(["--tolerate", laxness]);
    }
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    for laxness in ["address-keeps-association", "nat-interface-stays"] {
        assert!(
            said.contains(&format!("tolerated: {laxness}")),
            "{laxness}: {said}"
        );
    }

    let after = seen(url).await;
    for gone in [
        &waste.nat_address,
        &waste.idle_address,
        &waste.volume,
        &waste.nat_gateway,
    ] {
        let left = after.get(&id(gone));
        assert!(left.is_none_or(|it| it.is_gone()), "{left:?}");
    }
    check_difference(&rehearsal, &after);
    let again = plan_and_rehearse(&after).plan;
    let targets: Vec<ResourceId> = again.steps.iter().map(|it| it.target()).collect();
    assert!(targets.is_empty(), "nothing is left to clean: {targets:?}");
}

/// A running LocalStack; `None`, with a message, where there can be none.
async fn localstack() -> Option<(ContainerAsync<GenericImage>, String)> {
    let image = GenericImage::new("localstack/localstack", "4.14.0")
        .with_exposed_port(4566.tcp())
        .with_wait_for(WaitFor::message_on_stdout("Ready."))
        .with_env_var("SERVICES", "ec2,sts")
        .with_env_var("EAGER_SERVICE_LOADING", "1")
        // Else 1,159 built-in images bring as many snapshots of one's own.
        .with_env_var("MOTO_EC2_LOAD_DEFAULT_AMIS", "false");
    match image.start().await {
        Ok(container) => {
            let port = container.get_host_port_ipv4(4566).await.unwrap();
            Some((container, format!("http://127.0.0.1:{port}")))
        }
        Err(error) => {
            let required = std::env::var("SANDTABLE_REQUIRE_LOCALSTACK").is_ok_and(|it| it == "1");
            assert!(
                !required,
                "LocalStack is required and cannot be had: {error}"
            );
            eprintln!("skipped: LocalStack cannot be had: {error}");
            None
        }
    }
}

/// Says that an emulator is missing, which is a failure where it is required.
fn missing(name: &str, why: &str) {
    let required = std::env::var(format!("SANDTABLE_REQUIRE_{name}")).is_ok_and(|it| it == "1");
    assert!(!required, "{name} is required and cannot be had: {why}");
    eprintln!("skipped: {name} cannot be had: {why}");
}

/// A running moto server, until it is dropped.
struct Moto {
    server: Child,
    url: String,
}

impl Moto {
    fn start() -> Option<Self> {
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let mut command = Command::new("moto_server");
        command
            .args(["--host", "127.0.0.1", "--port", &port.to_string()])
            .env("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut server = match command.spawn() {
            Ok(server) => server,
            Err(error) => {
                missing("MOTO", &error.to_string());
                return None;
            }
        };
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if let Some(status) = server.try_wait().unwrap() {
                missing("MOTO", &format!("moto_server ended at once ({status})"));
                return None;
            }
            pause();
        }
        let url = format!("http://127.0.0.1:{port}");
        Some(Moto { server, url })
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.server.kill());
        drop(self.server.wait());
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "another process is waited for, in real time"
)]
fn pause() {
    std::thread::sleep(Duration::from_millis(50));
}

fn client(url: &str) -> Client {
    let conf = aws_sdk_ec2::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(aws_sdk_ec2::config::Region::new(REGION))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .endpoint_url(url)
        .http_client(aws_smithy_http_client::Builder::new().build_http());
    Client::from_conf(conf.build())
}

/// What was made for the test.
struct Waste {
    private_table: String,
    nat_gateway: String,
    nat_address: String,
    idle_address: String,
    volume: String,
}

async fn make_waste(ec2: &Client) -> Waste {
    let text = |it: Option<&str>| it.unwrap().to_owned();
    let vpc = ec2
        .create_vpc()
        .cidr_block("10.20.0.0/16")
        .send()
        .await
        .unwrap();
    let vpc = text(vpc.vpc().and_then(|it| it.vpc_id()));
    let subnet = async |block: &str| {
        let made = ec2.create_subnet().vpc_id(&vpc).cidr_block(block);
        let made = made.availability_zone("us-east-1a").send().await.unwrap();
        text(made.subnet().and_then(|it| it.subnet_id()))
    };
    let (public, private) = (subnet("10.20.0.0/24").await, subnet("10.20.1.0/24").await);
    let gateway = ec2.create_internet_gateway().send().await.unwrap();
    let gateway = text(
        gateway
            .internet_gateway()
            .and_then(|it| it.internet_gateway_id()),
    );
    let attach = ec2.attach_internet_gateway().internet_gateway_id(&gateway);
    attach.vpc_id(&vpc).send().await.unwrap();
    let address = async || {
        let made = ec2
            .allocate_address()
            .domain("vpc".into())
            .send()
            .await
            .unwrap();
        text(made.allocation_id())
    };
    let (nat_address, idle_address) = (address().await, address().await);
    let nat = ec2
        .create_nat_gateway()
        .subnet_id(&public)
        .allocation_id(&nat_address);
    let nat = nat.send().await.unwrap();
    let nat_gateway = text(nat.nat_gateway().and_then(|it| it.nat_gateway_id()));
    let table = async |subnet: &str| {
        let made = ec2.create_route_table().vpc_id(&vpc).send().await.unwrap();
        let table = text(made.route_table().and_then(|it| it.route_table_id()));
        let associate = ec2.associate_route_table().route_table_id(&table);
        associate.subnet_id(subnet).send().await.unwrap();
        table
    };
    let to_internet = ec2.create_route().route_table_id(table(&public).await);
    let to_internet = to_internet
        .destination_cidr_block("0.0.0.0/0")
        .gateway_id(&gateway);
    to_internet.send().await.unwrap();
    let private_table = table(&private).await;
    let to_nat = ec2.create_route().route_table_id(&private_table);
    let to_nat = to_nat
        .destination_cidr_block("0.0.0.0/0")
        .nat_gateway_id(&nat_gateway);
    to_nat.send().await.unwrap();
    let name = Tag::builder().key("Name").value("left over").build();
    let tags = TagSpecification::builder()
        .resource_type(ResourceType::Volume)
        .tags(name);
    let volume = ec2.create_volume().availability_zone("us-east-1a").size(8);
    let volume = volume
        .volume_type(VolumeType::Gp2)
        .tag_specifications(tags.build());
    let volume = text(volume.send().await.unwrap().volume_id());
    Waste {
        private_table,
        nat_gateway,
        nat_address,
        idle_address,
        volume,
    }
}

async fn seen(url: &str) -> Snapshot {
    let access = Access {
        profile: None,
        regions: vec![Region::new(REGION).unwrap()],
        endpoint: Some(url.parse().unwrap()),
        account: None,
    };
    let connection = connect(&access).await.unwrap();
    let request = Request {
        clients: connection.clients,
        account: None,
        identity: connection.identity.ok(),
        emulated: true,
        taken_at: now(),
        origin: connection.origin,
        attributes: false,
    };
    let scan = scan(request, &Progress::Silent).await.unwrap();
    // LocalStack's image has no API but EC2's and STS's; neither emulator has these two of EC2.
    let is_missing = |kind| {
        matches!(
            kind,
            Kind::AutoScalingGroup
                | Kind::LoadBalancer
                | Kind::TargetGroup
                | Kind::ClassicLoadBalancer
                | Kind::DbInstance
                | Kind::DbSnapshot
                | Kind::DbSubnetGroup
                | Kind::Stack
                | Kind::PlacementGroup
                | Kind::CapacityReservation
        )
    };
    let unseen = scan.incomplete.iter();
    let unseen: Vec<_> = unseen.filter(|it| !is_missing(it.kind)).collect();
    assert!(unseen.is_empty(), "{unseen:?}");
    scan.snapshot
}

fn id(text: &str) -> ResourceId {
    ResourceId::new(text).unwrap()
}

/// Plans and rehearses under a policy that suits an account that was made a moment ago. The VPC itself
/// stays: when an internet gateway is detached both leave the routes to it `active`, and no
/// tolerance covers that, so the run would stop there, as it should.
fn plan_and_rehearse(before: &Snapshot) -> Rehearsal {
    let policy = Policy {
        volume_age_days_min: 0,
        nat_gateway_age_days_min: 0,
        teardown: false,
        ..Policy::default()
    };
    let loaded = Loaded {
        snapshot: before.clone(),
        scenario: None,
        notes: Vec::new(),
    };
    let options = RehearseOptions::default();
    let rehearsal = rehearse(&loaded, &policy, &Prices::embedded(), None, &options).unwrap();
    let receipt = &rehearsal.receipt;
    assert_eq!(receipt.verdict, Verdict::Pass, "{:?}", receipt.problems);
    rehearsal
}

/// Asserts that the account is as rehearsed but for what the emulators are known to leave behind, and for
/// the id of the snapshot, which every cloud draws for itself.
fn check_difference(rehearsal: &Rehearsal, after: &Snapshot) {
    let diff = Diff::between(&rehearsal.after, after);
    let mut left = Vec::new();
    for (id, change) in &diff.resources {
        let what = match change {
            ResourceChange::Created { .. } => "more",
            ResourceChange::Deleted { .. } => "less",
            ResourceChange::Changed { .. } => "other",
        };
        left.push((id.kind(), what));
    }
    let known = [
        // The interface of the deleted NAT gateway (`nat-interface-stays`).
        (Kind::NetworkInterface, "more"),
        (Kind::EbsSnapshot, "less"),
        (Kind::EbsSnapshot, "more"),
    ];
    left.sort();
    assert_eq!(left, known, "{diff:#?}");
}
