#!/usr/bin/env bats
#
# The recipes of docs/report.md, as they stand there, run on reports of every kind.

load harness
load small_shop

setup_file() {
    start_file
    setup_schema
    mkdir "$BATS_FILE_TMPDIR/reports"
    cd "$BATS_FILE_TMPDIR/reports" || return 1
    BATS_TEST_TMPDIR=$PWD write_history
    write_reports
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    cp "$BATS_FILE_TMPDIR"/reports/*.json .
    report_block 'jq prometheus' >timele-load.prom.jq
    report_block 'jq slack' >timele-load.slack.jq
}

# report_block LANGUAGE: the code block of docs/report.md.
report_block() {
    sed -n "/^\`\`\`$1\$/,/^\`\`\`\$/ { /^\`\`\`/! p }" "$PROJECT_ROOT/docs/report.md"
}

# What a bad row has, and a row that the server refuses.
secret=Sekret42

# write_reports: one of each result; those of failed runs are named so.
write_reports() {
    printf 'user_id,email_address\n%s,a@b\n77,c@d.example\n' $secret >'<bad> & "odd".csv'
    printf 'user_id,first_name\n78,%s\n' $secret >refused.csv
    sql "ALTER TABLE users.users ADD CONSTRAINT no_secret CHECK (first_name <> '$secret')"
    run_load -q --report=loaded.json users.csv orders.csv items.csv
    run_load -q --skip-loaded --report=nothing_new.json users.csv
    run_load -q --verify --report=verified.json
    run_load -q --check --report=checked.json users.csv
    run_load -q --report=failed_data.json '<bad> & "odd".csv'
    run_load -q --rejects=rejects --report=rejects.json '<bad> & "odd".csv'
    run_load -q --report=failed_file.json nowhere.csv
    run_load -q -d host=/nowhere --report=failed_connection.json users.csv
    run_load -q --check --reset --report=failed_usage.json users.csv
    run_load -q --report=failed_server.json refused.csv
    sql "UPDATE users.users SET external_user_id = '00000000-0000-1000-8000-000000000001' WHERE id = 1"
    run_load -q --verify --report=failed_verify.json
    [[ $(jq -r .result ./*.json | sort | uniq -c | xargs) == \
        '1 checked 6 failed 1 loaded 1 loaded with rejects 1 nothing new 1 verified' ]]
    grep -q $secret failed_data.json
}

# make_metrics REPORT SUCCESS [JOB]: in a file of the report's name.
make_metrics() {
    metrics=${1%.json}.prom
    jq -rs --arg job "${3:-nightly}" -f timele-load.prom.jq "$1" "$2" >"$metrics"
}

# expect_metrics [FILE...]: the grammar of Prometheus' text format, as far as gauges go: HELP and TYPE once, before the values
# of their name; no value twice; a line end at the end.
expect_metrics() {
    /usr/bin/python3 - "${@:-$metrics}" <<'PYTHON'
import re, sys
def check(text):
  assert text.endswith("\n"), "no line end"
  label = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\\\|\\"|\\n)*"'
  sample = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)\{(%s(?:,%s)*)\} -?[0-9.]+(?:[eE][+-]?[0-9]+)?' % (label, label))
  name, helped, seen = None, set(), set()
  lines = text[:-1].split("\n")
  while lines:
      line = lines.pop(0)
      if line.startswith("# HELP "):
          name = line.split(" ")[2]
          assert name not in helped and len(line.split(" ")) > 3, line
          helped.add(name)
          assert lines.pop(0) == "# TYPE %s gauge" % name, line
          assert re.fullmatch("timele_load_[a-z_]+", name), name
      else:
          match = sample.fullmatch(line)
          assert match and match[1] == name, line
          assert line.rpartition(" ")[0] not in seen, line
          seen.add(line.rpartition(" ")[0])
for file in sys.argv[1:]:
  check(open(file, encoding="utf-8", newline="").read())
PYTHON
}

expect_promtool() {
    if type -P promtool >/dev/null; then
        promtool check metrics <"$metrics"
    fi
}

# expect_metric NAME-AND-LABELS VALUE
expect_metric() {
    grep -qxF "timele_load_$1 $2" "$metrics" || {
        printf 'expected: %s %s\n' "$1" "$2"
        cat "$metrics"
        return 1
    } >&2
}

@test "Prometheus reads what is made of every report" {
    local file status finished seconds
    : >none
    for file in *.json; do
        make_metrics "$file" none
        read -r status seconds finished < <(jq -r '"\(.exit_status) \(.seconds) \(.finished)"' "$file")
        expect_metric 'last_run_exit_status{load="nightly"}' "$status"
        expect_metric 'last_run_duration_seconds{load="nightly"}' "$seconds"
        expect_metric 'last_run_timestamp_seconds{load="nightly"}' "$(date -d "$finished" +%s)"
        [[ $(grep -c '^timele_load_last_success' "$metrics") == $((status < 2)) ]]
    done
    expect_metrics ./*.prom
    make_metrics loaded.json none
    expect_promtool
    expect_metric 'last_run_table_rows{load="nightly",table="orders.order_items",change="inserted"}' 5
    expect_metric 'last_run_table_rows{load="nightly",table="products.products",change="inferred"}' 3
    expect_metric 'last_run_rejected_rows{load="nightly"}' 0
    make_metrics failed_data.json loaded.json
    expect_metric 'last_run_rejected_rows{load="nightly"}' 1
    expect_metric 'last_success_timestamp_seconds{load="nightly"}' \
        "$(date -d "$(jq -r .finished loaded.json)" +%s)"
    make_metrics rejects.json loaded.json
    expect_metric 'last_run_rejected_rows{load="nightly"}' 1
    expect_metric 'last_success_timestamp_seconds{load="nightly"}' \
        "$(date -d "$(jq -r .finished rejects.json)" +%s)"
    make_metrics verified.json none $'a "b"\\\nn{é}='
    expect_metric 'last_run_exit_status{load="a \"b\"\\\nn{é}="}' 0
    expect_promtool
    expect_metrics ./*.prom
}

# run_crontab PATH: as cron does, in the home.
run_crontab() {
    local environment command
    mapfile -t environment < <(grep -E '^[A-Z]+=' nightly |
        sed "s,/usr/local/bin:,$1,; s,=/var/lib/.*/,=$PWD/collector/,; /^PGSERVICE/ d")
    command=$(sed -nE 's/^[0-9]+ [0-9]+ \* \* \*  (.*)$/\1/p' nightly)
    [[ ${#environment[@]} == 2 && -n $command && $command != *%* ]]
    run_program env -i --chdir="$PWD/home" HOME="$PWD/home" PGHOST="$PGHOST" PGUSER="$PGUSER" \
        PGDATABASE="$PGDATABASE" "${environment[@]}" /bin/sh -c "$command"
}

@test "the crontab keeps the last success, and replaces the file as a whole" {
    local succeeded
    start_test
    mkdir -p home/incoming collector
    cp timele-load.prom.jq home
    report_block 'text crontab-prometheus' >nightly
    cp "$BATS_FILE_TMPDIR/reports/users.csv" home/incoming
    run_crontab "$(dirname "$TIMELE_LOAD"):"
    expect_status 0
    expect_stdout ''
    expect_silence
    [[ $(ls collector) == timele_load_nightly.prom ]]
    metrics=metrics.prom
    cp collector/* $metrics
    expect_metrics
    succeeded=$(grep '^timele_load_last_success' $metrics)
    printf 'user_id,email_address\n79,e@f.example\n1\n' >home/incoming/more.csv
    sed -i 's/ --rejects=[a-z]*//' nightly
    run_crontab "$(dirname "$TIMELE_LOAD"):"
    metrics=metrics.prom
    cp collector/* $metrics
    expect_metrics
    expect_metric 'last_run_exit_status{load="nightly"}' 2
    [[ $(grep '^timele_load_last_success' $metrics) == "$succeeded" ]]
    # A run that leaves no report.
    run_crontab ''
    ((status != 0))
    expect_stderr_contains report.json
    cmp collector/timele_load_nightly.prom $metrics
}

@test "the message for Slack is short, for every report, and has no value of a row" {
    jq -f timele-load.slack.jq ./*.json >payloads
    [[ $(grep -c $secret payloads) == 0 ]]
    jq -es --slurpfile reports <(cat ./*.json) '[., $reports] | transpose | length == 11 and all(
        .[0].text as $text | .[1] as $report
        | (.[0] | keys) == ["text"] and ($text | split("\n") | length) <= 6 and ($text | length) <= 500
          and ($text | startswith("timele-load: *\($report.result)*"))
          and ($text | endswith("\nThe reason: jq .error.message report.json")) == ($report.exit_status > 1))' payloads
    expect_message loaded.json $'*\n3 files, 10 rows read, 10 loaded, * s'
    expect_message failed_data.json $'*(bad data, exit status 2)*\n&lt;bad&gt; &amp; "odd".csv: 1 bad row\n*'
    expect_message failed_verify.json $'*\nusers.external_user_id: * 1 broken\n*'
    # Of many files the first three.
    jq '.files = [range(9) as $i | .files[0] | .path = "\($i)\n" + "x" * 100]' failed_data.json >many.json
    expect_message many.json $'*\n0?xxx*...xxx*\n1?*\n2?*\nand 6 more\n*'
}

# expect_message REPORT PATTERN
expect_message() {
    local text
    text=$(jq -f timele-load.slack.jq "$1" | jq -r .text)
    # shellcheck disable=SC2053 # it is a pattern
    [[ $text == $2 ]] || {
        printf 'expected: %s\ngot: %s\n' "$2" "$text" >&2
        return 1
    }
}
