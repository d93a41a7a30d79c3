//! Who keeps the record: the in-process face, the simulated DynamoDB, moto's.

use crate::simulated::{Simulated, TABLE, client, table};
use cutover::aws::ledger::Table;
use simulated_aws::api::{ApiError, Call, Millis, Served};
use simulated_aws::ports::{Aws, Ended, InProcess, Invoke, Ports, Settings};
use simulated_aws::wire::Wire;
use std::cell::RefCell;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::sync::{Mutex, OnceLock, PoisonError};

/// The tests' own clock and network: one thread.
pub fn block_on<T>(flow: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(flow)
}

/// A world in which only the record is of interest.
struct Nothing(Millis);

impl Aws for Nothing {
    fn now(&self) -> Millis {
        self.0
    }

    fn advance_to(&mut self, moment: Millis) {
        self.0 = moment;
    }

    fn serve(&mut self, call: &Call) -> Served {
        Served::Err(ApiError::validation(format!("nobody asks for {}", call.operation())))
    }
}

/// Two invocations of the in-process face.
pub fn in_process(promise: impl AsyncFnOnce(&Ports, &Ports)) {
    let start = crate::fixtures::START.millis();
    let sim = InProcess::new(Rc::new(RefCell::new(Nothing(start))), Settings::default());
    let (a, b) = (sim.invocation(Invoke::named("a")), sim.invocation(Invoke::named("b")));
    assert_eq!(sim.run_one(&a, promise(&a, &b)), Ended::Returned(()));
}

/// Two processes over one simulated DynamoDB.
pub fn simulated(promise: impl AsyncFnOnce(&Table, &Table)) {
    let simulated = Simulated::new();
    block_on(promise(&simulated.ledger(), &simulated.ledger()));
}

/// Two processes over the simulated AWS on the wire.
pub fn on_the_wire(promise: impl AsyncFnOnce(&Table, &Table)) {
    block_on(async {
        let wire = Wire::start(Nothing(0)).await.unwrap();
        wire.dynamo(|dynamo| dynamo.create(TABLE, &table())).unwrap();
        let http = aws_smithy_http_client::Builder::new().build_http();
        let ledger = || Table::new(client(http.clone(), &wire.endpoint()), TABLE);
        promise(&ledger(), &ledger()).await;
    });
}

/// moto's server, which ends when its standard input closes: with this process.
struct Moto {
    _server: Child,
    port: u16,
}

/// One server for all tests; one test at a time, for moto isn't atomic under threads.
static MOTO: OnceLock<Moto> = OnceLock::new();
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

impl Moto {
    fn start() -> Self {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/");
        let python = format!("{root}.venv/bin/python");
        let mut server = Command::new(&python)
            .args([format!("{root}tests/ledger/moto_server.py"), format!("{root}template.yaml"), TABLE.to_owned()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{python} can't be run ({error}): `make test` prepares it"));
        let mut line = String::new();
        let output = server.stdout.take().expect("its output is ours");
        BufReader::new(output).read_line(&mut line).expect("its output can be read");
        let port = line.trim().parse();
        let port = port.unwrap_or_else(|_| panic!("moto's server doesn't start: `make test` prepares {python}"));
        Moto { _server: server, port }
    }
}

/// Two processes over moto's DynamoDB.
pub fn moto(promise: impl AsyncFnOnce(&Table, &Table)) {
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let endpoint = format!("http://127.0.0.1:{}", MOTO.get_or_init(Moto::start).port);
    let http = aws_smithy_http_client::Builder::new().build_http();
    let ledger = || Table::new(client(http.clone(), &endpoint), TABLE);
    block_on(promise(&ledger(), &ledger()));
}
