//! Sizes of files and functions: one concept a file, one screen a function.

use super::sources::{crates, sources_of};

/// Maximum number of lines of a file.
const FILE_LINES: usize = 450;

/// Maximum number of lines of the 95th percentile of files, and of the median.
const P95_LINES: usize = 300;
const MEDIAN_LINES: usize = 150;

/// Maximum number of lines of a function.
const FUNCTION_LINES: usize = 60;

#[test]
fn files_and_functions_are_short() {
    let mut sizes = Vec::new();
    let mut long = Vec::new();
    for file in crates().iter().flat_map(|folder| sources_of(&folder.join("src"))) {
        let text = std::fs::read_to_string(&file).expect("a source file");
        let lines: Vec<_> = text.lines().collect();
        sizes.push(lines.len());
        let functions = functions(&lines)
            .into_iter()
            .filter(|(_, length)| *length > FUNCTION_LINES);
        long.extend(functions.map(|(name, length)| format!("{}: {name} has {length} lines", file.display())));
    }
    sizes.sort_unstable();
    let at = |percent: usize| sizes[(sizes.len() - 1) * percent / 100];
    println!(
        "{} files, median {}, p95 {}, largest {}",
        sizes.len(),
        at(50),
        at(95),
        at(100)
    );
    assert!(at(50) <= MEDIAN_LINES && at(95) <= P95_LINES && at(100) <= FILE_LINES);
    assert!(long.is_empty(), "{}", long.join("\n"));
}

/// Names and lengths of the functions in formatted code: a body ends with a brace at the function's indentation.
fn functions<'a>(lines: &[&'a str]) -> Vec<(&'a str, usize)> {
    let mut functions = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let code = line.trim_start();
        let is_function = code
            .split('(')
            .next()
            .is_some_and(|head| head.split_whitespace().any(|word| word == "fn") && !head.starts_with("//"));
        if !is_function || code.ends_with('}') || code.ends_with(';') {
            continue;
        }
        let end = format!("{}}}", &line[..line.len() - code.len()]);
        if let Some(length) = lines[start..].iter().position(|line| *line == end) {
            functions.push((code, length + 1));
        }
    }
    functions
}
