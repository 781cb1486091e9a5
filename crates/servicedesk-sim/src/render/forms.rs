//! The forms of a ticket's JSON, one template each, and the choice between them.

use std::sync::LazyLock;

use crate::edition::{Api, Edition, Rows};
use crate::population::ticket::Ticket;
use crate::render::renderer::Renderer;
use crate::render::required_fields::RequiredFields;
use crate::render::row::Row;
use crate::render::template::Template;

type Form = LazyLock<Template>;

/// The 15 default keys of a cloud row.
static CLOUD_ROW: Form = Form::new(|| Template::parse(include_str!("forms/cloud_row.txt")));
/// A cloud row with `fields_required`: another set of keys, plus the required ones.
static CLOUD_REQUIRED_ROW: Form = Form::new(|| Template::parse(include_str!("forms/cloud_required_row.txt")));
/// All keys of a ticket on cloud.
static CLOUD_DETAIL: Form = Form::new(|| Template::parse(include_str!("forms/cloud_detail.txt")));
/// The default keys on premises, plus the required fields on builds that honour them.
static ON_PREMISES_ROW: Form = Form::new(|| Template::parse(include_str!("forms/on_premises_row.txt")));
/// All keys on premises; times that were never set have none.
static ON_PREMISES_DETAIL: Form = Form::new(|| Template::parse(include_str!("forms/on_premises_detail.txt")));
/// The simplified form: texts as words, times as numbers, tags as objects.
static STORY_ROW: Form = Form::new(|| Template::parse(include_str!("forms/story_row.txt")));

impl Renderer {
    /// Appends a list row.
    pub(crate) fn row(&self, out: &mut String, ticket: &Ticket, required: Option<&RequiredFields>) {
        let form = match (self.api, self.rows, self.edition, required) {
            (Api::Story, ..) => &STORY_ROW,
            (Api::V3, Rows::Full, ..) => return self.detail(out, ticket),
            (Api::V3, Rows::Thin, Edition::Cloud, None) => &CLOUD_ROW,
            (Api::V3, Rows::Thin, Edition::Cloud, Some(_)) => &CLOUD_REQUIRED_ROW,
            (Api::V3, Rows::Thin, Edition::OnPremises | Edition::Msp, _) => &ON_PREMISES_ROW,
        };
        self.render(form, out, ticket, Some(self.honoured(required)));
    }

    /// Appends the object of a detail.
    pub(crate) fn detail(&self, out: &mut String, ticket: &Ticket) {
        let form = match self.edition {
            Edition::Cloud => &CLOUD_DETAIL,
            Edition::OnPremises | Edition::Msp => &ON_PREMISES_DETAIL,
        };
        self.render(form, out, ticket, None);
    }

    fn render(&self, form: &Template, out: &mut String, ticket: &Ticket, required: Option<RequiredFields>) {
        let row = Row {
            renderer: self,
            ticket,
            required,
        };
        form.render(&row, out);
    }

    /// Returns the required fields that lists of this desk honour.
    fn honoured(&self, required: Option<&RequiredFields>) -> RequiredFields {
        let mut fields = required.cloned().unwrap_or_default();
        match self.edition {
            Edition::Cloud if self.list_description => {}
            Edition::Cloud => fields
                .names
                .retain(|name| name != "description" && name != "tags"),
            _ if self.on_premises_fields_required => {}
            _ => fields.names.clear(),
        }
        fields
    }
}
