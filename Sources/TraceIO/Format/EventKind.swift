/// What an event in the stream tells. The fields are 64-bit; where a text follows, it is UTF-8.
enum EventKind: UInt16 {
  /// A memory system call that returned: number, six arguments, result, then the file of an mmap: device,
  /// inode, size in bytes, ``FileKind``; for shmat 0, the segment's number, its size, ``FileKind``.
  case systemCall = 1
  /// The kernel read or wrote memory for the program: address, length, 1 if it wrote.
  case touch = 2
  /// The program read or wrote a file: device, inode, size, offset, length, 1 if it wrote.
  case fileAccess = 3
  /// A program was loaded: stack pointer, end of the stack, RLIMIT_STACK or 0, number of segments, then for each: first byte,
  /// end, rights, device, inode, size of the file, position in the file in bytes; then the number of pages the
  /// kernel cleared partly, and their page numbers. Text: the arguments, each ended by a zero byte.
  case image = 4
  /// A process is about to make a child: token, 1 if the child shares its memory.
  case forkBegin = 5
  /// First event of a child: its parent, the parent's token.
  case forked = 6
  /// No child was made: token.
  case forkFailed = 7
  /// The process ended: exit status.
  case exit = 8
  /// The process is about to go on as a program that is not traced; if it says more, that failed. Text: the path.
  case untraced = 9
  /// A file's path: device, inode. Text: the path.
  case fileName = 10
  /// The thread ended.
  case threadExit = 11
  /// The process learnt of the end of a child: its number, its wait status.
  case childEnded = 12
  /// A process's oom_score_adj was set: its number, the value as 64 bits with sign.
  case killAdjustment = 13
}

/// What kind of file a mapping has.
enum FileKind: UInt64 {
  case none = 0
  case regular = 1
  /// On a file system that lives in memory.
  case sharedMemory = 2
  /// A device: its memory is treated as anonymous.
  case device = 3
}
