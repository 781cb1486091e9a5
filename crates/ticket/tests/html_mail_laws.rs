//! Laws for mails with any mark-up, broken or large.

use proptest::prelude::*;
use ticket::{html_to_full_text, html_to_text};

/// Pieces of mails with a meaning for the conversion, in any order and number.
const PIECES: [&str; 66] = [
    "<p>",
    "</p>",
    "<div>",
    "</div>",
    "<br>",
    "<hr>",
    "<span>",
    "</span>",
    "<pre>",
    "</pre>",
    "<ul>",
    "</ul>",
    "<ol start=3>",
    "<li>",
    "<table>",
    "</table>",
    "<tr>",
    "<td>",
    "</tr>",
    "<blockquote>",
    "<blockquote type=\"cite\">",
    "<blockquote class=gmail_quote>",
    "</blockquote>",
    "<div class=\"gmail_quote x\">",
    "<div class=gmail_attr>",
    "<div class=x_gmail_signature>",
    "<div class=moz-cite-prefix>",
    "<pre class=moz-signature>",
    "<div id=\"Signature\">",
    "<div id=yahoo_quoted_7>",
    "<div id=divRplyFwdMsg>",
    "<p id=appendonsend>",
    "<p class=gmail_signature>",
    "<span id=OLK_SRC_BODY_SECTION>",
    "<div style='border:none;border-top:solid #E1E1E1 1.0pt'>",
    "<img alt=shot src=a.png>",
    "<a href=https://x.example/7>",
    "</a>",
    "<style>x</style>",
    "<o:p>&nbsp;</o:p>",
    "<span style='mso-list:Ignore'>",
    "<!-- c -->",
    "<![if !supportLists]>",
    "\n",
    "\n\n",
    " ",
    "    ",
    "-- ",
    "--",
    "> ",
    "]]>",
    "Sent from my iPhone",
    "Von meinem iPhone gesendet",
    "On 1 May 2025 Ada wrote:",
    "Am 1.5.2025 schrieb Ada:",
    "Ada\nwrote:",
    "---- On 1 May 2025 Ada wrote ----",
    "-----Original Message-----",
    "---------- Forwarded message ---------",
    "________________",
    "From: Ada",
    "Sent: today",
    "To: Tom",
    "Message-ID: 7",
    "word",
    "andere Worte",
];

/// Generates such pieces. Half of them are on separate lines; otherwise no piece would ever be a line.
fn mail() -> impl Strategy<Value = String> {
    let piece = (prop::sample::select(PIECES.to_vec()), any::<bool>());
    prop::collection::vec(piece, 0..40).prop_map(|pieces| {
        let lines = pieces.into_iter().map(|(piece, line)| match line {
            true => format!("{piece}\n"),
            false => piece.to_owned(),
        });
        lines.collect()
    })
}

/// Generates pieces without tags, one per line.
fn plain_mail() -> impl Strategy<Value = String> {
    let pieces: Vec<_> = PIECES
        .into_iter()
        .filter(|piece| !piece.starts_with('<'))
        .collect();
    let line = prop::collection::vec(prop::sample::select(pieces), 0..3).prop_map(|pieces| pieces.concat());
    prop::collection::vec(line, 0..30).prop_map(|lines| lines.join("\n"))
}

fn has_word(text: &str) -> bool {
    text.contains(char::is_alphanumeric)
}

/// Returns whether `part` is `whole` with some text removed, apart from line breaks.
fn is_part_of(part: &str, whole: &str) -> bool {
    let mut characters = whole.chars().filter(|c| !c.is_whitespace());
    let mut wanted = part.chars().filter(|c| !c.is_whitespace());
    wanted.all(|c| characters.any(|other| other == c))
}

#[track_caller]
fn obeys_the_laws(mail: &str) -> Result<(), TestCaseError> {
    let text = html_to_text(mail);
    let full = html_to_full_text(mail);
    prop_assert_eq!(html_to_text(&text), text.clone(), "fed back, from {:?}", full);
    prop_assert_eq!(html_to_full_text(&full), full.clone(), "in full, fed back");
    prop_assert!(is_part_of(&text, &full), "{:?} of {:?}", text, full);
    prop_assert_eq!(has_word(&text), has_word(&full), "{:?} of {:?}", text, full);
    Ok(())
}

/// Starts and ends of a quote or a signature below a message.
const ENDINGS: [(&str, &str); 9] = [
    (
        "<div class=gmail_quote>On 1 May 2025 Ada wrote:<blockquote class=gmail_quote>",
        "</blockquote></div>",
    ),
    (
        "<div id=appendonsend></div><hr><div id=divRplyFwdMsg>From: Ada</div>",
        "",
    ),
    (
        "<div style='border:none;border-top:solid #B5C4DF 1.0pt'><p><b>From:</b> a<br><b>Sent:</b> b<br><b>To:</b> c</p></div>",
        "",
    ),
    (
        "<div class=moz-cite-prefix>x</div><blockquote type=cite>",
        "</blockquote>",
    ),
    (
        "<div>On 1 May 2025 Ada wrote:</div><blockquote type=cite>",
        "</blockquote>",
    ),
    ("<div class=yahoo_quoted>", "</div>"),
    ("<div>-----Original Message-----</div>", ""),
    ("<div class=gmail_signature>", "</div>"),
    ("<div><br>--</div>", ""),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn pieces_of_mails_obey_the_laws(mail in mail()) {
        obeys_the_laws(&mail)?;
    }

    #[test]
    fn lines_of_mails_obey_the_laws(mail in plain_mail()) {
        obeys_the_laws(&mail)?;
    }

    #[test]
    fn any_text_is_converted_without_a_panic(mail in any::<String>()) {
        html_to_text(&mail);
        html_to_full_text(&mail);
    }

    #[test]
    fn the_message_is_kept_and_the_rest_is_cut(
        said in prop::collection::vec("[a-m]{1,8}", 1..12),
        tag in prop::sample::select(vec!["p", "div", "li", "td", "pre", "h2", "span"]),
        (begin, end) in prop::sample::select(ENDINGS.to_vec()),
        quoted in prop::collection::vec("q[n-z]{1,8}", 1..8),
    ) {
        let said_html: String = said.iter().map(|word| format!("<{tag}>{word}</{tag}> ")).collect();
        let mail = format!("<div>{said_html}</div>{begin}{}{end}", quoted.join("<br>"));
        let text = html_to_text(&mail);
        let words: Vec<_> = text.split_whitespace().filter(|word| !["|", "-"].contains(word)).collect();
        prop_assert_eq!(words, said);
        let full = html_to_full_text(&mail);
        prop_assert!(quoted.iter().all(|word| full.contains(word)), "{}", full);
    }
}

#[test]
fn large_mails_are_converted_in_linear_time() {
    let many = 20_000;
    let most = 100_000;
    let line = |line: &str| format!("word\n{}", line.repeat(many));
    let within = |begin: &str, end: &str| format!("word{}old{}", begin.repeat(many), end.repeat(many));
    let mails = [
        format!("word\n{}", "On 1 x wrote:\n".repeat(most)),
        format!("word{}old", "<div>".repeat(most)),
        line("On 1 x wrote:\n> a\n"),
        line("On 1\n"),
        line("> a\n"),
        line("--\n"),
        line("--\na\n"),
        line("-- \n\n"),
        line("]]>\n"),
        line("Sent from my iPhone\n"),
        line("From: a\nTo: b\n"),
        line("From: a\nTo: b\nSubject: c\nMessage-ID: d\n\n"),
        line("Forwarded message\nFrom: a\nTo: b\nSubject: c\n\n"),
        line("______\n"),
        line("<p>On 1 x wrote:</p><blockquote>a</blockquote>"),
        line("<blockquote type=cite>a</blockquote>"),
        line("<blockquote type=cite>a</blockquote>b"),
        line("<div class=gmail_signature>a</div>"),
        line("<div class=gmail_quote>a</div>b"),
        line("<span id=OLK_SRC_BODY_SECTION>a</span>b "),
        line("<span class=moz-cite-prefix>a</span>b "),
        line("<blockquote>a"),
        line("<ul><li>a"),
        line("<ul></blockquote>"),
        format!("<ul>{}{}", "<blockquote>".repeat(many), "<li>a".repeat(many)),
        within("<div>", "</div>"),
        within("<div class=gmail_quote>", "</div>"),
        within("<blockquote class=gmail_quote>", "</blockquote>"),
        within(
            "<div class=gmail_quote><blockquote class=gmail_quote>",
            "</blockquote>a</div>",
        ),
        within("<blockquote type=cite>", "</blockquote>"),
        within("<div style='border-top:solid #E1E1E1 1.0pt'>", "</div>"),
        within("<div style='border-top:solid #E1E1E1 1.0pt'>a:</div>", ""),
        format!("a\n{}", ">".repeat(many)),
        format!("a\n{}:", "On 1 ".repeat(many)),
        "<".repeat(many),
    ];
    for mail in mails {
        assert!(
            html_to_text(&mail).starts_with(|c: char| "aw<>".contains(c)),
            "{}",
            &mail[..40]
        );
    }
}
