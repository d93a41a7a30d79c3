//! The transcript: what each invocation answered, wrote and announced; what brought no news is counted and left out.

use super::answer;
use super::driver::Invoked;
use serde_json::Value;
use simulated_aws::api::Call;
use simulated_aws::ports::Ended;
use simulated_aws::world::{Announced, Arrived, Outcome, seconds_z};
use std::collections::{BTreeMap, BTreeSet};

/// What is told.
pub struct Transcript {
    lines: Vec<String>,
    day: String,
    gists: BTreeMap<String, String>,
    said: BTreeSet<(String, String)>,
    skipped: usize,
    skipped_until: i64,
    hushed: bool,
    /// What the last report waits on.
    pub waits_on: Option<String>,
    /// The gate that it waits on.
    pub gate: Option<String>,
}

impl Transcript {
    /// An empty one of a story that begins now.
    pub fn new(start: i64) -> Self {
        let day = seconds_z(start)[..10].to_owned();
        let (gists, said) = (BTreeMap::new(), BTreeSet::new());
        Self {
            lines: Vec::new(),
            day,
            gists,
            said,
            skipped: 0,
            skipped_until: 0,
            hushed: false,
            waits_on: None,
            gate: None,
        }
    }

    /// All of it.
    pub fn text(&self) -> String {
        self.lines.join("\n")
    }

    /// Whether nothing is told for now.
    pub fn hush(&mut self, hushed: bool) {
        self.hushed = hushed;
    }

    /// One more line.
    pub fn line(&mut self, line: String) {
        self.skip_over();
        self.lines.push(self.clock(&line));
    }

    /// Somebody does something.
    pub fn deed(&mut self, now: i64, after: i64, text: &str) {
        let when = if after == 0 { String::new() } else { format!("in {} s: ", after / 1000) };
        let line = format!("{}  * {when}{text}", seconds_z(now));
        self.line(line);
    }

    /// An invocation.
    pub fn tell(&mut self, invoked: &Invoked) {
        if self.hushed {
            return;
        }
        let mut lines = self.answered(invoked);
        lines.extend(invoked.writes.iter().map(|write| format!("AWS: {}", written(write))));
        lines.extend(invoked.announced.iter().map(announced));
        if lines.is_empty() {
            self.skipped += 1;
            self.skipped_until = invoked.at;
            return;
        }
        self.line(format!("{}  {}", seconds_z(invoked.at), invoked.label));
        for line in lines {
            self.line(format!("          {line}"));
        }
    }

    fn skip_over(&mut self) {
        if self.skipped > 0 {
            let until = self.clock(&seconds_z(self.skipped_until));
            self.lines.push(format!("          … {} more until {until}, without news", self.skipped));
            self.skipped = 0;
        }
    }

    /// The news in an answer.
    fn answered(&mut self, invoked: &Invoked) -> Vec<String> {
        let answer = match &invoked.ended {
            Ended::Died => return vec!["died".to_owned()],
            Ended::TimedOut => return vec!["was ended by Lambda: its time was over".to_owned()],
            Ended::Returned(Err(error)) => return vec![format!("error {}: {error}", error.error_type())],
            Ended::Returned(Ok(answer)) => answer,
        };
        if answer["release"].is_string() {
            return self.report(answer, invoked.commanded);
        }
        let mut lines = Vec::new();
        match answer["releases"].as_array() {
            Some(reports) if answer["not_reached"].is_u64() => {
                for report in reports {
                    lines.extend(match report["release"].is_string() {
                        true => self.report(report, false),
                        false => vec![format!("{}: {} {}", report["application"], report["error"], report["message"])],
                    });
                }
                if answer["not_reached"] != 0 {
                    lines.push(format!("not reached: {}", answer["not_reached"]));
                }
            }
            _ => {
                let said = answer::other(answer);
                let news = self.gists.insert(invoked.label.clone(), said.join("|")) != Some(said.join("|"));
                lines.extend(said.into_iter().filter(|_| news || invoked.commanded));
            }
        }
        lines
    }

    fn report(&mut self, report: &Value, always: bool) -> Vec<String> {
        self.waits_on = report["waiting_on"]["kind"].as_str().map(str::to_owned);
        self.gate = report["waiting_on"]["gate"].as_str().map(str::to_owned);
        let gist = answer::gist(report);
        let known = self.gists.insert(answer::plain(&report["release"]), gist.clone());
        let done = report["actions"].as_array().is_some_and(|actions| !actions.is_empty());
        if !(always || done || known.as_ref() != Some(&gist)) {
            return Vec::new();
        }
        // A verdict and a warning are told once, until there's another.
        let release = answer::plain(&report["release"]);
        let sticky: Vec<String> = answer::verdict(report).into_iter().chain(answer::warnings(report)).collect();
        let old = |line: &String| self.said.contains(&(release.clone(), line.trim().to_owned()));
        let lines = answer::report(report).into_iter().filter(|line| !old(line)).collect();
        self.said.retain(|(of, line)| *of != release || line.starts_with("warns"));
        self.said.extend(sticky.into_iter().map(|line| (release.clone(), line)));
        lines
    }

    /// Moments as a clock shows them: the story's own day goes without saying.
    fn clock(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find("T").and_then(|_| moment(rest)) {
            let (before, moment, after) = at;
            out.push_str(before);
            let (day, clock) = moment.split_once('T').unwrap_or(("", moment));
            if day != self.day {
                out.push_str(&format!("{day} "));
            }
            out.push_str(&clock[..8]);
            rest = after;
        }
        out + rest
    }
}

/// The first moment (`2026-01-05T12:00:00.02Z`) in a text: what is before it, itself, what is behind.
fn moment(text: &str) -> Option<(&str, &str, &str)> {
    let shape = "dddd-dd-ddTdd:dd:dd";
    let fits = |part: &str| {
        part.len() == shape.len()
            && part.bytes().zip(shape.bytes()).all(|(is, d)| if d == b'd' { is.is_ascii_digit() } else { is == d })
    };
    let at = (0..text.len()).find(|at| text.get(*at..at + shape.len()).is_some_and(fits))?;
    let behind = &text[at + shape.len()..];
    let fraction = behind.find(|c: char| c != '.' && !c.is_ascii_digit()).unwrap_or(behind.len());
    let end = behind[fraction..].strip_prefix('Z')?;
    Some((&text[..at], &text[at..text.len() - end.len()], end))
}

/// A write as AWS got it.
fn written(write: &Arrived) -> String {
    let names = |arns: &[String]| arns.iter().map(|arn| short(arn)).collect::<Vec<_>>().join(", ");
    let what = match &write.call {
        Call::AttachLoadBalancerTargetGroups { asg, target_group_arns }
        | Call::DetachLoadBalancerTargetGroups { asg, target_group_arns } => {
            format!("{} {asg}: {}", write.call.operation(), names(target_group_arns))
        }
        Call::AttachTrafficSources { asg, traffic_sources, .. }
        | Call::DetachTrafficSources { asg, traffic_sources } => {
            let arns: Vec<String> = traffic_sources.iter().map(|source| source.identifier.clone()).collect();
            format!("{} {asg}: {}", write.call.operation(), names(&arns))
        }
        Call::UpdateAutoScalingGroup { asg, min_size, desired_capacity, max_size } => {
            let sizes = [("MinSize", min_size), ("DesiredCapacity", desired_capacity), ("MaxSize", max_size)];
            let said = sizes.iter().filter_map(|(name, size)| size.map(|size| format!("{name} {size}")));
            format!("UpdateAutoScalingGroup {asg}: {}", said.collect::<Vec<_>>().join(", "))
        }
        other => other.operation().to_owned(),
    };
    let how = match &write.outcome {
        Outcome::Applied | Outcome::Read => String::new(),
        Outcome::Nothing => " (was so already)".to_owned(),
        Outcome::Refused(code) => format!(" (refused: {code})"),
        Outcome::NeverArrived => " (never arrived)".to_owned(),
    };
    let answered = if write.answered || write.outcome == Outcome::NeverArrived { "" } else { " (unanswered)" };
    format!("{what}{how}{answered}")
}

fn short(arn: &str) -> &str {
    arn.split(":targetgroup/").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or(arn)
}

fn announced(announced: &Announced) -> String {
    let detail: Value = serde_json::from_str(&announced.entry.detail).unwrap_or_default();
    format!(
        "announced {}: {} {}, {}: {}",
        detail["sequence"],
        answer::plain(&detail["release"]),
        answer::plain(&detail["stage"]),
        answer::plain(&detail["status"]),
        answer::plain(&detail["message"])
    )
}
