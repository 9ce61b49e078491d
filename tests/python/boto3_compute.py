#!/usr/bin/env python3
"""The lives of what stands around instances, seen by boto3.

    boto3_compute.py URL [--region REGION]

Launch templates, key pairs, placement groups, capacity reservations, Dedicated Hosts, instance
profiles, Spot requests and the options of instances: each is made, looked at by ids, filters and
pages, changed, refused with AWS's codes, and deleted.

Prints one line per failed check on stderr and, as the last line on stdout, `ok: N checks`.
"""

import argparse
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

TAGS = [{"Key": "role", "Value": "sandtable-compute"}]
passed = failed = 0


def same(what, seen, expected):
    global passed, failed
    if seen == expected:
        passed += 1
    else:
        failed += 1
        print(f"FAIL {what}: saw {seen!r}, expected {expected!r}", file=sys.stderr)


def refused(what, code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        same(what, error.response["Error"]["Code"], code)
    else:
        same(what, "success", code)


def tagged(kind):
    return [{"ResourceType": kind, "Tags": TAGS}]


def where(name, value):
    return [{"Name": name, "Values": [value]}]


def wait(ec2, state, name):
    """Waits on the twin's clock, which every call moves."""
    ec2.get_waiter(f"instance_{state}").wait(InstanceIds=[name],
                                             WaiterConfig={"Delay": 0, "MaxAttempts": 2000})


def launch_templates(ec2, image):
    made = ec2.create_launch_template(
        LaunchTemplateName="web", VersionDescription="first", TagSpecifications=tagged("launch-template"),
        LaunchTemplateData={"ImageId": image, "InstanceType": "t3.micro", "Monitoring": {"Enabled": True},
                            "TagSpecifications": [{"ResourceType": "instance", "Tags": TAGS}]},
    )["LaunchTemplate"]
    name = made["LaunchTemplateId"]
    same("template's tags", made["Tags"], TAGS)
    same("template's numbers", (made["DefaultVersionNumber"], made["LatestVersionNumber"]), (1, 1))
    refused("a name twice", "InvalidLaunchTemplateName.AlreadyExistsException", ec2.create_launch_template,
            LaunchTemplateName="web", LaunchTemplateData={"ImageId": image})
    version = ec2.create_launch_template_version(
        LaunchTemplateId=name, SourceVersion="1", LaunchTemplateData={"InstanceType": "t3.small"},
    )["LaunchTemplateVersion"]
    same("inherited", version["LaunchTemplateData"]["ImageId"], image)
    same("overwritten", version["LaunchTemplateData"]["InstanceType"], "t3.small")
    versions = ec2.get_paginator("describe_launch_template_versions").paginate(
        LaunchTemplateName="web", PaginationConfig={"PageSize": 1})
    numbers = [it["VersionNumber"] for page in versions for it in page["LaunchTemplateVersions"]]
    same("versions by page", numbers, [2, 1])
    latest = ec2.describe_launch_template_versions(Versions=["$Latest"])["LaunchTemplateVersions"]
    same("latest of all", [it["VersionNumber"] for it in latest], [2])
    found = ec2.describe_launch_templates(Filters=where("tag:role", "sandtable-compute"))
    same("by tag", [it["LaunchTemplateId"] for it in found["LaunchTemplates"]], [name])
    same("modified", ec2.modify_launch_template(LaunchTemplateId=name, DefaultVersion="2")["LaunchTemplate"]
         ["DefaultVersionNumber"], 2)
    run = ec2.run_instances(LaunchTemplate={"LaunchTemplateId": name}, MinCount=1, MaxCount=1)["Instances"][0]
    same("launched as the default version says", run["InstanceType"], "t3.small")
    same("tagged as the template says", run["Tags"], TAGS)
    run = ec2.run_instances(LaunchTemplate={"LaunchTemplateName": "web", "Version": "1"}, InstanceType="t3.nano",
                            MinCount=1, MaxCount=1)["Instances"][0]
    same("the request's word", run["InstanceType"], "t3.nano")
    data = ec2.get_launch_template_data(InstanceId=run["InstanceId"])["LaunchTemplateData"]
    same("data of an instance", data["InstanceType"], "t3.nano")
    gone = ec2.delete_launch_template_versions(LaunchTemplateId=name, Versions=["1", "2"])
    same("deleted", [it["VersionNumber"] for it in gone["SuccessfullyDeletedLaunchTemplateVersions"]], [1])
    left = gone["UnsuccessfullyDeletedLaunchTemplateVersions"][0]
    same("the default stays", (left["VersionNumber"], left["ResponseError"]["Code"]), (2, "unexpectedError"))
    refused("a version that is gone", "InvalidLaunchTemplateId.VersionNotFound", ec2.run_instances,
            LaunchTemplate={"LaunchTemplateId": name, "Version": "1"}, MinCount=1, MaxCount=1)
    ec2.delete_launch_template(LaunchTemplateName="web")
    refused("a template that is gone", "InvalidLaunchTemplateId.NotFound", ec2.describe_launch_templates,
            LaunchTemplateIds=[name])


def key_pairs(ec2):
    made = ec2.create_key_pair(KeyName="web", TagSpecifications=tagged("key-pair"))
    same("armour", made["KeyMaterial"].startswith("-----BEGIN RSA PRIVATE KEY-----"), True)
    refused("a name twice", "InvalidKeyPair.Duplicate", ec2.create_key_pair, KeyName="web")
    public = ec2.describe_key_pairs(KeyNames=["web"], IncludePublicKey=True)["KeyPairs"][0]["PublicKey"]
    imported = ec2.import_key_pair(KeyName="again", PublicKeyMaterial=public.encode())
    same("MD5", len(imported["KeyFingerprint"]), 47)
    same("by name", len(ec2.describe_key_pairs(Filters=where("key-name", "*"))["KeyPairs"]), 2)
    refused("a name that is not there", "InvalidKeyPair.NotFound", ec2.describe_key_pairs, KeyNames=["none"])
    same("deleted", ec2.delete_key_pair(KeyName="web")["KeyPairId"], made["KeyPairId"])
    same("deleted again", ec2.delete_key_pair(KeyName="web")["Return"], True)
    ec2.delete_key_pair(KeyPairId=imported["KeyPairId"])
    same("none left", ec2.describe_key_pairs()["KeyPairs"], [])


def placement_groups(ec2, run):
    group = ec2.create_placement_group(GroupName="parts", Strategy="partition", PartitionCount=2,
                                       TagSpecifications=tagged("placement-group"))["PlacementGroup"]
    same("its partitions", group["PartitionCount"], 2)
    refused("a name twice", "InvalidPlacementGroup.Duplicate", ec2.create_placement_group, GroupName="parts")
    refused("an unknown strategy", "InvalidParameterValue", ec2.create_placement_group, GroupName="x",
            Strategy="round")
    member = run(InstanceType="m5.large", Placement={"GroupName": "parts"})
    same("its partition", member["Placement"]["PartitionNumber"], 1)
    refused("in use", "InvalidPlacementGroup.InUse", ec2.delete_placement_group, GroupName="parts")
    found = ec2.describe_placement_groups(Filters=where("strategy", "partition"))["PlacementGroups"]
    same("by strategy", [it["GroupId"] for it in found], [group["GroupId"]])
    ec2.terminate_instances(InstanceIds=[member["InstanceId"]])
    wait(ec2, "terminated", member["InstanceId"])
    ec2.delete_placement_group(GroupName="parts")
    refused("unknown", "InvalidPlacementGroup.Unknown", ec2.describe_placement_groups, GroupNames=["none"])


def capacity(ec2, zone, run):
    made = ec2.create_capacity_reservation(
        InstanceType="m5.large", InstancePlatform="Linux/UNIX", AvailabilityZone=zone, InstanceCount=1,
        InstanceMatchCriteria="targeted", TagSpecifications=tagged("capacity-reservation"))["CapacityReservation"]
    name = made["CapacityReservationId"]
    target = {"CapacityReservationTarget": {"CapacityReservationId": name}}
    place = {"AvailabilityZone": zone}
    member = run(InstanceType="m5.large", Placement=place, CapacityReservationSpecification=target)
    same("its reservation", member["CapacityReservationId"], name)
    refused("full", "ReservationCapacityExceeded", run, InstanceType="m5.large", Placement=place,
            CapacityReservationSpecification=target)
    ec2.modify_capacity_reservation(CapacityReservationId=name, InstanceCount=3)
    usage = ec2.get_capacity_reservation_usage(CapacityReservationId=name)
    same("used", (usage["TotalInstanceCount"], usage["AvailableInstanceCount"]), (3, 2))
    listed = ec2.describe_capacity_reservations(Filters=where("state", "active"))["CapacityReservations"]
    same("by state", [it["CapacityReservationId"] for it in listed], [name])
    ec2.cancel_capacity_reservation(CapacityReservationId=name)
    refused("over", "InvalidCapacityReservationState", ec2.cancel_capacity_reservation,
            CapacityReservationId=name)
    refused("malformed", "InvalidCapacityReservationId.Malformed", ec2.cancel_capacity_reservation,
            CapacityReservationId="cr-x")


def hosts(ec2, zone, run):
    name = ec2.allocate_hosts(InstanceType="m5.large", AvailabilityZone=zone, Quantity=1,
                              TagSpecifications=tagged("dedicated-host"))["HostIds"][0]
    member = run(InstanceType="m5.large", Placement={"AvailabilityZone": zone, "Tenancy": "host"})
    same("its host", member["Placement"]["HostId"], name)
    host = ec2.describe_hosts(Filter=where("auto-placement", "on"))["Hosts"][0]
    same("what runs on it", [it["InstanceId"] for it in host["Instances"]], [member["InstanceId"]])
    same("what is left", host["AvailableCapacity"]["AvailableVCpus"], 94)
    error = ec2.release_hosts(HostIds=[name])["Unsuccessful"][0]["Error"]
    same("occupied", error["Code"], "Client.InvalidHost.Occupied")
    same("modified", ec2.modify_hosts(HostIds=[name], AutoPlacement="off")["Successful"], [name])
    wait(ec2, "running", member["InstanceId"])
    ec2.stop_instances(InstanceIds=[member["InstanceId"]])
    wait(ec2, "stopped", member["InstanceId"])
    refused("no other host", "UnavailableHostRequirements", ec2.start_instances,
            InstanceIds=[member["InstanceId"]])
    same("released", ec2.release_hosts(HostIds=[name])["Successful"], [name])
    same("still told", ec2.describe_hosts(HostIds=[name])["Hosts"][0]["State"], "released")


def options(ec2, run):
    name = run(InstanceType="t3.micro", IamInstanceProfile={"Name": "web"},
               MetadataOptions={"HttpTokens": "required"})["InstanceId"]
    wait(ec2, "running", name)
    seen = ec2.describe_instances(InstanceIds=[name])["Reservations"][0]["Instances"][0]
    same("metadata", seen["MetadataOptions"]["HttpTokens"], "required")
    changed = ec2.modify_instance_metadata_options(InstanceId=name, HttpPutResponseHopLimit=2)
    same("metadata changed", changed["InstanceMetadataOptions"]["HttpPutResponseHopLimit"], 2)
    ec2.modify_instance_metadata_defaults(HttpTokens="required")
    same("defaults", ec2.get_instance_metadata_defaults()["AccountLevel"]["HttpTokens"], "required")
    ec2.modify_instance_metadata_defaults(HttpTokens="no-preference")
    profile = ec2.describe_iam_instance_profile_associations(Filters=where("instance-id", name))
    profile = profile["IamInstanceProfileAssociations"][0]["AssociationId"]
    other = ec2.replace_iam_instance_profile_association(
        AssociationId=profile, IamInstanceProfile={"Name": "other"})["IamInstanceProfileAssociation"]
    refused("it has one", "IncorrectState", ec2.associate_iam_instance_profile, InstanceId=name,
            IamInstanceProfile={"Name": "third"})
    ec2.disassociate_iam_instance_profile(AssociationId=other["AssociationId"])
    credits = ec2.describe_instance_credit_specifications(InstanceIds=[name])["InstanceCreditSpecifications"]
    same("credits", credits, [{"InstanceId": name, "CpuCredits": "unlimited"}])
    ec2.modify_instance_credit_specification(
        InstanceCreditSpecifications=[{"InstanceId": name, "CpuCredits": "standard"}])
    same("monitored", ec2.monitor_instances(InstanceIds=[name])["InstanceMonitorings"][0]["Monitoring"]["State"],
         "pending")
    ec2.unmonitor_instances(InstanceIds=[name])
    ec2.modify_instance_maintenance_options(InstanceId=name, AutoRecovery="disabled")
    ec2.modify_instance_attribute(InstanceId=name, SourceDestCheck={"Value": False})
    ec2.reset_instance_attribute(InstanceId=name, Attribute="sourceDestCheck")
    told = ec2.describe_instance_attribute(InstanceId=name, Attribute="sourceDestCheck")
    same("reset", told["SourceDestCheck"]["Value"], True)
    refused("running", "IncorrectInstanceState", ec2.modify_instance_attribute, InstanceId=name,
            UserData={"Value": b"hello"})
    refused("cannot hibernate", "UnsupportedHibernationConfiguration", ec2.stop_instances, InstanceIds=[name],
            Hibernate=True)
    same("console", ec2.get_console_output(InstanceId=name).get("Output", ""), "")
    same("password", ec2.get_password_data(InstanceId=name)["PasswordData"], "")
    ec2.register_instance_event_notification_attributes(InstanceTagAttribute={"InstanceTagKeys": ["Name"]})
    told = ec2.describe_instance_event_notification_attributes()["InstanceTagAttribute"]
    same("notices", told["InstanceTagKeys"], ["Name"])
    same("no Reserved Instances", ec2.describe_reserved_instances()["ReservedInstances"], [])


def spot(ec2, run):
    name = run(InstanceType="t3.micro", InstanceMarketOptions={"MarketType": "spot"})["InstanceId"]
    request = ec2.describe_spot_instance_requests(Filters=where("instance-id", name))["SpotInstanceRequests"][0]
    same("active", request["State"], "active")
    ids = [request["SpotInstanceRequestId"]]
    cancelled = ec2.cancel_spot_instance_requests(SpotInstanceRequestIds=ids)["CancelledSpotInstanceRequests"]
    same("cancelled", [it["State"] for it in cancelled], ["cancelled"])
    refused("unknown", "InvalidSpotInstanceRequestID.NotFound", ec2.describe_spot_instance_requests,
            SpotInstanceRequestIds=["sir-0a1b2c3d"])


def types(ec2):
    pages = ec2.get_paginator("describe_instance_types").paginate(Filters=where("instance-type", "m5.*"))
    names = [it["InstanceType"] for page in pages for it in page["InstanceTypes"]]
    same("types of a family", len(names), 9)
    offers = ec2.describe_instance_type_offerings(Filters=where("instance-type", "m5.large"))
    same("offered", len(offers["InstanceTypeOfferings"]), 1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--region", default="eu-central-1")
    arguments = parser.parse_args()
    ec2 = boto3.client("ec2", endpoint_url=arguments.url, region_name=arguments.region,
                       aws_access_key_id="test", aws_secret_access_key="test",
                       config=Config(retries={"max_attempts": 1}))
    image = next(it["ImageId"] for it in ec2.describe_images(Owners=["amazon"])["Images"]
                 if it["Architecture"] == "x86_64")
    zone = f"{arguments.region}a"

    def run(**more):
        return ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, **more)["Instances"][0]

    launch_templates(ec2, image)
    key_pairs(ec2)
    placement_groups(ec2, run)
    capacity(ec2, zone, run)
    hosts(ec2, zone, run)
    options(ec2, run)
    spot(ec2, run)
    types(ec2)
    reservations = ec2.describe_instances(
        Filters=[{"Name": "instance-state-name", "Values": ["pending", "running", "stopped"]}])["Reservations"]
    ids = [it["InstanceId"] for reservation in reservations for it in reservation["Instances"]]
    ec2.terminate_instances(InstanceIds=ids)
    if failed:
        sys.exit(1)
    print(f"ok: {passed} checks")


if __name__ == "__main__":
    main()
