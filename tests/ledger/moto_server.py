"""moto's DynamoDB on a free loopback port, with template.yaml's table made by boto3.

    moto_server.py TEMPLATE TABLE

Prints the port and serves until its standard input closes, ten minutes at most.
"""

import os
import sys
import threading

import boto3
import yaml
from moto.server import ThreadedMotoServer

LONGEST_SECONDS = 600


class Template(yaml.SafeLoader):
    """YAML with CloudFormation's tags, whose values don't matter here."""


Template.add_multi_constructor("!", lambda loader, suffix, node: None)


def main(template, table):
    timer = threading.Timer(LONGEST_SECONDS, os._exit, (1,))
    timer.daemon = True
    timer.start()
    with open(template, encoding="utf-8") as file:
        resources = yaml.load(file, Template)["Resources"].values()
    (properties,) = [r["Properties"] for r in resources if r["Type"] == "AWS::DynamoDB::Table"]
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    client = boto3.client(
        "dynamodb", endpoint_url=f"http://{host}:{port}", region_name="eu-west-1",
        aws_access_key_id="test", aws_secret_access_key="test",
    )  # fmt: skip
    names = ["AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode"]
    client.create_table(TableName=table, **{name: properties[name] for name in names})
    print(port, flush=True)
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
