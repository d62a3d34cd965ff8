import Encodings
import VenueKit

/// A place in an answer, which knows its path for faults.
struct AnswerNode {
  let json: JSON
  let path: String

  init(_ json: JSON, path: String = "answer") {
    self.json = json
    self.path = path
  }

  /// The body of an answer with a success for a status.
  init(_ answer: IncomingAnswer) throws(ChainFault) {
    if answer.status == 429 { throw .busy("status 429") }
    guard (200..<300).contains(answer.status) else { throw .status(answer.status) }
    try self.init(body: answer.body)
  }

  /// A body, whatever the status.
  init(body: [UInt8]) throws(ChainFault) {
    do {
      self.init(try JSON.reading(body))
    } catch {
      throw .malformed("answer: \(error)")
    }
  }

  /// A member, `null` where there is none.
  subscript(_ name: String) -> AnswerNode {
    let found: JSON = if case .object(let object) = json { object[name] ?? .null } else { .null }
    return AnswerNode(found, path: path + "." + name)
  }

  var isNull: Bool { json == .null }
  /// The node unless it is null.
  var present: AnswerNode? { isNull ? nil : self }

  var fault: ChainFault { .malformed(path) }

  func elements() throws(ChainFault) -> [AnswerNode] {
    guard case .array(let elements) = json else { throw fault }
    return elements.enumerated().map { AnswerNode($1, path: path + "[\($0)]") }
  }

  func members() throws(ChainFault) -> [(name: String, node: AnswerNode)] {
    guard case .object(let object) = json else { throw fault }
    return zip(object.names, object.values).map { ($0, AnswerNode($1, path: path + "." + $0)) }
  }

  func text() throws(ChainFault) -> String {
    guard case .string(let text) = json else { throw fault }
    return text
  }

  /// A text, or a number as written.
  func digits() throws(ChainFault) -> String {
    switch json {
    case .string(let text), .number(let text): return text
    default: throw fault
    }
  }

  func truth() throws(ChainFault) -> Bool {
    guard case .bool(let value) = json else { throw fault }
    return value
  }

  func whole() throws(ChainFault) -> Int {
    guard let number = Int(try digits()) else { throw fault }
    return number
  }

  /// A whole number of smallest units.
  func units(decimals: Int) throws(ChainFault) -> ChainAmount {
    guard let amount = ChainAmount(unitsText: try digits(), decimals: decimals) else { throw fault }
    return amount
  }

  /// A decimal number of whole coins.
  func coins(decimals: Int) throws(ChainFault) -> ChainAmount {
    guard let amount = ChainAmount(decimalText: try digits(), decimals: decimals) else {
      throw fault
    }
    return amount
  }

  /// A decimal number of its own precision.
  func decimal() throws(ChainFault) -> ChainAmount {
    guard let amount = ChainAmount(decimalText: try digits()) else { throw fault }
    return amount
  }

  /// The sum of two amounts read here.
  func sum(_ a: ChainAmount, _ b: ChainAmount) throws(ChainFault) -> ChainAmount {
    guard let sum = a.adding(b) else { throw fault }
    return sum
  }
}

/// JSON-RPC 2.0 (https://www.jsonrpc.org/specification).
enum JSONRPC {
  static func body(_ method: String, _ params: JSON, id: Int = 1) -> JSON {
    ["jsonrpc": "2.0", "id": .number(String(id)), "method": .string(method), "params": params]
  }

  static func request(_ url: String, _ body: JSON) -> OutgoingRequest {
    OutgoingRequest(
      method: "POST", url: url, headers: [(name: "Content-Type", value: "application/json")],
      body: Array(body.text.utf8))
  }

  static func call<Value: Sendable>(
    _ url: String, _ method: String, _ params: JSON,
    read: @escaping @Sendable (AnswerNode) throws(ChainFault) -> Value
  ) -> ChainCall<Value> {
    ChainCall(request(url, body(method, params))) { answer throws(ChainFault) in
      try read(try result(try node(answer)))
    }
  }

  /// The body; nodes send errors with several statuses.
  static func node(_ answer: IncomingAnswer) throws(ChainFault) -> AnswerNode {
    if answer.status == 429 { throw .busy("status 429") }
    do {
      return try AnswerNode(body: answer.body)
    } catch {
      guard (200..<300).contains(answer.status) else { throw .status(answer.status) }
      throw error
    }
  }

  /// The result of one answer, or the node's refusal.
  static func result(_ node: AnswerNode) throws(ChainFault) -> AnswerNode {
    if let error = node["error"].present {
      let message = (try? error["message"].text()) ?? (try? error["name"].text()) ?? error.json.text
      let code = (try? error["code"].whole()) ?? 0
      // -32005 is Ethereum's "limit exceeded" (EIP-1474).
      let words = String(message.prefix(ChainFault.longestMessage))
      throw code == -32005 || code == 429 ? .busy(words) : .node(code: code, message: words)
    }
    guard case .object(let object) = node.json, object["result"] != nil else { throw node.fault }
    return node["result"]
  }

  private static func outcome(
    _ element: AnswerNode?, id: Int
  ) -> Result<AnswerNode, ChainFault> {
    guard let element else { return .failure(.malformed("id \(id)")) }
    do throws(ChainFault) {
      return .success(try result(element))
    } catch {
      return .failure(error)
    }
  }

  /// Many questions in one request; the answers may come in any order.
  static func batch(
    _ url: String, _ calls: [(method: String, params: JSON)]
  ) -> ChainCall<[Result<AnswerNode, ChainFault>]> {
    let bodies = calls.enumerated().map { body($1.method, $1.params, id: $0 + 1) }
    return ChainCall(request(url, .array(bodies))) { answer throws(ChainFault) in
      let node = try node(answer)
      guard case .array = node.json else {
        // A node that refuses the whole batch answers with one error.
        _ = try result(node)
        throw node.fault
      }
      var found: [Int: AnswerNode] = [:]
      for element in try node.elements() {
        if let id = try? element["id"].whole() { found[id] = element }
      }
      return calls.indices.map { outcome(found[$0 + 1], id: $0 + 1) }
    }
  }
}

/// Plain requests of REST servers.
enum REST {
  static func get<Value: Sendable>(
    _ url: String, read: @escaping @Sendable (AnswerNode) throws(ChainFault) -> Value
  ) -> ChainCall<Value> {
    let request = OutgoingRequest(
      method: "GET", url: url, headers: [(name: "Accept", value: "application/json")])
    return ChainCall(request) { answer throws(ChainFault) in try read(try AnswerNode(answer)) }
  }

  static func post<Value: Sendable>(
    _ url: String, _ body: JSON,
    read: @escaping @Sendable (AnswerNode) throws(ChainFault) -> Value
  ) -> ChainCall<Value> {
    ChainCall(JSONRPC.request(url, body)) { answer throws(ChainFault) in
      try read(try AnswerNode(answer))
    }
  }

  /// A part of an address with everything escaped that is no letter, digit, `-`, `.`, `_` or `~`.
  static func escaped(_ text: String) -> String {
    var units: [UInt8] = []
    let digits = Array("0123456789ABCDEF".utf8)
    for unit in text.utf8 {
      switch unit {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: units.append(unit)
      default: units += [UInt8(ascii: "%"), digits[Int(unit >> 4)], digits[Int(unit & 15)]]
      }
    }
    return String(decoding: units, as: UTF8.self)
  }
}
