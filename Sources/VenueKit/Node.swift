public import Amounts
public import Encodings
public import Ledger

/// A place in a venue's answer: a value, or nothing, and the path to it.
///
/// Asking for a member that is not there gives a place with nothing in it; reading it is a fault
/// with its path, or `nil` where the reader's name starts with `optional`. An empty text, and
/// `null`, are nothing too.
public struct Node: Sendable {
  /// The value, or `nil` for none.
  public let json: JSON?
  /// The last step of the path: a member's name, or an element's number.
  public let key: String
  private let parent: Parent?

  private final class Parent: Sendable {
    let key: String
    let parent: Parent?
    init(key: String, parent: Parent?) {
      self.key = key
      self.parent = parent
    }
  }

  /// The root of an answer.
  public init(_ json: JSON) {
    self.json = json
    key = "$"
    parent = nil
  }

  private init(_ json: JSON?, key: String, parent: Parent) {
    self.json = json
    self.key = key
    self.parent = parent
  }

  private var link: Parent { Parent(key: key, parent: parent) }

  /// The path, for instance `$.result.trades[3].price`.
  public var path: String {
    var parts = [key]
    var above = parent
    while let step = above {
      parts.append(step.key)
      above = step.parent
    }
    return parts.reversed().reduce("") { path, part in
      if path.isEmpty { return part }
      return part.first?.isNumber == true ? "\(path)[\(part)]" : "\(path).\(part)"
    }
  }

  /// A member of an object.
  public subscript(_ name: String) -> Node {
    guard case .object(let members)? = json else { return Node(nil, key: name, parent: link) }
    return Node(members[name], key: name, parent: link)
  }

  /// An element of an array, from 0; from the end where negative.
  public subscript(_ index: Int) -> Node {
    guard case .array(let elements)? = json else {
      return Node(nil, key: String(index), parent: link)
    }
    let place = index < 0 ? elements.count + index : index
    return Node(
      elements.indices.contains(place) ? elements[place] : nil, key: String(index), parent: link)
  }

  /// Whether there is nothing: no value, `null` or an empty text.
  public var isNothing: Bool {
    switch json {
    case nil, .null?, .string("")?: true
    default: false
    }
  }

  /// The fault that says what was expected here.
  public func fault(_ expected: String) -> VenueFault {
    .malformed(path: path, expected: expected)
  }

  // MARK: - Many

  /// The elements of an array.
  public func elements() throws(VenueFault) -> [Node] {
    guard case .array(let elements)? = json else { throw fault("an array") }
    let link = link
    return elements.enumerated().map { Node($1, key: String($0), parent: link) }
  }

  /// The elements of an array; none where there is nothing.
  public func optionalElements() throws(VenueFault) -> [Node] {
    isNothing ? [] : try elements()
  }

  /// The members of an object in order; each knows its name as `key`.
  public func members() throws(VenueFault) -> [Node] {
    guard case .object(let members)? = json else { throw fault("an object") }
    let link = link
    return zip(members.names, members.values).map { Node($1, key: $0, parent: link) }
  }

  /// The members of an object; none where there is nothing.
  public func optionalMembers() throws(VenueFault) -> [Node] {
    isNothing ? [] : try members()
  }

  /// The first of some members that holds something, or the first of them.
  public func first(_ names: [String]) -> Node {
    for name in names {
      let node = self[name]
      if !node.isNothing { return node }
    }
    return self[names.first ?? ""]
  }

  // MARK: - Texts

  /// A text, or a number or truth value as written.
  public func text() throws(VenueFault) -> String {
    switch json {
    case .string(let text)? where !text.isEmpty: return text
    case .number(let text)?: return text
    case .bool(let value)?: return value ? "true" : "false"
    default: throw fault("a text")
    }
  }

  /// A text, or `nil` for nothing.
  public func optionalText() throws(VenueFault) -> String? { isNothing ? nil : try text() }

  /// The text of the first member that holds something.
  public func text(_ names: String...) throws(VenueFault) -> String { try first(names).text() }

  /// The same, or `nil` where none holds something.
  public func optionalText(_ names: String...) throws(VenueFault) -> String? {
    try first(names).optionalText()
  }

  // MARK: - Numbers

  /// An exact decimal, from a number or a text.
  public func decimal() throws(VenueFault) -> Fixed {
    let written: String
    switch json {
    case .number(let text)?: written = text
    case .string(let text)? where !text.isEmpty: written = text
    default: throw fault("a decimal number")
    }
    do {
      return try Fixed(parsing: written)
    } catch {
      switch error {
      case .malformed: throw fault("a decimal number")
      case .tooLarge: throw fault("a number up to 1.7e20")
      case .tooPrecise: throw fault("a number with at most 18 decimals")
      }
    }
  }

  /// An exact decimal, or `nil` for nothing.
  public func optionalDecimal() throws(VenueFault) -> Fixed? { isNothing ? nil : try decimal() }

  /// The decimal of the first member that holds something.
  public func decimal(_ names: String...) throws(VenueFault) -> Fixed {
    try first(names).decimal()
  }

  /// The same, or `nil` where none holds something.
  public func optionalDecimal(_ names: String...) throws(VenueFault) -> Fixed? {
    try first(names).optionalDecimal()
  }

  /// A whole number that fits 64 bits, from a number or a text.
  public func integer() throws(VenueFault) -> Int64 {
    let value = try decimal()
    let (whole, rest) = value.units.quotientAndRemainder(dividingBy: Fixed.scale)
    guard rest == 0, let result = Int64(exactly: whole) else { throw fault("a whole number") }
    return result
  }

  /// The whole number of a member.
  public func integer(_ name: String) throws(VenueFault) -> Int64 { try self[name].integer() }

  /// The same, or `nil` for nothing.
  public func optionalInteger(_ name: String) throws(VenueFault) -> Int64? {
    let node = self[name]
    return node.isNothing ? nil : try node.integer()
  }

  /// A truth value: `true`, `false`, 1, 0 or their texts.
  public func flag() throws(VenueFault) -> Bool {
    switch json {
    case .bool(let value)?: return value
    case .number("1")?, .string("1")?, .string("true")?, .string("TRUE")?, .string("True")?:
      return true
    case .number("0")?, .string("0")?, .string("false")?, .string("FALSE")?, .string("False")?:
      return false
    default: throw fault("true or false")
    }
  }

  /// The truth value of a member, or `nil` for nothing.
  public func optionalFlag(_ name: String) throws(VenueFault) -> Bool? {
    let node = self[name]
    return node.isNothing ? nil : try node.flag()
  }

  // MARK: - Times

  /// A time in some form.
  public func time(_ form: TimeForm) throws(VenueFault) -> Instant {
    guard let instant = form.read(try text()) else { throw fault("a time (\(form))") }
    return instant
  }

  /// A member's time.
  public func time(_ form: TimeForm, _ names: String...) throws(VenueFault) -> Instant {
    try first(names).time(form)
  }

  /// A member's time, or `nil` for nothing; 0 is nothing too.
  public func optionalTime(_ form: TimeForm, _ names: String...) throws(VenueFault) -> Instant? {
    let node = first(names)
    if node.isNothing { return nil }
    if let zero = try? node.decimal(), zero.isZero { return nil }
    return try node.time(form)
  }
}
