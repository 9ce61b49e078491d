//! What AWS does not document of instances, and what an account may have: decided here, changeable.

/// How the twin decides where it could decide otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choices {
    /// The virtual CPUs that the account may run on demand in a Region; without a limit when absent,
    /// which is the twin's default: a snapshot does not tell the account's quota, and AWS's own
    /// default is lower than what most accounts with instances have.
    pub virtual_cpus_on_demand: Option<VirtualCpus>,
}

/// How many virtual CPUs may run on demand, by bucket of families (Service Quotas, "Running
/// On-Demand … instances"). Families of no bucket here have no limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VirtualCpus {
    /// A, C, D, H, I, M, R, T, Z.
    pub standard: u32,
    /// F.
    pub f: u32,
    /// G and VT.
    pub g: u32,
    /// Inf.
    pub inf: u32,
    /// P.
    pub p: u32,
    /// Trn.
    pub trn: u32,
    /// X.
    pub x: u32,
}

impl Default for VirtualCpus {
    /// AWS's own for a new account: five standard ones and none of the others.
    fn default() -> Self {
        VirtualCpus {
            standard: 5,
            f: 0,
            g: 0,
            inf: 0,
            p: 0,
            trn: 0,
            x: 0,
        }
    }
}
