//! Mails of common mail programs: the message is kept, quotes and signatures are cut.

mod cases;
mod kept;
mod layout;
mod quotes_in_html;
mod quotes_in_text;
mod signatures;
