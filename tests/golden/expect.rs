//! What a story expects at a moment: said in a sentence, held whatever the transcript says.

use super::driver::{Run, Until};
use super::words::{list, number, parts};
use simulated_aws::ports::Ended;

/// What is expected.
#[derive(Clone, Debug)]
pub enum Expect {
    /// Something that can be waited for as well.
    Is(Until),
    /// A fleet is on exactly these target groups.
    On(String, Vec<String>),
    /// A fleet's MinSize.
    MinSize(String, i32),
    /// A fleet's desired capacity.
    Desired(String, i32),
    /// The last invocation wrote nothing, neither to AWS nor to the table.
    NoWrite,
    /// The last invocation made at most so many calls, in so many rounds.
    Calls(usize, u32),
    /// The last invocation sent this call, in this round at the latest.
    ByRound(String, u32),
    /// The last invocation's answer says so.
    Says(String),
    /// The last report waits on this gate.
    Gate(String),
    /// The last invocation ended with an error of this type.
    Error(String),
    /// The last invocation was ignored.
    Ignored,
    /// So many announcements have been accepted in all.
    Announced(usize),
    /// So many writes to AWS in all.
    Writes(usize),
    /// No request was lost so far.
    NothingLost,
    /// Nothing is on record.
    NothingOnRecord,
}

impl Expect {
    /// Reads the words behind `expect`.
    pub fn read(text: &str) -> Result<Self, String> {
        if let Ok(until) = Until::read(text) {
            return Ok(Expect::Is(until));
        }
        match text {
            "no write" => return Ok(Expect::NoWrite),
            "ignored" => return Ok(Expect::Ignored),
            "no request lost" => return Ok(Expect::NothingLost),
            "nothing on record" => return Ok(Expect::NothingOnRecord),
            _ => {}
        }
        if let Some(part) = parts("at most {} calls in {} rounds", text) {
            return Ok(Expect::Calls(number(part[0])?, number(part[1])?));
        }
        if let Some(part) = parts("{} sent by round {}", text) {
            return Ok(Expect::ByRound(part[0].to_owned(), number(part[1])?));
        }
        if let Some(part) = parts("it says {}", text) {
            return Ok(Expect::Says(part[0].to_owned()));
        }
        if let Some(part) = parts("gate {}", text) {
            return Ok(Expect::Gate(part[0].to_owned()));
        }
        if let Some(part) = parts("error {}", text) {
            return Ok(Expect::Error(part[0].to_owned()));
        }
        if let Some(part) = parts("{} announcements", text) {
            return Ok(Expect::Announced(number(part[0])?));
        }
        if let Some(part) = parts("{} writes to AWS", text) {
            return Ok(Expect::Writes(number(part[0])?));
        }
        if let Some(part) = parts("MinSize of {} is {}", text) {
            return Ok(Expect::MinSize(part[0].to_owned(), number(part[1])?));
        }
        if let Some(part) = parts("desired capacity of {} is {}", text) {
            return Ok(Expect::Desired(part[0].to_owned(), number(part[1])?));
        }
        if let Some(part) = parts("{} on {}", text) {
            let groups = list(part[1]).filter(|group| *group != "nothing").map(str::to_owned);
            return Ok(Expect::On(part[0].to_owned(), groups.collect()));
        }
        Err(format!("not understood: expect {text}"))
    }

    /// Whether it is so; if not, what is.
    pub fn check(&self, run: &Run) -> Result<(), String> {
        let world = run.world.borrow();
        let sizes = |fleet: &str| world.sizes(fleet).ok_or_else(|| format!("there is no fleet {fleet}"));
        let last = || run.last.as_ref().ok_or_else(|| "nothing was invoked yet".to_owned());
        let (ok, is) = match self {
            Expect::Is(until) => {
                let now = run.releases();
                let now = now.iter().map(|release| format!("{}: {}, {}", release.id, release.stage, release.status));
                (run.is(until), now.collect::<Vec<_>>().join("; "))
            }
            Expect::On(fleet, groups) => {
                let removing = |state: &&simulated_aws::api::AttachmentState| {
                    matches!(
                        state,
                        simulated_aws::api::AttachmentState::Removing | simulated_aws::api::AttachmentState::Removed
                    )
                };
                let on = world.attachments(fleet);
                let on: Vec<String> =
                    on.iter().filter(|(_, state)| !removing(state)).map(|(group, _)| group.clone()).collect();
                let mut wanted = groups.clone();
                wanted.sort();
                (on == wanted, format!("{fleet} is on {on:?}"))
            }
            Expect::MinSize(fleet, min) => (sizes(fleet)?.0 == *min, format!("sizes {:?}", sizes(fleet)?)),
            Expect::Desired(fleet, desired) => (sizes(fleet)?.1 == *desired, format!("sizes {:?}", sizes(fleet)?)),
            Expect::NoWrite => {
                let writes: Vec<_> = last()?.calls.iter().filter(|call| call.write).collect();
                (writes.is_empty(), format!("{writes:?}"))
            }
            Expect::Calls(most, rounds) => {
                let calls = &last()?.calls;
                let took = calls.iter().map(|call| call.round).max().unwrap_or(0);
                (calls.len() <= *most && took <= *rounds, told(calls))
            }
            Expect::ByRound(operation, round) => {
                let calls = &last()?.calls;
                let sent = calls.iter().find(|call| call.operation == operation.as_str());
                (sent.is_some_and(|call| call.round <= *round), told(calls))
            }
            Expect::Says(text) => {
                let answer = match &last()?.ended {
                    Ended::Returned(Ok(answer)) => answer.to_string(),
                    Ended::Returned(Err(error)) => error.to_string(),
                    Ended::Died | Ended::TimedOut => "died".to_owned(),
                };
                (answer.contains(text.as_str()), answer)
            }
            Expect::Gate(gate) => (run.transcript.gate.as_ref() == Some(gate), format!("{:?}", run.transcript.gate)),
            Expect::Error(kind) => match &last()?.ended {
                Ended::Returned(Err(error)) => (error.error_type() == kind, error.to_string()),
                other => (false, format!("{other:?}")),
            },
            Expect::Ignored => match &last()?.ended {
                Ended::Returned(Ok(answer)) => (answer["ignored"].is_string(), answer.to_string()),
                other => (false, format!("{other:?}")),
            },
            Expect::Announced(count) => {
                (world.announced().len() == *count, format!("{} announcements", world.announced().len()))
            }
            Expect::Writes(count) => (world.writes().count() == *count, format!("{} writes", world.writes().count())),
            Expect::NothingLost => (world.tally_all().lost() < 0.5, format!("{:?}", world.tally_all())),
            Expect::NothingOnRecord => {
                let known: Vec<_> = run.applications().iter().map(|app| app.name.to_string()).collect();
                (known.is_empty(), format!("{known:?}"))
            }
        };
        if ok { Ok(()) } else { Err(format!("expected {self:?}, but: {is}")) }
    }
}

fn told(calls: &[simulated_aws::ports::Called]) -> String {
    calls.iter().map(|call| format!("round {}: {}", call.round, call.operation)).collect::<Vec<_>>().join("\n")
}
