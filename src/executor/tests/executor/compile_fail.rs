//! What must not compile: a run without consent, or with a rehearsal's on a real cloud.

#[test]
fn no_run_without_the_right_warrant() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
