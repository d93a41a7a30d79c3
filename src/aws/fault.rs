//! What an error of AWS's means: the one place that turns an SDK's error into a sentence and a class.
//!
//! Errors are told apart by their code, not by their type: Auto Scaling's `ValidationError` and `Throttling`, and
//! every missing permission, reach the SDK's types as "unhandled".

use crate::act::WriteError;
use crate::error::printable;
use crate::release::Unread;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use std::error::Error;

/// How AWS says "less often", in the words of all its services.
const THROTTLING: [&str; 12] = [
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottled",
    "RequestThrottledException",
    "RequestLimitExceeded",
    "TooManyRequestsException",
    "ProvisionedThroughputExceededException",
    "LimitExceededException",
    "BandwidthLimitExceeded",
    "SlowDown",
    "PriorRequestNotComplete",
];
/// How AWS says that the role may not.
const DENIED: [&str; 5] =
    ["AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "UnauthorizedAccess", "NotAuthorized"];
/// How AWS says that it doesn't know who calls.
const CREDENTIALS: [&str; 8] = [
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
];
/// Answers that come with HTTP 5xx and yet say that nothing was done: the API model of Auto Scaling gives
/// `ResourceContentionFault` ("You already have a pending update") status 500.
const REFUSED_WITH_5XX: [&str; 2] = ["ResourceContention", "ServiceLinkedRoleFailure"];
/// The longest piece of AWS's own text in a sentence: enough for the user, the action and the resource that a denial
/// names; sentences end up on the record, whose item is small.
const LONGEST_QUOTE: usize = 400;

/// One call, as a sentence about its failure names it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Call<'a> {
    /// The IAM action, `autoscaling:DescribeAutoScalingGroups`: what has to be granted if it's denied.
    pub action: &'static str,
    /// The resource, as IAM or a person calls it.
    pub on: &'a str,
}

/// What kind of failure it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// AWS answered: too often. Nothing was done.
    Throttled,
    /// AWS answered: not allowed (or not known who asks). Nothing was done.
    Denied,
    /// AWS answered: no, or the request never left. Nothing was done.
    Refused,
    /// No answer, or one that leaves open what was done.
    Unclear,
}

/// An error of AWS's, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// What kind of failure it was.
    pub class: Class,
    /// AWS's code, if it answered with one.
    pub code: Option<String>,
    /// AWS's own message, if it answered with one.
    pub message: String,
    /// The sentence's end that says it.
    pub sentence: String,
}

impl Fault {
    /// Understands the error of a call.
    pub fn of<E>(call: Call<'_>, error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let said = |class, what: &str| Self::unanswered(class, format!("{} on {} {what}", call.action, call.on));
        match error {
            SdkError::ServiceError(answer) => {
                Self::answered(call, answer.raw().status().as_u16(), answer.err().code(), answer.err().message())
            }
            SdkError::TimeoutError(_) => said(Class::Unclear, "had no answer in time"),
            SdkError::DispatchFailure(failure) if failure.is_timeout() => said(Class::Unclear, "had no answer in time"),
            SdkError::DispatchFailure(_) => {
                let class = if connection_refused(error.source()) { Class::Refused } else { Class::Unclear };
                said(class, &format!("didn't get through to AWS: {}", chain(error.source())))
            }
            SdkError::ResponseError(answer) => {
                let status = answer.raw().status().as_u16();
                said(Class::Unclear, &format!("got an answer that can't be read (HTTP status {status})"))
            }
            SdkError::ConstructionFailure(_) => {
                said(Class::Refused, &format!("was never sent: {}", chain(error.source())))
            }
            _ => said(Class::Unclear, "failed in a way that this version doesn't know"),
        }
    }

    /// An answer that isn't what it has to be, said by whoever tried to read it.
    pub fn unreadable(call: Call<'_>, what: &str) -> Self {
        let sentence = format!("{} on {} answered {what}", call.action, call.on);
        Self::unanswered(Class::Unclear, sentence)
    }

    /// Whether AWS answered with this code.
    pub fn is(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }

    fn unanswered(class: Class, sentence: String) -> Self {
        Self { class, code: None, message: String::new(), sentence: printable(&sentence) }
    }

    fn answered(call: Call<'_>, status: u16, code: Option<&str>, message: Option<&str>) -> Self {
        let (action, on) = (call.action, call.on);
        let quote = shorten(message.unwrap_or_default());
        let Some(code) = code else {
            // Something between us and AWS may have answered (a proxy): that leaves open what AWS did.
            return Self::unanswered(
                Class::Unclear,
                format!("{action} on {on} got an error without a code (HTTP status {status})"),
            );
        };
        let (class, sentence) = if THROTTLING.contains(&code) {
            (Class::Throttled, format!("{action} on {on} was throttled ({code}): {quote}"))
        } else if DENIED.contains(&code) {
            (Class::Denied, format!("the function's role lacks the permission {action} on {on} ({code}): {quote}"))
        } else if CREDENTIALS.contains(&code) {
            let sentence =
                format!("AWS doesn't accept the function's credentials for {action} on {on} ({code}): {quote}");
            (Class::Denied, sentence)
        } else if (400..500).contains(&status) || REFUSED_WITH_5XX.contains(&code) {
            (Class::Refused, format!("AWS refused {action} on {on} ({code}): {quote}"))
        } else {
            let sentence = format!("AWS failed at {action} on {on} ({code}, HTTP status {status}): {quote}");
            (Class::Unclear, sentence)
        };
        let (code, message) = (Some(code.to_owned()), message.unwrap_or_default().to_owned());
        Self { class, code, message, sentence: printable(&sentence) }
    }
}

impl From<Fault> for Unread {
    fn from(fault: Fault) -> Self {
        Self(fault.sentence)
    }
}

impl From<Fault> for WriteError {
    /// `Refused` only if it's certain that nothing was done.
    fn from(fault: Fault) -> Self {
        match fault.class {
            Class::Throttled | Class::Denied | Class::Refused => Self::Refused(fault.sentence),
            Class::Unclear => Self::Lost(fault.sentence),
        }
    }
}

/// Whether nobody listened at the other end: then not one byte of the request was sent. Every other trouble with a
/// connection may have struck after the request had left.
fn connection_refused(cause: Option<&(dyn Error + 'static)>) -> bool {
    causes(cause).any(|error| {
        error.downcast_ref::<std::io::Error>().is_some_and(|io| io.kind() == std::io::ErrorKind::ConnectionRefused)
    })
}

/// An error and what it came from, each said once.
fn chain(cause: Option<&(dyn Error + 'static)>) -> String {
    let mut said: Vec<String> = Vec::new();
    for error in causes(cause) {
        let text = error.to_string();
        if !said.iter().any(|earlier| earlier.contains(&text)) {
            said.push(text);
        }
    }
    shorten(&said.join(": "))
}

fn causes<'a>(cause: Option<&'a (dyn Error + 'static)>) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(cause, |&error| error.source())
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(LONGEST_QUOTE) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_autoscaling::operation::update_auto_scaling_group::UpdateAutoScalingGroupError as SdkSays;
    use aws_smithy_runtime_api::client::result::ConnectorError;
    use aws_smithy_runtime_api::http::StatusCode;
    use aws_smithy_types::body::SdkBody;
    use aws_smithy_types::error::ErrorMetadata;
    use std::io::{Error as IoError, ErrorKind};

    const CALL: Call<'static> = Call { action: "autoscaling:UpdateAutoScalingGroup", on: "web-2" };

    fn response(status: u16) -> HttpResponse {
        HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::empty())
    }

    fn answer(status: u16, code: &str) -> Fault {
        let meta = ErrorMetadata::builder().code(code).message("Rate exceeded").build();
        Fault::of(CALL, &SdkError::service_error(SdkSays::generic(meta), response(status)))
    }

    fn not_answered(error: SdkError<SdkSays, HttpResponse>) -> Fault {
        Fault::of(CALL, &error)
    }

    fn lost(fault: Fault) -> bool {
        matches!(WriteError::from(fault), WriteError::Lost(_))
    }

    #[test]
    fn every_answer_that_says_no_is_certain_and_names_action_and_resource() {
        let cases = [
            (400, "Throttling", Class::Throttled),
            (400, "ThrottlingException", Class::Throttled),
            (503, "RequestLimitExceeded", Class::Throttled),
            (403, "AccessDenied", Class::Denied),
            (400, "AccessDeniedException", Class::Denied),
            (403, "ExpiredToken", Class::Denied),
            (400, "ValidationError", Class::Refused),
            (500, "ResourceContention", Class::Refused),
            (400, "InstanceRefreshInProgress", Class::Refused),
        ];
        for (status, code, class) in cases {
            let fault = answer(status, code);
            assert_eq!(fault.class, class, "{code}");
            for part in [CALL.action, CALL.on, code, "Rate exceeded"] {
                assert!(fault.sentence.contains(part), "{} lacks {part}", fault.sentence);
            }
            assert!(!lost(fault), "{code} says that nothing was done");
        }
    }

    #[test]
    fn whatever_leaves_open_whether_it_was_done_is_lost() {
        let reset = || ConnectorError::io(Box::new(IoError::from(ErrorKind::ConnectionReset)));
        for fault in [
            answer(500, "InternalFailure"),
            answer(503, "ServiceUnavailable"),
            not_answered(SdkError::service_error(SdkSays::generic(ErrorMetadata::builder().build()), response(403))),
            not_answered(SdkError::timeout_error("3 s")),
            not_answered(SdkError::dispatch_failure(ConnectorError::timeout("read".into()))),
            not_answered(SdkError::dispatch_failure(reset())),
            not_answered(SdkError::response_error("not XML", response(200))),
        ] {
            assert!(lost(fault.clone()), "{}", fault.sentence);
        }
    }

    #[test]
    fn what_never_left_was_not_done() {
        let refused = ConnectorError::io(Box::new(IoError::from(ErrorKind::ConnectionRefused)));
        assert!(!lost(not_answered(SdkError::dispatch_failure(refused))));
        assert!(!lost(not_answered(SdkError::construction_failure("no name"))));
    }

    #[test]
    fn a_sentence_stays_short_however_long_the_message_of_aws() {
        let meta = ErrorMetadata::builder().code("ValidationError").message("ü".repeat(9_000)).build();
        let fault = Fault::of(CALL, &SdkError::service_error(SdkSays::generic(meta), response(400)));
        assert!(fault.sentence.chars().count() < 600);
    }
}
