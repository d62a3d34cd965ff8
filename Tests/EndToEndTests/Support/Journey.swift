import Foundation
import Testing

/// A way through the program as a person goes it: a script of keys and of what must be seen then.
///
/// One step a line; `#` begins a comment. The first step says where:
///
///     on demo 80x24 [NAME=VALUE ...] [-- OPTION ...]    a client of the demonstration all journeys share
///     on own-demo 80x24 ...                             a demonstration of the journey's own
///     on vault 80x24 ...                                a vault of its own with one imported file
///
/// then, in any order: `press KEYS` (`<Enter>`, `<Esc>`, `<C-p>`, … beside characters), `type TEXT`
/// (`HOME/` in it is the journey's folder), `see TEXT`, `see-line N TEXT`, `match REGEX`, `gone TEXT`,
/// `size 120x36`, `copied` (something is in the clipboard), `file NAME` (the folder has the file before
/// long), `end STATUS` (the program is gone and the terminal as it was). A journey without `end` leaves
/// by `:q`.
struct Journey: CustomTestStringConvertible, Sendable {
  struct Step: Sendable {
    let line: Int
    let verb: String
    let text: String
  }

  /// Where a journey begins.
  struct Start: Sendable {
    var place = ""
    var size = ""
    var variables: [String] = []
    var options: [String] = []
  }

  let name: String
  /// What comes after the start.
  let steps: [Step]
  let start: Start
  var testDescription: String { name }

  /// All scripts of a folder, by name.
  static func all(in folder: URL) -> [Journey] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return files.filter { $0.hasSuffix(".keys") }.sorted().compactMap { file in
      guard let text = try? String(contentsOf: folder.appending(path: file), encoding: .utf8)
      else { return nil }
      return Journey(name: file, text)
    }
  }

  init(name: String, _ text: String) {
    self.name = name
    let all = text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
      .compactMap { index, line -> Step? in
        guard !line.allSatisfy(\.isWhitespace), !line.hasPrefix("#") else { return nil }
        let verb = line.prefix { $0 != " " }
        return Step(
          line: index + 1, verb: String(verb), text: String(line.dropFirst(verb.count + 1)))
      }
    steps = Array(all.dropFirst())
    let first = all.first.map { $0.verb == "on" ? $0.text : "" } ?? ""
    let words = first.split(separator: " ").map(String.init)
    let before = words.prefix { $0 != "--" }
    start = Start(
      place: before.first ?? "", size: before.dropFirst().first ?? "",
      variables: Array(before.dropFirst(2)), options: Array(words.dropFirst(before.count + 1)))
  }

  /// What a terminal sends for keys as keymaps write them.
  static func bytes(_ keys: String) throws -> String {
    var result = ""
    var rest = Substring(keys)
    while let character = rest.first {
      rest.removeFirst()
      if character == " " { continue }
      guard character == "<", let close = rest.firstIndex(of: ">") else {
        result.append(character)
        continue
      }
      let key = rest[..<close]
      rest = rest[rest.index(after: close)...]
      if key.hasPrefix("C-"), let letter = key.last?.asciiValue {
        result.unicodeScalars.append(Unicode.Scalar(letter & 0x1F))
      } else {
        result += try #require(names[key.lowercased()], "no key <\(key)>")
      }
    }
    return result
  }

  /// Source: XTerm Control Sequences, "PC-Style Function Keys".
  private static let names = [
    "enter": "\r", "esc": "\u{1B}", "tab": "\t", "s-tab": "\u{1B}[Z", "bs": "\u{7F}",
    "space": " ", "lt": "<", "up": "\u{1B}[A", "down": "\u{1B}[B", "right": "\u{1B}[C",
    "left": "\u{1B}[D", "home": "\u{1B}[H", "end": "\u{1B}[F", "pgup": "\u{1B}[5~",
    "pgdn": "\u{1B}[6~", "f1": "\u{1B}OP",
  ]
}

/// Goes a journey in a pseudo terminal.
struct JourneyWalk {
  let journey: Journey
  let home: Home
  let pty: Pty
  private var hasEnded = false

  init(_ journey: Journey, home: Home, _ arguments: [String], environment: [String]) throws {
    let (columns, rows) = try JourneyWalk.size(journey.start.size[...])
    self.journey = journey
    self.home = home
    pty = try Pty(arguments, environment: environment, columns: columns, rows: rows)
  }

  /// Goes all steps after the first, and leaves.
  mutating func go() throws {
    for step in journey.steps { try take(step) }
    guard !hasEnded else { return }
    close()
    OutsideScreen.shared?.check(pty, journey.name)
    // On a busy machine an Escape and what comes next may be read at once, which is another key.
    for _ in 0..<4 {
      pty.type(":q\r")
      if pty.finish(within: 5_000) != nil { break }
      close()
    }
    end(0, journey.steps.last?.line ?? 0)
  }

  /// Closes whatever lies open.
  private func close() {
    for _ in 0..<2 {
      pty.type("\u{1B}")
      pty.settle(100)
    }
  }

  private mutating func take(_ step: Journey.Step) throws {
    let text = step.text
    switch step.verb {
    case "press": try press(text)
    case "type": pty.type(text.replacingOccurrences(of: "HOME/", with: home.path + "/"))
    case "see": wait(step) { $0.screen.text.contains(text) }
    case "gone": wait(step) { !$0.screen.text.contains(text) }
    case "match":
      let regex = try Regex(text)
      wait(step) { !$0.screen.text.matches(of: regex).isEmpty }
    case "see-line":
      let number = try #require(Int(text.prefix { $0 != " " }))
      let wanted = text.drop { $0 != " " }.dropFirst()
      wait(step) { $0.screen.lines[number].contains(wanted) }
    case "size":
      let (columns, rows) = try JourneyWalk.size(text[...])
      pty.resize(columns: columns, rows: rows)
    case "copied":
      let before = pty.copied.count
      wait(step) { $0.copied.count > 0 || before > 0 }
    case "file":
      let file = home(text)
      #expect(eventually { access(file, F_OK) == 0 }, "\(journey.name):\(step.line): \(text)")
    case "end": end(try #require(Int32(text)), step.line)
    default: Issue.record("\(journey.name):\(step.line): what is '\(step.verb)'?")
    }
  }

  /// Types keys; after an Escape a pause, as a hand makes it, or it would begin a sequence.
  private func press(_ keys: String) throws {
    for part in try Journey.bytes(keys).split(
      separator: "\u{1B}", omittingEmptySubsequences: false
    ).enumerated() {
      let isSequence = part.element.hasPrefix("[") || part.element.hasPrefix("O")
      if part.offset > 0, !isSequence {
        pty.type("\u{1B}")
        pty.settle(80)
      }
      pty.type((part.offset > 0 && isSequence ? "\u{1B}" : "") + part.element)
    }
  }

  private func wait(_ step: Journey.Step, until holds: (Pty) -> Bool) {
    pty.wait(
      SourceLocation(
        fileID: "EndToEndTests/\(journey.name)", filePath: journey.name, line: step.line,
        column: 1),
      "\(journey.name):\(step.line): \(step.verb) '\(step.text)'", until: holds)
  }

  private mutating func end(_ status: Int32, _ line: Int) {
    hasEnded = true
    let ended = pty.finish()
    #expect(ended == status, "\(journey.name):\(line): \(pty.screen.text)")
    #expect(pty.isRestored, "\(journey.name):\(line)")
    #expect(pty.forbidden.isEmpty, "\(journey.name):\(line): \(pty.forbidden.prefix(5))")
  }

  static func size(_ text: Substring) throws -> (Int, Int) {
    let parts = text.split(separator: "x").compactMap { Int($0) }
    try #require(parts.count == 2, "no size: \(text)")
    return (parts[0], parts[1])
  }
}
