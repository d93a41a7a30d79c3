//! Reading sentences: patterns with holes, lengths of time, lists.

/// What stands in the holes (`{}`) of `pattern`, if `text` is such a sentence.
pub fn parts<'a>(pattern: &str, text: &'a str) -> Option<Vec<&'a str>> {
    let mut literals = pattern.split("{}");
    let mut rest = text.strip_prefix(literals.next()?)?;
    let literals: Vec<&str> = literals.collect();
    let mut found = Vec::new();
    for (index, literal) in literals.iter().enumerate() {
        let last = index + 1 == literals.len();
        let end = match (last, literal.is_empty()) {
            (true, true) => rest.len(),
            (true, false) => rest.strip_suffix(literal)?.len(),
            (false, _) => rest.find(literal)?,
        };
        found.push(rest[..end].trim());
        rest = &rest[end + literal.len()..];
    }
    rest.is_empty().then_some(found).filter(|found| found.iter().all(|part| !part.is_empty()))
}

/// A length of time such as `90s`, `5m`, `1h30m`, `20ms`, in milliseconds.
pub fn span(text: &str) -> Result<i64, String> {
    let wrong = || format!("{text:?} is no length of time such as 90s, 5m, 2h or 1d");
    let mut rest = text.trim();
    let mut sum = 0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
        let number: i64 = rest[..digits].parse().map_err(|_| wrong())?;
        let letters = rest[digits..].find(|c: char| c.is_ascii_digit()).map_or(rest.len(), |at| digits + at);
        sum += number
            * match &rest[digits..letters] {
                "ms" => 1,
                "s" => 1000,
                "m" => 60_000,
                "h" => 3_600_000,
                "d" => 86_400_000,
                _ => return Err(wrong()),
            };
        rest = &rest[letters..];
    }
    if text.trim().is_empty() { Err(wrong()) } else { Ok(sum) }
}

/// The same in whole seconds.
pub fn seconds(text: &str) -> Result<i64, String> {
    span(text).map(|ms| ms / 1000)
}

/// A whole number.
pub fn number<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("{text:?} is no number"))
}

/// A share such as `20%`.
pub fn share(text: &str) -> Result<f64, String> {
    let percent: f64 = number(text.strip_suffix('%').ok_or_else(|| format!("{text:?} is no share such as 20%"))?)?;
    Ok(percent / 100.0)
}

/// `a, b and c`, one by one. Within an item a comma without a space behind it doesn't part.
pub fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split(", ").flat_map(|part| part.split(" and ")).map(str::trim).filter(|part| !part.is_empty())
}
