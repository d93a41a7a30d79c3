//! infra/'s two books: the reference is generated from the code, the runbook is held complete against it.
//!
//! `UPDATE=1 cargo test --test handbook` writes infra/REFERENCE.md anew; to be read in the diff before it's committed.

mod cost;
mod policy;
mod protocol;
mod reference;
mod report;
mod runbook;
mod source;
mod template;
mod words;
