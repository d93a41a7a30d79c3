//! The reckoning: how each release ended, what was announced, and which requests were lost. From the record, the bus and the world's own
//! truth; the customers' own count stands against it.

mod health;
mod releases;
mod requests;

use crate::account::Account;
use crate::screen::Ink;
use crate::show::Show;

/// The fleet that answers with errors of its own.
const BAD: &str = "shop-v3";

/// How each release has to end.
const EXPECTED: [(&str, &str); 4] =
    [("shop-v1", "successful"), ("shop-v2", "successful"), (BAD, "rollback_successful"), ("shop-v4", "successful")];

/// Prints it, and says whether all is well. `told` is how the story ended.
pub async fn settle(account: &Account, show: &Show<'_>, told: Result<(), String>) -> bool {
    let mut faults: Vec<String> = told.clone().err().into_iter().collect();
    match releases::on_record(account).await {
        Ok(releases) => {
            releases::timelines(show, &releases);
            releases::announcements(account, show, &releases);
            faults.extend(releases::faults(account, &releases, told.is_ok()));
        }
        Err(fault) => faults.push(fault),
    }
    requests::count(account, show);
    health::tell(account, show);
    faults.extend(requests::faults(account, told.is_ok()));
    faults.extend(health::faults(account));
    // The story may have ended by one of them.
    faults.extend(account.failures().into_iter().filter(|failure| told.as_ref().err() != Some(failure)));
    for fault in &faults {
        show.print(&[show.paint(Ink::Red, &format!("WRONG  {fault}"))]);
    }
    if faults.is_empty() {
        let all = "All as it should be: three releases successful, one rollback_successful, not one request lost.";
        show.print(&[show.paint(Ink::Bold, all)]);
    }
    faults.is_empty()
}
