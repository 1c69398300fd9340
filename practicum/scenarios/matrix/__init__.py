"""Matrix files: one scenario in every combination of some values."""

from __future__ import annotations

from practicum.scenarios.matrix.ablation import WORDS, ablate
from practicum.scenarios.matrix.filtering import fits, parse_filter, select
from practicum.scenarios.matrix.loader import Combination, Matrix, is_matrix, load_matrix
from practicum.scenarios.matrix.path import parse_path, short_paths, written
from practicum.scenarios.matrix.place import NoPlaceError, Place, find_place, put
from practicum.scenarios.matrix.schema import Axis, MatrixFile, matrix_schema

__all__ = [
    "WORDS",
    "Axis",
    "Combination",
    "Matrix",
    "MatrixFile",
    "NoPlaceError",
    "Place",
    "ablate",
    "find_place",
    "fits",
    "is_matrix",
    "load_matrix",
    "matrix_schema",
    "parse_filter",
    "parse_path",
    "put",
    "select",
    "short_paths",
    "written",
]
