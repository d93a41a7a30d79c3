//! What became of the customers' requests, by the world's truth and by the customers' own count.

use simulated_aws::api::Millis;
use simulated_aws::world::Tally;

use super::BAD;
use crate::account::{Account, GROUP};
use crate::customers::Seen;
use crate::screen::Ink;
use crate::show::Show;

/// Prints the count.
pub fn count(account: &Account, show: &Show<'_>) {
    let all = account.wire.world(|world| world.tally_all());
    let mut lines = vec![show.paint(Ink::Bold, "Requests, as the world counts them")];
    for (name, tally) in by_fleet(account) {
        let own = if tally.errors > 0.0 {
            format!(", {:.0} of them with an error of its own", tally.errors)
        } else {
            String::new()
        };
        lines.push(format!("  {name:<8} answered {:.0}{own}", tally.requests));
    }
    lines.push(format!(
        "  lost     {:.0} found no healthy target, {:.0} were cut off by a detach",
        all.unserved, all.cut_off
    ));
    lines.push(format!(
        "  the customers sent {} and got {} answers",
        account.customers.sent(),
        account.customers.answered()
    ));
    lines.push(String::new());
    show.print(&lines);
}

/// Requests that were lost, or failed elsewhere than in the bad version. Of a story that broke off, some are still under way.
pub fn faults(account: &Account, whole: bool) -> Vec<String> {
    let mut faults = Vec::new();
    let all = account.wire.world(|world| world.tally_all());
    for (lost, how) in [
        (all.unserved, "found no healthy target"),
        (all.cut_off, "were cut off by a detach"),
        (all.died, "were cut off by the end of an instance"),
    ] {
        if lost > 0.0 {
            faults.push(format!("{lost:.0} requests {how}"));
        }
    }
    for (name, tally) in by_fleet(account) {
        if tally.errors > 0.0 && name != BAD {
            faults.push(format!("{:.0} requests to {name} failed; only {BAD} has errors of its own", tally.errors));
        }
        if tally.errors == 0.0 && name == BAD && whole {
            faults.push(format!("{BAD} never failed: the rollback was for nothing"));
        }
    }
    let seen = account.customers.seen();
    let lost: u64 = [Seen::Nobody, Seen::Cut].iter().filter_map(|how| seen.get(how)).sum();
    if lost > 0 {
        faults.push(format!("the customers got no answer to {lost} requests"));
    }
    let (sent, answered) = (account.customers.sent(), account.customers.answered());
    if whole && (sent == 0 || sent != answered) {
        faults.push(format!("the customers sent {sent} requests, and {answered} ended"));
    }
    faults
}

fn by_fleet(account: &Account) -> Vec<(String, Tally)> {
    account.wire.world(|world| {
        let tally = |name: &String| world.tally(GROUP, Some(name), Millis::MIN, world.now());
        let fleets = world.fleet_names().into_iter();
        fleets.map(|name| (tally(&name), name)).map(|(tally, name)| (name, tally)).collect()
    })
}
