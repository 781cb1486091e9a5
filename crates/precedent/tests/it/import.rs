//! Imports of a tenant's history.

mod absurd_times;
mod conformance;
mod crash;
mod editions;
mod faults;
mod implausible;
mod locked_tenant;
mod progress;
mod range;
mod rejections;
mod repeated;
mod resume;
mod settings;
mod sign_in;
mod statuses;
