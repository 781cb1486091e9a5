//! Tables of mails with their expected text.

use ticket::{html_to_full_text, html_to_text};

/// Name, mail, expected text.
pub(crate) type Case = (&'static str, &'static str, &'static str);

/// Checks the text of each mail, and that a second conversion does not change it.
#[track_caller]
pub(crate) fn all_read(cases: &[Case]) {
    for (name, mail, text) in cases {
        assert_eq!(html_to_text(mail), *text, "{name}");
        assert_eq!(html_to_text(text), *text, "{name}, converted again");
    }
}

/// Checks that nothing of these mails is cut.
#[track_caller]
pub(crate) fn all_kept(cases: &[(&str, &str)]) {
    for (name, mail) in cases {
        let text = html_to_text(mail);
        assert_eq!(text, html_to_full_text(mail), "{name}");
        assert_eq!(html_to_text(&text), text, "{name}, converted again");
    }
}
