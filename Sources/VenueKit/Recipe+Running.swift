public import Encodings

extension Surface {
  /// Makes the request of a call and signs it.
  ///
  /// - Parameters:
  ///   - call: A call to this surface.
  ///   - credentials: The account's secrets; `.none` for open surfaces.
  ///   - moment: Time and chance.
  ///   - tools: Cryptography.
  /// - Returns: The request; the bytes signed are the bytes in it.
  /// - Throws: `unsigned` where a key is missing or unusable.
  public func request(
    _ call: Call, credentials: Credentials, moment: Moment, tools: SigningTools
  ) throws(VenueFault) -> OutgoingRequest {
    let (path, left) = try Surface.filled(call.path, call.parameters)
    let parameters = repeatsFilled ? call.parameters : left
    var draft = Draft(
      method: call.method, base: base, prefix: prefix, path: prefix + path,
      parameters: parameters, credentials: credentials, moment: moment, tools: tools)
    try draft.run(recipe.steps)
    return OutgoingRequest(
      method: draft.method, url: draft.url, headers: draft.headers,
      body: draft.body.map { Array($0.utf8) })
  }

  /// Puts parameters into the `{name}` places of a path and takes them off the list.
  public static func filled(
    _ path: String, _ parameters: Parameters
  ) throws(VenueFault) -> (String, Parameters) {
    guard path.contains("{") else { return (path, parameters) }
    var left = parameters
    var result = ""
    var rest = Substring(path)
    while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
      result += rest[..<open]
      let name = String(rest[rest.index(after: open)..<close])
      guard let value = left[name] else {
        throw .unsupported("a call of \(path) without \(name)")
      }
      result += Escaping.pathPart(value.plainText)
      left[name] = nil
      rest = rest[rest.index(after: close)...]
    }
    return (result + rest, left)
  }
}

extension Draft {
  /// Runs steps in order.
  public mutating func run(_ steps: [Step]) throws(VenueFault) {
    for step in steps { try run(step) }
  }

  private mutating func run(_ step: Step) throws(VenueFault) {
    switch step {
    case .add(let name, let token): parameters[name] = .string(try text(token))
    case .addNumber(let name, let token): parameters[name] = .number(try text(token))
    case .lead(let name, let token):
      parameters[name] = nil
      parameters.items.insert(Parameters.Item(name, .string(try text(token))), at: 0)
    case .sort:
      parameters.items.sort { Array($0.name.utf8).lexicographicallyPrecedes(Array($1.name.utf8)) }
    case .take(let names):
      for name in names {
        if let value = parameters[name] { values[name] = Array(value.plainText.utf8) }
        parameters[name] = nil
      }
    case .query(let style):
      query = parameters.text(style)
      parameters = Parameters()
    case .form(let style):
      body = parameters.text(style)
      parameters = Parameters()
      setHeader("Content-Type", "application/x-www-form-urlencoded")
    case .jsonBody:
      body = parameters.json.text
      parameters = Parameters()
      setHeader("Content-Type", "application/json")
    case .jsonBodyUnlessEmpty:
      if !parameters.items.isEmpty { try run(.jsonBody) }
    case .body(let token, let contentType):
      body = try text(token)
      parameters = Parameters()
      if !contentType.isEmpty { setHeader("Content-Type", contentType) }
    case .bind(let name, let token): values[name] = try bytes(token)
    case .header(let name, let token): setHeader(name, try text(token))
    case .appendQuery(let name, let token):
      query += (query.isEmpty ? "" : "&") + name + "=" + Escaping.strict(try text(token))
    case .appendForm(let name, let token):
      let before = body ?? ""
      body = before + (before.isEmpty ? "" : "&") + name + "=" + Escaping.strict(try text(token))
    case .on(let methods, let steps): if methods.contains(method) { try run(steps) }
    case .notOn(let methods, let steps): if !methods.contains(method) { try run(steps) }
    case .ifParameters(let steps, let others):
      try run(parameters.items.isEmpty ? others : steps)
    case .ifField(let name, let steps, let others):
      try run(credentials.field(name).isEmpty ? others : steps)
    case .custom(let change): try change(&self)
    }
  }

  /// A token's bytes as text.
  public func text(_ token: Token) throws(VenueFault) -> String {
    String(decoding: try bytes(token), as: UTF8.self)
  }

  /// A token's bytes.
  public func bytes(_ token: Token) throws(VenueFault) -> [UInt8] {
    switch token {
    case .text(let text): return Array(text.utf8)
    case .key: return try secret("key")
    case .secret: return try secret("secret")
    case .passphrase: return try secret("passphrase")
    case .field(let name): return try secret(name)
    case .method: return Array(method.utf8)
    case .host: return Array(host.utf8)
    case .path: return Array(path.utf8)
    case .shortPath: return Array(("/" + path.dropFirst(prefix.count)).utf8)
    case .query: return Array(query.utf8)
    case .pathAndQuery: return Array((path + (query.isEmpty ? "" : "?" + query)).utf8)
    case .body: return Array((body ?? "").utf8)
    case .time(let form): return Array(form.write(moment.time).utf8)
    case .nonce(let form): return Array(form.write(moment.nonce).utf8)
    case .uuid: return Array(moment.uuid.utf8)
    case .parameter(let name): return Array((parameters[name]?.plainText ?? "").utf8)
    case .value(let name): return values[name] ?? []
    case .parameters(let style): return Array(parameters.text(style).utf8)
    case .sortedParameters(let style): return Array(parameters.sorted.text(style).utf8)
    case .json: return Array(parameters.json.text.utf8)
    case .join(let tokens):
      var all: [UInt8] = []
      for token in tokens { all += try bytes(token) }
      return all
    case .either(let first, let second):
      let bytes = try bytes(first)
      return bytes.isEmpty ? try self.bytes(second) : bytes
    case .made(let make): return try make(self)
    default: return try computed(token)
    }
  }

  private func computed(_ token: Token) throws(VenueFault) -> [UInt8] {
    switch token {
    case .hash(let algorithm, let part): return tools.hash(algorithm, try bytes(part))
    case .hmac(let algorithm, let key, let part):
      return tools.hmac(algorithm, try bytes(key), try bytes(part))
    case .ed25519(let key, let part):
      let (key, message) = (try bytes(key), try bytes(part))
      return try Draft.signed { () throws(SigningFault) in try tools.ed25519(key, message) }
    case .rsa(let key, let part):
      let (key, message) = (try text(key), try bytes(part))
      return try Draft.signed { () throws(SigningFault) in try tools.rsaSHA256(key, message) }
    case .p256(let key, let part):
      let (key, message) = (try text(key), try bytes(part))
      return try Draft.signed { () throws(SigningFault) in try tools.ecdsaP256(key, message) }
    case .hex(let part): return Array(Hex.text(try bytes(part)).utf8)
    case .base64(let part): return Array(Base64.text(try bytes(part)).utf8)
    case .base64URL(let part): return Array(Base64.urlText(try bytes(part)).utf8)
    case .unbase64(let part):
      guard let bytes = Base64.bytes(try text(part)) else {
        throw .unsigned("a secret that should be base64 is not")
      }
      return bytes
    case .unhex(let part):
      let digits = try text(part)
      guard let bytes = Hex.bytes(digits.hasPrefix("0x") ? String(digits.dropFirst(2)) : digits)
      else { throw .unsigned("a secret that should be hexadecimal is not") }
      return bytes
    case .upper(let part): return Array(try text(part).uppercased().utf8)
    case .lower(let part): return Array(try text(part).lowercased().utf8)
    case .escaped(let part): return Array(Escaping.strict(try text(part)).utf8)
    case .keccak(let part): return Keccak256.hash(try bytes(part))
    default: return []
    }
  }

  private func secret(_ name: String) throws(VenueFault) -> [UInt8] {
    let value = credentials.field(name)
    guard !value.isEmpty else { throw .unsigned("no \(name) is stored for this account") }
    return Array(value.utf8)
  }

  /// Gives a tool's fault as a venue's.
  public static func signed<T>(
    _ sign: () throws(SigningFault) -> T
  ) throws(VenueFault) -> T {
    do {
      return try sign()
    } catch {
      throw .unsigned(error.reason)
    }
  }
}

extension JSON {
  /// The value as it stands in a query: a text without quotes, numbers as written.
  public var plainText: String {
    if case .string(let text) = self { return text }
    return text
  }
}

extension Parameters {
  /// Sorted by the bytes of the names.
  public var sorted: Parameters {
    Parameters(
      items.sorted { Array($0.name.utf8).lexicographicallyPrecedes(Array($1.name.utf8)) })
  }

  /// As a JSON object; one value without a name is the whole body, for routes that take an array.
  public var json: JSON {
    if items.count == 1, items[0].name.isEmpty { return items[0].value }
    return .object(JSONObject(items.map { ($0.name, $0.value) }))
  }

  /// As `name=value&…`.
  public func text(_ style: ParameterStyle) -> String {
    var parts: [String] = []
    for item in items { Parameters.write(item.name, item.value, style, into: &parts) }
    return parts.joined(separator: "&")
  }

  private static func write(
    _ name: String, _ value: JSON, _ style: ParameterStyle, into parts: inout [String]
  ) {
    switch value {
    case .array(let elements) where style.lists == .repeated:
      for element in elements { write(name, element, style, into: &parts) }
    case .array(let elements) where style.lists == .brackets:
      for element in elements { write(name + "[]", element, style, into: &parts) }
    case .array(let elements) where style.lists == .numbered:
      for (index, element) in elements.enumerated() {
        write("\(name)[\(index)]", element, style, into: &parts)
      }
    case .array(let elements) where style.lists == .commas:
      let joined = elements.map(\.plainText).joined(separator: ",")
      write(name, .string(joined), style, into: &parts)
    case .object(let members):
      for (key, element) in zip(members.names, members.values) {
        write("\(name)[\(key)]", element, style, into: &parts)
      }
    default:
      parts.append(escape(name, style) + "=" + escape(value.plainText, style))
    }
  }

  private static func escape(_ text: String, _ style: ParameterStyle) -> String {
    switch style.escape {
    case .strict: Escaping.strict(text)
    case .form: Escaping.form(text)
    case .none: text
    }
  }
}
