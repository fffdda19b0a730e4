//! What was explored and how far; each rule taken out once; and the page that shows both.

use super::clients::{ALONE, Clients, FILE, HELD, HELD_AND_LOST, NEWER, TABS, TURNS};
use super::honest::{Bounds, CROWD, SLOW, TROUBLED};
use super::keys::Plan;
use super::machine::Machine;
use super::property::{Mutant, Property};
use super::race::Ending;
use super::search::Found;
use super::{apart, chaos, claims, clients, honest, keys, race, sign_in, step_up, theft};

/// Each rule, what breaks without it, and where that is seen.
const SEEN_TO_BREAK: &[(Mutant, Property, Where)] = &[
    (Mutant::Siblings, Property::I1, Where::Honest(RECOVERY, CROWD)),
    (Mutant::BlindWrite, Property::I1, Where::Race(Ending::Never)),
    (Mutant::AnyAncestor, Property::I2, Where::Chaos(RECOVERY)),
    (Mutant::NoGrace, Property::I3, Where::Honest(RECOVERY, CROWD)),
    (Mutant::NoDebounce, Property::I4, Where::Honest(RECOVERY, CROWD)),
    (Mutant::HandOutForgotten, Property::I4, Where::Honest(RECOVERY, CROWD)),
    (Mutant::LateCookies, Property::I4, Where::Honest(RECOVERY, SLOW)),
    (Mutant::NoRecovery, Property::I5, Where::Honest(RECOVERY, TROUBLED)),
    (Mutant::NaiveEcho, Property::I4, Where::Clients(TABS)),
    (Mutant::LateAnswerSaved, Property::I5, Where::Clients(HELD)),
    (Mutant::TokenFromMemory, Property::I5, Where::Clients(FILE)),
    (Mutant::NoTurns, Property::I5, Where::Clients(TURNS)),
    (Mutant::NoRevocation, Property::I6, Where::Theft(0)),
    (Mutant::NoBurn, Property::I6, Where::Theft(RECOVERY)),
    (Mutant::AnyIdentifier, Property::I7, Where::Chaos(RECOVERY)),
    (Mutant::AnySignature, Property::I7, Where::Chaos(RECOVERY)),
    (Mutant::HandOutsForEver, Property::I8, Where::Honest(RECOVERY, CROWD)),
    (Mutant::IdleSlides, Property::I8, Where::Honest(RECOVERY, CROWD)),
    (Mutant::AnchorSlides, Property::I8, Where::Theft(RECOVERY)),
    (Mutant::RevokedForgotten, Property::I9, Where::Chaos(RECOVERY)),
    (Mutant::BlindWrite, Property::I9, Where::Race(Ending::Revoked)),
    (Mutant::AnswerBeforeWrite, Property::I10, Where::Honest(RECOVERY, CROWD)),
    (
        Mutant::TooManyRequests,
        Property::I10,
        Where::Honest(RECOVERY, ONE_HAND_OUT),
    ),
    (Mutant::NoRecovery, Property::I10, Where::Honest(RECOVERY, CROWD)),
    (Mutant::CookieForCurrent, Property::I11, Where::Honest(RECOVERY, CROWD)),
    (Mutant::AnyScope, Property::I12, Where::Chaos(RECOVERY)),
    (Mutant::AcrRises, Property::I12, Where::Chaos(RECOVERY)),
    (Mutant::ClaimsOfAnyVersion, Property::I12, Where::Claims),
    (Mutant::AbsoluteSlides, Property::I13, Where::Honest(RECOVERY, CROWD)),
    (Mutant::NoAbsoluteEnd, Property::I13, Where::Chaos(RECOVERY)),
    (Mutant::AccessOutlives, Property::I13, Where::Chaos(RECOVERY)),
    (Mutant::ReuseEndsAll, Property::I14, Where::Apart),
    (Mutant::AnyRecord, Property::I14, Where::Apart),
    (Mutant::FutureAccepted, Property::I15, Where::Chaos(RECOVERY)),
    (Mutant::TimesDecide, Property::I16, Where::Chaos(RECOVERY)),
    (Mutant::AnyTransport, Property::Binding, Where::Chaos(RECOVERY)),
    (Mutant::AnyKey, Property::Binding, Where::Chaos(RECOVERY)),
    (
        Mutant::SupersededForgotten,
        Property::Superseded,
        Where::Chaos(RECOVERY),
    ),
    (Mutant::SupersededAlarm, Property::Superseded, Where::Chaos(RECOVERY)),
    (
        Mutant::BlindWrite,
        Property::Superseded,
        Where::Race(Ending::Superseded),
    ),
    (Mutant::SupersededAtOnce, Property::StepUp, Where::StepUp),
    (Mutant::ClickDisplaces, Property::StepUp, Where::StepUp),
    (Mutant::OldLivesOn, Property::StepUp, Where::StepUp),
    (Mutant::EpochForgotten, Property::Everywhere, Where::Chaos(RECOVERY)),
    (Mutant::KeepForgotten, Property::Everywhere, Where::Chaos(RECOVERY)),
    (Mutant::KeptForEver, Property::Everywhere, Where::Chaos(RECOVERY)),
    (
        Mutant::EpochOfTheWrite,
        Property::Everywhere,
        Where::Race(Ending::Everywhere),
    ),
    (Mutant::SignInOvertaken, Property::Everywhere, Where::SignIn),
    (Mutant::NotEverywhere, Property::Keys, Where::Keys(Plan::InSteps)),
    (Mutant::DroppedEarly, Property::Keys, Where::Keys(Plan::InSteps)),
    (Mutant::RolledBackTooFar, Property::Keys, Where::Keys(Plan::InSteps)),
    (Mutant::UnknownKidFinal, Property::Kid, Where::Keys(Plan::AtOnce)),
    (Mutant::RetiredForgotten, Property::Kid, Where::Keys(Plan::Retired)),
    (Mutant::NamesAlone, Property::Kid, Where::Keys(Plan::SameName)),
    (Mutant::ClockWaitedFor, Property::Clock, Where::Chaos(RECOVERY)),
];

/// In ticks: as long as the idle time, which is the default.
const RECOVERY: u64 = 10_000;

const ONE_HAND_OUT: Bounds = Bounds { hand_outs: 1, ..CROWD };

/// An exploration; honest traces, thieves and chaos with a recovery of so many ticks.
#[derive(Clone, Copy)]
enum Where {
    Honest(u64, Bounds),
    Theft(u64),
    Clients(Clients),
    Chaos(u64),
    Apart,
    Race(Ending),
    SignIn,
    StepUp,
    Keys(Plan),
    Claims,
}

impl Where {
    /// Looks for anything that is broken, or without one rule for the property that it stands for.
    fn explore(self, without: Option<(Mutant, Property)>) -> Found {
        let machine = |recovery| {
            let machine = Machine::new(recovery);
            match without {
                Some((mutant, property)) => machine.without(mutant, property),
                None => machine,
            }
        };
        match self {
            Self::Honest(recovery, bounds) => honest::explore(machine(recovery), bounds),
            Self::Clients(bounds) => clients::explore(machine(RECOVERY), bounds),
            Self::Theft(recovery) => theft::explore(&machine(recovery)),
            Self::Chaos(recovery) => chaos::explore(&machine(recovery)),
            Self::Apart => apart::explore(&machine(RECOVERY)),
            // Nothing is to be saved by recovery here.
            Self::Race(ending) => race::explore(&machine(0), ending),
            Self::Keys(plan) => keys::explore(&machine(RECOVERY), plan),
            Self::StepUp => step_up::explore(&machine(RECOVERY)),
            Self::SignIn => sign_in::explore(&machine(RECOVERY)),
            Self::Claims => claims::explore(&machine(RECOVERY)),
        }
    }

    /// Explores what ships: nothing is broken in so many states, and the page says so too.
    fn holds(self, what: &str) -> usize {
        let states = self.explore(None).nothing(what);
        println!("{what}: nothing is broken in {states} states");
        let shown = format!("| {} |", with_commas(states));
        assert!(
            PAGE.contains(&shown),
            "docs/rotation.md should have a row {shown} for {what}"
        );
        states
    }
}

const PAGE: &str = include_str!("../../docs/rotation.md");

fn with_commas(number: usize) -> String {
    if number < 1_000 {
        return number.to_string();
    }
    format!("{},{:03}", with_commas(number / 1_000), number % 1_000)
}

// The figures that are written out here are also those of an independent model of the same rules.

#[test]
fn concurrency_and_reordering_sign_nobody_out() {
    for recovery in [0, RECOVERY] {
        let states = Where::Honest(recovery, CROWD).holds("requests in any order");
        assert_eq!(states, 24_919);
    }
    Where::Honest(RECOVERY, ONE_HAND_OUT).holds("… with one hand-out");
}

#[test]
fn losses_sign_nobody_out() {
    let bounds = Bounds {
        losses: 2,
        end: 9,
        ..CROWD
    };
    let states = Where::Honest(RECOVERY, bounds).holds("2 answers lost");
    assert_eq!(states, 148_505);
}

#[test]
fn losses_and_sleeps_sign_nobody_out() {
    Where::Honest(RECOVERY, TROUBLED).holds("2 answers lost, 1 sleep");
    let bounds = Bounds {
        losses: 3,
        sleeps: 2,
        end: 6,
        ..CROWD
    };
    let states = Where::Honest(RECOVERY, bounds).holds("3 answers lost, 2 sleeps");
    assert_eq!(states, 540_330);
}

#[test]
fn slow_origins_sign_nobody_out() {
    let states = Where::Honest(RECOVERY, SLOW).holds("slow origins");
    assert_eq!(states, 546_146);
}

#[test]
fn clients_that_keep_their_token_are_not_signed_out() {
    Where::Clients(TABS).holds("tabs that write what has changed");
    Where::Clients(ALONE).holds("one process, 2 answers lost, 2 sleeps");
    Where::Clients(FILE).holds("two processes and a file");
    Where::Clients(NEWER).holds("… that save what is newer");
    Where::Clients(HELD).holds("… and an answer that is held");
    Where::Clients(HELD_AND_LOST).holds("… two, and one lost");
    Where::Clients(TURNS).holds("tabs that take turns");
}

#[test]
fn crashes_and_clocks_that_differ_sign_nobody_out() {
    let crashes = Bounds {
        losses: 2,
        crashes: true,
        sends: 5,
        ..CROWD
    };
    Where::Honest(RECOVERY, crashes).holds("2 crashes");
    let clocks = Bounds {
        grace: 3,
        skew: 1,
        sends: 5,
        ..CROWD
    };
    for recovery in [0, RECOVERY] {
        Where::Honest(recovery, clocks).holds("clocks that differ");
    }
}

#[test]
fn a_thief_who_misses_a_window_is_found_out() {
    for recovery in [0, RECOVERY] {
        Where::Theft(recovery).holds("two holders");
        let missed = |machine: Machine| theft::most_missed(&machine).unwrap().0;
        assert_eq!(missed(Machine::new(recovery)), theft::allowed(recovery));
        assert_eq!(missed(Machine::new(recovery).by_bearer()), theft::allowed(recovery));
    }
}

#[test]
fn nothing_breaks_what_must_always_hold() {
    for recovery in [0, RECOVERY] {
        let states = Where::Chaos(recovery).holds("everything at once");
        let by_bearer = chaos::explore(&Machine::new(recovery).by_bearer());
        assert_eq!(by_bearer.nothing("everything at once, by bearer"), states);
    }
}

#[test]
fn sessions_are_apart() {
    Where::Apart.holds("two sessions");
}

#[test]
fn races_have_one_winner() {
    for &ending in Ending::ALL {
        Where::Race(ending).holds(&format!("servers race, the session ends: {ending:?}"));
    }
}

#[test]
fn a_sign_out_overtakes_a_sign_in() {
    Where::SignIn.holds("a sign-in");
}

#[test]
fn a_second_factor_signs_nobody_out() {
    Where::StepUp.holds("a second factor");
}

#[test]
fn keys_come_and_go() {
    Where::Keys(Plan::InSteps).holds("keys, step by step");
    Where::Keys(Plan::AtOnce).holds("… all changed at once");
    Where::Keys(Plan::SameName).holds("… under the same name");
    Where::Keys(Plan::Retired).holds("… and the old one retired");
}

#[test]
fn claims_never_go_back() {
    Where::Claims.holds("claims");
}

#[test]
fn each_rule_taken_out_breaks_what_it_stands_for() {
    let mut unbroken = Vec::new();
    for &(mutant, property, place) in SEEN_TO_BREAK {
        match place.explore(Some((mutant, property))) {
            Found::Broken(broken, trace) => println!("{mutant:?}: {broken:?} by {trace}"),
            Found::Nothing(states) => unbroken.push((mutant, property, states)),
        }
    }
    assert!(unbroken.is_empty(), "these should break: {unbroken:?}");
}

#[test]
fn no_property_and_no_rule_is_left_out() {
    let broken = |property| SEEN_TO_BREAK.iter().any(|&(_, broken, _)| broken == property);
    let taken_out = |mutant| SEEN_TO_BREAK.iter().any(|&(taken, ..)| taken == mutant);
    let safe: Vec<_> = Property::ALL.iter().filter(|&&property| !broken(property)).collect();
    let idle: Vec<_> = Mutant::ALL.iter().filter(|&&mutant| !taken_out(mutant)).collect();
    assert!(safe.is_empty(), "never seen to break: {safe:?}");
    assert!(idle.is_empty(), "never taken out: {idle:?}");
}

/// The page has a row for each property, which ends with the rules that it does not hold without.
#[test]
fn the_page_shows_the_same() {
    for &property in Property::ALL {
        let mutants: Vec<_> = SEEN_TO_BREAK
            .iter()
            .filter(|(_, broken, _)| *broken == property)
            .map(|(mutant, ..)| format!("`{mutant:?}`"))
            .collect();
        let (first, last) = (format!("| {property:?} |"), format!("| {} |", mutants.join(", ")));
        assert!(
            PAGE.lines()
                .any(|line| line.starts_with(&first) && line.ends_with(&last)),
            "docs/rotation.md should have a row {first} … {last}"
        );
    }
}
