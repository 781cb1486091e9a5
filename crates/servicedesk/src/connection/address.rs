//! The URLs of one tenant's helpdesk.

use url::Url;

use super::settings::{Edition, Settings};

/// The URLs of one tenant's helpdesk.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    base_url: Url,
    edition: Edition,
    portal: Option<String>,
}

impl Address {
    pub(crate) fn new(settings: &Settings) -> Self {
        let portal = settings
            .portal
            .clone()
            .filter(|_| settings.edition == Edition::Cloud);
        Self {
            base_url: settings.base_url.clone(),
            edition: settings.edition,
            portal,
        }
    }

    /// Returns the URL of an API call: `{base}[/app/{portal}]/api/v3/{path}`.
    pub(crate) fn api(&self, path: &[&str]) -> Url {
        self.below(["api", "v3"].iter().chain(path))
    }

    /// Returns the URL at which a technician opens the ticket in a browser.
    pub(crate) fn ticket(&self, id: &str) -> String {
        if self.edition == Edition::Cloud {
            return self.below(["ui", "requests", id, "details"].iter()).into();
        }
        let mut url = self.below(["WorkOrder.do"].iter());
        url.query_pairs_mut()
            .append_pair("woMode", "viewWO")
            .append_pair("woID", id);
        url.into()
    }

    fn below<'a>(&self, path: impl Iterator<Item = &'a &'a str>) -> Url {
        let mut url = self.base_url.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty();
            if let Some(portal) = &self.portal {
                segments.push("app").push(portal);
            }
            segments.extend(path);
        }
        url
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(edition: Edition, base: &str, portal: Option<&str>) -> Address {
        Address {
            base_url: Url::parse(base).expect("a URL"),
            edition,
            portal: portal.map(str::to_owned),
        }
    }

    #[test]
    fn urls_contain_portal_and_context_path() {
        let cloud = address(
            Edition::Cloud,
            "https://sdpondemand.manageengine.eu",
            Some("it desk"),
        );
        assert_eq!(
            cloud.api(&["requests", "7"]).as_str(),
            "https://sdpondemand.manageengine.eu/app/it%20desk/api/v3/requests/7"
        );
        assert_eq!(
            cloud.ticket("7"),
            "https://sdpondemand.manageengine.eu/app/it%20desk/ui/requests/7/details"
        );
        let on_premises = address(Edition::OnPremises, "https://desk.example.com:8443/sdp/", None);
        assert_eq!(
            on_premises.api(&["requests"]).as_str(),
            "https://desk.example.com:8443/sdp/api/v3/requests"
        );
        assert_eq!(
            on_premises.ticket("7"),
            "https://desk.example.com:8443/sdp/WorkOrder.do?woMode=viewWO&woID=7"
        );
    }
}
