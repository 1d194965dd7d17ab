# Sourced after small_shop by tests of --verify: the small shop with prices and a history, and an
# application that works on it.
#
# shellcheck shell=bash

# load_history_shop [OPTION...]
load_history_shop() {
    write_csv history.csv <<'END'
order_id,status,changed_at
11,shipped,2024-01-02Z
11,pending,2024-01-01Z
12,delivered,2024-01-03Z
END
    write_csv prices.csv <<'END'
product_id,description,price
101,Yellow,0.1
102,Red,0.2
103,,33.33
END
    write_history
    write_catalogue
    load_quietly --create-schema "$@" ./*.csv
    add_application_rows
}
