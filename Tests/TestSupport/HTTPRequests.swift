import Foundation

/// Reads requests of HTTP/1.1 from bytes as they come.
///
/// Just enough for servers of tests: a head, and a body as long as `content-length` says.
public struct HTTPRequests: Sendable {
  /// A request.
  public struct Request: Sendable {
    /// For instance `GET`.
    public let method: String
    /// The path with its query.
    public let path: String
    /// The fields by their names in lower case.
    public let headers: [String: String]
    /// The body; empty where there is none.
    public let body: [UInt8]
  }

  private var pending: [UInt8] = []

  /// Starts without bytes.
  public init() {}

  /// Adds bytes that came.
  public mutating func add(_ bytes: [UInt8]) { pending += bytes }

  /// The next whole request; `nil` while there is none.
  public mutating func next() -> Request? {
    let text = String(decoding: pending, as: UTF8.self)
    guard let end = text.range(of: "\r\n\r\n") else { return nil }
    let lines = text[..<end.lowerBound].components(separatedBy: "\r\n")
    let words = lines[0].split(separator: " ").map(String.init)
    guard words.count == 3 else { return nil }
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
      headers[line[..<colon].lowercased()] = value
    }
    let head = text[..<end.upperBound].utf8.count
    let length = headers["content-length"].flatMap { Int($0) } ?? 0
    guard pending.count >= head + length else { return nil }
    let body = Array(pending[head..<(head + length)])
    pending.removeFirst(head + length)
    return Request(method: words[0], path: words[1], headers: headers, body: body)
  }
}
