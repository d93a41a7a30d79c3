variable "name" {
  description = "The fleet's name; another version is another name"
  type        = string

  validation {
    condition     = can(regex("^[^[:cntrl:]]{1,255}$", var.name))
    error_message = "The name must be 1 to 255 characters."
  }
}

variable "application" {
  description = "The application that this is a version of: the same for every version"
  type        = string

  validation {
    condition     = can(regex("^[^[:cntrl:]]{1,256}$", var.application))
    error_message = "The application must be 1 to 256 characters."
  }
}

variable "subnet_ids" {
  description = "Subnets in zones that the load balancer has enabled"
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) > 0 && alltrue([for id in var.subnet_ids : can(regex("^subnet-[0-9a-f]+$", id))])
    error_message = "At least one subnet is needed, by its id."
  }
}

variable "launch_template_id" {
  description = "The launch template"
  type        = string

  validation {
    condition     = can(regex("^lt-[0-9a-f]+$", var.launch_template_id))
    error_message = "The launch template must be given by its id."
  }
}

variable "launch_template_version" {
  description = "Its version, as a number"
  type        = string

  validation {
    condition     = can(regex("^[1-9][0-9]*$", var.launch_template_version))
    error_message = "The version must be a number, not $Latest or $Default: what a fleet launches must not change under a release."
  }
}

variable "min_size" {
  description = "MinSize; Cutover raises it during a release and gives it back, so apply changes of it between releases"
  type        = number
  default     = 2

  validation {
    condition     = var.min_size >= 0 && floor(var.min_size) == var.min_size
    error_message = "The minimum must be a whole number, 0 or more."
  }
}

variable "desired_capacity" {
  description = "Instances at the start; from then on it is Auto Scaling's"
  type        = number
  default     = 2

  validation {
    condition     = var.desired_capacity >= 0 && floor(var.desired_capacity) == var.desired_capacity
    error_message = "The desired capacity must be a whole number, 0 or more."
  }
}

variable "max_size" {
  description = "MaxSize: at least what the serving fleet has, since Cutover never writes it"
  type        = number
  default     = 4

  validation {
    condition     = var.max_size >= 1 && floor(var.max_size) == var.max_size
    error_message = "The maximum must be a whole number, 1 or more."
  }
}

variable "health_check_type" {
  description = "ELB: instances that the load balancer finds unhealthy are replaced; EC2: only dead ones"
  type        = string
  default     = "ELB"

  validation {
    condition     = contains(["EC2", "ELB"], var.health_check_type)
    error_message = "The type must be EC2 or ELB."
  }
}

variable "health_check_grace_period" {
  description = "Seconds in which a new instance isn't replaced"
  type        = number
  default     = 120

  validation {
    condition     = var.health_check_grace_period >= 0
    error_message = "The grace period must be 0 or more seconds."
  }
}

variable "policy" {
  description = "Policy fields of this fleet's release, such as { alarms = \"web-error-rate\" }; lists with commas; infra/REFERENCE.md has them"
  type        = map(string)
  default     = {}

  validation {
    condition = alltrue([for field in keys(var.policy) : contains([
      "target_groups",
      "alarms",
      "alarm_prefix",
      "bake_time_seconds",
      "extend_bake",
      "healthy_percent",
      "match_capacity",
      "prepare_timeout_seconds",
      "attach_timeout_seconds",
      "unknown_timeout_seconds",
      "rollback_healthy_percent",
      "rollback_timeout_seconds",
      "rollback_window_seconds",
      "settle_seconds",
      "insufficient_data",
      "in_alarm_at_start",
      "retire_blue",
      "check_interval_seconds",
    ], field)])
    error_message = "The policy has a field that Cutover doesn't know: it would reject the release."
  }

  validation {
    condition     = alltrue([for value in values(var.policy) : length(value) >= 1 && length(value) <= 256])
    error_message = "A tag holds 1 to 256 characters."
  }
}

variable "tags" {
  description = "Further tags of the fleet, handed on to its instances"
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for key in keys(var.tags) : !startswith(key, "cutover:") && !startswith(key, "aws:")])
    error_message = "Tags for Cutover are made from application and policy; those that begin with aws: are AWS's own."
  }
}
