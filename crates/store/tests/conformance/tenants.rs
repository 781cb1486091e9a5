//! Tenants, their removal and their tokens.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use store::{ApiToken, Batch, Error, LearnedSettings, Tenant, TicketOrigin, Webhook};

use crate::sample::{acme, each, now, other, tenant, ticket};

#[tokio::test]
async fn tenants_are_added_once_changed_and_removed() {
    each(async |stored| {
        let store = &stored.store;
        assert!(matches!(
            store.add_tenant(&tenant(acme())).await,
            Err(Error::TenantExists(_))
        ));
        let learned = LearnedSettings {
            pace: Some(40),
            probe: Some("{}".into()),
            reauthorise_since: Some(now()),
        };
        let news = learned.changes_since(&LearnedSettings::default());
        store.set_learned(&acme(), &news).await.expect("learned");
        let changed = Tenant {
            name: "Acme Ltd".into(),
            requests_per_minute: 0,
            insecure: true,
            keep_html: true,
            keep_days: Some(400),
            learned,
            ..tenant(acme())
        };
        store.update_tenant(&changed).await.expect("changed");
        assert_eq!(store.tenant(&acme()).await.expect("read"), Some(changed));
        assert_eq!(store.tenants().await.expect("read").len(), 2);
        store.remove_tenant(&acme()).await.expect("removed");
        assert!(matches!(
            store.remove_tenant(&acme()).await,
            Err(Error::TenantNotFound(_))
        ));
        let orphan = stored.batch(vec![ticket("1", "a")]);
        assert!(matches!(
            store.apply(&acme(), &orphan).await,
            Err(Error::TenantNotFound(_))
        ));
    })
    .await;
}

#[tokio::test]
async fn a_tenant_is_removed_after_its_last_row() {
    each(async |stored| {
        let store = &stored.store;
        stored.apply(vec![ticket("1", "a")]).await;
        assert!(!store.remove_erased(&acme(), stored.epoch).await.expect("read"));
        while store.erase(&acme(), stored.epoch, 1).await.expect("erased") > 0 {}
        // An event that was processed meanwhile.
        let late = Batch {
            tickets: vec![ticket("2", "b")],
            ..Batch::new(None, TicketOrigin::WebhookResolved, now())
        };
        store.apply(&acme(), &late).await.expect("applied");
        assert!(!store.remove_erased(&acme(), stored.epoch).await.expect("read"));
        assert_eq!(store.erase(&acme(), stored.epoch, 9).await.expect("erased"), 1);
        assert!(matches!(
            store.remove_erased(&acme(), stored.epoch + 1).await,
            Err(Error::Fenced(_))
        ));
        assert!(store.remove_erased(&acme(), stored.epoch).await.expect("removed"));
        assert_eq!(store.tenant(&acme()).await.expect("read"), None);
    })
    .await;
}

#[tokio::test]
async fn tokens_are_added_once_listed_and_revoked() {
    each(async |stored| {
        let token = |id: &str, seconds| ApiToken {
            tenant: acme(),
            id: id.into(),
            name: "triage agent".into(),
            secret_digest: vec![0, 1, 255],
            scopes: "search tickets".into(),
            created_at: now() + TimeDelta::seconds(seconds),
            expires_at: now() + TimeDelta::days(90),
            revoked_at: None,
        };
        let (first, second) = (token("b", 0), token("a", 1));
        for token in [&first, &second, &first] {
            stored.store.add_token(token).await.expect("added");
        }
        let ids = async |at| {
            let ids = stored.store.token_ids(at).await.expect("read");
            ids.into_iter().map(|(_, id)| id).collect::<BTreeSet<_>>()
        };
        assert_eq!(ids(now()).await, BTreeSet::from(["a".into(), "b".into()]));
        assert!(ids(now() + TimeDelta::days(91)).await.is_empty(), "expired");
        let tokens = async |id| stored.store.tokens(&acme(), id).await.expect("read");
        assert_eq!(tokens(None).await, [first.clone(), second.clone()]);
        assert_eq!(tokens(Some("a")).await, [second]);
        assert_eq!(tokens(Some("c")).await, []);
        let revoke = async |id, at| stored.store.revoke_token(&acme(), id, at).await.expect("revoked");
        assert!(revoke("b", now()).await && !revoke("c", now()).await);
        assert_eq!(ids(now()).await, BTreeSet::from(["a".into()]));
        assert!(revoke("b", now() + TimeDelta::days(1)).await, "again");
        assert_eq!(
            tokens(Some("b")).await[0].revoked_at,
            Some(now()),
            "the first counts"
        );
        assert_eq!(stored.store.tokens(&other(), None).await.expect("read"), []);
    })
    .await;
}

#[tokio::test]
async fn a_webhook_is_replaced_and_its_envelopes_are_rewrapped_one_by_one() {
    each(async |stored| {
        let store = &stored.store;
        let created = Webhook {
            tenant: acme(),
            id: "a".into(),
            secret: "sealed".into(),
            signing_secret: None,
            secret_in_url: false,
            created_at: now(),
        };
        assert_eq!(store.webhooks().await.expect("read"), []);
        store.set_webhook(&created).await.expect("created");
        assert_eq!(
            store.webhooks().await.expect("read"),
            std::slice::from_ref(&created)
        );
        let rotated = Webhook {
            signing_secret: Some("sealed, too".into()),
            secret_in_url: true,
            ..created
        };
        store.set_webhook(&rotated).await.expect("rotated");
        for (from, to) in [("sealed", "new"), ("sealed, too", "new, too")] {
            assert!(store.replace_envelope(&acme(), from, to).await.expect("replaced"));
            assert!(!store.replace_envelope(&acme(), from, to).await.expect("read"));
        }
        let rewrapped = Webhook {
            secret: "new".into(),
            signing_secret: Some("new, too".into()),
            ..rotated
        };
        assert_eq!(store.webhook(&acme()).await.expect("read"), Some(rewrapped));
        assert_eq!(store.webhook(&other()).await.expect("read"), None);
    })
    .await;
}
