/// The whole machine's texts below `/proc`, as far as the model has their figures.
extension Machine where P: ~Copyable {
  /// `/proc/vmstat`: a name and a number on each line.
  public var vmstatText: [UInt8] {
    var text = ProcText()
    forEachStatistic { name, value in
      text.text(name)
      text.text(" ")
      text.number(Int(value))
      text.newline()
    }
    return text.bytes
  }

  /// `/proc/meminfo` (`fs/proc/meminfo.c:meminfo_proc_show`).
  public var meminfoText: [UInt8] {
    var text = ProcText()
    forEachMemoryFigure { name, bytes in
      text.beginLine()
      text.text(name)
      text.text(":")
      text.pad(to: 15)
      text.number(Int(bytes >> 10), 8)
      text.text(" kB\n")
    }
    return text.bytes
  }

  /// `/proc/swaps` (`mm/swapfile.c:swap_show`): the areas as partitions, which have no names.
  public var swapsText: [UInt8] {
    var text = ProcText()
    text.text("Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n")
    for number in spaces.swap.areas.indices where spaces.swap.areas[number].isOn {
      let area = spaces.swap.areas[number]
      text.beginLine()
      text.text("/dev/swap")
      text.number(number)
      text.pad(to: 39)
      text.text("partition\t")
      for kilobytes in [(area.pages - 1) * 4, area.used * 4] {
        text.number(kilobytes)
        // A short number takes a tab more.
        text.text(kilobytes < 10_000_000 ? "\t\t" : "\t")
      }
      text.number(area.priority)
      text.newline()
    }
    return text.bytes
  }
}
