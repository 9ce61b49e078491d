//! RDS. Rules are those of the RDS API reference (2014-10-31) and user guide.

use serde_json::{Value, json};

use super::{World, only};
use crate::testing::text;
use crate::wire::Api;

const DAY: i64 = 86_400;

impl World {
    /// A subnet group of both subnets, and an instance in it that is available.
    fn database(more: Value) -> Self {
        let mut world = World::of(Api::Rds);
        let subnets = json!([world.one, world.two]);
        let input = json!({"DBSubnetGroupName": "Data", "DBSubnetGroupDescription": "data",
            "SubnetIds": subnets});
        world.ok("CreateDBSubnetGroup", input);
        let group = world.group.clone();
        let mut input = json!({"DBInstanceIdentifier": "Main", "DBInstanceClass": "db.t3.micro",
            "Engine": "postgres", "AllocatedStorage": 20, "MasterUsername": "root",
            "MasterUserPassword": "secret-enough", "DBSubnetGroupName": "data",
            "VpcSecurityGroupIds": [group], "Tags": [{"Key": "team", "Value": "data"}]});
        for (name, value) in more.as_object().into_iter().flatten() {
            input[name] = value.clone();
        }
        world.ok("CreateDBInstance", input);
        world.pass(600);
        world
    }

    fn instance_seen(&mut self) -> Value {
        let answer = self.ok(
            "DescribeDBInstances",
            json!({"DBInstanceIdentifier": "MAIN"}),
        );
        only(&answer, "DBInstances").clone()
    }

    fn status(&mut self) -> String {
        text(&self.instance_seen(), "DBInstanceStatus")
    }
}

fn main_with(more: Value) -> Value {
    let mut input = json!({"DBInstanceIdentifier": "main"});
    for (name, value) in more.as_object().into_iter().flatten() {
        input[name] = value.clone();
    }
    input
}

#[test]
fn an_instance_lives_and_holds_its_subnet() {
    let mut world = World::database(json!({}));
    let seen = world.instance_seen();
    assert_eq!(
        seen["DBInstanceIdentifier"], "main",
        "identifiers are in lower case"
    );
    assert_eq!(seen["DBInstanceStatus"], "available");
    assert_eq!(seen["Endpoint"]["Port"], 5432);
    assert_eq!(
        seen["DBSubnetGroup"]["Subnets"].as_array().unwrap().len(),
        2
    );
    assert_eq!(seen["TagList"], json!([{"Key": "team", "Value": "data"}]));
    let (one, group) = (world.one.clone(), world.group.clone());
    let interface = world.interfaces(&one)[0].clone();
    assert_eq!(interface["Description"], "RDSNetworkInterface");
    assert_eq!(interface["RequesterManaged"], true);
    assert_eq!(interface["RequesterId"], "amazon-rds");
    assert_eq!(interface["Groups"][0]["GroupId"], group.as_str());
    for (action, input) in [
        ("DeleteSubnet", json!({"SubnetId": one})),
        ("DeleteSecurityGroup", json!({"GroupId": group})),
    ] {
        assert_eq!(
            world.ec2_code(action, input),
            "DependencyViolation",
            "{action}"
        );
    }
    // A subnet group alone holds no subnet.
    let two = world.two.clone();
    world.ec2("DeleteSubnet", json!({"SubnetId": two}));
    let delete = json!({"DBSubnetGroupName": "data"});
    let code = "InvalidDBSubnetGroupStateFault";
    world.refused(
        "DeleteDBSubnetGroup",
        delete.clone(),
        code,
        "database instance: main is still",
    );
    world.ok(
        "DeleteDBInstance",
        main_with(json!({"SkipFinalSnapshot": true})),
    );
    assert_eq!(world.status(), "deleting");
    let again = main_with(json!({"SkipFinalSnapshot": true}));
    world.refused(
        "DeleteDBInstance",
        again,
        "InvalidDBInstanceState",
        "already being deleted",
    );
    assert_eq!(world.interfaces(&one).len(), 1);
    world.pass(400);
    let named = main_with(json!({}));
    world.refused(
        "DescribeDBInstances",
        named,
        "DBInstanceNotFound",
        "DBInstance main not found.",
    );
    assert_eq!(world.interfaces(&one).len(), 0);
    world.ok("DeleteDBSubnetGroup", delete);
    world.ec2("DeleteSubnet", json!({"SubnetId": one}));
    world.ec2("DeleteSecurityGroup", json!({"GroupId": group}));
}

#[test]
fn deletion_asks_for_a_word_on_the_final_snapshot() {
    let mut world = World::database(json!({"DeletionProtection": true}));
    let code = "InvalidParameterCombination";
    for (more, message) in [
        (
            json!({}),
            "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot",
        ),
        (
            json!({"SkipFinalSnapshot": true, "FinalDBSnapshotIdentifier": "last"}),
            "You cannot specify both",
        ),
        (
            json!({"SkipFinalSnapshot": true}),
            "Cannot delete protected DB Instance",
        ),
    ] {
        world.refused("DeleteDBInstance", main_with(more), code, message);
    }
    world.ok(
        "ModifyDBInstance",
        main_with(json!({"DeletionProtection": false})),
    );
    assert_eq!(world.status(), "available", "protection changes at once");
    world.ok(
        "DeleteDBInstance",
        main_with(json!({"FinalDBSnapshotIdentifier": "last"})),
    );
    world.pass(400);
    let answer = world.ok("DescribeDBSnapshots", json!({}));
    let seen = only(&answer, "DBSnapshots");
    assert_eq!(
        (
            seen["DBSnapshotIdentifier"].as_str(),
            seen["Status"].as_str()
        ),
        (Some("last"), Some("available")),
        "the snapshot outlives the instance"
    );
}

/// RDS user guide, "Stopping an Amazon RDS DB instance temporarily".
#[test]
fn a_stopped_instance_starts_by_itself_after_seven_days() {
    let mut world = World::database(json!({}));
    world.ok("StopDBInstance", main_with(json!({})));
    assert_eq!(world.status(), "stopping");
    world.refused(
        "StopDBInstance",
        main_with(json!({})),
        "InvalidDBInstanceState",
        "available",
    );
    world.pass(300);
    assert_eq!(world.status(), "stopped");
    let change = main_with(json!({"DeletionProtection": true}));
    world.refused(
        "ModifyDBInstance",
        change,
        "InvalidDBInstanceState",
        "not in available",
    );
    let one = world.one.clone();
    assert_eq!(
        world.interfaces(&one).len(),
        1,
        "a stopped instance keeps its interface"
    );
    world.pass(7 * DAY - 600);
    assert_eq!(world.status(), "stopped");
    world.pass(600);
    assert_eq!(world.status(), "starting");
    world.pass(600);
    assert_eq!(world.status(), "available");
    // One that was started and stopped again begins anew.
    world.ok("StopDBInstance", main_with(json!({})));
    world.pass(DAY);
    world.ok("StartDBInstance", main_with(json!({})));
    world.pass(600);
    world.ok("StopDBInstance", main_with(json!({})));
    world.pass(6 * DAY + 3600);
    assert_eq!(world.status(), "stopped");
    world.pass(DAY);
    assert_eq!(world.status(), "available");
    world.refused(
        "StartDBInstance",
        main_with(json!({})),
        "InvalidDBInstanceState",
        "not stopped",
    );
}

#[test]
fn changes_take_their_time_and_their_word() {
    let mut world = World::database(json!({}));
    let bigger = main_with(json!({"DBInstanceClass": "db.t3.large"}));
    let message = "maintenance window";
    world.refused("ModifyDBInstance", bigger, "UnsupportedOperation", message);
    let less = main_with(json!({"AllocatedStorage": 10, "ApplyImmediately": true}));
    world.refused(
        "ModifyDBInstance",
        less,
        "InvalidParameterCombination",
        "reduced",
    );
    let more = main_with(json!({"AllocatedStorage": 40, "ApplyImmediately": true}));
    world.ok("ModifyDBInstance", more);
    assert_eq!(world.status(), "modifying");
    let reboot = main_with(json!({}));
    world.refused(
        "RebootDBInstance",
        reboot.clone(),
        "InvalidDBInstanceState",
        "not in available",
    );
    world.pass(300);
    assert_eq!(world.instance_seen()["AllocatedStorage"], 40);
    world.ok("RebootDBInstance", reboot);
    assert_eq!(world.status(), "rebooting");
    let failover = main_with(json!({"ForceFailover": true}));
    world.refused(
        "RebootDBInstance",
        failover,
        "InvalidParameterCombination",
        "Multi-AZ",
    );
    world.pass(100);
    let vpc = world.vpc.clone();
    let other = json!({"GroupName": "other", "Description": "other", "VpcId": vpc});
    let other = text(&world.ec2("CreateSecurityGroup", other), "GroupId");
    world.ok(
        "ModifyDBInstance",
        main_with(json!({"VpcSecurityGroupIds": [other]})),
    );
    let one = world.one.clone();
    assert_eq!(
        world.interfaces(&one)[0]["Groups"][0]["GroupId"],
        other.as_str()
    );
    let group = world.group.clone();
    world.ec2("DeleteSecurityGroup", json!({"GroupId": group}));
}

#[test]
fn snapshots_are_made_copied_and_deleted() {
    let mut world = World::database(json!({"CopyTagsToSnapshot": true}));
    let make = main_with(json!({"DBSnapshotIdentifier": "one"}));
    world.ok("CreateDBSnapshot", make.clone());
    assert_eq!(world.status(), "backing-up");
    world.refused(
        "CreateDBSnapshot",
        make,
        "DBSnapshotAlreadyExists",
        "identifier one already",
    );
    let named = json!({"DBSnapshotIdentifier": "one"});
    world.refused(
        "DeleteDBSnapshot",
        named.clone(),
        "InvalidDBSnapshotState",
        "available",
    );
    world.pass(200);
    assert_eq!(world.status(), "available");
    let arn = "arn:aws:rds:eu-central-1:123456789012:snapshot:one";
    let copy = json!({"SourceDBSnapshotIdentifier": arn, "TargetDBSnapshotIdentifier": "two",
        "CopyTags": true});
    let copied = world.ok("CopyDBSnapshot", copy);
    assert_eq!(copied["DBSnapshot"]["SourceDBSnapshotIdentifier"], arn);
    assert_eq!(
        copied["DBSnapshot"]["TagList"],
        json!([{"Key": "team", "Value": "data"}])
    );
    world.pass(200);
    let filters = json!([{"Name": "db-snapshot-id", "Values": ["two"]}]);
    let answer = world.ok("DescribeDBSnapshots", json!({"Filters": filters}));
    only(&answer, "DBSnapshots");
    world.ok("DeleteDBSnapshot", named.clone());
    world.refused(
        "DeleteDBSnapshot",
        named,
        "DBSnapshotNotFound",
        "DBSnapshot one not found.",
    );
    let wrong = json!({"Filters": [{"Name": "x", "Values": ["1"]}]});
    world.refused(
        "DescribeDBSnapshots",
        wrong,
        "InvalidParameterValue",
        "Unrecognized filter",
    );
}

#[test]
fn subnet_groups_cover_two_zones() {
    let mut world = World::of(Api::Rds);
    let (one, two) = (world.one.clone(), world.two.clone());
    let made = |subnets: &[&str]| json!({"DBSubnetGroupName": "data", "DBSubnetGroupDescription": "data", "SubnetIds": subnets});
    let code = "DBSubnetGroupDoesNotCoverEnoughAZs";
    world.refused(
        "CreateDBSubnetGroup",
        made(&[&one]),
        code,
        "coverage: eu-central-1a",
    );
    let nowhere = "subnet-00000000000000000";
    world.refused(
        "CreateDBSubnetGroup",
        made(&[&one, nowhere]),
        "InvalidParameterValue",
        nowhere,
    );
    world.ok("CreateDBSubnetGroup", made(&[&one, &two]));
    world.refused(
        "CreateDBSubnetGroup",
        made(&[&one, &two]),
        "DBSubnetGroupAlreadyExists",
        "data",
    );
    let group = json!({"DBSubnetGroupName": "data"});
    let answer = world.ok("DescribeDBSubnetGroups", group.clone());
    assert_eq!(only(&answer, "DBSubnetGroups")["VpcId"], world.vpc.as_str());
    world.ok("DeleteDBSubnetGroup", group.clone());
    world.refused(
        "DeleteDBSubnetGroup",
        group,
        "DBSubnetGroupNotFoundFault",
        "does not exist",
    );
}

#[test]
fn a_subnet_with_an_instance_stays_in_its_group() {
    let mut world = World::database(json!({"AvailabilityZone": "eu-central-1a"}));
    let (vpc, two) = (world.vpc.clone(), world.two.clone());
    let three =
        json!({"VpcId": vpc, "CidrBlock": "10.0.3.0/24", "AvailabilityZone": "eu-central-1c"});
    let three = text(&world.ec2("CreateSubnet", three)["Subnet"], "SubnetId");
    let without = json!({"DBSubnetGroupName": "data", "SubnetIds": [two, three]});
    let one = world.one.clone();
    world.refused("ModifyDBSubnetGroup", without, "SubnetAlreadyInUse", &one);
    let with = json!({"DBSubnetGroupName": "data", "SubnetIds": [one, three]});
    world.ok("ModifyDBSubnetGroup", with);
}

#[test]
fn a_standby_has_an_interface_of_its_own() {
    let mut world = World::database(json!({"MultiAZ": true}));
    let (one, two) = (world.one.clone(), world.two.clone());
    assert_eq!(
        (world.interfaces(&one).len(), world.interfaces(&two).len()),
        (1, 1)
    );
    world.ok(
        "DeleteDBInstance",
        main_with(json!({"SkipFinalSnapshot": true})),
    );
    world.pass(400);
    assert_eq!(
        (world.interfaces(&one).len(), world.interfaces(&two).len()),
        (0, 0)
    );
}

#[test]
fn what_does_not_fit_is_refused() {
    let mut world = World::database(json!({}));
    let made = |more: Value| {
        let mut input = json!({"DBInstanceIdentifier": "new", "DBInstanceClass": "db.t3.micro",
            "Engine": "mysql", "AllocatedStorage": 20, "MasterUsername": "root",
            "MasterUserPassword": "secret-enough", "DBSubnetGroupName": "data"});
        for (name, value) in more.as_object().into_iter().flatten() {
            input[name] = value.clone();
        }
        input
    };
    for (more, code, message) in [
        (
            json!({"DBInstanceIdentifier": "main"}),
            "DBInstanceAlreadyExists",
            "already exists",
        ),
        (
            json!({"DBInstanceIdentifier": "1a"}),
            "InvalidParameterValue",
            "must begin with a letter",
        ),
        (
            json!({"DBInstanceIdentifier": ""}),
            "MissingParameter",
            "DBInstanceIdentifier",
        ),
        (
            json!({"DBInstanceClass": "t3.micro"}),
            "InvalidParameterValue",
            "Invalid DB Instance class",
        ),
        (
            json!({"Engine": "sqlite"}),
            "InvalidParameterValue",
            "Invalid DB engine",
        ),
        (
            json!({"Engine": "aurora-mysql"}),
            "UnsupportedOperation",
            "aurora-mysql",
        ),
        (
            json!({"AllocatedStorage": null}),
            "MissingParameter",
            "AllocatedStorage",
        ),
        (
            json!({"MasterUserPassword": "short"}),
            "InvalidParameterValue",
            "shorter than 8",
        ),
        (
            json!({"DBSubnetGroupName": "no"}),
            "DBSubnetGroupNotFoundFault",
            "'no' does not exist",
        ),
        (
            json!({"VpcSecurityGroupIds": ["sg-00000000000000000"]}),
            "InvalidParameterValue",
            "Invalid security group",
        ),
        (
            json!({"MultiAZ": true, "AvailabilityZone": "eu-central-1a"}),
            "InvalidParameterCombination",
            "Multi-AZ",
        ),
        (
            json!({"AvailabilityZone": "eu-central-1c"}),
            "InvalidVPCNetworkStateFault",
            "availability zone",
        ),
        (json!({"KmsKeyId": "x"}), "UnsupportedOperation", "KmsKeyId"),
    ] {
        world.refused("CreateDBInstance", made(more), code, message);
    }
    world.refused(
        "DescribeDBInstances",
        json!({"MaxRecords": 5}),
        "InvalidParameterValue",
        "20 and 100",
    );
    world.refused(
        "DescribeDBInstances",
        json!({"Marker": "x"}),
        "InvalidParameterValue",
        "Marker",
    );
    assert_eq!(
        world.ok("DescribeDBClusters", json!({}))["DBClusters"],
        json!([])
    );
    let named = json!({"DBClusterIdentifier": "x"});
    world.refused(
        "DescribeDBClusters",
        named,
        "DBClusterNotFoundFault",
        "x not found",
    );
}

#[test]
fn without_a_subnet_group_the_default_vpc_is_taken() {
    let mut world = World::database(json!({}));
    let input = json!({"DBInstanceIdentifier": "plain", "DBInstanceClass": "db.t3.micro",
        "Engine": "mysql", "AllocatedStorage": 20, "MasterUsername": "root",
        "MasterUserPassword": "secret-enough"});
    let made = world.ok("CreateDBInstance", input);
    assert_eq!(
        made["DBInstance"]["DBSubnetGroup"]["DBSubnetGroupName"],
        "default"
    );
    assert_eq!(made["DBInstance"]["PubliclyAccessible"], true);
}

#[test]
fn tags_are_put_listed_and_removed_by_arn() {
    let mut world = World::database(json!({}));
    let arn = text(&world.instance_seen(), "DBInstanceArn");
    let named = json!({"ResourceName": arn});
    let tags = json!({"ResourceName": arn, "Tags": [{"Key": "a", "Value": "1"}]});
    world.ok("AddTagsToResource", tags);
    world.ok(
        "RemoveTagsFromResource",
        json!({"ResourceName": arn, "TagKeys": ["team"]}),
    );
    let answer = world.ok("ListTagsForResource", named);
    assert_eq!(answer["TagList"], json!([{"Key": "a", "Value": "1"}]));
    let wrong = json!({"ResourceName": "main"});
    world.refused(
        "ListTagsForResource",
        wrong,
        "InvalidParameterValue",
        "Invalid resource name",
    );
}

#[test]
fn a_snapshot_holds_all_of_it() {
    let mut world = World::database(json!({}));
    world.ok("StopDBInstance", main_with(json!({})));
    world.pass(DAY);
    let snapshot = world.account.twin.snapshot();
    let options = world.account.twin.options().clone();
    world.account.twin = crate::Twin::from_snapshot(&snapshot, options);
    world.pass(5 * DAY);
    assert_eq!(world.status(), "stopped");
    world.pass(DAY + 600);
    assert_eq!(world.status(), "available", "the seven days go on");
    world.ok(
        "DeleteDBInstance",
        main_with(json!({"SkipFinalSnapshot": true})),
    );
    world.pass(400);
    let one = world.one.clone();
    assert_eq!(
        world.interfaces(&one).len(),
        0,
        "the interface is found again"
    );
}
