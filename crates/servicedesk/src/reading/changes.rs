//! The windows of a sync.

use chrono::{DateTime, Utc};

use super::window::{Filter, Window};
use crate::{Api, Client, Result};

impl Client {
    /// Returns the windows of all tickets that changed since an instant, whatever their status, and of those that
    /// were created since and never changed.
    ///
    /// For a server that refuses such filters the window holds all tickets. For the story form, which knows no
    /// other time, it holds those that became final since.
    ///
    /// # Errors
    /// Those of any call.
    pub async fn changes(&self, since: DateTime<Utc>, now: DateTime<Utc>) -> Result<Vec<Window>> {
        let mut window = Window::anything(now);
        window.from_ms = since.timestamp_millis();
        if self.settings().api == Api::Story {
            window.filter = Filter::Story;
            return Ok(vec![window]);
        }
        window.filter = Filter::Changed;
        let changed = self.first_count(window).await?;
        let created = match changed.filter {
            Filter::Nothing => None,
            _ => self.counted(changed.over(Filter::Created)).await?,
        };
        let Some(created) = created else {
            return Ok(vec![Window {
                dialect: changed.dialect,
                ..Window::anything(now)
            }]);
        };
        let mut windows = Vec::new();
        if changed.total == Some(0) {
            // A quiet day, or a server without times of change. Such a server still has times of resolution.
            windows = self.plan(since, now, now).await?;
        }
        let filled = [changed, created]
            .into_iter()
            .filter(|window| window.total != Some(0));
        windows.extend(self.divided(filled.collect()).await?);
        Ok(windows)
    }
}
