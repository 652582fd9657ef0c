#!/usr/bin/env bash
# Builds the fuzz targets and runs each for a while: auth-core/fuzz/run.sh [TARGET...]
#
# FUZZ_SECONDS   for each target, 30 unless set; 0: only what the corpora hold
#
# As cargo-fuzz builds them, without cargo-fuzz and without nightly: coverage comes from plain code
# generation options. There is no address sanitizer (which is nightly's), as our code has no `unsafe`.
set -euo pipefail

seconds=${FUZZ_SECONDS:-30}
[[ $seconds =~ ^[0-9]+$ ]] || { echo "FUZZ_SECONDS is a whole number, not '$seconds'" >&2; exit 2; }
bound=(-max_total_time="$seconds")
((seconds)) || bound=(-runs=0)

here=$(cd "$(dirname "$0")" && pwd)
out=${CARGO_TARGET_DIR:-$here/../../target}/fuzz
mkdir -p "$out"
out=$(cd "$out" && pwd)
cd "$here"

targets=("$@")
((${#targets[@]})) || targets=(fuzz_targets/*.rs)
targets=("${targets[@]##*/}")
targets=("${targets[@]%.rs}")

# The workspace's versions; cargo adds what only this crate needs.
[[ Cargo.lock -nt ../../Cargo.lock ]] || cp ../../Cargo.lock Cargo.lock

# Naming the platform keeps these options from build scripts and macros.
platform=$(rustc -vV | sed -n 's/^host: //p')
options=(
    --cfg fuzzing
    -Cpasses=sancov-module
    -Cllvm-args=-sanitizer-coverage-level=4
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters
    -Cllvm-args=-sanitizer-coverage-pc-table
    -Cllvm-args=-sanitizer-coverage-trace-compares
)
RUSTFLAGS="${options[*]}" cargo build --release --target "$platform" --target-dir "$out" \
    "${targets[@]/#/--bin=}"

failed=()
for target in "${targets[@]}"; do
    found=$out/corpus/$target
    mkdir -p "$found" "$out/artifacts"
    dictionary=()
    [[ -f dict/$target.dict ]] && dictionary=(-dict="dict/$target.dict")
    echo "fuzz: $target"
    # New inputs go to the first folder; the committed one is only read.
    "$out/$platform/release/$target" "${bound[@]}" "${dictionary[@]}" -timeout=10 -rss_limit_mb=2048 \
        -print_final_stats=1 -artifact_prefix="$out/artifacts/$target-" "$found" "corpus/$target" \
        >"$out/$target.log" 2>&1 || failed+=("$target")
    grep -E '^(stat::number_of_executed_units|SUMMARY)|panicked at|Test unit written' "$out/$target.log" || true
done

((${#failed[@]} == 0)) || { echo "fuzz: found something in ${failed[*]}; see $out/TARGET.log" >&2; exit 1; }
