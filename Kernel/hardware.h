// What Swift cannot name: ports, control registers, and what stands in assembly.
#ifndef HARDWARE_H
#define HARDWARE_H
#include <stdint.h>

static inline void port_write(uint16_t port, uint8_t value) {
  __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t port_read(uint16_t port) {
  uint8_t value;
  __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
  return value;
}

static inline uint64_t read_cr2(void) {
  uint64_t value;
  __asm__ volatile("mov %%cr2, %0" : "=r"(value));
  return value;
}

static inline uint64_t read_cr3(void) {
  uint64_t value;
  __asm__ volatile("mov %%cr3, %0" : "=r"(value));
  return value;
}

static inline uint64_t read_cr4(void) {
  uint64_t value;
  __asm__ volatile("mov %%cr4, %0" : "=r"(value));
  return value;
}

static inline void write_cr4(uint64_t value) { __asm__ volatile("mov %0, %%cr4" : : "r"(value) : "memory"); }

struct CPUID {
  uint32_t eax, ebx, ecx, edx;
};

static inline struct CPUID read_cpuid(uint32_t leaf) {
  struct CPUID result;
  __asm__ volatile("cpuid" : "=a"(result.eax), "=b"(result.ebx), "=c"(result.ecx), "=d"(result.edx) : "a"(leaf), "c"(0));
  return result;
}

// A table for lgdt or lidt: SDM volume 3, 3.5.1.
static inline void load_segment_table(uint64_t base, uint16_t limit) {
  struct __attribute__((packed)) { uint16_t limit; uint64_t base; } pointer = {limit, base};
  __asm__ volatile("lgdt %0" : : "m"(pointer));
}

static inline void load_interrupt_table(uint64_t base, uint16_t limit) {
  struct __attribute__((packed)) { uint16_t limit; uint64_t base; } pointer = {limit, base};
  __asm__ volatile("lidt %0" : : "m"(pointer));
}

static inline void load_task_register(uint16_t selector) { __asm__ volatile("ltr %0" : : "r"(selector)); }

// What a trap leaves of the code that ran: pushed by the entry in interrupts.S up to the error code, the rest by the
// processor (SDM volume 3, figure 6-9), which aligns the frame's end to 16 bytes.
struct __attribute__((aligned(16))) TrapFrame {
  uint64_t r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rdx, rcx, rbx, rax;
  uint64_t vector, error;
  uint64_t rip, cs, rflags, rsp, ss;
};

void run_user(uint64_t root);

// Of a fault, bit 63, the vector from bit 32 on and the error code; else 0 and the word.
struct ProbeResult {
  uint64_t fault, word;
};
struct ProbeResult probe(uint64_t root, uint64_t address, uint32_t overrides_prevention);

void kernel_set_heap(uintptr_t start, uintptr_t end);

#define ADDRESS_OF(symbol)         \
  extern char symbol[];            \
  static inline uintptr_t symbol##_address(void) { return (uintptr_t)symbol; }
ADDRESS_OF(image_end)
ADDRESS_OF(segment_descriptors)
ADDRESS_OF(interrupt_gates)
ADDRESS_OF(interrupt_entries)
ADDRESS_OF(task_state)
ADDRESS_OF(user_frame)
ADDRESS_OF(user_program)
ADDRESS_OF(user_program_end)

#endif
