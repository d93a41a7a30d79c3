//! The stage: a simulated AWS account with a load balancer, a target group, an alarm, and Cutover deployed as template.yaml says.

use std::cell::{Cell, RefCell};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cutover::release::Status;
use serde_json::{Value, json};
use simulated_aws::api::Millis;
use simulated_aws::wire::{Driver, Front, Function, Lambda, LambdaError, Wire, now, table_properties};
use simulated_aws::world::{FleetSpec, Hand, Health, World, alarm, fleet, target_group};

use crate::customers::Customers;
use crate::schedule::Schedule;

/// The application.
pub const APPLICATION: &str = "shop";
/// Its target group.
pub const GROUP: &str = "shop-web";
/// Its alarm: five or more 5xx answers of the group's targets within a second.
pub const ALARM: &str = "shop-5xx";

/// The table of the record.
const TABLE: &str = "cutover";
/// How often a wait looks at the world.
const GLANCE: Duration = Duration::from_millis(50);

/// The account, and all that runs in it.
pub struct Account {
    /// The world, and its face on the wire.
    pub wire: Wire<World>,
    /// Cutover.
    pub lambda: Lambda,
    /// EventBridge.
    pub driver: Driver,
    /// The load balancer's front door.
    pub front: Front,
    /// Who buys.
    pub customers: Customers,
    /// What knocks every few seconds.
    pub schedule: Schedule,
    /// When the demo began.
    pub began: Millis,
    heard: RefCell<Value>,
    awaited: RefCell<String>,
    events_heard: Cell<usize>,
}

impl Account {
    /// Opens the account: the world, the table from template.yaml, the function from `CUTOVER_BINARY`.
    ///
    /// # Errors
    /// The binary isn't there, the template can't be read, or no loopback port is free.
    pub async fn open() -> Result<Self, Box<dyn Error>> {
        let template = std::fs::read_to_string(root().join("template.yaml"))?;
        let wire = Wire::start(world()).await?;
        wire.dynamo(|dynamo| dynamo.create(TABLE, &table_properties(&template)?).map_err(|error| error.to_string()))?;
        let lambda =
            Lambda::deploy(&wire, Function { defaults: policy().to_string(), ..Function::new(binary()?, TABLE) });
        Ok(Self {
            driver: wire.drive(&lambda),
            front: wire.front().await?,
            wire,
            lambda,
            customers: Customers::default(),
            schedule: Schedule::default(),
            began: now(),
            heard: RefCell::default(),
            awaited: RefCell::default(),
            events_heard: Cell::default(),
        })
    }

    /// Somebody creates a fleet.
    pub fn create(&self, fleet: FleetSpec) {
        self.wire.world(|world| world.hand(Hand::CreateFleet(Box::new(fleet))));
    }

    /// Launches no longer come as events.
    pub fn without_launch_events(&self) {
        self.wire.world(|world| world.subscriptions.launches = false);
    }

    /// Waits until a fleet has a healthy target.
    ///
    /// # Errors
    /// An invocation failed.
    pub async fn serves(&self, fleet: &str) -> Result<(), String> {
        self.wait(&format!("a healthy target of {fleet}"), || {
            self.wire.world(|world| world.healthy(GROUP).contains_key(fleet)).then_some(())
        })
        .await
    }

    /// Waits until the release of a fleet has ended, as its announcement says.
    ///
    /// # Errors
    /// It ended otherwise, or an invocation failed.
    pub async fn ends(&self, green: &str, expected: Status) -> Result<(), String> {
        let ended = self
            .wait(&format!("the release of {green} to end {expected}"), || {
                let all = self.announcements();
                let end = all.iter().find(|report| report["green"] == green && report["next_check_seconds"] == 0)?;
                Some(end.clone())
            })
            .await?;
        match ended["status"].as_str() {
            Some(status) if status == expected.as_str() => Ok(()),
            _ => Err(format!("the release of {green} ended {}, not {expected}: {}", ended["status"], ended["message"])),
        }
    }

    async fn wait<T>(&self, what: &str, look: impl Fn() -> Option<T>) -> Result<T, String> {
        what.clone_into(&mut self.awaited.borrow_mut());
        loop {
            if let Some(found) = look() {
                return Ok(found);
            }
            if let Some(failure) = self.failures().pop() {
                return Err(failure);
            }
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// What the story waits for after so long, and what the release in flight says that it waits for.
    pub fn late(&self, after: Duration) -> String {
        let report = self.report();
        let waits = format!("{} is in {} and waits on {}", report["release"], report["stage"], report["waiting_on"]);
        format!("not over after {} s; waited for {}; {waits}", after.as_secs(), self.awaited.borrow())
    }

    /// Invocations by events and by the schedule that failed: none may.
    pub fn failures(&self) -> Vec<String> {
        let events = self.driver.delivered().into_iter().filter_map(|event| event.answer.err());
        let events = events.map(|failure| format!("an event's invocation failed: {failure}"));
        self.schedule.failures().into_iter().chain(events).collect()
    }

    /// Invokes the function, and listens to its answer.
    ///
    /// # Errors
    /// The function's.
    pub async fn invoke(&self, payload: &Value) -> Result<Value, LambdaError> {
        let answer = self.lambda.invoke(payload).await?;
        self.hear(&answer);
        Ok(answer)
    }

    /// The newest report of all answers so far, those to events among them; null before the first.
    pub fn report(&self) -> Value {
        let delivered = self.driver.delivered();
        for event in delivered.iter().skip(self.events_heard.replace(delivered.len())) {
            if let Ok(answer) = &event.answer {
                self.hear(answer);
            }
        }
        self.heard.borrow().clone()
    }

    fn hear(&self, answer: &Value) {
        let several = answer["releases"].as_array().and_then(|all| all.first());
        let report = several.unwrap_or(answer);
        if report.get("release").is_some() {
            report.clone_into(&mut self.heard.borrow_mut());
        }
    }

    /// Whether a release is in flight, as the last announcement says.
    pub fn in_flight(&self) -> bool {
        self.announcements().last().is_some_and(|report| report["next_check_seconds"] != 0)
    }

    /// Everything that was announced on the event bus, in order.
    pub fn announcements(&self) -> Vec<Value> {
        self.wire.world(|world| {
            world.announced().iter().filter_map(|event| serde_json::from_str(&event.entry.detail).ok()).collect()
        })
    }
}

/// A version of the shop: two instances, quick to launch and quick to be healthy.
pub fn version(name: &str) -> FleetSpec {
    fleet(name).of(APPLICATION).desired(2).launch_seconds(2).health(Health::after(2))
}

fn world() -> World {
    World::builder()
        .start(now())
        .settings(|settings| {
            settings.registration = 500;
            settings.metric_delay = 500;
            settings.termination = 1_000;
        })
        // The demo's own schedule knocks more often than once a minute.
        .subscriptions(|subscriptions| subscriptions.minute = false)
        .load_balancer("front")
        .group(target_group(GROUP).on("front").delay(2))
        .alarm(alarm(ALARM).errors_of_group(GROUP, 5.0).judging(1, 1, 1))
        .build()
}

/// The function's defaults: minutes in production, seconds here.
fn policy() -> Value {
    json!({
        "alarms": [ALARM],
        "bake_time_seconds": 6,
        "rollback_window_seconds": 3,
        "settle_seconds": 1,
        "check_interval_seconds": 1,
        "extend_bake": false,
    })
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn binary() -> Result<PathBuf, String> {
    let path = std::env::var_os("CUTOVER_BINARY").map(PathBuf::from);
    let path = path.unwrap_or_else(|| root().join("target/release/bootstrap"));
    if path.is_file() { Ok(path) } else { Err(format!("{} is not there; `make demo` builds it", path.display())) }
}
