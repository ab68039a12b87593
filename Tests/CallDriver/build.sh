#!/usr/bin/env bash
# Builds the driver of the memory calls and its subject: build.sh FOLDER
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
gcc -O2 -Wall -Wextra -Werror -static -o "$1/driver" "$here/driver.c"
gcc -static -nostdlib -Wl,-z,noseparate-code -Wl,-z,norelro -Wl,-Ttext=0x401000 -Wl,--build-id=none \
  -o "$1/subject" "$here/subject.S"
