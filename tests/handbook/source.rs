//! What the product's source says of itself: the documentation of its types, so that no page repeats it by hand.

use std::path::PathBuf;
use syn::{Attribute, Expr, Fields, Item, Lit, Meta};

/// A field of a type, or a variant of an enum, with its documentation and (a variant's) own fields.
pub struct Part {
    /// As JSON says it.
    pub name: String,
    /// Its documentation, in one line.
    pub doc: String,
    /// The fields of a variant.
    pub fields: Vec<Part>,
}

/// A file of the project.
pub fn read(path: &str) -> String {
    let whole = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&whole).unwrap_or_else(|fault| panic!("{path}: {fault}"))
}

fn items(path: &str) -> syn::File {
    syn::parse_file(&read(path)).unwrap_or_else(|fault| panic!("{path}: {fault}"))
}

/// Documentation as one line.
fn doc(attributes: &[Attribute]) -> String {
    let line = |attribute: &Attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Str(text) => Some(text.value().trim().to_owned()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    };
    attributes.iter().filter_map(line).collect::<Vec<_>>().join(" ").trim().to_owned()
}

fn fields_of(fields: &Fields) -> Vec<Part> {
    let part = |field: &syn::Field| {
        let name = field.ident.as_ref()?.to_string();
        Some(Part { name, doc: doc(&field.attrs), fields: Vec::new() })
    };
    fields.iter().filter_map(part).collect()
}

/// The fields of a struct.
pub fn fields(path: &str, name: &str) -> Vec<Part> {
    let found = items(path).items.into_iter().find_map(|item| match item {
        Item::Struct(found) if found.ident == name => Some(fields_of(&found.fields)),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("{path} has no struct {name}"))
}

/// The variants of an enum, by their names in the source.
pub fn variants(path: &str, name: &str) -> Vec<Part> {
    let found = items(path).items.into_iter().find_map(|item| match item {
        Item::Enum(found) if found.ident == name => Some(found.variants),
        _ => None,
    });
    let variants = found.unwrap_or_else(|| panic!("{path} has no enum {name}"));
    let part = |variant: syn::Variant| Part {
        name: variant.ident.to_string(),
        doc: doc(&variant.attrs),
        fields: fields_of(&variant.fields),
    };
    variants.into_iter().map(part).collect()
}

/// The variants of an enum, by the words that JSON has for them.
pub fn words(path: &str, name: &str) -> Vec<Part> {
    variants(path, name).into_iter().map(|part| Part { name: snake(&part.name), ..part }).collect()
}

/// The documentation of a function.
pub fn function(path: &str, name: &str) -> String {
    let found = items(path).items.into_iter().find_map(|item| match item {
        Item::Fn(found) if found.sig.ident == name => Some(doc(&found.attrs)),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("{path} has no function {name}"))
}

/// The text of a constant.
pub fn constant(path: &str, name: &str) -> String {
    let found = items(path).items.into_iter().find_map(|item| match item {
        Item::Const(found) if found.ident == name => match *found.expr {
            Expr::Lit(literal) => match literal.lit {
                Lit::Str(text) => Some(text.value()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    });
    found.unwrap_or_else(|| panic!("{path} has no text {name}"))
}

/// The lines of a file's own documentation.
pub fn front(path: &str) -> Vec<String> {
    read(path).lines().map_while(|line| line.strip_prefix("//!")).map(|line| line.trim().to_owned()).collect()
}

/// The keys of the objects that a function writes by `json!`, in order.
pub fn json_keys(path: &str, function: &str) -> Vec<String> {
    let body = body(path, function);
    let pieces: Vec<&str> = body.split('"').collect();
    let keyed = pieces.windows(2).skip(1).step_by(2).filter(|pair| pair[1].starts_with(':'));
    let keys: Vec<String> = keyed.map(|pair| pair[0].to_owned()).collect();
    assert!(!keys.is_empty(), "{function} of {path} writes no JSON");
    keys
}

/// The lines of a function, free or of some type.
pub fn body(path: &str, function: &str) -> String {
    let text = read(path);
    let heads = [format!("fn {function}("), format!("fn {function}<")];
    let mut lines = text.lines().skip_while(|line| !heads.iter().any(|head| line.contains(head)));
    let first = lines.next().unwrap_or_else(|| panic!("{path} has no function {function}"));
    let indent = first.len() - first.trim_start().len();
    let end = format!("{}}}", " ".repeat(indent));
    lines.take_while(|line| **line != end).collect::<Vec<_>>().join("\n")
}

/// `InvalidRequest` as JSON's `invalid_request`.
fn snake(name: &str) -> String {
    let mut word = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !word.is_empty() {
            word.push('_');
        }
        word.extend(letter.to_lowercase());
    }
    word
}
