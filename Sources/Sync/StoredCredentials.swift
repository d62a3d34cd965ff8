import Encodings
public import VenueKit

extension Credentials {
  /// The secrets as bytes, to be sealed before they go anywhere.
  public var bytes: [UInt8] {
    let fields = fields.sorted { $0.key < $1.key }.map { ($0.key, JSON.string($0.value)) }
    let object = JSONObject([
      ("v", 1), ("key", .string(key)), ("secret", .string(secret)),
      ("passphrase", .string(passphrase)), ("fields", .object(JSONObject(fields))),
    ])
    return Array(JSON.object(object).text.utf8)
  }

  /// Reads the form of `bytes`; `nil` for anything else.
  public init?(bytes: [UInt8]) {
    guard let json = try? JSON.reading(bytes), case .object(let object) = json, object["v"] == 1,
      case .string(let key)? = object["key"], case .string(let secret)? = object["secret"],
      case .string(let passphrase)? = object["passphrase"],
      case .object(let members)? = object["fields"]
    else { return nil }
    var fields: [String: String] = [:]
    for (name, value) in zip(members.names, members.values) {
      guard case .string(let text) = value else { return nil }
      fields[name] = text
    }
    self.init(key: key, secret: secret, passphrase: passphrase, fields: fields)
  }
}
