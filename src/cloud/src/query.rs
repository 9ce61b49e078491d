//! What may be asked about a cloud's state.

use std::fmt;

use sandtable_model::{ResourceId, SnapshotId, VolumeId};

/// A question about resources. Closed, so that every implementation can answer every one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Query {
    /// One resource by id: one answer, or none when there is none.
    Resource(ResourceId),
    /// The network interfaces within a VPC or subnet.
    InterfacesWithin(ResourceId),
    /// The route tables with a route to a NAT gateway or internet gateway.
    RouteTablesTo(ResourceId),
    /// The registered images that are made of a snapshot.
    ImagesOf(SnapshotId),
    /// The snapshots made of a volume.
    SnapshotsOf(VolumeId),
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Query::Resource(id) => write!(f, "{id}"),
            Query::InterfacesWithin(id) => write!(f, "network interfaces within {id}"),
            Query::RouteTablesTo(id) => write!(f, "route tables with a route to {id}"),
            Query::ImagesOf(id) => write!(f, "images made of {id}"),
            Query::SnapshotsOf(id) => write!(f, "snapshots of {id}"),
        }
    }
}
