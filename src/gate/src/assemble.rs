//! Making a warrant for a real cloud of a plan, its receipt and people's approvals.

use std::collections::{BTreeMap, BTreeSet};

use sandtable_model::{
    Approval, ApprovalStatement, Digest, Document, Duration, Plan, Real, Receipt, StepId,
    Timestamp, World,
};
use ssh_key::HashAlg;

use crate::allowed_signers::AllowedSigners;
use crate::quorum::distinct_people;
use crate::refusal::{ApprovalFault, Refusal, StepConsent, refused};
use crate::rehearsed::{self, rehearsed_steps};
use crate::revocations::Revocations;
use crate::scope::largest_closed_part;
use crate::signature;
use crate::statement::check_approver;
use crate::warrant::{Consent, Warrant};

/// By how much an approval may seem to be signed ahead of our clock: machines that take part in an
/// approval keep time by NTP, and Kerberos has lived with the same allowance for decades.
pub const SIGNED_AHEAD_MAX: Duration = Duration::from_secs(300);

/// Makes a warrant, if everything holds at `now`:
///
/// - the receipt is of this plan, its snapshot and its account, it passed and does not contradict
///   itself, and neither document is revoked;
/// - every approval given is signed over its canonical statement in our namespace, by a key that is
///   an allowed and valid key of the approver both at the time of signing and now; it names this
///   plan, receipt and account, steps of the plan that were rehearsed, and Regions that cover them;
///   it is signed, not expired and not revoked. An approval that does not hold refuses the warrant;
/// - at least one step is approved by as many people as the plan asks for (never fewer than one),
///   each with a key of their own, and so are the steps that it comes after. The warrant covers the
///   steps for which that is true, and no others.
pub fn assemble(
    plan: Plan,
    receipt: Receipt,
    approvals: Vec<Approval>,
    allowed: &AllowedSigners,
    revocations: &Revocations,
    now: Timestamp,
) -> Result<Warrant<Real>, Refusal> {
    rehearsed::check(&plan, &receipt)?;
    let documents = Documents {
        plan_digest: plan.digest()?,
        receipt_digest: receipt.digest()?,
        rehearsed: rehearsed_steps(&receipt),
        plan: &plan,
    };
    documents.check_revocations(revocations)?;
    let required = plan.approvals_required.max(1);
    if approvals.is_empty() {
        return Err(Refusal::NoApproval { required });
    }
    let judge = Judge {
        documents,
        allowed,
        revocations,
        now,
    };
    let consents = judge.judge_all(&approvals)?;
    let steps = covered_steps(&plan, &consents, required)?;
    let consent = Consent {
        approvers: consents.iter().map(|it| it.approver.clone()).collect(),
        signed_at_max: latest(approvals.iter().map(|it| it.statement.signed_at)),
        expires_at: earliest(approvals.iter().map(|it| it.statement.expires_at)),
        receipt,
        approvals,
    };
    Ok(Warrant::new(plan, steps, Some(consent)))
}

impl<W: World> Warrant<W> {
    /// Checks at the last moment that the warrant still holds: it has not expired, and the clock has
    /// not gone back behind its signing. To be asked before every step. A warrant for a rehearsal
    /// always holds.
    pub fn still_valid(&self, now: Timestamp) -> Result<(), Refusal> {
        let Some(consent) = self.consent() else {
            return Ok(());
        };
        if now >= consent.expires_at {
            return Err(Refusal::Expired {
                expires_at: consent.expires_at,
                now,
            });
        }
        if consent.signed_at_max > now.plus(SIGNED_AHEAD_MAX) {
            return Err(Refusal::BeforeSigning {
                signed_at: consent.signed_at_max,
                now,
            });
        }
        Ok(())
    }
}

/// A plan and its receipt, which were found to belong together.
struct Documents<'a> {
    plan: &'a Plan,
    plan_digest: Digest,
    receipt_digest: Digest,
    rehearsed: BTreeSet<StepId>,
}

/// One person's consent that holds.
struct VerifiedConsent {
    approver: String,
    key: String,
    steps: BTreeSet<StepId>,
}

struct Judge<'a> {
    documents: Documents<'a>,
    allowed: &'a AllowedSigners,
    revocations: &'a Revocations,
    now: Timestamp,
}

impl Documents<'_> {
    fn check_revocations(&self, revocations: &Revocations) -> Result<(), Refusal> {
        let documents = [("plan", self.plan_digest), ("receipt", self.receipt_digest)];
        for (document, digest) in documents {
            if revocations.has_document(&digest) {
                return Err(Refusal::Revoked { document, digest });
            }
        }
        if self.plan.steps.is_empty() {
            return Err(Refusal::NothingToRun);
        }
        Ok(())
    }

    fn check_statement(&self, statement: &ApprovalStatement, faults: &mut Vec<ApprovalFault>) {
        if statement.plan != self.plan_digest {
            faults.push(ApprovalFault::OtherPlan {
                found: statement.plan,
                given: self.plan_digest,
            });
        }
        if statement.receipt != self.receipt_digest {
            faults.push(ApprovalFault::OtherReceipt {
                found: statement.receipt,
                given: self.receipt_digest,
            });
        }
        if statement.account != self.plan.account {
            faults.push(ApprovalFault::OtherAccount {
                found: statement.account.clone(),
                given: self.plan.account.clone(),
            });
        }
        if statement.steps.is_empty() {
            faults.push(ApprovalFault::NoSteps);
        }
        let steps = statement.steps.iter();
        faults.extend(steps.filter_map(|id| self.step_fault(statement, id)));
    }

    fn step_fault(&self, statement: &ApprovalStatement, id: &StepId) -> Option<ApprovalFault> {
        let Some(step) = self.plan.step(id) else {
            return Some(ApprovalFault::UnknownStep { step: id.clone() });
        };
        if !statement.regions.contains(&step.region) {
            return Some(ApprovalFault::Region {
                step: id.clone(),
                region: step.region.clone(),
            });
        }
        let rehearsed = self.rehearsed.contains(id);
        (!rehearsed).then(|| ApprovalFault::NotRehearsed { step: id.clone() })
    }
}

impl Judge<'_> {
    fn judge_all(&self, approvals: &[Approval]) -> Result<Vec<VerifiedConsent>, Refusal> {
        let (mut good, mut bad) = (Vec::new(), Vec::new());
        for (index, approval) in approvals.iter().enumerate() {
            match self.judge(approval) {
                Ok(consent) => good.push(consent),
                Err(faults) => bad.push(refused(index, &approval.statement, faults)),
            }
        }
        if bad.is_empty() {
            return Ok(good);
        }
        Err(Refusal::Approvals(bad))
    }

    fn judge(&self, approval: &Approval) -> Result<VerifiedConsent, Vec<ApprovalFault>> {
        let statement = &approval.statement;
        let mut faults = Vec::new();
        check_formats(approval, &mut faults);
        faults.extend(check_approver(&statement.approver).err().map(Into::into));
        self.documents.check_statement(statement, &mut faults);
        self.check_times(statement, &mut faults);
        self.check_revoked(approval, &mut faults);
        let key = self.check_key(approval, &mut faults);
        match key {
            Some(key) if faults.is_empty() => Ok(VerifiedConsent {
                approver: statement.approver.clone(),
                key,
                steps: statement.steps.iter().cloned().collect(),
            }),
            _ => Err(faults),
        }
    }

    /// Checks signature and key; gives the key's fingerprint if they hold.
    fn check_key(&self, approval: &Approval, faults: &mut Vec<ApprovalFault>) -> Option<String> {
        let statement = &approval.statement;
        let key = match signature::verify(approval) {
            Ok(key) => key,
            Err(fault) => {
                faults.push(fault.into());
                return None;
            }
        };
        let fingerprint = key.fingerprint(HashAlg::Sha256).to_string();
        // The signer chose the time of signing: a key that has run out since must not be able to
        // date back, so it has to be valid now too.
        let times = [statement.signed_at, self.now];
        let checked = self
            .allowed
            .check(&statement.approver, key.key_data(), &times);
        faults.extend(checked.err().map(Into::into));
        if self.revocations.has_key(key.key_data()) {
            faults.push(ApprovalFault::Revoked {
                what: format!("key {fingerprint}"),
            });
        }
        Some(fingerprint)
    }

    fn check_times(&self, statement: &ApprovalStatement, faults: &mut Vec<ApprovalFault>) {
        let (signed_at, expires_at) = (statement.signed_at, statement.expires_at);
        let now = self.now;
        if expires_at <= signed_at {
            faults.push(ApprovalFault::NeverValid {
                signed_at,
                expires_at,
            });
        }
        if now >= expires_at {
            faults.push(ApprovalFault::Expired { expires_at, now });
        }
        if signed_at > now.plus(SIGNED_AHEAD_MAX) {
            faults.push(ApprovalFault::SignedAhead { signed_at, now });
        }
    }

    fn check_revoked(&self, approval: &Approval, faults: &mut Vec<ApprovalFault>) {
        let documents = [
            ("approval", approval.digest()),
            ("approval's statement", approval.statement.digest()),
        ];
        for (name, digest) in documents {
            match digest {
                Ok(digest) if self.revocations.has_document(&digest) => {
                    faults.push(ApprovalFault::Revoked {
                        what: format!("{name} {digest}"),
                    });
                }
                Ok(_) => {}
                Err(error) => faults.push(error.into()),
            }
        }
    }
}

fn check_formats(approval: &Approval, faults: &mut Vec<ApprovalFault>) {
    let formats = [
        (&approval.format, Approval::FORMAT),
        (&approval.statement.format, ApprovalStatement::FORMAT),
    ];
    for (found, expected) in formats {
        if found != expected {
            faults.push(ApprovalFault::Format {
                found: found.clone(),
                expected,
            });
        }
    }
}

/// The steps with enough people behind them and behind every step that they come after.
fn covered_steps(
    plan: &Plan,
    consents: &[VerifiedConsent],
    required: u32,
) -> Result<BTreeSet<StepId>, Refusal> {
    let mut people: BTreeMap<&StepId, usize> = BTreeMap::new();
    for step in &plan.steps {
        let approved = consents.iter().filter(|it| it.steps.contains(&step.id));
        let pairs = approved.map(|it| (it.approver.clone(), it.key.clone()));
        people.insert(&step.id, distinct_people(&pairs.collect()));
    }
    let required_people = usize::try_from(required).unwrap_or(usize::MAX);
    let enough = people
        .iter()
        .filter(|(_, count)| **count >= required_people);
    let enough: BTreeSet<StepId> = enough.map(|(id, _)| (*id).clone()).collect();
    let covered = largest_closed_part(plan, &enough);
    if !covered.is_empty() {
        return Ok(covered);
    }
    let of_step = |step: &sandtable_model::Step| StepConsent {
        step: step.id.clone(),
        people: people.get(&step.id).copied().unwrap_or_default(),
        needs: step.after.clone(),
    };
    Err(Refusal::TooFew {
        required,
        steps: plan.steps.iter().map(of_step).collect(),
    })
}

fn latest(times: impl Iterator<Item = Timestamp>) -> Timestamp {
    times.max().unwrap_or(Timestamp::from_millis(i64::MAX))
}

fn earliest(times: impl Iterator<Item = Timestamp>) -> Timestamp {
    times.min().unwrap_or(Timestamp::from_millis(i64::MIN))
}
