#!/bin/bash
# Runs the tests that are built. What failed stands once more at the end: a log is read from there.
set -uo pipefail
log=.build/tests.log
swift test --skip-build --disable-xctest 2>&1 | tee "$log"
status=${PIPESTATUS[0]}
if [ "$status" -ne 0 ]; then
  echo "Failed:"
  # As text, whatever a screen in a message has made of the bytes.
  grep -a -A 12 "recorded an issue\|Fatal error\|unexpected signal" "$log" | head -n 60
fi
exit "$status"
