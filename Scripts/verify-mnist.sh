#!/bin/sh
# Proves that the defaults learn: trains cnn on MNIST for 3 epochs and asks for 99.0 % of the test
# images.
#
#   Scripts/verify-mnist.sh PROGRAM DIRECTORY
set -eu

program=$1
data=${2-}
[ -n "$data" ] || {
  echo "verify-mnist: say where the four IDX files of MNIST are: make verify-mnist DATA=DIRECTORY" >&2
  exit 2
}
store=$(mktemp -d)
trap 'rm -rf "$store"' EXIT
DESCENT_HOME=$store "$program" train cnn --data "mnist:$data" --epochs 3 --headless |
  tee "$store/lines"
accuracy=$(sed -n 's/.*test loss [^,]*, accuracy \([0-9.]*\) %.*/\1/p' "$store/lines")
[ -n "$accuracy" ] || {
  echo "verify-mnist: the run printed no test accuracy" >&2
  exit 1
}
awk -v got="$accuracy" 'BEGIN {
  verdict = got >= 99.0 ? "at least" : "below"
  printf "verify-mnist: test accuracy %s %%, %s 99.0 %%\n", got, verdict
  exit got >= 99.0 ? 0 : 1
}'
