//! The same story over and over: dying at each await of each of its invocations, or with other seeds.

use super::act::perform;
use super::driver::Run;
use super::laws;
use super::setting::Setting;
use super::story::Story;

/// Plays the story once for each await that the first run came to. The same end each time, by the same laws.
pub fn everywhere(first: &Run, story: &Story, setting: &Setting) -> Result<String, String> {
    let ends = ends_of(first);
    let mut deaths = 0;
    for (which, (awaits, wrote)) in first.awaits.iter().enumerate() {
        // Who only reads leaves the same world behind wherever it dies: once is every time.
        let last = if *wrote { *awaits } else { 1 };
        for at in 1..=last {
            deaths += 1;
            let mut run = Run::new(setting, Some((which, at)));
            let played =
                perform(&mut run, story).and_then(|()| laws::hold(&mut run, &setting.excepted)).and_then(|()| {
                    if ends_of(&run) == ends { Ok(()) } else { Err(format!("ended as {:?}", ends_of(&run))) }
                });
            if let Err(why) = played {
                let number = which + 1;
                return Err(format!(
                    "dying at await {at} of invocation {number}: {why}\nso far:\n{}",
                    run.transcript.text()
                ));
            }
        }
    }
    let invocations = first.awaits.len();
    Ok(format!(
        "\ndied at every await of {invocations} invocations, {deaths} runs: each run ended as {}",
        ends.join(", ")
    ))
}

/// Plays the story with the other seeds that it names.
pub fn seeds(first: &Run, story: &Story, setting: &Setting) -> Result<Option<String>, String> {
    let Some((from, to)) = setting.seeds else { return Ok(None) };
    let ends = ends_of(first);
    for seed in from..=to {
        let setting = super::setting::set_up(&story.world, seed)?;
        let mut run = Run::new(&setting, None);
        let played = perform(&mut run, story)
            .and_then(|()| laws::hold(&mut run, &setting.excepted))
            .and_then(|()| if ends_of(&run) == ends { Ok(()) } else { Err(format!("ended as {:?}", ends_of(&run))) });
        if let Err(why) = played {
            return Err(format!("with seed {seed}: {why}\nso far:\n{}", run.transcript.text()));
        }
    }
    Ok(Some(format!("\nwith seeds {from} to {to}: each run ended as {}", ends.join(", "))))
}

fn ends_of(run: &Run) -> Vec<String> {
    run.releases().iter().map(|release| format!("{} {}", release.id, release.status)).collect()
}
