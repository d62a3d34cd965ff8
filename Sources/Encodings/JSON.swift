/// A JSON value (RFC 8259) with every number as the text it was written in.
///
/// Money is read from `number` and `string` texts alike, so nothing passes through binary floating
/// point, and ids above 2⁵³ stay whole.
public enum JSON: Hashable, Sendable {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A number, as written.
  case number(String)
  /// A text with its escapes resolved.
  case string(String)
  /// An array.
  case array([JSON])
  /// An object.
  case object(JSONObject)
}

/// The members of an object in the order written; of equal names the last one counts.
public struct JSONObject: Hashable, Sendable {
  /// The names in order.
  public private(set) var names: [String] = []
  /// The values, one a name.
  public private(set) var values: [JSON] = []
  /// Where a name is; made only for large objects.
  private var places: [String: Int] = [:]
  private static let indexedFrom = 16

  /// Makes an empty object.
  public init() {}

  /// Makes an object of members in order.
  public init(_ members: [(String, JSON)]) {
    for (name, value) in members { set(name, value) }
  }

  /// The number of members.
  public var count: Int { names.count }

  private func place(of name: String) -> Int? {
    if names.count < JSONObject.indexedFrom { return names.lastIndex(of: name) }
    return places[name]
  }

  /// The value of a name; setting `nil` changes nothing.
  public subscript(_ name: String) -> JSON? {
    place(of: name).map { values[$0] }
  }

  /// Sets a member: in its old place where the name is known, else at the end.
  public mutating func set(_ name: String, _ value: JSON) {
    if let known = place(of: name) {
      values[known] = value
      return
    }
    names.append(name)
    values.append(value)
    if names.count == JSONObject.indexedFrom {
      for (index, name) in names.enumerated() { places[name] = index }
    } else if names.count > JSONObject.indexedFrom {
      places[name] = names.count - 1
    }
  }

  /// Members are equal whatever their order.
  public static func == (a: JSONObject, b: JSONObject) -> Bool {
    a.count == b.count && zip(a.names, a.values).allSatisfy { b[$0] == $1 }
  }

  /// Hashes the number of members only, since order must not matter.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(count)
  }
}

/// Why a text is no JSON.
public struct JSONFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// The byte at which reading stopped, from 0.
  public let offset: Int
  /// What was wrong there.
  public let reason: String

  /// The fault in words.
  public var description: String { "\(reason) at byte \(offset)" }
}
