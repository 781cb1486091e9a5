//! The repository: documents, dependencies, imports, sizes, migrations.

mod architecture;
mod dependencies;
mod documents;
mod imports;
mod migrations;
mod output;
mod sizes;
mod sources;
