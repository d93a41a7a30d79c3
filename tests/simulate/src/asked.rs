//! What is asked of a run, from the environment as `make` hands it on.

use crate::cut::Cut;
use crate::faults::Classes;

/// The terms of a run with one seed.
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
    /// Reads the environment: the terms for each seed, which share the releases.
    pub fn from_env() -> Result<Vec<Self>, String> {
        let text = |name: &str| std::env::var(name).ok().filter(|text| !text.is_empty());
        let number = |name: &str, default: u64| match text(name) {
            Some(text) => text.replace('_', "").parse().map_err(|_| format!("{name} is no number: {text:?}")),
            None => Ok(default),
        };
        let classes = Classes::parse(&text("FAULTS").unwrap_or_default())?;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let seeds = seeds(&text("SEED").unwrap_or_else(|| "1".to_owned()))?;
        let first = Self {
            releases: number("RELEASES", 10_000)?.div_ceil(seeds.len() as u64),
            seed: 0,
            world: text("WORLD").map(|_| number("WORLD", 0)).transpose()?,
            cut: Cut::whole(classes).leave_out(&text("LEAVE_OUT").unwrap_or_default())?,
            stop_at: number("VIOLATIONS", 5)?.max(1),
            cores: usize::try_from(number("CORES", cores as u64)?).unwrap_or(1).max(1),
            mutations: text("MUTATIONS").unwrap_or_default(),
        };
        Ok(seeds.into_iter().map(|seed| Self { seed, ..first.clone() }).collect())
    }
}

/// Reads `7`, or `201-205`.
fn seeds(text: &str) -> Result<Vec<u64>, String> {
    let number = |text: &str| {
        let seed = text.trim().replace('_', "").parse::<u64>();
        seed.map_err(|_| format!("SEED is no number, and no range of them: {text:?}"))
    };
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    let seeds: Vec<u64> = (number(from)?..=number(to)?).collect();
    if seeds.is_empty() { Err(format!("SEED is a range that holds nothing: {text:?}")) } else { Ok(seeds) }
}

#[cfg(test)]
mod tests {
    use super::seeds;

    #[test]
    fn seeds_are_one_or_a_range() {
        assert_eq!(seeds("7"), Ok(vec![7]));
        assert_eq!(seeds("201-203"), Ok(vec![201, 202, 203]));
        assert!(seeds("x").is_err() && seeds("3-1").is_err() && seeds("1-").is_err());
    }
}
