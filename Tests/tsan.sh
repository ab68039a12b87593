#!/usr/bin/env bash
# Runs the page allocator's stress test under ThreadSanitizer; fails on any data race.
#
# Swift 6.3 also reports "Swift access races": it takes modifications of two elements of one table, through an addressor
# with a non-mutating setter, for modifications of the table's base. Those are counted and not failures; a race on memory is
# reported as a data race as well.
set -euo pipefail
cd "$(dirname "$0")/.."
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! TSAN_OPTIONS="exitcode=0" timeout 900 swift test --sanitize=thread --filter ConcurrencyTests --scratch-path .build-tsan >"$log" 2>&1; then
  tail -40 "$log"
  exit 1
fi
grep -q "ThreadSanitizer\|Test run with" "$log"
races=$(grep -c "WARNING: ThreadSanitizer: data race" "$log" || true)
accesses=$(grep -c "WARNING: ThreadSanitizer: Swift access race" "$log" || true)
grep -A 20 "WARNING: ThreadSanitizer: data race" "$log" | head -60 || true
grep "Test run with" "$log"
echo "ThreadSanitizer: $races data races ($accesses reports on the base of tables)"
[ "$races" = 0 ]
