#!/usr/bin/env bash
# Makes, in a folder, the sanitizer's runtime and a copy of the compiler's libraries in which
# ThreadSanitizer sees what the standard library synchronizes by. In the libraries as they are
# shipped it does not, and reports a race wherever a lock was waited for.
#
# The standard library's object holds the compiler's intermediate code beside machine code. The
# compiler's own linker makes machine code of it anew, through the sanitizer's pass, which watches
# atomic operations in every function, and other accesses only where the compiler asked for it.
set -euo pipefail

copy=$1/sysroot
libraries=lib/rustlib/x86_64-unknown-linux-gnu/lib
shipped=$(rustc --print sysroot)
linker=$shipped/lib/rustlib/x86_64-unknown-linux-gnu/bin/rust-lld
runtime=$shipped/$libraries/librustc-stable_rt.tsan.a
for part in "$linker" "$runtime"; do
    [ -e "$part" ] || { echo "missing: $part. The compiler from https://rustup.rs has it"; exit 1; }
done

work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
archive=$(basename "$shipped/$libraries"/libstd-*.rlib)
object=$(ar t "$shipped/$libraries/$archive" | grep '\.o$')
(cd "$work" && ar x "$shipped/$libraries/$archive" "$object")
objcopy -O binary --only-section=.llvmbc --set-section-flags .llvmbc=alloc \
    "$work/$object" "$work/std.bc"
"$linker" -flavor gnu -r -m elf_x86_64 \
    '--lto-newpm-passes=function(tsan)' -o "$work/$object" "$work/std.bc"
nm "$work/$object" | grep __tsan_atomic >/dev/null || { echo "the pass left no trace"; exit 1; }

rm -rf "$copy"
mkdir -p "$copy/$libraries"
ln -s "$shipped/$libraries"/* "$copy/$libraries"
rm "$copy/$libraries"/libstd-*.so "$copy/$libraries/$archive"
cp "$shipped/$libraries/$archive" "$copy/$libraries"
(cd "$work" && ar r "$copy/$libraries/$archive" "$object")
ln -sf "$runtime" "$1/runtime.a"
