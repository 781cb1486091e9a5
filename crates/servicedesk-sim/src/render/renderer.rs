//! The renderer: what every form of a ticket needs from the desk.

use crate::calendar::push_optional_time;
use crate::edition::{Api, Edition, Rows};
use crate::json::push_optional_text;
use crate::population::directory::Directory;
use crate::population::status::{CLOSED, RESOLVED};
use crate::population::ticket::{Ticket, id_of};
use crate::text::{Document, Images, Resolution, Style, TicketTexts};

/// Renders tickets as JSON.
pub(crate) struct Renderer {
    pub(crate) edition: Edition,
    pub(crate) api: Api,
    pub(crate) rows: Rows,
    pub(crate) list_description: bool,
    pub(crate) on_premises_fields_required: bool,
    /// The path before `/requests`.
    pub(crate) api_path: String,
    pub(crate) directory: Directory,
    pub(crate) texts: TicketTexts,
}

impl Renderer {
    /// Returns a renderer for tests.
    #[cfg(test)]
    pub(crate) fn sample(edition: Edition) -> Self {
        Self {
            edition,
            api: Api::V3,
            rows: Rows::Thin,
            list_description: false,
            on_premises_fields_required: false,
            api_path: "/api/v3".into(),
            directory: Directory::new(edition),
            texts: TicketTexts::open(1, &[]).expect("no corpus to read"),
        }
    }

    /// Appends the object of `/requests/{id}/resolutions`, which has all keys even without a resolution.
    pub(crate) fn resolution_detail(&self, out: &mut String, ticket: &Ticket) {
        let html = self.resolution_html(ticket, &self.resolution(ticket));
        self.push_resolution_object(out, ticket, html.as_deref());
    }

    /// Returns the resolution of a ticket: the text of an edit, else the text that fits its status.
    pub(crate) fn resolution(&self, ticket: &Ticket) -> Resolution {
        match &ticket.edited_resolution {
            Some(text) => Resolution::Text(Document::from_plain(text), Style::Editor),
            None if matches!(ticket.status, RESOLVED | CLOSED) => self.texts.resolution(ticket.number),
            None => Resolution::Absent,
        }
    }

    /// Returns the tags in the order shown.
    pub(crate) fn tags(&self, ticket: &Ticket) -> &'static [&'static str] {
        match ticket.number % 5 {
            3 => &["critical", "web-server"],
            4 => &["vpn"],
            _ => &[],
        }
    }

    pub(super) fn description_html(&self, ticket: &Ticket) -> Option<String> {
        let document = self.texts.description(ticket.number)?;
        if document.blocks.is_empty() {
            return Some(String::new());
        }
        let id = id_of(self.edition, ticket.number);
        let images = match self.edition {
            Edition::Cloud => Images::Cloud {
                api_path: &self.api_path,
                id,
            },
            Edition::OnPremises | Edition::Msp => Images::OnPremises { id },
        };
        let style = self.texts.style(ticket.number, &document);
        Some(style.render(&document, Some(&images)))
    }

    /// Returns the content of a resolution. On premises some end in the rest of a CDATA section.
    pub(super) fn resolution_html(&self, ticket: &Ticket, resolution: &Resolution) -> Option<String> {
        match resolution {
            Resolution::Absent | Resolution::NoContent => None,
            Resolution::EmptyMarkup => Some("<div><br></div>".into()),
            Resolution::Text(document, style) => {
                let mut html = style.render(document, None);
                if self.edition != Edition::Cloud
                    && *style == Style::Editor
                    && ticket.number.is_multiple_of(4)
                {
                    html.push_str("<br>]]>");
                }
                Some(html)
            }
        }
    }

    /// Appends a resolution with author and time; both are null without content.
    pub(super) fn push_resolution_object(&self, out: &mut String, ticket: &Ticket, html: Option<&str>) {
        out.push_str("{\"submitted_on\":");
        push_optional_time(out, html.and(ticket.final_ms()));
        out.push_str(",\"submitted_by\":");
        out.push_str(html.map_or("null", |_| self.technician_user(ticket)));
        out.push_str(",\"resolution_attachments\":[],\"content\":");
        push_optional_text(out, html);
        out.push('}');
    }

    pub(super) fn technician_user(&self, ticket: &Ticket) -> &str {
        &self.directory.technicians[usize::from(ticket.technician)].user_json
    }

    pub(super) fn technician(&self, ticket: &Ticket) -> &str {
        &self.directory.technicians[usize::from(ticket.technician)]
            .named
            .json
    }

    pub(super) fn requester(&self, ticket: &Ticket) -> &str {
        &self.directory.requesters[usize::from(ticket.requester)].json
    }

    pub(super) fn group(&self, ticket: &Ticket) -> &str {
        ticket
            .group
            .map_or("null", |group| &self.directory.groups[usize::from(group)].json)
    }

    pub(super) fn status(&self, ticket: &Ticket) -> &str {
        &self.directory.statuses[usize::from(ticket.status)].json
    }

    pub(super) fn priority(&self, ticket: &Ticket) -> &str {
        &self.directory.priorities[usize::from(ticket.priority)].json
    }

    /// Returns the name of the ticket's category.
    pub(crate) fn category_name(&self, ticket: &Ticket) -> &str {
        match self.texts.category(ticket.number) {
            Ok(name) => name,
            Err(index) => &self.directory.categories[usize::from(index)].name,
        }
    }

    pub(super) fn push_category(&self, out: &mut String, ticket: &Ticket) {
        match self.texts.category(ticket.number) {
            Ok(name) => Directory::push_category(out, name),
            Err(index) => out.push_str(&self.directory.categories[usize::from(index)].json),
        }
    }
}
