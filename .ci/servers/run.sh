# Runs suites of the tests on the servers that were brought, and prints the table of suites and servers. Sourced by
# tests/servers, which sets `cache`, `work`, `logs` and `tenth`.
# shellcheck shell=sh disable=SC2154

# The suites of the selection, and the names of their tests.
suites='catalog diff loop backup restore swap generate'
filters_of() {
    case $1 in
    catalog) echo engine::catalog:: ;;
    diff) echo diff::cases:: diff::systems:: ;;
    loop) echo commands::migrate:: commands::migrate_loop:: ;;
    backup) echo commands::backup:: commands::backup_keep::prove:: ;;
    restore) echo commands::restore:: ;;
    swap) echo engine::swap:: ;;
    generate) echo generate:: ;;
    rights)
        echo rights::tables:: rights::between:: rights::path:: rights::estate:: rights::ordinary:: \
            commands::lesser_code:: commands::untrusted
        ;;
    esac
}

# run_servers some|all [NAME…]: runs on each of them, or on those that are named. Fails if anything failed.
run_servers() {
    kind=$1
    shift
    failed=0
    : >"$work/results"
    build_tests
    while read -r name version clients folder; do
        [ $# -eq 0 ] || one_of_names "$name" "$@" || continue
        attver=$(attver_of "$folder")
        say "PostgreSQL $version, client programs $clients:"
        for suite in $(suites_for "$name" "$kind"); do
            case $suite:$attver in
            # Servers without that change of November 2026 are made to look like those with it.
            catalog:none | diff:none) run_suite "$suite" simulated ;;
            *) run_suite "$suite" "$attver" ;;
            esac
        done
    done <"$work/brought"
    table
    return "$failed"
}

one_of_names() {
    wanted=$1
    shift
    for one; do [ "$one" != "$wanted" ] || return 0; done
    return 1
}

# Pairs are about what backup and restore do with other client programs.
suites_for() {
    case $2:$1 in
    *:*+*) echo backup restore ;;
    some:17-older) ;;
    # The oldest, the newest and one in between: what a hostile role can plant differs by version.
    some:14 | some:17 | some:19) echo "$suites rights" ;;
    some:*) echo "$suites" ;;
    all:*) echo catalog diff whole ;;
    esac
}

build_tests() {
    test_binary=$(cargo test --locked --features fault-points --test it --no-run 2>&1 | tee "$work/build.log" |
        sed -n 's/^ *Executable tests.it.main\.rs (\(.*\))$/\1/p')
    [ -x "$test_binary" ] || { cat "$work/build.log" >&2 && stop "The tests could not be built."; }
}

# attver_of FOLDER: `real` if the server keeps pg_attver among the options of columns, else `none`.
attver_of() {
    # The program holds the name of the option.
    if grep -q pg_attver "$1/postgres"; then echo real; else echo none; fi
}

# run_suite SUITE real|none|simulated, of the server $name in $folder.
run_suite() {
    log=$logs/$name-$1.log
    began=$(date +%s)
    skipped=$work/skipped
    : >"$skipped"
    status=0
    filters=$(filters_of "$1")
    # Far more than it takes: a test that hangs is a failure.
    if [ "$1" = whole ]; then limit=7200; else limit=900; fi
    # shellcheck disable=SC2086
    env -u TEST_DATABASE_URL TEST_PG_BIN="$folder" TEST_SKIPPED="$skipped" ${tenth:+DIFF_TENTH="$tenth"} \
        TEST_ATTVER="$2" timeout "$limit" "$test_binary" $filters >"$log" 2>&1 </dev/null || status=$?
    took=$(($(date +%s) - began))
    counts=$(sed -n 's/^test result: .* \([0-9]*\) passed; \([0-9]*\) failed; .*/\1 \2/p' "$log")
    # shellcheck disable=SC2086
    set -- "$1" "$2" ${counts:-0 1}
    [ "$status" -eq 0 ] || failed=1
    [ "$status" -ne 0 ] || [ "$3" -gt 0 ] || { failed=1 && status=1; }
    printf '%s %s %s %s %s %s %s %s %s\n' "$name" "$version" "$clients" "$1" "$2" "$3" "$4" "$(grep -c . "$skipped")" "$took" >>"$work/results"
    if [ "$status" -eq 0 ]; then
        say "    $1: $3 passed, $took s"
    else
        say "    $1: $3 passed, $4 failed, $took s; see $log"
        grep '^test .* FAILED$' "$log" | sed 's/^/        /' >&2 || true
        # The log of a CI run is all that is left of it.
        if [ -n "${CI-}" ]; then sed -n '/^failures:$/,$p' "$log" | head -n 300 >&2; else tail -n 3 "$log" >&2; fi
    fi
}

# next_tenth: a digit that the next run counts on, so that ten runs take all cases. A fresh cache begins anywhere.
next_tenth() {
    if [ -n "${PGKEEL_TENTH-}" ]; then
        printf '%s\n' "$PGKEEL_TENTH"
        return
    fi
    last=$(cat "$cache/tenth" 2>/dev/null) || last=$(git rev-list --count HEAD 2>/dev/null) || last=$(date +%j)
    last=$(printf '%s' "$last" | sed 's/[^0-9]//g; s/^.*\(.\)$/\1/')
    next=$(((${last:-0} + 1) % 10))
    printf '%s\n' "$next" >"$cache/tenth"
    printf '%s\n' "$next"
}

# The results, one line for each server and its clients, and one column for each suite.
table() {
    awk -v tenth="$tenth" '
        { row = $2 " " $3; if (!(row in seen)) { seen[row] = 1; rows[++n] = row; version[row] = $2; clients[row] = $3 }
          if (!($4 in known)) { known[$4] = 1; columns[++m] = $4 }
          cell = $6 "/" $7; if ($8 > 0) cell = cell "/" $8
          cells[row, $4] = cell; seconds[row] += $9; passed += $6; failed += $7; skipped += $8
          if ($5 != "none" || !(row in attver)) if (attver[row] != "real") attver[row] = $5 }
        END {
            printf "\n%-9s %-9s %-10s", "server", "clients", "pg_attver"
            for (j = 1; j <= m; j++) printf " %-9s", columns[j]
            print " seconds"
            for (i = 1; i <= n; i++) {
                row = rows[i]
                printf "%-9s %-9s %-10s", version[row], clients[row], attver[row]
                for (j = 1; j <= m; j++) printf " %-9s", ((row, columns[j]) in cells) ? cells[row, columns[j]] : "-"
                printf " %7d\n", seconds[row]
            }
            print "\nCells: tests passed/failed, /cases skipped because the server does not know what they are about."
            print "pg_attver: simulated for the suites catalog and diff only; none: pairs and suites that do not simulate it."
            if (tenth != "") print "diff: the cases of tenth " tenth " (PGKEEL_TENTH=" tenth ")."
            print passed + 0 " passed, " failed + 0 " failed, " skipped + 0 " skipped"
        }' "$work/results"
}
