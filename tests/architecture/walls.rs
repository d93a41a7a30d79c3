//! The tables: what each module may name, who may hold which port, and the one place of each thing that isn't a value.
//! A new module is one line in [`WALLS`].

/// What one module at the top level of src may name, besides itself and the standard library.
pub struct Wall {
    /// The module.
    pub module: &'static str,
    /// Other modules of the crate, or single items of them.
    pub modules: &'static [&'static str],
    /// Dependencies; a trailing `*` stands for any ending.
    pub crates: &'static [&'static str],
}

const fn wall(module: &'static str, modules: &'static [&'static str], crates: &'static [&'static str]) -> Wall {
    Wall { module, modules, crates }
}

/// The SDK and what belongs to it.
pub const SDK: &[&str] = &["aws_sdk_*", "aws_config", "aws_smithy_*", "aws_types", "aws_credential_types"];

/// Every module, in the order of the flow. `["*"]` is anything.
pub const WALLS: &[Wall] = &[
    wall("lib", &["*"], &[]),
    // Cold start and the loop; the crate itself is `cutover` here.
    wall("main", &[], &["cutover", "lambda_runtime", "serde_json", "tokio", "tracing"]),
    // The flow, whose stages the modules below are: it joins them through the ports and never sees a client.
    wall("handler", FLOW, &["futures_util", "serde_json"]),
    wall("flow", FLOW, &["futures_util", "serde_json"]),
    wall("answer", FLOW, &["serde_json"]),
    wall("sweep", FLOW, &["futures_util", "serde_json"]),
    // No client: any payload becomes a request, or a refusal.
    wall("trigger", &["error", "release"], &["aws_lambda_events", "serde", "serde_json", "thiserror"]),
    // Constants, but for the simulation that looks for built-in defects.
    wall("mutation", &[], &[]),
    // The nouns: values and how they are written down.
    wall("release", &["error", "mutation"], &["serde", "serde_json", "thiserror", "time"]),
    // Reads.
    wall("observe", &["clock", "release"], &["futures_util", "thiserror"]),
    // Pure and total: values in, a value out. `Needs` is such a value too: what a first look has to read.
    wall("decide", &["error", "mutation", "observe::Needs", "release"], &["serde", "serde_json"]),
    // Writes, under the lease.
    wall("act", &["clock", "decide", "record::Lease", "release"], &["futures_util", "thiserror"]),
    wall("record", &["mutation", "release"], &["serde", "thiserror"]),
    wall("announce", &["release"], &[]),
    wall("report", &["decide", "error", "release"], &["serde", "serde_json"]),
    wall("clock", &["release"], &[]),
    wall("config", &["error", "release"], &["serde", "serde_json", "thiserror", "tracing"]),
    // The categories at the edge: it knows values only, so that those who name it reach nothing through it.
    wall("error", &["release"], &["serde", "serde_json", "thiserror"]),
    wall("telemetry", &["error", "release", "report"], &["serde", "serde_json", "tracing", "tracing_subscriber"]),
    // The only code that names an SDK. It implements the ports; it decides nothing.
    wall(
        "aws",
        &["act", "announce", "clock", "config", "error", "observe", "record", "release"],
        &["aws_*", "futures_util", "serde", "serde_json", "thiserror", "time", "tokio", "tracing"],
    ),
];

/// What the flow may join: every stage and every port, but not `aws`.
const FLOW: &[&str] = &[
    "act",
    "announce",
    "answer",
    "clock",
    "decide",
    "error",
    "flow",
    "handler",
    "mutation",
    "observe",
    "record",
    "release",
    "report",
    "sweep",
    "telemetry",
    "trigger",
];

/// A port, and the modules that may name it: those that use its power, that implement it and that hand it on.
pub struct Port {
    /// The trait.
    pub name: &'static str,
    /// Who may name it.
    pub holders: &'static [&'static str],
}

/// The ports by power. Who can't name a port can't use it.
pub const PORTS: &[Port] = &[
    Port { name: "crate::act::Writes", holders: &["act", "aws", "flow"] },
    Port { name: "crate::record::Ledger", holders: &["record", "aws", "flow"] },
    Port { name: "crate::announce::Notify", holders: &["announce", "aws", "flow"] },
    Port { name: "crate::observe::Reads", holders: &["observe", "aws", "flow"] },
    Port { name: "crate::clock::Clock", holders: &["clock", "act", "aws", "flow", "observe"] },
    // All five together.
    Port { name: "crate::flow::Ports", holders: &["flow", "answer", "handler", "sweep"] },
];

/// Things that make a run differ from the next, and their one place.
pub struct Place {
    /// What it is, for the message.
    pub what: &'static str,
    /// The paths that give it.
    pub paths: &'static [&'static str],
    /// The files, or folders with a trailing slash, that may name it.
    pub files: &'static [&'static str],
}

/// The one place of each. Elsewhere a value is handed in.
pub const PLACES: &[Place] = &[
    Place {
        what: "the clock",
        paths: &[
            "std::time::SystemTime",
            "std::time::Instant",
            "tokio::time::Instant",
            "time::OffsetDateTime::now_utc",
            "time::OffsetDateTime::now_local",
            "time::UtcDateTime::now",
        ],
        files: &["src/aws/clock.rs"],
    },
    Place { what: "the environment", paths: &["std::env"], files: &["src/config.rs"] },
    Place {
        what: "sleep",
        paths: &["std::thread::sleep", "tokio::time::sleep", "tokio::time::sleep_until", "tokio::time::interval"],
        files: &["src/aws/clock.rs"],
    },
    Place {
        what: "randomness",
        paths: &[
            "fastrand",
            "rand",
            "getrandom",
            "uuid",
            "std::collections::hash_map::RandomState",
            "std::hash::RandomState",
            "std::hash::DefaultHasher",
        ],
        files: &[],
    },
    Place {
        // A map whose order differs from run to run makes a decision, a message or a record that does.
        what: "an order that changes from run to run",
        paths: &["std::collections::HashMap", "std::collections::HashSet"],
        files: &["src/aws/"],
    },
    Place {
        what: "a task that could outlive its invocation",
        paths: &[
            "tokio::spawn",
            "tokio::task::spawn",
            "tokio::task::spawn_local",
            "tokio::task::spawn_blocking",
            "std::thread::spawn",
        ],
        files: &[],
    },
    Place {
        what: "files, sockets and processes",
        paths: &["std::fs", "std::net", "std::process::Command", "std::process::exit", "tokio::net"],
        files: &[],
    },
];
