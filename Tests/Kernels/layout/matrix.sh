#!/bin/sh
# Runs the sampler over settings and programs: matrix.sh SAMPLER COUNT "WIDTHS" guest|host. In a guest every setting is
# tried; on the machine that others use, too, only kernel.randomize_va_space is changed, for some seconds.
sampler=$1 count=$2 widths=$3 place=$4
no_randomize=0x0040000 legacy=0x0200000 three=0x8000000
programs="fixed fixed-hint fixed-alone movable movable-alone movable-aligned movable-alone-aligned movable-raised
  movable-alone-raised"

run() { ./$sampler "$@" || echo "FAILED $*"; }
set_to() { echo "$2" >/proc/sys/$1; }
# each OPTIONS PROGRAM...: in all widths.
each() {
  options=$1
  shift
  for width in $widths; do for program in "$@"; do run $options ./$program-$width; done; done
}
# all OPTIONS: exact addresses of all programs, and of some with other limits of the stack and longer arguments.
all() {
  each "$1" $programs
  for stack in 65536 1073741824 unlimited; do each "$1 -s $stack" fixed movable movable-alone; done
  each "$1 -a 20000" fixed movable movable-alone
}
three_gigabytes() {
  [ "$widths" != "64 32" ] || for program in fixed fixed-alone movable movable-alone; do
    for stack in 8388608 1073741824 unlimited; do run $1 -s $stack ./$program-32; done
  done
}

for width in $widths; do ./$sampler -e ./fixed*-$width ./movable*-$width ./interp*-$width; done

if [ $place = guest ]; then
  set_to kernel/randomize_va_space 0
  all ""
  three_gigabytes "-p $three"
  set_to vm/legacy_va_layout 1
  all ""
  three_gigabytes "-p $three"
  set_to vm/legacy_va_layout 0
  set_to kernel/randomize_va_space 2
else
  all "-p $no_randomize"
  three_gigabytes "-p $((three | no_randomize))"
  three_gigabytes "-p $((three | no_randomize | legacy))"
fi
each "-p $no_randomize" fixed movable
all "-p $((no_randomize | legacy))"

common="fixed fixed-alone movable movable-alone"
set_to kernel/randomize_va_space 1
each "-n $count" $common
set_to kernel/randomize_va_space 2
each "-n $count" $common movable-aligned movable-alone-aligned
each "-n $count -p $legacy" movable movable-alone
each "-n $count -s unlimited" movable
each "-n $count -s 1073741824" movable
each "-n $count -a 6000" movable
[ "$widths" != "64 32" ] || run -n $count -p $three ./movable-32
if [ $place = guest ]; then
  set_to vm/legacy_va_layout 1
  each "-n $count" movable
  set_to vm/legacy_va_layout 0
  if [ "$widths" = 32 ]; then set_to vm/mmap_rnd_bits 16; else set_to vm/mmap_rnd_bits 32; set_to vm/mmap_rnd_compat_bits 16; fi
  each "-n $count" movable movable-alone
fi
echo end
