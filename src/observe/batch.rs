//! The observe stage: many reads of one kind, a bounded number side by side.

use crate::release::{Reading, Unread};
use futures_util::FutureExt;
use futures_util::stream::{self, StreamExt};
use std::collections::{BTreeMap, BTreeSet};

/// Reads of one kind under way at once: AWS's rates are shared by everything in the account and Region.
const SIDE_BY_SIDE: usize = 16;

/// Awaits reads, a bounded number at once; their answers in the order of the reads.
async fn side_by_side<F: Future>(reads: impl ExactSizeIterator<Item = F>) -> Vec<F::Output> {
    // In most looks most kinds of reads have nothing to ask.
    if reads.len() == 0 {
        return Vec::new();
    }
    stream::iter(reads).buffered(SIDE_BY_SIDE).collect().await
}

/// Reads each of `keys` on its own, a bounded number side by side.
pub(super) async fn each<'k, K, T, F>(keys: &'k BTreeSet<K>, read: impl Fn(&'k K) -> F) -> BTreeMap<K, Reading<T>>
where
    K: Ord + Clone + 'k,
    F: Future<Output = Reading<T>>,
{
    let read = |key: &'k K| read(key).map(move |reading| (key.clone(), reading));
    side_by_side(keys.iter().map(read)).await.into_iter().collect()
}

/// Reads `keys` in batches; what AWS leaves out of an answer doesn't exist, and a failed batch says so for each of its
/// keys. What a batch leaves out is asked for once more, alone: an answer of several pages isn't of one moment, and what
/// is deleted between two of them may hide what comes after it.
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
    let read = &read;
    let mut answers: Vec<(&'k [K], Reading<Vec<T>>)> = side_by_side(keys.chunks(size).map(read)).await;
    let mut left_out = Vec::new();
    for (batch, reading) in answers.iter().filter(|(batch, _)| batch.len() > 1) {
        let Ok(things) = reading else { continue };
        let shown: BTreeSet<K> = things.iter().map(&key_of).collect();
        left_out.extend(batch.chunks(1).filter(|key| !shown.contains(&key[0])));
    }
    answers.extend(side_by_side(left_out.into_iter().map(read)).await);
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::ready;

    /// What each call shows of the keys that it asks for.
    fn found(shows: impl Fn(&[u8]) -> Reading<Vec<u8>>) -> Vec<(u8, Reading<Option<u8>>)> {
        let keys = [1, 2, 3];
        let read = batches(&keys, 3, |batch| ready(shows(batch)), |thing: &u8| *thing);
        read.now_or_never().unwrap().into_iter().collect()
    }

    #[test]
    fn what_a_page_hid_is_found_alone_and_what_is_left_out_twice_is_gone() {
        let hidden = |batch: &[u8]| Ok(if batch.len() > 1 { vec![1, 3] } else { batch.to_vec() });
        assert_eq!(found(hidden), [(1, Ok(Some(1))), (2, Ok(Some(2))), (3, Ok(Some(3)))]);
        let gone = |batch: &[u8]| Ok(batch.iter().copied().filter(|key| *key != 2).collect());
        assert_eq!(found(gone)[1], (2, Ok(None)));
    }

    #[test]
    fn what_cannot_be_asked_for_again_is_unread() {
        let failing = |batch: &[u8]| if batch.len() > 1 { Ok(vec![1, 3]) } else { Err(Unread("throttled".into())) };
        assert_eq!(found(failing)[1].1, Err(Unread("throttled".into())));
        assert_eq!(found(failing)[2].1, Ok(Some(3)));
    }
}
