delete from import_windows where exists (
    select from import_runs
    where import_runs.tenant_id = import_windows.tenant_id and import_runs.run_id = import_windows.run_id
        and kind <> 'import'
);
delete from import_runs where kind <> 'import';
drop index import_runs_finished;
alter table import_runs drop column kind, drop column withdrawn, drop column latest_change;
drop table sightings;
drop table pace;
