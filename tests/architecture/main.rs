//! The walls of src: who may name what. Each promise is shown to be able to fail, on samples that it must refuse,
//! before the source is held to it.

mod rules;
mod source;
mod tree;
mod walls;

use rules::Findings;
use source::Source;

/// Holds all of src to a rule, once the rule has refused every sample of `refused` and none of `accepted`.
fn promise(rule: impl Fn(&Source) -> Findings, refused: &[(&str, &str)], accepted: &[(&str, &str)]) {
    for (path, text) in refused {
        assert!(!rule(&Source::parse(path, text)).is_empty(), "the rule accepts {path}: {text}");
    }
    for (path, text) in accepted {
        assert_eq!(rule(&Source::parse(path, text)), Findings::new(), "the rule refuses {path}: {text}");
    }
    let findings: Findings = tree::shipped().iter().flat_map(rule).collect();
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

#[test]
fn only_the_aws_module_names_an_sdk() {
    promise(
        rules::sdk_in_aws_only,
        &[
            ("src/decide/mod.rs", "use aws_sdk_autoscaling::Client;"),
            ("src/handler.rs", "fn f() { let _ = aws_config::load; }"),
            ("src/observe/mod.rs", "fn f(_: aws_smithy_types::DateTime) {}"),
            ("src/act/mod.rs", "fn f() { log!(\"{}\", aws_sdk_dynamodb::meta::PKG_VERSION); }"),
        ],
        &[("src/aws/mod.rs", "use aws_sdk_autoscaling::Client;")],
    );
}

#[test]
fn each_module_names_only_what_its_wall_allows() {
    let dependencies = tree::dependencies();
    assert!(dependencies.contains(&"aws_sdk_autoscaling".to_owned()), "Cargo.toml wasn't understood: {dependencies:?}");
    promise(
        |source| rules::within_walls(source, &dependencies),
        &[
            ("src/decide/mod.rs", "use crate::observe::observe;"),
            ("src/decide/gates.rs", "use super::super::act::Writes;"),
            ("src/decide/mod.rs", "use tracing::info;"),
            ("src/decide/mod.rs", "fn f() { tracing::info!(\"x\"); }\nuse tracing::field;"),
            ("src/decide/mod.rs", "fn f() { log!(futures_util::future::ready(1)); }"),
            ("src/trigger/mod.rs", "use crate::aws::Clients;"),
            ("src/trigger/mod.rs", "use tokio::time;"),
            ("src/release/mod.rs", "use crate::{decide, record};"),
            ("src/release/fleet.rs", "use crate::decide as d;"),
            ("src/observe/mod.rs", "use crate::act::*;"),
            ("src/decide/mod.rs", "use crate::observe::{Needs, observe};"),
            ("src/handler.rs", "use crate::aws::Aws;"),
            ("src/unheard_of.rs", ""),
        ],
        &[
            (
                "src/decide/mod.rs",
                "use crate::release::Fleet; use std::fmt; mod gates; use gates::Gate; fn f(_: super::decide::Gate) {}",
            ),
            ("src/decide/start.rs", "use crate::observe::Needs; fn f() { Needs::default(); }"),
            ("src/decide/mod.rs", "#[cfg(test)] mod tests { use crate::aws::Clients; }"),
            ("src/handler.rs", "use crate::{decide::decide, observe};"),
        ],
    );
}

#[test]
fn only_those_who_may_write_hold_the_write_port() {
    promise(
        rules::ports_by_power,
        &[
            ("src/decide/mod.rs", "use crate::act::Writes;"),
            ("src/observe/mod.rs", "fn f(_: &impl crate::act::Writes) {}"),
            ("src/observe/mod.rs", "use crate::act; fn f<W: act::Writes>(_: W) {}"),
            ("src/act/mod.rs", "use crate::record::Ledger;"),
            ("src/report.rs", "use crate::announce::Notify as N;"),
            ("src/decide/mod.rs", "use crate::clock::Clock;"),
            ("src/report.rs", "use crate::flow::Ports;"),
        ],
        &[("src/act/mod.rs", "use crate::act::Writes;"), ("src/flow.rs", "use crate::{act::Writes, record::Ledger};")],
    );
}

#[test]
fn an_import_says_what_it_imports() {
    promise(
        rules::no_module_by_glob,
        &[("src/handler.rs", "use crate::act::*;"), ("src/handler.rs", "use crate::{act::{self, *}};")],
        &[
            ("src/decide/table.rs", "use crate::release::Stage; fn f() { use Stage::*; }"),
            ("src/decide/mod.rs", "#[cfg(test)] mod tests { use super::*; }"),
        ],
    );
}

#[test]
fn clock_environment_sleep_and_randomness_have_one_place_each() {
    promise(
        rules::one_place_each,
        &[
            ("src/decide/mod.rs", "fn f() { std::time::SystemTime::now(); }"),
            ("src/act/mod.rs", "use std::time::{Duration, Instant};"),
            ("src/handler.rs", "use time::OffsetDateTime; fn f() { OffsetDateTime::now_utc(); }"),
            ("src/handler.rs", "fn f() { std::env::var(\"X\"); }"),
            ("src/aws/mod.rs", "use std::env;"),
            ("src/aws/autoscaling.rs", "fn f() { std::time::SystemTime::now(); }"),
            ("src/handler.rs", "use tokio::time; async fn f() { time::sleep(x).await }"),
            ("src/handler.rs", "async fn f() { tokio::select! { _ = tokio::time::sleep(x) => {} } }"),
            ("src/record/mod.rs", "fn f() { fastrand::u64(..); }"),
            ("src/decide/mod.rs", "use std::collections::HashMap;"),
            ("src/aws/mod.rs", "fn f() { tokio::spawn(async {}); }"),
            ("src/report.rs", "fn f() { std::fs::read(\"x\"); }"),
        ],
        &[
            ("src/config.rs", "fn f() { std::env::var(\"X\"); }"),
            ("src/aws/clock.rs", "fn f() { std::time::SystemTime::now(); }"),
            ("src/handler.rs", "use std::time::Duration;"),
        ],
    );
}

#[test]
fn the_pure_modules_await_nothing() {
    promise(
        rules::nothing_to_await,
        &[
            ("src/decide/mod.rs", "async fn f() {}"),
            ("src/decide/gates.rs", "fn f() { let _ = async {}; }"),
            ("src/release/mod.rs", "trait T { async fn f(); }"),
            ("src/trigger/mod.rs", "fn f() { block!(x.await) }"),
        ],
        &[("src/observe/mod.rs", "async fn f() {}"), ("src/decide/mod.rs", "fn f() {}")],
    );
}

#[test]
fn nothing_shipped_can_panic_on_purpose() {
    promise(
        rules::nothing_that_panics,
        &[
            ("src/act/mod.rs", "fn f() { x.unwrap(); }"),
            ("src/act/mod.rs", "fn f() { x.expect(\"y\"); }"),
            ("src/act/mod.rs", "fn f() { format!(\"{}\", x.unwrap()); }"),
            ("src/act/mod.rs", "fn f() { panic!(\"y\"); }"),
            ("src/act/mod.rs", "fn f() { if a { unreachable!() } }"),
            ("src/act/mod.rs", "impl X { fn f() { vec![todo!()]; } }"),
        ],
        &[
            ("src/act/mod.rs", "fn f() { x.unwrap_or_default(); if a != b {} }"),
            ("src/act/mod.rs", "#[cfg(test)] mod tests { #[test] fn f() { x.unwrap(); panic!() } }"),
        ],
    );
}

#[test]
fn a_file_holds_one_idea_and_a_function_fits_on_a_screen() {
    let long_file = "//! Long.\n".repeat(401);
    let long_function = format!("//! Long.\nfn long() {{\n{}}}\n", "    f();\n".repeat(69));
    let long_method = format!("//! Long.\nimpl X {{\nfn long() {{\n{}}}\n}}\n", "    f();\n".repeat(69));
    let enough = format!("//! Enough.\nfn enough() {{\n{}}}\n", "    f();\n".repeat(68));
    promise(
        rules::not_too_long,
        &[("src/a.rs", &long_file), ("src/a.rs", &long_function), ("src/a.rs", &long_method)],
        &[("src/a.rs", &enough)],
    );
}

#[test]
fn each_file_begins_by_saying_its_role() {
    promise(
        rules::begins_with_its_role,
        &[("src/act/mod.rs", "use std::fmt;\n"), ("src/act/mod.rs", ""), ("src/act/mod.rs", "// The act stage.\n")],
        &[("src/act/mod.rs", "//! The act stage.\n")],
    );
}

#[test]
fn the_contents_hold_no_logic() {
    promise(
        rules::no_logic_in_the_contents,
        &[("src/lib.rs", "pub mod act;\nfn f() {}"), ("src/lib.rs", "pub struct S;")],
        &[("src/lib.rs", "//! X.\n#![warn(missing_docs)]\npub mod act;\npub use act::Writes;")],
    );
}

#[test]
fn no_file_names_a_machine_or_a_registry() {
    for refused in [
        concat!("see /ho", "me/somebody/x"),
        concat!("resolved https://registry.", "npmjs.org/x"),
        concat!("/ro", "ot/x"),
    ] {
        assert!(tree::foreign(refused).is_some(), "{refused} was accepted");
    }
    assert_eq!(tree::foreign("/etc/pki/tls/certs and arn:aws:iam::1:root/x"), None);
    let findings: Vec<String> =
        tree::texts().iter().filter_map(|(path, text)| Some(format!("{path}: {}", tree::foreign(text)?))).collect();
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

#[test]
fn only_the_agreed_entries_stand_at_the_top() {
    let strangers = tree::strangers_at_the_top();
    assert!(strangers.is_empty(), "at the top level of the project: {strangers:?}");
}
