# Every task of the repository. CI calls the same scripts: see .ci/run.

# List the tasks
default:
    @just --list

# Run every test, on a real PostgreSQL too; arguments go to cargo test
test *arguments:
    scripts/test {{ arguments }}

# Run the tests whose name contains FILTER
test-one filter:
    scripts/test {{ filter }}

# Compile everything without running it
check:
    cargo check --workspace --all-targets --locked

# Check the format and run clippy
lint:
    scripts/lint

# Format the code
fmt:
    cargo fmt --all

# Check licences, sources and versions of the dependencies
deny:
    scripts/deny

# Find dependencies that no code uses
unused:
    scripts/unused

# Kill imports at random moments, and restart the database under them
crash *rounds:
    scripts/crash {{ rounds }}

# Feed random input to the parsers, for SECONDS per target
fuzz *seconds:
    scripts/fuzz {{ seconds }}

# Compare the import with its peers and write bench/results.md
bench *arguments:
    bench/run {{ arguments }}

# Fail if the import or the search became twice as slow
bench-check *arguments:
    bench/check {{ arguments }}

# Show everything offline, against a simulated helpdesk
demo *arguments:
    cargo run --release --locked -- demo {{ arguments }}

# Build the API documentation
docs *arguments:
    scripts/docs {{ arguments }}

# Renew the snapshots of what people read; git diff then shows the changes
snapshots:
    scripts/snapshots

# Enable the pre-commit hook in this clone
hooks:
    git config core.hooksPath scripts

# Run everything that must pass before a merge
ci:
    .ci/run
