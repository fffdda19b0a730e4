//! The rotation of refresh tokens, explored: every order in which requests, answers, losses, sleeps and thieves can come, up
//! to a bound, on the step that ships.
//!
//! What must hold is named I1 to I16; `machine.rs` has the list. Each rule of the step is also taken out once, as a mutant,
//! and the property that it stands for has to break: a check that cannot fail proves nothing.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test may stop where it finds something, and says how far it looked"
)]

mod chaos;
mod claims;
mod honest;
mod machine;
mod theft;
