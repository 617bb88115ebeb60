/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parts of the test guest share: scenes, labels, small helpers. */
#ifndef GUEST_H
#define GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/types.h>

#define PAGE	   4096UL
#define HUGE	   (2UL << 20)
#define LABELS_MAX (256 << 10)

/*
 * A scene is one process (with its children) that a test looks at. run() sets
 * it up and publishes labels, in the process of its own that init forks for
 * it; that process then sleeps for ever.
 */
struct scene {
	const char *name;
	void (*run)(void);
};

/* Tables, ended by a NULL name. */
extern const struct scene task_scenes[];
extern const struct scene file_scenes[];
extern const struct scene anon_scenes[];
extern const struct scene page_scenes[];
extern const struct scene share_scenes[];
extern const struct scene code_scenes[];
extern const struct scene name_scenes[];
extern const struct scene generated_scenes[];
extern const struct scene socket_scenes[];
extern const struct scene policy_scenes[];
extern const struct scene descriptor_scenes[];
extern const struct scene ipc_scenes[];
extern const struct scene bpf_scenes[];
extern const struct scene ring_scenes[];
extern const struct scene dax_scenes[];
extern const struct scene storm_scenes[];
extern const struct scene distro_scenes[];

/* Keeps a vCPU in loops that only changed registers end (code.c). */
__attribute__((noreturn)) void escape(void);

/* The scene this process belongs to; the default label and page content. */
extern const char *scene_name;

/* The pipe to init, open while a process of a scene still sets up. */
extern int publish_fd;

/* Adds the line "LABEL PID KEY=VALUE..." to the list that tests ask for. */
__attribute__((format(printf, 3, 4))) void publish(const char *label, pid_t pid,
						   const char *fmt, ...);

/* publish() of a range of this process under scene_name[.SUFFIX]. */
void publish_range(const char *suffix, const void *addr, size_t len);

/* Ends the process and says so on the console unless OK: NEED(x >= 0). */
#define NEED(ok) need((ok), #ok)
void need(bool ok, const char *what);

/* Ends the set-up and sleeps for ever. */
__attribute__((noreturn)) void settle(void);

/* fork(); a child gets the name COMM. Returns like fork(), never -1. */
pid_t spawn(const char *comm);

/* mmap() that succeeds; anonymous if fd is -1. */
void *map(size_t len, int prot, int flags, int fd);

/* A private writable anonymous mapping, aligned, for huge pages or not. */
void *map_aligned(size_t len, size_t align, int advice);

/* Writes "SCENE page N" at the start of each page. */
void fill(void *addr, size_t len);

/* A new file of PAGES pages at PATH, filled; returns the open descriptor. */
int make_file(const char *path, size_t pages);

/* Copies a program. */
void copy_file(const char *from, const char *to);

/* Writes TEXT into the existing file PATH; false if that fails. */
bool write_file(const char *path, const char *text);

/* The number after NAME= on the kernel's command line, or FALLBACK. */
int param(const char *name, int fallback);

/*
 * Directories, mounts, modules, swap, sysctls: all before the first scene. With
 * qvmi.disk=1 the modules alone, and boot_disk().
 */
void setup(void);

/*
 * Gives the machine to /sbin/init on /dev/vda, which finds this program at
 * AGENT_PATH and runs it with the argument "disk" when it is up.
 */
#define AGENT_PATH "/run/qvmi-agent"
__attribute__((noreturn)) void boot_disk(void);
bool swap_on(const char *dev, int prio);

/* Keeps a vCPU in a guest of its own (nested.c); for ever. */
__attribute__((noreturn)) void nested(int cpu);

/* Server commands (kexec.c): load a second kernel, run it. */
int kexec_load(char *args);
int generated_run(char *name);
int kexec_run(char *args);

/*
 * Answers commands on the second serial port for ever; closes ready_fd when
 * it begins.
 */
__attribute__((noreturn)) void serve(const char *labels, size_t len,
				     int ready_fd);

#endif
