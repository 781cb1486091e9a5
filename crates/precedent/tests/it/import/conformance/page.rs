//! The page in the documentation that lists how Precedent handles each quirk.

use std::path::Path;

use servicedesk_sim::Quirk;

use super::case::is_refused;

/// Returns how Precedent handles a quirk.
fn answer(quirk: Quirk) -> &'static str {
    use Quirk::*;
    match quirk {
        Q1 => "Completes each new or changed ticket with one detail call, 16 at a time.",
        Q2 => "Asks for the fields; rows that have all cost no detail call.",
        Q3 | Q8 => "Checks every row against the range and its status; reads more, imports the same.",
        Q4 => "Never filters by status.",
        Q5 => {
            "Never bounds a field twice; asks for both final times together only if the counts prove that it works."
        }
        Q6 => "Reads resolved and completed tickets one after the other.",
        Q7 => "Sends one criterion as an object, without an operator.",
        Q9 => "Counts from 1.",
        Q10 => "Continues after the rows that arrived, not after the rows requested.",
        Q11 | Q12 => "Accepts any sign of the end; an empty page at the latest.",
        Q13 => {
            "Detects moved rows by total, count and newcomers, and reads the list again until nothing is new."
        }
        Q14 => {
            "Plans windows of at most 10,000 tickets, and divides them by time where a page is slow or never comes."
        }
        Q15 => "Reads on and reports how many tickets the key may not see.",
        Q16 => "Always sorts by id.",
        Q17 => "Sorts by creation time instead.",
        Q18 => "Asks again without it.",
        Q19 => "Compares the content; null against null is unchanged.",
        Q20 => "Reads ten minutes into the future; works with sets of ids, not with single moments.",
        Q21 => "Reads an object and a list of one object alike.",
        Q22 | Q24 | Q30 => "Reads every shape; rejects a ticket with its reason if a field is unreadable.",
        Q23 => "Never reads the display text of a time.",
        Q25 => "Works without it.",
        Q26 => "Treats the empty forms as no resolution, and reads the full one.",
        Q27 | Q28 => "Converts it to readable text; names images, never fetches them.",
        Q29 => "Accepts a ticket without a subject if it has a description.",
        Q31 | Q32 | Q33 | Q35 => "Reads the keys it needs, in any order, and ignores all others.",
        Q34 => "With `--resolution-from-notes`, takes the newest note of tickets without a resolution.",
        Q36 => "Repairs the text; the page and the ticket are kept.",
        Q37 => "Reads up to 64 MiB an answer and cuts off while reading; longer pages are read row by row.",
        Q38 => "Requests the list of statuses once, when a ticket has an unknown status.",
        Q39 | Q42 | Q43 => {
            "Stops at once with exit code 3 and the steps to authorise again; the tenant is marked."
        }
        Q40 => "Sends nothing until the lock ends, then one request.",
        Q41 => "Fetches one new token for all calls under way.",
        Q44 => "Imports by each ticket's own status and times; `tenant check` names the missing scope.",
        Q45 => "Asks below the portal; never follows a redirect.",
        Q46 => "Sends both, as set for the tenant.",
        Q47 => "Refuses, until the authority is given with `--ca-certificate`.",
        Q48 | Q49 | Q50 => "Sends nothing during the lock, then halves the pace and raises it slowly.",
        Q51 | Q52 | Q56 => "Retries up to three times; never treats it as an empty page.",
        Q53 | Q55 => "Rejects the ticket with its reason, after it has read another one.",
        Q54 | Q58 | Q59 | Q60 => "Leaves the ticket out; a whole page of missing details stops the import.",
        Q57 | Q61 => "Leaves the ticket out: its detail says that it is not final any more.",
        Q62 => "Updates it on the next run.",
        Q63 => "Keeps what it has: an import never deletes.",
        Q64 => "Finds them on the next run, by their final times.",
    }
}

fn page() -> String {
    let mut page = String::from(
        "# Conformance\n\nBehaviour of real ServiceDesk Plus servers, and how Precedent handles it. Each quirk is a switch \
         of the\nsimulator (`servicedesk-sim --quirk Q13`), under which the whole import runs twice, on every edition where it \
         can occur;\nthen the table must equal the truth, word for word. A hundred pairs of quirks, chosen by a seed, run the \
         same way.\n\nThis page is generated: `UPDATE_PAGES=1 scripts/test -p precedent --test it conformance::page`.\n\n\
         | quirk | the helpdesk | Precedent | test |\n|---|---|---|---|\n",
    );
    for quirk in Quirk::ALL {
        let test = if is_refused(*quirk) {
            "`every_quirk_alone`: an error, no storm of calls"
        } else {
            "`every_quirk_alone`, `a_hundred_pairs`"
        };
        page += &format!("| {quirk} | {} | {} | {test} |\n", quirk.about(), answer(*quirk));
    }
    page
}

#[test]
fn the_page_matches_the_tests() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/conformance.md");
    if std::env::var_os("UPDATE_PAGES").is_some() {
        std::fs::write(&file, page()).expect("written");
    }
    let written = std::fs::read_to_string(&file).expect("docs/reference/conformance.md");
    assert!(
        written == page(),
        "docs/reference/conformance.md is stale: run UPDATE_PAGES=1 scripts/test -p precedent --test it conformance::page"
    );
}
