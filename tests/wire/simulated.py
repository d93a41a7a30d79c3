"""The simulated AWS as a process, its log of requests, and boto3 clients against it."""

import copy
import functools
import json
import os
import subprocess
import threading
from pathlib import Path

import boto3
import botocore.config
import botocore.session

ROOT = Path(__file__).resolve().parent.parent.parent

# By the name that signs a request (what the log says), boto3's name of the client.
CLIENTS = {
    "autoscaling": "autoscaling",
    "elasticloadbalancing": "elbv2",
    "monitoring": "cloudwatch",
    "dynamodb": "dynamodb",
    "events": "events",
}

# Nothing here takes longer; what does hangs.
LIMIT_SECONDS = 180


@functools.cache
def build():
    """The simulated AWS's own program. Quick when it's built already, which `cargo test` nearly does."""
    command = ["cargo", "build", "--locked", "--quiet", "-p", "simulated-aws", "--bin", "simulated-aws"]
    subprocess.run(command, cwd=ROOT, check=True, timeout=1200)
    return Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug/simulated-aws"


def shipped():
    """The shipped binary: the one that `make test` built, else whichever has been built last."""
    named = os.environ.get("CUTOVER_BINARY")
    if named and Path(named).exists():
        return named
    built = [path for path in (ROOT / f"target/{kind}/bootstrap" for kind in ("release", "debug")) if path.exists()]
    return str(max(built, key=lambda path: path.stat().st_mtime))


class Simulated:
    """One running simulated AWS. It ends with the `with` block."""

    def __init__(self, *arguments):
        command = [build(), "--seconds", str(LIMIT_SECONDS), *arguments]
        self.process = subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.watchdog = threading.Timer(LIMIT_SECONDS, self.process.kill)
        self.watchdog.start()
        self.addresses = json.loads(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.watchdog.cancel()
        self.process.stdin.close()
        self.process.wait(timeout=20)
        self.process.stdout.close()

    def ask(self, **question):
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def seen(self, after=0):
        """The requests after the first so many."""
        return self.ask(seen=after)["seen"]

    def invoke(self, **command):
        """The function's answer to a command."""
        answer = self.ask(invoke=command)
        assert "result" in answer, f"{command}: {answer}"
        return answer["result"]

    def client(self, name, protocol=None):
        """A boto3 client without retries; with a protocol of those that the service's model offers."""
        session = botocore.session.Session()
        if protocol:
            loader = session.get_component("data_loader")
            model = copy.deepcopy(loader.load_service_model(name, "service-2"))
            assert protocol in model["metadata"]["protocols"], f"{name} has no protocol {protocol}"
            model["metadata"].update(protocol=protocol, protocols=[protocol])
            plain = loader.load_service_model

            def load(service_name, type_name, *arguments, **named):
                # Every other kind of model (paginators, endpoint rules) stays as it is.
                if (service_name, type_name) == (name, "service-2"):
                    return model
                return plain(service_name, type_name, *arguments, **named)

            loader.load_service_model = load
        config = botocore.config.Config(retries={"total_max_attempts": 1}, read_timeout=20, connect_timeout=5)
        return boto3.Session(
            botocore_session=session,
            region_name="eu-west-1",
            aws_access_key_id="AKIDBOTO",
            aws_secret_access_key="of-the-simulation",
        ).client(name, endpoint_url=self.addresses["aws"], config=config)
