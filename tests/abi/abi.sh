#!/usr/bin/env bash
# The ABI beside the one that was recorded when its SONAME came to be:
#
#     abi.sh check LIBRARY ABI      fails if anything that docs/ABI.md promises has changed
#     abi.sh record LIBRARY ABI     records it, for a new SONAME
#
# The library itself is written in Rust and stripped, so the types come from what the header
# tells a C compiler: a table of every function, and so of every struct, and of every number.
set -euo pipefail
cd "$(dirname "$0")/../.."
what=${1:?check or record} library=${2:?the shared library} baseline=tests/abi/${3:?its number, such as 0.1}.abi
header=include/contactverify.h
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

{
    echo '#include <contactverify.h>'
    # The list of what the library exports, which a test holds against library and header.
    sed 's/.*/__typeof__(&) *const function_& = &;/' tests/data/symbols.txt
    # A number is told by the size of an array; the least number is -1.
    ${CC:-cc} -E -dM $header | sed -n 's/^#define \(CONTACTVERIFY_[A-Z_]*\) -\{0,1\}[0-9][0-9]*$/\1/p' |
        grep -v _VERSION_ | sort | sed 's/.*/char number_&[(&) + 2];/'
} > "$scratch/table.c"
# A function that is declared and not there does not link.
${CC:-cc} -g -fPIC -shared -Iinclude -Wl,-z,defs -o "$scratch/table.so" "$scratch/table.c" "$library"
abidw --no-corpus-path --no-comp-dir-path --no-show-locs --no-parameter-names --no-elf-needed \
    --headers-dir include "$scratch/table.so" > "$scratch/now.abi"

case $what in
    record) cp "$scratch/now.abi" "$baseline" ;;
    check)
        [ -e "$baseline" ] || { echo "$baseline is missing: record it with 'make abi-record'" >&2; exit 1; }
        compare() { abidiff --suppressions tests/abi/suppressions.ini "$@" "$baseline" "$scratch/now.abi"; }
        # What is new is told and allowed.
        compare --no-added-syms >"$scratch/said" || { cat "$scratch/said" >&2; exit 1; }
        compare || true
        echo "abi: nothing that was promised has changed"
        ;;
esac
