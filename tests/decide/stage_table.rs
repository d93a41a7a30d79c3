//! The stage table: every stage × situation → next stage, status, what is waited for, what is done and said; one text,
//! compared whole, so that a changed rule shows in review as a changed line.

use crate::accept::same_as_accepted;
use crate::rows;
use crate::scene::Scene;
use cutover::decide::{Action, Ask, Refusal};
use cutover::release::{Release, WaitingOn};

/// One situation, in the stage under whose heading it stands.
pub struct Row {
    pub situation: &'static str,
    pub scene: Scene,
    pub ask: Option<Ask>,
}

/// A row: a scene, and what is different in it.
pub fn row(situation: &'static str, mut scene: Scene, change: impl FnOnce(&mut Scene)) -> Row {
    change(&mut scene);
    Row { situation, scene, ask: None }
}

/// A row in which a person asks something.
pub fn asked(situation: &'static str, mut scene: Scene, ask: Ask, change: impl FnOnce(&mut Scene)) -> Row {
    change(&mut scene);
    Row { situation, scene, ask: Some(ask) }
}

const WIDTHS: [usize; 5] = [62, 22, 20, 22, 0];

fn line(cells: [&str; 5]) -> String {
    let padded: Vec<_> = cells.iter().zip(WIDTHS).map(|(cell, width)| format!("{cell:<width$}")).collect();
    padded.join(" | ").trim_end().to_owned()
}

fn render(row: &Row) -> String {
    let before = &row.scene.release;
    let (after, waiting_on, actions, notes) = match &row.ask {
        None => {
            let decision = row.scene.decide();
            let notes = decision.notes.into_iter().map(|note| note.message).collect::<Vec<_>>();
            (decision.release, decision.waiting_on, decision.actions, notes)
        }
        Some(ask) => match row.scene.ask(ask.clone()) {
            Err(refusal) => return line([row.situation, "refused", "", "", &refused(&refusal)]),
            Ok(turn) => {
                let after = turn.application.running.or_else(|| turn.kept.last().cloned());
                let notes = turn.entries.into_iter().map(|entry| entry.message).chain(turn.said).collect();
                (after.unwrap_or_else(|| before.clone()), turn.waiting_on, turn.actions, notes)
            }
        },
    };
    let stage = match (after.ended(), after.ending) {
        (true, _) => "over".to_owned(),
        (false, Some((end, _))) => format!("{} ({end})", after.stage),
        (false, None) => after.stage.to_string(),
    };
    let waits = waiting_on.map(|waiting| waits(&waiting, &row.scene)).unwrap_or_default();
    let does = does(&actions, notes, before, &after);
    line([row.situation, &stage, after.status.as_str(), &waits, &does])
}

fn refused(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Ignored(why) => format!("ignored: {why}"),
        Refusal::Invalid(fault) => format!("InvalidRequest: {fault}"),
        Refusal::NotFound(why) => format!("NotFound: {why}"),
        Refusal::Conflict(why) => format!("Conflict: {why}"),
        Refusal::Unread(why) => format!("Unavailable: {why}"),
    }
}

/// The kind, and the seconds until its deadline.
fn waits(waiting: &WaitingOn, scene: &Scene) -> String {
    match waiting.deadline() {
        Some(deadline) => format!("{} {} s", waiting.kind(), (deadline - scene.seen.at).millis() / 1000),
        None => waiting.kind().to_owned(),
    }
}

/// Actions first, then what was said, then new warnings.
fn does(actions: &[Action], notes: Vec<String>, before: &Release, after: &Release) -> String {
    let mut parts: Vec<_> = actions.iter().map(Action::to_string).collect();
    let said = parts.join("; ");
    parts.extend(notes.into_iter().filter(|note| *note != said).map(|note| format!("\"{note}\"")));
    let new = after.warnings.iter().filter(|warning| !before.warnings.contains(warning));
    let warnings: Vec<_> = new.map(|warning| format!("warns \"{warning}\"")).collect();
    parts.extend(warnings);
    parts.join("; ")
}

/// **The stage machine is a table**: what each stage does in each situation is on record as text.
#[test]
fn every_stage_does_in_every_situation_what_the_accepted_table_says() {
    let mut text = String::from(
        "Every stage in every situation: one look. Accept a changed rule with: UPDATE=1 cargo test -p decide\n\
         \"over\": the release has ended; \"watch (successful)\": it's heading there, its floors are being given back.\n\
         The seconds are those until the wait's deadline.\n",
    );
    for (heading, rows) in rows::all() {
        let columns = line(["situation", "next stage", "status", "waits on", "does"]);
        text.push_str(&format!("\n## {heading}\n{columns}\n"));
        for row in rows {
            text.push_str(&render(&row));
            text.push('\n');
        }
    }
    same_as_accepted("stage_table.txt", &text);
}
