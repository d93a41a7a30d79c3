//! The nouns: names that cannot be wrong.
//!
//! Each is checked once, where it enters (a payload, a tag, a reply of AWS's), and is harmless from then on: a name is
//! data everywhere, never part of a pattern, a path or an expression.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Declares a validated name: a newtype over `String` that only `parse` can make.
macro_rules! name {
    ($(#[$doc:meta])* $type:ident, max $max:literal, $expected:literal, $valid:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String")]
        pub struct $type(String);

        impl $type {
            /// The longest value, in characters.
            pub const MAX: usize = $max;

            /// Checks a text.
            ///
            /// # Errors
            /// What was expected, as the end of a sentence; permanent: the same text fails again.
            pub fn parse(text: &str) -> Result<Self, &'static str> {
                let valid: fn(&str) -> bool = $valid;
                let fits = !text.is_empty() && text.chars().count() <= $max;
                if fits && !text.chars().any(char::is_control) && valid(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err($expected)
                }
            }

            /// The text as it was given.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $type {
            type Error = &'static str;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::parse(&text)
            }
        }

        impl From<$type> for String {
            fn from(name: $type) -> String {
                name.0
            }
        }
    };
}

name!(
    /// What is released: the value of the tag `cutover:application`, shared by all of its fleets.
    /// At most 256 characters, a tag value's limit.
    ApplicationName, max 256, "an application's name: 1 to 256 characters, none of them a control character", |_| true
);
name!(
    /// An Auto Scaling group's name, unique in its account and Region while the group exists. At most 255 characters.
    FleetName, max 255, "an Auto Scaling group's name: 1 to 255 characters, none of them a control character", |_| true
);
name!(
    /// An Auto Scaling group's ARN: new each time a name is used again, so it names one fleet for ever.
    FleetArn, max 1600, "an Auto Scaling group's ARN: arn:…:autoscaling:…:autoScalingGroup:…", |text| {
        text.starts_with("arn:") && text.contains(":autoScalingGroup:")
    }
);
name!(
    /// A target group's ARN.
    TargetGroupArn, max 1600, "a target group's ARN: arn:…:elasticloadbalancing:…:targetgroup/…", |text| {
        text.starts_with("arn:") && text.contains(":targetgroup/")
    }
);
name!(
    /// A CloudWatch alarm's name, of whichever type. At most 255 characters.
    AlarmName, max 255, "a CloudWatch alarm's name: 1 to 255 characters, none of them a control character", |_| true
);

impl TargetGroupArn {
    /// The short name in the ARN (`…:targetgroup/NAME/ID`), for sentences that people read.
    pub fn short(&self) -> &str {
        let after = self.0.split_once(":targetgroup/").map_or(self.0.as_str(), |(_, rest)| rest);
        after.split('/').next().unwrap_or(after)
    }
}

/// A release's id, `APPLICATION.NUMBER`: numbers count up within an application, so an id is never used twice.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ReleaseId {
    application: ApplicationName,
    number: u64,
}

impl ReleaseId {
    /// The id of an application's release number `number`.
    pub fn new(application: ApplicationName, number: u64) -> Self {
        Self { application, number }
    }

    /// Reads an id as a report gave it.
    ///
    /// # Errors
    /// What was expected; permanent.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const EXPECTED: &str = "a release's id as reports give it: the application's name, a dot, a number";
        let (application, number) = text.rsplit_once('.').ok_or(EXPECTED)?;
        let plain = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) && !number.starts_with('0');
        let number = number.parse().ok().filter(|_| plain).ok_or(EXPECTED)?;
        let application = ApplicationName::parse(application).map_err(|_| EXPECTED)?;
        Ok(Self { application, number })
    }

    /// Whose release it is.
    pub fn application(&self) -> &ApplicationName {
        &self.application
    }

    /// Which of the application's releases, from 1.
    pub fn number(&self) -> u64 {
        self.number
    }
}

impl fmt::Display for ReleaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.application, self.number)
    }
}

impl TryFrom<String> for ReleaseId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<ReleaseId> for String {
    fn from(id: ReleaseId) -> String {
        id.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_id_reads_back_whatever_its_application_is_called() {
        for application in ["web", "a.b.7", "quote\"slash/", "ünï"] {
            let id = ReleaseId::new(ApplicationName::parse(application).unwrap(), 12);
            assert_eq!(ReleaseId::parse(&id.to_string()), Ok(id));
        }
    }

    #[test]
    fn what_is_no_name_is_refused() {
        assert!(FleetName::parse("").is_err());
        assert!(FleetName::parse("a\nb").is_err());
        assert!(FleetName::parse(&"x".repeat(256)).is_err());
        assert!(FleetName::parse(&"ü".repeat(255)).is_ok(), "255 characters, not bytes");
        for text in ["web", "web.", "web.x", "web.-1", "web.+1", "web.01", ".1"] {
            assert!(ReleaseId::parse(text).is_err(), "{text}");
        }
    }
}
