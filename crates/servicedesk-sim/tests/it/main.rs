//! The simulator over real HTTP, compared with the shapes of real answers.

mod activity;
mod auth;
mod binary;
mod client;
mod faults;
mod life_cycle;
mod lists;
mod quirks;
mod shapes;
mod story;
mod truth;
