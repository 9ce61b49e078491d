#!/usr/bin/env python3
"""Compare the wire codec with botocore, which is what boto3 and the AWS CLI speak.

    check_wire.py < SAMPLES

The test `wire_agrees_with_botocore` of the simulator makes the samples and runs this: for every
operation of every service a few random inputs and outputs that fit the shapes, with the form body
and the responses that sandtable writes for them. Here botocore's own serializer and parsers handle
the same inputs and responses, and must agree.
"""

import base64
import json
import sys
from collections import defaultdict
from datetime import datetime, timezone
from urllib.parse import parse_qsl

import botocore.loaders
import botocore.model
import botocore.parsers
import botocore.serialize

SERIALIZERS = defaultdict(lambda: botocore.serialize.QuerySerializer)
SERIALIZERS["ec2"] = botocore.serialize.EC2Serializer


def with_bytes(shape, value):
    """The value with blobs as botocore takes them: bytes, which it encodes itself."""
    if shape.type_name == "structure":
        return {name: with_bytes(shape.members[name], item) for name, item in value.items()}
    if shape.type_name == "list":
        return [with_bytes(shape.member, item) for item in value]
    if shape.type_name == "map":
        return {name: with_bytes(shape.value, item) for name, item in value.items()}
    return base64.b64decode(value) if shape.type_name == "blob" else value


def request_differences(service, operation, sample):
    """Where botocore would send other parameters."""
    serializer = SERIALIZERS[service]()
    value = sample["input"]
    if operation.input_shape:
        value = with_bytes(operation.input_shape, value)
    theirs = serializer.serialize_to_request(value, operation)["body"]
    theirs = {key: comparable(item) for key, item in theirs.items()}
    ours = dict(parse_qsl(sample["query"], keep_blank_values=True, strict_parsing=True))
    ours = {key: comparable(item) for key, item in ours.items()}
    return sorted(key for key in ours.keys() | theirs.keys() if ours.get(key) != theirs.get(key))


def comparable(value):
    """A parameter as text, with numbers and moments in one spelling."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str) and value.endswith(".000Z"):
        return value.replace(".000Z", "Z")
    try:
        return float(value)
    except ValueError:
        return value


def parsed_differently(operation, sample, protocol, parser):
    """Whether botocore reads another output from a response."""
    body = sample[protocol]
    body = bytes(body) if protocol == "cbor" else body.encode()
    headers = {} if protocol == "xml" else {"x-amzn-requestid": "req-1"}
    response = {"status_code": 200, "headers": headers, "body": body}
    parsed = parser.parse(response, operation.output_shape)
    metadata = parsed.pop("ResponseMetadata")
    if metadata.get("RequestId", "req-1") != "req-1":
        return True
    return parsed != (sample["output"] or {})


def iso(moment):
    """A moment as the samples have it, from either kind of response."""
    if isinstance(moment, str):
        return moment
    return datetime.fromtimestamp(moment, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def parsers(service):
    """The parsers for the protocols of a service, by the name that samples give these."""
    options = {"timestamp_parser": iso, "blob_parser": lambda text: text}
    if service == "ec2":
        return {"xml": botocore.parsers.EC2QueryParser(**options)}
    return {
        "xml": botocore.parsers.QueryParser(**options),
        "json": botocore.parsers.JSONParser(**options),
        "cbor": botocore.parsers.RpcV2CBORParser(**options),
    }


def differences(model, service, sample):
    """What botocore sees in another way."""
    operation = model.operation_model(sample["action"])
    keys = request_differences(service, operation, sample)
    if keys:
        yield f"the request differs in {', '.join(keys)}"
    for protocol, parser in parsers(service).items():
        if protocol in sample and parsed_differently(operation, sample, protocol, parser):
            yield f"the response in {protocol} differs"


def main():
    """Check every sample and say which differ."""
    loader = botocore.loaders.Loader()
    models = {}
    checked = json.load(sys.stdin)
    failures = 0
    for sample in checked:
        service = sample["service"]
        if service not in models:
            loaded = loader.load_service_model(service, "service-2")
            models[service] = botocore.model.ServiceModel(loaded)
        for difference in differences(models[service], service, sample):
            failures += 1
            print(f"{service} {sample['action']}: {difference}")
    print(f"{len(checked)} samples, {failures} differences", file=sys.stderr)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
