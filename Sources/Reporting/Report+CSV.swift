extension Report {
  /// The processes as comma-separated values with a head line, in bytes and counts.
  public func csv() -> String {
    var lines = [
      "pid,ppid,comm,exit_status,threads,accesses,instructions,min_flt,maj_flt,max_rss,rss,swap,vm_peak,"
        + "page_table_bytes,oom_killed,refused_accesses"
    ]
    for process in processes {
      let fields: [String] = [
        "\(process.pid)", process.ppid.map { "\($0)" } ?? "", process.comm.csvCell,
        process.exitStatus.map { "\($0)" } ?? "", "\(process.threads)", "\(process.accesses)",
        "\(process.instructions)", "\(process.minFlt)", "\(process.majFlt)", "\(process.maxRss)",
        "\(process.rss)", "\(process.swap)", "\(process.vmPeak)", "\(process.pageTableBytes)",
        process.oomKilled ? "1" : "0", "\(process.refusedAccesses)",
      ]
      lines.append(fields.joined(separator: ","))
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

extension String {
  /// As a cell of CSV (RFC 4180): one with a comma, quote or line end stands in quotes.
  var csvCell: String {
    guard contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return self }
    return "\"" + replacing("\"", with: "\"\"") + "\""
  }
}
