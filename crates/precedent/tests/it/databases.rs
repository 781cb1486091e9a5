//! Databases of platforms and of single users, and their migrations.

mod adopted;
mod embedded;
mod pooler;
