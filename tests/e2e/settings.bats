#!/usr/bin/env bats
#
# Settings that a role or database may have: none changes what is loaded, or what is said of it.
#
# Each group of settings is given to a role (ALTER ROLE ... SET), which then loads the same files in
# the same modes as a role without settings. Contents of the database, exit statuses and standard
# error must be the same. What a group has that the server at hand does not know is left out.

load harness

role=role_of_settings

# How values are written and read as text. The user's triggers and defaults follow these, so the
# program leaves them as they are, but for extra_float_digits, and must not depend on them.
text=("DateStyle = 'German, DMY'" "IntervalStyle = sql_standard" "TimeZone = 'Pacific/Chatham'"
    "timezone_abbreviations = 'India'" 'bytea_output = escape' 'xmlbinary = hex'
    'xmloption = document' 'extra_float_digits = -15' "lc_messages = 'C'" "lc_monetary = 'C'"
    "lc_numeric = 'C'" "lc_time = 'C'" "default_text_search_config = 'pg_catalog.simple'"
    'client_encoding = LATIN1')

# How statements are read.
statements=('standard_conforming_strings = off' 'escape_string_warning = on' 'backslash_quote = off'
    'quote_all_identifiers = on' 'transform_null_equals = on' 'array_nulls = off'
    'check_function_bodies = off' 'search_path = nowhere' 'application_name = other'
    'restrict_nonsystem_relation_kind = view' 'password_encryption = md5'
    'createrole_self_grant = set' 'event_triggers = off' 'operator_precedence_warning = on'
    'icu_validation_level = error')

# What a transaction is, and how long it may take.
transactions=('default_transaction_isolation = serializable' 'default_transaction_read_only = on'
    'default_transaction_deferrable = on' "statement_timeout = '2s'"
    "idle_in_transaction_session_timeout = '2s'" "idle_session_timeout = '1h'"
    "transaction_timeout = '2s'" "lock_timeout = '1h'" 'deadlock_timeout = 10' 'exit_on_error = on'
    'row_security = off' 'session_replication_role = replica' 'synchronous_commit = off'
    'client_min_messages = error' 'commit_delay = 10' 'commit_siblings = 0'
    "client_connection_check_interval = '1s'" 'allow_in_place_tablespaces = on'
    'allow_system_table_mods = on' 'lo_compat_privileges = on')

# How statements are planned and carried out: none of it changes a result.
plans=('constraint_exclusion = on' 'cpu_index_tuple_cost = 0' 'cpu_operator_cost = 0'
    'cpu_tuple_cost = 0' 'cursor_tuple_fraction = 0' 'default_statistics_target = 1'
    'effective_cache_size = 1' 'effective_io_concurrency = 0' 'enable_async_append = off'
    'enable_bitmapscan = off' 'enable_gathermerge = off' 'enable_hashagg = off'
    'enable_hashjoin = off' 'enable_incremental_sort = off' 'enable_indexonlyscan = off'
    'enable_indexscan = off' 'enable_material = off' 'enable_memoize = off' 'enable_mergejoin = off'
    'enable_nestloop = off' 'enable_parallel_append = off' 'enable_parallel_hash = off'
    'enable_partition_pruning = off' 'enable_partitionwise_aggregate = on'
    'enable_partitionwise_join = on' 'enable_seqscan = off' 'enable_sort = off'
    'enable_tidscan = off' 'from_collapse_limit = 1' 'geqo_threshold = 2' 'geqo_effort = 1'
    'geqo_generations = 1' 'geqo_pool_size = 2' 'geqo_seed = 1' 'geqo_selection_bias = 1.5'
    'hash_mem_multiplier = 1' 'join_collapse_limit = 1' "maintenance_work_mem = '1MB'"
    'plan_cache_mode = force_generic_plan' 'random_page_cost = 0' 'recursive_worktable_factor = 0.001'
    'seq_page_cost = 1000' 'synchronize_seqscans = off' "temp_buffers = 100" "work_mem = '64kB'"
    'maintenance_io_concurrency = 0' 'stats_fetch_consistency = none' 'io_combine_limit = 1'
    'enable_presorted_aggregate = off' 'enable_group_by_reordering = off'
    'enable_distinct_reordering = off' 'enable_self_join_elimination = off')

# The same with workers and compiled code for everything.
parallel=('force_parallel_mode = regress' 'debug_parallel_query = regress'
    'max_parallel_workers_per_gather = 2' 'max_parallel_maintenance_workers = 2'
    'max_parallel_workers = 4' 'min_parallel_index_scan_size = 0' 'min_parallel_table_scan_size = 0'
    'parallel_leader_participation = off' 'parallel_setup_cost = 0' 'parallel_tuple_cost = 0'
    'jit = on' 'jit_above_cost = 0' 'jit_expressions = on' 'jit_inline_above_cost = 0'
    'jit_optimize_above_cost = 0' 'jit_tuple_deforming = on' 'geqo = off')

# What is stored where, and what is cleaned up.
storage=('default_toast_compression = pglz' 'default_tablespace = pg_default'
    'temp_tablespaces = pg_default' 'default_table_access_method = heap'
    'gin_fuzzy_search_limit = 1' 'gin_pending_list_limit = 64' "logical_decoding_work_mem = '64kB'"
    'vacuum_cost_delay = 1' 'vacuum_cost_limit = 1' 'vacuum_cost_page_dirty = 1'
    'vacuum_cost_page_hit = 1' 'vacuum_cost_page_miss = 1' 'vacuum_failsafe_age = 0'
    'vacuum_freeze_min_age = 0' 'vacuum_freeze_table_age = 0' 'vacuum_multixact_failsafe_age = 0'
    'vacuum_multixact_freeze_min_age = 0' 'vacuum_multixact_freeze_table_age = 0'
    'wal_compression = on' 'wal_init_zero = off' 'wal_recycle = off' 'wal_skip_threshold = 0'
    'backend_flush_after = 1' 'zero_damaged_pages = on' 'ignore_checksum_failure = on'
    'vacuum_buffer_usage_limit = 0' 'vacuum_cleanup_index_scale_factor = 0'
    'vacuum_max_eager_freeze_failure_rate = 0' 'vacuum_truncate = off' 'file_copy_method = copy'
    'scram_iterations = 1')

# What the server writes into its log and counts. Some of it comes with an error's context.
logs=('log_parameter_max_length_on_error = -1' 'log_error_verbosity = verbose' 'log_duration = on'
    'log_executor_stats = on' 'log_lock_waits = on' 'log_min_duration_statement = 0'
    'log_min_error_statement = debug5' "log_statement = 'all'" 'log_temp_files = 0'
    'log_parameter_max_length = -1' 'log_transaction_sample_rate = 1' 'log_replication_commands = on'
    'log_min_duration_sample = 0' 'log_statement_sample_rate = 1' 'debug_pretty_print = off'
    'debug_print_parse = on' 'debug_print_plan = on' 'debug_print_rewritten = on'
    'compute_query_id = on' 'track_activities = off' 'track_counts = off' "track_functions = 'all'"
    'track_io_timing = on' 'track_wal_io_timing = on' 'trace_notify = on' 'trace_sort = on'
    'update_process_title = off' 'log_lock_failures = on' 'track_cost_delay_timing = on'
    'md5_password_warnings = off' 'client_min_messages = debug5')

# Not tried:
#   allowed only when the server starts, a session begins or a transaction is open: transaction_*
#   would load a library: dynamic_library_path, local_preload_libraries, session_preload_libraries,
#     extension_control_path, extension_destdir, jit_dump_bitcode
#   of the connection, not of statements: tcp_*, wal_sender_timeout
#   limits beyond which the server rightly refuses: max_stack_depth, temp_file_limit
#   of the server's developers: backtrace_functions, debug_discard_caches,
#     debug_logical_replication_streaming, log_parser_stats, log_planner_stats, log_statement_stats
#     (they exclude log_executor_stats), log_min_messages, wal_consistency_checking
left_out='^(transaction_(deferrable|isolation|read_only)|(dynamic_library_path|(local|session)_preload_libraries|extension_(control_path|destdir)|jit_dump_bitcode)|tcp_.*|wal_sender_timeout|max_stack_depth|temp_file_limit|backtrace_functions|debug_(discard_caches|logical_replication_streaming)|log_(parser|planner|statement)_stats|log_min_messages|wal_consistency_checking)$'

setup_file() {
    start_file
    maintain "DROP ROLE IF EXISTS $role" "CREATE ROLE $role LOGIN SUPERUSER"
    cd "$BATS_FILE_TMPDIR" || return 1
    write_files
    load_all >expected || { cat expected >&2; return 1; }
    grep -q '^orders.orders|' expected
    make_database "$FILE_DATABASE" template0
}

setup() {
    start_test
    cd "$BATS_FILE_TMPDIR" || return 1
}

teardown() {
    maintain "ALTER ROLE $role RESET ALL"
}

# External ids and times are given, so that two loads give the same rows.
write_files() {
    cat >users.csv <<'END'
user_id,email_address,first_name,last_name,city,external_user_id
1,a@x.org,Ann,"Ä\n'O""Neil",Oslo,00000000-0000-4000-8000-000000000001
2,b@x.org,NULL,"",,00000000-0000-4000-8000-000000000002
3,c@x.org,,,Rom,00000000-0000-4000-8000-000000000003
END
    cat >users2.csv <<'END'
user_id,email_address,first_name
1,b@x.org,ANNA
2,a@x.org,
END
    cat >orders.csv <<'END'
order_id,user_id,order_number,order_dow,order_hour_of_day,created_at,external_order_id
1,1,1,1,1,2020-02-03 04:05:06.7+02,00000000-0000-4000-8000-000000000001
2,1,2,1,1,2020-02-03 04:05:06.7,00000000-0000-4000-8000-000000000002
3,2,1,1,1,2020-02-03,00000000-0000-4000-8000-000000000003
END
    cat >items.csv <<'END'
order_id,product_id,add_to_cart_order,price
1,7,1,0.1
1,8,2,0.2
2,7,1,
3,9,1,12345678.12345678
END
    cat >items2.csv <<'END'
order_id,product_id,add_to_cart_order
1,9,3
2,7,2
END
    printf 'order_id,status,changed_at\n1,shipped,2020-03-04 05:06:07\n2,processing,2020-04-01\n' >history.csv
    printf 'order_id,status,changed_at\n1,processing,2020-03-03\n' >history2.csv
    printf 'product_id,description,price\n7,x\\ny,2.50\n8,,0.30\n' >enriched.csv
    printf 'product_id,description,price\n7,x,3.50\n' >enriched2.csv
    printf 'order_id,product_id,add_to_cart_order\n2,7,1\n2,77,x\n9,7,1\n' >bad.csv
}

# run_as_role ARGUMENT...: prints exit status and standard error, whose times differ.
run_as_role() {
    local status=0
    PGUSER=$role timeout --kill-after=5 120 "$TIMELE_LOAD" "$@" 2>err >out || status=$?
    printf '%s: %s\n' "$*" "$status"
    sed -E "s/$PGDATABASE/DATABASE/g; s/ on 20[0-9T:-]+Z/ on DATE/" err
}

# load_all: every kind of statement that the program has.
load_all() {
    run_as_role --create-schema --infer=products {users,orders,items,history,enriched}.csv
    run_as_role --mode=upsert --rebuild=never --verify {users2,items2,history2,enriched2}.csv
    run_as_role bad.csv
    run_as_role --mode=upsert --rebuild=always {users2,items2}.csv
    run_as_role --mode=skip --skip-loaded {users2,items}.csv
    run_as_role --mode=replace history2.csv items2.csv
    run_as_role --verify
    contents
    definitions
    sql 'SELECT run_id, result, exit_status, message FROM timele_load.runs ORDER BY run_id'
}

# same_with SETTING...: gives the role those that the server knows, and loads.
same_with() {
    local setting statements=() tried=0
    for setting; do
        if [[ $(sql "SELECT count(*) FROM pg_settings WHERE name = '${setting%% *}'") == 1 ]]; then
            statements+=("ALTER ROLE $role IN DATABASE \"$PGDATABASE\" SET $setting")
            tried=$((tried + 1))
        fi
    done
    ((tried > 0))
    maintain "${statements[@]}"
    load_all >got
    diff expected got
}

@test "how values are written as text" {
    same_with "${text[@]}"
}

@test "how statements are read" {
    same_with "${statements[@]}"
}

@test "other values of how statements are read" {
    same_with "search_path = ''" 'backslash_quote = on' "search_path = '\$user', trap, pg_temp" \
        'standard_conforming_strings = off' 'escape_string_warning = off'
}

@test "what a transaction is" {
    same_with "${transactions[@]}"
}

@test "how statements are planned" {
    same_with "${plans[@]}"
}

@test "how statements are carried out by workers" {
    same_with "${parallel[@]}"
}

@test "what is stored where" {
    same_with "${storage[@]}"
}

@test "what the server logs" {
    same_with "${logs[@]}"
}

@test "foreign keys are checked whatever session_replication_role is" {
    setup_schema
    sql "ALTER TABLE orders.orders DISABLE TRIGGER USER;
         CREATE FUNCTION public.orphan() RETURNS trigger LANGUAGE plpgsql AS
           'BEGIN NEW.user_id := 99; RETURN NEW; END';
         INSERT INTO users.users (id, email_address) VALUES (1, 'a@x.org'), (2, 'b@x.org');
         CREATE TRIGGER orphan BEFORE INSERT ON orders.orders FOR EACH ROW EXECUTE FUNCTION public.orphan();
         ALTER TABLE orders.orders ENABLE ALWAYS TRIGGER orphan"
    maintain "ALTER ROLE $role IN DATABASE \"$PGDATABASE\" SET session_replication_role = replica"
    PGUSER=$role run_load --rebuild=never orders.csv
    expect_status 3
    expect_stderr_contains 'foreign key constraint'
    expect_sql 'SELECT count(*) FROM orders.orders' 0
}

# All settings that anybody, or a superuser, may set in a session of PostgreSQL 13 to 18.
@test "every setting is tried, or left out for a reason" {
    local name missing=()
    while read -r name; do
        [[ $name =~ $left_out ]] || [[ " ${text[*]} ${statements[*]} ${transactions[*]} ${plans[*]} ${parallel[*]} ${storage[*]} ${logs[*]}" == *" $name = "* ]] ||
            missing+=("$name")
    done < <(sql "SELECT name FROM pg_settings WHERE context IN ('user', 'superuser') AND name !~ '[.]'")
    # Minor releases bring new ones, too.
    ((${#missing[@]} == 0)) || skip "neither tried nor left out: ${missing[*]}"
}
