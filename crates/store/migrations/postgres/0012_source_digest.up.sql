alter table ticket_history
    -- Of the source's own form, from which the row was made: what comes the same again need not be read anew.
    add column source_digest bytea;
