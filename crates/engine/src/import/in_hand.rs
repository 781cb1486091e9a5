//! Tickets in hand: read from helpdesks and not stored yet.
//!
//! A reader may be faster than the database, and every tenant has its own reader. So each reader waits before it lets
//! the next part in while too much is in hand: of its run, or of all runs of the process. A run with little in hand
//! never waits for others, so a tenant with huge tickets does not delay them. Parts that were let in wait for none of
//! this, and the writer stores them in the order in which they came in, so the wait always ends.

use std::sync::{Arc, LazyLock};

use tokio::sync::watch;

/// Bytes in hand of one run, above which its reader waits.
const RUN: usize = 96 << 20;

/// Bytes in hand of all runs of this process, above which a reader waits.
const PROCESS: usize = 256 << 20;

/// Bytes in hand up to which a run never waits for other runs.
const LITTLE: usize = 16 << 20;

/// Sum of what is in hand in all runs.
static OF_PROCESS: LazyLock<Sum> = LazyLock::new(Sum::default);

#[derive(Clone)]
struct Sum(Arc<watch::Sender<usize>>);

impl Default for Sum {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }
}

impl Sum {
    fn add(&self, bytes: usize) {
        self.0.send_modify(|sum| *sum += bytes);
    }

    fn subtract(&self, bytes: usize) {
        self.0.send_modify(|sum| *sum -= bytes);
    }

    async fn falls_to(&self, most: usize) {
        let fallen = self.0.subscribe().wait_for(|sum| *sum <= most).await.is_ok();
        debug_assert!(fallen, "the sender outlives the wait");
    }
}

/// What one run has in hand.
#[derive(Clone, Default)]
pub(super) struct InHand {
    of_run: Sum,
}

impl InHand {
    /// Waits until another part may come in.
    pub(super) async fn wait(&self) {
        let room_for_all = async {
            self.of_run.falls_to(RUN).await;
            OF_PROCESS.falls_to(PROCESS).await;
        };
        tokio::select! {
            () = self.of_run.falls_to(LITTLE) => {}
            () = room_for_all => {}
        }
    }

    /// Counts bytes until the result is dropped.
    pub(super) fn hold(&self, bytes: usize) -> Held {
        self.of_run.add(bytes);
        OF_PROCESS.add(bytes);
        Held {
            of_run: self.of_run.clone(),
            bytes,
        }
    }
}

/// Bytes in hand; dropping it returns them.
pub(super) struct Held {
    of_run: Sum,
    pub(super) bytes: usize,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.of_run.subtract(self.bytes);
        OF_PROCESS.subtract(self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn a_run_waits_for_itself_and_a_small_one_not_for_others() {
        let waits = async |run: &InHand| timeout(Duration::from_millis(20), run.wait()).await.is_err();
        let runs: Vec<_> = (0..3).map(|_| InHand::default()).collect();
        let held: Vec<_> = runs.iter().map(|run| run.hold(RUN)).collect();
        let small = InHand::default();
        let little = small.hold(LITTLE);
        assert!(!waits(&small).await);
        let more = small.hold(1);
        assert!(waits(&small).await, "all runs together have too much");
        let too_much = runs[0].hold(1);
        drop((held, little, more));
        assert!(!waits(&runs[0]).await);
        drop(too_much);
        assert_eq!(*OF_PROCESS.0.borrow(), 0);
    }
}
