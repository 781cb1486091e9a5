//! SQL for an incoming ticket that is stored already; the same on both databases.

/// Condition under which the stored ticket is served and has the incoming content. If only the digest of the source's
/// own JSON differs, as after an upgrade, the statement changes that digest and nothing else.
const SAME_CONTENT: &str =
    "ticket_history.withdrawn_at is null and ticket_history.content_digest = excluded.content_digest";

/// Condition under which a ticket that was read at its source replaces the stored one: the stored one is not newer. A
/// ticket without a time of change, because it was never edited, replaces only a row that was stored before the reading
/// began, at `$21`.
pub(crate) const IF_NOT_OLDER: &str = "(
            case when excluded.source_updated_at is null
                then ticket_history.updated_at is null or ticket_history.updated_at <= $21
                else ticket_history.source_updated_at is null
                    or excluded.source_updated_at >= ticket_history.source_updated_at
            end
        )";

/// Condition under which a reported ticket replaces the stored one. A report shows the ticket at the report's own time,
/// and the helpdesk may send it again later: it must be newer than the withdrawal and than the stored form. Of two
/// reports of the same time the later to arrive wins, but none replaces a form that was read at the source.
pub(crate) const IF_REPORT_IS_NEWS: &str = "(
            (
                ticket_history.withdrawn_at is null
                or excluded.source_updated_at > ticket_history.withdrawn_at
            )
            and (
                coalesce(ticket_history.source_updated_at, ticket_history.resolved_date) is null
                or excluded.source_updated_at
                    > coalesce(ticket_history.source_updated_at, ticket_history.resolved_date)
                or excluded.source_updated_at
                    = coalesce(ticket_history.source_updated_at, ticket_history.resolved_date)
                    and ticket_history.source_digest is null
            )
        )";

/// Returns the `on conflict` clause of an insert into `ticket_history`, up to its condition.
pub(crate) fn replace_stored() -> String {
    // A value of the incoming ticket, or the stored one if the content is the same.
    let unless_same = |column: &str, new: &str| {
        format!("{column} = case when {SAME_CONTENT} then ticket_history.{column} else {new} end")
    };
    let source = unless_same("source", "excluded.source");
    let ingested_at = unless_same("ingested_at", "excluded.ingested_at");
    let updated_at = unless_same("updated_at", "excluded.updated_at");
    let revision = unless_same("revision", "excluded.revision");
    let version = unless_same("version", "ticket_history.version + 1");
    format!(
        "
    on conflict (tenant_id, ticket_id) do update set
        display_id = excluded.display_id,
        subject = excluded.subject,
        description = excluded.description,
        resolution = excluded.resolution,
        resolved_date = excluded.resolved_date,
        tags = excluded.tags,
        status = excluded.status,
        category = excluded.category,
        priority = excluded.priority,
        url = excluded.url,
        source_updated_at = excluded.source_updated_at,
        content_digest = excluded.content_digest,
        description_html = excluded.description_html,
        resolution_html = excluded.resolution_html,
        source_digest = excluded.source_digest,
        {source},
        {ingested_at},
        {updated_at},
        {revision},
        {version},
        withdrawn_at = null,
        expired_at = null
    "
    )
}
