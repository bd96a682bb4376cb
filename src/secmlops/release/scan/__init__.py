"""Model files read as bytes, never loaded: what would run if someone did load them."""

from secmlops.release.scan.limits import Limits
from secmlops.release.scan.scanning import scan_and_digest, scan_bytes, scan_file
from secmlops.release.scan.verdict import FileReport, Place, Verdict

__all__ = ["FileReport", "Limits", "Place", "Verdict", "scan_and_digest", "scan_bytes", "scan_file"]
