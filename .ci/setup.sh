# Finds what building and testing need (a C compiler, libpq, cargo, PostgreSQL's server programs) and installs what is
# missing where that is possible without asking: with apt as root, with Homebrew on macOS. Elsewhere it prints the line
# to type and stops. Sourced from the repository root by ./try, ./check, tests/servers and .ci/run; call `setup`,
# `setup tests` for what the tests need besides, or `setup tests servers` to bring other servers, too.
# shellcheck shell=sh

PG_OLDEST=14
PG_NEWEST=19

say() { printf '%s\n' "$*" >&2; }

setup() {
    rust_wanted=$(sed -n 's/^rust-version *= *"\([0-9.]*\)".*/\1/p' Cargo.toml)
    # First of all, because it is the one thing that we never install: nothing is changed on a machine that lacks it.
    find_cargo || stop_for_cargo
    missing=$(missing_packages "$@")
    if [ -n "$missing" ]; then
        install_packages "$missing"
        missing=$(missing_packages "$@")
        [ -z "$missing" ] || stop "Still missing after the installation: $missing."
    fi
    find_libpq || stop "libpq cannot be linked."
}

stop() {
    say "$*"
    exit 1
}

# --- cargo ------------------------------------------------------------------------------------------------------------

# Puts a cargo that is new enough first on the PATH: the one found there, or rustup's, which a login shell may lack.
find_cargo() {
    for cargo in "$(command -v cargo || true)" "${CARGO_HOME:-${HOME:-/nonexistent}/.cargo}/bin/cargo"; do
        [ -x "$cargo" ] || continue
        version=$("$cargo" --version 2>/dev/null | sed -n 's/^cargo \([0-9.]*\).*/\1/p')
        if at_least "${version:-0}" "$rust_wanted"; then
            PATH=$(dirname "$cargo"):$PATH
            export PATH
            return 0
        fi
    done
    return 1
}

# at_least 1.95.0 1.89: is the first version the second one or a later one?
at_least() {
    printf '%s %s\n' "$1" "$2" | awk '{
        split($1, have, "."); split($2, want, ".")
        for (i = 1; i <= 3; i++) if (have[i] + 0 != want[i] + 0) exit !(have[i] + 0 > want[i] + 0)
    }'
}

stop_for_cargo() {
    if command -v rustup >/dev/null; then
        stop "cargo $rust_wanted or newer is needed. Type: rustup update stable"
    fi
    say "cargo $rust_wanted or newer is needed, and this system's packages may be older. Install it with rustup, then try again:"
    stop "    curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh"
}

# --- PostgreSQL and libpq ---------------------------------------------------------------------------------------------

# Prints the folder of PostgreSQL's server programs; fails if there is none of a version that we work with.
find_postgres() {
    newer=
    for dir in \
        "${PGKEEL_PG_BIN:-}" \
        "$(dirname "$(command -v initdb || true)")" \
        /usr/lib/postgresql/*/bin \
        /usr/pgsql-*/bin \
        /opt/homebrew/opt/postgresql*/bin \
        /usr/local/opt/postgresql*/bin \
        /Applications/Postgres.app/Contents/Versions/*/bin; do
        if [ ! -x "$dir/initdb" ] || [ ! -x "$dir/pg_ctl" ] || [ ! -x "$dir/postgres" ]; then continue; fi
        major=$("$dir/postgres" --version | sed -n 's/^postgres (PostgreSQL) \([0-9]*\).*/\1/p')
        if [ "${major:-0}" -ge "$PG_OLDEST" ] && [ "$major" -le "$PG_NEWEST" ]; then
            printf '%s\n' "$dir"
            return 0
        elif [ "${major:-0}" -gt "$PG_NEWEST" ]; then
            newer=${newer:-$dir}
        fi
    done
    # One that is newer than those that the tests run on will do where there is no other.
    [ -n "$newer" ] && printf '%s\n' "$newer"
}

# Homebrew keeps libpq where the linker does not look, and puts no pg_config on the PATH.
find_libpq() {
    links_libpq && return 0
    for config in "$(command -v pg_config || true)" "$(find_postgres || true)/pg_config" \
        /opt/homebrew/opt/libpq/bin/pg_config /usr/local/opt/libpq/bin/pg_config; do
        [ -x "$config" ] || continue
        dir=$("$config" --libdir 2>/dev/null) || continue
        if links_libpq "-L$dir"; then
            PQ_LIB_DIR=$dir
            export PQ_LIB_DIR
            return 0
        fi
    done
    return 1
}

links_libpq() {
    trial=$(mktemp -d) || return 1
    printf 'int main(void) { return 0; }\n' >"$trial/trial.c"
    linked=no
    # shellcheck disable=SC2086
    cc "$trial/trial.c" ${1:+"$1"} ${PQ_LIB_DIR:+"-L$PQ_LIB_DIR"} -lpq -o "$trial/trial" >/dev/null 2>&1 && linked=yes
    rm -rf "$trial"
    [ "$linked" = yes ]
}

# --- packages ---------------------------------------------------------------------------------------------------------

# missing_packages [tests [servers]]: what is missing, in words that every system's package names are made of.
missing_packages() {
    if ! command -v cc >/dev/null; then
        printf 'compiler libpq '
    elif ! (find_libpq); then
        printf 'libpq '
    fi
    find_postgres >/dev/null || printf 'postgresql '
    # The server of one test speaks German, in a locale that the test compiles from its sources.
    if [ "${1-}" = tests ] && command -v apt-get >/dev/null && [ ! -e /usr/share/i18n/locales/de_DE ]; then printf 'locales '; fi
    # Other tests go through a pooler, which is in a folder that is not on everybody's PATH.
    if [ "${1-}" = tests ] && command -v apt-get >/dev/null && [ ! -x /usr/sbin/pgbouncer ] && ! command -v pgbouncer >/dev/null; then
        printf 'pooler '
    fi
    # What unpacks the servers of other releases.
    if [ "${2-}" = servers ] && command -v apt-get >/dev/null; then
        command -v patchelf >/dev/null || printf 'patchelf '
        command -v npm >/dev/null || printf 'npm '
    fi
}

install_packages() {
    if command -v apt-get >/dev/null; then
        install_with_apt "$(names "$1" "gcc libc6-dev" libpq-dev postgresql locales pgbouncer patchelf npm)"
    elif command -v brew >/dev/null; then
        install_with_brew "$1"
    elif command -v dnf >/dev/null; then
        stop_with_line "dnf install $(names "$1" gcc libpq-devel postgresql-server)"
    elif command -v apk >/dev/null; then
        stop_with_line "apk add $(names "$1" build-base libpq-dev postgresql)"
    elif command -v pacman >/dev/null; then
        stop_with_line "pacman -S --needed $(names "$1" gcc postgresql-libs postgresql)"
    else
        stop "Install these with the system's package manager, then try again: $(names "$1" gcc libpq PostgreSQL) (PostgreSQL $PG_OLDEST to $PG_NEWEST)."
    fi
}

# names "compiler libpq" gcc libpq-dev …: the packages for the words in the first argument.
names() {
    list=
    for word in $1; do
        case $word in
        compiler) list="$list $2" ;;
        libpq) list="$list $3" ;;
        postgresql) list="$list $4" ;;
        locales) list="$list $5" ;;
        pooler) list="$list $6" ;;
        patchelf) list="$list $7" ;;
        npm) list="$list $8" ;;
        esac
    done
    printf '%s\n' "${list# }"
}

stop_with_line() {
    say "Something is missing that only the system's administrator can install. Type this, then try again:"
    if [ "$(id -u)" -eq 0 ]; then stop "    $1"; else stop "    sudo $1"; fi
}

install_with_apt() {
    if [ "$(id -u)" -ne 0 ]; then
        stop_with_line "apt-get install --no-install-recommends $1"
    fi
    say "Installing: $1"
    DEBIAN_FRONTEND=noninteractive
    UCF_FORCE_CONFFOLD=1
    export DEBIAN_FRONTEND UCF_FORCE_CONFFOLD
    # One broken source among several is no reason to stop: the installation shows whether it matters.
    apt-get update -q >&2 || say "\`apt-get update\` failed; going on with the lists that are there."
    # A package that belongs to one of ours may pull a newer server in and restart it: that is not ours to decide.
    # shellcheck disable=SC2086
    if apt-get install --simulate --no-upgrade --no-install-recommends $1 | grep '^Inst postgresql[^ ]* \[' >&2; then
        stop_with_line "apt-get install --no-install-recommends $1  # upgrades an installed PostgreSQL server"
    fi
    keep_port_free
    # Images that leave translations out must let the server's German ones in.
    # shellcheck disable=SC2086
    without_services apt-get install -q -y --no-upgrade --no-install-recommends \
        -o 'Dpkg::Options::=--path-include=/usr/share/locale/de/*' $1 >&2 </dev/null || stop "\`apt-get install\` failed."
}

# Runs a command that installs packages, and keeps them from starting what they bring (invoke-rc.d asks policy-rc.d).
# A policy that is there already is somebody's decision.
without_services() (
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        trap 'rm -f "$policy"' EXIT
        trap 'exit 130' INT TERM
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
    fi
    "$@"
)

# Debian's package would make a cluster and start it on port 5432. We want the programs only.
keep_port_free() {
    settings=/etc/postgresql-common/createcluster.conf
    [ -e "$settings" ] && return 0
    mkdir -p "$(dirname "$settings")"
    printf '# The packages bring the programs only; pg_createcluster makes a cluster.\ncreate_main_cluster = false\n' >"$settings"
}

# bring_newest_postgres: in a container, whose packages are there for this run alone, upgrades what is installed of
# PostgreSQL to the newest minor release of the distribution. Elsewhere an installed server stays as it is.
bring_newest_postgres() {
    if ! in_container || [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
        return 0
    fi
    packages=$(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' 'postgresql*' 'libpq*' | sed -n 's/^ii  *//p')
    apt-get update -q >&2 || say "\`apt-get update\` failed; going on with the lists that are there."
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1 without_services \
        apt-get install -q -y --only-upgrade --no-install-recommends $packages >&2 </dev/null || stop "\`apt-get install\` failed."
    say "$("$(find_postgres)/postgres" --version)"
}

in_container() {
    [ -e /.dockerenv ] || [ -e /run/.containerenv ] || [ -n "${container-}${KUBERNETES_SERVICE_HOST-}" ]
}

install_with_brew() {
    case $1 in
    *compiler*) stop "A C compiler is missing. Type: xcode-select --install" ;;
    esac
    # The formula of the server holds libpq, too.
    say "Installing: postgresql@17"
    HOMEBREW_NO_INSTALL_UPGRADE=1 HOMEBREW_NO_INSTALLED_DEPENDENTS_CHECK=1 brew install postgresql@17 >&2 </dev/null ||
        stop "\`brew install\` failed."
}
