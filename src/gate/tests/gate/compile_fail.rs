//! What must not compile: a warrant out of nothing, and a rehearsal's warrant for a real cloud.

#[test]
fn warrants_cannot_be_forged() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
