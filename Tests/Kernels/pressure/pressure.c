/* Programs that use more memory than there is, and `run`, which measures the machine while one of them works.

   pressure MODE ARGUMENT...        sizes in bytes, with K, M or G; all that looks random is the same each time
     sweep SIZE PASSES              writes to each page in order
     look SIZE PASSES               writes once, then reads
     shared SIZE PASSES             sweeps over shared memory
     uniform SIZE TOUCHES           writes to random pages
     zipf SIZE TOUCHES              to random pages, few of them most often (exponent 0.99)
     hot SIZE HOT PASSES            sweeps, and touches a page of the first HOT bytes after each page of the sweep
     scan FILE PASSES [SIZE]        reads a file, and writes to as many bytes of memory of its own first and at the end
     map FILE PASSES                writes to each page of a mapped file
     forks SIZE CHILDREN            children one after the other write to a half of what the parent has written to
     leak STEP                      allocates until it is killed
     two SIZE PASSES                two processes that sweep at the same time
     crowd STEP SIZE:ADJUSTMENT...  children that write and wait, with that oom_score_adj; then allocates until it is killed
   pressure run PROGRAM MODE ARGUMENT... what /proc/vmstat counted meanwhile, as a line of JSON */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096 };
static uint64_t state = 88172645463325252;

static uint64_t next(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

static uint64_t below(uint64_t bound) { return (uint64_t)((unsigned __int128)next() * bound >> 64); }

static void die(const char *what) {
  fprintf(stderr, "pressure: %s: %s\n", what, strerror(errno));
  exit(2);
}

static size_t bytes(const char *text) {
  char *end;
  size_t number = strtoull(text, &end, 10);
  switch (*end) {
  case 'K': return number << 10;
  case 'M': return number << 20;
  case 'G': return number << 30;
  default: return number;
  }
}

/* Memory or a file, from a page on that lies 37 pages behind a multiple of 2 MiB: what is read along ends where a page table
   ends, so figures would depend on where the kernel puts it. */
static volatile uint64_t *mapped(size_t size, int flags, int fd) {
  size_t table = (size_t)2 << 20, gap = size < table ? 0 : table + 37 * PAGE;
  char *start = mmap(NULL, size + gap, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (start == MAP_FAILED) die("mmap");
  if (gap) start = (char *)(((uintptr_t)start + table - 1) / table * table) + 37 * PAGE;
  start = mmap(start, size, PROT_READ | PROT_WRITE, flags | MAP_FIXED, fd, 0);
  if (start == MAP_FAILED) die("mmap");
  return (volatile uint64_t *)start;
}

static volatile uint64_t *memory(size_t size) { return mapped(size, MAP_PRIVATE | MAP_ANONYMOUS, -1); }

/* A store and no load before it: QEMU's software emulation would fault for the load first, which no processor does. */
static void touch(volatile uint64_t *start, size_t page) { start[page * (PAGE / 8)] = page + 1; }

static void sweep(size_t size, int passes) {
  volatile uint64_t *start = memory(size);
  for (int pass = 0; pass < passes; pass++)
    for (size_t page = 0; page < size / PAGE; page++) touch(start, page);
}

static void shared(size_t size, int passes) {
  volatile uint64_t *start = mapped(size, MAP_SHARED | MAP_ANONYMOUS, -1);
  for (int pass = 0; pass < passes; pass++)
    for (size_t page = 0; page < size / PAGE; page++) touch(start, page);
}

static void look(size_t size, int passes) {
  volatile uint64_t *start = memory(size);
  for (size_t page = 0; page < size / PAGE; page++) touch(start, page);
  for (int pass = 1; pass < passes; pass++)
    for (size_t page = 0; page < size / PAGE; page++) (void)start[page * (PAGE / 8)];
}

static void uniform(size_t size, size_t touches) {
  volatile uint64_t *start = memory(size);
  for (size_t i = 0; i < touches; i++) touch(start, below(size / PAGE));
}

/* Rejection-inversion would need no table; a table of a thousandth of the memory disturbs little and is simpler: ranks in
   groups of 512 pages that are equally likely within. */
static void zipf(size_t size, size_t touches) {
  size_t pages = size / PAGE, groups = (pages + 511) / 512;
  double *sum = malloc((groups + 1) * sizeof *sum);
  sum[0] = 0;
  for (size_t g = 0; g < groups; g++) sum[g + 1] = sum[g] + pow((double)g + 1, -0.99);
  volatile uint64_t *start = memory(size);
  for (size_t i = 0; i < touches; i++) {
    double where = (double)(next() >> 11) / 9007199254740992.0 * sum[groups];
    size_t low = 0, high = groups;
    while (high - low > 1) {
      size_t middle = (low + high) / 2;
      if (sum[middle] <= where) low = middle;
      else high = middle;
    }
    /* Which pages a group has is spread over the memory. */
    size_t page = (low + below(512) * groups) % pages;
    touch(start, page);
  }
}

static void hot(size_t size, size_t hotSize, int passes) {
  volatile uint64_t *start = memory(size);
  for (int pass = 0; pass < passes; pass++)
    for (size_t page = 0; page < size / PAGE; page++) {
      touch(start, page);
      touch(start, below(hotSize / PAGE));
    }
}

static void scan(const char *path, int passes, size_t size) {
  static char buffer[1 << 16];
  volatile uint64_t *start = size ? memory(size) : NULL;
  for (size_t page = 0; page < size / PAGE; page++) touch(start, page);
  for (int pass = 0; pass < passes; pass++) {
    int fd = open(path, O_RDONLY);
    if (fd < 0) die(path);
    while (read(fd, buffer, sizeof buffer) > 0) {}
    close(fd);
  }
  for (size_t page = 0; page < size / PAGE; page++) touch(start, page);
}

static void map(const char *path, int passes) {
  int fd = open(path, O_RDWR);
  struct stat status;
  if (fd < 0 || fstat(fd, &status) < 0) die(path);
  volatile uint64_t *start = mapped(status.st_size, MAP_SHARED, fd);
  for (int pass = 0; pass < passes; pass++)
    for (size_t page = 0; page < (size_t)status.st_size / PAGE; page++) touch(start, page);
}

static void forks(size_t size, int children) {
  volatile uint64_t *start = memory(size);
  for (size_t page = 0; page < size / PAGE; page++) touch(start, page);
  for (int child = 0; child < children; child++) {
    pid_t pid = fork();
    if (pid < 0) die("fork");
    if (pid == 0) {
      for (size_t page = child % 2; page < size / PAGE; page += 2) touch(start, page);
      _exit(0);
    }
    waitpid(pid, NULL, 0);
  }
}

static void leak(size_t step) {
  for (;;) {
    volatile uint64_t *start = memory(step);
    for (size_t page = 0; page < step / PAGE; page++) touch(start, page);
  }
}

static void two(size_t size, int passes) {
  for (int child = 0; child < 2; child++) {
    pid_t pid = fork();
    if (pid < 0) die("fork");
    if (pid == 0) {
      sweep(size, passes);
      _exit(0);
    }
  }
  while (wait(NULL) > 0) {}
}

static void crowd(size_t step, int count, char **members) {
  for (int child = 0; child < count; child++) {
    int done[2];
    if (pipe(done) < 0) die("pipe");
    pid_t pid = fork();
    if (pid < 0) die("fork");
    if (pid == 0) {
      char name[24];
      snprintf(name, sizeof name, "member-%d", child);
      prctl(PR_SET_NAME, name);
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      char *adjustment = strchr(members[child], ':');
      int fd = open("/proc/self/oom_score_adj", O_WRONLY);
      if (!adjustment || fd < 0 || write(fd, adjustment + 1, strlen(adjustment + 1)) < 0) die("oom_score_adj");
      close(fd);
      size_t size = bytes(members[child]);
      volatile uint64_t *start = memory(size);
      for (size_t page = 0; page < size / PAGE; page++) touch(start, page);
      (void)!write(done[1], "", 1);
      for (;;) pause();
    }
    char byte;
    close(done[1]);
    (void)!read(done[0], &byte, 1);
  }
  leak(step);
}

static int work(int count, char **words) {
  const char *mode = words[0];
#define IS(name, least) (!strcmp(mode, name) && count > least)
  if (IS("sweep", 2)) sweep(bytes(words[1]), atoi(words[2]));
  else if (IS("uniform", 2)) uniform(bytes(words[1]), bytes(words[2]));
  else if (IS("zipf", 2)) zipf(bytes(words[1]), bytes(words[2]));
  else if (IS("hot", 3)) hot(bytes(words[1]), bytes(words[2]), atoi(words[3]));
  else if (IS("scan", 2)) scan(words[1], atoi(words[2]), count > 3 ? bytes(words[3]) : 0);
  else if (IS("map", 2)) map(words[1], atoi(words[2]));
  else if (IS("forks", 2)) forks(bytes(words[1]), atoi(words[2]));
  else if (IS("leak", 1)) leak(bytes(words[1]));
  else if (IS("look", 2)) look(bytes(words[1]), atoi(words[2]));
  else if (IS("shared", 2)) shared(bytes(words[1]), atoi(words[2]));
  else if (IS("crowd", 2)) crowd(bytes(words[1]), count - 2, words + 2);
  else if (IS("two", 2)) two(bytes(words[1]), atoi(words[2]));
  else {
    fprintf(stderr, "pressure: no such mode, or too few arguments: %s\n", mode);
    return 2;
  }
  return 0;
}

/* --- measuring --- */

enum { MOST = 400 };
struct counts {
  int number;
  char names[MOST][48];
  long values[MOST];
};

static void count(struct counts *counts) {
  /* What each CPU has for itself is added up first. */
  int refresh = open("/proc/sys/vm/stat_refresh", O_WRONLY);
  if (refresh >= 0) {
    (void)!write(refresh, "1", 1);
    close(refresh);
  }
  FILE *file = fopen("/proc/vmstat", "r");
  if (!file) die("/proc/vmstat");
  counts->number = 0;
  while (counts->number < MOST && fscanf(file, "%47s %ld", counts->names[counts->number], &counts->values[counts->number]) == 2)
    counts->number++;
  fclose(file);
}

static int run(int count_, char **words) {
  static struct counts before, after;
  /* Whoever measures must not be part of what is measured. */
  if (mlockall(MCL_CURRENT | MCL_FUTURE) < 0) die("mlockall");
  count(&before);
  struct timespec start, end, pause = {0, 500000};
  clock_gettime(CLOCK_MONOTONIC, &start);
  pid_t pid = fork();
  if (pid == 0) {
    execv(words[0], words);
    _exit(127);
  }
  unsigned long peak = 0, least = ~0ul;
  int status = 0;
  while (waitpid(pid, &status, WNOHANG) == 0) {
    struct sysinfo info;
    sysinfo(&info);
    unsigned long used = (info.totalswap - info.freeswap) * info.mem_unit, free = info.freeram * info.mem_unit;
    if (used > peak) peak = used;
    if (free < least) least = free;
    nanosleep(&pause, NULL);
  }
  clock_gettime(CLOCK_MONOTONIC, &end);
  count(&after);
  double seconds = (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9;
  printf("{\"status\":%d,\"signal\":%d,\"seconds\":%.3f,\"peak_swap\":%lu,\"least_free\":%lu,\"vmstat\":{",
    WIFEXITED(status) ? WEXITSTATUS(status) : -1, WIFSIGNALED(status) ? WTERMSIG(status) : 0, seconds, peak, least);
  int first = 1;
  for (int i = 0; i < after.number && i < before.number; i++) {
    /* Events are what changed; figures that begin with nr_ are as they are at the end. */
    long value = strncmp(after.names[i], "nr_", 3) ? after.values[i] - before.values[i] : after.values[i];
    if (value == 0) continue;
    printf("%s\"%s\":%ld", first ? "" : ",", after.names[i], value);
    first = 0;
  }
  printf("}}\n");
  (void)count_;
  return 0;
}

int main(int count_, char **words) {
  if (count_ > 3 && !strcmp(words[1], "run")) return run(count_ - 2, words + 2);
  if (count_ > 1) return work(count_ - 1, words + 1);
  fprintf(stderr, "usage: pressure MODE ARGUMENT... or pressure run PROGRAM MODE ARGUMENT...\n");
  return 2;
}
