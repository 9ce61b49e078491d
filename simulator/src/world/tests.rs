//! Worlds: whose a call is, and what happens between accounts.

use serde_json::{Value, json};

use super::*;
use crate::TwinOptions;
use crate::wire::control::{Ask, Page, Step, What};
use crate::wire::{Proof, Service};

const A: &str = "111111111111";
const B: &str = "222222222222";

fn account(text: &str) -> AccountId {
    AccountId::new(text).expect("an account")
}

fn twin(id: &str, start: i64) -> Twin {
    let options = TwinOptions {
        seed: id.parse().expect("a number"),
        ..TwinOptions::default()
    };
    Twin::empty(account(id), Timestamp::from_millis(start), options)
}

/// Two empty accounts, of which the second is a day older.
fn two() -> World {
    const DAY: i64 = 86_400_000;
    let mut world = World::new(twin(A, 20_000 * DAY));
    world.add(twin(B, 19_999 * DAY)).expect("another account");
    world
}

fn by(key: &str) -> Caller {
    Caller {
        access_key: key.to_owned(),
        ..Caller::new("", "eu-west-1")
    }
}

fn ask(
    world: &mut World,
    caller: &Caller,
    api: Api,
    action: &str,
    input: Value,
) -> Result<Value, ApiError> {
    world
        .answer(caller, &Call::of(api, action, input))?
        .to_value()
}

fn code(result: Result<Value, ApiError>) -> String {
    match result {
        Ok(value) => panic!("succeeded: {value}"),
        Err(error) => error.code.into_owned(),
    }
}

fn whoami(world: &mut World, caller: &Caller) -> Result<String, ApiError> {
    let answer = ask(world, caller, Api::Sts, "GetCallerIdentity", json!({}))?;
    Ok(answer["Arn"].as_str().expect("an ARN").to_owned())
}

fn session(world: &mut World, caller: &Caller, role: &str) -> Caller {
    let input = json!({"RoleArn": role, "RoleSessionName": "night", "DurationSeconds": 900});
    let answer = ask(world, caller, Api::Sts, "AssumeRole", input).expect("assumed");
    let text = |name: &str| answer["Credentials"][name].as_str().map(str::to_owned);
    Caller {
        access_key: text("AccessKeyId").expect("a key"),
        session_token: text("SessionToken"),
        ..Caller::new("", "eu-west-1")
    }
}

#[test]
fn world_has_one_twin_of_each_account() {
    let mut world = two();
    let twice = world.add(twin(B, 0)).expect_err("refused");
    assert_eq!(twice, WorldError::Twice(account(B)));
    let mut keys = Keys::default();
    let key = Key {
        id: "AKIDEXAMPLE".to_owned(),
        secret: "secret".to_owned(),
        token: None,
        account: account("333333333333"),
        principal: Principal::Root,
    };
    keys.add(key.clone()).expect("a key");
    assert_eq!(keys.add(key.clone()), Err(KeyError::Twice(key.id.clone())));
    assert!(!format!("{keys:?}").contains("secret"), "{keys:?}");
    let refused = world.set_keys(keys).expect_err("no twin");
    assert_eq!(refused, WorldError::NoTwin(account("333333333333")));
}

#[test]
fn world_tells_accounts_by_their_keys() {
    let mut world = two();
    let root = |id: &str| format!("arn:aws:iam::{id}:root");
    for (key, expected) in [("", A), ("test", A), (A, A), (B, B)] {
        assert_eq!(whoami(&mut world, &by(key)), Ok(root(expected)), "{key}");
    }
    let stranger = whoami(&mut world, &by("333333333333")).expect_err("not there");
    assert_eq!(stranger.code, "InvalidClientTokenId");
    assert!(stranger.message.contains(B), "{stranger}");
    let vpc = ask(
        &mut world,
        &by(B),
        Api::Ec2,
        "CreateVpc",
        json!({"CidrBlock": "10.0.0.0/16"}),
    );
    let vpc = vpc.expect("made")["Vpc"]["VpcId"].clone();
    let look = json!({"VpcIds": [vpc]});
    assert!(ask(&mut world, &by(B), Api::Ec2, "DescribeVpcs", look.clone()).is_ok());
    let other = ask(&mut world, &by(A), Api::Ec2, "DescribeVpcs", look);
    assert_eq!(code(other), "InvalidVpcID.NotFound");
}

#[test]
fn world_has_one_clock() {
    let mut world = two();
    let start = world.now();
    ask(&mut world, &by(B), Api::Ec2, "DescribeVpcs", json!({})).expect("seen");
    assert!(world.now() > start);
    let late = world.twin(&account(B)).expect("there").now();
    assert_eq!(late, world.now(), "the older account has caught up");
    world.advance(Duration::from_secs(60));
    let times = world.twins.values().map(Twin::now);
    assert!(
        times
            .into_iter()
            .all(|it| it == late.plus(Duration::from_secs(60)))
    );
}

#[test]
fn world_lets_roles_of_its_accounts_be_assumed() {
    let mut world = two();
    let here = session(&mut world, &by(A), &format!("arn:aws:iam::{A}:role/r"));
    let there = session(&mut world, &by(A), &format!("arn:aws:iam::{B}:role/ops/r"));
    let arn = |id: &str| Ok(format!("arn:aws:sts::{id}:assumed-role/r/night"));
    assert_eq!(whoami(&mut world, &here), arn(A));
    assert_eq!(whoami(&mut world, &there), arn(B));
    // What it makes is in the other account.
    let made = json!({"CidrBlock": "10.1.0.0/16"});
    ask(&mut world, &there, Api::Ec2, "CreateVpc", made).expect("made");
    let count = |world: &mut World, caller: &Caller| {
        let seen = ask(world, caller, Api::Ec2, "DescribeVpcs", json!({}));
        seen.expect("seen")["Vpcs"].as_array().map_or(0, Vec::len)
    };
    assert_eq!(
        (count(&mut world, &by(A)), count(&mut world, &by(B))),
        (1, 2)
    );
    let key = json!({"AccessKeyId": there.access_key});
    let whose = ask(&mut world, &by(A), Api::Sts, "GetAccessKeyInfo", key).expect("known");
    assert_eq!(whose["Account"], B);
    let nowhere =
        json!({"RoleArn": "arn:aws:iam::333333333333:role/r", "RoleSessionName": "night"});
    let refused = ask(&mut world, &by(A), Api::Sts, "AssumeRole", nowhere);
    assert_eq!(code(refused), "UnsupportedOperation");
    let broken = json!({"RoleArn": "arn:aws:iam::x:role/some-role", "RoleSessionName": "night"});
    assert_eq!(
        code(ask(&mut world, &by(A), Api::Sts, "AssumeRole", broken)),
        "ValidationError"
    );
    world.advance(Duration::from_secs(901));
    assert_eq!(
        code(whoami(&mut world, &there).map(Value::from)),
        "ExpiredToken"
    );
}

#[test]
fn world_refuses_what_happens_between_accounts() {
    let mut world = two();
    let vpc = json!({"CidrBlock": "10.0.0.0/16"});
    let vpc = ask(&mut world, &by(A), Api::Ec2, "CreateVpc", vpc).expect("made");
    let vpc = vpc["Vpc"]["VpcId"].clone();
    let peer = |owner: &str| json!({"VpcId": vpc, "PeerVpcId": "vpc-0123456789abcdef0", "PeerOwnerId": owner});
    let between = [
        ("CreateVpcPeeringConnection", peer(B)),
        ("DescribeSnapshots", json!({"OwnerIds": [B]})),
        (
            "DescribeImages",
            json!({"Filters": [{"Name": "owner-id", "Values": [B]}]}),
        ),
        (
            "ModifyVpcEndpointServicePermissions",
            json!({"ServiceId": "vpce-svc-0123456789abcdef0",
                   "AddAllowedPrincipals": [format!("arn:aws:iam::{B}:root")]}),
        ),
    ];
    for (action, input) in between {
        let refused = ask(&mut world, &by(A), Api::Ec2, action, input).expect_err(action);
        assert_eq!(refused.code, "UnsupportedOperation", "{action}");
        assert!(
            refused.message.contains(action) && refused.message.contains(B),
            "{refused}"
        );
    }
    // A stranger outside stays what it is to a twin alone, and text is text.
    let stranger = ask(
        &mut world,
        &by(A),
        Api::Ec2,
        "CreateVpcPeeringConnection",
        peer("333333333333"),
    );
    assert!(stranger.is_ok(), "{stranger:?}");
    let tags = json!({"Resources": [vpc], "Tags": [{"Key": "account", "Value": B}]});
    ask(&mut world, &by(A), Api::Ec2, "CreateTags", tags).expect("tagged");
    let filter = json!({"Filters": [{"Name": "tag:account", "Values": [B]}]});
    let seen = ask(&mut world, &by(A), Api::Ec2, "DescribeVpcs", filter).expect("seen");
    assert_eq!(seen["Vpcs"].as_array().map(Vec::len), Some(1));
}

fn policy(action: &str) -> Permissions {
    let policy = json!({"Statement": {"Effect": "Allow", "Action": action, "Resource": "*"}});
    Permissions::from_json(&policy.to_string()).expect("a policy")
}

/// Keys of a user that may look, of a role that may make, and of the account.
fn keys() -> Keys {
    let mut keys = Keys::default();
    for (id, arn) in [
        ("AKIALOOK", format!("arn:aws:iam::{A}:user/team/looker")),
        ("AKIAROOT", format!("arn:aws:iam::{B}:root")),
    ] {
        let (account, principal) = Keys::principal(&arn).expect("a principal");
        let secret = format!("{id}-secret");
        let (id, token) = (id.to_owned(), None);
        keys.add(Key {
            id,
            secret,
            token,
            account,
            principal,
        })
        .expect("a key");
    }
    let permit = |keys: &mut Keys, arn: String, action: &str| {
        let (account, principal) = Keys::principal(&arn).expect("a principal");
        keys.permit(&account, &principal, policy(action))
    };
    permit(
        &mut keys,
        format!("arn:aws:iam::{A}:user/team/looker"),
        "ec2:Describe*",
    )
    .expect("told");
    permit(
        &mut keys,
        format!("arn:aws:iam::{B}:role/maker"),
        "ec2:*Vpc*",
    )
    .expect("told");
    let session = format!("arn:aws:sts::{B}:assumed-role/maker/x");
    let twice = permit(&mut keys, session, "ec2:*");
    assert!(
        matches!(twice, Err(KeyError::PermittedTwice(_))),
        "{twice:?}"
    );
    keys
}

#[test]
fn world_knows_principals_by_their_keys() {
    let mut world = two();
    world.set_keys(keys()).expect("keys of its accounts");
    let looker = by("AKIALOOK");
    let arn = format!("arn:aws:iam::{A}:user/team/looker");
    assert_eq!(whoami(&mut world, &looker), Ok(arn.clone()));
    assert_eq!(
        whoami(&mut world, &by("AKIAROOT")),
        Ok(format!("arn:aws:iam::{B}:root"))
    );
    for unknown in ["test", A, "AKIANOBODY"] {
        assert_eq!(
            code(whoami(&mut world, &by(unknown)).map(Value::from)),
            "InvalidClientTokenId"
        );
    }
    assert_eq!(
        code(whoami(&mut world, &by("")).map(Value::from)),
        "MissingAuthenticationToken"
    );
    let with_token = Caller {
        session_token: Some("t".to_owned()),
        ..looker.clone()
    };
    assert_eq!(
        code(whoami(&mut world, &with_token).map(Value::from)),
        "InvalidClientTokenId"
    );

    let vpc = json!({"CidrBlock": "10.0.0.0/16"});
    ask(&mut world, &looker, Api::Ec2, "DescribeVpcs", json!({})).expect("may look");
    let refused =
        ask(&mut world, &looker, Api::Ec2, "CreateVpc", vpc.clone()).expect_err("may not");
    assert_eq!(refused.code, "UnauthorizedOperation");
    assert!(refused.message.contains(&arn), "{refused}");
    // The account of the root key has no permissions of its own, so that everything is allowed.
    let root = by("AKIAROOT");
    ask(&mut world, &root, Api::Ec2, "CreateVpc", vpc.clone()).expect("may do everything");
    let maker = session(&mut world, &root, &format!("arn:aws:iam::{B}:role/maker"));
    ask(&mut world, &maker, Api::Ec2, "CreateVpc", vpc).expect("may make");
    let volumes = ask(&mut world, &maker, Api::Ec2, "DescribeVolumes", json!({}));
    assert_eq!(code(volumes), "UnauthorizedOperation");
    // Temporary credentials of a user are the user's.
    let token = ask(&mut world, &looker, Api::Sts, "GetSessionToken", json!({})).expect("given");
    let text = |name: &str| token["Credentials"][name].as_str().map(str::to_owned);
    let looking = Caller {
        access_key: text("AccessKeyId").expect("a key"),
        session_token: text("SessionToken"),
        ..looker
    };
    assert_eq!(whoami(&mut world, &looking), Ok(arn));
    let vpc = json!({"CidrBlock": "10.0.0.0/16"});
    assert_eq!(
        code(ask(&mut world, &looking, Api::Ec2, "CreateVpc", vpc)),
        "UnauthorizedOperation"
    );
    let again = ask(&mut world, &looking, Api::Sts, "GetSessionToken", json!({}));
    assert_eq!(code(again), "AccessDenied");
}

#[test]
fn world_principals_are_read_from_arns() {
    let read = |arn: &str| Keys::principal(arn).map(|(_, it)| it.arn("aws", &account(A)));
    for arn in [
        format!("arn:aws:iam::{A}:root"),
        format!("arn:aws:iam::{A}:user/x"),
        format!("arn:aws:iam::{A}:user/team/x"),
        format!("arn:aws:sts::{A}:assumed-role/r/s"),
    ] {
        assert_eq!(read(&arn), Ok(arn.clone()));
    }
    for wrong in [
        "",
        "x",
        "arn:aws:iam::1:root",
        "arn:aws:iam::111111111111:root/x",
        "arn:aws:iam::111111111111:user/",
        "arn:aws:iam::111111111111:group/x",
        "arn:aws:sts::111111111111:assumed-role/r",
        "arn:aws:sts::111111111111:assumed-role/r/s/t",
        "arn:aws:iam:eu-west-1:111111111111:user/x",
    ] {
        assert_eq!(read(wrong), Err(KeyError::Arn(wrong.to_owned())));
    }
}

fn page(service: &mut WorldService, fork: Option<&str>, what: What) -> Value {
    let ask = Ask {
        fork: fork.map(str::to_owned),
        what,
    };
    match service.control(&ask) {
        Ok(Page::Nothing) => Value::Null,
        Ok(Page::Json(value) | Page::Made(value)) => value,
        Ok(Page::Document(write)) => {
            serde_json::from_slice(&write().expect("written")).expect("JSON")
        }
        Err(trouble) => json!(trouble.code),
    }
}

fn fork(name: &str, of: Option<&str>) -> What {
    What::Fork {
        name: name.to_owned(),
        of: of.map(str::to_owned),
    }
}

#[test]
fn world_forks_live_on_their_own() {
    let mut service = WorldService::new(two(), VirtualTime::default());
    let call = |service: &mut WorldService, fork: Option<&str>, action: &str, input: Value| {
        let caller = Caller {
            fork: fork.map(str::to_owned),
            ..by(B)
        };
        service.call(&caller, &Call::new(action, input))?.to_value()
    };
    let vpc = || json!({"CidrBlock": "10.0.0.0/16"});
    let changed = |service: &mut WorldService, fork: Option<&str>| {
        let diff = page(service, fork, What::Diff(Some(account(B))));
        diff["resources"]
            .as_object()
            .map_or(usize::MAX, serde_json::Map::len)
    };
    call(&mut service, None, "CreateVpc", vpc()).expect("made");
    let before = changed(&mut service, None);
    assert!(before > 0);
    assert_eq!(page(&mut service, None, fork("a", None))["name"], "a");
    assert_eq!(page(&mut service, None, fork("a", None)), "ForkExists");
    assert_eq!(page(&mut service, None, fork("b", Some("x"))), "NoSuchFork");
    call(&mut service, Some("a"), "CreateVpc", vpc()).expect("made");
    assert_eq!(
        changed(&mut service, None),
        before,
        "what was loaded is as it was"
    );
    assert_eq!(
        changed(&mut service, Some("a")),
        before,
        "as much again, since the fork"
    );
    page(&mut service, None, fork("b", Some("a")));
    assert_eq!(changed(&mut service, Some("b")), 0);
    let names = page(&mut service, None, What::Forks);
    assert_eq!(names["forks"].as_array().map(Vec::len), Some(2));

    // A Region that a fork is the first to ask for has always had its default VPC.
    let caller = Caller {
        fork: Some("b".to_owned()),
        region: "us-west-2".to_owned(),
        ..by(B)
    };
    let seen = service
        .call(&caller, &Call::new("DescribeVpcs", json!({})))
        .expect("seen");
    let default = seen.to_value().expect("JSON")["Vpcs"][0]["VpcId"].clone();
    assert_eq!(changed(&mut service, Some("b")), 0);
    let groups = json!({"Filters": [{"Name": "vpc-id", "Values": [default]}]});
    let subnets = service
        .call(&caller, &Call::new("DescribeSubnets", groups))
        .expect("seen");
    let subnet = subnets.to_value().expect("JSON")["Subnets"][0]["SubnetId"].clone();
    let delete = Call::new("DeleteSubnet", json!({"SubnetId": subnet}));
    service.call(&caller, &delete).expect("deleted");
    let diff = page(&mut service, Some("b"), What::Diff(Some(account(B))));
    let change = &diff["resources"][subnet.as_str().expect("an id")];
    assert!(change.get("deleted").is_some(), "{diff}");

    page(&mut service, Some("a"), What::Reset);
    assert_eq!(changed(&mut service, Some("a")), 0);
    assert_eq!(page(&mut service, Some("a"), What::Drop), Value::Null);
    assert_eq!(page(&mut service, Some("a"), What::Show), "NoSuchFork");
    let gone = call(&mut service, Some("a"), "DescribeVpcs", json!({}));
    assert_eq!(code(gone), "sandtable.NoSuchFork");
    page(&mut service, None, What::Reset);
    assert_eq!(changed(&mut service, None), 0);
    assert_eq!(
        page(&mut service, Some("b"), What::Show),
        "NoSuchFork",
        "a reset drops forks"
    );
}

#[test]
fn world_holds_so_many_forks_and_no_more() {
    let mut service = WorldService::new(two(), VirtualTime::default());
    for number in 0..MAX_FORKS {
        page(&mut service, None, fork(&number.to_string(), None));
    }
    assert_eq!(page(&mut service, None, fork("more", None)), "TooManyForks");
    page(&mut service, Some("7"), What::Drop);
    assert_eq!(page(&mut service, None, fork("more", None))["name"], "more");
}

#[test]
fn world_pages_steer_time_and_show_states() {
    let mut service = WorldService::new(two(), VirtualTime::default());
    let start = service.world(None).expect("there").now();
    let hour = Duration::from_secs(3600);
    page(&mut service, None, fork("a", None));
    let by = page(&mut service, Some("a"), What::Advance(Step::By(hour)));
    assert_eq!(by["now"], crate::wire::timestamp(start.plus(hour).millis()));
    assert_eq!(
        service.now_millis(),
        start.millis(),
        "a fork has its own time"
    );
    assert_eq!(service.now_millis_of(Some("a")), start.plus(hour).millis());
    let until = page(
        &mut service,
        None,
        What::Advance(Step::Until(start.plus(hour))),
    );
    assert_eq!(until, by);
    assert_eq!(
        page(&mut service, None, What::Advance(Step::Until(start))),
        "InThePast"
    );
    let far = Step::By(Duration::from_days(36_500));
    assert_eq!(page(&mut service, None, What::Advance(far)), "TooFar");
    let mut decades = 0;
    while page(&mut service, Some("a"), What::Advance(Step::By(Step::MAX))) != "TooFar" {
        decades += 1;
    }
    let is_all = (780..800).contains(&decades);
    assert!(is_all, "{decades}: time ends with the year 9999");
    assert_eq!(
        page(&mut service, None, What::Snapshot(None)),
        "WhichAccount"
    );
    let other = What::Snapshot(Some(account("333333333333")));
    assert_eq!(page(&mut service, None, other), "NoSuchAccount");
    let snapshot = page(&mut service, None, What::Snapshot(Some(account(B))));
    assert_eq!(snapshot["account"], B);
    let health = page(&mut service, None, What::Health);
    assert_eq!(health, json!({"accounts": [A, B], "forks": 1}));
}

#[test]
fn world_passes_time_on_to_forks_when_they_are_called() {
    let mut service = WorldService::new(two(), VirtualTime::new(Duration::from_secs(1)));
    page(&mut service, None, fork("a", None));
    let start = service.now_millis_of(Some("a"));
    for _ in 0..5 {
        let call = Call::new("DescribeVpcs", json!({}));
        service.call(&by(A), &call).expect("seen");
    }
    assert_eq!(service.now_millis_of(Some("a")), start);
    page(&mut service, Some("a"), What::Show);
    assert_eq!(service.now_millis_of(Some("a")), start + 6_000);
}

#[test]
fn world_gives_secrets_to_the_wire_alone() {
    let mut world = two();
    world.set_keys(keys()).expect("keys of its accounts");
    let role = session(
        &mut world,
        &by("AKIAROOT"),
        &format!("arn:aws:iam::{B}:role/maker"),
    );
    let mut service = WorldService::new(world, VirtualTime::default());
    let proof = |service: &mut WorldService, caller: &Caller| {
        service.signer(caller).map(|it| (it.account, it.proof))
    };
    let (whose, secret) = proof(&mut service, &by("AKIALOOK")).expect("known");
    let now = service.now_millis();
    assert_eq!(whose, A);
    let expected = Proof {
        secret: "AKIALOOK-secret".to_owned(),
        moments: vec![now],
    };
    assert_eq!(secret, Some(expected));
    let (whose, secret) = proof(&mut service, &role).expect("known");
    assert_eq!(
        (whose.as_str(), secret.map(|it| it.secret.len())),
        (B, Some(40))
    );
    assert_eq!(proof(&mut service, &by("x")), Err(Refused::Key));
    let nowhere = Caller {
        fork: Some("x".to_owned()),
        ..by("AKIALOOK")
    };
    assert_eq!(
        proof(&mut service, &nowhere),
        Err(Refused::Fork("x".to_owned()))
    );
}
