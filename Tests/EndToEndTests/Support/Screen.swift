/// What a terminal shows after the sequences it was sent; as much of xterm as ncurses uses.
struct Screen {
  private(set) var modes: Set<String> = ["25"]
  private let columns: Int
  private let rows: Int
  private var cells: [[String]]
  private var x = 0
  private var y = 0
  private var region: ClosedRange<Int>
  private var last = " "
  /// Whether characters push what follows them to the right (ECMA-48, insertion replacement mode).
  private var inserts = false

  init(columns: Int, rows: Int) {
    self.columns = columns
    self.rows = rows
    region = 0...(rows - 1)
    cells = Array(repeating: Array(repeating: " ", count: columns), count: rows)
  }

  var lines: [String] { cells.map { $0.joined() } }
  var text: String { lines.joined(separator: "\n") }

  mutating func take(_ sequence: Sequence) {
    switch sequence {
    case .print(let scalar): put(scalar)
    case .control(0x08): x = max(0, x - 1)
    case .control(0x09): x = min(columns - 1, x / 8 * 8 + 8)
    case .control(0x0A): feed()
    case .control(0x0D): x = 0
    case .escape("", "M"): y == region.lowerBound ? scroll(down: 1) : (y = max(0, y - 1))
    case .csi("?", let parameters, _, let final):
      for mode in parameters.split(separator: ";").map(String.init) {
        if final == "h" { modes.insert(mode) } else { modes.remove(mode) }
      }
    case .csi("", "4", _, "h"): inserts = true
    case .csi("", "4", _, "l"): inserts = false
    case .csi("", let parameters, _, let final): control(parameters, final)
    default: break
    }
  }

  private mutating func put(_ scalar: Unicode.Scalar) {
    let width = Screen.width(of: scalar)
    if width == 0 {
      if x > 0, y < rows { cells[y][min(x, columns) - 1] += String(scalar) }
      return
    }
    if x + width > columns {
      x = 0
      feed()
    }
    last = String(scalar)
    if inserts {
      cells[y].insert(contentsOf: Array(repeating: " ", count: width), at: x)
      cells[y].removeLast(width)
    }
    cells[y][x] = last
    if width == 2, x + 1 < columns { cells[y][x + 1] = "" }
    x += width
  }

  private mutating func feed() {
    y == region.upperBound ? scroll(up: 1) : (y = min(rows - 1, y + 1))
  }

  private mutating func scroll(up count: Int) {
    for _ in 0..<count {
      cells.remove(at: region.lowerBound)
      cells.insert(Array(repeating: " ", count: columns), at: region.upperBound)
    }
  }

  private mutating func scroll(down count: Int) {
    for _ in 0..<count {
      cells.remove(at: region.upperBound)
      cells.insert(Array(repeating: " ", count: columns), at: region.lowerBound)
    }
  }

  private mutating func control(_ parameters: String, _ final: Character) {
    let numbers = parameters.split(separator: ";", omittingEmptySubsequences: false)
      .map { Int($0) ?? 0 }
    let first = max(1, numbers.first ?? 1)
    let second = max(1, numbers.count > 1 ? numbers[1] : 1)
    x = min(x, columns - (("ABCDdHGf".contains(final)) ? 1 : 0))
    switch final {
    case "H", "f": (y, x) = (min(first, rows) - 1, min(second, columns) - 1)
    case "G": x = min(first, columns) - 1
    case "d": y = min(first, rows) - 1
    case "A": y = max(0, y - first)
    case "B": y = min(rows - 1, y + first)
    case "C": x = min(columns - 1, x + first)
    case "D": x = max(0, x - first)
    case "J": eraseDisplay(numbers.first ?? 0)
    case "K": eraseLine(y, numbers.first ?? 0)
    case "X": erase(y, x..<min(columns, x + first))
    case "P":
      cells[y].removeSubrange(x..<min(columns, x + first))
      cells[y] += Array(repeating: " ", count: columns - cells[y].count)
    case "@":
      cells[y].insert(contentsOf: Array(repeating: " ", count: first), at: x)
      cells[y].removeLast(cells[y].count - columns)
    case "b": for _ in 0..<first { for scalar in last.unicodeScalars { put(scalar) } }
    case "L", "M":
      let whole = region
      region = y...max(y, region.upperBound)
      final == "L" ? scroll(down: first) : scroll(up: first)
      region = whole
    case "S": scroll(up: first)
    case "T": scroll(down: first)
    case "r":
      region = (first - 1)...(max(first, numbers.count > 1 ? min(second, rows) : rows) - 1)
      (x, y) = (0, 0)
    default: break
    }
  }

  private mutating func eraseDisplay(_ what: Int) {
    for row in 0..<rows where what == 2 || (what == 0 ? row > y : row < y) {
      erase(row, 0..<columns)
    }
    if what != 2 { eraseLine(y, what) }
  }

  private mutating func eraseLine(_ row: Int, _ what: Int) {
    switch what {
    case 0: erase(row, min(x, columns)..<columns)
    case 1: erase(row, 0..<min(columns, x + 1))
    default: erase(row, 0..<columns)
    }
  }

  private mutating func erase(_ row: Int, _ range: Range<Int>) {
    for column in range { cells[row][column] = " " }
  }

  /// Columns of a character; as exact as the texts of these tests need.
  ///
  /// - Source: Unicode Standard Annex #11 for the wide ranges.
  private static func width(of scalar: Unicode.Scalar) -> Int {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark: return 0
    default: break
    }
    switch scalar.value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF,
      0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF,
      0x20000...0x3FFFD:
      return 2
    default: return 1
    }
  }
}
