//! A world to begin with, from its seed: applications, their target groups, what serves, what is watched, what is asked.

use crate::faults::{Class, Classes};
use cutover::release::{ApplicationName, Span};
use simulated_aws::api::{StateValue, TreatMissing};
use simulated_aws::ports::Settings;
use simulated_aws::world::{FleetSpec, GroupSpec, Health, Metric, Scope, World, alarm, fleet, target_group};

/// One application as it is set up.
#[derive(Clone, Debug)]
pub struct App {
    /// Its name.
    pub name: String,
    /// The same, as the record knows it.
    pub id: ApplicationName,
    /// Its target groups, by name.
    pub groups: Vec<String>,
    /// The alarms that its releases watch, by name.
    pub alarms: Vec<String>,
    /// Of these, those that are set by hand alone.
    pub by_hand: Vec<String>,
    /// The fleets that it begins with.
    pub first: Vec<String>,
    /// How many new versions are to come.
    pub versions: u32,
    /// How many instances it usually has.
    pub size: i32,
    /// Its fleets hang on a group that is none of its releases', too.
    pub elsewhere: bool,
    /// Its first fleets are behind a Classic load balancer, too.
    pub classic: bool,
}

/// What a world begins with.
pub struct Setting {
    /// The simulated AWS.
    pub world: World,
    /// How calls travel.
    pub ports: Settings,
    /// Which trouble strikes.
    pub classes: Classes,
    /// The applications.
    pub apps: Vec<App>,
    /// The function's timeout.
    pub timeout: Span,
    /// `settle_seconds` of every release here; a stale read reaches back by less.
    pub settle: u32,
}

/// A target group that no release names.
const ELSEWHERE: &str = "elsewhere";
/// An alarm that two applications watch.
pub const SHARED: &str = "shared";

/// The longest deregistration delay here, in seconds.
pub const LONGEST_DELAY: u32 = 150;

/// The function's longest timeout here, in seconds.
pub const LONGEST_TIMEOUT: u32 = 60;

/// Sets a world up from its seed.
pub fn set_up(rng: &mut fastrand::Rng, allowed: Classes) -> Setting {
    let classes = allowed.some(rng);
    let settle = *choose(rng, &[10, 15, 30, 30]);
    let mut builder = World::builder().seed(rng.u64(..));
    let launches = rng.u8(0..10);
    builder = builder.subscriptions(|on| {
        on.launches = launches != 0;
        on.launch_notifications = launches < 3;
        on.cloudtrail = launches == 4 || launches == 5;
    });
    let registration = *choose(rng, &[2_000, 2_000, 8_000, 25_000]);
    // Small pages are many calls: a world in five has them.
    let page = *choose(rng, &[1, 2, 3]);
    let page = Some(page).filter(|_| rng.u8(0..5) == 0);
    let contention = *choose(rng, &[0, 0, 0, 1_500]);
    let takes_all = rng.bool();
    builder = builder.settings(|settings| {
        settings.log_reads = false;
        settings.registration = registration;
        settings.page_size = page;
        settings.contention = contention;
        settings.detach_sources_takes_all = takes_all;
        if classes.has(Class::Stale) {
            settings.max_stale = i64::from(settle) * 1000;
        }
    });
    builder = builder.load_balancer("alb").network_load_balancer("nlb");
    builder = builder.alarm(alarm(SHARED)).group(target_group(ELSEWHERE).on("alb"));
    let mut apps = Vec::new();
    for number in 0..*choose(rng, &[1, 1, 1, 2, 2, 3]) {
        let app = application(rng, number);
        for group in &app.groups {
            builder = builder.group(group_of(rng, group));
        }
        for name in &app.alarms {
            if name != SHARED {
                builder = builder.alarm(alarm_of(rng, name, &app));
            }
        }
        for name in &app.first {
            let spec = fleet_of(rng, name, &app);
            let spec = if app.classic { spec.behind("old-front") } else { spec };
            let mut spec = attached(rng, spec, &app);
            spec.age = 86_400 + rng.i64(0..86_400);
            builder = builder.fleet(spec);
        }
        apps.push(app);
    }
    let ports = Settings {
        seed: rng.u64(..),
        latency: Span::from_millis(rng.i64(10..60)),
        jitter: Span::from_millis(rng.i64(0..80)),
        index_lag: Span::from_millis(*choose(rng, &[0, 0, 500, 3_000])),
        event_bus: (rng.u8(0..8) != 0).then(|| "cutover".to_owned()),
        ..Settings::default()
    };
    let timeout = Span::seconds(*choose(rng, &[30, 30, LONGEST_TIMEOUT, 15]));
    Setting { world: builder.build(), ports, classes, apps, timeout, settle }
}

fn application(rng: &mut fastrand::Rng, number: usize) -> App {
    let name = ["web", "shop", "mail"][number].to_owned();
    let groups = ["a", "b"][..rng.usize(1..=2)].iter().map(|suffix| format!("{name}-{suffix}")).collect();
    let kinds = ["manual", "errors", "all"];
    let alarms: Vec<String> = match rng.u8(0..12) {
        0 => Vec::new(),
        1..4 => vec![format!("{name}-manual")],
        4..7 => vec![format!("{name}-manual"), SHARED.to_owned()],
        7..9 => kinds[..2].iter().map(|kind| format!("{name}-{kind}")).collect(),
        _ => kinds.iter().map(|kind| format!("{name}-{kind}")).collect(),
    };
    let by_hand = alarms.iter().filter(|name| name.ends_with("manual") || *name == SHARED).cloned().collect();
    let blues = *choose(rng, &[1, 1, 1, 1, 1, 1, 2, 2, 3, 0]);
    App {
        first: (0..blues).map(|blue| format!("{name}-0{}", ["", "b", "c"][blue])).collect(),
        versions: *choose(rng, &[1, 1, 2, 3]),
        size: rng.i32(1..=4),
        elsewhere: rng.u8(0..8) == 0,
        classic: rng.u8(0..16) == 0,
        id: id_of(&name),
        name,
        groups,
        alarms,
        by_hand,
    }
}

fn group_of(rng: &mut fastrand::Rng, name: &str) -> GroupSpec {
    let network = rng.u8(0..4) == 0;
    let spec = target_group(name).on(if network { "nlb" } else { "alb" });
    let spec = spec.delay(i64::from(*choose(rng, &[0, 5, 20, 60, LONGEST_DELAY]))).requests(20.0);
    if network && rng.bool() { spec.unhealthy_draining(30) } else { spec }
}

fn alarm_of(rng: &mut fastrand::Rng, name: &str, app: &App) -> simulated_aws::world::AlarmSpec {
    let spec = alarm(name);
    match name.rsplit('-').next() {
        Some("errors") => {
            let group = rng.choice(&app.groups).cloned().unwrap_or_default();
            let missing = if rng.bool() { TreatMissing::NotBreaching } else { TreatMissing::Missing };
            let state = if missing == TreatMissing::Missing { StateValue::InsufficientData } else { StateValue::Ok };
            let spec = match rng.bool() {
                true => spec.errors_of_group(&group, 60.0),
                false => spec.watches(Metric::ErrorPercent(Scope::Group(group)), 10.0),
            };
            spec.missing(missing).state(state, 7_200)
        }
        Some("all") => spec.composite(&format!("ALARM(\"{0}-manual\") OR ALARM(\"{0}-errors\")", app.name)),
        _ => spec,
    }
}

/// A fleet of an application, attached to nothing yet, with what its release is to be like as tags.
pub fn fleet_of(rng: &mut fastrand::Rng, name: &str, app: &App) -> FleetSpec {
    let spec = fleet(name).of(&app.name);
    let desired = (app.size + rng.i32(-1..=1)).max(1);
    let max = desired + rng.i32(0..=4);
    let spec = spec.sizes(rng.i32(0..=desired), desired, max);
    let spec = spec.launch_seconds(rng.i64(5..60)).health(Health::after(rng.i64(2..40)));
    let spec = if rng.u8(0..3) == 0 { spec.elb_health(rng.i32(0..120)) } else { spec };
    if rng.u8(0..4) == 0 { spec.zones(&["eu-west-1a"]) } else { spec }
}

/// The same on every target group of its application, in either style.
pub fn attached(rng: &mut fastrand::Rng, spec: FleetSpec, app: &App) -> FleetSpec {
    let sourced = rng.u8(0..3) == 0;
    let elsewhere = app.elsewhere.then(|| ELSEWHERE.to_owned());
    app.groups
        .iter()
        .chain(&elsewhere)
        .fold(spec, |spec, group| if sourced { spec.sourced_from(group) } else { spec.attached_to(group) })
}

/// The policy of a release: the fields' names with their values, as a tag says them.
pub fn policy(rng: &mut fastrand::Rng, app: &App, settle: u32) -> Vec<(&'static str, String)> {
    let mut fields: Vec<(&'static str, String)> = vec![("settle_seconds", settle.to_string())];
    let mut add = |name: &'static str, value: &str| fields.push((name, value.to_owned()));
    match app.alarms.as_slice() {
        [] => add("alarms", "none"),
        alarms if rng.u8(0..4) == 0 && alarms.iter().all(|name| name.starts_with(&app.name)) => {
            add("alarm_prefix", &format!("{}-", app.name));
        }
        alarms => add("alarms", &alarms.join(",")),
    }
    add("bake_time_seconds", word(rng, &["30", "60", "120", "180", "0"]));
    add("rollback_window_seconds", word(rng, &["0", "30", "60", "180"]));
    add("extend_bake", if rng.u8(0..4) == 0 { "true" } else { "false" });
    add("healthy_percent", word(rng, &["100", "100", "75", "50"]));
    add("prepare_timeout_seconds", word(rng, &["300", "600", "900"]));
    add("attach_timeout_seconds", word(rng, &["120", "300", "900"]));
    add("unknown_timeout_seconds", word(rng, &["60", "300", "900"]));
    add("rollback_healthy_percent", word(rng, &["50", "100", "25"]));
    add("rollback_timeout_seconds", word(rng, &["120", "300", "900"]));
    add("insufficient_data", word(rng, &["baseline", "baseline", "unknown"]));
    add("in_alarm_at_start", word(rng, &["hold", "hold", "reject", "ignore"]));
    add("retire_blue", word(rng, &["keep", "keep", "scale_to_zero"]));
    add("match_capacity", word(rng, &["true", "true", "false"]));
    if app.first.is_empty() || app.elsewhere {
        add("target_groups", &app.groups.join(","));
    }
    fields
}

/// A name as the record knows it.
fn id_of(name: &str) -> ApplicationName {
    ApplicationName::parse(name).expect("a name of this file's own")
}

/// One of several.
pub fn choose<'a, T>(rng: &mut fastrand::Rng, among: &'a [T]) -> &'a T {
    &among[rng.usize(0..among.len())]
}

/// One of several words.
fn word(rng: &mut fastrand::Rng, among: &[&'static str]) -> &'static str {
    among[rng.usize(0..among.len())]
}
