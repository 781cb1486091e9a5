delete from import_windows where run_id in (select run_id from import_runs where kind <> 'import');
delete from import_runs where kind <> 'import';
drop index import_runs_finished;
alter table import_runs drop column kind;
alter table import_runs drop column withdrawn;
alter table import_runs drop column latest_change;
drop table sightings;
drop table pace;
