/// A finished HTTP request: the bytes that were signed are the bytes that are sent.
public struct OutgoingRequest: Sendable {
  /// `GET`, `POST`, `PUT`, `DELETE` or `PATCH`.
  public var method: String
  /// The whole address, query included.
  public var url: String
  /// Header fields in order.
  public var headers: [(name: String, value: String)]
  /// The body, or `nil` for none.
  public var body: [UInt8]?

  /// Makes a request.
  public init(
    method: String, url: String, headers: [(name: String, value: String)] = [],
    body: [UInt8]? = nil
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
  }

  /// The first value of a header field, whatever its case.
  public func header(_ name: String) -> String? {
    headers.first { $0.name.lowercased() == name.lowercased() }?.value
  }
}

/// An HTTP answer.
public struct IncomingAnswer: Sendable {
  /// The status, 100 to 599.
  public var status: Int
  /// Header fields in order, names in lower case.
  public var headers: [(name: String, value: String)]
  /// The body, bounded by the sender of the request.
  public var body: [UInt8]

  /// Makes an answer.
  public init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8]) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// The first value of a header field; `name` in lower case.
  public func header(_ name: String) -> String? {
    headers.first { $0.name == name }?.value
  }
}
