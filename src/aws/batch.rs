//! How reads of many things are cut into calls.

use super::fault::Fault;
use futures_util::{StreamExt, TryStreamExt, stream};

/// How many calls of one kind run side by side: enough that a sweep over a thousand names takes three rounds, few
/// enough for CloudWatch's 9 DescribeAlarms a second (all callers of the account together) with one retry.
const SIDE_BY_SIDE: usize = 4;

/// The pages of a list that must hide nothing. An answer of several isn't of one moment: what is removed between two of
/// them may hide what comes after it. So it's asked for once more, and what either shows is there.
pub(super) async fn whole<P, E, F>(list: impl Fn() -> F) -> Result<Vec<P>, E>
where
    F: Future<Output = Result<Vec<P>, E>>,
{
    let mut pages = list().await?;
    if pages.len() > 1 {
        pages.extend(list().await?);
    }
    Ok(pages)
}

/// Reads `keys` in chunks of `size`, several chunks at a time; one that fails fails the whole, for a partial answer
/// would pass for "the rest doesn't exist". Without keys nothing is called: to AWS "no names" means "everything".
pub(super) async fn in_chunks<'a, K, T, F>(
    keys: &'a [K],
    size: usize,
    read: impl FnMut(&'a [K]) -> F,
) -> Result<Vec<T>, Fault>
where
    F: Future<Output = Result<Vec<T>, Fault>>,
{
    stream::iter(keys.chunks(size)).map(read).buffered(SIDE_BY_SIDE).try_concat().await
}
