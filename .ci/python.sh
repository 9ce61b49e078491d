#!/usr/bin/env bash
# Makes a Python environment from a pinned list of packages and prints the path of its python.
#
#   .ci/python.sh [FILE]     FILE defaults to requirements.txt beside this script
#
# The environment lies in ${XDG_CACHE_HOME:-~/.cache}/sandtable/venv/<digest of FILE and of the
# Python version>, so a changed list makes a new one and an unchanged list costs nothing.
# Everything is installed by hash; talk goes to stderr, the path is all that goes to stdout.
set -euo pipefail

log() { printf '[python] %s\n' "$*" >&2; }
die() { printf '[python] error: %s\n' "$*" >&2; exit 1; }

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
file=${1:-$here/requirements.txt}
[ -r "$file" ] || die "no such file: $file"

python=${SANDTABLE_BASE_PYTHON:-python3}
command -v "$python" >/dev/null || die "no $python found; install Python 3.11 or later"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  die "$("$python" --version) is too old; set SANDTABLE_BASE_PYTHON to Python 3.11 or later"
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
  if ! { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }; then
    die "$python cannot make environments: install python3-venv"
  fi
  log "installing python3-venv"
  {
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends python3-venv
  } >&2 </dev/null || die "cannot install python3-venv"
fi

version=$("$python" -c 'import platform; print(platform.python_version(), platform.machine())')
key=$({ echo "$version"; cat "$file"; } | sha256sum | cut -c1-16)
root=${XDG_CACHE_HOME:-$HOME/.cache}/sandtable/venv
venv=$root/$key
mkdir -p "$root"

# Two callers at once: the second waits and finds the work done.
exec 9>"$root/lock"
flock 9
if [ ! -e "$venv/complete" ]; then
  log "installing $(basename "$file") for Python $version"
  rm -rf "$venv"
  "$python" -m venv "$venv" >&2 || die "cannot make the environment"
  PIP_USER=0 PIP_REQUIRE_VIRTUALENV=0 "$venv/bin/python" -m pip install --quiet --no-input \
    --disable-pip-version-check --require-hashes --only-binary=:all: \
    --requirement "$file" >&2 </dev/null || die "pip cannot install $file"
  touch "$venv/complete"
fi
echo "$venv/bin/python"
