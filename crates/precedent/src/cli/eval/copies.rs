//! Varied copies of a corpus, to measure the costs of a longer history.

use search::body;
use ticket::{Ticket, TicketId, join_description};

/// Percentage of words that a copy takes from another ticket or drops.
const CHANGED: u8 = 20;

/// Returns an endless, deterministic sequence of varied copies of tickets.
pub(super) fn copies<'a>(originals: &'a [&'a Ticket]) -> impl Iterator<Item = Ticket> + 'a {
    let mut random = fastrand::Rng::with_seed(1);
    (1..)
        .flat_map(move |round| originals.iter().map(move |original| (round, *original)))
        .filter_map(move |(round, original)| {
            let donor = originals[random.usize(..originals.len())];
            let subject = varied(&original.subject, &donor.subject, &mut random);
            let body = varied(body(original), body(donor), &mut random);
            Some(Ticket {
                id: TicketId::new(&format!("{}~{round}", original.id))?,
                description: join_description(&subject, &body),
                subject,
                resolution: varied(&original.resolution, &donor.resolution, &mut random),
                ..original.clone()
            })
        })
}

/// Returns the text with some words dropped and others replaced by words of the donor.
fn varied(text: &str, donor: &str, random: &mut fastrand::Rng) -> String {
    let mut others = donor.split_inclusive(' ');
    text.split_inclusive(' ')
        .filter_map(|word| match random.u8(..100) {
            roll if roll >= CHANGED => Some(word),
            roll if roll % 2 == 0 => others.next(),
            _ => None,
        })
        .collect()
}
