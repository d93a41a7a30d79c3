# Cutover, by Terraform. The stack is made from the project's own template.yaml: so its rights, rules and alarms are the ones
# that are tested, and there is no second list of them here to fall behind.

locals {
  # What `sam package` would write into the template: where the two local files went.
  uploaded = replace(file(var.template), "/CodeUri: \\S+/", "CodeUri: s3://${aws_s3_object.package.bucket}/${aws_s3_object.package.key}")
  template = replace(local.uploaded, "/DefinitionUri: \\S+/", "DefinitionUri: s3://${aws_s3_object.workflow.bucket}/${aws_s3_object.workflow.key}")
}

# The hash is part of the key: another content is another object, and so a change of the stack.
resource "aws_s3_object" "package" {
  bucket = var.bucket
  key    = "${var.name}/${filesha256(var.package)}.zip"
  source = var.package
}

resource "aws_s3_object" "workflow" {
  bucket = var.bucket
  key    = "${var.name}/${filesha256(var.workflow)}.asl.json"
  source = var.workflow
}

resource "aws_cloudformation_stack" "this" {
  name          = var.name
  template_body = local.template
  parameters    = merge(var.parameters, { Defaults = jsonencode(var.defaults) })
  # The function's role, and SAM's transform.
  capabilities = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
  tags         = var.tags
}
