//! Finding stacks, and what their answers share.

use sandtable_model::Timestamp;
use sandtable_model::resource::Stack;

use crate::rules::{read_offset, write_offset};
use crate::sts::partition;
use crate::{ApiError, Ctx, IdSource, Twin};

/// How many entries an answer has at most
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStackResources.html>).
/// AWS limits most answers by their size, of about a megabyte.
const PAGE: usize = 100;

/// For how long a deleted stack is told of
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStacks.html>).
const REMEMBERED: i64 = 90 * 86_400_000;

/// The code of all refusals here: CloudFormation declares no others for reading.
pub(super) fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new("ValidationError", message)
}

/// The ARN of a stack. One that is not known is made of the name, so that it is the same each time.
pub(super) fn arn(ctx: &Ctx, stack: &Stack) -> String {
    if let Some(arn) = &stack.stack_arn {
        return arn.to_string();
    }
    let text = format!("{}/{}", ctx.account, stack.stack_id);
    let seed = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
        (sum ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    });
    let mut source = IdSource::new(seed);
    let (high, low) = (source.next_number(), source.next_number());
    format!(
        "arn:{}:cloudformation:{}:{}:stack/{}/{:08x}-{:04x}-11ee-{:04x}-{:012x}",
        partition(ctx.region.as_str()),
        ctx.region,
        ctx.account,
        stack.name(),
        high >> 32,
        (high >> 16) & 0xffff,
        0x8000 | (high & 0x3fff),
        low & 0xffff_ffff_ffff,
    )
}

/// When a stack was made, in AWS's form.
pub(super) fn made_at(stack: &Stack) -> String {
    let unknown = Timestamp::from_millis(0);
    stack.creation_time.unwrap_or(unknown).to_wire()
}

/// The stacks of a Region that AWS still tells of, by name.
pub(super) fn told<'a>(twin: &'a Twin, ctx: &'a Ctx) -> impl Iterator<Item = &'a Stack> {
    let now = twin.now();
    let all = twin.state.all::<Stack>(&ctx.region);
    all.filter(move |it| {
        let deleted = it.deletion_time.filter(|_| it.is_deleted());
        deleted.is_none_or(|at| now.since(at).millis() <= REMEMBERED)
    })
}

/// The stack of a name, or of an ARN: that of a deleted stack alone finds one.
///
/// # Errors
/// `ValidationError` when there is none.
pub(super) fn stack<'a>(twin: &'a Twin, ctx: &'a Ctx, name: &str) -> Result<&'a Stack, ApiError> {
    let mut found = told(twin, ctx).filter(|it| match it.is_deleted() {
        true => arn(ctx, it) == name,
        false => it.name() == name || arn(ctx, it) == name,
    });
    found
        .next()
        .ok_or_else(|| invalid(format!("Stack with id {name} does not exist")))
}

/// A page of entries, and where the next begins.
///
/// # Errors
/// `ValidationError` for a token that is none.
pub(super) fn page<T>(
    all: impl Iterator<Item = T>,
    token: Option<&str>,
) -> Result<(Vec<T>, Option<String>), ApiError> {
    let offset = token.map(read_offset).transpose();
    let offset = offset.map_err(|_| invalid("The specified NextToken is invalid"))?;
    let offset = offset.unwrap_or_default();
    let mut rest = all.skip(offset);
    let entries: Vec<T> = rest.by_ref().take(PAGE).collect();
    let next = rest.next().map(|_| write_offset(offset + PAGE));
    Ok((entries, next))
}
