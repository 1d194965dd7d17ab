#!/usr/bin/env bats
#
# make install, make uninstall and make dist; what make says of a missing library.
#
# shellcheck disable=SC2030,SC2031 # each test has a subshell, and run sets its $status there

load harness

# A clone with the program built. No database is needed.
setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    mkdir clone
    tar -C "$PROJECT_ROOT" --exclude=./.git --exclude=./build -cf - . | tar -C clone -xf -
    cd clone || return 1
    mkdir build
    cp -r "${TIMELE_LOAD%/*}"/{timele-load,api.sql,completions} build
    # Of the make that runs these tests.
    unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES SANITIZE COVERAGE BUILD
}

# Takes what is built as it is, whatever it was built with.
make_only() {
    local built
    for built in build/timele-load build/api.sql build/completions/*; do
        set -- "$@" --assume-old="$built"
    done
    run --separate-stderr make --silent DESTDIR="$BATS_TEST_TMPDIR/root" "$@"
    expect_status 0
    [[ -z $stderr ]] || unexpected 'expected no error'
}

files_of() {
    (cd "$BATS_TEST_TMPDIR/root" && find . -type f | sed 's/^\.//' | sort)
}

# Where the links of an installed guide lead to.
list_links() {
    grep -oE '\]\([^)]*\)' "$1" | sed -E 's/^\]\((.*)\)$/\1/' | grep -vE '^(https?:|#)' | sed 's/#.*//'
}

@test "make install puts everything for users in place, and make uninstall takes it away" {
    local root=$BATS_TEST_TMPDIR/root guide link links=0
    # Somebody else's.
    mkdir -p "$root/opt/share/bash-completion/completions"
    touch "$root/opt/share/bash-completion/completions/other"
    make_only install prefix=/opt
    [[ $(files_of | grep -vE '/doc/timele-load/([a-z_-]+\.md|examples/.*)$') == "\
/opt/bin/timele-load
/opt/share/bash-completion/completions/other
/opt/share/bash-completion/completions/timele-load
/opt/share/doc/timele-load/README.md
/opt/share/fish/vendor_completions.d/timele-load.fish
/opt/share/man/man1/timele-load.1
/opt/share/timele-load/api.sql
/opt/share/timele-load/report.schema.json
/opt/share/timele-load/schema.sql
/opt/share/zsh/site-functions/_timele-load" ]] || unexpected "$(files_of)"
    cd "$root/opt/share/doc/timele-load" || return 1
    [[ $(cd examples && echo *) == "$(cd "$PROJECT_ROOT/contrib" && echo *)" ]]
    [[ -s api.md && -s report.md && ! -e torture.md ]]
    for guide in *.md; do
        while IFS= read -r link; do
            [[ -e $link ]] || unexpected "$guide leads nowhere: $link"
            links=$((links + 1))
        done < <(list_links "$guide")
    done
    ((links >= 3)) || unexpected "expected some links, not $links"
    "$root/opt/bin/timele-load" --version >/dev/null

    cd - >/dev/null || return 1
    # What is not of the program stays.
    echo mine >"$root/opt/share/doc/timele-load/mine.md"
    make_only uninstall prefix=/opt
    [[ $(files_of) == $'/opt/share/bash-completion/completions/other\n/opt/share/doc/timele-load/mine.md' ]] ||
        unexpected "$(files_of)"
    rm -r "$root/opt/share/doc/timele-load"
    [[ -z $(find "$root" -name '*timele*') ]] || unexpected "$(find "$root" -name '*timele*')"
}

@test "a guide's links lead to what is installed; what is not is only named" {
    printf '%s\n' '[a](CONTRIBUTING.md) [b](docs/api.md#login) [c](contrib) [d](contrib/ci.yml)' \
        '[e' 'f](bench/RESULTS.md), [g](schema.sql) [h](#here) [i](https://example.org/docs/x)' \
        '[j](data/sample/README.md) [k](.ci/run) [l](docs/torture.md) [m](LICENSE) [n](Dockerfile)' >readme.md
    [[ $(sed -E -z -f docs/installed_links.sed readme.md) == 'a [b](api.md#login) [c](examples/) [d](examples/ci.yml)
e
f, [g](../../timele-load/schema.sql) [h](#here) [i](https://example.org/docs/x)
j k l m n' ]] || unexpected "$(sed -E -z -f docs/installed_links.sed readme.md)"
    printf '%s\n' '[a](../api) [b](report.md) [c](../contrib/ci.yml) [d](torture.md#kill) [e](../README.md#x)' \
        '[f](../tests/e2e/x.bats) [g](../schema.sql) [h](report.schema.json) [i](../docs/api.md)' >guide.md
    [[ $(sed -E -z -f docs/installed_links.sed guide.md) == 'a [b](report.md) [c](examples/ci.yml) d [e](README.md#x)
f [g](../../timele-load/schema.sql) [h](../../timele-load/report.schema.json) [i](api.md)' ]] ||
        unexpected "$(sed -E -z -f docs/installed_links.sed guide.md)"
}

make_repository() {
    export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
    export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.org
    export GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.org
    unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE
    git init --quiet
    git add --all
    git commit --quiet --message one
}

@test "make dist gives the same bytes of a commit, with nothing but what is in it" {
    local archive version
    make_repository
    run --separate-stderr make dist
    expect_status 0
    [[ -z $stderr ]] || unexpected 'expected no error'
    archive=${lines[-1]}
    version=$(sed -n 's/^VERSION = //p' Makefile)
    [[ $archive == "build/timele-load-$version.tar.gz" ]] || unexpected
    cp "$archive" first.tar.gz
    echo 'not committed' >>README.md
    (umask 077 && git config tar.umask user && TZ=Asia/Tokyo make dist) 2>stderr
    [[ $(<stderr) == 'make dist: what is not committed is not in it' ]] || unexpected "$(<stderr)"
    cmp first.tar.gz "$archive"
    [[ $(tar -tzf first.tar.gz | grep -v '/$' | sort) == "$(git ls-files | sed "s,^,timele-load-$version/," | sort)" ]]

    # No git is there any more: the version is, and there is no further archive.
    tar -xzf first.tar.gz
    cd "timele-load-$version" || return 1
    make --dry-run V=1 build/src/cli/version.o |
        grep -qF -e "-DTIMELE_LOAD_VERSION='\"$version\"'" -e "-DTIMELE_LOAD_COMMIT='\"\"'"
    run --separate-stderr make --silent dist
    expect_status 2
    expect_stderr_contains 'make dist wants a clone made by git'
}

@test "the directory of a build is no part of what is built" {
    local object objects=(build/src/base/display.o build/src/cli/version.o build/schema.sql.o build/api.sql.o)
    mkdir -p ../another/place
    cp -r . ../another/place/clone
    for object in . ../another/place/clone; do
        make --silent -C "$object" CC=gcc CFLAGS='-O0 -g -U_FORTIFY_SOURCE' "${objects[@]}"
    done
    for object in "${objects[@]}"; do
        cmp "$object" "../another/place/clone/$object"
    done
    # With its debugging information.
    readelf --debug-dump=info build/src/cli/version.o | grep -q 'DW_AT_comp_dir.*: \.$'
}

# write_command NAME WORDS PROGRAM: runs PROGRAM, and fails where one of WORDS is among the arguments.
write_command() {
    # shellcheck disable=SC2016 # for sh
    printf '#!/bin/sh\nfor word; do\n    case $word in %s) exit 1 ;; esac\ndone\nexec %s "$@"\n' "$2" \
        "$3" >"$1"
    chmod +x "$1"
}

# expect_missing MESSAGE VARIABLE...: said before anything is compiled.
expect_missing() {
    run --separate-stderr make CC=gcc "${@:2}"
    expect_status 2
    expect_stderr_line "$1: run scripts/install-dependencies build"
    [[ $output != *compile* ]] || unexpected 'expected that nothing is compiled'
}

@test "make says which library, compiler or pkg-config is missing, and what to do" {
    rm -r build
    write_command no-libpq libpq pkg-config
    write_command no-csv '-lcsv' gcc
    write_command no-judy-unistring '-lJudy|-lunistring' gcc
    expect_missing 'libpq is missing' PKG_CONFIG=./no-libpq
    expect_missing 'libcsv is missing' CC=./no-csv
    expect_missing 'libpq, libJudy and libunistring are missing' PKG_CONFIG=./no-libpq CC=./no-judy-unistring
    expect_missing './no-such-pkg-config is missing' PKG_CONFIG=./no-such-pkg-config
    expect_missing 'no-such-compiler is missing' CC=no-such-compiler
    expect_missing 'false makes no program' CC=false
    [[ ! -e build/flags ]]
    # What needs no library, works without one.
    run --separate-stderr make clean CC=no-such-compiler PKG_CONFIG=./no-such-pkg-config
    expect_status 0
    [[ -z $stderr ]] || unexpected 'expected no error'
    run --separate-stderr make help CC=no-such-compiler PKG_CONFIG=./no-such-pkg-config
    expect_status 0
    expect_stdout_contains 'make install'
    [[ -z $stderr ]] || unexpected 'expected no error'
}

@test "the package is built with what install-dependencies brings" {
    local packages
    packages=$(sed -nE '/^    build\)$/,/;;/p' scripts/install-dependencies | grep -oE '\b[a-z0-9.]+-dev\b' |
        grep -v '^libc6-dev$' | sort)
    (($(wc -w <<<"$packages") >= 9)) || unexpected "expected more packages: $packages"
    [[ $(sed -n '/^Build-Depends:/,/^[A-Z].*:/p' debian/control | grep -oE '[a-z0-9.]+-dev\b' | sort) == "$packages" ]] ||
        unexpected "expected in debian/control: $packages"
}

@test "scripts/package tells what it does, and takes no wrong option" {
    run --separate-stderr scripts/package --help
    expect_status 0
    expect_stdout_contains 'Usage: scripts/package '
    run --separate-stderr scripts/package --instal
    expect_status 64
    expect_stderr_contains 'unknown argument: --instal'
}
