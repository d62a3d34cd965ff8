/// What is wrong with a sequence of keys as it is written.
public enum KeyFault: Error, Equatable, Sendable {
  /// There is no key in it.
  case empty
  /// A `<` that is not closed, from there on.
  case unclosed(String)
  /// A name between angle brackets that no key has.
  case unknown(String)
  /// More keys than this.
  case tooLong(Int)

  /// What is wrong, as a part of a sentence.
  public var text: String {
    switch self {
    case .empty: "no key"
    case .unclosed(let rest): "'\(Sanitiser.line(rest, columns: 40))' has no closing '>'"
    case .unknown(let name): "no key is called '\(Sanitiser.line(name, columns: 40))'"
    case .tooLong(let limit): "more than \(limit) keys"
    }
  }
}

extension Key {
  /// The most keys one binding may take.
  public static let sequenceLimit = 6

  /// Reads keys in the notation of keymap files: `gg`, `<C-x>b`, `<Space>f`.
  ///
  /// A character stands for itself, a space between keys for nothing; `<` opens a name with
  /// `C-`, `M-` (or `A-`) and `S-` before it. Names do not mind capitals, single letters do.
  public static func sequence(
    _ text: String, limit: Int = sequenceLimit
  ) throws(KeyFault) -> [Key] {
    var keys: [Key] = []
    var rest = Substring(text).unicodeScalars
    while let scalar = rest.first {
      if scalar == " " {
        rest.removeFirst()
        continue
      }
      guard keys.count < limit else { throw .tooLong(limit) }
      if scalar == "<" {
        guard let close = rest.firstIndex(of: ">") else { throw .unclosed(String(rest)) }
        let name = String(rest[rest.index(after: rest.startIndex)..<close])
        guard let key = named(name) else { throw .unknown("<\(name)>") }
        keys.append(key)
        rest = rest[rest.index(after: close)...]
      } else {
        guard TextWidth.kind(of: scalar) == .narrow || TextWidth.kind(of: scalar) == .wide else {
          throw .unknown(String(Character(scalar)))
        }
        keys.append(.character(scalar))
        rest.removeFirst()
      }
    }
    if keys.isEmpty { throw .empty }
    return keys
  }

  /// The key of a name between angle brackets, modifiers first.
  private static func named(_ name: String) -> Key? {
    var modifiers: Modifiers = []
    var rest = Substring(name)
    while rest.utf8.count > 2, rest.dropFirst().first == "-" {
      switch rest.first {
      case "C", "c": modifiers.insert(.control)
      case "M", "m", "A", "a": modifiers.insert(.alt)
      case "S", "s": modifiers.insert(.shift)
      default: return nil
      }
      rest = rest.dropFirst(2)
    }
    return code(String(rest)).map { Key($0, modifiers) }
  }

  private static func code(_ name: String) -> Code? {
    if name.unicodeScalars.count == 1, let scalar = name.unicodeScalars.first, scalar != "<" {
      let kind = TextWidth.kind(of: scalar)
      return kind == .narrow || kind == .wide ? .character(scalar) : nil
    }
    let small = name.lowercased()
    if small.first == "f", let number = UInt8(small.dropFirst()), (1...24).contains(number) {
      return .function(number)
    }
    return Code.names.first { $0.name.lowercased() == small }?.code
  }
}
