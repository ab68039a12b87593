#!/usr/bin/env bash
# Boots the image in QEMU by software emulation and ends with 0 if its self-test held.
set -uo pipefail
cd "$(dirname "$0")/.."
bash Kernel/build.sh image || exit 1
log=.build/kernel/serial.log
timeout 120 qemu-system-x86_64 -machine pc,accel=tcg -cpu qemu64 -m "${RAM:-512M}" -kernel .build/kernel/kernel.elf \
  -display none -serial "file:$log" -monitor none -no-reboot -device isa-debug-exit,iobase=0xf4,iosize=4 </dev/null
status=$?
cat "$log"
if [ $status -eq 33 ]; then
  echo "boot smoke: passed"
else
  echo "boot smoke: failed (QEMU ended with $status, 33 means success)"
  exit 1
fi
