//! Invents the text of a ticket from a random stream.

use crate::json::push_number;
use crate::random::SplitMix64;
use crate::text::document::{Block, Document};
use crate::text::vocabulary::{Topic, VOCABULARY};

/// Picks the topic of a ticket.
pub(super) fn topic(random: &mut SplitMix64) -> &'static Topic {
    random.pick(&VOCABULARY.topics)
}

/// Invents a subject line.
pub(super) fn subject(random: &mut SplitMix64, topic: &Topic) -> String {
    line(random, &topic.subjects)
}

/// Invents the text of the requester.
pub(super) fn description(random: &mut SplitMix64, topic: &Topic) -> Document {
    let mut blocks = Vec::with_capacity(8);
    blocks.push(Block::Line(random.pick(&VOCABULARY.greetings).clone()));
    blocks.push(Block::Line(line(random, &topic.symptoms)));
    for _ in 0..random.below(4) {
        blocks.push(Block::Line(line(random, &VOCABULARY.asides)));
    }
    match random.below(12) {
        0 | 1 => blocks.push(Block::Table(facts(random))),
        2 | 3 => blocks.push(Block::List(
            (0..3).map(|_| line(random, &topic.symptoms)).collect(),
        )),
        4 => blocks.push(Block::Log(log(random))),
        _ => {}
    }
    let closing = random.pick(&VOCABULARY.closings).clone();
    let name = fill(random, "{person} Example");
    let phone = fill(random, "Tel. +49 30 {number}");
    blocks.push(Block::Signature(vec![closing, name, phone]));
    Document { blocks }
}

/// Invents the text of the technician.
pub(super) fn resolution(random: &mut SplitMix64, topic: &Topic) -> Document {
    let mut blocks = vec![Block::Line(line(random, &topic.remedies))];
    if random.once_in(3) {
        blocks.push(Block::List(
            (0..2).map(|_| line(random, &topic.remedies)).collect(),
        ));
    }
    blocks.push(Block::Line(line(random, &VOCABULARY.confirmations)));
    Document { blocks }
}

fn line(random: &mut SplitMix64, templates: &[String]) -> String {
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
            push_number(&mut filled, number);
        } else {
            let value: &String = random.pick(&VOCABULARY.slots[slot]);
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
        let common = [&VOCABULARY.asides, &VOCABULARY.confirmations];
        for topic in &VOCABULARY.topics {
            let templates = [&topic.subjects, &topic.symptoms, &topic.remedies];
            for template in templates.into_iter().chain(common).flatten() {
                let fill_with = |seed| fill(&mut SplitMix64::for_ticket(seed, 1, 1), template);
                assert!(!fill_with(1).contains(['{', '}']), "{template}");
                assert_eq!(fill_with(2), fill_with(2));
            }
        }
    }
}
