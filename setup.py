"""Builds the Cython kernels where it can; without them their pure twins serve."""

import os
from glob import glob
from pathlib import Path

from setuptools import Extension, setup

KERNELS = {
    "meridian.fix._scanner": "src/meridian/fix/_scanner.pyx",
    "meridian.book._ladder": "src/meridian/book/_ladder.pyx",
}


def extensions() -> list[Extension]:
    if os.environ.get("MERIDIAN_PURE", "") not in ("", "0"):
        return []
    try:
        from Cython.Build import cythonize
    except ImportError:
        return []
    modules = [
        Extension(name, [source], depends=glob(f"{Path(source).parent}/*.pxd"), optional=True)
        for name, source in KERNELS.items()
    ]
    return cythonize(modules, build_dir="build/cython", language_level=3)


setup(ext_modules=extensions())
