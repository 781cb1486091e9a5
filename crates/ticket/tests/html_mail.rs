//! Mails as the usual programs write them: what was said is read, what was quoted and signed is not.

use ticket::{html_to_full_text, html_to_text};

/// Name, mail, what is read of it.
type Case = (&'static str, &'static str, &'static str);

#[track_caller]
fn all_read(cases: &[Case]) {
    for (name, mail, text) in cases {
        assert_eq!(html_to_text(mail), *text, "{name}");
        assert_eq!(html_to_text(text), *text, "{name}, fed back");
    }
}

/// Mails of which nothing is cut.
#[track_caller]
fn all_kept(cases: &[(&str, &str)]) {
    for (name, mail) in cases {
        let text = html_to_text(mail);
        assert_eq!(text, html_to_full_text(mail), "{name}");
        assert_eq!(html_to_text(&text), text, "{name}, fed back");
    }
}

#[test]
fn outlook_quotes_to_the_end() {
    all_read(&[
        (
            "desktop",
            "<html xmlns:o=\"urn:schemas-microsoft-com:office:office\"><head><style><!-- p.MsoNormal {margin:0} --></style></head>\
             <body lang=EN-GB><div class=WordSection1><p class=MsoNormal>MTU lowered to 1380.<o:p></o:p></p>\
             <p class=MsoNormal><o:p>&nbsp;</o:p></p><p class=MsoNormal>Kind regards<o:p></o:p></p><p class=MsoNormal>Tom<o:p></o:p></p>\
             <div><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'>\
             <p class=MsoNormal><b><span lang=EN-US>From:</span></b><span lang=EN-US> Ada Example &lt;ada@example.com&gt; <br>\
             <b>Sent:</b> Tuesday, 11 March 2025 10:00<br><b>To:</b> Service Desk<br><b>Subject:</b> VPN<o:p></o:p></span></p>\
             </div></div><p class=MsoNormal>The VPN drops.<o:p></o:p></p></div></body></html>",
            "MTU lowered to 1380.\n\nKind regards\n\nTom",
        ),
        (
            "2007, in a language without a table",
            "<p>Klart nu.</p><div style='border:none; border-top: solid #B5C4DF 1.0pt;padding:3.0pt 0in 0in 0in'>\
             <p>Lähettäjä: Ada<br>Lähetetty: 11. maaliskuuta<br>Vastaanottaja: Tom<br>Aihe: VPN</p></div><p>old</p>",
            "Klart nu.",
        ),
        (
            "desktop, as web mail passes it on",
            "<p>Done.</p><div style=\"border-width: 1pt medium medium; border-style: solid none none; border-color: rgb(225, 225, 225) \
             currentcolor currentcolor\"><p>Lähettäjä: Ada<br>Lähetetty: 11. maaliskuuta<br>Aihe: VPN</p></div><p>old</p>",
            "Done.",
        ),
        (
            "on the web",
            "<div>Solved.</div><div id=\"appendonsend\"></div><hr style=\"display:inline-block;width:98%\" tabindex=\"-1\">\
             <div id=\"divRplyFwdMsg\" dir=\"ltr\"><font face=\"Calibri\"><b>Von:</b> Ada<br><b>Gesendet:</b> Dienstag<br></font>\
             <div>&nbsp;</div></div><div>old</div>",
            "Solved.",
        ),
        (
            "on the web, quoted by itself",
            "<div>Solved.</div><div id=\"x_x_divRplyFwdMsg\">Od: Ada</div><div>old</div>",
            "Solved.",
        ),
        (
            "rule and header, no mark",
            "<p>Restarted the spooler.</p><hr><p><b>Von:</b> Ada<br><b>Gesendet:</b> heute<br><b>An:</b> Tom<br>\
             <b>Betreff:</b> Drucker</p><p>alt</p>",
            "Restarted the spooler.",
        ),
        (
            "telephone",
            "<div>Works again</div><div id=\"ms-outlook-mobile-signature\">Get <a href=\"https://aka.ms/o0ukef\">Outlook for iOS</a></div>\
             <div id=\"mail-editor-reference-message-container\"><b>From:</b> Ada<br>old</div>",
            "Works again",
        ),
        (
            "signature on the web",
            "<div>Works</div><div id=\"x_Signature\"><p>Ada</p><p>+49 30 0000</p></div>",
            "Works",
        ),
    ]);
}

#[test]
fn others_wrap_what_they_quote() {
    all_read(&[
        (
            "Gmail",
            "<div dir=\"ltr\">Cleared the cache, fine now.<br clear=\"all\"><div><br></div><span class=\"gmail_signature_prefix\">-- </span><br>\
             <div dir=\"ltr\" class=\"gmail_signature\">Tom<br>Service Desk</div></div><br>\
             <div class=\"gmail_quote gmail_quote_container\"><div dir=\"ltr\" class=\"gmail_attr\">On Tue, 11 Mar 2025 at 10:00, Ada Example \
             &lt;<a href=\"mailto:ada@example.com\">ada@example.com</a>&gt; wrote:<br></div>\
             <blockquote class=\"gmail_quote\" style=\"margin:0 0 0 .8ex\"><div>It is slow</div></blockquote></div>",
            "Cleared the cache, fine now.",
        ),
        (
            "Gmail, words after the wrapper",
            "<div>First</div><div class=\"gmail_quote\">On 3 Mar 2025 Ada wrote:<blockquote>old</blockquote></div><div>Last</div>",
            "First\n\nLast",
        ),
        (
            "Gmail, wrapper never closed",
            "<div>First</div><div class=gmail_quote>On 3 Mar 2025 Ada wrote:<blockquote>old</blockquote>",
            "First",
        ),
        (
            "Gmail, quote without its wrapper",
            "<p>Done</p><div>Am Di., 11. März 2025 um 10:00 Uhr schrieb Ada &lt;ada@example.com&gt;:<br></div>\
             <blockquote class=gmail_quote>alt</blockquote>",
            "Done",
        ),
        (
            "Thunderbird",
            "<p>Replaced the toner.</p><div class=\"moz-cite-prefix\">Am 11.03.25 um 10:00 schrieb Ada Example:<br></div>\
             <blockquote type=\"cite\" cite=\"mid:1@example.com\"><p>Drucker leer</p></blockquote>\
             <pre class=\"moz-signature\" cols=\"72\">-- \nTom\nService Desk</pre>",
            "Replaced the toner.",
        ),
        (
            "Thunderbird, in a language without a table",
            "<p>Valmis.</p><div class=\"moz-cite-prefix\">Ada kirjoitti 11.3.2025:</div><blockquote type=cite>vanha</blockquote>",
            "Valmis.",
        ),
        (
            "Apple Mail",
            "<div>New cable, works.</div><div><br><blockquote type=\"cite\"><div>On 11 Mar 2025, at 10:00, Ada &lt;ada@example.com&gt; wrote:</div>\
             <br class=\"Apple-interchange-newline\"><div>no link</div></blockquote></div>",
            "New cable, works.",
        ),
        (
            "iPhone",
            "<div dir=\"ltr\">Yes, fixed</div><div dir=\"ltr\">Sent from my iPhone</div><div dir=\"ltr\"><br><blockquote type=\"cite\">\
             On 11 Mar 2025, at 10:00, Ada wrote:<br><br></blockquote></div><blockquote type=\"cite\"><div>old</div></blockquote>",
            "Yes, fixed",
        ),
        (
            "Yahoo",
            "<div>Thanks</div><div id=\"ydp1yahoo_quoted_12\" class=\"ydp1 yahoo_quoted\"><div>On Tuesday, Ada wrote:</div><div>old</div></div>",
            "Thanks",
        ),
        (
            "Zoho",
            "<div>Thanks</div><div class=\"zmail_extra\"><div>---- On Tue, 11 Mar 2025 10:00:00 +0100 Ada wrote ----</div>\
             <blockquote id=\"blockquote_zmail\">old</blockquote></div>",
            "Thanks",
        ),
        (
            "one quote in another",
            "<p>new</p><div class=gmail_quote><blockquote type=cite><div class=gmail_quote>a</div>b</blockquote>c<blockquote class=gmail_quote>d</blockquote></div><p>end</p>",
            "new\n\nend",
        ),
    ]);
}

#[test]
fn lines_of_plain_text_tell_as_well() {
    all_read(&[
        (
            "separator",
            "Rebooted.\n\n-----Original Message-----\nFrom: Ada\nold",
            "Rebooted.",
        ),
        (
            "German",
            "Neu gestartet.\n\n-----Ursprüngliche Nachricht-----\nalt",
            "Neu gestartet.",
        ),
        (
            "French",
            "C'est réglé.\n-----Message d’origine-----\nvieux",
            "C'est réglé.",
        ),
        ("Spanish", "Listo.\n-----Mensaje original-----\nviejo", "Listo."),
        (
            "Portuguese",
            "Pronto.\n-----Mensagem original-----\nvelho",
            "Pronto.",
        ),
        (
            "Italian",
            "Fatto.\n-----Messaggio originale-----\nvecchio",
            "Fatto.",
        ),
        ("Dutch", "Klaar.\n-----Oorspronkelijk bericht-----\noud", "Klaar."),
        (
            "blanks",
            "Done.\n-------- Original Message --------\nold",
            "Done.",
        ),
        (
            "header under a rule",
            "Done.\n\n________________________________\nFrom: Ada\nSent: today\nTo: Tom\nSubject: VPN\n\nold",
            "Done.",
        ),
        (
            "German header",
            "Fertig.\nVon: Ada\nGesendet: heute\nAn: Tom\nBetreff: VPN\nalt",
            "Fertig.",
        ),
        (
            "French header",
            "Fini.\nDe : Ada\nEnvoyé : hier\nÀ : Tom\nObjet : VPN\nvieux",
            "Fini.",
        ),
        (
            "Spanish header",
            "Listo.\nDe: Ada\nEnviado: hoy\nPara: Tom\nAsunto: VPN\nviejo",
            "Listo.",
        ),
        (
            "bold header",
            "Done.\n*From:* Ada\n*Date:* today\n*To:* Tom\n*Subject:* VPN\nold",
            "Done.",
        ),
        (
            "quote",
            "Fixed.\n\nOn Tue, 11 Mar 2025 at 10:00, Ada <ada@example.com> wrote:\n\n> old\n>\n> > older",
            "Fixed.",
        ),
        (
            "wrapped attribution",
            "Fixed.\n\nOn Tue, Mar 11, 2025 at 10:00 AM Ada Example\n<ada@example.com>\nwrote:\n> old",
            "Fixed.",
        ),
        (
            "German quote",
            "Geht.\nAm 11.03.2025 um 10:00 schrieb Ada Example:\n> alt",
            "Geht.",
        ),
        (
            "French quote",
            "Ok.\nLe 11 mars 2025 à 10:00, Ada a écrit :\n> vieux",
            "Ok.",
        ),
        (
            "Spanish quote",
            "Ok.\nEl 11 mar 2025, a las 10:00, Ada escribió:\n> viejo",
            "Ok.",
        ),
        (
            "signature below the quote",
            "Ok.\nOn 1 May 2025 Ada wrote:\n> old\n\n-- \nTom\nDesk",
            "Ok.",
        ),
        (
            "attribution in HTML",
            "<p>Fixed</p><p>On 1 May 2025 Ada wrote:</p><blockquote>old</blockquote>",
            "Fixed",
        ),
    ]);
}

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

#[test]
fn what_may_be_content_is_kept() {
    let long_section = format!("Steps\n--\n{}", "line\n".repeat(11));
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

#[test]
fn word_lists_and_layout_tables_read_top_to_bottom() {
    all_read(&[
        (
            "list",
            "<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><![if !supportLists]><span style='mso-list:Ignore'>1.\
             <span style='font:7.0pt \"Times New Roman\"'>&nbsp;&nbsp;&nbsp; </span></span><![endif]>Open the console<o:p></o:p></p>\
             <p class=MsoListParagraph><![if !supportLists]><span style='mso-list:Ignore'>2.<span>&nbsp;&nbsp;</span></span><![endif]>\
             Restart</p>",
            "1. Open the console\n\n2. Restart",
        ),
        (
            "bullets",
            "<p class=MsoListParagraph><![if !supportLists]><span style='font-family:Symbol'><span style='mso-list:Ignore'>·\
             <span>&nbsp;&nbsp;</span></span></span><![endif]>one</p><p class=MsoListParagraph><span style='mso-list:Ignore'>o\
             <span>&nbsp;</span></span>two</p>",
            "- one\n\n- two",
        ),
        (
            "tables",
            "<table><tr><td><table><tr><td>Head</td></tr><tr><td><p>Body</p></td></tr></table></td></tr><tr><td>Foot</td></tr></table>",
            "Head\nBody\nFoot",
        ),
        (
            "blank lines",
            "<p>a</p><p><o:p>&nbsp;</o:p></p><p>&nbsp;</p><br><br><br><div><br></div>b&nbsp;c",
            "a\n\nb c",
        ),
        (
            "code",
            "<pre>    if x:\n        y()\n</pre>",
            "    if x:\n        y()",
        ),
        ("code below", "<p>a</p><pre>  x\n\ty</pre>", "a\n\n  x\n\ty"),
    ]);
}
