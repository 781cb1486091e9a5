//! Quotes that mail programs mark by elements.

use crate::cases::all_read;

#[test]
fn quotes_of_outlook_reach_to_the_end() {
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
fn quotes_of_gmail_have_a_wrapper() {
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
            "one quote in another",
            "<p>new</p><div class=gmail_quote><blockquote type=cite><div class=gmail_quote>a</div>b</blockquote>c<blockquote class=gmail_quote>d</blockquote></div><p>end</p>",
            "new\n\nend",
        ),
    ]);
}

#[test]
fn quotes_of_other_programs_have_a_wrapper() {
    all_read(&[
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
    ]);
}
