//! No step may touch what the policy protects, whoever wrote the plan.

use sandtable_model::{Policy, ResourceId, Step};

use super::Linter;

impl Linter<'_> {
    /// Complains of a target, or of something that goes along with it, that the policy protects.
    pub(super) fn protection(&mut self, step: &Step, policy: &Policy) {
        let harmed = step
            .blast_radius
            .harms
            .iter()
            .map(|harm| harm.resource.clone());
        let touched = std::iter::once(step.target())
            .chain(step.watch.iter().cloned())
            .chain(harmed);
        let mut seen = Vec::new();
        for id in touched {
            if seen.contains(&id) {
                continue;
            }
            if let Some(reason) = self.protected(&id, policy) {
                self.fatal("protected", step, format!("touches {id} : {reason}"));
            }
            seen.push(id);
        }
    }

    fn protected(&self, id: &ResourceId, policy: &Policy) -> Option<String> {
        if policy.protected_resources.contains(id) {
            return Some("the policy protects it".to_owned());
        }
        let tags = self.snapshot.get(id)?.tags();
        let (key, value) = policy.protected_tags.iter().find(|(key, wanted)| {
            tags.get(key)
                .is_some_and(|value| wanted.is_empty() || value == wanted.as_str())
        })?;
        Some(format!(
            "the policy protects the tag `{key}` with `{value}`"
        ))
    }
}
