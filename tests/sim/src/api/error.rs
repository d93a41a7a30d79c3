//! AWS's errors: code, message and HTTP status, as each service words them.

use super::Service;

/// An error answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// The code on the wire, such as `Throttling` or `ValidationError`.
    pub code: String,
    /// The sentence beside it.
    pub message: String,
    /// The HTTP status.
    pub http_status: u16,
}

impl ApiError {
    /// Any error by its parts.
    pub fn new(code: &str, message: impl Into<String>, http_status: u16) -> Self {
        ApiError { code: code.to_owned(), message: message.into(), http_status }
    }

    /// What the caller sent can't be.
    pub fn validation(message: impl Into<String>) -> Self {
        Self::new("ValidationError", message, 400)
    }

    /// `ResourceContentionFault`: the fleet has a pending update. HTTP 500, says the API model.
    pub fn contention(asg: &str) -> Self {
        let message = format!("You already have a pending update to an Amazon EC2 Auto Scaling resource: {asg}");
        Self::new("ResourceContention", message, 500)
    }

    /// `InstanceRefreshInProgressFault`.
    pub fn refresh_in_progress(asg: &str) -> Self {
        let message = format!(
            "The operation can't be performed because an instance refresh is in progress for the Auto Scaling group {asg}"
        );
        Self::new("InstanceRefreshInProgress", message, 400)
    }

    /// `InvalidNextToken`: a page token that this service never gave.
    pub fn invalid_token(token: &str) -> Self {
        Self::new("InvalidNextToken", format!("The token '{token}' is invalid"), 400)
    }

    /// `TargetGroupNotFound`.
    pub fn target_group_not_found() -> Self {
        Self::new("TargetGroupNotFound", "One or more target groups not found", 400)
    }

    /// `LoadBalancerNotFound`.
    pub fn load_balancer_not_found() -> Self {
        Self::new("LoadBalancerNotFound", "One or more load balancers not found", 400)
    }

    /// Too many calls: each service throttles under its own code.
    pub fn throttled(service: Service) -> Self {
        let code = if service == Service::EventBridge { "ThrottlingException" } else { "Throttling" };
        Self::new(code, "Rate exceeded", 400)
    }

    /// AWS's own trouble: the Query services call it `InternalFailure`, CloudWatch `InternalServiceError`, EventBridge `InternalException`.
    pub fn internal(service: Service) -> Self {
        let code = match service {
            Service::AutoScaling | Service::Elb => "InternalFailure",
            Service::CloudWatch => "InternalServiceError",
            Service::EventBridge => "InternalException",
        };
        Self::new(code, "We encountered an internal error. Please try again.", 500)
    }

    /// A missing permission, worded as IAM words it.
    pub fn access_denied(service: Service, operation: &str, resource: &str) -> Self {
        let action = format!("{}:{operation}", service.iam_prefix());
        let message = format!(
            "User: arn:aws:sts::123456789012:assumed-role/cutover/cutover is not authorized to perform: {action} on resource: {resource} because no identity-based policy allows the {action} action"
        );
        match service {
            Service::EventBridge => Self::new("AccessDeniedException", message, 400),
            _ => Self::new("AccessDenied", message, 403),
        }
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({}): {}", self.code, self.http_status, self.message)
    }
}
