//! Which service is asked for what, in which protocol; and the answer, in the same.

use serde_json::{Value, json};

use super::node::{Fields, Node};
use super::params;
use crate::api::{ApiError, Service};

/// Whom a request is for. The signature's scope says it, so that one port serves all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum To {
    /// A service of the world.
    World(Service),
    /// The table.
    DynamoDb,
}

impl To {
    const ALL: [(&'static str, Self); 5] = [
        ("autoscaling", Self::World(Service::AutoScaling)),
        ("elasticloadbalancing", Self::World(Service::Elb)),
        ("monitoring", Self::World(Service::CloudWatch)),
        ("events", Self::World(Service::EventBridge)),
        ("dynamodb", Self::DynamoDb),
    ];

    /// The signing name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, to)| *to == self).map_or("", |(name, _)| name)
    }

    /// The part of `X-Amz-Target`, and of the CBOR path, that names the service.
    fn target(self) -> &'static str {
        match self {
            Self::DynamoDb => "DynamoDB_20120810",
            Self::World(Service::EventBridge) => "AWSEvents",
            Self::World(Service::CloudWatch) => "GraniteServiceVersion20100801",
            Self::World(_) => "",
        }
    }

    fn namespace(self) -> &'static str {
        match self {
            Self::World(Service::AutoScaling) => "http://autoscaling.amazonaws.com/doc/2011-01-01/",
            Self::World(Service::Elb) => "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/",
            _ => "http://monitoring.amazonaws.com/doc/2010-08-01/",
        }
    }
}

/// How request and answer are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// Form in, XML out.
    Query,
    /// JSON both ways; the minor version of the content type.
    Json(u8),
    /// CBOR both ways.
    Cbor,
}

/// A request, read.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// The service.
    pub to: To,
    /// Its protocol.
    pub protocol: Protocol,
    /// `DescribeAlarms`, …
    pub operation: String,
    /// The parameters, free of the protocol.
    pub params: Value,
    /// The access key that signed it: each process of the function has its own.
    pub caller: String,
}

/// An answer, written.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Headers beside the length.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// Reads a request: `header` finds one by its lower-case name.
///
/// # Errors
/// What AWS says to a request that it can't place, already written.
pub fn read(header: impl Fn(&str) -> Option<String>, path: &str, body: &[u8]) -> Result<Asked, Answer> {
    let plain = |error: ApiError| error_answer(To::World(Service::AutoScaling), Protocol::Query, &error, "unread");
    let (caller, to) = header("authorization").as_deref().and_then(scope).ok_or_else(|| {
        plain(ApiError::new("MissingAuthenticationToken", "Request is missing Authentication Token", 403))
    })?;
    let lost =
        || plain(ApiError::new("UnknownOperationException", format!("nothing of {} is at {path}", to.name()), 404));
    let (protocol, operation, params) = if header("smithy-protocol").as_deref() == Some("rpc-v2-cbor") {
        let rest = path.strip_prefix("/service/").ok_or_else(lost)?;
        let (service, operation) = rest.split_once("/operation/").ok_or_else(lost)?;
        if service != to.target() {
            return Err(lost());
        }
        (Protocol::Cbor, operation.to_owned(), params::from_cbor(body))
    } else if let Some(target) = header("x-amz-target") {
        let (service, operation) = target.split_once('.').ok_or_else(lost)?;
        let minor = match header("content-type").as_deref() {
            Some("application/x-amz-json-1.0") => 0,
            Some("application/x-amz-json-1.1") => 1,
            _ => return Err(lost()),
        };
        if service != to.target() {
            return Err(lost());
        }
        (Protocol::Json(minor), operation.to_owned(), params::from_json(body))
    } else {
        let (action, params) = params::from_query(body);
        (Protocol::Query, action.ok_or_else(lost)?, Ok(params))
    };
    let params = params.map_err(|error| error_answer(to, protocol, &error, "unread"))?;
    Ok(Asked { to, protocol, operation, params, caller })
}

/// Access key and service of `AWS4-HMAC-SHA256 Credential=KEY/20260101/eu-west-1/dynamodb/aws4_request, …`.
fn scope(authorization: &str) -> Option<(String, To)> {
    let credential = authorization.split_once("Credential=")?.1.split([',', ' ']).next()?;
    let mut parts = credential.split('/');
    let caller = parts.next()?.to_owned();
    let name = parts.nth(2)?;
    let to = To::ALL.iter().find(|(known, _)| *known == name).map(|(_, to)| *to)?;
    Some((caller, to))
}

/// Writes a good answer of the world.
pub fn answer(asked: &Asked, result: &Node, request_id: &str) -> Answer {
    match asked.protocol {
        Protocol::Query => {
            let mut inner = String::new();
            result.write_xml(&mut inner);
            let operation = &asked.operation;
            // The one operation here whose model has no output, and so no result element.
            let result = match operation.as_str() {
                "UpdateAutoScalingGroup" => String::new(),
                _ => format!("<{operation}Result>{inner}</{operation}Result>"),
            };
            let body = format!(
                "<{operation}Response xmlns=\"{}\">{result}<ResponseMetadata><RequestId>{request_id}</RequestId>\
                 </ResponseMetadata></{operation}Response>",
                asked.to.namespace()
            );
            written(200, Protocol::Query, body.into_bytes(), request_id)
        }
        Protocol::Json(_) => written(200, asked.protocol, result.to_json().to_string().into_bytes(), request_id),
        Protocol::Cbor => written(200, Protocol::Cbor, cbor(result), request_id),
    }
}

/// Writes a good answer that is JSON already, such as the table's.
pub fn json_answer(asked: &Asked, body: &Value, status: u16, request_id: &str) -> Answer {
    written(status, asked.protocol, body.to_string().into_bytes(), request_id)
}

/// Writes an error.
pub fn error_answer(to: To, protocol: Protocol, error: &ApiError, request_id: &str) -> Answer {
    let fault = if error.http_status < 500 { "Sender" } else { "Receiver" };
    let mut answer = match protocol {
        Protocol::Query => {
            let inner = Fields::new().put("Type", fault).put("Code", &error.code).put("Message", &error.message);
            let mut body = String::new();
            Node::from(Fields::new().put("Error", inner).put("RequestId", request_id)).write_xml(&mut body);
            let body = format!("<ErrorResponse xmlns=\"{}\">{body}</ErrorResponse>", to.namespace());
            written(error.http_status, protocol, body.into_bytes(), request_id)
        }
        Protocol::Json(_) => {
            let body = json!({ "__type": error.code, "message": error.message });
            written(error.http_status, protocol, body.to_string().into_bytes(), request_id)
        }
        Protocol::Cbor => {
            let body = Fields::new().put("__type", &error.code).put("message", &error.message);
            written(error.http_status, protocol, cbor(&body.into()), request_id)
        }
    };
    // CloudWatch spoke Query once: it goes on sending the old code, and the SDKs prefer it.
    if to == To::World(Service::CloudWatch) && protocol != Protocol::Query {
        answer.headers.push(("x-amzn-query-error", format!("{};{fault}", error.code)));
    }
    answer
}

fn cbor(node: &Node) -> Vec<u8> {
    let mut body = Vec::new();
    // Writing to memory can't fail.
    let _ = ciborium::into_writer(&node.to_cbor(), &mut body);
    body
}

fn written(status: u16, protocol: Protocol, body: Vec<u8>, request_id: &str) -> Answer {
    let kind = match protocol {
        Protocol::Query => "text/xml",
        Protocol::Json(0) => "application/x-amz-json-1.0",
        Protocol::Json(_) => "application/x-amz-json-1.1",
        Protocol::Cbor => "application/cbor",
    };
    let mut headers = vec![("content-type", kind.to_owned()), ("x-amzn-requestid", request_id.to_owned())];
    if protocol == Protocol::Cbor {
        headers.push(("smithy-protocol", "rpc-v2-cbor".to_owned()));
    }
    Answer { status, headers, body }
}
