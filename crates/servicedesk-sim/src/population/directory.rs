//! People, groups and lists of the desk, as JSON fragments that every row repeats.

use serde_json::{Value, json};

use crate::edition::Edition;
use crate::json::push_text;
use crate::population::status::{STATUSES, Status};

pub(crate) const REQUESTERS: [&str; 12] = [
    "Ada", "Grace", "Linus", "Barbara", "Ken", "Radia", "Edsger", "Frances", "Alan", "Joan", "Niklaus",
    "Jean",
];
pub(crate) const TECHNICIANS: [&str; 4] = ["Tom", "Ines", "Jonas", "Mira"];
pub(crate) const GROUPS: [&str; 4] = ["Network", "Hardware", "Applications", "Service Desk"];
pub(crate) const PRIORITIES: [(&str, &str); 4] = [
    ("Low", "#666666"),
    ("Normal", "#0066ff"),
    ("Medium", "#ffcc00"),
    ("High", "#ff0000"),
];
const CATEGORIES: [&str; 5] = ["Network", "Hardware", "Access", "Software", "Communication"];
/// First id of each list on cloud; the distance between two entries is 2.
const CLOUD_IDS: u64 = 701_100_000_000_000_000;

/// An entry with the id and the name that criteria compare with.
pub(crate) struct Named {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) json: String,
}

impl Named {
    fn new(id: String, name: &str, json: &Value) -> Self {
        Self {
            id,
            name: name.into(),
            json: json.to_string(),
        }
    }
}

/// A technician, in the two shapes that answers use.
pub(crate) struct Technician {
    pub(crate) named: Named,
    /// The shape in `created_by`, `submitted_by` and `added_by`.
    pub(crate) user_json: String,
}

/// All entries to which tickets refer by index.
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
    /// Creates the directory of an edition.
    pub(crate) fn new(edition: Edition) -> Self {
        let groups = entries(edition, &GROUPS, 6_681, |name, id| {
            Named::new(
                id.clone(),
                name,
                &json!({"site": null, "deleted": false, "name": name, "id": id}),
            )
        });
        let priorities = entries(edition, &PRIORITIES, 6_801, |(name, color), id| {
            Named::new(id.clone(), name, &json!({"color": color, "name": name, "id": id}))
        });
        Self {
            edition,
            requesters: entries(edition, &REQUESTERS, 244_302, |first, id| {
                let person = Person::new(first, id, false, edition);
                Named::new(person.id.clone(), &person.name, &person.user())
            }),
            technicians: entries(edition, &TECHNICIANS, 142_004, |first, id| {
                Person::new(first, id, true, edition).technician()
            }),
            groups,
            priorities,
            categories: entries(edition, &CATEGORIES, 6_900, |name, id| {
                Named::new(id.clone(), name, &json!({"name": name, "id": id}))
            }),
            statuses: STATUSES
                .iter()
                .map(|status| named_status(status, edition))
                .collect(),
        }
    }

    /// Returns the rows of `/statuses`; on premises they have the fields of a ticket's status only.
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

    /// Appends a category that the corpus names.
    pub(crate) fn push_category(out: &mut String, name: &str) {
        out.push_str("{\"name\":");
        push_text(out, name);
        out.push_str(",\"id\":\"701100000000006999\"}");
    }
}

/// Makes one entry for each item, with an id of its list.
fn entries<T, E>(edition: Edition, items: &[T], first_id: u64, entry: impl Fn(&T, String) -> E) -> Vec<E> {
    let id = |at: usize| match (first_id + 2 * at as u64, edition) {
        (offset, Edition::Cloud) => CLOUD_IDS + offset,
        (offset, Edition::OnPremises | Edition::Msp) => offset % 1_000,
    };
    let items = items.iter().enumerate();
    items.map(|(at, item)| entry(item, id(at).to_string())).collect()
}

fn named_status(status: &Status, edition: Edition) -> Named {
    let (name, color) = (status.name, status.color);
    if edition == Edition::Cloud {
        let id = status.cloud_id.to_string();
        let json = json!({"in_progress": status.in_progress, "internal_name": status.internal_name,
            "stop_timer": status.stop_timer, "color": color, "name": name, "id": id});
        Named::new(id, name, &json)
    } else {
        let id = status.on_premises_id.to_string();
        Named::new(id.clone(), name, &json!({"color": color, "name": name, "id": id}))
    }
}

struct Person {
    id: String,
    name: String,
    email: Option<String>,
    is_technician: bool,
    edition: Edition,
}

impl Person {
    fn new(first: &str, id: String, is_technician: bool, edition: Edition) -> Self {
        let hidden = is_technician && edition != Edition::Cloud;
        Self {
            id,
            name: format!("{first} Example"),
            email: (!hidden).then(|| format!("{}@example.com", first.to_lowercase())),
            is_technician,
            edition,
        }
    }

    fn user(&self) -> Value {
        let mut user = json!({"email_id": self.email, "phone": null, "name": self.name, "mobile": null,
            "id": self.id, "department": null});
        match self.edition {
            Edition::Cloud => {
                user["is_technician"] = json!(self.is_technician);
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
                if !self.is_technician {
                    user["account"] = json!({"name": "Customer A GmbH", "id": "901"});
                }
            }
        }
        user
    }

    fn technician(&self) -> Technician {
        let user = self.user();
        let shown = match self.edition {
            Edition::Cloud => {
                json!({"email_id": self.email, "cost_per_hour": "0", "phone": null, "name": self.name,
                "mobile": null, "id": self.id, "sms_mail_id": null,
                "photo_url": "https://contacts.example.invalid/file?ID=7001&t=user&height=60&width=60"})
            }
            Edition::OnPremises | Edition::Msp => user.clone(),
        };
        Technician {
            named: Named::new(self.id.clone(), &self.name, &shown),
            user_json: user.to_string(),
        }
    }
}
