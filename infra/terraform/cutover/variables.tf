variable "name" {
  description = "Name of the stack"
  type        = string
  default     = "cutover"

  validation {
    condition     = can(regex("^[A-Za-z][A-Za-z0-9-]{0,127}$", var.name))
    error_message = "The name must begin with a letter and have letters, digits and dashes, 128 at most."
  }
}

variable "bucket" {
  description = "Name of an S3 bucket in the stack's Region, for the function's code"
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.bucket))
    error_message = "The bucket must be the name of an S3 bucket, not its ARN."
  }
}

variable "package" {
  description = "Path of the zip archive that holds the function's binary, `bootstrap`"
  type        = string

  validation {
    condition     = can(regex("\\.zip$", var.package))
    error_message = "The package must be a zip archive."
  }
}

variable "template" {
  description = "Path of the project's template.yaml"
  type        = string

  validation {
    condition     = can(regex("\\.ya?ml$", var.template))
    error_message = "The template must be a YAML file."
  }
}

variable "workflow" {
  description = "Path of the project's infra/release.asl.json"
  type        = string

  validation {
    condition     = can(regex("\\.json$", var.workflow))
    error_message = "The workflow must be a JSON file."
  }
}

variable "defaults" {
  description = "Policy fields for every release that doesn't set them by a command or a tag, such as { bake_time_seconds = 600 }"
  type        = any
  default     = {}

  validation {
    condition     = can(keys(var.defaults))
    error_message = "The defaults must be an object of policy fields."
  }
}

variable "parameters" {
  description = "Further parameters of template.yaml, by name; infra/REFERENCE.md has them"
  type        = map(string)
  default     = {}

  validation {
    condition     = !contains(keys(var.parameters), "Defaults")
    error_message = "The parameter Defaults is made from the variable defaults."
  }
}

variable "tags" {
  description = "Tags of the stack and of all that it makes"
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for key in keys(var.tags) : !startswith(key, "aws:")])
    error_message = "Tags that begin with aws: are AWS's own."
  }
}
