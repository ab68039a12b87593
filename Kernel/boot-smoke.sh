#!/usr/bin/env bash
# Boots the image in QEMU by software emulation, with four and with five levels of page tables, and ends with 0 if its
# self-test held both times. CPU=... boots once, on that processor.
set -uo pipefail
cd "$(dirname "$0")/.."
bash Kernel/build.sh image || exit 1
log=.build/kernel/serial.log
for cpu in ${CPU:-qemu64,+smep,+smap max,+la57}; do
  rm -f "$log"
  timeout 120 qemu-system-x86_64 -machine pc,accel=tcg -cpu "$cpu" -m "${RAM:-512M}" -kernel .build/kernel/kernel.elf \
    -display none -serial "file:$log" -monitor none -no-reboot -device isa-debug-exit,iobase=0xf4,iosize=4 </dev/null
  status=$?
  cat "$log"
  if [ $status -ne 33 ]; then
    echo "boot smoke: failed on $cpu (QEMU ended with $status, 33 means success)"
    exit 1
  fi
done
echo "boot smoke: passed"
