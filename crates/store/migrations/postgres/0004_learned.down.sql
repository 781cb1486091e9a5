alter table ticket_history
    drop column description_html,
    drop column resolution_html;

alter table tenant_configs
    drop column insecure,
    drop column resolution_from_notes,
    drop column keep_html,
    drop column learned_pace,
    drop column probe,
    drop column reauthorise_since;
