//! One table: its schema, its items in key order, and its sparse indexes, kept with each write.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::error::DynamoError;
use super::value::{Attr, Item, item_size};

/// 400 KB, names and values: DynamoDB's limit for one item.
pub const MAX_ITEM: usize = 400 * 1024;

/// A key attribute's value in an order that a tree can use. Strings and numbers never meet in one attribute.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyPart(pub Attr);

impl Eq for KeyPart {}

impl Ord for KeyPart {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.order(&other.0).unwrap_or_else(|| self.0.kind().cmp(other.0.kind()))
    }
}

impl PartialOrd for KeyPart {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Partition key and, where the schema has one, sort key.
pub type Key = (KeyPart, Option<KeyPart>);

/// The names of the attributes that make a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeySchema {
    /// The partition key's attribute.
    pub partition: String,
    /// The sort key's attribute.
    pub sort: Option<String>,
}

impl KeySchema {
    /// Both names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.partition.as_str()).chain(self.sort.as_deref())
    }

    /// The key of an item that carries all of it; `None` otherwise, which keeps an index sparse.
    pub fn of(&self, item: &Item) -> Option<Key> {
        let part = |name: &String| item.get(name).cloned().map(KeyPart);
        let partition = part(&self.partition)?;
        match &self.sort {
            None => Some((partition, None)),
            Some(sort) => Some((partition, Some(part(sort)?))),
        }
    }
}

/// Which attributes an index carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Projected {
    /// Every attribute.
    All,
    /// The keys of table and index, and these.
    Only(BTreeSet<String>),
}

/// A global secondary index.
#[derive(Debug, Clone, PartialEq)]
pub struct Index {
    /// Its key.
    pub schema: KeySchema,
    /// What it carries.
    pub projected: Projected,
    /// Its entries: the index's key, then the table's.
    pub entries: BTreeSet<(Key, Key)>,
}

/// A table.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its key.
    pub schema: KeySchema,
    /// The declared types of key attributes: `S` or `N`.
    pub types: BTreeMap<String, String>,
    /// Its items.
    pub items: BTreeMap<Key, Item>,
    /// Its indexes by name.
    pub indexes: BTreeMap<String, Index>,
}

impl Table {
    /// The key that a request names: exactly the schema's attributes, of the declared types, not empty.
    pub fn key(&self, given: &Item) -> Result<Key, DynamoError> {
        let names: Vec<&str> = self.schema.names().collect();
        let wrong = || DynamoError::validation("The provided key element does not match the schema");
        if given.len() != names.len() || !names.iter().all(|name| given.contains_key(*name)) {
            return Err(wrong());
        }
        for name in names {
            if self.types.get(name).map(String::as_str) != given.get(name).map(Attr::kind) {
                return Err(wrong());
            }
            not_empty(name, given.get(name))?;
        }
        self.schema.of(given).ok_or_else(wrong)
    }

    /// The key of a whole item about to be put; checks its indexes' keys and its size too.
    pub fn key_of_item(&self, item: &Item) -> Result<Key, DynamoError> {
        let wrong = |why: String| DynamoError::validation(format!("One or more parameter values were invalid: {why}"));
        for name in self.schema.names() {
            let Some(value) = item.get(name) else {
                return Err(wrong(format!("Missing the key {name} in the item")));
            };
            let expected = self.types.get(name).map_or("S", String::as_str);
            if value.kind() != expected {
                return Err(wrong(format!(
                    "Type mismatch for key {name} expected: {expected} actual: {}",
                    value.kind()
                )));
            }
            not_empty(name, Some(value))?;
        }
        for (index, spec) in &self.indexes {
            for name in spec.schema.names() {
                let Some(value) = item.get(name) else { continue };
                let expected = self.types.get(name).map_or("S", String::as_str);
                if value.kind() != expected {
                    return Err(wrong(format!(
                        "Type mismatch for Index Key {name} Expected: {expected} Actual: {} IndexName: {index}",
                        value.kind()
                    )));
                }
                if matches!(value, Attr::S(s) if s.is_empty()) {
                    return Err(wrong(format!(
                        "The AttributeValue for a key attribute cannot contain an empty string value. IndexName: \
                         {index}, IndexKey: {name}"
                    )));
                }
            }
        }
        if item_size(item) > MAX_ITEM {
            return Err(DynamoError::validation("Item size has exceeded the maximum allowed size"));
        }
        self.schema.of(item).ok_or_else(|| wrong("Missing the key in the item".into()))
    }

    /// Writes (or with `None` removes) one item, its index entries with it. Returns the item before.
    pub fn write(&mut self, key: &Key, item: Option<Item>) -> Option<Item> {
        let before = self.items.remove(key);
        for index in self.indexes.values_mut() {
            if let Some(old) = before.as_ref().and_then(|item| index.schema.of(item)) {
                index.entries.remove(&(old, key.clone()));
            }
            if let Some(new) = item.as_ref().and_then(|item| index.schema.of(item)) {
                index.entries.insert((new, key.clone()));
            }
        }
        if let Some(item) = item {
            self.items.insert(key.clone(), item);
        }
        before
    }
}

fn not_empty(name: &str, value: Option<&Attr>) -> Result<(), DynamoError> {
    match value {
        Some(Attr::S(s)) if s.is_empty() => Err(DynamoError::validation(format!(
            "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty \
             string value. Key: {name}"
        ))),
        _ => Ok(()),
    }
}
