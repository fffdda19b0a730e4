//! What must hold of every single request, whatever came before it.

use tandem_jwt::session::step::CLOCK_TOLERANCE;
use tandem_jwt::session::{Policy, Reason, Session, Status, Verdict};

use super::asking::{Answer, Ask, By, Effect};
use super::machine::{GRANTED, Machine, START};
use super::property::Property;

/// What the step from one record to the next breaks; `access` is the payload of the access token that was given.
pub(crate) fn broken(
    machine: &Machine,
    before: &Session,
    after: &Session,
    ask: &Ask,
    answer: Answer,
    access: Option<&serde_json::Value>,
) -> Option<Property> {
    let policy = &machine.policy;
    let now = START + ask.at;
    let generation = u64::from(ask.token.generation);
    let variant = ask.token.variant;
    let changed = after != before;
    let given = answer.access || answer.refresh.is_some();
    let same_generation = after.generation == before.generation;
    let parent = before.parent.filter(|parent| parent.generation == generation);
    let current = generation == before.generation;
    let older = generation < before.generation && parent.is_none();
    let known = current && variant == before.salt[0] || parent.is_some_and(|parent| parent.salt[0] == variant);
    let regression = matches!(
        after.status,
        Status::Revoked {
            reason: Reason::Regression,
            ..
        }
    );
    let anchors = |session: &Session| {
        let of_parent = session.parent.map(|parent| (parent.generation, parent.rotated_at));
        (session.idle_exp, of_parent)
    };
    let ahead = |session: &Session| {
        let newest = session
            .handed_out_at
            .max(session.parent.map_or(0, |parent| parent.rotated_at));
        newest > now + CLOCK_TOLERANCE
    };
    let clock_went_back = ahead(before);
    let retried = matches!(
        answer.verdict,
        Some(Verdict::Grace | Verdict::Repeated | Verdict::HandOutsUsed)
    );

    let checks = [
        (Property::I7, ask.token.tampered && (given || changed)),
        (Property::Binding, ask.by != By::Owner && (given || changed)),
        (
            Property::Superseded,
            superseded_otherwise(policy, before, ask, answer, changed),
        ),
        (
            Property::I9,
            matches!(before.status, Status::Revoked { .. }) && (given || changed),
        ),
        (Property::I15, given && generation > before.generation),
        (Property::I16, given && older && now == before.handed_out_at),
        (Property::I2, given && older),
        (Property::I7, given && !known),
        (Property::I7, changed && !known && !older && !regression),
        (
            Property::I13,
            after.abs_exp != before.abs_exp || given && now >= before.abs_exp,
        ),
        (
            Property::I13,
            access.is_some_and(|access| access["exp"].as_u64().is_none_or(|exp| exp > before.abs_exp)),
        ),
        (
            Property::I11,
            answer
                .refresh
                .is_some_and(|refresh| refresh.generation == ask.token.generation),
        ),
        (Property::I1, given && same_generation && after.salt != before.salt),
        (
            Property::I8,
            retried && !clock_went_back && anchors(after) != anchors(before),
        ),
        (
            Property::I8,
            answer.verdict == Some(Verdict::Grace) && after.hand_outs != before.hand_outs + 1,
        ),
        (Property::I8, after.hand_outs > policy.hand_outs),
        (
            Property::I8,
            answer.verdict == Some(Verdict::Recovered) && !clock_went_back && anchors(after) != anchors(before),
        ),
        (Property::I12, after.scope != before.scope || after.acr != before.acr),
        (
            Property::I12,
            access.is_some_and(|access| access["scope"] != GRANTED || access["acr"] != "1"),
        ),
        (Property::Clock, given && ahead(after)),
    ];
    machine.first_broken(checks)
}

/// Whether a superseded session is answered otherwise than it should.
fn superseded_otherwise(policy: &Policy, before: &Session, ask: &Ask, answer: Answer, changed: bool) -> bool {
    let Status::Superseded { at } = before.status else {
        return false;
    };
    let now = (START + ask.at).max(before.handed_out_at);
    let expected = if now.saturating_sub(at) <= policy.grace {
        Verdict::Retry
    } else {
        Verdict::Superseded
    };
    // Where the clock was set back, either of the two will do.
    let clock_went_back = now - (START + ask.at) > CLOCK_TOLERANCE;
    let right = match answer.verdict {
        Some(Verdict::Retry | Verdict::Superseded) if clock_went_back => true,
        Some(verdict) => verdict == expected,
        None => true,
    };
    changed || answer.access || answer.refresh.is_some() || ask.by == By::Owner && !right
}

/// What is broken where the same request comes again: its answer was lost, or its server died after the write.
///
/// The salt of the retry is another one, so that a second successor would not look like the first.
pub(crate) fn repeated(machine: &Machine, ask: &Ask, first: &Effect) -> Option<Property> {
    let session = machine.session(first.after);
    let at = |second: u64| second.saturating_sub(START);
    let end_of_grace = at(session.handed_out_at + machine.policy.grace);
    let last = session
        .parent
        .filter(|parent| parent.generation == u64::from(ask.token.generation));
    let last = last.map_or(end_of_grace + 1, |parent| {
        at(parent.rotated_at + machine.policy.recovery)
    });
    let within = [ask.at, ask.at + 1, end_of_grace].map(|at| at.min(end_of_grace));
    let later = [end_of_grace + 1, last].map(|at| at.min(last));
    for again in within.into_iter().chain(later) {
        if again < ask.at || START + again >= session.expires_at() {
            continue;
        }
        let retry = Ask {
            at: again,
            fresh: ask.fresh + 1,
            ..*ask
        };
        let effect = machine.present_once(first.after, retry);
        if effect.broken.is_some() {
            return effect.broken;
        }
        let successor = first.answer.refresh;
        let another = successor.is_some() && effect.answer.refresh.is_some_and(|token| Some(token) != successor);
        let moved = machine.session(effect.after).generation != session.generation;
        let broken = machine.first_broken([
            (Property::I10, !effect.answer.access),
            (Property::I3, again <= end_of_grace && (moved || another)),
        ]);
        if broken.is_some() {
            return broken;
        }
    }
    None
}
