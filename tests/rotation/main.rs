//! The rotation of refresh tokens, explored: every order in which requests, answers, losses, sleeps, logouts and
//! thieves can come, up to a bound, on the code that ships.
//!
//! What must hold is named in `property.rs`, and so is every rule that can be taken out. `proof.rs` takes each of them
//! out once, and the property that it stands for has to break: a check that cannot fail proves nothing. The page
//! docs/rotation.md shows what these tests measure, and they fail if it shows anything else.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test may stop where it finds something, and says how far it looked"
)]

mod always;
mod apart;
mod asking;
mod chaos;
mod claims;
mod clients;
mod honest;
mod keys;
#[path = "../../src/listed.rs"]
mod listed;
mod machine;
mod mutated;
mod proof;
mod property;
mod race;
mod search;
mod sign_in;
mod step_up;
mod theft;
