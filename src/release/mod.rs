//! The nouns: what a release is made of, in the field's words.
//!
//! Plain values, no client, no clock. AWS's replies are turned into these in `aws`, once; after that nothing can be
//! malformed any more. **Invariant:** nothing in here reads or writes anything.

mod alarm;
mod application;
mod fleet;
mod member;
mod moment;
mod names;
mod observation;
pub mod policy;
mod running;
mod stage;
mod target_group;
mod verdict;
mod waiting;

pub use alarm::{Alarm, AlarmKind, AlarmMove, AlarmState, DEEPEST_RULE, HABITS};
pub use application::{Application, Entry, Past, Pending};
pub use fleet::{APPLICATION_TAG, AttachmentState, Attachments, Fleet, Instance, Sizes, Style};
pub use member::{Floor, LastWrite, Link, Member, Wanted, WriteAnswer};
pub use moment::{CLOCKS, Span, Stopwatch, Timestamp};
pub use names::{AlarmName, ApplicationName, FleetArn, FleetName, ReleaseId, TargetGroupArn};
pub use observation::{Observation, Reading, Unread};
pub use policy::{Policy, PolicyFields};
pub use running::{GroupTerms, Origin, Release, Watched};
pub use stage::{Stage, Status};
pub use target_group::{GroupAttributes, LoadBalancer, TargetGroup, TargetHealth, Targets};
pub use verdict::{AlarmEvidence, Finding, Verdict, VerdictState};
pub use waiting::WaitingOn;
