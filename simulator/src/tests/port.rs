//! The twin through the port.

use sandtable_cloud::{Act, Clock, DryRun, ErrorClass, Observe, Query};
use sandtable_model::resource::{EbsSnapshot, Volume, VolumeState};
use sandtable_model::{Action, Duration, Region, ResourceId, Tags, VolumeId};

use crate::estate;
use crate::testing::Account;
use crate::{Effect, Fault};
use crate::{Twin, TwinOptions};

fn volume_id(text: &str) -> VolumeId {
    VolumeId::new(text).unwrap()
}

#[test]
fn actions_are_calls() {
    let mut account = Account::new();
    let volume = volume_id(&account.volume(4));
    let (twin, region) = (&mut account.twin, &account.region);
    let snapshot = Action::CreateSnapshot {
        volume_id: volume.clone(),
        description: "sandtable".into(),
        tags: [("plan", "1")].into_iter().collect::<Tags>(),
    };
    assert_eq!(twin.dry_run(region, &snapshot), Ok(DryRun::Allowed));
    let created = twin.perform(region, &snapshot).unwrap().created.unwrap();
    twin.wait(Duration::from_secs(300));
    let seen = twin
        .look(region, &Query::SnapshotsOf(volume.clone()))
        .unwrap();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].id(), created);
    assert_eq!(seen[0].tags().get("plan"), Some("1"));
    let snapshot = seen[0].get::<EbsSnapshot>().unwrap();
    assert_eq!(snapshot.description, "sandtable");

    let delete = Action::DeleteVolume {
        volume_id: volume.clone(),
    };
    twin.perform(region, &delete).unwrap();
    let look = Query::Resource((&volume).into());
    let seen = twin.look(region, &look).unwrap();
    assert_eq!(
        seen[0].get::<Volume>().unwrap().state,
        VolumeState::Deleting
    );
    twin.wait(Duration::from_secs(60));
    assert_eq!(twin.look(region, &look), Ok(Vec::new()));
    let error = twin.perform(region, &delete).unwrap_err();
    assert_eq!(error.class, ErrorClass::NotFound);
    let other = Region::new("eu-west-2").unwrap();
    assert_eq!(twin.look(&other, &Query::Resource(created)), Ok(Vec::new()));
}

#[test]
fn lost_answers_are_ambiguous() {
    let mut account = Account::new();
    let volume = volume_id(&account.volume(4));
    let fault = Fault::new("DeleteVolume", Effect::TimeoutAfter);
    account.twin.set_faults(vec![fault]);
    let delete = Action::DeleteVolume { volume_id: volume };
    let error = account.twin.perform(&account.region, &delete).unwrap_err();
    assert_eq!(error.class, ErrorClass::Ambiguous);
    assert!(matches!(account.twin.struck(), [it] if it.action == "DeleteVolume"));
}

#[test]
fn questions_about_relations_are_answered_by_relation() {
    let snapshot = estate::generate(11, 300);
    let mut twin = Twin::from_snapshot(&snapshot, TwinOptions::default());
    let region = snapshot.regions().next().unwrap().clone();
    let of = |kind: sandtable_model::Kind| {
        snapshot
            .resources()
            .filter(|it| it.kind() == kind)
            .map(|it| it.id())
            .collect::<Vec<_>>()
    };
    let mut total = 0;
    for vpc in of(sandtable_model::Kind::Vpc) {
        total += twin
            .look(&region, &Query::InterfacesWithin(vpc))
            .unwrap()
            .len();
    }
    assert_eq!(total, of(sandtable_model::Kind::NetworkInterface).len());
    let mut led = 0;
    for nat in of(sandtable_model::Kind::NatGateway) {
        led += twin
            .look(&region, &Query::RouteTablesTo(nat))
            .unwrap()
            .len();
    }
    let leads = |id: &ResourceId| {
        let table = snapshot
            .get(id)
            .unwrap()
            .get::<sandtable_model::resource::RouteTable>()
            .unwrap();
        table.routes.iter().any(|it| it.nat_gateway_id.is_some())
    };
    assert_eq!(
        led,
        of(sandtable_model::Kind::RouteTable)
            .iter()
            .filter(|it| leads(it))
            .count()
    );
    let mut made = 0;
    for snapshot in of(sandtable_model::Kind::EbsSnapshot) {
        let ResourceId::EbsSnapshot(id) = snapshot else {
            unreachable!()
        };
        made += twin.look(&region, &Query::ImagesOf(id)).unwrap().len();
    }
    assert_eq!(made, of(sandtable_model::Kind::Image).len());
}
