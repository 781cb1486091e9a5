//! The statuses that requests can have.

/// A status as `/statuses` lists it on cloud.
pub(crate) struct Status {
    pub(crate) name: &'static str,
    pub(crate) internal_name: &'static str,
    pub(crate) color: Option<&'static str>,
    pub(crate) in_progress: bool,
    pub(crate) stop_timer: bool,
    pub(crate) cloud_id: u64,
    pub(crate) on_premises_id: u64,
}

pub(crate) const OPEN: u8 = 0;
pub(crate) const ON_HOLD: u8 = 1;
pub(crate) const RESOLVED: u8 = 2;
pub(crate) const CLOSED: u8 = 3;
pub(crate) const CANCELED: u8 = 4;

/// Every status, by the indexes above.
pub(crate) const STATUSES: [Status; 5] = [
    Status {
        name: "Open",
        internal_name: "Open",
        color: Some("#0066ff"),
        in_progress: true,
        stop_timer: false,
        cloud_id: 701_100_000_000_006_657,
        on_premises_id: 2,
    },
    Status {
        name: "On Hold",
        internal_name: "Onhold",
        color: None,
        in_progress: true,
        stop_timer: true,
        cloud_id: 701_100_000_000_006_659,
        on_premises_id: 1,
    },
    Status {
        name: "Resolved",
        internal_name: "Resolved",
        color: Some("#00ff66"),
        in_progress: false,
        stop_timer: true,
        cloud_id: 701_100_000_000_006_661,
        on_premises_id: 4,
    },
    Status {
        name: "Closed",
        internal_name: "Closed",
        color: Some("#006600"),
        in_progress: false,
        stop_timer: true,
        cloud_id: 701_100_000_000_006_663,
        on_premises_id: 3,
    },
    Status {
        name: "Canceled",
        internal_name: "Canceled",
        color: Some("#999999"),
        in_progress: false,
        stop_timer: true,
        cloud_id: 701_100_000_000_006_664,
        on_premises_id: 5,
    },
];

/// The status with this index.
pub(crate) fn status(index: u8) -> &'static Status {
    &STATUSES[usize::from(index)]
}
