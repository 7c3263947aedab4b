#!/usr/bin/env bash
# Says which lines of src/ the tests reached, file by file; fails where they are fewer than so
# many of a hundred. Arguments: the folder with the profiles and the test programs, the
# instrumented library, that number.
set -euo pipefail

folder=$1 library=$2 least=$3
cd "$(dirname "$0")/.."
"llvm-profdata$LLVM" merge -sparse "$folder"/profiles/*.profraw -o "$folder/all.profdata"
# The exported functions have the same names in each of these, and llvm-cov counts the first one
# that it meets of a name. In the library they are called from C, in the unit tests by nobody.
objects=()
for program in "$library" "$folder"/debug/deps/{suite,hostile,contactverify}-*; do
    [ -x "$program" ] && [ -f "$program" ] && objects+=(--object "$program")
done
"llvm-cov$LLVM" report --instr-profile="$folder/all.profdata" "${objects[@]}" \
    --ignore-filename-regex='/(registry|rustc|tests)/|tests\.rs$' \
    --show-region-summary=false --show-branch-summary=false | tee "$folder/report.txt"
awk -v least="$least" '$1 == "TOTAL" { reached = $7 + 0 }
    END { if (reached < least) { print "lines reached: " reached ", wanted: " least; exit 1 } }' \
    "$folder/report.txt"
