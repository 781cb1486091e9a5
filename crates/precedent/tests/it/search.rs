//! Searches for similar tickets.

mod command;
mod damage;
mod forged;
mod full_disk;
mod giant_texts;
mod held_lock;
mod many_tenants;
mod turns;
mod visibility;
