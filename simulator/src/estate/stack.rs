//! CloudFormation stacks and what they own.

use sandtable_model::{Kind, ResourceId};
use serde_json::{Value, json};

use super::Builder;

/// The stack whose resources are being made.
pub(super) struct Making {
    name: String,
    arn: String,
    made: Vec<ResourceId>,
}

impl Making {
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn arn(&self) -> &str {
        &self.arn
    }

    pub(super) fn note(&mut self, id: ResourceId) {
        self.made.push(id);
    }
}

/// Makes resources as a stack's: they carry its tags, and it lists those that a template declares.
pub(super) fn owned(builder: &mut Builder, name: &str, status: &str, make: fn(&mut Builder)) {
    let name = format!("{name}-{}", builder.cells);
    let code = format!("{:016x}", builder.ids.next_number());
    let arn = builder.arn("cloudformation", &format!("stack/{name}/{code}"));
    builder.stack = Some(Making {
        name,
        arn,
        made: Vec::new(),
    });
    make(builder);
    let Some(it) = builder.stack.take() else {
        return;
    };
    let status_of_parts = match status {
        "DELETE_COMPLETE" => "DELETE_SKIPPED",
        _ => "CREATE_COMPLETE",
    };
    let mut parts: Vec<Value> = Vec::new();
    for id in &it.made {
        if let Some(kind) = template_type(id.kind()) {
            parts.push(json!({
                "LogicalResourceId": format!("Part{}", parts.len()), "PhysicalResourceId": id,
                "ResourceType": kind, "ResourceStatus": status_of_parts,
                "LastUpdatedTimestamp": Builder::days_ago(365),
            }));
        }
    }
    let told = json!({
        "StackId": builder.named_id(Kind::Stack, &it.name), "StackName": it.name,
        "StackArn": it.arn, "StackStatus": status, "CreationTime": Builder::days_ago(365),
        "Resources": parts,
    });
    builder.put(Kind::Stack, told);
}

/// What a template calls a kind; nothing for what comes into being beside others.
fn template_type(kind: Kind) -> Option<&'static str> {
    Some(match kind {
        Kind::Vpc => "AWS::EC2::VPC",
        Kind::Subnet => "AWS::EC2::Subnet",
        Kind::RouteTable => "AWS::EC2::RouteTable",
        Kind::InternetGateway => "AWS::EC2::InternetGateway",
        Kind::NatGateway => "AWS::EC2::NatGateway",
        Kind::Address => "AWS::EC2::EIP",
        Kind::FlowLog => "AWS::EC2::FlowLog",
        _ => return None,
    })
}
