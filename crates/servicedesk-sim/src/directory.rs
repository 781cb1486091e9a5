//! People, groups and lists of the desk, as JSON fragments made once: every row repeats them.

use serde_json::{Value, json};

use crate::edition::Edition;
use crate::status::STATUSES;

const REQUESTERS: [&str; 12] = [
    "Ada", "Grace", "Linus", "Barbara", "Ken", "Radia", "Edsger", "Frances", "Alan", "Joan", "Niklaus",
    "Jean",
];
const TECHNICIANS: [&str; 4] = ["Tom", "Ines", "Jonas", "Mira"];
const GROUPS: [&str; 4] = ["Network", "Hardware", "Applications", "Service Desk"];
const PRIORITIES: [(&str, &str); 4] = [
    ("Low", "#666666"),
    ("Normal", "#0066ff"),
    ("Medium", "#ffcc00"),
    ("High", "#ff0000"),
];
const CATEGORIES: [&str; 5] = ["Network", "Hardware", "Access", "Software", "Communication"];
/// First id of each list on cloud; the distance between two entries is 2.
const CLOUD_IDS: u64 = 701_100_000_000_000_000;

/// An entry with the names that criteria compare with.
pub(crate) struct Named {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) json: String,
}

/// A technician, in the two shapes that answers use.
pub(crate) struct Technician {
    pub(crate) named: Named,
    /// As `created_by`, `submitted_by` and `added_by` show people.
    pub(crate) user_json: String,
}

/// Everything that tickets refer to by index.
pub(crate) struct Directory {
    edition: Edition,
    pub(crate) requesters: Vec<Named>,
    pub(crate) technicians: Vec<Technician>,
    pub(crate) groups: Vec<Named>,
    pub(crate) priorities: Vec<Named>,
    pub(crate) categories: Vec<Named>,
    pub(crate) statuses: Vec<Named>,
}

impl Directory {
    /// The directory of a desk of this edition.
    pub(crate) fn new(edition: Edition) -> Self {
        let cloud = edition == Edition::Cloud;
        let id = |base: u64, at: usize| {
            let offset = base + 2 * at as u64;
            if cloud {
                (CLOUD_IDS + offset).to_string()
            } else {
                (offset % 1_000).to_string()
            }
        };
        let named = |id: String, name: &str, json: Value| Named {
            id,
            name: name.into(),
            json: json.to_string(),
        };
        let requesters = REQUESTERS.iter().enumerate().map(|(at, first)| {
            let person = Person {
                first,
                id: id(244_302, at),
                technician: false,
            };
            named(person.id.clone(), &person.name(), person.user(edition))
        });
        let technicians = TECHNICIANS.iter().enumerate().map(|(at, first)| {
            let person = Person {
                first,
                id: id(142_004, at),
                technician: true,
            };
            let shown = if cloud {
                person.cloud_technician()
            } else {
                person.user(edition)
            };
            Technician {
                named: named(person.id.clone(), &person.name(), shown),
                user_json: person.user(edition).to_string(),
            }
        });
        let groups = GROUPS.iter().enumerate().map(|(at, name)| {
            let id = id(6_681, at);
            let json = json!({"site": null, "deleted": false, "name": name, "id": id});
            named(id, name, json)
        });
        let priorities = PRIORITIES.iter().enumerate().map(|(at, (name, color))| {
            let id = id(6_801, at);
            let json = json!({"color": color, "name": name, "id": id});
            named(id, name, json)
        });
        let categories = CATEGORIES.iter().enumerate().map(|(at, name)| {
            let id = id(6_900, at);
            let json = json!({"name": name, "id": id});
            named(id, name, json)
        });
        let statuses = STATUSES.iter().map(|status| {
            let id = if cloud {
                status.cloud_id
            } else {
                status.on_premises_id
            }
            .to_string();
            let json = if cloud {
                json!({"in_progress": status.in_progress, "internal_name": status.internal_name,
                    "stop_timer": status.stop_timer, "color": status.color, "name": status.name, "id": id})
            } else {
                json!({"color": status.color, "name": status.name, "id": id})
            };
            named(id, status.name, json)
        });
        Self {
            edition,
            requesters: requesters.collect(),
            technicians: technicians.collect(),
            groups: groups.collect(),
            priorities: priorities.collect(),
            categories: categories.collect(),
            statuses: statuses.collect(),
        }
    }

    /// The rows of `/statuses`: on premises they tell no more than a ticket does.
    pub(crate) fn status_rows(&self) -> Vec<Value> {
        let rows = self
            .statuses
            .iter()
            .filter_map(|status| serde_json::from_str::<Value>(&status.json).ok());
        let add_deleted = |mut row: Value| {
            if self.edition == Edition::Cloud {
                row["deleted"] = json!(false);
            }
            row
        };
        rows.map(add_deleted).collect()
    }

    /// A category that only the corpus names.
    pub(crate) fn push_category(out: &mut String, name: &str) {
        out.push_str("{\"name\":");
        crate::json::push_text(out, name);
        out.push_str(",\"id\":\"701100000000006999\"}");
    }
}

struct Person<'a> {
    first: &'a str,
    id: String,
    technician: bool,
}

impl Person<'_> {
    fn name(&self) -> String {
        format!("{} Example", self.first)
    }

    fn email(&self, edition: Edition) -> Option<String> {
        let hidden = self.technician && edition != Edition::Cloud;
        (!hidden).then(|| format!("{}@example.com", self.first.to_lowercase()))
    }

    fn user(&self, edition: Edition) -> Value {
        let (email, name, id) = (self.email(edition), self.name(), &self.id);
        let mut user = json!({"email_id": email, "phone": null, "name": name, "mobile": null,
            "id": id, "department": null});
        match edition {
            Edition::Cloud => {
                user["is_technician"] = json!(self.technician);
                user["sms_mail"] = Value::Null;
                user["photo_url"] =
                    json!("https://contacts.example.invalid/file?ID=-1&t=user&height=60&width=60");
                user["is_vip_user"] = json!(false);
            }
            Edition::OnPremises => user["is_vipuser"] = json!(false),
            Edition::Msp => {
                user["is_technician"] = json!(false);
                user["sms_mail"] = Value::Null;
                user["profile_pic"] = json!({"content-url": "/images/default-profile-pic2.svg"});
                user["is_vipuser"] = json!(false);
                user["org_user_status"] = json!("active");
                if !self.technician {
                    user["account"] = json!({"name": "Customer A GmbH", "id": "901"});
                }
            }
        }
        user
    }

    fn cloud_technician(&self) -> Value {
        json!({"email_id": self.email(Edition::Cloud), "cost_per_hour": "0", "phone": null, "name": self.name(),
            "mobile": null, "id": self.id, "sms_mail_id": null,
            "photo_url": "https://contacts.example.invalid/file?ID=7001&t=user&height=60&width=60"})
    }
}
