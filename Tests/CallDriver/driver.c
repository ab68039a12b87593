// Carries out sequences of memory calls in a process of the running kernel, and tells what came of each.
//
//   driver SUBJECT CALLS RESULTS [FIRST LAST]
//
// SUBJECT is the program of subject.S; CALLS is a file of sequences (see struct sequence and struct call); to RESULTS goes
// one struct outcome for each call. With FIRST and LAST, the states after these calls of the first sequence are printed
// as text on standard output. The subject runs under ptrace, an instruction at a time, so that nothing but the calls
// touches its memory. Built statically, since it also runs as the only program of a virtual machine.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_PROCESSES = 16, SLOTS = 80, FIRST_FILE = 3, FILES = 9, SCRATCH_FILE = 5, PROGRAM_FILE = 8, TRAP_FLAG = 0x100 };
enum kind { SYSTEM_CALL, LOAD, STORE, FETCH, FORK, EXIT, SETTING, SCRATCH, SHARE, EXECUTE, ADVISE_OTHER, CLEAR_REFS = 32 };

struct call {
  uint32_t kind;
  uint32_t process;
  // System call number, or the value of a store.
  uint64_t number;
  // Each argument is added to what its slot holds; slot 0 is always 0.
  uint64_t argument[6];
  uint8_t slot[6];
  // Where a result that is no error is kept; 0 for nowhere.
  uint8_t result;
  // 1: the result has no meaning outside of this machine, only whether it is an error.
  uint8_t opaque;
};

struct sequence {
  uint32_t calls;
  // 1: the subject is an ordinary user.
  uint32_t unprivileged;
};

// The first two outcomes of a sequence stand for no call: the subject's stack pointer with its state at the start, and the
// pages that were unmapped before.
struct outcome {
  int64_t result;
  uint64_t state;
};

struct process {
  pid_t pid;
  int areas, pagemap, status, stat;
  struct user_regs_struct registers;
  uint64_t faults, major;
  // It has just begun to run a program.
  int executed;
};

static struct process processes[MAX_PROCESSES];
static int process_count;
static uint64_t slots[SLOTS];
static uint64_t code = 0x401000;
static const char *subject;
static char text[1 << 22];
static size_t length;
static char buffer[1 << 20];
static uint64_t entries[1 << 16];
static struct { unsigned device, number; unsigned long inode; } objects[1 << 16];
static int object_count;
// The driver's own view of the two files, which it never touches.
static unsigned char *views[2];
enum { VIEW_PAGES = 48 };
static uint64_t unmapped_pages;

static void fail(const char *what) {
  fprintf(stderr, "driver: %s: %s\n", what, strerror(errno));
  exit(1);
}

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...) {
  va_list list;
  va_start(list, format);
  length += vsnprintf(text + length, sizeof text - length, format, list);
  va_end(list);
}

static int open_of(pid_t pid, const char *name) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) fail(path);
  return file;
}

static size_t contents(int file) {
  size_t size = 0;
  for (;;) {
    ssize_t got = pread(file, buffer + size, sizeof buffer - 1 - size, size);
    if (got < 0) fail("a file of /proc");
    if (got == 0) break;
    size += got;
  }
  buffer[size] = 0;
  return size;
}

static void follow(struct process *process) {
  process->areas = open_of(process->pid, "smaps");
  process->pagemap = open_of(process->pid, "pagemap");
  process->status = open_of(process->pid, "status");
  process->stat = open_of(process->pid, "stat");
}

static void forget(struct process *process) {
  close(process->areas);
  close(process->pagemap);
  close(process->status);
  close(process->stat);
  process->pid = 0;
}

// The number of an object behind mappings, by the order in which objects were first seen. The inode of a System V segment
// is the segment's number, which another object may have too.
static int object(unsigned major, unsigned minor, unsigned long inode) {
  for (int i = object_count; i-- > 0;)
    if (objects[i].inode == inode && objects[i].device == (major << 8 | minor)) return i;
  objects[object_count].device = major << 8 | minor;
  objects[object_count].inode = inode;
  return object_count++;
}

static void faults_of(struct process *process, uint64_t *minor, uint64_t *major) {
  contents(process->stat);
  char *rest = strrchr(buffer, ')');
  if (sscanf(rest + 2, "%*c %*d %*d %*d %*d %*d %*u %lu %*u %lu", minor, major) != 2) fail("stat");
}

static void pages(struct process *process, uint64_t start, uint64_t end) {
  // Bits that mean the same everywhere: present, swapped, of a file, write-protected by userfaultfd, mapped once, soft-dirty.
  const uint64_t kept = 1ULL << 63 | 1ULL << 62 | 1ULL << 61 | 1ULL << 57 | 1ULL << 56 | 1ULL << 55;
  uint64_t run = 0, first = 0, flags = 0;
  for (uint64_t page = start; page < end;) {
    uint64_t count = end - page < 1 << 16 ? end - page : 1 << 16;
    ssize_t got = pread(process->pagemap, entries, count * 8, page * 8);
    if (got <= 0) fail("pagemap");
    for (ssize_t i = 0; i < got / 8; i++) {
      uint64_t now = entries[i] & kept;
      if (run > 0 && now == flags) {
        run++;
      } else {
        if (run > 0 && flags) say("page %lx+%lu %lx\n", first, run, flags >> 55);
        run = 1;
        first = page + i;
        flags = now;
      }
    }
    page += got / 8;
  }
  if (run > 0 && flags) say("page %lx+%lu %lx\n", first, run, flags >> 55);
}

// Writes the line of an area of /proc/PID/smaps, and its pages.
static void area(struct process *process, char *line) {
  uint64_t start, end, offset;
  unsigned major, minor;
  unsigned long inode;
  char rights[8];
  int name = 0;
  if (sscanf(line, "%lx-%lx %7s %lx %x:%x %lu%n", &start, &end, rights, &offset, &major, &minor, &inode, &name) < 7)
    fail("smaps");
  while (line[name] == ' ') name++;
  say("%lx-%lx %s %lx", start, end, rights, offset);
  if (inode || major || minor)
    say(" object %d", object(major, minor | (strncmp(line + name, "/SYSV", 5) == 0) << 30, inode));
  if (line[name] == '[') say(" %s", line + name);
  say("\n");
  // The inner part of very large areas is left out.
  uint64_t first = start >> 12, last = end >> 12;
  if (last - first <= 16384) {
    pages(process, first, last);
  } else {
    pages(process, first, first + 8192);
    pages(process, last - 8192, last);
  }
}

// Writes the memory of a process as the kernel shows it into `text`.
static void describe(struct process *process) {
  static char lines[1 << 20];
  static const char *figures[] = {"Rss", "Pss", "Shared_Clean", "Shared_Dirty", "Private_Clean", "Private_Dirty",
                                  "Anonymous", "Swap", "Locked"};
  length = 0;
  size_t size = contents(process->areas);
  memcpy(lines, buffer, size + 1);
  int shown = 0;
  for (char *line = lines; *line;) {
    char *next = strchr(line, '\n');
    *next++ = 0;
    size_t word = strcspn(line, ": ");
    if (line[word] == ' ') {
      shown = !strstr(line, " [v");
      if (shown) area(process, line);
    } else if (shown && strncmp(line, "VmFlags", word) == 0) {
      for (char *flag = strtok(line + word + 1, " "); flag; flag = strtok(NULL, " ")) say(" %s", flag);
      say("\n");
    } else if (shown) {
      for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
        if (strlen(figures[i]) == word && strncmp(line, figures[i], word) == 0)
          say(" %lu", strtoul(line + word + 1, NULL, 10));
    }
    line = next;
  }
  contents(process->status);
  static const char *names[] = {"VmPeak", "VmSize", "VmLck", "VmPin", "VmData", "VmStk", "VmExe", "VmLib", "VmPTE"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    char *at = strstr(buffer, names[i]);
    if (!at) fail(names[i]);
    say("%s %lu\n", names[i], strtoul(at + strlen(names[i]) + 1, NULL, 10));
  }
  for (int i = 0; i < 2; i++) {
    unsigned char residency[VIEW_PAGES];
    if (mincore(views[i], VIEW_PAGES * 4096, residency)) fail("mincore");
    say("cached ");
    for (int page = 0; page < VIEW_PAGES; page++) say("%d", residency[page] & 1);
    say("\n");
  }
  uint64_t minor, major;
  faults_of(process, &minor, &major);
  say("minflt %lu\nmajflt %lu\n", minor - process->faults, major - process->major);
}

static uint64_t state_of(struct process *process) {
  describe(process);
  // FNV-1a, eight bytes at a time.
  uint64_t hash = 0xcbf29ce484222325;
  for (size_t i = 0; i < length; i++) hash = (hash ^ (unsigned char)text[i]) * 0x100000001b3;
  return hash;
}

// Lets a process execute one instruction, up to the trap behind it. Returns 0, or the signal it got times 256 plus the
// signal's code. PTRACE_SINGLESTEP will not do: it reads the instruction, and so brings the page, on the driver's account.
static int step(struct process *process) {
  process->registers.orig_rax = -1;
  if (ptrace(PTRACE_SETREGS, process->pid, 0, &process->registers)) fail("PTRACE_SETREGS");
  for (;;) {
    int status;
    if (ptrace(PTRACE_CONT, process->pid, 0, 0)) fail("PTRACE_CONT");
    if (waitpid(process->pid, &status, __WALL) < 0) fail("waitpid");
    if (!WIFSTOPPED(status)) {
      fprintf(stderr, "driver: the subject ended with status %x\n", status);
      exit(1);
    }
    if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXEC << 8)) {
      if (ptrace(PTRACE_GETREGS, process->pid, 0, &process->registers)) fail("PTRACE_GETREGS");
      process->executed = 1;
      return 0;
    }
    if (status >> 8 == (SIGTRAP | PTRACE_EVENT_FORK << 8)) {
      unsigned long child;
      if (ptrace(PTRACE_GETEVENTMSG, process->pid, 0, &child)) fail("PTRACE_GETEVENTMSG");
      int stopped;
      if (waitpid(child, &stopped, __WALL) < 0) fail("waitpid for a child");
      struct process *added = &processes[process_count++];
      added->pid = child;
      if (ptrace(PTRACE_GETREGS, child, 0, &added->registers)) fail("PTRACE_GETREGS");
      follow(added);
      added->faults = added->major = 0;
      continue;
    }
    struct user_regs_struct after;
    if (ptrace(PTRACE_GETREGS, process->pid, 0, &after)) fail("PTRACE_GETREGS");
    process->registers.rax = after.rax;
    if (WSTOPSIG(status) == SIGTRAP) return 0;
    // The end of a child.
    if (WSTOPSIG(status) == SIGCHLD) continue;
    siginfo_t information;
    if (ptrace(PTRACE_GETSIGINFO, process->pid, 0, &information)) fail("PTRACE_GETSIGINFO");
    return WSTOPSIG(status) << 8 | (information.si_code & 0xff);
  }
}

static uint64_t argument(const struct call *call, int i) { return slots[call->slot[i]] + call->argument[i]; }

// Whether a call would change the subject's own code or the scratch page, without which it cannot go on.
static int is_forbidden(const struct call *call) {
  uint64_t start = argument(call, 0), length = argument(call, 1);
  switch (call->number) {
  case SYS_brk:
  case SYS_setrlimit:
  case SYS_mlockall:
  case SYS_munlockall:
  case SYS_shmget:
  case SYS_shmctl:
  case SYS_ftruncate:
  case SYS_fallocate:
  case SYS_userfaultfd:
    return 0;
  case SYS_mmap:
    // The scratch page itself.
    if (start == 0x10000000 && length == 4096 && argument(call, 4) == FIRST_FILE + SCRATCH_FILE) return 0;
    break;
  case SYS_ioctl: {
    // Whoever watches memory must ask for signals (UFFD_FEATURE_SIGBUS), or accesses would wait for ever.
    uint64_t features = 0, pointer = argument(call, 2);
    if (length == 0xc018aa3f && pointer >> 12 == 0x10000) {
      if (pread(100 + SCRATCH_FILE, &features, 8, (pointer & 4095) + 8) != 8 || !(features & 0x80)) return 1;
    }
    return start < FIRST_FILE + FILES;
  }
  case SYS_close:
    // The files that every subject has stay open.
    return start < FIRST_FILE + FILES;
  case SYS_shmat:
    start = argument(call, 1);
    length = 1 << 16;
    break;
  case SYS_shmdt:
    length = 1;
    break;
  case SYS_mremap: {
    uint64_t target = argument(call, 4), size = argument(call, 2);
    uint64_t end = target + size < target ? UINT64_MAX : target + size;
    if (target < 0x10002000 && end > 0x400000) return 1;
    if (size > length) length = size;
  }
  }
  uint64_t end = start + length < start ? UINT64_MAX : start + length;
  return start < 0x10002000 && end > 0x400000 && !(start >= 0x402000 && end <= 0x10000000);
}

static void begin(struct process *process);

// Whether a process may have at least so many bytes. What prlimit says is not for everybody.
static int may_have(struct process *process, const char *limit, uint64_t least) {
  int file = open_of(process->pid, "limits");
  contents(file);
  close(file);
  char *line = strstr(buffer, limit);
  if (!line) fail(limit);
  line += strlen(limit) + strspn(line + strlen(limit), " ");
  return *line == 'u' || strtoull(line, NULL, 10) >= least;
}

// Lets a process make a system call. Returns the result, or minus the signal as `step` says it.
static int64_t system_call(struct process *process, uint64_t number, const uint64_t *arguments) {
  struct user_regs_struct *registers = &process->registers;
  registers->rip = code;
  registers->rax = number;
  registers->rdi = arguments[0];
  registers->rsi = arguments[1];
  registers->rdx = arguments[2];
  registers->r10 = arguments[3];
  registers->r8 = arguments[4];
  registers->r9 = arguments[5];
  int signal = step(process);
  return signal ? -signal : (int64_t)registers->rax;
}

// What mincore wrote, as a number, if it went to the scratch page.
static int64_t residency(uint64_t bytes, uint64_t vector) {
  static unsigned char answer[4096];
  uint64_t pages = (bytes + 4095) >> 12, offset = vector & 4095;
  if (vector >> 12 != 0x10000 || pages > 4096 - offset) return 0;
  if (pread(100 + SCRATCH_FILE, answer, pages, offset) != (ssize_t)pages) fail("the scratch page");
  uint64_t hash = 0xcbf29ce484222325;
  for (uint64_t i = 0; i < pages; i++) hash = (hash ^ (answer[i] & 1)) * 0x100000001b3;
  return hash >> 2;
}

// Writes a number to a process's clear_refs. Returns the KiB that are still referenced of what it was to clear.
static int64_t clear_references(struct process *process, uint64_t value) {
  char path[64], number[32];
  snprintf(path, sizeof path, "/proc/%d/clear_refs", process->pid);
  int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0) fail(path);
  int64_t result = write(file, number, snprintf(number, sizeof number, "%lu", value)) < 0 ? -errno : 0;
  close(file);
  if (result < 0 || value > 3) return result;
  contents(process->areas);
  int meant = 0;
  for (char *line = buffer; *line; line = strchr(line, '\n') + 1) {
    unsigned long minor, inode, kilobytes;
    // The first System V segment has the number 0, so that only the device tells it from memory without a file.
    if (sscanf(line, "%*x-%*x %*s %*x %*x:%lx %lu", &minor, &inode) == 2)
      meant = value == 1 || (value == 3) == (minor != 0 || inode != 0);
    if (meant && sscanf(line, "Referenced: %lu", &kilobytes) == 1) result += kilobytes;
  }
  return result;
}

static int64_t carry_out(const struct call *call) {
  struct process *process = &processes[call->process];
  if (call->kind == SETTING) {
    // A number for a file below /proc/sys/vm.
    static const char *names[] = {"overcommit_memory", "overcommit_ratio", "max_map_count", "drop_caches"};
    char path[64];
    snprintf(path, sizeof path, "/proc/sys/vm/%s", names[call->number]);
    FILE *file = fopen(path, "w");
    if (!file) fail(path);
    fprintf(file, "%lu\n", call->argument[0]);
    return fclose(file) ? -errno : 0;
  }
  if (call->kind == SCRATCH) {
    uint64_t value = argument(call, 1);
    // Not through a mapping of the driver's own, which the page would count.
    return pwrite(100 + SCRATCH_FILE, &value, 8, call->argument[0]) == 8 ? 0 : -errno;
  }
  if (process->pid == 0) return -ESRCH;
  if (call->kind == SYSTEM_CALL && process_count > 0 && is_forbidden(call)) return -ENOSYS;
  struct user_regs_struct *registers = &process->registers;
  registers->eflags &= ~TRAP_FLAG;
  switch (call->kind) {
  case LOAD:
    registers->rip = code + 3;
    registers->rdi = argument(call, 0);
    break;
  case STORE:
    registers->rip = code + 6;
    registers->rdi = argument(call, 0);
    registers->rsi = call->number;
    break;
  case FETCH:
    // What lies there is zero and so adds to the byte that rax points to.
    registers->rip = argument(call, 0);
    registers->rax = 0x10000000;
    registers->eflags |= TRAP_FLAG;
    break;
  case CLEAR_REFS:
    return clear_references(process, call->argument[0]);
  case EXIT: {
    int status;
    kill(process->pid, SIGKILL);
    if (waitpid(process->pid, &status, __WALL) < 0) fail("waitpid at the end");
    forget(process);
    return 0;
  }
  case EXECUTE: {
    // The program it runs already, by its open file. Where a limit is too low it would end without a way back.
    if (!may_have(process, "Max address space", 1 << 30) || !may_have(process, "Max data size", 1 << 30) ||
        !may_have(process, "Max stack size", 8 << 20))
      return -ENOSYS;
    uint64_t arguments[6] = {FIRST_FILE + PROGRAM_FILE, argument(call, 0), 0, 0, AT_EMPTY_PATH};
    process->executed = 0;
    int64_t result = system_call(process, SYS_execveat, arguments);
    if (!process->executed) return result;
    pid_t pid = process->pid;
    forget(process);
    process->pid = pid;
    // The rest of the call: up to the trap that tells a debugger of it.
    int status;
    if (ptrace(PTRACE_CONT, pid, 0, 0) || waitpid(pid, &status, __WALL) < 0) fail("the end of execveat");
    uint64_t stack = process->registers.rsp;
    begin(process);
    return stack & ~4095ULL;
  }
  case ADVISE_OTHER: {
    struct process *target = &processes[call->number];
    if (target->pid == 0) return -ESRCH;
    uint64_t open[6] = {target->pid};
    int64_t file = system_call(process, SYS_pidfd_open, open);
    if (file < 0) return file;
    uint64_t advise[6] = {file, argument(call, 0), argument(call, 1), argument(call, 2), argument(call, 3)};
    int64_t result = system_call(process, SYS_process_madvise, advise);
    uint64_t close[6] = {file};
    system_call(process, SYS_close, close);
    return result;
  }
  default: {
    uint64_t arguments[6];
    for (int i = 0; i < 6; i++) arguments[i] = argument(call, i);
    if (call->kind == FORK) return system_call(process, SYS_fork, arguments);
    uint64_t shared[6] = {CLONE_VM | SIGCHLD};
    if (call->kind == SHARE) return system_call(process, SYS_clone, shared);
    int64_t result = system_call(process, call->number, arguments);
    return call->number == SYS_mincore && result == 0 ? residency(arguments[1], arguments[2]) : result;
  }
  }
  int signal = step(process);
  if (signal) return -signal;
  if (call->kind == LOAD) return registers->rax & 0xff;
  return 0;
}

static void write_all(int file, const void *data, size_t size) {
  while (size > 0) {
    ssize_t written = write(file, data, size);
    if (written < 0) fail("writing results");
    data = (const char *)data + written;
    size -= written;
  }
}

static int file_of(const char *name, size_t size) {
  int file = memfd_create(name, 0);
  if (file < 0 || ftruncate(file, size)) fail(name);
  return file;
}

// Opens the files that every subject has, from FIRST_FILE on.
static void open_files(void) {
  char path[64];
  int memory = file_of("memory", 40 * 4096);
  snprintf(path, sizeof path, "/proc/self/fd/%d", memory);
  fchmod(memory, 0666);
  int files[FILES] = {memory, open(path, O_RDONLY), open(path, O_WRONLY)};
  int disk = open("quire-subject-file", O_RDWR | O_CREAT | O_TRUNC, 0644);
  if (disk < 0) fail("quire-subject-file");
  static char bytes[24 * 4096 + 100];
  memset(bytes, 0, sizeof bytes);
  // Page by page, or the pages would be kept in larger units, which are mapped as a whole.
  for (size_t at = 0; at < sizeof bytes; at += 4096)
    write_all(disk, bytes + at, sizeof bytes - at < 4096 ? sizeof bytes - at : 4096);
  fsync(disk);
  files[3] = disk;
  files[4] = open("quire-subject-file", O_RDONLY);
  unlink("quire-subject-file");
  files[SCRATCH_FILE] = file_of("scratch", 4096);
  int ends[2];
  if (pipe(ends)) fail("pipe");
  files[6] = ends[0];
  files[7] = open("/", O_PATH);
  files[PROGRAM_FILE] = open(subject, O_PATH);
  for (int i = 0; i < FILES; i++) {
    if (files[i] < 0) fail("opening the subject's files");
    if (fcntl(files[i], F_DUPFD, 100 + i) != 100 + i) fail("F_DUPFD");
    close(files[i]);
  }
  close(ends[1]);
  for (int i = 0; i < 2; i++) {
    views[i] = mmap(NULL, VIEW_PAGES * 4096, PROT_READ, MAP_SHARED, 100 + i * 3, 0);
    if (views[i] == MAP_FAILED) fail("mapping a file");
  }
}

static void limit(int resource, rlim_t soft, rlim_t hard) {
  struct rlimit value = {soft, hard};
  if (setrlimit(resource, &value)) fail("setrlimit");
}

// Makes a process that has just begun to run the subject's program what the model has too.
static void begin(struct process *process) {
  follow(process);
  unmapped_pages = 0;
  // What the kernel maps for its own purposes differs from version to version.
  int maps = open_of(process->pid, "maps");
  contents(maps);
  close(maps);
  static char lines[1 << 16];
  strcpy(lines, buffer);
  for (char *line = lines; *line; line = strchr(line, '\n') + 1) {
    uint64_t first, last;
    char name[64] = "";
    sscanf(line, "%lx-%lx %*s %*s %*s %*s %63[^\n]", &first, &last, name);
    if (strncmp(name, "[v", 2) == 0 && strcmp(name, "[vsyscall]") != 0) {
      uint64_t unmap[6] = {first, last - first};
      unmapped_pages += (last - first) >> 12;
      if (system_call(process, SYS_munmap, unmap)) fail("unmapping the kernel's own areas");
    }
  }
  // What exec wrote on the stack is not the same everywhere: the subject clears it.
  struct user_regs_struct *registers = &process->registers;
  uint64_t stack = registers->rsp;
  registers->rip = code + 10;
  registers->rdi = stack & ~4095ULL;
  registers->rcx = 0x7ffffffff000 - registers->rdi;
  registers->rax = 0;
  if (step(process)) fail("clearing the stack");
  registers->rsp = stack;
  faults_of(process, &process->faults, &process->major);
}

static void start(const struct sequence *sequence) {
  open_files();
  struct process *process = &processes[0];
  process->pid = fork();
  if (process->pid < 0) fail("fork");
  if (process->pid == 0) {
    for (int i = 0; i < FILES; i++) dup2(100 + i, FIRST_FILE + i);
    close_range(FIRST_FILE + FILES, ~0U, 0);
    limit(RLIMIT_STACK, 8 << 20, 8 << 20);
    limit(RLIMIT_MEMLOCK, 2 << 20, 8 << 20);
    limit(RLIMIT_CORE, 0, 0);
    if (personality(ADDR_NO_RANDOMIZE) < 0) fail("personality");
    prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
    if (sequence->unprivileged && (setgroups(0, NULL) || setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534)))
      fail("setresuid");
    if (ptrace(PTRACE_TRACEME, 0, 0, 0)) fail("PTRACE_TRACEME");
    char *arguments[] = {"subject", NULL}, *environment[] = {NULL};
    execve(subject, arguments, environment);
    _exit(127);
  }
  int status;
  if (waitpid(process->pid, &status, 0) < 0 || !WIFSTOPPED(status)) fail("starting the subject");
  if (ptrace(PTRACE_SETOPTIONS, process->pid, 0, PTRACE_O_TRACEFORK | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL)) fail("PTRACE_SETOPTIONS");
  if (ptrace(PTRACE_GETREGS, process->pid, 0, &process->registers)) fail("PTRACE_GETREGS");
  begin(process);
  process_count = 1;
}

static void finish(void) {
  for (int i = 0; i < process_count; i++) {
    if (processes[i].pid == 0) continue;
    int status;
    kill(processes[i].pid, SIGKILL);
    waitpid(processes[i].pid, &status, __WALL);
    forget(&processes[i]);
  }
  for (int i = 0; i < 2; i++) munmap(views[i], VIEW_PAGES * 4096);
  for (int i = 0; i < FILES; i++) close(100 + i);
  object_count = 0;
  memset(slots, 0, sizeof slots);
  struct shm_info information;
  int last = shmctl(0, SHM_INFO, (struct shmid_ds *)&information);
  for (int i = 0; i <= last; i++) {
    struct shmid_ds segment;
    int id = shmctl(i, SHM_STAT, &segment);
    if (id >= 0 && segment.shm_cpid != getpid()) shmctl(id, IPC_RMID, NULL);
  }
}

int main(int count, char **arguments) {
  if (count != 4 && count != 6) {
    fprintf(stderr, "usage: driver SUBJECT CALLS RESULTS [FIRST LAST]\n");
    return 2;
  }
  subject = arguments[1];
  // Segments of its own, so that drivers run side by side; where that is not permitted, they must not.
  unshare(CLONE_NEWIPC);
  // On one CPU, since pages wait on lists of the CPU that brought them.
  cpu_set_t cpu;
  CPU_ZERO(&cpu);
  CPU_SET(sched_getcpu(), &cpu);
  if (sched_setaffinity(0, sizeof cpu, &cpu)) fail("sched_setaffinity");
  FILE *calls = fopen(arguments[2], "rb");
  if (!calls) fail(arguments[2]);
  int results = open(arguments[3], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (results < 0) fail(arguments[3]);
  uint64_t first = count == 6 ? strtoull(arguments[4], NULL, 10) : 1;
  uint64_t last = count == 6 ? strtoull(arguments[5], NULL, 10) : 0;
  struct sequence sequence;
  static struct outcome outcomes[256];
  for (int number = 0; fread(&sequence, sizeof sequence, 1, calls) == 1; number++) {
    start(&sequence);
    size_t held = 0;
    outcomes[held++] = (struct outcome){processes[0].registers.rsp, state_of(&processes[0])};
    outcomes[held++] = (struct outcome){unmapped_pages, 0};
    if (first == 0 && last > 0) printf("=== start\n%s", text);
    for (uint32_t i = 0; i < sequence.calls; i++) {
      struct call call;
      if (fread(&call, sizeof call, 1, calls) != 1) fail("the file of calls");
      int64_t result = carry_out(&call);
      if (call.result && !(result < 0 && result > -4096)) slots[call.result] = result;
      if ((call.kind == FORK || call.kind == SHARE) && result > 0) result = process_count - 1;
      if (call.opaque && result > 0) result = 0;
      struct process *process = &processes[call.process];
      outcomes[held++] = (struct outcome){result, process->pid ? state_of(process) : 0};
      if (i + 1 >= first && i + 1 <= last) printf("=== call %u result %ld\n%s", i + 1, result, process->pid ? text : "");
      if (held == 256) {
        write_all(results, outcomes, sizeof outcomes);
        held = 0;
      }
    }
    write_all(results, outcomes, held * sizeof *outcomes);
    finish();
  }
  return 0;
}
