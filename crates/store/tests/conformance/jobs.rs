//! Jobs.

use chrono::TimeDelta;
use store::{Deaths, Job, JobKind};

use crate::sample::{acme, each, now, other};

#[tokio::test]
async fn jobs_are_listed_by_due_time_rescheduled_and_completed_unless_requested_again() {
    each(async |stored| {
        let store = &stored.store;
        let job = |tenant, arguments: Option<&str>, seconds| {
            let due_at = now() + TimeDelta::seconds(seconds);
            Job::new(tenant, JobKind::Import, arguments.map(Into::into), due_at)
        };
        let later = job(acme(), Some("90 days"), 5);
        let first = job(other(), Some("30 days"), 0);
        for job in [&later, &first, &later] {
            store.request_job(job).await.expect("asked");
        }
        assert_eq!(
            store.jobs(None).await.expect("read"),
            [first.clone(), later.clone()]
        );

        let rescheduled = Job {
            due_at: now() + TimeDelta::seconds(9),
            attempts: 2,
            error: Some("refused".into()),
            failed_at: Some(now()),
            ..first.clone()
        };
        assert!(store.reschedule_job(&rescheduled).await.expect("stored"));
        assert_eq!(
            store.jobs(None).await.expect("read"),
            [later.clone(), rescheduled.clone()]
        );

        // A later request with other arguments stays.
        let again = job(other(), Some("60 days"), 1);
        store.request_job(&again).await.expect("asked");
        assert!(!store.reschedule_job(&rescheduled).await.expect("nothing there"));
        let end = async |arguments| {
            store
                .complete_job(&other(), JobKind::Import, arguments, None)
                .await
                .expect("ended")
        };
        assert!(!end(Some("30 days")).await);
        assert_eq!(store.jobs(None).await.expect("read"), [again, later.clone()]);
        assert!(end(Some("60 days")).await);
        assert!(!end(None).await);
        assert!(
            !store
                .complete_job(&acme(), JobKind::Sync, None, None)
                .await
                .expect("nothing there")
        );
        assert_eq!(store.jobs(None).await.expect("read"), [later]);

        store.remove_tenant(&acme()).await.expect("removed");
        assert_eq!(store.jobs(None).await.expect("read"), []);
    })
    .await;
}

#[tokio::test]
async fn the_note_of_an_older_lease_is_a_death_until_an_attempt_ends() {
    each(async |stored| {
        let store = &stored.store;
        let begin = async |kind, epoch, alone| {
            store
                .begin_attempt((&acme(), kind), epoch, (alone, 3), now())
                .await
                .expect("noted")
        };
        let deaths = |count| Deaths {
            count,
            last: (count > 0).then(now),
        };
        let sync = JobKind::Sync;
        assert_eq!(begin(sync, 5, false).await, deaths(0));
        // The holder of the lease begins no second attempt; the note stays one of a process that lives.
        assert_eq!(begin(JobKind::Import, 5, false).await, deaths(0));
        store
            .end_attempt(&acme(), JobKind::Import, 5)
            .await
            .expect("ended");
        assert_eq!(store.suspects().await.expect("read"), []);

        assert_eq!(begin(sync, 6, false).await, deaths(1));
        assert_eq!(store.suspects().await.expect("read"), [(acme(), sync)]);
        // Not noted, since it was not alone.
        assert_eq!(begin(sync, 7, true).await, deaths(1));
        // Noted: a job of another kind finds it too.
        assert_eq!(begin(JobKind::Import, 8, false).await, deaths(0));
        assert_eq!(begin(sync, 9, true).await, deaths(2));
        assert_eq!(begin(sync, 10, true).await, deaths(3));
        // Never noted again.
        assert_eq!(begin(sync, 11, true).await, deaths(3));
        // A process that was fenced off and lives on finds another's note.
        store.end_attempt(&acme(), sync, 8).await.expect("ended");
        assert_eq!(begin(sync, 11, true).await, deaths(3));
        store.end_attempt(&acme(), sync, 11).await.expect("ended");
        assert_eq!(begin(sync, 12, false).await, deaths(0));
    })
    .await;
}
