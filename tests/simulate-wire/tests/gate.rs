//! The gate of `make test`: a fixed selection of what `make simulate-wire` plays.

use std::process::Command;

/// Whenever the process dies, and whatever the wire does to a call, every law holds: at every sixteenth call of a good release
/// and of a rolled-back one a kill -9, before and after it took effect, and some releases in bad weather.
#[test]
fn killed_at_any_call_or_in_bad_weather_the_shipped_binary_keeps_every_law() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_simulate-wire"));
    command.envs([("RELEASES", "10"), ("SEED", "20260105"), ("EVERY", "16")]).env_remove("CASE");
    let output = command.output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}\n{err}");
    let kills = out.lines().find_map(|line| line.strip_prefix("kill -9 as a call arrives: ")?.parse::<u32>().ok());
    assert!(kills.is_some_and(|kills| kills > 0), "{out}");
}
