//! Lists of tickets: which windows to read, and how to walk each one page by page.
//!
//! `plan` and `changes` choose windows that this server honours, `divide` makes them short enough to page,
//! and [`Pages`] walks one of them. A [`Cursor`] is the place at which a later walk resumes.

mod changes;
mod count;
mod cursor;
mod dialect;
mod divide;
mod list;
mod page;
mod pages;
mod plan;
mod window;

pub use cursor::Cursor;
pub use dialect::{Dialect, Sort};
pub(crate) use list::url as list_url;
pub(crate) use page::PAGE_ROWS;
pub use page::Page;
pub use pages::Pages;
pub(crate) use window::EARLIEST_MS;
pub use window::{Filter, Window};
