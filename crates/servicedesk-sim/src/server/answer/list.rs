//! Answers `GET /requests`.

use serde_json::{Map, Value, json};

use crate::desk::Desk;
use crate::edition::{Api, Edition};
use crate::exchange::call::Call;
use crate::exchange::log::Visit;
use crate::exchange::reply::Reply;
use crate::hook::Page;
use crate::query::list_info::{self, ListQuery};
use crate::query::selection::SelectionSource;
use crate::query::story;

/// Capacity for a full row, in bytes.
const ROW_BYTES: usize = 5_120;

impl Desk {
    pub(super) fn list(&self, call: &Call, visit: &mut Visit<'_>) -> Reply {
        let input = match self.input(call) {
            Ok(input) => input,
            Err(reply) => return reply,
        };
        let query = match self.options.api {
            Api::V3 => list_info::parse(input.as_deref(), self.options.edition),
            Api::Story => story::parse(call.parameter("list_info"), input.as_deref()),
        };
        let query = match query {
            Ok(query) => query,
            Err(bad) => return Reply::bad_query(&bad),
        };
        visit.record(|entry| {
            entry.start_index = Some(query.start_index);
            entry.row_count = Some(query.row_count);
        });
        let (body, rows) = self.page(call, &query);
        visit.record(|entry| entry.rows = Some(rows));
        Reply::json(200, body)
    }

    /// Returns `input_data` after the hooks changed it.
    fn input(&self, call: &Call) -> Result<Option<String>, Reply> {
        let given = call.parameter("input_data");
        let parsed = given.and_then(|text| serde_json::from_str::<Value>(text).ok());
        let Some(mut input) = parsed.filter(|_| !self.options.quirks.is_empty()) else {
            return Ok(given.map(str::to_owned));
        };
        if let Some(Value::Object(info)) = input.get_mut("list_info") {
            for hook in self.hooks() {
                hook.on_input(info)?;
            }
        }
        Ok(Some(input.to_string()))
    }

    /// Renders the answer, and returns the number of its rows too.
    fn page(&self, call: &Call, query: &ListQuery) -> (String, usize) {
        let tickets = self.tickets.read();
        let source = SelectionSource {
            tickets: &tickets,
            renderer: &self.renderer,
            seed: self.options.seed,
            duplicate_every: self.options.duplicate_every,
        };
        let selection = self.selections.select(&source, query);
        let length = selection.numbers.len();
        let start = usize::try_from(query.start_index - 1)
            .unwrap_or(usize::MAX)
            .min(length);
        let end = start.saturating_add(query.row_count as usize).min(length);
        let mut page = Page {
            numbers: selection.numbers[start..end].to_vec(),
            has_more_rows: Some(end < length),
        };
        let hooks = self.hooks();
        hooks.iter().for_each(|hook| hook.on_list(call, &mut page));
        let info = self.list_info(query, &page, selection.total);
        let mut body = String::with_capacity((1 + page.numbers.len()) * ROW_BYTES);
        body.push_str("{\"response_status\":[{\"status_code\":2000,\"status\":\"success\"}],\"list_info\":");
        body.push_str(&Value::Object(info).to_string());
        body.push_str(",\"requests\":[");
        for (at, number) in page.numbers.iter().enumerate() {
            if at > 0 {
                body.push(',');
            }
            let ticket = &tickets.all[*number as usize];
            let mut row = String::with_capacity(ROW_BYTES);
            self.renderer.row(&mut row, ticket, query.required.as_ref());
            self.spoil(ticket, &mut row);
            body.push_str(&row);
        }
        body.push_str("]}");
        (body, page.numbers.len())
    }

    fn list_info(&self, query: &ListQuery, page: &Page, total: usize) -> Map<String, Value> {
        let mut info = query.echo.clone();
        info.insert("start_index".into(), json!(query.start_index));
        let rows = page.numbers.len() as u64;
        // The story's clients add the row count to the start, so they get the one that they requested.
        let row_count = if self.options.api == Api::Story {
            query.row_count
        } else {
            rows
        };
        info.insert("row_count".into(), json!(row_count));
        let past_the_end = rows == 0 && self.options.edition == Edition::Cloud && self.options.api == Api::V3;
        if let Some(has_more_rows) = page.has_more_rows.filter(|_| !past_the_end) {
            info.insert("has_more_rows".into(), json!(has_more_rows));
        }
        if query.total_count {
            info.insert("total_count".into(), json!(total));
        }
        info
    }
}
