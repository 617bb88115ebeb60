# SPDX-License-Identifier: BSD-2-Clause
# The benchmark; part of the Makefile.

BENCH    := $(BUILD)/bench/workload $(BUILD)/bench/raw
$(BUILD)/bench/workload: $(addprefix $(BUILD)/bench/,pick.o scale.o trace.o \
                           translate.o users.o)
$(BUILD)/bench/raw: $(BUILD)/bench/trace.o
DEPS     += $(patsubst bench/%.c,$(BUILD)/bench/%.d,$(wildcard bench/*.c))

.PHONY: bench bench-programs

$(BUILD)/bench/%.o: bench/%.c $(BUILD)/flags
	$(call compile,-Ibench)

$(BENCH): %: %.o $(BUILD)/libqvmi.a
	$(call link)

bench-programs: $(BENCH)

bench: all $(BENCH) ## measure on real guests (PEERS=1: gdb, too); docs/performance.md
	$(Q)BUILD=$(abspath $(BUILD)) RUNS=$(RUNS) PEERS=$(PEERS) bench/run
