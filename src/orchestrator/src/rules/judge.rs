//! The frame of rules that look at one resource after another: what plainly does not hold comes first,
//! then what was not listed, then who owns it.

use sandtable_model::resource::AsResource;
use sandtable_model::{Kind, Region, ResourceId};

use super::Scene;
use super::verdicts::{Draft, Verdicts};
use crate::care::hands_off;

/// How old something must be before it is called waste, where the policy has no word of its own.
pub(super) const DAYS_MIN: i64 = 7;

/// What a rule makes of one resource.
pub(super) enum Look {
    /// A condition of the pattern does not hold.
    Unmet(String),
    /// The pattern is there, and a guard speaks against flagging it.
    Spared(&'static str, String),
    /// Something that the verdict rests on was not seen.
    Blind(String),
    /// The pattern, as far as it was seen.
    Found(Box<Draft>),
}

impl From<Draft> for Look {
    fn from(draft: Draft) -> Self {
        Look::Found(Box::new(draft))
    }
}

/// A condition that does not hold.
pub(super) fn unmet(reason: impl Into<String>) -> Look {
    Look::Unmet(reason.into())
}

/// One resource, and where it is.
pub(super) struct Subject<'a, T> {
    pub(super) it: &'a T,
    pub(super) id: ResourceId,
    pub(super) region: &'a Region,
}

impl<T> Subject<'_, T> {
    /// A finding about it.
    pub(super) fn draft(&self, rule: &str, title: impl Into<String>) -> Draft {
        Draft::new(rule, self.id.clone(), self.region, title.into())
    }
}

/// Looks at every resource of the kind `T`. A pattern counts only where `needs` were listed
/// completely, and where neither the policy nor an owner keeps hands off.
pub(super) fn each<'a, T: AsResource + 'static>(
    scene: &Scene<'a>,
    verdicts: &mut Verdicts<'_>,
    rule: &str,
    needs: &[Kind],
    look: impl Fn(&Scene<'a>, &Verdicts<'_>, &Subject<'a, T>) -> Look,
) {
    for it in scene.snapshot.all::<T>() {
        let id = it.resource_id();
        // What is over is still described for a while, and is nobody's waste.
        let (Some(region), Some(resource)) = (scene.region(&id), scene.graph.resource(&id)) else {
            continue;
        };
        let subject = Subject { it, id, region };
        let draft = match look(scene, verdicts, &subject) {
            Look::Unmet(reason) => {
                verdicts.unmet(rule, &subject.id, || reason);
                continue;
            }
            Look::Spared(guard, reason) => {
                verdicts.suppress(rule, &subject.id, guard, reason);
                continue;
            }
            Look::Blind(gap) => {
                verdicts.blind(rule, &subject.id, gap);
                continue;
            }
            Look::Found(draft) => draft,
        };
        if let Some(gap) = scene.gap(region, needs) {
            verdicts.blind(rule, &subject.id, gap);
        } else if let Some((guard, reason)) = hands_off(resource, scene.policy) {
            verdicts.suppress(rule, &subject.id, guard, reason);
        } else {
            let draft = draft.cleared("managed by something else", "no tag of a stack or tool");
            verdicts.find(draft.done());
        }
    }
}
