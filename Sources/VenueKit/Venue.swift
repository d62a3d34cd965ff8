public import Encodings

/// One host and way of signing of a venue.
public struct Surface: Sendable {
  /// Its name in the venue file, for instance "private" or "futures.private".
  public var name: String
  /// `https://host`, no slash at the end.
  public var base: String
  /// What stands before every path: `/` at least.
  public var prefix: String
  /// How its requests are made.
  public var recipe: Recipe
  /// Whether a value that fills a place in the path is sent as a parameter too.
  public var repeatsFilled = false

  /// Makes a surface.
  public init(_ name: String, _ base: String, _ prefix: String = "/", _ recipe: Recipe = .open) {
    self.name = name
    self.base = base
    self.prefix = prefix
    self.recipe = recipe
  }
}

/// A field of the credentials that a venue needs.
public struct CredentialField: Hashable, Sendable {
  /// Its name in `Credentials.field`.
  public var name: String
  /// What the venue calls it, for the form.
  public var label: String
  /// Whether it is kept from sight.
  public var isSecret: Bool
  /// Whether it may be left out.
  public var isOptional: Bool
  /// Whether it says which account or part is meant: feeds find it in `Ask.accounts`.
  public var isAccount = false

  /// Names a field.
  public init(_ name: String, _ label: String, isSecret: Bool = true, isOptional: Bool = false) {
    self.name = name
    self.label = label
    self.isSecret = isSecret
    self.isOptional = isOptional
  }

  /// Names a field that says which account or part is meant; it is no secret.
  public static func account(
    _ name: String, _ label: String, isOptional: Bool = false
  ) -> CredentialField {
    var field = CredentialField(name, label, isSecret: false, isOptional: isOptional)
    field.isAccount = true
    return field
  }

  /// An API key and its secret.
  public static let keyAndSecret = [
    CredentialField("key", "API key", isSecret: false), CredentialField("secret", "API secret"),
  ]
  /// An API key, its secret and a passphrase.
  public static let withPassphrase = keyAndSecret + [CredentialField("passphrase", "Passphrase")]
}

/// An exchange: where it is, how it signs, how fast it may be asked and what can be read there.
public struct Venue: Sendable {
  /// Its word in account names and commands: lower-case letters and digits.
  public var id: String
  /// Its name.
  public var name: String
  /// Where its documents are.
  public var documents: [String]
  /// Hosts and ways of signing.
  public var surfaces: [Surface]
  /// What its keys consist of.
  public var credentials: [CredentialField]
  /// How fast it may be asked.
  public var limits: Limits
  /// Its refusals.
  public var faults: FaultTable
  /// The common code of assets that it names in its own way, for instance `XXBT` for BTC.
  public var aliases: [String: String]
  /// What can be read.
  public var feeds: Feeds
  /// Orders, where they are built.
  public var desk: OrderDesk?
  /// Streams.
  public var streams: [Stream]
  /// How a session is begun, where calls carry what a login gave.
  public var session: VenueSession?
  /// Whether every nonce of a key must be greater than the last.
  public var needsGrowingNonce: Bool
  /// What is known not to be seen of an account here, in words.
  public var unseen: [String]

  /// Makes a venue.
  public init(
    id: String, name: String, documents: [String], surfaces: [Surface],
    credentials: [CredentialField] = CredentialField.keyAndSecret, limits: Limits,
    faults: FaultTable, aliases: [String: String] = [:], feeds: Feeds, desk: OrderDesk? = nil,
    streams: [Stream] = [], session: VenueSession? = nil, needsGrowingNonce: Bool = false,
    unseen: [String] = []
  ) {
    self.id = id
    self.name = name
    self.documents = documents
    self.surfaces = surfaces
    self.credentials = credentials
    self.limits = limits
    self.faults = faults
    self.aliases = aliases
    self.feeds = feeds
    self.desk = desk
    self.streams = streams
    self.session = session
    self.needsGrowingNonce = needsGrowingNonce
    self.unseen = unseen
  }

  /// The code by which an asset of the venue is recorded: the common one where the venue names it in
  /// its own way, and capitals where it writes codes small, as statements of all venues have them.
  public func recorded(_ code: String) -> String { Venue.recorded(code, aliases) }

  /// The same with a venue's aliases.
  public static func recorded(_ code: String, _ aliases: [String: String]) -> String {
    if let common = aliases[code] { return common }
    let isSmall = code.utf8.allSatisfy {
      (0x61...0x7A).contains($0) || (0x30...0x39).contains($0)
    }
    return isSmall ? code.uppercased() : code
  }

  /// The surface of a name.
  public func surface(_ name: String) throws(VenueFault) -> Surface {
    guard let found = surfaces.first(where: { $0.name == name }) else {
      throw .unsupported("the surface \(name) of \(id)")
    }
    return found
  }

  /// Makes and signs the request of a call.
  public func request(
    _ call: Call, credentials: Credentials, moment: Moment, tools: SigningTools
  ) throws(VenueFault) -> OutgoingRequest {
    try surface(call.surface).request(
      call, credentials: credentials, moment: moment, tools: tools)
  }

  /// Reads an answer's bytes, telling refusals from rows.
  ///
  /// An empty success is not a refusal, and a refusal with status 200 is one. A page from a proxy
  /// instead of the venue is `retryable`.
  public func answer(_ ask: Ask, _ call: Call, _ incoming: IncomingAnswer) throws(VenueFault)
    -> Answer
  {
    let json: JSON
    do {
      json = try JSON.reading(incoming.body)
    } catch {
      throw unreadable(incoming, error)
    }
    let answer = Answer(
      ask: ask, call: call, body: json, status: incoming.status, headers: incoming.headers)
    if let found = faults.find(answer.body, incoming.status) {
      throw .refused(
        faults.refusal(code: found.code, message: found.message, status: incoming.status))
    }
    guard (200..<300).contains(incoming.status) else {
      throw .refused(
        faults.refusal(code: "", message: String(json.text.prefix(300)), status: incoming.status))
    }
    return answer
  }

  private func unreadable(_ incoming: IncomingAnswer, _ fault: JSONFault) -> VenueFault {
    let start = String(decoding: incoming.body.prefix(200), as: UTF8.self)
    guard (200..<300).contains(incoming.status) else {
      return .refused(faults.refusal(code: "", message: start, status: incoming.status))
    }
    let isPage = start.drop { $0.isWhitespace }.hasPrefix("<")
    return isPage
      ? .refused(Refusal(.retryable, message: "a web page instead of an answer: \(start)"))
      : .malformed(path: "$", expected: "JSON (\(fault))")
  }
}
