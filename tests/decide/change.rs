//! Anything that may differ in a scene: what AWS shows, what people do, and records that no release ever had.

mod apply;

use crate::scene::{Scene, Setting};
use cutover::release::*;
use proptest::prelude::*;
use proptest::sample::select;
use std::sync::LazyLock;

/// One difference; what names something that the scene doesn't have changes nothing.
#[derive(Debug, Clone)]
pub enum Change {
    Later(u32),
    /// The release decides, and AWS does it.
    Go,
    /// The release decides; nothing arrives, and nobody knows.
    GoLost,
    Targets(&'static str, &'static str, usize, TargetHealth),
    Attachment(&'static str, &'static str, Option<AttachmentState>),
    NotInService(&'static str, usize),
    Sizes(&'static str, u32, u32),
    MaxSize(&'static str, u32),
    Unread(What),
    Deleted(&'static str),
    MadeAgain(&'static str),
    BeingDeleted(&'static str),
    Untagged(&'static str),
    Suspended(&'static str),
    Refreshing(&'static str),
    Alarm(AlarmState, u32),
    AlarmWithoutHistory(AlarmState, u32),
    AlarmImpaired,
    AlarmGone,
    GroupGone(&'static str),
    Record(Record),
}

/// Something that can't be read.
#[derive(Debug, Clone)]
pub enum What {
    Fleet(&'static str),
    Attachments(&'static str),
    Refreshes(&'static str),
    Targets(&'static str),
    Alarm,
    History,
    Everything,
}

/// Something on the record, whether or not a release ever had it so.
#[derive(Debug, Clone)]
pub enum Record {
    Stage(Stage),
    Status(Status),
    StageSince(u32),
    Link(&'static str, &'static str, Link),
    Wrote(&'static str, u32, WriteAnswer),
    Floor(&'static str, Option<Floor>),
    Gone(&'static str),
    Retired(&'static str),
    SizeWhenDetached(&'static str, u32),
    Required(&'static str, u32),
    Baked,
    Paused(u32),
    Promoted,
    Waived,
    Halted,
    Ending(Option<Status>),
    NoEvidence,
    NoAlarms,
}

/// Scenes of every stage, with one and two groups, with none, one and two blues, and with green born attached.
pub static SCENES: LazyLock<Vec<(String, Scene)>> = LazyLock::new(|| {
    type Make = fn(&Setting) -> Scene;
    let stages: [(&str, Make); 11] = [
        ("begin", Setting::begin),
        ("prepare", Setting::prepare),
        ("attach", Setting::attach),
        ("bake", Setting::bake),
        ("baked", Setting::baked),
        ("detach", Setting::detach),
        ("watch", Setting::watch),
        ("rollback", Setting::rollback),
        ("green leaves", Setting::green_leaves),
        ("halted", Setting::halted),
        ("successful", Setting::successful),
    ];
    let mut scenes = Vec::new();
    for (name, stage) in stages {
        scenes.push((name.to_owned(), stage(&Setting::default())));
        scenes.push((format!("{name}, two groups"), stage(&Setting::two_groups())));
    }
    let apart = vec![("blue", vec!["web"]), ("blue2", vec!["api"])];
    let apart = Setting { blues: apart, groups: vec!["web", "api"], ..Setting::default() };
    scenes.push(("rollback, a blue for each group".into(), apart.rollback()));
    scenes.push(("green leaves, a blue for each group".into(), apart.green_leaves()));
    scenes.push(("halted, a blue for each group".into(), apart.halted()));
    let two = Setting { blues: vec![("blue", vec!["web"]), ("blue2", vec!["web"])], ..Setting::default() };
    scenes.push(("attach, two blues".into(), two.attach()));
    scenes.push(("bake, two blues".into(), two.bake_of_six()));
    scenes.push(("detach, two blues".into(), two.detach_of_six()));
    scenes.push(("rollback, two blues".into(), two.rollback_of_six()));
    scenes.push(("prepare, alone".into(), Setting::alone().prepare()));
    scenes.push(("attach, alone".into(), Setting::alone().attach()));
    let born = Setting { born: vec!["web"], ..Setting::two_groups() };
    scenes.push(("prepare, born attached".into(), born.prepare()));
    scenes.push(("attach, born attached".into(), born.attach()));
    scenes
});

fn fleet() -> impl Strategy<Value = &'static str> {
    select(vec!["green", "blue", "blue2"])
}

fn group() -> impl Strategy<Value = &'static str> {
    select(vec!["web", "api"])
}

fn seconds() -> impl Strategy<Value = u32> {
    select(vec![0, 1, 5, 29, 31, 61, 300, 899, 901, 1021, 1801, 90_000])
}

fn alarm_state() -> impl Strategy<Value = AlarmState> {
    use AlarmState::*;
    select(vec![Ok, Alarm, Alarm, InsufficientData, Unknown])
}

fn answer() -> impl Strategy<Value = WriteAnswer> {
    select(vec![WriteAnswer::Accepted, WriteAnswer::Refused, WriteAnswer::Lost])
}

fn what() -> impl Strategy<Value = What> {
    prop_oneof![
        fleet().prop_map(What::Fleet),
        fleet().prop_map(What::Attachments),
        fleet().prop_map(What::Refreshes),
        group().prop_map(What::Targets),
        Just(What::Alarm),
        Just(What::History),
        Just(What::Everything),
    ]
}

fn floor() -> impl Strategy<Value = Option<Floor>> {
    let some = (0..4_u32, 0..7_u32, proptest::option::of(0..7_u32), any::<[bool; 3]>());
    proptest::option::of(some.prop_map(|(original, written, before, [confirmed, foreign, releasing])| Floor {
        original,
        written,
        before,
        confirmed,
        foreign,
        releasing,
    }))
}

fn link() -> impl Strategy<Value = Link> {
    any::<[bool; 4]>().prop_map(|[found, on, confirmed, asked]| {
        let wanted = if on { Wanted::On } else { Wanted::Off };
        Link { found, wanted, confirmed, asked }
    })
}

fn status() -> impl Strategy<Value = Status> {
    use Status::*;
    select(vec![InProgress, Successful, Rejected, RollbackInProgress, RollbackSuccessful, RollbackFailed])
}

fn record() -> impl Strategy<Value = Record> {
    prop_oneof![
        select(Stage::ALL.to_vec()).prop_map(Record::Stage),
        status().prop_map(Record::Status),
        seconds().prop_map(Record::StageSince),
        (fleet(), group(), link()).prop_map(|(fleet, group, link)| Record::Link(fleet, group, link)),
        (fleet(), seconds(), answer()).prop_map(|(fleet, ago, answer)| Record::Wrote(fleet, ago, answer)),
        (fleet(), floor()).prop_map(|(fleet, floor)| Record::Floor(fleet, floor)),
        fleet().prop_map(Record::Gone),
        fleet().prop_map(Record::Retired),
        (fleet(), 0..7_u32).prop_map(|(fleet, size)| Record::SizeWhenDetached(fleet, size)),
        (group(), 0..7_u32).prop_map(|(group, required)| Record::Required(group, required)),
        Just(Record::Baked),
        seconds().prop_map(Record::Paused),
        Just(Record::Promoted),
        Just(Record::Waived),
        Just(Record::Halted),
        proptest::option::of(status()).prop_map(Record::Ending),
        Just(Record::NoEvidence),
        Just(Record::NoAlarms),
    ]
}

fn world() -> impl Strategy<Value = Change> {
    use AttachmentState as A;
    use TargetHealth as H;
    let health = select(vec![H::Initial, H::Healthy, H::Unhealthy, H::Unused, H::NotInUse, H::Draining, H::Unknown]);
    let attachment =
        select(vec![None, Some(A::Adding), Some(A::Added), Some(A::InService), Some(A::Removing), Some(A::Unknown)]);
    prop_oneof![
        3 => seconds().prop_map(Change::Later),
        3 => Just(Change::Go),
        1 => Just(Change::GoLost),
        4 => (fleet(), group(), 0..7_usize, health).prop_map(|(f, g, n, h)| Change::Targets(f, g, n, h)),
        2 => (fleet(), group(), attachment).prop_map(|(f, g, state)| Change::Attachment(f, g, state)),
        1 => (fleet(), 0..4_usize).prop_map(|(f, n)| Change::NotInService(f, n)),
        1 => (fleet(), 0..7_u32, 0..7_u32).prop_map(|(f, min, desired)| Change::Sizes(f, min, desired)),
        1 => (fleet(), 0..7_u32).prop_map(|(f, max)| Change::MaxSize(f, max)),
        3 => what().prop_map(Change::Unread),
        1 => fleet().prop_map(Change::Deleted),
        1 => fleet().prop_map(Change::MadeAgain),
        1 => fleet().prop_map(Change::BeingDeleted),
        1 => fleet().prop_map(Change::Untagged),
        1 => fleet().prop_map(Change::Suspended),
        1 => fleet().prop_map(Change::Refreshing),
        2 => (alarm_state(), seconds()).prop_map(|(state, ago)| Change::Alarm(state, ago)),
        1 => (alarm_state(), seconds()).prop_map(|(state, ago)| Change::AlarmWithoutHistory(state, ago)),
        1 => Just(Change::AlarmImpaired),
        1 => Just(Change::AlarmGone),
        1 => group().prop_map(Change::GroupGone),
    ]
}

/// Where a scene begins, and what then happens: what a failing case prints.
#[derive(Debug, Clone)]
pub struct Plot {
    start: &'static str,
    changes: Vec<Change>,
}

impl Plot {
    pub fn scene(&self) -> Scene {
        let mut scene = SCENES.iter().find(|(start, _)| start == self.start).unwrap().1.clone();
        self.changes.iter().for_each(|change| change.apply(&mut scene));
        scene
    }
}

/// What may come about: a good record, and a world in which anything happens.
pub fn plot() -> impl Strategy<Value = Plot> {
    (start(), proptest::collection::vec(world(), 0..8)).prop_map(|(start, changes)| Plot { start, changes })
}

/// Anything, nonsense on the record included.
pub fn nonsense() -> impl Strategy<Value = Plot> {
    let any = prop_oneof![world(), record().prop_map(Change::Record)];
    (start(), proptest::collection::vec(any, 0..10)).prop_map(|(start, changes)| Plot { start, changes })
}

fn start() -> impl Strategy<Value = &'static str> {
    select(SCENES.iter().map(|(start, _)| start.as_str()).collect::<Vec<_>>())
}
