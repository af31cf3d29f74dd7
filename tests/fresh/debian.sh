#!/bin/sh
# Proves ./try and ./check on a machine that has nothing: a fresh Debian in a folder, entered by chroot, once as root
# and once as an ordinary user. Run by hand, as root, on Linux with debootstrap, git, cargo and util-linux:
#
#     tests/fresh/debian.sh [--release NAME] [FOLDER [MIRROR]]
#
# NAME is bookworm (Debian 12, the default) or a later release; its security updates are used, too.
# FOLDER is made, and removed at the end; by default it is a new one below /tmp. It wants about 5 GB. MIRROR is by
# default the one that this machine's apt uses for Debian, else deb.debian.org. What is committed is what is tested.
# The Rust toolchain and cargo's downloads come from this machine, as do its name servers, proxies and certificates.
# Prints one line for each try; the logs of what failed stay and are named. Ends with 0 if all went well.
set -eu

here=$(CDPATH='' cd -P -- "$(dirname -- "$0")/../.." && pwd)
release=${PGKEEL_FRESH_RELEASE:-bookworm}

main() {
    if [ -n "${PGKEEL_FRESH_INSIDE-}" ]; then
        inside
        return
    fi
    [ "$(id -u)" -eq 0 ] || stop "This needs root, for debootstrap and chroot."
    for program in debootstrap git cargo rustc unshare; do
        command -v "$program" >/dev/null || stop "\`$program\` is missing."
    done
    if [ "${1-}" = --release ]; then
        release=${2:?}
        shift 2
    fi
    if [ $# -gt 0 ]; then
        mkdir "$1" || stop "FOLDER must not exist yet."
        folder=$(CDPATH='' cd -P -- "$1" && pwd)
    else
        folder=$(mktemp -d /tmp/pgkeel-fresh.XXXXXX)
    fi
    chmod 755 "$folder"
    logs=$(mktemp -d /tmp/pgkeel-fresh-logs.XXXXXX)
    trap 'rm -rf --one-file-system "$folder"' EXIT
    trap 'exit 130' INT HUP TERM

    # Mounts and processes of a namespace of their own: they end with it, whatever happens inside.
    mirror=${2:-$(apt_mirror Debian)}
    mirror=${mirror:-http://deb.debian.org/debian}
    security=$(apt_mirror Debian-Security)
    security=${security:-${mirror%/}-security}
    export PGKEEL_FRESH_INSIDE=yes PGKEEL_FRESH_RELEASE="$release" folder logs mirror security
    unshare --mount --pid --fork --kill-child "$here/tests/fresh/debian.sh"
    rm -rf "$logs"
}

stop() {
    printf '%s\n' "$*" >&2
    exit 1
}

apt_mirror() {
    # shellcheck disable=SC2016
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "Label: $1" 2>/dev/null | head -n 1
}

inside() {
    : "${folder:?}" "${logs:?}" "${mirror:?}" "${security:?}"
    echo "Making a Debian ($release) from $mirror ..."
    debootstrap --variant=minbase --include=ca-certificates "$release" "$folder" "$mirror" >"$logs/debootstrap.log" 2>&1 ||
        stop "debootstrap failed; see $logs/debootstrap.log."
    bring_network
    bring_rust
    mount_system
    chroot "$folder" useradd --create-home --shell /bin/sh dev
    bring_repository root 0:0 /root
    bring_repository dev "$(chroot "$folder" id -u dev):$(chroot "$folder" id -g dev)" /home/dev

    failed=0
    # With nothing installed an ordinary user is told what to type; root gets it installed.
    attempt dev refused ./try
    attempt root passes ./try
    attempt root passes ./check
    attempt dev passes ./try
    attempt dev passes ./check
    return "$failed"
}

bring_network() {
    cp -L /etc/resolv.conf "$folder/etc/resolv.conf"
    printf 'deb %s %s main\n' "$mirror" "$release" "$security" "$release-security" >"$folder/etc/apt/sources.list"
    for file in /etc/apt/apt.conf /etc/apt/apt.conf.d/*; do
        ! grep -qs '^ *Acquire' "$file" || cp "$file" "$folder$file"
    done
    if [ -d /usr/local/share/ca-certificates ]; then
        mkdir -p "$folder/usr/local/share/ca-certificates"
        cp -RL /usr/local/share/ca-certificates/. "$folder/usr/local/share/ca-certificates/"
        chroot "$folder" update-ca-certificates >/dev/null 2>&1
    fi
}

# The toolchain itself, read-only; the settings and downloads of cargo, without credentials, go to each home.
bring_rust() {
    mkdir -p "$folder/opt/rust"
    mount --bind "$(rustc --print sysroot)" "$folder/opt/rust"
    mount -o remount,bind,ro "$folder/opt/rust"
}

mount_system() {
    mount -t proc proc "$folder/proc"
    mount -t tmpfs -o mode=1777 tmpfs "$folder/dev/shm"
    mount -t devpts -o newinstance,ptmxmode=0666,mode=0620 devpts "$folder/dev/pts"
    ln -sf pts/ptmx "$folder/dev/ptmx"
}

# bring_repository NAME UID:GID HOME
bring_repository() {
    git clone --quiet --no-hardlinks "$here" "$folder$3/pgkeel"
    cargo_home=${CARGO_HOME:-$HOME/.cargo}
    mkdir -p "$folder$3/.cargo/bin" "$folder$3/.cargo/registry"
    # Not on the PATH below: the scripts must find it in the home.
    for program in "$folder"/opt/rust/bin/*; do
        ln -s "/opt/rust/bin/${program##*/}" "$folder$3/.cargo/bin/"
    done
    for part in config.toml registry/index registry/cache; do
        [ ! -e "$cargo_home/$part" ] || cp -R "$cargo_home/$part" "$folder$3/.cargo/$part"
    done
    chown -R "$2" "$folder$3/pgkeel" "$folder$3/.cargo"
}

# attempt NAME passes|refused COMMAND: runs it as that user from a clean environment, and prints the line of its result.
attempt() {
    log=$logs/$1-$2-${3#./}.log
    case $1 in
    root) home=/root ids=0:0 ;;
    *) home=/home/$1 ids=$(chroot "$folder" id -u "$1"):$(chroot "$folder" id -g "$1") ;;
    esac
    began=$(date +%s)
    status=0
    # shellcheck disable=SC2046,SC2086
    chroot --userspec="$ids" --groups="${ids#*:}" "$folder" /usr/bin/env -i \
        HOME="$home" USER="$1" LOGNAME="$1" LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        $(passed_on) \
        /bin/sh -c "cd $home/pgkeel && exec $3" </dev/null >"$log" 2>&1 || status=$?
    took="$(($(date +%s) - began)) s"

    problem=
    case $2:$status in
    passes:0) ;;
    refused:0) problem="it went on without what it needs" ;;
    refused:*) grep -q '^    sudo apt-get install' "$log" || problem="it did not say what to type" ;;
    *) problem="exit status $status" ;;
    esac
    servers_gone || problem="${problem:+$problem, }a server was left running"
    if [ "$3" = ./try ]; then
        for left in "$folder"/tmp/pgkeel* "$folder"/var/lib/pgkeel "$folder"/var/lib/postgresql/*/main \
            "$folder$home"/.local/state/pgkeel; do
            [ ! -e "$left" ] || problem="${problem:+$problem, }\`${left#"$folder"}\` was left behind"
        done
    fi
    if [ -z "$problem" ]; then
        printf 'ok      %-5s %-8s %s, %s\n' "$1" "$3" "$2" "$took"
    else
        printf 'FAILED  %-5s %-8s %s, %s; see %s\n' "$1" "$3" "$problem" "$took" "$log"
        failed=1
    fi
}

# Proxies have no secrets here beyond those that this machine's environment has already.
passed_on() {
    env | grep -i -E '^(http|https|ftp|all|no)_proxy=[^ ]*$' || true
}

# A test run's server stops by itself soon after the last test.
servers_gone() {
    waited=0
    while grep -qsx -e postgres -e postmaster "$folder"/proc/[0-9]*/comm; do
        [ "$waited" -lt 30 ] || return 1
        waited=$((waited + 1))
        sleep 1
    done
}

main "$@"; exit
