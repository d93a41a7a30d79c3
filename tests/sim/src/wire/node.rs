//! A reply before it has a protocol: AWS's field names over plain values, written as XML, JSON or CBOR.
//!
//! One tree for all three keeps them from drifting apart: what one SDK reads, the other reads too.

use ciborium::Value as Cbor;
use serde_json::{Map, Value as Json, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::api::Millis;

/// A value of a reply.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// A string.
    Text(String),
    /// An integer.
    Int(i64),
    /// A floating-point number.
    Float(f64),
    /// A boolean.
    Bool(bool),
    /// A moment; each protocol writes it in its own way.
    Time(Millis),
    /// A list; `<member>` by `<member>` in XML.
    List(Vec<Node>),
    /// A structure. Absent fields are left out, as AWS leaves them out.
    Struct(Vec<(&'static str, Node)>),
}

impl From<&str> for Node {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<&String> for Node {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<i32> for Node {
    fn from(n: i32) -> Self {
        Self::Int(n.into())
    }
}

impl From<f64> for Node {
    fn from(n: f64) -> Self {
        Self::Float(n)
    }
}

impl From<bool> for Node {
    fn from(b: bool) -> Self {
        Self::Bool(b)
    }
}

impl From<Fields> for Node {
    fn from(fields: Fields) -> Self {
        Self::Struct(fields.0)
    }
}

/// A structure being filled.
#[derive(Debug, Default)]
pub struct Fields(Vec<(&'static str, Node)>);

impl Fields {
    /// No fields yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A field that is always there.
    pub fn put(mut self, name: &'static str, value: impl Into<Node>) -> Self {
        self.0.push((name, value.into()));
        self
    }

    /// A field that may be absent.
    pub fn maybe(self, name: &'static str, value: Option<impl Into<Node>>) -> Self {
        match value {
            Some(value) => self.put(name, value),
            None => self,
        }
    }

    /// A moment.
    pub fn time(self, name: &'static str, at: Millis) -> Self {
        self.put(name, Node::Time(at))
    }

    /// A moment that may be absent.
    pub fn maybe_time(self, name: &'static str, at: Option<Millis>) -> Self {
        self.maybe(name, at.map(Node::Time))
    }

    /// A list of whatever becomes a node.
    pub fn list<T: Into<Node>>(self, name: &'static str, all: impl IntoIterator<Item = T>) -> Self {
        self.put(name, Node::List(all.into_iter().map(Into::into).collect()))
    }
}

/// The moment as RFC 3339 writes it, to the millisecond.
pub fn rfc3339(at: Millis) -> String {
    let moment = OffsetDateTime::from_unix_timestamp_nanos(i128::from(at) * 1_000_000);
    moment.ok().and_then(|moment| moment.format(&Rfc3339).ok()).unwrap_or_default()
}

/// Seconds since 1970 with their fraction, as JSON and CBOR carry moments. Exact to the millisecond for 200,000 years.
#[expect(clippy::cast_precision_loss, reason = "milliseconds of this era have 41 bits, a double holds 53")]
pub fn seconds(at: Millis) -> f64 {
    at as f64 / 1000.0
}

impl Node {
    /// The inside of an XML element.
    pub fn write_xml(&self, out: &mut String) {
        match self {
            // A carriage return would be normalised away by an XML parser.
            Self::Text(text) => out.push_str(&quick_xml::escape::escape(text.as_str()).replace('\r', "&#13;")),
            Self::Int(n) => out.push_str(&n.to_string()),
            Self::Float(n) => out.push_str(&n.to_string()),
            Self::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
            Self::Time(at) => out.push_str(&rfc3339(*at)),
            Self::List(all) => all.iter().for_each(|one| element(out, "member", one)),
            Self::Struct(fields) => fields.iter().for_each(|(name, value)| element(out, name, value)),
        }
    }

    /// The JSON protocols' form.
    pub fn to_json(&self) -> Json {
        match self {
            Self::Text(text) => json!(text),
            Self::Int(n) => json!(n),
            Self::Float(n) => json!(n),
            Self::Bool(b) => json!(b),
            Self::Time(at) => json!(seconds(*at)),
            Self::List(all) => all.iter().map(Self::to_json).collect(),
            Self::Struct(fields) => {
                fields.iter().map(|(name, value)| ((*name).to_owned(), value.to_json())).collect::<Map<_, _>>().into()
            }
        }
    }

    /// The rpc-v2-cbor protocol's form: moments are tag 1 over seconds.
    pub fn to_cbor(&self) -> Cbor {
        match self {
            Self::Text(text) => Cbor::Text(text.clone()),
            Self::Int(n) => Cbor::Integer((*n).into()),
            Self::Float(n) => Cbor::Float(*n),
            Self::Bool(b) => Cbor::Bool(*b),
            Self::Time(at) => Cbor::Tag(1, Box::new(Cbor::Float(seconds(*at)))),
            Self::List(all) => Cbor::Array(all.iter().map(Self::to_cbor).collect()),
            Self::Struct(fields) => Cbor::Map(
                fields.iter().map(|(name, value)| (Cbor::Text((*name).to_owned()), value.to_cbor())).collect(),
            ),
        }
    }
}

fn element(out: &mut String, name: &str, value: &Node) {
    out.push('<');
    out.push_str(name);
    out.push('>');
    value.write_xml(out);
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}
