//! The repository: documents, dependencies, migrations.

mod architecture;
mod dependencies;
mod documents;
mod migrations;
