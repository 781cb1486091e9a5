//! The page in the documentation that says what becomes of each quirk.

use std::path::Path;

use servicedesk_sim::Quirk;

use super::is_refused;

/// What Precedent does about a quirk.
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
        Q10 => "Goes on after the rows that came, not after those asked for.",
        Q11 | Q12 => "Takes whatever sign of the end there is; an empty page at the latest.",
        Q13 => {
            "Notices by total, count and newcomers that rows moved, and reads the list again until nothing is new."
        }
        Q14 => {
            "Plans windows of at most 10,000 tickets, and divides them by time where a page is slow or never comes."
        }
        Q15 => "Reads on, and tells the operator how many tickets the key may not see.",
        Q16 => "Always sorts by id.",
        Q17 => "Sorts by creation time instead.",
        Q18 => "Asks again without it.",
        Q19 => "Compares the content; null against null is unchanged.",
        Q20 => "Reads ten minutes into the future; works with sets of ids, not with single moments.",
        Q21 => "Reads one or a list of one alike.",
        Q22 | Q24 | Q30 => "Reads every shape; what cannot be read sets the ticket aside with its reason.",
        Q23 => "Never reads what is meant for people.",
        Q25 => "Goes without.",
        Q26 => "Takes all of them for none, and reads the full one.",
        Q27 | Q28 => "Turns it into readable text; images are named, never fetched.",
        Q29 => "Goes without a subject as long as there is a description.",
        Q31 | Q32 | Q33 | Q35 => "Reads the keys it needs, in any order, and ignores all others.",
        Q34 => "With `--resolution-from-notes`, takes the newest note of tickets without a resolution.",
        Q36 => "Repairs the text; the page and the ticket are kept.",
        Q37 => "Reads up to 64 MiB an answer and cuts off while reading; longer pages are read row by row.",
        Q38 => "Asks for the statuses once, when a ticket has one that does not speak for itself.",
        Q39 | Q42 | Q43 => {
            "Stops at once with exit code 3 and the steps to authorise again; the tenant is marked."
        }
        Q40 => "Sends nothing until the lock is over, then asks once.",
        Q41 => "Fetches one new token for all calls under way.",
        Q44 => "Imports by each ticket's own status and times; `tenant check` names the missing scope.",
        Q45 => "Asks below the portal; never follows a redirect.",
        Q46 => "Sends both, as set for the tenant.",
        Q47 => "Refuses, until the authority is given with `--ca-certificate`.",
        Q48 | Q49 | Q50 => {
            "Sends nothing while the lock lasts, then half as fast, and wins pace back slowly."
        }
        Q51 | Q52 | Q56 => "Tries again, up to three times; never takes it for an empty page.",
        Q53 | Q55 => "Sets the ticket aside with its reason, after making sure that others can be read.",
        Q54 | Q58 | Q59 | Q60 => "Leaves the ticket out; a whole page of missing details stops the import.",
        Q57 | Q61 => "Leaves the ticket out: its detail says that it is not final any more.",
        Q62 => "Updates it on the next run.",
        Q63 => "Keeps what it has: an import never deletes.",
        Q64 => "Finds them on the next run, by their final times.",
    }
}

fn page() -> String {
    let mut page = String::from(
        "# Conformance\n\nWhat real ServiceDesk Plus does to a client, and what Precedent does about it. Each quirk is a switch \
         of the\nsimulator (`servicedesk-sim --quirk Q13`), under which the whole import runs twice, on every edition where it \
         can occur;\nthen the table must equal the truth, word for word. A hundred pairs of quirks, chosen by a seed, run the \
         same way.\n\nThis page is generated: `UPDATE_PAGES=1 scripts/test -p precedent --test it conformance::page`.\n\n\
         | quirk | the helpdesk | Precedent | test |\n|---|---|---|---|\n",
    );
    for quirk in Quirk::ALL {
        let test = if is_refused(*quirk) {
            "`every_quirk_alone`: told, no storm"
        } else {
            "`every_quirk_alone`, `a_hundred_pairs`"
        };
        page += &format!("| {quirk} | {} | {} | {test} |\n", quirk.about(), answer(*quirk));
    }
    page
}

#[test]
fn the_page_is_what_the_tests_say() {
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
