//! Who was healthy meanwhile, by the world's truth at every moment, not only at those at which somebody looked.

use simulated_aws::api::Millis;
use simulated_aws::world::Span;

use super::BAD;
use crate::account::{Account, GROUP};
use crate::screen::Ink;
use crate::show::Show;

/// Who served while the bad version was tried, and with how many targets.
const BLUE: (&str, u32) = ("shop-v2", 2);

/// Prints it.
pub fn tell(account: &Account, show: &Show<'_>) {
    let mut lines = vec![show.paint(Ink::Bold, "Healthy targets, at every moment")];
    if let Some(fewest) = fewest(account, since_customers(account), None) {
        lines.push(format!("  {GROUP} never had fewer than {fewest} while requests came"));
    }
    if let Some(fewest) = fewest(account, of_release(account, BAD), Some(BLUE.0)) {
        lines.push(format!("  {} never had fewer than {fewest} while {BAD} was tried", BLUE.0));
    }
    lines.push(String::new());
    show.print(&lines);
}

/// Moments without anybody healthy, or with less of blue than there was.
pub fn faults(account: &Account) -> Vec<String> {
    let mut faults = Vec::new();
    if fewest(account, since_customers(account), None) == Some(0) {
        faults.push(format!("there was a moment without a healthy target in {GROUP}"));
    }
    let (blue, all) = BLUE;
    if let Some(kept) = fewest(account, of_release(account, BAD), Some(blue)).filter(|kept| *kept < all) {
        faults.push(format!("blue, {blue}, had only {kept} of {all} healthy targets while {BAD} was tried"));
    }
    faults
}

/// From the first moment to the last, the last excluded.
type Window = (Millis, Millis);

fn since_customers(account: &Account) -> Option<Window> {
    (account.customers.sent() > 0).then(|| (account.customers.since(), Millis::MAX))
}

/// From the first announcement of a fleet's release to the last.
fn of_release(account: &Account, green: &str) -> Option<Window> {
    let reports = account.announcements();
    account.wire.world(|world| {
        let announced = world.announced().iter().zip(&reports).filter(|(_, report)| report["green"] == green);
        let mut times = announced.map(|(announced, _)| announced.at);
        let first = times.next()?;
        Some((first, times.next_back().unwrap_or(first)))
    })
}

/// The fewest healthy targets in a window, of the whole group or of one fleet.
fn fewest(account: &Account, window: Option<Window>, fleet: Option<&str>) -> Option<u32> {
    let (from, to) = window?;
    let healthy = |span: &Span| {
        let counted = span.fleets.iter().filter(|(name, _)| fleet.is_none_or(|fleet| fleet == *name));
        counted.map(|(_, flow)| flow.healthy).sum()
    };
    account.wire.world(|world| {
        let spans = world.spans(GROUP).iter().filter(|span| span.to > from && span.from < to);
        spans.map(healthy).min()
    })
}
