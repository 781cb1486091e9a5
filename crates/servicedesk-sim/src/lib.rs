//! servicedesk-sim
