//! Probes a server.

use chrono::{DateTime, TimeDelta, Utc};

use super::report::{DAYS, Probe, RowGives};
use crate::reading::list_url;
use crate::{Api, Client, Error, Filter, Result, Row, Window};

/// A year without resolved tickets: 1990, in milliseconds since the epoch.
const EMPTY_YEAR_MS: (i64, i64) = (631_152_000_000, 662_687_999_999);

impl Client {
    /// Checks everything that an import needs, in about seven calls.
    ///
    /// # Errors
    /// Those of a list call: an import cannot work without lists.
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
            filters_honoured: window.filter != Filter::Nothing && self.empty_year_is_empty(&window).await?,
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

    /// Returns a row of the window, if it has one.
    async fn sample(&self, window: &Window) -> Result<Option<Row>> {
        self.call("sample", list_url(self, window, 1, 1), |answer| {
            Ok(answer.requests.ok_or("no list of requests")?.into_iter().next())
        })
        .await
    }

    /// Returns whether the server lists no tickets for a year without tickets, so that it honours the range.
    async fn empty_year_is_empty(&self, window: &Window) -> Result<bool> {
        let (from_ms, to_ms) = EMPTY_YEAR_MS;
        let empty_year = Window {
            from_ms,
            to_ms,
            ..window.clone()
        };
        self.call("tickets of 1990", list_url(self, &empty_year, 1, 1), |answer| {
            Ok(answer.requests.as_ref().ok_or("no list of requests")?.is_empty())
        })
        .await
    }
}
