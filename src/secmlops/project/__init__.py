"""secmlops.yaml: the user's project, strictly validated."""

from secmlops.project.load import load_project, read_project
from secmlops.project.settings import Project

__all__ = ["Project", "load_project", "read_project"]
