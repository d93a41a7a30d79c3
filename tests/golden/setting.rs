//! The world of a story: load balancers, target groups, fleets and alarms, said in sentences.

use super::words::{list, number, parts, seconds, share, span};
use cutover::release::{PolicyFields, Span};
use simulated_aws::api::{StateValue, TreatMissing};
use simulated_aws::ports::Settings;
use simulated_aws::world::{
    AlarmSpec, DeliveryFaults, FleetSpec, GroupSpec, Health, Metric, Scope, Subscriptions, World, WorldBuilder, alarm,
    fleet, target_group,
};

/// What a story begins with.
pub struct Setting {
    /// The simulated AWS.
    pub world: World,
    /// How calls travel.
    pub ports: Settings,
    /// The function's own defaults of the policy.
    pub defaults: PolicyFields,
    /// The function's timeout.
    pub timeout: Span,
    /// Each run of the story dies at another await, until it has died at every one.
    pub die_everywhere: bool,
    /// The story is played with each of these seeds too: other orders, other chances, the same end.
    pub seeds: Option<(u64, u64)>,
    /// Laws that this story breaks on purpose.
    pub excepted: Vec<String>,
}

/// Sets the world up.
pub fn set_up(lines: &[(usize, String)], seed: u64) -> Result<Setting, String> {
    let quiet =
        Subscriptions { launches: false, launch_notifications: false, cloudtrail: false, alarms: false, minute: false };
    let mut builder = Some(World::builder().seed(seed));
    let mut setting = Setting {
        world: World::builder().build(),
        ports: Settings { seed, ..Settings::default() },
        defaults: PolicyFields::default(),
        timeout: Span::seconds(60),
        die_everywhere: false,
        seeds: None,
        excepted: Vec::new(),
    };
    for (number, line) in lines {
        let at = |why: String| format!("line {number}: {why}");
        if sentence(&mut setting, line).map_err(at)? {
            continue;
        }
        let so_far = builder.take().ok_or_else(|| at("no world".to_owned()))?;
        builder = Some(build(so_far, line, quiet).map_err(|why| format!("line {number}: {why}"))?);
    }
    setting.world = builder.map(WorldBuilder::build).ok_or("no world")?;
    Ok(setting)
}

/// What isn't about AWS itself; false if it's something else.
fn sentence(setting: &mut Setting, line: &str) -> Result<bool, String> {
    if let Some(part) = parts("function defaults {}", line) {
        setting.defaults = PolicyFields::from_defaults(part[0]).map_err(|fault| fault.to_string())?;
    } else if let Some(part) = parts("function timeout {}", line) {
        setting.timeout = Span::from_millis(span(part[0])?);
    } else if let Some(part) = parts("calls take {} and up to {} more", line) {
        setting.ports.latency = Span::from_millis(span(part[0])?);
        setting.ports.jitter = Span::from_millis(span(part[1])? / 2);
    } else if let Some(part) = parts("index lags up to {}", line) {
        setting.ports.index_lag = Span::from_millis(span(part[0])?);
    } else if let Some(part) = parts("also with seeds {} to {}", line) {
        setting.seeds = Some((number(part[0])?, number(part[1])?));
    } else if line == "no event bus" {
        setting.ports.event_bus = None;
    } else if line == "die at every await" {
        setting.die_everywhere = true;
    } else if let Some(part) = parts("law {} is excepted: {}", line) {
        setting.excepted.push(part[0].to_owned());
    } else {
        return Ok(false);
    }
    Ok(true)
}

fn build(builder: WorldBuilder, line: &str, quiet: Subscriptions) -> Result<WorldBuilder, String> {
    if let Some(part) = parts("network load balancer {}", line) {
        return Ok(builder.network_load_balancer(part[0]));
    }
    if let Some(part) = parts("load balancer {} in {}", line) {
        return Ok(builder.load_balancer_in(part[0], &list(part[1]).collect::<Vec<_>>()));
    }
    if let Some(part) = parts("load balancer {}", line) {
        return Ok(builder.load_balancer(part[0]));
    }
    if let Some(part) = parts("target group {}", line) {
        return Ok(builder.group(group_of(part[0])?));
    }
    if let Some(part) = parts("fleet {}", line) {
        return Ok(builder.fleet(fleet_of(part[0])?));
    }
    if let Some(part) = parts("alarm {}", line) {
        return Ok(builder.alarm(alarm_of(part[0])?));
    }
    if let Some(part) = parts("knocks: {}", line) {
        return knocks(builder, part[0], quiet);
    }
    if let Some(part) = parts("events: {} lost, {} doubled, {} late by up to {}", line) {
        let (lost, doubled, late) = (share(part[0])?, share(part[1])?, share(part[2])?);
        return Ok(builder.deliveries(DeliveryFaults { lost, doubled, late, late_by: span(part[3])?, latency: 0 }));
    }
    if let Some(part) = parts("registration takes {}", line) {
        let registration = span(part[0])?;
        return Ok(builder.settings(|settings| settings.registration = registration));
    }
    if let Some(part) = parts("a second write within {} is refused", line) {
        let contention = span(part[0])?;
        return Ok(builder.settings(|settings| settings.contention = contention));
    }
    if let Some(part) = parts("pages hold {}", line) {
        let size = number(part[0])?;
        return Ok(builder.settings(|settings| settings.page_size = Some(size)));
    }
    Err(format!("not understood: {line}"))
}

fn knocks(builder: WorldBuilder, words: &str, quiet: Subscriptions) -> Result<WorldBuilder, String> {
    let mut on = quiet;
    for word in list(words).filter(|word| *word != "none") {
        match word {
            "launches" => on.launches = true,
            "launches by SNS" => on.launch_notifications = true,
            "CloudTrail" => on.cloudtrail = true,
            "alarms" => on.alarms = true,
            "the schedule" => on.minute = true,
            _ => return Err(format!("nothing knocks as {word:?}")),
        }
    }
    Ok(builder.subscriptions(|subscriptions| *subscriptions = on))
}

/// `NAME of APPLICATION: attribute, attribute, …`
pub fn fleet_of(text: &str) -> Result<FleetSpec, String> {
    let (name, attributes) = text.split_once(": ").unwrap_or((text, ""));
    let mut spec = match name.split_once(" of ") {
        Some((name, application)) => fleet(name.trim()).of(application.trim()),
        None => fleet(name.trim()),
    };
    for attribute in attributes.split(", ").map(str::trim).filter(|attribute| !attribute.is_empty()) {
        spec = fleet_attribute(spec, attribute)?;
    }
    Ok(spec)
}

fn fleet_attribute(spec: FleetSpec, text: &str) -> Result<FleetSpec, String> {
    if let Some((key, value)) = text.split_once('=') {
        let key = if key.contains(':') { key.to_owned() } else { format!("cutover:{key}") };
        return Ok(spec.tag(&key, value));
    }
    if let Some(part) = parts("sizes {}/{}/{}", text) {
        return Ok(spec.sizes(number(part[0])?, number(part[1])?, number(part[2])?));
    }
    if let Some(part) = parts("{} instances", text).or_else(|| parts("{} instance", text)) {
        return Ok(spec.desired(number(part[0])?));
    }
    if let Some(part) = parts("on {} as a traffic source", text) {
        return Ok(spec.sourced_from(part[0]));
    }
    if let Some(part) = parts("on {}", text) {
        return Ok(list(part[0]).fold(spec, |spec, group| spec.attached_to(group)));
    }
    if let Some(part) = parts("behind the Classic load balancer {}", text) {
        return Ok(spec.behind(part[0]));
    }
    if let Some(part) = parts("created {} ago", text) {
        return Ok(spec.age(seconds(part[0])?));
    }
    if let Some(part) = parts("in {}", text) {
        return Ok(spec.zones(&list(part[0]).collect::<Vec<_>>()));
    }
    if let Some(part) = parts("launching takes {}", text) {
        return Ok(spec.launch_seconds(seconds(part[0])?));
    }
    if let Some(part) = parts("launches fail saying {}", text) {
        return Ok(spec.launch_fails(part[0]));
    }
    if let Some(part) = parts("{} errors {} after its first request", text) {
        return Ok(spec.errors_after(seconds(part[1])?, share(part[0])?));
    }
    if let Some(part) = parts("requests take {}", text) {
        return Ok(spec.request_seconds(span(part[0])? as f64 / 1000.0));
    }
    if let Some(part) = parts("{} suspended", text) {
        return Ok(spec.suspended(part[0]));
    }
    if let Some(part) = parts("weighted {}", text) {
        return Ok(spec.weighted(number(part[0])?));
    }
    if let Some(part) = parts("launch template version {}", text) {
        return Ok(spec.template_version(part[0]));
    }
    if text == "ELB health checks" {
        return Ok(spec.elb_health(0));
    }
    match text.rsplit_once(" in ") {
        Some((how, group)) => Ok(spec.health_in(group, health_of(how)?)),
        None => Ok(spec.health(health_of(text)?)),
    }
}

/// How instances do in their health checks.
pub fn health_of(text: &str) -> Result<Health, String> {
    if text == "never healthy" {
        return Ok(Health::never());
    }
    if let Some(part) = parts("healthy after {}", text) {
        return Ok(Health::after(seconds(part[0])?));
    }
    if let Some(part) = parts("healthy for {} and unhealthy for {} by turns", text) {
        return Ok(Health::flapping(seconds(part[0])?, seconds(part[1])?));
    }
    if let Some(part) = parts("unhealthy {} after its first request", text) {
        return Ok(Health::until_traffic(seconds(part[0])?));
    }
    Err(format!("not understood: {text}"))
}

/// `NAME: on LOAD_BALANCER, attribute, …`
pub fn group_of(text: &str) -> Result<GroupSpec, String> {
    let (name, attributes) = text.split_once(": ").unwrap_or((text, ""));
    let mut spec = target_group(name.trim());
    for attribute in attributes.split(", ").map(str::trim).filter(|attribute| !attribute.is_empty()) {
        spec = if let Some(part) = parts("on {}", attribute) {
            spec.on(part[0])
        } else if let Some(part) = parts("draining takes {}", attribute) {
            spec.delay(seconds(part[0])?)
        } else if let Some(part) = parts("{} requests a second", attribute) {
            spec.requests(number(part[0])?)
        } else if let Some(part) = parts("target type {}", attribute) {
            spec.target_type(part[0])
        } else if let Some(part) = parts("unhealthy.draining for {}", attribute) {
            spec.unhealthy_draining(seconds(part[0])?)
        } else if attribute == "without health checks" {
            spec.without_health_checks()
        } else {
            return Err(format!("not understood: {attribute}"));
        };
    }
    Ok(spec)
}

/// `NAME: attribute, …`
pub fn alarm_of(text: &str) -> Result<AlarmSpec, String> {
    let (name, attributes) = text.split_once(": ").unwrap_or((text, ""));
    let mut spec = alarm(name.trim());
    for attribute in attributes.split(", ").map(str::trim).filter(|attribute| !attribute.is_empty()) {
        spec = alarm_attribute(spec, attribute)?;
    }
    Ok(spec)
}

fn alarm_attribute(spec: AlarmSpec, text: &str) -> Result<AlarmSpec, String> {
    if let Some(part) = parts("{} percent of errors of {}", text) {
        return Ok(spec.watches(Metric::ErrorPercent(Scope::Group(part[1].to_owned())), number(part[0])?));
    }
    if let Some(part) = parts("{} errors of fleet {}", text) {
        return Ok(spec.errors_of_fleet(part[1], number(part[0])?));
    }
    if let Some(part) = parts("{} errors of {}", text) {
        return Ok(spec.errors_of_group(part[1], number(part[0])?));
    }
    if let Some(part) = parts("composite {}", text) {
        return Ok(spec.composite(part[0]));
    }
    if let Some(part) = parts("{} of {} periods of {}", text) {
        let period = i32::try_from(seconds(part[2])?).map_err(|error| error.to_string())?;
        return Ok(spec.judging(period, number(part[0])?, number(part[1])?));
    }
    if let Some(part) = parts("{} for {}", text) {
        return Ok(spec.state(state_of(part[0])?, seconds(part[1])?));
    }
    if let Some(part) = parts("took {} {} ago", text) {
        return Ok(spec.was(state_of(part[0])?, seconds(part[1])?));
    }
    if let Some(part) = parts("missing data {}", text) {
        let word =
            TreatMissing::parse(part[0]).ok_or_else(|| format!("missing data isn't treated as {:?}", part[0]))?;
        return Ok(spec.missing(word));
    }
    if let Some(part) = parts("action {}", text) {
        return Ok(spec.action(part[0]));
    }
    if text == "on a log" { Ok(spec.log()) } else { Err(format!("not understood: {text}")) }
}

/// An alarm's state, in CloudWatch's word.
pub fn state_of(word: &str) -> Result<StateValue, String> {
    StateValue::parse(word).ok_or_else(|| format!("{word:?} is no state of an alarm"))
}
