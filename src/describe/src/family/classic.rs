//! Classic Load Balancers.

use std::collections::BTreeMap;

use aws_sdk_elasticloadbalancing::{Client, types};
use sandtable_model::Kind;
use serde_json::Value;

use super::{all, in_lots, present};
use crate::answer::{Answer, Object, answers, resource};
use crate::clients::Clients;
use crate::error::ReadError;
use crate::list::{Listing, call};

/// Balancers whose tags are asked for at once: AWS takes no more (API reference, `DescribeTags`).
const TAGGED: usize = 20;

/// Every Classic Load Balancer with its attributes and tags.
pub(crate) async fn list(clients: &Clients) -> Result<Listing, ReadError> {
    let client = &clients.elb;
    let balancers = client.describe_load_balancers().into_paginator();
    let balancers = all("DescribeLoadBalancers", balancers.send(), |it| {
        (it.load_balancer_descriptions, it.next_marker)
    })
    .await?;
    let mut read = Vec::new();
    for balancer in balancers {
        let asked = client.describe_load_balancer_attributes();
        let asked = asked.set_load_balancer_name(balancer.load_balancer_name.clone());
        let answer = asked.send().await;
        let answer = answer.map_err(|error| call("DescribeLoadBalancerAttributes", &error));
        if let Some(answer) = present(answer)? {
            read.push((balancer, answer.load_balancer_attributes));
        }
    }
    let names = read
        .iter()
        .filter_map(|(it, _)| it.load_balancer_name.clone());
    let mut tags = tags(client, &names.collect::<Vec<_>>()).await?;
    let mut listing = Listing::default();
    for (balancer, attributes) in read {
        let tags = tags.remove(balancer.load_balancer_name().unwrap_or_default());
        let balancer = Object::of(balancer)
            .with("Attributes", attributes)
            .with("Tags", tags);
        listing.take(resource(
            Kind::ClassicLoadBalancer,
            Some(&clients.region),
            balancer,
        ));
    }
    Ok(listing)
}

/// Tags by name. Should one of many go away meanwhile, AWS refuses the lot; then each is asked alone.
async fn tags(
    client: &Client,
    names: &[String],
) -> Result<BTreeMap<String, Vec<types::Tag>>, ReadError> {
    let ask = |names: Vec<String>| async move {
        let asked = client.describe_tags().set_load_balancer_names(Some(names));
        let answer = asked.send().await;
        let answer = answer.map_err(|error| call("DescribeTags", &error))?;
        Ok(answer.tag_descriptions.unwrap_or_default())
    };
    let found = match present(in_lots(names, TAGGED, ask).await)? {
        Some(found) => found,
        None => {
            let alone = |names| async move { Ok(present(ask(names).await)?.unwrap_or_default()) };
            in_lots(names, 1, alone).await?
        }
    };
    let found = found.into_iter();
    Ok(found
        .filter_map(|it| Some((it.load_balancer_name?, it.tags.unwrap_or_default())))
        .collect())
}

/// Attributes by the dotted names under which the model has them.
impl Answer for types::LoadBalancerAttributes {
    fn answer(self) -> Value {
        let mut attributes = Vec::new();
        let mut say = |key: &str, value: String| {
            let attribute = Object::default().with("Key", key.to_owned());
            attributes.push(attribute.with("Value", value));
        };
        if let Some(it) = self.cross_zone_load_balancing {
            say("CrossZoneLoadBalancing.Enabled", it.enabled.to_string());
        }
        if let Some(it) = self.connection_draining {
            say("ConnectionDraining.Enabled", it.enabled.to_string());
            if let Some(seconds) = it.timeout {
                say("ConnectionDraining.Timeout", seconds.to_string());
            }
        }
        if let Some(it) = self.connection_settings {
            say(
                "ConnectionSettings.IdleTimeout",
                it.idle_timeout.to_string(),
            );
        }
        attributes.answer()
    }
}

answers! {
    types::LoadBalancerDescription {
        load_balancer_name, dns_name = "DNSName",
        canonical_hosted_zone_name_id = "CanonicalHostedZoneNameID", created_time, scheme,
        vpc_id = "VPCId", availability_zones, subnets, security_groups, listener_descriptions,
        instances, health_check,
    }
    types::ListenerDescription { listener, policy_names }
    types::Listener {
        protocol, load_balancer_port, instance_protocol, instance_port,
        ssl_certificate_id = "SSLCertificateId",
    }
    types::Instance { instance_id }
    types::HealthCheck { target, interval, timeout, unhealthy_threshold, healthy_threshold }
    types::Tag { key, value }
}
