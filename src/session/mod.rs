//! Sessions: a pair of tokens, refreshed by rotation.
//!
//! Each refresh token is used once and gives its successor. That is how a stolen token is found out: two holders cannot
//! both go on. For honest users the parent of the current token may come again, since responses get lost, tabs race and
//! laptops sleep. [`step`] holds these rules, and nothing else decides.
//!
//! Everything here is pure: time, random bytes and the stored record are arguments.

pub mod access_token;
pub mod command;
#[cfg(feature = "keys")]
pub mod dpop;
pub mod issue;
pub mod keys;
pub mod nonces;
pub mod outcome;
pub mod policy;
pub mod record;
pub mod refresh_token;
pub mod scope;
pub mod step;

mod codec;
mod standing;

pub use command::{Action, Command, StepResult, run_step};
pub use issue::{NewSession, issue};
pub use keys::{AccessKeys, JtiKey, RefreshKeys};
pub use outcome::{ClaimsFate, Outcome, Verdict};
pub use policy::{Policy, PolicyError};
pub use record::{Facts, Parent, Raised, Reason, Session, Status, Transport};
pub use standing::Began;
pub use step::{Epoch, NewClaims, Refresh, step};
