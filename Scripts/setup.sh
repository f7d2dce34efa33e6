#!/bin/sh
# Makes a machine ready to build Descent, and with --tests to test it. Says nothing and asks for
# nothing where nothing is missing.
#
#   Scripts/setup.sh [--tests]
set -eu

# The oldest Swift that builds the package.
swift_major=6
swift_minor=3

# What a build needs, a need a line; any package of a line will do, and the first is the one that is
# installed. Beside Descent's own libraries it is what Swift leaves to the system: a C library, C++
# headers (one dependency is C++), a linker, git, and the libraries that 'swift build' itself loads.
build_packages='
  libc6-dev
  g++ libstdc++-12-dev libstdc++-13-dev libstdc++-14-dev
  binutils
  git
  ca-certificates
  libcurl4 libcurl4t64
  libxml2 libxml2-16
  libncurses-dev
  libsqlite3-dev
  zlib1g-dev
'

# The end-to-end tests drive the program in a terminal of their own.
test_packages='
  tmux
'

fail() {
  echo "setup: $1" >&2
  exit 1
}

require_swift() {
  wanted="Swift $swift_major.$swift_minor or newer"
  command -v swift >/dev/null 2>&1 ||
    fail "there is no 'swift' on the PATH; install $wanted from https://www.swift.org/install/linux/"
  said=$(swift --version 2>&1) || fail "'swift --version' failed: $said"
  version=$(echo "$said" | sed -n 's/.*Swift version \([0-9]*\)\.\([0-9]*\).*/\1 \2/p' | head -n 1)
  [ -n "$version" ] || fail "cannot tell the version of 'swift' from: $said"
  major=${version% *}
  minor=${version#* }
  if [ "$major" -lt "$swift_major" ] ||
    { [ "$major" -eq "$swift_major" ] && [ "$minor" -lt "$swift_minor" ]; }; then
    fail "'swift' is $major.$minor; Descent needs $wanted from https://www.swift.org/install/linux/"
  fi
}

is_installed() {
  # One line for each processor architecture the package is known for.
  dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed
}

# Prints the packages to install for a list of needs.
missing_packages() {
  echo "$1" | while read -r alternatives; do
    [ -n "$alternatives" ] || continue
    found=no
    for package in $alternatives; do
      if is_installed "$package"; then found=yes; break; fi
    done
    [ "$found" = yes ] || echo "${alternatives%% *}"
  done
}

# Runs apt-get with the rights it needs.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    env DEBIAN_FRONTEND=noninteractive "$@"
  else
    sudo env DEBIAN_FRONTEND=noninteractive "$@"
  fi
}

install_packages() {
  echo "setup: missing system packages: $1" >&2
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null 2>&1 ||
      fail "no right to install them and no sudo; as root, run: apt-get install $1"
    echo "setup: installing them takes administrator rights; sudo may ask for your password" >&2
  fi
  as_root apt-get -q -o DPkg::Lock::Timeout=120 update >&2 ||
    echo "setup: the lists of packages could not be updated; trying with those there are" >&2
  # One package a word.
  # shellcheck disable=SC2086
  as_root apt-get -q -y -o DPkg::Lock::Timeout=120 install --no-install-recommends $1 >&2 ||
    fail "the packages could not be installed; as root, try: apt-get install $1"
  echo "setup: installed $1" >&2
}

main() {
  packages=$build_packages
  case "${1-}" in
    '') ;;
    --tests) packages="$packages$test_packages" ;;
    *) fail "unknown option '$1'; the only one is --tests" ;;
  esac
  require_swift
  if ! command -v dpkg-query >/dev/null 2>&1; then
    # The compiler names what it lacks; there is no package manager here that this script knows.
    return 0
  fi
  missing=$(missing_packages "$packages" | tr '\n' ' ')
  missing=${missing% }
  if [ -n "$missing" ]; then install_packages "$missing"; fi
}

main "$@"
