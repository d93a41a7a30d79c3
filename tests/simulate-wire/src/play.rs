//! One case from its beginning to its end: who knocks, whose hand moves, and what is asked once it is over.

use std::cell::{Cell, RefCell};
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use simulated_aws::api::StateValue;
use simulated_aws::wire::{Lambda, LambdaError, Wire, now};
use simulated_aws::world::{Hand, World};

use crate::case::Story;
use crate::evidence::Evidence;
use crate::stand::{ALARM, APPLICATION, GREEN, Setting};

/// What isn't over after so many looks never will be: five times what the worst weather takes. Looks, not seconds: a machine that
/// is busy with something else is slow, and no law is broken by that.
const LOOKS: usize = 300;
/// And yet a case ends, whatever happens.
const LIMIT: Duration = Duration::from_secs(900);
/// Between two tries of whoever met an error, and two looks of whoever sweeps.
const PAUSE: Duration = Duration::from_millis(400);
/// How long an alarm is in ALARM that passes before anybody looks.
const PASSES: i64 = 200;

/// A case under way.
struct Play<'a> {
    setting: &'a Setting,
    wire: &'a Wire<World>,
    lambda: &'a Lambda,
    /// The release has begun, or will by an event: until then nobody sweeps, who would begin it on other terms.
    begun: Cell<bool>,
    /// The release has ended.
    ended: Cell<bool>,
    /// It has, or it was given up: nobody knocks any more.
    over: Cell<bool>,
    /// The story's hand has moved.
    moved: Cell<bool>,
    reports: RefCell<Vec<Value>>,
    errors: RefCell<Vec<LambdaError>>,
}

/// Plays a case; what happened is for the judges.
///
/// # Errors
/// It couldn't be set up.
pub async fn play(setting: &Setting, binary: &Path) -> Result<Evidence, String> {
    let (wire, lambda) = setting.stand(binary).await?;
    let play = Play {
        setting,
        wire: &wire,
        lambda: &lambda,
        begun: Cell::new(setting.events),
        ended: Cell::new(false),
        over: Cell::new(false),
        moved: Cell::new(setting.story.stage().is_none()),
        reports: RefCell::default(),
        errors: RefCell::default(),
    };
    let events = setting.events.then(|| wire.drive(&lambda));
    wire.world(|world| world.hand(setting.green()));
    let knocks = async {
        let crowd = (1..setting.crowd).map(|_| play.sweeps());
        futures_util::future::join(play.release(), futures_util::future::join_all(crowd)).await;
    };
    let in_time = tokio::time::timeout(LIMIT, knocks).await.is_ok();
    let ended = in_time && play.ended.get();
    drop(events);
    let calls = wire.seen().len();
    wire.clear_rules();
    let afterwards = async { if ended { play.afterwards().await } else { (0, Value::Null) } };
    let (again, history) = tokio::time::timeout(LIMIT, afterwards).await.unwrap_or_default();
    let (reports, errors) = (play.reports.take(), play.errors.take());
    let (seen, world) = (wire.seen(), wire.world(|world| world.clone()));
    Ok(Evidence::new(world, seen, setting).with_answers(reports, errors).with_end(ended, calls, again, history))
}

impl Play<'_> {
    /// One invocation; what it answers is kept.
    async fn invoke(&self, payload: &Value) -> Option<Value> {
        match self.lambda.invoke(payload).await {
            Ok(report) => {
                self.reports.borrow_mut().push(report.clone());
                Some(report)
            }
            Err(error) => {
                self.errors.borrow_mut().push(error);
                None
            }
        }
    }

    /// As a workflow does: attach, then check when the report says so, until it has ended.
    async fn release(&self) {
        let attach = json!({"command": "attach", "green": GREEN, "client_token": "execution-1"});
        let check = json!({"command": "check", "application": APPLICATION});
        for _ in 0..LOOKS {
            let report = self.invoke(if self.begun.get() { &check } else { &attach }).await;
            self.begun.set(self.begun.get() || report.is_some());
            self.ended.set(report.as_ref().is_some_and(|report| report["next_check_seconds"] == 0));
            if self.ended.get() {
                break;
            }
            self.move_hand(report.as_ref()).await;
            let wait = report.and_then(|report| report["next_check_seconds"].as_u64()).map(Duration::from_secs);
            tokio::time::sleep(wait.unwrap_or(PAUSE).min(Duration::from_secs(1))).await;
        }
        self.over.set(true);
    }

    /// As the schedule does, only more often.
    async fn sweeps(&self) {
        while !self.over.get() {
            if self.begun.get() {
                self.invoke(&json!({"command": "check"})).await;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// The story's hand, once its stage is reached.
    async fn move_hand(&self, report: Option<&Value>) {
        let story = self.setting.story;
        // With several who knock, blue may have drained before this one hears of it.
        let stage = report.and_then(|report| report["stage"].as_str()).unwrap_or_default();
        let reached = Some(stage) == story.stage() || (story == Story::AlarmWhileDraining && stage == "watch");
        if self.moved.get() || !reached {
            return;
        }
        let alarm = |state| Hand::SetAlarm(ALARM.to_owned(), state);
        match story {
            Story::RolledBackByHand => {
                let rollback = json!({"command": "rollback", "application": APPLICATION, "reason": "seen by a person"});
                self.moved.set(self.invoke(&rollback).await.is_some());
                return;
            }
            Story::AlarmPasses => self.wire.world(|world| {
                world.hand(alarm(StateValue::Alarm));
                world.at(now() + PASSES, alarm(StateValue::Ok));
            }),
            _ => self.wire.world(|world| {
                world.hand(alarm(StateValue::Alarm));
            }),
        }
        self.moved.set(true);
    }

    /// Two more looks, good weather: how many writes the second sent; and the history.
    async fn afterwards(&self) -> (usize, Value) {
        let check = json!({"command": "check", "application": APPLICATION});
        // The lease of one that was killed may still run.
        while self.invoke(&check).await.is_none() {
            tokio::time::sleep(PAUSE).await;
        }
        let before = self.wire.seen().len();
        self.invoke(&check).await;
        let again = self.wire.seen().iter().skip(before).filter(|seen| seen.is_write()).count();
        let history = self.invoke(&json!({"command": "history", "application": APPLICATION})).await;
        (again, history.unwrap_or_default())
    }
}
