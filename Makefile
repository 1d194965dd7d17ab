# make                 build/timele-load, and its completions for bash, zsh and fish
# make check           the unit and end-to-end tests, against a throwaway PostgreSQL server;
#                      TESTS='copy_in rebuild' for some, see scripts/run-tests --help
# make sanitize        the same, built with AddressSanitizer and UndefinedBehaviorSanitizer; without
#                      TESTS, make sanitize-threads as well
# make sanitize-threads  the tests in which threads matter, built with ThreadSanitizer
# make coverage        runs the tests, and prints how many lines of each room they run
# make lint            clang-format, clang-tidy, cppcheck, shellcheck, who includes whom, who prints, SQL
# make lint-exports    functions that no other file uses, or that no header declares
# make compile_commands.json  the compiler's commands, for editors and clangd
# make format          formats the C sources
# make generate        build/bench/generate, which makes data of any size
# make bench           timele-load against its rivals; SCALE=0.1 ROUNDS=3, see bench/README.md
# make bench-nightly   the same for loads into a database that has the data already
# make bench-readers   how long readers wait while all is loaded again
# make check-servers   the unit tests, and the end-to-end tests on PostgreSQL 13 to 18;
#                      SERVERS='13 18' and TESTS=rebuild for some, see scripts/check-servers --help
# make check-api-servers  serves the API with PostGraphile, and tests it as GraphQL's clients see it
# make fuzz            libFuzzer with AddressSanitizer and UndefinedBehaviorSanitizer, by clang:
#                      FUZZ_TARGETS='check uuid' for some, FUZZ_SECONDS=30 for each of them
# make differential    a million texts of each type, read by the program and by PostgreSQL;
#                      DIFFERENTIAL_VALUES=20000 for a short run, see tests/torture/differential
# make kill            kills program, server process and server at random moments of runs; KILLS=100,
#                      KILL_CASE=N for one case again, see tests/torture/kill --help
# make starve          memory, disks, files, limits and the network give out; STARVE_SHARE=300,
#                      see tests/torture/starve --help
# make torture         these four in short form, in less than ten minutes; see docs/torture.md
# make install         into $(DESTDIR)$(prefix); make uninstall takes it out again
# make dist            build/timele-load-VERSION.tar.gz of the commit; scripts/package makes the .deb
# make clean
# make help            prints this
#
# WERROR=1 makes warnings errors, V=1 shows the commands; CC=clang and BUILD=DIRECTORY are fine.

VERSION = 0.1.0

BUILD = build
prefix = /usr/local
bindir = $(prefix)/bin
datadir = $(prefix)/share
mandir = $(datadir)/man
docdir = $(datadir)/doc/timele-load
bashcompletiondir = $(datadir)/bash-completion/completions
zshcompletiondir = $(datadir)/zsh/site-functions
fishcompletiondir = $(datadir)/fish/vendor_completions.d

INSTALL = install
PKG_CONFIG = pkg-config
CLANG_FORMAT = clang-format
CLANG_TIDY = clang-tidy
CPPCHECK = cppcheck
GCOV = gcov
SHELLCHECK = shellcheck

program = $(BUILD)/timele-load

sources := $(wildcard src/*.c src/*/*.c)
statements := schema.sql api.sql $(wildcard src/*/sql/*.sql)
# The parts of api.sql, in their order.
api_parts := $(patsubst %,api/%.sql,boundary former views refusals external_ids users login \
	idempotency order_items orders order_status carts comments privileges citus)
unit_tests := $(wildcard tests/unit/test_*.c)
completion_sources := $(wildcard completion/*.c)
bench_sources := $(wildcard bench/generate*.c)
torture_sources := $(wildcard tests/torture/*.c)
fuzz_sources := $(wildcard tests/fuzz/*.c)
fuzz_targets := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
headers := $(wildcard src/*.h src/*/*.h completion/*.h tests/unit/*.h tests/fuzz/*.h tests/torture/*.h bench/*.h)
c_files := $(sources) $(wildcard tests/unit/*.c tests/preload/*.c) $(fuzz_sources) $(torture_sources) \
	$(bench_sources) $(completion_sources)
shell_files := $(wildcard scripts/* .ci/run debian/tests/load-sample tests/e2e/*.bash tests/e2e/*.bats bench/run bench/nightly bench/readers bench/*.bash) \
	tests/fuzz/run tests/fuzz/make-seeds tests/torture/differential tests/torture/kill \
	tests/torture/starve $(wildcard tests/torture/*.bash)

objects := $(sources:%.c=$(BUILD)/%.o) $(statements:%.sql=$(BUILD)/%.sql.o)
# It holds the commit: the tests are not linked again for another one.
version_object := $(BUILD)/src/cli/version.o
tested_objects := $(filter-out $(BUILD)/src/main.o $(version_object),$(objects))
test_programs := $(unit_tests:tests/unit/%.c=$(BUILD)/tests/%)
bench_objects := $(bench_sources:%.c=$(BUILD)/%.o)

packages = libpq libcrypto uuid zlib libzstd liblzma libarchive libxxhash jansson
# What pkg-config does not know, scripts/check-libraries tells.
packages_cflags := $(shell $(PKG_CONFIG) --cflags $(packages) 2>/dev/null)
packages_libs := $(shell $(PKG_CONFIG) --libs $(packages) 2>/dev/null)
# These three come without a .pc file; each with a header that it brings.
plain_libraries = csv=csv.h Judy=Judy.h unistring=unistr.h
libraries = $(packages_libs) $(foreach library,$(plain_libraries),-l$(firstword $(subst =, ,$(library)))) \
	-pthread

warnings = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes \
	-Wmissing-prototypes -Wcast-qual -Wformat=2 -Wvla -Wundef -Wpointer-arith -Wwrite-strings
ifeq ($(WERROR),1)
warnings += -Werror
endif

CFLAGS ?= -O2 -g
ifeq ($(SANITIZE),1)
override CFLAGS += -O1 -g -fno-omit-frame-pointer \
	-fsanitize=address,undefined -fno-sanitize-recover=all
instrumentation = -fsanitize=address,undefined
else ifeq ($(SANITIZE),thread)
override CFLAGS += -O1 -g -fno-omit-frame-pointer -fsanitize=thread
instrumentation = -fsanitize=thread
else ifeq ($(FUZZ),1)
override CFLAGS += -O2 -g -fno-omit-frame-pointer \
	-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all \
	-fno-sanitize-coverage=trace-cmp
instrumentation = -fsanitize=fuzzer,address,undefined
else ifeq ($(COVERAGE),1)
override CFLAGS += -O0 -g --coverage
instrumentation = --coverage
else
fortification = -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
endif

compile_flags = -std=c17 -D_GNU_SOURCE -DTIMELE_LOAD_VERSION='"$(VERSION)"' -Isrc \
	$(packages_cflags) $(fortification) $(CPPFLAGS) \
	$(warnings) -fPIE -fstack-protector-strong -ffile-prefix-map=$(CURDIR)=. $(CFLAGS)
link_flags = -pie -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed $(instrumentation) $(LDFLAGS)

check_cflags = $(shell $(PKG_CONFIG) --cflags check)
check_libs = $(shell $(PKG_CONFIG) --libs check)

# $(call step,WHAT) before a command: prints WHAT and the target instead of the command.
step = $(if $(V),,@echo '  $(1) $@';)

.PHONY: all
all: $(program) completions

.PHONY: help
help:
	@sed -n '/^#/!q; s/^# \{0,1\}//p' Makefile

$(program): $(objects)
	$(call step,link   )$(CC) $(link_flags) -o $@ $^ $(libraries)

# Written anew only when the flags change, so that other flags rebuild and the same do not.
flags_file = $(BUILD)/flags
flags = $(CC) $(compile_flags) : $(link_flags) $(libraries)
ifneq ($(flags),$(file <$(flags_file)))
.PHONY: $(flags_file)
endif
$(flags_file): export FLAGS = $(flags)
$(flags_file):
	@mkdir -p $(@D)
	@CC='$(CC)' PKG_CONFIG='$(PKG_CONFIG)' CPPFLAGS='$(CPPFLAGS)' LDFLAGS='$(LDFLAGS)' \
		scripts/check-libraries $(packages) $(plain_libraries)
	@printf '%s\n' "$$FLAGS" >$@

# The same for the commit, which one object holds; empty where the sources come without their git. Root,
# who installs it, may ask the git of the user who has built it.
commit_file = $(BUILD)/commit
commit := $(if $(wildcard .git),$(shell git -c safe.directory='$(CURDIR)' describe --always --dirty 2>/dev/null))
ifneq ($(commit),$(file <$(commit_file)))
.PHONY: $(commit_file)
endif
$(commit_file):
	@mkdir -p $(@D)
	@printf '%s\n' '$(commit)' >$@

$(version_object): $(commit_file)
$(version_object): commit_flag = -DTIMELE_LOAD_COMMIT='"$(commit)"'

$(BUILD)/%.o: %.c $(flags_file)
	@mkdir -p $(@D)
	$(call step,compile)$(CC) $(compile_flags) $(commit_flag) -MMD -MP -c -o $@ $<

# NAME.sql becomes `const char NAME_sql[]`.
$(BUILD)/%.sql.o: %.sql src/base/embedded_text.S $(flags_file)
	@mkdir -p $(@D)
	$(call step,embed  )$(CC) -fPIE -DTEXT_NAME=$(*F)_sql -DTEXT_FILE='"$<"' -c -o $@ src/base/embedded_text.S

$(BUILD)/api.sql: $(api_parts) Makefile
	@mkdir -p $(@D)
	$(call step,join   )awk 'FNR == 1 && NR > 1 { printf "\n\n" } { print }' $(api_parts) >$@

$(BUILD)/api.sql.o: $(BUILD)/api.sql src/base/embedded_text.S $(flags_file)
	$(call step,embed  )$(CC) -fPIE -DTEXT_NAME=api_sql -DTEXT_FILE='"$<"' -c -o $@ src/base/embedded_text.S

# The completions, written by a program that has the program's own table of options.
completion_shells = bash zsh fish
completions := $(completion_shells:%=$(BUILD)/completions/timele-load.%)

.PHONY: completions
completions: $(completions)

$(BUILD)/completion/write_completion: $(completion_sources:%.c=$(BUILD)/%.o) $(tested_objects) | $(version_object)
	$(call step,link   )$(CC) $(link_flags) -o $@ $^ $| $(libraries)

$(completions): $(BUILD)/completions/timele-load.%: $(BUILD)/completion/write_completion
	@mkdir -p $(@D)
	$(call step,write  )$< $* >$@.part && mv $@.part $@

$(BUILD)/tests/unit/%.o: compile_flags += $(check_cflags)

$(BUILD)/tests/%: $(BUILD)/tests/unit/%.o $(tested_objects) | $(version_object)
	$(call step,link   )$(CC) $(link_flags) $(wrapped) -o $@ $^ $| $(libraries) $(check_libs)

# Preloaded into the program by tests.
preloads := $(patsubst tests/preload/%.c,$(BUILD)/tests/%.so,$(wildcard tests/preload/*.c))

$(BUILD)/tests/%.so: tests/preload/%.c $(flags_file)
	@mkdir -p $(@D)
	$(call step,link   )$(CC) -std=c17 -D_GNU_SOURCE $(warnings) -O2 -g -shared -fPIC -o $@ $< -ldl

# Its functions take the place of libpq's in the tests that include its header.
scripted_tests := $(shell grep -l '^\#include "scripted_libpq.h"' $(unit_tests))
$(scripted_tests:tests/unit/%.c=$(BUILD)/tests/%): \
	$(BUILD)/tests/unit/scripted_libpq.o $(BUILD)/tests/unit/script_player.o
$(scripted_tests:tests/unit/%.c=$(BUILD)/tests/%) $(BUILD)/tests/test_single_statement: \
	$(BUILD)/tests/unit/single_statement.o

# Its clock takes the place of the program's in these tests.
$(BUILD)/tests/test_progress $(BUILD)/tests/test_building_drop: wrapped = -Wl,--wrap=clock_seconds

# No thread can be made in these, when they say so.
$(BUILD)/tests/test_worker $(BUILD)/tests/test_build: wrapped = -Wl,--wrap=pthread_create

.SECONDARY: $(unit_tests:%.c=$(BUILD)/%.o)

# What the tests run, for those who run the tests otherwise than by `make check`.
.PHONY: tests
tests: $(program) completions unit-tests $(preloads) generate

.PHONY: unit-tests
unit-tests: $(test_programs)

.PHONY: check
check: tests
	@scripts/run-tests --build=$(BUILD) $(TESTS)

.PHONY: sanitize
sanitize:
	@$(MAKE) --no-print-directory SANITIZE=1 BUILD=$(BUILD)/sanitize check
	@$(if $(TESTS),:,$(MAKE) --no-print-directory sanitize-threads)

# The tests in which threads matter: programs in which several run, and runs with several connections.
thread_tests := $(wildcard $(patsubst %,tests/unit/test_%.c,await build connection_opening connection_stop \
	connection_statement_faults copy_in_faults encoding input_threads interrupt log_threads phase phase_slot \
	step_queue worker*) tests/e2e/jobs*.bats tests/e2e/publish.bats)
thread_programs := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(filter tests/unit/%,$(thread_tests)))

# With SANITIZE=thread alone: `make sanitize-threads` says it.
.PHONY: thread-programs
thread-programs: $(program) $(thread_programs) $(preloads) generate

# ThreadSanitizer of some versions finds no room where the system puts a program at random addresses
# over a wide range.
thread_build = $(BUILD)/sanitize-threads
.PHONY: sanitize-threads
sanitize-threads:
	@$(MAKE) --no-print-directory SANITIZE=thread BUILD=$(thread_build) thread-programs
	@fixed=; $(thread_build)/timele-load --version >/dev/null 2>&1 || fixed='setarch -R'; \
	$$fixed scripts/run-tests --build=$(thread_build) $(thread_tests)

# The program makes the files of its counts for everybody: some tests run it as another user.
.PHONY: coverage
coverage:
	@mkdir -p $(BUILD)/coverage
	@find $(BUILD)/coverage -name '*.gcda' -delete
	@$(MAKE) --no-print-directory COVERAGE=1 BUILD=$(BUILD)/coverage tests
	@$(BUILD)/coverage/timele-load --version >/dev/null
	@find $(BUILD)/coverage -name '*.gcda' -exec chmod a+w {} +
	@status=0; \
	scripts/run-tests --build=$(BUILD)/coverage $(TESTS) || status=$$?; \
	GCOV=$(GCOV) scripts/coverage-table $(BUILD)/coverage && exit $$status

.PHONY: generate
generate: $(BUILD)/bench/generate

$(BUILD)/bench/generate: $(filter $(BUILD)/bench/generate%,$(bench_objects))
	$(call step,link   )$(CC) $(link_flags) -o $@ $^ -lm

$(BUILD)/bench/bare_csv: $(BUILD)/bench/bare_csv.o
	$(call step,link   )$(CC) $(link_flags) -o $@ $^ -lcsv

SCALE ?= 0.1
ROUNDS ?= 3

.PHONY: bench
bench: $(program) generate $(BUILD)/bench/bare_csv
	@bench/run --build=$(BUILD) --scale=$(SCALE) --rounds=$(ROUNDS) $(BENCH_OPTIONS)

.PHONY: bench-nightly
bench-nightly: $(program) generate $(BUILD)/bench/bare_csv
	@bench/nightly --build=$(BUILD) --scale=$(SCALE) --rounds=$(ROUNDS) $(BENCH_OPTIONS)

.PHONY: bench-readers
bench-readers: $(program) generate $(BUILD)/bench/bare_csv
	@bench/readers --build=$(BUILD) --scale=$(SCALE) --rounds=$(ROUNDS) $(BENCH_OPTIONS)

.PHONY: check-servers
check-servers: tests
	@scripts/check-servers --build=$(BUILD) $(TESTS)

.PHONY: check-api-servers
check-api-servers: tests
	@scripts/fetch-postgraphile
	@scripts/run-tests --build=$(BUILD) postgraphile

FUZZ_CC ?= clang
FUZZ_TARGETS ?= $(fuzz_targets:fuzz_%=%)
FUZZ_SECONDS ?= 30
FUZZ_JOBS ?= 1

.PHONY: fuzz
fuzz:
	@tests/fuzz/run --require="$(FUZZ_CC)" $(FUZZ_TARGETS)
	@$(MAKE) --no-print-directory FUZZ=1 CC="$(FUZZ_CC)" BUILD=$(BUILD)/fuzz fuzz-targets
	@tests/fuzz/make-seeds $(BUILD)/fuzz
	@tests/fuzz/run --build=$(BUILD)/fuzz --seconds="$(FUZZ_SECONDS)" --jobs="$(FUZZ_JOBS)" $(FUZZ_TARGETS)

# With FUZZ=1 alone: `make fuzz` says it.
.PHONY: fuzz-targets
fuzz-targets: $(FUZZ_TARGETS:%=$(BUILD)/fuzz_%)

fuzz_objects := $(patsubst %.c,$(BUILD)/%.o,$(filter-out tests/fuzz/fuzz_%.c,$(wildcard tests/fuzz/*.c)))
$(fuzz_targets:%=$(BUILD)/%): $(BUILD)/fuzz_%: $(BUILD)/tests/fuzz/fuzz_%.o $(fuzz_objects) $(tested_objects) | $(version_object)
	$(call step,link   )$(CC) $(link_flags) -o $@ $^ $| $(libraries)

differential_objects := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/torture/differential*.c)) \
	$(BUILD)/tests/torture/differential.sql.o $(BUILD)/bench/generate_random.o

$(BUILD)/tests/torture/differential: $(differential_objects) $(tested_objects) | $(version_object)
	$(call step,link   )$(CC) $(link_flags) -o $@ $^ $| $(libraries)

.PHONY: differential
differential: $(BUILD)/tests/torture/differential
	@tests/torture/differential --build=$(BUILD)

KILLS ?= 100

.PHONY: kill
kill: $(program) generate
	@KILLS="$(KILLS)" tests/torture/kill --build=$(BUILD)

STARVE_SHARE ?= 300

.PHONY: starve
starve: tests
	@STARVE_SHARE="$(STARVE_SHARE)" tests/torture/starve --build=$(BUILD)

# Each of them, whatever the others find. What is said, here or in the environment, is not shortened.
.PHONY: torture
torture:
	@export FUZZ_JOBS="$${FUZZ_JOBS:-$$(nproc)}" KILLS="$${KILLS:-20}"; \
	export DIFFERENTIAL_VALUES="$${DIFFERENTIAL_VALUES:-20000}"; \
	status=0; \
	for short in fuzz differential kill starve; do \
		printf '\n== %s\n' "$$short"; \
		$(MAKE) --no-print-directory $$short || status=1; \
	done; \
	exit $$status

.PHONY: lint lint-layers lint-output lint-sql lint-exports lint-format lint-tidy lint-cppcheck lint-shell
lint: lint-layers lint-output lint-sql lint-exports lint-format lint-tidy lint-cppcheck lint-shell

lint-layers:
	$(call step,check  )scripts/lint-layers

lint-output:
	$(call step,check  )scripts/lint-output

lint-sql:
	$(call step,check  )scripts/lint-sql

lint-exports: $(program) $(patsubst %.c,$(BUILD)/%.o,$(completion_sources) $(wildcard tests/unit/*.c))
	$(call step,check  )scripts/lint-exports $(BUILD)

lint-format:
	$(call step,check  )$(CLANG_FORMAT) --dry-run -Werror $(c_files) $(headers)

lint-tidy:
	$(call step,check  )printf '%s\n' $(c_files) | xargs -P $(shell nproc) -I FILE \
		$(CLANG_TIDY) --quiet FILE -- $(compile_flags)

lint-cppcheck:
	$(call step,check  )$(CPPCHECK) --quiet --error-exitcode=1 --inline-suppr -j $(shell nproc) --std=c11 \
		--enable=warning,performance,portability -Isrc -D_GNU_SOURCE \
		-DTIMELE_LOAD_VERSION='"$(VERSION)"' $(c_files)

lint-shell:
	$(call step,check  )$(SHELLCHECK) --external-sources $(shell_files)

# $(call json,TEXT): between the quotes of a string.
json = $(subst ",\",$(subst \,\\,$(1)))

.PHONY: compile_commands.json
compile_commands.json: export DIRECTORY = $(call json,$(CURDIR))
compile_commands.json: export COMMAND = $(call json,$(CC) $(compile_flags) $(check_cflags))
compile_commands.json:
	$(call step,write  )separator='['; for file in $(c_files); do \
		printf '%s\n{"directory": "%s", "file": "%s", "command": "%s -c %s"}' \
			"$$separator" "$$DIRECTORY" "$$file" "$$COMMAND" "$$file"; separator=,; \
	done >$@ && printf '\n]\n' >>$@

.PHONY: format
format:
	$(CLANG_FORMAT) -i $(c_files) $(headers)

# What is read by who has the program alone. The links of these texts lead to what is installed.
guides := README.md $(filter-out docs/torture.md,$(wildcard docs/*.md))
installed_texts := schema.sql $(BUILD)/api.sql docs/report.schema.json
examples := $(wildcard contrib/*)

.PHONY: install
install: $(program) completions $(BUILD)/api.sql
	$(INSTALL) -D -m 755 $(program) $(DESTDIR)$(bindir)/timele-load
	$(INSTALL) -D -m 644 man/timele-load.1 $(DESTDIR)$(mandir)/man1/timele-load.1
	$(INSTALL) -D -m 644 -t $(DESTDIR)$(datadir)/timele-load $(installed_texts)
	$(INSTALL) -D -m 644 -t $(DESTDIR)$(docdir)/examples $(examples)
	for guide in $(guides); do \
		sed -E -z -f docs/installed_links.sed "$$guide" >$(DESTDIR)$(docdir)/"$${guide##*/}" || exit; \
		chmod 644 $(DESTDIR)$(docdir)/"$${guide##*/}" || exit; \
	done
	$(INSTALL) -D -m 644 $(BUILD)/completions/timele-load.bash $(DESTDIR)$(bashcompletiondir)/timele-load
	$(INSTALL) -D -m 644 $(BUILD)/completions/timele-load.zsh $(DESTDIR)$(zshcompletiondir)/_timele-load
	$(INSTALL) -D -m 644 $(BUILD)/completions/timele-load.fish $(DESTDIR)$(fishcompletiondir)/timele-load.fish

.PHONY: uninstall
uninstall:
	rm -f $(DESTDIR)$(bindir)/timele-load $(DESTDIR)$(mandir)/man1/timele-load.1
	rm -f $(DESTDIR)$(bashcompletiondir)/timele-load $(DESTDIR)$(zshcompletiondir)/_timele-load
	rm -f $(DESTDIR)$(fishcompletiondir)/timele-load.fish
	rm -f $(addprefix $(DESTDIR)$(datadir)/timele-load/,$(notdir $(installed_texts)))
	rm -f $(addprefix $(DESTDIR)$(docdir)/examples/,$(notdir $(examples)))
	rm -f $(addprefix $(DESTDIR)$(docdir)/,$(notdir $(guides)))
	for directory in $(datadir)/timele-load $(docdir)/examples $(docdir); do \
		[ ! -d $(DESTDIR)$$directory ] || rmdir --ignore-fail-on-non-empty $(DESTDIR)$$directory || exit; \
	done

# The same commit gives the same bytes: git archive takes its times from the commit, gzip -n none.
dist_name = timele-load-$(VERSION)

.PHONY: dist
dist:
	@git rev-parse --verify --quiet HEAD >/dev/null && [ -e .git ] || \
		{ echo 'make dist wants a clone made by git' >&2; exit 1; }
	@git diff --quiet HEAD || echo 'make dist: what is not committed is not in it' >&2
	@mkdir -p $(BUILD)
	$(call step,archive)git -c tar.umask=0022 archive --format=tar --prefix=$(dist_name)/ HEAD \
		>$(BUILD)/dist.tar && gzip -9 -n -c $(BUILD)/dist.tar >$(BUILD)/$(dist_name).tar.gz
	@rm -f $(BUILD)/dist.tar
	@echo $(BUILD)/$(dist_name).tar.gz

.PHONY: clean
clean:
	rm -rf $(BUILD)

-include $(objects:.o=.d) $(patsubst %.c,$(BUILD)/%.d,$(wildcard tests/unit/*.c)) $(bench_objects:.o=.d) \
	$(completion_sources:%.c=$(BUILD)/%.d) \
	$(patsubst %.c,$(BUILD)/%.d,$(fuzz_sources) $(torture_sources))
