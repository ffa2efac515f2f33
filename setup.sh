#!/usr/bin/env bash
# Installs what bootsim needs to build, where that is missing and may be, or says exactly what is missing.
# Needs: Swift 6.1 or later (not installed here: https://www.swift.org/install), git, a linker, the headers of
# C and C++, of SQLite and of zlib.
set -euo pipefail

missing=()
swift="the Swift toolchain, 6.1 or later: https://www.swift.org/install"
if command -v swift >/dev/null; then
  version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
  if [ -n "$version" ] && [ "$(printf '%s\n6.1\n' "$version" | sort -V | head -n 1)" != 6.1 ]; then
    missing+=("$swift; this is Swift $version")
  fi
else
  missing+=("$swift")
fi

is_program() { command -v "$1" >/dev/null; }
is_header() { [ "$(uname)" = Darwin ] || compgen -G "/usr/include/$1" >/dev/null; }

# The command that installs a package, by its names in Debian and Fedora.
install_command() {
  if [ "$(uname)" = Darwin ]; then
    echo "xcode-select --install"
  elif command -v apt-get >/dev/null; then
    echo "apt-get install $1"
  elif command -v dnf >/dev/null; then
    echo "dnf install $2"
  else
    echo "your system's package; Debian's is $1, Fedora's $2"
  fi
}

# Installs a package where a thing is missing: kind of the thing, its name, Debian's and Fedora's package, what
# it is.
need() {
  if "is_$1" "$2"; then return; fi
  local as_root=""
  [ "$(id -u)" = 0 ] || { command -v sudo >/dev/null && as_root="sudo -n"; }
  if command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || [ -n "$as_root" ]; }; then
    echo "installing $3" >&2
    { $as_root apt-get update -qq && $as_root apt-get install -y -qq "$3"; } >&2 || true
  fi
  "is_$1" "$2" || missing+=("$5: $(install_command "$3" "$4")")
}
need program git git git "git, with which Swift fetches packages"
need program ld binutils binutils "a linker"
need header stdlib.h libc6-dev glibc-devel "C's headers"
need header "c++/*/vector" g++ gcc-c++ "C++'s headers and library"
need header sqlite3.h libsqlite3-dev sqlite-devel "SQLite's headers"
need header zlib.h zlib1g-dev zlib-devel "zlib's headers"

if [ ${#missing[@]} -gt 0 ]; then
  printf 'bootsim needs %s\n' "${missing[@]}" >&2
  exit 1
fi
