public import Canvas

/// Every command with its keys in a keymap: what help, `coffer keys` and coffer-keys(7) are made from.
public enum KeyTable {
  /// One call of a command in one context, with all keys that make it there.
  public struct Row: Hashable, Sendable {
    /// The command.
    public let spec: CommandSpec
    /// Where the keys hold, as a keymap names it; `nil` where no key calls the command.
    public let context: String?
    /// The keys in the notation of keymaps, in the order of the keymap; none have spaces.
    public let keys: [String]
    /// What follows the name: of the keys' call, or what may be typed where there are none.
    public let arguments: String

    /// The call as people read it.
    public var line: String { arguments.isEmpty ? spec.name : "\(spec.name) \(arguments)" }
  }

  /// Contexts in the order of the manual.
  public static let contexts =
    [Keymap.everywhere] + Screen.allCases.map(\.rawValue) + ["help", "popup", "prompt"]

  /// What a keymap says of every command, each context by itself.
  ///
  /// A command that no key calls has one row without keys.
  public static func rows(of keymap: Keymap) -> [Row] {
    Commands.all.flatMap { spec in
      let found = contexts.flatMap { context in
        rows(of: spec, keymap.bindings.filter { $0.context == context }, in: context)
      }
      return found.isEmpty ? [unbound(spec)] : found
    }
  }

  /// What can be called in one context, with what holds everywhere.
  ///
  /// Commands without a key there follow as rows without keys; in prompts letters are text.
  public static func rows(of keymap: Keymap, in context: String) -> [Row] {
    let isPrompt = Keymap.standsAlone(context)
    return Commands.all.filter { ($0.contexts == ["prompt"]) == isPrompt }.flatMap { spec in
      let found = rows(of: spec, keymap.bindings(in: context), in: context)
      return found.isEmpty && !isPrompt ? [unbound(spec)] : found
    }
  }

  /// The context of a word: of a screen by name or number, or as keymaps name it.
  public static func context(named word: String) -> String? {
    ClientModel.screenName(word) ?? contexts.first { $0 == word.lowercased() }
  }

  /// The calls of a command with all their keys, in the order of the keymap; without those of
  /// screens that come later.
  static func calls(
    of name: String, in bindings: [Keymap.Binding]
  ) -> [(command: Invocation, keys: [[Key]])] {
    var order: [Invocation] = []
    var keys: [Invocation: [[Key]]] = [:]
    for binding in bindings where binding.command.name == name {
      if name == "screen", Screen.later(binding.command.arguments.first ?? "") != nil { continue }
      if keys[binding.command] == nil { order.append(binding.command) }
      keys[binding.command, default: []].append(binding.keys)
    }
    return order.map { ($0, keys[$0, default: []]) }
  }

  private static func rows(
    of spec: CommandSpec, _ bindings: [Keymap.Binding], in context: String
  ) -> [Row] {
    calls(of: spec.name, in: bindings).map { call, keys in
      Row(
        spec: spec, context: context, keys: keys.map(Key.text(of:)), arguments: arguments(of: call))
    }
  }

  /// Screens by their names, whatever number the keymap has for them.
  private static func arguments(of call: Invocation) -> String {
    let words = call.arguments
    if call.name == "screen", let word = words.first, let name = ClientModel.screenName(word) {
      return name
    }
    return words.map { $0.hasSuffix(" ") ? String($0.dropLast()) + " …" : $0 }
      .joined(separator: " ")
  }

  private static func unbound(_ spec: CommandSpec) -> Row {
    Row(spec: spec, context: nil, keys: [], arguments: spec.arguments)
  }
}
