#!/usr/bin/env bats
#
# What is no CSV file of a dataset, or has lines that are no rows: each is named, with what mends it.
# All is told by --check, without a database.

load harness

# No test needs a database of its own.
setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    export PGHOST=/nowhere
}

# expect_kind FILE NAME HINT: FILE is NAME, and the hint has HINT.
expect_kind() {
    run_load --check "$1"
    expect_status 2
    expect_stdout ''
    expect_stderr_line "timele-load: error: $1: cannot be read as CSV: it is $2"
    expect_stderr_contains "$3"
    ((${#stderr_lines[@]} == 2)) || unexpected 'expected an error and a hint'
}

# run_hint: runs the command that the last hint ends with, with users.csv for FILE.
run_hint() {
    local command=${stderr##*: }
    [[ $stderr =~ (by \"|: )((sed|python3|iconv|grep|awk|gzip)\ .*)$ ]] || unexpected 'expected a command'
    command=${BASH_REMATCH[2]%\".}
    command=${command//FILE/users.csv}
    rm -f new.csv
    bash -c "${command//NEW/new.csv}" || unexpected "this failed: $command"
}

# expect_mended FILE-AS-PRINTF-WRITES-IT MESSAGE [MENDED]: users.csv is refused with MESSAGE, and the
# command of the hint makes a file of it that is checked without a fault and is MENDED.
expect_mended() {
    local mended=${3:-'user_id,email_address,city\n1,a@example.org,"Oslo, N"\n2,b@example.org,Köln\n'}
    printf '%b' "$1" >users.csv
    run_load --check users.csv
    expect_status 2
    expect_stdout ''
    expect_stderr_contains "users.csv$2"
    run_hint
    tr -d '\r' <new.csv >unix.csv
    diff unix.csv <(printf '%b' "$mended") || unexpected 'not mended'
    run_load --check new.csv
    expect_status 0
    expect_silence
}

@test "text in another encoding is named, and iconv mends it" {
    local encoding text='user_id,email_address,city\n1,a@example.org,"Oslo, N"\n2,b@example.org,Köln\n'
    for encoding in UTF-16 UTF-16LE UTF-16BE UTF-32 UTF-32LE UTF-32BE; do
        printf '%b' "$text" | iconv -f UTF-8 -t $encoding >users.csv
        run_load --check users.csv
        expect_status 2
        expect_stderr_line "timele-load: error: users.csv: cannot be read as CSV: it is text in ${encoding%[LB]E}"
        run_hint
        run_load --check new.csv
        expect_status 0
        diff <(sed 's/^\xEF\xBB\xBF//' new.csv) <(printf '%b' "$text")
    done
    printf 'user_id,email_address,stra\xdfe\n1,a@example.org,Oslo\n' >users.csv
    expect_kind users.csv 'text in another encoding than UTF-8' 'iconv -f WINDOWS-1252'
    run_hint
    diff new.csv <(printf '%b' 'user_id,email_address,straße\n1,a@example.org,Oslo\n')
}

@test "files of other programs are named, with what mends them" {
    printf 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n' >users.csv
    expect_kind users.csv 'a Git LFS pointer, and the file itself is not here' 'hint: Fetch it: git lfs pull'
    printf '<!DOCTYPE html>\n<title>Sign in</title>\n' >users.csv
    expect_kind users.csv 'an HTML page' 'download the file again'
    printf '[{"user_id": 1}]\n' >users.csv
    expect_kind users.csv JSON 'mlr --ijson --ocsv cat FILE >NEW'
    printf -- '--\n-- PostgreSQL database dump\n--\n' >users.csv
    expect_kind users.csv 'an SQL script or dump' 'psql -d OTHER -f FILE'
    head -c 5000 /dev/zero >users.csv
    expect_kind users.csv 'a file that begins with nothing but NUL bytes' 'get the file again'
    printf 'user_id\0,email_address\n' >users.csv
    expect_kind users.csv 'binary data' 'as CSV, in UTF-8'
    printf 'user_id,email_address\n' | gzip | gzip >users.csv
    expect_kind users.csv 'gzip data' 'gzip -dc <FILE >NEW'
}

# As Python's standard library writes them, and the names of members as Excel and LibreOffice do.
@test "workbooks, databases and pickles are named by what they hold" {
    python3 - <<'END'
import pickle, sqlite3, zipfile
def write(name, members):
    with zipfile.ZipFile(name, 'w', zipfile.ZIP_DEFLATED) as archive:
        for member, text in members:
            archive.writestr(member, text, zipfile.ZIP_STORED if member == 'mimetype' else None)
content_types = ('[Content_Types].xml', '<Types/>' * 100)
write('excel.csv', [content_types, ('_rels/.rels', '<r/>'), ('xl/workbook.xml', '<w/>')])
write('openpyxl.csv', [('docProps/app.xml', '<a/>'), ('xl/worksheets/sheet1.xml', '<s/>'), content_types])
write('word.csv', [content_types, ('word/document.xml', '<d/>')])
write('ods.csv', [('mimetype', 'application/vnd.oasis.opendocument.spreadsheet'), ('content.xml', '<c/>')])
connection = sqlite3.connect('sqlite.csv')
connection.execute('CREATE TABLE users (user_id integer)')
connection.commit()
pickle.dump([{'user_id': 1}] * 3, open('pickle.csv', 'wb'), 4)
END
    local sheet='libreoffice --headless --convert-to'
    expect_kind excel.csv 'an Excel workbook (.xlsx)' "$sheet"
    expect_kind openpyxl.csv 'an Excel workbook (.xlsx)' "$sheet"
    expect_kind word.csv 'an Office document, and no spreadsheet' 'as CSV'
    expect_kind ods.csv 'a spreadsheet (.ods)' "$sheet"
    expect_kind sqlite.csv 'an SQLite database' 'sqlite3 -header -csv FILE'
    expect_kind pickle.csv 'a Python pickle' 'pandas.read_pickle'
    gzip excel.csv
    expect_kind excel.csv.gz 'an Excel workbook (.xlsx)' "$sheet"
    run_load --check - <sqlite.csv
    expect_stderr_line 'timele-load: error: -: cannot be read as CSV: it is an SQLite database'
}

@test "other separators and quotes are named, and the command mends them" {
    expect_mended 'user_id;email_address;city\r\n1;a@example.org;Oslo, N\r\n2;b@example.org;Köln\r\n' \
        ':1: the fields are separated by semicolons, and not by commas'
    expect_stdout_contains new.csv
    expect_mended '\xef\xbb\xbf"user_id";"email_address";"city"\n1;a@example.org;"Oslo, N"\n2;b@example.org;Köln\n' \
        ':1: the fields are separated by semicolons, and not by commas'
    expect_mended 'user_id\temail_address\tcity\n1\ta@example.org\tOslo, N\n2\tb@example.org\tKöln\n' \
        ':1: the fields are separated by tabs, and not by commas'
    expect_mended "'user_id'|'email_address'|'city'\n'1'|'a@example.org'|'Oslo, N'\n'2'|'b@example.org'|'Köln'\n" \
        ':1: the fields are separated by vertical bars, and not by commas'
    expect_mended 'sep=;\nuser_id;email_address;city\n1;a@example.org;Oslo, N\n2;b@example.org;Köln\n' \
        ':1: the first line is Excel'\''s "sep=", and no header'
    expect_mended "'user_id','email_address','city'\n'1','a@example.org','Oslo, N'\n'2','b@example.org','Köln'\n" \
        ':1: the names stand between single quotes, and not between double quotes'
    expect_mended '`user_id`,`email_address`,`city`\n`1`,`a@example.org`,`Oslo, N`\n`2`,`b@example.org`,`Köln`\n' \
        ':1: the names stand between backticks, and not between double quotes'
    expect_mended '\xef\xbb\xbf"user_id,email_address,city"\r\n"1,a@example.org,""Oslo, N"""\r\n\r\n"2,b@example.org,Köln"\r\n' \
        ':1: the whole line stands between quotes'
    expect_mended '"user_id,email_address"\n"1,a@example.org"\n' \
        ':1: the whole line stands between quotes' 'user_id,email_address\n1,a@example.org\n'
}

# As Excel of many countries writes CSV: semicolons, and Windows-1252.
@test "a file that has another encoding and other separators is mended by two commands" {
    local form
    for form in 'user_id;email_address;city\r\n1;a@example.org;Oslo, N\r\n2;b@example.org;K\xf6ln\r\n' \
        'sep=;\r\nuser_id;email_address;city\r\n1;a@example.org;Oslo, N\r\n2;b@example.org;K\xf6ln\r\n' \
        '"user_id,email_address,city"\n"1,a@example.org,""Oslo, N"""\n"2,b@example.org,K\xf6ln"\n'; do
        printf '%b' "$form" >users.csv
        run_load --check users.csv
        expect_status 2
        run_hint
        mv new.csv users.csv
        expect_mended "$(tr -d "\r" <users.csv)\n" ':3: city: invalid UTF-8 ("K\xf6ln")'
    done
}

@test "where a file is compressed or a member, the hint says to unpack it before its command" {
    local text='user_id;email_address\n1;a@example.org\n' name
    printf '%b' "$text" >users.csv
    gzip -k users.csv
    tar -cf users.tar users.csv
    for name in users.csv.gz:Decompress\ the\ file users.tar:Unpack\ the\ archive; do
        run_load --check "${name%%:*}"
        expect_status 2
        expect_stderr_contains "timele-load: hint: ${name#*:} first. It is the header of \"users\". Make commas of them: "
    done
    printf 'user_id,email_address\n1,a@example.org\n,\n' | xz >users.csv.xz
    run_load --check users.csv.xz
    expect_status 2
    expect_stderr_contains 'timele-load: hint: Decompress the file first; spreadsheets write separators below a table: '
    printf '1,a@example.org\n' | gzip >users.csv.gz
    run_load --check users.csv.gz
    expect_stderr_contains 'timele-load: hint: Decompress the file first. The first line must name the columns'
    printf 'name,colour,"\n' | gzip >users.csv.gz
    run_load --check users.csv.gz
    expect_stderr_contains 'timele-load: hint: The first line must name the columns'
}

@test "a header that is nearly right is named, and the command mends it" {
    local rows='1,a@example.org\n' mended='user_id,email_address\n1,a@example.org\n'
    expect_mended "USER_ID,Email-Address\n$rows" \
        ':1: the header is nearly that of "users": write user_id for "USER_ID", email_address for "Email-Address"' "$mended"
    expect_mended "user_id,emial_address\r\n$rows" \
        ':1: the header is nearly that of "users": write email_address for "emial_address"' "$mended"
    expect_mended 'user_id, email_address\n1, a@example.org\n' \
        ':1: the header is nearly that of "users": write email_address for " email_address"' "$mended"
    expect_mended "\n\n[user_id],[email_address]\n$rows" \
        ':3: the header is nearly that of "users": write user_id for "[user_id]"' "\n\n$mended"
    expect_mended "user_id,\xef\xbb\xbfemail_address\n$rows" \
        ':1: a byte order mark stands inside the header' "$mended"
    expect_mended "Users of 2020\n\nuser_id,email_address\n$rows" \
        ':3: the header stands below other lines' "$mended"
    expect_mended ",,\n$mended" ':2: the header stands below other lines' "$mended"
}

@test "lines that are no rows are told once, and the command mends them" {
    local mended='user_id,email_address\n1,a@example.org\n2,b@example.org\n'
    expect_mended 'user_id,email_address\n1,a@example.org\n,\n2,b@example.org\n,\r\n,\n' \
        ':3: user_id: nothing but separators in 3 rows
timele-load: error: 3 bad rows in 1 file; nothing was loaded' "$mended"
    # Whatever their number; quoted, too.
    expect_mended 'user_id,email_address\n1,a@example.org\n,,,,\n2,b@example.org\n"",""\n' \
        ':3: user_id: nothing but separators in 2 rows' "$mended"
    # What is ignored may have another encoding; no line of it is lost.
    expect_mended 'user_id,email_address,password\n1,a@example.org,K\xf6ln\n,,\n2,b@example.org,\n' \
        ':3: user_id: nothing but separators' 'user_id,email_address,password\n1,a@example.org,K\xf6ln\n2,b@example.org,\n'
    expect_mended 'user_id,email_address\n1,a@example.org\nuser_id,email_address\n2,b@example.org\nuser_id,email_address\n' \
        ':3: user_id: the header once more in 2 rows
timele-load: error: 2 bad rows in 1 file; nothing was loaded' "$mended"
    expect_mended 'user_id,email_address,\r\n1,a@example.org\n2,b@example.org\n' \
        ':2: field 3: missing: the row has 2 fields, the header 3' "$mended"
}

@test "columns without a name are one note" {
    printf ',user_id,email_address\n0,1,a@example.org\n' >users.csv
    run_load --check users.csv
    expect_status 0
    [[ $stderr == 'timele-load: users.csv: column 1 has no name and is ignored' ]] || unexpected
    printf 'user_id,email_address,,\n1,a@example.org,,\n' >users.csv
    run_load --check users.csv
    expect_status 0
    [[ $stderr == 'timele-load: users.csv: 2 columns have no name and are ignored, the first is column 3' ]] ||
        unexpected
}

@test "NUL bytes and other encodings in rows are told before quotes, fields and types" {
    printf '%b' 'user_id,email_address\n\0\0\0\n2,a"\0\n3,"b\0"c\n4,K\xf6ln"\n5,"K\xf6ln" \n6\xff,d@example.org\n7,"\0' >users.csv
    run_load --check users.csv
    expect_status 2
    [[ $stderr == 'users.csv:2: user_id: contains a NUL byte: the row has 1 field, the header 2
users.csv:3: email_address: the line contains a NUL byte
users.csv:4: email_address: the line contains a NUL byte
users.csv:5: email_address: the line is not UTF-8
users.csv:6: email_address: the line is not UTF-8
users.csv:7: user_id: invalid UTF-8 ("6\xff")
users.csv:8: email_address: the line contains a NUL byte
timele-load: error: 7 bad rows in 1 file; nothing was loaded
timele-load: hint: NUL bytes are there where a disk was full or a copy was cut off: get the file again. Where a whole file has another encoding, convert it, for example by "iconv -f WINDOWS-1252 -t UTF-8 <FILE >NEW".' ]] ||
        unexpected
    run_load --check --log-format=json users.csv
    [[ $(jq -rs '[.[] | .code // empty] | unique | join(" ")' <<<"$stderr") == encoding ]] || unexpected
}

# However a line without a header is written, and whatever is told of it.
@test "nothing of a first line that may be a row is shown" {
    local line format value file number=0 secrets=(hunter2 SECRET a.net Ann 1970 Road)
    local row='1;Ann;hunter2;$2b$12$SECRET;ann@a.net;1970-01-01;Road'
    local lines=("$row" "${row//;/,}" "${row//;/|}" "${row//;/ }" "'${row//;/"','"}'" "\"${row//;/\";\"}\""
        "\"${row//;/,}\"" "${row//;/,},country" "${row};country" "sep=;\n$row" "Ann;SECRET;hunter2;country;Road,1970"
        "\xef\xbb\xbf\xef\xbb\xbf${row//;/,}" "${row//;/,}\nuser_id,email_address" "user_id;1970;hunter2" "[$row]"
        "${row//;/,},\"" "${row//;/,}\xff" "${row//;/,}\0" "{\"$row" "<$row" "-- $row" "\"Ann\",\"hunter2\",\"status\""
        'user_id,email,hunter2@a.net' "Ann,hunter2,status" "user_id,\"Ann\nSECRET\",password,hunter2,1970")
    for line in "${lines[@]}"; do
        ((number += 1))
        printf '%b\n' "$line" "$row" >"$number.csv"
    done
    for format in text json; do
        run_load --check -v --log-format=$format ./*.csv
        expect_status 2
        expect_stdout ''
        for ((file = 1; file <= number; file++)); do
            expect_stderr_contains "./$file.csv:"
        done
        for value in "${secrets[@]}"; do
            [[ $stderr != *"$value"* ]] || unexpected "this was shown: $value"
        done
    done
}
