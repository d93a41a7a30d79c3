//! What goes wrong on the wire itself, below what the world's own faults do: cut, slow or garbled answers, and a caller that
//! is killed at a chosen call.

use std::time::Duration;

/// What happens to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WireFault {
    /// The connection closes before anything was done.
    CutBefore,
    /// The call takes effect; the connection closes without an answer.
    CutAfter,
    /// The call takes effect at once, its answer comes this much later.
    Slow(Duration),
    /// The answer breaks off in the middle of its body.
    Truncated,
    /// Nothing is done; a proxy's page arrives instead, with status 200.
    WrongContent,
    /// Nothing is done; 503.
    Unavailable,
    /// The calling process dies (kill -9) before anything was done.
    KillBefore,
    /// The call takes effect; the calling process dies before it learns of it.
    KillAfter,
}

/// Which calls a fault meets: of this operation, after so many that it lets pass, so many times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WireRule {
    operation: Option<String>,
    mentions: Option<String>,
    pass: usize,
    times: usize,
    fault: WireFault,
}

/// A fault that meets the next call, whichever it is; narrow it with the methods.
pub fn wire_fault(fault: WireFault) -> WireRule {
    WireRule { operation: None, mentions: None, pass: 0, times: 1, fault }
}

impl WireRule {
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
}

/// All rules in force.
#[derive(Debug, Default)]
pub struct WireFaults {
    rules: Vec<WireRule>,
}

impl WireFaults {
    /// One more.
    pub fn add(&mut self, rule: WireRule) {
        self.rules.push(rule);
    }

    /// No more faults.
    pub fn clear(&mut self) {
        self.rules.clear();
    }

    /// What meets this call; the first rule that fits decides.
    pub fn meet(&mut self, operation: &str, params: &serde_json::Value) -> Option<WireFault> {
        let mut met = None;
        for rule in &mut self.rules {
            let named = rule.operation.as_deref().is_none_or(|name| name == operation);
            let mentioned = rule.mentions.as_deref().is_none_or(|text| params.to_string().contains(text));
            if !named || !mentioned || met.is_some() {
                continue;
            }
            if rule.pass > 0 {
                rule.pass -= 1;
            } else if rule.times > 0 {
                rule.times -= 1;
                met = Some(rule.fault.clone());
            }
        }
        self.rules.retain(|rule| rule.times > 0);
        met
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_meets_the_calls_that_it_names_and_no_others() {
        let mut faults = WireFaults::default();
        faults.add(wire_fault(WireFault::CutAfter).on("PutItem").mentioning("blue").nth(2).times(2));
        let blue = serde_json::json!({"name": "blue"});
        assert_eq!(faults.meet("GetItem", &blue), None);
        assert_eq!(faults.meet("PutItem", &serde_json::json!({"name": "green"})), None);
        assert_eq!(faults.meet("PutItem", &blue), None, "the first passes");
        assert_eq!(faults.meet("PutItem", &blue), Some(WireFault::CutAfter));
        assert_eq!(faults.meet("PutItem", &blue), Some(WireFault::CutAfter));
        assert_eq!(faults.meet("PutItem", &blue), None);
    }
}
