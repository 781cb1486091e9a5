//! Rows and checkpoint are one transaction.

use store::{Checkpoint, Error, Rejection, RunState};

use crate::sample::{acme, counts, each, now, ticket};

#[tokio::test]
async fn rows_and_checkpoint_are_stored_together_or_not_at_all() {
    each(async |stored| {
        let mut lost = stored.batch(vec![ticket("1", "a")]);
        lost.checkpoint = Some(Checkpoint {
            window: 7,
            ..stored.checkpoint(false)
        });
        assert!(matches!(
            stored.store.apply(&acme(), &lost).await,
            Err(Error::UnknownWindow(_))
        ));
        assert!(stored.tickets().await.is_empty());

        let mut batch = stored.batch(vec![ticket("1", "a")]);
        batch.counted.skipped = 5;
        batch.rejections = vec![Rejection {
            ticket_id: None,
            reason: "it has no id".into(),
            raw: "{\"x\":\"\0\"}".into(),
        }];
        let applied = stored.store.apply(&acme(), &batch).await.expect("applied");
        assert_eq!(applied.counts, counts(1, 0, 5, 1));
        let unfinished = stored
            .store
            .unfinished_run(&acme(), "90 days")
            .await
            .expect("read")
            .expect("there");
        let cursors: Vec<_> = unfinished
            .windows
            .iter()
            .map(|window| window.cursor.as_deref())
            .collect();
        assert_eq!(cursors, [Some("101"), None]);
        stored
            .store
            .set_run_state(&acme(), stored.run, RunState::Finished, None, now())
            .await
            .expect("noted");
        assert!(
            stored
                .store
                .unfinished_run(&acme(), "90 days")
                .await
                .expect("read")
                .is_none()
        );
    })
    .await;
}
