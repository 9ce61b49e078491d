//! `DescribeInstanceTypes`.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Type;
use crate::rules::{self, Extract, Filter, Filters};
use crate::{ApiError, Ctx, Twin};

/// `DescribeInstanceTypes`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeInstanceTypesRequest {
    /// The types; all when there are none.
    pub instance_types: Vec<String>,
    /// Filters.
    pub filters: Vec<Filter>,
    /// The most entries on a page.
    pub max_results: Option<i64>,
    /// Where the page begins.
    pub next_token: Option<String>,
}

/// The answer of `DescribeInstanceTypes`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribedTypes {
    /// The types, by name.
    pub instance_types: Vec<Value>,
    /// Where the next page begins, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// Lists the types whose figures the twin has.
///
/// # Errors
/// `InvalidInstanceType` for those it has not, `InvalidParameterValue`, `InvalidNextToken`.
pub fn describe_instance_types(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeInstanceTypesRequest,
) -> Result<DescribedTypes, ApiError> {
    let named = &request.instance_types;
    let unknown = named.iter().filter(|text| super::find(text).is_none());
    let unknown: Vec<&str> = unknown.map(String::as_str).collect();
    if !unknown.is_empty() {
        return Err(ApiError::new(
            "InvalidInstanceType",
            format!(
                "The following supplied instance types do not exist: [{}]",
                unknown.join(", ")
            ),
        ));
    }
    let filters = Filters::new(&request.filters, FILTERS)?;
    let most = rules::page_size(request.max_results, &(5..=100))?;
    let from = match request.next_token.as_deref() {
        None => 0,
        Some(token) => rules::read_offset(token)?,
    };
    ctx.end_dry_run()?;
    // AWS gives a page of a hundred at most, whatever is asked.
    let most = most.min(100);
    let wanted = |it: &&Type| {
        (named.is_empty() || named.iter().any(|text| text == it.name))
            && filters.pass(&twin.state, it, &rules::NO_TAGS)
    };
    let mut matching = super::all().iter().filter(wanted).skip(from);
    let page: Vec<Value> = matching.by_ref().take(most).map(shown).collect();
    let end = from + page.len();
    Ok(DescribedTypes {
        instance_types: page,
        next_token: matching.next().map(|_| rules::write_offset(end)),
    })
}

/// A type as AWS tells it, as far as the table has it.
fn shown(it: &Type) -> Value {
    let mut value = json!({
        "InstanceType": it.name,
        "CurrentGeneration": it.is_current(),
        "BareMetal": it.is_bare_metal(),
        "BurstablePerformanceSupported": it.is_burstable(),
        "HibernationSupported": it.hibernates(),
        "DedicatedHostsSupported": it.has_hosts(),
        "AutoRecoverySupported": it.recovers(),
        "InstanceStorageSupported": !it.disks.is_empty(),
        "NitroEnclavesSupport": if it.has_enclaves() { "supported" } else { "unsupported" },
        "VCpuInfo": {"DefaultVCpus": it.virtual_cpus},
        "MemoryInfo": {"SizeInMiB": it.memory},
        "ProcessorInfo": {"SupportedArchitectures": it.architectures},
        "PlacementGroupInfo": {"SupportedStrategies": it.strategies()},
        "SupportedUsageClasses": it.usage,
        "SupportedBootModes": it.boot_modes,
        "EbsInfo": {"EbsOptimizedSupport": it.ebs_optimized, "EncryptionSupport": "supported",
                    "NvmeSupport": it.nvme},
        "NetworkInfo": {
            "NetworkPerformance": it.network,
            "MaximumNetworkInterfaces": it.interfaces,
            "Ipv4AddressesPerInterface": it.ipv4_per_interface,
            "Ipv6AddressesPerInterface": it.ipv6_per_interface,
            "Ipv6Supported": it.ipv6_per_interface > 0,
            "EnaSupport": it.ena,
            "EncryptionInTransitSupported": it.encrypts_traffic(),
        },
    });
    if let Some(cores) = it.cores {
        value["VCpuInfo"]["DefaultCores"] = cores.into();
    }
    if let Some(threads) = it.threads_per_core {
        value["VCpuInfo"]["DefaultThreadsPerCore"] = threads.into();
    }
    if let Some(speed) = it.clock.and_then(|text| text.parse::<f64>().ok()) {
        value["ProcessorInfo"]["SustainedClockSpeedInGhz"] = speed.into();
    }
    if let Some(hypervisor) = it.hypervisor {
        value["Hypervisor"] = hypervisor.into();
    }
    if let Some((always, at_times)) = it.ebs_bandwidth {
        value["EbsInfo"]["EbsOptimizedInfo"] = json!({
            "BaselineBandwidthInMbps": always, "MaximumBandwidthInMbps": at_times,
        });
    }
    if !it.disks.is_empty() {
        let disks = it.disks.iter();
        let disks =
            disks.map(|it| json!({"Count": it.count, "SizeInGB": it.size, "Type": it.kind}));
        value["InstanceStorageInfo"] = json!({
            "TotalSizeInGB": total(it), "Disks": disks.collect::<Vec<Value>>(),
        });
    }
    value
}

fn total(it: &Type) -> u64 {
    let disks = it.disks.iter();
    disks
        .map(|it| u64::from(it.count) * u64::from(it.size))
        .sum()
}

fn each(values: &[&str], out: &mut dyn FnMut(&str)) {
    values.iter().for_each(|it| out(it));
}

fn number(value: impl ToString, out: &mut dyn FnMut(&str)) {
    out(&value.to_string());
}

/// Those of AWS's filters whose figures the table has.
const FILTERS: &[(&str, Extract<Type>)] = &[
    ("auto-recovery-supported", |_, it, out| {
        number(it.recovers(), out)
    }),
    ("bare-metal", |_, it, out| number(it.is_bare_metal(), out)),
    ("burstable-performance-supported", |_, it, out| {
        number(it.is_burstable(), out);
    }),
    ("current-generation", |_, it, out| {
        number(it.is_current(), out)
    }),
    ("dedicated-hosts-supported", |_, it, out| {
        number(it.has_hosts(), out)
    }),
    (
        "ebs-info.ebs-optimized-info.baseline-bandwidth-in-mbps",
        |_, it, out| {
            let figures = it.ebs_bandwidth.iter();
            figures.for_each(|(always, _)| number(always, out));
        },
    ),
    (
        "ebs-info.ebs-optimized-info.maximum-bandwidth-in-mbps",
        |_, it, out| {
            let figures = it.ebs_bandwidth.iter();
            figures.for_each(|(_, at_times)| number(at_times, out));
        },
    ),
    ("ebs-info.ebs-optimized-support", |_, it, out| {
        out(it.ebs_optimized)
    }),
    ("ebs-info.nvme-support", |_, it, out| out(it.nvme)),
    ("hibernation-supported", |_, it, out| {
        number(it.hibernates(), out)
    }),
    ("hypervisor", |_, it, out| {
        it.hypervisor.into_iter().for_each(out)
    }),
    ("instance-storage-info.disk.count", |_, it, out| {
        it.disks.iter().for_each(|it| number(it.count, out));
    }),
    ("instance-storage-info.disk.size-in-gb", |_, it, out| {
        it.disks.iter().for_each(|it| number(it.size, out));
    }),
    ("instance-storage-info.disk.type", |_, it, out| {
        it.disks.iter().for_each(|it| out(it.kind));
    }),
    ("instance-storage-info.total-size-in-gb", |_, it, out| {
        if !it.disks.is_empty() {
            number(total(it), out);
        }
    }),
    ("instance-storage-supported", |_, it, out| {
        number(!it.disks.is_empty(), out);
    }),
    ("instance-type", |_, it, out| out(it.name)),
    ("memory-info.size-in-mib", |_, it, out| {
        number(it.memory, out)
    }),
    (
        "network-info.encryption-in-transit-supported",
        |_, it, out| number(it.encrypts_traffic(), out),
    ),
    ("network-info.ena-support", |_, it, out| out(it.ena)),
    ("network-info.ipv4-addresses-per-interface", |_, it, out| {
        number(it.ipv4_per_interface, out)
    }),
    ("network-info.ipv6-addresses-per-interface", |_, it, out| {
        number(it.ipv6_per_interface, out)
    }),
    ("network-info.ipv6-supported", |_, it, out| {
        number(it.ipv6_per_interface > 0, out);
    }),
    ("network-info.maximum-network-interfaces", |_, it, out| {
        number(it.interfaces, out);
    }),
    ("network-info.network-performance", |_, it, out| {
        out(&it.network)
    }),
    ("nitro-enclaves-support", |_, it, out| {
        out(if it.has_enclaves() {
            "supported"
        } else {
            "unsupported"
        });
    }),
    ("processor-info.supported-architecture", |_, it, out| {
        each(&it.architectures, out);
    }),
    (
        "processor-info.sustained-clock-speed-in-ghz",
        |_, it, out| it.clock.into_iter().for_each(out),
    ),
    ("supported-boot-mode", |_, it, out| {
        each(&it.boot_modes, out)
    }),
    ("supported-usage-class", |_, it, out| each(&it.usage, out)),
    ("vcpu-info.default-cores", |_, it, out| {
        it.cores.iter().for_each(|it| number(it, out));
    }),
    ("vcpu-info.default-threads-per-core", |_, it, out| {
        it.threads_per_core.iter().for_each(|it| number(it, out));
    }),
    ("vcpu-info.default-vcpus", |_, it, out| {
        number(it.virtual_cpus, out)
    }),
];
