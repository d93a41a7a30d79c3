//! infra/REFERENCE.md is what the code says, chapter by chapter.

use super::{policy, protocol, report, source, template};
use similar::TextDiff;

const PATH: &str = "infra/REFERENCE.md";
const FRONT: &str = "# Reference\n\n\
    Everything that Cutover takes and says. Written by `UPDATE=1 cargo test --test handbook` from the code, and held to \
    it by that test: don't edit it. What to do in trouble: RUNBOOK.md.\n\n";

fn written() -> String {
    let chapters = [
        policy::tags(),
        policy::given(),
        policy::fields(),
        report::standing(),
        report::report(),
        report::errors(),
        protocol::announcements(),
        protocol::metrics(),
        protocol::environment(),
        template::parameters(),
    ];
    let whole = format!("{FRONT}{}", chapters.concat());
    format!("{}\n", whole.trim_end())
}

/// What differs between the page as it stands and as it should be.
fn differs(standing: &str, written: &str) -> String {
    TextDiff::from_lines(standing, written).unified_diff().to_string()
}

/// Promise: the reference can't lie: it's what the code says.
#[test]
fn the_reference_is_what_the_code_says() {
    let written = written();
    if std::env::var_os("UPDATE").is_some() {
        let whole = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(PATH);
        std::fs::write(&whole, &written).expect("the reference can be written");
    }
    let diff = differs(&source::read(PATH), &written);
    assert!(diff.is_empty(), "{PATH} isn't what the code says; UPDATE=1 cargo test --test handbook writes it:\n{diff}");
}

/// Promise: one wrong default, one missing field is seen.
#[test]
fn a_reference_that_lies_is_seen() {
    let written = written();
    for (right, wrong) in [
        (
            "| `bake_time_seconds` | a whole number of seconds from 0 to 86400 | `300` |",
            "| `bake_time_seconds` | a whole number of seconds from 0 to 86400 | `600` |",
        ),
        ("| `Conflict` | no |", "| `Conflict` | yes |"),
        ("`for_seconds`, `by` |", "`by` |"),
        ("| `Halted` |", "| `Halt` |"),
        ("`CUTOVER_LOG`", "`CUTOVER_LEVEL`"),
        ("| `Defaults` | `{}` |", "| `Defaults` | – |"),
    ] {
        assert!(written.contains(right), "the reference has no {right:?}");
        assert!(!differs(&written.replacen(right, wrong, 1), &written).is_empty(), "{wrong:?} isn't seen");
    }
}
