//! The situations of the stage table, by stage.

mod attach;
mod bake;
mod detach;
mod ends;
mod halt;
mod prepare;
mod rollback;
mod watch;

use crate::stage_table::Row;
use cutover::decide::Ask;

/// Every heading with its rows.
pub fn all() -> Vec<(&'static str, Vec<Row>)> {
    vec![
        ("prepare", prepare::rows()),
        ("prepare: the gates", prepare::gates()),
        ("prepare: green born attached", prepare::born()),
        ("attach", attach::rows()),
        ("attach: the first set-up, no blue", attach::alone()),
        ("bake", bake::rows()),
        ("bake: it's over", bake::over()),
        ("bake: what people do", bake::hands()),
        ("detach: blue was detached and drains", detach::rows()),
        ("watch", watch::rows()),
        ("watch: the window is over", watch::over()),
        ("rollback: blue comes back", rollback::blue_back()),
        ("rollback: green leaves", rollback::green_leaves()),
        ("rollback: halted", halt::rows()),
        ("ends: the floors are given back", ends::rows()),
        ("ended", ends::ended()),
    ]
}

fn promote() -> Ask {
    Ask::Promote { by: "ana".into() }
}

fn pause() -> Ask {
    Ask::Pause { by: "ana".into(), for_seconds: 3600 }
}

fn roll_back() -> Ask {
    Ask::Rollback { by: "ana".into(), reason: Some("it is slow".into()) }
}
