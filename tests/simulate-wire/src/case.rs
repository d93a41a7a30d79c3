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

/// A case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Case {
    /// Nothing goes wrong on the wire.
    Calm(Story),
    /// The process that sends the nth call, counted from 1, is killed (kill -9) as it arrives.
    Kill(Story, Side, usize),
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
        let wrong = || format!("CASE is none: {name:?}; such as good.kill-after-12, alarm-in-bake.calm, weather-7");
        let number = |text: &str| text.parse::<u64>().map_err(|_| wrong());
        if let Some(nth) = name.strip_prefix("weather-") {
            return Ok(Self::Weather(number(nth)?));
        }
        let (story, trouble) = name.split_once('.').ok_or_else(wrong)?;
        let story = Story::ALL.iter().find(|(_, known)| *known == story).map(|(story, _)| *story).ok_or_else(wrong)?;
        let nth = |text: &str| number(text).and_then(|nth| usize::try_from(nth).map_err(|_| wrong()));
        match (trouble.strip_prefix("kill-before-"), trouble.strip_prefix("kill-after-")) {
            (Some(text), _) => Ok(Self::Kill(story, Side::Before, nth(text)?)),
            (_, Some(text)) => Ok(Self::Kill(story, Side::After, nth(text)?)),
            _ if trouble == "calm" => Ok(Self::Calm(story)),
            _ => Err(wrong()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_which_case_it_is() {
        let kills = Story::ALL.iter().flat_map(|(story, _)| {
            [Case::Calm(*story), Case::Kill(*story, Side::Before, 1), Case::Kill(*story, Side::After, 120)]
        });
        for case in kills.chain([Case::Weather(0), Case::Weather(7)]) {
            assert_eq!(Case::parse(&case.to_string()), Ok(case));
        }
        for wrong in ["", "good", "good.kill-before-", "bad.calm", "good.kill-after-x", "weather-"] {
            assert!(Case::parse(wrong).is_err(), "{wrong}");
        }
    }
}
