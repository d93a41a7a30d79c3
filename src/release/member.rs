//! The nouns: a fleet's part in one release: what was found, what is meant, what was written last.

use super::fleet::{Fleet, Sizes, Style};
use super::moment::{Span, Timestamp};
use super::names::{FleetArn, FleetName, TargetGroupArn};
use crate::mutation::{self, Mutation};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A fleet in its role (green, or one of blue) of one release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Its name.
    pub fleet: FleetName,
    /// Its ARN; a fleet of the same name with another ARN is another fleet, and this one is gone.
    pub arn: FleetArn,
    /// The API pair that attaches and detaches it.
    pub style: Style,
    /// Its sizes when the release started.
    pub found: Sizes,
    /// Its InService instances when the release started.
    pub in_service: u32,
    /// Its `cutover:` tags when the release started.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// Its link to each target group of the release.
    pub links: BTreeMap<TargetGroupArn, Link>,
    /// The floor that Cutover holds on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor: Option<Floor>,
    /// The last write to it: readings count only once it has settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_write: Option<LastWrite>,
    /// Its desired capacity when Cutover detached it: the size it comes back with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size_when_detached: Option<u32>,
    /// Found deleted, by a settled reading.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub gone: bool,
    /// `retire_blue` has been carried out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retired: bool,
}

/// One target group on one member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// It was attached when the release started.
    pub found: bool,
    /// What Cutover means it to be.
    pub wanted: Wanted,
    /// A settled reading has shown it as wanted; what differs later was done by somebody else.
    pub confirmed: bool,
    /// What is wanted was asked of AWS, or was so from the start: asked again only if a settled reading shows that it's
    /// missing.
    #[serde(default)]
    pub asked: bool,
}

/// What Cutover means an attachment to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wanted {
    /// Attached.
    On,
    /// Detached.
    Off,
}

/// MinSize held upward, recorded before it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Floor {
    /// MinSize before Cutover first wrote it; holding again keeps it.
    pub original: u32,
    /// What Cutover wrote.
    pub written: u32,
    /// MinSize as it was when `written` was intended: a write that never arrives leaves it so. Absent: `original`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<u32>,
    /// A settled reading has shown what was written.
    #[serde(default)]
    pub confirmed: bool,
    /// Somebody changed it since: theirs from then on, neither held again nor taken back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub foreign: bool,
    /// It's being given back: the wanted MinSize is `original` again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub releasing: bool,
}

/// The last write to a fleet, saved as intended before it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastWrite {
    /// When it was answered; without an answer, the last moment at which it may have been sent.
    pub at: Timestamp,
    /// What is known of it.
    pub answer: WriteAnswer,
    /// When the last write before it that AWS accepted was answered: one that is refused settles nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted_at: Option<Timestamp>,
}

/// What is known of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WriteAnswer {
    /// AWS accepted it.
    Accepted,
    /// AWS refused it: nothing was written.
    Refused,
    /// No answer (lost, timed out, or the invocation died): it may have been applied.
    Lost,
}

impl LastWrite {
    /// A write behind `earlier`, which may not have settled.
    pub fn new(at: Timestamp, answer: WriteAnswer, earlier: Option<LastWrite>) -> Self {
        let accepted_at = earlier.and_then(|earlier| match earlier.answer {
            WriteAnswer::Accepted => Some(earlier.at),
            WriteAnswer::Refused | WriteAnswer::Lost => earlier.accepted_at,
        });
        Self { at, answer, accepted_at }
    }

    /// From when on a reading of the fleet counts: `settle` after an accepted write, twice as much after a lost one.
    pub fn settled_from(&self, settle: Span) -> Timestamp {
        match self.answer {
            WriteAnswer::Accepted => self.at + settle,
            WriteAnswer::Refused => self.accepted_at.map_or(self.at, |accepted| self.at.max(accepted + settle)),
            WriteAnswer::Lost => self.at + settle + settle,
        }
    }
}

impl Member {
    /// A fleet as it enters a release, linked to nothing yet.
    pub fn found(fleet: &Fleet, style: Style) -> Self {
        Self {
            style,
            found: fleet.sizes,
            in_service: fleet.in_service(),
            tags: fleet.tags.clone(),
            ..Self::named(fleet.name.clone(), fleet.arn.clone())
        }
    }

    /// A fleet of which no more than its name is known: it never had its turn.
    pub fn named(fleet: FleetName, arn: FleetArn) -> Self {
        Self {
            fleet,
            arn,
            style: Style::TargetGroups,
            found: Sizes { min: 0, max: 0, desired: 0 },
            in_service: 0,
            tags: BTreeMap::new(),
            links: BTreeMap::new(),
            floor: None,
            last_write: None,
            size_when_detached: None,
            gone: false,
            retired: false,
        }
    }

    /// Whether a fleet is this one, and not another that has its name by now.
    pub fn is(&self, fleet: &Fleet) -> bool {
        fleet.arn == self.arn || (mutation::on(Mutation::NameIsEnough) && fleet.name == self.fleet)
    }

    /// Whether Cutover holds a floor on it that is to be given back: not one that somebody else changed.
    pub fn holds(&self) -> bool {
        self.floor.is_some_and(|floor| !floor.foreign)
    }

    /// From when on a reading of this fleet counts, if Cutover wrote to it.
    pub fn settled_from(&self, settle: Span) -> Option<Timestamp> {
        self.last_write.map(|write| write.settled_from(settle))
    }

    /// Whether a reading that began at `at` counts.
    pub fn is_settled(&self, at: Timestamp, settle: Span) -> bool {
        self.settled_from(settle).is_none_or(|from| at >= from)
    }

    /// The target groups that it was attached to when the release started.
    pub fn found_groups(&self) -> impl Iterator<Item = &TargetGroupArn> {
        self.links.iter().filter(|(_, link)| link.found).map(|(group, _)| group)
    }
}

impl Link {
    /// Attached when the release started, and meant to stay so.
    pub const FOUND: Link = Link { found: true, wanted: Wanted::On, confirmed: true, asked: true };
    /// Not attached when the release started.
    pub const ABSENT: Link = Link { found: false, wanted: Wanted::Off, confirmed: true, asked: true };

    /// Means it to be `wanted` from now on; nothing changes if it was.
    pub fn want(&mut self, wanted: Wanted) {
        if self.wanted != wanted {
            self.wanted = wanted;
            self.confirmed = false;
            self.asked = false;
        }
    }
}
