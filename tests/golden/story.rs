//! A story as it stands in its file: what it guards against, the world, the steps, the transcript.

use super::step::Step;

/// A story.
pub struct Story {
    /// Everything before the transcript, as written.
    head: String,
    /// The lines that set the world up, each with its number in the file.
    pub world: Vec<(usize, String)>,
    /// What happens.
    pub steps: Vec<(usize, Step)>,
}

const TRANSCRIPT: &str = "transcript:\n";

impl Story {
    /// Reads a file.
    pub fn read(text: &str) -> Result<Self, String> {
        let head = text.split_once(TRANSCRIPT).map_or(text, |(head, _)| head);
        if !head.starts_with("Guards against") {
            return Err("the opening line doesn't say what the story guards against (\"Guards against …\")".to_owned());
        }
        let mut section = "";
        let mut world = Vec::new();
        let mut steps = Vec::new();
        for (number, line) in head.lines().enumerate().map(|(index, line)| (index + 1, line)) {
            let sentence = line.split(" # ").next().unwrap_or_default().trim();
            match line.trim_end() {
                "world:" => section = "world",
                "story:" => section = "story",
                _ if sentence.is_empty() || sentence.starts_with('#') || section.is_empty() => {}
                _ if section == "world" => world.push((number, sentence.to_owned())),
                _ => {
                    let step = Step::read(sentence).map_err(|why| format!("line {number}: {why}"))?;
                    steps.push((number, step));
                }
            }
        }
        if world.is_empty() || steps.is_empty() {
            return Err("a story has a part \"world:\" and a part \"story:\"".to_owned());
        }
        Ok(Story { head: head.trim_end().to_owned() + "\n\n", world, steps })
    }

    /// The file with this transcript.
    pub fn with_transcript(&self, transcript: &str) -> String {
        format!("{}{TRANSCRIPT}{}\n", self.head, transcript.trim_end())
    }
}
