//! Connections and migrations.

use store::{Error, Store};

use crate::sample::{acme, each, tenant, ticket};

#[tokio::test]
async fn migrating_down_and_up_keeps_every_row() {
    each(async |stored| {
        stored.apply(vec![ticket("1", "a"), ticket("2", "b")]).await;
        for target in [1, 0] {
            stored.store.migrate(Some(target)).await.expect("down");
            let migrated = stored.store.migrate(None).await.expect("up");
            assert!(migrated.duplicates.is_empty());
        }
        stored
            .store
            .add_tenant(&tenant(acme()))
            .await
            .expect("settings are gone");
        let tickets = stored.tickets().await;
        assert_eq!(
            tickets
                .iter()
                .map(|ticket| ticket.description.as_str())
                .collect::<Vec<_>>(),
            ["a\n\nbody", "b\n\nbody"]
        );
        assert!(matches!(
            stored.store.migrate(Some(99)).await,
            Err(Error::UnknownVersion(99))
        ));
    })
    .await;
}

#[tokio::test]
async fn a_url_of_no_known_database_is_refused() {
    assert!(matches!(
        Store::connect("mysql://x/y").await,
        Err(Error::UnsupportedUrl)
    ));
}
