import Imports
import TestSupport
import Testing

@Suite struct CSVReaderTests {
  /// RFC 4180, section 2, rules 1 to 7.
  @Test(arguments: [
    ("aaa,bbb\r\nzzz,yyy\r\n", [["aaa", "bbb"], ["zzz", "yyy"]]),
    ("aaa,bbb\r\nzzz,yyy", [["aaa", "bbb"], ["zzz", "yyy"]]),
    ("\"aaa\",\"b\r\nbb\"\r\nzzz,yyy", [["aaa", "b\r\nbb"], ["zzz", "yyy"]]),
    ("\"aaa\",\"b\"\"bb\"\r\n", [["aaa", "b\"bb"]]),
    ("a,,\n", [["a", "", ""]]),
    ("\"\",\"\"\n", [["", ""]]),
  ])
  func `records of the standard are read`(text: String, cells: [[String]]) {
    #expect(records(text).map(\.cells) == cells)
  }

  @Test(arguments: [
    ("a,b\nc,d\n", [1, 2]), ("a,b\rc,d\r", [1, 2]), ("\n\na\n\r\n b\n", [3, 5]),
    ("\"x\ny\",1\nz,2\n", [1, 3]),
  ])
  func `a record knows the line on which it begins`(text: String, lines: [Int]) {
    #expect(records(text).map(\.line) == lines)
    #expect(records(text, piece: 1).map(\.line) == lines)
  }

  @Test func `quotes inside an unquoted cell are characters`() {
    #expect(records("5\" disk,a\"b\"c\n").map(\.cells) == [["5\" disk", "a\"b\"c"]])
  }

  @Test func `spaces around quotes do not count`() {
    #expect(records("a, \"b,c\" ,d\n").map(\.cells) == [["a", "b,c", "d"]])
  }

  @Test func `an unclosed quote costs its own line`() {
    let found = records("a,b\n1,\"2\n3,4\n5,6\n")
    #expect(found.map(\.cells) == [["a", "b"], [], ["3", "4"], ["5", "6"]])
    #expect(found[1].fault?.reason == .malformed)
    #expect(found[1].raw == "1,\"2")
    #expect(found.map(\.line) == [1, 2, 3, 4])
  }

  @Test func `a misplaced quote costs its own line`() {
    let found = records("1,\"2\n3,\"4\",5\n6,\"7\"8\n9,10\n")
    #expect(found.map { $0.fault?.reason } == [.malformed, nil, .malformed, nil])
    #expect(found[1].cells == ["3", "4", "5"])
  }

  @Test func `a NUL byte or invalid UTF-8 costs its own line`() {
    let found = records(Array("a\n1\u{0}2\n3\n".utf8) + [0xC3, 0x28, 10] + Array("4\n".utf8))
    #expect(found.map { $0.fault?.reason } == [nil, .malformed, nil, .malformed, nil])
    #expect(found.map(\.cells) == [["a"], [], ["3"], [], ["4"]])
  }

  @Test(arguments: [true, false])
  func `UTF-16 with a byte-order mark is understood`(isBigEndian: Bool) {
    let text = "Wé,€,𝔹\r\n\"a\nb\",2,3\r\n"
    var bytes: [UInt8] = isBigEndian ? [0xFE, 0xFF] : [0xFF, 0xFE]
    for unit in text.utf16 {
      let high = UInt8(unit >> 8)
      let low = UInt8(unit & 255)
      bytes += isBigEndian ? [high, low] : [low, high]
    }
    for piece in [1, 2, 3, 7, 100] {
      let found = records(bytes, piece: piece)
      #expect(found.map(\.cells) == [["Wé", "€", "𝔹"], ["a\nb", "2", "3"]])
    }
    let broken = records(bytes + [isBigEndian ? 0xD8 : 0x00])
    #expect(broken.last?.fault?.reason == .malformed)
  }

  @Test func `a byte-order mark is no part of the first cell`() {
    for piece in 1...5 {
      #expect(records("\u{FEFF}id,x\n", piece: piece).map(\.cells) == [["id", "x"]])
    }
    #expect(records("\u{FEFF}").isEmpty)
    #expect(records([0xEF, 0xBB]).first?.fault?.reason == .malformed)
  }

  @Test func `what is too large is refused and reading goes on`() {
    var limits = CSVLimits()
    limits.cellBytes = 10
    limits.recordBytes = 40
    limits.cells = 4
    let long = String(repeating: "x", count: 100)
    let text =
      "a,b\n\(String(repeating: "y", count: 11)),1\n\(long)\n1,2,3,4,5\nc,d\n\"\(long)\ne,f\n"
    for piece in [1, 3, 64, 1000] {
      let found = records(Array(text.utf8), piece: piece, limits: limits)
      #expect(
        found.filter { $0.fault == nil }.map(\.cells) == [["a", "b"], ["c", "d"], ["e", "f"]])
      #expect(found.map(\.line) == [1, 2, 3, 4, 5, 6, 7])
      #expect(found.compactMap { $0.fault?.reason }.prefix(3) == [.tooLong, .tooLong, .tooLong])
      #expect(found.allSatisfy { $0.raw.utf8.count <= limits.rawBytes })
    }
  }

  @Test func `pieces of any size give the same records`() throws {
    for file in try Folders.files() {
      let whole = records(file.bytes)
      for piece in [1, 2, 3, 5, 17, 64, 1000] {
        #expect(records(file.bytes, piece: piece) == whole, "\(file.name), \(piece)")
      }
    }
    let odd = "a,\"b\"\"\r\nc\",\r\r\n\"\",\n,\"x\"y\n\"z"
    let whole = records(odd)
    for cut in 0...odd.utf8.count {
      var reader = CSVReader()
      let bytes = Array(odd.utf8)
      var found: [CSVRecord] = []
      reader.feed(bytes[..<cut])
      while let record = reader.next() { found.append(record) }
      reader.feed(bytes[cut...])
      reader.finish()
      while let record = reader.next() { found.append(record) }
      #expect(found == whole, "cut at \(cut)")
    }
  }

  @Test func `what is written with quotes is read again`() {
    var generator = Seeded(runSeed)
    let alphabet = Array("ab,;\t\"\n\r é€𝔹 =@").map { String($0) }
    for round in 0..<300 {
      let cells = (0..<Int.random(in: 1...6, using: &generator)).map { _ in
        (0..<Int.random(in: 0...8, using: &generator)).map { _ in
          alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
        }.joined()
      }
      let line = cells.map { "\"" + $0.replacing("\"", with: "\"\"") + "\"" }.joined(separator: ",")
      let ending = ["\n", "\r\n", "\r"][round % 3]
      let found = records(line + ending + "next" + ending, piece: 1 + round % 11)
      #expect(found.map(\.cells) == [cells, ["next"]], "SEED=\(runSeed) round \(round)")
    }
  }
}
