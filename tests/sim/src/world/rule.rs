//! The rule of a composite alarm: `ALARM("a") AND (OK("b") OR NOT INSUFFICIENT_DATA(c))`, `TRUE`, `FALSE`.

use crate::api::StateValue;

/// A rule, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// The named alarm is in this state.
    Is(StateValue, String),
    /// All hold.
    And(Vec<Rule>),
    /// One holds.
    Or(Vec<Rule>),
    /// It doesn't hold.
    Not(Box<Rule>),
    /// `TRUE` or `FALSE`; also what can't be read (false).
    Always(bool),
}

impl Rule {
    /// Reads a rule; what can't be read never holds, as AWS would have refused it.
    pub(crate) fn parse(text: &str) -> Rule {
        let tokens = tokens(text);
        let mut at = 0;
        let rule = any_of(&tokens, &mut at);
        if at == tokens.len() { rule } else { Rule::Always(false) }
    }

    /// Whether it holds, given the state of each alarm; one that doesn't exist is in no state.
    pub(crate) fn holds(&self, state: &dyn Fn(&str) -> Option<StateValue>) -> bool {
        match self {
            Rule::Is(value, name) => state(name) == Some(*value),
            Rule::And(rules) => rules.iter().all(|rule| rule.holds(state)),
            Rule::Or(rules) => rules.iter().any(|rule| rule.holds(state)),
            Rule::Not(rule) => !rule.holds(state),
            Rule::Always(holds) => *holds,
        }
    }

    /// Whether it names this alarm.
    pub(crate) fn names(&self, alarm: &str) -> bool {
        match self {
            Rule::Is(_, name) => name == alarm,
            Rule::And(rules) | Rule::Or(rules) => rules.iter().any(|rule| rule.names(alarm)),
            Rule::Not(rule) => rule.names(alarm),
            Rule::Always(_) => false,
        }
    }
}

/// Words, parentheses and names; a name in quotes may hold anything but a quote, and an ARN stands for its alarm.
fn tokens(text: &str) -> Vec<String> {
    let (mut found, mut word, mut quoted) = (Vec::new(), String::new(), false);
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            '(' | ')' if !quoted => {
                found.extend(Some(std::mem::take(&mut word)).filter(|word| !word.is_empty()));
                found.push(c.to_string());
            }
            c if c.is_whitespace() && !quoted => {
                found.extend(Some(std::mem::take(&mut word)).filter(|word| !word.is_empty()));
            }
            c => word.push(c),
        }
    }
    found.extend(Some(word).filter(|word| !word.is_empty()));
    found
}

fn any_of(tokens: &[String], at: &mut usize) -> Rule {
    let mut rules = vec![all_of(tokens, at)];
    while tokens.get(*at).is_some_and(|token| token == "OR") {
        *at += 1;
        rules.push(all_of(tokens, at));
    }
    if rules.len() == 1 { rules.remove(0) } else { Rule::Or(rules) }
}

fn all_of(tokens: &[String], at: &mut usize) -> Rule {
    let mut rules = vec![one(tokens, at)];
    while tokens.get(*at).is_some_and(|token| token == "AND") {
        *at += 1;
        rules.push(one(tokens, at));
    }
    if rules.len() == 1 { rules.remove(0) } else { Rule::And(rules) }
}

fn one(tokens: &[String], at: &mut usize) -> Rule {
    let token = tokens.get(*at).map_or("", String::as_str);
    *at += 1;
    match token {
        "NOT" => Rule::Not(Box::new(one(tokens, at))),
        "TRUE" | "FALSE" => Rule::Always(token == "TRUE"),
        "(" => {
            let rule = any_of(tokens, at);
            *at += 1;
            rule
        }
        word => match (StateValue::parse(word), tokens.get(*at + 1)) {
            (Some(value), Some(name)) => {
                *at += 3;
                let name = name.rsplit_once(":alarm:").map_or(name.as_str(), |(_, name)| name);
                Rule::Is(value, name.to_owned())
            }
            _ => Rule::Always(false),
        },
    }
}
