public import Encodings

/// How parameters become text.
public struct ParameterStyle: Hashable, Sendable {
  /// Which characters are escaped.
  public enum Escape: Hashable, Sendable {
    /// All but RFC 3986's unreserved ones.
    case strict
    /// As strict, but a space is `+`.
    case form
    /// None.
    case none
  }
  /// How an array is written.
  public enum Lists: Hashable, Sendable {
    /// `a=1&a=2`
    case repeated
    /// `a[]=1&a[]=2`, brackets escaped as the style says.
    case brackets
    /// `a[0]=1&a[1]=2`
    case numbered
    /// `a=1,2`
    case commas
    /// `a=["1","2"]`
    case json
  }
  /// Which characters are escaped.
  public var escape: Escape
  /// How an array is written.
  public var lists: Lists

  /// Makes a style.
  public init(_ escape: Escape, _ lists: Lists = .repeated) {
    self.escape = escape
    self.lists = lists
  }

  /// RFC 3986.
  public static let strict = ParameterStyle(.strict)
  /// As browsers send forms.
  public static let form = ParameterStyle(.form)
  /// As it is.
  public static let raw = ParameterStyle(.none)
}

/// A piece of what is signed or sent: an expression that gives bytes.
public indirect enum Token: Sendable {
  /// These characters.
  case text(String)
  /// The API key.
  case key
  /// The secret, as text.
  case secret
  /// The passphrase.
  case passphrase
  /// Another field of the credentials, by name.
  case field(String)
  /// The method, upper case.
  case method
  /// The host.
  case host
  /// The path from the host on, without the query.
  case path
  /// The path below the surface's `prefix`, with a leading slash, without the query.
  case shortPath
  /// The query's text, without `?`.
  case query
  /// The path, and `?` with the query where there is one.
  case pathAndQuery
  /// The body's text.
  case body
  /// The time, corrected for the venue's clock.
  case time(TimeForm)
  /// A number that only grows, made from the time.
  case nonce(TimeForm)
  /// A random UUID, lower case with dashes.
  case uuid
  /// A parameter's value as it is.
  case parameter(String)
  /// A value bound before.
  case value(String)
  /// All parameters that are left, as `name=value&…`.
  case parameters(ParameterStyle)
  /// The same sorted by name.
  case sortedParameters(ParameterStyle)
  /// All parameters that are left as a JSON object.
  case json
  /// One after another.
  case join([Token])
  /// The first unless it is empty, else the second.
  case either(Token, Token)
  /// A hash.
  case hash(HashAlgorithm, Token)
  /// An HMAC.
  case hmac(HashAlgorithm, key: Token, Token)
  /// An Ed25519 signature with a key.
  case ed25519(key: Token, Token)
  /// An RSA PKCS#1 SHA-256 signature with a PEM key.
  case rsa(key: Token, Token)
  /// A P-256 signature, 64 bytes, with a PEM key.
  case p256(key: Token, Token)
  /// Lower-case hexadecimal digits.
  case hex(Token)
  /// Base64.
  case base64(Token)
  /// Base64 for addresses, not padded.
  case base64URL(Token)
  /// The bytes of a base64 text.
  case unbase64(Token)
  /// The bytes of hexadecimal digits, with or without `0x`.
  case unhex(Token)
  /// Letters in upper case.
  case upper(Token)
  /// Letters in lower case.
  case lower(Token)
  /// RFC 3986 escaping.
  case escaped(Token)
  /// Keccak-256.
  case keccak(Token)
  /// What a closure makes of the draft.
  case made(@Sendable (Draft) throws(VenueFault) -> [UInt8])
}

extension Token: ExpressibleByStringLiteral {
  /// These characters.
  public init(stringLiteral value: String) { self = .text(value) }
}

/// One step of making a request.
public enum Step: Sendable {
  /// Adds a parameter at the end, as text; one of that name keeps its place and gets the value.
  case add(String, Token)
  /// Adds a parameter at the end, as a number.
  case addNumber(String, Token)
  /// Adds a parameter at the front.
  case lead(String, Token)
  /// Sorts the parameters by the bytes of their names.
  case sort
  /// Takes parameters out and keeps them for `value`; for fields that a header carries.
  case take([String])
  /// Writes the parameters that are left into the query.
  case query(ParameterStyle)
  /// Writes them into the body as a form.
  case form(ParameterStyle)
  /// Writes them into the body as a JSON object; none are written as `{}`.
  case jsonBody
  /// As `jsonBody`, but no parameters give no body.
  case jsonBodyUnlessEmpty
  /// Sets the body's text.
  case body(Token, contentType: String)
  /// Names a value for later steps.
  case bind(String, Token)
  /// Sets a header field.
  case header(String, Token)
  /// Appends `name=value` to the query's text, the value escaped.
  case appendQuery(String, Token)
  /// Appends `name=value` to the body's text, the value escaped.
  case appendForm(String, Token)
  /// Steps for some methods only.
  case on([String], [Step])
  /// Steps for the other methods.
  case notOn([String], [Step])
  /// Steps for calls with something in the query or body; the others get the second steps.
  case ifParameters([Step], else: [Step])
  /// Steps where a credential's field is there (`passphrase`, or a field's name); else the second.
  case ifField(String, [Step], else: [Step])
  /// A step in code, where the kinds above do not say it.
  case custom(@Sendable (inout Draft) throws(VenueFault) -> Void)
}

/// How a venue's requests are made and signed: steps over a draft.
public struct Recipe: Sendable {
  /// The steps in order.
  public var steps: [Step]
  /// Names of parameters that the steps add after signing, where steps in code do it.
  public var adds: Set<String>

  /// Makes a recipe.
  public init(_ steps: [Step], adds: Set<String> = []) {
    self.steps = steps
    self.adds = adds.union(Recipe.appended(steps))
  }

  private static func appended(_ steps: [Step]) -> Set<String> {
    var names: Set<String> = []
    for step in steps {
      switch step {
      case .appendQuery(let name, _), .appendForm(let name, _): names.insert(name)
      case .on(_, let inner), .notOn(_, let inner): names.formUnion(appended(inner))
      case .ifParameters(let inner, let others), .ifField(_, let inner, let others):
        names.formUnion(appended(inner))
        names.formUnion(appended(others))
      default: break
      }
    }
    return names
  }

  /// Unsigned: the query of GET and DELETE, a JSON body else.
  public static let open = Recipe([
    .on(["GET", "DELETE"], [.query(.strict)]),
    .notOn(["GET", "DELETE"], [.jsonBodyUnlessEmpty]),
  ])
}

extension Recipe {
  /// Whether a request made by it carries no key: it has the steps of `open` only.
  public var isOpen: Bool { !Recipe.usesKey(steps) }

  private static func usesKey(_ steps: [Step]) -> Bool {
    steps.contains { step in
      switch step {
      case .query, .form, .jsonBody, .jsonBodyUnlessEmpty, .sort: false
      case .on(_, let inner), .notOn(_, let inner): usesKey(inner)
      case .ifParameters(let inner, let others): usesKey(inner) || usesKey(others)
      default: true
      }
    }
  }
}
