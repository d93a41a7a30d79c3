"""Makes `from infra.template import …` work in every Python test: pytest puts this file's folder on the path."""
