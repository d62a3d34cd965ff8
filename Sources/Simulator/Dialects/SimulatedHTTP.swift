import Encodings

/// A request as it reached a simulated venue.
public struct SimulatedRequest: Sendable {
  /// The method in capitals.
  public var method: String
  /// The host of the Host header, without a port.
  public var host: String
  /// The path, escaped as it came.
  public var path: String
  /// The query, escaped as it came; empty for none.
  public var query: String
  /// Header fields, names in small letters.
  public var headers: [String: String]
  /// The body.
  public var body: String
  /// Where it came from.
  public var address: String

  /// Gathers a request.
  public init(
    method: String, host: String, path: String, query: String = "",
    headers: [String: String] = [:], body: String = "", address: String = "127.0.0.1"
  ) {
    self.method = method
    self.host = host
    self.path = path
    self.query = query
    self.headers = headers
    self.body = body
    self.address = address
  }

  /// A header field; empty for none.
  func header(_ name: String) -> String { headers[name] ?? "" }
  /// The query's fields.
  var queryFields: FormFields { FormFields(query) }
  /// The body's fields, of a form.
  var bodyFields: FormFields { FormFields(body) }
  /// The body as JSON; an empty object where it is none.
  var json: JSON {
    do { return try JSON.reading(body) } catch { return .object(JSONObject()) }
  }
  /// The parts of the path between slashes, unescaped.
  var parts: [String] {
    path.split(separator: "/").map { Escaping.unescaped(String($0), plusIsSpace: false) }
  }
}

/// Named values of a query or a form, in order, unescaped.
struct FormFields: Sendable {
  /// The fields.
  var items: [(name: String, value: String)]
  private static let most = 2_000

  /// Reads `a=b&c=d`.
  init(_ text: String) {
    items = text.split(separator: "&").prefix(FormFields.most).map { pair in
      let place = pair.firstIndex(of: "=") ?? pair.endIndex
      let value = place < pair.endIndex ? pair[pair.index(after: place)...] : ""
      return (Escaping.unescaped(String(pair[..<place])), Escaping.unescaped(String(value)))
    }
  }

  /// The last value of a name.
  subscript(_ name: String) -> String? { items.last { $0.name == name }?.value }
  /// A whole number of a name.
  func number(_ name: String) -> Int64? { self[name].flatMap { Int64($0) } }
  /// Every value of a name, also `name[]`.
  func all(_ name: String) -> [String] {
    items.filter { $0.name == name || $0.name == name + "[]" }.map(\.value)
  }
}

/// One header field of an answer.
public struct SimulatedHeader: Sendable, Hashable {
  /// The name.
  public var name: String
  /// The value.
  public var value: String

  /// Names a field.
  public init(name: String, value: String) {
    self.name = name
    self.value = value
  }
}

/// An answer of a simulated venue.
public struct SimulatedResponse: Sendable, Hashable {
  /// The status.
  public var status: Int
  /// Header fields, `Content-Type` among them.
  public var headers: [SimulatedHeader]
  /// The body.
  public var body: [UInt8]

  /// Gathers an answer.
  public init(status: Int, headers: [SimulatedHeader] = [], body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// A JSON answer.
  static func json(_ json: JSON, status: Int = 200) -> SimulatedResponse {
    SimulatedResponse(
      status: status,
      headers: [SimulatedHeader(name: "Content-Type", value: "application/json")],
      body: Array(json.text.utf8))
  }

  /// A page such as a proxy in front of a venue sends.
  static func page(_ status: Int, _ title: String) -> SimulatedResponse {
    let text =
      "<!DOCTYPE html><html><head><title>\(title)</title></head>"
      + "<body><h1>\(title)</h1></body></html>"
    return SimulatedResponse(
      status: status,
      headers: [SimulatedHeader(name: "Content-Type", value: "text/html; charset=UTF-8")],
      body: Array(text.utf8))
  }

  /// The same with a header field more.
  func adding(_ name: String, _ value: String) -> SimulatedResponse {
    var copy = self
    copy.headers.append(SimulatedHeader(name: name, value: value))
    return copy
  }

  /// The same with a validator, or "not modified" where the client has just this answer.
  ///
  /// As the networks in front of venues do (RFC 9110, 8.8.3 and 15.4.5); the venue has been asked
  /// all the same, and counts it.
  public func validated(for request: SimulatedRequest) -> SimulatedResponse {
    guard request.method == "GET", status == 200 else { return self }
    let tag = "\"\(CRC32.of(body))-\(body.count)\""
    guard request.header("if-none-match") == tag else { return adding("ETag", tag) }
    var answer = SimulatedResponse(status: 304).adding("ETag", tag)
    answer.headers += headers.filter { $0.name != "Content-Type" }
    return answer
  }

  /// The body as text.
  public var text: String { String(decoding: body, as: UTF8.self) }
}
