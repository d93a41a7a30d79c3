//! The stand: one application with a fleet that serves, another that comes, and the function deployed on it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use simulated_aws::wire::{Driver, Function, Lambda, LambdaError, Wire, now, table_properties};
use simulated_aws::world::{FleetSpec, Hand, Health, World, alarm, fleet, target_group};

/// The application's target group.
pub const GROUP: &str = "web";
/// Its alarm, whose state is set by hand.
pub const ALARM: &str = "errors";
/// The fleet that serves.
pub const BLUE: &str = "web-blue";
/// The fleet that comes.
pub const GREEN: &str = "web-green";

const APPLICATION: &str = "web";
const TABLE: &str = "record";
/// A bake in which nothing is to happen, in seconds.
pub const SHORT_BAKE: u32 = 1;
/// A bake that a test ends, in seconds.
pub const LONG_BAKE: u32 = 600;
/// The function's own timeout in template.yaml.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Enough for an invocation that waits for a lease in vain, on a slow machine.
const SHORT_TIMEOUT: Duration = Duration::from_secs(8);
/// Between two looks of whoever waits.
pub const PAUSE: Duration = Duration::from_millis(250);
/// What isn't over after so many looks never will be: a minute, five times what the slowest of these tests needs.
pub const LOOKS: usize = 240;

/// The stand. All ends when it is dropped.
pub struct Stand {
    /// The world, and its face on the wire.
    pub wire: Wire<World>,
    /// Cutover.
    pub lambda: Lambda,
    function: Function,
}

impl Stand {
    /// Blue serves, with 50 requests a second; the bake is short.
    pub async fn new() -> Self {
        Self::with(SHORT_BAKE, TIMEOUT).await
    }

    /// A bake of so many seconds.
    pub async fn with_bake(seconds: u32) -> Self {
        Self::with(seconds, TIMEOUT).await
    }

    /// Where invocations are to die: a lease ends soon after its holder's deadline, so this one heals in seconds.
    pub async fn for_deaths(bake_seconds: u32) -> Self {
        Self::with(bake_seconds, SHORT_TIMEOUT).await
    }

    async fn with(bake_seconds: u32, timeout: Duration) -> Self {
        let world = World::builder()
            .start(now())
            .settings(|settings| settings.registration = 200)
            .subscriptions(|subscriptions| subscriptions.minute = false)
            .load_balancer("front")
            .group(target_group(GROUP).on("front").delay(1).requests(50.0))
            .fleet(quick(BLUE).attached_to(GROUP))
            .alarm(alarm(ALARM))
            .build();
        let wire = Wire::start(world).await.unwrap();
        let template = std::fs::read_to_string(root().join("template.yaml")).unwrap();
        wire.dynamo(|dynamo| dynamo.create(TABLE, &table_properties(&template).unwrap())).unwrap();
        let policy = json!({
            "alarms": [ALARM], "bake_time_seconds": bake_seconds, "extend_bake": false, "rollback_window_seconds": 1,
            "settle_seconds": 1, "check_interval_seconds": 1,
        });
        let function = Function { defaults: policy.to_string(), timeout, ..Function::new(binary(), TABLE) };
        Self { lambda: Lambda::deploy(&wire, function.clone()), wire, function }
    }

    /// The same function, deployed once more with another variable.
    pub fn deployed_with(&self, variable: &str, value: &str) -> Lambda {
        let mut function = self.function.clone();
        function.variables.insert(variable.to_owned(), value.to_owned());
        Lambda::deploy(&self.wire, function)
    }

    /// From now on events reach the function.
    pub fn events(&self) -> Driver {
        self.wire.drive(&self.lambda)
    }

    /// Green is created.
    pub fn create_green(&self) {
        self.hand(Hand::CreateFleet(Box::new(quick(GREEN))));
    }

    /// Somebody, or AWS, does something.
    pub fn hand(&self, hand: Hand) {
        self.wire.world(|world| world.hand(hand));
    }

    /// `attach`, as a workflow says it.
    pub async fn attach(&self) -> Result<Value, LambdaError> {
        self.lambda.invoke(&json!({"command": "attach", "green": GREEN, "client_token": "execution-1"})).await
    }

    /// `check`.
    pub async fn check(&self) -> Result<Value, LambdaError> {
        self.lambda.invoke(&check()).await
    }

    /// Checks until a report is as wanted. Errors are passed over, and returned by their types.
    pub async fn check_until(&self, what: &str, wanted: impl Fn(&Value) -> bool) -> (Value, Vec<LambdaError>) {
        let mut errors = Vec::new();
        let mut last = Value::Null;
        for _ in 0..LOOKS {
            match self.check().await {
                Ok(report) if wanted(&report) => return (report, errors),
                Ok(report) => last = report,
                Err(error) => errors.push(error),
            }
            tokio::time::sleep(PAUSE).await;
        }
        panic!("never {what}; errors: {errors:?}; last report: {last:#}");
    }

    /// Checks until the release stands in this stage.
    pub async fn check_until_stage(&self, stage: &str) -> Value {
        self.check_until(stage, |report| report["stage"] == stage).await.0
    }

    /// Checks until the release has ended.
    pub async fn check_until_ended(&self) -> (Value, Vec<LambdaError>) {
        self.check_until("ended", |report| report["next_check_seconds"] == 0).await
    }

    /// Waits until the world is as wanted.
    pub async fn world_until(&self, what: &str, wanted: impl Fn(&World) -> bool) {
        for _ in 0..LOOKS {
            if self.wire.world(|world| wanted(world)) {
                return;
            }
            tokio::time::sleep(PAUSE).await;
        }
        panic!("never {what}");
    }

    /// How many writes have arrived, announcements aside.
    pub fn writes(&self) -> usize {
        self.wire.world(|world| world.writes().count())
    }
}

/// The command `check`.
pub fn check() -> Value {
    json!({"command": "check", "application": APPLICATION})
}

/// The schedule's event.
pub fn sweep() -> Value {
    serde_json::from_str(include_str!("../../events/schedule.json")).unwrap()
}

fn quick(name: &str) -> FleetSpec {
    fleet(name).of(APPLICATION).desired(2).launch_seconds(1).health(Health::after(1))
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn binary() -> PathBuf {
    std::env::var_os("CUTOVER_BINARY").map_or_else(|| env!("CARGO_BIN_EXE_bootstrap").into(), PathBuf::from)
}
