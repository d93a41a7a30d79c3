"""template.yaml as data, for the Python tests: the one source of the table's schema.

    .venv/bin/python tests/infra/template.py    prints the CreateTable request, as JSON, for a table called "cutover"
"""

import json
from pathlib import Path

import boto3
import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
TEMPLATE = ROOT / "template.yaml"


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short functions: `!Ref X` becomes {"Ref": "X"}, `!GetAtt A.B` {"Fn::GetAtt": "A.B"}."""


def _function(loader, suffix, node):
    value = {
        yaml.ScalarNode: loader.construct_scalar,
        yaml.SequenceNode: loader.construct_sequence,
        yaml.MappingNode: loader.construct_mapping,
    }[type(node)](node)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _function)


def load(path=TEMPLATE):
    """The whole template."""
    return yaml.load(path.read_text(), Loader=_Loader)  # noqa: S506, a SafeLoader with CloudFormation's tags


def expanded(path=TEMPLATE):
    """What SAM makes of the template: plain CloudFormation, with the roles and rules that AWS will really create."""
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator

    template = load(path)
    template["Resources"]["Function"]["Properties"]["CodeUri"] = "s3://bucket/key"  # as `sam package` would
    template["Resources"]["ReleaseWorkflow"]["Properties"]["DefinitionUri"] = "s3://bucket/key"
    managed = {"AWSLambdaBasicExecutionRole": "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"}
    session = boto3.Session(region_name="us-east-1")
    return Translator(managed, Parser(), boto_session=session).translate(template, {})


def create_table_request(name="cutover"):
    """What boto3's `create_table` takes, so that the tests' table is the template's."""
    properties = load()["Resources"]["Table"]["Properties"]
    kept = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
    return {"TableName": name} | {key: properties[key] for key in kept}


if __name__ == "__main__":
    print(json.dumps(create_table_request(), indent=2))
