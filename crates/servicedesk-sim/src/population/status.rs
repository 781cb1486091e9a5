//! The statuses of requests.

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

/// All statuses, by the indexes above.
pub(crate) const STATUSES: [Status; 5] = [
    Status::new("Open", "Open", Some("#0066ff"), 6_657, 2),
    Status::new("On Hold", "Onhold", None, 6_659, 1),
    Status::new("Resolved", "Resolved", Some("#00ff66"), 6_661, 4),
    Status::new("Closed", "Closed", Some("#006600"), 6_663, 3),
    Status::new("Canceled", "Canceled", Some("#999999"), 6_664, 5),
];

impl Status {
    /// Creates a status. Open and On Hold are in progress; the timer of a ticket runs while it is open.
    const fn new(
        name: &'static str,
        internal_name: &'static str,
        color: Option<&'static str>,
        cloud_offset: u64,
        on_premises_id: u64,
    ) -> Self {
        Self {
            name,
            internal_name,
            color,
            in_progress: on_premises_id <= 2,
            stop_timer: on_premises_id != 2,
            cloud_id: 701_100_000_000_000_000 + cloud_offset,
            on_premises_id,
        }
    }
}

/// Returns the status with this index.
pub(crate) fn status(index: u8) -> &'static Status {
    &STATUSES[usize::from(index)]
}
