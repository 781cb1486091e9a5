//! What to do about an error of a tenant's helpdesk.

use servicedesk::Error;
use ticket::TenantId;

use crate::exit::{self, Failure};

/// Names the tenant and says what to do about an error of its helpdesk; other errors stay as they are.
pub(crate) fn explain(error: anyhow::Error, tenant: &TenantId) -> anyhow::Error {
    let Some(cause) = error.chain().find_map(|cause| cause.downcast_ref::<Error>()) else {
        return error;
    };
    let hint = match cause {
        Error::Settings(_) => format!("correct it with `precedent tenant set --tenant-id={tenant}`"),
        Error::Reauthorise(_) => format!(
            "the tenant needs re-authorisation: 1. in the API console of its data centre (https://api-console.zoho.com, .eu, \
             .in, ..) open the self client; 2. generate a code for the scopes \
             SDPOnDemand.requests.READ,SDPOnDemand.setup.READ; 3. exchange it for a refresh token within ten minutes; \
             4. run `precedent tenant set --tenant-id={tenant} --credentials-stdin` with client_id, client_secret and \
             refresh_token; 5. give the same command again"
        ),
        Error::Unauthorised(_) => format!(
            "make a new key in ServiceDesk Plus, then run `precedent tenant set --tenant-id={tenant} \
             --credentials-stdin` and give the same command again"
        ),
        Error::Forbidden(_) => format!(
            "give the key's technician the right to view all requests (cloud: scope SDPOnDemand.requests.READ), then \
             run `precedent tenant check --tenant-id={tenant}`"
        ),
        Error::NotFound(_) => {
            format!("check the URL and the portal: `precedent tenant show --tenant-id={tenant}`")
        }
        Error::Throttled { .. } => format!(
            "lower the pace with `precedent tenant set --tenant-id={tenant} --requests-per-minute=30`, wait a while and \
             give the same command again: it goes on where it stopped"
        ),
        Error::Unavailable { .. } | Error::RepeatedPage { .. } => {
            "give the same command again when the server is well: it goes on where it stopped".to_owned()
        }
        // Nothing is wrong with the helpdesk.
        Error::Stopped | Error::Paused { .. } | Error::Pace(_) => return error,
        Error::Implausible(_) => format!(
            "compare the figures with what ServiceDesk Plus itself shows, and check with `precedent tenant check \
             --tenant-id={tenant}` what the key may see; give the same command again when the server is well, or import \
             fewer days: shorter lists may be right"
        ),
        Error::Refused(_) | Error::TooLong { .. } => format!(
            "check URL and portal with `precedent tenant show --tenant-id={tenant}`; `precedent tenant check \
             --tenant-id={tenant}` shows what this server accepts"
        ),
    };
    let code = exit::code(&error);
    Failure::new(code, format!("the helpdesk of tenant {tenant} failed"))
        .hint(hint)
        .caused_by(error)
        .into()
}
