//! Defects that are built in on purpose, one at a time, so that the simulation shows that its judges see.
//!
//! Nothing of it is in what ships: without the feature `mutations`, [`on`] is a constant `false`. `make mutations` turns
//! them on one after the other and waits for the law that each breaks.

/// One defect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mutation {
    /// Green's health isn't asked before blue goes.
    GreenUnasked,
    /// Blue's health isn't asked before green goes.
    BlueUnasked,
    /// Green is measured by what blue has healthy now, not by what it had at the start.
    BlueOfNow,
    /// Of several blues only the first is counted.
    FirstBlueOnly,
    /// An ALARM that came and went between two looks isn't looked for.
    HistoryUnread,
    /// Alarms aren't watched any more once blue is drained.
    WindowUnwatched,
    /// The window ends as soon as blue is drained.
    WindowSkipped,
    /// The bake is over as soon as it begins.
    BakeSkipped,
    /// No ALARM leads back, in any stage.
    VerdictUnasked,
    /// An alarm that isn't there passes for one that is OK.
    AbsentIsOk,
    /// An alarm that isn't judging passes for one that is OK.
    ImpairedIsOk,
    /// An alarm that couldn't be read passes for one that is OK.
    UnreadIsOk,
    /// Silence always passes for the usual one.
    SilenceIsUsual,
    /// Whoever finds the lease held, or lost, goes on all the same.
    LeaseUnheeded,
    /// What was read before the lease is decided on under it.
    RecordFromBefore,
    /// Every look saves.
    LooksSave,
    /// What a settled reading shows as done is written again.
    WrittenAgain,
    /// The floors stay held at the end.
    FloorsForgotten,
    /// A floor that somebody else changed is taken back.
    FloorsTakenBack,
    /// A floor that is held again forgets what it was first.
    OriginalForgotten,
    /// A fleet is known by its name, whichever fleet has it by now.
    NameIsEnough,
    /// Blue is detached from every group that it's on, not only from the release's.
    EveryGroup,
    /// A floor is held by its desired capacity, too.
    DesiredWritten,
    /// `prepare` waits without a deadline.
    PrepareForever,
    /// A bake never comes to its end.
    BakeForever,
    /// A bake is twice as long as it's meant to be.
    BakeTwice,
    /// The deadline of `attach` moves on with each look.
    DeadlineSlides,
    /// What isn't known to be detached at the deadline passes for detached.
    UnseenIsDone,
    /// What the bus didn't accept passes for announced.
    UnheardIsTold,
    /// What is intended is saved after it was carried out.
    SavedAfterwards,
    /// What was done doesn't stand in the entries.
    ActionsUntold,
    /// What a move rests on doesn't, either.
    VerdictUntold,
}

impl Mutation {
    /// Every one, with the law that it breaks.
    pub const ALL: [(Mutation, &str); 32] = [
        (Mutation::GreenUnasked, "never-empty"),
        (Mutation::BlueUnasked, "never-empty"),
        (Mutation::BlueOfNow, "never-empty"),
        (Mutation::FirstBlueOnly, "never-empty"),
        (Mutation::HistoryUnread, "alarm-wins"),
        (Mutation::WindowUnwatched, "alarm-wins"),
        (Mutation::WindowSkipped, "alarm-wins"),
        (Mutation::BakeSkipped, "alarm-wins"),
        (Mutation::VerdictUnasked, "alarm-wins"),
        (Mutation::AbsentIsOk, "unknown-never-promotes"),
        (Mutation::ImpairedIsOk, "unknown-never-promotes"),
        (Mutation::UnreadIsOk, "unknown-never-promotes"),
        (Mutation::SilenceIsUsual, "unknown-never-promotes"),
        (Mutation::LeaseUnheeded, "one-release"),
        (Mutation::RecordFromBefore, "one-release"),
        (Mutation::LooksSave, "again-is-nothing"),
        (Mutation::WrittenAgain, "again-is-nothing"),
        (Mutation::FloorsForgotten, "as-found"),
        (Mutation::FloorsTakenBack, "as-found"),
        (Mutation::OriginalForgotten, "as-found"),
        (Mutation::NameIsEnough, "mine-only"),
        (Mutation::EveryGroup, "mine-only"),
        (Mutation::DesiredWritten, "mine-only"),
        (Mutation::PrepareForever, "always-ends"),
        (Mutation::BakeForever, "always-ends"),
        (Mutation::BakeTwice, "always-ends"),
        (Mutation::DeadlineSlides, "always-ends"),
        (Mutation::UnseenIsDone, "always-ends"),
        (Mutation::UnheardIsTold, "nothing-lost"),
        (Mutation::SavedAfterwards, "nothing-lost"),
        (Mutation::ActionsUntold, "nothing-lost"),
        (Mutation::VerdictUntold, "nothing-lost"),
    ];
}

/// Whether this defect is built in now: never, in what ships.
#[cfg(not(feature = "mutations"))]
pub const fn on(_: Mutation) -> bool {
    false
}

#[cfg(feature = "mutations")]
pub use chosen::{choose, on};

#[cfg(feature = "mutations")]
mod chosen {
    use super::Mutation;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// The chosen one's place among all, counted from 1; 0: none.
    static CHOSEN: AtomicUsize = AtomicUsize::new(0);

    fn place(of: Mutation) -> usize {
        Mutation::ALL.iter().position(|(mutation, _)| *mutation == of).map_or(0, |index| index + 1)
    }

    /// Whether this defect is built in now.
    pub fn on(mutation: Mutation) -> bool {
        CHOSEN.load(Ordering::Relaxed) == place(mutation)
    }

    /// Builds one in, for the whole process, in place of any other.
    pub fn choose(mutation: Option<Mutation>) {
        CHOSEN.store(mutation.map_or(0, place), Ordering::Relaxed);
    }
}
