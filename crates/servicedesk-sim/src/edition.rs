//! The simulated edition of ServiceDesk Plus, and the form of its API.

use clap::ValueEnum;

/// The editions differ in sign-in, ids, row keys and tolerance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Edition {
    /// ServiceDesk Plus Cloud: OAuth, 18-digit ids, `display_id`.
    #[default]
    Cloud,
    /// On premises: a technician key, small ids, keys left out while a ticket is open.
    #[value(name = "on-premises")]
    OnPremises,
    /// The edition for service providers: on premises with accounts.
    Msp,
}

/// The form of requests and answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Api {
    /// The real API, version 3.
    #[default]
    V3,
    /// The simplified form of the product's first user.
    Story,
}

/// The fields of a list row without `fields_required`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Rows {
    /// The real default: no description, resolution or final times.
    #[default]
    Thin,
    /// All fields of a detail.
    Full,
}
