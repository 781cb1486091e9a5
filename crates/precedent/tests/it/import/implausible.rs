//! A helpdesk whose counts, lists and bodies cannot be true: an import is right, or ends with a clear error, with bounded
//! memory and a bounded number of calls.

use std::process::Command;

use servicedesk_sim::{Options, Rows};

use crate::support::{Bench, finished, summary};

/// Address space of the program, in KiB; an unbounded import would need far more.
const ADDRESS_SPACE_KIB: u32 = 3 << 20;

async fn bench() -> Bench {
    Bench::new(Options {
        tickets: Some(250),
        days: 80,
        open_every: 0,
        rows: Rows::Full,
        ..Options::default()
    })
    .await
}

impl Bench {
    /// Imports 90 days with limited memory while the helpdesk has faults; returns exit code and output.
    fn import_from_a_faulty_one(&self, faults: &[&str]) -> (i32, String) {
        let desk = self.simulator.desk();
        desk.clear_faults();
        desk.clear_log();
        for fault in faults {
            desk.add_fault(fault.parse().expect("a fault"));
        }
        let plain = self.command(&["import", "--tenant-id=acme", "--days=90", "--timeout=2"]);
        let mut capped = Command::new("/bin/sh");
        let script = format!("ulimit -v {ADDRESS_SPACE_KIB} && exec \"$0\" \"$@\"");
        capped
            .args(["-c", &script])
            .arg(plain.get_program())
            .args(plain.get_args());
        capped.env_clear();
        for (name, value) in plain.get_envs() {
            capped.env(name, value.expect("set"));
        }
        let (code, stdout, stderr) = finished(capped.output().expect("started"));
        (code, format!("{stdout}{stderr}"))
    }

    /// The import must end with the exit code of a failed helpdesk, these words and a hint.
    #[track_caller]
    fn refuses(&self, faults: &[&str], words: &str) {
        let (code, output) = self.import_from_a_faulty_one(faults);
        assert_eq!(code, 3, "{faults:?}: {output}");
        assert!(
            output.contains(words) && output.contains("hint: "),
            "{faults:?}: {output}"
        );
    }
}

async fn an_implausible_count_is_ignored(count: &str) {
    let bench = bench().await;
    let (code, output) = bench.import_from_a_faulty_one(&[&format!("total:value={count}")]);
    assert_eq!(code, 0, "{count}: {output}");
    bench.assert_complete().await;
    let calls = bench.simulator.desk().stats().calls;
    assert!(calls < 40, "{count}: {calls} calls");
}

cases!(an_implausible_count_is_ignored:
    largest_signed_64 => ("9223372036854775807"),
    largest_signed_32 => ("2147483647"),
    beyond_ten_million => ("10000001"),
    largest_unsigned_64 => ("18446744073709551615"),
    negative => ("-1"),
);

async fn counts_of_parts_that_contradict_the_whole_lose_no_ticket(whole: u64, parts: u64) {
    let bench = bench().await;
    let fault = format!("total:value={whole},parts={parts}");
    let (code, output) = bench.import_from_a_faulty_one(&[&fault]);
    assert_eq!(code, 0, "{fault}: {output}");
    bench.assert_complete().await;
    let calls = bench.simulator.desk().stats().calls;
    assert!(calls < 400, "{fault}: {calls} calls");
}

cases!(counts_of_parts_that_contradict_the_whole_lose_no_ticket:
    empty_parts => (20_000, 0),
    almost_whole => (900_000, 899_999),
    single_tickets => (9_999_999, 1),
    some => (9_999_999, 200_000),
);

#[tokio::test(flavor = "multi_thread")]
async fn plausible_but_false_counts_end_within_a_bounded_number_of_calls() {
    let bench = bench().await;
    // Each part of each part has the same count, and the first one lists no ticket.
    bench.refuses(
        &["total:value=9000000,parts=100000"],
        "it counts 100000 tickets and lists none of them",
    );
    let calls = bench.simulator.desk().stats().calls;
    assert!(calls < 1_000, "{calls} calls");
}

async fn an_endless_list_is_an_error(faults: &[&str], words: &str) {
    let bench = bench().await;
    bench.refuses(faults, words);
    let calls = bench.simulator.desk().stats().calls;
    assert!(calls < 1_000, "{faults:?}: {calls} calls");
    let (code, output) = bench.import_from_a_faulty_one(&[]);
    assert_eq!(code, 0, "{faults:?}: {output}");
    bench.assert_complete().await;
}

cases!(an_endless_list_is_an_error:
    new_rows => (&["endless:rows=new"], "a list does not end"),
    repeated_rows => (&["endless:rows=again"], "a list does not end"),
    repeated_rows_without_a_count => (&["endless:rows=again", "total:value=none"], "a list does not end"),
    no_rows => (&["endless:rows=none"], "announces more rows on each page and gives none"),
);

#[tokio::test(flavor = "multi_thread")]
async fn tickets_that_are_counted_but_never_listed_are_an_error() {
    let bench = Bench::new(Options {
        tickets: Some(0),
        rows: Rows::Full,
        ..Options::default()
    })
    .await;
    bench.refuses(
        &["total:value=9000"],
        "it counts 9000 tickets and lists none of them",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn endless_bodies_are_cut_off() {
    let bench = bench().await;
    bench.refuses(
        &["endless-body:on=list"],
        "the answer is longer than 67108864 bytes",
    );
    bench.refuses(
        &["bomb:mib=4096,on=list"],
        "the answer unpacks to more than 100 times its size",
    );
    // After the plan, one page has no end: its rows are read one by one.
    let (code, output) = bench.import_from_a_faulty_one(&["endless-body:on=list,at=4"]);
    assert_eq!(code, 0, "{output}");
    bench.assert_complete().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_with_too_many_rows_and_a_slow_body_are_errors() {
    let bench = bench().await;
    bench.refuses(
        &["flood:rows=7000000,on=list"],
        "more than 200 rows in one answer",
    );
    bench.refuses(&["drip:on=list"], "no answer within 2 s");
}

#[tokio::test(flavor = "multi_thread")]
async fn endless_details_reject_their_tickets() {
    let bench = Bench::new(Options {
        tickets: Some(40),
        days: 80,
        open_every: 0,
        rows: Rows::Thin,
        ..Options::default()
    })
    .await;
    let victims: Vec<_> = bench.simulator.desk().truth().into_iter().take(16).collect();
    let faults: Vec<_> = victims
        .iter()
        .map(|ticket| format!("endless-body:on=detail,id={}", ticket.id))
        .collect();
    let faults: Vec<_> = faults.iter().map(String::as_str).collect();
    let (_, output) = bench.import_from_a_faulty_one(&faults);
    assert_eq!(summary(&output), "24 imported, 0 updated, 0 skipped, 16");
    assert!(output.contains("detail cannot be read"), "{output}");
    let (code, output) = bench.import_from_a_faulty_one(&[]);
    assert_eq!(code, 0, "{output}");
    bench.assert_complete().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_implausible_retry_after_ends_the_run() {
    for wait in ["99999999999999999999", "4294967295"] {
        // The tenant keeps the pause of an hour that follows.
        let bench = bench().await;
        let fault = format!("status:code=429,retry_after={wait},on=list");
        bench.refuses(&[&fault], "still throttles");
        assert_eq!(
            bench.simulator.desk().stats().calls,
            1,
            "asked again all the same"
        );
    }
}
