//! Each quirk alone, on every edition where it can occur.

use servicedesk_sim::{Edition, Quirk};

use super::case::Case;

async fn every_quirk_alone(quirk: Quirk) {
    for edition in quirk.editions() {
        on_edition(quirk, *edition).await;
    }
}

async fn on_edition(quirk: Quirk, edition: Edition) {
    let case = Case {
        quirks: vec![quirk],
        edition,
    };
    case.assert_holds().await;
}

// Q14 takes long: its import waits for pages that never come.
cases!(on_edition:
    q14_on_cloud => (Quirk::Q14, Edition::Cloud),
    q14_on_premises => (Quirk::Q14, Edition::OnPremises),
    q14_on_msp => (Quirk::Q14, Edition::Msp),
);

/// Makes a test for each other quirk, and the list of them.
macro_rules! quirks {
    ($($name:ident => $quirk:ident),* $(,)?) => {
        const TESTED: &[Quirk] = &[$(Quirk::$quirk),*];

        cases!(every_quirk_alone: $($name => (Quirk::$quirk)),*);
    };
}

quirks!(
    q1 => Q1,
    q2 => Q2,
    q3 => Q3,
    q4 => Q4,
    q5 => Q5,
    q6 => Q6,
    q7 => Q7,
    q8 => Q8,
    q9 => Q9,
    q10 => Q10,
    q11 => Q11,
    q12 => Q12,
    q13 => Q13,
    q15 => Q15,
    q16 => Q16,
    q17 => Q17,
    q18 => Q18,
    q19 => Q19,
    q20 => Q20,
    q21 => Q21,
    q22 => Q22,
    q23 => Q23,
    q24 => Q24,
    q25 => Q25,
    q26 => Q26,
    q27 => Q27,
    q28 => Q28,
    q29 => Q29,
    q30 => Q30,
    q31 => Q31,
    q32 => Q32,
    q33 => Q33,
    q34 => Q34,
    q35 => Q35,
    q36 => Q36,
    q37 => Q37,
    q38 => Q38,
    q39 => Q39,
    q40 => Q40,
    q41 => Q41,
    q42 => Q42,
    q43 => Q43,
    q44 => Q44,
    q45 => Q45,
    q46 => Q46,
    q47 => Q47,
    q48 => Q48,
    q49 => Q49,
    q50 => Q50,
    q51 => Q51,
    q52 => Q52,
    q53 => Q53,
    q54 => Q54,
    q55 => Q55,
    q56 => Q56,
    q57 => Q57,
    q58 => Q58,
    q59 => Q59,
    q60 => Q60,
    q61 => Q61,
    q62 => Q62,
    q63 => Q63,
    q64 => Q64,
);

#[test]
fn no_quirk_is_left_out() {
    let all = Quirk::ALL.iter().filter(|quirk| **quirk != Quirk::Q14);
    assert_eq!(TESTED, all.copied().collect::<Vec<_>>());
    assert_eq!(Quirk::Q14.editions().len(), 3);
}
