#!/usr/bin/env bash
# The package as users get it, each in a new virtual environment with the tests run against it:
#
#     package.sh checkout         pip install ./bindings/python
#     package.sh wheel TARGET     a manylinux2014 wheel, built with zig's linker; cargo builds in
#                                 the folder TARGET, and the wheel comes to TARGET/wheels
#
# CONTACTVERIFY_SANDBOX may name the sandbox, for the tests that walk the whole way.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
python=${PYTHON:-python3}
# A library or a package of somebody's own is not what is tested here.
unset CONTACTVERIFY_LIBRARY PYTHONPATH

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

missing() { echo "missing: $1" >&2; exit 1; }
command -v "$python" >/dev/null || missing "$python. Install it: apt-get install python3"
command -v cargo >/dev/null || missing "cargo. Install it: https://rustup.rs"

environment() {
    "$python" -m venv "$scratch/$1" || missing "Python's venv. Install it: apt-get install python3-venv"
}

install() {
    local name=$1
    shift
    "$scratch/$name/bin/pip" install --quiet --disable-pip-version-check "$@" \
        || missing "what pip could not install: $*. It needs a package index that it can reach"
}

# Away from the checkout, whose sources are not what is tested.
run_tests() {
    "$scratch/$1/bin/contactverify" --version
    (cd "$scratch" && "$scratch/$1/bin/python" -W error::ResourceWarning -m unittest discover \
        --start-directory "$here/tests")
}

checkout() {
    environment fresh
    install fresh "$here"
    run_tests fresh
}

wheel() {
    local target=$1 triple=x86_64-unknown-linux-gnu tag=manylinux_2_17_x86_64
    local library=$target/manylinux/$triple/release/libcontactverify.so
    command -v readelf >/dev/null || missing "readelf. Install it: apt-get install binutils"
    [ "$(uname -m)" = x86_64 ] || missing "an x86-64 machine: others were never tried"
    environment tools
    install tools auditwheel==6.8.2 build==1.6.1 cargo-zigbuild==0.24.1 ziglang==0.17.1
    # cargo finds its zigbuild, and that one zig, by the PATH.
    (cd "$root" && PATH="$scratch/tools/bin:$PATH" cargo zigbuild --release --locked \
        --package contactverify --target "$triple.2.17" --target-dir "$target/manylinux")

    # Another linker may pass over what build.rs asks for.
    local dynamic
    dynamic=$(readelf --dynamic "$library"; readelf --program-headers "$library")
    for wanted in 'SONAME.*libcontactverify\.so\.' 'FLAGS_1.*NOW' 'FLAGS_1.*NODELETE' GNU_RELRO; do
        grep -q "$wanted" <<< "$dynamic" || { echo "$library lacks $wanted" >&2; exit 1; }
    done

    CONTACTVERIFY_LIBRARY=$library "$scratch/tools/bin/python" -m build --wheel \
        --outdir "$scratch/wheels" "$here"
    local built
    built=$(echo "$scratch"/wheels/*.whl)
    # It breaks its lines where the words happen to end.
    local said
    said=$("$scratch/tools/bin/auditwheel" show "$built" | tr -s '\n ' ' ')
    [[ $said == *"following platform tag: \"$tag\""* && $built == *-py3-none-$tag.whl ]] \
        || { echo "$built is not $tag: $said" >&2; exit 1; }

    environment fresh
    install fresh --no-index "$built"
    run_tests fresh
    mkdir -p "$target/wheels"
    cp "$built" "$target/wheels/"
    echo "$target/wheels/${built##*/}"
}

case ${1:-} in
    checkout) checkout ;;
    wheel) wheel "$(mkdir -p "${2:?the folder for cargo}" && cd "$2" && pwd)" ;;
    *) sed -n '2,8p' "$0" >&2; exit 2 ;;
esac
