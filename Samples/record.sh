#!/usr/bin/env bash
# Records the samples anew. Each line of commands stands in Samples/README.md as well.
set -euo pipefail
cd "$(dirname "$0")/.."
quire=$PWD/.build/release/quire
out=$PWD/Samples
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
seq 1 40000 | awk '{ print ($1 * 7919) % 65537, "line", $1 }' >numbers.txt

PYTHONHASHSEED=0 "$quire" record -o "$out/python3-sort.quire" -- /usr/bin/python3 -c \
  'import random; random.seed(1); a = [random.random() for _ in range(30000)]; a.sort()'
"$quire" record -o "$out/gzip.quire" -- /usr/bin/gzip -kc numbers.txt >/dev/null
"$quire" record -o "$out/sqlite3.quire" -- /usr/bin/sqlite3 :memory: \
  'create table t(a, b); with recursive c(x) as (select 1 union all select x + 1 from c where x < 10000)
   insert into t select x, x * x from c; create index i on t(b); select count(*), sum(b) from t where b % 7 = 3' >/dev/null
"$quire" record -o "$out/xz-threads.quire" -- /usr/bin/xz -T2 -1 --block-size=100KiB -kc numbers.txt >/dev/null
"$quire" record -o "$out/shell-pipeline.quire" -- /bin/sh -c \
  'cat numbers.txt | sort -n | cut -d" " -f1 | uniq -c | tail -n 1; ls -l >/dev/null; (exit 3)' >/dev/null || true
ls -l "$out"/*.quire
