"""moto's Step Functions as a server, and the shipped binary on the simulated AWS as the function that it invokes."""

import json
import logging
import os
import threading
import time
import uuid
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import boto3
import requests
from moto.server import ThreadedMotoServer

from infra.template import ROOT, load
from wire.simulated import Simulated, shipped

DEFINITION = ROOT / "infra/release.asl.json"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:cutover"

# Each failed task is several screens of moto's own insides; the execution's history says it in a line.
for noisy in ("moto", "werkzeug"):
    logging.getLogger(noisy).setLevel(logging.CRITICAL)

# No execution of these tests takes longer; what does hangs.
LIMIT_SECONDS = 120


def definition(**changed):
    """The workflow as CloudFormation would create it; `changed` replaces fields of states, by the state's name."""
    text = DEFINITION.read_text()
    for name in load()["Resources"]["ReleaseWorkflow"]["Properties"]["DefinitionSubstitutions"]:
        text = text.replace("${" + name + "}", {"Function": FUNCTION, "Partition": "aws"}[name])
    whole = json.loads(text)
    for state, fields in changed.items():
        whole["States"][state] |= fields
    return whole


class Lambda:
    """Lambda's Invoke as HTTP. `faults` are answered first, in their order: an error's name, or an HTTP status and an error."""

    def __init__(self, simulated):
        self.simulated = simulated
        self.lock = threading.Lock()
        self.faults = []
        self.invoked = []
        self.before = lambda event: None  # what happens in the world before an invocation

    def invoke(self, event):
        with self.lock:  # the simulated AWS answers line by line
            self.invoked.append(event)
            if self.faults:
                fault = self.faults.pop(0)
                if isinstance(fault, tuple):
                    status, code = fault
                    return status, {"x-amzn-errortype": code}, {"Type": "User", "Message": f"a simulated {code}"}
                return 200, {"X-Amz-Function-Error": "Unhandled"}, {"errorType": fault, "errorMessage": "simulated"}
            self.before(event)
            answer = self.simulated.ask(invoke=event)
        if "result" in answer:
            return 200, {}, answer["result"]
        error = {"errorType": answer["error"]["type"], "errorMessage": answer["error"]["message"]}
        return 200, {"X-Amz-Function-Error": "Unhandled"}, error

    def when_in(self, stage, do):
        """Does something once, before the first check that finds the release in this stage."""
        done = []

        def before(event):
            if not done and event["command"] == "check":
                status = self.simulated.ask(invoke=event | {"command": "status"})
                if status["result"]["stage"] == stage:
                    done.append(do())

        self.before = before


def handler(function):
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, headers, body = function.invoke(event)
            body = json.dumps(body).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("x-amzn-RequestId", str(uuid.uuid4()))
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    return Handler


class Interpreter:
    """Runs the workflow."""

    def __init__(self, function, client):
        self.function = function
        self.client = client
        self.machines = 0

    def run(self, said, **changed):
        """One execution from the beginning to its end."""
        self.machines += 1
        machine = self.client.create_state_machine(
            name=f"cutover-{self.machines}",
            definition=json.dumps(definition(**changed)),
            roleArn="arn:aws:iam::123456789012:role/cutover",
        )
        started = self.client.start_execution(stateMachineArn=machine["stateMachineArn"], input=json.dumps(said))
        return Execution(self.client, started["executionArn"])


class Execution:
    """An execution that has ended."""

    def __init__(self, client, arn):
        self.arn = arn
        end = time.monotonic() + LIMIT_SECONDS
        while (told := client.describe_execution(executionArn=arn))["status"] == "RUNNING":
            assert time.monotonic() < end, f"{arn} has not ended: {self.history(client)[-5:]}"
            time.sleep(0.1)
        self.status = told["status"]
        self.output = json.loads(told.get("output", "null"))
        self.error, self.cause = told.get("error"), told.get("cause")
        self.events = self.history(client)

    def history(self, client):
        pages = client.get_paginator("get_execution_history").paginate(executionArn=self.arn)
        return [event for page in pages for event in page["events"]]

    def entered(self):
        """The names of the states, in the order in which they were entered."""
        entered = (event.get("stateEnteredEventDetails") for event in self.events)
        return [details["name"] for details in entered if details]

    def report(self):
        """The report, of which a failed execution has it in its cause."""
        return self.output if self.status == "SUCCEEDED" else json.loads(self.cause)


@contextmanager
def interpreter():
    """A simulated AWS with the shipped binary, and an interpreter whose Lambda it is."""
    with Simulated("--binary", shipped()) as simulated:
        function = Lambda(simulated)
        front = ThreadingHTTPServer(("127.0.0.1", 0), handler(function))
        threading.Thread(target=front.serve_forever, daemon=True).start()
        before = os.environ.get("MOTO_PORT")
        os.environ["MOTO_PORT"] = str(front.server_port)  # where moto's Step Functions looks for Lambda
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        _, port = server.get_host_and_port()
        address = f"http://127.0.0.1:{port}"
        try:
            executes = {"stepfunctions": {"execute_state_machine": True}}
            requests.post(f"{address}/moto-api/config", json=executes, timeout=10).raise_for_status()
            client = boto3.client(
                "stepfunctions", region_name="us-east-1", endpoint_url=address,
                aws_access_key_id="x", aws_secret_access_key="x",
            )  # fmt: skip
            yield Interpreter(function, client)
        finally:
            requests.post(f"{address}/moto-api/reset", timeout=10)
            server.stop()
            front.shutdown()
            front.server_close()
            os.environ.pop("MOTO_PORT") if before is None else os.environ.update(MOTO_PORT=before)
