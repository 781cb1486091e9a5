//! Assembles the parts of a desk from its options: hooks, renderer and tickets.

use std::sync::Arc;

use crate::edition::Rows;
use crate::hook::Hook;
use crate::options::Options;
use crate::population::directory::Directory;
use crate::population::populate::{PopulationPlan, populate};
use crate::population::ticket::Ticket;
use crate::quirk::catalog::Quirk::{self, *};
use crate::quirk::envelope::Envelope;
use crate::quirk::errors::Errors;
use crate::quirk::facts::Facts;
use crate::quirk::fields::Fields;
use crate::quirk::life_cycle::LifeCycle;
use crate::quirk::listing::Listing;
use crate::quirk::sign_in::SignIn;
use crate::quirk::throttle::Throttle;
use crate::render::renderer::Renderer;
use crate::text::TicketTexts;

/// Creates the renderer.
///
/// # Errors
/// When a corpus file cannot be read.
pub(super) fn renderer(options: &Options) -> anyhow::Result<Renderer> {
    let portal = options.portal.as_ref();
    let portal_path = portal.map(|portal| format!("/app/{portal}/api/v3"));
    Ok(Renderer {
        edition: options.edition,
        api: options.api,
        rows: options.rows,
        list_description: options.list_description,
        on_premises_fields_required: options.on_premises_fields_required,
        api_path: portal_path.unwrap_or_else(|| "/api/v3".into()),
        directory: Directory::new(options.edition),
        texts: TicketTexts::open(options.seed, &options.corpus)?,
    })
}

/// Makes the tickets.
pub(super) fn tickets(options: &Options, count: u32, now_ms: i64) -> Vec<Ticket> {
    populate(&PopulationPlan {
        seed: options.seed,
        count,
        now_ms,
        days: options.days,
        open_every: options.open_every,
        bad_every: options.bad_every,
    })
}

/// Sets the options that express a quirk.
pub(super) fn set_options(options: &mut Options) {
    let has = |quirk| options.quirks.contains(&quirk);
    let (thin, required) = (has(Q1), has(Q2));
    if thin {
        options.rows = Rows::Thin;
    }
    options.list_description |= required;
    options.on_premises_fields_required |= required;
}

/// Returns the hooks of all quirks.
pub(super) fn hooks(options: &Options) -> Vec<Arc<dyn Hook>> {
    let quirks = options.quirks.iter();
    quirks.map(|quirk| hook(*quirk, options)).collect()
}

fn hook(quirk: Quirk, options: &Options) -> Arc<dyn Hook> {
    match quirk {
        Q1 | Q2 | Q3 | Q4 | Q5 | Q6 | Q7 | Q8 | Q9 | Q10 | Q11 | Q12 | Q14 | Q15 | Q16 | Q17 | Q18 => {
            Arc::new(Listing::new(quirk))
        }
        Q19 | Q20 | Q38 => Arc::new(Facts::new(quirk)),
        Q21 | Q23 | Q31 | Q35 | Q36 => Arc::new(Envelope::new(quirk)),
        Q22 | Q24 | Q25 | Q26 | Q27 | Q28 | Q29 | Q30 | Q32 | Q33 | Q34 | Q37 => Arc::new(Fields::new(quirk)),
        Q39 | Q40 | Q41 | Q42 | Q43 | Q44 | Q45 | Q46 | Q47 => Arc::new(SignIn::new(
            quirk,
            options.edition,
            options.lock,
            options.portal.clone(),
        )),
        Q48 | Q49 | Q50 => Arc::new(Throttle::new(quirk, options.lock)),
        Q51 | Q52 | Q53 | Q55 | Q56 => Arc::new(Errors::new(quirk)),
        Q13 | Q54 | Q57 | Q58 | Q59 | Q60 | Q61 | Q62 | Q63 | Q64 => Arc::new(LifeCycle::new(quirk)),
    }
}
