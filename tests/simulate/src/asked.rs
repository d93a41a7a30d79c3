//! What is asked of a run, from the environment as `make` hands it on.

use crate::cut::Cut;
use crate::faults::Classes;

/// A run's terms.
#[derive(Clone, Debug)]
pub struct Asked {
    /// At least so many releases.
    pub releases: u64,
    /// What the worlds are made from.
    pub seed: u64,
    /// Only this world, with its story.
    pub world: Option<u64>,
    /// What may strike.
    pub cut: Cut,
    /// It stops after so many violations.
    pub stop_at: u64,
    /// On so many cores.
    pub cores: usize,
    /// Built-in defects by name, with commas, or `none`; empty: every one.
    #[cfg_attr(not(feature = "mutations"), expect(dead_code, reason = "there are none to choose from"))]
    pub mutations: String,
}

impl Asked {
    /// Reads the environment.
    pub fn from_env() -> Result<Self, String> {
        let text = |name: &str| std::env::var(name).ok().filter(|text| !text.is_empty());
        let number = |name: &str, default: u64| match text(name) {
            Some(text) => text.replace('_', "").parse().map_err(|_| format!("{name} is no number: {text:?}")),
            None => Ok(default),
        };
        let classes = Classes::parse(&text("FAULTS").unwrap_or_default())?;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Self {
            releases: number("RELEASES", 10_000)?,
            seed: number("SEED", 1)?,
            world: text("WORLD").map(|_| number("WORLD", 0)).transpose()?,
            cut: Cut::whole(classes).leave_out(&text("LEAVE_OUT").unwrap_or_default())?,
            stop_at: number("VIOLATIONS", 5)?.max(1),
            cores: usize::try_from(number("CORES", cores as u64)?).unwrap_or(1).max(1),
            mutations: text("MUTATIONS").unwrap_or_default(),
        })
    }
}
