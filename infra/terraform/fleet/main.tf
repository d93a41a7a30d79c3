# One version as one fleet. It names no target group but in a tag: Cutover attaches it, and a plan after the release shows no change.

locals {
  # `bake_time_seconds` as a tag is `cutover:bake-time-seconds`.
  policy = { for field, value in var.policy : "cutover:${replace(field, "_", "-")}" => value }
  tags   = merge(var.tags, local.policy, { "cutover:application" = var.application })
}

resource "aws_autoscaling_group" "this" {
  name                = var.name
  vpc_zone_identifier = var.subnet_ids

  min_size         = var.min_size
  max_size         = var.max_size
  desired_capacity = var.desired_capacity

  health_check_type         = var.health_check_type
  health_check_grace_period = var.health_check_grace_period

  # The release waits for the instances; Terraform needn't.
  wait_for_capacity_timeout = "0"

  launch_template {
    id      = var.launch_template_id
    version = var.launch_template_version
  }

  dynamic "tag" {
    for_each = local.tags

    content {
      key   = tag.key
      value = tag.value
      # What is meant for Cutover says nothing to an instance.
      propagate_at_launch = !startswith(tag.key, "cutover:")
    }
  }

  lifecycle {
    # Cutover's and Auto Scaling's business: an apply must not undo a release, or shrink a fleet to what it began with.
    ignore_changes = [desired_capacity, load_balancers, target_group_arns, traffic_source]
  }
}
