//! More tickets than a corpus has: what a longer history would cost.

use ticket::{Ticket, TicketId, join_description};

use search::body;

/// Words in a hundred that a copy has of another ticket, or lacks.
const CHANGED: u8 = 20;

/// Varied copies of tickets without end; always the same ones.
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

/// The text with some words left out and others put in from another.
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
