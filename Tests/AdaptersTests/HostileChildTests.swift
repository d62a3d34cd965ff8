import Adapters
import Amounts
import Encodings
import Foundation
import Glibc
import Ledger
import Testing
import VenueKit

/// Programs that break the rules; each test's program is written by the test.
@Suite struct HostileChildren {
  /// What becomes of one call to a program with this body.
  private func fault(_ body: String, seconds: Int = 60) async throws -> AdapterFault? {
    let manifest = Place.manifest.replacing("\"60\"", with: "\"\(seconds)\"")
    let place = try Place.child(body, manifest: manifest)
    defer { withExtendedLifetime(place) {} }
    let process = AdapterProcess(try AdapterLibrary.adapter(at: place.path)) { _ in }
    defer { process.shutDown() }
    switch await process.answer(Call("adapter", "GET", "balances")) {
    case .success: return nil
    case .failure(let fault): return fault
    }
  }

  @Test func `a program that is well behaved gives rows`() async throws {
    let place = try Place.child(#"rows(request, [{"asset": "BTC", "total": "1.5"}])"#)
    defer { withExtendedLifetime(place) {} }
    let process = AdapterProcess(try AdapterLibrary.adapter(at: place.path)) { _ in }
    let balances = try await process.balances()
    let again = try await process.balances()
    process.shutDown()
    #expect(balances.map(\.asset) == ["BTC"])
    #expect(balances.first?.total?.text == "1.5")
    #expect(again == balances)
  }

  @Test func `one that hangs is given up after its time`() async throws {
    let fault = try await fault("time.sleep(3600)", seconds: 2)
    #expect(fault == .tookTooLong(seconds: 2))
    #expect(fault?.venueFault.isRetryable == true)
  }

  @Test func `one that does not read its input is given up after its time`() async throws {
    let place = try Place.child(
      "", manifest: Place.manifest.replacing("\"60\"", with: "\"2\""))
    try place.write(
      "adapter",
      """
      #!/usr/bin/python3 -I
      import os, signal
      os.read(0, 4096)
      os.write(1, b'{"id": 1, "protocol": 1, "feeds": ["balances"]}\\n')
      signal.pause()
      """, 0o755)
    defer { withExtendedLifetime(place) {} }
    let process = AdapterProcess(try AdapterLibrary.adapter(at: place.path)) { _ in }
    defer { process.shutDown() }
    let long = Call("adapter", "GET", "balances", ["cursor": .string(longText)])
    let answer = await process.answer(long)
    #expect(answer.fault == .tookTooLong(seconds: 2))
  }

  /// More than a pipe takes.
  private var longText: String { String(repeating: "x", count: 1 << 20) }

  @Test func `one that ends is a fault that may be tried again`() async throws {
    let fault = try await fault("sys.exit(3)")
    #expect(fault == .ended("exit status 3"))
    #expect(fault?.venueFault.isRetryable == true)
  }

  @Test func `one that is killed is a fault that may be tried again`() async throws {
    let fault = try await fault("os.kill(os.getpid(), signal.SIGSEGV)")
    #expect(fault == .ended("signal 11"))
  }

  @Test func `a line without an end is cut off at its bound`() async throws {
    let fault = try await fault(
      """
      while True:
          sys.stdout.write("x" * 65536)
      """)
    #expect(fault == .answeredTooMuch(bytes: 16 << 20))
  }

  @Test func `more than one line breaks the protocol`() async throws {
    let two = #"{"id": 2, "rows": []}\n{"id": 2, "rows": []}"#
    let fault = try await fault("say('\(two)')")
    #expect(fault == .brokeProtocol("one line a request"))
  }

  @Test func `one that floods is ended at the latest when it is asked again`() async throws {
    let place = try Place.child(
      """
      while True:
          rows(request, [])
      """)
    defer { withExtendedLifetime(place) {} }
    let process = AdapterProcess(try AdapterLibrary.adapter(at: place.path)) { _ in }
    defer { process.shutDown() }
    let call = Call("adapter", "GET", "balances")
    var fault = await process.answer(call).fault
    if fault == nil { fault = await process.answer(call).fault }
    guard case .brokeProtocol? = fault else {
      Issue.record("\(String(describing: fault))")
      return
    }
  }

  @Test(arguments: [
    "say('no JSON')", "say('')", "say('[]')", "say('{}')", "say('null')",
    "sys.stdout.buffer.write(b'\\xff\\xfe\\x00\\n'); sys.stdout.flush()",
    "say('{\"id\": \"2\", \"rows\": []}')", "say('{\"id\": 7, \"rows\": []}')",
    "say('[' * 100000)", "say('{\"id\": 2, \"id\": 3, \"rows\": []}')",
  ])
  func `what is no answer to the request breaks the protocol`(body: String) async throws {
    guard case .brokeProtocol? = try await fault(body) else {
      Issue.record("\(body) was taken for an answer")
      return
    }
  }

  @Test(arguments: [
    #"say('{"id": 2}')"#, #"rows(request, {})"#, #"rows(request, "x")"#, #"rows(request, 5)"#,
    #"rows(request, [5])"#, #"rows(request, [{}])"#, #"rows(request, [{"asset": "BTC"}])"#,
    #"rows(request, [{"asset": 7e99, "total": []}])"#,
    #"rows(request, [{"asset": "BTC", "total": "1e400"}])"#,
    #"rows(request, [{"asset": "BTC", "total": "NaN"}])"#,
    #"rows(request, [{"asset": "BTC", "total": "1", "amout": "2"}])"#,
    #"rows(request, [{"asset": "BTC", "total": "1", "part": "pocket"}])"#,
    #"rows(request, [{"asset": "B" * 100, "total": "1"}])"#,
  ])
  func `rows of wrong types are faults with their place`(body: String) async throws {
    let place = try Place.child(body)
    defer { withExtendedLifetime(place) {} }
    let process = AdapterProcess(try AdapterLibrary.adapter(at: place.path)) { _ in }
    defer { process.shutDown() }
    var caught: (any Error)?
    do { _ = try await process.balances() } catch { caught = error }
    guard case .malformed(let path, _)? = caught as? VenueFault else {
      Issue.record("\(body): \(String(describing: caught))")
      return
    }
    #expect(path.hasPrefix("$.rows"))
  }

  @Test func `a refusal in its own words has the kind it names, but never one of orders`()
    async throws
  {
    for (kind, expected) in [
      ("rate", RefusalKind.rate), ("auth", .auth), ("clock", .clock), ("banned", .banned),
      ("retryable", .retryable), ("definitive", .definitive), ("unknown-outcome", .definitive),
      ("nonsense", .definitive),
    ] {
      let place = try Place.child(
        #"say(json.dumps({"id": request["id"], "fault": {"kind": "\#(kind)", "code": "E7"}}))"#)
      let process = AdapterProcess(try AdapterLibrary.adapter(at: place.path)) { _ in }
      defer { process.shutDown() }
      var caught: (any Error)?
      do { _ = try await process.balances() } catch { caught = error }
      guard case .refused(let refusal)? = caught as? VenueFault else {
        Issue.record("\(kind): \(String(describing: caught))")
        continue
      }
      #expect(refusal.kind == expected)
      #expect(refusal.message == "E7")
    }
  }

  @Test func `after a failure it rests, and then is started anew`() async throws {
    let place = try Place.child(
      """
      if os.path.exists("second"):
          rows(request, [])
      else:
          sys.exit(1)
      """)
    defer { withExtendedLifetime(place) {} }
    let process = AdapterProcess(try AdapterLibrary.adapter(at: place.path)) { _ in }
    defer { process.shutDown() }
    let call = Call("adapter", "GET", "balances")
    // Both wait in line: the second is looked at right after the first has failed.
    async let one = process.answer(call)
    async let other = process.answer(call)
    let faults = await [one.fault, other.fault]
    #expect(faults.contains(.ended("exit status 1")))
    try place.write("second", "")
    let clock = ContinuousClock()
    let end = clock.now + .seconds(120)
    var last = await process.answer(call).fault
    while last != nil, clock.now < end { last = await process.answer(call).fault }
    #expect(last == nil)
  }

  @Test func `while it rests it is not started`() async throws {
    let place = try Place.child("sys.exit(1)")
    defer { withExtendedLifetime(place) {} }
    let process = AdapterProcess(try AdapterLibrary.adapter(at: place.path)) { _ in }
    defer { process.shutDown() }
    let call = Call("adapter", "GET", "balances")
    let faults = await withTaskGroup(of: AdapterFault?.self) { group in
      for _ in 0..<40 { group.addTask { await process.answer(call).fault } }
      var faults: [AdapterFault] = []
      for await fault in group { if let fault { faults.append(fault) } }
      return faults
    }
    let rests = faults.count { fault in
      if case .rests = fault { return true }
      return false
    }
    #expect(faults.count == 40)
    // Each start fails and makes the next rest longer.
    #expect(rests >= 20)
  }

  @Test func `calls beyond the queue's bound are refused at once`() async throws {
    let place = try Place.child("time.sleep(3600)")
    defer { withExtendedLifetime(place) {} }
    let process = AdapterProcess(try AdapterLibrary.adapter(at: place.path)) { _ in }
    let call = Call("adapter", "GET", "balances")
    let faults = await withTaskGroup(of: AdapterFault?.self) { group in
      for _ in 0..<200 { group.addTask { await process.answer(call).fault } }
      var faults: [AdapterFault] = []
      for await fault in group.prefix(120) { if let fault { faults.append(fault) } }
      process.shutDown()
      for await fault in group { if let fault { faults.append(fault) } }
      return faults
    }
    #expect(faults.count == 200)
    #expect(faults.count { $0 == .isBusy } >= 100)
    let after = await process.answer(call)
    #expect(after.fault == .stopped)
  }

  @Test func `a program that does other than its manifest says is not asked`() async throws {
    let manifest = Place.manifest.replacing(
      "balances = \"single\"", with: "balances = \"single\"\npositions = \"single\"")
    let place = try Place.child("rows(request, [])", manifest: manifest)
    defer { withExtendedLifetime(place) {} }
    let process = AdapterProcess(try AdapterLibrary.adapter(at: place.path)) { _ in }
    defer { process.shutDown() }
    let answer = await process.answer(Call("adapter", "GET", "balances"))
    #expect(answer.fault == .lacks("positions"))
  }
}

/// What a program gets and what it may do; the program looks for itself.
@Suite struct Sandbox {
  /// What a program with this body says in the asset of its only row.
  private func told(_ body: String, said: Said = Said()) async throws -> String {
    let place = try Place.child(body)
    defer { withExtendedLifetime(place) {} }
    let process = AdapterProcess(try AdapterLibrary.adapter(at: place.path), log: said.take)
    defer { process.shutDown() }
    return try await process.balances().first?.asset ?? ""
  }

  private func row(_ expression: String) -> String {
    #"rows(request, [{"asset": \#(expression), "total": "1"}])"#
  }

  @Test func `it has three descriptors and no more, whatever this process has open`()
    async throws
  {
    // Without the flag that would close it in another program.
    let open = Glibc.open("/dev/null", O_RDONLY)
    let moved = fcntl(open, F_DUPFD, 40)
    defer {
      close(open)
      close(moved)
    }
    #expect(moved >= 40)
    // One more is the folder that is being listed.
    let told = try await told(row(#"" ".join(sorted(os.listdir("/proc/self/fd")))"#))
    #expect(told == "0 1 2 3")
  }

  @Test func `it has two variables, its folder, a session of its own and no new rights`()
    async throws
  {
    setenv("COFFER_TEST_SECRET", "must not be seen", 1)
    let variables = try await told(row(#"" ".join(sorted(os.environ))"#))
    #expect(variables.split(separator: " ").filter { $0 != "LC_CTYPE" } == ["LANG", "PATH"])
    let facts = try await told(
      row(
        #""%s %s %s" % (os.getsid(0) == os.getpid(), os.path.exists("adapter.toml"), [l.split()[1] for l in open("/proc/self/status") if l.startswith("NoNewPrivs")][0])"#
      ))
    #expect(facts == "True True 1")
  }

  @Test func `its arguments and variables hold no secret`() async throws {
    let told = try await told(
      row(
        #"str(b"hunter2" in open("/proc/self/cmdline", "rb").read() + open("/proc/self/environ", "rb").read())"#
      ))
    #expect(told == "False")
  }

  @Test func `its limits are set`() async throws {
    let told = try await told(
      row(
        #"" ".join(str(resource.getrlimit(getattr(resource, "RLIMIT_" + n))[0]) for n in ["CPU", "AS", "NOFILE", "NPROC", "FSIZE", "CORE"])"#
      ))
    #expect(told == "600 1073741824 64 0 0 0")
  }

  @Test func `it writes no file`() async throws {
    let told = try await told(
      """
      try:
          with open("written", "w") as file: file.write("x")
          word = "written"
      except OSError as error: word = type(error).__name__
      \(row("word"))
      """)
    #expect(told == "OSError")
  }

  @Test func `more memory than its bound is not given`() async throws {
    let told = try await told(
      """
      try:
          block = bytearray(2 << 30)
          word = "given"
      except MemoryError: word = "refused"
      \(row("word"))
      """)
    #expect(told == "refused")
  }

  @Test func `what it has started is killed with it`() async throws {
    // Root may start processes in spite of the limit; who is not gets a BlockingIOError.
    let place = try Place.child(
      """
      try:
          child = os.fork()
          if child == 0: time.sleep(3600)
          word = str(child)
      except BlockingIOError: word = "refused"
      \(row("word"))
      """)
    let process = AdapterProcess(try AdapterLibrary.adapter(at: place.path)) { _ in }
    let word = try await process.balances().first?.asset ?? ""
    process.shutDown()
    guard geteuid() == 0 else {
      #expect(word == "refused")
      return
    }
    let child = try #require(pid_t(word))
    let clock = ContinuousClock()
    let end = clock.now + .seconds(20)
    // Whoever collects the dead may leave it as a zombie, which is dead enough.
    while Sandbox.runs(child), clock.now < end { await Task.yield() }
    #expect(!Sandbox.runs(child))
  }

  private static func runs(_ process: pid_t) -> Bool {
    guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else {
      return false
    }
    let state = text.split(separator: ")").last?.split(separator: " ").first
    return state != "Z" && state != "X"
  }

  @Test func `what it says on standard error is logged without control characters and secrets`()
    async throws
  {
    let said = Said()
    let told = try await told(
      #"""
      sys.stderr.write("\x1b[31mred\x07 " + request["credentials"]["secret"] + "\n")
      sys.stderr.write("y" * 100000 + "\n" + "z\n" * 1000)
      sys.stderr.flush()
      \#(row("\"BTC\""))
      """#, said: said)
    #expect(told == "BTC")
    let lines = await said.all()
    let first = try #require(lines.first)
    #expect(first.contains("red"))
    #expect(first.contains("(secret)"))
    #expect(!lines.contains { $0.contains("hunter2") || $0.contains("\u{1B}") || $0.count > 400 })
    #expect(lines.count <= 70)
  }

  @Test func `a program that was told secrets ends when they are to be forgotten`() async throws {
    let place = try Place.child(row("str(os.getpid())"))
    defer { withExtendedLifetime(place) {} }
    let process = AdapterProcess(try AdapterLibrary.adapter(at: place.path)) { _ in }
    defer { process.shutDown() }
    let first = try await process.balances().first?.asset
    process.forget()
    let clock = ContinuousClock()
    let end = clock.now + .seconds(60)
    let old = try #require(pid_t(first ?? ""))
    while Sandbox.runs(old), clock.now < end { await Task.yield() }
    #expect(!Sandbox.runs(old))
    let second = try await process.balances().first?.asset
    #expect(second != nil && second != first)
  }

  @Test func `what is asked right after forgetting is answered by a new program`() async throws {
    let place = try Place.child(row("str(os.getpid())"))
    defer { withExtendedLifetime(place) {} }
    let process = AdapterProcess(try AdapterLibrary.adapter(at: place.path)) { _ in }
    defer { process.shutDown() }
    var programs: [String?] = []
    for _ in 0..<10 {
      programs.append(try await process.balances().first?.asset)
      process.forget()
    }
    #expect(Set(programs).count == 10)
  }

  @Test func `an answer that holds the secret is refused, and the refusal does not`()
    async throws
  {
    let place = try Place.child(row(#"request["credentials"]["secret"]"#))
    defer { withExtendedLifetime(place) {} }
    let said = Said()
    let process = AdapterProcess(try AdapterLibrary.adapter(at: place.path), log: said.take)
    let answer = await process.answer(Call("adapter", "GET", "balances"))
    process.shutDown()
    let fault = try #require(answer.fault)
    let lines = await said.all()
    #expect(fault == .brokeProtocol("an answer without the account's secrets"))
    #expect(!"\(fault) \(fault.venueFault) \(lines)".contains("hunter2"))
  }
}

extension AdapterProcess.Answer {
  var fault: AdapterFault? {
    guard case .failure(let fault) = self else { return nil }
    return fault
  }
}

extension VenueFault {
  var isRetryable: Bool {
    guard case .refused(let refusal) = self else { return false }
    return refusal.kind == .retryable
  }
}
