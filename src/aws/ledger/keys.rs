//! The keys of the record's items. A name is data: a prefix keeps each kind apart, whatever it's called.

use crate::record::LedgerError;
use crate::release::{ApplicationName, FleetArn, ReleaseId};

/// The longest partition key and the longest sort key, in bytes of UTF-8: DynamoDB's limits.
const LONGEST_PARTITION: usize = 2048;
const LONGEST_SORT: usize = 1024;

/// The partition that lists the applications.
pub(super) const APPLICATIONS: &str = "applications";
/// The sort key of an application's hot item.
pub(super) const HEAD: &str = "head";
/// What the sort keys of entries begin with.
pub(super) const ENTRY: &str = "entry#";

/// One item's key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    /// The partition key, `application`.
    pub partition: String,
    /// The sort key, `item`.
    pub sort: String,
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.partition, self.sort)
    }
}

/// An application's partition. 256 characters are 1,024 bytes at most: it always fits.
pub(super) fn partition(name: &ApplicationName) -> String {
    format!("app#{name}")
}

/// An application's hot item.
pub(super) fn head(name: &ApplicationName) -> Key {
    Key { partition: partition(name), sort: HEAD.to_owned() }
}

/// An entry; 20 digits hold any sequence number, so the order of keys is that of numbers.
pub(super) fn entry(name: &ApplicationName, sequence: u64) -> Key {
    Key { partition: partition(name), sort: format!("{ENTRY}{sequence:020}") }
}

/// A release, as it was kept last.
pub(super) fn release(id: &ReleaseId) -> Key {
    Key { partition: partition(id.application()), sort: format!("release#{:020}", id.number()) }
}

/// An application's line in the list. 256 characters are 1,024 bytes at most, as long as a sort key may be.
pub(super) fn listed(name: &ApplicationName) -> Key {
    Key { partition: APPLICATIONS.to_owned(), sort: name.to_string() }
}

/// What is known of a fleet.
pub(super) fn past(fleet: &FleetArn) -> Result<Key, LedgerError> {
    long("fleet#", fleet.as_str(), "past")
}

/// The release that a token began.
pub(super) fn token(token: &str) -> Result<Key, LedgerError> {
    long("token#", token, "release")
}

/// A key whose text may be longer than a partition key: what doesn't fit goes on in the sort key. No two texts share
/// a key, for each can be put together again from its own.
fn long(prefix: &str, text: &str, sort: &str) -> Result<Key, LedgerError> {
    let room = LONGEST_PARTITION - prefix.len();
    let cut = text.char_indices().map(|(at, char)| at + char.len_utf8()).take_while(|end| *end <= room).last();
    let (first, rest) = text.split_at(cut.unwrap_or(0));
    let sort = if rest.is_empty() { sort.to_owned() } else { format!("{sort}#{rest}") };
    if sort.len() > LONGEST_SORT {
        let (bytes, kind) = (text.len(), prefix.trim_end_matches('#'));
        return Err(LedgerError::Unavailable(format!("a {kind} of {bytes} bytes is longer than the record can keep")));
    }
    Ok(Key { partition: format!("{prefix}{first}"), sort })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_meets_the_key_of_another_kind() {
        let name = |text: &str| ApplicationName::parse(text).unwrap();
        let partitions = ["applications", "fleet#x", "token#x", "app#x", "x"].map(|text| partition(&name(text)));
        assert_eq!(partitions, ["app#applications", "app#fleet#x", "app#token#x", "app#app#x", "app#x"]);
    }

    #[test]
    fn a_long_text_has_a_key_of_its_own_within_the_limits() {
        let long = "ü".repeat(1_400);
        let longer = format!("{long}x");
        for text in [long.as_str(), &longer] {
            let key = token(text).unwrap();
            assert!(key.partition.len() <= 2048 && key.sort.len() <= 1024, "{key}");
        }
        assert_ne!(token(&long).unwrap(), token(&longer).unwrap());
        assert_ne!(token("a#release").unwrap(), token("a").unwrap());
        assert!(token(&"x".repeat(3_100)).is_err());
    }

    #[test]
    fn keys_of_entries_are_in_the_order_of_their_numbers() {
        let web = ApplicationName::parse("web").unwrap();
        assert!(entry(&web, 9).sort < entry(&web, 10).sort);
        assert!(entry(&web, 10).sort < entry(&web, u64::MAX).sort);
    }
}
