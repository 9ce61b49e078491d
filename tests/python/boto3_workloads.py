#!/usr/bin/env python3
"""Load balancers, Auto Scaling groups and databases, seen by boto3.

    boto3_workloads.py URL [--region REGION]

Builds a network in two zones and runs the life of each kind of resource that the twin models beside
EC2: create, describe, change, what AWS refuses, delete, and what is left of it in EC2 meanwhile.

Prints one line per failed check on stderr and, as the last line on stdout, `ok: N checks`.
Exit status: 0 all checks passed, 1 some failed, 2 the server did something unexpected.
"""

import argparse
import sys
import time
import traceback

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError


class Run:
    def __init__(self, options):
        self.options = options
        self.passed = self.failed = 0
        self.ec2, self.elbv2, self.elb, self.asg, self.rds = (
            self.client(it) for it in ("ec2", "elbv2", "elb", "autoscaling", "rds"))

    def client(self, service):
        return boto3.client(
            service, endpoint_url=self.options.url, region_name=self.options.region,
            aws_access_key_id="test", aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}, read_timeout=30))

    def that(self, what, held, shown=None):
        if held:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAILED {what}: {shown!r}", file=sys.stderr)

    def same(self, what, seen, expected):
        self.that(what, seen == expected, f"{seen!r}, expected {expected!r}")

    def refused(self, code, call, status=400, says="", **arguments):
        what = f"{call.__name__} refused with {code}"
        try:
            call(**arguments)
        except ClientError as error:
            seen = (error.response["Error"]["Code"],
                    error.response["ResponseMetadata"]["HTTPStatusCode"])
            message = error.response["Error"].get("Message") or ""
            self.same(what, seen, (code, status))
            self.that(f"{what} says {says!r}", says in message, message)
        else:
            self.that(what, False, "succeeded")

    def until(self, what, look, seconds=90):
        """Looks again and again until something is so."""
        end = time.monotonic() + seconds
        while not (seen := look()):
            if time.monotonic() > end:
                break
            time.sleep(0.2)
        self.that(what, seen, "never so")
        return seen

    # --- The network --------------------------------------------------------------------------

    def network(self):
        ec2 = self.ec2
        self.vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        self.gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=self.gateway, VpcId=self.vpc)
        zones = sorted(z["ZoneName"] for z in
                       ec2.describe_availability_zones()["AvailabilityZones"])
        self.subnets = [
            ec2.create_subnet(VpcId=self.vpc, CidrBlock=f"10.0.{at}.0/24",
                              AvailabilityZone=zone)["Subnet"]["SubnetId"]
            for at, zone in enumerate(zones[:2])]
        self.group = ec2.create_security_group(
            GroupName="web", Description="web", VpcId=self.vpc)["GroupId"]

    def interfaces(self):
        where = [{"Name": "vpc-id", "Values": [self.vpc]}]
        return self.ec2.describe_network_interfaces(Filters=where)["NetworkInterfaces"]

    def teardown(self):
        self.until("interfaces of services go", lambda: not self.interfaces())
        for subnet in self.subnets:
            self.ec2.delete_subnet(SubnetId=subnet)
        self.ec2.delete_security_group(GroupId=self.group)
        self.ec2.detach_internet_gateway(InternetGatewayId=self.gateway, VpcId=self.vpc)
        self.ec2.delete_internet_gateway(InternetGatewayId=self.gateway)
        self.ec2.delete_vpc(VpcId=self.vpc)

    # --- ELBv2 --------------------------------------------------------------------------------

    def balancers(self):
        elb, same, refused = self.elbv2, self.same, self.refused
        refused("ValidationError", elb.create_load_balancer, Name="web", Subnets=self.subnets[:1],
                says="two subnets")
        made = elb.create_load_balancer(
            Name="web", Subnets=self.subnets, SecurityGroups=[self.group],
            Tags=[{"Key": "team", "Value": "web"}])["LoadBalancers"][0]
        arn = made["LoadBalancerArn"]
        same("a new balancer", made["State"]["Code"], "provisioning")
        elb.get_waiter("load_balancer_available").wait(
            LoadBalancerArns=[arn], WaiterConfig={"Delay": 1, "MaxAttempts": 60})
        (interface, *_) = self.interfaces()
        same("its interface", (interface["RequesterManaged"], interface["Attachment"]["InstanceOwnerId"]),
             (True, "amazon-elb"))
        refused("DependencyViolation", self.ec2.delete_subnet, SubnetId=self.subnets[0])
        vpc = self.vpc
        target = elb.create_target_group(Name="tg", Protocol="HTTP", Port=80, VpcId=vpc,
                                         HealthCheckIntervalSeconds=10, HealthyThresholdCount=2)
        target = target["TargetGroups"][0]["TargetGroupArn"]
        forward = [{"Type": "forward", "TargetGroupArn": target}]
        listener = elb.create_listener(LoadBalancerArn=arn, Protocol="HTTP", Port=80,
                                       DefaultActions=forward)["Listeners"][0]["ListenerArn"]
        refused("DuplicateListener", elb.create_listener, LoadBalancerArn=arn, Protocol="HTTP",
                Port=80, DefaultActions=forward)
        refused("ResourceInUse", elb.delete_target_group, TargetGroupArn=target, says="in use")
        elb.create_rule(ListenerArn=listener, Priority=5, Actions=forward,
                        Conditions=[{"Field": "path-pattern", "Values": ["/a*"]}])
        rules = elb.describe_rules(ListenerArn=listener)["Rules"]
        same("rules", [r["Priority"] for r in rules], ["5", "default"])
        elb.modify_listener(ListenerArn=listener, Port=81)
        same("a changed listener", elb.describe_listeners(LoadBalancerArn=arn)["Listeners"][0]["Port"], 81)
        same("the group's balancers", elb.describe_target_groups(Names=["tg"])["TargetGroups"][0][
            "LoadBalancerArns"], [arn])

        where = [{"Name": "architecture", "Values": ["x86_64"]}]
        images = self.ec2.describe_images(Owners=["amazon"], Filters=where)["Images"]
        self.image = images[0]["ImageId"]
        instance = self.ec2.run_instances(
            ImageId=self.image, InstanceType="t3.micro", MinCount=1, MaxCount=1,
            SubnetId=self.subnets[0])["Instances"][0]["InstanceId"]
        refused("InvalidTarget", elb.register_targets, TargetGroupArn=target,
                Targets=[{"Id": instance}], says="not in a running state")
        self.ec2.get_waiter("instance_running").wait(
            InstanceIds=[instance], WaiterConfig={"Delay": 1, "MaxAttempts": 60})
        elb.register_targets(TargetGroupArn=target, Targets=[{"Id": instance}])

        def health():
            (seen,) = elb.describe_target_health(TargetGroupArn=target)["TargetHealthDescriptions"]
            return seen["TargetHealth"]
        self.until("a target becomes healthy", lambda: health()["State"] == "healthy")
        self.ec2.terminate_instances(InstanceIds=[instance])
        self.until("a terminated target is unused",
                   lambda: health().get("Reason") == "Target.InvalidState")

        same("tags", elb.describe_tags(ResourceArns=[arn])["TagDescriptions"][0]["Tags"],
             [{"Key": "team", "Value": "web"}])
        for on in ("true", "false"):
            elb.modify_load_balancer_attributes(
                LoadBalancerArn=arn,
                Attributes=[{"Key": "deletion_protection.enabled", "Value": on}])
            if on == "true":
                refused("OperationNotPermitted", elb.delete_load_balancer, LoadBalancerArn=arn)
        elb.delete_load_balancer(LoadBalancerArn=arn)
        refused("LoadBalancerNotFound", elb.describe_load_balancers, LoadBalancerArns=[arn])
        elb.delete_target_group(TargetGroupArn=target)
        elb.create_target_group(Name="b", Protocol="TCP", Port=1, VpcId=vpc)
        elb.create_target_group(Name="a", Protocol="TCP", Port=1, VpcId=vpc)
        pages = elb.get_paginator("describe_target_groups").paginate(PaginationConfig={"PageSize": 1})
        names = [g["TargetGroupName"] for page in pages for g in page["TargetGroups"]]
        same("pages", names, ["a", "b"])
        for group in elb.describe_target_groups()["TargetGroups"]:
            elb.delete_target_group(TargetGroupArn=group["TargetGroupArn"])

    # --- Classic ------------------------------------------------------------------------------

    def classic(self):
        elb, same, refused = self.elb, self.same, self.refused
        listener = {"Protocol": "HTTP", "LoadBalancerPort": 80, "InstancePort": 80}
        made = elb.create_load_balancer(LoadBalancerName="old", Listeners=[listener],
                                        Subnets=self.subnets, SecurityGroups=[self.group])
        self.that("its name", made["DNSName"].startswith("old-"), made["DNSName"])
        (seen,) = elb.describe_load_balancers()["LoadBalancerDescriptions"]
        same("its VPC", seen["VPCId"], self.vpc)
        elb.modify_load_balancer_attributes(
            LoadBalancerName="old",
            LoadBalancerAttributes={"CrossZoneLoadBalancing": {"Enabled": True}})
        seen = elb.describe_load_balancer_attributes(LoadBalancerName="old")
        same("an attribute", seen["LoadBalancerAttributes"]["CrossZoneLoadBalancing"],
             {"Enabled": True})
        refused("InvalidInstance", elb.register_instances_with_load_balancer,
                LoadBalancerName="old", Instances=[{"InstanceId": "i-0123456789abcdef0"}])
        same("health of nothing", elb.describe_instance_health(LoadBalancerName="old")[
            "InstanceStates"], [])
        elb.add_tags(LoadBalancerNames=["old"], Tags=[{"Key": "a", "Value": "1"}])
        same("tags", elb.describe_tags(LoadBalancerNames=["old"])["TagDescriptions"][0]["Tags"],
             [{"Key": "a", "Value": "1"}])
        elb.delete_load_balancer(LoadBalancerName="old")
        refused("LoadBalancerNotFound", elb.describe_load_balancers, LoadBalancerNames=["old"])

    # --- Auto Scaling -------------------------------------------------------------------------

    def scaling(self):
        asg, same, refused = self.asg, self.same, self.refused
        asg.create_launch_configuration(
            LaunchConfigurationName="lc", ImageId=self.image, InstanceType="t3.micro",
            SecurityGroups=[self.group])
        refused("AlreadyExists", asg.create_launch_configuration, LaunchConfigurationName="lc",
                ImageId=self.image, InstanceType="t3.micro")
        asg.create_auto_scaling_group(
            AutoScalingGroupName="web", LaunchConfigurationName="lc", MinSize=0, MaxSize=3,
            DesiredCapacity=2, VPCZoneIdentifier=",".join(self.subnets),
            Tags=[{"Key": "team", "Value": "web", "PropagateAtLaunch": True}])

        def members():
            (group,) = asg.describe_auto_scaling_groups(AutoScalingGroupNames=["web"])[
                "AutoScalingGroups"]
            return {i["InstanceId"] for i in group["Instances"]
                    if i["LifecycleState"] == "InService"}
        self.until("a group has what it wants", lambda: len(members()) == 2)
        before = members()
        victim = min(before)
        self.ec2.terminate_instances(InstanceIds=[victim])
        after = self.until("a group replaces what is terminated",
                           lambda: (now := members()) != before and len(now) == 2 and now)
        self.that("the terminated one is gone", after and victim not in after, after)
        one = min(after)
        tags = self.ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [one]}])["Tags"]
        same("tags of an instance", {t["Key"] for t in tags},
             {"aws:autoscaling:groupName", "team"})
        activities = asg.describe_scaling_activities(AutoScalingGroupName="web")["Activities"]
        self.that("activities", len(activities) >= 4, activities)
        refused("ValidationError", asg.set_desired_capacity, AutoScalingGroupName="web",
                DesiredCapacity=9, says="above max value 3")
        refused("ResourceInUse", asg.delete_auto_scaling_group, AutoScalingGroupName="web")
        refused("ResourceInUse", asg.delete_launch_configuration, LaunchConfigurationName="lc")
        pages = asg.get_paginator("describe_auto_scaling_instances").paginate(
            PaginationConfig={"PageSize": 1})
        same("pages", len([i for p in pages for i in p["AutoScalingInstances"]]), 2)
        asg.terminate_instance_in_auto_scaling_group(
            InstanceId=one, ShouldDecrementDesiredCapacity=True)
        self.until("a group shrinks", lambda: len(members()) == 1)
        asg.delete_auto_scaling_group(AutoScalingGroupName="web", ForceDelete=True)
        self.until("a group goes", lambda: not asg.describe_auto_scaling_groups()[
            "AutoScalingGroups"])
        asg.delete_launch_configuration(LaunchConfigurationName="lc")

    # --- RDS ----------------------------------------------------------------------------------

    def databases(self):
        rds, same, refused = self.rds, self.same, self.refused
        group = {"DBSubnetGroupName": "data", "DBSubnetGroupDescription": "data"}
        refused("DBSubnetGroupDoesNotCoverEnoughAZs", rds.create_db_subnet_group,
                SubnetIds=self.subnets[:1], **group)
        rds.create_db_subnet_group(SubnetIds=self.subnets, **group)
        made = rds.create_db_instance(
            DBInstanceIdentifier="main", DBInstanceClass="db.t3.micro", Engine="postgres",
            AllocatedStorage=20, MasterUsername="root", MasterUserPassword="secret-enough",
            DBSubnetGroupName="data", VpcSecurityGroupIds=[self.group], DeletionProtection=True,
            Tags=[{"Key": "team", "Value": "data"}])["DBInstance"]
        same("a new database", made["DBInstanceStatus"], "creating")
        wait = {"Delay": 1, "MaxAttempts": 60}
        rds.get_waiter("db_instance_available").wait(DBInstanceIdentifier="main", WaiterConfig=wait)
        (seen,) = rds.describe_db_instances()["DBInstances"]
        same("its subnets", len(seen["DBSubnetGroup"]["Subnets"]), 2)
        same("its port", seen["Endpoint"]["Port"], 5432)
        arn = seen["DBInstanceArn"]
        same("its tags", rds.list_tags_for_resource(ResourceName=arn)["TagList"],
             [{"Key": "team", "Value": "data"}])
        same("its interface", [i["Description"] for i in self.interfaces()
                               if i["RequesterId"] == "amazon-rds"], ["RDSNetworkInterface"])
        refused("InvalidParameterCombination", rds.delete_db_instance, DBInstanceIdentifier="main",
                SkipFinalSnapshot=True, says="Cannot delete protected DB Instance")
        refused("InvalidDBSubnetGroupStateFault", rds.delete_db_subnet_group,
                DBSubnetGroupName="data", says="still using it")
        rds.stop_db_instance(DBInstanceIdentifier="main")

        def status():
            (seen,) = rds.describe_db_instances(DBInstanceIdentifier="main")["DBInstances"]
            return seen["DBInstanceStatus"]
        self.until("a database stops", lambda: status() == "stopped")
        refused("InvalidDBInstanceState", rds.stop_db_instance, DBInstanceIdentifier="main")
        rds.start_db_instance(DBInstanceIdentifier="main")
        rds.get_waiter("db_instance_available").wait(DBInstanceIdentifier="main", WaiterConfig=wait)
        rds.create_db_snapshot(DBInstanceIdentifier="main", DBSnapshotIdentifier="one")
        rds.get_waiter("db_snapshot_completed").wait(DBSnapshotIdentifier="one", WaiterConfig=wait)
        rds.copy_db_snapshot(SourceDBSnapshotIdentifier="one", TargetDBSnapshotIdentifier="two")
        rds.get_waiter("db_snapshot_completed").wait(DBSnapshotIdentifier="two", WaiterConfig=wait)
        self.until("the backup ends", lambda: status() == "available")
        rds.modify_db_instance(DBInstanceIdentifier="main", DeletionProtection=False)
        rds.delete_db_instance(DBInstanceIdentifier="main", FinalDBSnapshotIdentifier="last")
        rds.get_waiter("db_instance_deleted").wait(DBInstanceIdentifier="main", WaiterConfig=wait)
        refused("DBInstanceNotFound", rds.describe_db_instances, status=404,
                DBInstanceIdentifier="main")
        snapshots = rds.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]
        same("snapshots outlive it", [s["DBSnapshotIdentifier"] for s in snapshots],
             ["last", "one", "two"])
        for snapshot in snapshots:
            rds.delete_db_snapshot(DBSnapshotIdentifier=snapshot["DBSnapshotIdentifier"])
        refused("DBSnapshotNotFound", rds.delete_db_snapshot, status=404,
                DBSnapshotIdentifier="one")
        rds.delete_db_subnet_group(DBSubnetGroupName="data")
        same("no clusters", rds.describe_db_clusters()["DBClusters"], [])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url")
    parser.add_argument("--region", default="eu-central-1")
    run = Run(parser.parse_args())
    try:
        run.network()
        run.balancers()
        run.classic()
        run.scaling()
        run.databases()
        run.teardown()
    except Exception:
        traceback.print_exc()
        return 2
    if run.failed:
        print(f"{run.failed} of {run.passed + run.failed} checks failed")
        return 1
    print(f"ok: {run.passed} checks")
    return 0


if __name__ == "__main__":
    sys.exit(main())
