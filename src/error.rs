//! The categories of failure at the edge: what a caller, a person or Step Functions, can do about it.
//!
//! Inside, each stage has its own errors and the flow answers odd situations with named decisions; only what ends an
//! invocation without a report becomes one of these. The names are part of the contract: workflows match on them.

mod invalid;

pub use invalid::{InvalidField, nearest, printable, quoted, shorten, shown_json, shown_text};

/// Why an invocation has no report. Its text is a sentence for a person: what was wrong, with which value, what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The payload isn't a request: a field is wrong, unknown or missing. Permanent: send it mended.
    #[error(transparent)]
    InvalidRequest(#[from] InvalidField),
    /// There is no such application, release or fleet. Permanent until somebody makes it: check the name.
    #[error("{0}")]
    NotFound(String),
    /// What was asked doesn't go with where the release stands (or with what the same token asked before). Permanent:
    /// look at `status` and ask for something else.
    #[error("{0}")]
    Conflict(String),
    /// Another invocation works on this application at this moment. Retryable, in a few seconds.
    #[error(
        "another invocation is working on application \"{application}\" at this moment: nothing was done; try again in a few seconds"
    )]
    Busy {
        /// Whose lease it is.
        application: String,
    },
    /// AWS asked to be called less often. Retryable, later than the last time.
    #[error("{why}: nothing more was done; try again, waiting longer each time")]
    Throttled {
        /// Which call of AWS's, on what, and AWS's words.
        why: String,
    },
    /// Something that is needed could not be reached or was denied: the table, a call, a permission (then the text
    /// names the IAM action and the resource). Retryable: the release goes on from where it stands once it is mended.
    #[error("{0}")]
    Unavailable(String),
}

impl Error {
    /// The name that Step Functions matches in `Retry` and `Catch`.
    pub fn error_type(&self) -> &'static str {
        match self {
            Self::InvalidRequest(_) => "InvalidRequest",
            Self::NotFound(_) => "NotFound",
            Self::Conflict(_) => "Conflict",
            Self::Busy { .. } => "Busy",
            Self::Throttled { .. } => "Throttled",
            Self::Unavailable(_) => "Unavailable",
        }
    }

    /// Whether the same request may succeed if it is sent again unchanged.
    pub fn retryable(&self) -> bool {
        match self {
            Self::InvalidRequest(_) | Self::NotFound(_) | Self::Conflict(_) => false,
            Self::Busy { .. } | Self::Throttled { .. } | Self::Unavailable(_) => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_category_has_the_name_that_workflows_match_and_says_whether_to_try_again() {
        let text = || "a sentence".to_owned();
        let all = [
            (Error::from(InvalidField::missing("green", "a name")), "InvalidRequest", false),
            (Error::NotFound(text()), "NotFound", false),
            (Error::Conflict(text()), "Conflict", false),
            (Error::Busy { application: "web".into() }, "Busy", true),
            (Error::Throttled { why: "cloudwatch:DescribeAlarms on web-5xx was throttled".into() }, "Throttled", true),
            (Error::Unavailable(text()), "Unavailable", true),
        ];
        for (error, name, retryable) in all {
            assert_eq!((error.error_type(), error.retryable()), (name, retryable));
            assert!(!error.to_string().is_empty());
        }
    }
}
