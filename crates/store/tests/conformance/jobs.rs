//! Jobs.

use chrono::TimeDelta;
use store::{Job, JobKind};

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
                .complete_job(&other(), JobKind::Import, arguments)
                .await
                .expect("ended")
        };
        assert!(!end(Some("30 days")).await);
        assert_eq!(store.jobs(None).await.expect("read"), [again, later.clone()]);
        assert!(end(Some("60 days")).await);
        assert!(!end(None).await);
        assert!(
            !store
                .complete_job(&acme(), JobKind::Sync, None)
                .await
                .expect("nothing there")
        );
        assert_eq!(store.jobs(None).await.expect("read"), [later]);

        store.remove_tenant(&acme()).await.expect("removed");
        assert_eq!(store.jobs(None).await.expect("read"), []);
    })
    .await;
}
