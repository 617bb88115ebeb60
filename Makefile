# SPDX-License-Identifier: BSD-2-Clause
# Builds qvmi out of tree; `make help` lists what else it does.

CC       ?= gcc
PKGCONF  ?= pkg-config
PREFIX   ?= /usr/local
DESTDIR  ?=
BUILD    ?= build$(if $(SAN),-san)
PYTHON   ?= /usr/bin/python3

MODULES  := base machine walk profile kernel proc gdbrsp target cli
LIBS     := json-c smartcols expat libarchive libelf

WARN     := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
            -Wpointer-arith -Wcast-qual -Wwrite-strings -Wvla -Wundef \
            -Wformat=2 -Wimplicit-fallthrough
HARDEN   := -fPIE -fstack-protector-strong
LDHARDEN := -pie -Wl,-z,relro,-z,now
CFLAGS   ?= -O2 -g
ifdef SAN
CFLAGS   := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined \
            -fno-omit-frame-pointer
else
HARDEN   += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
endif
ifdef WERROR
WARN     += -Werror
endif

ALL_CFLAGS  = -std=gnu11 $(WARN) $(HARDEN) -Isrc -D_GNU_SOURCE \
              -DQVMI_VERSION='"$(VERSION)"' \
              $(shell $(PKGCONF) --cflags $(LIBS)) $(CFLAGS)
ALL_LDFLAGS = $(LDHARDEN) $(if $(SAN),-fsanitize=address$(comma)undefined) \
              $(LDFLAGS)
LDLIBS      = $(shell $(PKGCONF) --libs $(LIBS))
VERSION     = 0.1
comma      := ,

SRC      := $(sort $(foreach m,$(MODULES),$(wildcard src/$(m)/*.c)))
LIBOBJ   := $(patsubst src/%.c,$(BUILD)/%.o,$(filter-out src/cli/main.c,$(SRC)))
UNIT     := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/test_*.c))

# Quiet unless V=1.
Q        := $(if $(V),,@)
say       = $(if $(V),,@printf '  %-6s %s\n' '$(1)' '$(2)')

.PHONY: all tools check check-vm lint bench bench-programs install clean help FORCE
.SECONDARY:

all: $(BUILD)/qvmi

$(BUILD)/qvmi: $(BUILD)/cli/main.o $(BUILD)/libqvmi.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/libqvmi.a: $(LIBOBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $^

$(BUILD)/%.o: src/%.c $(BUILD)/flags
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# Changes only when the flags do, so that objects follow them.
$(BUILD)/flags: FORCE
	$(Q)mkdir -p $(BUILD)
	$(Q)echo '$(CC) $(subst ','\'',$(ALL_CFLAGS))' | cmp -s - $@ || \
		echo '$(CC) $(subst ','\'',$(ALL_CFLAGS))' >$@

# What unit tests share: files in tests/unit that are no test themselves.  Tests
# of kernel readers link a fake kernel in place of profile/profile.c.
FAKE     := $(BUILD)/unit/fake_kernel.o
UNITLIB  := $(filter-out $(FAKE),$(patsubst tests/unit/%.c,$(BUILD)/unit/%.o,\
            $(filter-out tests/unit/test_%,$(wildcard tests/unit/*.c))))
$(filter $(BUILD)/unit/test_kernel_%,$(UNIT)): $(FAKE)

$(BUILD)/unit/%.o: tests/unit/%.c $(BUILD)/flags
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -Itests $(shell $(PKGCONF) --cflags check) \
		-DTEST_DATA='"$(abspath tests/data)"' -MMD -MP -c -o $@ $<

$(BUILD)/unit/%: $(BUILD)/unit/%.o $(UNITLIB) $(BUILD)/libqvmi.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) \
		$(filter %.a,$^) $(LDLIBS) $(shell $(PKGCONF) --libs check)

# Each program of the benchmark is linked of what it needs.
BENCHSRC := $(wildcard bench/*.c)
BENCH    := $(BUILD)/bench/workload $(BUILD)/bench/raw
$(BUILD)/bench/workload: $(addprefix $(BUILD)/bench/,pick.o scale.o trace.o \
                           translate.o users.o)
$(BUILD)/bench/raw: $(BUILD)/bench/trace.o
$(BENCH): %: %.o

$(BUILD)/bench/%.o: bench/%.c $(BUILD)/flags
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -Ibench -MMD -MP -c -o $@ $<

# What VM tests run beside qvmi: a gdb stub without a QEMU.
tool_obj  = $(patsubst tests/%.c,$(BUILD)/tools/%.o,$(wildcard tests/$(1)/*.c))
TOOLS    := $(BUILD)/tools/stub-server
$(BUILD)/tools/stub-server: $(call tool_obj,stub)

$(BUILD)/tools/%.o: tests/%.c $(BUILD)/flags
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -Itests -MMD -MP -c -o $@ $<

$(BENCH) $(TOOLS): $(BUILD)/libqvmi.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) \
		$(filter %.a,$^) $(LDLIBS)

tools: $(TOOLS)

check: $(UNIT) ## unit tests
	$(Q)scripts/run-unit $(UNIT)

check-vm: all tools ## tests on real guests under QEMU
	$(Q)QVMI=$(abspath $(BUILD)/qvmi) $(PYTHON) -m pytest $(or $(PYTEST),tests/vm)

bench-programs: $(BENCH)

bench: all $(BENCH) ## measure on real guests (PEERS=1: gdb, too); docs/performance.md
	$(Q)BUILD=$(abspath $(BUILD)) RUNS=$(RUNS) PEERS=$(PEERS) bench/run

lint: ## format, layers, static analysis, shell scripts
	$(Q)scripts/lint

install: all ## into $(DESTDIR)$(PREFIX)
	install -D -m 755 $(BUILD)/qvmi $(DESTDIR)$(PREFIX)/bin/qvmi
	install -d $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 docs/*.1 $(DESTDIR)$(PREFIX)/share/man/man1

clean: ## remove what was built
	rm -rf build build-*

help: ## this list
	@echo 'make [all]   build $(BUILD)/qvmi (SAN=1: with sanitizers)'
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1|\2/p' Makefile | \
		awk -F'|' '{ printf "%-12s %s\n", $$1, $$2 }'

-include $(LIBOBJ:.o=.d) $(BUILD)/cli/main.d $(UNIT:=.d) $(UNITLIB:.o=.d) $(FAKE:.o=.d) \
         $(patsubst bench/%.c,$(BUILD)/bench/%.d,$(BENCHSRC)) \
         $(patsubst %.o,%.d,$(call tool_obj,stub))
