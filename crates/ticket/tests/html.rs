//! HTML as helpdesks send it, and laws for any HTML.

use proptest::prelude::*;
use ticket::html_to_text;

#[track_caller]
fn reads(html: &str, text: &str) {
    assert_eq!(html_to_text(html), text, "{html}");
}

#[test]
fn plain_text_is_unchanged() {
    reads(
        "first line\r\nsecond  line \n\n\n\nthird\n",
        "first line\nsecond  line\n\nthird",
    );
    reads("if a < b && c > d then", "if a < b && c > d then");
    reads(
        "mail <ada@example.com>\nC:\\Users\\<name>\\x",
        "mail <ada@example.com>\nC:\\Users\\<name>\\x",
    );
    reads("List<String> x;\nMap<K, V> y", "List<String> x;\nMap<K, V> y");
    reads("a\0b", "a\0b");
    reads("", "");
}

#[test]
fn blocks_become_separate_lines() {
    reads("<p>a</p><h1>b</h1>", "a\n\nb");
    reads("<div>a</div><div>b<br>c</div>d", "a\nb\nc\nd");
    reads(
        "<DIV>MTU on the tunnel <B>1380</B>.<BR />Client   updated.</DIV>",
        "MTU on the tunnel 1380.\nClient updated.",
    );
    reads("a<br><br><br><br>b", "a\n\nb");
    reads("MTU auf 1380 gesetzt.<br>]]>", "MTU auf 1380 gesetzt.");
    reads("<div><br></div>", "");
    reads("<p>a\0b</p>", "a\0b");
}

#[test]
fn tables_become_rows_of_cells() {
    reads(
        "<p>x</p><table><tr><td>Client</td><td>5.1</td></tr><tr><th><p>Server</p></th><td><p>6</p></td></tr></table>y",
        "x\n\nClient | 5.1\nServer | 6\n\ny",
    );
}

#[test]
fn lists_quotes_and_code_keep_their_shape() {
    reads(
        "Steps:<ol start=3><li>one<li>two<ul><li>inner</ul></ol>end",
        "Steps:\n\n3. one\n4. two\n  - inner\n\nend",
    );
    reads("<ul><li><p>a</p></li><li></li><li>b</li></ul>", "- a\n\n- b");
    reads("<blockquote>a<br>b</blockquote>c", "> a\n> b\n\nc");
    reads("<pre>x = 1\n    y  = 2\n</pre>z", "x = 1\n    y  = 2\n\nz");
}

#[test]
fn mark_up_of_word_and_outlook_disappears() {
    reads(
        "<html><body><p class=MsoNormal>Guten Morgen,<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p>\
         <img src=/inlineimages/WorkOrder/Mar2025/1001/0.jpg width=600><p class=MsoNormal>der VPN-Client zeigt \
         <b>Fehler 809</b>.<o:p></o:p></p></body></html>",
        "Guten Morgen,\n\n[image: 0.jpg]\n\nder VPN-Client zeigt Fehler 809.",
    );
    reads(
        "<html><head><meta charset=utf-8><style><!-- p {color: red} --></style></head><body><!--[if gte mso 9]><xml>\
         </xml><![endif]--><![if !supportLists]>a<![endif]> b</body>",
        "a b",
    );
}

#[test]
fn links_images_and_entities_become_text() {
    reads(
        "<a href=\"https://x.example/kb/7\">the article</a>!",
        "the article (https://x.example/kb/7)!",
    );
    reads(
        "<a href=\"https://x.example/\">https://x.example</a>",
        "https://x.example",
    );
    reads(
        "<a href='mailto:ada@example.com'>ada@example.com</a>",
        "ada@example.com",
    );
    reads("<a href='javascript:alert(1)'>click</a>", "click");
    reads(
        "<p>see <img alt='error box' src='data:image/png;base64,AAAA'></p>",
        "see [image: error box]",
    );
    reads("<p><img src='data:image/png;base64,AAAA'></p>", "[image]");
    reads(
        "<p>a &amp;&nbsp;b &lt;c&gt; soft\u{ad}hyphen zero\u{200b}width</p>",
        "a & b <c> softhyphen zerowidth",
    );
    reads("Tom &amp; Ada\nline two", "Tom & Ada\nline two");
    reads("<p><![CDATA[kept]]></p>", "kept");
}

#[test]
fn the_name_of_an_image_is_cleaned() {
    reads("<p>see <img alt='a&#1; shot\u{200b}'></p>", "see [image: a shot]");
    reads(
        "<p><img src='https://example.com/a&#8;b.png'></p>",
        "[image: ab.png]",
    );
}

#[test]
fn deep_nesting_is_harmless() {
    for tag in ["div", "blockquote", "ul", "table", "b", "svg"] {
        let html = format!("{}deep", format!("<{tag}>").repeat(100_000));
        let text = html_to_text(&html);
        assert!(text.len() < 100, "{tag}: {}", text.len());
    }
}

#[test]
fn what_the_style_hides_is_no_text() {
    for (html, text) in [
        ("a<span style='display:none'>obey</span>b", "ab"),
        (
            "a <div style='color:red; DISPLAY: none !important'><div>obey</div> me</div> b",
            "a b",
        ),
        ("a <div hidden>obey</div> b", "a b"),
        ("a <span style='font-size:0px'>obey</span> b", "a b"),
        ("a <p style='visibility:hidden'>obey<p>b", "a\n\nb"),
        ("a <p style='display:none'>obey<div>b</div>", "a\nb"),
        ("<table><tr><td style='display:none'>obey<td>b</table>", "b"),
        (
            "<table><tr><td><span style='display:none'>obey</td></tr></table><p>b",
            "b",
        ),
        ("a <div style='max-height:0;overflow:hidden'>obey</div> b", "a b"),
        ("a <img style='display:none' alt='obey'> b", "a b"),
        ("a <input hidden> b", "a b"),
        // Templates of mails size the text within such a cell.
        (
            "<table><td style='font-size:0'><div style='font-size:13px'>a</div></td></table>",
            "a",
        ),
        ("<b style='display:inline'>a</b>", "a"),
    ] {
        assert_eq!(html_to_text(html), text, "{html}");
    }
}

/// Generates HTML of known words, and the words in order.
fn fragment() -> impl Strategy<Value = (String, Vec<String>)> {
    let word = "[a-z]{1,8}".prop_map(|word| (word.clone(), vec![word]));
    word.prop_recursive(5, 60, 6, |inner| {
        let tag = prop::sample::select(vec![
            "p",
            "div",
            "span",
            "b",
            "ul",
            "ol",
            "li",
            "table",
            "tr",
            "td",
            "blockquote",
            "pre",
            "h2",
            "o:p",
            "center",
        ]);
        (tag, prop::collection::vec(inner, 1..6), any::<bool>()).prop_map(|(tag, parts, close)| {
            let words = parts.iter().flat_map(|(_, words)| words.clone()).collect();
            let content: Vec<_> = parts.into_iter().map(|(html, _)| html).collect();
            let end = if close { format!("</{tag}>") } else { String::new() };
            (format!("<{tag}>{}{end}", content.join(" ")), words)
        })
    })
}

proptest! {
    #[test]
    fn any_text_is_converted_without_a_panic(text in any::<String>()) {
        html_to_text(&text);
    }

    #[test]
    fn any_mark_up_is_converted_without_a_panic(text in "[<>/!\\-&;a-z \"'=\\[\\]]{0,200}") {
        html_to_text(&text);
    }

    #[test]
    fn every_word_is_kept_in_order_and_every_tag_removed((html, words) in fragment()) {
        let text = html_to_text(&html);
        let marks = |word: &&str| !["|", "-", ">"].contains(word) && !word.trim_end_matches('.').chars().all(|c| c.is_ascii_digit());
        let found: Vec<_> = text.split_whitespace().filter(marks).collect();
        prop_assert_eq!(found, words);
        prop_assert!(!text.contains('<'));
        prop_assert_eq!(html_to_text(&text), text.clone(), "the conversion is idempotent");
    }

    #[test]
    fn blocks_separate_words(
        first in "[a-z]{1,8}",
        tag in prop::sample::select(vec!["p", "div", "li", "td", "tr", "h1", "pre", "blockquote", "table", "br", "hr"]),
        second in "[a-z]{1,8}",
    ) {
        let text = html_to_text(&format!("<table><tr><td>{first}<{tag}>{second}"));
        prop_assert!(text.split_whitespace().any(|word| word == first), "{}", text);
        prop_assert!(text.split_whitespace().any(|word| word == second), "{}", text);
    }
}
