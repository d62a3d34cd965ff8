/// Writes CSV (RFC 4180) that a spreadsheet opens without running anything.
///
/// A text that a spreadsheet would take for a formula gets an apostrophe before it (OWASP, CSV
/// Injection, https://owasp.org/www-community/attacks/CSV_Injection); numbers are left as they are.
/// CSV has no escapes: what a terminal could take for more than text stands as `\u009b`; JSON keeps it.
public enum CSVText {
  /// One line with its end.
  public static func line(_ cells: [ReportCell]) -> [UInt8] {
    var bytes: [UInt8] = []
    for (index, cell) in cells.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      if case .text(let text) = cell {
        bytes.append(contentsOf: quoted(neutral(text)).utf8)
      } else {
        bytes.append(contentsOf: cell.plain.utf8)
      }
    }
    bytes.append(contentsOf: "\r\n".utf8)
    return bytes
  }

  private static func neutral(_ text: String) -> String {
    guard let first = text.unicodeScalars.first, "=+-@\t\r\n".unicodeScalars.contains(first)
    else { return text }
    return "'" + text
  }

  private static func quoted(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      if scalar == "\"" { result.append("\"") }
      if scalar == "\n" || scalar == "\t" || JSONText.isPlain(scalar) {
        result.unicodeScalars.append(scalar)
      } else {
        result += JSONText.escapes(of: scalar)
      }
    }
    let needsQuotes = text.utf8.contains { "\",\n".utf8.contains($0) }
    return needsQuotes ? "\"\(result)\"" : result
  }
}
