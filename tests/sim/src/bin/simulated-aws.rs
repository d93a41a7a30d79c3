//! The simulated AWS as a program, for clients in other languages.
//!
//! ```text
//! simulated-aws [--template FILE] [--table NAME] [--binary FILE] [--seconds N] [--page N]
//! ```
//!
//! It prints one line of JSON with its addresses, then answers each line of JSON on stdin with one on stdout:
//! `{"seen": n}` the requests after the first n · `{"invoke": event}` the function's answer or error (with `--binary`) ·
//! `{"hand": "alarm"}` an alarm goes to ALARM and back. It ends when stdin does, or after `--seconds`.

use std::error::Error;
use std::time::Duration;

use serde_json::{Value, json};
use simulated_aws::api::StateValue;
use simulated_aws::wire::{Function, Lambda, Seen, Wire, now, table_properties};
use simulated_aws::world::{Hand, Health, World, alarm, fleet, target_group};
use tokio::sync::mpsc;

/// Ten minutes: longer than any test that starts it, short enough that a forgotten one is soon gone.
const SECONDS: u64 = 600;

struct Options {
    template: String,
    table: String,
    binary: Option<String>,
    seconds: u64,
    page: Option<usize>,
}

impl Options {
    fn read(mut arguments: impl Iterator<Item = String>) -> Result<Self, Box<dyn Error>> {
        let mut options = Self {
            template: "template.yaml".to_owned(),
            table: "cutover".to_owned(),
            binary: None,
            seconds: SECONDS,
            page: None,
        };
        while let Some(name) = arguments.next() {
            let value = arguments.next().ok_or_else(|| format!("{name} needs a value"))?;
            match name.as_str() {
                "--template" => options.template = value,
                "--table" => options.table = value,
                "--binary" => options.binary = Some(value),
                "--seconds" => options.seconds = value.parse()?,
                "--page" => options.page = Some(value.parse()?),
                _ => return Err(format!("{name} is no option").into()),
            }
        }
        Ok(options)
    }
}

/// Two applications behind one load balancer, one in each style of attachment, each with a fleet that serves and one that waits;
/// an alarm of each type; a fleet of nobody's with an instance refresh. Quick to settle, because a test waits for it.
fn world(page: Option<usize>) -> World {
    let quick = |name: &str| target_group(name).on("front").delay(1);
    let quick_fleet = |name: &str, of: &str| fleet(name).of(of).desired(2).health(Health::after(1));
    let spare = |name: &str, of: &str| quick_fleet(name, of).age(60);
    let mut world = World::builder()
        .start(now())
        .settings(|settings| {
            settings.registration = 200;
            settings.page_size = page;
        })
        .load_balancer("front")
        .group(quick("web"))
        .group(quick("till"))
        .fleet(quick_fleet("web-1", "web").attached_to("web"))
        .fleet(spare("web-2", "web"))
        .fleet(quick_fleet("till-1", "till").sourced_from("till"))
        .fleet(spare("till-2", "till"))
        .alarm(alarm("errors").judging(60, 2, 3).was(StateValue::Alarm, 90_000).was(StateValue::Ok, 80_000))
        .alarm(alarm("anything <&> \"else\"").composite("ALARM(\"errors\")"))
        .alarm(alarm("log lines").log())
        .fleet(fleet("batch"))
        .build();
    world.hand(Hand::StartRefresh("batch".to_owned(), 600));
    world
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::read(std::env::args().skip(1))?;
    let wire = Wire::start(world(options.page)).await?;
    let schema = table_properties(&std::fs::read_to_string(&options.template)?)?;
    wire.dynamo(|dynamo| dynamo.create(&options.table, &schema))?;
    let front = wire.front().await?;
    let lambda = options.binary.as_ref().map(|binary| {
        let mut function = Function::new(binary, &options.table);
        function.defaults = json!({"settle_seconds": 1, "extend_bake": false}).to_string();
        Lambda::deploy(&wire, function)
    });
    println!("{}", json!({"aws": wire.endpoint(), "front": front.url(), "table": options.table}));
    let mut lines = stdin();
    let end = tokio::time::sleep(Duration::from_secs(options.seconds));
    tokio::pin!(end);
    loop {
        let line = tokio::select! {
            line = lines.recv() => line,
            () = &mut end => None,
        };
        let Some(line) = line else { return Ok(()) };
        println!("{}", answer(&wire, lambda.as_ref(), &serde_json::from_str(&line)?).await);
    }
}

/// The lines of stdin, read on a thread that doesn't keep the program alive.
fn stdin() -> mpsc::UnboundedReceiver<String> {
    let (send, lines) = mpsc::unbounded_channel();
    std::thread::spawn(move || std::io::stdin().lines().map_while(Result::ok).try_for_each(|line| send.send(line)));
    lines
}

async fn answer(wire: &Wire<World>, lambda: Option<&Lambda>, asked: &Value) -> Value {
    if let Some(after) = asked["seen"].as_u64() {
        let after = usize::try_from(after).unwrap_or(usize::MAX);
        return json!({"seen": wire.seen().iter().skip(after).map(seen).collect::<Vec<_>>()});
    }
    if asked["hand"] == "alarm" {
        for state in [StateValue::Alarm, StateValue::Ok] {
            wire.world(|world| world.hand(Hand::SetAlarm("errors".to_owned(), state)));
        }
        return json!({});
    }
    match (asked.get("invoke"), lambda) {
        (Some(event), Some(lambda)) => match lambda.invoke(event).await {
            Ok(result) => json!({"result": result}),
            Err(error) => json!({"error": {"type": error.kind, "message": error.message}, "lines": lambda.lines()}),
        },
        _ => json!({"error": {"type": "Unknown", "message": format!("can't do {asked}")}}),
    }
}

fn seen(seen: &Seen) -> Value {
    json!({
        "number": seen.number, "caller": seen.caller, "invocation": seen.invocation, "service": seen.to.name(), "operation": seen.operation,
        "params": seen.params, "status": seen.status, "error": seen.error, "round": seen.round,
    })
}
