//! Imports between the files of each crate: no circles. The test prints who imports whom, folder by folder, as a mermaid
//! diagram: `scripts/test -p precedent --test it imports --no-capture`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::sources::{crates, sources_of};

/// A module path within a crate; empty for its root.
type Module = Vec<String>;

/// Files of one crate by their module paths.
struct Crate {
    files: BTreeMap<Module, String>,
}

impl Crate {
    fn read(folder: &Path) -> Self {
        let source = folder.join("src");
        let files = sources_of(&source).into_iter().map(|file| {
            let text = std::fs::read_to_string(&file).expect("a source file");
            let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            (module_of(&file, &source), text.to_owned())
        });
        Self {
            files: files.collect(),
        }
    }

    /// Modules whose files a file imports from.
    fn imports_of(&self, module: &Module) -> BTreeSet<Module> {
        let imports = paths_in(&self.files[module]).into_iter();
        let targets = imports.filter_map(|path| self.target(module, &path));
        targets.filter(|target| target != module).collect()
    }

    /// The module that defines the item of a path.
    fn target(&self, from: &Module, path: &[String]) -> Option<Module> {
        let mut module = match path.first()?.as_str() {
            "crate" => Module::new(),
            "self" => from.clone(),
            "super" => from[..from.len().checked_sub(1)?].to_vec(),
            _ => return None,
        };
        for name in &path[1..] {
            if name == "super" {
                module.pop()?;
                continue;
            }
            let child: Module = module.iter().chain([name]).cloned().collect();
            if self.files.contains_key(&child) {
                module = child;
            } else if let Some(origin) = self.exported_from(&module, name) {
                return Some(origin);
            } else {
                break;
            }
        }
        Some(module)
    }

    /// The child from which a module exports a name again.
    fn exported_from(&self, module: &Module, name: &str) -> Option<Module> {
        let exports = self.files[module].split("pub").skip(1);
        let exports = exports.filter_map(|export| {
            export
                .split_once("use ")
                .filter(|(visibility, _)| visibility.len() < 12)
        });
        let mut origins =
            exports.flat_map(|(_, export)| expand(export.split(';').next().unwrap_or_default()));
        let path = origins.find(|path| path.last().is_some_and(|last| last == name))?;
        let path: Vec<_> = path.into_iter().skip_while(|part| part == "self").collect();
        let child: Module = module.iter().chain(path.first()).cloned().collect();
        self.files.contains_key(&child).then_some(child)
    }
}

fn module_of(file: &Path, source: &Path) -> Module {
    let path = file.strip_prefix(source).expect("within").with_extension("");
    let parts = path.iter().map(|part| part.to_string_lossy().into_owned());
    parts.filter(|part| part != "lib" && part != "main").collect()
}

/// Paths that start with `crate`, `self` or `super`: of `use` declarations and within expressions.
fn paths_in(text: &str) -> Vec<Vec<String>> {
    let code: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n");
    let mut paths = Vec::new();
    for root in ["crate::", "self::", "super::"] {
        for (at, _) in code.match_indices(root) {
            let before = code[..at].chars().next_back();
            if before.is_some_and(|before| before.is_alphanumeric() || before == '_' || before == ':') {
                continue;
            }
            let is_use = code[..at].trim_end().ends_with("use");
            let end = code[at..].find(|c: char| match is_use {
                true => c == ';',
                false => !(c.is_alphanumeric() || c == '_' || c == ':'),
            });
            paths.extend(expand(&code[at..at + end.unwrap_or(code.len() - at)]));
        }
    }
    paths
}

/// Expands `a::{b, c::d}` into its paths.
fn expand(tree: &str) -> Vec<Vec<String>> {
    let tree = tree.trim();
    let Some((head, rest)) = tree.split_once('{') else {
        let path = tree.split(" as ").next().unwrap_or_default();
        return vec![path.split("::").map(|part| part.trim().to_owned()).collect()];
    };
    let head: Vec<_> = head
        .split("::")
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect();
    let inner = rest.rsplit_once('}').map_or(rest, |(inner, _)| inner);
    let (mut depth, mut start, mut items) = (0, 0, Vec::new());
    for (at, c) in inner.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                items.push(&inner[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    items.push(&inner[start..]);
    let items = items.into_iter().filter(|item| !item.trim().is_empty());
    items
        .flat_map(expand)
        .map(|path| head.iter().cloned().chain(path).collect())
        .collect()
}

/// A circle through a file, if there is one.
fn circle(graph: &BTreeMap<Module, BTreeSet<Module>>, start: &Module) -> Option<Vec<Module>> {
    let mut paths = vec![vec![start.clone()]];
    let mut seen = BTreeSet::new();
    while let Some(path) = paths.pop() {
        for next in &graph[path.last()?] {
            let longer = || path.iter().chain([next]).cloned().collect();
            if next == start {
                return Some(longer());
            }
            if seen.insert(next.clone()) {
                paths.push(longer());
            }
        }
    }
    None
}

#[test]
fn no_file_imports_from_a_file_that_imports_from_it() {
    let mut circles = Vec::new();
    for folder in crates() {
        let krate = Crate::read(&folder);
        let graph: BTreeMap<_, _> = krate
            .files
            .keys()
            .map(|module| (module.clone(), krate.imports_of(module)))
            .collect();
        print_diagram(&folder, &graph);
        let found = graph.keys().filter_map(|module| circle(&graph, module));
        circles.extend(found.map(|circle| {
            circle
                .iter()
                .map(|module| module.join("::"))
                .collect::<Vec<_>>()
                .join(" -> ")
        }));
    }
    assert!(circles.is_empty(), "{}", circles.join("\n"));
}

fn print_diagram(folder: &Path, graph: &BTreeMap<Module, BTreeSet<Module>>) {
    let room = |module: &Module| module.first().cloned().unwrap_or_else(|| "root".to_owned());
    let arrows = graph
        .iter()
        .flat_map(|(from, targets)| targets.iter().map(move |to| (room(from), room(to))));
    let arrows: BTreeSet<_> = arrows.filter(|(from, to)| from != to && from != "root").collect();
    println!(
        "%% {}\nflowchart TD",
        folder.file_name().unwrap_or_default().to_string_lossy()
    );
    arrows
        .iter()
        .for_each(|(from, to)| println!("    {from} --> {to}"));
}
