//! What must hold, and the rules that are taken out to see it break.

use super::listed::listed;

listed! {
    /// What must hold.
    pub(crate) enum Property {
        /// One parent has at most one live successor.
        I1,
        /// At most one generation is current; one that was burned never yields tokens.
        I2,
        /// A request repeated within the grace changes no generation and gets an equal token, or an access token only.
        I3,
        /// Honest requests whose round trip and clock skew are within the grace are never refused.
        I4,
        /// Neither are they after losses and sleeps within the recovery, where every answer is saved within half the
        /// grace or not at all.
        I5,
        /// Of two holders, one that misses the other's window is found out.
        I6,
        /// Nothing changes before the signature is right, and with a wrong identifier the session can only end.
        I7,
        /// Within the grace neither idle nor absolute end nor the anchor of recovery moves, and hand-outs are counted.
        I8,
        /// What was revoked stays so, whatever refresh it races.
        I9,
        /// A crash after the write, or before it, leaves a retry that works.
        I10,
        /// A refresh token is given only if it differs from the one that came.
        I11,
        /// Scope stays within the grant, claims never go back, and `acr` does not rise by a refresh.
        I12,
        /// The absolute end never moves, and no access token outlives it.
        I13,
        /// Reuse in one session touches no other.
        I14,
        /// A token newer than the record yields nothing.
        I15,
        /// Generations decide, not times: an old token of the same second is old.
        I16,
        /// Another transport or another key than the session's gets nothing, and changes nothing.
        Binding,
        /// A superseded session says "retry" within the grace and refuses afterwards; nothing is written, nothing
        /// raises an alarm.
        Superseded,
        /// A second factor signs nobody out, and the old session is over once the new one is used.
        StepUp,
        /// A sign-out everywhere ends every session for good but the one kept, which goes on.
        Everywhere,
        /// Who keeps to the guards lets no token wait: every server verifies it until it is over.
        Keys,
        /// An unknown key is final only when the time of the token is over, a retired one at once.
        Kid,
        /// No record stays more than a minute ahead of a clock that was set back.
        Clock,
    }
}

listed! {
    /// A rule taken out, or turned round.
    pub(crate) enum Mutant {
        /// The current token rotates while it is on its way to others.
        NoDebounce,
        /// The current token is given back to who presents it.
        CookieForCurrent,
        /// A retry gets a successor of its own.
        Siblings,
        /// A retry within the grace is a recovery: it burns what the first answer brings.
        NoGrace,
        /// The grace runs from the first hand-out, not from the last.
        HandOutForgotten,
        /// Recovery hands out the old successor and burns nothing.
        NoBurn,
        /// Recovery runs from the last one.
        AnchorSlides,
        /// Hand-outs are not counted.
        HandOutsForEver,
        /// Hand-outs used up are a refusal.
        TooManyRequests,
        /// An old token is refused and nothing more.
        NoRevocation,
        /// A token from the future counts as the current one.
        FutureAccepted,
        /// Identifiers are not compared.
        AnyIdentifier,
        /// Signatures are not verified.
        AnySignature,
        /// Nothing recovers.
        NoRecovery,
        /// A retry within the grace makes the session longer.
        IdleSlides,
        /// A rotation makes the session longer.
        AbsoluteSlides,
        /// The absolute end is not looked at.
        NoAbsoluteEnd,
        /// The absolute end does not cut access tokens.
        AccessOutlives,
        /// A revoked session is looked at like any other.
        RevokedForgotten,
        /// Records are written whatever was written since they were read.
        BlindWrite,
        /// The answer leaves before the record is written, and the write is lost.
        AnswerBeforeWrite,
        /// Cookies are written however late the response leaves.
        LateCookies,
        /// Every ancestor counts as the parent, once its second is over.
        AnyAncestor,
        /// What was made in the same second is taken for new.
        TimesDecide,
        /// How the token travelled is not looked at.
        AnyTransport,
        /// Which key was proved is not looked at.
        AnyKey,
        /// A scope is not held against the grant.
        AnyScope,
        /// A refresh raises how well the user proved who they are.
        AcrRises,
        /// Claims count for any version of the record.
        ClaimsOfAnyVersion,
        /// A superseded session is looked at like any other.
        SupersededForgotten,
        /// An old token of a superseded session raises the alarm of any other.
        SupersededAlarm,
        /// A second factor ends the old session before the new one has arrived.
        SupersededAtOnce,
        /// A second click on the same button makes yet another session, and ends the one before.
        ClickDisplaces,
        /// The old session is not ended by the first use of the new one.
        OldLivesOn,
        /// The epoch is not looked at.
        EpochForgotten,
        /// A sign-out everywhere keeps no session.
        KeepForgotten,
        /// A session that had ended comes back when a later sign-out keeps it.
        KeptForEver,
        /// A refresh writes the epoch of the time at which it writes, not of the time at which it read.
        EpochOfTheWrite,
        /// A sign-in does not ask whether everything was signed out since it began.
        SignInOvertaken,
        /// Reuse ends all sessions of the user.
        ReuseEndsAll,
        /// A record is taken for the one that was asked for.
        AnyRecord,
        /// A clock that was set back is waited for.
        ClockWaitedFor,
        /// A key signs before every server has it.
        NotEverywhere,
        /// A key is dropped while tokens of it may still come.
        DroppedEarly,
        /// A server goes back to before a key that has signed.
        RolledBackTooFar,
        /// A key that is not known is refused for good.
        UnknownKidFinal,
        /// Retired keys are not known, and no more than that.
        RetiredForgotten,
        /// The `kid` of a token is a name alone.
        NamesAlone,
        /// A client writes back the token that it was told to keep.
        NaiveEcho,
        /// A client saves an answer however old it is.
        LateAnswerSaved,
        /// A client takes its token from memory, and does not look what others have saved.
        TokenFromMemory,
        /// Tabs do not take turns.
        NoTurns,
    }
}
