//! Text that looks like a quote or a signature and may be content.

use crate::cases::all_kept;

#[test]
fn a_forwarded_mail_is_kept() {
    all_kept(&[
        (
            "forward without a word",
            "-----Original Message-----\nFrom: Ada\nSent: x\nTo: y\nSubject: z\n\nold",
        ),
        (
            "header only",
            "From: Ada\nSent: x\nTo: y\nSubject: z\n\nVPN drops\n\nFrom: Tom\nSent: x\nTo: y\nSubject: z",
        ),
        (
            "quote only",
            "<div class=gmail_quote>On 1 May 2025 Ada wrote:<blockquote>help</blockquote></div>",
        ),
        (
            "forward from a telephone",
            "<div>Sent from my iPhone</div><div id=divRplyFwdMsg>From: Ada</div><p>help</p>",
        ),
        (
            "forward with a comment",
            "Please see below\n\n---------- Forwarded message ---------\nFrom: Ada\nDate: x\nSubject: y\nTo: z\n\nhelp",
        ),
        (
            "Gmail forward with a comment",
            "<p>Please see below</p><div class=gmail_quote><div class=gmail_attr>---------- Forwarded message ---------<br>From: Ada<br>\
             Date: x<br>Subject: y<br>To: z<br></div>help</div>",
        ),
        (
            "Apple forward with a comment",
            "<p>See below</p><div>Begin forwarded message:</div><blockquote type=cite><div>From: Ada</div>help</blockquote>",
        ),
    ]);
}

#[test]
fn an_answered_quote_is_kept() {
    all_kept(&[
        (
            "answered line by line",
            "<p>See:</p><blockquote type=cite>Which version?</blockquote><p>5.2</p><blockquote type=cite>Which OS?</blockquote><p>Linux</p>",
        ),
        (
            "answered line by line in a wrapper",
            "<p>See:</p><div class=gmail_quote><div class=gmail_attr>On 1 May 2025 Ada wrote:</div><blockquote class=gmail_quote>Version?\
             </blockquote><div>5.2</div><blockquote class=gmail_quote>OS?</blockquote></div>",
        ),
        ("answered below", "On 1 May 2025 Ada wrote:\n> help\n\nDone."),
        (
            "answered between",
            "Hi,\nOn 1 May 2025 Ada wrote:\n> help\nDone.\n> more",
        ),
        (
            "quoted error",
            "<p>The log says</p><blockquote>disk full</blockquote>",
        ),
        ("quoted without a date", "The user wrote:\n> disk full"),
        ("redirection", "run this\n> out.txt"),
    ]);
}

#[test]
fn fields_of_a_form_or_a_source_are_kept() {
    all_kept(&[
        ("two fields", "Route\nFrom: Berlin\nTo: Munich\nby train"),
        (
            "booking",
            "Room 7\nDate: 3 May\nFrom: 10:00\nTo: 12:00\nwith a projector",
        ),
        (
            "web form",
            "New request\nFrom: Ada\nDate: 3 May\nSubject: VPN\nMessage: it drops",
        ),
        (
            "source of a mail",
            "Bounced:\nReturn-Path: <>\nFrom: Ada\nTo: Tom\nSubject: VPN\nMessage-ID: <1@x>\nend",
        ),
    ]);
}

#[test]
fn words_like_a_signature_may_be_content() {
    let long_section = format!("Steps\n--\n{}", "line\n".repeat(11));
    all_kept(&[
        ("closing phrase", "Done\n\nKind regards\nAda"),
        ("signature only", "-- \nAda"),
        ("telephone only", "Sent from my iPhone"),
        ("comments of SQL", "run\n--\n-- Table structure\n--\nDROP TABLE x"),
        ("section", &long_section),
        (
            "sentence",
            "Sent from my laptop because the VPN is down and I cannot reach it",
        ),
        ("German sentence", "Von meinem Drucker kommt nichts"),
        (
            "line above a section",
            "<p>a</p><div style='border-top:solid #E1E1E1 1.0pt'>Steps</div><p>b</p>",
        ),
        (
            "image of that name",
            "<p>a</p><img class=gmail_signature src=x.png><p>b</p>",
        ),
    ]);
}
