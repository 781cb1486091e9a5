//! Rows and details of the editions on premises and for service providers (MSP).

use super::{Renderer, RequiredFields};
use crate::calendar::{push_optional_time, push_time};
use crate::edition::Edition;
use crate::json::{push_bool, push_number, push_optional_text, push_text};
use crate::ticket::{Life, Ticket, id_of};

/// Characters of a `short_description`.
const SHORT_DESCRIPTION_CHARS: usize = 80;

impl Renderer {
    /// Appends the default keys of a list row, plus the required fields on builds that honour them.
    pub(super) fn on_premises_row(&self, out: &mut String, ticket: &Ticket, required: RequiredFields) {
        out.push_str("{\"requester\":");
        out.push_str(self.requester(ticket));
        out.push_str(",\"short_description\":");
        let words = self
            .texts
            .description(ticket.number)
            .map(|document| document.words())
            .unwrap_or_default();
        push_text(
            out,
            &words.chars().take(SHORT_DESCRIPTION_CHARS).collect::<String>(),
        );
        out.push_str(
            "\
            ,\"time_elapsed\":null,\"response_time_elapsed\":null,\"site\":{\"name\":\"Base Site\",\
            \"id\":\"301\"}",
        );
        self.push_on_premises_core(out, ticket);
        if required.description {
            out.push_str(",\"description\":");
            push_optional_text(out, self.description_html(ticket).as_deref());
        }
        if required.resolution {
            out.push_str(",\"resolution\":");
            self.push_on_premises_resolution(out, ticket);
        }
        if required.udf_fields {
            out.push_str(",\"udf_fields\":");
            self.push_on_premises_udf_fields(out, ticket);
        }
        if required.tags {
            self.push_tags(out, ticket);
        }
        if required.last_updated_time {
            out.push_str(",\"last_updated_time\":");
            push_optional_time(out, ticket.updated_ms);
        }
        self.push_final_times(out, ticket, required.resolved_time, required.completed_time);
        if self.edition == Edition::Msp {
            out.push_str(
                ",\"accountcontract\":null,\"product\":null,\"subaccount\":null,\"is_billable\":false",
            );
            push_account(out);
        }
        out.push('}');
    }

    /// Appends all keys; times that were never set have none.
    pub(super) fn on_premises_detail(&self, out: &mut String, ticket: &Ticket) {
        out.push_str("{\"ola_due_by_time\":null,\"resolution\":");
        self.push_on_premises_resolution(out, ticket);
        out.push_str(
            "\
            ,\"linked_to_request\":null,\"onhold_time\":null,\"mode\":{\"name\":\"E-Mail\",\
            \"id\":\"1\"},\"is_read\":true,\"lifecycle\":null,\"reason_for_cancel\":null,\"assets\":[],\
            \"is_trashed\":",
        );
        push_bool(out, matches!(ticket.life, Life::Trashed { .. }));
        out.push_str(",\"assigned_time\":");
        push_time(out, ticket.created_ms + 208);
        out.push_str(",\"requester\":");
        out.push_str(self.requester(ticket));
        out.push_str(
            "\
            ,\"cancel_requested_by\":null,\"email_to\":[],\"sla_violated_technician\":null,\
            \"item\":null,\"level\":null,\"has_resolution_attachments\":false,\"approval_status\":null,\
            \"impact\":null,\"service_category\":null,\"sla\":null,\"sla_violated_group\":null,\
            \"scheduled_end_time\":null,\"first_response_due_by_time\":null,\"last_updated_time\":",
        );
        push_optional_time(out, ticket.updated_ms);
        out.push_str(",\"has_notes\":");
        push_bool(out, ticket.has_note());
        out.push_str(",\"udf_fields\":");
        self.push_on_premises_udf_fields(out, ticket);
        out.push_str(
            "\
            ,\"impact_details\":null,\"subcategory\":null,\"email_cc\":[],\"scheduled_start_time\":null,\
            \"email_ids_to_notify\":[],\"primary_asset\":null,\"request_type\":{\"name\":\"Incident\",\
            \"id\":\"1\"},\"cancel_requested_time\":null,\"notification_status\":null,\"description\":",
        );
        push_optional_text(out, self.description_html(ticket).as_deref());
        out.push_str(
            "\
            ,\"has_dependency\":false,\"has_conversation\":false,\"callback_url\":null,\"chat_type\":0,\
            \"urgency\":null,\"is_shared\":false,\"has_request_initiated_change\":false,\
            \"request_template_task_ids\":[],\"department\":null,\"is_reopened\":",
        );
        push_bool(out, ticket.reopened);
        out.push_str(
            "\
            ,\"has_draft\":false,\"has_attachments\":false,\"has_linked_requests\":false,\
            \"has_request_caused_by_change\":false,\"has_problem\":false,\"has_project\":false,\
            \"site\":null,\"is_first_response_overdue\":false,\"recommend_template\":null,\
            \"unreplied_count\":null,\"category\":",
        );
        self.push_category(out, ticket);
        self.push_tags(out, ticket);
        self.push_on_premises_core(out, ticket);
        self.push_final_times(out, ticket, true, true);
        if let Life::Trashed { at_ms } = ticket.life {
            out.push_str(",\"deleted_by\":");
            out.push_str(self.technician_user(ticket));
            out.push_str(",\"deleted_on\":");
            push_time(out, at_ms);
        }
        if self.edition == Edition::Msp {
            push_account(out);
        }
        out.push('}');
    }

    /// Appends the keys that rows and details share.
    fn push_on_premises_core(&self, out: &mut String, ticket: &Ticket) {
        out.push_str(
            "\
            ,\"template\":{\"is_service_template\":false,\"service_category\":null,\
            \"name\":\"Default Request\",\"id\":\"1\"},\"created_time\":",
        );
        push_time(out, ticket.created_ms);
        out.push_str(",\"subject\":");
        self.push_subject(out, ticket);
        out.push_str(",\"is_overdue\":false,\"technician\":");
        out.push_str(self.technician(ticket));
        out.push_str(",\"priority\":");
        out.push_str(self.priority(ticket));
        out.push_str(",\"created_by\":");
        out.push_str(self.technician_user(ticket));
        out.push_str(",\"due_by_time\":");
        push_time(out, ticket.due_ms());
        out.push_str(",\"is_service_request\":");
        push_bool(out, ticket.service_request);
        out.push_str(",\"cancel_requested_is_pending\":false,\"cancel_requested\":false,\"id\":\"");
        push_number(out, id_of(self.edition, ticket.number) as i64);
        out.push_str("\",\"status\":");
        out.push_str(self.status(ticket));
        out.push_str(",\"group\":");
        out.push_str(self.group(ticket));
    }

    /// Appends the times that are set; the keys of the others are missing.
    fn push_final_times(&self, out: &mut String, ticket: &Ticket, resolved: bool, completed: bool) {
        if let Some(resolved_ms) = ticket.resolved_ms.filter(|_| resolved) {
            out.push_str(",\"resolved_time\":");
            push_time(out, resolved_ms);
        }
        if let Some(completed_ms) = ticket.completed_ms.filter(|_| completed) {
            out.push_str(",\"completed_time\":");
            push_time(out, completed_ms);
        }
    }

    /// Never `null` on premises, but without author and time while there is no content.
    fn push_on_premises_resolution(&self, out: &mut String, ticket: &Ticket) {
        match self.resolution_html(ticket, &self.resolution(ticket)) {
            Some(html) => self.push_resolution_object(out, ticket, Some(&html)),
            None => out.push_str("{\"resolution_attachments\":[],\"content\":null}"),
        }
    }

    fn push_on_premises_udf_fields(&self, out: &mut String, ticket: &Ticket) {
        out.push_str(match ticket.number % 3 {
            0 => "{}",
            1 => "{\"udf_sline_301\":\"B7\",\"udf_long1\":null}",
            _ => {
                "\
                {\"udf_sline_301\":\"B7\",\"udf_long1\":17,\"udf_pick_302\":{\"name\":\"Yes\",\
                \"id\":\"12\"}}"
            }
        });
    }
}

fn push_account(out: &mut String) {
    out.push_str(
        "\
        ,\"account\":{\"name\":\"Customer A GmbH\",\"id\":\"901\",\"ciid\":\"4401\",\"country\":\"DE\",\
        \"timezone\":\"Europe/Berlin\",\"inactive\":false}",
    );
}
