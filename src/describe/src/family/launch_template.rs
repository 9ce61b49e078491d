//! Launch templates with their versions, of which the model keeps everything: so every member is here.

use aws_sdk_ec2::{Client, types};
use sandtable_model::Kind;

use super::{all, present};
use crate::answer::{Object, answers, resource, texts};
use crate::error::ReadError;
use crate::list::Listing;

/// Templates, or versions, on a page (facts: ec2-semantics, MaxResults).
const PAGE: i32 = 200;

/// Every launch template with its versions, which take a call each.
pub(crate) async fn list(client: &Client) -> Result<Listing, ReadError> {
    let asked = client.describe_launch_templates().into_paginator();
    let asked = asked.page_size(PAGE).send();
    let mut listing = Listing::default();
    for template in all("DescribeLaunchTemplates", asked, |it| {
        (it.launch_templates, it.next_token)
    })
    .await?
    {
        let asked = client.describe_launch_template_versions();
        let asked = asked.set_launch_template_id(template.launch_template_id.clone());
        let asked = asked.into_paginator().page_size(PAGE).send();
        let versions = all("DescribeLaunchTemplateVersions", asked, |it| {
            (it.launch_template_versions, it.next_token)
        })
        .await;
        let Some(mut versions) = present(versions)? else {
            continue;
        };
        versions.sort_by_key(|it| it.version_number);
        let template = Object::of(template).with("Versions", versions);
        listing.take(resource(Kind::LaunchTemplate, None, template));
    }
    Ok(listing)
}

answers! {
    types::LaunchTemplate {
        launch_template_id, launch_template_name, create_time, created_by, default_version_number,
        latest_version_number, tags,
    }
    types::LaunchTemplateVersion {
        version_number, version_description, create_time, created_by, launch_template_data,
    }
    types::ResponseLaunchTemplateData {
        kernel_id, ebs_optimized, iam_instance_profile, block_device_mappings, network_interfaces,
        image_id, instance_type, key_name, monitoring, placement, ram_disk_id,
        disable_api_termination, instance_initiated_shutdown_behavior, user_data,
        tag_specifications, elastic_gpu_specifications, elastic_inference_accelerators,
        security_group_ids, security_groups, instance_market_options, credit_specification,
        cpu_options, capacity_reservation_specification, license_specifications,
        hibernation_options, metadata_options, enclave_options, instance_requirements,
        private_dns_name_options, maintenance_options, disable_api_stop, operator,
        network_performance_options, secondary_interfaces,
    }
    types::LaunchTemplateIamInstanceProfileSpecification { arn, name }
    types::LaunchTemplateBlockDeviceMapping { device_name, virtual_name, ebs, no_device }
    types::LaunchTemplateEbsBlockDevice {
        encrypted, delete_on_termination, iops, kms_key_id, snapshot_id, volume_size, volume_type,
        throughput, volume_initialization_rate, ebs_card_index,
    }
    types::LaunchTemplateInstanceNetworkInterfaceSpecification {
        associate_carrier_ip_address, associate_public_ip_address, delete_on_termination,
        description, device_index, groups, interface_type, ipv6_address_count, ipv6_addresses,
        network_interface_id, private_ip_address, private_ip_addresses,
        secondary_private_ip_address_count, subnet_id, network_card_index, ipv4_prefixes,
        ipv4_prefix_count, ipv6_prefixes, ipv6_prefix_count, primary_ipv6, ena_srd_specification,
        connection_tracking_specification, ena_queue_count,
    }
    types::InstanceIpv6Address { ipv6_address, is_primary_ipv6 }
    types::PrivateIpAddressSpecification { primary, private_ip_address }
    types::Ipv4PrefixSpecificationResponse { ipv4_prefix }
    types::Ipv6PrefixSpecificationResponse { ipv6_prefix }
    types::LaunchTemplateEnaSrdSpecification { ena_srd_enabled, ena_srd_udp_specification }
    types::LaunchTemplateEnaSrdUdpSpecification { ena_srd_udp_enabled }
    types::ConnectionTrackingSpecification {
        tcp_established_timeout, udp_timeout, udp_stream_timeout,
    }
    types::LaunchTemplatesMonitoring { enabled }
    types::LaunchTemplatePlacement {
        availability_zone, availability_zone_id, affinity, group_name, host_id, tenancy,
        spread_domain, host_resource_group_arn, partition_number, group_id,
    }
    types::LaunchTemplateTagSpecification { resource_type, tags }
    types::ElasticGpuSpecificationResponse { r#type }
    types::LaunchTemplateElasticInferenceAcceleratorResponse { r#type, count }
    types::LaunchTemplateInstanceMarketOptions { market_type, spot_options }
    types::LaunchTemplateSpotMarketOptions {
        max_price, spot_instance_type, block_duration_minutes, valid_until,
        instance_interruption_behavior,
    }
    types::CreditSpecification { cpu_credits }
    types::LaunchTemplateCpuOptions {
        core_count, threads_per_core, amd_sev_snp, nested_virtualization,
    }
    types::LaunchTemplateCapacityReservationSpecificationResponse {
        capacity_reservation_preference, capacity_reservation_target,
    }
    types::CapacityReservationTargetResponse {
        capacity_reservation_id, capacity_reservation_resource_group_arn,
    }
    types::LaunchTemplateLicenseConfiguration { license_configuration_arn }
    types::LaunchTemplateHibernationOptions { configured }
    types::LaunchTemplateInstanceMetadataOptions {
        state, http_tokens, http_put_response_hop_limit, http_endpoint, http_protocol_ipv6,
        instance_metadata_tags,
    }
    types::LaunchTemplateEnclaveOptions { enabled }
    types::InstanceRequirements {
        v_cpu_count, memory_mib = "MemoryMiB", cpu_manufacturers,
        memory_gib_per_v_cpu = "MemoryGiBPerVCpu", excluded_instance_types, instance_generations,
        spot_max_price_percentage_over_lowest_price,
        on_demand_max_price_percentage_over_lowest_price, bare_metal, burstable_performance,
        require_hibernate_support, network_interface_count, local_storage, local_storage_types,
        total_local_storage_gb = "TotalLocalStorageGB", baseline_ebs_bandwidth_mbps,
        accelerator_types, accelerator_count, accelerator_manufacturers, accelerator_names,
        accelerator_total_memory_mib = "AcceleratorTotalMemoryMiB", network_bandwidth_gbps,
        allowed_instance_types, max_spot_price_as_percentage_of_optimal_on_demand_price,
        baseline_performance_factors, require_encryption_in_transit,
    }
    types::VCpuCountRange { min, max }
    types::MemoryMiB { min, max }
    types::MemoryGiBPerVCpu { min, max }
    types::NetworkInterfaceCount { min, max }
    types::TotalLocalStorageGb { min, max }
    types::BaselineEbsBandwidthMbps { min, max }
    types::AcceleratorCount { min, max }
    types::AcceleratorTotalMemoryMiB { min, max }
    types::NetworkBandwidthGbps { min, max }
    types::BaselinePerformanceFactors { cpu }
    types::CpuPerformanceFactor { references }
    types::PerformanceFactorReference { instance_family }
    types::LaunchTemplatePrivateDnsNameOptions {
        hostname_type, enable_resource_name_dns_a_record, enable_resource_name_dns_aaaa_record,
    }
    types::LaunchTemplateInstanceMaintenanceOptions { auto_recovery }
    types::OperatorResponse { managed, principal, hidden_by_default }
    types::LaunchTemplateNetworkPerformanceOptions { bandwidth_weighting }
    types::LaunchTemplateInstanceSecondaryInterfaceSpecification {
        delete_on_termination, device_index, private_ip_addresses, private_ip_address_count,
        secondary_subnet_id, interface_type, network_card_index,
    }
    types::SecondaryInterfacePrivateIpAddressSpecification { private_ip_address }
}

texts!(
    types::AcceleratorManufacturer,
    types::AcceleratorName,
    types::AcceleratorType,
    types::AmdSevSnpSpecification,
    types::BareMetal,
    types::BurstablePerformance,
    types::CapacityReservationPreference,
    types::CpuManufacturer,
    types::HostnameType,
    types::InstanceBandwidthWeighting,
    types::InstanceGeneration,
    types::InstanceInterruptionBehavior,
    types::InstanceType,
    types::LaunchTemplateAutoRecoveryState,
    types::LaunchTemplateHttpTokensState,
    types::LaunchTemplateInstanceMetadataEndpointState,
    types::LaunchTemplateInstanceMetadataOptionsState,
    types::LaunchTemplateInstanceMetadataProtocolIpv6,
    types::LaunchTemplateInstanceMetadataTagsState,
    types::LocalStorage,
    types::LocalStorageType,
    types::MarketType,
    types::NestedVirtualizationSpecification,
    types::ResourceType,
    types::SecondaryInterfaceType,
    types::ShutdownBehavior,
    types::SpotInstanceType,
    types::Tenancy,
    types::VolumeType,
);
