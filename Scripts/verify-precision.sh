#!/bin/sh
# Proves that bf16 learns what f32 learns: trains networks on MNIST for 3 epochs in both precisions
# and asks for test accuracies within 0.3 points.
#
#   Scripts/verify-precision.sh PROGRAM DIRECTORY [ARCHITECTURE...]
set -eu

program=$1
data=${2-}
[ -n "$data" ] || {
  echo "verify-precision: say where the four IDX files of MNIST are:" \
    "make verify-precision DATA=DIRECTORY" >&2
  exit 2
}
shift 2
[ $# -gt 0 ] || set -- cnn resnet18
store=$(mktemp -d)
trap 'rm -rf "$store"' EXIT

# The test accuracy of one run, in percent.
accuracy() {
  DESCENT_HOME=$store "$program" train "$1" --data "mnist:$data" --epochs 3 --precision "$2" \
    --headless >"$store/lines"
  sed -n '/^epoch /s/^/  /p' "$store/lines" >&2
  sed -n 's/.*test loss [^,]*, accuracy \([0-9.]*\) %.*/\1/p' "$store/lines"
}

status=0
for architecture in "$@"; do
  wide=$(accuracy "$architecture" f32)
  narrow=$(accuracy "$architecture" bf16)
  [ -n "$wide" ] && [ -n "$narrow" ] || {
    echo "verify-precision: a run of $architecture printed no test accuracy" >&2
    exit 1
  }
  awk -v name="$architecture" -v wide="$wide" -v narrow="$narrow" 'BEGIN {
    difference = narrow - wide
    # The figures have two decimals: half of the last one is forgiven.
    close_enough = difference <= 0.3005 && difference >= -0.3005
    printf "verify-precision: %s f32 %.2f %%, bf16 %.2f %%, %+.2f points: %s 0.3\n", \
      name, wide, narrow, difference, close_enough ? "within" : "beyond"
    exit close_enough ? 0 : 1
  }' || status=1
done
exit $status
