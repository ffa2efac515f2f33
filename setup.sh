#!/usr/bin/env bash
# Installs what bootsim needs to build, where that is missing, or says exactly what is missing.
# Needs: Swift 6.1 or later (not installed here: https://www.swift.org/install), git, a linker, the headers of
# SQLite and zlib.
set -euo pipefail

missing=()
command -v swift >/dev/null || missing+=("the Swift toolchain, 6.1 or later: https://www.swift.org/install")
if command -v swift >/dev/null; then
  version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
  if [ -n "$version" ] && [ "$(printf '%s\n6.1\n' "$version" | sort -V | head -n 1)" != 6.1 ]; then
    missing+=("Swift 6.1 or later; this is Swift $version: https://www.swift.org/install")
  fi
fi

is_program() { command -v "$1" >/dev/null; }
is_header() { [ "$(uname)" = Darwin ] || [ -e "/usr/include/$1" ]; }

# Installs a Debian package where a thing is missing: kind of the thing, its name, package, what it is.
need() {
  if "is_$1" "$2"; then return; fi
  local as_root=""
  [ "$(id -u)" = 0 ] || { command -v sudo >/dev/null && as_root="sudo -n"; }
  if command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || [ -n "$as_root" ]; }; then
    echo "installing $3" >&2
    { $as_root apt-get update -qq && $as_root apt-get install -y -qq "$3"; } >&2 || true
  fi
  "is_$1" "$2" || missing+=("$4: apt-get install $3, or your system's package")
}
need program git git "git, with which Swift fetches packages"
need program ld binutils "a linker"
need header sqlite3.h libsqlite3-dev "SQLite's headers"
need header zlib.h zlib1g-dev "zlib's headers"

if [ ${#missing[@]} -gt 0 ]; then
  printf 'bootsim needs %s\n' "${missing[@]}" >&2
  exit 1
fi
