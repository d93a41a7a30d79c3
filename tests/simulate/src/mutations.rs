//! `make mutations`: each defect that is built in is found by the law that it breaks. A law that no defect can break
//! is no check.

use crate::asked::Asked;
use crate::law::Violation;
use crate::run::{many, run};
use cutover::mutation::{self, Mutation};

/// Looks for each defect in turn, in as many releases as are asked for; whether all were found. Of a single
/// world it tells the story with each.
pub fn hunt(asked: &Asked) -> bool {
    let wanted: Vec<&str> = asked.mutations.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    if let Some(unknown) = wanted.iter().find(|name| !Mutation::ALL.iter().any(|(of, _)| format!("{of:?}") == **name)) {
        println!("there is no defect {unknown}; src/mutation.rs lists them");
        return false;
    }
    println!("{:20} {:24} {:24} {:>8}", "defect", "breaks", "found by", "releases");
    let mut all = true;
    for (defect, law) in Mutation::ALL {
        let name = format!("{defect:?}");
        if !wanted.is_empty() && !wanted.contains(&name.as_str()) {
            continue;
        }
        mutation::choose(Some(defect));
        if asked.world.is_some() {
            run(std::slice::from_ref(asked));
            continue;
        }
        let mut found = Vec::<(u64, Violation)>::new();
        let total = many(&Asked { stop_at: 1, ..asked.clone() }, |world, found_there| {
            found.push((world, found_there.clone()));
        });
        let by = found.first().map_or("-", |(_, violation)| violation.law);
        println!("{name:20} {law:24} {by:24} {:8}", total.releases);
        if by != law {
            println!("  NOT AS IT SHOULD");
            found.iter().for_each(|(world, violation)| println!("  world {world}: {}", violation.what));
        }
        all &= by == law;
    }
    mutation::choose(None);
    all
}
