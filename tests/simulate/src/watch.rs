//! The world as the ports reach it: lets calls fail from the seed, and notes for the judges who read and wrote what, when.

use crate::setting::choose;
use crate::strikes::PAGES;
use cutover::release::{ApplicationName, Release};
use simulated_aws::api::{ApiError, Call, LostHow, Millis, Reply, Served, Service};
use simulated_aws::ports::{Aws, InProcess, Record};
use simulated_aws::world::{FaultKind, World, fault};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The tag of a fleet that is Cutover's.
pub const OPT_IN: &str = "cutover:application";

/// What a read was of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Fleets by name; none: by tag.
    Fleets(Vec<String>),
    /// What a fleet is attached to.
    Sources(String),
    /// A group's targets, by ARN.
    Targets(String),
    /// These alarms, as far as this page of the answer shows them.
    Alarms(Vec<String>),
    /// Anything else.
    Other,
}

/// One read of one invocation.
#[derive(Clone, Debug)]
pub struct Read {
    /// When the world answered it.
    pub at: Millis,
    /// Of what.
    pub what: What,
    /// Whether the answer came.
    pub ok: bool,
}

/// One write of Cutover's, announcements aside.
#[derive(Clone, Debug)]
pub struct Write {
    /// When it took effect, or would have.
    pub at: Millis,
    /// By which invocation.
    pub by: u64,
    /// What.
    pub call: Call,
    /// Whether it was done.
    pub done: bool,
    /// How many invocations ran beside it that may have been about the same application.
    pub beside: usize,
    /// All was so already as it wants it.
    pub idle: bool,
    /// The ARN of the fleet then.
    pub arn: Option<String>,
    /// The release that names the fleet, as it was on record at that moment.
    pub release: Option<Release>,
    /// Who held the application's lease at that moment, and until when.
    pub lease: Option<(String, Millis)>,
}

/// A time in which calls fail.
#[derive(Clone, Debug)]
pub struct Window {
    /// Until then.
    pub to: Millis,
    /// How.
    pub how: How,
    /// Calls of a thousand.
    pub share: u32,
    /// Only of this service.
    pub service: Option<Service>,
}

/// How a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// `Throttling`.
    Throttled,
    /// A 5xx.
    Internal,
    /// AccessDenied.
    Denied,
    /// No answer, nothing done.
    TimedOut,
    /// No answer, but done.
    TimedOutDone,
    /// The connection breaks before.
    CutBefore,
    /// The connection breaks after.
    CutAfter,
}

impl How {
    /// All of them.
    pub const ALL: [How; 7] =
        [How::Throttled, How::Internal, How::Denied, How::TimedOut, How::TimedOutDone, How::CutBefore, How::CutAfter];

    /// Its line in the table.
    pub fn name(self) -> &'static str {
        match self {
            How::Throttled => "call throttled",
            How::Internal => "call answered with a 5xx",
            How::Denied => "call denied",
            How::TimedOut => "call timed out, not applied",
            How::TimedOutDone => "call timed out, applied",
            How::CutBefore => "connection cut before",
            How::CutAfter => "connection cut after",
        }
    }
}

/// The world, watched.
pub struct Watch {
    /// The simulated AWS.
    pub world: World,
    /// The invocation that is going on at this moment.
    pub current: Rc<Cell<u64>>,
    /// The invocations under way, each with the application that it's about, if it's about one.
    pub going: BTreeMap<u64, Option<String>>,
    /// What each invocation under way has read.
    pub reads: BTreeMap<u64, Vec<Read>>,
    /// Writes that nobody has judged yet.
    pub writes: Vec<Write>,
    /// Times in which calls fail.
    pub windows: Vec<Window>,
    /// Reads of a thousand that are stale, by at most so long.
    pub stale: (u32, Millis),
    /// The record, to see what was on it when a write arrived.
    pub sim: Option<InProcess>,
    /// When a read of alarms, or of their past, had no good answer.
    pub alarms_unread: Vec<Millis>,
    /// Faults that struck since somebody asked, and which invocation.
    pub struck: Vec<(&'static str, u64)>,
    rng: fastrand::Rng,
}

impl Watch {
    /// Watches a world.
    pub fn new(world: World, rng: fastrand::Rng) -> Self {
        Self {
            world,
            current: Rc::default(),
            going: BTreeMap::new(),
            reads: BTreeMap::new(),
            writes: Vec::new(),
            windows: Vec::new(),
            stale: (0, 0),
            sim: None,
            alarms_unread: Vec::new(),
            struck: Vec::new(),
            rng,
        }
    }

    /// The fault that meets a call, if one does.
    fn fault(&mut self, call: &Call) -> Option<How> {
        let now = self.world.now();
        self.windows.retain(|window| now < window.to);
        for window in &self.windows {
            let meant = window.service.is_none_or(|service| service == call.service());
            if meant && self.rng.u32(0..1000) < window.share {
                return Some(window.how);
            }
        }
        None
    }

    fn fail(&mut self, call: &Call, how: How) -> (Served, bool) {
        let (service, lost) = (call.service(), |applied, how| Served::Lost { applied, how });
        match how {
            How::Throttled => (Served::Err(ApiError::throttled(service)), false),
            How::Internal => (Served::Err(ApiError::internal(service)), false),
            How::Denied => (Served::Err(ApiError::access_denied(service, call.operation(), "*")), false),
            How::TimedOut => (lost(false, LostHow::TimedOut), false),
            How::CutBefore => (lost(false, LostHow::ConnectionCut), false),
            How::TimedOutDone | How::CutAfter => {
                let done = matches!(self.world.serve(call), Served::Ok(_));
                let how = if how == How::CutAfter { LostHow::ConnectionCut } else { LostHow::TimedOut };
                (lost(true, how), done)
            }
        }
    }

    fn answer(&mut self, call: &Call) -> (Served, bool) {
        let by = self.current.get();
        if let Some(how) = self.fault(call) {
            self.struck.push((how.name(), by));
            let (served, done) = self.fail(call, how);
            if matches!(call, Call::PutEvents { .. }) && !done {
                self.struck.push(("an announcement isn't accepted", by));
            }
            return (served, done);
        }
        let stale = call.service() == Service::AutoScaling && !call.is_write() && self.stale.0 > 0;
        let stale = stale && self.rng.u32(0..1000) < self.stale.0;
        if stale {
            self.struck.push(("stale read", by));
            self.world.add_fault(fault("*", FaultKind::Stale(self.stale.1)));
        }
        let served = if self.permitted(call) {
            self.world.serve(call)
        } else {
            Served::Err(ApiError::access_denied(call.service(), call.operation(), "*"))
        };
        if stale {
            self.world.clear_faults();
        }
        if call.is_write() && matches!(served, Served::Err(_)) {
            self.struck.push(("a write is refused", by));
        }
        if let Served::Ok(reply) = &served
            && goes_on(reply)
        {
            self.struck.push((PAGES, by));
        }
        let done = matches!(served, Served::Ok(_));
        (served, done)
    }

    /// Whether the template's rights allow a call: writes to a fleet only while it carries the opt-in.
    fn permitted(&self, call: &Call) -> bool {
        let fleet = call.subjects().first().copied().unwrap_or_default();
        let writes = call.is_write() && call.service() == Service::AutoScaling;
        !writes || self.world.fleet_arn(fleet).is_none() || self.world.tagged(fleet, OPT_IN)
    }

    /// How many invocations beside the present one may be about a fleet's application.
    fn beside(&self, fleet: &str) -> usize {
        let name = fleet.split('-').next().unwrap_or_default();
        let may = |(id, about): &(&u64, &Option<String>)| {
            **id != self.current.get() && about.as_ref().is_none_or(|about| about == name)
        };
        self.going.iter().filter(may).count()
    }

    /// What a write meets before it's carried out.
    fn write(&self, call: &Call) -> Write {
        let subjects = call.subjects();
        let fleet = subjects.first().copied().unwrap_or_default();
        Write {
            at: self.world.now(),
            by: self.current.get(),
            call: call.clone(),
            done: false,
            beside: self.beside(fleet),
            idle: self.idle(call, fleet, &subjects[1..]),
            arn: self.world.fleet_arn(fleet).map(str::to_owned),
            release: self.sim.as_ref().and_then(|sim| naming(&sim.record(), fleet)),
            lease: self.sim.as_ref().and_then(|sim| held(&sim.record(), fleet)),
        }
    }

    fn idle(&self, call: &Call, fleet: &str, groups: &[&str]) -> bool {
        let on = |arn: &&str| self.world.attached(fleet, arn);
        match call {
            Call::AttachLoadBalancerTargetGroups { .. } | Call::AttachTrafficSources { .. } => groups.iter().all(on),
            Call::DetachLoadBalancerTargetGroups { .. } | Call::DetachTrafficSources { .. } => !groups.iter().any(on),
            Call::UpdateAutoScalingGroup { min_size, desired_capacity, .. } => {
                let same = |sizes: (i32, i32, i32)| {
                    *min_size == Some(sizes.0) && desired_capacity.is_none_or(|to| to == sizes.1)
                };
                self.world.sizes(fleet).is_some_and(same)
            }
            _ => false,
        }
    }

    /// Begins a time in which calls fail.
    pub fn trouble(&mut self, rng: &mut fastrand::Rng, span: Millis) {
        let services = [None, Some(Service::AutoScaling), Some(Service::Elb), Some(Service::CloudWatch)];
        let window = Window {
            to: self.world.now() + span,
            how: *choose(rng, &How::ALL),
            share: *choose(rng, &[20, 100, 400, 1000]),
            service: *choose(rng, &services),
        };
        self.windows.push(window);
    }
}

/// Whether a list goes on, on another page.
fn goes_on(reply: &Reply) -> bool {
    match reply {
        Reply::AutoScalingGroups { next_token, .. }
        | Reply::TrafficSources { next_token, .. }
        | Reply::LoadBalancerTargetGroups { next_token, .. }
        | Reply::InstanceRefreshes { next_token, .. }
        | Reply::Alarms { next_token, .. }
        | Reply::AlarmHistory { next_token, .. } => next_token.is_some(),
        Reply::TargetGroups { next_marker, .. } | Reply::LoadBalancers { next_marker, .. } => next_marker.is_some(),
        _ => false,
    }
}

/// The application that a fleet's name tells of.
fn application(fleet: &str) -> Option<ApplicationName> {
    ApplicationName::parse(fleet.split('-').next()?).ok()
}

/// The lease of a fleet's application.
fn held(record: &Record, fleet: &str) -> Option<(String, Millis)> {
    let (owner, until) = record.lease(&application(fleet)?)?;
    Some((owner.to_owned(), until.millis()))
}

/// The release that runs for a fleet's application, or the last one, if it names the fleet.
fn naming(record: &Record, fleet: &str) -> Option<Release> {
    let name = application(fleet)?;
    let item = record.application(&name)?;
    let last = item.last.as_ref().and_then(|id| record.release(id));
    let names = |release: &&Release| release.members().any(|member| member.fleet.as_str() == fleet);
    item.running.iter().chain(last).find(names).cloned()
}

fn what(call: &Call, served: &Served) -> What {
    if let Served::Ok(Reply::Alarms { metric, composite, log, .. }) = served {
        let metric = metric.iter().map(|alarm| alarm.name.clone());
        let composite = composite.iter().map(|alarm| alarm.name.clone());
        let log = log.iter().map(|alarm| alarm.name.clone());
        return What::Alarms(metric.chain(composite).chain(log).collect());
    }
    match call {
        Call::DescribeAutoScalingGroups { names, .. } => What::Fleets(names.clone()),
        Call::DescribeTrafficSources { asg, .. } => What::Sources(asg.clone()),
        Call::DescribeTargetHealth { target_group_arn, .. } => What::Targets(target_group_arn.clone()),
        _ => What::Other,
    }
}

impl Aws for Watch {
    fn now(&self) -> Millis {
        self.world.now()
    }

    fn advance_to(&mut self, moment: Millis) {
        self.world.advance_to(moment);
    }

    fn serve(&mut self, call: &Call) -> Served {
        let write = (call.is_write() && !matches!(call, Call::PutEvents { .. })).then(|| self.write(call));
        let (served, done) = self.answer(call);
        let (at, by) = (self.world.now(), self.current.get());
        if !call.is_write() {
            if call.service() == Service::CloudWatch && !matches!(served, Served::Ok(_)) {
                self.alarms_unread.push(at);
            }
            let read = Read { at, what: what(call, &served), ok: matches!(served, Served::Ok(_)) };
            self.reads.entry(by).or_default().push(read);
        }
        self.writes.extend(write.map(|write| Write { done, ..write }));
        served
    }
}
