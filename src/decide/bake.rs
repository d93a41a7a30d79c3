//! The bake stage: both fleets serve, the alarms are watched; at its end blue is detached.

use super::Step;
use super::case::{Answer, Case, Short};
use crate::mutation::{self, Mutation};
use crate::release::{Member, Reading, Span, Stage, Status, Timestamp, Unread, Verdict, VerdictState, WaitingOn};

/// Why a promotion isn't made now that the bake is over.
enum Held {
    /// A person paused it.
    Paused(Timestamp),
    /// Something couldn't be read.
    Unknown(String),
    /// Blue has grown: green has what the attach required, but not what is required now.
    Grown(Short),
    /// The way back doesn't work now.
    Gate(&'static str, String),
    /// A reading doesn't count yet.
    Settling,
}

impl Case<'_> {
    /// The rules of `bake`: hands of people, ALARM, health, success, deadline.
    pub(super) fn bake(&mut self) -> Step {
        if let Some(why) = self.green_taken_out() {
            return self.roll_back(why, None);
        }
        if let Some(step) = self.alarm_wins(None) {
            return step;
        }
        self.say_blue_gone();
        let now = self.now();
        let health = self.follow_health(|_, terms| Ok(terms.required));
        if let Some(step) = self.too_sick(&health) {
            return step;
        }
        if let Some(health) = &health {
            self.release.bake.run_if(*health == Answer::Yes, now);
        }
        self.follow_required();
        let length = self.bake_length();
        let baked = self.release.bake.read(now) >= length && !mutation::on(Mutation::BakeForever);
        if baked || self.release.promoted_by.is_some() {
            self.release.baked_at.get_or_insert(now);
        }
        match (self.release.baked_at, health) {
            (Some(baked_at), Some(Answer::Yes)) => self.promote_or_hold(baked_at),
            (_, Some(Answer::Unknown(unknown))) => self.held_by_unknown(unknown),
            (_, Some(Answer::No(short))) => {
                self.release.unknown.stop(now);
                Step::Rest(self.below(short, None))
            }
            (_, None) => Step::Rest(self.settling(now)),
            (None, Some(Answer::Yes)) => {
                self.release.unknown.stop(now);
                let deadline = self.release.bake.reaches(length, now);
                Step::Rest(WaitingOn::BakeTime {
                    elapsed_seconds: u32::try_from(self.release.bake.read(now).millis() / 1000).unwrap_or(0),
                    bake_time_seconds: self.release.bake_time_seconds,
                    deadline: self.release.paused_until.map_or(deadline, |until| until.max(deadline)),
                })
            }
        }
    }

    fn bake_length(&self) -> Span {
        let seconds = self.release.bake_time_seconds;
        Span::seconds(match () {
            () if mutation::on(Mutation::BakeSkipped) => 0,
            () if mutation::on(Mutation::BakeTwice) => 2 * seconds,
            () => seconds,
        })
    }

    /// Green's health against `required`, counting the time that it's below; `None` while its reading doesn't count.
    pub(super) fn follow_health(
        &mut self,
        required: impl Fn(&crate::release::TargetGroupArn, &crate::release::GroupTerms) -> Reading<u32>,
    ) -> Option<Answer> {
        if !self.settled(&self.release.green) {
            return None;
        }
        let health = self.green_healthy(required);
        let now = self.now();
        match &health {
            Answer::Yes => self.release.below.stop(now),
            Answer::No(_) => self.release.below.start(now),
            Answer::Unknown(_) => {}
        }
        Some(health)
    }

    /// No healthy green target in some group: back at once. Below the required for too long in all: back.
    pub(super) fn too_sick(&mut self, health: &Option<Answer>) -> Option<Step> {
        let Some(Answer::No(short)) = health else { return None };
        let limit = Span::seconds(self.release.policy.attach_timeout_seconds);
        if short.healthy + short.unclear == 0 {
            return Some(self.roll_back(format!("no healthy target of green in {}", short.group.short()), None));
        }
        if self.release.below.read(self.now()) >= limit {
            let why = format!(
                "{} of {} targets healthy in {}, below the required for {} s in all",
                short.healthy,
                short.required,
                short.group.short(),
                limit.ceil_seconds()
            );
            return Some(self.roll_back(why, None));
        }
        None
    }

    /// The wait for green's health to return, until `latest` if that is sooner.
    pub(super) fn below(&self, short: Short, latest: Option<Timestamp>) -> WaitingOn {
        let limit = Span::seconds(self.release.policy.attach_timeout_seconds);
        let too_long = self.release.below.reaches(limit, self.now());
        let deadline = latest.map_or(too_long, |latest| latest.min(too_long));
        WaitingOn::TargetHealth {
            target_group: short.group.short().to_owned(),
            healthy: short.healthy,
            required: short.required,
            deadline,
        }
    }

    /// Green's floor follows what is required of it, up to its MaxSize; without `match_capacity` it grows by nobody's
    /// doing but its own.
    fn follow_required(&mut self) {
        let green = self.release.green.fleet.clone();
        let Ok(Some(fleet)) = self.fleet(&self.release.green) else { return };
        let most = if self.release.policy.match_capacity { u32::MAX } else { fleet.sizes.desired };
        if let Ok(required) = self.capacity_required() {
            self.hold(&green, required.min(most));
        }
    }

    fn say_blue_gone(&mut self) {
        if !self.way_back() {
            self.release.warn("blue is gone: this release goes on without a way back");
        }
    }

    /// Something unreadable holds the promotion, for so long in all.
    pub(super) fn held_by_unknown(&mut self, unknown: String) -> Step {
        let now = self.now();
        self.release.unknown.start(now);
        let limit = Span::seconds(self.release.policy.unknown_timeout_seconds);
        if self.release.unknown.read(now) >= limit {
            return self.roll_back(format!("unknown for {} s in all: {unknown}", limit.ceil_seconds()), None);
        }
        Step::Rest(WaitingOn::Evidence { unknown, deadline: self.release.unknown.reaches(limit, now).max(now) })
    }

    fn promote_or_hold(&mut self, baked_at: Timestamp) -> Step {
        let verdict = if self.release.alarms_waived { None } else { Some(self.judge(None)) };
        let held = self.held(verdict.as_ref());
        let now = self.now();
        self.release.unknown.run_if(matches!(held, Some(Held::Unknown(_))), now);
        // A pause doesn't use up the time that a hold may last.
        let held_since = self.release.paused_until.map_or(baked_at, |until| until.min(now).max(baked_at));
        let deadline = held_since + Span::seconds(self.release.policy.attach_timeout_seconds);
        let late = now >= deadline;
        match held {
            None => self.promote(verdict),
            Some(Held::Paused(until)) => Step::Rest(WaitingOn::BakeTime {
                elapsed_seconds: u32::try_from(self.release.bake.read(now).millis() / 1000).unwrap_or(0),
                bake_time_seconds: self.release.bake_time_seconds,
                deadline: until,
            }),
            Some(Held::Unknown(unknown)) => self.held_by_unknown(unknown),
            Some(Held::Grown(short)) if late => self.roll_back(
                format!(
                    "blue has grown, green hasn't: {} of {} healthy in {}",
                    short.healthy,
                    short.required,
                    short.group.short()
                ),
                None,
            ),
            Some(Held::Gate(gate, detail)) if late => self.roll_back(format!("gate {gate} of blue: {detail}"), None),
            Some(Held::Settling) if late => {
                let seconds = self.release.policy.attach_timeout_seconds;
                self.roll_back(format!("a write that the promotion waits for didn't settle within {seconds} s"), None)
            }
            Some(Held::Grown(short)) => Step::Rest(WaitingOn::TargetHealth {
                target_group: short.group.short().to_owned(),
                healthy: short.healthy,
                required: short.required,
                deadline,
            }),
            Some(Held::Gate(gate, detail)) => Step::Rest(WaitingOn::Gate { gate: gate.to_owned(), detail, deadline }),
            Some(Held::Settling) => Step::Rest(self.settling(now)),
        }
    }

    fn held(&self, verdict: Option<&Verdict>) -> Option<Held> {
        let now = self.now();
        if let Some(until) = self.release.paused_until.filter(|until| *until > now) {
            return Some(Held::Paused(until));
        }
        if let Some(verdict) = verdict.filter(|verdict| verdict.state == VerdictState::Unknown) {
            return Some(Held::Unknown(super::verdict::blame(verdict)));
        }
        if self.unsettled().is_some() || !self.actions.is_empty() {
            return Some(Held::Settling);
        }
        match self.green_healthy(|group, terms| Ok(self.required_now(group, terms)?.max(terms.required))) {
            Answer::Yes => {}
            Answer::No(short) => return Some(Held::Grown(short)),
            Answer::Unknown(why) => return Some(Held::Unknown(why)),
        }
        if let Some((gate, state)) = self.way_back_gates() {
            return Some(match state {
                super::gates::Gate::Unknown(why) => Held::Unknown(why),
                super::gates::Gate::Closed(detail) | super::gates::Gate::Never(detail) => Held::Gate(gate, detail),
                super::gates::Gate::Open | super::gates::Gate::Advice(_) => return None,
            });
        }
        self.release.blue.iter().find_map(|member| self.size(member).err()).map(|Unread(why)| Held::Unknown(why))
    }

    /// A fleet's desired capacity now: what it will come back with.
    fn size(&self, member: &Member) -> Reading<Option<u32>> {
        Ok(self.fleet(member)?.map(|fleet| fleet.sizes.desired))
    }

    /// Detaches blue: green carries, in this very look, what is required in every target group.
    pub(super) fn promote(&mut self, verdict: Option<Verdict>) -> Step {
        let now = self.now();
        self.release.unknown.stop(now);
        self.release.below.stop(now);
        if verdict.as_ref().is_some_and(|verdict| verdict.state == VerdictState::NoEvidence) {
            self.release.warn("promoted without evidence: every alarm was INSUFFICIENT_DATA, as before the release");
        }
        if let Some(verdict) = verdict {
            self.release.verdict = Some(verdict.brief());
        }
        let sizes: Vec<_> = self.release.blue.iter().map(|member| self.size(member).ok().flatten()).collect();
        super::links::want_blue_off(&mut self.release, &sizes);
        let message = match (&self.release.promoted_by, self.way_back()) {
            (Some(by), true) => format!("promoted by {by}: detaching blue"),
            (None, true) => "the bake is over and the verdict is good: detaching blue".to_owned(),
            // Without a way back no verdict is asked: an ALARM is only said.
            (Some(by), false) => format!("promoted by {by}: there is no blue left to detach"),
            (None, false) => "the bake is over: there is no blue left to detach".to_owned(),
        };
        self.enter(Stage::Detach, Status::InProgress, message);
        self.notice();
        Step::Again
    }
}
