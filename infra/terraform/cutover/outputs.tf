output "function_arn" {
  description = "The function: for alarm actions, and to invoke it with a command"
  value       = aws_cloudformation_stack.this.outputs["FunctionArn"]
}

output "outputs" {
  description = "Every output of template.yaml, by name"
  value       = aws_cloudformation_stack.this.outputs
}
