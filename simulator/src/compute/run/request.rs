//! What a launch may ask for, and what a template adds to it.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use sandtable_model::resource::{
    CapacityReservationSpecification, EnclaveOptions, HibernationOptions,
};

use crate::compute::credit::WantedCredits;
use crate::compute::iam_profile::ProfileSpecification;
use crate::compute::launch_template::{LaunchTemplateSpecification, data_for_launch};
use crate::compute::maintenance::WantedMaintenanceOptions;
use crate::compute::metadata::WantedMetadataOptions;
use crate::compute::spot::MarketOptions;
use crate::rules::TagSpecification;
use crate::storage::BlockDevice;
use crate::{ApiError, Ctx, State, dispatch};

/// `RunInstances`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct RunInstancesRequest {
    /// The template; what the request says itself takes the place of what it says.
    pub launch_template: Option<LaunchTemplateSpecification>,
    /// The image.
    pub image_id: String,
    /// The type; `m1.small` when absent.
    pub instance_type: Option<SmolStr>,
    /// The least number of instances.
    pub min_count: Option<u32>,
    /// The greatest number of instances.
    pub max_count: Option<u32>,
    /// The subnet; a default one when absent.
    pub subnet_id: Option<String>,
    /// Security groups.
    pub security_group_ids: Vec<String>,
    /// The same by name.
    pub security_groups: Vec<String>,
    /// The key pair.
    pub key_name: Option<SmolStr>,
    /// Changes of and additions to the image's volumes.
    pub block_device_mappings: Vec<BlockDevice>,
    /// Where to run.
    pub placement: Option<PlacementRequest>,
    /// The primary private address.
    pub private_ip_address: Option<SmolStr>,
    /// Interfaces, instead of subnet, groups and address.
    pub network_interfaces: Vec<InterfaceSpecification>,
    /// Tags for the instances, their volumes and their interfaces.
    pub tag_specifications: Vec<TagSpecification>,
    /// Makes the call repeatable.
    pub client_token: Option<String>,
    /// Whether termination by API is forbidden.
    pub disable_api_termination: Option<bool>,
    /// Whether stopping by API is forbidden.
    pub disable_api_stop: Option<bool>,
    /// `stop` or `terminate`.
    pub instance_initiated_shutdown_behavior: Option<SmolStr>,
    /// Detailed monitoring.
    pub monitoring: Option<WantedMonitoring>,
    /// Whether it is optimized for EBS.
    pub ebs_optimized: Option<bool>,
    /// What the instance runs at its start, in base64; the twin's instances run nothing, but tell it.
    pub user_data: Option<SmolStr>,
    /// Whose rights its programs have.
    pub iam_instance_profile: Option<ProfileSpecification>,
    /// How its programs may ask about it.
    pub metadata_options: Option<WantedMetadataOptions>,
    /// How AWS may move it when its host fails.
    pub maintenance_options: Option<WantedMaintenanceOptions>,
    /// Whether it can hibernate.
    pub hibernation_options: Option<HibernationOptions>,
    /// Whether it can have enclaves.
    pub enclave_options: Option<EnclaveOptions>,
    /// Whether it may spend more CPU credits than it has saved.
    pub credit_specification: Option<WantedCredits>,
    /// In which capacity reservations it may run.
    pub capacity_reservation_specification: Option<CapacityReservationSpecification>,
    /// On which market it is to be had.
    pub instance_market_options: Option<MarketOptions>,
}

/// Where to run.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct PlacementRequest {
    /// The zone.
    pub availability_zone: Option<String>,
    /// The placement group by its name.
    pub group_name: Option<SmolStr>,
    /// The placement group by its id.
    pub group_id: Option<SmolStr>,
    /// The partition of the placement group.
    pub partition_number: Option<u32>,
    /// `default`, `dedicated` or `host`.
    pub tenancy: Option<SmolStr>,
    /// The Dedicated Host.
    pub host_id: Option<SmolStr>,
    /// `default` or `host`.
    pub affinity: Option<SmolStr>,
}

/// Detailed monitoring.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct WantedMonitoring {
    /// Whether it is on.
    pub enabled: bool,
}

/// An interface of a request.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
pub struct InterfaceSpecification {
    /// Whether to lend a public address; as the subnet says when absent.
    pub associate_public_ip_address: Option<bool>,
    /// Whether it goes with the instance; true for new ones when absent.
    pub delete_on_termination: Option<bool>,
    /// The description.
    pub description: SmolStr,
    /// The place at the instance; 0 is the primary interface.
    pub device_index: u32,
    /// Security groups.
    pub groups: Vec<String>,
    /// An interface that is there already.
    pub network_interface_id: Option<String>,
    /// The primary private address.
    pub private_ip_address: Option<SmolStr>,
    /// The subnet.
    pub subnet_id: Option<String>,
}

impl RunInstancesRequest {
    /// The request with what its template adds. Whole members take each other's place, as AWS's
    /// "overwrite the corresponding parameters" is read here (EC2 API reference, RunInstances).
    ///
    /// # Errors
    /// Unknown templates and versions; `UnsupportedOperation` for members of the template that the
    /// twin does not model for launches.
    pub(super) fn with_template(self, state: &State, ctx: &Ctx) -> Result<Self, ApiError> {
        let Some(wanted) = &self.launch_template else {
            return Ok(self);
        };
        let data = data_for_launch(state, ctx, wanted)?;
        let template: RunInstancesRequest = serde_json::from_value(data)
            .map_err(|error| dispatch::refuse("RunInstances", &error))?;
        Ok(self.over(template))
    }

    fn over(self, template: Self) -> Self {
        /// The request's own list, or the template's when it has none.
        fn list<T>(own: Vec<T>, template: Vec<T>) -> Vec<T> {
            if own.is_empty() { template } else { own }
        }
        let image_id = match self.image_id.is_empty() {
            true => template.image_id,
            false => self.image_id,
        };
        // Named groups and groups by id are one member in two spellings.
        let names_groups = !self.security_group_ids.is_empty() || !self.security_groups.is_empty();
        let (security_group_ids, security_groups) = match names_groups {
            true => (self.security_group_ids, self.security_groups),
            false => (template.security_group_ids, template.security_groups),
        };
        RunInstancesRequest {
            launch_template: self.launch_template,
            image_id,
            instance_type: self.instance_type.or(template.instance_type),
            min_count: self.min_count,
            max_count: self.max_count,
            subnet_id: self.subnet_id,
            security_group_ids,
            security_groups,
            key_name: self.key_name.or(template.key_name),
            block_device_mappings: list(self.block_device_mappings, template.block_device_mappings),
            placement: self.placement.or(template.placement),
            private_ip_address: self.private_ip_address,
            network_interfaces: list(self.network_interfaces, template.network_interfaces),
            tag_specifications: list(self.tag_specifications, template.tag_specifications),
            client_token: self.client_token,
            disable_api_termination: self
                .disable_api_termination
                .or(template.disable_api_termination),
            disable_api_stop: self.disable_api_stop.or(template.disable_api_stop),
            instance_initiated_shutdown_behavior: self
                .instance_initiated_shutdown_behavior
                .or(template.instance_initiated_shutdown_behavior),
            monitoring: self.monitoring.or(template.monitoring),
            ebs_optimized: self.ebs_optimized.or(template.ebs_optimized),
            user_data: self.user_data.or(template.user_data),
            iam_instance_profile: self.iam_instance_profile.or(template.iam_instance_profile),
            metadata_options: self.metadata_options.or(template.metadata_options),
            maintenance_options: self.maintenance_options.or(template.maintenance_options),
            hibernation_options: self.hibernation_options.or(template.hibernation_options),
            enclave_options: self.enclave_options.or(template.enclave_options),
            credit_specification: self.credit_specification.or(template.credit_specification),
            capacity_reservation_specification: self
                .capacity_reservation_specification
                .or(template.capacity_reservation_specification),
            instance_market_options: self
                .instance_market_options
                .or(template.instance_market_options),
        }
    }
}
