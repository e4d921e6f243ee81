//! Work that takes long and can be cancelled: a replay, a comparison. The page names it, hears of its progress under
//! that name, and may end it by it.
//!
//! Invariant: a cancelled future is dropped, which closes its connection or kills its solver. Nothing runs on unseen.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Mutex;

use tokio::sync::oneshot;

use crate::console::lock;
use crate::ipc::Failure;

/// More than a page ever needs at once.
const AT_ONCE: usize = 16;

/// What runs, by name, with what ends it.
#[derive(Default)]
pub(crate) struct Works(Mutex<HashMap<String, oneshot::Sender<()>>>);

impl Works {
    /// Runs it until it is done or cancelled.
    pub(crate) async fn run<T>(
        &self,
        name: String,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let cancelled = self.begin(&name)?;
        let _under_way = UnderWay { works: self, name };
        tokio::select! {
            done = work => done,
            _ = cancelled => Err(Failure::new("cancelled", "it was cancelled")),
        }
    }

    /// Ends it, if it still runs.
    pub(crate) fn cancel(&self, name: &str) {
        if let Some(cancel) = lock(&self.0).remove(name) {
            // It may have ended at this very moment.
            cancel.send(()).ok();
        }
    }

    fn begin(&self, name: &str) -> Result<oneshot::Receiver<()>, Failure> {
        let mut works = lock(&self.0);
        if works.contains_key(name) {
            return Err(Failure::new("work", "work of this name is under way already"));
        }
        if works.len() >= AT_ONCE {
            return Err(Failure::new(
                "work",
                format!("{AT_ONCE} replays and comparisons are under way; cancel one first"),
            ));
        }
        let (cancel, cancelled) = oneshot::channel();
        works.insert(name.to_owned(), cancel);
        Ok(cancelled)
    }
}

/// Frees the name however the work ends, also when whoever waited for it is gone.
struct UnderWay<'a> {
    works: &'a Works,
    name: String,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        lock(&self.works.0).remove(&self.name);
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;

    #[tokio::test]
    async fn work_that_is_cancelled_ends_and_says_so() {
        let works = Works::default();
        let (ended, ()) = tokio::join!(works.run("a".into(), pending::<Result<(), Failure>>()), async {
            works.cancel("b");
            works.cancel("a");
        });
        assert_eq!(ended.unwrap_err().code, "console.cancelled");
        assert_eq!(works.run("a".into(), ready(Ok(7))).await, Ok(7), "the name is free again");
    }

    #[tokio::test]
    async fn a_page_cannot_begin_any_number_of_works() {
        let works = Works::default();
        let begun: Vec<_> = (0..AT_ONCE).map(|at| works.begin(&at.to_string()).unwrap()).collect();
        assert_eq!(works.run("more".into(), ready(Ok(()))).await.unwrap_err().code, "console.work");
        assert_eq!(works.begin("3").unwrap_err().code, "console.work");
        drop(begun);
    }
}
