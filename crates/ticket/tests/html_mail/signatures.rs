//! Signatures that end a mail.

use ticket::html_to_text;

use crate::cases::all_read;

#[test]
fn signatures_end_a_mail() {
    let long_signature = format!("Fixed.\n-- \n{}", "line\n".repeat(30));
    assert_eq!(html_to_text(&long_signature), "Fixed.");
    all_read(&[
        ("RFC 3676", "Fixed.\n\n-- \nAda Example\nTel. 1", "Fixed."),
        ("no blank", "Fixed.\n--\nAda", "Fixed."),
        (
            "web form",
            "<div><p>PC-0417.</p><img src=\"/app/_uploads/7\"><br>--<br><span style=\"color: #888\">Ada | Tel. 1</span></div>",
            "PC-0417.\n\n[image: 7]",
        ),
        ("iPhone", "Fixed.\n\nSent from my iPhone", "Fixed."),
        ("iPhone, German", "Geht.\n\nVon meinem iPhone gesendet", "Geht."),
        (
            "Android",
            "Fixed.\nGet Outlook for Android<https://aka.ms/AAb9ysg>",
            "Fixed.",
        ),
        (
            "Samsung",
            "Fixed.\nSent from my Samsung Galaxy smartphone.",
            "Fixed.",
        ),
        ("two of them", "Fixed.\n\nSent from my iPad\n--\nAda", "Fixed."),
        (
            "words after the element",
            "<p>Fixed.</p>-- <br><div class=gmail_signature>Ada</div><p>PS: check the log</p>",
            "Fixed.\n\nPS: check the log",
        ),
    ]);
}
