# Cutover, and one fleet for each version that exists. A release is: add a version, apply, wait; later, take the old one out.
#
#   terraform apply -var bucket=my-artefacts -var 'versions={"1"={template_version="7"}, "2"={template_version="8"}}'

module "cutover" {
  source = "../../cutover"

  bucket   = var.bucket
  package  = "${path.root}/../../../../dist/cutover-arm64.zip" # `make package` writes these three
  template = "${path.root}/../../../../dist/template.yaml"
  workflow = "${path.root}/../../../../dist/release.asl.json"

  defaults = { bake_time_seconds = 600 }
}

module "fleet" {
  source   = "../../fleet"
  for_each = var.versions

  name                    = "web-${each.key}"
  application             = "web"
  subnet_ids              = var.subnet_ids
  launch_template_id      = var.launch_template_id
  launch_template_version = each.value.template_version

  policy = {
    target_groups = "web"
    alarms        = "web-error-rate,web-unhealthy-hosts"
  }

  # The tags of the very first fleet are of use only if Cutover is there to see them.
  depends_on = [module.cutover]
}
