// Words in memory that processes share, and Linux calls that the Swift module of the C library lacks.
#ifndef CLINUX_H
#define CLINUX_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/personality.h>
#include <sys/syscall.h>
#include <unistd.h>

static inline uint64_t quire_load_acquire64(const void *p) { return __atomic_load_n((const uint64_t *)p, __ATOMIC_ACQUIRE); }
static inline void quire_store_release64(void *p, uint64_t v) { __atomic_store_n((uint64_t *)p, v, __ATOMIC_RELEASE); }
static inline uint32_t quire_load_acquire32(const void *p) { return __atomic_load_n((const uint32_t *)p, __ATOMIC_ACQUIRE); }
static inline void quire_store_release32(void *p, uint32_t v) { __atomic_store_n((uint32_t *)p, v, __ATOMIC_RELEASE); }
static inline uint64_t quire_add64(void *p, uint64_t v) { return __atomic_fetch_add((uint64_t *)p, v, __ATOMIC_ACQ_REL); }
static inline bool quire_compare_exchange64(void *p, uint64_t expected, uint64_t wanted) {
  return __atomic_compare_exchange_n((uint64_t *)p, &expected, wanted, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

// A file without a name, closed on exec.
static inline int quire_memory_file(const char *name) { return (int)syscall(SYS_memfd_create, name, 1u); }

#endif
