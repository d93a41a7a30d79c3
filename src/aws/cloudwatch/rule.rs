//! The alarms that a composite alarm's rule names.
//!
//! Functions are `ALARM(x)`, `OK(x)`, `INSUFFICIENT_DATA(x)` and `AT_LEAST(2, ALARM, (x, y))`; `x` is a name or an
//! ARN, in double or single quotes or bare. A rule that can't be understood names fewer alarms, never wrong ones: the
//! composite alarm itself is what is judged, its children only say how long it needs.

use crate::release::AlarmName;

/// The functions of one alarm.
const STATES: [&str; 3] = ["ALARM", "OK", "INSUFFICIENT_DATA"];
/// The function of several.
const AT_LEAST: &str = "AT_LEAST";

/// A piece of a rule.
#[derive(Debug, PartialEq)]
enum Token {
    Open,
    Close,
    Comma,
    /// A word, an operator or an alarm.
    Text(String),
}

/// The children that a rule names, each once, in its order.
pub(super) fn children(rule: &str) -> Vec<AlarmName> {
    let tokens = tokens(rule);
    let mut children: Vec<AlarmName> = Vec::new();
    // Within AT_LEAST its alarms stand in a list of their own: text behind an Open or a Comma at a depth of two.
    let mut list_depth: Option<usize> = None;
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| tokens.get(at));
        let function = at.checked_sub(2).and_then(|at| tokens.get(at));
        match token {
            Token::Open => {
                depth += 1;
                if matches!(before, Some(Token::Text(word)) if word == AT_LEAST) {
                    list_depth = Some(depth + 1);
                }
            }
            Token::Close => {
                depth = depth.saturating_sub(1);
                if list_depth.is_some_and(|list| depth + 1 < list) {
                    list_depth = None;
                }
            }
            Token::Comma => {}
            Token::Text(text) => {
                let of_state = before == Some(&Token::Open)
                    && matches!(function, Some(Token::Text(word)) if STATES.contains(&word.as_str()));
                if of_state || list_depth == Some(depth) {
                    push(&mut children, text);
                }
            }
        }
    }
    children
}

fn push(children: &mut Vec<AlarmName>, text: &str) {
    // arn:aws:cloudwatch:REGION:ACCOUNT:alarm:NAME; a name may hold colons itself.
    let name = match text.split_once(":alarm:") {
        Some((arn, name)) if arn.starts_with("arn:") => name,
        _ => text,
    };
    if let Ok(name) = AlarmName::parse(name)
        && !children.contains(&name)
    {
        children.push(name);
    }
}

fn tokens(rule: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut chars = rule.chars().peekable();
    while let Some(next) = chars.next() {
        match next {
            '(' => tokens.push(Token::Open),
            ')' => tokens.push(Token::Close),
            ',' => tokens.push(Token::Comma),
            quote @ ('"' | '\'') => {
                let mut text = String::new();
                while let Some(next) = chars.next().filter(|next| *next != quote) {
                    // A quote within a name is escaped by a backslash.
                    let escaped =
                        if next == '\\' { chars.next_if(|after| *after == quote || *after == '\\') } else { None };
                    text.push(escaped.unwrap_or(next));
                }
                tokens.push(Token::Text(text));
            }
            space if space.is_whitespace() => {}
            first => {
                let mut text = String::from(first);
                while let Some(next) = chars.next_if(|next| !next.is_whitespace() && !"(),\"'".contains(*next)) {
                    text.push(next);
                }
                tokens.push(Token::Text(text));
            }
        }
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(rule: &str) -> Vec<String> {
        children(rule).iter().map(|name| name.to_string()).collect()
    }

    #[test]
    fn a_rule_names_its_children_quoted_or_bare_by_name_or_by_arn() {
        let arn = "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:web:5xx";
        let cases: &[(&str, &[&str])] = &[
            (r#"ALARM("errors")"#, &["errors"]),
            ("ALARM(errors) OR ALARM(latency)", &["errors", "latency"]),
            ("ALARM('a b') AND NOT (OK(\"c(d)\") OR INSUFFICIENT_DATA('e'))", &["a b", "c(d)", "e"]),
            (&format!("ALARM({arn}) AND (ALARM(\"{arn}\") OR TRUE)"), &["web:5xx"]),
            ("  ALARM (\n\"errors\"\t)\nAND FALSE", &["errors"]),
            (r#"ALARM("say \"hi\"")"#, &[r#"say "hi""#]),
            (r"ALARM('back\slash')", &[r"back\slash"]),
            ("ALARM(OK) OR OK(ALARM)", &["OK", "ALARM"]),
            ("AT_LEAST(2, ALARM, (a, \"b, c\", 'd')) OR OK(e)", &["a", "b, c", "d", "e"]),
            ("AT_LEAST(50%, NOT OK, (a, b)) AND NOT AT_LEAST(1, ALARM, (c))", &["a", "b", "c"]),
            ("TRUE", &[]),
            ("", &[]),
        ];
        for (rule, expected) in cases {
            assert_eq!(names(rule), *expected, "{rule}");
        }
    }

    #[test]
    fn a_rule_that_makes_no_sense_names_nothing_wrong() {
        for rule in
            ["ALARM(", "ALARM(\"", "))((", "ALARM)x(", "AT_LEAST(", "\"a\" \"b\"", "ALARM(\"\")", "ü('", ")),,("]
        {
            assert!(names(rule).is_empty(), "{rule}");
        }
    }
}
