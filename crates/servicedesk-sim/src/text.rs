//! The texts of tickets: a document holds plain lines, so the truth needs no HTML parser; styles put markup around it.

mod corpus;
mod document;
mod invent;
mod markup;
mod texts;
mod vocabulary;

pub(crate) use document::Document;
pub(crate) use markup::{Images, Style};
pub(crate) use texts::{Resolution, TicketTexts};
