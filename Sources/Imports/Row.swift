/// The columns of a file, by position and by name.
///
/// Names are compared without case, surrounding space, byte-order mark or no-break spaces; a name
/// may stand twice, then the lookup gives the first and `columns` all.
public struct Header: Hashable, Sendable {
  /// The names as cleaned for comparison, in order.
  public let columns: [String]

  private let positions: [String: Int]

  /// Cleans names as a file has them.
  public init(_ names: [String]) {
    columns = names.map(Header.cleaned)
    var positions = Dictionary(
      zip(columns, columns.indices), uniquingKeysWith: { first, _ in first })
    // Names as the file has them stand here too: they save cleaning at each look-up.
    for (name, column) in zip(names, columns) where positions[name] == nil {
      positions[name] = positions[column]
    }
    self.positions = positions
  }

  /// The position of a column, or `nil`.
  public func position(of name: String) -> Int? {
    positions[name] ?? positions[Header.cleaned(name)]
  }

  /// The form in which names are compared.
  public static func cleaned(_ name: String) -> String {
    var words: [Substring] = []
    for word in name.split(whereSeparator: { $0.isWhitespace || $0 == "\u{FEFF}" }) {
      words.append(word)
    }
    return words.joined(separator: " ").lowercased()
  }
}

/// How a file is recognised by its header.
public struct HeaderRule: Sendable {
  /// Whether a header is this format's; `true` for at most one registered format.
  public let matches: @Sendable (Header) -> Bool

  /// Recognises by any test.
  public init(matching test: @escaping @Sendable (Header) -> Bool) {
    matches = test
  }

  /// Recognises exactly these columns in this order, in any of several variants.
  public static func exactly(_ variants: [String]...) -> HeaderRule {
    let wanted = Set(variants.map { Header($0).columns })
    return HeaderRule { wanted.contains($0.columns) }
  }

  /// Recognises a header that has all of these columns, in any order, and none of the others.
  public static func having(_ names: [String], lacking others: [String] = []) -> HeaderRule {
    HeaderRule { header in
      names.allSatisfy { header.position(of: $0) != nil }
        && others.allSatisfy { header.position(of: $0) == nil }
    }
  }
}

/// One data row of a file.
public struct Row: Hashable, Sendable {
  /// Its number among the data rows; the first after the header is 1.
  public let number: Int
  /// The line of the file on which it begins; the first is 1.
  public let line: Int
  /// Its cells, as many as were there.
  public let cells: [String]
  /// The columns they stand under.
  public let header: Header

  /// Makes a row.
  public init(number: Int, line: Int, cells: [String], header: Header) {
    self.number = number
    self.line = line
    self.cells = cells
    self.header = header
  }

  /// The cell under a column without surrounding space; empty where the row or the file has none.
  public subscript(name: String) -> String {
    guard let position = header.position(of: name), position < cells.count else { return "" }
    return Row.trimmed(cells[position][...])
  }

  /// The same by position, for headers that repeat a name.
  public subscript(position: Int) -> String {
    position < cells.count ? Row.trimmed(cells[position][...]) : ""
  }

  /// A text without surrounding space.
  static func trimmed(_ cell: Substring) -> String {
    // Most cells begin and end with a visible ASCII character.
    if let first = cell.utf8.first, let last = cell.utf8.last, (0x21...0x7E).contains(first),
      (0x21...0x7E).contains(last)
    {
      return String(cell)
    }
    guard let first = cell.firstIndex(where: { !$0.isWhitespace }),
      let last = cell.lastIndex(where: { !$0.isWhitespace })
    else { return "" }
    return String(cell[first...last])
  }
}
