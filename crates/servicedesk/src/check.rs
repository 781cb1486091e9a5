//! Does it work, and what does this server do? For an operator who has just added a tenant.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{Api, Client, Error, Result, Row, Window, list};

/// What was found, in the order in which it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// One line each.
    pub findings: Vec<Finding>,
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
    /// Looks at what an import will need. `now` is the end of the 90 days that are counted.
    ///
    /// # Errors
    /// Those of a list call: then an import cannot work.
    pub async fn check(&self, now: DateTime<Utc>) -> Result<Check> {
        let windows = self.plan(now - TimeDelta::days(90), now).await?;
        let sample = self.sample(&windows).await?;
        let mut findings = vec![finding(true, "the address and the credentials work")];
        let totals: Option<u64> = windows.iter().map(|window| window.total).sum();
        findings.push(match totals {
            Some(total) => finding(
                true,
                format!("up to {total} tickets became final in the last 90 days"),
            ),
            None => finding(
                true,
                "the server does not count: progress has no percentage until the end is read",
            ),
        });
        findings.push(self.filters(&windows).await?);
        findings.extend(sample.map(|row| completeness(&row)));
        if self.settings().api == Api::V3 {
            findings.push(self.statuses().await?);
        }
        Ok(Check { findings })
    }

    async fn sample(&self, windows: &[Window]) -> Result<Option<Row>> {
        let Some(window) = windows.first() else {
            return Ok(None);
        };
        self.call("sample", list::url(self, window, 1, 1), |answer| {
            let requests = answer.requests.as_ref().ok_or("no list of requests")?;
            Ok(requests.first().map(|raw| Row::new(raw)))
        })
        .await
    }

    /// Asks for the tickets of a year in which there were none.
    async fn filters(&self, windows: &[Window]) -> Result<Finding> {
        let Some(window) = windows.first() else {
            return Ok(finding(true, "nothing to read"));
        };
        let nobody = Window {
            from_ms: 631_152_000_000,
            to_ms: 662_687_999_999,
            ..window.clone()
        };
        let rows = self
            .call("tickets of 1990", list::url(self, &nobody, 1, 1), |answer| {
                Ok(answer.requests.as_ref().ok_or("no list of requests")?.len())
            })
            .await?;
        Ok(match rows {
            0 => finding(true, "time filters are honoured"),
            _ => finding(
                false,
                "time filters are ignored: an import reads every ticket and picks those of its range, which is \
                 slower, not less complete",
            ),
        })
    }

    async fn statuses(&self) -> Result<Finding> {
        let statuses = self
            .call("statuses", self.address().api(&["statuses"]), |answer| {
                Ok(answer.statuses.clone().ok_or("no list of statuses")?)
            })
            .await;
        Ok(match statuses {
            Ok(statuses) => {
                let named = |status: &crate::wire::Status| status.name.clone().unwrap_or_default();
                let told = statuses.iter().filter(|status| status.in_progress == Some(false));
                let last: Vec<_> = told.map(named).collect();
                if last.is_empty() {
                    finding(
                        true,
                        "the server does not say which statuses are final: a resolved or completed time decides",
                    )
                } else {
                    finding(true, format!("final statuses: {}", last.join(", ")))
                }
            }
            Err(error @ (Error::Throttled { .. } | Error::Unavailable { .. })) => return Err(error),
            Err(error) => finding(
                false,
                format!(
                    "the statuses cannot be read ({error}): on cloud add the scope SDPOnDemand.setup.READ; until then \
                     each ticket's own status and times decide"
                ),
            ),
        })
    }
}

fn completeness(row: &Row) -> Finding {
    if row.is_thin() {
        finding(
            true,
            "list rows are thin: each new or changed ticket costs one detail call",
        )
    } else {
        finding(true, "list rows are complete: no detail calls needed")
    }
}

fn finding(good: bool, words: impl Into<String>) -> Finding {
    Finding {
        good,
        words: words.into(),
    }
}
