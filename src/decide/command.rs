//! What people ask of a release: promote, pause, rollback. Each changes the record only; the rules do the rest.

use super::case::Case;
use super::turn::{Ask, Refusal};
use super::{Action, Note};
use crate::release::{Application, Observation, Release, Span, Stage, Status};

/// A release changed by a command, with what is to be said.
pub(super) struct Commanded {
    pub release: Release,
    pub notes: Vec<Note>,
    pub actions: Vec<Action>,
}

/// Applies a command to the running release; `Ok(None)`: nothing to do, said.
pub(super) fn apply(release: &Release, ask: &Ask, seen: &Observation) -> Result<Option<Commanded>, Refusal> {
    let mut case = Case::new(release.clone(), seen);
    let changed = match ask {
        Ask::Promote { by } => promote(&mut case, by)?,
        Ask::Pause { by, for_seconds } => pause(&mut case, by, *for_seconds)?,
        Ask::Rollback { by, reason } => roll_back(&mut case, by, reason.as_deref())?,
        Ask::Look | Ask::Start(_) => false,
    };
    let commanded = Commanded { release: case.release, notes: case.notes, actions: case.actions };
    Ok(changed.then_some(commanded))
}

fn promote(case: &mut Case<'_>, by: &str) -> Result<bool, Refusal> {
    let id = case.release.id.clone();
    if case.release.ending.is_some() {
        return Ok(false);
    }
    if case.release.halted() {
        if case.release.promoted_by.is_none() {
            case.release.promoted_by = Some(by.to_owned());
            case.release.alarms_waived = true;
            case.note(format!("{by} promotes out of the halt: alarms no longer count in this release"));
            return Ok(true);
        }
        return Ok(false);
    }
    match case.release.stage {
        Stage::Bake if case.release.promoted_by.is_none() || case.release.paused_until.is_some() => {
            case.release.promoted_by = Some(by.to_owned());
            case.release.paused_until = None;
            case.note(format!("{by} ends the bake; every other gate still holds"));
            Ok(true)
        }
        Stage::Bake | Stage::Detach | Stage::Watch => Ok(false),
        Stage::Prepare | Stage::Attach => Err(Refusal::Conflict(format!(
            "release {id} is in {}: it can be promoted once both fleets serve",
            case.release.stage
        ))),
        Stage::Rollback => Err(Refusal::Conflict(format!("release {id} is rolling back: it can't be promoted"))),
    }
}

fn pause(case: &mut Case<'_>, by: &str, for_seconds: u32) -> Result<bool, Refusal> {
    if let Some((end, _)) = case.release.ending {
        let why = format!("release {} is ending as {end}: there is no promotion to hold", case.release.id);
        return Err(Refusal::Conflict(why));
    }
    if case.release.stage > Stage::Bake {
        let why = format!(
            "release {} is in {}: a pause holds the promotion, and that is past",
            case.release.id, case.release.stage
        );
        return Err(Refusal::Conflict(why));
    }
    let until = case.now() + Span::seconds(for_seconds);
    if case.release.paused_until == Some(until) {
        return Ok(false);
    }
    case.release.paused_until = Some(until);
    case.note(format!("{by} holds the promotion until {until}"));
    Ok(true)
}

fn roll_back(case: &mut Case<'_>, by: &str, reason: Option<&str>) -> Result<bool, Refusal> {
    let why = match reason {
        Some(reason) => format!("{by}: {reason}"),
        None => format!("{by} asked for it"),
    };
    if case.release.stage == Stage::Rollback || ending_badly(&case.release) {
        return Ok(false);
    }
    // Whether there is a way back is seen now, not as the last look left it.
    case.notice();
    if case.release.stage == Stage::Prepare && case.release.evidence_since.is_none() {
        let _ending = case.finish(Status::Rejected, format!("rejected: {why}"));
        return Ok(true);
    }
    if !case.way_back() {
        let id = &case.release.id;
        return Err(Refusal::Conflict(format!("release {id} has no blue to go back to")));
    }
    let _again = case.roll_back(why, None);
    Ok(true)
}

/// Why a command that was given before needs nothing.
pub(super) fn standing(release: &Release) -> String {
    match (&release.promoted_by, release.stage) {
        _ if release.ended() => format!("has ended as {}", release.status),
        _ if ending_badly(release) => "is ending already".to_owned(),
        (_, Stage::Rollback) if release.ending.is_some() => "is ending already".to_owned(),
        (Some(by), Stage::Rollback) if release.halted() => {
            format!("was promoted by {by} before: it waits for green's health")
        }
        (None, Stage::Rollback) if release.halted() => "is halted and waits on a person".to_owned(),
        (_, Stage::Rollback) => "is rolling back already".to_owned(),
        (Some(by), Stage::Bake) => format!("was promoted by {by} before"),
        (_, Stage::Detach | Stage::Watch) => "is promoted already".to_owned(),
        _ => format!("is in {} already", release.stage),
    }
}

fn ending_badly(release: &Release) -> bool {
    matches!(release.ending, Some((Status::Rejected | Status::RollbackSuccessful | Status::RollbackFailed, _)))
}

/// Opens the newest release that served again, to go back from it.
pub(super) fn reopen(
    application: &Application,
    ended: &Release,
    ask: &Ask,
    seen: &Observation,
) -> Result<Option<Commanded>, Refusal> {
    let id = &ended.id;
    if application.last_served.as_ref() != Some(id) {
        return Err(Refusal::Conflict(format!("release {id} has ended, and it isn't the newest that served")));
    }
    match (ask, ended.status) {
        (Ask::Rollback { .. }, Status::RollbackSuccessful) => Ok(None),
        (Ask::Promote { .. }, Status::Successful) => Ok(None),
        (Ask::Rollback { .. }, Status::Successful) => {
            let mut open = ended.clone();
            open.ended_at = None;
            open.alarms_waived = false;
            let mut case = Case::new(open.clone(), seen);
            case.notice();
            if !case.way_back() {
                return Err(Refusal::Conflict(format!("release {id} has no blue any more to go back to")));
            }
            open = case.release;
            apply(&open, ask, seen)
        }
        (_, status) => Err(Refusal::Conflict(format!("release {id} has ended as {status}"))),
    }
}
