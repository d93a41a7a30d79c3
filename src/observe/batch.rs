//! The observe stage: many reads of one kind, a bounded number side by side.

use crate::release::{Reading, Unread};
use futures_util::FutureExt;
use futures_util::stream::{self, StreamExt};
use std::collections::{BTreeMap, BTreeSet};

/// Reads of one kind under way at once: AWS's rates are shared by everything in the account and Region.
const SIDE_BY_SIDE: usize = 16;

/// Reads each of `keys` on its own, a bounded number side by side.
pub(super) async fn each<'k, K, T, F>(keys: &'k BTreeSet<K>, read: impl Fn(&'k K) -> F) -> BTreeMap<K, Reading<T>>
where
    K: Ord + Clone + 'k,
    F: Future<Output = Reading<T>>,
{
    let read = |key: &'k K| read(key).map(move |reading| (key.clone(), reading));
    stream::iter(keys).map(read).buffered(SIDE_BY_SIDE).collect().await
}

/// Reads `keys` in batches; what AWS leaves out of an answer doesn't exist, and a failed batch says so for each of its
/// keys.
pub(super) async fn batches<'k, K, T, F>(
    keys: &'k [K],
    size: usize,
    read: impl Fn(&'k [K]) -> F,
    key_of: impl Fn(&T) -> K,
) -> BTreeMap<K, Reading<Option<T>>>
where
    K: Ord + Clone + 'k,
    F: Future<Output = Reading<Vec<T>>>,
{
    let read = |batch: &'k [K]| read(batch).map(move |reading| (batch, reading));
    let answers: Vec<(&[K], Reading<Vec<T>>)> =
        stream::iter(keys.chunks(size)).map(read).buffered(SIDE_BY_SIDE).collect().await;
    let mut found = BTreeMap::new();
    for (batch, reading) in answers {
        match reading {
            Ok(things) => {
                found.extend(batch.iter().map(|key| (key.clone(), Ok(None))));
                found.extend(things.into_iter().map(|thing| (key_of(&thing), Ok(Some(thing)))));
            }
            Err(Unread(why)) => found.extend(batch.iter().map(|key| (key.clone(), Err(Unread(why.clone()))))),
        }
    }
    found
}
