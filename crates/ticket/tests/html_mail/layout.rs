//! Lists and tables of mails.

use crate::cases::all_read;

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
