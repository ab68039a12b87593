// Asks the kernel it runs on how much kmalloc gives for a request, and prints "FIRST LAST GIVEN" for each range of requests that
// get as much; 0 bytes are given where they are refused.
//
// Two calls take memory of a size that the caller chooses: a write of n bytes to a file of sysfs (n + 1 bytes), and sendmsg
// with n bytes of control data. What was given is told by the tracepoint kmem:kmalloc.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST = 8 << 20, BATCH = 256 };
static const char *tracing = "/sys/kernel/tracing";
static unsigned *given;

static void fail(const char *what) {
  printf("FAILED: %s: %s\n", what, strerror(errno));
  exit(1);
}

static void put(const char *name, const char *text) {
  char path[128];
  snprintf(path, sizeof path, "%s/%s", tracing, name);
  int file = open(path, O_WRONLY | O_TRUNC);
  if (file < 0 || write(file, text, strlen(text)) < 0) fail(path);
  close(file);
}

// Reads what was traced and notes it.
static void collect(void) {
  char path[128], line[512];
  snprintf(path, sizeof path, "%s/trace", tracing);
  FILE *file = fopen(path, "r");
  if (!file) fail(path);
  while (fgets(line, sizeof line, file)) {
    char *text = strstr(line, "bytes_req=");
    unsigned long asked, got;
    if (text && sscanf(text, "bytes_req=%lu bytes_alloc=%lu", &asked, &got) == 2 && asked <= MOST)
      given[asked] = strstr(line, "ptr=(null)") || strstr(line, "ptr=0000000000000000 ") ? 0 : got;
  }
  fclose(file);
  put("trace", "\n");
}

int main(void) {
  given = calloc(MOST + 1, sizeof *given);
  char *control = mmap(0, MOST, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  int sockets[2], file = open("/sys/kernel/mm/ksm/run", O_WRONLY);
  if (file < 0) file = open("/sys/kernel/profiling", O_WRONLY);
  if (!given || control == MAP_FAILED || file < 0 || socketpair(AF_UNIX, SOCK_DGRAM, 0, sockets) < 0) fail("start");
  int limit = open("/proc/sys/net/core/optmem_max", O_WRONLY);
  if (limit < 0 || write(limit, "33554432", 8) < 0) fail("optmem_max");
  put("buffer_size_kb", "4096");
  char filter[64];
  snprintf(filter, sizeof filter, "common_pid == %d", getpid());
  put("events/kmem/kmalloc/filter", filter);
  put("events/kmem/kmalloc/enable", "1");
  memset(control, 'x', 64);
  int waiting = 0;
  for (unsigned long size = 2; size <= MOST; size++) {
    // All up to 16 KiB; then the neighbours of each page.
    if (size > 16384 && size % 4096 > 1 && size % 4096 < 4095) continue;
    if (size <= 64) {
      if (write(file, control, size - 1) >= 0) fail("the write was taken");
    } else {
      struct iovec data = {control, 1};
      struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = control + 64, .msg_controllen = size};
      // The first length is not one of a control message: the call ends as soon as it has copied.
      if (size > MOST - 64) message.msg_control = control;
      if (sendmsg(sockets[0], &message, MSG_DONTWAIT) >= 0) fail("the message was sent");
    }
    if (++waiting == BATCH) {
      collect();
      waiting = 0;
    }
  }
  collect();
  put("events/kmem/kmalloc/enable", "0");
  unsigned long first = 2, last = 2;
  for (unsigned long size = 3; size <= MOST; size++) {
    if (size > 16384 && size % 4096 > 1 && size % 4096 < 4095) continue;
    if (size != last + 1 || given[size] != given[first]) {
      printf("%lu %lu %u\n", first, last, given[first]);
      first = size;
    }
    last = size;
  }
  printf("%lu %lu %u\n", first, last, given[first]);
  return 0;
}
