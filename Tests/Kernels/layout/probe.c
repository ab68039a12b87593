// The program whose address space is looked at, and also the interpreter of such programs: tells where it is over
// descriptor 1, then waits for descriptor 0. It has no C library, so that exec alone decides where things are.

#if defined(__x86_64__)
asm(".globl _start\n_start: mov %rsp, %rdi\n and $-16, %rsp\n call report\n hlt");
enum { sysRead = 0, sysWrite = 1, sysMap = 9, sysBreak = 12, sysExit = 60 };
static long call(long number, long a, long b, long c, long d, long e, long f) {
  register long r10 asm("r10") = d, r8 asm("r8") = e, r9 asm("r9") = f;
  long result;
  asm volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
               : "rcx", "r11", "memory");
  return result;
}
#else
asm(".globl _start\n_start: mov %esp, %eax\n and $-16, %esp\n sub $12, %esp\n push %eax\n call report\n hlt");
enum { sysRead = 3, sysWrite = 4, sysMap = 192, sysBreak = 45, sysExit = 1 };
static long call(long number, long a, long b, long c, long d, long e, long f) {
  // Six arguments and the position register leave none over: the sixth, always 0 here, goes through the stack.
  long result;
  (void)f;
  asm volatile("push %%ebp\n xor %%ebp, %%ebp\n int $0x80\n pop %%ebp"
               : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e) : "memory");
  return result;
}
#endif

#ifdef INTERPRETER
__attribute__((section(".interp"), used)) static const char interpreter[] = INTERPRETER;
#endif

// Data and memory that is zero at start, of odd sizes.
int initialized[1234] = {1};
char zeroed[23456];

__attribute__((used, visibility("hidden"))) void report(unsigned long *stack) {
  unsigned long long record[6] = {(unsigned long)stack};
  unsigned long *vector = stack + 1 + stack[0] + 1;  // past the arguments
  while (*vector) vector++;                          // past the environment
  for (vector++; *vector; vector += 2) {
    if (vector[0] == 3) record[1] = vector[1];   // AT_PHDR
    if (vector[0] == 7) record[2] = vector[1];   // AT_BASE
    if (vector[0] == 33) record[3] = vector[1];  // AT_SYSINFO_EHDR
  }
  record[4] = (unsigned long)call(sysBreak, 0, 0, 0, 0, 0, 0);
  record[5] = (unsigned long)call(sysMap, 0, 4096, 1, 0x22, -1, 0);  // PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS
  call(sysWrite, 1, (long)record, sizeof record, 0, 0, 0);
  char byte;
  call(sysRead, 0, (long)&byte, 1, 0, 0, 0);
  call(sysExit, 0, 0, 0, 0, 0, 0);
}
