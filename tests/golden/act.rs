//! Playing a story from its first step to its last, and the final bow: what stands at the end, and the laws.

use super::driver::Run;
use super::step::Step;
use super::story::Story;
use super::{crash, hand, laws, rights, setting};
use cutover::release::{Span, Timestamp};
use simulated_aws::world::World;

/// Plays a story; its transcript.
pub fn play(story: &Story) -> Result<String, String> {
    let setting = setting::set_up(&story.world, 1)?;
    let mut run = Run::new(&setting, None);
    let performed = perform(&mut run, story);
    let held = laws::hold(&mut run, &setting.excepted);
    let sufficed = rights::suffice(&run);
    let broken: Vec<String> = [performed, held, sufficed].into_iter().filter_map(Result::err).collect();
    if !broken.is_empty() {
        return Err(format!("{}\nso far:\n{}", broken.join("\n"), run.transcript.text()));
    }
    end(&mut run);
    if setting.die_everywhere {
        let told = crash::everywhere(&run, story, &setting)?;
        run.transcript.line(told);
    }
    if let Some(told) = crash::seeds(&run, story, &setting)? {
        run.transcript.line(told);
    }
    Ok(run.transcript.text())
}

/// Performs the steps.
pub fn perform(run: &mut Run, story: &Story) -> Result<(), String> {
    for (number, step) in &story.steps {
        one(run, step).map_err(|why| format!("line {number}: {why}"))?;
    }
    Ok(())
}

fn one(run: &mut Run, step: &Step) -> Result<(), String> {
    match step {
        Step::Wait(span) => run.wait(*span),
        Step::Until(until, at_most) => run.wait_until(until, *at_most)?,
        Step::Hand(after, text) => {
            let at = run.now() + after;
            let deed = hand::read(text, at)?;
            run.transcript.deed(run.now(), *after, text);
            match after {
                0 => drop(run.world.borrow_mut().hand(deed)),
                _ => run.world.borrow_mut().at(at, deed),
            }
        }
        Step::Invoke { label, payload, how } => run.invoke(label, payload, true, *how),
        Step::NextDies(at) => run.next_dies = Some(*at),
        Step::Workflow(count, application, until) => run.workflow(*count, application, until)?,
        Step::TableAway(span) => {
            run.transcript.deed(run.now(), 0, &format!("the table is away for {} s", span / 1000));
            let until = Timestamp::from_millis(run.now()) + Span::from_millis(*span);
            run.sim.record().faults.away_until(until);
        }
        Step::TableFault(operation, fault, text) => {
            run.transcript.deed(run.now(), 0, text);
            run.sim.record().faults.next(*operation, *fault);
        }
        Step::Expect(expect) => expect.check(run)?,
    }
    Ok(())
}

/// What stands at the end.
fn end(run: &mut Run) {
    run.transcript.line(String::new());
    run.transcript.line("at the end:".to_owned());
    let mut world = run.world.borrow_mut();
    for line in standing(&mut world) {
        run.transcript.line(format!("  {line}"));
    }
}

fn standing(world: &mut World) -> Vec<String> {
    let mut lines = Vec::new();
    for fleet in world.fleet_names() {
        let Some((min, desired, max)) = world.sizes(&fleet) else { continue };
        let on = world.attachments(&fleet);
        let on = on.iter().map(|(group, state)| format!("{group} ({state})")).collect::<Vec<_>>().join(", ");
        let on = if on.is_empty() { "nothing".to_owned() } else { on };
        let serving = world.in_service(&fleet).len();
        lines.push(format!("{fleet}: sizes {min}/{desired}/{max}, {serving} in service, on {on}"));
    }
    for group in world.group_names() {
        let healthy = world.healthy(&group);
        let healthy = healthy.iter().map(|(fleet, count)| format!("{count} of {fleet}")).collect::<Vec<_>>().join(", ");
        let healthy = if healthy.is_empty() { "none".to_owned() } else { healthy };
        lines.push(format!("{group}: healthy targets {healthy}"));
    }
    let tally = world.tally_all();
    if tally.requests > 0.0 {
        lines.push(format!(
            "requests: {:.0}, of them {:.0} with an error of the target's own; lost: {:.0} found no healthy target, {:.0} cut off",
            tally.requests, tally.errors, tally.unserved, tally.cut_off
        ));
    }
    lines
}
