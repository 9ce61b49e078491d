#!/usr/bin/env python3
"""Who may do what, seen by boto3: denials of every service, roles, session policies.

    iam_permissions.py URL

The server's callers must have the permissions of simulator/tests/permissions.json. Prints one line per
failed check on stderr and, as the last line on stdout, `ok: N checks`. Exit status: 0 all passed, 1
some failed, 2 something unexpected.
"""

import json
import sys
import traceback

import boto3
from boto3_lifecycle import Checks
from botocore.config import Config
from botocore.exceptions import ClientError

REGION = "eu-west-1"
ADA = "User: arn:aws:iam::123456789012:user/ada is not authorized to perform: "
ROLE = "arn:aws:iam::123456789012:role/cleaner"
NO_POLICY = "because no identity-based policy allows the {} action"


class Permissions:
    def __init__(self, url):
        self.url = url
        self.checks = Checks(None)

    def client(self, service, credentials=None):
        keys = credentials or {"AccessKeyId": "test", "SecretAccessKey": "test"}
        return boto3.client(
            service, endpoint_url=self.url, region_name=REGION,
            aws_access_key_id=keys["AccessKeyId"], aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys.get("SessionToken"),
            config=Config(retries={"total_max_attempts": 1}, read_timeout=30))

    def denied(self, what, code, call, **arguments):
        """The message of a refusal with a code, which must come with status 403."""
        try:
            call(**arguments)
        except ClientError as error:
            self.checks.that(f"code of {what}", error.response["Error"]["Code"] == code,
                             error.response["Error"])
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            self.checks.that(f"status of {what}", status == 403, status)
            return error.response["Error"]["Message"]
        self.checks.fail(what, "it was allowed")
        return ""

    def says(self, what, message, *parts):
        self.checks.that(f"words of {what}", all(part in message for part in parts), message)

    def run(self):
        ec2, sts = self.client("ec2"), self.client("sts")
        volume = ec2.create_volume(AvailabilityZone=f"{REGION}a", Size=1)["VolumeId"]
        ec2.get_waiter("volume_available").wait(VolumeIds=[volume])

        message = self.denied("DeleteVolume", "UnauthorizedOperation", ec2.delete_volume,
                              VolumeId=volume)
        arn = f"arn:aws:ec2:{REGION}:123456789012:volume/{volume}"
        self.says("DeleteVolume", message, f"{ADA}ec2:DeleteVolume on resource: {arn} ",
                  NO_POLICY.format("ec2:DeleteVolume"))
        blob = message.rsplit(" ", 1)[-1]
        decoded = json.loads(
            sts.decode_authorization_message(EncodedMessage=blob)["DecodedMessage"])
        self.checks.that("decoded message", decoded["context"]["resource"] == arn, decoded)
        self.checks.that("decoded verdict", decoded["allowed"] is False, decoded)

        image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
        message = self.denied(
            "RunInstances", "UnauthorizedOperation", ec2.run_instances, ImageId=image, MinCount=1,
            MaxCount=1, InstanceType="t3.micro", IamInstanceProfile={"Name": "web"})
        self.says("RunInstances", message,
                  "iam:PassRole on resource: arn:aws:iam::123456789012:role/web ")

        self.services()
        self.roles(sts, volume)

    def services(self):
        """Every service has the code and the words of its own protocol."""
        elb, elbv2 = self.client("elb"), self.client("elbv2")
        elb.describe_load_balancers()
        elbv2.describe_load_balancers()
        message = self.denied("classic DeleteLoadBalancer", "AccessDenied",
                              elb.delete_load_balancer, LoadBalancerName="old")
        self.says("classic DeleteLoadBalancer", message, f"{ADA}elasticloadbalancing:Delete",
                  f":elasticloadbalancing:{REGION}:123456789012:loadbalancer/old because")
        message = self.denied("CreateTargetGroup", "AccessDenied", elbv2.create_target_group,
                              Name="web")
        self.says("CreateTargetGroup", message, ":targetgroup/web/* because")
        message = self.denied(
            "CreateAutoScalingGroup", "AccessDenied",
            self.client("autoscaling").create_auto_scaling_group,
            AutoScalingGroupName="web", MinSize=0, MaxSize=1, AvailabilityZones=[f"{REGION}a"],
            LaunchConfigurationName="web")
        self.says("CreateAutoScalingGroup", message,
                  ":autoScalingGroup:*:autoScalingGroupName/web because")
        message = self.denied("DescribeDBInstances", "AccessDenied",
                              self.client("rds").describe_db_instances)
        self.says("DescribeDBInstances", message, f"arn:aws:rds:{REGION}:123456789012:db:* because")
        message = self.denied("PutMetricData", "AccessDenied",
                              self.client("cloudwatch").put_metric_data, Namespace="Own",
                              MetricData=[{"MetricName": "m", "Value": 1.0}])
        self.says("PutMetricData", message, f"{ADA}cloudwatch:PutMetricData because")
        message = self.denied("DescribeStacks", "AccessDenied",
                              self.client("cloudformation").describe_stacks, StackName="web")
        self.says("DescribeStacks", message, ":stack/web/* because")

    def roles(self, sts, volume):
        assume = dict(RoleArn=ROLE, RoleSessionName="night")
        message = self.denied("AssumeRole without its external id", "AccessDenied",
                              sts.assume_role, **assume)
        self.says("AssumeRole without its external id", message,
                  f"{ADA}sts:AssumeRole because no role trust policy allows")
        self.denied("AssumeRole of a role that trusts another account", "AccessDenied",
                    sts.assume_role, RoleSessionName="night",
                    RoleArn="arn:aws:iam::123456789012:role/stranger")
        message = self.denied("AssumeRole of no role", "AccessDenied", sts.assume_role,
                              RoleSessionName="night",
                              RoleArn="arn:aws:iam::123456789012:role/none")
        self.says("AssumeRole of no role", message, "on resource: arn:aws:iam::123456789012:role/none")

        look = {"Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Action": "ec2:DescribeVolumes", "Resource": "*"}}
        made = sts.assume_role(**assume, ExternalId="sandtable", Policy=json.dumps(look))
        narrow = self.client("ec2", made["Credentials"])
        narrow.describe_volumes()
        message = self.denied("DeleteVolume beyond the session policy", "UnauthorizedOperation",
                              narrow.delete_volume, VolumeId=volume)
        self.says("DeleteVolume beyond the session policy", message, "assumed-role/cleaner/night",
                  "because no session policy allows the ec2:DeleteVolume action")

        whole = sts.assume_role(**assume, ExternalId="sandtable")["Credentials"]
        ec2 = self.client("ec2", whole)
        message = self.denied("what the role may not", "UnauthorizedOperation", ec2.create_volume,
                              AvailabilityZone=f"{REGION}a", Size=1)
        self.says("what the role may not", message, "assumed-role/cleaner/night",
                  f"ec2:CreateVolume on resource: arn:aws:ec2:{REGION}:123456789012:volume/*")
        ec2.delete_volume(VolumeId=volume)
        self.checks.passed += 1


def main():
    run = Permissions(sys.argv[1])
    try:
        run.run()
    except Exception:
        traceback.print_exc()
        return 2
    if run.checks.failed:
        return 1
    print(f"ok: {run.checks.passed} checks")
    return 0


if __name__ == "__main__":
    sys.exit(main())
