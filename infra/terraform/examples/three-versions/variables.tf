variable "bucket" {
  description = "Name of an S3 bucket for the function's code"
  type        = string
}

variable "subnet_ids" {
  description = "Subnets in zones that the load balancer has enabled"
  type        = list(string)
}

variable "launch_template_id" {
  description = "The launch template of all versions"
  type        = string
}

variable "versions" {
  description = "The versions that exist, each with its version of the launch template"
  type        = map(object({ template_version = string }))
}
