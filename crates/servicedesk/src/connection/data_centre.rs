//! Data centres of the vendor, and the accounts server of each.

use url::Url;

use super::settings::Settings;
use crate::{Error, Result};

/// Host suffixes of the helpdesks of a data centre, with its accounts server.
///
/// Vendor documentation and clients disagree on a few hosts, so both spellings are here. The host of a
/// custom domain does not reveal the accounts server.
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

/// Returns the URL that issues access tokens: of the accounts server in the settings, else of the data centre
/// that the base URL belongs to.
pub(super) fn token_url(settings: &Settings) -> Result<Url> {
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

    #[test]
    fn the_host_suffix_decides_the_data_centre() {
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
