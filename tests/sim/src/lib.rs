//! A model of the AWS that Cutover talks to: **one world, two faces**.
//!
//! The world (`world`) holds fleets, target groups, alarms, traffic and what EventBridge would deliver, in virtual time and from a seed;
//! `api` is the seam at which a face asks it something. One face is in process and implements Cutover's ports, the other speaks
//! AWS's wire protocols over loopback HTTP, so that the shipped binary runs unchanged.
#![warn(missing_docs)]

pub mod api;
pub mod dynamodb;
pub mod ports;
pub mod wire;
pub mod world;
