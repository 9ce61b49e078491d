//! V3: gp2 volumes, which gp3 does at a lower price.

use sandtable_model::Kind;
use sandtable_model::resource::{Volume, VolumeType};

use crate::rules::judge::{Look, Subject, each, unmet};
use crate::rules::storage::cheaper;
use crate::rules::verdicts::Verdicts;
use crate::rules::{Rule, RuleDoc, Scene};

const DOC: RuleDoc = RuleDoc {
    id: "V3",
    aliases: &[],
    title: "gp2 volume that gp3 would do at a lower price",
    finds: "A volume of type gp2 that costs less as gp3 of the same speed.",
    costs: "gp2 sells speed by size; gp3 costs a fifth less for each GiB and has 3,000 IOPS and \
            125 MiB/s with it. What a large gp2 volume has over that is bought beside it.",
    proof: "`VolumeType` is `gp2`. The gp3 volume that it is compared with has the IOPS of the gp2 \
            volume (3 for each GiB, 16,000 at most), and 250 MiB/s where a gp2 volume of the size \
            reaches that at any time (from 334 GiB on). Both prices are those of the Region.",
    wrong: "- Between 170 and 334 GiB a gp2 volume reaches 250 MiB/s in bursts, and the gp3 volume \
            that it is compared with 125: whether it needs them is not told, so confidence is medium.\n\
            - The price of gp3 is not known in the Region: nothing is said.\n\
            - A tool that declares the type (a stack, Terraform) changes it back: tagged owners are \
            left alone.\n\
            - A volume may be changed four times a day at most; while a change is optimised the \
            volume may be slower for hours.",
    remedy: "Left to its owner: `ModifyVolume` to gp3 with the IOPS and throughput stated. It works \
             while the volume is in use, and is taken back by another `ModifyVolume`.",
    example: "A 500 GiB gp2 volume in us-east-1: $50.00 a month; as gp3 with 250 MiB/s $45.00.",
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
    if volume.volume_type != VolumeType::Gp2 {
        return unmet(format!("its type is {}", volume.volume_type));
    }
    if verdicts.found("V1", &subject.id) {
        return unmet(format!("the finding V1/{} covers it", subject.id));
    }
    let iops = volume.size.saturating_mul(3).clamp(3_000, 16_000);
    // From 334 GiB on, a gp2 volume reaches 250 MiB/s at any time; between 170 and 334 GiB while its
    // credits last; up to 170 GiB 128 MiB/s (EBS user guide, General Purpose SSD volumes).
    let throughput = if volume.size < 334 { 125 } else { 250 };
    let bursts = (171..334).contains(&volume.size);
    let wanted = Volume {
        volume_type: VolumeType::Gp3,
        iops: Some(iops),
        throughput: Some(throughput),
        ..volume.clone()
    };
    let title = format!(
        "{} GiB gp2 volume {} costs less as gp3",
        volume.size, subject.id
    );
    cheaper(scene, subject, DOC.id, (title, &wanted), |draft| {
        let speed = format!("gp3 with {iops} IOPS and {throughput} MiB/s is as fast");
        let draft = draft.derived(subject.id.clone(), speed);
        if bursts {
            let reason = "a gp2 volume of its size reaches 250 MiB/s while its credits last";
            return draft.open("bursts", reason);
        }
        draft.cleared(
            "bursts",
            "a gp2 volume of its size is never faster for a while",
        )
    })
}
