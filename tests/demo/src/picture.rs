//! The picture of a moment: the release's stages, the fleets, the alarm, the customers.

use cutover::release::Stage;
use simulated_aws::api::StateValue;

use crate::figures::{Figures, FleetFigures};
use crate::screen::{Ink, Screen};

const RULE: &str = "────────────────────────────────────────────────────────────────────────────────";

/// As lines below each other, for a terminal.
pub fn draw(figures: &Figures, screen: &Screen) -> Vec<String> {
    let text = |field: &str| figures.release[field].as_str().unwrap_or("-").to_owned();
    let mut lines = vec![
        screen.paint(Ink::Faint, RULE),
        format!(" release   {:<8} {}", text("release"), text("status")),
        format!(" stage     {}", stages(figures, screen)),
        format!(" waits on  {}", figures.waits),
    ];
    lines.extend(figures.fleets.iter().map(|fleet| row(fleet, screen)));
    lines.push(format!(" alarm     {:<8} {}", crate::account::ALARM, alarm(figures, screen)));
    let lost = format!("{:.0} lost", figures.lost);
    let lost = if figures.lost > 0.0 { screen.paint(Ink::Red, &lost) } else { lost };
    lines.push(format!(" requests  {} sent, {:.0} answered with an error, {lost}", figures.sent, figures.errors));
    lines
}

/// The way through the stages, the present one marked; a rollback shows itself alone.
fn stages(figures: &Figures, screen: &Screen) -> String {
    let present = figures.release["stage"].as_str().unwrap_or_default();
    let ended = figures.release["next_check_seconds"] == 0;
    let shown = |stage: &&Stage| (**stage == Stage::Rollback) == (present == Stage::Rollback.as_str());
    let mark = |stage: &Stage| match stage.as_str() == present {
        true if ended => screen.paint(Ink::Bold, &format!("[{stage}: ended]")),
        true => screen.paint(Ink::Bold, &format!("[{stage}]")),
        false => screen.paint(Ink::Faint, stage.as_str()),
    };
    Stage::ALL.iter().filter(shown).map(mark).collect::<Vec<_>>().join("  ")
}

/// One fleet: a dot for each target, full when it is healthy.
fn row(fleet: &FleetFigures, screen: &Screen) -> String {
    let dots = |dot: &str, count: u32| dot.repeat(count as usize);
    let targets = dots("●", fleet.healthy) + &dots("○", fleet.unhealthy) + &dots("◌", fleet.draining);
    let role = format!("{:<9}", fleet.role);
    let role = match fleet.role {
        "green" => screen.paint(Ink::Green, &role),
        "blue" => screen.paint(Ink::Blue, &role),
        _ => role,
    };
    let Some(link) = fleet.link else {
        return format!(" {role} {:<8} {}", fleet.name, screen.paint(Ink::Faint, "not attached"));
    };
    let errors = format!("{:4.1} errors/s", fleet.errors);
    let errors = if fleet.errors > 0.0 { screen.paint(Ink::Red, &errors) } else { errors };
    let (name, health, link, rate) = (&fleet.name, health(fleet), link.as_str(), fleet.requests);
    format!(" {role} {name:<8} {targets:<4} {health:<14} {link:<9} {rate:4.1} req/s  {errors}")
}

fn health(fleet: &FleetFigures) -> String {
    let registered = fleet.healthy + fleet.unhealthy;
    let healthy = (registered > 0 || fleet.draining == 0).then(|| format!("{} of {registered} healthy", fleet.healthy));
    let draining = (fleet.draining > 0).then(|| format!("{} draining", fleet.draining));
    [healthy, draining].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn alarm(figures: &Figures, screen: &Screen) -> String {
    match figures.alarm {
        Some(state @ StateValue::Alarm) => screen.paint(Ink::Red, state.as_str()),
        Some(state) => state.as_str().to_owned(),
        None => "-".to_owned(),
    }
}

/// As one line, for where there is no picture.
pub fn line(figures: &Figures) -> String {
    let mut parts = Vec::new();
    for fleet in figures.fleets.iter().filter(|fleet| fleet.link.is_some()) {
        let role = if fleet.role.is_empty() { String::new() } else { format!("{} ", fleet.role) };
        let mut part = format!("{role}{} {}, {:.0} requests/s", fleet.name, health(fleet), fleet.requests);
        if fleet.errors > 0.0 {
            part += &format!(", {:.0} errors/s", fleet.errors);
        }
        parts.push(part);
    }
    if figures.alarm == Some(StateValue::Alarm) {
        parts.push(format!("{} is ALARM", crate::account::ALARM));
    }
    if !figures.waits.is_empty() {
        parts.push(format!("waits on {}", figures.waits));
    }
    if parts.is_empty() { "nothing serves yet".to_owned() } else { parts.join(" · ") }
}
