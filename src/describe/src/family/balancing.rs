//! Application, Network and Gateway Load Balancers with their listeners and rules, and target groups
//! with their targets.

use std::collections::BTreeMap;

use aws_sdk_elasticloadbalancingv2::{Client, types};
use sandtable_model::Kind;

use super::{all, in_lots, present};
use crate::answer::{Answer, Object, answers, resource, texts};
use crate::clients::Clients;
use crate::error::ReadError;
use crate::list::{Listing, call};

/// Resources whose tags are asked for at once: AWS takes no more (ELBv2 API reference, `DescribeTags`).
const TAGGED: usize = 20;

/// Every load balancer.
pub(crate) async fn load_balancers(clients: &Clients) -> Result<Listing, ReadError> {
    let client = &clients.elbv2;
    let balancers = client.describe_load_balancers().into_paginator();
    let balancers = all("DescribeLoadBalancers", balancers.send(), |it| {
        (it.load_balancers, it.next_marker)
    })
    .await?;
    let mut read = Vec::new();
    let mut arns = Vec::new();
    for balancer in balancers {
        let Some(parts) = present(parts(client, &balancer).await)? else {
            continue;
        };
        arns.extend(balancer.load_balancer_arn.clone());
        for (listener, rules) in &parts.listeners {
            arns.extend(listener.listener_arn.clone());
            arns.extend(rules.iter().filter_map(|it| it.rule_arn.clone()));
        }
        read.push((balancer, parts));
    }
    let mut tags = tags(client, &arns).await?;
    let mut listing = Listing::default();
    for (balancer, parts) in read {
        let listeners = parts.listeners.into_iter().map(|(listener, rules)| {
            let rules = rules.into_iter().map(|it| {
                let tags = tags.remove(it.rule_arn().unwrap_or_default());
                Object::of(it).with("Tags", tags)
            });
            let rules: Vec<Object> = rules.collect();
            let tags = tags.remove(listener.listener_arn().unwrap_or_default());
            Object::of(listener).with("Rules", rules).with("Tags", tags)
        });
        let listeners: Vec<Object> = listeners.collect();
        let tags = tags.remove(balancer.load_balancer_arn().unwrap_or_default());
        let balancer = Object::of(balancer)
            .with("Attributes", parts.attributes)
            .with("Listeners", listeners)
            .with("Tags", tags);
        listing.take(resource(
            Kind::LoadBalancer,
            Some(&clients.region),
            balancer,
        ));
    }
    Ok(listing)
}

/// What AWS tells of a load balancer in calls of their own.
struct Parts {
    listeners: Vec<(types::Listener, Vec<types::Rule>)>,
    attributes: Option<Vec<types::LoadBalancerAttribute>>,
}

async fn parts(client: &Client, balancer: &types::LoadBalancer) -> Result<Parts, ReadError> {
    let arn = || balancer.load_balancer_arn.clone();
    let asked = client.describe_listeners().set_load_balancer_arn(arn());
    let asked = asked.into_paginator().send();
    let mut listeners = Vec::new();
    for listener in all("DescribeListeners", asked, |it| {
        (it.listeners, it.next_marker)
    })
    .await?
    {
        let asked = client.describe_rules();
        let asked = asked.set_listener_arn(listener.listener_arn.clone());
        let asked = asked.into_paginator().send();
        let Some(mut rules) =
            present(all("DescribeRules", asked, |it| (it.rules, it.next_marker)).await)?
        else {
            continue;
        };
        // The listener's own default action stands among its rules once more.
        rules.retain(|it| it.is_default != Some(true));
        listeners.push((listener, rules));
    }
    let asked = client.describe_load_balancer_attributes();
    let asked = asked.set_load_balancer_arn(arn()).send().await;
    let answer = asked.map_err(|error| call("DescribeLoadBalancerAttributes", &error))?;
    Ok(Parts {
        listeners,
        attributes: answer.attributes,
    })
}

/// Every target group.
pub(crate) async fn target_groups(clients: &Clients) -> Result<Listing, ReadError> {
    let client = &clients.elbv2;
    let groups = client.describe_target_groups().into_paginator();
    let groups = all("DescribeTargetGroups", groups.send(), |it| {
        (it.target_groups, it.next_marker)
    })
    .await?;
    let mut read = Vec::new();
    for group in groups {
        let asked = targets_and_attributes(client, &group).await;
        if let Some((targets, attributes)) = present(asked)? {
            read.push((group, targets, attributes));
        }
    }
    let arns = read
        .iter()
        .filter_map(|(it, ..)| it.target_group_arn.clone());
    let mut tags = tags(client, &arns.collect::<Vec<_>>()).await?;
    let mut listing = Listing::default();
    for (group, targets, attributes) in read {
        let tags = tags.remove(group.target_group_arn().unwrap_or_default());
        let group = Object::of(group)
            .with("Targets", targets)
            .with("Attributes", attributes)
            .with("Tags", tags);
        listing.take(resource(Kind::TargetGroup, Some(&clients.region), group));
    }
    Ok(listing)
}

type Attributes = Option<Vec<types::TargetGroupAttribute>>;

async fn targets_and_attributes(
    client: &Client,
    group: &types::TargetGroup,
) -> Result<(Vec<types::TargetDescription>, Attributes), ReadError> {
    let arn = || group.target_group_arn.clone();
    let asked = client.describe_target_health().set_target_group_arn(arn());
    let health = asked.send().await;
    let health = health.map_err(|error| call("DescribeTargetHealth", &error))?;
    let health = health.target_health_descriptions.unwrap_or_default();
    // A draining target is deregistered already; AWS shows it while its last connections end.
    let draining = Some(types::TargetHealthStateEnum::Draining);
    let targets = health.into_iter().filter(|it| {
        let state = it.target_health.as_ref().and_then(|it| it.state.clone());
        state != draining
    });
    let targets = targets.filter_map(|it| it.target).collect();
    let asked = client.describe_target_group_attributes();
    let asked = asked.set_target_group_arn(arn()).send().await;
    let answer = asked.map_err(|error| call("DescribeTargetGroupAttributes", &error))?;
    Ok((targets, answer.attributes))
}

/// Tags by ARN. Should one of many go away meanwhile, AWS refuses the lot; then each is asked alone.
async fn tags(
    client: &Client,
    arns: &[String],
) -> Result<BTreeMap<String, Vec<types::Tag>>, ReadError> {
    let ask = |arns: Vec<String>| async move {
        let asked = client.describe_tags().set_resource_arns(Some(arns));
        let answer = asked.send().await;
        let answer = answer.map_err(|error| call("DescribeTags", &error))?;
        Ok(answer.tag_descriptions.unwrap_or_default())
    };
    let found = match present(in_lots(arns, TAGGED, ask).await)? {
        Some(found) => found,
        None => {
            let alone = |arns| async move { Ok(present(ask(arns).await)?.unwrap_or_default()) };
            in_lots(arns, 1, alone).await?
        }
    };
    let found = found.into_iter();
    Ok(found
        .filter_map(|it| Some((it.resource_arn?, it.tags.unwrap_or_default())))
        .collect())
}

impl Answer for types::Rule {
    fn answer(self) -> serde_json::Value {
        // A number as text, on the wire.
        let priority = self.priority.and_then(|it| it.parse::<i64>().ok());
        Object::default()
            .with("RuleArn", self.rule_arn)
            .with("Priority", priority)
            .with("Conditions", self.conditions)
            .with("Actions", self.actions)
            .into()
    }
}

answers! {
    types::LoadBalancer {
        load_balancer_arn, load_balancer_name, dns_name = "DNSName", canonical_hosted_zone_id,
        created_time, scheme, vpc_id, state, r#type, availability_zones, security_groups,
        ip_address_type,
    }
    types::LoadBalancerState { code, reason }
    types::AvailabilityZone { zone_name, subnet_id, load_balancer_addresses }
    types::LoadBalancerAddress {
        ip_address, allocation_id, private_ipv4_address = "PrivateIPv4Address",
    }
    types::LoadBalancerAttribute { key, value }
    types::Listener { listener_arn, port, protocol, certificates, ssl_policy, default_actions }
    types::Certificate { certificate_arn }
    types::Action {
        r#type, order, target_group_arn, forward_config, redirect_config, fixed_response_config,
    }
    types::RedirectActionConfig { protocol, port, host, path, query, status_code }
    types::FixedResponseActionConfig { message_body, status_code, content_type }
    types::ForwardActionConfig { target_groups, target_group_stickiness_config }
    types::TargetGroupTuple { target_group_arn, weight }
    types::TargetGroupStickinessConfig { enabled, duration_seconds }
    types::RuleCondition {
        field, values, host_header_config, path_pattern_config, http_request_method_config,
        source_ip_config,
    }
    types::HostHeaderConditionConfig { values }
    types::PathPatternConditionConfig { values }
    types::HttpRequestMethodConditionConfig { values }
    types::SourceIpConditionConfig { values }
    types::TargetGroup {
        target_group_arn, target_group_name, protocol, protocol_version, port, vpc_id,
        health_check_enabled, health_check_protocol, health_check_port, health_check_path,
        health_check_interval_seconds, health_check_timeout_seconds, healthy_threshold_count,
        unhealthy_threshold_count, matcher, load_balancer_arns, target_type, ip_address_type,
    }
    types::Matcher { http_code, grpc_code }
    types::TargetGroupAttribute { key, value }
    types::TargetDescription { id, port, availability_zone }
    types::Tag { key, value }
}

texts!(
    types::ActionTypeEnum,
    types::IpAddressType,
    types::LoadBalancerSchemeEnum,
    types::LoadBalancerStateEnum,
    types::LoadBalancerTypeEnum,
    types::ProtocolEnum,
    types::RedirectActionStatusCodeEnum,
    types::TargetGroupIpAddressTypeEnum,
    types::TargetTypeEnum,
);
