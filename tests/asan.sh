#!/usr/bin/env bash
# Builds the kernels with AddressSanitizer beside the tree and runs the tests of rooms that use them.
set -euo pipefail
cd "$(dirname "$0")/.."

target=build/asan
rm -rf "$target"
mkdir -p "$target"
cp -r src "$target/src"
find "$target/src" -name '*.so' -delete
cp setup.py pyproject.toml README.md LICENSE "$target"

(
    cd "$target"
    # Assertions stay in, and frames stay readable.
    CFLAGS="-fsanitize=address -fno-omit-frame-pointer -g -O1 -UNDEBUG" \
        LDFLAGS="-fsanitize=address" "$BIN/python" setup.py -q build_ext --inplace
)

tests=("$@")
[ ${#tests[@]} -gt 0 ] || tests=(tests/book tests/fix)
# Python's own allocator would hide overruns; what it never frees is not ours to report.
LD_PRELOAD="$(gcc -print-file-name=libasan.so)" \
    ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1 PYTHONMALLOC=malloc \
    PYTHONPATH="$PWD/$target/src" \
    "$BIN/python" -m pytest -p no:cacheprovider "${tests[@]}"
