//! What a call must be allowed to do: its own action on each of its resources, and what it needs
//! besides.

use serde_json::Value;

use super::arn::Arns;
use super::context::Context;
use super::keys::{self, Shown, text_at};
use super::launch::Launch;
use super::needs;
use super::table::{Row, Table};
use super::target::{Search, Target};
use crate::wire::Api;
use crate::{Ctx, Twin};

/// One action on one resource, under what is known of the request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Check {
    /// The action, with its service: `ec2:DeleteVolume`.
    pub(crate) action: String,
    /// The ARN of the resource, or `*`.
    pub(crate) resource: String,
    /// The condition keys.
    pub(crate) context: Context,
    /// What a denial says instead of naming action and resource, where AWS does.
    pub(crate) said: Option<String>,
}

/// A call as it is held against policies.
pub(super) struct Call<'a> {
    pub(super) twin: &'a Twin,
    pub(super) ctx: &'a Ctx,
    pub(super) api: Api,
    pub(super) action: &'a str,
    pub(super) input: &'a Value,
    pub(super) arns: &'a Arns<'a>,
    /// What every call of this caller has.
    pub(super) base: &'a Context,
}

/// Tags that a request gives or takes; the latter may have no value.
pub(super) type RequestTags = Vec<(String, Option<String>)>;

/// What is asked of one target.
pub(super) struct Question<'a> {
    pub(super) table: &'a Table,
    pub(super) action: &'a str,
    pub(super) row: &'a Row,
    pub(super) input: &'a Value,
    pub(super) request_tags: &'a RequestTags,
    /// The call that makes what is being tagged.
    pub(super) create_action: Option<&'a str>,
    pub(super) launch: Option<&'a Launch>,
}

impl Call<'_> {
    /// Everything that the call must be allowed to do, in the order in which AWS is taken to look: the
    /// resources of the action itself, the tags of what is made, then other actions.
    pub(super) fn checks(&self) -> Vec<Check> {
        let mut checks = self.own(self.api, self.action, self.input);
        needs::add(self, &mut checks);
        checks
    }

    /// The action on its resources, and tags of what it makes; for a call as a part of this one, too.
    pub(super) fn own(&self, api: Api, action: &str, input: &Value) -> Vec<Check> {
        let table = Table::of(api);
        let unknown = Row::default();
        let row = table.action(action).unwrap_or(&unknown);
        let launch = (api == Api::Ec2 && action == "RunInstances")
            .then(|| Launch::of(&self.twin.state, self.ctx, input));
        let group = (api == Api::AutoScaling).then(|| needs::with_launched(self, input));
        let input = launch.as_ref().map_or(input, |it| &it.input);
        let input = group.as_ref().unwrap_or(input);
        let search = Search {
            state: &self.twin.state,
            region: &self.ctx.region,
            arns: self.arns,
            action,
            input,
        };
        let targets = match api {
            Api::Ec2 => search.targets(row),
            other => search.beside(other, table, row),
        };
        let mut checks = Vec::new();
        for target in &targets {
            let request_tags = request_tags(api, input, target);
            let question = Question {
                table,
                action,
                row,
                input,
                request_tags: &request_tags,
                create_action: None,
                launch: launch.as_ref(),
            };
            checks.push(self.check(&question, target));
        }
        for target in targets.iter().filter(|it| it.is_new) {
            checks.extend(self.tagging(api, action, input, target));
        }
        checks
    }

    /// What is made with tags must be allowed to be tagged too (EC2 User Guide, "Grant permission to
    /// tag Amazon EC2 resources during creation"; the dependent actions of the reference).
    fn tagging(&self, api: Api, action: &str, input: &Value, target: &Target<'_>) -> Option<Check> {
        let tagging = match api {
            Api::Ec2 => "CreateTags",
            Api::Elb | Api::ElbV2 => "AddTags",
            Api::Rds => "AddTagsToResource",
            _ => return None,
        };
        let table = Table::of(api);
        let row = table.action(tagging)?;
        let request_tags = request_tags(api, input, target);
        let of = target.of.and_then(|it| row.of(it.name));
        if request_tags.is_empty() || (of.is_none() && api == Api::Ec2) {
            return None;
        }
        let target = Target {
            of,
            ..target.clone()
        };
        let question = Question {
            table,
            action: tagging,
            row,
            input,
            request_tags: &request_tags,
            create_action: Some(action),
            launch: None,
        };
        Some(self.check(&question, &target))
    }

    /// One question with its condition keys.
    pub(super) fn check(&self, question: &Question<'_>, target: &Target<'_>) -> Check {
        let mut context = self.base.clone();
        let names = question.table.keys(question.row, target.of);
        for name in &names {
            if let Some(value) = self.of_call(name, question, target) {
                context.set(name, value);
            }
        }
        // What belongs to someone else, as a public image does.
        let owner = text_at(&target.members, "OwnerId").filter(|_| !target.is_new);
        if let Some(owner) = owner.filter(|it| it.len() == 12) {
            context.set("aws:ResourceAccount", owner);
        }
        let shown = Shown {
            id: target.id.as_deref(),
            members: &target.members,
            input: question.input,
            tags: target.tags.as_ref(),
            request_tags: question.request_tags,
            arn: &|kind, id| self.arns.named(kind, id),
        };
        keys::show(&shown, &names, &mut context);
        Check {
            action: format!("{}:{}", question.table.service, question.action),
            resource: target.arn.clone(),
            context,
            said: None,
        }
    }

    /// The value of a key that the call has whatever its resource shows.
    fn of_call(&self, name: &str, question: &Question<'_>, target: &Target<'_>) -> Option<String> {
        match name {
            "ec2:Region" => Some(self.ctx.region.to_string()),
            "ec2:CreateAction" | "elasticloadbalancing:CreateAction" => {
                question.create_action.map(str::to_owned)
            }
            "ec2:Attribute" => text_at(question.input, "Attribute"),
            "ec2:NewInstanceProfile" => {
                let told = question.input.get("IamInstanceProfile")?;
                self.arns.profile(told)
            }
            "ec2:LaunchTemplate" => {
                let id = question.launch?.template()?;
                Some(self.arns.named("launch-template", id))
            }
            "ec2:IsLaunchTemplateResource" => {
                let launch = question.launch?;
                launch.template()?;
                let kind = target.of.map_or("", |it| it.name);
                Some(launch.leaves_to_template(kind).to_string())
            }
            _ => None,
        }
    }
}

/// The tags that a request gives a resource. EC2 tells them by type for what is being made, and to all
/// resources in `CreateTags` and `DeleteTags`; the other services have one list.
pub(super) fn request_tags(api: Api, input: &Value, target: &Target<'_>) -> RequestTags {
    if api != Api::Ec2 || !target.is_new {
        let tags = input.get("Tags").map(list).unwrap_or_default();
        let keys = input.get("TagKeys").and_then(Value::as_array);
        let keys = keys.into_iter().flatten().filter_map(Value::as_str);
        let taken = keys.map(|it| (it.to_owned(), None));
        return tags.into_iter().chain(taken).collect();
    }
    let kind = target.of.map(|it| it.name);
    let specifications = input.get("TagSpecifications").and_then(Value::as_array);
    let ours = specifications
        .into_iter()
        .flatten()
        .filter(|it| it.get("ResourceType").and_then(Value::as_str) == kind);
    ours.filter_map(|it| it.get("Tags"))
        .flat_map(list)
        .collect()
}

fn list(value: &Value) -> RequestTags {
    let entries = value.as_array().into_iter().flatten();
    let tags = entries.filter_map(|it| {
        let key = it.get("Key")?.as_str()?.to_owned();
        let value = it.get("Value").and_then(Value::as_str);
        Some((key, value.map(str::to_owned)))
    });
    tags.collect()
}
