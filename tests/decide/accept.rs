//! Comparing a text with the accepted one: a mismatch prints the changed lines and how to accept them.

use std::path::Path;

/// Compares with a file beside this one; `UPDATE=1` accepts what is.
pub fn same_as_accepted(file: &str, found: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, found).unwrap();
        return;
    }
    let accepted = std::fs::read_to_string(&path).unwrap_or_default();
    if accepted != found {
        let diff = diff(&accepted, found);
        panic!("tests/decide/{file} differs:\n{diff}\nAccept with: UPDATE=1 cargo test -p decide");
    }
}

/// The lines of one text only (`-`) and of the other only (`+`), by the longest common subsequence of lines.
fn diff(old: &str, new: &str) -> String {
    let (old, new): (Vec<_>, Vec<_>) = (old.lines().collect(), new.lines().collect());
    let mut common = vec![vec![0_usize; new.len() + 1]; old.len() + 1];
    for (i, a) in old.iter().enumerate().rev() {
        for (j, b) in new.iter().enumerate().rev() {
            let skip = common[i + 1][j].max(common[i][j + 1]);
            common[i][j] = if a == b { common[i + 1][j + 1] + 1 } else { skip };
        }
    }
    let (mut i, mut j, mut lines) = (0, 0, Vec::new());
    while i < old.len() || j < new.len() {
        match (old.get(i), new.get(j)) {
            (Some(a), Some(b)) if a == b => (i, j) = (i + 1, j + 1),
            (Some(a), b) if b.is_none() || common[i + 1][j] >= common[i][j + 1] => {
                lines.push(format!("- {a}"));
                i += 1;
            }
            (_, Some(b)) => {
                lines.push(format!("+ {b}"));
                j += 1;
            }
            _ => break,
        }
    }
    lines.join("\n")
}

#[test]
fn a_difference_names_the_changed_lines_alone() {
    assert_eq!(diff("a\nb\nc", "a\nx\nc\nd"), "- b\n+ x\n+ d");
}
