//! Inventing the text of a ticket from a random stream.

use super::vocabulary::{ASIDES, CLOSINGS, CONFIRMATIONS, GREETINGS, TOPICS, Topic, slot_values};
use super::{Block, Document};
use crate::random::SplitMix64;

/// The topic that a ticket is about.
pub(super) fn topic(random: &mut SplitMix64) -> &'static Topic {
    random.pick(TOPICS)
}

/// A subject line.
pub(super) fn subject(random: &mut SplitMix64, topic: &Topic) -> String {
    let template = random.pick(topic.subjects);
    fill(random, template)
}

/// What the requester wrote.
pub(super) fn description(random: &mut SplitMix64, topic: &Topic) -> Document {
    let mut blocks = Vec::with_capacity(8);
    let greeting = random.pick(GREETINGS);
    blocks.push(Block::Line((*greeting).to_owned()));
    let symptom = random.pick(topic.symptoms);
    blocks.push(Block::Line(fill(random, symptom)));
    for _ in 0..random.below(4) {
        let aside = random.pick(ASIDES);
        blocks.push(Block::Line(fill(random, aside)));
    }
    match random.below(12) {
        0 | 1 => blocks.push(Block::Table(facts(random))),
        2 | 3 => blocks.push(Block::List(
            (0..3).map(|_| line(random, topic.symptoms)).collect(),
        )),
        4 => blocks.push(Block::Log(log(random))),
        _ => {}
    }
    let closing = random.pick(CLOSINGS);
    let name = fill(random, "{person} Example");
    let phone = fill(random, "Tel. +49 30 {number}");
    blocks.push(Block::Signature(vec![(*closing).to_owned(), name, phone]));
    Document { blocks }
}

/// What the technician did.
pub(super) fn resolution(random: &mut SplitMix64, topic: &Topic) -> Document {
    let mut blocks = vec![Block::Line(line(random, topic.remedies))];
    if random.once_in(3) {
        blocks.push(Block::List(
            (0..2).map(|_| line(random, topic.remedies)).collect(),
        ));
    }
    blocks.push(Block::Line(line(random, CONFIRMATIONS)));
    Document { blocks }
}

fn line(random: &mut SplitMix64, templates: &[&str]) -> String {
    let template = random.pick(templates);
    fill(random, template)
}

fn facts(random: &mut SplitMix64) -> Vec<[String; 2]> {
    [
        ("Application", "{app}"),
        ("Version", "{version}"),
        ("Server", "{server}"),
        ("Where", "{place}"),
    ]
    .iter()
    .map(|(name, template)| [(*name).to_owned(), fill(random, template)])
    .collect()
}

fn log(random: &mut SplitMix64) -> Vec<String> {
    let lines = 4 + random.below(20);
    (0..lines)
        .map(|_| {
            fill(
                random,
                "WARN worker-{number} {server} request failed: error {code}, retry in {number} ms",
            )
        })
        .collect()
}

/// Replaces each `{slot}` of a template; `{number}` is a number of two to five digits.
fn fill(random: &mut SplitMix64, template: &str) -> String {
    let mut filled = String::with_capacity(template.len() + 16);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let (slot, behind) = after.split_once('}').unwrap_or((after, ""));
        if slot == "number" {
            let number = 10 + random.below(99_000) as i64;
            crate::json::push_number(&mut filled, number);
        } else {
            let value: &&str = random.pick(slot_values(slot));
            filled.push_str(value);
        }
        rest = behind;
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_fills_and_a_seed_repeats() {
        for topic in TOPICS {
            for template in [
                topic.subjects,
                topic.symptoms,
                topic.remedies,
                ASIDES,
                CONFIRMATIONS,
            ]
            .concat()
            {
                let fill_with = |seed| fill(&mut SplitMix64::for_ticket(seed, 1, 1), template);
                assert!(!fill_with(1).contains(['{', '}']), "{template}");
                assert_eq!(fill_with(2), fill_with(2));
            }
        }
    }
}
