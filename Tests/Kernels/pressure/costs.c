/* What the processor of this machine needs for an instruction, a first touch of a page, a page that reclaim looks at and one that
   it frees, as a line of JSON, in picoseconds. Runs in the memory cgroup "limited". */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

enum { PAGE = 4096, PAGES = 10240, ROUNDS = 12 };

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e12 + time.tv_nsec * 1e3;
}

/* Pages looked at and freed so far. */
static void events(double *scanned, double *freed) {
  char name[64];
  double value;
  FILE *file = fopen("/proc/vmstat", "r");
  *scanned = *freed = 0;
  while (file && fscanf(file, "%63s %lf", name, &value) == 2) {
    if (!strncmp(name, "pgscan_", 7) && (strstr(name, "anon") || strstr(name, "file"))) *scanned += value;
    if (!strncmp(name, "pgsteal_", 8) && (strstr(name, "anon") || strstr(name, "file"))) *freed += value;
  }
  if (file) fclose(file);
}

static void reclaim(void) {
  FILE *file = fopen("/sys/fs/cgroup/limited/memory.reclaim", "w");
  if (!file) exit(2);
  fputs("4M", file);
  fclose(file);
}

int main(void) {
  double start = now();
  uint64_t sum = 0;
  for (int i = 0; i < 100000000; i++) __asm__ volatile("add $1, %0" : "+r"(sum));
  /* The addition, the count and the jump. */
  double instruction = (now() - start) / 3e8;

  volatile char *pages = mmap(NULL, (size_t)PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) return 2;
  start = now();
  for (int page = 0; page < PAGES; page++) pages[(size_t)page * PAGE] = 1;
  double fault = (now() - start) / PAGES;

  /* time = scan * pages looked at + free * pages freed, by least squares. */
  double ss = 0, sf = 0, ff = 0, st = 0, ft = 0;
  for (int round = 0; round < ROUNDS; round++) {
    double s0, f0, s1, f1;
    events(&s0, &f0);
    start = now();
    reclaim();
    double time = now() - start;
    events(&s1, &f1);
    double s = s1 - s0, f = f1 - f0;
    ss += s * s, sf += s * f, ff += f * f, st += s * time, ft += f * time;
    if (round % 2)
      for (int page = 0; page < PAGES; page++) pages[(size_t)page * PAGE] = 2;
  }
  double determinant = ss * ff - sf * sf;
  printf("{\"instruction_ps\":%.0f,\"fault_ps\":%.0f,\"scan_ps\":%.0f,\"reclaim_ps\":%.0f}\n", instruction, fault,
         (st * ff - ft * sf) / determinant, (ft * ss - st * sf) / determinant);
  return 0;
}
