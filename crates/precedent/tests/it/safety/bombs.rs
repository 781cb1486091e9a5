//! A helpdesk whose answers would fill the memory: the process stays small, whatever it sends.

use std::io::Write;
use std::process::Stdio;

use crate::support::{Answer, Bench, Database, HostileDesk, peak_memory_until};

/// Size of an answer. One of 64 MiB is read as well, but takes too long without optimisation.
const LONG: usize = 16 << 20;

/// Bound of the process: a few times an answer, and what it takes without any.
const MOST_BYTES: u64 = 200 << 20;

/// Repeats an item until the answer is long.
fn filled(head: &str, item: &str, tail: &str) -> Answer {
    let count = (LONG - head.len() - tail.len()) / item.len();
    ([head, &item.repeat(count), tail].concat().into_bytes(), None)
}

fn a_million_keys() -> Answer {
    let mut body = String::from("{\"requests\":[{\"id\":1");
    let mut number = 0;
    while body.len() < LONG {
        body += &format!(",\"k{number}\":{number}");
        number += 1;
    }
    ((body + "}]}").into_bytes(), None)
}

fn gzip(level: u32, parts: impl Iterator<Item = Vec<u8>>) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(level));
    for part in parts {
        encoder.write_all(&part).expect("written");
    }
    encoder.finish().expect("finished")
}

/// Two kilobytes that unpack to fifty megabytes of rows when they are unpacked twice.
fn rows_in_gzip(encodings: &'static str) -> Answer {
    let rows = b"{\"id\":1},".repeat(1 << 17);
    let head = b"{\"requests\":[".to_vec();
    let once = gzip(9, std::iter::once(head).chain((0..50).map(|_| rows.clone())));
    let body = if encodings == "gzip" {
        once
    } else {
        gzip(9, std::iter::once(once))
    };
    (body, Some(encodings))
}

async fn the_process_stays_small(bomb: fn() -> Answer) {
    let bench = Bench::with_closed_tickets(Database::Sqlite, 1).await;
    let answer = bomb();
    let desk = HostileDesk::start(move |_| answer.clone()).await;
    bench.add_tenant_of_hostile(&desk, "hostile");
    let mut command = bench.command(&["import", "--tenant-id=hostile", "--days=30", "--timeout=30"]);
    let import = command.stderr(Stdio::null()).spawn().expect("started");
    // The second call shows that the answer to the first was read.
    let peak = peak_memory_until(import, || desk.calls() > 1).await;
    println!("peak: {} MiB", peak >> 20);
    assert!(peak > 0 && peak < MOST_BYTES);
}

cases!(the_process_stays_small:
    rows => (|| filled("{\"requests\":[{}", ",{}", "]}")),
    one_long_subject => (|| filled("{\"requests\":[{\"id\":1,\"subject\":\"", "x", "\"}]}")),
    escapes => (|| filled("{\"requests\":[{\"id\":1,\"subject\":\"", "\\u00e9", "\"}]}")),
    tags => (|| filled("{\"requests\":[{\"id\":1,\"tags\":[1", ",1", "]}]}")),
    tags_of_many_rows => (|| {
        let row = format!("{{\"tags\":[1{}]}}", ",1".repeat(999));
        let rows = vec![row; 200].join(",");
        (format!("{{\"requests\":[{rows}]}}").into_bytes(), None)
    }),
    notes => (|| filled("{\"notes\":[{}", ",{}", "]}")),
    statuses => (|| filled("{\"statuses\":[{}", ",{}", "]}")),
    statements => (|| {
        let status = format!("{{\"messages\":[{{}}{}]}}", ",{}".repeat(60_000));
        filled("{\"response_status\":[{}", &format!(",{status}"), "]}")
    }),
    attachments => (|| filled("{\"requests\":[{\"id\":1,\"attachments\":[{}", ",{}", "]}]}")),
    unknown_keys => (a_million_keys),
    the_same_key => (|| filled("{\"requests\":[{\"id\":1", ",\"subject\":\"\"", "}]}")),
    nested_lists => (|| filled("{\"requests\":[{\"id\":1,\"udf\":", "[", "")),
    nested_objects => (|| filled("{\"requests\":[{\"id\":1,\"status\":", "{\"a\":", "")),
    no_utf_8 => (|| {
        let mut body = b"{\"requests\":[{\"id\":1,\"subject\":\"".to_vec();
        body.resize(LONG, 0xff);
        (body, None)
    }),
    gzip => (|| rows_in_gzip("gzip")),
    gzip_twice => (|| rows_in_gzip("gzip, gzip")),
);

#[tokio::test(flavor = "multi_thread")]
async fn giant_details_are_read_one_at_a_time() {
    const TICKETS: usize = 8;
    let bench = Bench::with_closed_tickets(Database::Sqlite, 1).await;
    // No row has a description, so each ticket has a detail. Each of them is long.
    let list = {
        let rows: Vec<_> = (1..=TICKETS).map(|id| format!("{{\"id\":{id}}}")).collect();
        format!(
            "{{\"list_info\":{{\"has_more_rows\":false,\"total_count\":{TICKETS}}},\"requests\":[{}]}}",
            rows.join(",")
        )
    };
    let now_ms = chrono::DateTime::<chrono::Utc>::from(std::time::SystemTime::now()).timestamp_millis();
    let desk = HostileDesk::start(move |path| {
        let id = path.rsplit('/').next().unwrap_or_default();
        match id.parse::<u32>() {
            Ok(id) => filled(
                &format!(
                    "{{\"request\":{{\"id\":{id},\"subject\":\"one of many\",\"status\":{{\"name\":\"Closed\"}},
                     \"resolved_time\":{{\"value\":{}}},\"description\":\"words\",\"resolution\":null,\"udf\":\"",
                    now_ms - 86_400_000
                ),
                "x",
                "\"}}",
            ),
            Err(_) => (list.clone().into_bytes(), None),
        }
    })
    .await;
    bench.add_tenant_of_hostile(&desk, "hostile");
    let mut command = bench.command(&["import", "--tenant-id=hostile", "--days=30", "--timeout=60"]);
    let import = command.stderr(Stdio::null()).spawn().expect("started");
    let peak = peak_memory_until(import, || false).await;
    assert_eq!(bench.rows_of("hostile").await.len(), TICKETS);
    println!("peak: {} MiB", peak >> 20);
    assert!(peak < MOST_BYTES);
}
