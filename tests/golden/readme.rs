//! The folder's README lists every sentence of a story; each has to be one.

use super::setting;
use super::step::Step;

/// Reads every sentence in the README's blocks.
pub fn read(text: &str) -> Result<(), String> {
    let mut block = "";
    let mut world = Vec::new();
    let mut steps = 0;
    for (number, line) in text.lines().enumerate().map(|(index, line)| (index + 1, line)) {
        match (block, line) {
            ("", line) => block = line.strip_prefix("```").unwrap_or_default(),
            (_, "```") => block = "",
            ("world", line) => world.push((number, line.to_owned())),
            (_, line) => {
                Step::read(line).map_err(|why| format!("line {number}: {why}"))?;
                steps += 1;
            }
        }
    }
    setting::set_up(&world, 1)?;
    if world.is_empty() || steps == 0 { Err("no sentences in it".to_owned()) } else { Ok(()) }
}
