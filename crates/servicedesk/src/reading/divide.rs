//! Divides a window that is too long to page, as far as the server's counts can be trusted.
//!
//! Parts that do not add up to the whole would miss tickets; some builds count 0 for any short range. Parts
//! as large as the whole mean that the server ignores the range. In both cases the window stays one list,
//! and the walk divides it if its pages get too deep. The number of counts is bounded: a server that claims
//! millions in every part would otherwise cost hours.

use tracing::{debug, info};

use super::window::Window;
use crate::{Client, Result};

/// Maximum tickets in a window that can be divided. A healthy server pages up to here without trouble.
pub(super) const WINDOW_ROWS: u64 = 10_000;

/// Maximum parts of one division.
const MOST_PARTS: u64 = 100;

/// Maximum counts of parts for one plan; a helpdesk with five million tickets takes 800.
const MOST_COUNTS: usize = 1_000;

/// Share of the tickets that the parts may lack, one in a thousand: a list changes during the count.
const SLACK_SHARE: u64 = 1_000;

/// Tickets that the parts of a small list may lack.
const SLACK: u64 = 5;

impl Client {
    /// Divides windows until none holds too many tickets.
    pub(super) async fn divided(&self, windows: Vec<Window>) -> Result<Vec<Window>> {
        let mut pending: Vec<Window> = windows.into_iter().rev().collect();
        let mut divided = Vec::new();
        let mut counts = 0;
        while let Some(window) = pending.pop() {
            let total = window.total.unwrap_or(0);
            if total <= WINDOW_ROWS || counts >= MOST_COUNTS {
                divided.push(window);
                continue;
            }
            let parts = window.split(total.div_ceil(WINDOW_ROWS * 4 / 5).min(MOST_PARTS));
            if counts + parts.len() > MOST_COUNTS {
                info!("counted {counts} parts; reading the rest in longer lists");
                counts = MOST_COUNTS;
                divided.push(window);
                continue;
            }
            counts += parts.len();
            match self.counted_parts(&window, total, parts).await? {
                Some(parts) => pending.extend(parts.into_iter().rev()),
                None => divided.push(window),
            }
        }
        Ok(divided)
    }

    /// Returns the parts that hold tickets; `None` if the counts do not support the division.
    async fn counted_parts(
        &self,
        whole: &Window,
        total: u64,
        parts: Vec<Window>,
    ) -> Result<Option<Vec<Window>>> {
        if parts.len() < 2 {
            return Ok(None);
        }
        let mut counted = Vec::new();
        let mut sum = 0;
        for part in parts {
            let Some(count) = self.count(&part).await?.filter(|count| *count < total) else {
                debug!(
                    total,
                    "the server ignores the range, or all tickets are in one part"
                );
                return Ok(None);
            };
            sum += count;
            counted.push(Window {
                total: Some(count),
                ..part
            });
        }
        // The whole may have shrunk during the count.
        let total = match sum < total {
            true => self.count(whole).await?.unwrap_or(total).min(total),
            false => total,
        };
        if !adds_up(sum, total) {
            info!(
                total,
                sum, "the server's counts of parts do not add up to {total}; reading the whole as one list"
            );
            return Ok(None);
        }
        counted.retain(|part| part.total != Some(0));
        Ok(Some(counted))
    }
}

/// Returns whether parts add up to the whole. A ticket with two times may count in two parts.
fn adds_up(sum: u64, total: u64) -> bool {
    let slack = SLACK.max(total / SLACK_SHARE);
    (total..=total.saturating_mul(2)).contains(&sum) || sum.abs_diff(total) <= slack
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_add_up_to_the_whole_or_count_tickets_twice() {
        for (sum, total, expected) in [
            (20_000, 20_000, true),
            (19_981, 20_000, true),
            (19_979, 20_000, false),
            (0, 20_000, false),
            (39_000, 20_000, true),
            (41_000, 20_000, false),
            (0, 4, true),
        ] {
            assert_eq!(adds_up(sum, total), expected, "{sum} of {total}");
        }
    }
}
