/// Which keys call which command, where.
///
/// A context is a screen, a pane or a prompt by name. `Keymap.everywhere` holds for all of them but
/// prompts, in which letters are text: a context whose name begins with "prompt" stands alone. What
/// a context says about a sequence wins over what holds everywhere.
public struct Keymap: Sendable {
  /// The context that holds in all screens and panes.
  public static let everywhere = "*"
  /// The command text that takes a binding away.
  public static let unbound = "none"

  /// One line of a keymap.
  public struct Binding: Hashable, Sendable {
    /// Where it holds.
    public let context: String
    /// What is pressed, one key after another.
    public let keys: [Key]
    /// What is called.
    public let command: Invocation
    /// The file and line it comes from, for people.
    public let origin: String

    /// Makes a binding.
    public init(context: String, keys: [Key], command: Invocation, origin: String = "") {
      self.context = context
      self.keys = keys
      self.command = command
      self.origin = origin
    }
  }

  /// What a sequence of keys leads to.
  public enum Lookup: Hashable, Sendable {
    /// Nothing, and nothing can follow.
    case none
    /// More keys can follow: these are the ways on.
    case pending([Binding])
    /// A command.
    case matched(Binding)
  }

  /// The name it is chosen by.
  public let name: String
  /// All bindings that hold, in the order they were given; later ones have replaced earlier ones.
  public let bindings: [Binding]
  /// What holds in a context, for each context named in the bindings.
  private let layers: [String: Layer]

  /// Makes a keymap; a later binding of the same keys in the same context replaces an earlier one,
  /// and the command `none` takes it away.
  public init(name: String, bindings: [Binding]) {
    self.name = name
    var order: [Slot] = []
    var last: [Slot: Binding] = [:]
    for binding in bindings {
      let slot = Slot(context: binding.context, keys: binding.keys)
      if last.updateValue(binding, forKey: slot) == nil { order.append(slot) }
    }
    let kept = order.compactMap { last[$0] }
    self.bindings = kept.filter { $0.command.name != Keymap.unbound }
    let common = Layer(kept.filter { $0.context == Keymap.everywhere })
    var layers = [Keymap.everywhere: common.withoutUnbound]
    for context in Set(kept.map(\.context)).subtracting([Keymap.everywhere]) {
      let own = Layer(kept.filter { $0.context == context })
      let base = Keymap.standsAlone(context) ? Layer([]) : common
      layers[context] = base.covered(by: own).withoutUnbound
    }
    self.layers = layers
  }

  /// Whether letters are text there, so that nothing holds but its own bindings.
  public static func standsAlone(_ context: String) -> Bool { context.hasPrefix("prompt") }

  /// What a sequence of keys leads to in a context.
  public func lookup(_ keys: [Key], in context: String) -> Lookup {
    let layer = layer(of: context)
    if let binding = layer.leaves[keys] { return .matched(binding) }
    guard layer.beginnings.contains(keys) else { return .none }
    return .pending(
      layer.ordered.filter { $0.keys.count > keys.count && $0.keys.starts(with: keys) })
  }

  /// What holds in a context, everywhere-bindings included, in the order of the files.
  public func bindings(in context: String) -> [Binding] { layer(of: context).ordered }

  /// The sequences that call a command in a context, shortest first.
  public func keys(for command: String, in context: String) -> [[Key]] {
    let wanted = Invocation(line: command)
    return layer(of: context).ordered
      .filter {
        wanted?.arguments.isEmpty == true
          ? $0.command.name == wanted?.name : $0.command == wanted
      }
      .map(\.keys)
      .enumerated().sorted { ($0.element.count, $0.offset) < ($1.element.count, $1.offset) }
      .map(\.element)
  }

  /// The shortest sequence for a command, in notation, for hint lines; `nil` when it has none.
  public func hint(for command: String, in context: String) -> String? {
    keys(for: command, in: context).first.map(Key.text(of:))
  }

  private func layer(of context: String) -> Layer {
    layers[context]
      ?? (Keymap.standsAlone(context) ? Layer([]) : layers[Keymap.everywhere] ?? Layer([]))
  }
}

/// A place for a binding.
private struct Slot: Hashable {
  let context: String
  let keys: [Key]
}

/// The bindings of one context, ready to be searched.
private struct Layer: Sendable {
  let ordered: [Keymap.Binding]
  let leaves: [[Key]: Keymap.Binding]
  let beginnings: Set<[Key]>

  init(_ bindings: [Keymap.Binding]) {
    ordered = bindings
    var leaves: [[Key]: Keymap.Binding] = [:]
    var beginnings: Set<[Key]> = []
    for binding in bindings {
      leaves[binding.keys] = binding
      for count in 0..<binding.keys.count { beginnings.insert(Array(binding.keys.prefix(count))) }
    }
    self.leaves = leaves
    self.beginnings = beginnings
  }

  /// This layer with another on top: an equal sequence is replaced, and so is one that can no
  /// longer be typed because the upper layer ends or goes on where it does not.
  func covered(by upper: Layer) -> Layer {
    let kept = ordered.filter { binding in
      !upper.ordered.contains { top in
        top.keys == binding.keys
          || (top.command.name != Keymap.unbound
            && (top.keys.starts(with: binding.keys) || binding.keys.starts(with: top.keys)))
      }
    }
    return Layer(kept + upper.ordered)
  }

  var withoutUnbound: Layer { Layer(ordered.filter { $0.command.name != Keymap.unbound }) }
}
