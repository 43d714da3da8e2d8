// A disk that loses power and fails, for one process: preloaded, it sees what SQLite writes to the files below
// DISK_DIR. While the file DISK_ARMED exists, one call in DISK_RATE fails, and after DISK_CUT calls the power goes, at
// the first one when the file DISK_OFF exists: of what was written and not synced since, any part is lost, and the
// process with it.
//
// A page that a failed fsync has not brought to the disk is not written by the next one either, unless it was changed
// in between: so Linux does it.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PAGE = 4096, SECTOR = 512, SLOTS = 1 << 14 };

struct file {
	ino_t ino;
	struct statx_timestamp born;
	off_t size; // on the disk
	char path[4096];
	struct file *next;
};

struct page {
	ino_t ino;
	off_t no;
	int failed; // an fsync failed to write it
	char old[PAGE]; // on the disk
	struct page *next;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct file *files;
static struct page *slots[SLOTS];
static unsigned long calls, cut, rate, chance;
static const char *dir, *armed, *off;

__attribute__((constructor)) static void init(void) {
	dir = getenv("DISK_DIR");
	armed = getenv("DISK_ARMED");
	off = getenv("DISK_OFF");
	cut = strtoul(getenv("DISK_CUT"), NULL, 10);
	rate = strtoul(getenv("DISK_RATE"), NULL, 10);
	chance = strtoul(getenv("DISK_SEED"), NULL, 10) * 2 + 1;
}

static unsigned long below(unsigned long n) {
	chance ^= chance << 13;
	chance ^= chance >> 7;
	chance ^= chance << 17;
	return chance % n;
}

// clean forgets the pages of a file that has another name now, or is another file.
static void clean(ino_t ino) {
	for (int i = 0; i < SLOTS; i++)
		for (struct page **at = &slots[i]; *at;) {
			struct page *p = *at;
			if (p->ino == ino) {
				*at = p->next;
				free(p);
			} else {
				at = &p->next;
			}
		}
}

// known finds what is remembered of a file, from its first change since it was synced; NULL for files elsewhere. One that
// was renamed has been synced before by the program itself, which is not seen here.
static struct file *known(int fd) {
	struct statx st;
	char link[64], path[4096] = "";
	if (statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME, &st) != 0 || !S_ISREG(st.stx_mode))
		return NULL;
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	if (readlink(link, path, sizeof path - 1) < 0 || strncmp(path, dir, strlen(dir)) != 0)
		return NULL;
	struct file *f = files;
	while (f && f->ino != st.stx_ino)
		f = f->next;
	if (!f) {
		f = calloc(1, sizeof *f);
		f->next = files;
		files = f;
	} else if (f->born.tv_sec == st.stx_btime.tv_sec && f->born.tv_nsec == st.stx_btime.tv_nsec && strcmp(f->path, path) == 0) {
		return f;
	} else {
		clean(st.stx_ino);
	}
	strcpy(f->path, path);
	f->ino = st.stx_ino;
	f->born = st.stx_btime;
	f->size = st.stx_size;
	return f;
}

// touch keeps what the disk has of pages that are about to be changed.
static void touch(struct file *f, int fd, off_t from, off_t to) {
	for (off_t no = from / PAGE; no * PAGE < to; no++) {
		struct page **slot = &slots[(no + f->ino * 31) % SLOTS], *p = *slot;
		while (p && (p->ino != f->ino || p->no != no))
			p = p->next;
		if (p) {
			p->failed = 0;
			continue;
		}
		p = calloc(1, sizeof *p);
		p->ino = f->ino;
		p->no = no;
		syscall(SYS_pread64, fd, p->old, PAGE, no * PAGE);
		p->next = *slot;
		*slot = p;
	}
}

// settle is an fsync: pages come to the disk. When it fails, some do not.
static void settle(struct file *f, int fails) {
	for (int i = 0; i < SLOTS; i++)
		for (struct page **at = &slots[i]; *at;) {
			struct page *p = *at;
			if (p->ino == f->ino && (p->failed || (fails && below(2)))) {
				p->failed = 1;
				at = &p->next;
			} else if (p->ino == f->ino) {
				*at = p->next;
				free(p);
			} else {
				at = &p->next;
			}
		}
	struct stat st;
	if (!fails && stat(f->path, &st) == 0)
		f->size = st.st_size;
}

// lose brings back what the disk has, for some sectors or for all.
static void lose(void) {
	unsigned long kept = below(3) ? below(4) : 0;
	for (struct file *f = files; f; f = f->next) {
		struct stat st;
		int fd = open(f->path, O_RDWR);
		if (fd < 0)
			continue;
		if (fstat(fd, &st) == 0 && st.st_ino == f->ino) {
			off_t end = kept && below(2) ? st.st_size : f->size;
			syscall(SYS_ftruncate, fd, end);
			for (int i = 0; i < SLOTS; i++)
				for (struct page *p = slots[i]; p; p = p->next)
					for (off_t s = 0; s < PAGE; s += SECTOR) {
						off_t at = p->no * PAGE + s;
						if (p->ino == f->ino && at < end && (p->failed || below(4) >= kept))
							syscall(SYS_pwrite64, fd, p->old + s, end - at < SECTOR ? end - at : SECTOR, at);
					}
		}
		close(fd);
	}
}

// enter begins a call, with the lock held, and says whether it is to fail.
static int enter(void) {
	pthread_mutex_lock(&lock);
	int failing = access(armed, F_OK) == 0;
	calls += failing;
	if ((cut && calls >= cut) || access(off, F_OK) == 0) {
		lose();
		kill(getpid(), SIGKILL);
		pause();
	}
	return failing && rate && below(rate) == 0;
}

static long leave(long result, int error) {
	pthread_mutex_unlock(&lock);
	errno = error;
	return result;
}

static long failing(void) { return leave(-1, below(2) ? EIO : ENOSPC); }

ssize_t pwrite64(int fd, const void *data, size_t n, off_t at) {
	int fails = enter();
	struct file *f = known(fd);
	if (f)
		touch(f, fd, at, at + n);
	if (f && fails) {
		syscall(SYS_pwrite64, fd, data, below(n + 1), at);
		return failing();
	}
	long done = syscall(SYS_pwrite64, fd, data, n, at);
	return leave(done, errno);
}

int ftruncate64(int fd, off_t size) {
	int fails = enter();
	struct file *f = known(fd);
	struct stat st;
	if (f && fails)
		return failing();
	if (f && fstat(fd, &st) == 0)
		touch(f, fd, size, st.st_size);
	long done = syscall(SYS_ftruncate, fd, size);
	return leave(done, errno);
}

int fdatasync(int fd) {
	int fails = enter();
	struct file *f = known(fd);
	if (f)
		settle(f, fails);
	return f && fails ? leave(-1, EIO) : leave(0, errno);
}

ssize_t pwrite(int fd, const void *data, size_t n, off_t at) { return pwrite64(fd, data, n, at); }
int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }
int fsync(int fd) { return fdatasync(fd); }
