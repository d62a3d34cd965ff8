import Adapters
import Encodings
import Foundation
import Ledger
import Styles
import Testing
import VenueKit

/// A folder of the test's own; removed with it.
final class Place {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "coffer-\(UUID())")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    chmod(url.path, 0o755)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  var path: String { url.path }

  /// Writes a file with these rights.
  func write(_ name: String, _ text: String, _ mode: mode_t = 0o644) throws {
    let file = url.appending(path: name)
    try Data(text.utf8).write(to: file)
    #expect(chmod(file.path, mode) == 0)
  }

  /// Makes a folder in it, with these rights.
  func makeFolder(_ name: String, _ mode: mode_t = 0o755) throws -> String {
    let folder = url.appending(path: name)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    #expect(chmod(folder.path, mode) == 0)
    return folder.path
  }

  /// The sample adapter, copied with rights that are right.
  static func sample() throws -> Place {
    let place = try Place()
    let source = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Fixtures/sample")
    for (name, mode) in [("adapter.toml", mode_t(0o644)), ("adapter.py", mode_t(0o755))] {
      let text = try String(contentsOf: source.appending(path: name), encoding: .utf8)
      try place.write(name, text, mode)
    }
    return place
  }

  /// A manifest of one feed.
  static let manifest = """
    id = "fake"
    name = "Fake"
    program = "adapter"

    [credentials]
    secret = "API secret"

    [feeds]
    balances = "single"

    [process]
    answer-seconds = "60"
    """

  /// A program that greets well and then runs these lines of Python for each request; `line` holds
  /// the request, `say` writes a line.
  static func child(_ body: String, manifest: String = Place.manifest) throws -> Place {
    let place = try Place()
    try place.write("adapter.toml", manifest)
    let lines = body.split(separator: "\n", omittingEmptySubsequences: false)
      .map { "    " + $0 }.joined(separator: "\n")
    try place.write(
      "adapter",
      """
      #!/usr/bin/python3 -I
      import json, os, resource, signal, sys, time
      def say(text):
          sys.stdout.write(text + "\\n")
          sys.stdout.flush()
      def rows(request, rows):
          say(json.dumps({"id": request["id"], "rows": rows}))
      sys.stdin.readline()
      say('{"id": 1, "protocol": 1, "feeds": ["balances"]}')
      for line in sys.stdin:
          request = json.loads(line)
      \(lines)

      """, 0o755)
    return place
  }
}

/// What an adapter said on standard error.
final class Said: Sendable {
  private let stream: AsyncStream<String>
  private let sink: AsyncStream<String>.Continuation

  init() { (stream, sink) = AsyncStream.makeStream(of: String.self) }

  var take: @Sendable (String) -> Void {
    let sink = sink
    return { sink.yield($0) }
  }

  /// Everything that was said up to now.
  func all() async -> [String] {
    sink.finish()
    var lines: [String] = []
    for await line in stream { lines.append(line) }
    return lines
  }
}

extension AdapterProcess {
  /// Asks and waits.
  func answer(_ call: Call, _ credentials: Credentials? = Credentials(secret: "hunter2hunter2"))
    async -> Answer
  {
    await withCheckedContinuation { continuation in
      ask(call, credentials: credentials) { continuation.resume(returning: $0) }
    }
  }

  /// The call of its first balances.
  func balances(
    _ credentials: Credentials = Credentials(secret: "hunter2hunter2")
  ) async throws -> [Balance] {
    let venue = adapter.venue
    let feed = try #require(venue.feeds.balances.first)
    let ask = Ask(now: now)
    let call = try #require(try feed.calls(ask).first)
    let incoming = try await answer(call, credentials).get()
    return try feed.read(try venue.answer(ask, call, incoming))
  }
}

let now = Instant(seconds: 1_736_500_000)
