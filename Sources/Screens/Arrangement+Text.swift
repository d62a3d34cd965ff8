internal import Canvas

/// What is wrong with the text of an arrangement.
enum ArrangementFault: Error, Equatable, Sendable {
  case empty
  case tooLong
  case unknown(String)
  case twice(Screen)
  case tooMany
  /// Both signs stand beside each other without brackets.
  case mixed
  case unclosed
  case unexpected(Character)
  case weight

  /// What is wrong, as a part of a sentence.
  var text: String {
    switch self {
    case .empty: return "a screen is missing"
    case .tooLong: return "more than \(Arrangement.textLimit) characters"
    case .unknown(let word):
      let near = Spelling.nearest(to: word.lowercased(), among: Screen.allCases.map(\.rawValue))
      return "there is no screen '\(Sanitiser.line(word, columns: 20))'"
        + (near.map { " (did you mean '\($0)'?)" } ?? "")
    case .twice(let screen): return "'\(screen.rawValue)' stands there twice"
    case .tooMany: return "more than \(Arrangement.limit) panes"
    case .mixed: return "'|' and '/' side by side want brackets: positions | (pnl / alerts)"
    case .unclosed: return "a bracket is not closed"
    case .unexpected(let sign): return "'\(Sanitiser.line(String(sign)))' means nothing there"
    case .weight: return "a weight is a digit from 1 to \(Arrangement.weightLimit)"
    }
  }
}

/// The form of the settings file: `|` parts what stands side by side, `/` what stands one below the
/// other, brackets hold together, `:3` gives three shares: `positions:3 | (pnl / alerts):2`.
extension Arrangement {
  /// The longest text that is read.
  static let textLimit = 200

  /// As it is written.
  var text: String { Arrangement.text(of: root) }

  private static func text(of node: Node) -> String {
    switch node {
    case .pane(let screen): return screen.rawValue
    case .split(let axis, let parts):
      return parts.map { part in
        let inner = text(of: part.node)
        let weight = part.weight == 1 ? "" : ":\(part.weight)"
        if case .split = part.node { return "(\(inner))\(weight)" }
        return inner + weight
      }.joined(separator: axis == .beside ? " | " : " / ")
    }
  }

  /// Reads an arrangement.
  init(parsing text: String) throws(ArrangementFault) {
    guard text.count <= Arrangement.textLimit else { throw .tooLong }
    var reader = ArrangementReader(rest: Array(text)[...])
    let node = try reader.parts(depth: 0)
    if let sign = reader.next() { throw .unexpected(sign) }
    let screens = reader.screens
    guard screens.count <= Arrangement.limit else { throw .tooMany }
    if let twice = screens.enumerated().first(where: { screens[..<$0].contains($1) }) {
      throw .twice(twice.element)
    }
    guard let arrangement = Arrangement(node) else { throw .empty }
    self = arrangement
  }
}

/// Reads the text of an arrangement from its start to its end.
private struct ArrangementReader {
  var rest: ArraySlice<Character>
  private(set) var screens: [Screen] = []

  init(rest: ArraySlice<Character>) { self.rest = rest }

  /// The next sign that is no blank.
  mutating func next() -> Character? {
    rest = rest.drop { $0 == " " || $0 == "\t" }
    return rest.first
  }

  /// Parts with one sign between them.
  mutating func parts(depth: Int) throws(ArrangementFault) -> Arrangement.Node {
    guard depth < 8 else { throw .tooMany }
    var parts = [try part(depth: depth)]
    var axis: Arrangement.Axis?
    while let sign = next(), sign == "|" || sign == "/" {
      let own: Arrangement.Axis = sign == "|" ? .beside : .below
      if let axis, axis != own { throw .mixed }
      axis = own
      rest.removeFirst()
      parts.append(try part(depth: depth))
      if parts.count > Arrangement.limit { throw .tooMany }
    }
    guard let axis else { return parts[0].node }
    return .split(axis, parts)
  }

  private mutating func part(depth: Int) throws(ArrangementFault) -> Arrangement.Part {
    var part: Arrangement.Part
    if next() == "(" {
      rest.removeFirst()
      part = Arrangement.Part(node: try parts(depth: depth + 1))
      guard next() == ")" else { throw next().map { .unexpected($0) } ?? .unclosed }
      rest.removeFirst()
    } else {
      part = Arrangement.Part(node: .pane(try screen()))
    }
    if next() == ":" {
      rest.removeFirst()
      guard let sign = next(), let weight = sign.wholeNumberValue, sign.isASCII, weight > 0 else {
        throw .weight
      }
      rest.removeFirst()
      part.weight = weight
    }
    return part
  }

  private mutating func screen() throws(ArrangementFault) -> Screen {
    guard let sign = next() else { throw .empty }
    let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "&" }
    guard !word.isEmpty else {
      throw "|/)".contains(sign) ? .empty : .unexpected(sign)
    }
    rest = rest.dropFirst(word.count)
    guard let screen = Screen.named(String(word)) else { throw .unknown(String(word)) }
    screens.append(screen)
    return screen
  }
}
