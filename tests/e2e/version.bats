#!/usr/bin/env bats
#
# --version, and how the commit comes into the program.

load harness

# A clean clone, of which git has the only commit there is.
setup_clone() {
    mkdir -p clone
    tar -C "$PROJECT_ROOT" --exclude=./.git --exclude=./build -cf - . | tar -C clone -xf -
    cd clone || return 1
    # Of the make that runs these tests.
    unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES SANITIZE COVERAGE BUILD
    export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null GIT_CEILING_DIRECTORIES=$PWD
    export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.org
    export GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.org
    unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE
}

make_commit() {
    [[ -e .git ]] || git init --quiet
    git add --all
    git commit --quiet --allow-empty --message "$1"
}

# The commit that version.c would be compiled with.
commit_of_make() {
    make --dry-run build/src/cli/version.o | sed -nE "s/.*-DTIMELE_LOAD_COMMIT='\"([^\"]*)\"'.*/\1/p"
}

@test "the program, then a line for each library" {
    run_load --version
    expect_status 0
    expect_silence
    [[ ${lines[0]} =~ ^timele-load\ [0-9]+\.[0-9]+\.[0-9]+(\ \([0-9A-Za-z._-]+\))?$ ]] || unexpected
    [[ $(tail -n +2 <<<"$output" | sed -E 's/ [0-9]+(\.[0-9]+)+/ VERSION/') == 'libpq VERSION
zlib VERSION
libzstd VERSION
liblzma VERSION
libarchive VERSION
xxHash VERSION
OpenSSL VERSION
Jansson VERSION
libcsv VERSION (built with)' ]] || unexpected
    run_load -V
    expect_status 0
    [[ ${lines[0]} == timele-load\ * ]] || unexpected
}

@test "the commit is the one of git, and none without" {
    setup_clone
    make --dry-run build/src/cli/version.o | grep -qF "TIMELE_LOAD_COMMIT='\"\"'"
    make_commit one
    [[ $(commit_of_make) == "$(git rev-parse --short HEAD)" ]]
    echo >>README.md
    [[ $(commit_of_make) == "$(git rev-parse --short HEAD)-dirty" ]]
    # Root installs what another user has built.
    if ((EUID == 0)); then
        chown -R nobody .
        [[ $(commit_of_make) == "$(git -c safe.directory='*' rev-parse --short HEAD)-dirty" ]]
    fi
    # Where the sources lie in somebody else's repository, that one's commit is not theirs.
    mkdir inner
    cp -r Makefile src schema.sql api inner
    cd inner
    make --dry-run build/src/cli/version.o | grep -qF "TIMELE_LOAD_COMMIT='\"\"'"
}

@test "another commit compiles one object again, and the same compiles none" {
    local directory commands
    setup_clone
    make_commit one
    for directory in src src/*/ src/*/sql tests/unit bench completion completions; do
        mkdir -p "build/$directory"
    done
    make --silent build/flags build/commit
    make --silent --touch tests
    make --silent build/flags build/commit
    [[ $(make --dry-run V=1 tests | grep -c ' -o build/') == 0 ]]
    make_commit two
    commands=$(make --dry-run V=1 tests | grep ' -o build/')
    [[ $(wc -l <<<"$commands") == 2 ]]
    [[ $commands == *' -o build/src/cli/version.o src/cli/version.c'*' -o build/timele-load '* ]]
}

@test "the Makefile, CHANGELOG.md and debian/changelog tell of the same version" {
    local version
    version=$(sed -n 's/^VERSION = //p' "$PROJECT_ROOT/Makefile")
    [[ $("$TIMELE_LOAD" --version) == "timele-load $version"[$' \n']* ]]
    [[ $(sed -nE 's/^## \[([0-9][^]]*)\] - [0-9-]+$/\1/p' "$PROJECT_ROOT/CHANGELOG.md" | head -n 1) == "$version" ]]
    [[ $(sed -nE '1s/^timele-load \((.*)-[0-9]+\) .*/\1/p' "$PROJECT_ROOT/debian/changelog") == "$version" ]]
}
