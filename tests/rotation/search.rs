//! Breadth-first search through all reachable worlds, so that the first path to a broken property is a shortest one.

use std::collections::HashSet;
use std::hash::Hash;

use super::property::Property;

/// What happens between two worlds: a word, and the generation or the tick that it is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Event(pub(crate) &'static str, pub(crate) u64);

/// What broke, and which step broke it.
pub(crate) type Broken = (Property, Event);

/// The result: a broken property and the path to it, or none in so many states.
#[derive(Debug)]
pub(crate) enum Found {
    Broken(Property, String),
    Nothing(usize),
}

impl Found {
    /// The number of states, if nothing was found.
    pub(crate) fn nothing(self, what: &str) -> usize {
        match self {
            Self::Nothing(states) => states,
            Self::Broken(property, trace) => panic!("{what}: {property:?} is broken by {trace}"),
        }
    }
}

/// No bound except the worlds' own.
pub(crate) const ALL: usize = usize::MAX;

/// Explores at most `depth` events. `after` returns the possible next worlds, or what broke.
pub(crate) fn search<World: Clone + Eq + Hash>(
    first: World,
    mut depth: usize,
    mut after: impl FnMut(&World, &mut Vec<(World, Event)>) -> Result<(), Broken>,
) -> Found {
    let mut seen = HashSet::from([first.clone()]);
    let mut reached = vec![(first, 0, Event("begins", 0))];
    let mut next = Vec::new();
    let (mut at, mut end_of_level) = (0, 1);
    while at < reached.len() && depth > 0 {
        let world = reached[at].0.clone();
        if let Err((property, event)) = after(&world, &mut next) {
            return Found::Broken(property, trace(&reached, at) + &told(event));
        }
        for (world, event) in next.drain(..) {
            if seen.insert(world.clone()) {
                reached.push((world, at, event));
            }
        }
        at += 1;
        if at == end_of_level {
            end_of_level = reached.len();
            depth -= 1;
        }
    }
    Found::Nothing(reached.len())
}

fn trace<World>(reached: &[(World, usize, Event)], mut at: usize) -> String {
    let mut events = Vec::new();
    while at > 0 {
        let (_, before, event) = &reached[at];
        events.push(told(*event) + "; ");
        at = *before;
    }
    events.reverse();
    events.concat()
}

fn told(Event(what, number): Event) -> String {
    format!("{what} {number}")
}
