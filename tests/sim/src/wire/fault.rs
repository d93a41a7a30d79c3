//! What goes wrong on the wire itself, below what the world's own faults do: cut, slow or garbled answers, and a caller that
//! is killed at a chosen call.

use std::time::Duration;

use serde_json::Value;

use crate::api::ApiError;

/// What happens to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WireFault {
    /// The connection closes before anything was done.
    CutBefore,
    /// The call takes effect; the connection closes without an answer.
    CutAfter,
    /// The call takes effect at once, its answer comes this much later.
    Slow(Duration),
    /// The call is so long on its way: only then it takes effect, unless its caller has given up by then.
    Late(Duration),
    /// The call takes effect; its answer breaks off in the middle of its body.
    Truncated,
    /// Nothing is done; a proxy's page arrives instead, with status 200.
    WrongContent,
    /// The call takes effect; a proxy's page arrives instead of its answer, with status 200.
    WrongAnswer,
    /// Nothing is done; 503.
    Unavailable,
    /// Nothing is done; this error. For the table, which has no faults of its own: throttled, denied, in conflict.
    Refused(ApiError),
    /// The calling process dies (kill -9) before anything was done.
    KillBefore,
    /// The call takes effect; the calling process dies before it learns of it.
    KillAfter,
}

impl WireFault {
    /// Whether the caller gets an answer that is the world's own, if it waits for it.
    pub fn answers(&self) -> bool {
        matches!(self, Self::Slow(_) | Self::Late(_) | Self::Unavailable | Self::Refused(_))
    }
}

/// Which calls are meant: of this operation, with this in its parameters, after so many that pass, so many times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calls {
    operation: Option<String>,
    mentions: Option<String>,
    pass: usize,
    times: usize,
}

/// The next call, whichever it is; narrow it with the methods.
pub fn calls() -> Calls {
    Calls { operation: None, mentions: None, pass: 0, times: 1 }
}

impl Calls {
    /// Only calls of this operation.
    pub fn on(mut self, operation: &str) -> Self {
        self.operation = Some(operation.to_owned());
        self
    }

    /// Only calls whose parameters contain this text.
    pub fn mentioning(mut self, text: &str) -> Self {
        self.mentions = Some(text.to_owned());
        self
    }

    /// The `nth` such call from now on, counted from 1.
    pub fn nth(mut self, nth: usize) -> Self {
        self.pass = nth.saturating_sub(1);
        self
    }

    /// So many calls in a row instead of one.
    pub fn times(mut self, times: usize) -> Self {
        self.times = times;
        self
    }

    /// Whether this call is meant; counts it.
    fn meets(&mut self, operation: &str, params: &Value) -> bool {
        let named = self.operation.as_deref().is_none_or(|name| name == operation);
        let mentioned = self.mentions.as_deref().is_none_or(|text| params.to_string().contains(text));
        if !named || !mentioned || self.times == 0 {
            return false;
        }
        if self.pass > 0 {
            self.pass -= 1;
            return false;
        }
        self.times -= 1;
        true
    }
}

/// When something happens to a call: before the world hears of it, or after it has answered and before its answer is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Before.
    Before,
    /// After.
    After,
}

/// What a hook does to the world.
type Deed<W> = Box<dyn FnMut(&mut W) + Send>;

/// All rules in force.
pub struct Rules<W> {
    faults: Vec<(Calls, WireFault)>,
    hooks: Vec<(Calls, Moment, Deed<W>)>,
}

impl<W> Default for Rules<W> {
    fn default() -> Self {
        Self { faults: Vec::new(), hooks: Vec::new() }
    }
}

impl<W> Rules<W> {
    /// One more fault.
    pub fn fault(&mut self, calls: Calls, fault: WireFault) {
        self.faults.push((calls, fault));
    }

    /// One more hook.
    pub fn hook(&mut self, calls: Calls, moment: Moment, deed: impl FnMut(&mut W) + Send + 'static) {
        self.hooks.push((calls, moment, Box::new(deed)));
    }

    /// No more faults and hooks.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// What meets this call; of several faults that fit, the first one.
    pub fn meet(&mut self, operation: &str, params: &Value) -> Option<WireFault> {
        let met =
            self.faults.iter_mut().find_map(|(calls, fault)| calls.meets(operation, params).then(|| fault.clone()));
        self.faults.retain(|(calls, _)| calls.times > 0);
        met
    }

    /// Runs the hooks of this moment.
    pub fn run(&mut self, moment: Moment, operation: &str, params: &Value, world: &mut W) {
        for (calls, when, deed) in &mut self.hooks {
            if *when == moment && calls.meets(operation, params) {
                deed(world);
            }
        }
        self.hooks.retain(|(calls, ..)| calls.times > 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_meets_the_calls_that_it_names_and_no_others() {
        let mut rules: Rules<Vec<&str>> = Rules::default();
        rules.fault(calls().on("PutItem").mentioning("blue").nth(2).times(2), WireFault::CutAfter);
        rules.hook(calls().on("PutItem").nth(3), Moment::After, |deeds| deeds.push("third put"));
        let blue = serde_json::json!({"name": "blue"});
        let mut deeds = Vec::new();
        let mut meet = |operation: &str, params: &Value| {
            rules.run(Moment::Before, operation, params, &mut deeds);
            let met = rules.meet(operation, params);
            rules.run(Moment::After, operation, params, &mut deeds);
            met
        };
        assert_eq!(meet("GetItem", &blue), None);
        assert_eq!(meet("PutItem", &serde_json::json!({"name": "green"})), None);
        assert_eq!(meet("PutItem", &blue), None, "the first passes");
        assert_eq!(meet("PutItem", &blue), Some(WireFault::CutAfter));
        assert_eq!(meet("PutItem", &blue), Some(WireFault::CutAfter));
        assert_eq!(meet("PutItem", &blue), None);
        assert_eq!(deeds, ["third put"]);
    }
}
