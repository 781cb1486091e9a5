//! Which URL answers what.

use url::Url;

use crate::{Edition, Error, Result, Settings};

/// Data centres by the end of the helpdesk's host, with the accounts server of each.
///
/// Vendor documentation and clients disagree on a few of the helpdesk hosts, so both spellings are here;
/// for a custom domain the accounts server cannot be told from the host.
const DATA_CENTRES: [(&str, &str); 13] = [
    ("manageengine.com", "https://accounts.zoho.com"),
    ("manageengine.eu", "https://accounts.zoho.eu"),
    ("manageengine.in", "https://accounts.zoho.in"),
    ("manageengine.com.au", "https://accounts.zoho.com.au"),
    ("manageengine.cn", "https://accounts.zoho.com.cn"),
    ("manageengine.jp", "https://accounts.zoho.jp"),
    ("servicedeskplus.net.au", "https://accounts.zoho.com.au"),
    ("servicedeskplus.cn", "https://accounts.zoho.com.cn"),
    ("servicedeskplus.jp", "https://accounts.zoho.jp"),
    ("servicedeskplus.ca", "https://accounts.zohocloud.ca"),
    ("servicedeskplus.sa", "https://accounts.zoho.sa"),
    ("servicedeskplus.uk", "https://accounts.zoho.uk"),
    ("servicedeskplus.com", "https://accounts.zoho.com"),
];

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

    /// `{base}[/app/{portal}]/api/v3/{path}`
    pub(crate) fn api(&self, path: &[&str]) -> Url {
        self.below(["api", "v3"].iter().chain(path))
    }

    /// Where a technician opens the ticket in a browser.
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

/// Where access tokens come from: as set, or the accounts server of the data centre of the base URL.
pub(crate) fn token_url(settings: &Settings) -> Result<Url> {
    let accounts = match &settings.accounts_url {
        Some(url) => url.clone(),
        None => {
            let host = settings.base_url.host_str().unwrap_or_default();
            let accounts = data_centre(host).ok_or_else(|| {
                Error::Settings(format!(
                    "{host} is no known data centre: set the accounts URL, for example https://accounts.zoho.eu"
                ))
            })?;
            Url::parse(accounts).map_err(|error| Error::Settings(error.to_string()))?
        }
    };
    let mut url = accounts;
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(["oauth", "v2", "token"]);
    }
    Ok(url)
}

fn data_centre(host: &str) -> Option<&'static str> {
    let belongs = |end: &str| host == end || host.strip_suffix(end).is_some_and(|rest| rest.ends_with('.'));
    DATA_CENTRES
        .iter()
        .find(|(end, _)| belongs(end))
        .map(|(_, accounts)| *accounts)
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
    fn portal_and_context_path_are_part_of_the_address() {
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
        let house = address(Edition::OnPremises, "https://desk.example.com:8443/sdp/", None);
        assert_eq!(
            house.api(&["requests"]).as_str(),
            "https://desk.example.com:8443/sdp/api/v3/requests"
        );
        assert_eq!(
            house.ticket("7"),
            "https://desk.example.com:8443/sdp/WorkOrder.do?woMode=viewWO&woID=7"
        );
    }

    #[test]
    fn data_centres_are_told_by_the_end_of_the_host() {
        assert_eq!(
            data_centre("sdpondemand.manageengine.eu"),
            Some("https://accounts.zoho.eu")
        );
        assert_eq!(
            data_centre("servicedeskplus.net.au"),
            Some("https://accounts.zoho.com.au")
        );
        assert_eq!(data_centre("evilmanageengine.eu"), None);
        assert_eq!(data_centre("support.example.com"), None);
    }
}
