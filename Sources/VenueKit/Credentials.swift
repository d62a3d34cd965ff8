public import Encodings
public import Ledger

/// The secrets of one account at a venue; printed it shows none of them.
public struct Credentials: Sendable, CustomStringConvertible, CustomReflectable {
  /// The API key.
  public var key: String
  /// The secret: text, PEM or hexadecimal, as the venue gives it.
  public var secret: String
  /// The passphrase, empty for none.
  public var passphrase: String
  /// Further fields: `uid`, `walletAddress`, `privateKey`, `login`, `token`, `accountId`.
  public var fields: [String: String]

  /// Gathers the secrets.
  public init(
    key: String = "", secret: String = "", passphrase: String = "", fields: [String: String] = [:]
  ) {
    self.key = key
    self.secret = secret
    self.passphrase = passphrase
    self.fields = fields
  }

  /// None.
  public static let none = Credentials()

  /// A field by name; `key`, `secret` and `passphrase` too.
  public func field(_ name: String) -> String {
    switch name {
    case "key": key
    case "secret": secret
    case "passphrase": passphrase
    default: fields[name] ?? ""
    }
  }

  /// No secret.
  public var description: String { "credentials" }
  /// No secret.
  public var customMirror: Mirror { Mirror(self, children: []) }
}

extension Credentials {
  /// Gathers secrets given in the order in which a venue names its fields.
  public init(_ secrets: [[UInt8]], of venue: Venue) {
    var (key, secret, passphrase) = ("", "", "")
    var fields: [String: String] = [:]
    for (field, bytes) in zip(venue.credentials, secrets) {
      let text = String(decoding: bytes, as: UTF8.self)
      switch field.name {
      case "key": key = text
      case "secret": secret = text
      case "passphrase": passphrase = text
      default: fields[field.name] = text
      }
    }
    self.init(key: key, secret: secret, passphrase: passphrase, fields: fields)
  }

  /// The fields that say which account or part of a venue is meant, for `Ask.accounts`; no secret
  /// is among them.
  public func accounts(at venue: Venue) -> [String: String] {
    var named: [String: String] = [:]
    for field in venue.credentials where field.isAccount && !field.isSecret {
      let typed = self.field(field.name)
      if !typed.isEmpty { named[field.name] = typed }
    }
    return named
  }

  /// These with what a login gave beside them.
  public func adding(_ session: [String: String]) -> Credentials {
    var all = self
    all.fields.merge(session) { _, new in new }
    return all
  }
}

/// What time and chance give to a request.
public struct Moment: Sendable {
  /// The venue's time, as far as its clock's offset is known.
  public var time: Instant
  /// What nonces are made from: never the same or less for one key.
  public var nonce: Instant
  /// A random UUID, lower case with dashes.
  public var uuid: String

  /// Makes a moment.
  public init(time: Instant, nonce: Instant? = nil, uuid: String) {
    self.time = time
    self.nonce = nonce ?? time
    self.uuid = uuid
  }
}

/// A request in the making.
public struct Draft: Sendable {
  /// The method.
  public var method: String
  /// `https://host`, without a slash at the end.
  public var base: String
  /// The surface's prefix, for instance `/0/private/`.
  public var prefix: String
  /// The path from the host on; starts with a slash.
  public var path: String
  /// What no step has written yet.
  public var parameters: Parameters
  /// The query's text.
  public var query: String = ""
  /// The body's text, or `nil` for none.
  public var body: String?
  /// Header fields in order.
  public var headers: [(name: String, value: String)] = []
  /// Values named by steps.
  public var values: [String: [UInt8]] = [:]
  /// The secrets.
  public let credentials: Credentials
  /// Time and chance.
  public let moment: Moment
  /// Cryptography.
  public let tools: SigningTools

  /// The host, without scheme; with a port where there is one.
  public var host: String {
    guard let range = base.firstRange(of: "://") else { return base }
    return String(base[range.upperBound...].prefix { $0 != "/" })
  }

  /// Sets a header field, whatever it was.
  public mutating func setHeader(_ name: String, _ value: String) {
    headers.removeAll { $0.name.lowercased() == name.lowercased() }
    headers.append((name: name, value: value))
  }

  /// The whole address.
  public var url: String { base + path + (query.isEmpty ? "" : "?" + query) }
}
