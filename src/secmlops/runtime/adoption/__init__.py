"""Models that were made elsewhere, brought into the form that every model of a project has."""
