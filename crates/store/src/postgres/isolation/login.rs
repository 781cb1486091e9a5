//! Checks the three roles, and the login that switches to them.

use crate::Result;
use crate::transaction::Transaction;

#[derive(sqlx::FromRow)]
struct Role {
    name: String,
    /// The rest is `None` if the role is missing.
    bypasses: Option<bool>,
    /// It may create roles or databases, or is a member of a role.
    is_powerful: Option<bool>,
    is_member: Option<bool>,
    /// The login has the rights of the role without switching to it.
    inherits: Option<bool>,
}

#[derive(sqlx::FromRow)]
struct Login {
    superuser: bool,
    bypasses: bool,
    owner: bool,
}

/// Returns each gap as text for an operator.
pub(super) async fn gaps(transaction: &mut Transaction<'_>) -> Result<Vec<String>> {
    let login = login(transaction).await?;
    let mut gaps = Vec::new();
    if login.bypasses && !login.superuser {
        gaps.push("this login bypasses row-level security: alter it with nobypassrls".to_owned());
    }
    for role in roles(transaction).await? {
        let name = &role.name;
        if role.bypasses.is_none() {
            gaps.push(format!("the role {name} is missing"));
        }
        if role.bypasses == Some(true) {
            gaps.push(format!("the role {name} bypasses row-level security"));
        }
        if role.is_powerful == Some(true) {
            gaps.push(format!(
                "the role {name} has more rights than it needs: it may create roles or databases, or is a member of a role"
            ));
        }
        if role.is_member == Some(false) && name != super::super::OPERATOR {
            gaps.push(format!("this user may not switch to the role {name}"));
        }
        if role.inherits == Some(true) && !login.superuser && !login.owner {
            gaps.push(format!(
                "this login inherits the rights of {name}: revoke it, alter the login with noinherit, grant it again"
            ));
        }
    }
    Ok(gaps)
}

/// Returns notes about the login as texts for an operator.
pub(super) async fn notes(transaction: &mut Transaction<'_>) -> Result<Vec<String>> {
    let login = login(transaction).await?;
    let separate = "the service needs only a login that is a noinherit member of its roles";
    Ok(match login {
        Login { superuser: true, .. } => {
            vec![format!(
                "this login is a superuser, whom no policy binds; {separate}"
            )]
        }
        Login { owner: true, .. } => {
            vec![format!(
                "this login owns the tables and can change their policies; {separate}"
            )]
        }
        _ => Vec::new(),
    })
}

async fn login(transaction: &mut Transaction<'_>) -> Result<Login> {
    transaction
        .query(
            "select rolsuper as superuser, rolbypassrls as bypasses,
                 exists (
                     select from pg_class
                     where relname in ('tenant_configs', 'ticket_history') and relkind in ('r', 'p')
                         and pg_has_role(session_user, relowner, 'usage')
                 ) as owner
             from pg_roles where rolname = session_user",
        )
        .fetch_one()
        .await
}

async fn roles(transaction: &mut Transaction<'_>) -> Result<Vec<Role>> {
    transaction
        .query(
            "select wanted.name, rolsuper or rolbypassrls as bypasses,
                 rolcreaterole or rolcreatedb
                     or exists (select from pg_auth_members where member = pg_roles.oid) as is_powerful,
                 pg_has_role(session_user, pg_roles.oid, 'member') as is_member,
                 pg_has_role(session_user, pg_roles.oid, 'usage') as inherits
             from unnest(array['precedent_service', 'precedent_scheduler', 'precedent_operator'])
                 with ordinality as wanted (name, position)
             left join pg_roles on rolname = wanted.name
             order by position",
        )
        .fetch_all()
        .await
}
