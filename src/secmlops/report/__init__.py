"""The report: one HTML page that shows an auditor, an engineer and a manager what the evidence says."""
