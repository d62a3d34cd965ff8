import Amounts
import Canvas
import Ledger
import Wire

extension Report {
  /// The report with moments as texts in UTC: boards for screens hold microseconds since 1970.
  var withTimes: Report {
    let times = columns.map { $0.hasSuffix("_at") || $0 == "read_from" || $0 == "read_to" }
    var report = self
    report.facts = facts.map { fact in
      guard fact.name.hasSuffix("_at"), case .integer(let microseconds) = fact.value else {
        return fact
      }
      return Fact(fact.name, .text(Instant(microseconds: microseconds).description))
    }
    report.rows = rows.map { row in
      zip(times, row).map { isTime, cell in
        guard isTime, case .integer(let microseconds) = cell else { return cell }
        return .text(Instant(microseconds: microseconds).description)
      }
    }
    return report
  }

  /// The report for people: facts as lines, the table in aligned columns.
  var plainText: String {
    var lines = facts.map { "\(label($0.name)): \(cleaned($0.value.plain))" }
    if !rows.isEmpty {
      if !lines.isEmpty { lines.append("") }
      lines += tableLines
    } else if facts.isEmpty && !tableName.isEmpty {
      lines.append("no \(label(tableName).lowercased())")
    }
    return lines.isEmpty ? "" : lines.joined(separator: "\n") + "\n"
  }

  private var tableLines: [String] {
    let texts =
      [columns.map(label)] + rows.map { row in zip(columns, row).map { Report.shown($1, in: $0) } }
    let widths = columns.indices.map { column in
      texts.map { cellWidth($0[column]) }.max() ?? 0
    }
    let isNumber = columns.indices.map { column in
      rows.contains { if case .text = $0[column] { false } else { $0[column] != .none } }
        && !rows.contains { if case .text = $0[column] { true } else { false } }
    }
    return texts.map { row in
      let cells = row.indices.map { column in
        let space = String(repeating: " ", count: widths[column] - cellWidth(row[column]))
        return isNumber[column] ? space + row[column] : row[column] + space
      }
      let line = cells.joined(separator: "  ")
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
  }

  /// A cell for people: values to the cent and prices to eight digits after the point, like on the
  /// screen; everything else, and all of JSON, exactly.
  private static func shown(_ cell: ReportCell, in column: String) -> String {
    guard case .amount(let amount) = cell, let digits = ["value": 2, "price": 8][column],
      let rounded = try? amount.rounded(toDigits: digits, rounding: .halfEven),
      !rounded.isZero || amount.isZero
    else { return cleaned(cell.plain) }
    return rounded.text
  }

  private func label(_ name: String) -> String {
    let words = name.split(separator: "_").joined(separator: " ")
    return words.prefix(1).uppercased() + words.dropFirst()
  }
}

/// Text from outside as a terminal may be given it: nothing but printable characters.
func cleaned(_ text: String) -> String {
  text.split(separator: "\n", omittingEmptySubsequences: false)
    .map { Sanitiser.line(String($0)) }.joined(separator: "\n")
}

/// How many cells a text takes.
func cellWidth(_ text: String) -> Int {
  TextWidth.of(text)
}
