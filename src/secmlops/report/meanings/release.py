"""What the release stage measures."""

from secmlops.report import figures
from secmlops.report.meanings.meaning import Meaning, counts

_COUNTS = {
    "files": "files",
    "dangerous": "dangerous files",
    "cannot_tell": "files that cannot be told",
    "components": "components",
    "without_licence": "packages without a licence",
    "refused_licences": "packages under a refused licence",
    "unpinned": "packages without a digest",
    "dependencies": "dependencies",
    "datasets": "data sets",
    "serving_packages": "packages that serve and verify",
    "class_changes": "answers of another class",
}
_OTHERS = {
    "class_change_share": Meaning("share of other answers", figures.share),
    "max_difference": Meaning(
        "largest difference of answers",
        figures.number,
        "How far the exported model's answers are from those of the model that was trained.",
    ),
    "model_bytes": Meaning("size of the model", figures.size),
    "signed_bytes": Meaning("bytes signed", figures.size),
    "signature_bytes": Meaning("size of the signature", figures.size),
    "bytes": Meaning("bytes in all", figures.size),
}
RELEASE = {**counts(_COUNTS), **_OTHERS}
