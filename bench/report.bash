# The tables that bench/run and bench/nightly print, from what they wrote down.
# shellcheck shell=bash

# Reads lines of "name number..." and prints, in the order the names came in, the median, minimum
# and maximum of the first number and the maximum of the second.
summarize() {
    awk -F '\t' '
        !($1 in runs) { names[++count] = $1 }
        { seconds[$1, ++runs[$1]] = $2 + 0; if ($3 + 0 > peak[$1]) peak[$1] = $3 + 0 }
        END {
            for (i = 1; i <= count; i++) {
                name = names[i]; n = runs[name]
                for (j = 1; j <= n; j++) sorted[j] = seconds[name, j]
                for (j = 2; j <= n; j++)
                    for (k = j; k > 1 && sorted[k - 1] > sorted[k]; k--) {
                        held = sorted[k]; sorted[k] = sorted[k - 1]; sorted[k - 1] = held
                    }
                median = n % 2 ? sorted[(n + 1) / 2] : (sorted[n / 2] + sorted[n / 2 + 1]) / 2
                printf "%s\t%.3f\t%.3f\t%.3f\t%d\n", name, median, sorted[1], sorted[n], peak[name]
            }
        }'
}

# The machine, and the versions of what ran on it.
print_machine() {
    printf '%s cores, %s, %s MiB\n' "$(nproc)" \
        "$(sed -n '/^model name/ { s/.*: //; p; q }' /proc/cpuinfo)" \
        "$(awk '/^MemTotal/ { printf "%d", $2 / 1024 }' /proc/meminfo)"
    printf '%s; %s\n' "$("${build:?}/timele-load" --version | head -n 1)" \
        "$("${server_programs:?}/postgres" --version)"
    printf 'server: fsync on, %s\n' "$(server_settings | paste -sd ',' | sed 's/,/, /g')"
}

# Results, rows of all files, the contender that the others are compared with.
print_results() {
    printf '\n%-16s%10s%10s%10s%12s%14s%14s%12s\n' contender median min max rows/s "x $3" '1/x' \
        'client MiB'
    summarize <"$1" | awk -F '\t' -v rows="$2" -v reference="$3" '
        $1 == reference { own = $2 }
        { lines[NR] = $0 }
        END {
            for (i = 1; i <= NR; i++) {
                split(lines[i], field, "\t")
                printf "%-16s%10.2f%10.2f%10.2f%12d", field[1], field[2], field[3], field[4],
                    rows / field[2]
                if (own > 0)
                    printf "%14.2f%14.3f", field[2] / own, own / field[2]
                else
                    printf "%14s%14s", "-", "-"
                printf "%12.1f\n", field[5] / 1024
            }
        }'
}

# Results, rows of order items.
print_item_seconds() {
    summarize <"$1" | awk -F '\t' -v items="$2" '
        $1 == "timele-load" { printf "\ntimele-load: %.2f s per million order items\n", $2 / items * 1e6 }'
}

# Turns lines of "time message", as timele-load -v wrote them, into "phase seconds": the line of a
# phase is its beginning. What comes before the first of these is one phase.
phases_of() {
    awk -v last="$1" '
        function spent(phase, until) { seconds[phase] += until - last; last = until
                                       if (!(phase in seen)) { seen[phase]; order[++count] = phase } }
        BEGIN { phase = "connect and prepare" }
        {
            time = $1; message = $0
            sub(/^.*timele-load: /, "", message)
            if (message ~ /^(read|check|copy|finish|load|update|delete|create (index|foreign)|analyze|drop|set|prove|verify|record|commit) /) {
                spent(phase, time)
                phase = message
                sub(/[^ ]*\//, "", phase)
            }
        }
        END {
            spent(phase, '"$2"')
            for (i = 1; i <= count; i++)
                printf "%s\t%.3f\n", order[i], seconds[order[i]]
        }'
}

# Phases, whose they are.
print_phases() {
    printf '\n%-78s%10s%8s\n' "$2 by phase (medians)" seconds share
    summarize <"$1" | awk -F '\t' '
        function group(phase) {
            if (phase ~ /^check /) return "check"
            if (phase ~ /^(copy|finish|load) /) return "copy"
            if (phase ~ /^create index/) return "indexes"
            if (phase ~ /^create foreign/) return "foreign keys"
            return "other"
        }
        { name[NR] = $1; seconds[NR] = $2; total += $2; sum[group($1)] += $2 }
        END {
            for (i = 1; i <= NR; i++)
                printf "%-78s%10.2f%7.1f%%\n", name[i], seconds[i], 100 * seconds[i] / total
            split("check,copy,indexes,foreign keys,other", groups, ",")
            printf "\n"
            for (i = 1; i in groups; i++)
                printf "%-78s%10.2f%7.1f%%\n", "all: " groups[i], sum[groups[i]],
                    100 * sum[groups[i]] / total
        }'
}

# Seconds and instructions, each relative to the second line.
print_client() {
    printf '\n%-44s%10s%10s%18s%10s\n' 'client only' seconds ratio instructions ratio
    awk -F '\t' '
        { name[NR] = $1; seconds[NR] = $2; instructions[NR] = $3 }
        END {
            for (i = 1; i <= NR; i++) {
                printf "%-44s%10.3f%10.2f", name[i], seconds[i], seconds[1] / seconds[i]
                if (instructions[i] > 0)
                    printf "%18d%10.2f\n", instructions[i], instructions[1] / instructions[i]
                else
                    printf "%18s%10s\n", "not counted", "-"
            }
        }' "$1"
}
