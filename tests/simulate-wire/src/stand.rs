//! The stand of one case: a small account on the wire, the shipped binary deployed on it, seconds where a user has minutes.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::json;
use simulated_aws::wire::{Function, Lambda, Wire, now, table_properties};
use simulated_aws::world::{FleetSpec, Hand, Health, World, alarm, fleet, target_group};

use crate::case::{Case, Story};
use crate::weather::{Strike, of, one_of};

/// The application.
pub const APPLICATION: &str = "web";
/// The fleet that serves.
pub const BLUE: &str = "web-blue";
/// The fleet that comes.
pub const GREEN: &str = "web-green";
/// Its alarm, whose state is set by hand.
pub const ALARM: &str = "errors";
/// How many instances each of them has.
pub const SIZE: u32 = 2;
/// Their MinSize, desired capacity and MaxSize.
const SIZES: (i32, i32, i32) = (1, 2, 4);
/// Requests a second in each target group: who is cut off, or finds nobody, is counted.
const REQUESTS: f64 = 50.0;
const TABLE: &str = "record";
/// A bake or window that nothing but its story ends, in seconds.
const LONG: u32 = 600;
/// The function's timeout where its processes are killed: the lease of a dead one ends 2 s after it, so that a case takes
/// seconds.
const SHORT_TIMEOUT: Duration = Duration::from_secs(8);
/// Elsewhere: enough for two reads after each other that nobody answers.
const TIMEOUT: Duration = Duration::from_secs(12);

/// What a case is made of; all that is random in it follows from the seed.
pub struct Setting {
    /// The story.
    pub story: Story,
    /// The application's target groups.
    pub groups: Vec<&'static str>,
    /// How many knock at the same time; the first follows the reports, the others sweep.
    pub crowd: usize,
    /// Whether events reach the function; if so, green's launch begins the release, not a command.
    pub events: bool,
    /// The function's timeout.
    pub timeout: Duration,
    /// The faults, in the order in which they are asked.
    pub strikes: Vec<Strike>,
}

impl Setting {
    /// Of a case of this seed.
    pub fn of(case: &Case, seed: u64) -> Self {
        let mut rng = fastrand::Rng::with_seed(seed);
        let plain = |story: &Story, timeout| (*story, vec!["web"], 1, false, timeout);
        let (story, groups, crowd, events, timeout) = match case {
            Case::Calm(story) | Case::Kill(story, ..) => plain(story, SHORT_TIMEOUT),
            Case::Weather(_) => {
                let groups = one_of(&mut rng, &[&["web"][..], &["web", "api"]]).to_vec();
                let events = rng.bool();
                // An event may be lost with its invocation: then it takes a sweep to begin the release.
                let crowd = rng.usize(if events { 2 } else { 1 }..4);
                (one_of(&mut rng, &Story::ALL).0, groups, crowd, events, TIMEOUT)
            }
        };
        Self { story, groups, crowd, events, timeout, strikes: of(case, &mut rng) }
    }

    /// Blue serves, beside somebody else's fleets: one that serves, one without a tag.
    pub fn world(&self) -> World {
        let mut builder = World::builder()
            .start(now())
            .settings(|settings| settings.registration = 200)
            .subscriptions(|on| on.minute = false)
            .load_balancer("front")
            .group(target_group("other").on("front").requests(REQUESTS))
            .fleet(fleet("other-blue").of("other").attached_to("other"))
            .fleet(fleet("stranger"))
            .alarm(alarm("others"))
            .alarm(alarm(ALARM));
        let mut blue = quick(BLUE).health(Health::after(1));
        for group in &self.groups {
            builder = builder.group(target_group(group).on("front").delay(1).requests(REQUESTS));
            blue = blue.attached_to(group);
        }
        builder.fleet(blue).build()
    }

    fn policy(&self) -> String {
        let bake = if self.story.stage() == Some("bake") { LONG } else { 1 };
        let window = if matches!(self.story.stage(), Some("detach" | "watch")) { LONG } else { 1 };
        let attach_timeout = if self.story == Story::NeverHealthy { 3 } else { 900 };
        json!({
            "alarms": [ALARM], "bake_time_seconds": bake, "extend_bake": false, "rollback_window_seconds": window,
            "attach_timeout_seconds": attach_timeout, "settle_seconds": 1, "check_interval_seconds": 1,
        })
        .to_string()
    }

    /// Green, as it is launched.
    pub fn green(&self) -> Hand {
        let health = if self.story == Story::NeverHealthy { Health::never() } else { Health::after(1) };
        Hand::CreateFleet(Box::new(quick(GREEN).health(health)))
    }

    /// Sets it all up, the faults included.
    ///
    /// # Errors
    /// The template can't be read, or no loopback port is free.
    pub async fn stand(&self, binary: &Path) -> Result<(Wire<World>, Lambda), String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let template = std::fs::read_to_string(root.join("template.yaml")).map_err(|error| error.to_string())?;
        let wire = Wire::start(self.world()).await.map_err(|error| error.to_string())?;
        let table = table_properties(&template)?;
        wire.dynamo(|dynamo| dynamo.create(TABLE, &table)).map_err(|error| error.to_string())?;
        for (calls, fault) in &self.strikes {
            wire.fault(calls.clone(), fault.clone());
        }
        let function = Function { defaults: self.policy(), timeout: self.timeout, ..Function::new(binary, TABLE) };
        let lambda = Lambda::deploy(&wire, function);
        Ok((wire, lambda))
    }
}

fn quick(name: &str) -> FleetSpec {
    let (min, desired, max) = SIZES;
    fleet(name).of(APPLICATION).sizes(min, desired, max).launch_seconds(1)
}

/// The binary that `CUTOVER_BINARY` names; without it, the one that Cargo has built beside this program.
///
/// # Errors
/// It isn't there.
pub fn binary() -> Result<PathBuf, String> {
    let beside = || std::env::current_exe().ok().and_then(|own| Some(own.parent()?.join("bootstrap")));
    let path = std::env::var_os("CUTOVER_BINARY").map(PathBuf::from).or_else(beside).unwrap_or_default();
    if path.is_file() {
        Ok(path)
    } else {
        Err(format!("{} is not there; `make simulate-wire` builds it", path.display()))
    }
}
