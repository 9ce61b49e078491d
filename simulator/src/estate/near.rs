//! More of what looks like waste and is not: what other tools own, what is named elsewhere, load
//! balancers and networks that work without instances.
//!
//! Snapshots shared with other accounts are not here: the model does not carry permissions.

use sandtable_model::{Tags, VolumeId};

use super::Builder;
use super::alive::egress;
use super::balance::{endpoint_service, network_balancer, redirecting_balancer};
use super::cell::{image, snapshot, snapshot_of, volume};
use super::compute::host;
use super::database::subnet_group;
use super::network::{address_with, group, network, other_subnet, table};

/// What Kubernetes, Terraform and AWS Backup own, and what images and people still want.
pub(super) fn kept(builder: &mut Builder) {
    let tags = |key: &str, value: &str| -> Tags { [(key, value)].into_iter().collect() };
    let claim = tags("kubernetes.io/created-for/pvc/name", "data-queue-0");
    let claimed = volume(builder, 40, 200, claim);
    builder.near("V1", "a Kubernetes volume that waits for its pod", claimed);
    let held = address_with(builder, tags("managed-by", "terraform"));
    builder.near("N1", "Terraform would miss it", held);
    let kept = address_with(builder, tags("keep", "true"));
    builder.near("N1", "its owner wants to keep it", kept);
    let gone = builder.id(VolumeId::from_number);
    let backup = tags("aws:backup:source-resource", "arn:aws:ec2:::volume/old");
    let saved = snapshot_of(builder, &gone, 100, 300, "", |it| it.tags = backup);
    builder.near("S2", "AWS Backup owns it", saved);
    let image = image(builder);
    let text = format!("Copied for DestinationAmi {image} from SourceAmi ami-0123456789abcdef0");
    let gone = builder.id(VolumeId::from_number);
    let described = snapshot(builder, &gone, 8, 200, &text);
    builder.near("S2", "the image it was made for is registered", described);
    builder.extra = Some(tags("keep", "licence bound to this host"));
    let licensed = host(builder);
    builder.near("G39", "its owner wants to keep it", licensed);
}

/// A VPC without instances that is in use all the same: a balancer that redirects, one that stands
/// behind an endpoint service (waste catalogue, G20, G21).
pub(super) fn standing(builder: &mut Builder) {
    let mut network = network(builder, "front");
    let (id, subnet) = (network.private_table.clone(), network.private.clone());
    table(builder, &network, &id, Some(&subnet), Vec::new());
    let other = other_subnet(builder, &mut network);
    let guard = group(builder, &network.vpc, "front", None);
    let redirect = redirecting_balancer(builder, &network, &other, &guard);
    builder.near("L1", "it answers by itself, without targets", redirect.id);
    let provider = network_balancer(builder, &network, "provider", &[]);
    builder.near(
        "L2",
        "an endpoint service stands before it",
        provider.id.clone(),
    );
    endpoint_service(builder, &provider);
}

/// Nothing runs, but a database may be restored into the subnets at any time (waste catalogue,
/// section 2, `future(v)`).
pub(super) fn awaiting_database(builder: &mut Builder) {
    let mut network = egress(builder, "restore");
    builder.near(
        "G1",
        "a DB subnet group names its subnets",
        network.vpc.clone(),
    );
    let other = other_subnet(builder, &mut network);
    let name = format!("restore-{}", builder.cells);
    subnet_group(builder, &network, &other, &name);
}
