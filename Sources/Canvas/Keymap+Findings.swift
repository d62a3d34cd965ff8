extension Keymap {
  /// Something about a keymap that its author should know.
  public enum Finding: Equatable, Sendable {
    /// A command that does not exist, with the name that was probably meant.
    case unknownCommand(Binding, suggestion: String?)
    /// A context that does not exist, with the name that was probably meant.
    case unknownContext(Binding, suggestion: String?)
    /// A sequence that is a command and also the beginning of another.
    case prefix(Binding, of: Binding)
    /// A key that plain terminals send as another one.
    case twin(Binding, Key, same: Key)
    /// A key that plain terminals do not send.
    case unsendable(Binding, Key)
    /// A command that no key calls although nobody can do without it.
    case missing(command: String)

    /// Whether the keymap must not be used.
    public var isFatal: Bool {
      if case .missing = self { return true }
      return false
    }

    /// The binding it is about, if it is about one.
    public var binding: Binding? {
      switch self {
      case .unknownCommand(let binding, _), .unknownContext(let binding, _),
        .prefix(let binding, _), .twin(let binding, _, _), .unsendable(let binding, _):
        binding
      case .missing: nil
      }
    }

    /// What is the matter, as a sentence without its end.
    public var text: String {
      switch self {
      case .unknownCommand(let binding, let name):
        "no command is called '\(shown(binding.command.name))'" + meant(name)
      case .unknownContext(let binding, let name):
        "no context is called '\(shown(binding.context))'" + meant(name)
      case .prefix(let binding, let other):
        "'\(Key.text(of: binding.keys))' calls '\(shown(binding.command.line))' and also begins "
          + "'\(Key.text(of: other.keys))', which can never be typed"
      case .twin(_, let key, let same): "terminals send \(key) as \(same)"
      case .unsendable(_, let key): "most terminals cannot send \(key)"
      case .missing(let command): "no key calls '\(command)'"
      }
    }

    private func shown(_ text: String) -> String { Sanitiser.line(text, columns: 40) }

    private func meant(_ name: String?) -> String { name.map { " (did you mean '\($0)'?)" } ?? "" }
  }

  /// The commands that some key must call.
  public static let required = ["quit", "help", "back"]

  /// What is wrong or doubtful, in the order of the bindings, what is missing last.
  public func findings(commands: Set<String>, contexts: Set<String>) -> [Finding] {
    var found: [Finding] = []
    for binding in bindings {
      if !commands.contains(binding.command.name) {
        let name = Spelling.nearest(to: binding.command.name, among: commands)
        found.append(.unknownCommand(binding, suggestion: name))
      }
      if binding.context != Keymap.everywhere, !contexts.contains(binding.context) {
        let name = Spelling.nearest(to: binding.context, among: contexts)
        found.append(.unknownContext(binding, suggestion: name))
      }
      for key in binding.keys {
        if let twin = key.twin { found.append(.twin(binding, key, same: twin)) }
        if key.isUnsendable { found.append(.unsendable(binding, key)) }
      }
      if let longer = bindings.first(where: { $0.isHidden(by: binding) }) {
        found.append(.prefix(binding, of: longer))
      }
    }
    let called = Set(bindings(in: Keymap.everywhere).map(\.command.name))
    return found + Keymap.required.filter { !called.contains($0) }.map { .missing(command: $0) }
  }
}

extension Keymap.Binding {
  /// Whether a shorter sequence of the same context keeps this one from being typed.
  fileprivate func isHidden(by other: Keymap.Binding) -> Bool {
    context == other.context && keys.count > other.keys.count && keys.starts(with: other.keys)
  }
}
