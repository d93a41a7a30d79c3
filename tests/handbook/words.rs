//! Markdown: tables and lists of words.

/// A table; what stands in a cell can't end it.
pub fn table(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let mut text = line(head.iter().map(|cell| (*cell).to_owned()).collect());
    text.push_str(&format!("|{}\n", "---|".repeat(head.len())));
    for row in rows {
        assert_eq!(row.len(), head.len(), "{row:?}");
        text.push_str(&line(row.iter().map(|cell| cell.replace('|', "\\|").replace('\n', " ")).collect()));
    }
    text.push('\n');
    text
}

/// `` `word` ``.
pub fn code(word: &str) -> String {
    format!("`{word}`")
}

/// `` `a`, `b`, `c` ``.
pub fn codes<T: AsRef<str>>(words: impl IntoIterator<Item = T>) -> String {
    words.into_iter().map(|word| code(word.as_ref())).collect::<Vec<_>>().join(", ")
}

/// What stands between double quotes.
pub fn quoted(text: &str) -> Vec<String> {
    text.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}
