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
      case "--vault" where !isDemo, "--theme", "--keymap", "--color":
        guard let text = value ?? (rest.isEmpty ? nil : rest.removeFirst()), !text.isEmpty
        else { return nil }
        set(name, text)
      default: return nil
      }
    }
    if let colour, !["auto", "never", "16", "256", "rgb"].contains(colour) { return nil }
  }

  private mutating func set(_ name: String, _ text: String) {
    switch name {
    case "--vault": vault = text
    case "--theme": theme = text
    case "--keymap": keymap = text
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
