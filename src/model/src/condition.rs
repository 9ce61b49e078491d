//! What must hold before a step, and what shall hold after it.

use serde::{Deserialize, Serialize};
use std::fmt;

use crate::{ResourceId, VolumeId};

/// A statement about a cloud that can be checked by looking.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Condition {
    /// The resource is there and not over (a `deleted` NAT gateway is over).
    Exists {
        /// The resource.
        resource: ResourceId,
    },
    /// The resource is not there, or over.
    Gone {
        /// The resource.
        resource: ResourceId,
    },
    /// A fact of the resource has this value; see [`crate::facts_of`] for names.
    Fact {
        /// The resource.
        resource: ResourceId,
        /// The fact.
        name: String,
        /// The value.
        value: String,
    },
    /// The resource is there, and has no fact of this name, nor one below it (`Routes[10.0.0.0/8]`
    /// covers `Routes[10.0.0.0/8].State`).
    NoFact {
        /// The resource.
        resource: ResourceId,
        /// The fact.
        name: String,
    },
    /// No network interface in use within the VPC or subnet, those of network plumbing aside
    /// ([`crate::resource::InterfaceType::is_infrastructure`]).
    NoClients {
        /// The VPC or subnet.
        within: ResourceId,
    },
    /// No route of any table leads to the resource.
    NoRoutesTo {
        /// The NAT or internet gateway.
        target: ResourceId,
    },
    /// No volume, instance or image uses the resource in the way that would make deleting it harm:
    /// for a snapshot, no registered image is made of it.
    Unreferenced {
        /// The snapshot.
        resource: ResourceId,
    },
    /// A completed snapshot of the volume with exactly this description exists.
    Snapshotted {
        /// The volume.
        volume: VolumeId,
        /// The description, chosen so that no other snapshot has it.
        description: String,
    },
}

impl Condition {
    /// The resource that the statement is about.
    pub fn subject(&self) -> ResourceId {
        match self {
            Self::Exists { resource }
            | Self::Gone { resource }
            | Self::Fact { resource, .. }
            | Self::NoFact { resource, .. }
            | Self::Unreferenced { resource } => resource.clone(),
            Self::NoClients { within } => within.clone(),
            Self::NoRoutesTo { target } => target.clone(),
            Self::Snapshotted { volume, .. } => volume.into(),
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exists { resource } => write!(f, "{resource} exists"),
            Self::Gone { resource } => write!(f, "{resource} is gone"),
            Self::Fact {
                resource,
                name,
                value,
            } => write!(f, "{resource} has {name} = {value}"),
            Self::NoFact { resource, name } => write!(f, "{resource} has no {name}"),
            Self::NoClients { within } => {
                write!(
                    f,
                    "{within} has no network interface in use, plumbing aside"
                )
            }
            Self::NoRoutesTo { target } => write!(f, "no route leads to {target}"),
            Self::Unreferenced { resource } => write!(f, "no registered image uses {resource}"),
            Self::Snapshotted {
                volume,
                description,
            } => {
                write!(
                    f,
                    "{volume} has a completed snapshot described as `{description}`"
                )
            }
        }
    }
}
