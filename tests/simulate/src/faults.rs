//! The classes of trouble, to be turned on one after the other.

/// One class of trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Events lost, doubled, late and so reordered.
    Events,
    /// Calls throttled, refused, unanswered, cut.
    Calls,
    /// Fleets read as they were a moment ago.
    Stale,
    /// Invocations that die at an await.
    Deaths,
    /// Several invocations at once.
    Overlap,
    /// Clocks up to 2 s apart.
    Clocks,
    /// The table away, throttled, slow, in conflict.
    Table,
    /// Instances that die, fail to launch, fail their checks; zones lost.
    Instances,
    /// Capacity that changes by policies and schedules.
    Scaling,
    /// Alarms that go off, flap, fall silent, vanish.
    Alarms,
    /// People who promote, pause, roll back, ask.
    Commands,
    /// People who attach, detach, delete, resize, refresh, tag.
    Hands,
    /// A second and third version while a release runs.
    Versions,
}

impl Class {
    /// Every class with its word.
    pub const ALL: [(Class, &str); 13] = [
        (Class::Events, "events"),
        (Class::Calls, "calls"),
        (Class::Stale, "stale"),
        (Class::Deaths, "deaths"),
        (Class::Overlap, "overlap"),
        (Class::Clocks, "clocks"),
        (Class::Table, "table"),
        (Class::Instances, "instances"),
        (Class::Scaling, "scaling"),
        (Class::Alarms, "alarms"),
        (Class::Commands, "commands"),
        (Class::Hands, "hands"),
        (Class::Versions, "versions"),
    ];
}

/// Which classes may strike.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Classes(u16);

impl Classes {
    /// All of them.
    pub fn all() -> Self {
        Class::ALL.iter().fold(Self::default(), |classes, (class, _)| classes.with(*class))
    }

    /// These and one more.
    pub fn with(self, class: Class) -> Self {
        Self(self.0 | 1 << class as u16)
    }

    /// These without one.
    pub fn without(self, class: Class) -> Self {
        Self(self.0 & !(1 << class as u16))
    }

    /// How they are said: `all`, `none`, or some by their words.
    pub fn words(self) -> String {
        let words: Vec<_> = Class::ALL.iter().filter(|(class, _)| self.has(*class)).map(|(_, word)| *word).collect();
        match words.len() {
            0 => "none".to_owned(),
            all if all == Class::ALL.len() => "all".to_owned(),
            _ => words.join(","),
        }
    }

    /// Whether one is among them.
    pub fn has(self, class: Class) -> bool {
        self.0 & 1 << class as u16 != 0
    }

    /// `all`, `none`, or some by their words.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text {
            "all" | "" => return Ok(Self::all()),
            "none" => return Ok(Self::default()),
            _ => {}
        }
        text.split(',').try_fold(Self::default(), |classes, word| {
            let found = Class::ALL.iter().find(|(_, known)| *known == word.trim());
            found.map(|(class, _)| classes.with(*class)).ok_or_else(|| format!("no class of faults is called {word:?}"))
        })
    }

    /// Some of them, each more often out than in: what strikes together differs from world to world.
    pub fn some(self, rng: &mut fastrand::Rng) -> Self {
        // One world in eight has everything at once.
        let all = rng.u8(0..8) == 0;
        let mut kept = Self::default();
        for (class, _) in Class::ALL {
            let kept_here = all | (rng.u8(0..100) < 40);
            if kept_here && self.has(class) {
                kept = kept.with(class);
            }
        }
        kept
    }
}
