/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A 32-bit process: `ia32 map FD` maps and sleeps, `ia32 spin` spins; as the
 * init of a 32-bit kernel, `ia32 tell` prints its pagemap and spins. It uses no
 * library, so that a compiler without 32-bit libraries can build it.
 */
#define SYS_write   4
#define SYS_open    5
#define SYS_close   6
#define SYS_mount   21
#define SYS_getpid  20
#define SYS_pause   29
#define SYS_mkdir   39
#define SYS_pread64 180
#define SYS_mmap2   192
#define AREA	    0xe0000000UL
#define AREA_TOLD   0x60000000UL /* below the kernel's half */
#define PAGE	    4096UL

static long call5(long nr, long a, long b, long c, long d, long e)
{
	long ret;

	/* a sixth argument, as mmap2 has it, is 0 */
	__asm__ volatile("push %%ebp; xor %%ebp, %%ebp; int $0x80; pop %%ebp"
			 : "=a"(ret)
			 : "a"(nr), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
			 : "memory");
	return ret;
}

static long call(long nr, long a, long b, long c)
{
	return call5(nr, a, b, c, 0, 0);
}

/* Anonymous memory. */
static char *map(unsigned long at, unsigned long len)
{
	return (char *)call5(SYS_mmap2, at, len, 3, 0x22, -1);
}

static char *copy(char *to, const char *from)
{
	while (*from)
		*to++ = *from++;
	return to;
}

static char *decimal(char *to, unsigned long n)
{
	if (n >= 10)
		to = decimal(to, n / 10);
	*to++ = '0' + n % 10;
	return to;
}

static void map_and_publish(int fd)
{
	char *area = map(AREA, 2 * PAGE);
	char line[64], *end;

	if (area != (char *)AREA)
		return;
	*copy(area, "ia32 page 0") = 0;
	*copy(area + PAGE, "ia32 page 1") = 0;
	end = copy(line, "ia32 ");
	end = decimal(end, call(SYS_getpid, 0, 0, 0));
	end = copy(end, " addr=0xe0000000 len=0x2000\n");
	call(SYS_write, fd, (long)line, end - line);
	call(SYS_close, fd, 0, 0);
}

static char *hex(char *to, unsigned long long n, int digits)
{
	while (digits--)
		*to++ = "0123456789abcdef"[n >> 4 * digits & 15];
	return to;
}

/* A line "page ADDRESS ENTRY", as pagemap has it. */
static void tell_page(int pagemap, unsigned long address)
{
	unsigned long long entry = 0;
	char line[64], *end = copy(line, "page ");

	/* the last two are the halves of the offset */
	call5(SYS_pread64, pagemap, (long)&entry, sizeof(entry),
	      address / PAGE * 8, 0);
	end = hex(end, address, 8);
	*end++ = ' ';
	end = hex(end, entry, 16);
	*end++ = '\n';
	call(SYS_write, 1, (long)line, end - line);
}

/* Of the last page of the area nothing is touched. */
static void tell(void)
{
	static const char ready[] = "\nQVMI-READY\n";
	char *area = map(AREA_TOLD, 3 * PAGE);
	int pagemap;

	*copy(area, "ia32 page 0") = 0;
	*copy(area + PAGE, "ia32 page 1") = 0;
	call(SYS_mkdir, (long)"/proc", 0755, 0);
	call(SYS_mount, (long)"proc", (long)"/proc", (long)"proc");
	pagemap = call(SYS_open, (long)"/proc/self/pagemap", 0, 0);
	for (int i = 0; i < 3; i++)
		tell_page(pagemap, AREA_TOLD + i * PAGE);
	tell_page(pagemap, (unsigned long)&tell);
	tell_page(pagemap, (unsigned long)&pagemap);
	call(SYS_write, 1, (long)ready, sizeof(ready) - 1);
}

__attribute__((used, noreturn)) void run(int argc, char **argv)
{
	int fd = 0;

	if (argc > 2) {
		for (const char *digit = argv[2]; *digit; digit++)
			fd = fd * 10 + *digit - '0';
		map_and_publish(fd);
	}
	if (argc > 1 && argv[1][0] == 't')
		tell();
	while (argc > 1 && argv[1][0] != 'm')
		__asm__ volatile("pause");
	for (;;)
		call(SYS_pause, 0, 0, 0);
}

__asm__(".globl _start\n_start:\n"
	"mov %esp, %eax; lea 4(%esp), %ecx\n"
	"and $-16, %esp; sub $8, %esp\n"
	"push %ecx; push (%eax); call run");
