//! The pacer over paused time.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{InProcess, PaceStore, Pacer};
use crate::Error;
use crate::connection::stop::Stop;

fn pacer(requests_per_minute: u32) -> Pacer {
    Pacer::new(Arc::new(InProcess::default()), requests_per_minute, None)
}

/// Returns the seconds since the start at which `count` requests go.
async fn times(pacer: &Pacer, count: usize) -> Vec<f64> {
    let start = Instant::now();
    let mut times = Vec::new();
    for _ in 0..count {
        pacer.place(&Stop::default()).await.expect("a place");
        times.push(start.elapsed().as_secs_f64());
    }
    times
}

#[tokio::test(start_paused = true)]
async fn every_minute_has_at_most_and_nearly_the_limit() {
    for limit in [1, 7, 30, 100, 250, 2_000] {
        let pacer = pacer(limit);
        let times = times(&pacer, 5 * limit as usize).await;
        for window in times.windows(limit as usize + 1) {
            assert!(
                window[limit as usize] - window[0] > 60.0,
                "limit {limit}: {window:?}"
            );
        }
        let last = times.last().expect("at least one");
        assert!(
            *last < 5.0 * 62.5,
            "limit {limit}: {last} s for five minutes' worth"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn two_processes_share_one_limit() {
    let store: Arc<dyn PaceStore> = Arc::new(InProcess::default());
    let pacers = [(); 2].map(|()| Pacer::new(store.clone(), 60, None));
    let start = Instant::now();
    let [one, other] = &pacers;
    let (one, other) = tokio::join!(times(one, 90), times(other, 90));
    assert!(
        start.elapsed() > Duration::from_secs(120),
        "{:?}",
        start.elapsed()
    );
    let mut all = [one, other].concat();
    all.sort_by(f64::total_cmp);
    for window in all.windows(61) {
        assert!(window[60] - window[0] > 60.0, "{window:?}");
    }
    assert!(all[179] < 190.0, "{}", all[179]);
}

#[tokio::test(start_paused = true)]
async fn a_quiet_minute_begins_with_a_burst() {
    let times = times(&pacer(100), 12).await;
    assert!(times[9] < 0.1, "{times:?}");
    assert!(times[11] > 1.1, "{times:?}");
}

#[tokio::test(start_paused = true)]
async fn a_lock_pauses_all_callers_even_waiting_ones() {
    let pacer = pacer(60);
    times(&pacer, 6).await;
    let start = Instant::now();
    let stop = Stop::default();
    let lock = pacer.throttled(Duration::from_secs(120), "busy");
    let (place, locked) = tokio::join!(pacer.place(&stop), lock);
    assert!(place.is_ok() && locked.is_ok());
    assert!(start.elapsed() >= Duration::from_secs(120));
    assert_eq!(pacer.learned(), Some(30));
}

#[tokio::test(start_paused = true)]
async fn a_long_pause_is_reported_and_a_stop_ends_every_wait() {
    let pacer = pacer(60);
    pacer
        .throttled(Duration::from_secs(600), "busy")
        .await
        .expect("recorded");
    let impatient = Stop {
        longest_pause: Some(Duration::from_secs(5)),
        ..Stop::default()
    };
    let start = Instant::now();
    let Err(Error::Paused { reason, .. }) = pacer.place(&impatient).await else {
        panic!("the pacer waits for ten minutes");
    };
    assert_eq!((reason.as_str(), start.elapsed()), ("busy", Duration::ZERO));
    let stop = Stop::default();
    let cancel = async {
        sleep(Duration::from_secs(2)).await;
        stop.soft.cancel();
    };
    let (place, ()) = tokio::join!(pacer.place(&stop), cancel);
    assert!(matches!(place, Err(Error::Stopped)), "{place:?}");
    assert_eq!(start.elapsed(), Duration::from_secs(2));
}

#[tokio::test(start_paused = true)]
async fn without_a_limit_only_a_throttle_makes_requests_wait() {
    let pacer = pacer(0);
    assert!(times(&pacer, 10_000).await.iter().all(|time| *time < 0.001));
    pacer
        .throttled(Duration::from_secs(1), "busy")
        .await
        .expect("recorded");
    assert_eq!(pacer.learned(), Some(3_000));
    assert!(times(&pacer, 3_100).await[3_099] > 60.0);
}
