#!/usr/bin/env bash
# Installs what this machine lacks to build, test or run Bitrix ID, and nothing else.
#
#   scripts/setup.sh build      a compiler, cmake (zlib-ng), make
#   scripts/setup.sh test       the above, rustfmt and clippy, Chromium, Node.js and npm for the browser tests, Valgrind,
#                               PostgreSQL and Redis (their programs; no server is set up),
#                               faketime for clocks that are wrong
#   scripts/setup.sh attacks    the first, and slowhttptest
#   scripts/setup.sh bench      the first, and what the benchmarks compare with: HAProxy, nginx, wrk, h2load, curl, OpenSSL, Python
#
# Debian and Ubuntu, as root or with sudo: through apt. Elsewhere it names what is missing and stops.
# Quick and silent when everything is there: apt is asked only then.
set -euo pipefail

purpose=${1:-build}

# Each need: the commands that meet it (any one will do), then the Debian package.
needs=("cc gcc clang|build-essential" "cmake|cmake")
case $purpose in
    build) ;;
    test) needs+=("chromium chromium-browser google-chrome|chromium" "node nodejs|nodejs" "npm|npm" "valgrind|valgrind" "postgres|postgresql" "redis-server valkey-server redis-check-rdb|redis-tools" "faketime|faketime") ;;
    attacks) needs+=("slowhttptest|slowhttptest") ;;
    bench) needs+=("valgrind|valgrind" "haproxy|haproxy" "nginx|nginx" "wrk|wrk" "h2load|nghttp2-client" "curl|curl" "openssl|openssl" "python3|python3-venv") ;;
    *)
        echo "usage: $0 build|test|bench|attacks" >&2
        exit 2
        ;;
esac

is_there() {
    local command
    for command in $1; do
        command -v "$command" >/dev/null 2>&1 && return 0
        # Debian keeps the server's programs off the search path.
        compgen -G "/usr/lib/postgresql/*/bin/$command" >/dev/null && return 0
    done
    return 1
}

missing=()
for need in "${needs[@]}"; do
    is_there "${need%%|*}" || missing+=("${need##*|}")
done

if ! command -v cargo >/dev/null 2>&1 && [[ ! -x ${CARGO_HOME:-$HOME/.cargo}/bin/cargo ]]; then
    echo "Rust is missing. Install it from https://rustup.rs and start again." >&2
    exit 1
fi

# A minimal toolchain comes without these two.
if [[ $purpose == test ]]; then
    export PATH=$PATH:${CARGO_HOME:-$HOME/.cargo}/bin
    if ! { cargo fmt --version && cargo clippy --version; } >/dev/null 2>&1; then
        if ! command -v rustup >/dev/null 2>&1; then
            echo "rustfmt or clippy is missing; install both with this system's package manager." >&2
            exit 1
        fi
        rustup component add rustfmt clippy >&2
    fi
fi

((${#missing[@]})) || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    echo "Missing: ${missing[*]} (names of Debian packages)." >&2
    echo "Install them with this system's package manager and start again." >&2
    exit 1
fi

as_root=()
if ((EUID != 0)); then
    if ! command -v sudo >/dev/null 2>&1; then
        echo "Missing: ${missing[*]}. As root: apt-get install ${missing[*]}" >&2
        exit 1
    fi
    as_root=(sudo)
fi

# Debian would set up and start a server of its own; the tests start theirs.
if [[ " ${missing[*]} " == *" postgresql "* && ! -e /etc/postgresql-common/createcluster.conf ]]; then
    "${as_root[@]}" mkdir -p /etc/postgresql-common
    echo "create_main_cluster = false" |
        "${as_root[@]}" tee /etc/postgresql-common/createcluster.conf >/dev/null
fi

echo "Installing ${missing[*]} ..." >&2
install() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install --yes --no-install-recommends -o Dpkg::Options::=--force-confold \
        "${missing[@]}" >&2
}
# The package lists of a fresh machine are empty or old: fetch them only when the first try says so.
if ! install; then
    "${as_root[@]}" apt-get update >&2
    install
fi

for need in "${needs[@]}"; do
    if ! is_there "${need%%|*}"; then
        echo "${need##*|} was installed, but none of these commands is there: ${need%%|*}" >&2
        exit 1
    fi
done
