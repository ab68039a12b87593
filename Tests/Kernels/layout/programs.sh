#!/usr/bin/env bash
# Builds the probes into a folder: programs.sh FOLDER. Needs gcc and gcc-multilib.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$1"
echo 'int main(void) { return 0; }' | gcc -m32 -x c -o /dev/null - 2>/dev/null || {
  echo "gcc cannot make 32-bit programs; install gcc-multilib" >&2
  exit 1
}
# build NAME BITS OPTION...: a probe.
build() {
  gcc -m"$2" -O2 -w -nostdlib -fno-stack-protector -fno-asynchronous-unwind-tables -fcf-protection=none -Wl,--build-id=none \
    -Wl,-z,noexecstack -o "$1-$2" "${@:3}" "$here/probe.c"
}
for bits in 64 32; do
  interpreter="-DINTERPRETER=\"./interp-$bits\""
  build interp $bits -shared -fPIC -Wl,-e,_start
  # Linked to an address of its own, as prelink did.
  build interp-hint $bits -shared -fPIC -Wl,-e,_start -Wl,-Ttext-segment=0x41000000
  build fixed $bits -static -no-pie -fno-pie "$interpreter"
  build fixed-hint $bits -static -no-pie -fno-pie "-DINTERPRETER=\"./interp-hint-$bits\""
  build fixed-alone $bits -static -no-pie -fno-pie
  build movable $bits -static-pie -fPIE "$interpreter"
  build movable-alone $bits -static-pie -fPIE
  # Segments at multiples of 2 MiB.
  build movable-aligned $bits -static-pie -fPIE -Wl,-z,max-page-size=0x200000 "$interpreter"
  build movable-alone-aligned $bits -static-pie -fPIE -Wl,-z,max-page-size=0x200000
  # A first segment that does not begin at 0.
  build movable-raised $bits -shared -fPIC -Wl,-e,_start -Wl,-Ttext-segment=0x30000 "$interpreter"
  build movable-alone-raised $bits -shared -fPIC -Wl,-e,_start -Wl,-Ttext-segment=0x30000
  gcc -m$bits -O2 -static -Wall -o sample-$bits "$here/sample.c"
done
