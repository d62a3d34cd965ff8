import Amounts
import Cipher
import Encodings
import Ledger
import VenueKit

/// Recorded requests of one venue against its recipe and its feeds.
struct RequestCases {
  let venue: Venue
  let cases: VenueCases

  /// The case under up to two names: `…#signature` and, where a feed serves the method, `…#call`.
  func run(_ node: Node) -> [CaseResult] {
    let name = (try? node.text("id")) ?? venue.id
    do throws(VenueFault) {
      let method = try node.text("method")
      let lanes = CaseLanes(venue: venue, method: method)
      var results: [CaseResult] = []
      if try node.optionalFlag("signatureVerifiable") == true {
        results.append(try signature(name, node, isServed: !lanes.isEmpty))
      }
      results.append(call(name, node, lanes, method))
      return results
    } catch {
      return [CaseResult(name, format: venue.id, .failed, ["\(error)"])]
    }
  }

  // MARK: - The recipe

  private func signature(
    _ name: String, _ node: Node, isServed: Bool
  ) throws(VenueFault) -> CaseResult {
    let name = name + "#signature"
    let expected = node["http"]
    guard let parts = try RecordedCall(expected, venue) else {
      return CaseResult(
        name, format: venue.id, .notApplicable,
        ["no surface of ours for \(try expected.text("url").prefix { $0 != "?" })"])
    }
    do throws(VenueFault) {
      let made = try parts.surface.request(
        parts.call, credentials: cases.credentials,
        moment: cases.moment.withRandom(of: expected), tools: .openSSL)
      let differences = RequestDifferences(
        made, expected, keys: cases.file["keys"], isExactText: false, ignoring: []
      ).lines
      // The newer of two makers may sign in another way, for instance with a finer nonce.
      let newer = node["newer"]
      let isNewer =
        !newer.isNothing
        && RequestDifferences(
          made, newer, keys: cases.file["keys"], isExactText: false, ignoring: []
        ).lines.isEmpty
      return CaseResult(
        name, format: venue.id, differences.isEmpty || isNewer ? .passed : .failed, differences)
    } catch {
      return CaseResult(name, format: venue.id, .failed, ["\(error)"])
    }
  }

  // MARK: - The feed's call

  private func call(
    _ name: String, _ node: Node, _ lanes: CaseLanes, _ method: String
  ) -> CaseResult {
    let name = name + "#call"
    if lanes.isEmpty {
      return CaseResult(name, format: venue.id, .notApplicable, ["\(method) is not used"])
    }
    do throws(VenueFault) {
      let maker = AskMaker(cases: cases, method: method)
      switch try maker.ask(node["args"]) {
      case .unusual(let why):
        return CaseResult(name, format: venue.id, .notApplicable, [why])
      case .ask(let ask, let choice):
        return try compare(name, node, lanes, ask, choice)
      }
    } catch {
      return CaseResult(name, format: venue.id, .failed, ["\(error)"])
    }
  }

  private func compare(
    _ name: String, _ node: Node, _ lanes: CaseLanes, _ ask: Ask, _ choice: CaseChoice
  ) throws(VenueFault) -> CaseResult {
    let expected = node["http"]
    var ignoring: Set<String> = []
    for item in try node["yourChoice"].optionalElements() { ignoring.insert(try item.text()) }
    // An option of the library's own that it also passed on to the venue.
    if !node["args"]["params"]["type"].isNothing { ignoring.insert("type") }
    var closest: [String]?
    var routes: [String] = []
    for calls in lanes.calls(choice) {
      let made: [Call]
      do throws(VenueFault) {
        made = try calls(ask)
      } catch {
        if case .unsupported = error { continue }
        throw error
      }
      for call in made {
        let request = try venue.request(
          call, credentials: cases.credentials, moment: cases.moment, tools: .openSSL)
        var found: [String]?
        for wanted in [expected, node["newer"]] where !wanted.isNothing {
          let differences = RequestDifferences(
            request, wanted, keys: cases.file["keys"], isExactText: false, ignoring: ignoring)
          guard differences.isSameRoute else { continue }
          if differences.linesOfContent.isEmpty {
            return CaseResult(name, format: venue.id, .passed)
          }
          if found == nil { found = differences.linesOfContent }
        }
        routes.append("\(call.method) \(request.url.prefix { $0 != "?" })")
        if let found, closest.map({ found.count < $0.count }) ?? true { closest = found }
      }
    }
    if let closest { return CaseResult(name, format: venue.id, .failed, closest) }
    let theirs = "\(try expected.text("method")) \(try expected.text("url").prefix { $0 != "?" })"
    return CaseResult(
      name, format: venue.id, .notApplicable,
      ["another route: \(routes.isEmpty ? "none" : routes.joined(separator: ", ")) for \(theirs)"])
  }
}

/// A recorded request taken apart into a call of one of our surfaces.
struct RecordedCall {
  let surface: Surface
  let call: Call

  init?(_ http: Node, _ venue: Venue) throws(VenueFault) {
    let url = try http.text("url")
    let method = try http.text("method")
    let isSigned = { (surface: Surface) in surface.recipe.steps.count > 2 }
    let fitting = venue.surfaces.filter { url.hasPrefix($0.base + $0.prefix) && isSigned($0) }
    guard
      let surface = fitting.max(by: {
        ($0.base + $0.prefix).utf8.count < ($1.base + $1.prefix).utf8.count
      })
    else { return nil }
    let rest = url.dropFirst((surface.base + surface.prefix).count)
    let parts = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    var parameters = Parameters()
    if parts.count > 1 { parameters.items += RecordedCall.form(String(parts[1])) }
    if let body = try http.optionalText("body") {
      parameters.items += RecordedCall.body(body)
    }
    parameters.items.removeAll { surface.recipe.adds.contains($0.name) }
    self.surface = surface
    call = Call(surface.name, method, String(parts.first ?? ""), parameters)
  }

  static func form(_ text: String) -> [Parameters.Item] {
    text.split(separator: "&").map { pair in
      let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return Parameters.Item(
        Escaping.unescaped(String(halves[0])),
        .string(halves.count > 1 ? Escaping.unescaped(String(halves[1])) : ""))
    }
  }

  static func body(_ text: String) -> [Parameters.Item] {
    // Some venues send the object as base64.
    let plain = Base64.bytes(text).map { String(decoding: $0, as: UTF8.self) } ?? text
    switch try? JSON.reading(plain) {
    case .object(let members)?:
      return zip(members.names, members.values).map { Parameters.Item($0, $1) }
    case .some(let other) where !text.contains("="): return [Parameters.Item("", other)]
    default: return form(text)
    }
  }
}

extension Moment {
  /// The same moment with the random text that a recorded request has in a header of its own, so
  /// that both sign the same.
  func withRandom(of expected: Node) -> Moment {
    var moment = self
    for field in (try? expected["headers"].optionalMembers()) ?? [] where field.key == "echostr" {
      if let text = try? field.text() { moment.uuid = text }
    }
    return moment
  }
}

/// How a request differs from a recorded one.
struct RequestDifferences {
  private let made: OutgoingRequest
  private let expected: Node
  private let keys: Node
  private let isExactText: Bool
  private let ignoring: Set<String>

  init(
    _ made: OutgoingRequest, _ expected: Node, keys: Node, isExactText: Bool,
    ignoring: Set<String>
  ) {
    self.made = made
    self.expected = expected
    self.keys = keys
    self.isExactText = isExactText
    self.ignoring = ignoring
  }

  private static func route(_ url: String) -> String { String(url.prefix { $0 != "?" }) }
  private static func query(_ url: String) -> String {
    guard let mark = url.firstIndex(of: "?") else { return "" }
    return String(url[url.index(after: mark)...])
  }

  /// Whether method, host and path are the same.
  var isSameRoute: Bool {
    (try? expected.text("method")) == made.method
      && RequestDifferences.route((try? expected.text("url")) ?? "")
        == RequestDifferences.route(made.url)
  }

  /// Everything that differs.
  var lines: [String] {
    var lines: [String] = []
    let method = (try? expected.text("method")) ?? ""
    if method != made.method { lines.append("method \(made.method), expected \(method)") }
    let url = (try? expected.text("url")) ?? ""
    if url != made.url { lines.append("address \(made.url), expected \(url)") }
    lines += headerLines
    let body = (try? expected["body"].optionalText()) ?? nil
    let ours = made.body.map { String(decoding: $0, as: UTF8.self) }
    if (body ?? "") != (ours ?? ""), !(body == nil && ours == "{}"), !isSameJSON(body, ours) {
      lines.append("body \(ours ?? "none"), expected \(body ?? "none")")
    }
    return lines
  }

  /// Where what is signed is the text itself, a signature elsewhere tells a difference in order.
  private func isSameJSON(_ a: String?, _ b: String?) -> Bool {
    guard let a, let b, let a = try? JSON.reading(a), let b = try? JSON.reading(b) else {
      return false
    }
    return a == b
  }

  private var headerLines: [String] {
    var lines: [String] = []
    for field in (try? expected["headers"].optionalMembers()) ?? [] {
      let wanted = (try? field.text()) ?? ""
      let ours = made.header(field.key)
      if ours == wanted || RandomSignature(wanted, ours ?? "", keys).isAsGood { continue }
      // What a body is may be said with a character set.
      if field.key.lowercased() == "content-type", let ours,
        ours.prefix(while: { $0 != ";" }) == wanted.prefix(while: { $0 != ";" })
      {
        continue
      }
      if field.key.lowercased() == "content-type", made.body == nil { continue }
      if ["user-agent", "accept", "accept-encoding"].contains(field.key.lowercased()) { continue }
      // The number of another client, which the venue's documents do not ask for.
      if field.key.lowercased() == "appid" { continue }
      lines.append("header \(field.key): \(ours ?? "none"), expected \(wanted)")
    }
    return lines
  }

  /// What differs in parameters and body, as sets of names and values; not the signature.
  var linesOfContent: [String] {
    let ours = values(
      RequestDifferences.query(made.url), made.body.map { String(decoding: $0, as: UTF8.self) })
    let theirs = values(
      RequestDifferences.query((try? expected.text("url")) ?? ""),
      (try? expected["body"].optionalText()) ?? nil)
    var lines: [String] = []
    for name in Set(ours.keys).union(theirs.keys).sorted() {
      if ignoring.contains(name) || RequestDifferences.signatureNames.contains(name.lowercased()) {
        continue
      }
      if ours[name] != theirs[name] {
        lines.append(
          "\(name) is \(ours[name] ?? "not there"), expected \(theirs[name] ?? "nothing")")
      }
    }
    return lines
  }

  static let signatureNames: Set<String> = ["signature", "sign", "sig"]

  private func values(_ query: String, _ body: String?) -> [String: String] {
    var found: [String: String] = [:]
    var items = RecordedCall.form(query)
    if let body { items += RecordedCall.body(body) }
    for item in items {
      let text = RequestDifferences.normal(item.value)
      found[item.name] = found[item.name].map { "\($0),\(text)" } ?? text
    }
    return found
  }

  /// A value as it is compared: numbers by value, whether quoted or not.
  private static func normal(_ value: JSON) -> String {
    switch value {
    case .object(let members):
      let parts = zip(members.names, members.values).sorted { $0.0 < $1.0 }
      return "{" + parts.map { "\($0.0):\(normal($0.1))" }.joined(separator: ",") + "}"
    case .array(let elements): return "[" + elements.map(normal).joined(separator: ",") + "]"
    default:
      let text = value.plainText
      if text.hasPrefix("{") || text.hasPrefix("["), let inner = try? JSON.reading(text) {
        return normal(inner)
      }
      return (try? Fixed(parsing: text).text) ?? text
    }
  }
}

/// Signatures with random numbers: a JWT of the same head, but for a nonce that everyone makes for
/// himself, and the same claims whose signature is good.
struct RandomSignature {
  let isAsGood: Bool

  init(_ wanted: String, _ ours: String, _ keys: Node) {
    let (theirs, mine) = (wanted.split(separator: "."), ours.split(separator: "."))
    guard theirs.count == 3, mine.count == 3, theirs[1] == mine[1],
      let common = RandomSignature.head(theirs[0]), common == RandomSignature.head(mine[0]),
      let head = Base64.bytes(String(theirs[0].split(separator: " ").last ?? "")),
      String(decoding: head, as: UTF8.self).contains("ES256"),
      let key = (try? keys["ecP256PublicKey"].optionalText()) ?? nil,
      let signature = Base64.bytes(String(mine[2]))
    else {
      isAsGood = false
      return
    }
    let text = ours.split(separator: " ").last ?? ""
    let signed = text[..<(text.lastIndex(of: ".") ?? text.startIndex)]
    isAsGood = SignatureCheck.p256(key, Array(signed.utf8), signature)
  }

  /// The members of a token's head, its nonce only by being there.
  private static func head(_ part: Substring) -> JSONObject? {
    guard let bytes = Base64.bytes(String(part.split(separator: " ").last ?? "")),
      case .object(var members)? = try? JSON.reading(bytes)
    else { return nil }
    if members["nonce"] != nil { members.set("nonce", .null) }
    return members
  }
}
