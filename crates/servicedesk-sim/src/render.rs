//! From a ticket to the JSON text of a row or a detail. Always made afresh: at a few microseconds a
//! ticket that is cheaper than the memory of keeping it.

mod cloud;
mod notes;
mod on_premises;
mod story;

use crate::directory::Directory;
use crate::edition::{Api, Edition, Rows};
use crate::json::push_text;
use crate::options::Options;
use crate::text::{Document, Images, Resolution, Style, TextSource};
use crate::ticket::{Ticket, id_of};

pub(crate) use notes::{note_detail, note_list};

/// The fields named in `fields_required`, of those that change a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct RequiredFields {
    pub(crate) description: bool,
    pub(crate) resolution: bool,
    pub(crate) resolved_time: bool,
    pub(crate) completed_time: bool,
    pub(crate) last_updated_time: bool,
    pub(crate) udf_fields: bool,
    pub(crate) tags: bool,
}

/// Makes JSON of tickets.
pub(crate) struct Renderer {
    edition: Edition,
    api: Api,
    rows: Rows,
    list_description: bool,
    on_premises_fields_required: bool,
    api_path: String,
    pub(crate) directory: Directory,
    pub(crate) texts: TextSource,
}

impl Renderer {
    /// A renderer for a desk with these options.
    ///
    /// # Errors
    /// When a corpus file cannot be read.
    pub(crate) fn open(options: &Options) -> anyhow::Result<Self> {
        let portal_path = options
            .portal
            .as_ref()
            .map(|portal| format!("/app/{portal}/api/v3"));
        Ok(Self {
            edition: options.edition,
            api: options.api,
            rows: options.rows,
            list_description: options.list_description,
            on_premises_fields_required: options.on_premises_fields_required,
            api_path: portal_path.unwrap_or_else(|| "/api/v3".into()),
            directory: Directory::new(options.edition),
            texts: TextSource::open(options.seed, &options.corpus)?,
        })
    }

    /// The edition of the desk.
    pub(crate) fn edition(&self) -> Edition {
        self.edition
    }

    /// Appends a list row.
    pub(crate) fn row(&self, out: &mut String, ticket: &Ticket, required: Option<RequiredFields>) {
        match (self.api, self.rows, self.edition, required) {
            (Api::Story, ..) => self.story_row(out, ticket),
            (Api::V3, Rows::Full, ..) => self.detail(out, ticket),
            (Api::V3, Rows::Thin, Edition::Cloud, None) => self.cloud_row(out, ticket),
            (Api::V3, Rows::Thin, Edition::Cloud, Some(required)) => {
                self.cloud_required_row(out, ticket, required);
            }
            (Api::V3, Rows::Thin, _, required) => {
                let honoured = required.filter(|_| self.on_premises_fields_required);
                self.on_premises_row(out, ticket, honoured.unwrap_or_default());
            }
        }
    }

    /// Appends the object that a detail answers.
    pub(crate) fn detail(&self, out: &mut String, ticket: &Ticket) {
        match self.edition {
            Edition::Cloud => self.cloud_detail(out, ticket),
            Edition::OnPremises | Edition::Msp => self.on_premises_detail(out, ticket),
        }
    }

    /// Appends the object of `/requests/{id}/resolutions`: all keys are there even where nobody resolved it.
    pub(crate) fn resolution_detail(&self, out: &mut String, ticket: &Ticket) {
        let html = self.resolution_html(ticket, &self.resolution(ticket));
        self.push_resolution_object(out, ticket, html.as_deref());
    }

    /// The resolution of a ticket: what an edit wrote, else what belongs to its status.
    pub(crate) fn resolution(&self, ticket: &Ticket) -> Resolution {
        match &ticket.edited_resolution {
            Some(text) => Resolution::Text(Document::from_plain(text), Style::Editor),
            None if matches!(ticket.status, crate::status::RESOLVED | crate::status::CLOSED) => {
                self.texts.resolution(ticket.number)
            }
            None => Resolution::Absent,
        }
    }

    /// The tags in the order shown.
    pub(crate) fn tags(&self, ticket: &Ticket) -> Vec<&'static str> {
        match ticket.number % 5 {
            3 => vec!["critical", "web-server"],
            4 => vec!["vpn"],
            _ => Vec::new(),
        }
    }

    /// Appends `,"tags":...` in one of the five ways that tags come, absent among them.
    fn push_tags(&self, out: &mut String, ticket: &Ticket) {
        match ticket.number % 5 {
            0 => {}
            1 => out.push_str(",\"tags\":null"),
            2 => out.push_str(",\"tags\":[]"),
            3 => out.push_str(",\"tags\":[\"critical\",\"web-server\"]"),
            _ => out.push_str(",\"tags\":[{\"name\":\"vpn\"}]"),
        }
    }

    fn description_html(&self, ticket: &Ticket) -> Option<String> {
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
        Some(
            self.texts
                .style(ticket.number, &document)
                .render(&document, Some(&images)),
        )
    }

    /// The content of a resolution, `None` for `null`. On premises some end in the rest of a CDATA section.
    fn resolution_html(&self, ticket: &Ticket, resolution: &Resolution) -> Option<String> {
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

    /// Appends a resolution with its author; without content, nobody and no time.
    fn push_resolution_object(&self, out: &mut String, ticket: &Ticket, html: Option<&str>) {
        out.push_str("{\"submitted_on\":");
        crate::calendar::push_optional_time(out, html.and(ticket.final_ms()));
        out.push_str(",\"submitted_by\":");
        out.push_str(if html.is_some() {
            self.technician_user(ticket)
        } else {
            "null"
        });
        out.push_str(",\"resolution_attachments\":[],\"content\":");
        crate::json::push_optional_text(out, html);
        out.push('}');
    }

    fn technician_user(&self, ticket: &Ticket) -> &str {
        &self.directory.technicians[usize::from(ticket.technician)].user_json
    }

    fn technician(&self, ticket: &Ticket) -> &str {
        &self.directory.technicians[usize::from(ticket.technician)]
            .named
            .json
    }

    fn requester(&self, ticket: &Ticket) -> &str {
        &self.directory.requesters[usize::from(ticket.requester)].json
    }

    fn group(&self, ticket: &Ticket) -> &str {
        ticket
            .group
            .map_or("null", |group| &self.directory.groups[usize::from(group)].json)
    }

    fn status(&self, ticket: &Ticket) -> &str {
        &self.directory.statuses[usize::from(ticket.status)].json
    }

    fn priority(&self, ticket: &Ticket) -> &str {
        &self.directory.priorities[usize::from(ticket.priority)].json
    }

    /// The name of the ticket's category.
    pub(crate) fn category_name(&self, ticket: &Ticket) -> &str {
        match self.texts.category(ticket.number) {
            Ok(name) => name,
            Err(index) => &self.directory.categories[usize::from(index)].name,
        }
    }

    fn push_category(&self, out: &mut String, ticket: &Ticket) {
        match self.texts.category(ticket.number) {
            Ok(name) => Directory::push_category(out, name),
            Err(index) => out.push_str(&self.directory.categories[usize::from(index)].json),
        }
    }

    fn push_subject(&self, out: &mut String, ticket: &Ticket) {
        match self.texts.subject(ticket.number) {
            Some(subject) => push_text(out, &subject),
            None => out.push_str("null"),
        }
    }
}
