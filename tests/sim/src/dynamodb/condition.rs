//! Conditions and filters, judged on one item.

use super::number::Number;
use super::syntax::{Comparator, Condition, Operand};
use super::value::{Attr, Item};

/// Whether `condition` holds on `item` (an absent item is the empty one).
pub fn holds(condition: &Condition, item: &Item) -> bool {
    match condition {
        Condition::And(a, b) => holds(a, item) && holds(b, item),
        Condition::Or(a, b) => holds(a, item) || holds(b, item),
        Condition::Not(a) => !holds(a, item),
        Condition::Exists(path) => path.find(item).is_some(),
        Condition::Type(path, kind) => path.find(item).is_some_and(|value| value.kind() == kind),
        Condition::Compare(a, how, b) => compare(value(a, item).as_ref(), *how, value(b, item).as_ref()),
        Condition::Between(a, low, high) => {
            let a = value(a, item);
            compare(a.as_ref(), Comparator::Ge, value(low, item).as_ref())
                && compare(a.as_ref(), Comparator::Le, value(high, item).as_ref())
        }
        Condition::In(a, among) => {
            let a = value(a, item);
            a.is_some() && among.iter().any(|b| value(b, item) == a)
        }
        Condition::BeginsWith(a, b) => match (value(a, item), value(b, item)) {
            (Some(Attr::S(a)), Some(Attr::S(b))) => a.starts_with(&b),
            _ => false,
        },
        Condition::Contains(a, b) => match (value(a, item), value(b, item)) {
            (Some(a), Some(b)) => contains(&a, &b),
            _ => false,
        },
    }
}

/// The attributes at the top that `condition` looks at.
pub fn attributes(condition: &Condition) -> Vec<&str> {
    match condition {
        Condition::And(a, b) | Condition::Or(a, b) => [attributes(a), attributes(b)].concat(),
        Condition::Not(a) => attributes(a),
        Condition::Exists(path) | Condition::Type(path, _) => vec![path.top()],
        Condition::Compare(a, _, b) | Condition::BeginsWith(a, b) | Condition::Contains(a, b) => tops([a, b]),
        Condition::Between(a, b, c) => tops([a, b, c]),
        Condition::In(a, among) => tops(std::iter::once(a).chain(among)),
    }
}

fn tops<'a>(operands: impl IntoIterator<Item = &'a Operand>) -> Vec<&'a str> {
    let top = |operand: &'a Operand| match operand {
        Operand::Path(path) | Operand::Size(path) => Some(path.top()),
        Operand::Value(_) => None,
    };
    operands.into_iter().filter_map(top).collect()
}

fn value(operand: &Operand, item: &Item) -> Option<Attr> {
    match operand {
        Operand::Value(value) => Some(value.clone()),
        Operand::Path(path) => path.find(item).cloned(),
        Operand::Size(path) => size(path.find(item)?).map(Attr::N),
    }
}

fn size(value: &Attr) -> Option<Number> {
    let size = match value {
        Attr::S(s) => s.len(),
        Attr::L(list) => list.len(),
        Attr::M(map) => map.len(),
        Attr::Ss(set) => set.len(),
        Attr::Ns(set) => set.len(),
        Attr::N(_) | Attr::Bool(_) | Attr::Null => return None,
    };
    size.to_string().parse().ok()
}

/// An absent attribute differs from everything, and is neither smaller nor larger.
fn compare(a: Option<&Attr>, how: Comparator, b: Option<&Attr>) -> bool {
    let equal = a.is_some() && a == b;
    let order = a.zip(b).and_then(|(a, b)| a.order(b));
    match how {
        Comparator::Eq => equal,
        Comparator::Ne => !equal,
        Comparator::Lt => order.is_some_and(std::cmp::Ordering::is_lt),
        Comparator::Le => order.is_some_and(std::cmp::Ordering::is_le),
        Comparator::Gt => order.is_some_and(std::cmp::Ordering::is_gt),
        Comparator::Ge => order.is_some_and(std::cmp::Ordering::is_ge),
    }
}

fn contains(whole: &Attr, part: &Attr) -> bool {
    match (whole, part) {
        (Attr::S(whole), Attr::S(part)) => whole.contains(part.as_str()),
        (Attr::L(list), part) => list.contains(part),
        (Attr::Ss(set), Attr::S(part)) => set.contains(part),
        (Attr::Ns(set), Attr::N(part)) => set.contains(part),
        _ => false,
    }
}
