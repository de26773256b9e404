"""Builds the Cython kernels where it can; without them their pure twins serve."""

import os
from pathlib import Path

from setuptools import Extension, setup

SOURCES = Path("src")


def extensions() -> list[Extension]:
    """Every ``.pyx`` is a kernel, named by where it lies."""
    if os.environ.get("MERIDIAN_PURE", "") not in ("", "0"):
        return []
    try:
        from Cython.Build import cythonize
    except ImportError:
        return []
    kernels = [
        Extension(".".join(path.relative_to(SOURCES).with_suffix("").parts), [str(path)])
        for path in sorted(SOURCES.rglob("*.pyx"))
    ]
    modules = cythonize(kernels, build_dir="build/cython", language_level=3)
    for module in modules:
        module.optional = True  # cythonize forgets it
    return modules


setup(ext_modules=extensions())
