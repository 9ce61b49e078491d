//! Images as objects in S3: storing them, and restoring them from there.
//!
//! The twin has no S3. It remembers what was stored in which bucket, and does not ask whether the bucket
//! is there or who may write to it.

use sandtable_model::resource::{Image, SnapshotState};
use sandtable_model::{Duration, ImageId, Kind, Region, Timestamp};
use smol_str::SmolStr;

use super::make::MadeImage;
use super::name::check_name;
use super::{require_own, unavailable};
use crate::network::request::{answers, requests};
use crate::rules::{
    Extract, Filter, Filters, NO_TAGS, Slice, Tag, TagSpecification, invalid_combination,
    invalid_value, require_all, required, tags_for,
};
use crate::storage::choices::check_snapshot_room;
use crate::storage::{Transition, snapshots};
use crate::{ApiError, Ctx, Twin};

/// How long tasks are listed (EC2 API reference, DescribeStoreImageTasks).
const LISTED: Duration = Duration::from_days(31);
/// The most images that a list of tasks may name.
const NAMED_MAX: usize = 20;

/// A task that stores an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoreTask {
    region: Region,
    image: Image,
    begun: Timestamp,
    bucket: SmolStr,
    key: SmolStr,
    done: bool,
}

requests! {
    /// `CreateStoreImageTask`.
    CreateStoreImageTaskRequest { image_id: String, bucket: String, s3_object_tags: Vec<Tag> }
    /// `DescribeStoreImageTasks`.
    DescribeStoreImageTasksRequest {
        image_ids: Vec<String>,
        filters: Vec<Filter>,
        next_token: Option<String>,
        max_results: Option<i64>,
    }
    /// `CreateRestoreImageTask`.
    CreateRestoreImageTaskRequest {
        bucket: String,
        object_key: String,
        name: Option<String>,
        tag_specifications: Vec<TagSpecification>,
    }
}

answers! {
    /// A task that was begun.
    StoringImage { object_key: SmolStr }
    /// A page of tasks.
    DescribedStoreImageTasks {
        store_image_task_results: Vec<StoreImageTaskResult>,
        next_token: Option<String>,
    }
    /// A task.
    StoreImageTaskResult {
        ami_id: ImageId,
        task_start_time: Timestamp,
        bucket: SmolStr,
        s3object_key: SmolStr,
        progress_percentage: u32,
        store_task_state: &'static str,
    }
}

/// Begins to store an image; the task is `InProgress`, then `Completed`.
///
/// # Errors
/// `MissingParameter`, unknown ids, `AuthFailure`, `InvalidAMIID.Unavailable` for an image that is not
/// available, `InvalidParameterValue` for a bucket's name that is none.
pub fn create_store_image_task(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CreateStoreImageTaskRequest,
) -> Result<StoringImage, ApiError> {
    let image = require_own(twin, ctx, &request.image_id)?.clone();
    let bucket = checked_bucket(&request.bucket)?;
    ctx.end_dry_run()?;
    if image.state != "available" {
        return Err(unavailable(&image));
    }
    let key: SmolStr = format!("{}.bin", image.image_id).into();
    let task = StoreTask {
        region: ctx.region.clone(),
        begun: twin.now(),
        bucket: bucket.clone(),
        key: key.clone(),
        done: false,
        image,
    };
    let begun = task.begun;
    twin.storage.store_tasks.push(task);
    let delay = twin.options.timings.image_store;
    twin.schedule(delay, Transition::ImageStored(bucket, key.clone(), begun));
    Ok(StoringImage { object_key: key })
}

fn checked_bucket(text: &str) -> Result<SmolStr, ApiError> {
    let name = required("Bucket", text)?;
    let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-_/".contains(c);
    if !(3..=255).contains(&name.len()) || !name.chars().all(fine) {
        return Err(invalid_value(format!(
            "Value ({name}) for parameter Bucket is invalid. It is not the name of a bucket."
        )));
    }
    Ok(name.into())
}

/// An image is stored.
pub(in crate::storage) fn stored(twin: &mut Twin, bucket: &str, key: &str, begun: Timestamp) {
    let mut tasks = twin.storage.store_tasks.iter_mut();
    let task = tasks.find(|it| it.bucket == bucket && it.key == key && it.begun == begun);
    if let Some(task) = task {
        task.done = true;
    }
}

const FILTERS: &[(&str, Extract<StoreImageTaskResult>)] = &[
    ("bucket", |_, it, out| out(&it.bucket)),
    ("task-state", |_, it, out| out(it.store_task_state)),
];

/// Lists the tasks of the last 31 days, the newest first.
///
/// # Errors
/// Unknown ids, `InvalidParameterCombination` for ids with a page size, `InvalidParameterValue` for more
/// than 20 ids and for unknown filters, `InvalidNextToken`.
pub fn describe_store_image_tasks(
    twin: &mut Twin,
    ctx: &Ctx,
    request: DescribeStoreImageTasksRequest,
) -> Result<DescribedStoreImageTasks, ApiError> {
    let ids = &request.image_ids;
    if ids.len() > NAMED_MAX {
        return Err(invalid_value(format!(
            "No more than {NAMED_MAX} images can be named in one call"
        )));
    }
    if !ids.is_empty() && request.max_results.is_some() {
        return Err(invalid_combination(
            "The parameter MaxResults cannot be used with the ids of resources in the same call",
        ));
    }
    require_all::<Image>(&twin.state, ctx, ids)?;
    let filters = Filters::untagged(&request.filters, FILTERS)?;
    let token = request.next_token.as_deref();
    let slice = Slice::new(request.max_results, token, &(1..=200))?;
    ctx.end_dry_run()?;
    let now = twin.now();
    let tasks = twin.storage.store_tasks.iter().rev();
    let here = tasks.filter(|it| it.region == ctx.region && now.since(it.begun) <= LISTED);
    let results = here.map(|it| StoreImageTaskResult {
        ami_id: it.image.image_id.clone(),
        task_start_time: it.begun,
        bucket: it.bucket.clone(),
        s3object_key: it.key.clone(),
        progress_percentage: if it.done { 100 } else { 0 },
        store_task_state: if it.done { "Completed" } else { "InProgress" },
    });
    let wanted = results.filter(|it| {
        let is_named = ids.iter().any(|id| id == it.ami_id.as_str());
        (ids.is_empty() || is_named) && filters.pass(&twin.state, it, &NO_TAGS)
    });
    let (store_image_task_results, next_token) = slice.of(wanted.collect());
    Ok(DescribedStoreImageTasks {
        store_image_task_results,
        next_token,
    })
}

/// Makes an image, with new snapshots, of one that was stored; it is `pending`, then `available`.
///
/// # Errors
/// `MissingParameter`, `InvalidParameterValue` for an object that was not stored,
/// `InvalidAMIName.Duplicate`, `SnapshotLimitExceeded`.
pub fn create_restore_image_task(
    twin: &mut Twin,
    ctx: &Ctx,
    request: CreateRestoreImageTaskRequest,
) -> Result<MadeImage, ApiError> {
    let bucket = checked_bucket(&request.bucket)?;
    let key = required("ObjectKey", &request.object_key)?;
    let mut tasks = twin.storage.store_tasks.iter().rev();
    let task = tasks.find(|it| it.done && it.bucket == bucket && it.key == key);
    let mut image = task.map(|it| it.image.clone()).ok_or_else(|| {
        invalid_value(format!(
            "No image is stored as '{key}' in the bucket '{bucket}'"
        ))
    })?;
    let makes = [Kind::Image, Kind::EbsSnapshot];
    let tags = tags_for(Kind::Image, &makes, &request.tag_specifications)?;
    let snapshot_tags = tags_for(Kind::EbsSnapshot, &makes, &request.tag_specifications)?;
    let name = request.name.as_deref().or(image.name.as_deref());
    let name = SmolStr::from(name.unwrap_or_default());
    check_name(twin, ctx, &name)?;
    ctx.end_dry_run()?;
    check_snapshot_room(twin, &ctx.region, image.block_device_mappings.len())?;
    let id = twin.fresh(ImageId::from_number);
    for device in &mut image.block_device_mappings {
        let Some(ebs) = device.ebs.as_mut().filter(|it| it.snapshot_id.is_some()) else {
            continue;
        };
        let size = ebs.volume_size.unwrap_or_default();
        let mut snapshot = snapshots::pending(twin, ctx, None, size);
        snapshot.description = format!("Restored for {id} from {bucket}/{key}").into();
        snapshot.tags = snapshot_tags.clone();
        let made = snapshot.snapshot_id.clone();
        debug_assert_eq!(snapshot.state, SnapshotState::Pending);
        twin.state.insert(&ctx.region, snapshot);
        let delay = twin.options.timings.snapshot_create;
        twin.schedule(delay, Transition::SnapshotCompleted(made.clone()));
        ebs.snapshot_id = Some(made);
        ebs.encrypted = Some(false);
    }
    image.image_id = id.clone();
    image.name = Some(name);
    image.state = "pending".into();
    image.owner_id = Some(ctx.account.as_str().into());
    image.public = false;
    image.creation_date = Some(twin.now());
    image.last_launched_time = None;
    image.deprecation_time = None;
    image.deregistration_protection = None;
    image.tags = tags;
    twin.state.insert(&ctx.region, image);
    let delay = twin.options.timings.image_create;
    twin.schedule(delay, Transition::ImageAvailable(id.clone()));
    Ok(MadeImage { image_id: id })
}
