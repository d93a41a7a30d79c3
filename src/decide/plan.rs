//! What a release would do, stage by stage: the dry run.

use super::case::Case;
use super::gates::{GateReport, gate_reports};
use crate::release::policy::RetireBlue;
use crate::release::{Member, Observation, Release, Stage, TargetGroupArn};
use serde::Serialize;

/// What `plan` answers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan {
    /// Every gate, as it stands now.
    pub gates: Vec<GateReport>,
    /// What would be done, in order.
    #[serde(rename = "plan")]
    pub lines: Vec<PlanLine>,
    /// What a person should know.
    pub warnings: Vec<String>,
}

/// One thing that would be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlanLine {
    /// In which stage.
    pub stage: Stage,
    /// What, in a word: `hold`, `attach`, `wait`, `detach`, `release`, `retire`.
    pub action: &'static str,
    /// To which fleet; empty for a wait.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub fleet: String,
    /// The figures.
    pub detail: String,
}

/// Plans a release that was just begun, from a look at everything that its gates ask for. Writes nothing.
pub fn plan(release: &Release, seen: &Observation) -> Plan {
    let mut case = Case::new(release.clone(), seen);
    case.learn_habits();
    let _fits = case.fit_bake();
    let mut warnings = case.release.warnings.clone();
    warnings.extend(case.doubts());
    Plan { gates: gate_reports(&case.release, seen), lines: case.lines(), warnings }
}

impl Case<'_> {
    /// What isn't good, and closes no gate.
    fn doubts(&self) -> Vec<String> {
        let mut doubts = Vec::new();
        for group in self.release.groups.keys() {
            for member in self.release.blue.iter().filter(|member| member.links.contains_key(group)) {
                if let Ok(count) = self.count([member], group)
                    && count.healthy < member.in_service
                {
                    let (healthy, of) = (count.healthy, member.in_service);
                    doubts.push(format!(
                        "{healthy} of {of} instances of {} are healthy in {}",
                        member.fleet,
                        group.short()
                    ));
                }
            }
            let blue_there = self.release.blue.iter().any(|member| member.links.contains_key(group));
            if !self.release.blue.is_empty() && !blue_there {
                doubts.push(format!("no blue serves {}: a rollback would halt there", group.short()));
            }
        }
        for member in self.retiring() {
            let elsewhere = self.serves_elsewhere(member);
            if !elsewhere.is_empty() {
                let elsewhere = elsewhere.join(", ");
                doubts.push(format!("{} won't be scaled to zero: it's attached to {elsewhere}, too", member.fleet));
            }
        }
        for watched in self.release.watched.iter().filter(|watched| watched.quiet_before == Some(true)) {
            doubts.push(format!("alarm {} is at times without data", watched.alarm));
        }
        doubts
    }

    fn lines(&self) -> Vec<PlanLine> {
        let policy = &self.release.policy;
        let green = self.release.green.fleet.to_string();
        let line =
            |stage, action, fleet: &str, detail: String| PlanLine { stage, action, fleet: fleet.to_owned(), detail };
        let groups = |names: Vec<&str>| names.join(", ");
        let mut lines = Vec::new();
        for member in &self.release.blue {
            let (min, desired) = (member.found.min, member.found.desired);
            if min < desired {
                let detail = format!("MinSize from {min} to {desired}, given back at the end");
                lines.push(line(Stage::Prepare, "hold", member.fleet.as_str(), detail));
            }
        }
        if let Ok(required) = self.capacity_required()
            && self.release.green.found.min < required
        {
            let detail = format!("MinSize from {} to {required}, given back at the end", self.release.green.found.min);
            lines.push(line(Stage::Prepare, "hold", &green, detail));
        }
        let missing: Vec<_> =
            self.release.green.links.iter().filter(|(_, link)| !link.found).map(|(group, _)| group.short()).collect();
        if !missing.is_empty() {
            lines.push(line(Stage::Attach, "attach", &green, format!("to {}", groups(missing))));
        }
        let healthy =
            format!("until {green} is healthy in every target group, at most {} s", policy.attach_timeout_seconds);
        lines.push(line(Stage::Attach, "wait", "", healthy));
        if self.release.blue.is_empty() {
            return lines;
        }
        let alarms = self.release.watched.len();
        let bake = format!("{} s with both fleets serving, {alarms} alarms watched", self.release.bake_time_seconds);
        lines.push(line(Stage::Bake, "wait", "", bake));
        for member in &self.release.blue {
            let found = member.found_groups().map(|group| group.short()).collect();
            lines.push(line(Stage::Detach, "detach", member.fleet.as_str(), format!("from {}", groups(found))));
        }
        let window = format!("{} s with blue kept warm", policy.rollback_window_seconds);
        lines.push(line(Stage::Watch, "wait", "", window));
        for member in self.retiring().filter(|member| self.serves_elsewhere(member).is_empty()) {
            lines.push(line(Stage::Watch, "retire", member.fleet.as_str(), "to zero instances".to_owned()));
        }
        lines
    }

    /// The fleets of blue that are to be scaled to zero at the end, if they're attached nowhere by then.
    fn retiring(&self) -> impl Iterator<Item = &Member> {
        let retire = self.release.policy.retire_blue == RetireBlue::ScaleToZero;
        self.release.blue.iter().filter(move |_| retire)
    }

    /// What sends a fleet requests besides the target groups of this release.
    fn serves_elsewhere(&self, member: &Member) -> Vec<String> {
        let Ok(Some(fleet)) = self.fleet(member) else { return Vec::new() };
        let stays = |group: &&TargetGroupArn| !member.found_groups().any(|leaves| leaves == *group);
        let groups = fleet.groups.iter().filter(stays).map(TargetGroupArn::short);
        groups.chain(fleet.elsewhere.iter().map(String::as_str)).map(str::to_owned).collect()
    }
}
