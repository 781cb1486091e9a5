//! Text from outside as it is shown: to agents and people ([`visible`]), and on terminals ([`Printable`]).

mod json;
mod printable;
mod scripts;
mod visible;

pub use json::escape_json;
pub use printable::{OneLine, Printable};
pub use visible::visible;
