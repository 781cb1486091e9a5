//! Stored tickets: new, changed, refused by the database, cut.

use chrono::TimeDelta;
use store::KnownTicket;

use crate::sample::{acme, counts, each, now, other, ticket};

#[tokio::test]
async fn tickets_are_new_then_the_same_then_changed() {
    each(async |stored| {
        let tickets = || vec![ticket("1", "a"), ticket("2", "b")];
        assert_eq!(stored.apply(tickets()).await.counts, counts(2, 0, 0, 0));
        assert_eq!(stored.apply(tickets()).await.counts, counts(0, 0, 2, 0));
        assert_eq!(
            stored
                .apply(vec![ticket("1", "a"), ticket("2", "c")])
                .await
                .counts,
            counts(0, 1, 1, 0)
        );
        assert_eq!(
            stored.tickets().await,
            [ticket("1", "a").ticket, ticket("2", "c").ticket]
        );
        let run = stored
            .store
            .run(&acme(), stored.run)
            .await
            .expect("read")
            .expect("there");
        assert_eq!(run.counts, counts(2, 1, 3, 0));
        let known = stored
            .store
            .known(&acme(), &[ticket("2", "").ticket.id])
            .await
            .expect("read");
        assert_eq!(
            known.into_values().collect::<Vec<_>>(),
            [KnownTicket {
                changed_at: Some(now()),
                source_digest: Some(b"c".to_vec()),
                resolved: false,
            }]
        );
    })
    .await;
}

#[tokio::test]
async fn an_older_copy_never_replaces_a_newer_one() {
    each(async |stored| {
        stored.apply(vec![ticket("1", "new")]).await;
        let mut older = ticket("1", "old");
        older.ticket.source_updated_at = Some(now() - TimeDelta::seconds(1));
        assert_eq!(stored.apply(vec![older]).await.counts, counts(0, 0, 1, 0));
        assert_eq!(stored.tickets().await[0].subject, "new");
    })
    .await;
}

#[tokio::test]
async fn the_rows_that_the_database_refuses_are_rejected_and_the_others_stored() {
    each(async |stored| {
        let mut batch: Vec<_> = (0..40).map(|n| ticket(&format!("{n:02}"), "fine")).collect();
        batch[3] = ticket("03", "nul \0 in a text");
        batch[17] = ticket(&"9".repeat(101), "id too long");
        batch[18].ticket.tags = vec!["nul \0 in a tag".into()];
        batch[39].ticket.status = Some("s".repeat(251));
        let applied = stored.apply(batch.clone()).await;
        assert_eq!(applied.counts, counts(36, 0, 0, 4));
        assert_eq!(applied.rejections.len(), 4);
        assert_eq!(stored.tickets().await.len(), 36);
        assert_eq!(stored.apply(batch).await.counts, counts(0, 0, 36, 4));
        assert_eq!(
            stored.apply(vec![ticket("03", "repaired")]).await.counts,
            counts(1, 0, 0, 0)
        );
    })
    .await;
}

#[tokio::test]
async fn excerpts_and_changes_are_bounded_and_tickets_are_whole() {
    each(async |stored| {
        let mut giant = ticket("1", "short");
        giant.ticket.subject = "ß".repeat(10_001);
        giant.ticket.description = "ß".repeat(200_000);
        giant.ticket.resolution = "ß".repeat(100_001);
        giant.ticket.description_html = Some("<p>".repeat(100_000));
        giant.ticket.tags = vec!["tag".repeat(40_000)];
        let ordinary = ticket("2", "fine");
        stored.apply(vec![giant.clone(), ordinary.clone()]).await;
        let ids = [giant.ticket.id.clone(), ordinary.ticket.id.clone()];
        let mut excerpts = stored.store.excerpts(&acme(), &ids).await.expect("read");
        excerpts.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        let changes = stored.store.changes(&acme(), (-1, ""), 9).await.expect("read");
        let changed: Vec<_> = changes.into_iter().filter_map(|change| change.ticket).collect();
        assert_eq!(changed, excerpts);
        let chars = |text: &str| text.chars().count();
        let cut = &excerpts[0];
        assert_eq!(
            (
                chars(&cut.subject),
                chars(&cut.description),
                chars(&cut.resolution)
            ),
            (10_000, 100_000, 100_000)
        );
        assert_eq!((&cut.description_html, cut.tags.len()), (&None, 0));
        let mut expected = ordinary.ticket;
        expected.description_html = None;
        expected.resolution_html = None;
        assert_eq!(excerpts[1], expected);
        assert_eq!(stored.tickets().await[0], giant.ticket);
    })
    .await;
}

#[tokio::test]
async fn tenants_never_see_each_other() {
    each(async |stored| {
        stored.apply(vec![ticket("1", "secret")]).await;
        let ids = [ticket("1", "").ticket.id];
        assert!(
            stored
                .store
                .newest_tickets(&other(), 10)
                .await
                .expect("read")
                .is_empty()
        );
        assert!(stored.store.known(&other(), &ids).await.expect("read").is_empty());
        let run = stored
            .store
            .run(&other(), stored.run)
            .await
            .expect("read")
            .expect("its own");
        assert_eq!(run.counts, counts(0, 0, 0, 0));
        let applied = stored
            .store
            .apply(&other(), &stored.batch(vec![ticket("1", "its own")]))
            .await;
        assert_eq!(applied.expect("applied").counts, counts(1, 0, 0, 0));
        assert_eq!(stored.tickets().await[0].subject, "secret");
    })
    .await;
}
