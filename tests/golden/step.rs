//! The steps of a story: waiting, invoking, expecting, and what people and AWS do meanwhile.

use super::expect::Expect;
use super::words::{number, parts, span};
use super::{driver::Until, hand};
use serde_json::{Value, json};
use simulated_aws::ports::{LedgerFault, LedgerOperation};

/// One step.
#[derive(Clone, Debug)]
pub enum Step {
    /// Time passes, with whatever knocks.
    Wait(i64),
    /// The same until something is so; at most so long.
    Until(Until, i64),
    /// A deed, now or later.
    Hand(i64, String),
    /// An invocation, or several at once.
    Invoke { label: String, payload: Value, how: How },
    /// The next invocation, whichever it is, dies at an await.
    NextDies(u32),
    /// So many workflows at once: check, wait as told, check again.
    Workflow(usize, String, Until),
    /// The table can't be reached for so long.
    TableAway(i64),
    /// The next such call to the table goes wrong.
    TableFault(LedgerOperation, LedgerFault, String),
    /// What must be so now.
    Expect(Expect),
}

/// How the function is invoked.
#[derive(Clone, Copy, Debug)]
pub struct How {
    /// So many times at once.
    pub count: usize,
    /// With one request id: Lambda delivers the same event again.
    pub one_event: bool,
    /// The first of them dies at this await.
    pub dies: Option<u32>,
}

impl How {
    /// Once, and well.
    pub const ONCE: How = How { count: 1, one_event: false, dies: None };
}

/// The longest that a story waits for anything that it doesn't say otherwise of.
const LONGEST: i64 = 4 * 3_600_000;

impl Step {
    /// Reads a sentence.
    pub fn read(text: &str) -> Result<Self, String> {
        if let Some(part) = parts("wait until {}, at most {}", text) {
            return Ok(Step::Until(Until::read(part[0])?, span(part[1])?));
        }
        if let Some(part) = parts("wait until {}", text) {
            return Ok(Step::Until(Until::read(part[0])?, LONGEST));
        }
        if let Some(part) = parts("wait {}", text) {
            return Ok(Step::Wait(span(part[0])?));
        }
        if let Some(part) = parts("workflow checks {} until {}", text) {
            return Ok(Step::Workflow(1, part[0].to_owned(), Until::read(part[1])?));
        }
        if let Some(part) = parts("{} workflows check {} until {}", text) {
            return Ok(Step::Workflow(number(part[0])?, part[1].to_owned(), Until::read(part[2])?));
        }
        if let Some(part) = parts("the next invocation dies at await {}", text) {
            return Ok(Step::NextDies(number(part[0])?));
        }
        if let Some(part) = parts("table is away for {}", text) {
            return Ok(Step::TableAway(span(part[0])?));
        }
        if let Some(part) = parts("table: the next {} is {}", text) {
            return Ok(Step::TableFault(operation(part[0])?, table_fault(part[1])?, text.to_owned()));
        }
        if let Some(part) = parts("expect {}", text) {
            return Ok(Step::Expect(Expect::read(part[0])?));
        }
        if let Some(part) = parts("in {}: {}", text) {
            hand::read(part[1], 0)?;
            return Ok(Step::Hand(span(part[0])?, part[1].to_owned()));
        }
        if let Some(invoke) = invoke(text)? {
            return Ok(invoke);
        }
        hand::read(text, 0)?;
        Ok(Step::Hand(0, text.to_owned()))
    }
}

fn invoke(text: &str) -> Result<Option<Step>, String> {
    let (mut rest, mut how) = (text, How::ONCE);
    if let Some(part) = parts("{} at once: {}", rest) {
        (how.count, rest) = (number(part[0])?, part[1]);
    }
    if let Some(part) = parts("delivered twice: {}", rest) {
        (how, rest) = (How { count: 2, one_event: true, ..how }, part[0]);
    }
    if let Some(part) = parts("dying at await {}: {}", rest) {
        (how.dies, rest) = (Some(number(part[0])?), part[1]);
    }
    let json = |text: &str| serde_json::from_str::<Value>(text).map_err(|error| format!("{text}: {error}"));
    let (label, payload) = if rest == "sweep" {
        ("sweep".to_owned(), json!({"command": "check"}))
    } else if let Some(part) = parts("send {}", rest) {
        (rest.to_owned(), json(part[0])?)
    } else if let Some(part) = parts("invoke {} {}", rest) {
        let mut payload = json(part[1])?;
        payload["command"] = part[0].into();
        (rest.to_owned(), payload)
    } else if let Some(part) = parts("invoke {}", rest) {
        (rest.to_owned(), json!({"command": part[0]}))
    } else {
        return Ok(None);
    };
    Ok(Some(Step::Invoke { label, payload, how }))
}

fn operation(word: &str) -> Result<LedgerOperation, String> {
    Ok(match word {
        "read of an application" => LedgerOperation::Application,
        "read of the index" => LedgerOperation::InFlight,
        "taking of the lease" => LedgerOperation::Take,
        "save" => LedgerOperation::Save,
        "giving back of the lease" => LedgerOperation::GiveBack,
        "read of entries" => LedgerOperation::Entries,
        "read of the past of fleets" => LedgerOperation::Pasts,
        "read of a release" => LedgerOperation::Release,
        "read of a token" => LedgerOperation::ByToken,
        _ => return Err(format!("the table knows no {word:?}")),
    })
}

fn table_fault(word: &str) -> Result<LedgerFault, String> {
    Ok(match word {
        "unavailable" => LedgerFault::Unavailable,
        "throttled" => LedgerFault::Throttled,
        "lost" => LedgerFault::Lost { applied: false },
        "applied, its answer lost" => LedgerFault::Lost { applied: true },
        "in another's way" => LedgerFault::Conflict,
        _ => return Err(format!("nothing in the table goes wrong as {word:?}")),
    })
}
