/// What a frame says, in words and in order: for those who listen to a screen, and for scripts.
///
/// A frame that is told as well as drawn keeps its texts with their panes. The lines are one fact each:
/// the title of a pane, then what stands in it from the top to the bottom; a cell of a table with the name
/// of its row and the title of its column. Frames, bars, shades and curves are left out; the signs beside
/// figures become words.
public struct Transcript: Sendable {
  private struct Pane: Sendable {
    let place: Rect
    let title: String
    let footer: String
  }

  private struct Entry: Sendable {
    let place: Point
    let pane: Int?
    var lines: [String]
    /// Whether it may be joined to what stands beside it.
    let isPart: Bool
  }

  private var panes: [Pane] = []
  private var entries: [Entry] = []
  /// Above zero nothing is kept.
  private var silence = 0

  init() {}

  mutating func begin(_ place: Rect, title: String, footer: String) {
    panes.append(Pane(place: place, title: title, footer: footer))
  }

  mutating func hush() { silence += 1 }
  mutating func unhush() { silence -= 1 }

  /// Keeps a piece of text, or lines that stand for themselves.
  mutating func keep(_ lines: [String], at place: Point, isPart: Bool) {
    guard silence == 0 else { return }
    let spoken = lines.map { Transcript.words($0) }.filter { !$0.isEmpty }
    guard !spoken.isEmpty else { return }
    // Lines may be more than there is room for: they belong to the pane that is being drawn.
    let pane = isPart ? panes.lastIndex { $0.place.contains(place) } : panes.indices.last
    entries.append(Entry(place: place, pane: pane, lines: spoken, isPart: isPart))
  }

  /// What is said, one fact a line.
  public var lines: [String] {
    var said = Transcript.joined(entries.filter { $0.pane == nil })
    for (index, pane) in panes.enumerated() {
      let title = Transcript.words(pane.title)
      if !said.isEmpty { said.append("") }
      if !title.isEmpty { said.append(title) }
      said += Transcript.joined(entries.filter { $0.pane == index })
      let footer = Transcript.words(pane.footer)
      if !footer.isEmpty { said.append("(\(footer))") }
    }
    return said
  }

  /// The texts from the top to the bottom, those of one row together.
  private static func joined(_ entries: [Entry]) -> [String] {
    let sorted = entries.enumerated().sorted { a, b in
      (a.element.place.y, a.element.place.x, a.offset)
        < (b.element.place.y, b.element.place.x, b.offset)
    }
    var lines: [String] = []
    var open: Int?
    for (_, entry) in sorted {
      if entry.isPart, open == entry.place.y, let last = lines.popLast() {
        lines.append(last + " " + entry.lines.joined(separator: " "))
      } else {
        lines += entry.lines
      }
      open = entry.isPart ? entry.place.y : nil
    }
    return lines
  }

  // MARK: - Words

  /// Signs that a line of text may begin or end with, and what they mean beside a figure.
  private static let before: [Character: String] = [
    "~": "stale", "±": "disputed", "?": "not all known",
  ]
  private static let after: [Character: String] = [
    "*": "partial", "!": "odd", "?": "not all known",
  ]

  /// A text as it is said: without pictures, and with words for the signs of a figure.
  public static func words(_ text: String) -> String {
    var plain = String.UnicodeScalarView()
    var wasSpace = true
    for scalar in text.unicodeScalars where !isPicture(scalar) {
      if scalar == " ", wasSpace { continue }
      wasSpace = scalar == " "
      plain.append(scalar)
    }
    var words = Substring(String(plain))
    if words.last == " " { words.removeLast() }
    if words == "?" { return "unknown" }
    var marks: [String] = []
    if let first = words.first, words.count > 1, let mark = before[first] {
      marks.append(mark)
      words.removeFirst()
      if words.first == " " { words.removeFirst() }
    }
    if let last = words.last, isFigure(words.dropLast()), let mark = after[last] {
      marks.append(mark)
      words.removeLast()
    }
    return ([String(words)] + marks).joined(separator: ", ")
  }

  /// Whether a text ends as figures do.
  private static func isFigure(_ text: Substring) -> Bool {
    text.last.map { $0.isNumber || $0 == "%" || $0 == "k" || $0 == "M" || $0 == "G" } ?? false
  }

  /// Whether a character only draws: lines, blocks, dots and the arrows before a signed number.
  private static func isPicture(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x2500...0x259F, 0x2800...0x28FF: true
    case 0x25B2, 0x25B6, 0x25BC, 0xB7, 0x2022: true
    default: false
    }
  }
}

extension Frame {
  /// Says lines in the place of what is drawn there.
  public mutating func tell(_ lines: [String], at point: Point) {
    let place = onGrid(point)
    transcript?.keep(lines.map { Sanitiser.line($0) }, at: place, isPart: false)
  }

  /// Draws something that only eyes can use: a curve, a bar, a hint at keys.
  public mutating func untold(_ draw: (inout Frame) -> Void) {
    transcript?.hush()
    draw(&self)
    transcript?.unhush()
  }
}
