//! **again-is-nothing**, by trying: what has been looked at is looked at once more, with nothing in between.

use super::{Play, SLICE};
use crate::law::Violation;
use crate::strikes::PAGES;
use cutover::release::{Application, Timestamp};
use serde_json::{Value, json};

impl Play {
    /// Looks twice at a world in which nothing is left to do: only the first look may still write.
    pub(super) fn again(&mut self) -> Result<(), Violation> {
        let mut last = 0;
        for _ in 0..2 {
            last = self.one_look(&json!({"command": "check"}))?;
            // A release that begins only now is none of an ended world.
            let begun = (0..self.apps.len()).any(|app| self.item(app, Application::in_flight).unwrap_or(false));
            if last == 0 || begun {
                return Ok(());
            }
        }
        Err(Violation::new("again-is-nothing", format!("the second look at an ended world made {last} saves")))
    }

    /// Looks at a release four times in a row while nothing happens in the world. The first look may do whatever is due, and
    /// behind it a deadline or two may have passed; not each of the others has anything to do.
    pub(super) fn look_again(&mut self, app: usize) -> Result<(), Violation> {
        let running = |item: &Application| item.running.as_ref().map(|release| release.id.to_string());
        let Some(id) = self.item(app, running).flatten() else { return Ok(()) };
        if self.executor.running() > 0 || !self.item(app, |item| item.queue.is_empty()).unwrap_or(false) {
            return Ok(());
        }
        let check = json!({"command": "check", "application": self.apps[app].name});
        let weather = std::mem::replace(&mut self.calm, true);
        let looked = self.look_in_peace(&check);
        self.calm = weather;
        match looked? {
            Some(saves) if saves.iter().all(|saves| *saves > 0) => {
                let what = format!("{id} was looked at again and again, and each look saved: {saves:?}");
                Err(Violation::new("again-is-nothing", what))
            }
            Some(_) => {
                self.tally.note("looked at four times in a row");
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// How much each but the first of four looks saved; `None`, if anything happened meanwhile.
    fn look_in_peace(&mut self, check: &Value) -> Result<Option<[u64; 3]>, Violation> {
        self.one_look(check)?;
        let due = self.watch.borrow().world.next_due();
        let struck = self.struck_so_far();
        let saves = [self.one_look(check)?, self.one_look(check)?, self.one_look(check)?];
        let peace = due.is_none_or(|due| due > self.now()) && struck == self.struck_so_far();
        Ok(peace.then_some(saves))
    }

    /// How much has struck; a list in several pages is as good as one in one.
    fn struck_so_far(&self) -> u64 {
        self.tally.faults.iter().filter(|(fault, _)| **fault != PAGES).map(|(_, count)| count).sum()
    }

    /// One look, to its end; how much it saved.
    fn one_look(&mut self, payload: &Value) -> Result<u64, Violation> {
        let saves = self.sim.record().saves();
        self.invoke("again".to_owned(), payload, None);
        while self.executor.running() > 0 {
            let until = self.now() + SLICE;
            for (task, ended) in self.executor.run_until(Timestamp::from_millis(until)) {
                self.ended(task, ended)?;
            }
        }
        // What a look begins counts from its own moment, not from that of the last.
        self.observe()?;
        Ok(self.sim.record().saves() - saves)
    }
}
