//! A helpdesk whose numbers, lists and bodies cannot be true: an import is right, or ends with a clear error, in a
//! bounded amount of memory and of calls.

use std::process::Command;

use servicedesk_sim::{Options, Rows};

use crate::bench::{Bench, finished, summary};

/// Address space of the program, in KiB: what these helpdesks ask for takes far more.
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
    /// Imports 90 days with a cap on memory while the helpdesk misbehaves: exit code and stderr.
    fn import_from_a_bad_one(&self, faults: &[&str]) -> (i32, String) {
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

    /// The import ends with the code for a helpdesk that failed, these words and a hint.
    #[track_caller]
    fn refuses(&self, faults: &[&str], words: &str) {
        let (code, told) = self.import_from_a_bad_one(faults);
        assert_eq!(code, 3, "{faults:?}: {told}");
        assert!(
            told.contains(words) && told.contains("hint: "),
            "{faults:?}: {told}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_beyond_all_reason_are_not_believed() {
    for count in [
        "9223372036854775807",
        "2147483647",
        "10000001",
        "18446744073709551615",
        "-1",
    ] {
        let bench = bench().await;
        let (code, told) = bench.import_from_a_bad_one(&[&format!("total:value={count}")]);
        assert_eq!(code, 0, "{count}: {told}");
        bench.assert_complete().await;
        let calls = bench.simulator.desk().stats().calls;
        assert!(calls < 40, "{count}: {calls} calls");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_of_parts_that_do_not_fit_the_whole_lose_no_ticket() {
    for (whole, parts) in [
        (20_000, 0),
        (900_000, 899_999),
        (9_999_999, 1),
        (9_999_999, 200_000),
    ] {
        let bench = bench().await;
        let fault = format!("total:value={whole},parts={parts}");
        let (code, told) = bench.import_from_a_bad_one(&[&fault]);
        assert_eq!(code, 0, "{fault}: {told}");
        bench.assert_complete().await;
        let calls = bench.simulator.desk().stats().calls;
        assert!(calls < 400, "{fault}: {calls} calls");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_that_fit_and_are_not_true_are_divided_within_a_bound() {
    let bench = bench().await;
    // Each part of each part counts as many, and the first one lists none.
    bench.refuses(
        &["total:value=9000000,parts=100000"],
        "it counts 100000 tickets and lists none of them",
    );
    let calls = bench.simulator.desk().stats().calls;
    assert!(calls < 1_000, "{calls} calls");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_without_an_end_is_an_error_and_is_not_gone_on_with() {
    for (faults, words) in [
        (["endless:rows=new"].as_slice(), "a list does not end"),
        (&["endless:rows=again"], "a list does not end"),
        (&["endless:rows=again", "total:value=none"], "a list does not end"),
        (
            &["endless:rows=none"],
            "announces more rows on each page and gives none",
        ),
    ] {
        let bench = bench().await;
        bench.refuses(faults, words);
        let calls = bench.simulator.desk().stats().calls;
        assert!(calls < 1_000, "{faults:?}: {calls} calls");
        let (code, told) = bench.import_from_a_bad_one(&[]);
        assert_eq!(code, 0, "{faults:?}: {told}");
        bench.assert_complete().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tickets_that_are_counted_and_never_listed_are_an_error() {
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
async fn bodies_without_an_end_are_cut_off() {
    let bench = bench().await;
    for fault in ["endless-body:on=list", "bomb:mib=4096,on=list"] {
        bench.refuses(&[fault], "the answer is longer than 67108864 bytes");
    }
    // After the plan, of one page: its rows are read one by one.
    let (code, told) = bench.import_from_a_bad_one(&["endless-body:on=list,at=4"]);
    assert_eq!(code, 0, "{told}");
    bench.assert_complete().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_just_fits_and_one_that_drips_are_errors() {
    let bench = bench().await;
    bench.refuses(
        &["flood:rows=7000000,on=list"],
        "more than 1000 rows in one answer",
    );
    bench.refuses(&["drip:on=list"], "no answer within 2 s");
}

#[tokio::test(flavor = "multi_thread")]
async fn details_without_an_end_set_their_tickets_aside() {
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
    let (_, told) = bench.import_from_a_bad_one(&faults);
    assert_eq!(summary(&told), "24 imported, 0 updated, 0 skipped, 16");
    assert!(told.contains("detail cannot be read"), "{told}");
    let (code, told) = bench.import_from_a_bad_one(&[]);
    assert_eq!(code, 0, "{told}");
    bench.assert_complete().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_beyond_all_reason_ends_the_run() {
    for wait in ["99999999999999999999", "4294967295"] {
        // The pause of an hour that follows is kept for the tenant.
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
