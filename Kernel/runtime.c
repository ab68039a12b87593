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

// What Swift allocates must lie in the lower half of the address space: it takes an object above for one that is never
// freed and counts no references to it (HeapObject.immortalObjectPointerBit in the standard library).
//
// Blocks are powers of two from 32 bytes; each begins with a header and is kept for its size once it was freed. Larger
// alignments, of which Swift needs none, are refused.
struct header {
  uint64_t class;
  struct header *next;
};

static struct header *free_blocks[48];

int posix_memalign(void **result, size_t alignment, size_t size) {
  unsigned class = 5;
  while (((size_t)1 << class) - sizeof(struct header) < size)
    if (++class == 48) return 12;
  if (alignment > 16) return 22;
  struct header *block = free_blocks[class];
  if (block) {
    free_blocks[class] = block->next;
  } else {
    uintptr_t start = (heap_next + 15) & ~(uintptr_t)15;
    if (((size_t)1 << class) > heap_end - start) return 12;
    heap_next = start + ((size_t)1 << class);
    block = (struct header *)start;
    block->class = class;
  }
  *result = block + 1;
  return 0;
}

void free(void *memory) {
  if (!memory) return;
  struct header *block = (struct header *)memory - 1;
  block->next = free_blocks[block->class];
  free_blocks[block->class] = block;
}

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
