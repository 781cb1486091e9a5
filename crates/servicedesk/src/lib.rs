//! servicedesk
