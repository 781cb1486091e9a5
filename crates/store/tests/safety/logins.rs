//! Logins of the service and of attackers, with the real roles.

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use store::Store;
use uuid::Uuid;

use crate::sample::{SECRET, as_service, entry, filled, id, now};
use crate::scratch::Scratch;

/// A login that ends with the test.
struct Login<'a> {
    scratch: &'a Scratch,
    name: String,
}

impl<'a> Login<'a> {
    async fn new(scratch: &'a Scratch, attributes: &str, roles: &str) -> Self {
        let name = format!("login_{}", Uuid::new_v4().simple());
        let make = format!("create role {name} login password 'x' {attributes}; grant {roles} to {name}");
        execute(scratch, &make).await;
        Self { scratch, name }
    }

    fn url(&self) -> String {
        let (_, server) = self.scratch.url.rsplit_once('@').expect("a URL with a user");
        format!("postgres://{}:x@{server}", self.name)
    }

    async fn connect(&self) -> PgConnection {
        PgConnection::connect(&self.url()).await.expect("connected")
    }

    async fn drop(self) {
        execute(
            self.scratch,
            &format!("drop owned by {0}; drop role {0}", self.name),
        )
        .await;
    }
}

async fn execute(scratch: &Scratch, statement: &str) {
    let mut owner = PgConnection::connect(&scratch.url).await.expect("connected");
    let done = owner.execute(AssertSqlSafe(statement.to_owned())).await;
    done.expect(statement);
}

async fn rows(connection: &mut PgConnection, statement: &str) -> sqlx::Result<usize> {
    let statement = AssertSqlSafe(statement.to_owned());
    Ok(connection.fetch_all(statement).await?.len())
}

#[tokio::test]
async fn a_login_that_inherits_the_role_of_the_service_sees_no_other_tenant() {
    let scratch = Scratch::new().await;
    filled(&scratch.url).await;
    for roles in ["precedent_service", "precedent_scheduler", "precedent_operator"] {
        let login = Login::new(&scratch, "inherit", roles).await;
        let mut connection = login.connect().await;
        for table in [
            "ticket_history",
            "rejected_tickets",
            "pace",
            "api_tokens",
            "sightings",
        ] {
            let seen = rows(&mut connection, &format!("select * from {table}")).await;
            assert!(matches!(seen, Ok(0) | Err(_)), "{roles}, {table}: {seen:?}");
        }
        let changed = rows(
            &mut connection,
            "update ticket_history set subject = 'x' returning 1",
        )
        .await;
        assert!(matches!(changed, Ok(0) | Err(_)), "{roles}: {changed:?}");
        let store = Store::connect(&login.url()).await.expect("connected");
        let gaps = store.isolation_gaps().await.expect("read").join("; ");
        assert!(
            gaps.contains(&format!("this login inherits the rights of {roles}")),
            "{gaps}"
        );
        drop((connection, store));
        login.drop().await;
    }
    // Another role of the platform keeps its rights, and so does the owner.
    let platform = Login::new(&scratch, "inherit", "select on ticket_history").await;
    assert_eq!(
        rows(&mut platform.connect().await, "select * from ticket_history")
            .await
            .ok(),
        Some(2)
    );
    platform.drop().await;
    let owner = Login::new(&scratch, "inherit", "precedent_service").await;
    execute(
        &scratch,
        &format!("alter table ticket_history owner to {}", owner.name),
    )
    .await;
    assert_eq!(
        rows(&mut owner.connect().await, "select * from ticket_history")
            .await
            .ok(),
        Some(2)
    );
    execute(&scratch, "alter table ticket_history owner to current_user").await;
    owner.drop().await;
}

/// Statements with which the service's role would act as an operator.
const OPERATORS: [&str; 11] = [
    "delete from retired_keys returning 1",
    "select * from retired_keys",
    "insert into retired_keys values ('the key in use', now()) returning 1",
    "delete from audit_log returning 1",
    "update audit_log set actor = 'x' returning 1",
    "insert into audit_log values ('', 'x', now(), '', '', '', '') returning 1",
    "select * from audit_log",
    "select * from jobs",
    "select * from inbox",
    "select * from import_runs where tenant_id <> 'mine'",
    "select * from tenant_configs where tenant_id <> 'mine'",
];

#[tokio::test]
async fn the_role_of_the_service_cannot_make_itself_an_operator() {
    let scratch = Scratch::new().await;
    let (store, _) = filled(&scratch.url).await;
    store.retire_key("an old key", now()).await.expect("retired");
    for statement in OPERATORS {
        // The switch of earlier versions.
        let switched =
            format!("with switched as (select set_config('precedent.operator', 'on', false)) {statement}");
        for statement in [statement, &switched] {
            let found = as_service(&scratch.url, "mine", statement).await;
            assert!(
                found.as_ref().map_or(true, Vec::is_empty),
                "{statement}: {found:?}"
            );
        }
    }
    for role in ["precedent_operator", "precedent_scheduler"] {
        let login = Login::new(&scratch, "noinherit", "precedent_service").await;
        let mut connection = login.connect().await;
        connection
            .execute("set role precedent_service")
            .await
            .expect("a member");
        let switched = connection
            .execute(AssertSqlSafe(format!("set role {role}")))
            .await;
        assert!(switched.is_err(), "{role}");
        drop(connection);
        login.drop().await;
    }
    assert!(store.is_key_retired("an old key").await.expect("read"));
}

#[tokio::test]
async fn the_scheduler_reads_lists_and_changes_nothing() {
    let scratch = Scratch::new().await;
    filled(&scratch.url).await;
    let login = Login::new(&scratch, "noinherit", "precedent_service, precedent_scheduler").await;
    let mut connection = login.connect().await;
    connection
        .execute("set role precedent_scheduler")
        .await
        .expect("a member");
    for statement in [
        "select body from inbox",
        "select * from ticket_history",
        "select * from audit_log",
        "select secret_digest from api_tokens",
        "delete from jobs returning 1",
        "update jobs set due_at = now() returning 1",
        "update tenant_configs set base_url = 'x' returning 1",
        "insert into retired_keys values ('x', now()) returning 1",
        "delete from retired_keys returning 1",
    ] {
        let found = rows(&mut connection, statement).await;
        assert!(found.is_err(), "{statement}: {found:?}");
    }
    drop(connection);
    let store = Store::connect(&login.url()).await.expect("connected");
    assert_eq!(store.isolation_gaps().await.expect("read"), Vec::<String>::new());
    assert_eq!(store.login_notes().await.expect("read"), Vec::<String>::new());
    assert_eq!(store.tenants().await.expect("lists").len(), 2);
    assert_eq!(store.jobs(None).await.expect("lists").len(), 1);
    assert_eq!(store.backlogs().await.expect("lists").len(), 1);
    assert!(
        store
            .tenant(&id("theirs"))
            .await
            .expect("read")
            .is_some_and(|tenant| tenant.name.contains(SECRET))
    );
    for refused in [
        store.audit(&entry(None)).await.err(),
        store.audit_entries(None, None, 9).await.err(),
        store.retire_key("x", now()).await.err(),
    ] {
        let refused = refused.expect("an operator's").to_string();
        assert!(refused.contains("precedent_operator"), "{refused}");
    }
    drop(store);
    login.drop().await;
}

#[tokio::test]
async fn every_gap_is_named() {
    let scratch = Scratch::new().await;
    let (store, _) = filled(&scratch.url).await;
    for (change, undo, gap) in [
        (
            "alter policy precedent_tenant on jobs using (true)",
            "alter policy precedent_tenant on jobs using (tenant_id = current_setting('precedent.tenant_id', true))",
            "the policy precedent_tenant of jobs was changed",
        ),
        (
            "alter policy precedent_others on inbox using (true)",
            "",
            "the policy precedent_others of inbox was changed",
        ),
        (
            "create policy all_rows on webhooks to public using (true)",
            "drop policy all_rows on webhooks",
            "the policy all_rows of webhooks is not Precedent's",
        ),
        (
            "drop policy precedent_operator on jobs",
            "",
            "the policy precedent_operator of jobs is missing",
        ),
        (
            "grant delete, truncate on audit_log to precedent_service",
            "revoke delete, truncate on audit_log from precedent_service",
            "the role precedent_service may delete audit_log",
        ),
        (
            "grant delete on retired_keys to precedent_service",
            "revoke delete on retired_keys from precedent_service",
            "the role precedent_service may delete retired_keys",
        ),
        (
            "grant update on jobs to precedent_scheduler",
            "revoke update on jobs from precedent_scheduler",
            "the role precedent_scheduler may update jobs",
        ),
        (
            "grant create on schema public to precedent_service",
            "revoke create on schema public from precedent_service",
            "the role precedent_service may create tables",
        ),
        (
            "alter table pace disable row level security",
            "alter table pace enable row level security",
            "row-level security of pace is not enabled",
        ),
    ] {
        execute(&scratch, change).await;
        let gaps = store.isolation_gaps().await.expect("read").join("; ");
        assert!(gaps.contains(gap), "{change}: {gaps}");
        execute(&scratch, undo).await;
    }
    let bypassing = Login::new(
        &scratch,
        "noinherit bypassrls",
        "precedent_service, precedent_scheduler",
    )
    .await;
    let store = Store::connect(&bypassing.url()).await.expect("connected");
    let gaps = store.isolation_gaps().await.expect("read").join("; ");
    assert!(gaps.contains("this login bypasses row-level security"), "{gaps}");
    drop(store);
    bypassing.drop().await;
}
