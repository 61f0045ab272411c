#!/usr/bin/env bash
# Makes .venv and, when it may, installs the Debian packages that are missing.
# Usage: scripts/setup.sh run|test
set -euo pipefail
cd "$(dirname "$0")/.."
purpose=${1:-run}
venv=.venv
case $purpose in run) lock=requirements.lock ;; test) lock=requirements-dev.lock ;; *) exit 2 ;; esac

find_python() {
    local name
    for name in ${PYTHON:-python3.11 python3.12 python3.13 python3}; do
        if command -v "$name" >/dev/null 2>&1 &&
            "$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
    return 1
}

has_engine() { compgen -G '/usr/lib/*/engines-3/gost.so' >/dev/null; }

missing=()
python=$(find_python) || { python=python3; missing+=(python3); }
"$python" -c 'import ensurepip, venv' >/dev/null 2>&1 || missing+=(python3-venv)
has_engine || missing+=(libengine-gost-openssl)
if [ "$purpose" = test ]; then
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || missing+=(postgresql)
    command -v openssl >/dev/null 2>&1 || missing+=(openssl)
    command -v certtool >/dev/null 2>&1 || missing+=(gnutls-bin)
    [ -e /usr/lib/softhsm/libsofthsm2.so ] || missing+=(softhsm2)
fi

if [ ${#missing[@]} -gt 0 ]; then
    if [ "$(id -u)" = 0 ]; then as_root=()
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then as_root=(sudo -n)
    else
        echo "Please install what is missing: apt-get install -y ${missing[*]}" >&2
        exit 3
    fi
    echo "Installing ${missing[*]}"
    log=$(mktemp)
    if ! { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive sh -c \
        'apt-get update -q && apt-get install -y -q --no-install-recommends "$@"' sh "${missing[@]}"; } \
        >"$log" 2>&1; then
        tail -n 5 "$log" >&2
        echo "Please install what is missing: apt-get install -y ${missing[*]}" >&2
        exit 3
    fi
    rm -f "$log"
    python=$(find_python)
fi

# The stamp names what was installed; a changed lock or setup.cfg installs again.
stamp=$(cat "$lock" setup.cfg pyproject.toml | sha256sum | cut -c1-16)
if [ "$(cat $venv/.installed-$purpose 2>/dev/null || true)" != "$stamp" ]; then
    echo "Making the virtual environment in $venv"
    [ -x $venv/bin/python ] || "$python" -m venv $venv
    $venv/bin/python -m pip install --quiet --disable-pip-version-check --use-pep517 --require-hashes -r "$lock"
    $venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
    echo "$stamp" >$venv/.installed-$purpose
fi
