//! The fields of a ticket in criteria.

use std::borrow::Cow;

use crate::edition::Edition;
use crate::population::directory::Named;
use crate::population::status::status;
use crate::population::ticket::{Ticket, display_id_of, id_of};
use crate::render::renderer::Renderer;

/// A time of a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum TimeField {
    Created,
    Resolved,
    Completed,
    LastUpdated,
    DueBy,
    /// Resolved, else completed: the only final time of the story's form.
    Final,
}

impl TimeField {
    /// Returns the time, if it was ever set.
    pub(crate) fn of(self, ticket: &Ticket) -> Option<i64> {
        match self {
            Self::Created => Some(ticket.created_ms),
            Self::Resolved => ticket.resolved_ms,
            Self::Completed => ticket.completed_ms,
            Self::LastUpdated => ticket.updated_ms,
            Self::DueBy => Some(ticket.due_ms()),
            Self::Final => ticket.final_ms(),
        }
    }
}

/// Something with an id and a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entity {
    Status,
    Priority,
    Category,
    Group,
    Technician,
    Requester,
}

/// A field of a criterion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Time(TimeField),
    Id,
    DisplayId,
    Subject,
    Name(Entity),
    EntityId(Entity),
    InProgress,
    InternalName,
    ServiceRequest,
    Reopened,
}

impl Field {
    /// Returns the field with this name on this edition.
    pub(crate) fn named(name: &str, edition: Edition) -> Option<Self> {
        let cloud = edition == Edition::Cloud;
        let field = match name {
            "created_time" => Self::Time(TimeField::Created),
            "resolved_time" => Self::Time(TimeField::Resolved),
            "completed_time" => Self::Time(TimeField::Completed),
            "last_updated_time" => Self::Time(TimeField::LastUpdated),
            "due_by_time" => Self::Time(TimeField::DueBy),
            "id" => Self::Id,
            "display_id" if cloud => Self::DisplayId,
            "subject" => Self::Subject,
            "is_service_request" => Self::ServiceRequest,
            "is_reopened" => Self::Reopened,
            "status.in_progress" if cloud => Self::InProgress,
            "status.internal_name" if cloud => Self::InternalName,
            _ => return Self::of_entity(name),
        };
        Some(field)
    }

    /// Reads `status`, `status.name`, `status.id` and the like.
    fn of_entity(name: &str) -> Option<Self> {
        let (entity, part) = name.split_once('.').unwrap_or((name, "name"));
        let entity = match entity {
            "status" => Entity::Status,
            "priority" => Entity::Priority,
            "category" => Entity::Category,
            "group" => Entity::Group,
            "technician" => Entity::Technician,
            "requester" => Entity::Requester,
            _ => return None,
        };
        match part {
            "name" => Some(Self::Name(entity)),
            "id" if entity != Entity::Category => Some(Self::EntityId(entity)),
            _ => None,
        }
    }

    /// Returns the value that criteria compare with, unless it is null. For times as numbers see [`TimeField::of`].
    pub(crate) fn text_of<'a>(self, renderer: &'a Renderer, ticket: &Ticket) -> Option<Cow<'a, str>> {
        match self {
            Self::Time(field) => field.of(ticket).map(|time_ms| time_ms.to_string().into()),
            Self::Id => Some(id_of(renderer.edition, ticket.number).to_string().into()),
            Self::DisplayId => Some(display_id_of(ticket.number).to_string().into()),
            Self::Subject => renderer.texts.subject(ticket.number).map(Cow::Owned),
            Self::InProgress => Some(bool_text(status(ticket.status).in_progress)),
            Self::InternalName => Some(status(ticket.status).internal_name.into()),
            Self::ServiceRequest => Some(bool_text(ticket.service_request)),
            Self::Reopened => Some(bool_text(ticket.reopened)),
            Self::Name(Entity::Category) => Some(renderer.category_name(ticket).into()),
            Self::Name(entity) => entity
                .of(renderer, ticket)
                .map(|named| named.name.as_str().into()),
            Self::EntityId(entity) => entity.of(renderer, ticket).map(|named| named.id.as_str().into()),
        }
    }
}

impl Entity {
    fn of<'a>(self, renderer: &'a Renderer, ticket: &Ticket) -> Option<&'a Named> {
        let directory = &renderer.directory;
        match self {
            Self::Status => directory.statuses.get(usize::from(ticket.status)),
            Self::Priority => directory.priorities.get(usize::from(ticket.priority)),
            Self::Category => None,
            Self::Group => directory.groups.get(usize::from(ticket.group?)),
            Self::Technician => directory
                .technicians
                .get(usize::from(ticket.technician))
                .map(|one| &one.named),
            Self::Requester => directory.requesters.get(usize::from(ticket.requester)),
        }
    }
}

fn bool_text(value: bool) -> Cow<'static, str> {
    Cow::Borrowed(if value { "true" } else { "false" })
}
