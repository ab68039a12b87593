/* Runs a command with ftrace switched on, and the allocator's state read right before and right after.
   Every file is opened and read once beforehand and all memory is touched and locked, so that the reads
   which count allocate no page: between the "before" reads and the first event nothing is missing but what
   the other CPU or a kernel thread does. usage: snapshot OUTPUT-DIRECTORY COMMAND [ARGUMENT...] */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FILES = 6, TEXT = 1 << 16, PAGES = 1 << 16 };
static const char *paths[FILES] = {"/proc/buddyinfo", "/proc/pagetypeinfo", "/proc/zoneinfo", "/proc/vmstat", "/proc/meminfo", "/proc/slabinfo"};
static const char *names[FILES] = {"buddyinfo", "pagetypeinfo", "zoneinfo", "vmstat", "meminfo", "slabinfo"};
static int fds[FILES], flagsFD;
static char texts[2][FILES][TEXT];
static size_t lengths[2][FILES];
static uint64_t flags[2][PAGES];
static size_t pages[2];

static void snap(int when) {
  for (int i = 0; i < FILES; i++) {
    size_t length = 0;
    ssize_t got;
    lseek(fds[i], 0, SEEK_SET);
    while (length < TEXT && (got = read(fds[i], texts[when][i] + length, TEXT - length)) > 0) length += got;
    lengths[when][i] = length;
  }
  size_t length = 0;
  ssize_t got;
  lseek(flagsFD, 0, SEEK_SET);
  while (length < sizeof flags[when] && (got = read(flagsFD, (char *)flags[when] + length, sizeof flags[when] - length)) > 0) length += got;
  pages[when] = length / 8;
}

static void put(const char *directory, int when) {
  char path[256];
  for (int i = 0; i < FILES; i++) {
    snprintf(path, sizeof path, "%s/%s-%s.txt", directory, when ? "after" : "before", names[i]);
    FILE *f = fopen(path, "w");
    fwrite(texts[when][i], 1, lengths[when][i], f);
    fclose(f);
  }
  /* KPF_BUDDY is bit 10 and stands on every page of a free block (fs/proc/page.c); KPF_NOPAGE is bit 20. */
  snprintf(path, sizeof path, "%s/%s-free-pfns.txt", directory, when ? "after" : "before");
  FILE *f = fopen(path, "w");
  fprintf(f, "# pages in the buddy allocator's free blocks (KPF_BUDDY of /proc/kpageflags): first pfn, number of pages\n");
  for (size_t pfn = 0; pfn < pages[when];) {
    size_t end = pfn;
    while (end < pages[when] && (flags[when][end] >> 10 & 1)) end++;
    if (end > pfn) fprintf(f, "0x%zx %zu\n", pfn, end - pfn), pfn = end;
    else pfn++;
  }
  fclose(f);
}

int main(int argc, char **argv) {
  int on = open("/sys/kernel/tracing/tracing_on", O_WRONLY), status;
  if (argc < 3 || on < 0) return 2;
  for (int i = 0; i < FILES; i++)
    if ((fds[i] = open(paths[i], O_RDONLY)) < 0) perror(paths[i]);
  if ((flagsFD = open("/proc/kpageflags", O_RDONLY)) < 0) perror("/proc/kpageflags");
  mlockall(MCL_CURRENT | MCL_FUTURE);
  memset(texts, 1, sizeof texts), memset(flags, 1, sizeof flags), memset(lengths, 1, sizeof lengths);
  snap(0), snap(1), snap(0);
  write(on, "1", 1);
  pid_t child = vfork();
  if (child == 0) { execv(argv[2], argv + 2); _exit(127); }
  waitpid(child, &status, 0);
  write(on, "0", 1);
  snap(1);
  put(argv[1], 0), put(argv[1], 1);
  return WEXITSTATUS(status);
}
