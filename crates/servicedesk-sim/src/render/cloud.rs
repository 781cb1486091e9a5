//! Rows and details of ServiceDesk Plus Cloud.

use super::{Renderer, RequiredFields};
use crate::calendar::{push_optional_time, push_time};
use crate::edition::Edition;
use crate::json::{push_bool, push_number, push_optional_text};
use crate::status::CLOSED;
use crate::ticket::{Life, Ticket, display_id_of, id_of};

impl Renderer {
    /// Appends the 15 keys that a list row has by default.
    pub(super) fn cloud_row(&self, out: &mut String, ticket: &Ticket) {
        out.push_str("{\"requester\":");
        out.push_str(self.requester(ticket));
        out.push_str(
            ",\"template\":{\"name\":\"Default Request\",\"id\":\"701100000000006655\"},\"created_time\":",
        );
        push_time(out, ticket.created_ms);
        out.push_str(",\"has_draft\":false,\"cancel_flag_comments\":null,\"subject\":");
        self.push_subject(out, ticket);
        out.push_str(",\"technician\":");
        out.push_str(self.technician(ticket));
        out.push_str(",\"due_by_time\":null,\"is_service_request\":");
        push_bool(out, ticket.service_request);
        out.push_str(",\"cancellation_requested\":false,\"has_notes\":");
        push_bool(out, ticket.has_note());
        self.push_cloud_identity(out, ticket);
        out.push('}');
    }

    /// Appends a row as `fields_required` makes it: another set of keys, plus what was asked for.
    pub(super) fn cloud_required_row(&self, out: &mut String, ticket: &Ticket, required: RequiredFields) {
        out.push_str("{\"subject\":");
        self.push_subject(out, ticket);
        if required.resolution {
            out.push_str(",\"resolution\":");
            self.push_cloud_list_resolution(out, ticket);
        }
        out.push_str(",\"mode\":{\"name\":\"E-Mail\",\"id\":\"701100000000006665\"},\"assigned_time\":");
        push_time(out, ticket.created_ms + 60_000);
        out.push_str(",\"requester\":");
        out.push_str(self.requester(ticket));
        out.push_str(",\"created_time\":");
        push_time(out, ticket.created_ms);
        out.push_str(
            "\
            ,\"item\":null,\"level\":{\"name\":\"Tier 1\",\"id\":\"701100000000006671\"},\
            \"service_category\":null,\"impact\":null,\"priority\":",
        );
        out.push_str(self.priority(ticket));
        let times = [
            (required.resolved_time, ",\"resolved_time\":", ticket.resolved_ms),
            (
                required.completed_time,
                ",\"completed_time\":",
                ticket.completed_ms,
            ),
            (
                required.last_updated_time,
                ",\"last_updated_time\":",
                ticket.updated_ms,
            ),
        ];
        for (_, key, time_ms) in times.into_iter().filter(|(wanted, ..)| *wanted) {
            out.push_str(key);
            push_optional_time(out, time_ms);
        }
        if required.udf_fields {
            out.push_str(",\"udf_fields\":");
            self.push_cloud_udf_fields(out, ticket);
        }
        if required.description && self.list_description {
            out.push_str(",\"description\":");
            push_optional_text(out, self.description_html(ticket).as_deref());
        }
        if required.tags && self.list_description {
            self.push_tags(out, ticket);
        }
        out.push_str(
            "\
            ,\"subcategory\":null,\"request_type\":{\"name\":\"Incident\",\
            \"id\":\"701100000000008391\"},\"time_elapsed\":\"",
        );
        push_number(
            out,
            ticket
                .final_ms()
                .map_or(0, |final_ms| final_ms - ticket.created_ms),
        );
        out.push_str(
            "\
            \",\"responded_time\":null,\"urgency\":null,\"department\":null,\"is_overdue\":false,\
            \"technician\":",
        );
        out.push_str(self.technician(ticket));
        out.push_str(",\"due_by_time\":null,\"site\":null,\"is_first_response_overdue\":false,\"category\":");
        self.push_category(out, ticket);
        self.push_cloud_identity(out, ticket);
        out.push('}');
    }

    /// Appends all keys.
    pub(super) fn cloud_detail(&self, out: &mut String, ticket: &Ticket) {
        let resolution = self.resolution(ticket);
        out.push_str("{\"subject\":");
        self.push_subject(out, ticket);
        out.push_str(",\"resolution\":");
        match resolution {
            crate::text::Resolution::Absent => out.push_str("null"),
            given => {
                let html = self.resolution_html(ticket, &given);
                self.push_resolution_object(out, ticket, html.as_deref());
            }
        }
        out.push_str(
            "\
            ,\"linked_to_request\":null,\"mode\":{\"name\":\"E-Mail\",\"id\":\"701100000000006665\"},\
            \"lifecycle\":null,\"is_read\":false,\"cancellation_requested\":false,\
            \"assigned_time\":null,\"requester\":",
        );
        out.push_str(self.requester(ticket));
        out.push_str(",\"email_to\":[],\"created_time\":");
        push_time(out, ticket.created_ms);
        out.push_str(
            "\
            ,\"item\":null,\"cancel_flag_comments\":null,\"level\":{\"name\":\"Tier 1\",\
            \"id\":\"701100000000006671\"},\"approval_status\":null,\
            \"impact\":{\"name\":\"Affects Group\",\"id\":\"701100000000008036\"},\"sla\":null,\
            \"resolved_time\":",
        );
        push_optional_time(out, ticket.resolved_ms);
        out.push_str(",\"priority\":");
        out.push_str(self.priority(ticket));
        out.push_str(",\"created_by\":");
        out.push_str(self.technician_user(ticket));
        out.push_str(",\"first_response_due_by_time\":null,\"is_escalated\":false,\"last_updated_time\":");
        push_optional_time(out, ticket.updated_ms);
        out.push_str(",\"has_notes\":");
        push_bool(out, ticket.has_note());
        out.push_str(",\"udf_fields\":");
        self.push_cloud_udf_fields(out, ticket);
        let trashed_ms = match ticket.life {
            Life::Trashed { at_ms } => Some(at_ms),
            Life::Present | Life::Hidden | Life::Archived | Life::Deleted | Life::Merged { .. } => None,
        };
        out.push_str(",\"is_trashed\":");
        push_bool(out, trashed_ms.is_some());
        out.push_str(",\"deleted_time\":");
        push_optional_time(out, trashed_ms);
        out.push_str(
            "\
            ,\"impact_details\":null,\"subcategory\":null,\"email_cc\":[],\"onhold_scheduler\":null,\
            \"template\":{\"name\":\"Default Request\",\"id\":\"701100000000006655\"},\
            \"email_ids_to_notify\":[],\"attachments\":[],\"request_type\":{\"name\":\"Incident\",\
            \"id\":\"701100000000008391\"},\"time_elapsed\":\"",
        );
        push_number(
            out,
            ticket
                .final_ms()
                .map_or(0, |final_ms| final_ms - ticket.created_ms),
        );
        out.push_str("\",\"notification_status\":null,\"description\":");
        push_optional_text(out, self.description_html(ticket).as_deref());
        out.push_str(",\"responded_time\":null,\"is_service_request\":");
        push_bool(out, ticket.service_request);
        out.push_str(
            "\
            ,\"urgency\":{\"name\":\"Normal\",\"id\":\"701100000000007921\"},\
            \"has_request_initiated_change\":false,\"department\":null,\"is_reopened\":",
        );
        push_bool(out, ticket.reopened);
        out.push_str(
            "\
            ,\"has_draft\":false,\"has_attachments\":false,\"has_linked_requests\":false,\
            \"is_overdue\":false,\"technician\":",
        );
        out.push_str(self.technician(ticket));
        out.push_str(
            "\
            ,\"has_problem\":false,\"due_by_time\":null,\"is_fcr\":false,\"has_project\":false,\
            \"site\":null,\"is_first_response_overdue\":false,\"completed_time\":",
        );
        push_optional_time(out, ticket.completed_ms);
        out.push_str(",\"unreplied_count\":0,\"email_bcc\":[],\"category\":");
        self.push_category(out, ticket);
        self.push_tags(out, ticket);
        if ticket.status == CLOSED {
            out.push_str(
                "\
                ,\"closure_info\":{\"requester_ack_comments\":null,\
                \"closure_code\":{\"name\":\"Success\",\"id\":\"701100000000009001\"},\
                \"closure_comments\":\"confirmed by phone\",\"requester_ack_resolution\":false}",
            );
        }
        self.push_cloud_identity(out, ticket);
        out.push('}');
    }

    /// Appends the keys that every row and detail has: `id`, `display_id`, `status`, `group`.
    fn push_cloud_identity(&self, out: &mut String, ticket: &Ticket) {
        out.push_str(",\"id\":\"");
        push_number(out, id_of(Edition::Cloud, ticket.number) as i64);
        out.push_str("\",\"display_id\":\"");
        push_number(out, display_id_of(ticket.number) as i64);
        out.push_str("\",\"status\":");
        out.push_str(self.status(ticket));
        out.push_str(",\"group\":");
        out.push_str(self.group(ticket));
    }

    /// Lists show content and author only.
    fn push_cloud_list_resolution(&self, out: &mut String, ticket: &Ticket) {
        let resolution = self.resolution(ticket);
        if resolution == crate::text::Resolution::Absent {
            return out.push_str("null");
        }
        let html = self.resolution_html(ticket, &resolution);
        out.push_str("{\"content\":");
        push_optional_text(out, html.as_deref());
        out.push_str(",\"submitted_by\":");
        out.push_str(if html.is_some() {
            self.technician_user(ticket)
        } else {
            "null"
        });
        out.push('}');
    }

    fn push_cloud_udf_fields(&self, out: &mut String, ticket: &Ticket) {
        match ticket.number % 4 {
            0 => out.push_str("{}"),
            1 => out.push_str("{\"udf_char1\":null,\"udf_char2\":\"Building 7\",\"udf_date1\":null}"),
            remainder => {
                out.push_str("{\"udf_char1\":null,\"udf_char2\":\"Building ");
                push_number(out, i64::from(remainder));
                out.push_str("\",\"udf_date1\":");
                push_time(out, ticket.created_ms);
                out.push('}');
            }
        }
    }
}
