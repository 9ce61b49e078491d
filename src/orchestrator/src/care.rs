//! What must be left alone: resources that something else owns, that people protected, or whose tags
//! say that they are wanted.
//!
//! Tag keys are those that AWS's services and the common controllers write; they are only ever read
//! as reasons against touching a resource, so a false hit costs a saving and never harms.

use sandtable_model::resource::{Address, NetworkInterface};
use sandtable_model::{Policy, Resource, Tags};
use smol_str::{SmolStr, format_smolstr};

/// Who makes and deletes a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Owner {
    /// A name for the graph (`CloudFormation:arn:…`).
    pub(crate) name: SmolStr,
    /// For people.
    pub(crate) text: String,
}

/// The owner of a resource, as its tags tell.
pub(crate) fn owner_of(resource: &Resource) -> Option<Owner> {
    resource.tags().iter().find_map(|(key, value)| {
        let system = managing_system(key, value)?;
        let name = format_smolstr!("{system}:{}", if value.is_empty() { key } else { value });
        let text = format!("managed by {system}: tag {key} = {value}");
        Some(Owner { name, text })
    })
}

fn managing_system(key: &str, value: &str) -> Option<&'static str> {
    let lower = key.to_ascii_lowercase();
    match key {
        "aws:cloudformation:stack-id" | "aws:cloudformation:stack-name" => {
            return Some("CloudFormation");
        }
        "aws:autoscaling:groupName" => return Some("Auto Scaling"),
        "aws:elasticmapreduce:job-flow-id" => return Some("EMR"),
        "elasticbeanstalk:environment-id" | "elasticbeanstalk:environment-name" => {
            return Some("Elastic Beanstalk");
        }
        "eks:cluster-name"
        | "aws:eks:cluster-name"
        | "elbv2.k8s.aws/cluster"
        | "KubernetesCluster" => return Some("Kubernetes"),
        _ => {}
    }
    if key.starts_with("aws:backup:") {
        return Some("AWS Backup");
    }
    if key.starts_with("aws:dlm:") || lower.starts_with("dlm:") {
        return Some("Data Lifecycle Manager");
    }
    const KUBERNETES: &[&str] = &[
        "kubernetes.io/",
        "k8s.io/",
        "ebs.csi.aws.com/",
        "karpenter.sh/",
        "karpenter.k8s.aws/",
    ];
    if KUBERNETES.iter().any(|prefix| key.starts_with(prefix))
        || key.contains(".k8s.aws/")
        || key.contains("k8s.amazonaws.com/")
        || key == "CSIVolumeName"
    {
        return Some("Kubernetes");
    }
    if key.starts_with("sigs.k8s.io/cluster-api-provider-aws/") {
        return Some("Cluster API");
    }
    if lower.starts_with("terraform") || lower.starts_with("tf:") || lower.starts_with("tfc:") {
        // `terraform = false` is how some estates say that a resource is made by hand.
        return (!is_no(value)).then_some("Terraform");
    }
    const SAYS_BY: &[&str] = &[
        "managed-by",
        "managed_by",
        "managedby",
        "provisioner",
        "provisioned-by",
        "provisioned_by",
        "created-by",
        "created_by",
        "createdby",
        "deployed-by",
        "iac",
    ];
    let says_by = SAYS_BY.contains(&lower.as_str());
    let value = value.to_ascii_lowercase();
    if says_by {
        return match value.as_str() {
            it if it.contains("terraform") || it.contains("opentofu") => Some("Terraform"),
            it if it.contains("pulumi") => Some("Pulumi"),
            it if it.contains("crossplane") => Some("Crossplane"),
            it if it.contains("cloudformation") || it == "cdk" => Some("CloudFormation"),
            _ => None,
        };
    }
    lower.starts_with("pulumi").then_some("Pulumi")
}

fn is_no(value: &str) -> bool {
    matches!(value.to_ascii_lowercase().as_str(), "false" | "no" | "0")
}

/// Why the policy forbids touching a resource, if it does.
pub(crate) fn protection(resource: &Resource, policy: &Policy) -> Option<String> {
    if policy.protected_resources.contains(&resource.id()) {
        return Some("the policy protects it by id".to_owned());
    }
    let hit = policy.protected_tags.iter().find(|(key, wanted)| {
        let value = resource.tags().get(key);
        value.is_some_and(|value| wanted.is_empty() || value == wanted.as_str())
    });
    hit.map(|(key, value)| {
        let value = if value.is_empty() {
            String::new()
        } else {
            format!(" = {value}")
        };
        format!("the policy protects resources with the tag {key}{value}")
    })
}

/// The guard and reason for which a resource must be left alone: protection first, then owners.
pub(crate) fn hands_off(resource: &Resource, policy: &Policy) -> Option<(&'static str, String)> {
    if let Some(reason) = protection(resource, policy) {
        return Some(("protected by policy", reason));
    }
    owner_of(resource).map(|owner| ("managed by something else", owner.text))
}

/// Why an address must not be released although nothing uses it: it is the account's own, others
/// know it by heart, or a name points to it.
pub(crate) fn keep_address(address: &Address) -> Option<(&'static str, String)> {
    if crate::price::is_byoip(address) {
        let pool = address.public_ipv4_pool.clone().unwrap_or_default();
        let reason = format!("it comes from the account's own pool {pool} and costs nothing");
        return Some(("bring your own IP", reason));
    }
    let hit = address.tags.iter().find_map(|(key, value)| {
        let word = promised_word(key).or_else(|| promised_word(value))?;
        Some(format!("tag {key} = {value} says `{word}`"))
    });
    if let Some(reason) = hit {
        return Some(("allow-listed or named elsewhere", reason));
    }
    let name = address
        .tags
        .get("Name")
        .filter(|name| looks_like_host(name))?;
    Some((
        "allow-listed or named elsewhere",
        format!("its name {name} is a DNS name"),
    ))
}

fn promised_word(text: &str) -> Option<&'static str> {
    let text = text.to_ascii_lowercase().replace(['_', ' '], "-");
    const WORDS: &[&str] = &[
        "allowlist",
        "allow-list",
        "allow-listed",
        "allowlisted",
        "whitelist",
        "white-list",
        "do-not-release",
        "donotrelease",
        "keep-ip",
        "dns",
        "fqdn",
        "hostname",
        "route53",
    ];
    WORDS.iter().find(|word| text.contains(**word)).copied()
}

fn looks_like_host(name: &str) -> bool {
    let labels: Vec<&str> = name.split('.').collect();
    labels.len() >= 3
        && labels.iter().all(|label| {
            !label.is_empty()
                && label
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-')
        })
        && labels
            .last()
            .is_some_and(|top| top.len() >= 2 && top.bytes().all(|b| b.is_ascii_alphabetic()))
}

/// Why an unattached interface is likely a spare that waits for a failure.
pub(crate) fn standby(interface: &NetworkInterface) -> Option<String> {
    standby_word(&interface.description)
        .map(|word| format!("its description says `{word}`"))
        .or_else(|| standby_tag(&interface.tags))
}

/// The same by tags alone.
pub(crate) fn standby_tag(tags: &Tags) -> Option<String> {
    tags.iter().find_map(|(key, value)| {
        let word = standby_word(key).or_else(|| standby_word(value))?;
        Some(format!("tag {key} = {value} says `{word}`"))
    })
}

fn standby_word(text: &str) -> Option<&'static str> {
    let text = text.to_ascii_lowercase();
    const WORDS: &[&str] = &[
        "standby",
        "stand-by",
        "failover",
        "fail-over",
        "spare",
        "floating",
    ];
    WORDS.iter().find(|word| text.contains(**word)).copied()
}
