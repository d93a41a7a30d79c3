//! End to end: the shipped binary, as processes that Lambda's Runtime API feeds, against the simulated AWS on the wire. Real time, real
//! sockets, kill -9.
//!
//! What is judged is the world's truth and the record, never how long something took. The rules themselves are tested in virtual time,
//! in far more situations, by the scenarios and the simulation; here it is shown that the binary keeps them.
//!
//! `CUTOVER_BINARY` names the binary; without it, the one that Cargo has just built is taken.

mod crowd;
mod deaths;
mod judge;
mod stand;
mod stories;
mod trouble;
