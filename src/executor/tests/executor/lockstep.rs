//! A live run keeps in step with its rehearsal, or stops.

use sandtable_executor::{
    Entry, FailureClass, Journal, Laxness, MemoryStorage, Options, Record, rehearse,
    render_timeline, resume, run, timeline,
};
use sandtable_gate::{StepSelection, Warrant};
use sandtable_model::resource::{AsResource, RouteTable};
use sandtable_model::{Plan, Real, Receipt, Simulated, StepOutcome, Timestamp};

use crate::support::*;

fn rehearsed(plan: &Plan) -> Receipt {
    let mut twin = Fake::<Simulated>::of(nat_cloud());
    let rehearsal = rehearse(&warrant(plan.clone()), &mut twin).unwrap();
    assert!(rehearsal.run.is_completed(), "{:?}", rehearsal.run);
    receipt_of(plan, &rehearsal)
}

fn approved(plan: &Plan) -> Warrant<Real> {
    real_warrant(plan, &rehearsed(plan), StepSelection::All, 60)
}

fn differences(entries: &[Entry]) -> Vec<(String, Option<Laxness>)> {
    entries
        .iter()
        .filter_map(|it| match &it.record {
            Record::Difference {
                resource,
                tolerated,
                ..
            } => Some((resource.to_string(), *tolerated)),
            _ => None,
        })
        .collect()
}

#[test]
fn a_run_that_goes_as_rehearsed_completes() {
    let mut cloud = Fake::<Real>::of(nat_cloud());
    let (run, entries) = run_on(&approved(&delete_nat()), &mut cloud);
    assert!(run.is_completed(), "{run:?}");
    assert!(differences(&entries).is_empty());
    assert!(run.steps.iter().all(|it| it.outcome == StepOutcome::Done));
    insta::assert_snapshot!(
        "timeline_of_a_nat_gateway",
        render_timeline(&timeline(&entries, &delete_nat()))
    );
}

#[test]
fn any_difference_stops_the_run_after_the_step() {
    let mut cloud = Fake::<Real>::of(nat_cloud());
    cloud.change(|all| {
        let table = all.get_mut(&TABLE.parse().unwrap()).unwrap();
        let table = RouteTable::of_mut(table).unwrap();
        table.tags.insert("Owner", "somebody else");
    });
    let (run, entries) = run_on(&approved(&delete_nat()), &mut cloud);
    let (step, failure) = stop(&run);
    assert_eq!((step, failure.class), ("s01", FailureClass::Differs));
    let why = &failure.explanation;
    assert!(
        why.contains("Tags[Owner] was absent, and is `somebody else`"),
        "{why}"
    );
    assert_eq!(differences(&entries), [(TABLE.to_owned(), None)]);
    assert_eq!(cloud.calls, 1);
}

#[test]
fn a_lax_emulator_stops_the_run_unless_its_laxness_is_tolerated() {
    let mut cloud = Fake::<Real>::of(nat_cloud());
    cloud.lax = true;
    let (run, _) = run_on(&approved(&delete_nat()), &mut cloud);
    // The effect that the plan names never comes about.
    assert_eq!(stop(&run), ("s02", stop(&run).1));
    assert_eq!(stop(&run).1.class, FailureClass::Ambiguous);

    let options = Options {
        tolerate: Laxness::ALL.to_vec(),
        ..Options::default()
    };
    let mut cloud = Fake::<Real>::of(nat_cloud());
    cloud.lax = true;
    let (run, entries) = run_with(&approved(&delete_nat()), &mut cloud, &options);
    assert!(run.is_completed(), "{run:?}");
    let expected = [
        (TABLE, Laxness::RoutesStayActive),
        (ADDRESS, Laxness::AddressKeepsAssociation),
        (INTERFACE, Laxness::NatInterfaceStays),
    ];
    let expected = expected.map(|(id, lax)| (id.to_owned(), Some(lax)));
    assert_eq!(differences(&entries), expected);
}

#[test]
fn laxness_is_tolerated_on_nothing_but_what_a_removed_gateway_left() {
    let mut steps = delete_nat().steps;
    let mut release = steps.remove(2);
    release.after = Vec::new();
    let plan = plan(vec![release]);
    let mut free = Fake::<Simulated>::of(nat_cloud());
    free.resources.retain(|id, _| id.as_str() == ADDRESS);
    let address = sandtable_model::resource::Address::of_mut(
        free.resources.get_mut(&ADDRESS.parse().unwrap()).unwrap(),
    );
    address.unwrap().association_id = None;
    let rehearsal = rehearse(&warrant(plan.clone()), &mut free).unwrap();
    let receipt = receipt_of(&plan, &rehearsal);
    let options = Options {
        tolerate: Laxness::ALL.to_vec(),
        ..Options::default()
    };
    let mut cloud = Fake::<Real>::of(nat_cloud());
    let warrant = real_warrant(&plan, &receipt, StepSelection::All, 60);
    let (run, _) = run_with(&warrant, &mut cloud, &options);
    assert_eq!(stop(&run).1.class, FailureClass::Drifted);
    assert_eq!(cloud.calls, 0);
}

#[test]
fn an_expired_warrant_stops_the_run_before_its_next_call() {
    let plan = delete_nat();
    // The NAT gateway alone takes a minute to be gone.
    let warrant = real_warrant(&plan, &rehearsed(&plan), StepSelection::All, 1);
    let mut cloud = Fake::<Real>::of(nat_cloud());
    let (run, _) = run_on(&warrant, &mut cloud);
    let (step, failure) = stop(&run);
    assert_eq!((step, failure.class), ("s03", FailureClass::Expired));
    assert!(cloud.has(ADDRESS));
    assert_eq!(cloud.calls, 2);
}

#[test]
fn a_clock_that_was_put_back_stops_the_run() {
    let plan = delete_nat();
    let warrant = real_warrant(&plan, &rehearsed(&plan), StepSelection::All, 1);
    let mut cloud = Fake::<Real>::of(nat_cloud());
    let mut journal = Journal::new(MemoryStorage::new());
    let options = Options::default();
    let expired = run(&warrant, &mut cloud, &mut journal, &options).unwrap();
    assert_eq!(stop(&expired).1.class, FailureClass::Expired);
    cloud.now = Timestamp::from_millis(START.millis() - 600_000);
    let resumed = resume(&warrant, &mut cloud, &mut journal, &options).unwrap();
    let failure = stop(&resumed).1;
    assert_eq!(failure.class, FailureClass::Expired);
    assert!(
        failure.explanation.contains("the clock says"),
        "{failure:?}"
    );
    assert!(cloud.has(ADDRESS));
}

#[test]
fn steps_without_consent_are_left_out() {
    let plan = delete_nat();
    let warrant = real_warrant(&plan, &rehearsed(&plan), only(&["s01"]), 60);
    let mut cloud = Fake::<Real>::of(nat_cloud());
    let (run, entries) = run_on(&warrant, &mut cloud);
    assert!(run.is_completed());
    let outcomes: Vec<StepOutcome> = run.steps.iter().map(|it| it.outcome).collect();
    let left_out = StepOutcome::Skipped;
    assert_eq!(outcomes, [StepOutcome::Done, left_out, left_out]);
    assert_eq!(cloud.calls, 1);
    let opened = match &entries[0].record {
        Record::Opened(opened) => opened,
        other => panic!("{other:?}"),
    };
    assert_eq!(opened.world, "real");
    assert_eq!(opened.approvers, ["alice@example.com"]);
    assert_eq!(opened.approved, ["s01".into()]);
}
