#!/usr/bin/env python3
"""Several accounts, verified signatures, permissions, forks and the twin's own pages, by real clients.

    served_accounts.py URL AWS

The server must have been started by `tests/integration/served.rs`, with the credentials file that
$AWS_SHARED_CREDENTIALS_FILE names for this script too; AWS is the AWS command line. Prints one line
per failed check on stderr and, as the last line on stdout, `ok: N checks`.
"""

import datetime
import http.client
import json
import os
import subprocess
import sys
import urllib.parse

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError

URL, AWS = sys.argv[1], sys.argv[2]
HOST = urllib.parse.urlsplit(URL).netloc
REGION = "eu-central-1"
A, B = "111111111111", "222222222222"
CHECKS = {"passed": 0, "failed": 0}
FORM = "application/x-www-form-urlencoded; charset=utf-8"


def check(what, holds, seen=""):
    CHECKS["passed" if holds else "failed"] += 1
    if not holds:
        print(f"FAIL {what}: {seen}", file=sys.stderr)


def same(what, seen, expected):
    check(what, seen == expected, f"saw {seen!r}, expected {expected!r}")


def refused(what, code, call, **arguments):
    try:
        answer = call(**arguments)
    except ClientError as error:
        same(what, error.response["Error"]["Code"], code)
        return error.response
    check(what, False, f"succeeded, expected {code}: {answer}")
    return {"Error": {"Message": ""}, "ResponseMetadata": {}}


def client(service, profile=None, *, url=URL, region=REGION, **keys):
    return boto3.Session(profile_name=profile).client(
        service, endpoint_url=url, region_name=region, **keys,
        config=Config(retries={"total_max_attempts": 1}))


def keys_of(profile):
    return botocore.session.Session(profile=profile).get_credentials()


def of_session(service, credentials, **more):
    return client(service, aws_access_key_id=credentials["AccessKeyId"],
                  aws_secret_access_key=credentials["SecretAccessKey"],
                  aws_session_token=credentials["SessionToken"], **more)


def send(method, target, headers, body=b""):
    """A request as it is, past any client."""
    connection = http.client.HTTPConnection(HOST, timeout=30)
    connection.request(method, target, body=body, headers=headers)
    response = connection.getresponse()
    said = response.read().decode()
    connection.close()
    return response.status, said


def signed(service, body, *, when=None, headers=None, credentials=None):
    """A POST that botocore has signed, ready to be tampered with."""
    request = botocore.awsrequest.AWSRequest(
        "POST", URL + "/", data=body, headers={"Content-Type": FORM, **(headers or {})})
    credentials = credentials or keys_of("admin")
    signer = botocore.auth.SigV4Auth(credentials, service, REGION)
    if when is None:
        signer.add_auth(request)
    else:
        request.context["timestamp"] = when.strftime("%Y%m%dT%H%M%SZ")
        signer._modify_request_before_signing(request)
        canonical = signer.canonical_request(request)
        signature = signer.signature(signer.string_to_sign(request, canonical), request)
        signer._inject_signature_to_request(request, signature)
    return dict(request.headers.items())


def accounts():
    admin, other = client("sts", "admin"), client("sts", "other")
    same("a user", admin.get_caller_identity()["Arn"], f"arn:aws:iam::{A}:user/team/admin")
    check("its id", admin.get_caller_identity()["UserId"].startswith("AIDA"))
    same("a root", other.get_caller_identity()["Arn"], f"arn:aws:iam::{B}:root")
    first, second = client("ec2", "admin"), client("ec2", "other")
    vpc = first.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    refused("the other account's VPC", "InvalidVpcID.NotFound", second.describe_vpcs, VpcIds=[vpc])
    refused("in another Region", "InvalidVpcID.NotFound",
            client("ec2", "admin", region="us-west-2").describe_vpcs, VpcIds=[vpc])
    error = refused("between accounts", "UnsupportedOperation", first.create_vpc_peering_connection,
                    VpcId=vpc, PeerVpcId=vpc, PeerOwnerId=B)
    check("it is named", B in error["Error"]["Message"], error)
    role = {"RoleArn": f"arn:aws:iam::{B}:role/ops/cleaner", "RoleSessionName": "night"}
    there = admin.assume_role(**role)["Credentials"]
    same("a role of the other account", of_session("sts", there).get_caller_identity()["Arn"],
         f"arn:aws:sts::{B}:assumed-role/cleaner/night")
    refused("does not see the first", "InvalidVpcID.NotFound",
            of_session("ec2", there).describe_vpcs, VpcIds=[vpc])
    same("whose key", admin.get_access_key_info(AccessKeyId=there["AccessKeyId"])["Account"], B)
    refused("a role of nobody here", "UnsupportedOperation", admin.assume_role,
            **{**role, "RoleArn": "arn:aws:iam::333333333333:role/cleaner"})
    # What the file says of a role counts for its sessions.
    refused("beyond the role", "UnauthorizedOperation",
            of_session("ec2", there).create_vpc, CidrBlock="10.8.0.0/16")
    first.delete_vpc(VpcId=vpc)


def signatures():
    keys = keys_of("admin")
    wrong = {"aws_access_key_id": keys.access_key, "aws_secret_access_key": "wrong"}
    unknown = {"aws_access_key_id": "AKIAUNKNOWN", "aws_secret_access_key": "wrong"}
    for service, call, bad, none in [
        ("sts", "get_caller_identity", "SignatureDoesNotMatch", "InvalidClientTokenId"),
        ("ec2", "describe_vpcs", "AuthFailure", "AuthFailure"),
        ("rds", "describe_db_instances", "SignatureDoesNotMatch", "InvalidClientTokenId"),
        ("elb", "describe_load_balancers", "SignatureDoesNotMatch", "InvalidClientTokenId"),
        ("elbv2", "describe_load_balancers", "SignatureDoesNotMatch", "InvalidClientTokenId"),
        ("autoscaling", "describe_auto_scaling_groups", "SignatureDoesNotMatch",
         "InvalidClientTokenId"),
        ("cloudformation", "describe_stacks", "SignatureDoesNotMatch", "InvalidClientTokenId"),
        ("cloudwatch", "list_metrics", "InvalidSignatureException", "UnrecognizedClientException"),
    ]:
        getattr(client(service, "admin"), call)()
        check(f"{service} by its own key", True)
        error = refused(f"{service}: a wrong secret", bad, getattr(client(service, **wrong), call))
        refused(f"{service}: an unknown key", none, getattr(client(service, **unknown), call))
        if service == "ec2":
            same("EC2 has a status for it", error["ResponseMetadata"]["HTTPStatusCode"], 401)
    # A name that has to be escaped, and a value of every kind of letter.
    odd = "a/b c+d=e&f%g~h*ü’\u4e2d"
    ec2 = client("ec2", "admin")
    vpc = ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    ec2.create_tags(Resources=[vpc], Tags=[{"Key": odd, "Value": odd}])
    same("letters of all kinds", ec2.describe_tags(
        Filters=[{"Name": "resource-id", "Values": [vpc]}])["Tags"][0]["Value"], odd)
    ec2.delete_vpc(VpcId=vpc)

    body = b"Action=GetCallerIdentity&Version=2011-06-15"
    said = send("POST", "/", signed("sts", body), body)
    same("by hand", said[0], 200)
    tampered = send("POST", "/", signed("sts", body), body.replace(b"Caller", b"Other"))
    check("a tampered body", "<Code>SignatureDoesNotMatch</Code>" in tampered[1], tampered)
    check("it tells the canonical string", "The Canonical String for this request" in tampered[1])
    headers = signed("sts", body)
    check("a tampered path", "SignatureDoesNotMatch" in send("POST", "/?x=y", headers, body)[1])
    loose = signed("sts", body, headers={"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"})
    said = send("POST", "/", loose, body)
    check("a body that is not signed", "SignatureDoesNotMatch" in said[1], said)
    nothing = send("POST", "/", {"Content-Type": FORM}, body)
    check("no signature", "<Code>MissingAuthenticationToken</Code>" in nothing[1], nothing)
    nothing = send("POST", "/", {"Content-Type": FORM}, b"Action=DescribeVpcs&Version=2016-11-15")
    check("no signature for EC2", "<Code>MissingParameter</Code>" in nothing[1], nothing)
    broken = send("POST", "/", {**headers, "Authorization": "AWS4-HMAC-SHA256 Credential=x"}, body)
    check("half a signature", "<Code>IncompleteSignature</Code>" in broken[1], broken)
    old = send("GET", "/?" + body.decode() + "&AWSAccessKeyId=x&SignatureVersion=2", {})
    check("an old signature", "Signature Version 2" in old[1], old)

    now = datetime.datetime.now(datetime.timezone.utc)
    for minutes, good in [(-14, True), (-16, False), (14, True), (16, False)]:
        when = now + datetime.timedelta(minutes=minutes)
        status, said = send("POST", "/", signed("sts", body, when=when), body)
        same(f"signed {minutes} minutes from now", status, 200 if good else 403)
        word = "Signature expired" if minutes < 0 else "Signature not yet current"
        check("it says why", good or word in said, said)
    # A client that has set its clock by the answers signs in virtual time.
    now = json.loads(send("GET", "/_sandtable/health", {})[1])["now"]
    when = datetime.datetime.strptime(now, "%Y-%m-%dT%H:%M:%S.%fZ")
    same("signed in virtual time", send("POST", "/", signed("sts", body, when=when), body)[0], 200)


def urls():
    sts = client("sts", "admin")
    url = sts.generate_presigned_url("get_caller_identity", ExpiresIn=60, HttpMethod="GET")
    target = url.removeprefix(URL)
    status, said = send("GET", target, {})
    check("a signed URL", status == 200 and "user/team/admin" in said, said)
    tampered = send("GET", target.replace("GetCallerIdentity", "GetSessionToken"), {})
    check("a tampered URL", "SignatureDoesNotMatch" in tampered[1], tampered)
    longer = send("GET", target.replace("Expires=60", "Expires=600"), {})
    check("a URL that was made to last", "SignatureDoesNotMatch" in longer[1], longer)
    url = client("ec2", "admin").generate_presigned_url(
        "describe_vpcs", {"Filters": [{"Name": "cidr", "Values": ["10.*", "a b"]}]},
        HttpMethod="GET")
    same("a signed URL of EC2", send("GET", url.removeprefix(URL), {})[0], 200)


def sessions():
    sts = client("sts", "admin")
    role = {"RoleArn": f"arn:aws:iam::{A}:role/anyone", "RoleSessionName": "short"}
    made = sts.assume_role(**role, DurationSeconds=900)["Credentials"]
    url = of_session("sts", made).generate_presigned_url("get_caller_identity", HttpMethod="GET")
    same("a session", of_session("sts", made).get_caller_identity()["Account"], A)
    same("a session's URL", send("GET", url.removeprefix(URL), {})[0], 200)
    forged = {**made, "SecretAccessKey": "wrong"}
    refused("a session's wrong secret", "SignatureDoesNotMatch",
            of_session("sts", forged).get_caller_identity)
    forged = {**made, "SessionToken": "forged"}
    refused("a forged token", "InvalidClientTokenId", of_session("sts", forged).get_caller_identity)
    page("POST", "/_sandtable/advance", 200, {"by": "20m"})
    refused("an expired session", "ExpiredToken", of_session("sts", made).get_caller_identity)
    refused("an expired session for EC2", "RequestExpired", of_session("ec2", made).describe_vpcs)
    token = sts.get_session_token()["Credentials"]
    same("a user's own session", of_session("sts", token).get_caller_identity()["Arn"],
         f"arn:aws:iam::{A}:user/team/admin")


def permissions():
    reader = client("ec2", "reader")
    check("may look", "Vpcs" in reader.describe_vpcs())
    error = refused("may not make", "UnauthorizedOperation", reader.create_vpc,
                    CidrBlock="10.7.0.0/16")
    check("says who", f"arn:aws:iam::{A}:user/reader" in error["Error"]["Message"], error)
    refused("a dry run either", "UnauthorizedOperation", reader.create_vpc,
            CidrBlock="10.7.0.0/16", DryRun=True)
    # The other account has permissions of its own (--permissions), which bind its root too.
    other = client("ec2", "other")
    check("the other account may look", "Vpcs" in other.describe_vpcs())
    refused("and may not allocate", "UnauthorizedOperation", other.allocate_address, Domain="vpc")


def page(method, path, status, body=None, **headers):
    if body is not None:
        headers["Content-Type"] = "application/json"
    seen, said = send(method, path, headers, json.dumps(body).encode() if body is not None else b"")
    same(f"{method} {path}", seen, status)
    return json.loads(said) if said else None


def pages():
    health = page("GET", "/_sandtable/health", 200)
    same("the accounts", health["accounts"], [A, B])
    made = page("POST", "/_sandtable/forks", 201, {"name": "what-if"})
    same("where it is", made["path"], "/_sandtable/forks/what-if")
    page("POST", "/_sandtable/forks", 409, {"name": "what-if"})
    page("POST", "/_sandtable/forks", 400, {"name": "Not/A Name"})
    page("POST", "/_sandtable/forks", 400, {"name": "x", "off": "y"})
    fork = client("ec2", "admin", url=URL + made["path"])
    vpc = fork.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    same("made in the fork", len(fork.describe_vpcs(VpcIds=[vpc])["Vpcs"]), 1)
    refused("and nowhere else", "InvalidVpcID.NotFound", client("ec2", "admin").describe_vpcs,
            VpcIds=[vpc])
    client("cloudwatch", "admin", url=URL + made["path"]).list_metrics()
    query = f"?account={A}"
    diff = page("GET", made["path"] + "/_sandtable/diff" + query, 200)
    check("the difference", "created" in diff["resources"].get(vpc, {}), diff)
    snapshot = page("GET", made["path"] + "/_sandtable/snapshot" + query, 200)
    check("the snapshot", vpc in json.dumps(snapshot))
    check("of what was loaded", vpc not in json.dumps(page("GET", "/_sandtable/snapshot" + query, 200)))
    page("GET", "/_sandtable/snapshot", 400)
    page("GET", "/_sandtable/diff?account=333333333333", 404)
    before = page("GET", made["path"], 200)["now"]
    after = page("POST", made["path"] + "/_sandtable/advance", 200, {"by": "2d"})["now"]
    check("time", after > before, (before, after))
    page("POST", made["path"] + "/_sandtable/reset", 204)
    refused("as it was forked", "InvalidVpcID.NotFound", fork.describe_vpcs, VpcIds=[vpc])
    names = [it["name"] for it in page("GET", "/_sandtable/forks", 200)["forks"]]
    same("the forks", names, ["what-if"])
    page("DELETE", made["path"], 204)
    refused("no more", "sandtable.NoSuchFork", fork.describe_vpcs)

    page("POST", "/_sandtable/advance", 415)
    page("GET", "/_sandtable/health", 403, Host="rebound.example")
    page("POST", "/_sandtable/reset", 403, Origin="https://elsewhere.example")
    body = b"Action=DescribeVpcs&Version=2016-11-15"
    elsewhere = {**signed("ec2", body), "Origin": "https://elsewhere.example"}
    same("a web page", send("POST", "/", elsewhere, body)[0], 403)
    strayed = client("ec2", "admin", url=URL + "/_sandtable/reset")
    refused("an AWS client that strayed", "sandtable.OwnPage", strayed.describe_vpcs)


def command_line():
    def aws(profile, *words, url=URL):
        return subprocess.run(
            [AWS, *words, "--profile", profile, "--endpoint-url", url, "--region", REGION,
             "--output", "text"], capture_output=True, text=True, check=False,
            env={**os.environ, "AWS_PAGER": "", "AWS_MAX_ATTEMPTS": "1"})

    seen = aws("other", "sts", "get-caller-identity", "--query", "Account")
    same("the command line", seen.stdout.strip(), B)
    seen = aws("reader", "ec2", "allocate-address")
    check("the command line may not", "UnauthorizedOperation" in seen.stderr, seen.stderr)
    page("POST", "/_sandtable/forks", 201, {"name": "cli"})
    fork = URL + "/_sandtable/forks/cli"
    seen = aws("admin", "ec2", "create-vpc", "--cidr-block", "10.5.0.0/16", "--query", "Vpc.VpcId",
               url=fork)
    check("in a fork", seen.stdout.startswith("vpc-"), seen.stderr)
    vpc = seen.stdout.strip()
    seen = aws("admin", "ec2", "describe-vpcs", "--vpc-ids", vpc)
    check("and not outside", "InvalidVpcID.NotFound" in seen.stderr, seen.stderr)


def main():
    for part in (accounts, signatures, urls, sessions, permissions, pages, command_line):
        part()
    if CHECKS["failed"]:
        sys.exit(1)
    print(f"ok: {CHECKS['passed']} checks")


if __name__ == "__main__":
    main()
