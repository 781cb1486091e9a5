//! The findings of a probe, in words for an operator.

use super::report::{DAYS, Probe, RowGives};
use crate::Sort;

/// One finding of a probe, in words for an operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Whether the server behaves as documented. An import works either way.
    pub good: bool,
    /// The finding in words.
    pub words: String,
}

impl Probe {
    /// Returns the findings in words for an operator.
    pub fn findings(&self) -> Vec<Finding> {
        let mut findings = vec![good("the address and the credentials work")];
        findings.push(match self.total {
            Some(total) => good(format!(
                "up to {total} tickets became final in the last {DAYS} days"
            )),
            None => good("the server does not count: progress has no percentage until the end is read"),
        });
        findings.push(if self.filters_honoured {
            good("time filters are honoured")
        } else {
            bad("time filters are ignored: an import reads every ticket and keeps those of its range, which is \
                 slower, not less complete")
        });
        if self.filters_honoured && !self.one_list_for_both_times {
            findings.push(good(
                "resolved and completed times cannot be asked for together: they are read one after the other",
            ));
        }
        if self.dialect.sort != Sort::Id {
            findings.push(bad(
                "lists cannot be sorted by id: tickets that change meanwhile may make an import read a list again",
            ));
        }
        findings.extend(self.row.map(|row| row_finding(&row)));
        findings.extend(self.detail_refused.as_ref().map(|reason| {
            bad(format!(
                "a ticket's detail cannot be read ({reason}): give the key's technician the right to view requests of \
                 all sites and groups"
            ))
        }));
        findings.extend(self.statuses_finding());
        findings
    }

    fn statuses_finding(&self) -> Option<Finding> {
        if let Some(reason) = &self.statuses_refused {
            return Some(bad(format!(
                "the statuses cannot be read ({reason}): on cloud add the scope SDPOnDemand.setup.READ; until then each \
                 ticket's own status and times decide"
            )));
        }
        let statuses = self.statuses.as_ref()?;
        Some(if statuses.last.is_empty() {
            good("the server does not say which statuses are final: a resolved or completed time decides")
        } else {
            good(format!("final statuses: {}", statuses.last.join(", ")))
        })
    }
}

fn row_finding(row: &RowGives) -> Finding {
    if row.is_whole() {
        return good("list rows are complete: no detail calls needed");
    }
    let missing: Vec<_> = [
        (row.description, "description"),
        (row.resolution, "resolution"),
        (row.times, "times"),
    ]
    .into_iter()
    .filter_map(|(given, name)| (!given).then_some(name))
    .collect();
    let missing = missing.join(", ");
    good(if row.last_update {
        format!("list rows lack {missing}: each new or changed ticket costs one detail call")
    } else {
        format!(
            "list rows lack {missing} and the time of the last update: each ticket costs one detail call, every time"
        )
    })
}

fn good(words: impl Into<String>) -> Finding {
    Finding {
        good: true,
        words: words.into(),
    }
}

fn bad(words: impl Into<String>) -> Finding {
    Finding {
        good: false,
        words: words.into(),
    }
}
