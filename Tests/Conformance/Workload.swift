import Foundation

/// A real program with its input.
struct Workload {
  let name: String
  let command: [String]
}

extension Workload {
  /// Eleven programs of Debian, on input made in `folder`.
  static func all(in folder: URL) throws -> [Workload] {
    func file(_ name: String) -> String { folder.appendingPathComponent(name).path }
    var random = RepeatableRandom(state: 42)
    var numbers = ""
    for _ in 0..<200_000 { numbers += "\(random.next() % 1_000_000)\n" }
    try numbers.write(toFile: file("numbers.txt"), atomically: true, encoding: .utf8)
    try source.write(toFile: file("hello.c"), atomically: true, encoding: .utf8)
    try threads.write(toFile: file("threads.c"), atomically: true, encoding: .utf8)
    let tree = folder.appendingPathComponent("tree")
    try FileManager.default.createDirectory(at: tree, withIntermediateDirectories: true)
    for index in 0..<200 {
      let text = String(numbers.dropFirst(index * 1000).prefix(5000 + index * 37))
      try text.write(to: tree.appendingPathComponent("file\(index)"), atomically: true, encoding: .utf8)
    }
    let compile = Process()
    compile.executableURL = URL(fileURLWithPath: "/usr/bin/gcc")
    compile.arguments = ["-O2", "-pthread", "-o", file("threads"), file("threads.c")]
    try compile.run()
    compile.waitUntilExit()
    let table = """
      create table t(a, b); with recursive c(x) as (select 1 union all select x + 1 from c where x < 30000) \
      insert into t select x, x * x from c; create index i on t(b); select count(*), sum(b) from t where b % 7 = 3;
      """
    return [
      Workload(
        name: "python3",
        command: [
          "/usr/bin/python3", "-c",
          "import random; random.seed(1); a = [random.random() for _ in range(100000)]; a.sort()",
        ]),
      Workload(name: "sqlite3", command: ["/usr/bin/sqlite3", ":memory:", table]),
      Workload(name: "sort", command: ["/usr/bin/sort", "--parallel=1", file("numbers.txt")]),
      Workload(name: "gzip", command: ["/usr/bin/gzip", "-kc", file("numbers.txt")]),
      Workload(name: "xz", command: ["/usr/bin/xz", "-T1", "-kc", file("numbers.txt")]),
      Workload(
        name: "awk",
        command: ["/usr/bin/awk", "{ s[$1 % 1000] += $1 } END { for (i in s) print i, s[i] }", file("numbers.txt")]),
      Workload(
        name: "perl",
        command: ["/usr/bin/perl", "-e", "my %h; for (1..60000) { $h{$_ % 5000} .= 'x' . $_ } print scalar(keys %h)"]),
      Workload(
        name: "gcc", command: ["/usr/bin/gcc", "-O2", "-c", "-o", file("hello.o"), file("hello.c")]),
      Workload(name: "threads", command: [file("threads")]),
      Workload(
        name: "pipeline",
        command: ["/bin/sh", "-c", "cat \(file("numbers.txt")) | sort -n | uniq -c | tail -n 3"]),
      Workload(name: "tar", command: ["/usr/bin/tar", "cf", file("out.tar"), "-C", folder.path, "tree"]),
    ]
  }

  /// Four threads whose memory is the same however they are scheduled: each keeps its own until all have it.
  private static let threads = """
    #include <pthread.h>
    #include <stdlib.h>
    #include <string.h>
    static pthread_barrier_t barrier;
    static void *work(void *argument) {
      size_t size = (size_t)argument;
      volatile char *block = malloc(size);
      for (int round = 0; round < 3; round++)
        for (size_t i = 0; i < size; i += 64) block[i] = round;
      pthread_barrier_wait(&barrier);
      free((void *)block);
      return NULL;
    }
    int main(void) {
      pthread_t threads[4];
      pthread_barrier_init(&barrier, NULL, 4);
      for (size_t i = 0; i < 4; i++) pthread_create(&threads[i], NULL, work, (void *)(1000000 * (i + 1)));
      for (size_t i = 0; i < 4; i++) pthread_join(threads[i], NULL);
      return 0;
    }
    """

  private static let source = """
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>
    int main(int count, char **words) {
      for (int i = 0; i < count; i++) printf("%d %s %zu\\n", i, words[i], strlen(words[i]));
      return 0;
    }
    """
}

/// xorshift64, so that the input is always the same.
struct RepeatableRandom {
  var state: UInt64

  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }
}
