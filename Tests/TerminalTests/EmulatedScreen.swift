import Canvas

/// A small terminal: as much of xterm and of the Linux console as ncurses uses.
///
/// Whatever it does not know is noted in `unknown`, so that a test can say what may be sent.
/// - Source: ECMA-48; XTerm Control Sequences.
struct EmulatedScreen {
  private(set) var unknown: [String] = []
  /// The private modes that are on.
  private(set) var modes: Set = [25]
  /// The parameters of all SGR sequences.
  private(set) var renditions: [String] = []
  private let columns: Int
  private let rows: Int
  private var cells: [[String]]
  private var x = 0
  private var y = 0
  private var bytes: [UInt8] = []

  init(columns: Int, rows: Int) {
    self.columns = columns
    self.rows = rows
    cells = Array(repeating: Array(repeating: " ", count: columns), count: rows)
  }

  var text: String { cells.map { $0.joined() }.joined(separator: "\n") }

  /// Whether a colour was asked for in any rendition.
  var hasColour: Bool {
    renditions.flatMap { $0.split(separator: ";") }.contains { part in
      guard let number = Int(part) else { return false }
      return (30...38).contains(number) || (40...48).contains(number)
        || (90...97).contains(number) || (100...107).contains(number)
    }
  }

  mutating func feed(_ new: some Sequence<UInt8>) {
    bytes += new
    var used = 0
    while let count = step(bytes[used...]) { used += count }
    bytes.removeFirst(used)
  }

  /// Does the first thing in the bytes; the number it took, or `nil` when it is not complete.
  private mutating func step(_ rest: ArraySlice<UInt8>) -> Int? {
    guard let first = rest.first else { return nil }
    switch first {
    case 0x1B: return escape(rest)
    case 0x08: x = max(0, x - 1)
    case 0x09: x = min(columns - 1, x / 8 * 8 + 8)
    case 0x0A: y = min(rows - 1, y + 1)
    case 0x0D: x = 0
    case 0x07, 0x0E, 0x0F: break
    case 0x20...0x7E: put(String(Character(Unicode.Scalar(first))))
    case 0xC2...0xF4: return character(rest, first)
    default: unknown.append("byte \(first)")
    }
    return 1
  }

  private mutating func character(_ rest: ArraySlice<UInt8>, _ first: UInt8) -> Int? {
    let count = first < 0xE0 ? 2 : (first < 0xF0 ? 3 : 4)
    guard rest.count >= count else { return nil }
    let text = String(decoding: rest.prefix(count), as: UTF8.self)
    if TextWidth.of(text) == 0 {
      if x > 0 { cells[y][x - 1] += text }
    } else {
      put(text)
      if TextWidth.of(text) == 2 { put("") }
    }
    return count
  }

  private mutating func put(_ text: String) {
    if x >= columns {
      x = 0
      y = min(rows - 1, y + 1)
    }
    if y < rows, x < columns { cells[y][x] = text }
    x += 1
  }

  private mutating func escape(_ rest: ArraySlice<UInt8>) -> Int? {
    guard rest.count >= 2 else { return nil }
    let second = rest[rest.startIndex + 1]
    switch second {
    case UInt8(ascii: "["):
      let body = rest.dropFirst(2)
      guard let end = body.firstIndex(where: { (0x40...0x7E).contains($0) }) else { return nil }
      control(String(decoding: body[..<end], as: UTF8.self), body[end])
      return end - rest.startIndex + 1
    case UInt8(ascii: "("), UInt8(ascii: ")"): return rest.count >= 3 ? 3 : nil
    case UInt8(ascii: "M"): y = max(0, y - 1)
    case UInt8(ascii: "7"), UInt8(ascii: "8"), UInt8(ascii: "="), UInt8(ascii: ">"): break
    default: unknown.append("ESC \(second)")
    }
    return 2
  }

  private mutating func control(_ parameters: String, _ final: UInt8) {
    if parameters.hasPrefix("?") { return mode(parameters.dropFirst(), final) }
    let numbers = parameters.split(separator: ";", omittingEmptySubsequences: false)
      .map { Int($0) ?? 0 }
    let first = max(1, numbers.first ?? 1)
    switch Character(Unicode.Scalar(final)) {
    case "H":
      (y, x) = (min(first, rows) - 1, min(max(1, numbers.count > 1 ? numbers[1] : 1), columns) - 1)
    case "G": x = min(first, columns) - 1
    case "d": y = min(first, rows) - 1
    case "A": y = max(0, y - first)
    case "B": y = min(rows - 1, y + first)
    case "C": x = min(columns - 1, x + first)
    case "D": x = max(0, x - first)
    case "J": for row in y..<rows { erase(row, from: row == y ? x : 0) }
    case "K": numbers.first == 1 ? erase(y, from: 0, to: x + 1) : erase(y, from: x)
    case "X": erase(y, from: x, to: x + first)
    case "P":
      cells[y].removeSubrange(x..<min(columns, x + first))
      cells[y] += Array(repeating: " ", count: columns - cells[y].count)
    case "@":
      cells[y].insert(contentsOf: Array(repeating: " ", count: first), at: x)
      cells[y].removeLast(cells[y].count - columns)
    case "b":
      let last = x > 0 ? cells[y][x - 1] : " "
      for _ in 0..<first { put(last) }
    case "m": renditions.append(parameters)
    case "r", "l", "h", "t": break
    default: unknown.append("CSI \(parameters) \(final)")
    }
  }

  private mutating func mode(_ parameters: Substring, _ final: UInt8) {
    for number in parameters.split(separator: ";").compactMap({ Int($0) }) {
      if final == UInt8(ascii: "h") { modes.insert(number) }
      if final == UInt8(ascii: "l") { modes.remove(number) }
    }
  }

  private mutating func erase(_ row: Int, from start: Int, to end: Int = .max) {
    for column in start..<max(start, min(columns, end)) { cells[row][column] = " " }
  }
}
