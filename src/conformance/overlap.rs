//! Units that overlap, on stores that compare at commit and on stores that make the second wait.

use std::future::Future;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use crate::store::{ErrorKind, StoreError, Unit};

use super::bench::{Bench, Checked, Found, found, same};
use super::yielding::suspend;

/// How long a unit is watched before it counts as waiting: in steps of a millisecond.
const WATCHED: u32 = 60;

/// A unit that only has to commit, or what became of it before.
pub(super) enum Half {
    /// It has read, decided and applied.
    Ready(Box<dyn Unit>),
    /// The store said that another came first.
    Late,
    /// What it read, it could not decide on.
    Refused(Found),
}

impl Half {
    /// A fault of reading or applying: a conflict, or a failure of the store.
    pub(super) fn came_late(error: StoreError) -> Checked<Self> {
        if error.kind() == ErrorKind::Conflict { Ok(Self::Late) } else { Err(error.into()) }
    }

    async fn commits(self, what: &str) -> Checked {
        let ended = match self {
            Self::Ready(unit) => match unit.commit().await {
                Ok(_) => return Ok(()),
                Err(error) => error.to_string(),
            },
            Self::Late => "another came first".to_owned(),
            Self::Refused(Found(what)) => what,
        };
        Err(found(format!("{what} should commit: {ended}")))
    }

    async fn conflicts(self, what: &str) -> Checked {
        match self {
            Self::Late => Ok(()),
            Self::Refused(Found(refused)) => Err(found(format!("{what}: {refused}"))),
            Self::Ready(unit) => match unit.commit().await {
                Err(error) if error.kind() == ErrorKind::Conflict => Ok(()),
                other => Err(found(format!("{what} should be a conflict, is {other:?}"))),
            },
        }
    }

    /// It began its reading behind the first: it may see that there is nothing left to do.
    async fn ends(self) -> Checked {
        match self {
            Self::Late | Self::Refused(_) => Ok(()),
            Self::Ready(unit) => match unit.commit().await {
                Ok(_) => Ok(()),
                Err(error) if error.kind() == ErrorKind::Conflict => Ok(()),
                Err(error) => Err(error.into()),
            },
        }
    }
}

/// What a future gives if it is ready soon; it goes on later if it is not.
pub(super) async fn soon<F: Future>(mut future: Pin<&mut F>) -> Option<F::Output> {
    for _ in 0..WATCHED {
        let polled = std::future::poll_fn(|task| Poll::Ready(future.as_mut().poll(task))).await;
        if let Poll::Ready(output) = polled {
            return Some(output);
        }
        // What it waits for may be another process.
        std::thread::sleep(Duration::from_millis(1));
        suspend().await;
    }
    None
}

/// Two halves of the same decision: the first commits, and then the second changes nothing.
pub(super) async fn race(
    bench: &Bench,
    one: impl Future<Output = Checked<Half>> + Send,
    two: impl Future<Output = Checked<Half>> + Send,
    what: &str,
) -> Checked {
    let head = commit_in_order(bench, one, two, what).await?;
    same(bench.bank.head().await?, head, format!("{what}: the second leaves nothing"))
}

/// As [`race`], but a second one that waited for the first may take effect behind it.
pub(super) async fn follow(
    bench: &Bench,
    one: impl Future<Output = Checked<Half>> + Send,
    two: impl Future<Output = Checked<Half>> + Send,
    what: &str,
) -> Checked {
    commit_in_order(bench, one, two, what).await.map(|_| ())
}

async fn commit_in_order(
    bench: &Bench,
    one: impl Future<Output = Checked<Half>> + Send,
    two: impl Future<Output = Checked<Half>> + Send,
    what: &str,
) -> Checked<crate::store::Head> {
    let one = one.await?;
    let mut two = Box::pin(two);
    let early = soon(two.as_mut()).await;
    one.commits(what).await?;
    let head = bench.bank.head().await?;
    match early {
        Some(two) => two?.conflicts(what).await?,
        None => two.await?.ends().await?,
    }
    Ok(head)
}

/// Two units that have nothing in common: both commit.
pub(super) async fn both(
    one: impl Future<Output = Checked<Half>> + Send,
    two: impl Future<Output = Checked<Half>> + Send,
    what: &str,
) -> Checked {
    let one = one.await?;
    let mut two = Box::pin(two);
    let early = soon(two.as_mut()).await;
    one.commits(what).await?;
    match early {
        Some(two) => two?.commits(what).await,
        None => two.await?.commits(what).await,
    }
}
