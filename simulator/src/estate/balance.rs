//! Load balancers with their targets, and the services that stand behind them.

use sandtable_model::Resource;
use sandtable_model::resource::{Attribute, InterfaceAttachment, InterfaceStatus, SecurityGroup};
use sandtable_model::{
    InstanceId, Kind, NetworkInterfaceId, ResourceId, SubnetId, VpcEndpointServiceId,
};
use serde_json::{Value, json};
use smol_str::SmolStr;

use super::network::{Network, interface_of};
use super::{Builder, group_ref};
use crate::services::elbv2;

/// A load balancer as others name it.
pub(super) struct Balancer {
    pub(super) id: ResourceId,
    pub(super) arn: String,
}

/// A Network Load Balancer in the private subnet, in front of a target group.
pub(super) fn network_balancer(
    builder: &mut Builder,
    network: &Network,
    name: &str,
    targets: &[InstanceId],
) -> Balancer {
    let (name, code) = (format!("{name}-{}", builder.cells), code(builder));
    let of = "elasticloadbalancing";
    let arn = builder.arn(of, &format!("loadbalancer/net/{name}/{code}"));
    let (_, group_arn) = target_group(builder, network, &name, &[arn.as_str()], targets);
    let action = json!({"Type": "forward", "TargetGroupArn": group_arn});
    let zone = format!("{}a", builder.region);
    let told = json!({
        "LoadBalancerId": builder.named_id(Kind::LoadBalancer, &name),
        "LoadBalancerName": name, "LoadBalancerArn": arn,
        "DNSName": format!("{name}-{code}.elb.{}.amazonaws.com", builder.region),
        "CreatedTime": Builder::days_ago(200), "Scheme": "internal", "VpcId": network.vpc,
        "State": {"Code": "active"}, "Type": "network", "IpAddressType": "ipv4",
        "AvailabilityZones": [{"ZoneName": zone, "SubnetId": network.private}],
        "Listeners": [listener(&arn, &code, "TCP", &action)],
    });
    let id = builder.named_id(Kind::LoadBalancer, &name);
    builder.put(Kind::LoadBalancer, told);
    let it = Service {
        owner: "amazon-elb",
        text: format!("ELB net/{name}/{code}"),
        kind: "network_load_balancer",
        group: None,
    };
    it.interface(builder, network, &network.private, 1);
    Balancer { id, arn }
}

/// An Application Load Balancer in two zones that answers by itself: it redirects, and has no target
/// group (waste catalogue, G20).
pub(super) fn redirecting_balancer(
    builder: &mut Builder,
    network: &Network,
    other: &SubnetId,
    guard: &SecurityGroup,
) -> Balancer {
    let (name, code) = (format!("redirect-{}", builder.cells), code(builder));
    let of = "elasticloadbalancing";
    let arn = builder.arn(of, &format!("loadbalancer/app/{name}/{code}"));
    let action = json!({
        "Type": "redirect",
        "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"},
    });
    let id = builder.named_id(Kind::LoadBalancer, &name);
    let region = builder.region.clone();
    let told = json!({
        "LoadBalancerId": id, "LoadBalancerName": name, "LoadBalancerArn": arn,
        "DNSName": format!("internal-{name}-{code}.{region}.elb.amazonaws.com"),
        "CreatedTime": Builder::days_ago(400), "Scheme": "internal", "VpcId": network.vpc,
        "State": {"Code": "active"}, "Type": "application", "IpAddressType": "ipv4",
        "SecurityGroups": [guard.group_id],
        "AvailabilityZones": [
            {"ZoneName": format!("{region}a"), "SubnetId": network.private},
            {"ZoneName": format!("{region}b"), "SubnetId": other},
        ],
        "Listeners": [listener(&arn, &code, "HTTP", &action)],
    });
    builder.put(Kind::LoadBalancer, told);
    let it = Service {
        owner: "amazon-elb",
        text: format!("ELB app/{name}/{code}"),
        kind: "interface",
        group: Some(guard),
    };
    it.interface(builder, network, &network.private, 1);
    it.interface(builder, network, other, 2);
    Balancer { id, arn }
}

fn listener(balancer: &str, code: &str, protocol: &str, action: &Value) -> Value {
    let arn = balancer.replacen(":loadbalancer/", ":listener/", 1);
    let port = if protocol == "HTTP" { 80 } else { 443 };
    json!({
        "ListenerArn": format!("{arn}/{code}"), "Port": port, "Protocol": protocol,
        "DefaultActions": [action],
    })
}

/// A target group, of load balancers or of none; gives its ARN beside its id.
pub(super) fn target_group(
    builder: &mut Builder,
    network: &Network,
    name: &str,
    balancers: &[&str],
    targets: &[InstanceId],
) -> (ResourceId, String) {
    let code = code(builder);
    let arn = builder.arn(
        "elasticloadbalancing",
        &format!("targetgroup/{name}/{code}"),
    );
    let id = builder.named_id(Kind::TargetGroup, name);
    let targets = targets.iter().map(|it| json!({"Id": it, "Port": 443}));
    let told = json!({
        "TargetGroupId": id, "TargetGroupName": name, "TargetGroupArn": arn, "Protocol": "TCP",
        "Port": 443, "VpcId": network.vpc, "HealthCheckEnabled": true,
        "HealthCheckProtocol": "TCP", "HealthCheckPort": "traffic-port",
        "HealthCheckIntervalSeconds": 30, "HealthCheckTimeoutSeconds": 10,
        "HealthyThresholdCount": 5, "UnhealthyThresholdCount": 2,
        "LoadBalancerArns": balancers, "TargetType": "instance", "IpAddressType": "ipv4",
        "Targets": targets.collect::<Vec<Value>>(),
    });
    builder.put(Kind::TargetGroup, told);
    (id, arn)
}

/// A service that other accounts may make endpoints for, behind a Network Load Balancer.
pub(super) fn endpoint_service(builder: &mut Builder, balancer: &Balancer) {
    let id = builder.id(VpcEndpointServiceId::from_number);
    let name = format!("com.amazonaws.vpce.{}.{id}", builder.region);
    let told = json!({
        "ServiceId": id, "ServiceName": name, "ServiceState": "Available",
        "ServiceType": [{"ServiceType": "Interface"}], "SupportedIpAddressTypes": ["ipv4"],
        "AvailabilityZones": [format!("{}a", builder.region)], "AcceptanceRequired": true,
        "NetworkLoadBalancerArns": [balancer.arn],
        "BaseEndpointDnsNames": [format!("{id}.{}.vpce.amazonaws.com", builder.region)],
    });
    builder.put(Kind::VpcEndpointService, told);
}

/// A Classic Load Balancer of former days.
pub(super) fn classic_balancer(
    builder: &mut Builder,
    network: &Network,
    guard: &SecurityGroup,
    instances: &[InstanceId],
) -> ResourceId {
    let name = format!("classic-{}", builder.cells);
    let id = builder.named_id(Kind::ClassicLoadBalancer, &name);
    let instances = instances.iter().map(|it| json!({"InstanceId": it}));
    let told = json!({
        "LoadBalancerId": id, "LoadBalancerName": name, "Scheme": "internal",
        "DNSName": format!("internal-{name}.{}.elb.amazonaws.com", builder.region),
        "VPCId": network.vpc, "CreatedTime": Builder::days_ago(900),
        "Subnets": [network.private], "AvailabilityZones": [format!("{}a", builder.region)],
        "SecurityGroups": [guard.group_id], "Instances": instances.collect::<Vec<Value>>(),
        "ListenerDescriptions": [{"Listener": {
            "Protocol": "TCP", "LoadBalancerPort": 443, "InstanceProtocol": "TCP",
            "InstancePort": 443,
        }}],
    });
    builder.put(Kind::ClassicLoadBalancer, told);
    let it = Service {
        owner: "amazon-elb",
        text: format!("ELB {name}"),
        kind: "interface",
        group: Some(guard),
    };
    it.interface(builder, network, &network.private, 1);
    id
}

fn code(builder: &mut Builder) -> String {
    format!("{:016x}", builder.ids.next_number())
}

/// What a service puts into subnets.
pub(super) struct Service<'a> {
    pub(super) owner: &'static str,
    pub(super) text: String,
    pub(super) kind: &'static str,
    pub(super) group: Option<&'a SecurityGroup>,
}

impl Service<'_> {
    /// Puts an interface of the service into a subnet, the one with this third number.
    pub(super) fn interface(
        &self,
        builder: &mut Builder,
        network: &Network,
        subnet: &SubnetId,
        third: u32,
    ) {
        let id = builder.id(NetworkInterfaceId::from_number);
        builder.service_interfaces += 1;
        let last = 100 + builder.service_interfaces % 20;
        let ip: SmolStr = format!("10.{}.{third}.{last}", network.octet).into();
        let groups = self.group.map(group_ref).into_iter().collect();
        let mut it = interface_of(builder, network, subnet, &id, &ip, groups);
        let letter = if third == 2 { "b" } else { "a" };
        it.availability_zone = Some(super::network::zone(builder, letter));
        it.interface_type = self.kind.into();
        it.description = self.text.as_str().into();
        it.requester_id = Some(self.owner.into());
        it.requester_managed = true;
        it.status = InterfaceStatus::InUse;
        it.attachment = Some(InterfaceAttachment {
            attachment_id: Some(builder.ids.text("ela-attach").into()),
            attach_time: None,
            delete_on_termination: false,
            device_index: 1,
            network_card_index: None,
            instance_id: None,
            instance_owner_id: Some(self.owner.into()),
            status: "attached".into(),
        });
        builder.add(it);
    }
}

/// Adds the attributes that AWS tells of every load balancer and target group.
pub(super) fn tell_attributes(resource: &mut Resource) {
    match resource {
        Resource::LoadBalancer(it) => it.attributes = elbv2::attributes_of_balancer(it),
        Resource::TargetGroup(it) => it.attributes = elbv2::attributes_of_group(it),
        Resource::ClassicLoadBalancer(it) => {
            let usual = [
                ("ConnectionDraining.Enabled", "false"),
                ("ConnectionDraining.Timeout", "300"),
                ("ConnectionSettings.IdleTimeout", "60"),
                ("CrossZoneLoadBalancing.Enabled", "false"),
            ];
            let usual = usual.map(|(key, value)| Attribute {
                key: key.into(),
                value: value.into(),
            });
            it.attributes.extend(usual);
        }
        _ => {}
    }
}
