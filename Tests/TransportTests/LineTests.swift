import Encodings
import Foundation
import NIOSSL
import Synchronization
import Testing

@testable import Transport

/// JSON-RPC in lines, as Electrum's servers speak it, over real sockets.
@Suite struct LineTests {
  private static let greeting = LineQuestion("server.version", ["coffer", ["1.4", "1.4.3"]])
  /// As https://electrumx.readthedocs.io/en/latest/protocol-methods.html#server-version shows it.
  private static let welcome = #"["ElectrumX 1.2.1","1.4"]"#

  /// The id of a line, as it was written.
  private static func id(_ line: String) -> Int {
    guard case .object(let object)? = try? JSON.reading(line),
      case .number(let text)? = object["id"]
    else { return -1 }
    return Int(text) ?? -1
  }

  private static func answer(_ id: Int, _ result: String) -> [UInt8] {
    Array(#"{"jsonrpc":"2.0","id":\#(id),"result":\#(result)}"#.utf8) + [0x0A]
  }

  /// Greets, and answers every other line with its own number.
  private static func polite(_ line: String) -> LineServer.Deed {
    let id = id(line)
    return .say(answer(id, id == 0 ? welcome : "\(id)"))
  }

  /// Greets, and does something else with every other line.
  private static func greeting(
    then deed: @escaping @Sendable (Int) -> LineServer.Deed
  ) -> @Sendable (String) -> LineServer.Deed {
    { line in
      let id = id(line)
      return id == 0 ? .say(answer(0, welcome)) : deed(id)
    }
  }

  private func client(
    _ server: LineServer, options: LineOptions = LineOptions(), isSecure: Bool = false,
    pin: (@Sendable ([UInt8]) -> Bool)? = nil
  ) -> LineClient {
    LineClient(
      LinePlace(host: "localhost", port: server.port, isSecure: isSecure, pin: pin),
      greeting: Self.greeting, options: options)
  }

  private func ask(_ client: LineClient) async -> Result<String, TransportFault> {
    await withCheckedContinuation { continuation in
      client.ask(LineQuestion("blockchain.headers.subscribe", [])) { result in
        continuation.resume(returning: result.map { String(decoding: $0, as: UTF8.self) })
      }
    }
  }

  private func kind(_ result: Result<String, TransportFault>) -> TransportFault.Kind? {
    if case .failure(let fault) = result { fault.kind } else { nil }
  }

  @Test func `many questions share one connection, and each gets its own answer`() async throws {
    // Answers come in turned order: two by two.
    let waiting = Mutex<Int?>(nil)
    let server = try await LineServer(
      Self.greeting { id in
        let first = waiting.withLock { held -> Int? in
          defer { held = held == nil ? id : nil }
          return held
        }
        guard let first else { return .nothing }
        return .say(Self.answer(id, "\(id)") + Self.answer(first, "\(first)"))
      })
    let client = client(server)
    let results = await withTaskGroup(of: Result<String, TransportFault>.self) { group in
      for _ in 0..<20 { group.addTask { await ask(client) } }
      return await group.reduce(into: []) { $0.append($1) }
    }
    let texts = Set(results.compactMap { try? $0.get() })
    #expect(texts.count == 20)
    #expect(texts.allSatisfy { $0.contains(#""result":\#(Self.id($0))"#) })
    #expect(server.connections == 1)
    #expect(Self.id(server.lines[0]) == 0 && server.lines[0].contains("server.version"))
    client.shutDown()
    #expect(kind(await ask(client)) == .shutDown)
    try await server.stop()
  }

  @Test func `a dropped connection is told, and the next question connects again`() async throws {
    let drops = Mutex(true)
    let server = try await LineServer(
      Self.greeting { id in
        drops.withLock { $0 } ? .close : .say(Self.answer(id, "1"))
      })
    let client = client(server)
    let result = await ask(client)
    #expect(kind(result) == .closed)
    if case .failure(let fault) = result { #expect(fault.mayHaveBeenSent) }
    drops.withLock { $0 = false }
    #expect(try await ask(client).get().contains(#""result":1"#))
    #expect(server.connections == 2)
    client.shutDown()
    try await server.stop()
  }

  @Test(
    arguments: [
      "no JSON at all\n", "[]\n", "{}\n", #"{"id":999,"result":1}"# + "\n", "\n", "\u{0}\u{1}\n",
      #"{"id":"1","result":1}"# + "\n",
    ])
  func `what is no answer ends the connection with a fault`(garbage: String) async throws {
    let server = try await LineServer(Self.greeting { _ in .say(Array(garbage.utf8)) })
    let client = client(server)
    let fault = kind(await ask(client))
    guard case .malformed? = fault else {
      Issue.record("\(garbage): \(String(describing: fault))")
      return
    }
    client.shutDown()
    try await server.stop()
  }

  @Test func `what a server tells by itself is passed over`() async throws {
    let news = #"{"jsonrpc":"2.0","method":"blockchain.headers.subscribe","params":[{}]}"# + "\n"
    let server = try await LineServer(
      Self.greeting { id in .say(Array(news.utf8) + Self.answer(id, "7")) })
    let client = client(server)
    #expect(try await ask(client).get().contains(#""result":7"#))
    client.shutDown()
    try await server.stop()
  }

  @Test func `a line beyond the bound is refused, with an end and without`() async throws {
    for ending in ["\n", ""] {
      let server = try await LineServer(
        Self.greeting { _ in .say([UInt8](repeating: 0x20, count: 5_000) + Array(ending.utf8)) })
      var options = LineOptions()
      options.lineBytesMost = 4_000
      let client = client(server, options: options)
      #expect(kind(await ask(client)) == .tooLarge(.message))
      client.shutDown()
      try await server.stop()
    }
  }

  @Test func `an answer in many small pieces is put together`() async throws {
    let server = try await LineServer(
      Self.greeting { id in .dribble(Self.answer(id, "[1,2,3]"), pieces: 17) })
    let client = client(server)
    #expect(try await ask(client).get().contains("[1,2,3]"))
    client.shutDown()
    try await server.stop()
  }

  @Test func `a server that is silent is given up, before the greeting and after`() async throws {
    var options = LineOptions()
    options.connectMilliseconds = 200
    options.answerMilliseconds = 200
    let silent = try await LineServer { _ in .nothing }
    let one = client(silent, options: options)
    guard case .timeout? = kind(await ask(one)) else {
      Issue.record("a silent greeting")
      return
    }
    let slow = try await LineServer(Self.greeting { _ in .nothing })
    let other = client(slow, options: options)
    #expect(kind(await ask(other)) == .timeout(.whole))
    for server in [silent, slow] { try await server.stop() }
  }

  @Test func `a refused greeting ends the connection before anything is asked`() async throws {
    let server = try await LineServer { line in
      .say(
        Array(#"{"jsonrpc":"2.0","id":0,"error":{"code":1,"message":"unsupported"}}"#.utf8) + [10])
    }
    let result = await ask(client(server))
    #expect(kind(result) == .malformed("the greeting was refused"))
    if case .failure(let fault) = result { #expect(!fault.mayHaveBeenSent) }
    #expect(server.lines.count == 1)
    try await server.stop()
  }

  @Test func `no more wait than is allowed`() async throws {
    let server = try await LineServer(Self.greeting { _ in .nothing })
    var options = LineOptions()
    options.pendingMost = 2
    let client = client(server, options: options)
    for _ in 0..<2 { client.ask(LineQuestion("x", [])) { _ in } }
    #expect(kind(await ask(client)) == .busy)
    client.shutDown()
    try await server.stop()
  }

  @Test func `an idle connection is closed`() async throws {
    let server = try await LineServer { Self.polite($0) }
    var options = LineOptions()
    options.idleMilliseconds = 50
    let client = client(server, options: options)
    _ = try await ask(client).get()
    #expect(try await comes { server.connections == 1 })
    try await Task.sleep(for: .milliseconds(300))
    _ = try await ask(client).get()
    #expect(server.connections == 2)
    client.shutDown()
    try await server.stop()
  }

  @Test func `plain text never leaves this machine`() async {
    let client = LineClient(LinePlace(host: "192.0.2.1", port: 50_001, isSecure: false))
    guard case .request? = kind(await ask(client)) else {
      Issue.record("192.0.2.1 was asked in plain text")
      return
    }
  }

  @Test func `nobody there is told at once`() async throws {
    let server = try await LineServer { Self.polite($0) }
    let port = server.port
    try await server.stop()
    let client = LineClient(LinePlace(host: "127.0.0.1", port: port, isSecure: false))
    #expect(kind(await ask(client)) == .connect)
  }

  // MARK: - TLS

  @Test(arguments: [
    ("good", nil), ("other", TransportFault.TLSReason.wrongHost), ("old", .untrusted),
    ("stranger", .untrusted),
  ])
  func `a certificate is checked, name included`(
    name: String, reason: TransportFault.TLSReason?
  ) async throws {
    let certificates = try Certificates.shared.get()
    let server = try await LineServer(tls: certificates.server(name)) { Self.polite($0) }
    var options = LineOptions()
    options.authorityFile = certificates.authority
    let result = await ask(client(server, options: options, isSecure: true))
    #expect(kind(result) == reason.map { .tls($0) })
    if reason != nil { #expect(server.lines.isEmpty) }
    try await server.stop()
  }

  @Test func `a self-signed certificate is taken by its fingerprint, and no other`() async throws {
    let certificates = try Certificates.shared.get()
    let server = try await LineServer(tls: certificates.server("stranger")) { Self.polite($0) }
    let file = certificates.folder.appending(path: "stranger.pem").path
    let wanted = try NIOSSLCertificate.fromPEMFile(file)[0].toDERBytes()
    let right = client(server, isSecure: true) { $0 == wanted }
    #expect(try await ask(right).get().contains(#""result":1"#))
    let wrong = client(server, isSecure: true) { $0 == wanted.reversed() }
    #expect(kind(await ask(wrong)) == .tls(.pinMismatch))
    try await server.stop()
  }
}
