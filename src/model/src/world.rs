//! Which kind of cloud a capability is good for.

/// A kind of cloud: the real one, or a simulated one. Sealed.
///
/// A rehearsal needs no consent but must never reach a real cloud; a live run needs a warrant. The
/// type keeps the two apart: a warrant for [`Simulated`] does not compile against a [`Real`] cloud.
pub trait World: sealed::Sealed + 'static {
    /// Word for messages and journals.
    const NAME: &'static str;
}

/// A cloud whose changes cost money and cannot be taken back by dropping a value.
#[derive(Debug)]
pub enum Real {}

/// The twin.
#[derive(Debug)]
pub enum Simulated {}

impl World for Real {
    const NAME: &'static str = "real";
}

impl World for Simulated {
    const NAME: &'static str = "simulated";
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Real {}
    impl Sealed for super::Simulated {}
}
