# Brings PostgreSQL from a Debian release other than this machine's into a folder, without installing anything: apt
# resolves and downloads with an empty state of its own, dpkg unpacks, and patchelf points the programs at the libraries
# that came with them. Sourced by .ci/servers/bring.sh.
# shellcheck shell=sh disable=SC2154,SC2034

# What the server needs at run time comes along, but neither scripts nor data of these packages.
debian_left_out='locales|locales-all|postgresql-.*|ssl-cert|tzdata|debconf|libllvm.*|netbase|sensible-utils|.*-common'

# debian_archives: sets `debian_main` and `debian_security` to the archives that this machine's apt uses.
debian_archives() {
    debian_main=$(debian_archive Debian)
    if [ -z "$debian_main" ] && [ "$(id -u)" -eq 0 ]; then
        # A fresh container has no lists yet.
        apt-get update -q >/dev/null 2>&1 || true
        debian_main=$(debian_archive Debian)
    fi
    debian_security=$(debian_archive Debian-Security)
    debian_main=${PGKEEL_DEBIAN_MIRROR:-$debian_main}
    debian_security=${debian_security:-${debian_main%/}-security}
    [ -n "$debian_main" ]
}

debian_archive() {
    # shellcheck disable=SC2016
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "Label: $1" 2>/dev/null | head -n 1
}

# debian_release RELEASE: a state of apt for this release, with fresh lists, in $cache/apt/RELEASE.
debian_release() {
    apt=$cache/apt/$1
    mkdir -p "$apt/lists/partial"
    : >"$apt/status"
    case $1 in
    sid) printf 'deb %s sid main\n' "$debian_main" ;;
    experimental) printf 'deb %s %s main\n' "$debian_main" sid "$debian_main" experimental ;;
    *) printf 'deb %s %s main\n' "$debian_main" "$1" "$debian_security" "$1-security" ;;
    esac >"$apt/sources.list"
    cat >"$apt/apt.conf" <<CONF
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State::lists "$apt/lists";
Dir::State::status "$apt/status";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Acquire::Check-Valid-Until "false";
Acquire::Languages "none";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::Retries "3";
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
APT::Install-Recommends "false";
APT::Install-Suggests "false";
APT::Sandbox::User "root";
CONF
    APT_CONFIG=$apt/apt.conf apt-get update -q --error-on=any
}

# debian_versions RELEASE MAJOR: the versions that the release has of the server, the newest first.
debian_versions() {
    APT_CONFIG=$cache/apt/$1/apt.conf apt-cache madison "postgresql-$2" | awk -F ' *[|] *' '{ print $2 }' | sort -rVu
}

# bring_debian NAME RELEASE MAJOR VERSION: unpacks this version into a folder of its own, unless it is there already.
bring_debian() {
    root=$cache/roots/$1-$(printf %s "$4" | tr -c 'A-Za-z0-9.\n' '_')
    debian_bin=$root/usr/lib/postgresql/$3/bin
    if [ ! -d "$root" ]; then
        # The newest libraries of sid will do for a server of experimental, unless it was built with newer ones.
        debian_unpack "$1" "$2" "$3" "$4" "$root" "" ||
            { [ "$2" = experimental ] && debian_unpack "$1" "$2" "$3" "$4" "$root" experimental; } || return 1
    fi
}

# debian_unpack NAME RELEASE MAJOR VERSION ROOT PREFERRED
debian_unpack() (
    preferred=${6:+--target-release=$6}
    new=$5.new.$$
    archives=$cache/apt/$2/archives-$1
    trap 'rm -rf "$new" "$archives"' EXIT
    rm -rf "$new" "$archives"
    mkdir -p "$new" "$archives/partial"
    # Downloads at the same time need different locks, which are in these folders.
    : >"$archives/status"
    { cat "$cache/apt/$2/apt.conf" && printf 'Dir::Cache::archives "%s";\nDir::State::status "%s/status";\n' "$archives" "$archives"; } \
        >"$archives/apt.conf"
    APT_CONFIG=$archives/apt.conf
    export APT_CONFIG
    cd "$archives" || return 1
    libraries=$(for package in "postgresql-$3" "postgresql-client-$3"; do
        apt-cache depends --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances "$package=$4"
    done | sed -n 's/^ *|\{0,1\}Depends: \([^<:]*\).*$/\1/p' | grep -vxE "$debian_left_out" | sort -u)
    libpq=libpq5
    # A release's libpq may be older than its older servers' security updates: the one of the same source is right.
    [ -z "$(apt-cache show "libpq5=$4" 2>/dev/null)" ] || libpq=libpq5=$4
    # shellcheck disable=SC2086
    apt-get install -q -y --download-only ${preferred:+"$preferred"} "$libpq" $libraries || return 1
    apt-get download -q "postgresql-$3=$4" "postgresql-client-$3=$4" || return 1
    for package in ./*.deb; do
        dpkg-deb --fsys-tarfile "$package" | tar -x -C "$new" --no-same-owner --keep-directory-symlink || return 1
    done
    debian_relocate "$new" "$5" "$3" || return 1
    chmod -R a+rX,u+w "$new"
    mv -T "$new" "$5" 2>/dev/null || [ -d "$5" ] || return 1
    for program in postgres initdb pg_ctl psql pg_dump pg_restore; do
        "$5/usr/lib/postgresql/$3/bin/$program" --version || { rm -rf "$5" && return 1; }
    done
)

# debian_relocate NEW ROOT MAJOR: makes the programs in NEW use the libraries of ROOT, where they are moved afterwards.
debian_relocate() {
    loader=$(cd "$1" && find . -name 'ld-linux*.so.*' -path '*-linux-*/ld-*' | sed -n '1s/^\.//p')
    [ -n "$loader" ] || return 1
    libraries=$2$(dirname "$loader")
    case $loader in
    /lib/*) libraries=$libraries:$2/usr$(dirname "$loader") ;;
    esac
    # The JIT compiler is 100 MB of LLVM; without its library the server does without.
    rm -rf "$1/usr/lib/postgresql/$3/lib/bitcode" "$1/usr/lib/postgresql/$3"/lib/llvmjit*
    for program in "$1/usr/lib/postgresql/$3/bin"/*; do
        patchelf --print-interpreter "$program" >/dev/null 2>&1 || continue
        # An inherited path (DT_RPATH): the libraries must find each other there, too.
        patchelf --set-interpreter "$2$loader" --force-rpath --set-rpath "$libraries" "$program" || return 1
    done
}
