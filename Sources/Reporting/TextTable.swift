/// Rows of cells in columns as wide as their widest cell; the first row names them.
struct TextTable {
  var rows: [[String]]
  /// The columns whose cells begin at the left; the others end at the right.
  var left: Set<Int>

  var text: String {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    var out = ""
    for row in rows {
      var cells: [String] = []
      for (column, cell) in row.enumerated() {
        let space = String(repeating: " ", count: widths[column] - cell.count)
        cells.append(left.contains(column) ? cell + space : space + cell)
      }
      out += cells.joined(separator: "  ").trimmingTrailingBlanks + "\n"
    }
    return out
  }
}
