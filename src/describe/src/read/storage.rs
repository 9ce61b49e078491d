//! EBS volumes and snapshots.

use aws_sdk_ec2::types;
use sandtable_model::Kind;
use sandtable_model::resource::{EbsSnapshot, Volume, VolumeAttachment};

use crate::entry::{Entry, Unreadable, each, tags, text};

pub(crate) fn volume(it: types::Volume) -> Result<Volume, Unreadable> {
    let entry = Entry::new(Kind::Volume, it.volume_id());
    let size = entry.natural("Size", it.size)?;
    Ok(Volume {
        volume_id: entry.parsed("VolumeId", it.volume_id)?,
        size: entry.required("Size", size)?,
        volume_type: it
            .volume_type
            .map(|it| it.as_str().into())
            .unwrap_or_default(),
        state: entry.required("State", it.state)?.as_str().into(),
        availability_zone: entry.parsed("AvailabilityZone", it.availability_zone)?,
        attachments: each(it.attachments, |it| attachment(&entry, it))?,
        create_time: entry.moment("CreateTime", it.create_time)?,
        encrypted: it.encrypted.unwrap_or_default(),
        kms_key_id: text(it.kms_key_id),
        iops: entry.natural("Iops", it.iops)?,
        throughput: entry.natural("Throughput", it.throughput)?,
        snapshot_id: entry.optional("SnapshotId", it.snapshot_id)?,
        multi_attach_enabled: it.multi_attach_enabled.unwrap_or_default(),
        tags: tags(it.tags),
    })
}

fn attachment(entry: &Entry, it: types::VolumeAttachment) -> Result<VolumeAttachment, Unreadable> {
    Ok(VolumeAttachment {
        volume_id: entry.optional("VolumeId", it.volume_id)?,
        instance_id: entry.optional("InstanceId", it.instance_id)?,
        associated_resource: text(it.associated_resource),
        device: text(it.device),
        state: it.state.map(|it| it.as_str().into()).unwrap_or_default(),
        attach_time: entry.moment("AttachTime", it.attach_time)?,
        delete_on_termination: it.delete_on_termination.unwrap_or_default(),
    })
}

pub(crate) fn snapshot(it: types::Snapshot) -> Result<EbsSnapshot, Unreadable> {
    let entry = Entry::new(Kind::EbsSnapshot, it.snapshot_id());
    let size = entry.natural("VolumeSize", it.volume_size)?;
    Ok(EbsSnapshot {
        snapshot_id: entry.parsed("SnapshotId", it.snapshot_id)?,
        volume_id: entry.optional("VolumeId", it.volume_id)?,
        volume_size: size.unwrap_or_default(),
        state: it.state.map(|it| it.as_str().into()).unwrap_or_default(),
        start_time: entry.moment("StartTime", it.start_time)?,
        owner_id: text(it.owner_id),
        owner_alias: text(it.owner_alias).map(Box::new),
        description: it.description.unwrap_or_default().into(),
        encrypted: it.encrypted.unwrap_or_default(),
        kms_key_id: text(it.kms_key_id),
        progress: text(it.progress),
        storage_tier: it.storage_tier.map(|it| it.as_str().into()),
        restore_expiry_time: entry.moment("RestoreExpiryTime", it.restore_expiry_time)?,
        completion_time: entry.moment("CompletionTime", it.completion_time)?,
        transfer_type: it.transfer_type.map(|it| Box::new(it.as_str().into())),
        completion_duration_minutes: entry
            .natural("CompletionDurationMinutes", it.completion_duration_minutes)?,
        full_snapshot_size_in_bytes: it
            .full_snapshot_size_in_bytes
            .and_then(|bytes| u64::try_from(bytes).ok()),
        state_message: text(it.state_message).map(Box::new),
        tags: tags(it.tags),
    })
}
