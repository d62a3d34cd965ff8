public import Canvas
import Glibc

/// Whether colours are used.
public enum ColourChoice: String, CaseIterable, Sendable {
  /// When the terminal has some and NO_COLOR is not set (https://no-color.org).
  case automatic
  /// When the terminal has some, whatever NO_COLOR says.
  case always
  /// Not at all.
  case never
}

/// What a user may wish of the terminal.
public struct TerminalOptions: Sendable {
  /// Whether colours are used.
  public var colour: ColourChoice
  /// The most colours to use; without one as many as the terminal shows.
  public var depth: ColourDepth?
  /// The characters to draw with; without a wish those of the locale.
  public var glyphs: GlyphSet?
  /// Whether the mouse is taken from the terminal, which then cannot select text with it.
  public var isMouseOn: Bool
  /// How the desktop is told of notices: `off`, `osc9`, `osc777`, `osc99`; by what the terminal says
  /// of itself without a wish.
  public var notices: String?

  /// Makes options; the defaults ask the terminal and the locale.
  public init(
    colour: ColourChoice = .automatic, depth: ColourDepth? = nil, glyphs: GlyphSet? = nil,
    isMouseOn: Bool = false, notices: String? = nil
  ) {
    self.colour = colour
    self.depth = depth
    self.glyphs = glyphs
    self.isMouseOn = isMouseOn
    self.notices = notices
  }

  /// The colours to use on a terminal with so many.
  func depth(of colours: Int, environment: Environment) -> ColourDepth {
    if colour == .never || (colour == .automatic && !environment["NO_COLOR", default: ""].isEmpty) {
      return .none
    }
    let wanted = depth ?? .trueColour
    let order = ColourDepth.allCases
    let available: ColourDepth =
      switch colours {
      case ..<8: .none
      case ..<256: .sixteen
      default: Capabilities.isDirect ? .trueColour : .twoFiftySix
      }
    let (one, other) = (order.firstIndex(of: wanted), order.firstIndex(of: available))
    return order[min(one ?? 0, other ?? 0)]
  }

  /// Whether the terminal says that it takes red, green and blue, and the user does not mind.
  func wantsDirectColour(environment: Environment) -> Bool {
    guard colour != .never, depth == nil || depth == .trueColour,
      colour == .always || environment["NO_COLOR", default: ""].isEmpty
    else { return false }
    return ["truecolor", "24bit"].contains(environment["COLORTERM"])
  }

  /// Whether the terminal is known to gather an update between marks (private mode 2026).
  func isSynchronised(environment: Environment) -> Bool {
    let term = environment["TERM", default: ""]
    let names = ["xterm-kitty", "alacritty", "foot", "contour", "wezterm", "xterm-ghostty"]
    let programs = ["WezTerm", "ghostty", "iTerm.app"]
    return names.contains { term.hasPrefix($0) }
      || (term.hasPrefix("xterm") && programs.contains(environment["TERM_PROGRAM", default: ""]))
  }
}

/// The variables the process was started with.
struct Environment {
  /// Those of this process.
  static let process = Environment()

  subscript(name: String) -> String? { getenv(name).map { String(cString: $0) } }

  subscript(name: String, default value: String) -> String { self[name] ?? value }
}
