// Input and output ports, which Swift cannot name.
#ifndef PORTS_H
#define PORTS_H
#include <stdint.h>

static inline void port_write(uint16_t port, uint8_t value) {
  __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t port_read(uint16_t port) {
  uint8_t value;
  __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
  return value;
}

void kernel_set_heap(uintptr_t start, uintptr_t end);
extern char image_end[];
static inline uintptr_t image_end_address(void) { return (uintptr_t)image_end; }

#endif
