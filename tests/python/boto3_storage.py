#!/usr/bin/env python3
"""The lives of volumes, snapshots and images, seen by boto3.

    boto3_storage.py URL [--region REGION]

Makes them, looks at them by id, filter and page, modifies, shares, locks, archives and retires them,
tries what AWS refuses, and takes them down; the account is then as it was. Prints one line per failed
check on stderr and, as the last line on stdout, `ok: N checks`. Exit status: 0 all passed, 1 some
failed, 2 something unexpected.
"""

import argparse
import sys
import time
import traceback
from datetime import timedelta

import boto3
from boto3_lifecycle import NOBODY, WAIT, Checks, named, tags_of, where
from botocore.config import Config

VALUE = "InvalidParameterValue"
COMBINATION = "InvalidParameterCombination"
STATE = "IncorrectState"
FRIEND = "111122223333"


class Storage:
    """One run. Each section leaves nothing behind but what later ones use, named as attributes."""

    def __init__(self, options):
        self.checks = Checks(None)
        self.options = options
        self.ec2, self.raw = self.client(), self.client(parameter_validation=False)
        self.zone = f"{options.region}a"

    def client(self, **config):
        return boto3.client(
            "ec2", endpoint_url=self.options.url, region_name=self.options.region,
            aws_access_key_id="test", aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}, read_timeout=30, **config))

    def until(self, what, holds):
        """Asks until something holds; states that have no waiter."""
        for _ in range(300):
            if holds():
                self.checks.passed += 1
                return
            time.sleep(0.2)
        self.checks.fail(what, "it never came")

    def wait(self, waiter, **arguments):
        self.ec2.get_waiter(waiter).wait(WaiterConfig=WAIT, **arguments)

    def dry(self, call, **arguments):
        self.checks.refused(f"dry run of {call.__name__}", "DryRunOperation", call, status=412,
                            DryRun=True, **arguments)

    def inventory(self):
        """Every id of the kinds in question, through paginators."""
        found = set()
        for operation, result, key, more in [
            ("describe_volumes", "Volumes", "VolumeId", {}),
            ("describe_snapshots", "Snapshots", "SnapshotId", {"OwnerIds": ["self"]}),
            ("describe_images", "Images", "ImageId", {"Owners": ["self"], "IncludeDisabled": True}),
        ]:
            pages = self.ec2.get_paginator(operation).paginate(
                PaginationConfig={"PageSize": 5}, **more)
            found |= {item[key] for page in pages for item in page[result]}
        return found

    def volume(self, name="", **more):
        wanted = {"AvailabilityZone": self.zone, "Size": 8, "VolumeType": "gp3", **more}
        made = self.ec2.create_volume(TagSpecifications=named("volume", name), **wanted)
        self.wait("volume_available", VolumeIds=[made["VolumeId"]])
        return made["VolumeId"]

    def snapshot(self, volume, name=""):
        made = self.ec2.create_snapshot(VolumeId=volume, Description=name,
                                        TagSpecifications=named("snapshot", name))
        self.wait("snapshot_completed", SnapshotIds=[made["SnapshotId"]])
        return made["SnapshotId"]

    def see(self, volume):
        (seen,) = self.ec2.describe_volumes(VolumeIds=[volume])["Volumes"]
        return seen

    # --- Volumes ------------------------------------------------------------------------------

    def volumes(self):
        ec2, same, that, refused = (
            self.ec2, self.checks.same, self.checks.that, self.checks.refused)
        place = {"AvailabilityZone": self.zone}
        for what, code, more in [
            ("no size", "MissingParameter", {}),
            ("size 0", VALUE, {"Size": 0}),
            ("a gp3 volume of 65537 GiB", VALUE, {"Size": 65537, "VolumeType": "gp3"}),
            ("a gp2 volume of 16385 GiB", VALUE, {"Size": 16385, "VolumeType": "gp2"}),
            ("an st1 volume of 124 GiB", VALUE, {"Size": 124, "VolumeType": "st1"}),
            ("io1 without IOPS", "MissingParameter", {"Size": 8, "VolumeType": "io1"}),
            ("io1 beyond 50 IOPS per GiB", VALUE, {"Size": 8, "VolumeType": "io1", "Iops": 401}),
            ("io2 beyond 1000 IOPS per GiB", VALUE, {"Size": 8, "VolumeType": "io2", "Iops": 8001}),
            ("gp3 below 3000 IOPS", VALUE, {"Size": 8, "VolumeType": "gp3", "Iops": 2999}),
            ("gp3 beyond 500 IOPS per GiB", VALUE, {"Size": 8, "VolumeType": "gp3", "Iops": 4001}),
            ("IOPS of gp2", COMBINATION, {"Size": 8, "VolumeType": "gp2", "Iops": 3000}),
            ("throughput of io2", COMBINATION,
             {"Size": 8, "VolumeType": "io2", "Iops": 100, "Throughput": 125}),
            ("a gp3 volume for several instances", COMBINATION,
             {"Size": 8, "VolumeType": "gp3", "MultiAttachEnabled": True}),
            ("a snapshot that nobody has", "InvalidSnapshot.NotFound",
             {"SnapshotId": f"snap-{NOBODY}"}),
        ]:
            refused(what, code, ec2.create_volume, **place, **more)
        refused("a type that AWS does not have", "UnknownVolumeType", self.raw.create_volume,
                **place, Size=8, VolumeType="gp9")
        refused("a zone elsewhere", "InvalidZone.NotFound", ec2.create_volume, Size=8,
                AvailabilityZone="xx-nowhere-1a")
        self.dry(ec2.create_volume, **place, Size=8)

        made = ec2.create_volume(**place, Size=100, VolumeType="io2", Iops=2000,
                                 MultiAttachEnabled=True, Encrypted=True)
        shared = made["VolumeId"]
        seen = made["State"], made["Iops"], made["MultiAttachEnabled"], made["Encrypted"]
        same("a volume of io2", seen, ("creating", 2000, True, True))
        that("its key is told", ":key/" in made["KmsKeyId"], made["KmsKeyId"])
        self.wait("volume_available", VolumeIds=[shared])
        self.data = self.volume("data")
        seen = self.see(self.data)
        same("gp3's baseline", (seen["Iops"], seen["Throughput"]), (3000, 125))

        for what, filters, expected in [
            ("by type", {"volume-type": "io2"}, {shared}),
            ("by size", {"size": ["8", "9"]}, {self.data}),
            ("by state and encryption", {"status": "available", "encrypted": "true"}, {shared}),
            ("by multi-attach", {"multi-attach-enabled": "true"}, {shared}),
            ("by tag", {"tag:Name": "da?a"}, {self.data}),
            ("by a tag that none has", {"tag-key": "nobody"}, set()),
        ]:
            found = ec2.describe_volumes(Filters=where(filters))["Volumes"]
            same(f"volumes {what}", {v["VolumeId"] for v in found}, expected)
        refused("a filter that there is not", VALUE, ec2.describe_volumes,
                Filters=where({"colour": "blue"}))

        (status,) = ec2.describe_volume_status(VolumeIds=[self.data])["VolumeStatuses"]
        same("its status", status["VolumeStatus"]["Status"], "ok")
        ec2.modify_volume_attribute(VolumeId=self.data, AutoEnableIO={"Value": True})
        asked = ec2.describe_volume_attribute(VolumeId=self.data, Attribute="autoEnableIO")
        same("an attribute", asked["AutoEnableIO"]["Value"], True)
        codes = ec2.describe_volume_attribute(VolumeId=self.data, Attribute="productCodes")
        same("product codes", codes["ProductCodes"], [])
        ec2.delete_volume(VolumeId=shared)
        self.wait("volume_deleted", VolumeIds=[shared])
        refused("a volume that is gone", "InvalidVolume.NotFound", ec2.delete_volume,
                VolumeId=shared)

    def modifications(self):
        ec2, same, refused = self.ec2, self.checks.same, self.checks.refused
        volume = self.data
        refused("nothing to modify", VALUE, ec2.modify_volume, VolumeId=volume)
        refused("a smaller volume", VALUE, ec2.modify_volume, VolumeId=volume, Size=7)
        self.dry(ec2.modify_volume, VolumeId=volume, Size=9)

        def state():
            asked = ec2.describe_volumes_modifications(VolumeIds=[volume])
            return asked["VolumesModifications"][0]["ModificationState"]

        for size in (9, 10, 11, 12):
            begun = ec2.modify_volume(VolumeId=volume, Size=size)["VolumeModification"]
            same("it begins", (begun["ModificationState"], begun["TargetSize"]),
                 ("modifying", size))
            refused("two at once", "IncorrectModificationState", ec2.modify_volume,
                    VolumeId=volume, Size=size + 1)
            self.until("it is completed", lambda: state() == "completed")
        same("it is larger", self.see(volume)["Size"], 12)
        # "up to four times within a rolling 24-hour period" (EC2 API reference, ModifyVolume).
        refused("a fifth one in a day", "VolumeModificationRateExceeded", ec2.modify_volume,
                VolumeId=volume, Size=13)
        found = ec2.describe_volumes_modifications(
            Filters=where({"modification-state": "completed", "target-size": "12"}))
        same("modifications by filter", [m["OriginalSize"] for m in found["VolumesModifications"]],
             [11])

    def attachments(self):
        ec2, same, refused = self.ec2, self.checks.same, self.checks.refused
        (image,) = ec2.describe_images(
            Owners=["amazon"], Filters=where({"architecture": "x86_64"}))["Images"]
        (subnet,) = ec2.describe_subnets(
            Filters=where({"availability-zone": self.zone}))["Subnets"]
        made = ec2.run_instances(ImageId=image["ImageId"], InstanceType="t3.micro", MinCount=1,
                                 MaxCount=1, SubnetId=subnet["SubnetId"])["Instances"][0]
        self.instance = made["InstanceId"]
        self.wait("instance_running", InstanceIds=[self.instance])
        place = {"VolumeId": self.data, "InstanceId": self.instance}
        self.dry(ec2.attach_volume, **place, Device="/dev/sdf")
        refused("a device that is taken", VALUE, ec2.attach_volume, **place, Device="/dev/xvda")
        ec2.attach_volume(**place, Device="/dev/sdf")
        self.wait("volume_in_use", VolumeIds=[self.data])
        refused("attached twice", "VolumeInUse", ec2.attach_volume, **place, Device="/dev/sdg")
        refused("deleted while in use", "VolumeInUse", ec2.delete_volume, VolumeId=self.data)
        far = self.volume(AvailabilityZone=f"{self.options.region}b")
        refused("from another zone", "InvalidVolume.ZoneMismatch", ec2.attach_volume,
                VolumeId=far, InstanceId=self.instance, Device="/dev/sdg")
        ec2.delete_volume(VolumeId=far)
        found = ec2.describe_volumes(
            Filters=where({"attachment.instance-id": self.instance,
                           "attachment.device": "/dev/sdf"}))["Volumes"]
        same("volumes by attachment", [v["VolumeId"] for v in found], [self.data])
        refused("detached from another device", "InvalidAttachment.NotFound", ec2.detach_volume,
                VolumeId=self.data, Device="/dev/sdz")
        ec2.detach_volume(VolumeId=self.data)
        self.wait("volume_available", VolumeIds=[self.data])
        refused("detached again", STATE, ec2.detach_volume, VolumeId=self.data)

    # --- Snapshots ----------------------------------------------------------------------------

    def snapshots(self):
        ec2, same, refused = self.ec2, self.checks.same, self.checks.refused
        self.dry(ec2.create_snapshot, VolumeId=self.data)
        self.nightly = self.snapshot(self.data, "nightly")
        copy = ec2.copy_snapshot(SourceRegion=self.options.region, SourceSnapshotId=self.nightly,
                                 Encrypted=True, TagSpecifications=named("snapshot", "copy"))
        self.copy = copy["SnapshotId"]
        same("tags of a copy", tags_of(copy)["Name"], "copy")
        self.wait("snapshot_completed", SnapshotIds=[self.copy])
        (seen,) = ec2.describe_snapshots(SnapshotIds=[self.copy])["Snapshots"]
        same("a copy", (seen["Encrypted"], seen["VolumeSize"], seen["State"]),
             (True, 12, "completed"))
        secret = self.volume("secret", SnapshotId=self.copy, Size=12)
        same("a volume of an encrypted snapshot", self.see(secret)["Encrypted"], True)
        ec2.delete_volume(VolumeId=secret)
        refused("a volume smaller than its snapshot", VALUE, ec2.create_volume,
                AvailabilityZone=self.zone, SnapshotId=self.nightly, Size=11)
        restored = self.volume("restored", SnapshotId=self.nightly, Size=12)
        same("where a volume comes from", self.see(restored)["SnapshotId"], self.nightly)
        ec2.delete_volume(VolumeId=restored)
        for what, filters, expected in [
            ("by volume", {"volume-id": self.data}, {self.nightly}),
            ("by encryption", {"encrypted": "true"}, {self.copy}),
            ("by description", {"description": "night*"}, {self.nightly}),
            ("by tier", {"storage-tier": "archive"}, set()),
        ]:
            found = ec2.describe_snapshots(OwnerIds=["self"], Filters=where(filters))["Snapshots"]
            same(f"snapshots {what}", {s["SnapshotId"] for s in found}, expected)
        refused("a snapshot that nobody has", "InvalidSnapshot.NotFound", ec2.delete_snapshot,
                SnapshotId=f"snap-{NOBODY}")
        refused("an id that is none", "InvalidSnapshotID.Malformed", ec2.delete_snapshot,
                SnapshotId="snap-nothex")

    def sharing(self):
        ec2, same, refused = self.ec2, self.checks.same, self.checks.refused
        permission = {"SnapshotId": self.nightly, "Attribute": "createVolumePermission"}

        def holders():
            return ec2.describe_snapshot_attribute(**permission)["CreateVolumePermissions"]

        ec2.modify_snapshot_attribute(**permission, OperationType="add", UserIds=[FRIEND])
        same("shared with one", holders(), [{"UserId": FRIEND}])
        ec2.modify_snapshot_attribute(**permission, OperationType="add", GroupNames=["all"])
        same("shared with all", {"Group": "all"} in holders(), True)
        ec2.reset_snapshot_attribute(**permission)
        same("shared with none", holders(), [])
        refused("an account that is none", ("InvalidUserID.Malformed", VALUE),
                ec2.modify_snapshot_attribute, **permission, OperationType="add", UserIds=["x"])
        same("sharing is allowed", ec2.get_snapshot_block_public_access_state()["State"],
             "unblocked")
        ec2.enable_snapshot_block_public_access(State="block-all-sharing")
        refused("shared with all though blocked", "OperationNotPermitted",
                ec2.modify_snapshot_attribute, **permission, OperationType="add",
                GroupNames=["all"])
        ec2.disable_snapshot_block_public_access()

    def locks_and_tiers(self):
        ec2, same, refused = self.ec2, self.checks.same, self.checks.refused
        locked = {"SnapshotId": self.copy}
        self.dry(ec2.lock_snapshot, **locked, LockMode="governance", LockDuration=1)
        refused("a lock without an end", ("MissingParameter", COMBINATION, VALUE),
                ec2.lock_snapshot, **locked, LockMode="governance")
        refused("unlocked though not locked", STATE, ec2.unlock_snapshot, **locked)
        lock = ec2.lock_snapshot(**locked, LockMode="governance", LockDuration=1)
        same("a lock", lock["LockState"], "governance")
        refused("deleted though locked", ("OperationNotPermitted", "SnapshotLocked"),
                ec2.delete_snapshot, **locked)
        (seen,) = ec2.describe_locked_snapshots(SnapshotIds=[self.copy])["Snapshots"]
        same("the lock is seen", (seen["LockState"], seen["LockDuration"]), ("governance", 1))
        ec2.unlock_snapshot(**locked)

        tiered = ec2.modify_snapshot_tier(SnapshotId=self.copy, StorageTier="archive")
        same("archiving begins", tiered["SnapshotId"], self.copy)
        (tier,) = ec2.describe_snapshot_tier_status(
            Filters=where({"snapshot-id": self.copy}))["SnapshotTierStatuses"]
        same("it is under way", tier["LastTieringOperationStatus"], "archival-in-progress")
        refused("archived twice", STATE, ec2.modify_snapshot_tier, SnapshotId=self.copy,
                StorageTier="archive")
        refused("restored before it is archived", STATE, ec2.restore_snapshot_tier,
                SnapshotId=self.copy, TemporaryRestoreDays=1)

        place = {"AvailabilityZones": [self.zone], "SourceSnapshotIds": [self.nightly]}
        begun = ec2.enable_fast_snapshot_restores(**place)["Successful"]
        same("fast restores begin", [it["State"] for it in begun], ["enabling"])
        failed = ec2.enable_fast_snapshot_restores(**{
            **place, "SourceSnapshotIds": [f"snap-{NOBODY}"]})
        same("fast restores of nothing", len(failed["Unsuccessful"]), 1)
        ec2.disable_fast_snapshot_restores(**place)

    # --- Images -------------------------------------------------------------------------------

    def images(self):
        ec2, same, refused = self.ec2, self.checks.same, self.checks.refused
        disk = {"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": self.nightly}}
        machine = {"RootDeviceName": "/dev/xvda", "Architecture": "x86_64",
                   "VirtualizationType": "hvm", "BlockDeviceMappings": [disk]}
        refused("a name that is too short", "InvalidAMIName.Malformed",
                self.raw.register_image, Name="x", **machine)
        self.dry(ec2.register_image, Name="registered", **machine)
        registered = ec2.register_image(Name="registered", **machine)["ImageId"]
        self.wait("image_available", ImageIds=[registered])
        refused("a name twice", "InvalidAMIName.Duplicate", ec2.register_image,
                Name="registered", **machine)
        refused("the snapshot of an image", "InvalidSnapshot.InUse", ec2.delete_snapshot,
                SnapshotId=self.nightly, says=registered)

        made = ec2.create_image(InstanceId=self.instance, Name="golden", NoReboot=True,
                                TagSpecifications=named("image", "golden"))["ImageId"]
        self.wait("image_available", ImageIds=[made])
        copied = ec2.copy_image(Name="copied", SourceImageId=made,
                                SourceRegion=self.options.region)["ImageId"]
        self.wait("image_available", ImageIds=[copied])
        for what, filters, expected in [
            ("by name", {"name": "co*"}, {copied}),
            ("by tag", {"tag:Name": "golden"}, {made}),
            ("by snapshot", {"block-device-mapping.snapshot-id": self.nightly}, {registered}),
            ("by publicity", {"is-public": "true"}, set()),
        ]:
            found = ec2.describe_images(Owners=["self"], Filters=where(filters))["Images"]
            same(f"images {what}", {i["ImageId"] for i in found}, expected)

        shared = {"ImageId": made}
        ec2.modify_image_attribute(**shared, LaunchPermission={"Add": [{"UserId": FRIEND}]})
        seen = ec2.describe_image_attribute(**shared, Attribute="launchPermission")
        same("who may launch", seen["LaunchPermissions"], [{"UserId": FRIEND}])
        ec2.modify_image_attribute(**shared, Description={"Value": "from a machine"})
        seen = ec2.describe_image_attribute(**shared, Attribute="description")
        same("a description", seen["Description"]["Value"], "from a machine")
        ec2.reset_image_attribute(**shared, Attribute="launchPermission")
        seen = ec2.describe_image_attribute(**shared, Attribute="launchPermission")
        same("nobody else may", seen["LaunchPermissions"], [])

        (now,) = ec2.describe_snapshots(SnapshotIds=[self.nightly])["Snapshots"]
        soon = now["StartTime"] + timedelta(days=300)
        refused("deprecated in the past", VALUE, ec2.enable_image_deprecation, **shared,
                DeprecateAt=now["StartTime"] - timedelta(days=1))
        ec2.enable_image_deprecation(**shared, DeprecateAt=soon)
        (seen,) = ec2.describe_images(ImageIds=[made])["Images"]
        same("when it is deprecated", seen["DeprecationTime"][:10], soon.strftime("%Y-%m-%d"))
        ec2.disable_image_deprecation(**shared)

        ec2.disable_image(**shared)
        refused("an instance of a disabled image", "InvalidAMIID.Unavailable", ec2.run_instances,
                ImageId=made, InstanceType="t3.micro", MinCount=1, MaxCount=1)
        seen = ec2.describe_images(Owners=["self"], IncludeDisabled=True)["Images"]
        same("its state", [i["State"] for i in seen if i["ImageId"] == made], ["disabled"])
        ec2.enable_image(**shared)

        protected = {"ImageId": copied}
        ec2.enable_image_deregistration_protection(**protected, WithCooldown=False)
        refused("a protected image", "OperationNotPermitted", ec2.deregister_image, **protected)
        ec2.disable_image_deregistration_protection(**protected)
        for image in (registered, made, copied):
            (seen,) = ec2.describe_images(ImageIds=[image])["Images"]
            disks = [d["Ebs"]["SnapshotId"] for d in seen["BlockDeviceMappings"]]
            ec2.deregister_image(ImageId=image)
            refused("an image that is gone", "InvalidAMIID.NotFound", ec2.describe_images,
                    ImageIds=[image])
            for disk in set(disks) - {self.nightly}:
                ec2.delete_snapshot(SnapshotId=disk)
        refused("an image that nobody has", "InvalidAMIID.NotFound", ec2.deregister_image,
                ImageId=f"ami-{NOBODY}")

    # --- The account --------------------------------------------------------------------------

    def settings(self):
        ec2, same, refused = self.ec2, self.checks.same, self.checks.refused
        same("no encryption by default", ec2.get_ebs_encryption_by_default()[
            "EbsEncryptionByDefault"], False)
        ec2.enable_ebs_encryption_by_default()
        volume = self.volume("by default")
        same("encrypted by default", self.see(volume)["Encrypted"], True)
        ec2.delete_volume(VolumeId=volume)
        own = ec2.get_ebs_default_kms_key_id()["KmsKeyId"]
        other = "1234abcd-12ab-34cd-56ef-1234567890ab"
        seen = ec2.modify_ebs_default_kms_key_id(KmsKeyId=other)["KmsKeyId"]
        same("another key", seen.endswith(other), True)
        same("the first key again", ec2.reset_ebs_default_kms_key_id()["KmsKeyId"], own)
        ec2.disable_ebs_encryption_by_default()
        same("the bin is empty", ec2.list_snapshots_in_recycle_bin()["Snapshots"], [])
        refused("restored from an empty bin", "InvalidSnapshot.NotFound",
                ec2.restore_snapshot_from_recycle_bin, SnapshotId=self.nightly)

    def pages(self):
        ec2, same, refused = self.ec2, self.checks.same, self.checks.refused
        many = [ec2.create_volume(
            AvailabilityZone=self.zone, Size=1, VolumeType="gp2",
            TagSpecifications=named("volume", "page"))["VolumeId"] for _ in range(11)]
        found = list(ec2.get_paginator("describe_volumes").paginate(
            Filters=where({"tag:Name": "page"}), PaginationConfig={"PageSize": 5}))
        same("pages of volumes", [len(page["Volumes"]) for page in found], [5, 5, 1])
        seen = [v["VolumeId"] for page in found for v in page["Volumes"]]
        same("each of them once", sorted(seen), sorted(many))
        refused("a page of 4", VALUE, self.raw.describe_volumes, MaxResults=4)
        self.wait("volume_available", VolumeIds=many)
        for volume in many:
            ec2.delete_volume(VolumeId=volume)

    def take_down(self):
        ec2 = self.ec2
        ec2.terminate_instances(InstanceIds=[self.instance])
        self.wait("instance_terminated", InstanceIds=[self.instance])
        ec2.delete_volume(VolumeId=self.data)
        for snapshot in (self.nightly, self.copy):
            ec2.delete_snapshot(SnapshotId=snapshot)
        self.until("the account is as it was", lambda: self.inventory() == self.before)

    def run(self):
        self.before = self.inventory()
        for section in (self.volumes, self.modifications, self.attachments, self.snapshots,
                        self.sharing, self.locks_and_tiers, self.images, self.settings, self.pages,
                        self.take_down):
            section()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url")
    parser.add_argument("--region", default="eu-central-1")
    options = parser.parse_args()
    run = Storage(options)
    try:
        run.run()
    except Exception:
        traceback.print_exc()
        print("stopped", file=sys.stderr)
        return 2
    if run.checks.failed:
        print(f"{run.checks.failed} of {run.checks.failed + run.checks.passed} checks failed")
        return 1
    print(f"ok: {run.checks.passed} checks")
    return 0


if __name__ == "__main__":
    sys.exit(main())
