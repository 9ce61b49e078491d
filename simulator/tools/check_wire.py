#!/usr/bin/env python3
"""Compare the wire codec with botocore, which is what boto3 and the AWS CLI speak.

Run by hand, from the root of the repository:

    "$(.ci/python.sh)" simulator/tools/check_wire.py

A test of the simulator makes samples: for every operation a few random inputs and outputs that
fit the shapes, with the form body and the XML that sandtable writes for them. Here botocore's own
serializer and parser handle the same inputs and the same XML, and must agree.
"""

import base64
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import parse_qsl

import botocore.loaders
import botocore.model
import botocore.parsers
import botocore.serialize

TEST = ["cargo", "test", "-p", "sandtable-simulator", "wire_samples_for_other_implementations"]


def samples():
    """What the test writes."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "SANDTABLE_WIRE_SAMPLES": folder}
        subprocess.run(TEST, check=True, env=environment, stdout=sys.stderr)
        return json.loads((Path(folder) / "samples.json").read_text())


def with_bytes(shape, value):
    """The value with blobs as botocore takes them: bytes, which it encodes itself."""
    if shape.type_name == "structure":
        return {name: with_bytes(shape.members[name], item) for name, item in value.items()}
    if shape.type_name == "list":
        return [with_bytes(shape.member, item) for item in value]
    return base64.b64decode(value) if shape.type_name == "blob" else value


def request_differences(operation, sample):
    """Where botocore would send other parameters."""
    serializer = botocore.serialize.EC2Serializer()
    value = sample["input"]
    if operation.input_shape:
        value = with_bytes(operation.input_shape, value)
    theirs = serializer.serialize_to_request(value, operation)["body"]
    theirs = {key: comparable(item) for key, item in theirs.items()}
    ours = dict(parse_qsl(sample["query"], keep_blank_values=True, strict_parsing=True))
    ours = {key: comparable(item) for key, item in ours.items()}
    return sorted(key for key in ours.keys() | theirs.keys() if ours.get(key) != theirs.get(key))


def comparable(value):
    """A parameter as text, with numbers in one spelling."""
    if isinstance(value, bool):
        return str(value).lower()
    try:
        return float(value)
    except ValueError:
        return value


def response_differs(operation, sample):
    """Whether botocore reads another output from the XML."""
    parser = botocore.parsers.EC2QueryParser(
        timestamp_parser=lambda text: text, blob_parser=lambda text: text
    )
    response = {"status_code": 200, "headers": {}, "body": sample["xml"].encode()}
    parsed = parser.parse(response, operation.output_shape)
    if parsed.pop("ResponseMetadata")["RequestId"] != "req-1":
        return True
    return parsed != (sample["output"] or {})


def main():
    """Check every sample and say which differ."""
    loader = botocore.loaders.Loader()
    service = botocore.model.ServiceModel(loader.load_service_model("ec2", "service-2"))
    checked = samples()
    failures = 0
    for sample in checked:
        operation = service.operation_model(sample["action"])
        keys = request_differences(operation, sample)
        if keys:
            failures += 1
            print(f"{sample['action']}: the request differs in {', '.join(keys)}")
        if response_differs(operation, sample):
            failures += 1
            print(f"{sample['action']}: the response differs")
    print(f"{len(checked)} samples, {failures} differences", file=sys.stderr)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
