// Starts a program many times and writes down where the kernel puts it, in compact form; see README.md.
//
//   sample [-n COUNT] [-p PERSONALITY] [-s STACK-LIMIT|unlimited] [-a ARGUMENT-BYTES] PROGRAM
//   sample -e PROGRAM...     the programs' loadable segments
#define _GNU_SOURCE
#include <elf.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { measures = 18, bins = 32 };
static const char *const names[measures] = {
    "program", "code-start", "code-end",    "data-start", "data-end", "heap", "heap-offset", "interpreter", "mmap", "vdso",
    "vdso-offset", "vvar-bytes", "vdso-bytes", "stack-end", "stack-bytes", "strings-offset", "sp", "sp-offset"};

static void fail(const char *what) {
  perror(what);
  exit(1);
}

struct image {
  int bits, isFixed;
  char interpreter[64];
  uint64_t lowest, end;
};

// Reads the headers; prints the segments if asked to.
static struct image readImage(const char *path, int print) {
  static char text[1 << 16];
  struct image image = {.lowest = UINT64_MAX};
  int file = open(path, O_RDONLY);
  if (file < 0 || read(file, text, sizeof text) < 64 || memcmp(text, ELFMAG, SELFMAG)) fail(path);
  close(file);
  Elf64_Ehdr *wide = (void *)text;
  Elf32_Ehdr *narrow = (void *)text;
  image.bits = text[EI_CLASS] == ELFCLASS64 ? 64 : 32;
  image.isFixed = wide->e_type == ET_EXEC;
  int count = image.bits == 64 ? wide->e_phnum : narrow->e_phnum;
  for (int pass = 0; pass < 2; pass++) {
    for (int i = 0; i < count; i++) {
      Elf64_Phdr header;
      if (image.bits == 64) {
        header = ((Elf64_Phdr *)(text + wide->e_phoff))[i];
      } else {
        Elf32_Phdr *h = (Elf32_Phdr *)(text + narrow->e_phoff) + i;
        header = (Elf64_Phdr){.p_type = h->p_type, .p_flags = h->p_flags, .p_offset = h->p_offset, .p_vaddr = h->p_vaddr,
                              .p_filesz = h->p_filesz, .p_memsz = h->p_memsz, .p_align = h->p_align};
      }
      if (pass == 0 && header.p_type == PT_INTERP) strncpy(image.interpreter, text + header.p_offset, 63);
      if (pass == 0 || header.p_type != PT_LOAD) continue;
      if (header.p_vaddr < image.lowest) image.lowest = header.p_vaddr;
      if (header.p_vaddr + header.p_memsz > image.end) image.end = header.p_vaddr + header.p_memsz;
      if (print)
        printf("load %llx %llx %llx %llx %s\n", (long long)header.p_vaddr, (long long)header.p_filesz,
               (long long)header.p_memsz, (long long)header.p_align, header.p_flags & PF_X ? "x" : "-");
    }
    if (print && pass == 0)
      printf("image %s bits=%d %s interpreter=%s\n", path, image.bits, image.isFixed ? "fixed" : "movable",
             image.interpreter[0] ? image.interpreter : "-");
  }
  return image;
}

static uint64_t setting(const char *name) {
  char path[80];
  uint64_t value = 0;
  snprintf(path, sizeof path, "/proc/sys/%s", name);
  FILE *file = fopen(path, "r");
  if (!file) return 0;
  if (fscanf(file, "%llu", (unsigned long long *)&value) != 1) fail(path);
  fclose(file);
  return value;
}

// What /proc/PID/maps and /proc/PID/stat say.
static void look(pid_t process, uint64_t *sample, uint64_t stat[64]) {
  static char text[1 << 16];
  char path[40];
  snprintf(path, sizeof path, "/proc/%d/maps", process);
  int file = open(path, O_RDONLY);
  ssize_t length = 0, part;
  if (file < 0) fail(path);
  while ((part = read(file, text + length, sizeof text - 1 - length)) > 0) length += part;
  close(file);
  text[length] = 0;
  uint64_t vvar = 0, vdso = 0;
  for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
    unsigned long long start, end;
    if (sscanf(line, "%llx-%llx", &start, &end) != 2) fail(line);
    if (strstr(line, "[stack]")) sample[13] = end, sample[14] = end - start;
    if (strstr(line, "[vvar]")) vvar = start;
    if (strstr(line, "[vdso]")) vdso = start, sample[12] = end - start;
  }
  sample[9] = vvar;
  sample[11] = vdso - vvar;
  sample[10] = vvar - sample[13];

  snprintf(path, sizeof path, "/proc/%d/stat", process);
  file = open(path, O_RDONLY);
  length = read(file, text, sizeof text - 1);
  if (length <= 0) fail(path);
  close(file);
  text[length] = 0;
  char *field = strrchr(text, ')') + 3;  // past the state, the third field
  for (int i = 4; i < 53; i++) stat[i] = strtoull(field, &field, 10);
}

static void sampleOnce(const char *path, char *const *arguments, unsigned long persona, const struct rlimit *stack,
                       const struct image *image, uint64_t *sample) {
  int out[2], in[2];
  if (pipe2(out, O_CLOEXEC) || pipe2(in, O_CLOEXEC)) fail("pipe");
  pid_t process = vfork();
  if (process < 0) fail("vfork");
  if (process == 0) {
    char *const none[] = {NULL};
    dup2(out[1], 1);
    dup2(in[0], 0);
    personality(persona);
    if (setrlimit(RLIMIT_STACK, stack)) _exit(98);
    execve(path, arguments, none);
    _exit(99);
  }
  close(out[1]);
  close(in[0]);
  uint64_t record[6], stat[64];
  if (read(out[0], record, sizeof record) != sizeof record) {
    int status;
    waitpid(process, &status, 0);
    fprintf(stderr, "%s gave no answer, status %x\n", path, status);
    exit(1);
  }
  memset(sample, 0, measures * sizeof *sample);
  look(process, sample, stat);
  close(in[1]);
  close(out[0]);
  waitpid(process, NULL, 0);

  uint64_t program = record[1] & ~4095ull, bias = program - (image->lowest & ~4095ull);
  sample[0] = program;
  sample[1] = stat[26] - program;
  sample[2] = stat[27] - program;
  sample[3] = stat[45] - program;
  sample[4] = stat[46] - program;
  sample[5] = record[4];
  sample[6] = record[4] - ((image->end + bias + 4095) & ~4095ull);
  sample[7] = record[2];
  sample[8] = record[5];
  sample[15] = sample[13] - stat[48];
  sample[16] = record[0];
  sample[17] = sample[13] - record[0];
  if (stat[47] != record[4] || stat[28] != record[0] || (record[3] && record[3] != sample[9] + sample[11])) {
    fprintf(stderr, "%s: /proc and the program disagree\n", path);
    exit(1);
  }
}

static void print(const char *name, const uint64_t *samples, int count) {
  uint64_t low = UINT64_MAX, high = 0, all = UINT64_MAX, any = 0;
  for (int i = 0; i < count; i++) {
    uint64_t value = samples[i * measures];
    if (value < low) low = value;
    if (value > high) high = value;
    all &= value;
    any |= value;
  }
  if (low == high) {
    printf("%s %llx\n", name, (long long)low);
    return;
  }
  int histogram[bins] = {0}, ones[64] = {0};
  for (int i = 0; i < count; i++) {
    uint64_t value = samples[i * measures];
    histogram[(value - low) / ((high - low) / bins + 1)]++;
    for (int bit = 0; bit < 64; bit++) ones[bit] += value >> bit & 1;
  }
  uint64_t varied = any & ~all;
  printf("%s %llx %llx varied=%llx ones=", name, (long long)low, (long long)high, (long long)varied);
  for (int bit = 0, first = 1; bit < 64; bit++)
    if (varied >> bit & 1) printf(first ? "%d" : ",%d", ones[bit]), first = 0;
  printf(" bins=");
  for (int bin = 0; bin < bins; bin++) printf(bin ? ",%d" : "%d", histogram[bin]);
  printf("\n");
}

int main(int count, char **arguments) {
  int samples = 2, option, extra = 0;
  unsigned long persona = 0;
  struct rlimit stack = {8 << 20, RLIM_INFINITY};
  while ((option = getopt(count, arguments, "n:p:s:a:e")) != -1) {
    if (option == 'n') samples = atoi(optarg);
    if (option == 'p') persona = strtoul(optarg, NULL, 0);
    if (option == 's') stack.rlim_cur = strcmp(optarg, "unlimited") ? strtoull(optarg, NULL, 0) : RLIM_INFINITY;
    if (option == 'a') extra = atoi(optarg);
    if (option == 'e') {
      for (; optind < count; optind++) readImage(arguments[optind], 1);
      return 0;
    }
  }
  if (optind != count - 1 || samples < 1) return 2;
  const char *path = arguments[optind];
  struct image image = readImage(path, 0);
  char *argument = malloc(extra + 2);
  memset(argument, 'x', extra + 1);
  argument[extra + 1] = 0;
  char *list[] = {argument, NULL};
  uint64_t *values = calloc(samples, measures * sizeof *values);
  for (int i = 0; i < samples; i++) sampleOnce(path, list, persona, &stack, &image, values + i * measures);

  printf("run %s samples=%d randomize_va_space=%d legacy_va_layout=%d mmap_rnd_bits=%d mmap_rnd_compat_bits=%d", path,
         samples, (int)setting("kernel/randomize_va_space"), (int)setting("vm/legacy_va_layout"),
         (int)setting("vm/mmap_rnd_bits"), (int)setting("vm/mmap_rnd_compat_bits"));
  printf(" personality=%lx stack=%llx strings=%d\n", persona,
         stack.rlim_cur == RLIM_INFINITY ? ~0ull : (unsigned long long)stack.rlim_cur, (int)(strlen(path) + 1 + extra + 2));
  for (int i = 0; i < measures; i++) print(names[i], values + i, samples);
  return 0;
}
