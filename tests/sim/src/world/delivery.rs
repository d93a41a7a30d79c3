//! What knocks at Cutover: events with the moment at which they arrive, and what may go wrong on the way. Delivery is best effort (AWS.md 5).

use std::collections::BTreeMap;

use serde_json::Value;

use super::World;
use super::alarm::Alarm;
use super::payload;
use super::queue::Due;
use crate::api::Millis;

/// Which events of AWS reach Cutover.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subscriptions {
    /// EventBridge: launches, good and bad.
    pub launches: bool,
    /// SNS: launches.
    pub launch_notifications: bool,
    /// EventBridge: CloudTrail's CreateAutoScalingGroup and CreateOrUpdateTags.
    pub cloudtrail: bool,
    /// EventBridge: alarm state changes. An alarm's own actions come beside them, if it has any.
    pub alarms: bool,
    /// The schedule, each minute.
    pub minute: bool,
}

impl Default for Subscriptions {
    fn default() -> Self {
        Subscriptions { launches: true, launch_notifications: false, cloudtrail: false, alarms: true, minute: true }
    }
}

/// What goes wrong between AWS and Cutover; shares from 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct DeliveryFaults {
    /// Never arrives.
    pub lost: f64,
    /// Arrives twice.
    pub doubled: f64,
    /// Arrives late, and so perhaps after what happened later.
    pub late: f64,
    /// How late at most.
    pub late_by: Millis,
    /// How long each takes in any case.
    pub latency: Millis,
}

/// What an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryKind {
    /// "EC2 Instance Launch Successful".
    LaunchSuccessful,
    /// "EC2 Instance Launch Unsuccessful".
    LaunchUnsuccessful,
    /// An Auto Scaling notification by SNS.
    LaunchNotification,
    /// CloudTrail: CreateAutoScalingGroup.
    FleetCreated,
    /// CloudTrail: CreateOrUpdateTags.
    FleetTagged,
    /// "CloudWatch Alarm State Change" by EventBridge.
    AlarmEvent,
    /// The alarm's direct Lambda action.
    AlarmAction,
    /// The alarm's SNS action.
    AlarmNotification,
    /// "Scheduled Event".
    Minute,
}

/// One event that arrives.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// When it arrives.
    pub due: Millis,
    /// When it happened.
    pub happened: Millis,
    /// What it is about.
    pub kind: DeliveryKind,
    /// The fleet or alarm; empty for the schedule.
    pub subject: String,
    /// The payload as the function gets it.
    pub payload: Value,
}

/// What is on its way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outbox {
    waiting: BTreeMap<(Millis, u64), Delivery>,
    sent: u64,
}

impl Outbox {
    pub(crate) fn next(&self) -> Option<Millis> {
        self.waiting.keys().next().map(|(due, _)| *due)
    }

    fn post(&mut self, delivery: Delivery) {
        self.sent += 1;
        self.waiting.insert((delivery.due, self.sent), delivery);
    }
}

impl World {
    /// Takes what has arrived by now, in order of arrival.
    pub fn take_deliveries(&mut self) -> Vec<Delivery> {
        let mut taken = Vec::new();
        while let Some(entry) = self.outbox.waiting.first_entry().filter(|entry| entry.key().0 <= self.now) {
            taken.push(entry.remove());
        }
        taken
    }

    /// When the next delivery arrives, of those that have been sent.
    pub fn next_delivery(&self) -> Option<Millis> {
        self.outbox.next()
    }

    fn send(&mut self, kind: DeliveryKind, subject: &str, payload: Value) {
        let faults = self.delivery_faults;
        let mut copies = 1;
        if faults.lost > 0.0 && self.rng.f64() < faults.lost {
            return;
        }
        if faults.doubled > 0.0 && self.rng.f64() < faults.doubled {
            copies = 2;
        }
        for _ in 0..copies {
            let mut due = self.now + faults.latency;
            if faults.late > 0.0 && self.rng.f64() < faults.late {
                due += self.rng.i64(0..=faults.late_by.max(0));
            }
            let delivery =
                Delivery { due, happened: self.now, kind, subject: subject.to_owned(), payload: payload.clone() };
            self.outbox.post(delivery);
        }
    }

    pub(crate) fn announce_launch(&mut self, name: &str, id: &str) {
        let n = self.make();
        let Some(fleet) = self.fleets.get(name) else { return };
        let event = payload::launch(fleet, Some(id), None, self.now, n);
        let notification = payload::launch_notification(fleet, id, self.now, n);
        if self.subscriptions.launches {
            self.send(DeliveryKind::LaunchSuccessful, name, event);
        }
        if self.subscriptions.launch_notifications {
            self.send(DeliveryKind::LaunchNotification, name, notification);
        }
    }

    pub(crate) fn announce_launch_failure(&mut self, name: &str, message: &str) {
        let n = self.make();
        let Some(fleet) = self.fleets.get(name) else { return };
        let event = payload::launch(fleet, None, Some(message), self.now, n);
        if self.subscriptions.launches {
            self.send(DeliveryKind::LaunchUnsuccessful, name, event);
        }
    }

    pub(crate) fn announce_created(&mut self, name: &str) {
        let n = self.make();
        let Some(fleet) = self.fleets.get(name) else { return };
        let event = payload::created(fleet, self.now, n);
        if self.subscriptions.cloudtrail {
            self.send(DeliveryKind::FleetCreated, name, event);
        }
    }

    pub(crate) fn announce_tagged(&mut self, name: &str, key: &str, value: &str) {
        let n = self.make();
        let event = payload::tagged(name, key, value, self.now, n);
        if self.subscriptions.cloudtrail {
            self.send(DeliveryKind::FleetTagged, name, event);
        }
    }

    pub(crate) fn announce_alarm(&mut self, before: &Alarm, after: &Alarm) {
        let n = self.make();
        let name = after.spec.name.as_str();
        if self.subscriptions.alarms {
            let event = payload::alarm_event(before, after, n);
            self.send(DeliveryKind::AlarmEvent, name, event);
        }
        if !after.spec.actions_enabled {
            return;
        }
        for action in &after.spec.actions {
            if action.starts_with("arn:aws:lambda:") {
                self.send(DeliveryKind::AlarmAction, name, payload::alarm_action(before, after));
            } else if action.starts_with("arn:aws:sns:") {
                self.send(DeliveryKind::AlarmNotification, name, payload::alarm_notification(before, after, action, n));
            }
        }
    }

    pub(crate) fn minute(&mut self) {
        let n = self.make();
        if self.subscriptions.minute {
            let event = payload::minute(self.now, n);
            self.send(DeliveryKind::Minute, "", event);
        }
        self.schedule(self.now + 60_000, Due::Minute);
    }
}
