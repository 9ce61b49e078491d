//! Who calls, and with what.

mod assume_role;
mod callers;

use sandtable_model::Region;
use serde_json::Value;

use crate::testing::Account;
use crate::wire::{Api, Call, Caller, encode_xml};
use crate::{ApiError, dispatch};

/// A call of STS by the account itself, whose answer AWS's shapes must have room for.
fn ask(account: &mut Account, action: &str, input: Value) -> Result<Value, ApiError> {
    let ctx = account.twin.context(&account.region);
    let answer = dispatch::call_of(&mut account.twin, &ctx, Api::Sts, action, input)?;
    let mut xml = Vec::new();
    encode_xml(Api::Sts.table(), action, &answer, "id", &mut xml)
        .unwrap_or_else(|error| panic!("{action}: {error}"));
    Ok(answer)
}

/// A call by whoever has some credentials.
fn by(
    account: &mut Account,
    credentials: &Value,
    api: Api,
    action: &str,
    input: Value,
) -> Result<Value, ApiError> {
    let text = |name: &str| credentials[name].as_str().map(str::to_owned);
    let region: &Region = &account.region;
    let caller = Caller {
        access_key: text("AccessKeyId").unwrap_or_default(),
        session_token: text("SessionToken"),
        ..Caller::new("123456789012", region.as_str())
    };
    account
        .twin
        .answer(&caller, &Call::of(api, action, input))?
        .to_value()
}
