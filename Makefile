# SPDX-License-Identifier: BSD-2-Clause
# Builds qvmi out of tree; `make help` lists what else it does.

CC       ?= gcc
PKGCONF  ?= pkg-config
PREFIX   ?= /usr/local
DESTDIR  ?=
BUILD    ?= build$(if $(SAN),-san)
PYTHON   ?= /usr/bin/python3

MODULES  := base arch rows machine walk types symbols profile kernel export proc gdbrsp qemu \
            journal guest edit lesson layout mount cli
LIBS     := json-c expat libelf nettle fuse3
# Loaded only where they are needed: see src/base/late.h.
LATELIBS := libarchive smartcols

WARN     := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
            -Wpointer-arith -Wcast-qual -Wwrite-strings -Wvla -Wundef \
            -Wformat=2 -Wimplicit-fallthrough
# Last on every command line: no CFLAGS or LDFLAGS from outside switch them off.
# Not all compilers know how to zero variables; clang before 16 is asked twice.
HARDEN   := -fPIE -fstack-protector-strong -fstack-clash-protection \
            -fcf-protection -fno-strict-aliasing
LDHARDEN := -pie -Wl,-z,relro,-z,now,-z,noexecstack
twice    := -enable-trivial-auto-var-init-zero-knowing-it-will-be-removed-from-clang
zeroing  := -ftrivial-auto-var-init=zero
takes     = $(shell $(CC) -Werror $(1) -c -x c -o /dev/null /dev/null 2>&1 || echo no)
HARDEN   += $(if $(call takes,$(zeroing)),$(if $(call takes,$(zeroing) \
            $(twice)),,$(zeroing) $(twice)),$(zeroing))
CFLAGS   ?= -O2 -g
ifdef SAN
CFLAGS   := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined \
            -fno-omit-frame-pointer
# Where each check stands is data with addresses, all of which would be
# relocated at each start.
HARDEN   := $(HARDEN:-fPIE=-fno-pie)
LDHARDEN := $(LDHARDEN:-pie=-no-pie)
else
HARDEN   += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
endif
ifdef FUZZING
CFLAGS   := -O2 -g -fno-omit-frame-pointer -fno-sanitize-recover=all \
            -fsanitize=fuzzer-no-link,address,undefined \
            -fno-sanitize-coverage=trace-cmp
endif
ifdef WERROR
WARN     += -Werror
endif

# Asked once, not for each object.
LIBFLAGS   := $(shell $(PKGCONF) --cflags $(LIBS) $(LATELIBS))
ALL_CFLAGS  = -std=gnu11 $(WARN) -Isrc -D_GNU_SOURCE \
              -DQVMI_VERSION='"$(VERSION)"' $(LIBFLAGS) $(CFLAGS) $(HARDEN)
ALL_LDFLAGS = $(if $(SAN),-fsanitize=address$(comma)undefined) \
              $(if $(FUZZING),-fsanitize=fuzzer) $(LDFLAGS) $(LDHARDEN)
LDLIBS     := $(shell $(PKGCONF) --libs $(LIBS))
# A program that lives for 20 ms would spend 4 of them on loading libraries: it
# takes them from archives, those that are whole (Debian 13's libelf.a is not);
# with SHARED=1 from none.
STATIC      = $(shell $(PKGCONF) --static --libs $(LIBS))
archive     = $(shell echo 'int main(void) { return 0; }' | $(CC) -x c - \
              -o /dev/null -Wl,--whole-archive -l:lib$(1).a \
              -Wl,--no-whole-archive $(STATIC) 2>/dev/null && \
              echo -l:lib$(1).a || echo -l$(1))
FASTLIBS    = -Wl,--as-needed $(foreach l,$(STATIC:-l%=%),$(if $(filter -%,$(l)),$(l),\
              $(if $(filter json-c expat elf z zstd nettle fuse3,$(l)),$(call \
              archive,$(l)),-l$(l))))
VERSION     = 0.1
comma      := ,

SRC      := $(sort $(foreach m,$(MODULES),$(wildcard src/$(m)/*.c src/$(m)/*/*.c)))
LIBOBJ   := $(patsubst src/%.c,$(BUILD)/%.o,$(filter-out src/cli/main.c,$(SRC)))
# What the manual pages refer to.
DOCS     := docs/json.md docs/pages.md docs/states.md docs/security.md \
            docs/formats.md
# Quiet unless V=1.
Q        := $(if $(V),,@)
say       = $(if $(V),,@printf '  %-6s %s\n' '$(1)' '$(2)')

.PHONY: all lint install clean help FORCE
.SECONDARY:

all: $(BUILD)/qvmi

# How programs are linked, and objects compiled; $(1): more options.
define link
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) \
		$(filter %.a,$^) $(LDLIBS) $(1)
endef
define compile
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(1) -MMD -MP -c -o $@ $<
endef

ifndef SHARED
$(BUILD)/qvmi: LDLIBS = $(FASTLIBS)
endif
$(BUILD)/qvmi: $(BUILD)/cli/main.o $(BUILD)/libqvmi.a
	$(call link)

$(BUILD)/libqvmi.a: $(LIBOBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $^

$(BUILD)/%.o: src/%.c $(BUILD)/flags
	$(call compile)

# What is taken into it as it is.
$(BUILD)/export/gdb.o: src/export/gdb.py
$(BUILD)/lesson/html.o: $(wildcard src/lesson/html/*)

# Changes only when the flags do, so that objects follow them.
$(BUILD)/flags: FORCE
	$(Q)mkdir -p $(BUILD)
	$(Q)echo '$(CC) $(subst ','\'',$(ALL_CFLAGS))' | cmp -s - $@ || \
		echo '$(CC) $(subst ','\'',$(ALL_CFLAGS))' >$@

include tests/rules.mk bench/rules.mk

lint: ## format, layers, static analysis, shell scripts
	$(Q)scripts/lint

install: all ## into $(DESTDIR)$(PREFIX)
	install -D -m 755 $(BUILD)/qvmi $(DESTDIR)$(PREFIX)/bin/qvmi
	install -d $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 docs/*.1 $(DESTDIR)$(PREFIX)/share/man/man1
	install -d $(DESTDIR)$(PREFIX)/share/doc/qvmi
	install -m 644 $(DOCS) LICENSE $(DESTDIR)$(PREFIX)/share/doc/qvmi

clean: ## remove what was built
	rm -rf build build-*

help: ## this list
	@echo 'make [all]   build $(BUILD)/qvmi (SAN=1: with sanitizers)'
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1|\2/p' $(filter %akefile %.mk,$(MAKEFILE_LIST)) | \
		awk -F'|' '{ printf "%-12s %s\n", $$1, $$2 }'

-include $(LIBOBJ:.o=.d) $(BUILD)/cli/main.d $(DEPS)
