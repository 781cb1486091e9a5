//! What does this server do? Builds differ in what they give, honour and permit, and most say nothing of it.
//!
//! Asked on first contact, kept by the caller, shown to an operator. An import trusts none of it but the
//! words for statuses: every row is judged by itself, so a server that changes costs time, never tickets.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::statuses::Statuses;
use crate::wire::Text;
use crate::{Api, Client, Dialect, Error, Filter, Result, Row, Sort, Window, list};

/// A year in which no ticket was resolved: 1990, in milliseconds since the epoch.
const NOBODYS_YEAR_MS: (i64, i64) = (631_152_000_000, 662_687_999_999);

/// Days whose tickets are counted.
const DAYS: i64 = 90;

/// What was learned of a server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe {
    /// When, in milliseconds since the epoch.
    pub at_ms: i64,
    /// Tickets that became final in the last 90 days, as far as the server counts.
    pub total: Option<u64>,
    /// How lists are asked for.
    pub dialect: Dialect,
    /// Whether a range of time selects tickets.
    pub filters_honoured: bool,
    /// Whether one list can select by both times.
    pub one_list_for_both_times: bool,
    /// What a row tells; `None` where there was no ticket to look at.
    pub row: Option<RowGives>,
    /// Whether the detail of a ticket can be read, with the server's reason if not.
    pub detail_refused: Option<String>,
    /// Which statuses are final, if the server tells.
    pub statuses: Option<Statuses>,
    /// Why the statuses cannot be read, if so.
    pub statuses_refused: Option<String>,
}

/// Which fields a list row holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowGives {
    /// The description's text.
    pub description: bool,
    /// The resolution's text.
    pub resolution: bool,
    /// When it was resolved or completed.
    pub times: bool,
    /// When it last changed: then unchanged tickets cost no call.
    pub last_update: bool,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Whether it is as it should be; an import works in any case.
    pub good: bool,
    /// In words an operator understands.
    pub words: String,
}

impl Client {
    /// Looks at what an import will need; about seven calls.
    ///
    /// # Errors
    /// Those of a list call: then an import cannot work.
    pub async fn probe(&self, now: DateTime<Utc>) -> Result<Probe> {
        let windows = self.plan(now - TimeDelta::days(DAYS), now, now).await?;
        let window = windows.first().cloned().ok_or_else(|| {
            Error::Refused("the server counts no tickets in the range, and some in its parts".to_owned())
        })?;
        let sample = self.sample(&window).await?;
        let mut probe = Probe {
            at_ms: now.timestamp_millis(),
            total: windows.iter().map(|window| window.total).sum(),
            dialect: window.dialect,
            filters_honoured: window.filter != Filter::Nothing && self.nobodys_year_is_empty(&window).await?,
            one_list_for_both_times: !windows
                .iter()
                .any(|window| matches!(window.filter, Filter::Completed | Filter::Nothing)),
            row: sample.as_ref().and_then(RowGives::of),
            detail_refused: None,
            statuses: None,
            statuses_refused: None,
        };
        if self.settings().api == Api::Story {
            return Ok(probe);
        }
        if let Some(id) = sample.filter(Row::is_thin).and_then(|row| row.id()) {
            probe.detail_refused = match self.detail(&id).await {
                Err(error @ (Error::Throttled { .. } | Error::Reauthorise(_))) => return Err(error),
                detail => detail.err().map(|error| error.to_string()),
            };
        }
        match self.statuses().await? {
            Ok(statuses) => probe.statuses = Some(statuses),
            Err(error) => probe.statuses_refused = Some(error.to_string()),
        }
        Ok(probe)
    }

    async fn sample(&self, window: &Window) -> Result<Option<Row>> {
        self.call("sample", list::url(self, window, 1, 1), |answer| {
            Ok(answer.requests.ok_or("no list of requests")?.into_iter().next())
        })
        .await
    }

    async fn nobodys_year_is_empty(&self, window: &Window) -> Result<bool> {
        let (from_ms, to_ms) = NOBODYS_YEAR_MS;
        let nobody = Window {
            from_ms,
            to_ms,
            ..window.clone()
        };
        self.call("tickets of 1990", list::url(self, &nobody, 1, 1), |answer| {
            Ok(answer.requests.as_ref().ok_or("no list of requests")?.is_empty())
        })
        .await
    }
}

impl RowGives {
    fn of(row: &Row) -> Option<Self> {
        let request = row.request.as_ref().ok()?;
        Some(Self {
            description: request.description != Text::Absent,
            resolution: request.resolution != Text::Absent,
            times: !(request.resolved_time.is_absent() && request.completed_time.is_absent()),
            last_update: row.source_time().is_some(),
        })
    }

    fn is_whole(&self) -> bool {
        self.description && self.resolution && self.times
    }
}

impl Probe {
    /// What was learned, one line each, in words an operator understands.
    pub fn findings(&self) -> Vec<Finding> {
        let mut findings = vec![good("the address and the credentials work")];
        findings.push(match self.total {
            Some(total) => good(format!(
                "up to {total} tickets became final in the last {DAYS} days"
            )),
            None => good("the server does not count: progress has no percentage until the end is read"),
        });
        findings.push(if self.filters_honoured {
            good("time filters are honoured")
        } else {
            bad("time filters are ignored: an import reads every ticket and keeps those of its range, which is \
                 slower, not less complete")
        });
        if self.filters_honoured && !self.one_list_for_both_times {
            findings.push(good(
                "resolved and completed times cannot be asked for together: they are read one after the other",
            ));
        }
        if self.dialect.sort != Sort::Id {
            findings.push(bad(
                "lists cannot be sorted by id: tickets that change meanwhile may make an import read a list again",
            ));
        }
        findings.extend(self.row.map(|row| row_finding(&row)));
        findings.extend(self.detail_refused.as_ref().map(|reason| {
            bad(format!(
                "a ticket's detail cannot be read ({reason}): give the key's technician the right to view requests of \
                 all sites and groups"
            ))
        }));
        findings.extend(self.statuses_finding());
        findings
    }

    fn statuses_finding(&self) -> Option<Finding> {
        if let Some(reason) = &self.statuses_refused {
            return Some(bad(format!(
                "the statuses cannot be read ({reason}): on cloud add the scope SDPOnDemand.setup.READ; until then each \
                 ticket's own status and times decide"
            )));
        }
        let statuses = self.statuses.as_ref()?;
        Some(if statuses.last.is_empty() {
            good("the server does not say which statuses are final: a resolved or completed time decides")
        } else {
            good(format!("final statuses: {}", statuses.last.join(", ")))
        })
    }
}

fn row_finding(row: &RowGives) -> Finding {
    if row.is_whole() {
        return good("list rows are complete: no detail calls needed");
    }
    let missing: Vec<_> = [
        (row.description, "description"),
        (row.resolution, "resolution"),
        (row.times, "times"),
    ]
    .into_iter()
    .filter_map(|(given, name)| (!given).then_some(name))
    .collect();
    let missing = missing.join(", ");
    good(if row.last_update {
        format!("list rows lack {missing}: each new or changed ticket costs one detail call")
    } else {
        format!(
            "list rows lack {missing} and the time of the last update: each ticket costs one detail call, every time"
        )
    })
}

fn good(words: impl Into<String>) -> Finding {
    Finding {
        good: true,
        words: words.into(),
    }
}

fn bad(words: impl Into<String>) -> Finding {
    Finding {
        good: false,
        words: words.into(),
    }
}
