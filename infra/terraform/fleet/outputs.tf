output "name" {
  description = "The fleet's name: green of its release"
  value       = aws_autoscaling_group.this.name
}

output "arn" {
  description = "The fleet's ARN"
  value       = aws_autoscaling_group.this.arn
}
