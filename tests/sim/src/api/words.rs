//! AWS's closed word lists, each enum with the very words of the wire.

/// Declares an enum of words: `as_str`, `Display`, and `parse`, which knows only these words.
macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident => $word:literal),+ $(,)? }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$doc])* $variant),+ }

        impl $name {
            /// Every word of the list, in AWS's order.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The word on the wire.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }

            /// The word read back; `None` for any other.
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some($name::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

words! {
    /// `LifecycleState` of an instance in a fleet.
    LifecycleState {
        /// Launching.
        Pending => "Pending",
        /// In a launch hook.
        PendingWait => "Pending:Wait",
        /// Counted as capacity.
        InService => "InService",
        /// Shutting down.
        Terminating => "Terminating",
        /// In a terminate hook.
        TerminatingWait => "Terminating:Wait",
        /// Taken out by a person, still of the fleet.
        Standby => "Standby",
        /// In the warm pool, stopped.
        WarmedStopped => "Warmed:Stopped",
    }
}

words! {
    /// `State` of a fleet's link to a target group.
    AttachmentState {
        /// Instances are being registered.
        Adding => "Adding",
        /// All instances are registered.
        Added => "Added",
        /// At least one instance passed an ELB health check; not "the fleet is healthy".
        InService => "InService",
        /// Instances are being deregistered, draining among it.
        Removing => "Removing",
        /// All instances are deregistered; mostly the entry is simply gone instead.
        Removed => "Removed",
    }
}

words! {
    /// `Status` of an instance refresh.
    RefreshStatus {
        /// Accepted, not started.
        Pending => "Pending",
        /// Replacing instances.
        InProgress => "InProgress",
        /// Over, well.
        Successful => "Successful",
        /// Over, badly.
        Failed => "Failed",
        /// Being cancelled.
        Cancelling => "Cancelling",
        /// Cancelled.
        Cancelled => "Cancelled",
    }
}

words! {
    /// `State` of a target's health.
    TargetState {
        /// Being registered, or not checked often enough yet.
        Initial => "initial",
        /// Passes its health checks.
        Healthy => "healthy",
        /// Fails them.
        Unhealthy => "unhealthy",
        /// NLB: fails them, and its connections are being ended.
        UnhealthyDraining => "unhealthy.draining",
        /// Gets no traffic and no checks.
        Unused => "unused",
        /// Being deregistered.
        Draining => "draining",
        /// Health unknown: checks are off, or the load balancer fails.
        Unavailable => "unavailable",
    }
}

words! {
    /// `Reason` of a target's health; none when healthy.
    TargetReason {
        /// initial: the load balancer is registering it.
        RegistrationInProgress => "Elb.RegistrationInProgress",
        /// initial: checked less often than the threshold asks.
        InitialHealthChecking => "Elb.InitialHealthChecking",
        /// unhealthy or unavailable: the load balancer's own failure.
        InternalError => "Elb.InternalError",
        /// unhealthy: the wrong HTTP status.
        ResponseCodeMismatch => "Target.ResponseCodeMismatch",
        /// unhealthy: no answer in time.
        Timeout => "Target.Timeout",
        /// unhealthy: no connection, or a malformed answer.
        FailedHealthChecks => "Target.FailedHealthChecks",
        /// unused: not registered.
        NotRegistered => "Target.NotRegistered",
        /// unused: no listener uses the group, or the target's zone isn't enabled.
        NotInUse => "Target.NotInUse",
        /// draining.
        DeregistrationInProgress => "Target.DeregistrationInProgress",
        /// unused: stopped or terminated.
        InvalidState => "Target.InvalidState",
        /// unused: the address belongs to a load balancer.
        IpUnusable => "Target.IpUnusable",
        /// unavailable: the group's health checks are off.
        HealthCheckDisabled => "Target.HealthCheckDisabled",
    }
}

words! {
    /// `AlarmType`.
    AlarmType {
        /// Watches a metric, or a maths expression over some.
        MetricAlarm => "MetricAlarm",
        /// Watches other alarms.
        CompositeAlarm => "CompositeAlarm",
        /// Watches a scheduled log query.
        LogAlarm => "LogAlarm",
    }
}

words! {
    /// `StateValue` of an alarm.
    StateValue {
        /// Within the threshold.
        Ok => "OK",
        /// Outside of it.
        Alarm => "ALARM",
        /// Not enough data to say.
        InsufficientData => "INSUFFICIENT_DATA",
    }
}

words! {
    /// `EvaluationState` of an alarm: why it isn't judging; absent when it is.
    EvaluationState {
        /// Not all of the data was available.
        PartialData => "PARTIAL_DATA",
        /// The configuration can't be evaluated, permissions among it.
        EvaluationError => "EVALUATION_ERROR",
        /// CloudWatch's own trouble.
        EvaluationFailure => "EVALUATION_FAILURE",
    }
}

words! {
    /// `HistoryItemType`.
    HistoryItemType {
        /// The alarm was created, changed or deleted.
        ConfigurationUpdate => "ConfigurationUpdate",
        /// The state changed.
        StateUpdate => "StateUpdate",
        /// An action was started.
        Action => "Action",
    }
}

words! {
    /// `ScanBy`: the order of a history.
    ScanBy {
        /// Newest first; the default.
        TimestampDescending => "TimestampDescending",
        /// Oldest first.
        TimestampAscending => "TimestampAscending",
    }
}

words! {
    /// `TreatMissingData` of a metric alarm.
    TreatMissing {
        /// A missing datapoint is nothing: INSUFFICIENT_DATA when all are. The default.
        Missing => "missing",
        /// The state stays.
        Ignore => "ignore",
        /// Counts as breaching.
        Breaching => "breaching",
        /// Counts as not breaching.
        NotBreaching => "notBreaching",
    }
}
