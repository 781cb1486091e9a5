drop table rejected_tickets;
drop table import_windows;
drop table import_runs;
