#!/usr/bin/env bash
# Fuzzes what reads strangers' bytes with libFuzzer and the address sanitizer: every target in turn, from its committed inputs.
#   scripts/fuzz.sh [TARGET…]      FUZZ_SECONDS=30 for each target
# A crash is kept in Fuzz/FailCases/TARGET/, where the unit tests replay it for ever; what else was found stays in .build-fuzz/found.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${FUZZ_SECONDS:-30}
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(frames messages documents datagrams expressions zones schedules manifests)

# Optimized, or it is too slow to find much; traps stay in. Its own folder: everything is built with other flags.
# Of several -sanitize options the compiler takes the last alone, so that one has to name both; --sanitize fuzzer makes the
# package manager leave main to libFuzzer.
MUSTER_FUZZ=1 swift build -c release --scratch-path .build-fuzz --product muster-fuzz \
    --sanitize fuzzer -Xswiftc -sanitize=fuzzer,address -Xcc -fsanitize=address
program=.build-fuzz/release/muster-fuzz

failed=()
for target in "${targets[@]}"; do
    mkdir -p "Fuzz/FailCases/$target" ".build-fuzz/found/$target"
    echo "== $target, $seconds s"
    # Frames are at most 16 KiB; twice that reaches past every limit of one.
    if ! MUSTER_FUZZ_TARGET=$target SWIFT_BACKTRACE=enable=no "$program" \
        -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=32768 -print_final_stats=1 -verbosity=1 \
        -artifact_prefix="Fuzz/FailCases/$target/" \
        ".build-fuzz/found/$target" "Fuzz/Corpus/$target" "Fuzz/FailCases/$target" >".build-fuzz/$target.log" 2>&1
    then
        failed+=("$target")
        tail -n 40 ".build-fuzz/$target.log"
    elif grep -q 'no interesting inputs were found' ".build-fuzz/$target.log"; then
        # Built without instrumentation it would run, and never find anything.
        failed+=("$target (not instrumented)")
    else
        grep -E '^(Done|stat::(number_of_executed_units|average_exec_per_sec|peak_rss_mb))' ".build-fuzz/$target.log"
    fi
done
if [ ${#failed[@]} -gt 0 ]; then
    echo "fuzzing failed: ${failed[*]}; the inputs are in Fuzz/FailCases" >&2
    exit 1
fi
