// What compiled code expects of its surroundings: memory functions, and an allocator over the memory that the kernel
// hands it at boot.
#include <stddef.h>
#include <stdint.h>

void *memset(void *to, int byte, size_t count) {
  unsigned char *bytes = to;
  for (size_t i = 0; i < count; i++) bytes[i] = (unsigned char)byte;
  return to;
}

void *memcpy(void *restrict to, const void *restrict from, size_t count) {
  unsigned char *target = to;
  const unsigned char *source = from;
  for (size_t i = 0; i < count; i++) target[i] = source[i];
  return to;
}

void *memmove(void *to, const void *from, size_t count) {
  unsigned char *target = to;
  const unsigned char *source = from;
  if (target <= source || target >= source + count) return memcpy(to, from, count);
  while (count-- > 0) target[count] = source[count];
  return to;
}

int memcmp(const void *left, const void *right, size_t count) {
  const unsigned char *a = left, *b = right;
  for (size_t i = 0; i < count; i++)
    if (a[i] != b[i]) return a[i] < b[i] ? -1 : 1;
  return 0;
}

static uintptr_t heap_next, heap_end;

void kernel_set_heap(uintptr_t start, uintptr_t end) {
  heap_next = start;
  heap_end = end;
}

// Memory of the boot time is never given back: what Swift allocates here lives as long as the machine, but for small
// arrays while the machine is set up.
int posix_memalign(void **result, size_t alignment, size_t size) {
  if (alignment < sizeof(void *)) alignment = sizeof(void *);
  uintptr_t start = (heap_next + alignment - 1) & ~(uintptr_t)(alignment - 1);
  if (start + size > heap_end || start + size < start) return 12;
  heap_next = start + size;
  *result = (void *)start;
  return 0;
}

void free(void *memory) { (void)memory; }

// Seeds of hash tables; the image keeps no secrets from its programs yet, so the time stamp counter is enough.
void arc4random_buf(void *to, size_t count) {
  unsigned char *bytes = to;
  uint64_t state = __builtin_ia32_rdtsc() | 1;
  for (size_t i = 0; i < count; i++) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    bytes[i] = (unsigned char)state;
  }
}
