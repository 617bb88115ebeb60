/* SPDX-License-Identifier: BSD-2-Clause */
/* What is wanted of the kernel's log and time; part of wanted.h's table. */
#ifndef PROFILE_WANTED_LOG_H
#define PROFILE_WANTED_LOG_H

/* kernel/printk/printk_ringbuffer.h, 5.10 and later. */
#define WANTED_LOG_FIELDS(F)                                                \
	F(PRB_COUNT_BITS, "printk_ringbuffer", OPTIONAL,                    \
	  "desc_ring.count_bits")                                           \
	F(PRB_DESCS, "printk_ringbuffer", OPTIONAL, "desc_ring.descs")      \
	F(PRB_INFOS, "printk_ringbuffer", OPTIONAL, "desc_ring.infos")      \
	F(PRB_HEAD_ID, "printk_ringbuffer", OPTIONAL, "desc_ring.head_id")  \
	F(PRB_TAIL_ID, "printk_ringbuffer", OPTIONAL, "desc_ring.tail_id")  \
	F(PRB_SIZE_BITS, "printk_ringbuffer", OPTIONAL,                     \
	  "text_data_ring.size_bits")                                       \
	F(PRB_DATA, "printk_ringbuffer", OPTIONAL, "text_data_ring.data")   \
	F(PRB_DESC_STATE, "prb_desc", OPTIONAL, "state_var")                \
	F(PRB_DESC_BEGIN, "prb_desc", OPTIONAL, "text_blk_lpos.begin")      \
	F(PRB_DESC_NEXT, "prb_desc", OPTIONAL, "text_blk_lpos.next")        \
	F(PRINTK_SEQ, "printk_info", OPTIONAL, "seq")                       \
	F(PRINTK_TS, "printk_info", OPTIONAL, "ts_nsec")                    \
	F(PRINTK_LEN, "printk_info", OPTIONAL, "text_len")                  \
	F(PRINTK_FACILITY, "printk_info", OPTIONAL, "facility")             \
	F(PRINTK_LEVEL, "printk_info", OPTIONAL, "level")                   \
	F(TK_DATA_TIMEKEEPER, "tk_data", OPTIONAL, "timekeeper") /* 6.13 */ \
	F(TK_OFFS_REAL, "timekeeper", OPTIONAL, "offs_real")                \
	F(TK_OFFS_BOOT, "timekeeper", OPTIONAL, "offs_boot")

#define WANTED_LOG_STRUCTS(S)   \
	S(PRB_DESC, "prb_desc") \
	S(PRINTK_INFO, "printk_info")

#endif
