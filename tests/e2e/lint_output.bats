#!/usr/bin/env bats
#
# scripts/lint-output, on a program that prints by the one way and by each other.

load harness

setup() {
    start_test
    mkdir -p project/{scripts,src/base}
    cp "$PROJECT_ROOT/scripts/lint-output" project/scripts
    cd project || return 1
    cat >src/base/display.c <<'END'
/* printf(stderr) in a comment is none. */
void display_end(FILE *stream)
{
    (void)fputc('\n', stream);
    (void)snprintf(text, sizeof text, "%s", "memory");
}
END
}

@test "base/display may write" {
    run scripts/lint-output
    expect_status 0
    expect_stdout ''
}

@test "nobody else may" {
    local line
    for line in 'fprintf(stream, "%s", path);' '(void)fputs(path, stream);' 'fwrite(path, 1, 2, stream);' \
        'printf("%s", path);' 'puts(path);' 'perror(path);' 'log.stream = stderr;' 'display_end(stdout);' \
        'write(STDERR_FILENO, path, 1);' 'argp_error(state, "%s", path);'; do
        printf 'int main(void)\n{\n    %s\n}\n' "$line" >src/other.c
        run scripts/lint-output
        expect_status 1
        expect_stdout_contains "src/other.c:3:    $line"
    done
}
