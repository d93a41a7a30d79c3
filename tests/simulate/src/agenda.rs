//! What is planned: at which moment which task, first in first out within one millisecond.

use serde_json::Value;
use simulated_aws::world::Hand;
use std::collections::BTreeMap;

/// One thing to do.
#[derive(Clone, Debug)]
pub enum Task {
    /// An application's next version appears.
    Launch(usize),
    /// An event arrives.
    Deliver(&'static str, Value),
    /// Somebody gives a command.
    Command(&'static str, Value),
    /// A workflow checks an application, until its release has ended.
    Check(usize),
    /// Several invocations at once.
    Burst(usize),
    /// Somebody, or AWS, does something.
    Hand(&'static str, Box<Hand>),
    /// A fleet is made anew under its old name.
    Remake(usize, String),
    /// An alarm exists again, or is judged again as it should be.
    Mend(String),
    /// Calls begin to fail.
    Calls,
    /// The table begins to fail.
    Table,
    /// The table is well again.
    TableHeals,
    /// Something of a class that is on, chosen then.
    Chaos(usize),
    /// In a moment at which nothing happens an application is looked at again and again.
    Again(usize),
    /// A person looks after a halt.
    Person(usize),
}

/// The plan.
#[derive(Default)]
pub struct Agenda {
    due: BTreeMap<(i64, u64), Task>,
    planned: u64,
}

impl Agenda {
    /// Plans a task.
    pub fn at(&mut self, moment: i64, task: Task) {
        self.planned += 1;
        self.due.insert((moment, self.planned), task);
    }

    /// When the next one is due.
    pub fn next(&self) -> Option<i64> {
        self.due.keys().next().map(|(at, _)| *at)
    }

    /// The next one, if it's due.
    pub fn take(&mut self, now: i64) -> Option<Task> {
        let entry = self.due.first_entry().filter(|entry| entry.key().0 <= now)?;
        Some(entry.remove())
    }

    /// Drops all trouble: from now on the weather is good.
    pub fn calm(&mut self) {
        self.due.retain(|_, task| {
            matches!(task, Task::Launch(_) | Task::Check(_) | Task::Person(_) | Task::Mend(_) | Task::Deliver(..))
        });
    }

    /// Whether nothing is left that a release could begin with.
    pub fn idle(&self) -> bool {
        !self.due.values().any(|task| matches!(task, Task::Launch(_) | Task::Deliver(..)))
    }
}
