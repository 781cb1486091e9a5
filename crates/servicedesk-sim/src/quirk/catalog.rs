//! The catalog of quirks: real servers show each of them, and a switch makes it strike at its worst.
//!
//! The numbers are those of `docs/reference/conformance.md`. Behaviour that the simulator always shows (a start index
//! from 1, ids beyond 2^53) has a switch too, which makes it worse.

use std::fmt;
use std::str::FromStr;

use anyhow::Context;

use crate::edition::Edition;

macro_rules! quirks {
    ($($name:ident $about:literal)*) => {
        /// A quirk of reading.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Quirk {
            $(
                #[doc = $about]
                $name,
            )*
        }

        impl Quirk {
            /// All quirks, in the order of their numbers.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Returns what the server does, in a sentence.
            pub fn about(self) -> &'static str {
                match self { $(Self::$name => $about,)* }
            }

            fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }
        }
    };
}

quirks! {
    Q1 "List rows have the default keys only; `fields_required` has no effect."
    Q2 "`fields_required` adds every field to list rows, on premises too."
    Q3 "No condition but `is` is known: any other is echoed and ignored, and everything comes back."
    Q4 "Criteria on the status have no effect."
    Q5 "Two date criteria in one request are both ignored."
    Q6 "A date criterion together with another one is answered with 400."
    Q7 "A list of one criterion, or an operator on the first, is answered with 400."
    Q8 "Bounds in seconds instead of milliseconds match everything."
    Q9 "`start_index` 0 is taken for 1."
    Q10 "A page never has more than 50 rows."
    Q11 "`has_more_rows` is missing on every second page."
    Q12 "`total_count` is a text, and missing on every third page."
    Q13 "While pages are read, tickets are edited, trashed and added."
    Q14 "Deep pages are slow; beyond row 250 they never come."
    Q15 "Tickets that the key may not see are left out of pages, but counted."
    Q16 "Without `sort_field` the order is random."
    Q17 "Lists cannot be sorted by id."
    Q18 "`fields_required` is an unknown key."
    Q19 "`last_updated_time` is null on every ticket."
    Q20 "The clock is 5 minutes ahead, and tickets share their milliseconds."
    Q21 "`response_status` is an object on lists and a list elsewhere."
    Q22 "Times are null, missing, without a value, or hold a number."
    Q23 "Times are shown in Spanish."
    Q24 "Ids are numbers and texts in turn, beyond 2^53 on cloud."
    Q25 "`display_id` is missing."
    Q26 "A resolution is null, without content, empty mark-up, or full."
    Q27 "A description is null, empty, plain, HTML, Word's HTML, or ends in `]]>`."
    Q28 "Descriptions hold inline images of every kind."
    Q29 "Every third subject is null."
    Q30 "Tags come in every shape, with blanks and nulls among them."
    Q31 "Rows, details and envelopes have keys that nobody has heard of."
    Q32 "`time_elapsed` is a text, a number, null or missing."
    Q33 "User-defined fields hold values of every kind."
    Q34 "Resolutions stand in notes, which take a call each."
    Q35 "Keys come in another order each time."
    Q36 "Texts hold control characters and halves of surrogate pairs, bodies a byte order mark and a wrong charset."
    Q37 "One description is 20 MB long."
    Q38 "Statuses have their own names, one of them deleted; reopened tickets keep their resolved time."
    Q39 "The accounts server refuses with HTTP 200."
    Q40 "The accounts server is locked at first, and asking meanwhile makes it last longer."
    Q41 "An access token is good for 80 calls."
    Q42 "The refresh token is revoked after 80 calls."
    Q43 "The accounts server is that of another data centre."
    Q44 "`/statuses` answers 401 with a web page: its scope is missing."
    Q45 "The API is below the portal only; elsewhere is a login page."
    Q46 "The key goes into `TECHNICIAN_KEY`, and `PORTALID` must be given."
    Q47 "The certificate is signed by a private authority."
    Q48 "A throttle is 400 with 4015, a lock whose length is not told."
    Q49 "A throttle is 429, with seconds or with a date."
    Q50 "Details alone are throttled; only the text tells for how long, once under HTTP 200."
    Q51 "Every twentieth call fails under HTTP 200."
    Q52 "Every twentieth call answers a login page, every thirtieth nothing, under HTTP 200."
    Q53 "One ticket's detail fails for ever."
    Q54 "A ticket is purged between list and detail."
    Q55 "Three tickets' details answer 401 with the codes 4007, 4002 and 7001."
    Q56 "Every fifteenth call is reset, cut short, or drips."
    Q57 "A ticket is trashed between list and detail."
    Q58 "A ticket is deleted for good between list and detail."
    Q59 "A ticket is merged into another between list and detail."
    Q60 "A ticket is archived between list and detail."
    Q61 "A ticket is reopened between list and detail."
    Q62 "A resolution is edited after its ticket was read."
    Q63 "After the first reading, the key sees 5 % of the tickets."
    Q64 "After the first reading, tickets with old times are added."
}

impl Quirk {
    /// Returns the editions that show it.
    pub fn editions(self) -> &'static [Edition] {
        use Quirk::*;
        match self {
            Q25 | Q39 | Q40 | Q41 | Q42 | Q43 | Q45 => &[Edition::Cloud],
            Q6 | Q46 | Q60 => &[Edition::OnPremises, Edition::Msp],
            _ => &[Edition::Cloud, Edition::OnPremises, Edition::Msp],
        }
    }
}

impl fmt::Display for Quirk {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Quirk {
    type Err = anyhow::Error;

    fn from_str(name: &str) -> anyhow::Result<Self> {
        let named = |quirk: &&Self| quirk.name().eq_ignore_ascii_case(name);
        Self::ALL
            .iter()
            .find(named)
            .copied()
            .with_context(|| format!("no quirk of reading is called {name}: they go from Q1 to Q64"))
    }
}
