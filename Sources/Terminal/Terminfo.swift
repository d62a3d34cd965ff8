/// A terminal's description in compiled form, as far as it takes to change a few entries.
///
/// - Source: term(5) of ncurses 6.4, "STORAGE FORMAT", "EXTENDED STORAGE FORMAT" and "EXTENDED
///   NUMBER FORMAT"; the places of the capabilities are those of <term.h>.
struct Terminfo {
  /// Places among the standard capabilities.
  private enum Place {
    static let canChange = 27
    static let maxColours = 13
    static let maxPairs = 14
    static let originalColours = 298
    static let initialiseColour = 299
    static let foreground = 359
    static let background = 360
  }

  private static let shortMagic = 0x11A
  private static let longMagic = 0x21E

  private let names: [UInt8]
  private var booleans: [UInt8]
  private var numbers: [Int]
  /// The strings with their final zero; `nil` where there is none.
  private var strings: [[UInt8]?]

  /// Reads a compiled description; `nil` when it is none or is cut.
  init?(_ bytes: [UInt8]) {
    var reader = Reader(bytes)
    let magic = reader.short()
    let counts = (0..<5).map { _ in reader.short() }
    let isLong = magic == Terminfo.longMagic
    guard isLong || magic == Terminfo.shortMagic, counts.allSatisfy({ (0...32_767).contains($0) }),
      let names = reader.bytes(counts[0]), let booleans = reader.bytes(counts[1])
    else { return nil }
    reader.align()
    self.names = names
    self.booleans = booleans
    numbers = (0..<counts[2]).map { _ in isLong ? reader.long() : reader.short() }
    let offsets = (0..<counts[3]).map { _ in reader.short() }
    guard let table = reader.bytes(counts[4]) else { return nil }
    strings = offsets.map { offset in
      guard offset >= 0, offset < table.count else { return nil }
      return Array(table[offset...].prefix { $0 != 0 }) + [0]
    }
    guard strings.count > Place.background, numbers.count > Place.maxPairs else { return nil }
  }

  /// Gives the description colours by red, green and blue.
  ///
  /// Numbers below 16 stay the terminal's own colours; the palette is not to be changed.
  mutating func makeDirect() {
    if booleans.count > Place.canChange { booleans[Place.canChange] = 0 }
    numbers[Place.maxColours] = 1 << 24
    numbers[Place.maxPairs] = 1 << 16
    strings[Place.originalColours] = nil
    strings[Place.initialiseColour] = nil
    strings[Place.foreground] = Terminfo.colour(dark: "3", bright: "9", direct: "38")
    strings[Place.background] = Terminfo.colour(dark: "4", bright: "10", direct: "48")
  }

  private static func colour(dark: String, bright: String, direct: String) -> [UInt8] {
    let text =
      "\u{1B}[%?%p1%{8}%<%t\(dark)%p1%d%e%p1%{16}%<%t\(bright)%p1%{8}%-%d%e"
      + "\(direct);2;%p1%{65536}%/%d;%p1%{256}%/%{255}%&%d;%p1%{255}%&%d%;m"
    return Array(text.utf8) + [0]
  }

  /// The description in the format with long numbers, and with the flag `RGB`.
  var compiled: [UInt8] {
    var table: [UInt8] = []
    let offsets = strings.map { text -> Int in
      guard let text else { return -1 }
      defer { table += text }
      return table.count
    }
    var result: [UInt8] = []
    let head = [
      Terminfo.longMagic, names.count, booleans.count, numbers.count, strings.count, table.count,
    ]
    for value in head { result.append(short: value) }
    result += names + booleans
    result.align()
    for value in numbers { result.append(long: value) }
    for value in offsets { result.append(short: value) }
    result += table
    result.align()
    // One boolean, no number, no string; one name of four bytes at offset 0.
    for value in [1, 0, 0, 1, 4] { result.append(short: value) }
    result += [1, 0]
    result.append(short: 0)
    return result + Array("RGB".utf8) + [0]
  }
}

/// Reads little-endian numbers; past the end everything is -1 or missing.
private struct Reader {
  private let all: [UInt8]
  private var place = 0

  init(_ bytes: [UInt8]) { all = bytes }

  mutating func align() { place += place & 1 }

  mutating func bytes(_ count: Int) -> [UInt8]? {
    guard count >= 0, place + count <= all.count else { return nil }
    defer { place += count }
    return Array(all[place..<place + count])
  }

  mutating func short() -> Int {
    bytes(2).map { Int(Int16(bitPattern: UInt16($0[0]) | UInt16($0[1]) << 8)) } ?? -1
  }

  mutating func long() -> Int {
    bytes(4).map { four in
      Int(Int32(bitPattern: four.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }))
    } ?? -1
  }
}

extension [UInt8] {
  fileprivate mutating func append(short value: Int) {
    let bits = UInt16(bitPattern: Int16(clamping: value))
    append(UInt8(bits & 255))
    append(UInt8(bits >> 8))
  }

  fileprivate mutating func append(long value: Int) {
    let bits = UInt32(bitPattern: Int32(clamping: value))
    for shift in [0, 8, 16, 24] { append(UInt8(bits >> UInt32(shift) & 255)) }
  }

  fileprivate mutating func align() {
    if count & 1 == 1 { append(0) }
  }
}
