public import Canvas

/// Judges a theme by what can be measured: contrast, colour-blind safety, coverage, fallbacks.
///
/// A sixteen-colour name has no known value, so nothing is said about its contrast. Where a theme
/// leaves the background to the terminal, black stands for dark paper and white for light.
public enum ThemeCheck {
  /// The least contrast of text: WCAG 2.1, success criterion 1.4.3.
  public static let textContrast = 4.5
  /// The least contrast of frames and charts: WCAG 2.1, success criterion 1.4.11.
  public static let lineContrast = 3.0
  /// The least CIEDE2000 distance of gain and loss, for every way of seeing.
  public static let leastDifference = 20.0

  /// Something a theme falls short in.
  public enum Finding: Equatable, Sendable {
    /// The theme says nothing about a role.
    case uncovered(Role)
    /// Text or a line is too near to its background.
    case contrast(Role, on: Role, ratio: Double, least: Double)
    /// Gain and loss look alike to somebody.
    case alike(Role, Role, Vision, difference: Double)
    /// A colour of a role has no name among the sixteen.
    case noFallback(Role)
    /// Without colours nothing tells the role from plain text.
    case invisible(Role)

    /// What is the matter, as a sentence without its end.
    public var text: String {
      switch self {
      case .uncovered(let role): "nothing is said about '\(role.token)'"
      case .contrast(let role, let surface, let ratio, let least):
        "'\(role.token)' on '\(surface.token)' has a contrast of \(tenths(ratio)), below \(least)"
      case .alike(let one, let other, let vision, let difference):
        "'\(one.token)' and '\(other.token)' are \(tenths(difference)) apart for \(vision.rawValue)"
          + " vision, below \(ThemeCheck.leastDifference)"
      case .noFallback(let role): "a colour of '\(role.token)' has no name among the sixteen"
      case .invisible(let role): "without colours '\(role.token)' looks like plain text"
      }
    }

    private func tenths(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
  }

  /// Everything a theme falls short in, in the order of the roles.
  public static func findings(of theme: Theme) -> [Finding] {
    Role.allCases.flatMap { findings(of: $0, in: theme) }
      + pairs.flatMap { alike($0.0, $0.1, in: theme) }
  }

  /// Roles that must differ for everybody.
  private static let pairs: [(Role, Role)] = [(.valueUp, .valueDown), (.chartUp, .chartDown)]

  /// What text may lie on beside the page.
  private static let surfaces: [Role] = [.text, .rowCursor, .rowCursorIdle, .rowMarked, .popup]

  private static func findings(of role: Role, in theme: Theme) -> [Finding] {
    guard theme.covers(role) else { return [.uncovered(role)] }
    var found: [Finding] = []
    for surface in isText(role) ? surfaces : [.text] {
      let style = Style(role, on: surface)
      guard let ratio = contrast(of: style, in: theme) else { continue }
      let least = isLine(role) ? lineContrast : textContrast
      if ratio < least { found.append(.contrast(role, on: surface, ratio: ratio, least: least)) }
    }
    let look = theme.look(of: role)
    if [look.foreground, look.background].contains(where: hasNoFallback) {
      found.append(.noFallback(role))
    }
    if [.rowCursor, .tabActive, .alertHigh, .frameFocus].contains(role),
      theme.appearance(of: Style(role), at: .none).attributes.isEmpty
    {
      found.append(.invisible(role))
    }
    return found
  }

  private static func hasNoFallback(_ colour: Colour?) -> Bool {
    if case .shade(let shade) = colour { return shade.ansi == nil }
    return false
  }

  /// Whether a role stands on rows and popups, not on a surface of its own.
  private static func isText(_ role: Role) -> Bool {
    role == .text || role.token.hasPrefix("value") || role.token.hasPrefix("text")
      || role.token.hasPrefix("state")
  }

  private static func isLine(_ role: Role) -> Bool {
    switch role {
    case .frame, .frameFocus, .popupFrame, .progress, .progressTrack, .scrollThumb, .scrollTrack,
      .chartLine, .chartSecond, .chartAxis, .chartUp, .chartDown:
      true
    default: false
    }
  }

  private static func contrast(of style: Style, in theme: Theme) -> Double? {
    // A track shows by standing back.
    if style.role == .progressTrack || style.role == .scrollTrack { return nil }
    let colours = theme.colours(of: style)
    let ink = theme.paper == .dark ? white : black
    let paper = theme.paper == .dark ? black : white
    guard let front = shade(colours.foreground, default: ink),
      let back = shade(colours.background, default: paper)
    else { return nil }
    return front.contrast(with: back)
  }

  private static func alike(_ one: Role, _ other: Role, in theme: Theme) -> [Finding] {
    guard let first = shade(theme.colours(of: Style(one)).foreground, default: nil),
      let second = shade(theme.colours(of: Style(other)).foreground, default: nil)
    else { return [] }
    return Vision.allCases.compactMap { vision in
      let difference = first.seen(with: vision).difference(to: second.seen(with: vision))
      return difference < leastDifference ? .alike(one, other, vision, difference: difference) : nil
    }
  }

  private static func shade(_ colour: Colour, default terminal: Shade?) -> Shade? {
    switch colour {
    case .terminal: terminal
    case .ansi: nil
    case .shade(let shade): shade
    }
  }

  private static let black = Shade(red: 0, green: 0, blue: 0)
  private static let white = Shade(red: 255, green: 255, blue: 255)
}
