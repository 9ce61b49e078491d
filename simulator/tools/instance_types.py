#!/usr/bin/env python3
"""Writes the table of instance types, `simulator/src/compute/types/types.txt`.

    instance_types.py FILE

FILE is what `DescribeInstanceTypes` answers, as JSON by name; moto carries it as
`moto/ec2/resources/instance_types.json.gz` (Apache-2.0). Only figures are taken, of the families that
are listed below. The head of the table says from which file.

One type a line, columns apart by a space, `-` for nothing, lists apart by commas:

    name vcpus cores threads memory-MiB architectures clock-GHz network(_ for a space) interfaces
    ipv4-per-interface ipv6-per-interface ena ebs-optimized ebs-mbps(base/max) nvme
    disks(count x GB type) usage boot hypervisor flags

Flags: c current generation, b burstable, m bare metal, h hibernation, d Dedicated Hosts, p cluster
placement groups, r automatic recovery, e enclaves, i traffic encrypted on its way.
"""

import gzip
import json
import sys
from pathlib import Path

FAMILIES = """a1 c3 c4 c5 c5a c5ad c5d c5n c6a c6g c6gd c6gn c6i c6id c6in c7a c7g c7gd c7gn c7i c7i-flex
c8g c8gd d2 d3 g4dn g5 g6 i3 i3en i4g i4i i7ie i8g inf1 inf2 m1 m3 m4 m5 m5a m5ad m5d m5dn m5n m5zn m6a m6g
m6gd m6i m6id m6idn m6in m7a m7g m7gd m7i m7i-flex m8g m8gd r3 r4 r5 r5a r5ad r5b r5d r5dn r5n r6a r6g r6gd
r6i r6id r6idn r6in r7a r7g r7gd r7i r7iz r8g r8gd t1 t2 t3 t3a t4g x1 x1e x2gd x2idn x2iedn x8g z1d""".split()
FLAGS = (("CurrentGeneration", "c"), ("BurstablePerformanceSupported", "b"), ("BareMetal", "m"),
         ("HibernationSupported", "h"), ("DedicatedHostsSupported", "d"),
         ("AutoRecoverySupported", "r"))
OUTPUT = Path(__file__).resolve().parent.parent / "src" / "compute" / "types" / "types.txt"


def row(it):
    cpu, net, ebs = it["VCpuInfo"], it["NetworkInfo"], it["EbsInfo"]
    optimized = ebs.get("EbsOptimizedInfo") or {}
    flags = "".join(letter for name, letter in FLAGS if it.get(name))
    if "cluster" in it["PlacementGroupInfo"]["SupportedStrategies"]:
        flags += "p"
    if it.get("NitroEnclavesSupport") == "supported":
        flags += "e"
    if net.get("EncryptionInTransitSupported"):
        flags += "i"
    disks = [f'{disk["Count"]}x{disk["SizeInGB"]}{disk["Type"]}'
             for disk in it.get("InstanceStorageInfo", {}).get("Disks", [])]
    speed = it["ProcessorInfo"].get("SustainedClockSpeedInGhz")
    bandwidth = [optimized.get("BaselineBandwidthInMbps"), optimized.get("MaximumBandwidthInMbps")]
    cells = [
        it["InstanceType"], cpu["DefaultVCpus"], cpu.get("DefaultCores"),
        cpu.get("DefaultThreadsPerCore"), it["MemoryInfo"]["SizeInMiB"],
        ",".join(it["ProcessorInfo"]["SupportedArchitectures"]), speed,
        net["NetworkPerformance"].replace(" ", "_"), net["MaximumNetworkInterfaces"],
        net["Ipv4AddressesPerInterface"], net["Ipv6AddressesPerInterface"], net["EnaSupport"],
        ebs["EbsOptimizedSupport"],
        "/".join(str(it) for it in bandwidth) if all(bandwidth) else None, ebs["NvmeSupport"],
        ",".join(disks), ",".join(it["SupportedUsageClasses"]), ",".join(it["SupportedBootModes"]),
        it.get("Hypervisor"), flags,
    ]
    return " ".join("-" if cell in (None, "") else str(cell) for cell in cells)


def main():
    data = json.load(gzip.open(sys.argv[1]))
    lines = [
        "# Instance types: figures of AWS's DescribeInstanceTypes.",
        "# By way of moto 5.2.5, moto/ec2/resources/instance_types.json.gz (Apache License 2.0).",
        "# Made by simulator/tools/instance_types.py, which documents the columns. Do not edit by hand.",
    ]
    wanted = (it for name, it in sorted(data.items()) if name.split(".")[0] in FAMILIES)
    lines.extend(row(it) for it in wanted)
    OUTPUT.write_text("\n".join(lines) + "\n")
    print(f"wrote {len(lines) - 3} types")


if __name__ == "__main__":
    main()
