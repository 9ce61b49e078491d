//! Rules over volumes and snapshots.

pub(crate) mod s2;
pub(crate) mod v1;
pub(crate) mod v3;
pub(crate) mod v5;

use sandtable_model::resource::Volume;

use super::Scene;
use super::judge::{Look, Subject, unmet};
use super::verdicts::Draft;
use crate::price::volume_as;

/// The verdict on a volume that may cost less as `wanted`, with what supports it.
fn cheaper(
    scene: &Scene<'_>,
    subject: &Subject<'_, Volume>,
    rule: &str,
    (title, wanted): (String, &Volume),
    support: impl FnOnce(Draft) -> Draft,
) -> Look {
    let (is, was) = (&wanted.volume_type, &subject.it.volume_type);
    let price = |volume: &Volume| volume_as(scene.prices, subject.region, volume).usd();
    let (Some(now), Some(then)) = (price(subject.it), price(wanted)) else {
        return Look::Blind(format!(
            "the prices of {was} and {is} in {} are not both known",
            subject.region
        ));
    };
    if then >= now {
        return unmet(format!("as {is} it would cost no less"));
    }
    let draft = subject
        .draft(rule, title)
        .observed(subject.id.clone(), format!("its type is {was}"))
        .saves(
            Some(now - then),
            format!(
                "{} a month as {was}, {} as {is}",
                now.to_cents_string(),
                then.to_cents_string()
            ),
        );
    let speed = |it: Option<u32>| it.map_or_else(String::new, |it| it.to_string());
    let advice = format!(
        "ModifyVolume to {is} with {} IOPS and {} MiB/s, while it is in use",
        speed(wanted.iops),
        speed(wanted.throughput)
    );
    support(draft).advise(advice).into()
}
