//! Random but sensible sequences of calls, on the twin and on a peer: wherever the two differ, either
//! the twin is wrong and gets mended, or the difference stands in [`known`] with AWS's word for it.
//!
//! The peers are moto's server, from the Python that `SANDTABLE_PYTHON` names, LocalStack, in a
//! container of the image `localstack/localstack:4.14.0`, and whatever answers at
//! `SANDTABLE_DIFFERENTIAL_URL`. Where one is missing its test says so and passes, unless
//! `SANDTABLE_REQUIRE_MOTO=1` or `SANDTABLE_REQUIRE_LOCALSTACK=1`. `SANDTABLE_SEQUENCES` asks for more
//! sequences than usual, `SANDTABLE_SEED` for others.

mod calls;
mod known;
#[path = "../../../tests/integration/localstack.rs"]
mod localstack;
mod peer;
mod run;

use calls::sequence;
use peer::Peer;
use proptest::test_runner::{Config, TestCaseError, TestError, TestRng, TestRunner};
use run::{Outcome, run};

#[test]
fn the_twin_differs_from_moto_only_where_aws_does() {
    compare(Peer::moto());
}

#[test]
fn the_twin_differs_from_localstack_only_where_aws_does() {
    compare(Peer::localstack());
}

#[test]
fn the_twin_differs_from_the_peer_at_a_url_only_where_aws_does() {
    compare(Peer::given());
}

fn compare(peer: Option<Peer>) {
    let Some(peer) = peer else { return };
    let asked = std::env::var("SANDTABLE_SEQUENCES").ok();
    let cases = asked.and_then(|it| it.parse().ok()).unwrap_or(40);
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 400,
        ..Config::default()
    };
    let seed: u64 = std::env::var("SANDTABLE_SEED").map_or(1, |it| it.parse().unwrap());
    println!("SANDTABLE_SEED={seed} SANDTABLE_SEQUENCES={cases}");
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(config.rng_algorithm, &bytes);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let calls = std::cell::Cell::new(0_usize);
    let result = runner.run(&sequence(), |sequence| match run(&peer, &sequence) {
        Outcome::Same { made } => {
            calls.set(calls.get() + made);
            Ok(())
        }
        Outcome::Differs(what) => Err(TestCaseError::fail(what)),
    });
    match result {
        Ok(()) => {}
        Err(TestError::Fail(why, sequence)) => {
            panic!(
                "{why}\nafter {sequence:#?}\nwith SANDTABLE_SEED={seed} SANDTABLE_SEQUENCES={cases}"
            )
        }
        Err(error) => panic!("{error}"),
    }
    assert!(
        calls.get() > usize::try_from(cases).unwrap() * 3,
        "only {} calls were compared: known differences end the sequences too early",
        calls.get()
    );
    println!("{} calls compared", calls.get());
}
