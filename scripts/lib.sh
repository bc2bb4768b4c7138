# Shared by the scripts in this folder; sourced, never run.
# Not a place for steps: it only prints, checks and installs.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# Built tools; several work trees may share one directory.
TOOLS=${GRIDLOOM_TOOLS:-$ROOT/target/tools}

# The version of cargo-deny.
CARGO_DENY=0.20.2

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# True if version $1 is at least version $2.
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

# address_in FILE PID: waits until the server with this process id has written its address into the file; prints it.
address_in() {
    until grep -oE 'https?://[0-9.:]*' "$1"; do
        kill -0 "$2" 2>/dev/null || die "the server did not start"
        sleep 0.1
    done
}

# Runs a command as root: directly, or through sudo.
as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif have sudo; then sudo "$@"
    else return 1
    fi
}

# apt_install WHY PACKAGE...: installs Debian packages, or prints the packages to install by hand.
apt_install() {
    local why=$1; shift
    have apt-get || die "$why is missing; please install it (on Debian: $*)"
    say "installing $why ($*)"
    local log; log=$(mktemp)
    # The package list of a fresh machine may be empty or old: refresh it only when an install fails.
    apt_now "$@" >"$log" 2>&1 \
        || { as_root apt-get update >>"$log" 2>&1 && apt_now "$@" >>"$log" 2>&1; } \
        || { tail -n 20 "$log" >&2; die "could not install $why; as root: apt-get install $*"; }
    rm -f "$log"
}

apt_now() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
}

# cargo_tool CRATE VERSION BINARY: builds a tool into target/tools once, and again when VERSION changes.
# Without optimisation: that takes minutes for a tool that runs for a second.
cargo_tool() {
    local crate=$1 version=$2 binary=$3 stamp=$TOOLS/.$1-$2
    [ -f "$stamp" ] && [ -x "$TOOLS/bin/$binary" ] && return
    say "building $crate $version (once)"
    local log; log=$(mktemp)
    # With the tool's own lock file: the releases that its authors have tried.
    build_tool --locked >"$log" 2>&1 \
        || { tail -n 40 "$log" >&2; die "could not build $crate $version"; }
    rm -rf "$log" "$TOOLS/build"
    touch "$stamp"
}

# Reads the variables of cargo_tool.
build_tool() {
    CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
    CARGO_TARGET_DIR=$TOOLS/build cargo install "$@" --quiet --force --no-default-features \
        --root "$TOOLS" --version "=$version" --bin "$binary" "$crate"
}
