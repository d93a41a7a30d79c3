#![doc = include_str!("ARCHITECTURE.md")]
//!
//! # Example
//!
//! What was not read is not good news: a look in which nothing was read decides nothing.
//!
//! ```
//! use cutover::decide::{Ask, Context, turn};
//! use cutover::release::{Application, ApplicationName, Observation, PolicyFields};
//!
//! let app = Application::new(ApplicationName::parse("web")?);
//! let unread = Observation::default();
//! let defaults = PolicyFields::default();
//! let context = Context { defaults: &defaults, pasts: &[], ended: None, subject: None };
//! let turned = turn(&app, &Ask::Look, &unread, &context).expect("a look is never refused");
//! assert!(turned.actions.is_empty());
//! assert_eq!(turned.application, app);
//! # Ok::<(), &str>(())
//! ```
#![warn(missing_docs)]
#![deny(clippy::disallowed_methods)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod act;
pub mod announce;
pub mod answer;
#[cfg(feature = "lambda")]
pub mod aws;
pub mod clock;
pub mod config;
pub mod decide;
pub mod error;
pub mod flow;
pub mod handler;
pub mod mutation;
pub mod observe;
pub mod record;
pub mod release;
pub mod report;
pub mod sweep;
pub mod telemetry;
pub mod trigger;
