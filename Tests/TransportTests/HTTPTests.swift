import Foundation
import NIOSSL
import Synchronization
import Testing
import Transport
import VenueKit

/// A call to a server of ours.
private func get(_ server: TestServer, _ path: String, host: String = "127.0.0.1")
  -> OutgoingRequest
{
  OutgoingRequest(method: "GET", url: "http://\(host):\(server.port)\(path)")
}

private func fault(
  _ client: HTTPClient, _ request: OutgoingRequest, _ options: CallOptions = CallOptions()
) async -> TransportFault? {
  do {
    _ = try await client.send(request, options: options)
    return nil
  } catch {
    return error
  }
}

@Suite struct HTTPCalls {
  @Test func `method, path, fields and body arrive as they were written`() async throws {
    let server = try await TestServer { _ in .send(answer("yes", "X-Used: 7", "x-empty:")) }
    let client = HTTPClient()
    defer { client.shutDown() }
    let path = "/a/../b//c?x=%2F&y=a+b&signature=abc"
    for method in ["GET", "POST", "PUT", "DELETE", "PATCH"] {
      let body: [UInt8]? = method == "GET" ? nil : Array("{\"a\":1}".utf8)
      let request = OutgoingRequest(
        method: method, url: "http://127.0.0.1:\(server.port)\(path)",
        headers: [("X-Key", "k"), ("X-Empty", "")], body: body)
      let got = try await client.send(request)
      #expect(got.status == 200 && got.body == Array("yes".utf8))
      #expect(got.header("x-used") == "7" && got.header("x-empty") == "")
      let seen = try #require(server.requests.last)
      #expect(seen.method == method && seen.path == path && seen.body == body ?? [])
      #expect(seen.headers["x-key"] == "k" && seen.headers["x-empty"] == "")
      #expect(seen.headers["content-type"] == nil && seen.headers["expect"] == nil)
    }
    #expect(server.connections == 1)
  }

  @Test func `a post without a body says that it has none`() async throws {
    let server = try await TestServer { _ in .send(answer("")) }
    let client = HTTPClient()
    defer { client.shutDown() }
    let request = OutgoingRequest(method: "POST", url: "http://127.0.0.1:\(server.port)/")
    let got = try await client.send(request)
    #expect(got.status == 200 && server.requests.last?.headers["content-length"] == "0")
  }

  @Test(arguments: [204, 304, 400, 418, 429, 503])
  func `any status but a redirect is an answer`(status: Int) async throws {
    let server = try await TestServer { _ in
      .send("HTTP/1.1 \(status) x\r\ncontent-length: 0\r\n\r\n")
    }
    let client = HTTPClient()
    defer { client.shutDown() }
    let got = try await client.send(get(server, "/"))
    #expect(got.status == status)
  }

  @Test(arguments: [301, 302, 303, 307, 308])
  func `a redirect is a fault and is not followed`(status: Int) async throws {
    let server = try await TestServer { _ in
      .send(answer("", status: "\(status) x", "location: /there"))
    }
    let client = HTTPClient()
    defer { client.shutDown() }
    #expect(await fault(client, get(server, "/"))?.kind == .redirect(status: status))
    #expect(server.requests.count == 1)
  }

  @Test func `two hundred calls at once share few connections`() async throws {
    let server = try await TestServer { .send(answer($0.path)) }
    let client = HTTPClient()
    defer { client.shutDown() }
    let bodies = try await withThrowingTaskGroup(of: String.self) { group in
      for index in 0..<200 {
        group.addTask {
          String(decoding: try await client.send(get(server, "/\(index)")).body, as: UTF8.self)
        }
      }
      return try await group.reduce(into: Set<String>()) { $0.insert($1) }
    }
    #expect(bodies == Set((0..<200).map { "/\($0)" }))
    #expect(server.connections <= 6)
  }

  @Test func `a chunked answer is put together`() async throws {
    let server = try await TestServer { _ in
      .send(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nx: y\r\n\r\n"
      )
    }
    let client = HTTPClient()
    defer { client.shutDown() }
    let got = try await client.send(get(server, "/"))
    #expect(got.body == Array("abcde".utf8) && got.header("x") == nil)
  }

  @Test func `callbacks come once each, and cancelling one is told`() async throws {
    let server = try await TestServer { $0.path == "/silent" ? .silence : .send(answer("x")) }
    let client = HTTPClient()
    defer { client.shutDown() }
    let kinds = await withCheckedContinuation { continuation in
      let seen = Mutex<[TransportFault.Kind?]>([])
      let note: @Sendable (Result<IncomingAnswer, TransportFault>) -> Void = { result in
        let all = seen.withLock { seen in
          if case .failure(let fault) = result { seen.append(fault.kind) } else { seen.append(nil) }
          return seen
        }
        if all.count == 2 { continuation.resume(returning: all) }
      }
      let id = client.send(get(server, "/silent"), done: note)
      client.send(get(server, "/")) { result in
        client.cancel(id)
        note(result)
      }
    }
    #expect(Set(kinds) == [nil, .cancelled])
  }
}

@Suite struct HTTPBounds {
  @Test func `a body beyond its bound stops the call`() async throws {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 10000000\r\n\r\n"
    let server = try await TestServer { _ in .flood(head: head, count: 10_000_000) }
    let client = HTTPClient()
    defer { client.shutDown() }
    var options = CallOptions()
    options.bodyBytesMost = 1_000_000
    #expect(await fault(client, get(server, "/"), options)?.kind == .tooLarge(.body))
    options.bodyBytesMost = 10_000_000
    let got = try await client.send(get(server, "/"), options: options)
    #expect(got.body.count == 10_000_000)
  }

  @Test func `a small body that unpacks to a large one stops the call`() async throws {
    // gzip -9 of 20,000,000 zeros, made by the tool itself.
    let packed = try Gzipped.zeros(20_000_000)
    #expect(packed.count < 50_000)
    let head =
      "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: \(packed.count)\r\n\r\n"
    let server = try await TestServer { _ in .sendBytes(Array(head.utf8) + packed) }
    let client = HTTPClient()
    defer { client.shutDown() }
    var options = CallOptions()
    options.bodyBytesMost = 1_000_000
    #expect(await fault(client, get(server, "/"), options)?.kind == .tooLarge(.body))
    options.bodyBytesMost = 20_000_000
    let got = try await client.send(get(server, "/"), options: options)
    #expect(got.body.count == 20_000_000 && got.body.allSatisfy { $0 == 0 })
    #expect(server.requests.first?.headers["accept-encoding"] == "gzip, deflate")
  }

  @Test func `too many fields and too large ones stop the call`() async throws {
    let server = try await TestServer { request in
      let count = request.path == "/many" ? 1000 : 20
      let value = String(repeating: "v", count: request.path == "/many" ? 1 : 8000)
      let fields = (0..<count).map { "x-\($0): \(value)\r\n" }.joined()
      return .send("HTTP/1.1 200 OK\r\n\(fields)content-length: 0\r\n\r\n")
    }
    let client = HTTPClient()
    defer { client.shutDown() }
    #expect(await fault(client, get(server, "/many"))?.kind == .tooLarge(.headers))
    #expect(await fault(client, get(server, "/large"))?.kind == .tooLarge(.headers))
  }

  @Test func `an answer cut off is no answer`() async throws {
    let server = try await TestServer { request in
      request.path == "/length"
        ? .sendThenClose("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc")
        : .sendThenClose("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n64\r\nabc")
    }
    let client = HTTPClient()
    defer { client.shutDown() }
    for path in ["/length", "/chunked"] {
      let found = await fault(client, get(server, path))
      #expect(found?.kind == .closed && found?.mayHaveBeenSent == true)
    }
  }

  @Test func `what is no HTTP is no answer`() async throws {
    let server = try await TestServer { _ in .sendThenClose("SSH-2.0-OpenSSH\r\n\r\n") }
    let client = HTTPClient()
    defer { client.shutDown() }
    let found = await fault(client, get(server, "/"))
    #expect(found?.mayHaveBeenSent == true)
    if case .malformed = found?.kind {} else { Issue.record("\(String(describing: found))") }
  }

  @Test(arguments: [
    "http://example.com/", "http://127.0.0.1.example.com/", "https://user:pass@example.com/",
    "ftp://localhost/", "file:///etc/passwd", "gopher://localhost:1/x", "", "https://", "::",
    "http://0x7f000001.example/", "http://localhost.example/",
  ])
  func `an address that must not be used is refused before anything happens`(url: String) async {
    let client = HTTPClient()
    defer { client.shutDown() }
    let found = await fault(client, OutgoingRequest(method: "GET", url: url))
    if case .request = found?.kind {} else { Issue.record("\(String(describing: found))") }
    #expect(found?.mayHaveBeenSent == false)
  }

  @Test(arguments: [
    ("X-A", "b\r\nX-C: d"), ("X-A\r\nX-C", "b"), ("X A", "b"), ("", "b"), ("X-A", "b\u{0}"),
  ])
  func `a field that would break out is refused`(name: String, value: String) async throws {
    let server = try await TestServer { _ in .send(answer("")) }
    let client = HTTPClient()
    defer { client.shutDown() }
    var request = get(server, "/")
    request.headers = [(name, value)]
    let found = await fault(client, request)
    if case .request = found?.kind {} else { Issue.record("\(String(describing: found))") }
    #expect(server.requests.isEmpty)
  }

  @Test func `no fault tells the query or a field`() async throws {
    let server = try await TestServer { _ in .close }
    let client = HTTPClient()
    defer { client.shutDown() }
    var request = get(server, "/path?signature=CANARY")
    request.headers = [("X-Key", "CANARY")]
    request.body = Array("CANARY".utf8)
    let found = try #require(await fault(client, request))
    #expect(!"\(found) \(String(reflecting: found))".contains("CANARY"))
  }
}

@Suite struct HTTPTimes {
  private func options(_ change: (inout CallOptions) -> Void) -> CallOptions {
    var options = CallOptions()
    change(&options)
    return options
  }

  @Test func `each phase has its own time`() async throws {
    let server = try await TestServer { request in
      request.path == "/stall" ? .send("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc") : .silence
    }
    let client = HTTPClient()
    defer { client.shutDown() }
    let first = await fault(client, get(server, "/"), options { $0.firstByteMilliseconds = 100 })
    #expect(first?.kind == .timeout(.firstByte) && first?.mayHaveBeenSent == true)
    let quiet = await fault(client, get(server, "/stall"), options { $0.quietMilliseconds = 100 })
    #expect(quiet?.kind == .timeout(.quiet) && quiet?.mayHaveBeenSent == true)
    let whole = await fault(client, get(server, "/stall"), options { $0.wholeMilliseconds = 100 })
    #expect(whole?.kind == .timeout(.whole) && whole?.mayHaveBeenSent == true)
  }

  @Test func `a peer that accepts no connection in time has got nothing`() async throws {
    // TLS to a server that never says a word: the connection does not come about.
    let server = try await TestServer { _ in .silence }
    let client = HTTPClient()
    defer { client.shutDown() }
    let request = OutgoingRequest(method: "POST", url: "https://localhost:\(server.port)/")
    let found = await fault(client, request, options { $0.connectMilliseconds = 200 })
    #expect(found?.kind == .timeout(.connect) && found?.mayHaveBeenSent == false)
  }

  @Test func `nobody there and no such name are told apart`() async throws {
    let server = try await TestServer { _ in .silence }
    let port = server.port
    try await server.stop()
    let client = HTTPClient()
    defer { client.shutDown() }
    let refused = await fault(
      client, OutgoingRequest(method: "POST", url: "http://127.0.0.1:\(port)/"))
    #expect(refused?.kind == .connect && refused?.mayHaveBeenSent == false)
    // RFC 6761, 6.4: names under .invalid never resolve.
    let unknown = await fault(
      client, OutgoingRequest(method: "POST", url: "https://venue.invalid/"))
    #expect(unknown?.kind == .dns && unknown?.mayHaveBeenSent == false)
  }

  @Test func `cancelling the task stops the call`() async throws {
    let server = try await TestServer { _ in .silence }
    let client = HTTPClient()
    defer { client.shutDown() }
    let task = Task { await fault(client, get(server, "/")) }
    #expect(try await comes { !server.requests.isEmpty })
    task.cancel()
    let found = await task.value
    #expect(found?.kind == .cancelled && found?.mayHaveBeenSent == true)
    let early = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return await fault(client, get(server, "/early"))
    }
    #expect(await early.value?.kind == .cancelled)
  }

  @Test func `shutting down ends calls under way and later ones`() async throws {
    let server = try await TestServer { _ in .silence }
    let client = HTTPClient()
    let task = Task { await fault(client, get(server, "/")) }
    #expect(try await comes { !server.requests.isEmpty })
    client.shutDown()
    #expect(await task.value?.kind == .shutDown)
    #expect(await fault(client, get(server, "/"))?.kind == .shutDown)
    client.shutDown()
  }

  @Test func `a client may be dropped in its own callback`() async throws {
    let server = try await TestServer { _ in .send(answer("x")) }
    let box = Mutex<HTTPClient?>(HTTPClient())
    let isDone = await withCheckedContinuation { continuation in
      box.withLock { $0 }?.send(get(server, "/")) { _ in
        box.withLock { $0 = nil }
        continuation.resume(returning: true)
      }
    }
    #expect(isDone)
  }
}

@Suite struct HTTPKeepAlive {
  /// Answers the first request of a connection and drops the next ones without a word.
  private func dyingServer() async throws -> TestServer {
    try await TestServer { $0.turn == 1 ? .send(answer("x")) : .close }
  }

  @Test func `a get on a connection that died is sent once more`() async throws {
    let server = try await dyingServer()
    let client = HTTPClient()
    defer { client.shutDown() }
    _ = try await client.send(get(server, "/1"))
    let got = try await client.send(get(server, "/2"))
    #expect(got.status == 200)
    #expect(server.requests.map(\.path) == ["/1", "/2", "/2"])
  }

  @Test(arguments: ["POST", "PUT", "DELETE", "PATCH"])
  func `anything else is never sent twice`(method: String) async throws {
    let server = try await dyingServer()
    let client = HTTPClient()
    defer { client.shutDown() }
    _ = try await client.send(get(server, "/1"))
    let order = OutgoingRequest(
      method: method, url: "http://127.0.0.1:\(server.port)/order", body: [65])
    let found = await fault(client, order)
    #expect(found?.kind == .closed && found?.mayHaveBeenSent == true)
    #expect(server.requests.map(\.path) == ["/1", "/order"])
  }

  @Test func `a get that dies on every connection is a fault in the end`() async throws {
    let server = try await TestServer { $0.path == "/1" ? .send(answer("x")) : .close }
    let client = HTTPClient()
    defer { client.shutDown() }
    _ = try await client.send(get(server, "/1"))
    let found = await fault(client, get(server, "/2"))
    #expect(found?.kind == .closed)
    #expect(server.requests.count <= 3)
  }
}

@Suite struct HTTPSecurity {
  private func client(_ change: (inout HTTPOptions) -> Void = { _ in }) throws -> HTTPClient {
    var options = HTTPOptions()
    options.authorityFile = try Certificates.shared.get().authority
    change(&options)
    return HTTPClient(options: options)
  }

  private func server(_ name: String, versions: (TLSVersion, TLSVersion)? = nil) async throws
    -> TestServer
  {
    let context = try Certificates.shared.get().server(name, versions: versions)
    return try await TestServer(tls: context) { _ in .send(answer("secret")) }
  }

  private func post(_ server: TestServer, host: String = "localhost") -> OutgoingRequest {
    OutgoingRequest(method: "POST", url: "https://\(host):\(server.port)/", body: [1])
  }

  @Test func `a certificate for this host of a trusted authority is taken`() async throws {
    let server = try await server("good")
    let client = try client()
    defer { client.shutDown() }
    let got = try await client.send(post(server))
    #expect(got.body == Array("secret".utf8))
  }

  @Test(arguments: [
    ("other", TransportFault.TLSReason.wrongHost), ("stranger", .untrusted), ("old", .outOfDate),
  ])
  func `any other certificate is refused before a byte is sent`(
    name: String, reason: TransportFault.TLSReason
  ) async throws {
    let server = try await server(name)
    let client = try client()
    defer { client.shutDown() }
    let found = await fault(client, post(server))
    #expect(found?.kind == .tls(reason) && found?.mayHaveBeenSent == false)
    #expect(server.requests.isEmpty)
  }

  @Test func `an answer that is slow holds up no other`() async throws {
    let context = try Certificates.shared.get().server("good")
    let server = try await TestServer(tls: context) { request in
      request.path == "/silent" ? .silence : .send(answer("x"))
    }
    let client = try client()
    defer { client.shutDown() }
    let url = "https://localhost:\(server.port)"
    let slow = Task { await fault(client, OutgoingRequest(method: "GET", url: url + "/silent")) }
    #expect(try await comes { !server.requests.isEmpty })
    let got = try await client.send(OutgoingRequest(method: "GET", url: url + "/fast"))
    #expect(got.status == 200)
    slow.cancel()
    #expect(await slow.value?.kind == .cancelled)
  }

  @Test func `the system's authorities do not know ours`() async throws {
    let server = try await server("good")
    let client = HTTPClient()
    defer { client.shutDown() }
    #expect(await fault(client, post(server))?.kind == .tls(.untrusted))
  }

  @Test func `TLS 1.1 is refused and 1.2 is taken`() async throws {
    let client = try client()
    defer { client.shutDown() }
    let old = try await server("good", versions: (.tlsv1, .tlsv11))
    let found = await fault(client, post(old))
    #expect(found?.kind == .tls(.handshake) && found?.mayHaveBeenSent == false)
    let fair = try await server("good", versions: (.tlsv12, .tlsv12))
    #expect(try await client.send(post(fair)).status == 200)
  }

  @Test func `a pinned key must be the one shown`() async throws {
    let server = try await server("good")
    let certificates = try Certificates.shared.get()
    let pins = [try certificates.pin("other"), try certificates.pin("good")]
    let right = try client { $0.pinnedKeys = ["localhost": pins] }
    defer { right.shutDown() }
    #expect(try await right.send(post(server)).status == 200)
    let wrong = try client { $0.pinnedKeys = ["localhost": [pins[0]]] }
    defer { wrong.shutDown() }
    let found = await fault(wrong, post(server))
    #expect(found?.kind == .tls(.pinMismatch) && found?.mayHaveBeenSent == false)
    #expect(server.requests.count == 1)
  }

  @Test func `a file of authorities that is not there is told`() async throws {
    let server = try await server("good")
    let client = try client { $0.authorityFile = "/nonexistent/ca.pem" }
    defer { client.shutDown() }
    #expect(await fault(client, post(server))?.kind == .tls(.authorityFile))
  }

  @Test func `the proxy is asked for other machines and never for this one`() async throws {
    let proxy = try await TestServer { _ in .sendThenClose("HTTP/1.1 407 no\r\n\r\n") }
    let server = try await TestServer { _ in .send(answer("x")) }
    let client = try client { $0.proxy = .address("http://127.0.0.1:\(proxy.port)") }
    defer { client.shutDown() }
    let far = OutgoingRequest(method: "GET", url: "https://venue.invalid/x?signature=CANARY")
    let found = await fault(client, far)
    #expect(found?.mayHaveBeenSent == false)
    #expect(proxy.requests.map(\.method) == ["CONNECT"])
    #expect(proxy.requests.map(\.path) == ["venue.invalid:443"])
    #expect(try await client.send(get(server, "/")).status == 200)
    #expect(proxy.requests.count == 1)
  }
}
