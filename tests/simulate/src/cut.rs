//! What is left out of a world to make its story short: classes of trouble, and single pieces of it by number.

use crate::faults::{Class, Classes};
use crate::play::play;
use std::collections::BTreeSet;

/// What a world is played with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cut {
    /// Which classes of trouble may strike.
    pub classes: Classes,
    /// Which pieces of trouble don't, counted from 1 in the order in which they would.
    pub left_out: BTreeSet<u64>,
}

/// The most runs that a shortening makes.
const RUNS: u32 = 400;

impl Cut {
    /// Every piece of these classes.
    pub fn whole(classes: Classes) -> Self {
        Self { classes, left_out: BTreeSet::new() }
    }

    /// Reads `3,5-9`.
    pub fn leave_out(mut self, text: &str) -> Result<Self, String> {
        let number = |text: &str| text.trim().parse::<u64>().map_err(|_| format!("LEAVE_OUT is no number: {text:?}"));
        for part in text.split(',').filter(|part| !part.trim().is_empty()) {
            let (from, to) = part.split_once('-').unwrap_or((part, part));
            self.left_out.extend(number(from)?..=number(to)?);
        }
        Ok(self)
    }

    /// How it's said on the command line.
    pub fn words(&self) -> String {
        let mut ranges: Vec<(u64, u64)> = Vec::new();
        for number in &self.left_out {
            match ranges.last_mut() {
                Some((_, to)) if *to + 1 == *number => *to = *number,
                _ => ranges.push((*number, *number)),
            }
        }
        let range = |(from, to): &(u64, u64)| if from == to { from.to_string() } else { format!("{from}-{to}") };
        let left_out = ranges.iter().map(range).collect::<Vec<_>>().join(",");
        let classes = format!("FAULTS={}", self.classes.words());
        if left_out.is_empty() { classes } else { format!("{classes} LEAVE_OUT={left_out}") }
    }
}

/// Leaves out of a world whatever its violation of `law` doesn't need: classes first, then pieces, halves of what is
/// left down to single ones.
pub fn shorten(seed: u64, law: &str, whole: &Cut) -> Cut {
    let mut runs = 0;
    let mut breaks = |cut: &Cut| {
        runs += 1;
        runs <= RUNS && play(seed, cut, false).1.is_some_and(|violation| violation.law == law)
    };
    let mut short = whole.clone();
    for (class, _) in Class::ALL {
        let without = Cut { classes: short.classes.without(class), ..short.clone() };
        if without != short && breaks(&without) {
            short = without;
        }
    }
    let mut size = pieces(seed, &short).div_ceil(2);
    while size > 0 {
        let mut first = 1;
        while first <= pieces(seed, &short) {
            let chunk: BTreeSet<u64> = (first..first + size).collect();
            let without = Cut { left_out: short.left_out.union(&chunk).copied().collect(), ..short.clone() };
            if without != short && breaks(&without) {
                short = without;
            }
            first += size;
        }
        size /= 2;
    }
    short
}

/// How many pieces of trouble a world has.
fn pieces(seed: u64, cut: &Cut) -> u64 {
    play(seed, cut, false).0.pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_said_as_it_is_read() {
        let cut = Cut::whole(Classes::all()).leave_out("3, 5-7,9").unwrap();
        assert_eq!(cut.left_out, BTreeSet::from([3, 5, 6, 7, 9]));
        assert_eq!(cut.words(), "FAULTS=all LEAVE_OUT=3,5-7,9");
        assert!(Cut::default().leave_out("x").is_err());
    }
}
