import CPosix
import Encodings
import Glibc
import VenueKit

/// A running adapter; used by one thread, which lives as long as it does.
final class AdapterChild {
  private let child: posix_child
  private let limits: AdapterLimits
  private var noise: AdapterNoise
  private var received: [UInt8] = []
  private var searched = 0
  private var lastID = 0
  private var isGone = false
  private var hasClosedErrors = false
  /// Secrets that it was told.
  private var hidden: [String] = []

  /// Starts a program.
  init(
    _ adapter: InstalledAdapter, log: @escaping @Sendable (String) -> Void
  ) throws(AdapterFault) {
    limits = adapter.limits
    noise = AdapterNoise(log)
    var variables = adapter.environment
    variables["PATH"] = variables["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
    variables["LANG"] = variables["LANG"] ?? "C.UTF-8"
    var bounds = posix_limits()
    bounds.cpu_seconds = UInt(limits.processorSeconds)
    bounds.memory_bytes = UInt(limits.memoryMebibytes) << 20
    bounds.descriptors = 64
    bounds.may_fork = limits.mayFork ? 1 : 0
    let code: Int32
    (code, child) = AdapterChild.spawn(
      adapter.program, adapter.folder, variables.sorted { $0.key < $1.key }, bounds)
    if code != 0 { throw .notStarted(systemText(code)) }
  }

  private static func spawn(
    _ program: String, _ folder: String, _ variables: [(key: String, value: String)],
    _ bounds: posix_limits
  ) -> (Int32, posix_child) {
    var bounds = bounds
    var child = posix_child()
    var arguments: [UnsafeMutablePointer<CChar>?] = [strdup(program), nil]
    var environment = variables.map { strdup("\($0.key)=\($0.value)") }
    environment.append(nil)
    defer { for pointer in arguments + environment { free(pointer) } }
    let code = posix_spawn_sandboxed(
      program, folder, &arguments, &environment, &bounds, &child)
    return (code, child)
  }

  deinit { end() }

  // MARK: - Asking

  /// Makes sure that both speak the same protocol and that the program does what was promised.
  func greet(
    _ manifest: AdapterManifest, stop: Stop
  ) throws(AdapterFault) {
    let hello = JSONObject([
      ("protocol", .number(String(AdapterProcess.protocolVersion))),
      ("venue", .string(manifest.id)),
    ])
    let (answer, _) = try ask(
      "hello", hello, seconds: limits.startSeconds, stop: stop)
    guard (try? answer["protocol"].integer()) == Int64(AdapterProcess.protocolVersion) else {
      throw .brokeProtocol("\"protocol\": \(AdapterProcess.protocolVersion)")
    }
    let offered = ((try? answer["feeds"].elements()) ?? []).compactMap { try? $0.text() }
    for feed in manifest.feeds where !offered.contains(feed.method.rawValue) {
      throw .lacks(feed.method.rawValue)
    }
  }

  /// Asks for something.
  ///
  /// - Returns: The answer's line, which holds an object with the request's number.
  func ask(
    _ call: Call, _ credentials: Credentials?, _ fields: [CredentialField], stop: Stop
  ) throws(AdapterFault) -> [UInt8] {
    var members: [(String, JSON)] = [("ask", call.parameters.json)]
    if let credentials {
      members.append(
        (
          "credentials",
          .object(JSONObject(fields.map { ($0.name, .string(credentials.field($0.name))) }))
        ))
    }
    let secrets = AdapterChild.secrets(credentials, fields)
    // What one account's request told it, it may say during another's.
    for secret in secrets where !hidden.contains(secret) { hidden.append(secret) }
    let (_, line) = try ask(
      call.path, JSONObject(members), seconds: limits.answerSeconds, stop: stop)
    // An answer is shown and kept: a secret in it would be, too.
    for secret in secrets where AdapterChild.contains(line, Array(secret.utf8)) {
      throw .brokeProtocol("an answer without the account's secrets")
    }
    return line
  }

  private func ask(
    _ method: String, _ members: JSONObject, seconds: Int, stop: Stop
  ) throws(AdapterFault) -> (Node, [UInt8]) {
    lastID += 1
    var request = JSONObject([("id", .number(String(lastID))), ("method", .string(method))])
    for (name, value) in zip(members.names, members.values) { request.set(name, value) }
    let line = try exchange(
      Array((JSON.object(request).text + "\n").utf8), seconds: seconds, stop: stop)
    let json: JSON
    do {
      json = try JSON.reading(line)
    } catch {
      throw .brokeProtocol("one JSON object a line (\(error))")
    }
    let answer = Node(json)
    guard case .object = json, answer["id"].json == .number(String(lastID)) else {
      throw .brokeProtocol("an object with \"id\": \(lastID)")
    }
    return (answer, line)
  }

  /// The secret texts worth looking for: each line of those that have several.
  private static func secrets(
    _ credentials: Credentials?, _ fields: [CredentialField]
  ) -> [String] {
    fields.filter(\.isSecret).flatMap { field in
      (credentials?.field(field.name) ?? "").split(separator: "\n").map(String.init)
    }.filter { $0.utf8.count >= 8 }
  }

  private static func contains(_ line: [UInt8], _ secret: [UInt8]) -> Bool {
    line.firstRange(of: secret) != nil
  }

  // MARK: - Lines

  /// Writes a line and waits for one.
  private func exchange(
    _ request: [UInt8], seconds: Int, stop: Stop
  ) throws(AdapterFault) -> [UInt8] {
    guard received.isEmpty else { throw .brokeProtocol("one line a request") }
    var request = request
    // The line may hold secrets, and memory is given back as it is.
    defer { request.withUnsafeMutableBytes { posix_wipe($0.baseAddress, $0.count) } }
    let due = AdapterChild.clock + Int64(seconds) * 1_000
    var sent = 0
    searched = 0
    while true {
      if stop.isUrgent { throw .stopped }
      let left = due - AdapterChild.clock
      guard left > 0 else { throw .tookTooLong(seconds: seconds) }
      let isSending = sent < request.count
      var watched = [
        pollfd(fd: child.output, events: Int16(POLLIN), revents: 0),
        pollfd(fd: child.errors, events: Int16(POLLIN), revents: 0),
        pollfd(fd: stop.descriptor, events: Int16(POLLIN), revents: 0),
        pollfd(fd: isSending ? child.input : -1, events: Int16(POLLOUT), revents: 0),
      ]
      if hasClosedErrors { watched[1].fd = -1 }
      if poll(&watched, nfds_t(watched.count), Int32(min(left, 60_000))) < 0, errno != EINTR {
        throw .ended(systemText(errno))
      }
      if watched[2].revents != 0 { stop.clear() }
      if watched[1].revents != 0 { hearErrors() }
      if watched[3].revents != 0 { sent += try send(request[sent...]) }
      if watched[0].revents != 0, let line = try receive() {
        guard sent == request.count else { throw .brokeProtocol("an answer after the request") }
        return line
      }
    }
  }

  private func send(_ rest: ArraySlice<UInt8>) throws(AdapterFault) -> Int {
    let count = rest.withUnsafeBytes { write(child.input, $0.baseAddress, $0.count) }
    if count >= 0 { return count }
    if errno == EAGAIN || errno == EINTR { return 0 }
    throw .ended(ending())
  }

  /// Reads what there is; the line where it is whole.
  private func receive() throws(AdapterFault) -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    let count = buffer.withUnsafeMutableBytes { read(child.output, $0.baseAddress, $0.count) }
    if count < 0, errno == EAGAIN || errno == EINTR { return nil }
    guard count > 0 else { throw .ended(ending()) }
    received += buffer.prefix(count)
    guard let end = received[searched...].firstIndex(of: 0x0A) else {
      searched = received.count
      guard received.count <= limits.answerBytes else {
        throw .answeredTooMuch(bytes: limits.answerBytes)
      }
      return nil
    }
    guard end <= limits.answerBytes else { throw .answeredTooMuch(bytes: limits.answerBytes) }
    guard end == received.count - 1 else { throw .brokeProtocol("one line a request") }
    received.removeLast()
    defer { received = [] }
    return received
  }

  private func hearErrors() {
    var buffer = [UInt8](repeating: 0, count: 4 << 10)
    let count = buffer.withUnsafeMutableBytes { read(child.errors, $0.baseAddress, $0.count) }
    if count > 0 { noise.take(buffer.prefix(count), hiding: hidden) }
    if count == 0 {
      hasClosedErrors = true
      noise.end(hiding: hidden)
    }
  }

  /// Milliseconds of a clock that never goes back.
  static var clock: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
  }

  // MARK: - The end

  /// How the program ended, in words; it is killed where it has not.
  private func ending() -> String {
    hearErrors()
    var status: Int32 = 0
    // A program that closed its output is about to end, and is given a moment to do so.
    var isOver = wait(&status, milliseconds: 200)
    if !isOver {
      killAll()
      isOver = waitpid(child.process, &status, 0) == child.process
    } else {
      killAll()
    }
    closePipes()
    guard isOver else { return "nothing is known of it" }
    let signal = status & 0x7F
    return signal == 0 ? "exit status \(status >> 8 & 0xFF)" : "signal \(signal)"
  }

  private func wait(_ status: inout Int32, milliseconds: Int64) -> Bool {
    let due = AdapterChild.clock + milliseconds
    let descriptor = posix_pidfd(child.process)
    if descriptor >= 0 {
      var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      _ = poll(&watched, 1, Int32(max(0, due - AdapterChild.clock)))
      close(descriptor)
    }
    return waitpid(child.process, &status, WNOHANG) == child.process
  }

  /// Kills the program and what it started in its session.
  private func killAll() {
    _ = Glibc.kill(-child.process, SIGKILL)
    _ = Glibc.kill(child.process, SIGKILL)
  }

  private func closePipes() {
    if isGone { return }
    isGone = true
    close(child.input)
    close(child.output)
    close(child.errors)
  }

  /// Ends the program: its input is closed, and what does not end is killed.
  func end() {
    if isGone { return }
    close(child.input)
    var status: Int32 = 0
    let isOver = wait(&status, milliseconds: 500)
    killAll()
    if !isOver { waitpid(child.process, &status, 0) }
    isGone = true
    close(child.output)
    close(child.errors)
  }

  /// Ends the program at once.
  func kill() {
    if isGone { return }
    killAll()
    var status: Int32 = 0
    waitpid(child.process, &status, 0)
    closePipes()
  }
}
