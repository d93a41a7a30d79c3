//! Names, ARNs and moments, as AWS writes them: account 123456789012, region eu-west-1.

use time::OffsetDateTime;

use crate::api::Millis;

/// The account of every ARN.
pub const ACCOUNT: &str = "123456789012";
/// The region of every ARN.
pub const REGION: &str = "eu-west-1";

/// A lower-case UUID that stands for the n-th thing made.
pub(crate) fn uuid(n: u64) -> String {
    // Spread n over the digits, so that ids don't look alike; SplitMix64's finaliser is a bijection, so they stay distinct.
    let mut z = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^= z >> 31;
    let (high, low) = ((z >> 32) as u32, z as u32);
    format!("{high:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}", low >> 16, low >> 4 & 0xfff, low & 0xfff, n & 0xffff_ffff_ffff)
}

pub(crate) fn instance_id(n: u64) -> String {
    format!("i-{n:017x}")
}

pub(crate) fn fleet_arn(name: &str, n: u64) -> String {
    format!("arn:aws:autoscaling:{REGION}:{ACCOUNT}:autoScalingGroup:{}:autoScalingGroupName/{name}", uuid(n))
}

pub(crate) fn group_arn(name: &str, n: u64) -> String {
    format!("arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:targetgroup/{name}/{n:016x}")
}

pub(crate) fn balancer_arn(name: &str, network: bool, n: u64) -> String {
    let kind = if network { "net" } else { "app" };
    format!("arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/{kind}/{name}/{n:016x}")
}

pub(crate) fn alarm_arn(name: &str) -> String {
    format!("arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}")
}

fn moment(ms: Millis) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(ms) * 1_000_000).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// `2026-01-05T12:00:00Z`, as EventBridge's envelope has it.
pub fn seconds_z(ms: Millis) -> String {
    let t = moment(ms);
    let (hour, minute, second) = t.to_hms();
    format!("{:04}-{:02}-{:02}T{hour:02}:{minute:02}:{second:02}Z", t.year(), u8::from(t.month()), t.day())
}

/// `2026-01-05T12:00:00.000Z`, as SNS has it.
pub fn millis_z(ms: Millis) -> String {
    format!("{}.{:03}Z", seconds_z(ms).trim_end_matches('Z'), ms.rem_euclid(1000))
}

/// `2026-01-05T12:00:00.000+0000`, as CloudWatch has it.
pub fn millis_offset(ms: Millis) -> String {
    format!("{}.{:03}+0000", seconds_z(ms).trim_end_matches('Z'), ms.rem_euclid(1000))
}

/// `Monday 05 January, 2026 12:00:00 UTC`, as a composite alarm's reason has it.
pub(crate) fn in_words(ms: Millis) -> String {
    let t = moment(ms);
    let (hour, minute, second) = t.to_hms();
    format!("{} {:02} {}, {} {hour:02}:{minute:02}:{second:02} UTC", t.weekday(), t.day(), t.month(), t.year())
}

/// `05/01/26 12:00:00`, as a metric alarm's reason has it.
pub(crate) fn short(ms: Millis) -> String {
    let t = moment(ms);
    let (hour, minute, second) = t.to_hms();
    format!("{:02}/{:02}/{:02} {hour:02}:{minute:02}:{second:02}", t.day(), u8::from(t.month()), t.year() % 100)
}
