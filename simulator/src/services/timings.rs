//! How long things take in the services beside EC2.

use sandtable_model::Duration;

/// Practice figures: AWS promises none of them but the seven days of a stopped database (RDS user
/// guide, "Stopping an Amazon RDS DB instance temporarily").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timings {
    /// A load balancer from `provisioning` to `active`.
    pub balancer_create: Duration,
    /// Until the interfaces of a deleted load balancer vanish; two to five minutes are seen (facts,
    /// ec2-semantics, section 3, ENI).
    pub interface_release: Duration,
    /// Until an Auto Scaling group acts on a new desired capacity.
    pub group_reaction: Duration,
    /// Until an Auto Scaling group sees that an instance ended.
    pub group_health_check: Duration,
    /// Until an Auto Scaling group tries again to launch, after the first failure; each time twice as
    /// long, up to an hour.
    pub group_retry: Duration,
    /// A DB instance from `creating` to `available`.
    pub database_create: Duration,
    /// A DB instance from `stopping` to `stopped`.
    pub database_stop: Duration,
    /// A DB instance from `starting` to `available`.
    pub database_start: Duration,
    /// A DB instance from `rebooting` to `available`.
    pub database_reboot: Duration,
    /// A DB instance from `modifying` to `available`.
    pub database_modify: Duration,
    /// A DB instance from `deleting` to gone.
    pub database_delete: Duration,
    /// A DB snapshot from `creating` to `available`.
    pub database_snapshot: Duration,
    /// How long a DB instance stays stopped before AWS starts it.
    pub database_stopped_max: Duration,
}

impl Default for Timings {
    fn default() -> Self {
        Timings {
            balancer_create: Duration::from_secs(150),
            interface_release: Duration::from_secs(180),
            group_reaction: Duration::from_secs(10),
            group_health_check: Duration::from_secs(60),
            group_retry: Duration::from_secs(60),
            database_create: Duration::from_secs(420),
            database_stop: Duration::from_secs(240),
            database_start: Duration::from_secs(300),
            database_reboot: Duration::from_secs(60),
            database_modify: Duration::from_secs(180),
            database_delete: Duration::from_secs(300),
            database_snapshot: Duration::from_secs(180),
            database_stopped_max: Duration::from_days(7),
        }
    }
}

impl Timings {
    /// Nothing takes time, but a failed launch is not repeated at once, and AWS lets databases rest
    /// for as long as it does.
    pub fn instant() -> Self {
        let usual = Timings::default();
        Timings {
            balancer_create: Duration::ZERO,
            interface_release: Duration::ZERO,
            group_reaction: Duration::ZERO,
            group_health_check: Duration::ZERO,
            database_create: Duration::ZERO,
            database_stop: Duration::ZERO,
            database_start: Duration::ZERO,
            database_reboot: Duration::ZERO,
            database_modify: Duration::ZERO,
            database_delete: Duration::ZERO,
            database_snapshot: Duration::ZERO,
            ..usual
        }
    }
}
