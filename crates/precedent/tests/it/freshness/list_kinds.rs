//! Syncs from lists that ignore, refuse or leave out something.

use servicedesk_sim::{Edition, Options, Quirk};

use crate::support::{Bench, Database};

async fn every_kind_of_list_shows_what_changed(quirk: Quirk) {
    let edition = match quirk {
        Quirk::Q6 => Edition::OnPremises,
        _ => Edition::Cloud,
    };
    let options = Options {
        tickets: Some(120),
        days: 80,
        open_every: 6,
        quirks: vec![quirk],
        edition,
        ..Options::default()
    };
    let bench = Bench::on(Database::Sqlite, options).await;
    bench.import();
    let desk = bench.simulator.desk();
    let ids: Vec<_> = desk.truth().into_iter().map(|ticket| ticket.id).collect();
    let open = desk.open_tickets();
    let sync = ["sync", "--tenant-id=acme"];
    bench.good(&sync);
    desk.edit_resolution(&ids[0], "another cause").expect("edited");
    desk.reopen(&ids[1]).expect("reopened");
    desk.close(&open[0]).expect("closed");
    desk.add_tickets(3);
    let stderr = bench.good(&sync);
    assert!(stderr.contains(", 0 rejected, "), "{stderr}");
    bench.assert_complete().await;
}

cases!(every_kind_of_list_shows_what_changed:
    q1 => (Quirk::Q1),
    q2 => (Quirk::Q2),
    q3 => (Quirk::Q3),
    q4 => (Quirk::Q4),
    q5 => (Quirk::Q5),
    q6 => (Quirk::Q6),
    q7 => (Quirk::Q7),
    q10 => (Quirk::Q10),
    q11 => (Quirk::Q11),
    q12 => (Quirk::Q12),
    q16 => (Quirk::Q16),
    q17 => (Quirk::Q17),
    q18 => (Quirk::Q18),
    q20 => (Quirk::Q20),
    q38 => (Quirk::Q38),
);
