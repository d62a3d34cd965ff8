/// How one role looks: what is not said comes from further back.
public struct Look: Hashable, Sendable {
  /// The colour of the text; without one the surface's.
  public var foreground: Colour?
  /// The colour behind it; without one the surface's.
  public var background: Colour?
  /// Ways of writing.
  public var attributes: Attributes

  /// Makes a look.
  public init(
    foreground: Colour? = nil, background: Colour? = nil, attributes: Attributes = []
  ) {
    self.foreground = foreground
    self.background = background
    self.attributes = attributes
  }
}

/// How a cell is sent to a terminal of one depth.
public struct Appearance: Hashable, Sendable {
  /// The colour of the text.
  public let foreground: Ink
  /// The colour behind it.
  public let background: Ink
  /// Ways of writing.
  public let attributes: Attributes

  /// Makes an appearance.
  public init(foreground: Ink, background: Ink, attributes: Attributes) {
    self.foreground = foreground
    self.background = background
    self.attributes = attributes
  }
}

/// A look for every role, and attributes for terminals without colours.
///
/// A token is looked up whole, then without its last level, and so on: the longest prefix wins.
public struct Theme: Hashable, Sendable {
  /// What a theme expects behind text that has no background of its own.
  public enum Paper: String, CaseIterable, Sendable {
    case dark
    case light
  }

  /// The name it is chosen by.
  public let name: String
  /// The name people read.
  public let title: String
  /// What it expects where it leaves the background to the terminal.
  public let paper: Paper
  /// The looks by token or by the beginning of tokens.
  public let looks: [String: Look]
  /// The attributes without colours, by token or by the beginning of tokens.
  public let mono: [String: Attributes]
  /// The look of every role, in the order of their raw values.
  private let resolved: [Look]
  /// The attributes of every role without colours, in the order of their raw values.
  private let plain: [Attributes]

  /// Makes a theme; what it leaves out of `mono` comes from the built-in one.
  public init(
    name: String, title: String, paper: Paper, looks: [String: Look],
    mono: [String: Attributes] = [:]
  ) {
    self.name = name
    self.title = title
    self.paper = paper
    self.looks = looks
    self.mono = mono
    resolved = Role.allCases.map { Theme.longest($0.token, in: looks) ?? Look() }
    plain = Role.allCases.map { role in
      Theme.longest(role.token, in: mono) ?? Theme.longest(role.token, in: Theme.plainLooks) ?? []
    }
  }

  /// The look of a role as the theme gives it.
  public func look(of role: Role) -> Look { resolved[Int(role.rawValue)] }

  /// Whether the theme says anything about a role.
  public func covers(_ role: Role) -> Bool { Theme.longest(role.token, in: looks) != nil }

  /// The colours of a style before they are fitted to a depth; `nil` is the terminal's own.
  public func colours(of style: Style) -> (foreground: Colour, background: Colour) {
    let (own, below, page) = (look(of: style.role), look(of: style.surface), look(of: .text))
    let first = style.role == .text ? below.foreground : own.foreground
    return (
      first ?? own.foreground ?? below.foreground ?? page.foreground ?? .terminal,
      own.background.flatMap { style.role == .text ? nil : $0 } ?? below.background
        ?? page.background ?? .terminal
    )
  }

  /// What a terminal of the given depth is told for a style.
  public func appearance(of style: Style, at depth: ColourDepth) -> Appearance {
    if depth == .none {
      let attributes = plain[Int(style.role.rawValue)].union(plain[Int(style.surface.rawValue)])
      return Appearance(
        foreground: .terminal, background: .terminal,
        attributes: attributes.union(style.attributes))
    }
    let colours = colours(of: style)
    return Appearance(
      foreground: colours.foreground.ink(at: depth),
      background: colours.background.ink(at: depth),
      attributes: look(of: style.role).attributes.union(look(of: style.surface).attributes)
        .union(style.attributes))
  }

  /// The entry for the longest beginning of a token, cut at its dots.
  static func longest<Value>(_ token: String, in table: [String: Value]) -> Value? {
    var rest = Substring(token)
    while true {
      if let value = table[String(rest)] { return value }
      guard let dot = rest.lastIndex(of: ".") else { return nil }
      rest = rest[..<dot]
    }
  }
}
