//! The policy keeps to DESIGN's table, whichever way a value comes in.
use super::*;
