import Amounts
import Foundation
import Glibc
import Testing
import Wire

/// Simulated venues of one test's own, in a folder apart from its home: their keys stand in the file.
final class VenueWorld {
  /// What `coffer simulate` wrote.
  let file: String
  private let folder: String
  private let server: Child
  private let hosts: [String: String]
  private let accounts: [String: [[String: Any]]]
  private let told: [String: Any]

  /// Opens the venues with histories of so many days, to be read again after `pace` seconds.
  init(events: Int, seed: Int = 1, days: Int = 400, pace: Int = 0) throws {
    var template = Array("/tmp/coffer-sim-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let file = folder + "/venues.json"
    self.file = file
    server = try Child(
      [
        Programs.engine, "simulate", "--events", "\(events)", "--seed", "\(seed)",
        "--days", "\(days)", "--pace", "\(pace)", "--output", file,
      ],
      environment: ["HOME=\(folder)", "LANG=C.UTF-8"], errors: folder + "/errors")
    var read: [String: Any]?
    _ = eventually {
      read =
        try? JSONSerialization.jsonObject(with: Data(Proc.bytes(of: file))) as? [String: Any]
      return read != nil
    }
    let told = try #require(read, "the venues do not open")
    self.told = told
    hosts = try #require(told["hosts"] as? [String: String])
    accounts = try #require(told["accounts"] as? [String: [[String: Any]]])
  }

  deinit {
    server.signal(SIGKILL)
    _ = server.wait()
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// The variable that makes an engine reach these venues.
  var variable: String { "COFFER_SIMULATED=\(file)" }

  /// What is watched of a chain.
  func watched(_ chain: String) throws -> String {
    try #require((told[chain] as? [String: String])?["watch"])
  }

  /// The fields of a venue's key: key, secret and, where it has one, passphrase.
  func fields(_ venue: String) throws -> [String] {
    let account = try #require(accounts[venue]?.first)
    // A key of several lines is given as it stands in the venue's own file, in one.
    return ["key", "secret", "passphrase"].compactMap { account[$0] as? String }
      .filter { !$0.isEmpty }.map { $0.replacing("\n", with: "\\n") }
  }

  /// What the venue says that the account has, by its code; the truth of the simulation.
  func truth(_ venue: String) throws -> [String: Fixed] {
    let told = try #require(accounts[venue]?.first?["holdings"] as? [String: String])
    return try told.mapValues { try Fixed(parsing: $0) }.filter { !$0.value.isZero }
  }

  /// A file with these lines that is not in any home.
  func input(_ lines: [String]) throws -> String {
    let path = folder + "/input-\(UUID().uuidString)"
    try Data(lines.map { $0 + "\n" }.joined().utf8).write(to: URL(filePath: path))
    return path
  }

  /// Sets what goes wrong at the venue behind a host.
  func setFaults(_ faults: String, at host: String) throws {
    #expect(try ask("PUT", "/simulator/faults", faults, host).contains("\"ok\":true"))
  }

  /// How many requests the venue behind a host was asked.
  func requests(_ host: String) throws -> Int {
    try #require(try state(host)["requests"] as? Int)
  }

  /// How many events of each kind the first account's history has.
  func kinds(_ host: String) throws -> [String: Int] {
    let accounts = try #require(try state(host)["accounts"] as? [[String: Any]])
    return try #require(accounts.first?["kinds"] as? [String: Int])
  }

  private func state(_ host: String) throws -> [String: Any] {
    let answer = try ask("GET", "/simulator/state", "", host)
    let body = try #require(answer.range(of: "\r\n\r\n")).upperBound
    let told = try JSONSerialization.jsonObject(with: Data(answer[body...].utf8))
    return try #require(told as? [String: Any])
  }

  /// Asks the server behind a host over a connection of its own; the answer with its head.
  private func ask(
    _ method: String, _ path: String, _ body: String, _ host: String
  ) throws -> String {
    let base = try #require(hosts[host], "no venue at \(host)")
    let port = try #require(UInt16(base.split(separator: ":").last ?? ""))
    let line = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    defer { close(line) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let connected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(line, $0, size) }
    }
    try #require(connected == 0)
    let text =
      "\(method) \(path) HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n"
      + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    let bytes = Array(text.utf8)
    try #require(write(line, bytes, bytes.count) == bytes.count)
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = read(line, &buffer, buffer.count), count > 0 {
      answer += buffer.prefix(count)
    }
    return String(decoding: answer, as: UTF8.self)
  }
}

extension Home {
  /// Runs a command whose key fields are read from a file outside the home.
  func run(
    _ arguments: [String], giving lines: [String], in world: VenueWorld
  ) throws -> Finished {
    let stem = path + "/streams/key-\(UUID().uuidString)"
    let child = try Child(
      [Programs.coffer] + arguments + ["--credentials-descriptor", "0"],
      environment: environment([world.variable]), input: try world.input(lines),
      output: stem + ".out", errors: stem + ".err")
    let status = child.wait()
    return Finished(
      status: status ?? -1, output: String(decoding: Proc.bytes(of: stem + ".out"), as: UTF8.self),
      errors: String(decoding: Proc.bytes(of: stem + ".err"), as: UTF8.self))
  }

  /// Follows the first account of a venue.
  func follow(
    _ venue: String, from day: String = "2025-01-01", in world: VenueWorld
  ) throws {
    let done = try run(
      ["account", "add", venue, "--from", day], giving: try world.fields(venue), in: world)
    #expect(done.status == 0, "\(venue): \(done.errors)")
  }

  /// How many entries of each kind the vault has of an account, as it is exported.
  func booked(_ account: String) throws -> [String: Int] {
    let file = self("entries-\(UUID().uuidString).json")
    try coffer("export", "entries", "--output", file)
    var counts: [String: Int] = [:]
    for line in Proc.bytes(of: file).split(separator: UInt8(ascii: "\n")) {
      let entry = try #require(JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])
      let legs = try #require(entry["legs"] as? [[String: Any]])
      guard legs.contains(where: { $0["account"] as? String == account }) else { continue }
      counts[try #require(entry["kind"] as? String), default: 0] += 1
    }
    return counts
  }

  /// What the vault says an account holds, by the venue's code, as it is exported.
  func exported(_ account: String) throws -> [String: Fixed] {
    let file = self("holdings-\(UUID().uuidString).json")
    try coffer("export", "holdings", "--output", file)
    let rows = try Proc.bytes(of: file).split(separator: UInt8(ascii: "\n")).map { line in
      try #require(JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])
    }
    var sums: [String: Fixed] = [:]
    for row in rows where row["account"] as? String == account {
      let asset = try #require(row["asset"] as? String)
      let last = String(try #require(asset.split(separator: ":").last))
      let code = ["bitcoin": "BTC", "ethereum": "ETH"][last] ?? last
      for name in ["free", "staked"] {
        let part = try Fixed(parsing: try #require(row[name] as? String))
        sums[code] = try (sums[code] ?? .zero).adding(part)
      }
    }
    return sums.filter { !$0.value.isZero }
  }
}

/// An account as `account status` shows it.
struct FollowedState: Hashable {
  let account: String
  let state: String
  let percent: Int64
  let breaks: Int64
}

extension Report {
  /// The accounts of the board of accounts.
  var followed: [FollowedState] {
    rows.compactMap { row in
      func cell(_ name: String) -> ReportCell? {
        columns.firstIndex(of: name).map { row[$0] }
      }
      guard case .text(let account) = cell("account"), case .text(let state) = cell("state") else {
        return nil
      }
      var (percent, breaks): (Int64, Int64) = (0, 0)
      if case .integer(let number) = cell("done_percent") { percent = number }
      if case .integer(let number) = cell("breaks") { breaks = number }
      return FollowedState(account: account, state: state, percent: percent, breaks: breaks)
    }
  }
}
