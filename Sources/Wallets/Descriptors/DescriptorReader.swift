import Encodings

/// Reads descriptor text and holds every script to the places it may stand in.
struct DescriptorReader {
  /// Where a script stands.
  enum Place {
    case top
    case scriptHash
    case witness
    case taproot
  }

  let text: [UInt8]
  let tools: SigningTools
  private var at = 0
  private var depth = 0

  init(text: String, tools: SigningTools) {
    self.text = Array(text.utf8)
    self.tools = tools
  }

  mutating func wholeScript() throws(WalletFault) -> Descriptor.Script {
    let script = try script(in: .top)
    guard at == text.count else { throw .malformed("There is text after the descriptor.") }
    return script
  }

  private mutating func script(in place: Place) throws(WalletFault) -> Descriptor.Script {
    let name = word()
    try expect("(")
    let script: Descriptor.Script
    switch (name, place) {
    case ("pk", _): script = .key(try key(in: place))
    case ("pkh", .top), ("pkh", .scriptHash), ("pkh", .witness):
      script = .keyHash(try key(in: place))
    case ("wpkh", .top), ("wpkh", .scriptHash): script = .witnessKeyHash(try key(in: .witness))
    case ("combo", .top): script = .combo(try key(in: place))
    case ("sh", .top): script = .scriptHash(try self.script(in: .scriptHash))
    case ("wsh", .top), ("wsh", .scriptHash):
      script = .witnessScriptHash(try self.script(in: .witness))
    case ("multi", _) where place != .taproot: script = try multi(isSorted: false, in: place)
    case ("sortedmulti", _) where place != .taproot: script = try multi(isSorted: true, in: place)
    case ("multi_a", .taproot): script = try multi(isSorted: false, in: place)
    case ("sortedmulti_a", .taproot): script = try multi(isSorted: true, in: place)
    case ("tr", .top): script = try taproot()
    case ("raw", .top): script = .raw(try raw())
    case ("addr", .top): script = try address()
    default: throw .malformed("The descriptor has a script in a place where it may not be.")
    }
    try expect(")")
    return script
  }

  private mutating func multi(
    isSorted: Bool, in place: Place
  ) throws(WalletFault) -> Descriptor.Script {
    let number = argument()
    guard let required = Int(number), required >= 1, !number.hasPrefix("0"), required <= 999 else {
      throw .malformed("The number of signatures is no number above zero.")
    }
    var keys: [KeyExpression] = []
    while take(",") {
      guard keys.count < 999 else { throw .malformed("The descriptor has too many keys.") }
      keys.append(try key(in: place))
    }
    let most =
      switch place {
      case .top: 3
      case .scriptHash: 15
      case .witness: 20
      case .taproot: 999
      }
    guard required <= keys.count, keys.count <= most else {
      throw .malformed("The number of keys does not fit.")
    }
    let size = keys.reduce(3) { $0 + ($1.isUncompressed ? 66 : 34) }
    guard place != .scriptHash || size <= 520 else {
      throw .malformed("The script is longer than 520 bytes.")
    }
    return .multi(required: required, keys: keys, isSorted: isSorted)
  }

  private mutating func taproot() throws(WalletFault) -> Descriptor.Script {
    let inner = try key(in: .taproot)
    return .taproot(inner, take(",") ? try tree() : nil)
  }

  private mutating func tree() throws(WalletFault) -> Descriptor.Tree {
    depth += 1
    defer { depth -= 1 }
    guard depth <= 128 else { throw .malformed("The script tree is too deep.") }
    guard take("{") else { return .leaf(try script(in: .taproot)) }
    // BIP 386's own example writes a branch of one: the same as the script without braces.
    let left = try tree()
    guard take(",") else {
      try expect("}")
      return left
    }
    let right = try tree()
    try expect("}")
    return .branch(left, right)
  }

  private mutating func raw() throws(WalletFault) -> [UInt8] {
    guard let bytes = Hex.bytes(argument()), bytes.count <= 10_000 else {
      throw .malformed("A raw script is hexadecimal.")
    }
    return bytes
  }

  private mutating func address() throws(WalletFault) -> Descriptor.Script {
    let text = argument()
    for network in ScriptNetwork.all {
      if let script = network.script(of: text, tools: tools) { return .address(text, script) }
    }
    throw .malformed("The address in the descriptor is none that is known.")
  }

  private mutating func key(in place: Place) throws(WalletFault) -> KeyExpression {
    let key = try KeyExpression(argument(), tools: tools)
    guard !(key.isUncompressed && (place == .witness || place == .taproot)) else {
      throw .malformed("Segwit and taproot have no uncompressed keys.")
    }
    guard !key.isHalf || place == .taproot else {
      throw .malformed("Only taproot has keys of 32 bytes.")
    }
    return key
  }

  // MARK: Characters

  private mutating func word() -> String {
    let start = at
    while at < text.count, isWordUnit(text[at]) { at += 1 }
    return String(decoding: text[start..<at], as: UTF8.self)
  }

  private func isWordUnit(_ unit: UInt8) -> Bool {
    (unit >= 0x61 && unit <= 0x7A) || unit == UInt8(ascii: "_")
  }

  /// Everything up to a comma, brace or parenthesis.
  private mutating func argument() -> String {
    let start = at
    while at < text.count, !"(),{}".utf8.contains(text[at]) { at += 1 }
    return String(decoding: text[start..<at], as: UTF8.self)
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard at < text.count, text[at] == UInt8(ascii: character) else { return false }
    at += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(WalletFault) {
    guard take(character) else { throw .malformed("The descriptor lacks a \(character).") }
  }
}
