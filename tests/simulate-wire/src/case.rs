//! What is played: a story, and the trouble that it meets. Each case has a name, by which it can be played again.

use std::fmt;

/// How a release goes, trouble aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Story {
    /// Nothing is wrong with green.
    Good,
    /// The alarm goes to ALARM in the bake, and stays there.
    AlarmInBake,
    /// It goes there in the bake, and is OK again before anybody looks.
    AlarmPasses,
    /// It goes there while blue is being detached.
    AlarmWhileDraining,
    /// It goes there when green serves alone.
    AlarmInWatch,
    /// A person says `rollback` in the bake.
    RolledBackByHand,
    /// Green never passes a health check.
    NeverHealthy,
}

impl Story {
    /// All of them, with their names.
    pub const ALL: [(Self, &'static str); 7] = [
        (Self::Good, "good"),
        (Self::AlarmInBake, "alarm-in-bake"),
        (Self::AlarmPasses, "alarm-passes"),
        (Self::AlarmWhileDraining, "alarm-while-draining"),
        (Self::AlarmInWatch, "alarm-in-watch"),
        (Self::RolledBackByHand, "rolled-back-by-hand"),
        (Self::NeverHealthy, "never-healthy"),
    ];

    /// How it has to end, whatever happens on the wire: every trouble here passes before any deadline.
    pub fn end(self) -> &'static str {
        match self {
            Self::Good => "successful",
            _ => "rollback_successful",
        }
    }

    /// The stage in which its hand moves.
    pub fn stage(self) -> Option<&'static str> {
        match self {
            Self::Good | Self::NeverHealthy => None,
            Self::AlarmInBake | Self::AlarmPasses | Self::RolledBackByHand => Some("bake"),
            Self::AlarmWhileDraining => Some("detach"),
            Self::AlarmInWatch => Some("watch"),
        }
    }
}

impl fmt::Display for Story {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::ALL.iter().find(|(story, _)| story == self).map_or("", |(_, name)| name);
        f.write_str(name)
    }
}

/// Whether something happens to a call before it took effect, or after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// Before.
    Before,
    /// After.
    After,
}

/// A call of a release: the nth of its operation, counted from 1. Reads travel side by side, so that a call's place among all
/// calls isn't the same twice; this one nearly always is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Nth {
    /// The operation.
    pub operation: String,
    /// Which of them.
    pub nth: usize,
}

impl fmt::Display for Nth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.operation, self.nth)
    }
}

/// A case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Case {
    /// Nothing goes wrong on the wire.
    Calm(Story),
    /// The process that sends this call is killed (kill -9) as it arrives.
    Kill(Story, Side, Nth),
    /// The nth story of the run's seed, with the faults that the seed says.
    Weather(u64),
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Calm(story) => write!(f, "{story}.calm"),
            Self::Kill(story, Side::Before, nth) => write!(f, "{story}.kill-before-{nth}"),
            Self::Kill(story, Side::After, nth) => write!(f, "{story}.kill-after-{nth}"),
            Self::Weather(nth) => write!(f, "weather-{nth}"),
        }
    }
}

impl Case {
    /// A case by its name.
    pub fn parse(name: &str) -> Result<Self, String> {
        let such = "such as good.kill-after-PutEvents-2, alarm-in-bake.calm, weather-7";
        Self::read(name).ok_or_else(|| format!("CASE is none: {name:?}; {such}"))
    }

    fn read(name: &str) -> Option<Self> {
        if let Some(nth) = name.strip_prefix("weather-") {
            return Some(Self::Weather(nth.parse().ok()?));
        }
        let (story, trouble) = name.split_once('.')?;
        let story = Story::ALL.iter().find(|(_, known)| *known == story)?.0;
        let sides = [("kill-before-", Side::Before), ("kill-after-", Side::After)];
        let kill = sides.iter().find_map(|(word, side)| Some((*side, trouble.strip_prefix(word)?)));
        match kill {
            None => (trouble == "calm").then_some(Self::Calm(story)),
            Some((side, call)) => {
                let (operation, nth) = call.split_once('-')?;
                let nth = Nth { operation: operation.to_owned(), nth: nth.parse().ok()? };
                Some(Self::Kill(story, side, nth))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_which_case_it_is() {
        let call = |operation: &str, nth| Nth { operation: operation.to_owned(), nth };
        let of = |(story, _): &(Story, _)| {
            let before = Case::Kill(*story, Side::Before, call("GetItem", 1));
            [Case::Calm(*story), before, Case::Kill(*story, Side::After, call("PutEvents", 12))]
        };
        for case in Story::ALL.iter().flat_map(of).chain([Case::Weather(0), Case::Weather(7)]) {
            assert_eq!(Case::parse(&case.to_string()), Ok(case));
        }
        for wrong in ["", "good", "good.kill-before-", "bad.calm", "good.kill-after-GetItem-x", "weather-"] {
            assert!(Case::parse(wrong).is_err(), "{wrong}");
        }
    }
}
