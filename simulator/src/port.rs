//! The twin as a cloud that can be looked at and changed through the port.
//!
//! Actions become the same inputs that the wire gives, so that all ways in share one engine.

use sandtable_cloud::{Act, Clock, CloudError, DryRun, Observe, Performed, Query, Stage, Struck};
use sandtable_model::resource::{EbsSnapshot, Image, NetworkInterface, RouteTable};
use sandtable_model::{
    Action, Diff, Duration, FaultPlan, Region, Resource, ResourceId, Simulated, SnapshotId, Tags,
    Timestamp,
};
use serde_json::{Value, json};

use crate::wire::Api;
use crate::{ApiError, Ctx, State, Twin, dispatch};

impl From<ApiError> for CloudError {
    fn from(error: ApiError) -> Self {
        if error.is_no_answer() {
            return CloudError::ambiguous(error.message);
        }
        CloudError::from_code(&error.code, &error.message)
    }
}

impl Observe for Twin {
    fn look(&mut self, region: &Region, query: &Query) -> Result<Vec<Resource>, CloudError> {
        let ctx = self.context(region);
        let (api, action, input) = call_of(query);
        let answer = self.admit(&ctx, api, action, &input, |twin, ctx| {
            Ok(answer(&twin.state, ctx, query))
        })?;
        Ok(answer)
    }
}

/// The call that asks AWS a question.
fn call_of(query: &Query) -> (Api, &'static str, Value) {
    let by = |name: &str, id: &str| json!({"Filters": [{"Name": name, "Values": [id]}]});
    let (action, input) = match query {
        Query::Resource(id) => {
            let (api, action) = dispatch::describe_operation(id.kind());
            return (api, action, json!({"Ids": [id]}));
        }
        Query::InterfacesWithin(id) => {
            let name = format!("{}-id", id.kind().prefix());
            ("DescribeNetworkInterfaces", by(&name, id.as_str()))
        }
        Query::RouteTablesTo(id) => {
            let name = match id {
                ResourceId::NatGateway(_) => "route.nat-gateway-id",
                _ => "route.gateway-id",
            };
            ("DescribeRouteTables", by(name, id.as_str()))
        }
        Query::ImagesOf(id) => {
            let name = "block-device-mapping.snapshot-id";
            ("DescribeImages", by(name, id.as_str()))
        }
        Query::SnapshotsOf(id) => ("DescribeSnapshots", by("volume-id", id.as_str())),
    };
    (Api::Ec2, action, input)
}

fn answer(state: &State, ctx: &Ctx, query: &Query) -> Vec<Resource> {
    let of = |id: &ResourceId| -> Vec<ResourceId> {
        let wanted = |it: &&ResourceId| state.region_of(it) == Some(&ctx.region);
        state.referrers(id).filter(wanted).cloned().collect()
    };
    let ids = match query {
        Query::Resource(id) => vec![id.clone()],
        Query::InterfacesWithin(id) => {
            let within =
                |it: &NetworkInterface| *id == (&it.vpc_id).into() || *id == (&it.subnet_id).into();
            only::<NetworkInterface>(state, of(id), within)
        }
        Query::RouteTablesTo(id) => only::<RouteTable>(state, of(id), |it| {
            it.routes.iter().any(|route| route.target() == id.as_str())
        }),
        Query::ImagesOf(id) => {
            only::<Image>(state, of(&id.into()), |it| it.state != "deregistered")
        }
        Query::SnapshotsOf(id) => only::<EbsSnapshot>(state, of(&id.into()), |it| {
            it.volume_id.as_ref() == Some(id)
        }),
    };
    let found = ids.iter().filter_map(|id| state.get_in(&ctx.region, id));
    found.map(|it| it.as_ref().clone()).collect()
}

fn only<T: sandtable_model::resource::AsResource + 'static>(
    state: &State,
    ids: Vec<ResourceId>,
    wanted: impl Fn(&T) -> bool,
) -> Vec<ResourceId> {
    let is_wanted = |id: &ResourceId| {
        let resource = state.get(id).and_then(|it| it.get::<T>());
        resource.is_some_and(&wanted)
    };
    ids.into_iter().filter(is_wanted).collect()
}

impl Act for Twin {
    type World = Simulated;

    fn dry_run(&mut self, region: &Region, action: &Action) -> Result<DryRun, CloudError> {
        let mut ctx = self.context(region);
        ctx.dry_run = true;
        match send(self, &ctx, action) {
            Err(error) if error.code == "DryRunOperation" => Ok(DryRun::Allowed),
            Err(error) => Err(error.into()),
            Ok(_) => Ok(DryRun::Unsupported),
        }
    }

    fn perform(&mut self, region: &Region, action: &Action) -> Result<Performed, CloudError> {
        let ctx = self.context(region);
        if self.faults.is_watched {
            self.faults.target = Some(action.target());
            self.faults.has_changed = false;
            self.faults.has_passed = false;
        }
        let answer = send(self, &ctx, action);
        if self.faults.is_watched {
            self.faults.target = None;
            // A snapshot is made beside its volume, which stays as it is.
            let is_made = matches!(action, Action::CreateSnapshot { .. });
            if self.faults.has_changed || (is_made && self.faults.has_passed) {
                self.faults.performed.push(action.clone());
            }
        }
        let answer = answer?;
        if let Some(error) = item_error(&answer) {
            return Err(error);
        }
        let created = match action {
            Action::CreateSnapshot { .. } => {
                let id = answer.get("SnapshotId").and_then(Value::as_str);
                id.and_then(|id| SnapshotId::new(id).ok()).map(Into::into)
            }
            _ => None,
        };
        Ok(Performed { created })
    }
}

/// Bulk deletes report a failure per item, within an answer of success.
fn item_error(answer: &Value) -> Option<CloudError> {
    let item = answer.get("Unsuccessful")?.as_array()?.first()?;
    let text = |name: &str| item.get("Error")?.get(name)?.as_str();
    let code = text("Code").unwrap_or("Unknown");
    let message = text("Message").unwrap_or_default();
    Some(CloudError::from_code(code, message))
}

fn send(twin: &mut Twin, ctx: &Ctx, action: &Action) -> Result<Value, ApiError> {
    let (name, input) = input_of(action)?;
    dispatch::call(twin, ctx, name, input)
}

/// The call of an action. Actions carry AWS's names already; a few say more or in another form than
/// the call does.
fn input_of(action: &Action) -> Result<(&'static str, Value), ApiError> {
    let input = match action {
        Action::CreateSnapshot {
            volume_id,
            description,
            tags,
        } => json!({
            "VolumeId": volume_id,
            "Description": description,
            "TagSpecifications": tag_specifications("snapshot", tags),
        }),
        // The address stands in the action for people; the call takes the association alone.
        Action::DisassociateAddress { association_id, .. } => {
            json!({"AssociationId": association_id})
        }
        Action::DisassociateRouteTable { association_id, .. } => {
            json!({"AssociationId": association_id})
        }
        Action::AssociateAddress {
            allocation_id,
            network_interface_id,
            private_ip_address,
        } => {
            let mut input = json!({
                "AllocationId": allocation_id,
                "NetworkInterfaceId": network_interface_id,
                // An address that is in use by now must not be pulled away from its user.
                "AllowReassociation": false,
            });
            if let Some(ip) = private_ip_address {
                input["PrivateIpAddress"] = json!(ip);
            }
            input
        }
        Action::DeleteVpcEndpoints { vpc_endpoint_id } => {
            json!({"VpcEndpointIds": [vpc_endpoint_id]})
        }
        plain => {
            let parts = plain.to_parts();
            let (_, input) =
                parts.map_err(|error| ApiError::new("InternalError", error.to_string()))?;
            input
        }
    };
    Ok((action.name(), input))
}

fn tag_specifications(kind: &str, tags: &Tags) -> Value {
    if tags.is_empty() {
        return json!([]);
    }
    json!([{"ResourceType": kind, "Tags": tags}])
}

impl Clock for Twin {
    fn now(&self) -> Timestamp {
        Twin::now(self)
    }

    fn wait(&mut self, duration: Duration) {
        self.advance(duration);
    }
}

impl Stage for Twin {
    fn fork(&self) -> Self {
        Twin::fork(self)
    }

    fn set_faults(&mut self, faults: FaultPlan) {
        Twin::set_faults(self, faults);
    }

    fn struck(&self) -> &[Struck] {
        Twin::struck(self)
    }

    fn performed(&self) -> &[Action] {
        &self.faults.performed
    }

    fn diff(&self) -> Diff {
        Twin::diff(self)
    }
}
