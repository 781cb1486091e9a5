drop policy precedent_operator on import_runs;
drop table jobs;
