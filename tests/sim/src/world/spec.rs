//! What a scenario says about a fleet, a target group or an alarm before it exists: plain specifications with AWS's defaults.

use crate::api::{LaunchTemplate, Millis};

/// By which of the two API pairs a fleet is attached. Each pair sees and detaches only its own (AWS.md 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Style {
    /// `AttachLoadBalancerTargetGroups`, or `TargetGroupARNs` at creation.
    TargetGroups,
    /// `AttachTrafficSources`, or `TrafficSources` at creation.
    TrafficSources,
}

/// How a fleet's instances do in a target group's health checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Health {
    /// From the end of registration to `healthy`; `None`: never, they turn `unhealthy` instead.
    pub healthy_after: Option<Millis>,
    /// From the end of registration to `unhealthy`, for those that never pass. AWS: 2 failed checks of 30 s; here 20 s.
    pub unhealthy_after: Millis,
    /// What follows once they are healthy.
    pub then: Then,
}

/// What becomes of a target that was healthy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// It stays so.
    Stay,
    /// It goes down and up again, for ever.
    Flap {
        /// How long it is healthy.
        up: Millis,
        /// How long it is unhealthy.
        down: Millis,
    },
    /// It turns unhealthy for good, so long after its fleet's first request.
    UnhealthyAfterTraffic(Millis),
}

impl Health {
    /// Healthy so many seconds after registration, and then for good.
    pub fn after(seconds: i64) -> Self {
        Health { healthy_after: Some(seconds * 1000), unhealthy_after: 20_000, then: Then::Stay }
    }

    /// Never healthy.
    pub fn never() -> Self {
        Health { healthy_after: None, ..Health::after(0) }
    }

    /// Healthy and unhealthy by turns, in seconds.
    pub fn flapping(up: i64, down: i64) -> Self {
        Health { then: Then::Flap { up: up * 1000, down: down * 1000 }, ..Health::after(10) }
    }

    /// Healthy after ten seconds, unhealthy for good so many seconds after the fleet's first request.
    pub fn until_traffic(seconds: i64) -> Self {
        Health { then: Then::UnhealthyAfterTraffic(seconds * 1000), ..Health::after(10) }
    }
}

/// How a fleet behaves: its launches, its health, its answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Behaviour {
    /// From launch to `InService`.
    pub launch: Millis,
    /// Every launch fails with this `StatusMessage`.
    pub launch_failure: Option<String>,
    /// So many launches fail first.
    pub launch_failures_first: u32,
    /// Its health in every group that has none of its own.
    pub health: Health,
    /// Its health in particular groups, by name.
    pub health_in: Vec<(String, Health)>,
    /// The share of requests that it answers with a 5xx: steps of (time since its first request, share).
    pub errors: Vec<(Millis, f64)>,
    /// How long one request takes; with a shorter deregistration delay some are cut off.
    pub request: Millis,
}

impl Default for Behaviour {
    fn default() -> Self {
        Behaviour {
            launch: 20_000,
            launch_failure: None,
            launch_failures_first: 0,
            health: Health::after(10),
            health_in: Vec::new(),
            errors: Vec::new(),
            request: 100,
        }
    }
}

/// A fleet to be.
#[derive(Clone, Debug, PartialEq)]
pub struct FleetSpec {
    /// Its name.
    pub name: String,
    /// `MinSize`.
    pub min: i32,
    /// `MaxSize`.
    pub max: i32,
    /// `DesiredCapacity`.
    pub desired: i32,
    /// Its zones.
    pub zones: Vec<String>,
    /// `HealthCheckType`; AWS's default is `EC2`.
    pub health_check_type: String,
    /// `HealthCheckGracePeriod`, seconds; by the API 0.
    pub grace: i32,
    /// Its tags.
    pub tags: Vec<(String, String)>,
    /// Names of the target groups that it is created with, and in which style.
    pub attached: Vec<(String, Style)>,
    /// Names of the Classic load balancers that it is created with.
    pub classic: Vec<String>,
    /// Processes that are suspended.
    pub suspended: Vec<String>,
    /// How many seconds before the start it was created; only for fleets that the world begins with.
    pub age: i64,
    /// `WeightedCapacity` of each instance, in a fleet that weighs.
    pub weight: Option<i32>,
    /// `Version` of its launch template.
    pub template_version: String,
    /// How it behaves.
    pub behaviour: Behaviour,
}

/// A fleet by name: one instance, at most four, in two zones, attached to nothing, a day old.
pub fn fleet(name: &str) -> FleetSpec {
    FleetSpec {
        name: name.to_owned(),
        min: 1,
        max: 4,
        desired: 1,
        zones: vec!["eu-west-1a".into(), "eu-west-1b".into()],
        health_check_type: "EC2".into(),
        grace: 0,
        tags: Vec::new(),
        attached: Vec::new(),
        classic: Vec::new(),
        suspended: Vec::new(),
        age: 86_400,
        weight: None,
        template_version: "1".into(),
        behaviour: Behaviour::default(),
    }
}

impl FleetSpec {
    /// So many instances desired; MinSize 1 and MaxSize twice as many unless [`FleetSpec::sizes`] says otherwise.
    pub fn desired(self, desired: i32) -> Self {
        let min = desired.min(1);
        FleetSpec { desired, min, max: (desired * 2).max(1), ..self }
    }

    /// MinSize, desired capacity, MaxSize.
    pub fn sizes(self, min: i32, desired: i32, max: i32) -> Self {
        FleetSpec { min, desired, max, ..self }
    }

    /// Created attached to a target group, by the old API pair.
    pub fn attached_to(mut self, group: &str) -> Self {
        self.attached.push((group.to_owned(), Style::TargetGroups));
        self
    }

    /// Created attached to a target group, as a traffic source.
    pub fn sourced_from(mut self, group: &str) -> Self {
        self.attached.push((group.to_owned(), Style::TrafficSources));
        self
    }

    /// Created behind a Classic load balancer.
    pub fn behind(mut self, classic: &str) -> Self {
        self.classic.push(classic.to_owned());
        self
    }

    /// With a tag.
    pub fn tag(mut self, key: &str, value: &str) -> Self {
        self.tags.push((key.to_owned(), value.to_owned()));
        self
    }

    /// With `cutover:application`, the opt-in.
    pub fn of(self, application: &str) -> Self {
        self.tag("cutover:application", application)
    }

    /// Created so many seconds before the world begins.
    pub fn age(self, seconds: i64) -> Self {
        FleetSpec { age: seconds, ..self }
    }

    /// In these zones.
    pub fn zones(self, zones: &[&str]) -> Self {
        FleetSpec { zones: zones.iter().map(|zone| (*zone).to_owned()).collect(), ..self }
    }

    /// With ELB health checks beside EC2's.
    pub fn elb_health(self, grace_seconds: i32) -> Self {
        FleetSpec { health_check_type: "ELB".into(), grace: grace_seconds, ..self }
    }

    /// With a suspended process.
    pub fn suspended(mut self, process: &str) -> Self {
        self.suspended.push(process.to_owned());
        self
    }

    /// With weighted capacity.
    pub fn weighted(self, weight: i32) -> Self {
        FleetSpec { weight: Some(weight), ..self }
    }

    /// From this version of its launch template.
    pub fn template_version(self, version: &str) -> Self {
        FleetSpec { template_version: version.to_owned(), ..self }
    }

    /// With this health in every group.
    pub fn health(mut self, health: Health) -> Self {
        self.behaviour.health = health;
        self
    }

    /// With this health in one group.
    pub fn health_in(mut self, group: &str, health: Health) -> Self {
        self.behaviour.health_in.push((group.to_owned(), health));
        self
    }

    /// Launching takes so many seconds.
    pub fn launch_seconds(mut self, seconds: i64) -> Self {
        self.behaviour.launch = seconds * 1000;
        self
    }

    /// Every launch fails, and says this.
    pub fn launch_fails(mut self, message: &str) -> Self {
        self.behaviour.launch_failure = Some(message.to_owned());
        self
    }

    /// From so many seconds after its first request on, this share (0 to 1) of its answers is a 5xx.
    pub fn errors_after(mut self, seconds: i64, share: f64) -> Self {
        self.behaviour.errors.push((seconds * 1000, share));
        self
    }

    /// One request takes so many seconds.
    pub fn request_seconds(mut self, seconds: f64) -> Self {
        self.behaviour.request = (seconds * 1000.0) as Millis;
        self
    }

    pub(crate) fn launch_template(&self) -> LaunchTemplate {
        LaunchTemplate {
            id: "lt-0a1b2c3d4e5f60718".into(),
            name: format!("{}-template", self.name),
            version: self.template_version.clone(),
        }
    }
}

/// A target group to be.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupSpec {
    /// Its name.
    pub name: String,
    /// The load balancers with a listener that forwards to it.
    pub load_balancers: Vec<String>,
    /// `instance`, `ip`, …
    pub target_type: String,
    /// `deregistration_delay.timeout_seconds`; AWS's default is 300.
    pub delay: i64,
    /// Requests a second that arrive for it.
    pub requests_per_second: f64,
    /// `HealthCheckEnabled`.
    pub health_checks: bool,
    /// `target_group_health.unhealthy_state_routing.minimum_healthy_targets.count`: below it, traffic goes to every target.
    pub fail_open_below: u32,
    /// NLB: how long a failing target is shown as `unhealthy.draining`, seconds.
    pub unhealthy_draining: i64,
}

/// A target group by name, on no load balancer yet, with AWS's defaults.
pub fn target_group(name: &str) -> GroupSpec {
    GroupSpec {
        name: name.to_owned(),
        load_balancers: Vec::new(),
        target_type: "instance".into(),
        delay: 300,
        requests_per_second: 0.0,
        health_checks: true,
        fail_open_below: 1,
        unhealthy_draining: 0,
    }
}

impl GroupSpec {
    /// Behind a listener of this load balancer.
    pub fn on(mut self, load_balancer: &str) -> Self {
        self.load_balancers.push(load_balancer.to_owned());
        self
    }

    /// With this deregistration delay, seconds.
    pub fn delay(self, seconds: i64) -> Self {
        GroupSpec { delay: seconds, ..self }
    }

    /// With so many requests a second.
    pub fn requests(self, per_second: f64) -> Self {
        GroupSpec { requests_per_second: per_second, ..self }
    }

    /// With another target type.
    pub fn target_type(self, target_type: &str) -> Self {
        GroupSpec { target_type: target_type.to_owned(), ..self }
    }

    /// Without health checks.
    pub fn without_health_checks(self) -> Self {
        GroupSpec { health_checks: false, ..self }
    }

    /// Showing failing targets as `unhealthy.draining` for so many seconds.
    pub fn unhealthy_draining(self, seconds: i64) -> Self {
        GroupSpec { unhealthy_draining: seconds, ..self }
    }
}
