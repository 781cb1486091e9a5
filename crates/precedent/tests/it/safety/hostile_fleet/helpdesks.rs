//! The helpdesks of the fleet.

use std::collections::BTreeMap;
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use servicedesk_sim::{Edition, Options, Rows, Simulator};

use crate::support::Bench;

/// Tenant whose helpdesk announces ever more pages. At the default pace it takes minutes until there are too many.
pub(super) const ENDLESS: &str = "endless-pages";

/// Tenant whose helpdesk counts more tickets than there can be. The count costs nothing: the import is right.
pub(super) const ABSURD: &str = "absurd-total";

/// Tenant whose tickets are too long. The import rejects them.
pub(super) const HUGE: &str = "huge-tickets";

/// Hostile tenants with the fault of their helpdesk.
pub(super) const HOSTILE: &[(&str, &str)] = &[
    (ENDLESS, "endless:on=list"),
    (ABSURD, "total:value=1000000000000000000"),
    (HUGE, "huge:mib=70"),
    ("bomb-of-rows", "bomb:mib=1250,of=rows,on=list"),
    ("drip", "drip:on=list"),
    ("throttled", "status:code=429,retry_after=3600"),
    ("hanging", "hang"),
    ("failing", "status:code=500"),
];

/// Tenant whose helpdesk accepts connections and never answers.
pub(super) const HALF_OPEN: &str = "half-open";

/// Tenant whose helpdesk sends hints without end.
pub(super) const HINTS: &str = "hint-flood";

pub(super) fn well_tenants() -> impl Iterator<Item = String> {
    (0..20).map(|number| format!("well-{number}"))
}

fn options(seed: u64) -> Options {
    Options {
        tickets: Some(40),
        days: 80,
        open_every: 0,
        seed,
        rows: Rows::Full,
        edition: Edition::OnPremises,
        ..Options::default()
    }
}

/// Adds the well tenants under default settings.
pub(super) async fn add_well(bench: &Bench) -> BTreeMap<String, Simulator> {
    let mut helpdesks = BTreeMap::new();
    for (seed, tenant) in (1..).zip(well_tenants()) {
        let simulator = Simulator::start(options(seed)).await.expect("a helpdesk");
        bench.add_default_tenant_of(&simulator, &tenant, Edition::OnPremises);
        helpdesks.insert(tenant, simulator);
    }
    helpdesks
}

/// Adds the hostile tenants, and the one with the flood of hints.
pub(super) async fn add_hostile(bench: &Bench) -> BTreeMap<String, Simulator> {
    let mut helpdesks = BTreeMap::new();
    for (seed, (tenant, fault)) in (100..).zip(HOSTILE.iter().copied().chain([(HINTS, "")])) {
        let mut options = options(seed);
        if !fault.is_empty() {
            options.faults = vec![fault.parse().expect(fault)];
        }
        if tenant == HUGE {
            // Only details have the fault.
            options.rows = Rows::Thin;
            options.tickets = Some(5);
        }
        let simulator = Simulator::start(options).await.expect("a helpdesk");
        bench.add_default_tenant_of(&simulator, tenant, Edition::OnPremises);
        helpdesks.insert(tenant.to_owned(), simulator);
    }
    helpdesks
}

/// A helpdesk that accepts connections and keeps them open without a word.
pub(super) struct SilentHelpdesk {
    _connections: Arc<Mutex<Vec<TcpStream>>>,
}

impl SilentHelpdesk {
    /// Starts it as the helpdesk of a new tenant. Its thread ends with the test.
    pub(super) fn start(bench: &Bench, tenant: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        bench.add_default_tenant_at(&url, tenant);
        let connections = Arc::new(Mutex::new(Vec::new()));
        let kept = connections.clone();
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                match connection {
                    Ok(open) => kept.lock().unwrap_or_else(PoisonError::into_inner).push(open),
                    Err(_) => std::thread::sleep(Duration::from_millis(100)),
                }
            }
        });
        Self {
            _connections: connections,
        }
    }
}
