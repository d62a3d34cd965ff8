import Screens

/// The few arguments that the full-screen client understands itself.
struct ClientOptions {
  var vault: String?
  var isDemo = false
  var isOffline = false
  var isReadOnly = false
  var isAscii = false
  var theme: String?
  var keymap: String?
  var colour: String?
  /// Whether the screen is told in lines.
  var isPlain = false
  /// Seconds between two tellings of what has changed; `nil` for never by itself.
  var refresh: Double?
  var screen: String?
  /// What is wrong with an option's text.
  var fault: String?

  /// Reads the arguments; `nil` where any of them is another program's business.
  init?(_ arguments: some Sequence<String>) {
    var rest = Array(arguments)
    if rest.first == "demo" {
      isDemo = true
      rest.removeFirst()
    }
    while !rest.isEmpty {
      let (name, value) = ClientOptions.split(rest.removeFirst())
      switch name {
      case "--offline" where value == nil && !isDemo: isOffline = true
      case "--read-only" where value == nil && !isDemo: isReadOnly = true
      case "--ascii" where value == nil: isAscii = true
      case "--plain" where value == nil: isPlain = true
      case "--vault" where !isDemo, "--theme", "--keymap", "--color", "--refresh", "--screen":
        guard let text = value ?? (rest.isEmpty ? nil : rest.removeFirst()), !text.isEmpty
        else { return nil }
        set(name, text)
      default: return nil
      }
    }
    if let colour, !["auto", "never", "16", "256", "rgb"].contains(colour) {
      fault = "--color takes auto, never, 16, 256 or rgb"
    }
    if refresh != nil, !isPlain { fault = "--refresh goes with --plain" }
  }

  /// What the options say of settings, by the settings' names.
  var settings: [String: String] {
    var said: [String: String] = [:]
    said["theme"] = theme
    said["keymap"] = keymap
    said["color"] = colour
    said["screen"] = screen.flatMap { ClientModel.screenName($0) }
    said["refresh"] = refresh.map { "\($0)" }
    if isAscii { said["glyphs"] = "ascii" }
    return said
  }

  private mutating func set(_ name: String, _ text: String) {
    switch name {
    case "--vault": vault = text
    case "--theme": theme = text
    case "--keymap": keymap = text
    case "--screen":
      if !ClientModel.hasScreen(text) { fault = "there is no screen '\(text.prefix(40))'" }
      screen = text
    case "--refresh":
      refresh = Double(text)
      if refresh.map({ !(0.2...86_400).contains($0) }) ?? true {
        fault = "--refresh takes 0.2 to 86400 seconds"
      }
    default: colour = text
    }
  }

  /// `--name=value` in two.
  private static func split(_ argument: String) -> (String, String?) {
    guard argument.hasPrefix("--"), let equals = argument.firstIndex(of: "=") else {
      return (argument, nil)
    }
    return (String(argument[..<equals]), String(argument[argument.index(after: equals)...]))
  }
}
