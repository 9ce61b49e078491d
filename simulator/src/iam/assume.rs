//! Who may assume a role.
//!
//! The trust policy of the role must trust the caller; one that trusts the caller's account leaves it
//! to the caller's own policies, and so does every account but the role's (STS API Reference,
//! AssumeRole; IAM User Guide, "Policy evaluation logic", "Resource-based policies"). Session tags and
//! a source identity are actions of their own that both sides must allow.
//!
//! Without roles in [`super::Permissions`] only the caller's own policies are looked at.

use super::call::{Call, Check, Question};
use super::caller::Caller;
use super::denial::{Layer, Why};
use super::table::Table;
use super::target::Target;
use super::trust::{self, Trust};
use crate::wire::Api;
use serde_json::Value;

/// Everything that is asked, with why it is not allowed if it is not.
pub(super) fn checks(call: &Call<'_>, caller: &Caller<'_>) -> Vec<(Check, Option<Why>)> {
    let arn = call.input.get("RoleArn").and_then(Value::as_str);
    let arn = arn.unwrap_or("*");
    let permissions = call.twin.permissions();
    let role = permissions.and_then(|it| it.role(arn));
    let is_missing = role.is_none() && permissions.is_some_and(|it| it.knows_roles());
    let asked = |name: &str| match call.input.get(name) {
        Some(Value::Array(all)) => !all.is_empty(),
        Some(Value::Null) | None => false,
        Some(_) => true,
    };
    let actions = [
        ("AssumeRole", true),
        ("TagSession", asked("Tags")),
        ("SetSourceIdentity", asked("SourceIdentity")),
    ];
    let mut checks = Vec::new();
    for (action, _) in actions.into_iter().filter(|(_, is_asked)| *is_asked) {
        let mut check = of_action(call, action, arn);
        for (key, value) in role.iter().flat_map(|it| &it.tags) {
            check.context.add(&format!("aws:ResourceTag/{key}"), value);
            check.context.add(&format!("iam:ResourceTag/{key}"), value);
        }
        let why = match role {
            _ if is_missing => Some(Why::NoRole),
            None => caller.why_not(&check),
            Some(role) => {
                let account = arn.split(':').nth(4).unwrap_or_default();
                let who = trust::Caller {
                    account: call.ctx.account.as_str(),
                    arn: &caller.arn,
                    role: caller.role.as_deref(),
                };
                let trust = role.trust.says(&check.action, &who, &check.context);
                judge(caller, &check, trust, account == who.account)
            }
        };
        checks.push((check, why));
    }
    checks
}

fn judge(caller: &Caller<'_>, check: &Check, trust: Trust, is_at_home: bool) -> Option<Why> {
    match trust {
        Trust::Denied => Some(Why::Distrusted),
        Trust::None => Some(Why::NotTrusted),
        Trust::Principal if is_at_home => {
            caller.why_not_by(check, |layer| layer == Layer::ServiceControl)
        }
        Trust::Role if is_at_home => caller.why_not_by(check, |layer| layer != Layer::Identity),
        _ => caller.why_not(check),
    }
}

fn of_action(call: &Call<'_>, action: &str, arn: &str) -> Check {
    let table = Table::of(Api::Sts);
    let unknown = super::table::Row::default();
    let row = table.action(action).unwrap_or(&unknown);
    let target = Target {
        of: row.of("role"),
        arn: arn.to_owned(),
        ..Target::everything()
    };
    let request_tags = super::call::request_tags(Api::Sts, call.input, &target);
    let question = Question {
        table,
        action,
        row,
        input: call.input,
        request_tags: &request_tags,
        create_action: None,
        launch: None,
    };
    let mut check = call.check(&question, &target);
    if let Some(account) = arn.split(':').nth(4) {
        check.context.set("aws:ResourceAccount", account);
    }
    check
}
