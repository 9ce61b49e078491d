//! What holds of every run of calls around capacity.

use proptest::prelude::*;
use serde_json::json;

use sandtable_model::resource::{
    CapacityReservation, CapacityReservationState, Instance, InstanceStateName,
};

use crate::testing::{Account, text};

#[derive(Clone, Copy, Debug)]
enum Move {
    Run(usize),
    Stop(usize),
    Start(usize),
    Terminate(usize),
    Resize(u32),
    Cancel,
    Reserve(u32),
    Pass(i64),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        4 => (0..4_usize).prop_map(Move::Run),
        2 => any::<usize>().prop_map(Move::Stop),
        2 => any::<usize>().prop_map(Move::Start),
        2 => any::<usize>().prop_map(Move::Terminate),
        1 => (1..6_u32).prop_map(Move::Resize),
        1 => Just(Move::Cancel),
        2 => (1..5_u32).prop_map(Move::Reserve),
        3 => (1..120_i64).prop_map(Move::Pass),
    ];
    prop::collection::vec(one, 1..40)
}

/// A reservation's free places are those that no instance has, and nobody sits in one that is over.
fn check(account: &Account) {
    let state = account.twin.state();
    for it in state.all::<CapacityReservation>(&account.region) {
        let inside = state.all::<Instance>(&account.region).filter(|instance| {
            instance.capacity_reservation_id.as_ref() == Some(&it.capacity_reservation_id)
        });
        let inside: Vec<&Instance> = inside.collect();
        if it.state != CapacityReservationState::Active {
            assert!(inside.is_empty());
            continue;
        }
        let used = it.total_instance_count - it.available_instance_count;
        assert_eq!(
            used as usize,
            inside.len(),
            "{}",
            it.capacity_reservation_id
        );
        for instance in inside {
            assert!(!matches!(
                instance.state.name,
                InstanceStateName::Stopped | InstanceStateName::Terminated
            ));
            assert_eq!(instance.instance_type, it.instance_type);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn places_of_reservations_add_up(moves in moves()) {
        let mut account = Account::new();
        let image = account.public_image();
        let mut instances: Vec<String> = Vec::new();
        let mut reservations: Vec<String> = Vec::new();
        for it in moves {
            let nth = |list: &[String], index: usize| list.get(index % list.len().max(1)).cloned();
            match it {
                Move::Run(wish) => {
                    let mut input = json!({"ImageId": image, "InstanceType": "m5.large",
                        "Placement": {"AvailabilityZone": "eu-central-1a"}, "MinCount": 1, "MaxCount": 1});
                    input["CapacityReservationSpecification"] = match (wish, reservations.last()) {
                        (0, _) => json!({"CapacityReservationPreference": "none"}),
                        (1, Some(id)) => json!({"CapacityReservationTarget": {"CapacityReservationId": id}}),
                        (2, _) => json!({"CapacityReservationPreference": "capacity-reservations-only"}),
                        _ => json!({"CapacityReservationPreference": "open"}),
                    };
                    if let Ok(made) = account.call("RunInstances", input) {
                        instances.push(text(&made["Instances"][0], "InstanceId"));
                    }
                }
                Move::Stop(at) | Move::Start(at) | Move::Terminate(at) => {
                    let action = match it {
                        Move::Stop(_) => "StopInstances",
                        Move::Start(_) => "StartInstances",
                        _ => "TerminateInstances",
                    };
                    if let Some(id) = nth(&instances, at) {
                        let _ = account.call(action, json!({"InstanceIds": [id]}));
                    }
                }
                Move::Resize(count) => if let Some(id) = reservations.last() {
                    let input = json!({"CapacityReservationId": id, "InstanceCount": count});
                    let _ = account.call("ModifyCapacityReservation", input);
                },
                Move::Cancel => if let Some(id) = reservations.pop() {
                    let _ = account.call("CancelCapacityReservation", json!({"CapacityReservationId": id}));
                },
                Move::Reserve(count) => {
                    let input = json!({"InstanceType": "m5.large", "InstancePlatform": "Linux/UNIX",
                        "AvailabilityZone": "eu-central-1a", "InstanceCount": count});
                    let made = account.ok("CreateCapacityReservation", input);
                    reservations.push(text(&made["CapacityReservation"], "CapacityReservationId"));
                }
                Move::Pass(seconds) => account.pass(seconds),
            }
            check(&account);
        }
    }
}
