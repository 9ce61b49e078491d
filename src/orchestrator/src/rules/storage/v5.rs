//! V5: volumes with provisioned IOPS that gp3 reaches as well.

use sandtable_model::Kind;
use sandtable_model::resource::{Volume, VolumeType};

use crate::rules::judge::{Look, Subject, each, unmet};
use crate::rules::storage::cheaper;
use crate::rules::verdicts::Verdicts;
use crate::rules::{Rule, RuleDoc, Scene};

/// The most that a gp3 volume of any Region reaches by itself (EBS user guide, before December 2025).
const GP3_IOPS_MAX: u32 = 16_000;

const DOC: RuleDoc = RuleDoc {
    id: "V5",
    aliases: &[],
    title: "Volume with provisioned IOPS that gp3 reaches at a lower price",
    finds: "An io1 or io2 volume of at most 16,000 provisioned IOPS that costs less as gp3 of the \
            same IOPS.",
    costs: "io1 and io2 sell each IOPS at about thirteen times the price of gp3, and the first 3,000 \
            of gp3 are free.",
    proof: "`VolumeType` is `io1` or `io2`, `Iops` is at most 16,000, and gp3 of that many IOPS and \
            1,000 MiB/s costs less at the prices of the Region.",
    wrong: "- It is attached to several instances at once, which gp3 cannot be: left alone.\n\
            - It needs the lower latency or, with io2, the durability of 99.999 %: EC2 does not tell, \
            so confidence is medium.\n\
            - A stack or tool declares the type: tagged owners are left alone.",
    remedy: "Left to its owner: watch its IOPS and throughput, then `ModifyVolume` to gp3. It works \
             while the volume is in use, and is taken back by another `ModifyVolume`.",
    example: "A 100 GiB io2 volume with 5,000 IOPS in us-east-1: $337.50 a month; as gp3 with \
              1,000 MiB/s $53.00.",
};

pub(crate) const RULE: Rule = Rule {
    doc: DOC,
    judges: Kind::Volume,
    detect,
};

fn detect(scene: &Scene<'_>, verdicts: &mut Verdicts<'_>) {
    each(scene, verdicts, DOC.id, &[], look);
}

fn look(scene: &Scene<'_>, verdicts: &Verdicts<'_>, subject: &Subject<'_, Volume>) -> Look {
    let volume = subject.it;
    if !matches!(volume.volume_type, VolumeType::Io1 | VolumeType::Io2) {
        return unmet(format!("its type is {}", volume.volume_type));
    }
    if verdicts.found("V1", &subject.id) {
        return unmet(format!("the finding V1/{} covers it", subject.id));
    }
    let Some(iops) = volume.iops.filter(|it| *it <= GP3_IOPS_MAX) else {
        return unmet(format!(
            "more than {GP3_IOPS_MAX} IOPS, or not told how many"
        ));
    };
    if volume.multi_attach_enabled {
        let reason = "it may be attached to several instances at once, which gp3 cannot be";
        return Look::Spared("multi-attach", reason.to_owned());
    }
    let wanted = Volume {
        volume_type: VolumeType::Gp3,
        iops: Some(iops.max(3_000)),
        throughput: Some(1_000),
        ..volume.clone()
    };
    let kind = &volume.volume_type;
    let title = format!(
        "{kind} volume {} with {iops} IOPS costs less as gp3",
        subject.id
    );
    cheaper(scene, subject, DOC.id, (title, &wanted), |draft| {
        draft
            .observed(subject.id.clone(), format!("{iops} IOPS are provisioned"))
            .cleared("multi-attach", "it is for one instance at a time")
            .open(
                "latency",
                "whether it needs that of provisioned IOPS is not told",
            )
    })
}
